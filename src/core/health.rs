//! How the parts are (contract R1).

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Core;
use crate::types::Timestamp;

/// How one part is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Check {
    /// Whether it works.
    pub ok: bool,
    /// How long it took to find out, in milliseconds.
    pub latency_ms: i64,
    /// In words, when there is something to say.
    pub note: Option<String>,
}

/// How all parts are.
#[derive(Debug, Clone)]
pub struct Health {
    /// The database.
    pub database: Check,
    /// The homeserver.
    pub homeserver: Check,
    /// The bus; `None` when it is in process.
    pub redis: Option<Check>,
    /// The way back from the homeserver.
    pub appservice: Check,
}

impl Health {
    /// Whether requests can be served.
    pub fn ready(&self) -> bool {
        self.database.ok && self.homeserver.ok && self.appservice.ok
    }

    /// Whether everything works.
    pub fn healthy(&self) -> bool {
        self.ready() && self.redis.as_ref().is_none_or(|check| check.ok)
    }
}

/// A part that has not answered by then is away.
const PATIENCE: Duration = Duration::from_secs(2);

impl Core {
    /// Asks all parts, at once. Never fails, and takes two seconds at most.
    pub async fn health(&self) -> Health {
        let (database, homeserver, appservice) = tokio::join!(
            timed(async { self.store.ping().await.map_err(|error| error.to_string()) }),
            timed(async {
                self.homeserver
                    .reachable()
                    .await
                    .map_err(|error| error.to_string())
            }),
            timed(async {
                self.homeserver
                    .registered()
                    .await
                    .map_err(|error| error.to_string())
            }),
        );
        let last = self.last_push.load(Ordering::Relaxed);
        let appservice = Check {
            note: match last {
                0 => Some("nothing was pushed to us yet".into()),
                at => Some(format!("last push at {}", Timestamp(at).zulu())),
            }
            .filter(|_| appservice.ok)
            .or(appservice.note),
            ..appservice
        };
        Health {
            database,
            homeserver,
            redis: self.relay.bus_check().await,
            appservice,
        }
    }
}

async fn timed(check: impl Future<Output = Result<(), String>>) -> Check {
    let start = Instant::now();
    let (ok, note) = match tokio::time::timeout(PATIENCE, check).await {
        Ok(Ok(())) => (true, None),
        Ok(Err(error)) => {
            tracing::debug!(error, "a health check failed");
            (false, Some("unreachable".into()))
        }
        Err(_) => (false, Some("no answer in time".into())),
    };
    Check {
        ok,
        latency_ms: start.elapsed().as_millis() as i64,
        note,
    }
}
