//! The outbox: delivers what was accepted and could not be delivered at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::core::notifications::LEASE;
use crate::store::Notification;

/// Notifications taken at once.
const BATCH: i64 = 64;
/// Targets delivered to at once; within one target the order is kept.
const AT_ONCE: usize = 8;
/// Without a wake-up the table is looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The longest pause between two looks whether the homeserver is back.
const MAX_PAUSE: Duration = Duration::from_mins(1);

/// Runs until `shutdown`; what is being delivered then is finished.
pub(super) async fn run(core: Arc<Core>, shutdown: CancellationToken) {
    let mut outage = Outage::default();
    loop {
        outage.release(&core).await;
        let now = core.clock.now();
        match core.store.lease_due(now, now.after(LEASE), BATCH).await {
            Ok(due) if !due.is_empty() => {
                let full = due.len() as i64 == BATCH;
                deliver(&core, due).await;
                if full && !shutdown.is_cancelled() {
                    continue;
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the outbox could not be read"),
        }
        tokio::select! {
            () = core.outbox.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// What waits for a homeserver that is away is tried as soon as it answers again, and not only when the pause of each is
/// over. One that answers without taking anything is asked less and less often.
struct Outage {
    look_at: Instant,
    pause: Duration,
}

impl Default for Outage {
    fn default() -> Self {
        Self {
            look_at: Instant::now(),
            pause: LOOK_EVERY,
        }
    }
}

impl Outage {
    async fn release(&mut self, core: &Core) {
        let now = Instant::now();
        if now < self.look_at {
            return;
        }
        self.look_at = now + LOOK_EVERY;
        match core.release_after_outage().await {
            Ok(true) => {
                tracing::info!("the homeserver is back; what waited for it is sent");
                self.look_at = now + self.pause;
                self.pause = (2 * self.pause).min(MAX_PAUSE);
            }
            // Nothing waits: the last outage is over.
            Ok(false) if !core.waiting_for_homeserver.load(Ordering::Relaxed) => self.pause = LOOK_EVERY,
            Ok(false) => {}
            Err(error) => tracing::warn!(?error, "what waits for the homeserver could not be released"),
        }
    }
}

async fn deliver(core: &Arc<Core>, due: Vec<Notification>) {
    let mut by_target: HashMap<String, Vec<Notification>> = HashMap::new();
    for notification in due {
        let target = format!(
            "{} {:?} {:?} {:?}",
            notification.tenant, notification.entity_type, notification.entity_key, notification.target_user
        );
        by_target.entry(target).or_default().push(notification);
    }
    let deliveries = by_target.into_values().map(|notifications| async move {
        for notification in notifications {
            core.deliver(notification).await;
        }
    });
    futures_util::stream::iter(deliveries)
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<()>>()
        .await;
}
