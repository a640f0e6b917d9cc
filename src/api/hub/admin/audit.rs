//! What admins did.

use axum::extract::State;
use serde::Deserialize;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, Time};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::super::AppState;
use super::super::super::error::Answer;
use super::super::super::extract::{self, Admin, Query};
use super::super::Page;
use super::list::{Format, List, number, shown};
use super::wire::Audit;
use crate::core::admin::AuditQuery;
use crate::error::{Error, Result};
use crate::store::AuditEntry;
use crate::types::Timestamp;

const DAY_MS: i64 = 86_400_000;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

const LIST: List<AuditEntry> = List {
    name: "audit",
    columns: &[
        "id",
        "at",
        "actor.hub_user_id",
        "actor.display_name",
        "action",
        "target_type",
        "target_id",
        "tenant_id",
        "details",
        "ip",
    ],
    cursor: |entry| entry.id.to_string(),
    show: |entry| shown(&Audit::of(entry).map_err(|error| Error::Internal(error.into()))?),
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListAudit {
    /// Only what the admin of this id did.
    #[serde(default)]
    actor: Option<String>,
    /// Only this: `user.deactivate`, for instance.
    #[serde(default)]
    action: Option<String>,
    /// Only what was done to the thing of this id.
    #[serde(default)]
    target: Option<String>,
    /// Only from this time on: `2026-01-31T12:00:00Z`, or the beginning of a day, UTC: `2026-01-31`.
    #[serde(default)]
    since: Option<String>,
    /// Only before this time, or until the end of a day.
    #[serde(default)]
    until: Option<String>,
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Every change that admins made, newest first.
#[utoipa::path(
    get, path = "/admin/audit", tag = "admin",
    params(ListAudit, ("format" = Option<String>, Query, description = "`csv` for all rows as CSV, as `Accept: text/csv`")),
    responses((status = 200, description = "Changes", content(
        (inline(Page<Audit>) = "application/json"), (String = "text/csv"),
    ))),
)]
async fn list_audit(
    State(app): State<AppState>,
    Admin(principal): Admin,
    format: Format,
    Query(query): Query<ListAudit>,
) -> Answer {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let wanted = AuditQuery {
        actor: given(query.actor),
        action: given(query.action),
        target: given(query.target),
        since: point("since", given(query.since).as_deref(), 0)?,
        until: point("until", given(query.until).as_deref(), DAY_MS)?,
    };
    let read = move |cursor: Option<String>, limit| {
        let (app, principal, wanted) = (app.clone(), principal.clone(), wanted.clone());
        async move {
            let before = number(cursor.as_deref())?.unwrap_or(i64::MAX);
            app.core.admin_audit(&principal, &wanted, before, limit).await
        }
    };
    LIST.answer(format, query.cursor, query.limit, read).await
}

/// A point in time, or a day's beginning and so many milliseconds.
pub(super) fn point(field: &str, text: Option<&str>, of_day: i64) -> Result<Option<Timestamp>> {
    let Some(text) = text else { return Ok(None) };
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map(|day| (day.with_time(Time::MIDNIGHT).assume_utc(), of_day));
    let (at, plus) = day
        .or_else(|_| OffsetDateTime::parse(text, &Rfc3339).map(|at| (at, 0)))
        .map_err(|_| Error::invalid(field, "must be a time such as 2026-01-31T12:00:00Z, or a day"))?;
    let ms = i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
    Ok(Some(Timestamp(ms).plus(plus)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_when_the_next_begins() {
        let at = |text, of_day| point("since", Some(text), of_day).unwrap().unwrap().zulu();
        assert_eq!(at("2026-01-31", 0), "2026-01-31T00:00:00.000Z");
        assert_eq!(at("2026-01-31", DAY_MS), "2026-02-01T00:00:00.000Z");
        assert_eq!(
            at("2026-01-31T12:00:00.5+01:00", DAY_MS),
            "2026-01-31T11:00:00.500Z"
        );
        assert!(point("since", Some("yesterday"), 0).is_err());
        assert_eq!(point("since", None, 0).unwrap(), None);
    }
}
