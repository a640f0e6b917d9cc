//! Clerk's session tokens (contract R4, R49, R50): RS256, with keys from the issuer's JWKS.

use std::time::Duration;

use jsonwebtoken::{Algorithm, Header};
use serde_json::{Map, Value};

use super::jwks::Keys;
use super::roles::Rights;
use super::verifier::{Raw, decode, not_valid, tenant};
use super::{OrgRole, Organisation};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::types::Timestamp;

/// What the caller is told when Clerk signed them in, but wants something more of them first: choosing an organisation,
/// for instance. Clerk says itself that such a session is to be taken as none.
pub const PENDING: &str = "this session is not complete: finish signing in";

/// Clerk as the issuer of tokens.
pub(super) struct Clerk {
    /// `iss`.
    pub issuer: String,
    keys: Keys,
}

impl Clerk {
    /// Clerk of the settings; `None` when it is not on.
    pub fn of(config: &Config) -> anyhow::Result<Option<Self>> {
        let (Some(issuer), Some(url)) = (&config.clerk_issuer, &config.clerk_jwks_url) else {
            return Ok(None);
        };
        Ok(Some(Self {
            issuer: issuer.clone(),
            keys: Keys::new(url)?,
        }))
    }

    /// The claims behind a good signature.
    pub async fn decode(&self, token: &str, header: &Header, now: Timestamp) -> Result<Raw> {
        // Clerk signs OAuth access tokens for other programs with the same keys; those have another type.
        let other = |kind: &String| !kind.eq_ignore_ascii_case("JWT");
        if header.alg != Algorithm::RS256 || header.typ.as_ref().is_some_and(other) {
            return Err(not_valid());
        }
        let kid = header.kid.as_deref().ok_or_else(not_valid)?;
        let key = self.keys.key(kid, now).await?;
        let raw = decode(token, &key, Algorithm::RS256).ok_or_else(not_valid)?;
        if raw.says.get("sts").and_then(Value::as_str) == Some("pending") {
            return Err(Error::Unauthenticated(PENDING));
        }
        Ok(raw)
    }

    /// Whether the keys can be fetched; in words, when not.
    pub async fn check(&self, now: Timestamp) -> Result<(), String> {
        self.keys.check(now).await
    }
}

/// How long it took to fetch the keys of these settings, and how many there are; for `messenger-service doctor`.
/// `None` when Clerk is not on.
pub async fn probe(config: &Config) -> anyhow::Result<Option<(usize, Duration)>> {
    match Clerk::of(config)? {
        Some(clerk) => clerk.keys.probe().await.map(Some),
        None => Ok(None),
    }
}

/// The role word of a token: `metadata.role`, or `public_metadata.role`.
pub(super) fn role(says: &Map<String, Value>) -> Option<&str> {
    ["metadata", "public_metadata"]
        .iter()
        .find_map(|place| says.get(*place)?.get("role")?.as_str())
}

/// A Clerk person's rights (contract R49): by the hub's table; a person without a role, or with one that table does not
/// have, is a user. `client` and `therapist` are such roles (contract R15).
pub(super) fn rights(word: Option<&str>) -> Rights {
    match word {
        Some(word @ ("super_admin" | "admin" | "viewer" | "support")) => Rights::of_hub_role(Some(word)),
        _ => Rights::of_hub_role(Some("user")),
    }
}

/// The organisations a token names, the active one first, each once; and whether it names them all (contract R50). What
/// cannot be understood makes the token count for nothing, rather than put its person into the default tenant.
pub(super) fn organisations(says: &Map<String, Value>) -> Result<(Vec<Organisation>, bool)> {
    let mut named: Vec<Organisation> = Vec::new();
    let mut add = |id: &Value, word: Option<&Value>| -> Result<()> {
        let tenant = tenant(id)?;
        let role = org_role(word.and_then(Value::as_str));
        match named.iter_mut().find(|known| known.tenant == tenant) {
            Some(known) => known.role = known.role.max(role),
            None => named.push(Organisation { tenant, role }),
        }
        Ok(())
    };
    let present = |name: &str| says.get(name).filter(|value| !value.is_null());
    if let Some(id) = present("org_id") {
        add(id, says.get("org_role"))?;
    }
    if let Some(active) = present("o") {
        let active = active.as_object().ok_or_else(not_valid)?;
        if let Some(id) = active.get("id").filter(|id| !id.is_null()) {
            add(id, active.get("rol"))?;
        }
    }
    let mut lists_all = false;
    for list in ["organizations", "orgs"].into_iter().filter_map(present) {
        lists_all = true;
        match list {
            Value::Array(ids) => ids.iter().try_for_each(|id| add(id, None))?,
            Value::Object(roles) => roles
                .iter()
                .try_for_each(|(id, word)| add(&Value::String(id.clone()), Some(word)))?,
            _ => return Err(not_valid()),
        }
    }
    Ok((named, lists_all))
}

/// `org:admin`, in version 2 of the claims just `admin`, is the organisation's owner (contract R52).
fn org_role(word: Option<&str>) -> OrgRole {
    match word.map(|word| word.strip_prefix("org:").unwrap_or(word)) {
        Some("admin" | "owner") => OrgRole::Owner,
        _ => OrgRole::Member,
    }
}

#[cfg(test)]
mod tests;
