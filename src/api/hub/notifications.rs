//! Notifications of satellites: contract A022 to A044, R17, R20 to R22.

use std::fmt;

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, Visitor};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::error::{Answer, ErrorBody};
use super::super::extract::{self, Json, Path, Query, Service};
use super::{Page, json, page, wire};
use crate::core::notifications::Request;
use crate::error::{Error, Result};
use crate::types::{NotificationStatus, PersonId, Priority, TargetType, TenantId};

/// The longest `Idempotency-Key`, in characters.
const MAX_IDEMPOTENCY_KEY: usize = 255;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(send_notification))
        .routes(routes!(list_notifications))
        .routes(routes!(get_notification))
}

/// A notification.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "source_app": "fertigungs-app",
    "event_type": "notification",
    "title": "Maschine gestoppt",
    "body": "Maschine CNC-01 hat einen Fehler gemeldet.",
    "target_type": "general",
    "entity_type": null,
    "entity_id": null,
    "target_user": null,
    "priority": "normal",
}))]
struct SendNotification {
    /// The sending application, up to 128 characters.
    source_app: String,
    /// Free text, up to 128 characters: `notification`, `entity_event`, `dm_notification`, …
    event_type: String,
    /// Up to 200 characters.
    title: String,
    /// Up to 16,000 characters.
    body: Option<String>,
    /// Where it goes; `general` by default.
    target_type: Option<TargetType>,
    /// For `entity_room`: `machine`, `project`, …
    entity_type: Option<String>,
    /// For `entity_room`: an integer, also as a string of digits.
    #[schema(value_type = Option<i64>)]
    entity_id: Option<EntityId>,
    /// For `entity_room`, instead of `entity_id`: an id that is no integer.
    entity_key: Option<String>,
    /// For `dm`: a person's id. They need not have been here yet.
    target_user: Option<String>,
    /// `normal` by default.
    priority: Option<Priority>,
    /// Whose it is, when the token is bound to no tenant: an integer or a string.
    #[schema(value_type = Option<i64>)]
    tenant_id: Option<TenantIdInput>,
}

/// An integer, or a string of digits (contract R20).
#[derive(Debug)]
struct EntityId(i64);

/// An integer or a string (contract R18).
#[derive(Debug)]
pub(super) struct TenantIdInput(String);

impl TenantIdInput {
    /// The tenant, when it can be one; the same rule as for people's ids.
    pub(super) fn tenant(self) -> Result<TenantId> {
        self.tenant_in("tenant_id")
    }

    /// The same of another field.
    pub(super) fn tenant_in(self, field: &str) -> Result<TenantId> {
        let id = PersonId::parse(&self.0).ok_or_else(|| Error::invalid(field, "is no tenant's id"))?;
        Ok(TenantId::from(id.as_str()))
    }
}

impl<'de> Deserialize<'de> for EntityId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(IntegerOrText("an integer"))?;
        text.trim()
            .parse()
            .map(Self)
            .map_err(|_| D::Error::custom("must be an integer; an id that is none goes into entity_key"))
    }
}

impl<'de> Deserialize<'de> for TenantIdInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(IntegerOrText("an integer or a string"))
            .map(Self)
    }
}

struct IntegerOrText(&'static str);

impl Visitor<'_> for IntegerOrText {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_i64<E>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_str<E>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }
}

impl SendNotification {
    fn into_request(self, idempotency_key: Option<String>) -> Result<Request> {
        let entity_key = match (self.entity_id, self.entity_key) {
            (Some(EntityId(id)), Some(key)) if id.to_string() != key => {
                return Err(Error::invalid(
                    "entity_key",
                    "contradicts entity_id; give one of them",
                ));
            }
            (Some(EntityId(id)), _) => Some(id.to_string()),
            (None, key) => key,
        };
        let target_user = self
            .target_user
            .map(|id| PersonId::parse(&id).ok_or_else(|| Error::invalid("target_user", "is no person's id")));
        Ok(Request {
            source_app: self.source_app,
            event_type: self.event_type,
            title: self.title,
            body: self.body,
            target_type: self.target_type.unwrap_or(TargetType::General),
            entity_type: self.entity_type,
            entity_key,
            target_user: target_user.transpose()?,
            priority: self.priority.unwrap_or(Priority::Normal),
            tenant: self.tenant_id.map(TenantIdInput::tenant).transpose()?,
            idempotency_key,
        })
    }
}

/// The header `Idempotency-Key` (contract R22).
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let wrong = || {
        Error::invalid(
            "Idempotency-Key",
            format!("must be 1 to {MAX_IDEMPOTENCY_KEY} ASCII characters"),
        )
    };
    let key = value.to_str().map_err(|_| wrong())?;
    if key.is_empty() || key.len() > MAX_IDEMPOTENCY_KEY {
        return Err(wrong());
    }
    Ok(Some(key.to_owned()))
}

/// Sends a notification.
///
/// It is stored before it is answered and delivered exactly once. When it is delivered within two seconds the answer is
/// 201 with `status: "sent"`; else 202 with `status: "queued"`, the Matrix ids null, and it is delivered later.
#[utoipa::path(
    post, path = "/notifications/send", tag = "notifications",
    params(
        ("Idempotency-Key" = Option<String>, Header,
         description = "Up to 255 characters. The same key with the same body is the same notification."),
    ),
    responses(
        (status = 201, description = "Delivered", body = wire::Notification),
        (status = 202, description = "Stored, to be delivered; `reason` may say what it waits for", body = wire::Notification),
        (status = 200, description = "A repeat of one that has failed or was cancelled", body = wire::Notification),
        (status = 409, description = "The key was used with another body", body = ErrorBody),
    ),
)]
async fn send_notification(
    State(app): State<AppState>,
    Service(service): Service,
    headers: HeaderMap,
    Json(new): Json<SendNotification>,
) -> Answer {
    let request = new.into_request(idempotency_key(&headers)?)?;
    let notification = app.core.notify(&service, request).await?;
    let status = match notification.status {
        NotificationStatus::Sent => StatusCode::CREATED,
        NotificationStatus::Queued => StatusCode::ACCEPTED,
        NotificationStatus::Failed | NotificationStatus::Cancelled => StatusCode::OK,
    };
    Ok(json(status, &wire::Notification::from(&notification))?)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListNotifications {
    /// Only those in this state.
    #[serde(default)]
    #[param(inline)]
    status: Option<NotificationStatus>,
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default, alias = "cursor", deserialize_with = "extract::number")]
    before: Option<i64>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// The notifications that came with this service token, newest first.
#[utoipa::path(
    get, path = "/notifications", tag = "notifications",
    params(ListNotifications),
    responses((status = 200, description = "Notifications", body = inline(Page<wire::Notification>))),
)]
async fn list_notifications(
    State(app): State<AppState>,
    Service(service): Service,
    Query(query): Query<ListNotifications>,
) -> Answer {
    let limit = extract::limit(query.limit, 50, 200)?;
    let mut found = app
        .core
        .notifications(&service, query.status, query.before, limit + 1)
        .await?;
    let next_cursor = page(&mut found, limit, |notification| notification.id.to_string());
    let items: Vec<_> = found.iter().map(wire::Notification::from).collect();
    Ok(json(StatusCode::OK, &Page { items, next_cursor })?)
}

/// A notification that came with this service token.
#[utoipa::path(
    get, path = "/notifications/{id}", tag = "notifications",
    responses((status = 200, description = "The notification", body = wire::Notification)),
)]
async fn get_notification(
    State(app): State<AppState>,
    Service(service): Service,
    Path(id): Path<i64>,
) -> Answer {
    let notification = app.core.notification(&service, id).await?;
    Ok(json(StatusCode::OK, &wire::Notification::from(&notification))?)
}

#[cfg(test)]
mod tests {
    use super::super::super::extract::parse_json;
    use super::*;

    fn request(json: &str) -> Result<Request> {
        let body = format!(r#"{{"source_app":"a","event_type":"e","title":"t",{json}}}"#);
        parse_json::<SendNotification>(body.as_bytes())?.into_request(None)
    }

    fn field(json: &str) -> String {
        match request(json) {
            Err(Error::Invalid { field, .. }) => field,
            Err(other) => panic!("{json}: {other}"),
            Ok(_) => panic!("{json} was accepted"),
        }
    }

    #[test]
    fn a027_a031_a032_defaults_and_nulls() {
        let request = request(
            r#""entity_type":null,"entity_id":null,"target_user":null,"priority":null,"target_type":null"#,
        );
        let request = request.unwrap();
        assert_eq!(
            (request.target_type, request.priority),
            (TargetType::General, Priority::Normal)
        );
        assert_eq!(
            (request.entity_key, request.target_user, request.tenant),
            (None, None, None)
        );
    }

    #[test]
    fn r18_r20_ids_may_be_numbers_or_strings() {
        let key = |json: &str| request(json).unwrap().entity_key;
        assert_eq!(key(r#""entity_id":42"#).as_deref(), Some("42"));
        assert_eq!(key(r#""entity_id":"42""#).as_deref(), Some("42"));
        assert_eq!(key(r#""entity_key":"CNC-01""#).as_deref(), Some("CNC-01"));
        assert_eq!(key(r#""entity_key":"42","entity_id":42"#).as_deref(), Some("42"));
        for wrong in [
            "4.5",
            "true",
            "[1]",
            "{}",
            "\"no number\"",
            "\"\"",
            "99999999999999999999",
        ] {
            assert_eq!(field(&format!(r#""entity_id":{wrong}"#)), "entity_id");
        }
        assert_eq!(field(r#""entity_key":"43","entity_id":42"#), "entity_key");
        for (json, tenant) in [("7", "7"), ("\"7\"", "7"), ("\"org_2x\"", "org_2x")] {
            let request = request(&format!(r#""tenant_id":{json}"#)).unwrap();
            assert_eq!(request.tenant, Some(TenantId::from(tenant)));
        }
        assert_eq!(field(r#""tenant_id":{"a":1}"#), "tenant_id");
    }

    #[test]
    fn a033_unknown_words_are_named() {
        assert_eq!(field(r#""target_type":"everybody""#), "target_type");
        assert_eq!(field(r#""target_type":7"#), "target_type");
        assert_eq!(field(r#""target_type":["dm"]"#), "target_type");
        assert_eq!(field(r#""target_type":{}"#), "target_type");
        assert_eq!(field(r#""priority":"low""#), "priority");
        assert_eq!(field(r#""target_user":"""#), "target_user");
    }

    #[test]
    fn r22_the_idempotency_key_is_short_ascii() {
        let with = |key: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                "idempotency-key",
                http::HeaderValue::from_bytes(key.as_bytes()).unwrap(),
            );
            idempotency_key(&headers)
        };
        assert_eq!(idempotency_key(&HeaderMap::new()).unwrap(), None);
        assert_eq!(with(&"k".repeat(255)).unwrap().map(|key| key.len()), Some(255));
        assert!(with(&"k".repeat(256)).is_err());
        assert!(with("").is_err());
        assert!(with("schlüssel").is_err());
    }
}
