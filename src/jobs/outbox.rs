//! The outbox: delivers what was accepted and could not be delivered at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

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

/// Runs until `shutdown`; what is being delivered then is finished.
pub(super) async fn run(core: Arc<Core>, shutdown: CancellationToken) {
    loop {
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
