//! Webhooks: filled from the log when there is more in it, and delivered to when something is due.
//!
//! Without a webhook that is switched on this asks the database for one every few seconds and does nothing else.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::core::published::delivering::Seen;
use crate::store::Webhook;
use crate::types::Timestamp;

/// Without a wake-up the tables are looked at this often. Another replica may have changed something.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// What happens within this time of a wake-up is read with it.
const TOGETHER: Duration = Duration::from_millis(50);

/// Runs until `shutdown`; what is being delivered then is finished.
pub(super) async fn run(core: Arc<Core>, shutdown: CancellationToken) {
    let mut round = Round::default();
    while !shutdown.is_cancelled() {
        let wait = match look(&core, &mut round, &shutdown).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(?error, "webhooks could not be looked after");
                LOOK_EVERY
            }
        };
        let more = async {
            match &mut round.more {
                Some(more) => drop(more.changed().await),
                None => std::future::pending().await,
            }
            tokio::time::sleep(TOGETHER).await;
        };
        round.idle = false;
        tokio::select! {
            () = more => {}
            () = core.publishing.changed.notified() => {}
            Some(ended) = round.tasks.join_next() => {
                if let Ok(webhook) = ended {
                    round.running.remove(&webhook);
                }
            }
            () = tokio::time::sleep(wait) => round.idle = true,
            () = shutdown.cancelled() => {}
        }
    }
    while round.tasks.join_next().await.is_some() {}
}

/// What is kept from look to look.
#[derive(Default)]
struct Round {
    /// Says that there is more in the log; only while there are webhooks.
    more: Option<watch::Receiver<()>>,
    seen: Seen,
    /// The webhooks that are being delivered to here.
    running: HashSet<String>,
    tasks: JoinSet<String>,
    /// Nothing happened since the last look.
    idle: bool,
}

/// Fills the webhooks, starts to deliver to those with something due, and tells how long there is nothing to do.
async fn look(
    core: &Arc<Core>,
    round: &mut Round,
    shutdown: &CancellationToken,
) -> crate::error::Result<Duration> {
    let mut webhooks = core.store.active_webhooks().await?;
    if webhooks.is_empty() {
        round.more = None;
        return Ok(LOOK_EVERY);
    }
    // Before the log is read, so that nothing is missed after.
    round
        .more
        .get_or_insert_with(|| core.relay.more())
        .mark_unchanged();
    if round.idle {
        core.tell_of_rooms_left_behind().await?;
    }
    let more = core.fill_webhooks(&webhooks, &mut round.seen, round.idle).await?;
    webhooks = core.store.active_webhooks().await?;
    let now = core.clock.now();
    let mut next = now.after(LOOK_EVERY);
    for webhook in &webhooks {
        if round.running.contains(&webhook.id) {
            continue;
        }
        let Some(due) = due(core, webhook) else { continue };
        if due > now {
            next = next.min(due);
            continue;
        }
        round.running.insert(webhook.id.clone());
        let (core, shutdown, id) = (core.clone(), shutdown.clone(), webhook.id.clone());
        round.tasks.spawn(async move {
            if let Err(error) = core.deliver_to_webhook(&id, &shutdown).await {
                tracing::warn!(?error, webhook = id, "a webhook could not be delivered to");
                // The database may be away: not again at once.
                tokio::time::sleep(LOOK_EVERY).await;
            }
            id
        });
    }
    let wait = if more { 0 } else { (next.0 - now.0).max(0) };
    Ok(Duration::from_millis(wait as u64))
}

/// When this process may have something to deliver.
fn due(core: &Core, webhook: &Webhook) -> Option<Timestamp> {
    let due = webhook.due_at?;
    Some(if core.publishing.leased_elsewhere(webhook) {
        due.max(webhook.leased_until)
    } else {
        due
    })
}
