//! Hub tokens (contract A012). The hub makes them; this service signs one only where the hub is not at hand.

use serde::Serialize;

use super::local::{PersonSpec, encode};
use crate::types::Timestamp;

/// The hub's `iss`.
pub const ISSUER: &str = "aesystek-hub";

#[derive(Serialize)]
struct HubClaims<'a> {
    sub: &'a str,
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    exp: i64,
    iss: &'static str,
}

/// A token like the hub's, for `messenger-service token --hub` and for tests.
pub fn sign(secret: &str, person: &PersonSpec<'_>, now: Timestamp) -> String {
    let claims = HubClaims {
        sub: person.sub,
        role: person.role,
        tenant_id: person.tenant.map(crate::types::TenantId::to_json),
        display_name: person.display_name,
        exp: now.after(person.lifetime).seconds(),
        iss: ISSUER,
    };
    encode(secret, &claims)
}
