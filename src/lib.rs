//! The messenger service: a hub's own messenger, on Matrix.
pub mod api;
pub mod app;
pub mod appservice;
pub mod config;
pub mod core;
pub mod error;
pub mod gateway;
pub mod identity;
pub mod jobs;
pub mod limit;
pub mod matrix;
pub mod relay;
pub mod said;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod types;
