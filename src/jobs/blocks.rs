//! Tells the homeserver whom people have blocked.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::pause;
use crate::core::Core;

/// Lists that are due are looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Runs until `shutdown`.
pub(super) async fn run(core: Arc<Core>, shutdown: CancellationToken) {
    while pause(LOOK_EVERY, &shutdown).await {
        if let Err(error) = core.write_ignores().await {
            tracing::warn!(?error, "blocks could not be told to external clients");
        }
    }
}
