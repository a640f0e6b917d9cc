//! Rate limits at the doors (contract R39): who is counted, and against which limit.
//!
//! The extractors of [`super::extract`] call this as soon as they know who is asking, so that a person is counted as that
//! person wherever they come from. What nobody signed in for, and every sign-in that failed, is counted for its address.
//! Streams, media, health, docs, metrics and the homeserver's pushes are not counted.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use http::request::Parts;

use super::AppState;
use super::error::Problem;
use crate::error::Error;
use crate::limit::{Decision, Key, client_address};

/// The other end of the connection; the server puts it into each request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// What is learnt about a request on its way, for its headers and its log line.
#[derive(Debug, Default)]
pub struct Notes {
    /// Who asked: a person's id, or `service:` and the id of a service token.
    pub requester: OnceLock<String>,
    /// How the request was counted; never set when it was not.
    pub decision: OnceLock<Decision>,
}

impl Notes {
    pub(super) fn of(parts: &Parts) -> Option<&Arc<Self>> {
        parts.extensions.get::<Arc<Self>>()
    }
}

/// Counts a request for a person or an address; an error when there were too many.
pub(super) async fn count(parts: &Parts, state: &AppState, key: Key) -> Result<(), Error> {
    let config = &state.core.config;
    let limit = match key {
        Key::Service(_) => config.service_rate_limit_per_minute,
        Key::Person(_) | Key::Address(_) | Key::LoginOf(_) | Key::LoginFrom(_) => {
            config.rate_limit_per_minute
        }
    };
    let decision = state.limiter.check(key, limit, state.core.clock.now()).await;
    if let Some(notes) = Notes::of(parts) {
        // A request that is counted twice shows the first count.
        let _ = notes.decision.set(decision);
    }
    if decision.allowed {
        Ok(())
    } else {
        Err(Error::RateLimited {
            retry_after: decision.retry_after,
        })
    }
}

/// The key of a request that nobody signed in for.
pub(super) fn address(parts: &Parts, state: &AppState) -> Key {
    Key::address(client(parts, state))
}

/// Where a request comes from.
pub(super) fn client(parts: &Parts, state: &AppState) -> IpAddr {
    let peer = parts
        .extensions
        .get::<Peer>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    client_address(peer, &parts.headers, &state.core.config.trusted_proxies)
}

/// Counts a failed sign-in for its address; the error itself, or that there were too many.
pub(super) async fn refused(parts: &Parts, state: &AppState, error: Error) -> Problem {
    // What is no fault of the caller's does not count against them.
    if matches!(error, Error::Unauthenticated(_))
        && let Err(too_many) = count(parts, state, address(parts, state)).await
    {
        return Problem(too_many);
    }
    Problem(error)
}
