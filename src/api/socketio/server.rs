//! The connections, and who is in which namespace.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use engineioxide::config::EngineIoConfig;
use engineioxide::handler::EngineIoHandler;
use engineioxide::service::EngineIoService;
use engineioxide::socket::Sid;
use engineioxide::{DisconnectReason, Str};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{sleep, timeout};

use super::packet::{self, Packet};
use super::{Namespace, Refusal, Session};
use crate::types::random_token;

/// A connection that is in no namespace after this long is closed.
const TO_CONNECT: Duration = Duration::from_secs(15);
/// A client that was put out has this long to close the connection itself.
const TO_LEAVE: Duration = Duration::from_secs(2);
/// Packets that wait for a client at most. What does not fit is for the namespace to say later.
const MAX_WAITING: usize = 512;
/// The largest packet of a client, in bytes; what the original allows by default.
const MAX_PACKET: usize = 1_000_000;
/// What is read of a WebSocket at once, in bytes: clients say little, and each has such a buffer all day.
const READ_BUFFER: usize = 1024;

pub(super) type Transport = engineioxide::Socket<Connection>;
pub(super) type Engine = EngineIoService<Server>;

/// What is kept for a connection.
#[derive(Default)]
pub struct Connection {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    closed: bool,
    seats: Vec<(&'static str, Seat)>,
}

enum Seat {
    /// Its token is being checked.
    Connecting,
    Taken(Arc<dyn Session>),
}

impl State {
    fn seat(&mut self, namespace: &str) -> Option<&mut Seat> {
        let mut seats = self.seats.iter_mut();
        seats.find(|(name, _)| *name == namespace).map(|(_, seat)| seat)
    }

    fn leave(&mut self, namespace: &str) -> Option<Arc<dyn Session>> {
        let at = self.seats.iter().position(|(name, _)| *name == namespace)?;
        match self.seats.swap_remove(at).1 {
            Seat::Taken(session) => Some(session),
            Seat::Connecting => None,
        }
    }
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It is on its way.
    Yes,
    /// Too much waits for this client already.
    Full,
    /// The client is gone.
    Gone,
}

/// Says something to one client.
#[derive(Clone)]
pub struct Emitter {
    transport: Arc<Transport>,
    namespace: &'static str,
}

impl Emitter {
    /// Its namespace.
    pub fn namespace(&self) -> &'static str {
        self.namespace
    }

    /// Lays a packet into the client's queue. Never waits. One place stays free for the engine's ping, without which it
    /// would take the client for dead.
    pub fn send(&self, packet: &Str) -> Sent {
        let places = (self.transport.reserve(), self.transport.reserve());
        match places {
            (Ok(place), Ok(_)) => {
                place.emit(packet.clone());
                Sent::Yes
            }
            (Err(TrySendError::Closed(())), _) | (_, Err(TrySendError::Closed(()))) => Sent::Gone,
            _ => Sent::Full,
        }
    }

    /// Whether the client is gone.
    pub fn is_closed(&self) -> bool {
        self.transport.is_closed()
    }

    /// Closes the connection, as if it had broken: the client comes back by itself.
    pub fn close(&self) {
        self.transport.close(DisconnectReason::TransportClose);
    }

    /// Puts the client out for good: it does not come back by itself.
    pub fn disconnect(&self) {
        self.send(&packet::disconnect(self.namespace));
        let transport = Arc::downgrade(&self.transport);
        tokio::spawn(async move {
            // A client that is told closes the connection itself.
            sleep(TO_LEAVE).await;
            if let Some(transport) = transport.upgrade() {
                transport.close(DisconnectReason::TransportClose);
            }
        });
    }

    /// The `Authorization` header the connection began with.
    pub fn authorization(&self) -> Option<&str> {
        let headers = &self.transport.req_parts.headers;
        headers.get(http::header::AUTHORIZATION)?.to_str().ok()
    }
}

/// See the module.
pub struct Server {
    namespaces: HashMap<&'static str, Arc<dyn Namespace>>,
    open: Mutex<HashMap<Sid, Arc<Transport>>>,
    closing: AtomicBool,
    changed: Notify,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("open", &self.open()).finish()
    }
}

impl Server {
    /// A server with these namespaces.
    pub fn new(namespaces: impl IntoIterator<Item = (&'static str, Arc<dyn Namespace>)>) -> Arc<Self> {
        Arc::new(Self {
            namespaces: namespaces.into_iter().collect(),
            open: Mutex::default(),
            closing: AtomicBool::new(false),
            changed: Notify::new(),
        })
    }

    pub(super) fn engine(self: &Arc<Self>) -> Engine {
        let config = EngineIoConfig::builder()
            .req_path("/socket.io")
            .max_buffer_size(MAX_WAITING)
            .max_payload(MAX_PACKET as u64)
            .ws_max_message_size(MAX_PACKET)
            .ws_max_frame_size(MAX_PACKET)
            .ws_read_buffer_size(READ_BUFFER)
            .build();
        EngineIoService::with_config(self.clone(), config)
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.open.lock().len()
    }

    /// At the service's end: closes all connections, takes no new ones, and waits until the clients were told, for as
    /// long as `patience`.
    pub async fn close(&self, patience: Duration) {
        self.closing.store(true, Ordering::SeqCst);
        let all: Vec<_> = self.open.lock().values().cloned().collect();
        for transport in &all {
            transport.close(DisconnectReason::ClosingServer);
        }
        drop(all);
        let emptied = async {
            while self.open() > 0 {
                let changed = self.changed.notified();
                if self.open() > 0 {
                    changed.await;
                }
            }
        };
        if timeout(patience, emptied).await.is_err() {
            tracing::debug!(open = self.open(), "sockets were cut short");
        }
    }

    fn connect(self: &Arc<Self>, transport: &Arc<Transport>, name: &str, auth: Value) {
        let Some((&name, namespace)) = self.namespaces.get_key_value(name) else {
            let refusal = Refusal::new("not_found", "Invalid namespace");
            // A client that reads nothing is not told.
            drop(transport.emit(packet::refused(name, &refusal)));
            return;
        };
        {
            let mut state = transport.data.state.lock();
            if state.closed || state.seat(name).is_some() {
                return;
            }
            state.seats.push((name, Seat::Connecting));
        }
        let emitter = Emitter {
            transport: transport.clone(),
            namespace: name,
        };
        let connecting = namespace.clone().connect(emitter.clone(), auth);
        tokio::spawn(async move {
            let connected = connecting.await;
            let mut state = emitter.transport.data.state.lock();
            match connected {
                Ok(session) => {
                    // The client may have gone in the meantime.
                    let Some(seat) = state.seat(name) else {
                        drop(state);
                        session.gone();
                        return;
                    };
                    *seat = Seat::Taken(session.clone());
                    emitter.send(&packet::connected(name, &random_token()));
                    drop(state);
                    session.opened();
                }
                Err(refusal) => {
                    state.leave(name);
                    emitter.send(&packet::refused(name, &refusal));
                }
            }
        });
    }
}

impl EngineIoHandler for Server {
    type Data = Connection;

    fn on_connect(self: Arc<Self>, transport: Arc<Transport>) {
        self.open.lock().insert(transport.id, transport.clone());
        if self.closing.load(Ordering::SeqCst) {
            // Not from in here: the engine is still at opening it.
            tokio::spawn(async move { transport.close(DisconnectReason::ClosingServer) });
            return;
        }
        let transport = Arc::downgrade(&transport);
        tokio::spawn(async move {
            sleep(TO_CONNECT).await;
            if let Some(transport) = transport.upgrade()
                && transport.data.state.lock().seats.is_empty()
            {
                transport.close(DisconnectReason::TransportClose);
            }
        });
    }

    fn on_disconnect(&self, transport: Arc<Transport>, reason: DisconnectReason) {
        tracing::debug!(?reason, "a socket closed");
        let seats = {
            let mut state = transport.data.state.lock();
            state.closed = true;
            std::mem::take(&mut state.seats)
        };
        for (_, seat) in seats {
            if let Seat::Taken(session) = seat {
                session.gone();
            }
        }
        self.open.lock().remove(&transport.id);
        self.changed.notify_waiters();
    }

    fn on_message(self: &Arc<Self>, text: Str, transport: Arc<Transport>) {
        match packet::parse(&text) {
            Some(Packet::Connect { namespace, auth }) => self.connect(&transport, namespace, auth),
            Some(Packet::Disconnect { namespace }) => {
                let left = transport.data.state.lock().leave(namespace);
                if let Some(session) = left {
                    session.gone();
                }
            }
            Some(Packet::Event {
                namespace,
                event: Some(event),
            }) => {
                let session = match transport.data.state.lock().seat(namespace) {
                    Some(Seat::Taken(session)) => session.clone(),
                    // Nobody emits before being let in.
                    Some(Seat::Connecting) | None => return,
                };
                session.event(event);
            }
            Some(Packet::Event { event: None, .. } | Packet::Ack) => {}
            None => transport.close(DisconnectReason::PacketParsingError),
        }
    }

    fn on_binary(self: &Arc<Self>, _: Bytes, _: Arc<Transport>) {
        // The event came before with placeholders in its place, and was refused for those: nobody here takes bytes.
    }
}
