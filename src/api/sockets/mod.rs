//! People's sockets, whatever the dialect: how they are let in, told and heard. A dialect's own part is its [`Manner`].
//!
//! A socket listens to the relay like a stream does, as an outlet: what happens is encoded once per dialect and laid into
//! each socket's queue. A queue that is full makes its socket fall behind: it hears nothing more at once, and what it missed
//! is told from the event log as its client reads on ([`session`]). What a client says goes through an inbox of its own, one
//! event after the other ([`inbox`]), to the dialect, which reads it with what stands in [`said`].

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, StreamExt as _};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::time::sleep;

use super::socketio::{self, Emitter, Event, Namespace, Refusal, Said};
use crate::core::Core;
use crate::error::Error;
use crate::identity::Principal;
use crate::relay::{Dialect, Signal};
use crate::store::Entry;

mod inbox;
pub(super) mod said;
mod session;

pub(super) use session::Session;

/// How long a socket lives at most (contract R53); its client comes back with a token of then.
const LIVES: Duration = Duration::from_hours(24);
/// Sockets that are behind are looked at again after this long.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// So many of them at once.
const AT_ONCE: usize = 8;

/// What a dialect does in its own way.
pub(super) trait Manner: Send + Sync + Sized + 'static {
    /// Whose words the sockets are told in.
    const DIALECT: Dialect;

    /// What is kept for a socket, beside what every socket has.
    type Own: Send;

    /// Reads what a client shows at the handshake.
    fn shown(auth: &Value, header: Option<&str>) -> Result<Shown, Refusal> {
        Shown::of(auth, header)
    }

    /// What becomes of a client that is not let in.
    fn turned_away(_: Emitter, refusal: Refusal) -> Result<Arc<dyn socketio::Session>, Refusal> {
        Err(refusal)
    }

    /// What is kept for a socket that begins.
    fn own(shown: &Shown) -> Self::Own;

    /// The client knows that it is in; it was told nothing yet.
    fn opened(_: &Session<Self>) {}

    /// Whether an entry is for this socket, besides that its person may see it.
    fn wants(own: &mut Self::Own, me: &Principal, entry: &Entry) -> bool;

    /// What this socket alone is told of an entry, where that is not what all are told.
    fn apart(_: &Principal, _: &Entry) -> Option<Said> {
        None
    }

    /// An entry that it wants was not taken; it is told later.
    fn unheard(_: &mut Self::Own, _: &Principal, _: &Entry) {}

    /// Whether a signal is for this socket.
    fn wants_signal(own: &Self::Own, signal: &Signal) -> bool;

    /// Whether a signal that was not taken is made good by [`Manner::presence`].
    fn is_presence(_: &Signal) -> bool {
        false
    }

    /// Who is here now, for a socket that missed some of it.
    fn presence(_: &Session<Self>) -> Option<Said> {
        None
    }

    /// That events after `since` cannot be told any more, and that it goes on at `position`.
    fn gap(since: i64, position: i64) -> Said;

    /// Does what an event says; the packets of the answer.
    fn handle(session: &Arc<Session<Self>>, event: &Event) -> impl Future<Output = Vec<Said>> + Send;

    /// The answer to an event that was not taken.
    fn refusal(session: &Session<Self>, event: &Event, trouble: &Trouble) -> Vec<Said>;

    /// That so many refusals were not taken by the client.
    fn unsaid(session: &Session<Self>, count: u32) -> Said;

    /// The last words for a client that is put out.
    fn last_words(session: &Session<Self>, reason: PutOut) -> Said;
}

/// Why a client is put out for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PutOut {
    /// Its person may not come in any more.
    Deactivated,
    /// It goes on saying too much.
    Flooding,
}

impl PutOut {
    /// A stable word.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Deactivated => "deactivated",
            Self::Flooding => "flooding",
        }
    }
}

/// Something that is wrong with no event in particular.
pub(super) struct Trouble {
    /// A stable word.
    pub(super) code: &'static str,
    /// For people.
    pub(super) words: &'static str,
}

/// There were too many events.
pub(super) const TOO_MANY: &Trouble = &Trouble {
    code: "rate_limited",
    words: "too many events; this one was not taken",
};
/// Nobody listens to it.
pub(super) const UNKNOWN: &Trouble = &Trouble {
    code: "unknown_event",
    words: "there is no such event",
};
const TOO_LARGE: &Trouble = &Trouble {
    code: "too_large",
    words: "larger than 262144 bytes",
};
const OUR_FAULT: &Trouble = &Trouble {
    code: "internal",
    words: "internal error",
};

/// A namespace of people's sockets.
pub(super) struct People<M: Manner> {
    core: Arc<Core>,
    behind: Mutex<Behind<M>>,
}

/// Sockets that are behind.
struct Behind<M: Manner> {
    sessions: Vec<Arc<Session<M>>>,
    /// Whether somebody looks after them.
    running: bool,
}

impl<M: Manner> People<M> {
    /// The namespace of a service.
    pub(super) fn new(core: Arc<Core>) -> Arc<Self> {
        Arc::new(Self {
            core,
            behind: Mutex::new(Behind {
                sessions: Vec::new(),
                running: false,
            }),
        })
    }

    async fn let_in(
        self: Arc<Self>,
        socket: Emitter,
        auth: Value,
    ) -> Result<Arc<dyn socketio::Session>, Refusal> {
        match self.begin(socket.clone(), auth).await {
            Ok(session) => Ok(session),
            Err(refusal) => M::turned_away(socket, refusal),
        }
    }

    async fn begin(self: Arc<Self>, socket: Emitter, auth: Value) -> Result<Arc<Session<M>>, Refusal> {
        let shown = M::shown(&auth, socket.authorization())?;
        let signed_in = self
            .core
            .sign_in_socket(&shown.token, shown.tenant.as_deref())
            .await;
        let principal = signed_in.map_err(|error| refusal(&error))?;
        Session::begin(self, socket, principal, &shown)
            .await
            .map_err(|error| refusal(&error))
    }

    /// Takes on a socket that missed something, until it has been told.
    fn look_after(self: &Arc<Self>, session: Arc<Session<M>>) {
        let mut behind = self.behind.lock();
        behind.sessions.push(session);
        if !behind.running {
            behind.running = true;
            tokio::spawn(self.clone().catch_up());
        }
    }

    async fn catch_up(self: Arc<Self>) {
        let mut late: Vec<Arc<Session<M>>> = Vec::new();
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

impl<M: Manner> Namespace for People<M> {
    fn connect(
        self: Arc<Self>,
        socket: Emitter,
        auth: Value,
    ) -> BoxFuture<'static, Result<Arc<dyn socketio::Session>, Refusal>> {
        self.let_in(socket, auth).boxed()
    }
}

/// What a client shows at the handshake (contract B024, C003).
pub(super) struct Shown {
    token: String,
    /// The tenant it names.
    pub(super) tenant: Option<String>,
    /// The last position it knows.
    pub(super) since: Option<i64>,
}

impl Shown {
    /// Reads `{token, tenantId?, since?}`; the token may stand in the header `Authorization` instead.
    pub(super) fn of(auth: &Value, header: Option<&str>) -> Result<Self, Refusal> {
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
