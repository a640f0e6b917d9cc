//! What goes on in the background, until the service ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::core::Core;
use crate::relay::bus::Heard;
use crate::telemetry::{MetricsHandle, WEBHOOKS_OLDEST_SECONDS, WEBHOOKS_WAITING};

mod blocks;
mod catch_up;
mod joining;
mod outbox;
mod stream;
mod webhooks;

/// Starts all jobs; each ends at `shutdown`.
pub fn start(core: &Arc<Core>, metrics: &MetricsHandle, shutdown: &CancellationToken, tasks: &TaskTracker) {
    tasks.spawn(outbox::run(core.clone(), shutdown.clone()));
    tasks.spawn(catch_up::run(core.clone(), shutdown.clone()));
    tasks.spawn(joining::run(core.clone(), shutdown.clone()));
    tasks.spawn(blocks::run(core.clone(), shutdown.clone()));
    tasks.spawn(webhooks::run(core.clone(), shutdown.clone()));
    if let Some(redis) = core.relay.redis() {
        tasks.spawn(stream::run(core.clone(), redis, shutdown.clone()));
    }
    tasks.spawn(every_second(core.clone(), metrics.clone(), shutdown.clone()));
    if let Some(heard) = core.relay.hear_replicas() {
        tasks.spawn(talk(core.clone(), heard, shutdown.clone()));
    }
    tasks.spawn(hear_signals(core.clone(), shutdown.clone()));
    tasks.spawn(tell_acquaintances(core.clone(), shutdown.clone()));
    tasks.spawn(prune(core.clone(), shutdown.clone()));
}

/// Hears what the other replicas say to each other.
async fn hear_signals(core: Arc<Core>, shutdown: CancellationToken) {
    let mut signals = core.relay.signals();
    loop {
        let signal = tokio::select! {
            signal = signals.recv() => signal,
            () = shutdown.cancelled() => return,
        };
        match signal {
            Ok(signal) => core.hear(&signal).await,
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "signals came too fast"),
            Err(RecvError::Closed) => return,
        }
    }
}

/// Says to the other replicas who is here, and hears it of them.
async fn talk(core: Arc<Core>, heard: UnboundedReceiver<Heard>, shutdown: CancellationToken) {
    tokio::select! {
        () = core.talk_with_replicas(heard) => {}
        () = shutdown.cancelled() => {}
    }
}

/// Tells people how those are with whom they share a conversation.
async fn tell_acquaintances(core: Arc<Core>, shutdown: CancellationToken) {
    tokio::select! {
        () = core.tell_acquaintances() => {}
        () = shutdown.cancelled() => {}
    }
}

/// Waits, unless the service ends before: then `false`.
async fn pause(duration: Duration, shutdown: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(duration) => true,
        () = shutdown.cancelled() => false,
    }
}

/// Keepalives, the ends of tokens and of typing, rooms made outside, the search index and the gauges.
async fn every_second(core: Arc<Core>, metrics: MetricsHandle, shutdown: CancellationToken) {
    let mut second: u64 = 0;
    while pause(Duration::from_secs(1), &shutdown).await {
        second += 1;
        core.relay.tick(core.clock.now());
        core.expire_typing();
        core.expire_presence().await;
        if let Err(error) = core.settle_memberships().await {
            tracing::warn!(?error, "doubtful memberships could not be settled");
        }
        if let Err(error) = core.adopt_rooms().await {
            tracing::warn!(?error, "rooms that were made outside could not be taken in");
        }
        if second.is_multiple_of(5) {
            metrics.run_upkeep();
            gauges(&core).await;
            if let Err(error) = core.store.index_messages().await {
                tracing::warn!(%error, "new messages could not be indexed for the search");
            }
        }
    }
    core.end_presence().await;
}

async fn gauges(core: &Core) {
    metrics::gauge!("streams_open").set(core.relay.open() as f64);
    if let Ok((depth, oldest)) = core.store.outbox().await {
        metrics::gauge!("outbox_depth").set(depth as f64);
        let age = oldest.map_or(0, |oldest| core.clock.now().0 - oldest.0);
        metrics::gauge!("outbox_oldest_seconds").set(age as f64 / 1000.0);
    }
    if let Ok(state) = core.store.webhooks_state().await {
        metrics::gauge!(WEBHOOKS_WAITING).set(state.queued as f64);
        let age = state.oldest.map_or(0, |oldest| core.clock.now().0 - oldest.0);
        metrics::gauge!(WEBHOOKS_OLDEST_SECONDS).set(age as f64 / 1000.0);
    }
    if let Ok(head) = core.store.log_head().await {
        metrics::gauge!("event_log_position").set(head as f64);
        let delivered = core.relay.delivered();
        // Before the first delivery of this process there is nothing to lag behind.
        let lag = if delivered == 0 {
            0
        } else {
            (head - delivered).max(0)
        };
        metrics::gauge!("event_log_lag").set(lag as f64);
    }
}

/// Drops what is older than the log's retention, and merges read marks that are, once an hour.
async fn prune(core: Arc<Core>, shutdown: CancellationToken) {
    let retention = Duration::from_hours(24) * core.config.event_retention_days;
    loop {
        let now = core.clock.now();
        let before = now.plus(-(retention.as_millis() as i64));
        if let Err(error) = core.store.prune(now, before).await {
            tracing::warn!(%error, "the event log could not be pruned");
        }
        if let Err(error) = core.store.prune_deliveries(before).await {
            tracing::warn!(%error, "old deliveries to webhooks could not be dropped");
        }
        if let Err(error) = core.store.merge_read_marks(before).await {
            tracing::warn!(%error, "old read marks could not be merged");
        }
        if !pause(Duration::from_hours(1), &shutdown).await {
            return;
        }
    }
}
