//! Webhooks are filled from the log, and what they hold is delivered (contract R34, R67).
//!
//! An endpoint is delivered to by one process at a time, which holds its lease, and one event after the other, so that it
//! gets them in their order; one that failed comes again later, and the others do not wait for it. An endpoint may get an
//! event twice (it took it and the service ended before that was noted), with the same id.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::signature::sign;
use super::target::{Guard, Private};
use crate::core::Core;
use crate::core::notifications::LEASE;
use crate::error::{Error, Result};
use crate::store::{Delivery, DeliveryEnd, NewDelivery, Webhook};
use crate::telemetry::WEBHOOK_DELIVERIES_TOTAL;
use crate::types::{EventType, TenantId};

/// How long an endpoint may take to answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes of an answer that are read, so that the connection can be used again.
const ANSWER: usize = 4 * 1024;
/// The pauses before the attempts after the first, in seconds; after the last of them a delivery is given up.
const RETRY_AFTER: [i64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
/// An endpoint that took nothing for so long is switched off, in milliseconds.
const GIVE_UP_AFTER_MS: i64 = 5 * 24 * 3_600_000;
/// Deliveries of a webhook that wait in the table; more of them wait in the log.
const MAX_QUEUED: i64 = 10_000;
/// A position that moved less than this, with nothing to deliver, is not written at once.
const WRITTEN_EVERY: i64 = 100;
/// Deliveries read at once.
const BATCH: i64 = 50;
/// A lease that was taken this long ago is taken anew before the next attempt, in milliseconds: what is left of it is
/// longer than an attempt.
const RENEW_AFTER_MS: i64 = 3_000;
/// HTTP's "Gone": the endpoint wants nothing any more.
const GONE: i64 = 410;

/// Up to where the log was read for webhooks that had nothing in it: by id, with the position that is written.
pub type Seen = HashMap<String, (i64, i64)>;

/// What calls the endpoints.
pub(super) fn client(guard: Arc<Guard>) -> anyhow::Result<reqwest::Client> {
    reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        // A proxy would look names up itself.
        .no_proxy()
        .dns_resolver(guard)
        .user_agent(concat!("messenger-service/", env!("CARGO_PKG_VERSION")))
        .build()
        .context("preparing to call webhooks")
}

impl Webhook {
    /// Whether it is told of such an event in such a tenant.
    pub fn wants(&self, kind: EventType, tenant: &TenantId) -> bool {
        self.events.contains(&kind) && self.tenant.as_ref().is_none_or(|own| own == tenant)
    }
}

/// The pause after the attempt of this number (from 1), `None` after the last: up to a tenth longer than the table says, so
/// that what failed together does not come again together.
pub fn pause_after(attempt: i64, delivery: i64) -> Option<Duration> {
    let index = usize::try_from(attempt - 1).ok()?;
    let base = *RETRY_AFTER.get(index)?;
    let mut hasher = DefaultHasher::new();
    (attempt, delivery).hash(&mut hasher);
    let millis = base * 1_000 + base * (hasher.finish() % 101) as i64;
    Some(Duration::from_millis(millis as u64))
}

impl Core {
    /// Gives these webhooks the deliveries of what the log has after their positions; whether there is more. `idle`: positions
    /// are written even when there was nothing to deliver.
    pub async fn fill_webhooks(&self, webhooks: &[Webhook], seen: &mut Seen, idle: bool) -> Result<bool> {
        seen.retain(|id, _| webhooks.iter().any(|webhook| webhook.id == *id));
        let mut by_position: BTreeMap<i64, Vec<&Webhook>> = BTreeMap::new();
        for webhook in webhooks.iter().filter(|webhook| webhook.queued < MAX_QUEUED) {
            let at = match seen.get(&webhook.id) {
                Some((written, at)) if *written == webhook.position => *at,
                _ => webhook.position,
            };
            by_position.entry(at).or_default().push(webhook);
        }
        let floor = self.store.log_floor().await?;
        let mut more = false;
        for (at, webhooks) in by_position {
            if at < floor {
                self.skip(&webhooks, floor).await?;
                more = true;
                continue;
            }
            let wanted = |kind, tenant: &TenantId| webhooks.iter().any(|webhook| webhook.wants(kind, tenant));
            let page = self.published_after(at, wanted).await?;
            more |= page.more;
            for webhook in webhooks {
                let wanted = page
                    .events
                    .iter()
                    .filter(|event| webhook.wants(event.kind, &event.tenant));
                let new: Vec<NewDelivery> = wanted
                    .map(|event| NewDelivery {
                        position: Some(event.position),
                        event_id: event.id.clone(),
                        kind: event.kind,
                        at: event.at,
                        data: event.data(),
                        message_id: event.message.as_ref().map(|message| message.event_id.clone()),
                    })
                    .collect();
                let (from, to) = (webhook.position, page.to);
                if to == from {
                    continue;
                }
                if new.is_empty() && !idle && to - from < WRITTEN_EVERY {
                    seen.insert(webhook.id.clone(), (from, to));
                } else {
                    // When another replica was first, its deliveries are there.
                    let now = self.clock.now();
                    self.store
                        .move_webhook(&webhook.id, (from, to), &new, now)
                        .await?;
                }
            }
        }
        Ok(more)
    }

    async fn skip(&self, webhooks: &[&Webhook], floor: i64) -> Result<()> {
        for webhook in webhooks {
            let days = self.config.event_retention_days;
            let note = format!("missed what was older than {days} days, which the log does not keep");
            tracing::warn!(
                webhook = webhook.id,
                floor,
                "a webhook was behind what the log keeps"
            );
            self.store
                .skip_to_floor(&webhook.id, (webhook.position, floor), &note)
                .await?;
        }
        Ok(())
    }

    /// Delivers what is due at a webhook, unless another process does; ends when nothing is due.
    pub async fn deliver_to_webhook(&self, id: &str, shutdown: &CancellationToken) -> Result<()> {
        while !shutdown.is_cancelled() {
            let mut leased = self.clock.now();
            let (holder, until) = (&self.publishing.holder, leased.after(LEASE));
            if !self.store.lease_webhook(id, holder, leased, until).await? {
                return Ok(());
            }
            let due = self.store.due_deliveries(id, leased, BATCH).await?;
            if due.is_empty() {
                break;
            }
            for delivery in due {
                let now = self.clock.now();
                if now.0 - leased.0 > RENEW_AFTER_MS {
                    if !self
                        .store
                        .lease_webhook(id, holder, now, now.after(LEASE))
                        .await?
                    {
                        return Ok(());
                    }
                    leased = now;
                }
                let webhook = self.store.webhook(id).await?;
                let Some(webhook) = webhook.filter(|webhook| webhook.active && !shutdown.is_cancelled())
                else {
                    break;
                };
                self.try_webhook(&webhook, delivery).await?;
            }
        }
        self.store.release_webhook(id, &self.publishing.holder).await?;
        Ok(())
    }

    async fn try_webhook(&self, webhook: &Webhook, delivery: Delivery) -> Result<()> {
        let answered = self.call(webhook, &delivery).await?;
        let now = self.clock.now();
        let status = answered.as_ref().ok().copied();
        let error = match answered {
            Ok(200..300) => None,
            Ok(status @ 300..400) => Some(format!("answered {status}; redirects are not followed")),
            Ok(status) => Some(format!("answered {status}")),
            Err(error) => Some(error),
        };
        let end = match error {
            None => DeliveryEnd::Delivered,
            Some(error) => match pause_after(delivery.attempts + 1, delivery.id) {
                Some(pause) => DeliveryEnd::Again {
                    error,
                    next: now.after(pause),
                },
                None => DeliveryEnd::Dead { error },
            },
        };
        let result = match &end {
            DeliveryEnd::Delivered => "delivered",
            DeliveryEnd::Again { .. } => "failed",
            DeliveryEnd::Dead { .. } => "dead",
        };
        metrics::counter!(WEBHOOK_DELIVERIES_TOTAL, "result" => result).increment(1);
        self.store.end_attempt(&delivery, &end, status, now).await?;
        let failing = webhook.failing_since.filter(|_| end != DeliveryEnd::Delivered);
        let note = if status == Some(GONE) {
            Some("the endpoint answered 410 Gone".to_owned())
        } else {
            failing
                .filter(|since| now.0 - since.0 >= GIVE_UP_AFTER_MS)
                .map(|since| format!("every delivery since {} failed", since.zulu()))
        };
        if let Some(note) = note {
            tracing::warn!(webhook = webhook.id, note, "a webhook was switched off");
            self.store.give_up_webhook(&webhook.id, &note).await?;
        }
        Ok(())
    }

    /// Calls an endpoint: the status of its answer, or what went wrong, in words that say nothing of the network here.
    async fn call(&self, webhook: &Webhook, delivery: &Delivery) -> Result<Result<i64, String>> {
        let url = match self.publishing.guard.parse(&webhook.url) {
            Ok(url) => url,
            Err(words) => return Ok(Err(format!("the address {words}"))),
        };
        let data = delivery.data.as_object().cloned().unwrap_or_default();
        let data = self.told(data, delivery.message_id.as_ref()).await?;
        let body = json!({"type": delivery.kind, "timestamp": delivery.at.zulu(), "data": data}).to_string();
        let now = self.clock.now();
        let request = self
            .publishing
            .http()
            .map_err(Error::Internal)?
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", &delivery.event_id)
            .header("webhook-timestamp", now.seconds())
            .header(
                "webhook-signature",
                sign(&webhook.secret, &delivery.event_id, now, &body),
            )
            .body(body);
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!(webhook = webhook.id, %error, "a webhook could not be called");
                return Ok(Err(words(&error).to_owned()));
            }
        };
        let mut read = 0;
        while let Ok(Some(part)) = answer.chunk().await {
            read += part.len();
            if read > ANSWER {
                break;
            }
        }
        Ok(Ok(i64::from(answer.status().as_u16())))
    }

    /// What a test sends.
    pub(in crate::core) fn test_ping(&self, webhook: &str, id: String) -> NewDelivery {
        NewDelivery {
            position: None,
            event_id: id,
            kind: EventType::TestPing,
            at: self.clock.now(),
            data: json!({ "webhookId": webhook }).to_string(),
            message_id: None,
        }
    }
}

/// Why an endpoint could not be called.
fn words(error: &reqwest::Error) -> &'static str {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<Private>() {
            return "the host is on a private address";
        }
        cause = error.source();
    }
    if error.is_timeout() {
        "no answer in 15 s"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contract R67: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h, with jitter.
    #[test]
    fn r67_pauses_are_those_of_the_contract_and_a_little_longer() {
        let wanted = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
        for (attempt, seconds) in (1..).zip(wanted) {
            let of = |delivery| pause_after(attempt, delivery).unwrap().as_millis() as i64;
            let pauses: Vec<i64> = (0..100).map(of).collect();
            let (least, most) = (seconds * 1_000, seconds * 1_100);
            assert!(
                pauses.iter().all(|pause| (least..=most).contains(pause)),
                "{attempt}: {pauses:?}"
            );
            assert!(
                pauses.iter().any(|pause| *pause != pauses[0]),
                "{attempt}: no jitter"
            );
            assert_eq!(of(7), of(7));
        }
        assert_eq!(pause_after(8, 1), None);
    }
}
