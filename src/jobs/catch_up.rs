//! Fetches what the homeserver's pushes missed: at the start, and when none came although something was sent.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::pause;
use crate::core::Core;
use crate::store::RoomsAfter;

/// Pushes are missing when a message was stored this long ago and nothing was pushed since, in milliseconds.
const MISSING_AFTER_MS: i64 = 30_000;
/// Between two rounds for missing pushes.
const AT_MOST_EVERY: Duration = Duration::from_mins(1);
/// Rooms read at once.
const AT_ONCE: usize = 4;
/// Rooms of a page.
const PAGE: i64 = 200;
/// Rooms looked at when pushes are missing; at the start all are.
const RECENT: usize = 200;

/// Runs until `shutdown`.
pub(super) async fn run(core: Arc<Core>, shutdown: CancellationToken) {
    // The homeserver may come up after us.
    while core.homeserver.registered().await.is_err() {
        if !pause(Duration::from_secs(2), &shutdown).await {
            return;
        }
    }
    round(&core, usize::MAX, &shutdown).await;
    loop {
        if !pause(Duration::from_secs(10), &shutdown).await {
            return;
        }
        if pushes_are_missing(&core).await {
            tracing::warn!("the homeserver pushed nothing for a while; reading what is missing from it");
            round(&core, RECENT, &shutdown).await;
            if !pause(AT_MOST_EVERY, &shutdown).await {
                return;
            }
        }
    }
}

/// Every event of our people comes back as a push within moments, their own messages included.
async fn pushes_are_missing(core: &Core) -> bool {
    let Ok(Some(newest)) = core.store.newest_message_at().await else {
        return false;
    };
    let now = core.clock.now();
    now.0 - newest.0 > MISSING_AFTER_MS
        && core.last_push.load(Ordering::Relaxed) < newest.0 - MISSING_AFTER_MS
        // Only what happened in this process's time can be missing from it.
        && core.started_at.0 < newest.0
}

async fn round(core: &Arc<Core>, at_most: usize, shutdown: &CancellationToken) {
    let head = match core.store.log_head().await {
        Ok(head) => head,
        Err(error) => {
            tracing::warn!(%error, "the log could not be read");
            return;
        }
    };
    let (mut before, mut seen, mut new, mut failed) = (i64::MAX, 0, 0, 0);
    loop {
        let rooms = match core.store.recent_rooms(RoomsAfter { before, limit: PAGE }).await {
            Ok(rooms) => rooms,
            Err(error) => {
                tracing::warn!(%error, "the rooms could not be listed");
                return;
            }
        };
        let Some(last) = rooms.last() else { break };
        before = last.sort_position;
        seen += rooms.len();
        let full = rooms.len() as i64 == PAGE;
        let reads = rooms.into_iter().map(|room| async move {
            core.catch_up_room(&room.room_id).await.map_err(|error| {
                tracing::debug!(?error, room = %room.room_id, "a room could not be caught up with");
            })
        });
        let counts: Vec<Result<usize, ()>> = futures_util::stream::iter(reads)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for count in counts {
            match count {
                Ok(count) => new += count,
                Err(()) => failed += 1,
            }
        }
        if !full || seen >= at_most || shutdown.is_cancelled() {
            break;
        }
    }
    core.caught_up((failed == 0 && !shutdown.is_cancelled()).then_some(head));
    if new > 0 {
        tracing::info!(rooms = seen, events = new, "caught up with the homeserver");
    }
}
