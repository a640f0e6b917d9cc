//! The connections, and who is in which namespace.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
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
use tokio::time::{Instant, sleep, timeout};

use super::direct::{Direct, End};
use super::frames::Frames;
use super::packet::{self, Packet};
use super::{Namespace, Refusal, Session};
use crate::said::{Batch, Said};
use crate::server::Client;
use crate::types::{TenantId, random_token};

/// A connection that is in no namespace after this long is closed.
pub(super) const TO_CONNECT: Duration = Duration::from_secs(15);
/// A client that was put out has this long to close the connection itself.
pub(super) const TO_LEAVE: Duration = Duration::from_secs(2);
/// Packets that wait for a client at most. What does not fit is for the namespace to say later.
pub(super) const MAX_WAITING: usize = 512;
/// The largest packet of a client, in bytes; what the original allows by default.
pub(super) const MAX_PACKET: usize = 1_000_000;
/// What is read of a WebSocket at once, in bytes: clients say little, and each has such a buffer all day.
const READ_BUFFER: usize = 1024;
/// A client is pinged this often.
pub(super) const PING_INTERVAL: Duration = Duration::from_secs(25);
/// And has to answer within this time.
pub(super) const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// How often it is looked who is to be pinged.
const TICK: Duration = Duration::from_secs(1);

type Polling = engineioxide::Socket<Connection>;
pub(super) type Engine = EngineIoService<Server>;

/// What is kept for a connection.
#[derive(Default)]
pub struct Connection {
    state: Mutex<State>,
}

impl Connection {
    /// Whether it is in no namespace, and on no way into one.
    pub(super) fn is_empty(&self) -> bool {
        self.state.lock().seats.is_empty()
    }

    /// It is over: all its sessions are.
    fn ends(&self) {
        let seats = {
            let mut state = self.state.lock();
            state.closed = true;
            std::mem::take(&mut state.seats)
        };
        for (_, seat) in seats {
            if let Seat::Taken(session) = seat {
                session.gone();
            }
        }
    }
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

/// What is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Connections that are in a namespace.
    pub connections: usize,
    /// The people they are of.
    pub users: usize,
    /// By namespace; a connection may be in several.
    pub namespaces: BTreeMap<&'static str, usize>,
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

/// A connection to a client.
#[derive(Clone)]
enum Transport {
    /// That began with long polling, and may be a WebSocket by now.
    Polling(Arc<Polling>),
    Direct(Arc<Direct>),
}

impl Transport {
    fn connection(&self) -> &Connection {
        match self {
            Self::Polling(polling) => &polling.data,
            Self::Direct(direct) => &direct.connection,
        }
    }

    fn send(&self, said: &Said) -> Sent {
        match self {
            Self::Direct(direct) => direct.send(said),
            // One place stays free for the engine's ping, without which it would take the client for dead.
            Self::Polling(polling) => match (polling.reserve(), polling.reserve()) {
                (Ok(place), Ok(_)) => {
                    place.emit(Str::copy_from_slice(said.as_str()));
                    Sent::Yes
                }
                (Err(TrySendError::Closed(())), _) | (_, Err(TrySendError::Closed(()))) => Sent::Gone,
                _ => Sent::Full,
            },
        }
    }

    fn is_closed(&self) -> bool {
        match self {
            Self::Polling(polling) => polling.is_closed(),
            Self::Direct(direct) => direct.is_closed(),
        }
    }

    /// As if it had broken: the client comes back by itself.
    fn close(&self, why: DisconnectReason) {
        match self {
            Self::Polling(polling) => polling.close(why),
            Self::Direct(direct) => direct.close(),
        }
    }
}

/// Says something to one client.
#[derive(Clone)]
pub struct Emitter {
    transport: Transport,
    namespace: &'static str,
}

impl Emitter {
    /// Its namespace.
    pub fn namespace(&self) -> &'static str {
        self.namespace
    }

    /// Says a packet: writes it, or lays it into the client's queue. Never waits.
    pub fn send(&self, packet: &Said) -> Sent {
        self.transport.send(packet)
    }

    /// The same for what is said to many: it is written at the batch's end.
    pub fn lay(&self, packet: &Said, batch: &mut Batch) -> Sent {
        let Transport::Direct(direct) = &self.transport else {
            return self.send(packet);
        };
        let (sent, first) = direct.lay(packet);
        if first {
            batch.add(direct.clone());
        }
        sent
    }

    /// Whether the client is gone.
    pub fn is_closed(&self) -> bool {
        self.transport.is_closed()
    }

    /// Closes the connection, as if it had broken: the client comes back by itself.
    pub fn close(&self) {
        self.transport.close(DisconnectReason::TransportClose);
    }

    /// Puts the client out of its namespace for good: it does not come back by itself.
    pub fn disconnect(&self) {
        self.send(&packet::disconnect(self.namespace));
        let (transport, namespace) = (self.transport.clone(), self.namespace);
        tokio::spawn(async move {
            let left = transport.connection().state.lock().leave(namespace);
            if let Some(session) = left {
                session.gone();
            }
            // A client that is told closes the connection itself, unless it is in another namespace or asks to be let in
            // again.
            sleep(TO_LEAVE).await;
            if transport.connection().is_empty() {
                transport.close(DisconnectReason::TransportClose);
            }
        });
    }

    /// The `Authorization` header the connection began with.
    pub fn authorization(&self) -> Option<&str> {
        match &self.transport {
            Transport::Direct(direct) => direct.authorization.as_deref(),
            Transport::Polling(polling) => {
                let headers = &polling.req_parts.headers;
                headers.get(http::header::AUTHORIZATION)?.to_str().ok()
            }
        }
    }
}

/// See the module.
pub struct Server {
    namespaces: HashMap<&'static str, Arc<dyn Namespace>>,
    open: Mutex<HashMap<Sid, Transport>>,
    closing: AtomicBool,
    /// Since when its seconds count.
    started: Instant,
    ticking: AtomicBool,
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
            started: Instant::now(),
            ticking: AtomicBool::new(false),
            changed: Notify::new(),
        })
    }

    pub(super) fn engine(self: &Arc<Self>) -> Engine {
        let config = EngineIoConfig::builder()
            .req_path("/socket.io")
            .max_buffer_size(MAX_WAITING)
            .ping_interval(PING_INTERVAL)
            .ping_timeout(PING_TIMEOUT)
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

    /// What is open now: for people of a tenant, or for everybody.
    pub fn look_around(&self, tenant: Option<&TenantId>) -> Open {
        let all: Vec<_> = self.open.lock().values().cloned().collect();
        let mut open = Open {
            connections: 0,
            users: 0,
            namespaces: self.namespaces.keys().map(|name| (*name, 0)).collect(),
        };
        let mut users = HashSet::new();
        for transport in &all {
            let state = transport.connection().state.lock();
            let mut counts = false;
            for (name, seat) in &state.seats {
                if let Seat::Taken(session) = seat
                    && let Some((person, _)) = session
                        .who()
                        .filter(|(_, of)| tenant.is_none_or(|tenant| *of == tenant))
                {
                    counts = true;
                    users.insert(person.clone());
                    *open.namespaces.entry(name).or_default() += 1;
                }
            }
            open.connections += usize::from(counts);
        }
        open.users = users.len();
        open
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

    fn connect(self: &Arc<Self>, transport: &Transport, name: &str, auth: Value) {
        let Some((&name, namespace)) = self.namespaces.get_key_value(name) else {
            let refusal = Refusal::new("not_found", "Invalid namespace");
            // A client that reads nothing is not told.
            transport.send(&packet::refused(name, &refusal));
            return;
        };
        {
            let mut state = transport.connection().state.lock();
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
            let mut state = emitter.transport.connection().state.lock();
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

impl Server {
    fn now(&self) -> u64 {
        self.started.elapsed().as_secs()
    }

    /// Goes on with the connection of a client that opened a WebSocket at once.
    pub(super) fn take(self: &Arc<Self>, stream: Box<dyn Client>, authorization: Option<Box<str>>) {
        let direct = Direct::new(stream, authorization, self.now());
        self.open
            .lock()
            .insert(direct.id, Transport::Direct(direct.clone()));
        if self.closing.load(Ordering::SeqCst) {
            direct.close();
        }
        if !self.ticking.swap(true, Ordering::Relaxed) {
            tokio::spawn(Self::tick(Arc::downgrade(self)));
        }
        tokio::spawn(self.clone().serve(direct));
    }

    /// Serves such a connection to its end.
    async fn serve(self: Arc<Self>, direct: Arc<Direct>) {
        let transport = Transport::Direct(direct.clone());
        let mut frames = Frames::new(MAX_PACKET);
        let end = loop {
            match direct.hear(&mut frames).await {
                Ok(text) => self.hears(&text[1..], &transport),
                Err(end) => break end,
            }
        };
        drop(frames);
        direct.close();
        direct.connection.ends();
        // Boxed, so that it takes no room while the connection is open.
        if let End::Closing = end {
            Box::pin(direct.finish()).await;
        }
        self.forget(direct.id);
        if let End::Closing = end {
            Box::pin(direct.linger()).await;
        }
    }

    /// Looks after the heartbeats of all such connections.
    async fn tick(server: Weak<Self>) {
        loop {
            sleep(TICK).await;
            let Some(server) = server.upgrade() else { return };
            server.look(server.now());
        }
    }

    /// Looks at those that are due in this second.
    pub(super) fn look(&self, now: u64) {
        let due: Vec<Arc<Direct>> = {
            let open = self.open.lock();
            let direct = open.values().filter_map(|transport| match transport {
                Transport::Direct(direct) if direct.is_due(now) => Some(direct.clone()),
                _ => None,
            });
            direct.collect()
        };
        for direct in due {
            direct.look(now);
        }
    }

    fn forget(&self, id: Sid) {
        self.open.lock().remove(&id);
        self.changed.notify_waiters();
    }

    /// A packet came.
    fn hears(self: &Arc<Self>, text: &str, transport: &Transport) {
        match packet::parse(text) {
            Some(Packet::Connect { namespace, auth }) => self.connect(transport, namespace, auth),
            Some(Packet::Disconnect { namespace }) => {
                let left = transport.connection().state.lock().leave(namespace);
                if let Some(session) = left {
                    session.gone();
                }
            }
            Some(Packet::Event {
                namespace,
                event: Some(event),
            }) => {
                let session = match transport.connection().state.lock().seat(namespace) {
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
}

impl EngineIoHandler for Server {
    type Data = Connection;

    fn on_connect(self: Arc<Self>, polling: Arc<Polling>) {
        self.open
            .lock()
            .insert(polling.id, Transport::Polling(polling.clone()));
        if self.closing.load(Ordering::SeqCst) {
            // Not from in here: the engine is still at opening it.
            tokio::spawn(async move { polling.close(DisconnectReason::ClosingServer) });
            return;
        }
        let polling = Arc::downgrade(&polling);
        tokio::spawn(async move {
            sleep(TO_CONNECT).await;
            if let Some(polling) = polling.upgrade()
                && polling.data.is_empty()
            {
                polling.close(DisconnectReason::TransportClose);
            }
        });
    }

    fn on_disconnect(&self, polling: Arc<Polling>, reason: DisconnectReason) {
        tracing::debug!(?reason, "a socket closed");
        polling.data.ends();
        self.forget(polling.id);
    }

    fn on_message(self: &Arc<Self>, text: Str, polling: Arc<Polling>) {
        self.hears(&text, &Transport::Polling(polling));
    }

    fn on_binary(self: &Arc<Self>, _: Bytes, _: Arc<Polling>) {
        // The event came before with placeholders in its place, and was refused for those: nobody here takes bytes.
    }
}
