//! Dialect C: the Messaging API. [`socket`] is its live side.

pub(super) mod asyncapi;
mod error;
pub mod socket;
pub mod wire;
