//! Dialect B's live side: Socket.IO on the root namespace (contract B070 to B099, R26, R27, R53).
//!
//! A socket listens to the relay like a stream does, as an outlet: what happens is encoded once and laid into each
//! socket's queue. A queue that is full makes its socket fall behind: it hears nothing more at once, and what it missed is
//! told from the event log as its client reads on ([`session`]). What a client says goes through an inbox of its own, one
//! event after the other ([`inbox`]), to [`events`].

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, StreamExt as _};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::time::sleep;

use crate::api::socketio::{Emitter, Namespace, Refusal};
use crate::core::Core;
use crate::error::Error;

mod events;
mod inbox;
mod session;
pub mod words;

use session::Session;

/// The namespace, as packets name it.
const ROOT: &str = crate::api::socketio::packet::ROOT;
/// How long a socket lives at most (contract R53); its client comes back with a token of then.
const LIVES: Duration = Duration::from_hours(24);
/// Sockets that are behind are looked at again after this long.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// So many of them at once.
const AT_ONCE: usize = 8;

/// The root namespace.
pub struct Root {
    core: Arc<Core>,
    behind: Mutex<Behind>,
}

/// Sockets that are behind.
#[derive(Default)]
struct Behind {
    sessions: Vec<Arc<Session>>,
    /// Whether somebody looks after them.
    running: bool,
}

impl Root {
    /// The namespace of a service.
    pub fn new(core: Arc<Core>) -> Arc<Self> {
        Arc::new(Self {
            core,
            behind: Mutex::default(),
        })
    }

    async fn let_in(
        self: Arc<Self>,
        socket: Emitter,
        auth: Value,
    ) -> Result<Arc<dyn crate::api::socketio::Session>, Refusal> {
        let shown = Shown::of(&auth, socket.authorization())?;
        let signed_in = self
            .core
            .sign_in_socket(&shown.token, shown.tenant.as_deref())
            .await;
        let principal = signed_in.map_err(|error| refusal(&error))?;
        let session = Session::begin(self, socket, principal, &shown)
            .await
            .map_err(|error| refusal(&error))?;
        Ok(session)
    }

    /// Takes on a socket that missed something, until it has been told.
    fn look_after(self: &Arc<Self>, session: Arc<Session>) {
        let mut behind = self.behind.lock();
        behind.sessions.push(session);
        if !behind.running {
            behind.running = true;
            tokio::spawn(self.clone().catch_up());
        }
    }

    async fn catch_up(self: Arc<Self>) {
        let mut late: Vec<Arc<Session>> = Vec::new();
        loop {
            {
                let mut behind = self.behind.lock();
                late.append(&mut behind.sessions);
                if late.is_empty() {
                    behind.running = false;
                    return;
                }
            }
            late = stream::iter(late)
                .map(|session| async move {
                    // Boxed, so that a crowd of them takes no more than it needs.
                    let done = session.catch_up().boxed().await;
                    (!done).then_some(session)
                })
                .buffer_unordered(AT_ONCE)
                .filter_map(std::future::ready)
                .collect()
                .await;
            if !late.is_empty() {
                sleep(LOOK_AGAIN).await;
            }
        }
    }
}

impl Namespace for Root {
    fn connect(
        self: Arc<Self>,
        socket: Emitter,
        auth: Value,
    ) -> BoxFuture<'static, Result<Arc<dyn crate::api::socketio::Session>, Refusal>> {
        self.let_in(socket, auth).boxed()
    }
}

/// What a client shows at the handshake (contract B024).
struct Shown {
    token: String,
    tenant: Option<String>,
    /// The last position it knows.
    since: Option<i64>,
}

impl Shown {
    fn of(auth: &Value, header: Option<&str>) -> Result<Self, Refusal> {
        let wrong = |words: &str| Refusal::new("validation_error", words);
        let token = match &auth["token"] {
            Value::String(token) if !token.is_empty() => Some(token.as_str()),
            Value::Null | Value::String(_) => None,
            _ => return Err(wrong("auth.token must be a string")),
        };
        // Some clients write the word into the token as well.
        let bare = |token: &str| token.strip_prefix("Bearer ").unwrap_or(token).trim().to_owned();
        let token = token
            .or(header)
            .map(bare)
            .filter(|token| !token.is_empty())
            .ok_or_else(|| Refusal::new("unauthenticated", "no token: pass it as auth.token"))?;
        let tenant = match &auth["tenantId"] {
            Value::Null => None,
            Value::String(id) if id.is_empty() => None,
            Value::String(id) => Some(id.clone()),
            Value::Number(id) if id.is_i64() => Some(id.to_string()),
            _ => return Err(wrong("auth.tenantId must be a string")),
        };
        let since = match &auth["since"] {
            Value::Null => None,
            Value::Number(since) => Some(since.as_i64()),
            Value::String(since) => Some(since.parse().ok()),
            _ => Some(None),
        };
        let since = since
            .map(|since| since.ok_or_else(|| wrong("auth.since must be a position")))
            .transpose()?;
        Ok(Self { token, tenant, since })
    }
}

/// An error in the words of `connect_error` (contract B071, R26).
fn refusal(error: &Error) -> Refusal {
    if let Error::Internal(cause) = error {
        tracing::error!(?cause, "a socket could not be let in");
    }
    Refusal::new(error.code(), error.to_string())
}
