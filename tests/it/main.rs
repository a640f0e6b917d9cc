//! The service as its users meet it: the real program before a real homeserver, on the database that the environment
//! names (see [`support::env`]). Names of tests begin with the row of the contract that they show.
//!
//! Most tests share one stack and have a tenant of their own on it. Those that stop things or need other settings borrow
//! a private one.

mod admin;
mod admin_people;
mod appservice;
mod auth;
mod bad_input;
mod broadcasts;
mod browser;
mod clerk;
mod cli;
mod contacts;
mod contacts_live;
mod doors;
mod external_client;
mod faults;
mod gateway_clients;
mod gateway_faults;
mod gateway_login;
mod gateway_passing;
mod gateway_policy;
mod gateway_rooms;
mod gateway_sdk;
mod gateway_tls;
mod health;
mod joining;
mod limits;
mod matrix_client;
mod media;
mod messages;
mod messaging_rest;
mod messaging_socket;
mod mojo_conversations;
mod mojo_messages;
mod mojo_socket;
mod notifications;
mod notifications_faults;
mod openapi;
mod packages;
mod pages;
mod poll;
mod presence;
mod reads;
mod replicas;
mod roles;
mod rooms;
mod rules;
mod stream;
mod support;
mod typing;
mod users;
mod webhooks;
