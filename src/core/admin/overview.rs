//! The service at a glance.

use super::scope;
use crate::core::Core;
use crate::core::health::Health;
use crate::error::Result;
use crate::identity::Principal;
use crate::types::{NotificationStatus, TenantId, Timestamp};

/// Hours that the figures go back.
const HOURS: i64 = 48;
const HOUR_MS: i64 = 3_600_000;

/// The service at a glance: of one tenant, or of all.
#[derive(Debug, Clone)]
pub struct Overview {
    /// People who came through a door of ours.
    pub people: i64,
    /// Rooms that are not archived.
    pub rooms: i64,
    /// Notifications that wait.
    pub notifications_queued: i64,
    /// Notifications that were given up.
    pub notifications_failed: i64,
    /// Since when the oldest one waits, of those that do not wait for a person.
    pub outbox_oldest: Option<Timestamp>,
    /// Devices of external clients that are signed in.
    pub external_sessions: i64,
    /// Open streams of this replica.
    pub streams: usize,
    /// Replicas that are connected; `None` when this is the only one.
    pub replicas: Option<i64>,
    /// Position of the newest entry of the event log.
    pub log_head: i64,
    /// The last 48 hours, this one included, oldest first.
    pub hourly: Vec<Hour>,
    /// How the parts are.
    pub health: Health,
    /// The service's version.
    pub version: &'static str,
    /// The homeserver's name and version, when it tells.
    pub homeserver: Option<String>,
    /// The database's name and version.
    pub database: String,
}

/// What happened in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// When it began, UTC.
    pub hour: Timestamp,
    /// Messages of people.
    pub messages: i64,
    /// Notifications that were accepted.
    pub notifications: i64,
}

impl Core {
    /// The overview.
    pub async fn admin_overview(&self, principal: &Principal) -> Result<Overview> {
        let tenant = scope(principal)?;
        let count = |status| self.store.count_notifications(tenant, status);
        let (health, homeserver) = tokio::join!(self.health(), self.homeserver.version());
        Ok(Overview {
            people: self.store.count_people(tenant).await?,
            rooms: self.store.count_rooms(tenant).await?,
            notifications_queued: count(NotificationStatus::Queued).await?,
            notifications_failed: count(NotificationStatus::Failed).await?,
            outbox_oldest: self.store.outbox_oldest(tenant).await?,
            external_sessions: self.store.count_external_sessions(tenant).await?,
            streams: tenant.map_or_else(|| self.relay.open(), |tenant| self.relay.open_in(tenant)),
            replicas: self.relay.replicas().await,
            log_head: self.store.log_head().await?,
            hourly: self.hourly(tenant).await?,
            health,
            version: env!("CARGO_PKG_VERSION"),
            homeserver: homeserver.ok(),
            database: self.store.version().await?,
        })
    }

    async fn hourly(&self, tenant: Option<&TenantId>) -> Result<Vec<Hour>> {
        let this = self.clock.now().0.div_euclid(HOUR_MS);
        let first = this - HOURS + 1;
        let since = Timestamp(first * HOUR_MS);
        let (messages, notifications) = self.store.hourly(tenant, since).await?;
        let of = |counts: &[(i64, i64)], hour: i64| {
            let found = counts.iter().find(|(at, _)| *at == hour);
            found.map_or(0, |(_, count)| *count)
        };
        let hours = (first..=this).map(|hour| Hour {
            hour: Timestamp(hour * HOUR_MS),
            messages: of(&messages, hour),
            notifications: of(&notifications, hour),
        });
        Ok(hours.collect())
    }
}
