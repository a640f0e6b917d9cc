//! Socket.IO (protocol 5, as clients of version 3 and 4 speak it) on Engine.IO. Nothing in here knows what is said:
//! a [`Namespace`] lets clients in and is handed their events, and an [`Emitter`] says something to one of them.
//!
//! - [`packet`] reads and writes packets.
//! - [`server`] keeps the connections and who is in which namespace.
//! - [`mount`] takes the HTTP requests: long polling is answered like any request, and a WebSocket's connection is handed
//!   over by [`crate::server`].
//! - [`direct`] serves the clients that open a WebSocket at once; [`frames`] reads what they send. Long polling, and what
//!   changes from it to a WebSocket, is served by the library `engineioxide`.
//!
//! A packet is encoded once, whoever it is for: what goes to a thousand sockets is one frame that they share.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;

mod direct;
mod frames;
mod mount;
pub mod packet;
mod server;
mod stall;

pub use mount::router;
pub use server::{Emitter, Open, Sent, Server};

pub use crate::said::Said;
use crate::types::{PersonId, TenantId};

/// What clients connect to.
pub trait Namespace: Send + Sync {
    /// Lets a client in, or says why not. Nothing is emitted before this is done.
    fn connect(
        self: Arc<Self>,
        socket: Emitter,
        auth: Value,
    ) -> BoxFuture<'static, Result<Arc<dyn Session>, Refusal>>;
}

/// A client in a namespace.
pub trait Session: Send + Sync {
    /// The client knows that it is in.
    fn opened(self: Arc<Self>);

    /// The client emitted something. Called in the order of its packets; must not block.
    fn event(self: Arc<Self>, event: Event);

    /// It went. Called once.
    fn gone(self: Arc<Self>);

    /// Whose it is, and the tenant they act in; `None` of somebody who was not let in.
    fn who(&self) -> Option<(&PersonId, &TenantId)>;
}

/// An event from a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its arguments. Binary ones are placeholder objects.
    pub args: Vec<Value>,
    /// How many bytes it came as.
    pub size: usize,
    /// What an acknowledgement refers to, when the client asked for one.
    pub ack: Option<u64>,
}

/// Why a client is not let in: `connect_error` gets `message`, and `data`.
#[derive(Debug, Clone, Serialize)]
pub struct Refusal {
    /// In words.
    pub message: String,
    /// For programs.
    pub data: RefusalData,
}

/// What programs are told of a [`Refusal`].
#[derive(Debug, Clone, Serialize)]
pub struct RefusalData {
    /// A stable word.
    pub code: &'static str,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            data: RefusalData { code },
        }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod direct_tests;
