//! What is to be joined for people with external clients, and the tenants' spaces.
