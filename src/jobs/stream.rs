//! The stream in Redis that other services read: every event of every tenant, each once (contract R34, R67).
//!
//! An entry's id is the event's position in the log. Redis takes only ids that are greater than the last, so an event that
//! is added again, after a crash or by another replica, is refused by Redis itself; and whoever adds goes on from the
//! stream's own last id. The lease only saves work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::aio::ConnectionManager;
use tokio_util::sync::CancellationToken;

use super::pause;
use crate::core::Core;
use crate::core::published::Event;
use crate::types::random_token;

/// The stream.
pub const KEY: &str = "messenger:events";
/// Says which replica adds to it.
const LEASE_KEY: &str = "messenger:events:lease";
/// How long that is so, in milliseconds.
const LEASE_MS: u64 = 10_000;
/// How often it says so again, and how often the others try.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// What happens within this time is read together: reading after each message would cost more than sending it.
const TOGETHER: Duration = Duration::from_millis(200);
/// While much happens, it is read this often.
const READ_EVERY: Duration = Duration::from_secs(1);
/// Entries that the stream keeps, about.
const MAX_LENGTH: u64 = 100_000;
/// Events that are added in one go.
const TOGETHER_ADDED: usize = 20;
/// How often the position is noted in the database, which counts only when the stream itself was lost.
const NOTE_EVERY: u32 = 3;

/// Runs until `shutdown`.
pub(super) async fn run(core: Arc<Core>, redis: ConnectionManager, shutdown: CancellationToken) {
    let mut stream = Stream {
        core,
        redis,
        holder: random_token(),
    };
    let mut away = false;
    while !shutdown.is_cancelled() {
        match stream.follow(&shutdown).await {
            Ok(()) => away = false,
            Err(error) if away => tracing::debug!("the stream in Redis waits: {error:#}"),
            Err(error) => {
                tracing::warn!("the stream in Redis waits: {error:#}");
                away = true;
            }
        }
        pause(RENEW_EVERY, &shutdown).await;
    }
}

struct Stream {
    core: Arc<Core>,
    redis: ConnectionManager,
    holder: String,
}

impl Stream {
    /// Adds what happens, as long as nobody else does.
    async fn follow(&mut self, shutdown: &CancellationToken) -> anyhow::Result<()> {
        if !self.lease().await? {
            return Ok(());
        }
        let mut more = self.core.relay.more();
        let mut at = self.begin().await?;
        let (mut noted, mut renewed, mut renewals) = (at, Instant::now(), 0);
        while !shutdown.is_cancelled() {
            more.mark_unchanged();
            let read = Instant::now();
            loop {
                let page = self.core.published_after(at, |_, _| true).await?;
                for events in page.events.chunks(TOGETHER_ADDED) {
                    self.add_all(events).await?;
                }
                at = page.to;
                if !page.more {
                    break;
                }
            }
            let happened = async {
                drop(more.changed().await);
                tokio::time::sleep(TOGETHER.max(READ_EVERY.saturating_sub(read.elapsed()))).await;
            };
            tokio::select! {
                () = happened => {}
                () = tokio::time::sleep(RENEW_EVERY) => {}
                () = shutdown.cancelled() => break,
            }
            if renewed.elapsed() < RENEW_EVERY {
                continue;
            }
            if !self.lease().await? {
                return Ok(());
            }
            renewed = Instant::now();
            renewals += 1;
            if renewals % NOTE_EVERY == 0 && at > noted {
                self.core.store.note_stream_position(at).await?;
                noted = at;
            }
        }
        self.core.store.note_stream_position(at).await?;
        self.release().await?;
        Ok(())
    }

    /// Takes the lease, or keeps it.
    async fn lease(&mut self) -> anyhow::Result<bool> {
        let mut set = redis::cmd("SET");
        set.arg(LEASE_KEY)
            .arg(&self.holder)
            .arg("NX")
            .arg("PX")
            .arg(LEASE_MS);
        if set
            .query_async::<Option<String>>(&mut self.redis)
            .await?
            .is_some()
        {
            return Ok(true);
        }
        let holder: Option<String> = redis::cmd("GET")
            .arg(LEASE_KEY)
            .query_async(&mut self.redis)
            .await?;
        if holder.as_ref() != Some(&self.holder) {
            return Ok(false);
        }
        let mut keep = redis::cmd("PEXPIRE");
        keep.arg(LEASE_KEY).arg(LEASE_MS);
        Ok(keep.query_async::<bool>(&mut self.redis).await?)
    }

    async fn release(&mut self) -> anyhow::Result<()> {
        let holder: Option<String> = redis::cmd("GET")
            .arg(LEASE_KEY)
            .query_async(&mut self.redis)
            .await?;
        if holder.as_ref() == Some(&self.holder) {
            redis::cmd("DEL")
                .arg(LEASE_KEY)
                .exec_async(&mut self.redis)
                .await?;
        }
        Ok(())
    }

    /// The position to go on from: the stream's last; where it was noted to be, if there is no stream; else from now on.
    async fn begin(&mut self) -> anyhow::Result<i64> {
        type Last = Vec<(String, Vec<redis::Value>)>;
        let mut last = redis::cmd("XREVRANGE");
        last.arg(KEY).arg("+").arg("-").arg("COUNT").arg(1);
        let last: Last = last.query_async(&mut self.redis).await?;
        let last = last
            .first()
            .and_then(|(id, _)| id.split('-').next()?.parse::<i64>().ok());
        let head = self.core.store.log_head().await?;
        if let Some(last) = last {
            if last > head {
                tracing::error!(
                    stream = last,
                    log = head,
                    "the stream in Redis is ahead of the log: what happens is not added until the log is there, too"
                );
            }
            return Ok(last);
        }
        let noted = self.core.store.stream_position().await?;
        if noted > 0 {
            return Ok(noted);
        }
        self.core.store.note_stream_position(head).await?;
        Ok(head)
    }

    /// Adds some in one go; one after the other when one of them is there already.
    async fn add_all(&mut self, events: &[Event]) -> anyhow::Result<()> {
        let mut all = redis::pipe();
        for event in events {
            all.add_command(addition(event)).ignore();
        }
        if all.exec_async(&mut self.redis).await.is_ok() {
            return Ok(());
        }
        for event in events {
            self.add(event).await?;
        }
        Ok(())
    }

    async fn add(&mut self, event: &Event) -> anyhow::Result<()> {
        match addition(event).exec_async(&mut self.redis).await {
            Ok(()) => Ok(()),
            // It is there.
            Err(error) if error.detail().unwrap_or_default().contains("equal or smaller") => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What adds an event to the stream.
fn addition(event: &Event) -> redis::Cmd {
    let mut add = redis::cmd("XADD");
    add.arg(KEY)
        .arg("MAXLEN")
        .arg("~")
        .arg(MAX_LENGTH)
        .arg(format!("{}-0", event.position));
    add.arg("type").arg(event.kind.as_str());
    add.arg("timestamp").arg(event.at.zulu());
    add.arg("data").arg(event.data_with_text());
    add.arg("id").arg(&event.id);
    add.arg("tenant").arg(event.tenant.as_str());
    add
}
