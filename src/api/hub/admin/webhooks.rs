//! Webhooks: contract R34, R67. Admins see their tenant's, super admins all.

use axum::extract::State;
use axum::response::IntoResponse as _;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::super::AppState;
use super::super::super::error::{Answer, ErrorBody};
use super::super::super::extract::{self, Acting, Admin, Json, Path, Query};
use super::super::notifications::TenantIdInput;
use super::super::{Page, json, page};
use super::audit::point;
use super::list::number;
use crate::core::admin::{NewWebhook, WebhookPatch};
use crate::error::Error;
use crate::store;
use crate::types::{DeliveryStatus, EventType, TenantId, Timestamp};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_webhooks, create_webhook))
        .routes(routes!(read_webhook, update_webhook, delete_webhook))
        .routes(routes!(list_deliveries))
        .routes(routes!(retry_delivery))
        .routes(routes!(test_webhook))
        .routes(routes!(replay_webhook))
}

/// An endpoint of another service, and what it is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "019c0e8b5a7bQx3_aZ",
    "url": "https://crm.example.org/hooks/messenger",
    "events": ["message.sent", "message.read"],
    "description": "CRM",
    "active": true,
    "off_reason": null,
    "note": null,
    "tenant_id": 1,
    "created_by": "mueller",
    "created_at": "2026-01-31T12:00:00.000Z",
    "queued": 0,
    "delivered": 1204,
    "dead": 0,
    "last_delivery_at": "2026-01-31T12:34:56.789Z",
    "last_status": 200,
}))]
struct Webhook<'a> {
    /// Its id.
    id: &'a str,
    /// Where it is.
    url: &'a str,
    /// What it is told: `conversation.created`, `message.sent`, `message.read`.
    #[schema(value_type = Vec<String>)]
    events: &'a [EventType],
    /// What it is for.
    description: &'a str,
    /// Whether it is told at all.
    active: bool,
    /// Why the service switched it off; null when it is on, or an admin switched it off.
    off_reason: Option<&'a str>,
    /// What it missed, of one that is on: it was behind what the log keeps.
    note: Option<&'a str>,
    /// Whose events it is told of; null: of all tenants'.
    #[schema(value_type = Option<i64>)]
    tenant_id: Option<Value>,
    /// Who made it.
    created_by: &'a str,
    /// When.
    created_at: String,
    /// Deliveries that wait, up to 10,000; of more, the rest waits in the log.
    queued: i64,
    /// Deliveries that arrived, ever.
    delivered: i64,
    /// Deliveries that were given up and can be retried.
    dead: i64,
    /// When a delivery was last tried.
    last_delivery_at: Option<String>,
    /// The HTTP status of the last answer; null when there was none.
    last_status: Option<i64>,
    /// What deliveries are signed with (Standard Webhooks): only in the answer that makes the webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

impl<'a> From<&'a store::Webhook> for Webhook<'a> {
    fn from(webhook: &'a store::Webhook) -> Self {
        let note = webhook.note.as_deref();
        Self {
            id: &webhook.id,
            url: &webhook.url,
            events: &webhook.events,
            description: &webhook.description,
            active: webhook.active,
            off_reason: note.filter(|_| !webhook.active),
            note: note.filter(|_| webhook.active),
            tenant_id: webhook.tenant.as_ref().map(TenantId::to_json),
            created_by: webhook.created_by.as_str(),
            created_at: webhook.created_at.zulu(),
            queued: webhook.queued,
            delivered: webhook.delivered,
            dead: webhook.dead,
            last_delivery_at: webhook.last_delivery_at.map(Timestamp::zulu),
            last_status: webhook.last_status,
            secret: None,
        }
    }
}

/// An event on its way to a webhook. Of a message's text it tells the length only (contract R36).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery, example = json!({
    "id": 4711,
    "type": "message.sent",
    "status": "queued",
    "attempts": 1,
    "next_attempt_at": "2026-01-31T12:00:05.312Z",
    "response_status": 503,
    "error": "answered 503",
    "created_at": "2026-01-31T12:00:00.123Z",
    "delivered_at": null,
    "event": {
        "id": "evt_0f3c9a1b2d4e5f60718293a4b5c6d7e8",
        "type": "message.sent",
        "timestamp": "2026-01-31T12:00:00.100Z",
        "data": {
            "messageId": "$evt123",
            "conversationId": "!abc:hub.local",
            "senderId": "mueller",
            "contentLength": 12,
            "messageType": "text",
            "sentAt": "2026-01-31T12:00:00.100Z",
            "recipientIds": ["schmidt"],
        },
    },
}))]
struct Delivery<'a> {
    /// Its id.
    id: i64,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: EventType,
    /// `queued`, `delivered` or `dead`.
    status: DeliveryStatus,
    /// How often it was tried.
    attempts: i64,
    /// When it is tried next; null when it is over.
    next_attempt_at: Option<String>,
    /// The HTTP status of the last answer; null when there was none.
    response_status: Option<i64>,
    /// Why it failed the last time.
    error: Option<&'a str>,
    /// When it was accepted for delivery.
    created_at: String,
    /// When it arrived.
    delivered_at: Option<String>,
    /// What is sent, with the header `webhook-id` as `id` and `contentLength` in place of a message's text.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    event: Value,
}

impl<'a> From<&'a store::Delivery> for Delivery<'a> {
    fn from(delivery: &'a store::Delivery) -> Self {
        let waits = delivery.status == DeliveryStatus::Queued;
        Self {
            id: delivery.id,
            kind: delivery.kind,
            status: delivery.status,
            attempts: delivery.attempts,
            next_attempt_at: waits.then(|| delivery.next_attempt_at.zulu()),
            response_status: delivery.response_status,
            error: delivery.error.as_deref(),
            created_at: delivery.created_at.zulu(),
            delivered_at: delivery.delivered_at.map(Timestamp::zulu),
            event: value!({
                "id": delivery.event_id,
                "type": delivery.kind,
                "timestamp": delivery.at.zulu(),
                "data": delivery.data,
            }),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListWebhooks {
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Webhooks: a tenant's own, or all.
#[utoipa::path(
    get, path = "/admin/webhooks", tag = "admin", params(ListWebhooks),
    responses((status = 200, description = "Webhooks, without their secrets", body = inline(Page<Webhook>))),
)]
async fn list_webhooks(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Query(query): Query<ListWebhooks>,
) -> Answer {
    let limit = extract::limit(query.limit, 50, 200)?;
    let after = query.cursor.unwrap_or_default();
    let mut found = app.core.admin_webhooks(&principal, &after, limit + 1).await?;
    let next_cursor = page(&mut found, limit, |webhook| webhook.id.clone());
    let items: Vec<_> = found.iter().map(Webhook::from).collect();
    Ok(json(StatusCode::OK, &Page { items, next_cursor })?)
}

/// One webhook.
#[utoipa::path(
    get, path = "/admin/webhooks/{id}", tag = "admin",
    responses((status = 200, description = "The webhook, without its secret", body = Webhook)),
)]
async fn read_webhook(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Path(id): Path<String>,
) -> Answer {
    let webhook = app.core.admin_webhook(&principal, &id).await?;
    Ok(json(StatusCode::OK, &Webhook::from(&webhook))?)
}

/// A new webhook.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "url": "https://crm.example.org/hooks/messenger",
    "events": ["message.sent", "message.read"],
    "description": "CRM",
}))]
struct CreateWebhook {
    /// Where it is: `https://` or `http://`, up to 2,000 characters. In production not on a private address, unless
    /// `WEBHOOK_ALLOWED_HOSTS` names the host.
    url: String,
    /// What it is told: one or more of `conversation.created`, `message.sent`, `message.read`.
    events: Vec<String>,
    /// What it is for, up to 1,000 characters.
    #[serde(default)]
    description: String,
    /// Whose events: an integer or a string. Only super admins may leave it out and mean all tenants.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    tenant_id: Option<TenantIdInput>,
}

/// Makes a webhook, which is told of what happens from now on. The answer is the only place where its secret is shown.
#[utoipa::path(
    post, path = "/admin/webhooks", tag = "admin",
    responses(
        (status = 201, description = "The webhook with its secret", body = Webhook),
        (status = 409, description = "There are too many", body = ErrorBody),
    ),
)]
async fn create_webhook(
    State(app): State<AppState>,
    Acting(by): Acting,
    Json(new): Json<CreateWebhook>,
) -> Answer {
    let new = NewWebhook {
        url: new.url,
        events: new.events,
        description: new.description,
        tenant: new.tenant_id.map(TenantIdInput::tenant).transpose()?,
    };
    let made = app.core.admin_create_webhook(&by, new).await?;
    let shown = Webhook {
        secret: Some(made.secret.expose()),
        ..Webhook::from(&made)
    };
    Ok(json(StatusCode::CREATED, &shown)?)
}

/// What changes of a webhook; what is not given stays.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"active": true}))]
struct UpdateWebhook {
    /// Where it is.
    url: Option<String>,
    /// What it is told from now on.
    events: Option<Vec<String>>,
    /// What it is for.
    description: Option<String>,
    /// Whether it is told at all. Switched on again, it goes on where it stopped.
    active: Option<bool>,
}

/// Changes a webhook.
#[utoipa::path(
    patch, path = "/admin/webhooks/{id}", tag = "admin",
    responses((status = 200, description = "The webhook", body = Webhook)),
)]
async fn update_webhook(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path(id): Path<String>,
    Json(change): Json<UpdateWebhook>,
) -> Answer {
    let patch = WebhookPatch {
        url: change.url,
        events: change.events,
        description: change.description,
        active: change.active,
    };
    let changed = app.core.admin_change_webhook(&by, &id, patch).await?;
    Ok(json(StatusCode::OK, &Webhook::from(&changed))?)
}

/// Removes a webhook and what waits for it.
#[utoipa::path(
    delete, path = "/admin/webhooks/{id}", tag = "admin",
    responses((status = 204, description = "It is gone")),
)]
async fn delete_webhook(State(app): State<AppState>, Acting(by): Acting, Path(id): Path<String>) -> Answer {
    app.core.admin_remove_webhook(&by, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListDeliveries {
    /// Only those that are so far.
    #[serde(default)]
    #[param(inline)]
    status: Option<DeliveryStatus>,
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// What became of what a webhook is told, newest first. What is over is kept as long as the event log.
#[utoipa::path(
    get, path = "/admin/webhooks/{id}/deliveries", tag = "admin", params(ListDeliveries),
    responses((status = 200, description = "Deliveries", body = inline(Page<Delivery>))),
)]
async fn list_deliveries(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Path(id): Path<String>,
    Query(query): Query<ListDeliveries>,
) -> Answer {
    let limit = extract::limit(query.limit, 50, 200)?;
    let before = number(query.cursor.as_deref())?;
    let mut found = app
        .core
        .admin_deliveries(&principal, &id, query.status, before, limit + 1)
        .await?;
    let next_cursor = page(&mut found, limit, |delivery| delivery.id.to_string());
    let items: Vec<_> = found.iter().map(Delivery::from).collect();
    Ok(json(StatusCode::OK, &Page { items, next_cursor })?)
}

/// Delivers now what waits or was given up, with all its attempts before it.
#[utoipa::path(
    post, path = "/admin/webhooks/{id}/deliveries/{delivery_id}/retry", tag = "admin",
    responses(
        (status = 202, description = "It is due", body = Delivery),
        (status = 409, description = "It was delivered", body = ErrorBody),
    ),
)]
async fn retry_delivery(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path((id, delivery_id)): Path<(String, i64)>,
) -> Answer {
    let delivery = app.core.admin_retry_delivery(&by, &id, delivery_id).await?;
    Ok(json(StatusCode::ACCEPTED, &Delivery::from(&delivery))?)
}

/// Sends a `test.ping`, whatever the webhook is told otherwise.
#[utoipa::path(
    post, path = "/admin/webhooks/{id}/test", tag = "admin",
    responses(
        (status = 202, description = "It is due", body = Delivery),
        (status = 409, description = "The webhook is switched off", body = ErrorBody),
    ),
)]
async fn test_webhook(State(app): State<AppState>, Acting(by): Acting, Path(id): Path<String>) -> Answer {
    let delivery = app.core.admin_test_webhook(&by, &id).await?;
    Ok(json(StatusCode::ACCEPTED, &Delivery::from(&delivery))?)
}

/// From when on.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"since": "2026-01-31T12:00:00Z"}))]
struct ReplayWebhook {
    /// A time (`2026-01-31T12:00:00Z`) or a day (`2026-01-31`). What is older than the event log is passed over.
    since: String,
}

/// Where the log is read from.
#[derive(Serialize, ToSchema)]
struct Replayed {
    /// What comes after this position is delivered again.
    from_position: i64,
}

/// Delivers again what happened since a time, with the same ids.
#[utoipa::path(
    post, path = "/admin/webhooks/{id}/replay", tag = "admin",
    responses((status = 202, description = "It begins", body = Replayed)),
)]
async fn replay_webhook(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path(id): Path<String>,
    Json(input): Json<ReplayWebhook>,
) -> Answer {
    let since = point("since", Some(&input.since), 0)?;
    let since = since.ok_or_else(|| Error::invalid("since", "must not be empty"))?;
    let from_position = app.core.admin_replay_webhook(&by, &id, since).await?;
    Ok(json(StatusCode::ACCEPTED, &Replayed { from_position })?)
}
