//! People of the hub and their tokens.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::homeserver::SERVER_NAME;
use super::stack::{HUB_SECRET, LOCAL_SECRET};

/// A person with a token of the hub.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub token: String,
}

impl Person {
    /// The person's account at the homeserver (contract A069); for ids that need no escaping.
    pub fn matrix_id(&self) -> String {
        format!("@{}:{SERVER_NAME}", self.id)
    }
}

/// The time in seconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "tokens have to be valid at the time of the test"
)]
pub fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

/// What a hub token says (contract A012); valid for an hour.
pub fn claims(id: &str, role: &str, tenant: i64, name: &str) -> Value {
    json!({
        "sub": id,
        "role": role,
        "tenant_id": tenant,
        "display_name": name,
        "exp": now() + 3600,
        "iss": "aesystek-hub",
    })
}

/// The same token with one claim changed, or removed when the value is null.
pub fn with(mut claims: Value, name: &str, value: Value) -> Value {
    let object = claims.as_object_mut().expect("claims are an object");
    if value.is_null() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
    claims
}

/// A token of the hub with these claims.
pub fn hub_token(claims: &Value) -> String {
    signed(claims, Algorithm::HS256, HUB_SECRET)
}

/// A token of the service's own, for operation without a hub (contract A018).
pub fn local_token(claims: &Value) -> String {
    signed(
        &with(claims.clone(), "iss", json!("messenger-service")),
        Algorithm::HS256,
        LOCAL_SECRET,
    )
}

/// A token with these claims, signed like this.
pub fn signed(claims: &Value, algorithm: Algorithm, secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).expect("a token")
}

/// A token that says it needs no signature.
pub fn unsigned(claims: &Value) -> String {
    use base64::Engine as _;
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.",
        part(&json!({"alg": "none", "typ": "JWT"})),
        part(claims)
    )
}
