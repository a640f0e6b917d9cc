//! Webhooks: endpoints of other services, and what becomes of what they are told (contract R34, R67).

use serde_json::json;

use super::{By, scope};
use crate::core::published::signature::new_secret;
use crate::core::{Core, limits};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::{Delivery, Webhook, WebhookChange};
use crate::types::{DeliveryStatus, EventType, TenantId, Timestamp, random_token};

/// Webhooks of a tenant, and of all tenants together.
const MAX_WEBHOOKS: i64 = 50;

/// A webhook to be made.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// Where it is.
    pub url: String,
    /// What it is told.
    pub events: Vec<String>,
    /// What it is for.
    pub description: String,
    /// Whose events; a super admin who names none gets all tenants'.
    pub tenant: Option<TenantId>,
}

/// What an admin changes of a webhook; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct WebhookPatch {
    /// Where it is.
    pub url: Option<String>,
    /// What it is told.
    pub events: Option<Vec<String>>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is told at all.
    pub active: Option<bool>,
}

impl Core {
    /// Webhooks by id.
    pub async fn admin_webhooks(
        &self,
        principal: &Principal,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Webhook>> {
        let tenant = scope(principal)?;
        Ok(self.store.webhooks(tenant, after, limit).await?)
    }

    /// One webhook.
    pub async fn admin_webhook(&self, principal: &Principal, id: &str) -> Result<Webhook> {
        self.webhook_of(principal, id).await
    }

    /// Makes a webhook, which is told of what happens from now on. Its secret is shown this once.
    pub async fn admin_create_webhook(&self, by: &By, new: NewWebhook) -> Result<Webhook> {
        let scope = scope(&by.principal)?;
        if let (Some(scope), Some(tenant)) = (scope, &new.tenant)
            && scope != tenant
        {
            return Err(Error::Forbidden("you may make webhooks of your own tenant only"));
        }
        limits::optional("description", &new.description, limits::MAX_REASON)?;
        let events = event_types(&new.events)?;
        self.publishing.guard().check(&new.url).await?;
        let now = self.clock.now();
        let webhook = Webhook {
            // Ids sort by the time they were made.
            id: format!("{:013x}{}", now.0, &random_token()[..6]),
            tenant: new.tenant.or_else(|| scope.cloned()),
            url: new.url,
            events,
            description: new.description,
            secret: new_secret(),
            active: true,
            note: None,
            position: 0,
            created_by: by.principal.person_id.clone(),
            created_at: now,
            leased_by: None,
            leased_until: Timestamp(0),
            failing_since: None,
            queued: 0,
            delivered: 0,
            dead: 0,
            last_delivery_at: None,
            last_status: None,
            due_at: None,
        };
        let audit = by.did(
            now,
            "webhook.create",
            ("webhook", &webhook.id),
            webhook.tenant.as_ref(),
            json!({ "url": webhook.url, "events": webhook.events }),
        );
        if !self.store.add_webhook(&webhook, MAX_WEBHOOKS, &audit).await? {
            return Err(Error::Conflict(format!(
                "there are {MAX_WEBHOOKS} webhooks already, and that is the most"
            )));
        }
        self.publishing.changed.notify_one();
        Ok(webhook)
    }

    /// Changes a webhook. Switched on again, it goes on where it was, with what waits first.
    pub async fn admin_change_webhook(&self, by: &By, id: &str, patch: WebhookPatch) -> Result<Webhook> {
        let webhook = self.webhook_of(&by.principal, id).await?;
        if let Some(description) = &patch.description {
            limits::optional("description", description, limits::MAX_REASON)?;
        }
        let events = patch.events.as_deref().map(event_types).transpose()?;
        if let Some(url) = &patch.url {
            self.publishing.guard().check(url).await?;
        }
        let change = WebhookChange {
            url: patch.url.filter(|url| *url != webhook.url),
            events: events.filter(|events| *events != webhook.events),
            description: patch.description.filter(|text| *text != webhook.description),
            active: patch.active.filter(|active| *active != webhook.active),
        };
        let mut details = json!({});
        if let Some(url) = &change.url {
            details["url"] = json!(url);
        }
        if let Some(events) = &change.events {
            details["events"] = json!(events);
        }
        if let Some(description) = &change.description {
            details["description"] = json!(description);
        }
        if let Some(active) = change.active {
            details["active"] = json!(active);
        }
        if details == json!({}) {
            return Ok(webhook);
        }
        let now = self.clock.now();
        let target = ("webhook", id);
        let audit = by.did(now, "webhook.update", target, webhook.tenant.as_ref(), details);
        self.store.change_webhook(id, &change, &audit).await?;
        self.publishing.changed.notify_one();
        self.webhook_of(&by.principal, id).await
    }

    /// Removes a webhook and what waits for it.
    pub async fn admin_remove_webhook(&self, by: &By, id: &str) -> Result<()> {
        let webhook = self.webhook_of(&by.principal, id).await?;
        let details = json!({ "url": webhook.url });
        let now = self.clock.now();
        let target = ("webhook", id);
        let audit = by.did(now, "webhook.delete", target, webhook.tenant.as_ref(), details);
        self.store.remove_webhook(id, &audit).await?;
        Ok(())
    }

    /// What became of what a webhook is told, before an id, newest first.
    pub async fn admin_deliveries(
        &self,
        principal: &Principal,
        id: &str,
        status: Option<DeliveryStatus>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Delivery>> {
        self.webhook_of(principal, id).await?;
        let before = before.unwrap_or(i64::MAX);
        Ok(self.store.deliveries(id, status, before, limit).await?)
    }

    /// Makes a delivery that waits or was given up due at once.
    pub async fn admin_retry_delivery(&self, by: &By, id: &str, delivery: i64) -> Result<Delivery> {
        let webhook = self.webhook_of(&by.principal, id).await?;
        let found = self.store.delivery(delivery).await?;
        let found = found
            .filter(|found| found.webhook_id == id)
            .ok_or(Error::NotFound("delivery"))?;
        let details = json!({ "delivery": delivery, "event": found.kind, "status": found.status });
        let now = self.clock.now();
        let target = ("webhook", id);
        let audit = by.did(now, "webhook.retry", target, webhook.tenant.as_ref(), details);
        if !self.store.retry_delivery(&found, &audit).await? {
            return Err(Error::Conflict("it was delivered".into()));
        }
        self.publishing.changed.notify_one();
        let again = self.store.delivery(delivery).await?;
        again.ok_or(Error::NotFound("delivery"))
    }

    /// Sends a test to a webhook.
    pub async fn admin_test_webhook(&self, by: &By, id: &str) -> Result<Delivery> {
        let webhook = self.webhook_of(&by.principal, id).await?;
        if !webhook.active {
            return Err(Error::Conflict("the webhook is switched off".into()));
        }
        let ping = self.test_ping(id, format!("evt_{}", random_token()));
        let now = self.clock.now();
        let target = ("webhook", id);
        let audit = by.did(now, "webhook.test", target, webhook.tenant.as_ref(), json!({}));
        let delivery = self.store.add_test(id, ping, &audit).await?;
        self.publishing.changed.notify_one();
        let found = self.store.delivery(delivery).await?;
        found.ok_or(Error::NotFound("webhook"))
    }

    /// Delivers again what happened since a time, as far as the log has it; the position that is gone on from.
    pub async fn admin_replay_webhook(&self, by: &By, id: &str, since: Timestamp) -> Result<i64> {
        let webhook = self.webhook_of(&by.principal, id).await?;
        let position = self.store.position_before(since).await?.min(webhook.position);
        let details = json!({ "since": since.zulu(), "from_position": position });
        let now = self.clock.now();
        let target = ("webhook", id);
        let audit = by.did(now, "webhook.replay", target, webhook.tenant.as_ref(), details);
        self.store.replay_webhook(id, position, &audit).await?;
        self.publishing.changed.notify_one();
        Ok(position)
    }

    async fn webhook_of(&self, principal: &Principal, id: &str) -> Result<Webhook> {
        let scope = scope(principal)?;
        let found = self.store.webhook(id).await?;
        found
            .filter(|webhook| scope.is_none_or(|scope| webhook.tenant.as_ref() == Some(scope)))
            .ok_or(Error::NotFound("webhook"))
    }
}

/// What a webhook is told, each once and in the order of the documents.
fn event_types(words: &[String]) -> Result<Vec<EventType>> {
    let known = || EventType::PUBLISHED.map(EventType::as_str).join(", ");
    for (at, word) in words.iter().enumerate() {
        if !EventType::PUBLISHED.iter().any(|event| event.as_str() == word) {
            return Err(Error::invalid(
                format!("events[{at}]"),
                format!("must be one of {}", known()),
            ));
        }
    }
    if words.is_empty() {
        return Err(Error::invalid(
            "events",
            format!("must name at least one of {}", known()),
        ));
    }
    let named = EventType::PUBLISHED
        .into_iter()
        .filter(|event| words.iter().any(|word| event.as_str() == word));
    Ok(named.collect())
}
