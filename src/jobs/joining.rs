//! Brings people with external clients into their rooms, and rooms into their tenants' spaces.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::pause;
use crate::core::Core;

/// The orders are looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// New and archived rooms are looked for this often.
const FILL_EVERY: Duration = Duration::from_secs(3);

/// Runs until `shutdown`. None of the three waits for the others.
pub(super) async fn run(core: Arc<Core>, shutdown: CancellationToken) {
    tokio::join!(
        join(&core, &shutdown),
        fill(&core, &shutdown),
        list(&core, &shutdown)
    );
}

async fn join(core: &Core, shutdown: &CancellationToken) {
    while pause(LOOK_EVERY, shutdown).await {
        if let Err(error) = core.join_due(shutdown).await {
            tracing::warn!(?error, "people could not be brought into their rooms");
        }
    }
}

async fn fill(core: &Core, shutdown: &CancellationToken) {
    while pause(FILL_EVERY, shutdown).await {
        if let Err(error) = core.fill_spaces(shutdown).await {
            tracing::warn!(?error, "the tenants' spaces could not be looked at");
        }
    }
}

async fn list(core: &Core, shutdown: &CancellationToken) {
    while pause(LOOK_EVERY, shutdown).await {
        if let Err(error) = core.list_changed_directs().await {
            tracing::warn!(?error, "direct rooms could not be listed for external clients");
        }
    }
}
