//! Broadcasts: contract B062, R37, R68.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::super::AppState;
use super::super::super::error::{Answer, ErrorBody};
use super::super::super::extract::{self, Acting, Admin, Json, Query};
use super::super::notifications::{TenantIdInput, idempotency_key};
use super::super::{Page, json};
use super::list::{Format, List, shown};
use super::wire;
use crate::core::admin::BroadcastRequest;
use crate::error::Result;
use crate::store::Broadcast;
use crate::types::TenantId;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_broadcasts, send_broadcast))
}

const LIST: List<Broadcast> = List {
    name: "broadcasts",
    columns: &[
        "id",
        "title",
        "body",
        "created_by",
        "created_by_name",
        "created_at",
        "rooms",
        "sent",
        "failed",
    ],
    cursor: |broadcast| broadcast.id.clone(),
    show: |broadcast| shown(&wire::Broadcast::from(broadcast)),
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListBroadcasts {
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Broadcasts and how far they have come, newest first. For super admins.
#[utoipa::path(
    get, path = "/admin/broadcasts", tag = "admin",
    params(ListBroadcasts, ("format" = Option<String>, Query, description = "`csv` for all rows as CSV, as `Accept: text/csv`")),
    responses((status = 200, description = "Broadcasts", content(
        (inline(Page<wire::Broadcast>) = "application/json"), (String = "text/csv"),
    ))),
)]
async fn list_broadcasts(
    State(app): State<AppState>,
    Admin(principal): Admin,
    format: Format,
    Query(query): Query<ListBroadcasts>,
) -> Answer {
    let read = move |before: Option<String>, limit| {
        let (app, principal) = (app.clone(), principal.clone());
        async move {
            app.core
                .admin_broadcasts(&principal, before.as_deref(), limit)
                .await
        }
    };
    LIST.answer(format, query.cursor, query.limit, read).await
}

/// A new broadcast.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "title": "Wartung am Sonntag",
    "body": "Von 8 bis 10 Uhr ist der Messenger nicht erreichbar.",
    "tenants": [1, "org_2x"],
}))]
struct SendBroadcast {
    /// Up to 200 characters.
    title: String,
    /// Up to 16,000 characters.
    body: String,
    /// The tenants it goes to, integers or strings; all that have people when it is left out.
    #[schema(value_type = Option<Vec<i64>>)]
    tenants: Option<Vec<TenantIdInput>>,
}

/// Broadcasts an announcement. For super admins.
///
/// It goes into the general room of every named tenant, from the service's own account, and is shown there as a
/// notification with the `source_app` `broadcast` and the `event_type` `announcement`. It is stored before it is answered,
/// and arrives in each room exactly once: soon, or when the homeserver is back.
#[utoipa::path(
    post, path = "/admin/broadcasts", tag = "admin",
    params(
        ("Idempotency-Key" = Option<String>, Header,
         description = "Up to 255 characters. The same key with the same body is the same broadcast."),
    ),
    responses(
        (status = 201, description = "Accepted", body = wire::SentBroadcast),
        (status = 409, description = "The key was used with another body", body = ErrorBody),
    ),
)]
async fn send_broadcast(
    State(app): State<AppState>,
    Acting(by): Acting,
    headers: HeaderMap,
    Json(new): Json<SendBroadcast>,
) -> Answer {
    let request = BroadcastRequest {
        title: new.title,
        body: new.body,
        tenants: new.tenants.map(tenants).transpose()?,
        idempotency_key: idempotency_key(&headers)?,
    };
    let sent = app.core.admin_broadcast(&by, request).await?;
    Ok(json(StatusCode::CREATED, &wire::SentBroadcast::from(&sent))?)
}

fn tenants(named: Vec<TenantIdInput>) -> Result<Vec<TenantId>> {
    let named = named.into_iter().enumerate();
    named
        .map(|(at, tenant)| tenant.tenant_in(&format!("tenants[{at}]")))
        .collect()
}
