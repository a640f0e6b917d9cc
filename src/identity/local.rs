//! Tokens of our own, signed with `SECRET_KEY` (contract R5): people without a hub, and tickets for streams.

use std::time::Duration;

use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;

use super::verifier::Claims;
use crate::types::{Organisation, Source, TenantId, Timestamp, random_token};

/// Our `iss`.
pub const ISSUER: &str = "messenger-service";

/// How long a ticket opens a stream (contract R23) or logs a client in (R71).
pub const TICKET_LIFETIME: Duration = Duration::from_mins(1);

/// The `purpose` of a ticket that opens a stream.
pub(super) const STREAM: &str = "stream";

/// The `purpose` of a ticket that logs an external Matrix client in (contract R71).
pub(super) const LOGIN: &str = "login";

/// Whom a token is for.
#[derive(Debug, Clone, Copy)]
pub struct PersonSpec<'a> {
    /// The person's id.
    pub sub: &'a str,
    /// A role in the hub's words, see [`super::roles`].
    pub role: &'a str,
    /// `None`: the default tenant.
    pub tenant: Option<&'a TenantId>,
    /// `None`: the id serves as name.
    pub display_name: Option<&'a str>,
    /// From now.
    pub lifetime: Duration,
}

#[derive(Serialize)]
struct LocalClaims<'a> {
    iss: &'static str,
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<&'a str>,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    ticket: Option<TicketClaims<'a>>,
}

#[derive(Serialize)]
struct TicketClaims<'a> {
    purpose: &'static str,
    /// Where the person really comes from.
    source: &'static str,
    /// When the token ends with which the ticket was asked for, in milliseconds.
    session_exp: i64,
    /// Of a Clerk person: the home and where they act. All others would only make the ticket, which stands in an
    /// address, longer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    organisations: Vec<&'a Organisation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acting: Option<&'a str>,
}

/// A token for operation without a hub, printed by `messenger-service token`.
pub fn sign_person(secret: &str, person: &PersonSpec<'_>, now: Timestamp) -> String {
    let claims = LocalClaims {
        iss: ISSUER,
        sub: person.sub,
        role: Some(person.role),
        tenant_id: person.tenant.map(TenantId::to_json),
        display_name: person.display_name,
        given_name: None,
        family_name: None,
        email: None,
        picture: None,
        iat: now.seconds(),
        exp: now.after(person.lifetime).seconds(),
        jti: random_token(),
        ticket: None,
    };
    encode(secret, &claims)
}

/// A ticket that opens one stream for the person of these claims, and when it ends (contract R23). It carries all that
/// the person's own token said, and the time that token ends, because the stream ends then. That a ticket counts
/// only once is up to whoever takes it, by its `jti`.
pub fn sign_ticket(secret: &str, person: &Claims, now: Timestamp) -> (String, Timestamp) {
    sign(secret, person, STREAM, now)
}

/// A token that logs one external Matrix client of this person in, and when it ends (contract R71).
pub fn sign_login(secret: &str, person: &Claims, now: Timestamp) -> (String, Timestamp) {
    sign(secret, person, LOGIN, now)
}

fn sign(secret: &str, person: &Claims, purpose: &'static str, now: Timestamp) -> (String, Timestamp) {
    let expires_at = Timestamp(now.after(TICKET_LIFETIME).seconds() * 1000);
    let needed = |tenant: &TenantId| *tenant == person.tenant || Some(tenant) == person.acting.as_ref();
    let claims = LocalClaims {
        iss: ISSUER,
        sub: person.person_id.as_str(),
        role: person.hub_role.as_deref(),
        // As a string: the tenant must come back exactly as it was.
        tenant_id: Some(person.tenant.as_str().into()),
        display_name: Some(&person.display_name),
        given_name: person.given_name.as_deref(),
        family_name: person.family_name.as_deref(),
        email: person.email.as_deref(),
        picture: person.avatar_url.as_deref(),
        iat: now.seconds(),
        exp: expires_at.seconds(),
        jti: random_token(),
        ticket: Some(TicketClaims {
            purpose,
            source: person.source.as_str(),
            session_exp: person.expires_at.0,
            organisations: person
                .organisations
                .iter()
                .filter(|organisation| person.source == Source::Clerk && needed(&organisation.tenant))
                .collect(),
            acting: person.acting.as_ref().map(TenantId::as_str),
        }),
    };
    (encode(secret, &claims), expires_at)
}

/// HS256, which is [`Header`]'s default.
pub(super) fn encode(secret: &str, claims: &impl Serialize) -> String {
    jsonwebtoken::encode(
        &Header::default(),
        claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .expect("an HMAC takes a key of any length, and plain fields always become JSON")
}
