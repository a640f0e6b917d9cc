//! What handlers take out of a request: who is asking, and typed input. Everything wrong ends in [`Problem`].

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Deserializer};

use super::AppState;
use super::error::{Problem, readable};
use super::ratelimit::{Notes, client, count, refused};
use crate::core::admin::By;
use crate::error::{Error, Result};
use crate::identity::{Principal, ServicePrincipal};
use crate::limit::Key;
use crate::types::{EventId, PersonId, RoomId, TenantId};

/// The largest JSON body, in bytes.
pub const MAX_JSON: usize = 1024 * 1024;
/// How long a JSON body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Where satellites show their token (contract A019).
pub const SERVICE_TOKEN: HeaderName = HeaderName::from_static("x-service-token");
/// Where a caller names the tenant they act in (contract R18).
pub const TENANT: HeaderName = HeaderName::from_static("x-tenant-id");

const NO_TOKEN: Error = Error::Unauthenticated("a token is needed: Authorization: Bearer <token>");
const NO_SERVICE_TOKEN: Error = Error::Unauthenticated("a service token is needed: X-Service-Token: <token>");

/// A person who is signed in with `Authorization: Bearer`, counted against their rate limit.
pub struct User(pub Principal);

/// A [`User`] with the role `admin` (contract A093).
pub struct Admin(pub Principal);

/// An [`Admin`] who is about to change something, with where they are: what the audit log wants to know.
pub struct Acting(pub By);

/// Whoever looks at what is open: an admin; in development also a request without a token from the machine itself (contract
/// R3).
pub struct Watcher(Option<Principal>);

impl Watcher {
    /// The tenant whose part they see; `None` for all.
    pub fn tenant(&self) -> Option<&TenantId> {
        let restricted = self.0.as_ref().filter(|principal| !principal.super_admin);
        restricted.map(|principal| &principal.tenant)
    }
}

/// A satellite with its service token, counted against that token's rate limit.
pub struct Service(pub ServicePrincipal);

/// A person at a stream: a token or a ticket in `?token=`, or the header (contract A021, R23). Not counted.
pub struct StreamUser(pub Principal);

/// A person who polls: a [`StreamUser`] who is counted.
pub struct PollUser(pub Principal);

/// Whoever runs the service: a service token in either header, or an admin's token.
pub struct Operator;

impl FromRequestParts<AppState> for User {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let principal = match bearer(&parts.headers) {
            Some(token) => {
                signed_in(
                    parts,
                    state,
                    state.core.sign_in(token, tenant(parts).as_deref()).await,
                )
                .await?
            }
            None => return Err(refused(parts, state, NO_TOKEN).await),
        };
        count(parts, state, Key::Person(principal.person_id.clone())).await?;
        Ok(Self(principal))
    }
}

impl FromRequestParts<AppState> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let User(principal) = User::from_request_parts(parts, state).await?;
        if principal.is_admin() {
            Ok(Self(principal))
        } else {
            Err(Error::Forbidden("admins only").into())
        }
    }
}

impl FromRequestParts<AppState> for Watcher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let names_nobody = !parts.headers.contains_key(AUTHORIZATION)
            // Passed on by a proxy on this machine, it is from elsewhere.
            && !parts.headers.contains_key("x-forwarded-for");
        if names_nobody && !state.core.config.is_production() && client(parts, state).is_loopback() {
            return Ok(Self(None));
        }
        let Admin(principal) = Admin::from_request_parts(parts, state).await?;
        Ok(Self(Some(principal)))
    }
}

impl FromRequestParts<AppState> for Acting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Admin(principal) = Admin::from_request_parts(parts, state).await?;
        let ip = client(parts, state).to_string();
        Ok(Self(By { principal, ip }))
    }
}

impl FromRequestParts<AppState> for Service {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let service = match text(&parts.headers, &SERVICE_TOKEN) {
            Some(token) => state.core.service(token).await,
            None => Err(NO_SERVICE_TOKEN),
        };
        match service {
            Ok(service) => {
                note(parts, || format!("service:{}", service.token_id));
                count(parts, state, Key::Service(service.token_id.clone())).await?;
                Ok(Self(service))
            }
            Err(error) => Err(refused(parts, state, error).await),
        }
    }
}

impl FromRequestParts<AppState> for StreamUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let in_query = query_value(parts, "token");
        let Some(token) = in_query.as_deref().or_else(|| bearer(&parts.headers)) else {
            return Err(refused(parts, state, NO_TOKEN).await);
        };
        signed_in(
            parts,
            state,
            state.core.sign_in_stream(token, tenant(parts).as_deref()).await,
        )
        .await
        .map(Self)
    }
}

impl FromRequestParts<AppState> for PollUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let StreamUser(principal) = StreamUser::from_request_parts(parts, state).await?;
        count(parts, state, Key::Person(principal.person_id.clone())).await?;
        Ok(Self(principal))
    }
}

impl FromRequestParts<AppState> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = text(&parts.headers, &SERVICE_TOKEN).or_else(|| bearer(&parts.headers));
        let Some(token) = token else {
            return Err(refused(parts, state, NO_SERVICE_TOKEN).await);
        };
        match state.core.service(token).await {
            Ok(service) => {
                note(parts, || format!("service:{}", service.token_id));
                return Ok(Self);
            }
            // No service token: perhaps a person's.
            Err(Error::Unauthenticated(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let principal = signed_in(
            parts,
            state,
            state.core.sign_in(token, tenant(parts).as_deref()).await,
        )
        .await?;
        if principal.is_admin() {
            Ok(Self)
        } else {
            Err(Error::Forbidden("admins and services only").into())
        }
    }
}

/// Notes who it is; counts a failure for its address.
pub(super) async fn signed_in(
    parts: &Parts,
    state: &AppState,
    result: Result<Principal>,
) -> Result<Principal, Problem> {
    match result {
        Ok(principal) => {
            note(parts, || principal.person_id.to_string());
            Ok(principal)
        }
        Err(error) => Err(refused(parts, state, error).await),
    }
}

/// The tenant the caller names. What is no text is no tenant of theirs either, and must not pass for none.
pub(super) fn tenant(parts: &Parts) -> Option<Cow<'_, str>> {
    Some(String::from_utf8_lossy(parts.headers.get(&TENANT)?.as_bytes()))
}

fn note(parts: &Parts, requester: impl FnOnce() -> String) {
    if let Some(notes) = Notes::of(parts) {
        notes.requester.get_or_init(requester);
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The token of `Authorization: Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, &AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// A parameter of the query, decoded.
fn query_value(parts: &Parts, name: &str) -> Option<String> {
    let query = parts.uri.query()?;
    url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

/// A JSON object of at most [`MAX_JSON`] bytes. Fields that nobody knows are ignored. The type of content is not
/// insisted on, except that a form is no JSON.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        let content_type = text(request.headers(), &CONTENT_TYPE).unwrap_or_default();
        if content_type.starts_with("multipart/")
            || content_type.starts_with("application/x-www-form-urlencoded")
        {
            return Err(Error::invalid("request", "the body must be JSON, not a form").into());
        }
        let bytes = body(request.into_body()).await?;
        Ok(Self(parse_json(&bytes)?))
    }
}

/// A [`Json`] that may be left out: without a body it is the default.
#[derive(Debug)]
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default> FromRequest<AppState> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        let bytes = body(request.into_body()).await?;
        if bytes.trim_ascii().is_empty() {
            return Ok(Self(T::default()));
        }
        Ok(Self(parse_json(&bytes)?))
    }
}

async fn body(body: Body) -> Result<bytes::Bytes> {
    let reading = axum::body::to_bytes(body, MAX_JSON);
    let read = tokio::time::timeout(BODY_TIMEOUT, reading).await.map_err(|_| {
        Error::invalid(
            "request",
            format!("the body took longer than {} s", BODY_TIMEOUT.as_secs()),
        )
    })?;
    read.map_err(|error| {
        let source: Option<&LengthLimitError> =
            std::error::Error::source(&error).and_then(|e| e.downcast_ref());
        if source.is_some() {
            Error::TooLarge {
                limit: MAX_JSON as u64,
            }
        } else {
            Error::invalid("request", "the body broke off")
        }
    })
}

/// Reads a JSON object; the error names the field by its path (`invite_users[1]`), or `request` for the whole.
pub(super) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let wrong = |message: String| Error::invalid("request", message);
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("the body is not UTF-8".into()))?;
    match text.trim_start().chars().next() {
        None => return Err(wrong("the body is empty; a JSON object is expected".into())),
        // An array would pass for an object's values in their order.
        Some('[') => return Err(wrong("the body must be a JSON object, not an array".into())),
        Some(_) => {}
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.inner();
        if inner.is_data() {
            return field_error(&path, &inner.to_string());
        }
        // A number where a word of a list is expected is called a syntax error, too.
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(_) => field_error(&path, "is of the wrong type"),
            Err(_) => wrong(format!("the body is not valid JSON: {inner}")),
        }
    })?;
    json.end()
        .map_err(|error| wrong(format!("the body is not valid JSON: {error}")))?;
    Ok(value)
}

/// A serde error at a path. A missing field is reported at its parent, by name.
fn field_error(path: &str, message: &str) -> Error {
    let message = readable(message);
    let parent = if path == "." { "" } else { path };
    let missing = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.strip_suffix('`'));
    match missing {
        Some(name) if parent.is_empty() => Error::invalid(name, "is required"),
        Some(name) => Error::invalid(format!("{parent}.{name}"), "is required"),
        None if parent.is_empty() => Error::invalid("request", message),
        None => Error::invalid(parent, message),
    }
}

/// The query's parameters. Unknown ones are ignored.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let parsed = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        parsed
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| {
                // "<what failed>: <parameter>: <what is wrong>", or without the parameter when one is missing.
                let text = rejection.body_text();
                let told = text.split_once(": ").map_or(text.as_str(), |(_, rest)| rest);
                let (parameter, message) = told.split_once(": ").unwrap_or((".", told));
                Problem(field_error(parameter, message))
            })
    }
}

/// A number in the query; an empty one is none.
pub(super) fn number<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr,
{
    let text = String::deserialize(deserializer)?;
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| serde::de::Error::custom("must be a whole number")),
    }
}

/// How many a page holds: at least 1, `default` when not said; more than `max` is `max`.
pub(super) fn limit(asked: Option<i64>, default: i64, max: i64) -> Result<i64> {
    match asked {
        None => Ok(default),
        Some(count) if count < 1 => Err(Error::invalid("limit", "must be at least 1")),
        Some(count) => Ok(count.min(max)),
    }
}

/// How many a page holds, as dialect B has it: 1 to `max`, `default` when not said (contract B030).
pub(super) fn limit_within(asked: Option<i64>, default: i64, max: i64) -> Result<i64> {
    match asked {
        None => Ok(default),
        Some(count) if (1..=max).contains(&count) => Ok(count),
        Some(_) => Err(Error::invalid("limit", format!("must be 1 to {max}"))),
    }
}

/// The path's parameters, decoded. What does not parse cannot exist: 404.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let parsed = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        parsed
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Error::NotFound("path").into())
    }
}

/// A room's id from outside.
pub(super) fn room_id(text: &str) -> Result<RoomId> {
    RoomId::parse(text).ok_or(Error::NotFound("room"))
}

/// A message's id from outside.
pub(super) fn event_id(text: &str) -> Result<EventId> {
    EventId::parse(text).ok_or(Error::NotFound("message"))
}

/// A person's id from outside.
pub(super) fn person_id(text: &str) -> Result<PersonId> {
    PersonId::parse(text).ok_or(Error::NotFound("person"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Input {
        title: String,
        #[serde(default)]
        people: Option<Vec<String>>,
    }

    fn refused(bytes: &[u8]) -> (String, String) {
        match parse_json::<Input>(bytes) {
            Err(Error::Invalid { field, message }) => (field, message),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn r40_wrong_json_names_the_field() {
        assert_eq!(refused(b"{}"), ("title".into(), "is required".into()));
        assert_eq!(refused(br#"{"title":7}"#).0, "title");
        assert_eq!(
            refused(br#"{"title":null}"#),
            ("title".into(), "invalid type: null, expected a string".into())
        );
        assert_eq!(refused(br#"{"title":"x","people":["a",7]}"#).0, "people[1]");
        for bytes in [
            &b""[..],
            b"  ",
            b"null",
            b"7",
            b"[\"x\"]",
            b"{",
            b"{\"title\":\"x\"} more",
            b"\xff\xfe",
            br#"{"title":"\ud800"}"#,
            b"{\"title\":\"a\nb\"}",
        ] {
            assert_eq!(refused(bytes).0, "request", "{}", String::from_utf8_lossy(bytes));
        }
        let deep = format!("{{\"title\":\"x\",\"people\":{}", "[".repeat(100_000));
        refused(deep.as_bytes());
    }

    #[test]
    fn a032_null_is_absent_and_unknown_fields_are_ignored() {
        let input: Input = parse_json(br#" {"title":"x","people":null,"new":{"a":[1]}} "#).unwrap();
        assert_eq!((input.title.as_str(), input.people), ("x", None));
    }

    #[test]
    fn a_limit_is_at_least_one_and_capped() {
        assert_eq!(limit(None, 50, 100).unwrap(), 50);
        assert_eq!(limit(Some(7), 50, 100).unwrap(), 7);
        assert_eq!(limit(Some(1000), 50, 100).unwrap(), 100);
        assert!(limit(Some(0), 50, 100).is_err());
        assert_eq!(limit_within(None, 50, 100).unwrap(), 50);
        assert_eq!(limit_within(Some(100), 50, 100).unwrap(), 100);
        assert!(limit_within(Some(101), 50, 100).is_err() && limit_within(Some(0), 50, 100).is_err());
    }

    #[test]
    fn tokens_are_found_in_header_and_cookie() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("bearer abc"));
        headers.append(COOKIE, HeaderValue::from_static("a=1; hub_token=x=y"));
        assert_eq!(bearer(&headers), Some("abc"));
        assert_eq!(cookie(&headers, "hub_token"), Some("x=y"));
        assert_eq!(cookie(&headers, "token"), None);
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Basic abc"));
        assert_eq!(bearer(&headers), None);
    }
}
