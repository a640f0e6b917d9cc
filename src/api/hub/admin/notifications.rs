//! Notifications of all satellites: contract R21.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::super::AppState;
use super::super::super::error::{Answer, ErrorBody};
use super::super::super::extract::{self, Acting, Admin, Path, Query};
use super::super::{Page, json, wire};
use super::list::{Format, List, number, shown};
use crate::core::admin::NotificationQuery;
use crate::store::Notification;
use crate::types::{NotificationStatus, Priority, TargetType, TenantId};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(all_notifications))
        .routes(routes!(one_notification))
        .routes(routes!(retry_notification))
        .routes(routes!(cancel_notification))
}

const LIST: List<Notification> = List {
    name: "notifications",
    columns: &[
        "id",
        "source_app",
        "event_type",
        "title",
        "body",
        "priority",
        "status",
        "reason",
        "attempts",
        "target_type",
        "entity_type",
        "entity_key",
        "target_user",
        "tenant_id",
        "created_at",
        "sent_at",
        "matrix_room_id",
        "matrix_event_id",
    ],
    cursor: |notification| notification.id.to_string(),
    show: |notification| shown(&wire::Notification::from(notification)),
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AllNotifications {
    /// Only those whose title, text, event type or target contains this, in any case; of the newest 100,000 of all.
    #[serde(default)]
    q: Option<String>,
    /// Only those in this state.
    #[serde(default)]
    #[param(inline)]
    status: Option<NotificationStatus>,
    /// Only those of this application.
    #[serde(default)]
    source_app: Option<String>,
    /// Only those for this kind of target.
    #[serde(default)]
    #[param(inline)]
    target_type: Option<TargetType>,
    /// Only those as loud as this.
    #[serde(default)]
    #[param(inline)]
    priority: Option<Priority>,
    /// Only those of this tenant.
    #[serde(default)]
    tenant_id: Option<String>,
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default, alias = "before")]
    cursor: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Notifications of all satellites, newest first.
#[utoipa::path(
    get, path = "/admin/notifications", tag = "admin",
    params(AllNotifications, ("format" = Option<String>, Query, description = "`csv` for all rows as CSV, as `Accept: text/csv`")),
    responses((status = 200, description = "Notifications", content(
        (inline(Page<wire::Notification>) = "application/json"), (String = "text/csv"),
    ))),
)]
async fn all_notifications(
    State(app): State<AppState>,
    Admin(principal): Admin,
    format: Format,
    Query(query): Query<AllNotifications>,
) -> Answer {
    let wanted = NotificationQuery {
        q: query.q,
        status: query.status,
        source_app: query.source_app,
        target_type: query.target_type,
        priority: query.priority,
        tenant: query.tenant_id.map(TenantId::from),
    };
    let read = move |cursor: Option<String>, limit| {
        let (app, principal, wanted) = (app.clone(), principal.clone(), wanted.clone());
        async move {
            let before = number(cursor.as_deref())?;
            app.core
                .admin_notifications(&principal, &wanted, before, limit)
                .await
        }
    };
    LIST.answer(format, query.cursor, query.limit, read).await
}

/// One notification.
#[utoipa::path(
    get, path = "/admin/notifications/{id}", tag = "admin",
    responses((status = 200, description = "The notification", body = wire::Notification)),
)]
async fn one_notification(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Path(id): Path<i64>,
) -> Answer {
    let notification = app.core.admin_notification(&principal, id).await?;
    Ok(json(StatusCode::OK, &wire::Notification::from(&notification))?)
}

/// Delivers a notification now that waits or has failed.
#[utoipa::path(
    post, path = "/admin/notifications/{id}/retry", tag = "admin",
    responses(
        (status = 200, description = "The notification", body = wire::Notification),
        (status = 409, description = "It was sent or cancelled", body = ErrorBody),
    ),
)]
async fn retry_notification(State(app): State<AppState>, Acting(by): Acting, Path(id): Path<i64>) -> Answer {
    let notification = app.core.admin_retry_notification(&by, id).await?;
    Ok(json(StatusCode::OK, &wire::Notification::from(&notification))?)
}

/// Withdraws a notification that waits.
#[utoipa::path(
    post, path = "/admin/notifications/{id}/cancel", tag = "admin",
    responses(
        (status = 200, description = "The notification", body = wire::Notification),
        (status = 409, description = "It was sent, or is over", body = ErrorBody),
    ),
)]
async fn cancel_notification(State(app): State<AppState>, Acting(by): Acting, Path(id): Path<i64>) -> Answer {
    let notification = app.core.admin_cancel_notification(&by, id).await?;
    Ok(json(StatusCode::OK, &wire::Notification::from(&notification))?)
}
