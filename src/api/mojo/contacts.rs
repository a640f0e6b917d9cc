//! Contacts (contract B047 to B058, R14, R32, R61): requests, blocks, and whom one may write to.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::answer::{Success, json, page, success};
use super::super::error::Answer;
use super::super::extract::{self, Json, Path, Query, User, person_id};
use crate::core::contacts::CanMessage;
use crate::core::rules::Verdict;
use crate::error::Error;
use crate::store;
use crate::types::{PersonId, Timestamp};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(received_contact_requests, request_contact))
        .routes(routes!(sent_contact_requests))
        .routes(routes!(answer_contact_request))
        .routes(routes!(block_user))
        .routes(routes!(unblock_user))
        .routes(routes!(blocked_users))
        .routes(routes!(can_message))
}

/// How far a contact request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum RequestStatus {
    /// Waits for an answer.
    Pending,
    /// The two are contacts.
    Accepted,
    /// Turned down.
    Declined,
    /// Nobody answered for seven days.
    Expired,
    /// One of the two has blocked the other.
    Cancelled,
}

impl From<store::RequestStatus> for RequestStatus {
    fn from(status: store::RequestStatus) -> Self {
        match status {
            store::RequestStatus::Pending => Self::Pending,
            store::RequestStatus::Accepted => Self::Accepted,
            store::RequestStatus::Declined => Self::Declined,
            store::RequestStatus::Expired => Self::Expired,
            store::RequestStatus::Cancelled => Self::Cancelled,
        }
    }
}

impl From<RequestStatus> for store::RequestStatus {
    fn from(status: RequestStatus) -> Self {
        match status {
            RequestStatus::Pending => Self::Pending,
            RequestStatus::Accepted => Self::Accepted,
            RequestStatus::Declined => Self::Declined,
            RequestStatus::Expired => Self::Expired,
            RequestStatus::Cancelled => Self::Cancelled,
        }
    }
}

/// Somebody who asks, is asked, or is blocked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ContactUser<'a> {
    /// The person's id.
    id: &'a str,
    /// Shown name.
    name: &'a str,
    /// Picture.
    avatar_url: Option<&'a str>,
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AskingUser<'a> {
    /// The person's id.
    id: &'a str,
    /// Shown name.
    name: &'a str,
    /// E-mail, as their token told it; for the addressee of the request only.
    email: Option<&'a str>,
    /// Picture.
    avatar_url: Option<&'a str>,
}

/// A contact request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019c12345678a1b2c3d4e5f60718",
    "fromUserId": "user_2x",
    "toUserId": "user_3y",
    "ruleId": "cross-org-managers",
    "status": "PENDING",
    "message": "Hi, ich möchte Sie kontaktieren …",
    "createdAt": "2026-01-31T12:00:00.123Z",
    "expiresAt": "2026-02-07T12:00:00.123Z",
    "fromUser": {"id": "user_2x", "name": "Max Mustermann", "email": "max@example.com", "avatarUrl": null},
    "answeredAt": null,
    "toUser": {"id": "user_3y", "name": "Erika Musterfrau", "avatarUrl": null},
}))]
pub(super) struct ContactRequest<'a> {
    /// Its id.
    id: &'a str,
    /// Who asks.
    from_user_id: &'a str,
    /// Who is asked.
    to_user_id: &'a str,
    /// The rule that wants the request.
    rule_id: &'a str,
    /// How far it has come.
    status: RequestStatus,
    /// What the asking person says.
    message: &'a str,
    /// When it was made.
    created_at: String,
    /// When it ends by itself: after seven days.
    expires_at: String,
    /// Who asks.
    from_user: AskingUser<'a>,
    /// When it was answered, or ended by a block.
    answered_at: Option<String>,
    /// Who is asked.
    to_user: ContactUser<'a>,
}

impl<'a> ContactRequest<'a> {
    /// A request as one of its two sees it.
    fn new(request: &'a store::ContactRequest, me: &PersonId, now: Timestamp) -> Self {
        let (from, to) = (&request.from, &request.to);
        Self {
            id: &request.id,
            from_user_id: from.person_id.as_str(),
            to_user_id: to.person_id.as_str(),
            rule_id: &request.rule_id,
            status: request.status_at(now).into(),
            message: &request.message,
            created_at: request.created_at.zulu(),
            expires_at: request.expires_at.zulu(),
            from_user: AskingUser {
                id: from.person_id.as_str(),
                name: &from.name,
                email: from.email.as_deref().filter(|_| to.person_id == *me),
                avatar_url: from.avatar_url.as_deref(),
            },
            answered_at: request.answered_at.map(Timestamp::zulu),
            to_user: ContactUser {
                id: to.person_id.as_str(),
                name: &to.name,
                avatar_url: to.avatar_url.as_deref(),
            },
        }
    }
}

/// A contact request as an event tells it to one of its two: its name, and what comes with it.
pub(super) fn told(request: &store::ContactRequest, to: &PersonId) -> (&'static str, impl Serialize) {
    let name = match request.status {
        store::RequestStatus::Pending => "contact:request",
        _ => "contact:response",
    };
    // It has just been made or answered.
    let contact_request = ContactRequest::new(request, to, request.created_at);
    (name, ContactRequestAnswer { contact_request })
}

/// A page of contact requests.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ContactRequests<'a> {
    /// Newest first.
    requests: Vec<ContactRequest<'a>>,
    /// What to pass as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListRequests {
    /// Only those in this state: `PENDING`, `ACCEPTED`, `DECLINED`, `EXPIRED` or `CANCELLED`.
    #[serde(default)]
    #[param(inline)]
    status: Option<RequestStatus>,
    /// Where the list goes on: the former page's `nextCursor`.
    #[serde(default)]
    cursor: Option<String>,
    /// How many: 1 to 100, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

async fn requests(app: &AppState, principal: User, which: store::Requests, query: ListRequests) -> Answer {
    let User(principal) = principal;
    let limit = extract::limit(query.limit, 50, 100)?;
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    if cursor.is_some_and(|cursor| !is_request_id(cursor)) {
        return Err(Error::invalid("cursor", "must be a nextCursor of this list").into());
    }
    let status = query.status.map(Into::into);
    let mut found = app
        .core
        .contact_requests(&principal, which, status, cursor, limit + 1)
        .await?;
    let next_cursor = page(&mut found, limit, |request| request.id.clone());
    let now = app.core.clock.now();
    let requests = found
        .iter()
        .map(|request| ContactRequest::new(request, &principal.person_id, now))
        .collect();
    let answer = ContactRequests {
        requests,
        next_cursor,
    };
    Ok(json(StatusCode::OK, &answer)?)
}

fn is_request_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Contact requests that one got, newest first.
#[utoipa::path(
    get, path = "/contacts/requests", tag = "contacts", params(ListRequests),
    responses((status = 200, description = "The requests", body = ContactRequests)),
)]
async fn received_contact_requests(
    State(app): State<AppState>,
    user: User,
    Query(query): Query<ListRequests>,
) -> Answer {
    requests(&app, user, store::Requests::Received, query).await
}

/// Contact requests that one made, newest first.
#[utoipa::path(
    get, path = "/contacts/requests/sent", tag = "contacts", params(ListRequests),
    responses((status = 200, description = "The requests", body = ContactRequests)),
)]
async fn sent_contact_requests(
    State(app): State<AppState>,
    user: User,
    Query(query): Query<ListRequests>,
) -> Answer {
    requests(&app, user, store::Requests::Sent, query).await
}

/// A new contact request.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"toUserId": "user_3y", "message": "Hallo, ich würde Sie gerne kontaktieren."}))]
struct NewContactRequest {
    /// Whom to ask.
    to_user_id: String,
    /// What to say, up to 1,000 characters.
    message: Option<String>,
}

/// A contact request, in an envelope.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ContactRequestAnswer<'a> {
    /// The request.
    contact_request: ContactRequest<'a>,
}

/// Asks somebody for contact.
///
/// Only where a rule wants a request. 400 when none is required, or when one is pending between the two, whoever asked; 403
/// with `details.code` when no rule allows the two to write to each other (`denied`, also for unknown people), when one has
/// blocked the other (`blocked_by_you`, `blocked`), or when this person declined in the last seven days
/// (`declined_recently`). At most 50 requests in 24 hours: 429.
#[utoipa::path(
    post, path = "/contacts/requests", tag = "contacts",
    responses((status = 201, description = "The request", body = ContactRequestAnswer)),
)]
async fn request_contact(
    State(app): State<AppState>,
    User(principal): User,
    Json(new): Json<NewContactRequest>,
) -> Answer {
    // What no person can be called is as unknown as any other name.
    let to = PersonId::parse(&new.to_user_id).ok_or_else(|| Verdict::Denied { known: false }.error())?;
    let message = new.message.unwrap_or_default();
    let request = app.core.request_contact(&principal, &to, &message).await?;
    let now = app.core.clock.now();
    let answer = ContactRequestAnswer {
        contact_request: ContactRequest::new(&request, &principal.person_id, now),
    };
    Ok(json(StatusCode::CREATED, &answer)?)
}

/// What to say to a contact request.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Action {
    /// Yes: both may write to each other from now on.
    Accept,
    /// No.
    Decline,
}

/// The answer to a contact request.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"action": "accept"}))]
struct Respond {
    /// `accept` or `decline`.
    action: Action,
}

/// A contact request that was answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Responded<'a> {
    /// Always true.
    success: bool,
    /// The request.
    contact_request: ContactRequest<'a>,
}

/// Answers a contact request; only its addressee may. The same answer again changes nothing; another one, or one to a request
/// that has expired or ended, is 400.
#[utoipa::path(
    post, path = "/contacts/requests/{id}/respond", tag = "contacts",
    responses((status = 200, description = "The request", body = Responded)),
)]
async fn answer_contact_request(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(Respond { action }): Json<Respond>,
) -> Answer {
    if !is_request_id(&id) {
        return Err(Error::NotFound("contact request").into());
    }
    let accept = matches!(action, Action::Accept);
    let request = app.core.answer_contact_request(&principal, &id, accept).await?;
    let answer = Responded {
        success: true,
        contact_request: ContactRequest::new(&request, &principal.person_id, app.core.clock.now()),
    };
    Ok(json(StatusCode::OK, &answer)?)
}

/// Somebody to be blocked.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"userId": "user_3y", "reason": "spam"}))]
struct BlockUser {
    /// Whom.
    user_id: String,
    /// Why, for oneself only; up to 1,000 characters.
    reason: Option<String>,
}

/// Blocks somebody.
///
/// Direct messages stop both ways at once, at every door; requests between the two are cancelled. Matrix clients ignore the
/// person, too. Doing it again changes nothing but the reason.
#[utoipa::path(
    post, path = "/contacts/block", tag = "contacts",
    responses(
        (status = 201, description = "Blocked, also when they were before", body = Success),
        (status = 404, description = "Nobody whom the caller may know of", body = super::super::error::ErrorBody),
    ),
)]
async fn block_user(
    State(app): State<AppState>,
    User(principal): User,
    Json(block): Json<BlockUser>,
) -> Answer {
    let id = person_id(&block.user_id)?;
    app.core.block(&principal, &id, block.reason.as_deref()).await?;
    Ok(success(StatusCode::CREATED)?)
}

/// Takes a block back; there need not be one.
#[utoipa::path(
    delete, path = "/contacts/block/{user_id}", tag = "contacts",
    responses((status = 200, description = "Not blocked", body = Success)),
)]
async fn unblock_user(State(app): State<AppState>, User(principal): User, Path(id): Path<String>) -> Answer {
    if let Some(id) = PersonId::parse(&id) {
        app.core.unblock(&principal, &id).await?;
    }
    Ok(success(StatusCode::OK)?)
}

/// Somebody who is blocked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "userId": "user_3y",
    "reason": "spam",
    "createdAt": "2026-01-31T12:00:00.123Z",
    "user": {"id": "user_3y", "name": "Erika Musterfrau", "avatarUrl": null},
}))]
struct Blocked<'a> {
    /// Who.
    user_id: &'a str,
    /// Why, in one's own words.
    reason: Option<&'a str>,
    /// Since when.
    created_at: String,
    /// Who.
    user: ContactUser<'a>,
}

/// A page of those who are blocked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BlockedUsers<'a> {
    /// The last blocked first.
    blocked: Vec<Blocked<'a>>,
    /// What to pass as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListBlocked {
    /// Where the list goes on: the former page's `nextCursor`.
    #[serde(default)]
    cursor: Option<String>,
    /// How many: 1 to 100, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Whom one has blocked, the last first.
#[utoipa::path(
    get, path = "/contacts/blocked", tag = "contacts", params(ListBlocked),
    responses((status = 200, description = "The people", body = BlockedUsers)),
)]
async fn blocked_users(
    State(app): State<AppState>,
    User(principal): User,
    Query(query): Query<ListBlocked>,
) -> Answer {
    let limit = extract::limit(query.limit, 50, 100)?;
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let before = match cursor {
        None => None,
        Some(cursor) => {
            Some(place(cursor).ok_or_else(|| Error::invalid("cursor", "must be a nextCursor of this list"))?)
        }
    };
    let mut found = app.core.blocked(&principal, before, limit + 1).await?;
    let next_cursor = page(&mut found, limit, |block| {
        format!("{}.{}", block.created_at.0, block.person_id)
    });
    let blocked = found.iter().map(|block| Blocked {
        user_id: block.person_id.as_str(),
        reason: block.reason.as_deref(),
        created_at: block.created_at.zulu(),
        user: ContactUser {
            id: block.person_id.as_str(),
            name: &block.name,
            avatar_url: block.avatar_url.as_deref(),
        },
    });
    let answer = BlockedUsers {
        blocked: blocked.collect(),
        next_cursor,
    };
    Ok(json(StatusCode::OK, &answer)?)
}

/// Where a cursor stands: a time and an id.
fn place(cursor: &str) -> Option<(Timestamp, &str)> {
    let (at, id) = cursor.split_once('.')?;
    PersonId::parse(id)?;
    Some((Timestamp(at.parse().ok()?), id))
}

/// Whether one may write to somebody.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "canMessage": false,
    "requiresApproval": true,
    "reason": "Contact request required",
    "code": "approval_required",
}))]
struct CanMessageAnswer {
    /// Whether one may now.
    can_message: bool,
    /// Whether one may once a contact request is accepted.
    requires_approval: bool,
    /// Why, in English.
    reason: &'static str,
    /// Why, as a stable word: `allowed`, `contact`, `approval_required`, `denied`, `blocked_by_you`, `blocked`, `self` or
    /// `viewer`.
    code: &'static str,
}

/// Whether one may write to somebody, and why. Of people who do not exist it says the same as of those of a foreign
/// organisation to whom no rule leads.
#[utoipa::path(
    get, path = "/contacts/can-message/{user_id}", tag = "contacts",
    responses((status = 200, description = "The answer", body = CanMessageAnswer)),
)]
async fn can_message(State(app): State<AppState>, User(principal): User, Path(id): Path<String>) -> Answer {
    let id = PersonId::parse(&id);
    let CanMessage {
        allowed,
        requires_approval,
        reason,
        code,
    } = app.core.can_message(&principal, id.as_ref()).await?;
    let answer = CanMessageAnswer {
        can_message: allowed,
        requires_approval,
        reason,
        code,
    };
    Ok(json(StatusCode::OK, &answer)?)
}
