//! Who is asking: a token becomes [`Claims`], and with the person's row those become a [`Principal`].
//!
//! - [`Verifier`] checks a person's token. Which key counts is fixed by algorithm and issuer (contract R4), so that a
//!   token can never choose its own verifier.
//! - [`clerk`] reads Clerk's tokens, with keys from its key set.
//! - [`hub`] and [`local`] sign tokens: the hub's own for trials and tests, ours for operation without a hub, and the
//!   tickets that open a stream.
//! - [`service_token`] compares and hashes what satellites show.
//! - [`roles`] says what a hub role is worth here.
//!
//! A person's id is the token's `sub`, whatever the source (contract R51). Nothing in here knows whether a person
//! was deactivated, or whether a ticket was used before: that stands in the database.

pub mod clerk;
pub mod hub;
mod jwks;
pub mod local;
mod principal;
mod profile;
pub mod roles;
pub mod service_token;
#[cfg(test)]
mod testing;
mod verifier;

pub use crate::types::{OrgRole, Organisation};
pub use local::PersonSpec;
pub use principal::{Principal, ServicePrincipal};
pub use profile::names;
pub use verifier::{Claims, EXPIRED, NOT_NAMED, NOT_VALID, Purpose, RESERVED, Verifier};
