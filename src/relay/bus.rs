//! Several replicas, one stream of events.
//!
//! What is durable is in the database, so the bus only says that there is more: a replica that stored something tells
//! the others, and each reads the log from where it is. So all of them publish in the order of positions, and a message
//! that Redis lost is found at the next one, or at the next second. What a replica stored itself it need not read where it
//! follows what is published already: positions are given in the order of the commits. Signals travel whole, and so do the
//! words that the replicas have for one another ([`Between`]).

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc};

use super::{Live, Relay, Signal};
use crate::core::health::Check;
use crate::store::writer::Sink;
use crate::store::{Entry, Store};
use crate::types::{Audience, PersonId, Presence, RoomId, TenantId};

const CHANNEL: &str = "messenger:live";
/// Entries read at once.
const PAGE: i64 = 500;
/// Without a word from anybody the log is looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A replica of which nothing was heard for so long is not there.
const ALONE_AFTER: Duration = Duration::from_mins(1);
/// A Redis that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
enum Word {
    /// There is more in the log, and which replica put it there.
    More {
        #[serde(default)]
        from: String,
    },
    /// A signal, and which replica it is from.
    Signal { from: String, signal: Signal },
    /// From this replica to the others.
    Between { from: String, word: Between },
}

/// What replicas say to one another, and to no listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Between {
    /// About who is here.
    Presence(PresenceWord),
    /// Who is typing in a room by the saying replica; nobody when empty.
    Typing {
        /// The room.
        room_id: RoomId,
        /// Whose room.
        tenant: TenantId,
        /// Who may see it.
        audience: Audience,
        /// Ids and shown names.
        users: Vec<(PersonId, String)>,
    },
    /// The first of a person's listeners at the saying replica chose a room, or the last one let go of it.
    Visit {
        /// Which room.
        room_id: RoomId,
        /// Who.
        person_id: PersonId,
        /// Whether they are there now.
        here: bool,
    },
}

/// What a replica says of its own people. Each change has a number, the next after the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum PresenceWord {
    /// It is alive.
    Alive {
        /// The number of its last change.
        said: u64,
    },
    /// Some of its people are otherwise than before.
    Changed {
        /// The number of this change.
        said: u64,
        /// As they are now.
        people: Vec<Told>,
    },
    /// It wants to know everybody.
    Ask {
        /// Of this replica; of all that there are when it is not named.
        of: Option<String>,
    },
    /// Everybody whom it has, in parts.
    Everybody {
        /// The number of the last change that is in it.
        said: u64,
        /// Which part, from 0.
        part: usize,
        /// How many parts there are.
        parts: usize,
        /// As they are now.
        people: Vec<Told>,
    },
}

/// How somebody is in a tenant, by one replica.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Where.
    #[serde(rename = "t")]
    pub tenant: TenantId,
    /// Who.
    #[serde(rename = "p")]
    pub person: PersonId,
    /// Their Matrix user id.
    #[serde(rename = "u")]
    pub user_id: Arc<str>,
    /// How they are; `offline` is only told of who was here before.
    #[serde(rename = "s")]
    pub presence: Presence,
    /// In their own words.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub status_msg: Option<String>,
    /// How long ago they were last here, in milliseconds; the clocks of two machines differ.
    #[serde(rename = "a", default)]
    pub ago: i64,
}

/// A word of a replica, and which one said it. One's own come back, too.
pub type Heard = (String, Between);

/// The connection to the other replicas.
pub struct Bus {
    connection: ConnectionManager,
    from: String,
    more: Notify,
    /// Another replica put something into the log since it was last read.
    others: AtomicBool,
    /// When another replica was last heard of, in seconds since the beginning of this one.
    heard_at: AtomicU64,
    begun: Instant,
    /// What was committed here and is not published yet, in the order of positions.
    own: Mutex<VecDeque<Arc<Entry>>>,
    out: mpsc::UnboundedSender<Word>,
    heard: mpsc::UnboundedSender<Heard>,
    /// Where that is heard, until somebody listens.
    ear: Mutex<Option<mpsc::UnboundedReceiver<Heard>>>,
}

impl Bus {
    /// Connects; `url` is `REDIS_URL`. `from` names this replica.
    pub async fn connect(url: &str, from: String) -> anyhow::Result<(Arc<Self>, Incoming)> {
        let mut address = url::Url::parse(url)?;
        // Pushes need the third version of the protocol.
        address.query_pairs_mut().append_pair("protocol", "resp3");
        let client = redis::Client::open(address.as_str())?;
        let (pushes, incoming) = mpsc::unbounded_channel();
        let config = ConnectionManagerConfig::new()
            .set_push_sender(pushes)
            .set_automatic_resubscription();
        let mut connection = ConnectionManager::new_with_config(client, config).await?;
        connection.subscribe(CHANNEL).await?;
        let (out, mut waiting) = mpsc::unbounded_channel::<Word>();
        let mut sender = connection.clone();
        tokio::spawn(async move {
            while let Some(word) = waiting.recv().await {
                let Ok(text) = serde_json::to_string(&word) else {
                    continue;
                };
                let publish = redis::AsyncCommands::publish::<_, _, ()>(&mut sender, CHANNEL, text);
                match tokio::time::timeout(PATIENCE, publish).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(%error, "Redis did not take a word"),
                    Err(_) => tracing::warn!("Redis does not answer"),
                }
            }
        });
        let (heard, ear) = mpsc::unbounded_channel();
        let bus = Arc::new(Self {
            connection,
            from,
            more: Notify::new(),
            others: AtomicBool::new(false),
            heard_at: AtomicU64::new(0),
            begun: Instant::now(),
            own: Mutex::default(),
            out,
            heard,
            ear: Mutex::new(Some(ear)),
        });
        Ok((bus, Incoming(incoming)))
    }

    /// The sink of a service with others beside it: what was committed waits for what the others committed before it.
    pub fn sink(self: &Arc<Self>) -> Sink {
        let bus = self.clone();
        Box::new(move |entry| {
            bus.own.lock().push_back(entry);
            bus.more.notify_one();
            if bus.has_others() {
                let from = bus.from.clone();
                drop(bus.out.send(Word::More { from }));
            }
        })
    }

    /// Whether there may be other replicas: one that lives says so every few seconds, and asks who is here as it begins.
    /// What they are told of each event costs about as much as the event's own statement in the database.
    fn has_others(&self) -> bool {
        let heard_at = self.heard_at.load(Ordering::Relaxed);
        self.begun.elapsed().as_secs() < heard_at + ALONE_AFTER.as_secs()
    }

    fn hear_another(&self) {
        self.heard_at
            .store(self.begun.elapsed().as_secs(), Ordering::Relaxed);
    }

    /// Publishes what was committed here, as far as it follows `at` without a gap; whether something is left.
    fn publish_own(&self, relay: &Relay, at: &mut i64) -> bool {
        loop {
            let mut own = self.own.lock();
            match own.front().map(|entry| entry.position) {
                None => return false,
                Some(position) if position > *at + 1 => return true,
                Some(position) => {
                    let entry = own.pop_front().filter(|_| position > *at);
                    drop(own);
                    // What is not beyond was read from the log.
                    if let Some(entry) = entry {
                        *at = position;
                        relay.publish_here(Live::Entry(entry));
                    }
                }
            }
        }
    }

    /// The connection, for the rate limits.
    pub fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    /// Tells the other replicas' listeners.
    pub(super) fn send_signal(&self, signal: &Signal) {
        if !self.has_others() {
            return;
        }
        drop(self.out.send(Word::Signal {
            from: self.from.clone(),
            signal: signal.clone(),
        }));
    }

    /// What this replica is called among the others.
    pub(super) fn name(&self) -> &str {
        &self.from
    }

    /// Tells the other replicas; it is heard here, too. Never blocks.
    pub(super) fn say(&self, word: Between) {
        // Their words on who is here are how replicas hear of each other.
        if !matches!(word, Between::Presence(_)) && !self.has_others() {
            return;
        }
        drop(self.out.send(Word::Between {
            from: self.from.clone(),
            word,
        }));
    }

    /// What the replicas say to one another; for one who listens, once.
    pub(super) fn listen(&self) -> Option<mpsc::UnboundedReceiver<Heard>> {
        self.ear.lock().take()
    }

    pub(super) async fn check(&self) -> Check {
        let start = Instant::now();
        let mut connection = self.connection.clone();
        let ping = async move { redis::cmd("PING").query_async::<String>(&mut connection).await };
        let ok = matches!(tokio::time::timeout(PATIENCE, ping).await, Ok(Ok(_)));
        let note = (!ok).then(|| "unreachable; the log is looked at every second".into());
        Check {
            ok,
            latency_ms: start.elapsed().as_millis() as i64,
            note,
        }
    }

    /// How many listen to the channel: each replica does once.
    pub(super) async fn replicas(&self) -> Option<i64> {
        let mut connection = self.connection.clone();
        let count = async move {
            redis::cmd("PUBSUB")
                .arg("NUMSUB")
                .arg(CHANNEL)
                .query_async::<(String, i64)>(&mut connection)
                .await
        };
        match tokio::time::timeout(PATIENCE, count).await {
            Ok(Ok((_, count))) => Some(count),
            _ => None,
        }
    }

    /// Reads the log and hears the other replicas, until the relay is gone.
    pub async fn run(self: Arc<Self>, relay: Arc<Relay>, store: Store, mut incoming: Incoming) {
        let (bus, reader) = (self.clone(), relay.clone());
        let tail = tokio::spawn(async move {
            let (mut position, mut read) = (None, true);
            loop {
                if read {
                    position = follow(&store, &reader, position).await;
                }
                let gap = match &mut position {
                    Some(at) => bus.publish_own(&reader, at),
                    None => true,
                };
                // Filled at once, unless the database failed just now.
                if gap && !read {
                    read = true;
                    continue;
                }
                let woken = tokio::time::timeout(LOOK_EVERY, bus.more.notified()).await;
                read = bus.others.swap(false, Ordering::Relaxed) || woken.is_err() || position.is_none();
            }
        });
        while let Some(push) = incoming.0.recv().await {
            if push.kind != redis::PushKind::Message {
                continue;
            }
            let Some(redis::Value::BulkString(text)) = push.data.last() else {
                continue;
            };
            match serde_json::from_slice::<Word>(text) {
                Ok(Word::More { from }) if from != self.from => {
                    self.hear_another();
                    self.others.store(true, Ordering::Relaxed);
                    self.more.notify_one();
                }
                Ok(Word::More { .. }) => {}
                Ok(Word::Signal { from, signal }) if from != self.from => {
                    relay.publish_here(Live::Signal(Arc::new(signal)));
                }
                Ok(Word::Signal { .. }) => {}
                Ok(Word::Between { from, word }) => {
                    if from != self.from {
                        self.hear_another();
                    }
                    // Whoever listens ends with the service.
                    drop(self.heard.send((from, word)));
                }
                Err(error) => tracing::warn!(%error, "a word on the bus was not understood"),
            }
        }
        tail.abort();
    }
}

/// Publishes what is in the log after a position; returns the last position.
async fn follow(store: &Store, relay: &Relay, position: Option<i64>) -> Option<i64> {
    // A replica that has just begun follows from here on.
    let Some(mut at) = position else {
        return store.log_head().await.ok();
    };
    loop {
        match store.log_after(at, PAGE).await {
            Ok(page) => {
                let full = page.len() as i64 == PAGE;
                for entry in page {
                    at = entry.position;
                    relay.publish_here(Live::Entry(Arc::new(entry)));
                }
                if !full {
                    return Some(at);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the log could not be read");
                return Some(at);
            }
        }
    }
}

/// What Redis pushes.
pub struct Incoming(mpsc::UnboundedReceiver<redis::PushInfo>);
