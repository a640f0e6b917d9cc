//! What was sent, and what arrived of it.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{stats::unix_nanos, stream::marker};

/// When each message of a run was sent and answered. Messages are numbered from 0.
#[derive(Debug)]
pub struct Ledger {
    epoch: Instant,
    slots: Vec<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    /// The time in the marker: tells messages of this run from those of another.
    nanos: AtomicU64,
    started: AtomicU64,
    answered: AtomicU64,
}

impl Ledger {
    /// For `messages` messages at most.
    pub fn new(messages: usize) -> Self {
        Self {
            epoch: Instant::now(),
            slots: (0..messages).map(|_| Slot::default()).collect(),
        }
    }

    /// Notes that `seq` is being sent now and answers its marker.
    pub fn start(&self, seq: u64) -> Result<String> {
        let slot = self
            .slots
            .get(seq as usize)
            .context("more messages than planned")?;
        let nanos = unix_nanos();
        slot.nanos.store(nanos, Relaxed);
        slot.started.store(self.now(), Relaxed);
        Ok(marker(seq, nanos))
    }

    /// Notes that the answer to `seq` has come now.
    pub fn answer(&self, seq: u64) {
        if let Some(slot) = self.slots.get(seq as usize) {
            slot.answered.store(self.now(), Relaxed);
        }
    }

    /// When `seq` was started and answered, as nanoseconds of this ledger.
    pub fn times(&self, seq: u64) -> (u64, u64) {
        self.slots.get(seq as usize).map_or((0, 0), |slot| {
            (slot.started.load(Relaxed), slot.answered.load(Relaxed))
        })
    }

    /// Whether this is the marker of a message of this run.
    pub fn knows(&self, seq: u64, nanos: u64) -> bool {
        self.slots
            .get(seq as usize)
            .is_some_and(|slot| slot.nanos.load(Relaxed) == nanos)
    }

    /// Nanoseconds since this ledger was made.
    pub fn now(&self) -> u64 {
        self.epoch.elapsed().as_nanos() as u64
    }
}

/// A marked message that arrived on one stream for the first time.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// Its number.
    pub seq: u32,
    /// When, in nanoseconds of the ledger.
    pub at: u64,
}

/// The messages that have arrived at one client.
#[derive(Debug)]
pub struct Arrived(Vec<u64>);

impl Arrived {
    /// None yet, of those that `ledger` has room for.
    pub fn new(ledger: &Ledger) -> Self {
        Self(vec![0; ledger.slots.len().div_ceil(64)])
    }

    /// Notes that `seq`, which is in the ledger, has arrived; answers whether it had not before.
    pub fn first_time(&mut self, seq: u64) -> bool {
        let bit = 1 << (seq % 64);
        let word = &mut self.0[seq as usize / 64];
        let first = *word & bit == 0;
        *word |= bit;
        first
    }
}

/// The deliveries at all clients together.
#[derive(Debug, Default)]
pub struct Arrivals(Mutex<Vec<Delivery>>);

impl Arrivals {
    /// To enter some.
    pub fn lock(&self) -> MutexGuard<'_, Vec<Delivery>> {
        lock(&self.0)
    }

    /// Waits for `expected` deliveries since the last [`Self::take`], as long as more come: without any for 10 s the rest
    /// counts as lost.
    pub async fn wait(&self, expected: usize) {
        let mut before = 0;
        let mut since = Instant::now();
        loop {
            let now = self.lock().len();
            if now >= expected || since.elapsed() > Duration::from_secs(10) {
                return;
            }
            if now > before {
                (before, since) = (now, Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The deliveries since the last call.
    pub fn take(&self) -> Vec<Delivery> {
        std::mem::take(&mut self.lock())
    }
}

/// A panic elsewhere does not make the numbers wrong that were collected until then.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
