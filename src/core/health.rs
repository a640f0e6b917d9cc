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
    /// Whether Clerk's keys can be fetched; `None` when Clerk is not on.
    pub identity: Option<Check>,
    /// Whether webhooks can be delivered to; `None` when there are none. Endpoints are others' and do not count as parts.
    pub webhooks: Option<Check>,
}

impl Health {
    /// Whether requests can be served.
    pub fn ready(&self) -> bool {
        self.database.ok && self.homeserver.ok && self.appservice.ok
    }

    /// Whether everything works.
    pub fn healthy(&self) -> bool {
        let beside = [&self.redis, &self.identity];
        self.ready() && beside.into_iter().flatten().all(|check| check.ok)
    }
}

/// A part that has not answered by then is away.
const PATIENCE: Duration = Duration::from_secs(2);

impl Core {
    /// Asks all parts, at once. Never fails, and takes two seconds at most.
    pub async fn health(&self) -> Health {
        let (database, homeserver, appservice, identity, webhooks) = tokio::join!(
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
            self.identity(),
            self.webhooks(),
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
            identity,
            webhooks,
        }
    }

    async fn webhooks(&self) -> Option<Check> {
        let start = Instant::now();
        let asking = tokio::time::timeout(PATIENCE, self.store.webhooks_state());
        // Without a database nothing is known of them, which is told of the database.
        let state = asking.await.ok()?.ok()?;
        if state.active + state.given_up == 0 {
            return None;
        }
        let mut notes = Vec::new();
        if let Some(oldest) = state.oldest {
            let seconds = (self.clock.now().0 - oldest.0).max(0) / 1_000;
            notes.push(format!("{} waiting, the oldest for {seconds} s", state.queued));
        }
        if state.given_up > 0 {
            notes.push(format!("{} switched off after failures", state.given_up));
        }
        Some(Check {
            ok: state.given_up == 0,
            latency_ms: start.elapsed().as_millis() as i64,
            note: (!notes.is_empty()).then(|| notes.join("; ")),
        })
    }

    async fn identity(&self) -> Option<Check> {
        let start = Instant::now();
        let checking = self.verifier.check_keys(self.clock.now());
        let result = match tokio::time::timeout(PATIENCE, checking).await {
            Ok(result) => result?,
            Err(_) => Err("no answer in time".into()),
        };
        Some(Check {
            ok: result.is_ok(),
            latency_ms: start.elapsed().as_millis() as i64,
            note: result.err(),
        })
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
