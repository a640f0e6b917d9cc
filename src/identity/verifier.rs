//! A token becomes claims.

use std::collections::HashSet;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use moka::sync::Cache;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::clerk::{self, Clerk};
use super::roles::Rights;
use super::{OrgRole, Organisation, hub, local, profile};
use crate::config::{Config, Secret};
use crate::error::{Error, Result};
use crate::matrix::localpart;
use crate::types::{PersonId, Role, Source, TenantId, Timestamp};

/// What the caller is told when the token was good once.
pub const EXPIRED: &str = "the token has expired";
/// What the caller is told when the token never counted, or does not count yet. It does not say why: that would help
/// to guess.
pub const NOT_VALID: &str = "the token is not valid";
/// What the caller is told when the token is good, but its name is one of the service's own (contract R6).
pub const RESERVED: &str = "the token's sub is a reserved name";
/// What the caller is told who wants to act in a tenant that is not theirs (contract R18).
pub const NOT_NAMED: &str = "X-Tenant-ID names a tenant that the token does not";

/// How far the clocks of the issuers may be apart from ours (contract R4), in milliseconds.
const SKEW_MS: i64 = 30_000;
/// No token of the hub or of Clerk comes near; longer ones are not even hashed.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Tokens whose claims are remembered.
const CACHED_TOKENS: u64 = 20_000;

/// What a token that counts says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// `sub` (contract R51).
    pub person_id: PersonId,
    /// Who vouches for the person; for a ticket, who did so for the token it was asked with.
    pub source: Source,
    /// The home: `tenant_id`, or the active organisation, else the first one; the default tenant when there is none.
    pub tenant: TenantId,
    /// The organisations the token names, the home first (contract R50). Empty when a Clerk token names none.
    pub organisations: Vec<Organisation>,
    /// Whether those are all the person belongs to; else they are some of them.
    pub lists_all: bool,
    /// Which of them the caller acts in, when they chose another than the home; kept in tickets.
    pub acting: Option<TenantId>,
    /// The role, as it stands in the token.
    pub hub_role: Option<String>,
    /// The role, mapped (contract A090, R49).
    pub role: Role,
    /// The hub's `super_admin`.
    pub super_admin: bool,
    /// In the support team, by role or by `SUPPORT_USER_IDS` (contract R35).
    pub support: bool,
    /// `display_name` or `name`, else given and family name, else the id; 1 to 255 characters, none of them control
    /// characters.
    pub display_name: String,
    /// As told, else the first word of the display name (contract R14).
    pub given_name: Option<String>,
    /// As told, else the rest of the display name.
    pub family_name: Option<String>,
    /// As told.
    pub email: Option<String>,
    /// As told, when it is an `https://` address.
    pub avatar_url: Option<String>,
    /// When what the token opens has to end: the `exp` of the person's token, for a ticket too (contract R23). Because of
    /// the clock skew this may lie up to 30 s in the past.
    pub expires_at: Timestamp,
    /// `jti`.
    pub token_id: Option<String>,
    /// What the token is for. Whoever opens anything but a stream accepts [`Purpose::Person`] only.
    pub purpose: Purpose,
}

impl Claims {
    /// The tenants the person may act in with this token, the home first; never empty.
    pub fn belongs(&self) -> Vec<Organisation> {
        if self.organisations.is_empty() {
            // Who is of no organisation belongs to the default tenant (contract R18).
            return vec![Organisation {
                tenant: self.tenant.clone(),
                role: OrgRole::Member,
            }];
        }
        self.organisations.clone()
    }

    /// The tenant a request acts in: the one it names, which the token has to name, too (contract B025, R18).
    pub fn act_in(&self, named: Option<&str>) -> Result<TenantId> {
        let Some(named) = named else {
            return Ok(self.acting.as_ref().unwrap_or(&self.tenant).clone());
        };
        let mut tenants = self.belongs().into_iter().map(|organisation| organisation.tenant);
        tenants
            .find(|tenant| tenant.as_str() == named)
            .ok_or(Error::Forbidden(NOT_NAMED))
    }
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Everything the person may do.
    Person,
    /// Opening one stream (contract R23). Such a token always has a `token_id`.
    StreamTicket,
    /// Logging one external Matrix client in (contract R71). Such a token always has a `token_id`.
    ClientLogin,
}

/// Checks tokens. Holds the keys, and remembers the tokens seen last, since a person sends the same one again and again.
pub struct Verifier {
    hub_keys: Vec<DecodingKey>,
    local_key: DecodingKey,
    clerk: Option<Clerk>,
    default_tenant: TenantId,
    support_team: HashSet<PersonId>,
    sender_localpart: String,
    seen: Cache<[u8; 32], Seen>,
}

#[derive(Clone)]
struct Seen {
    claims: Claims,
    /// The end of the token, skew included.
    until: Timestamp,
}

/// The claims as they come. Only what decides about the token itself is typed; the rest is looked at piece by piece.
#[derive(Deserialize)]
pub(super) struct Raw {
    sub: Option<Value>,
    exp: Option<Value>,
    nbf: Option<Value>,
    jti: Option<String>,
    purpose: Option<String>,
    source: Option<Source>,
    session_exp: Option<i64>,
    /// Everything else.
    #[serde(flatten)]
    pub says: Map<String, Value>,
}

/// What a token says of tenants.
struct Tenants {
    home: TenantId,
    organisations: Vec<Organisation>,
    lists_all: bool,
    acting: Option<TenantId>,
}

#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

impl Verifier {
    /// A verifier with the keys of these settings. Without `HUB_SECRET_KEY` no hub token counts (contract A017).
    /// Without `CLERK_ISSUER` no Clerk token does.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let key = |secret: &Secret| DecodingKey::from_secret(secret.expose().as_bytes());
        // The previous secret alone does not switch hub tokens on.
        let hub_keys = config.hub_secret_key.iter().flat_map(|current| {
            [Some(current), config.hub_secret_key_previous.as_ref()]
                .into_iter()
                .flatten()
                .map(key)
        });
        Ok(Self {
            hub_keys: hub_keys.collect(),
            local_key: key(&config.secret_key),
            clerk: Clerk::of(config)?,
            default_tenant: config.default_tenant_id.clone(),
            support_team: config.support_user_ids.iter().cloned().collect(),
            sender_localpart: config.matrix_sender_localpart.clone(),
            seen: Cache::new(CACHED_TOKENS),
        })
    }

    /// Whether the keys of Clerk can be fetched, in words when not; `None` when Clerk is not on.
    pub async fn check_keys(&self, now: Timestamp) -> Option<Result<(), String>> {
        Some(self.clerk.as_ref()?.check(now).await)
    }

    /// The claims of a token that counts at `now`; [`Error::Unauthenticated`] for all others (contract A014, R4).
    /// [`Error::Unavailable`] when the issuer's keys would be needed and cannot be fetched.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(not_valid());
        }
        let digest: [u8; 32] = Sha256::digest(token).into();
        if let Some(seen) = self.seen.get(&digest) {
            return if now < seen.until {
                Ok(seen.claims)
            } else {
                Err(Error::Unauthenticated(EXPIRED))
            };
        }
        let (claims, until) = self.check(token, now).await?;
        // A ticket is used once.
        if claims.purpose == Purpose::Person {
            self.seen.insert(
                digest,
                Seen {
                    claims: claims.clone(),
                    until,
                },
            );
        }
        Ok(claims)
    }

    async fn check(&self, token: &str, now: Timestamp) -> Result<(Claims, Timestamp)> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| not_valid())?;
        // RFC 7515: who does not understand an extension listed in `crit` must refuse the token. We know none.
        if header.crit.is_some() {
            return Err(not_valid());
        }
        let issuer: Issuer =
            jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| not_valid())?;
        let signed_with = |keys: &[DecodingKey]| {
            // `decode` takes tokens of its own algorithm only, whatever their header says.
            let good = keys.iter().find_map(|key| decode(token, key, Algorithm::HS256));
            good.ok_or_else(not_valid)
        };
        let (source, raw) = match (issuer.iss.as_str(), &self.clerk) {
            (hub::ISSUER, _) => (Source::Hub, signed_with(&self.hub_keys)?),
            (local::ISSUER, _) => (Source::Local, signed_with(std::slice::from_ref(&self.local_key))?),
            (issuer, Some(clerk)) if issuer == clerk.issuer => {
                // Boxed, since hardly any request waits for keys, and all would have room for it.
                (Source::Clerk, Box::pin(clerk.decode(token, &header, now)).await?)
            }
            _ => return Err(not_valid()),
        };
        self.read(raw, source, now)
    }

    /// The claims behind a good signature, and until when the token counts.
    fn read(&self, raw: Raw, issuer: Source, now: Timestamp) -> Result<(Claims, Timestamp)> {
        let expires_at = raw.exp.as_ref().and_then(numeric_date).ok_or_else(not_valid)?;
        let sub = raw.sub.as_ref().and_then(Value::as_str);
        let person_id = sub.and_then(PersonId::parse).ok_or_else(not_valid)?;
        let until = match (issuer, raw.purpose.as_deref()) {
            // We checked the time ourselves when we signed it: no skew.
            (Source::Local, Some(local::STREAM | local::LOGIN)) => expires_at,
            _ => expires_at.plus(SKEW_MS),
        };
        if now >= until {
            return Err(Error::Unauthenticated(EXPIRED));
        }
        if let Some(nbf) = &raw.nbf {
            let begins = numeric_date(nbf).ok_or_else(not_valid)?;
            if now.plus(SKEW_MS) < begins {
                return Err(not_valid());
            }
        }

        // Only our own tokens have a purpose; one of them that is meant for something else must not pass for a person's.
        let (purpose, source, expires_at) = match (issuer, raw.purpose.as_deref()) {
            (Source::Local, Some(purpose @ (local::STREAM | local::LOGIN))) => {
                let (Some(source), Some(session), Some(_)) = (raw.source, raw.session_exp, &raw.jti) else {
                    return Err(not_valid());
                };
                let session = Timestamp(session);
                if now >= session.plus(SKEW_MS) {
                    return Err(Error::Unauthenticated(EXPIRED));
                }
                let purpose = if purpose == local::STREAM {
                    Purpose::StreamTicket
                } else {
                    Purpose::ClientLogin
                };
                (purpose, source, session)
            }
            (Source::Local, Some(_)) => return Err(not_valid()),
            _ => (Purpose::Person, issuer, expires_at),
        };
        if localpart::is_reserved(person_id.as_str(), &self.sender_localpart) {
            return Err(Error::Unauthenticated(RESERVED));
        }

        let role = match issuer {
            Source::Clerk => clerk::role(&raw.says),
            _ => raw.says.get("role").and_then(Value::as_str),
        };
        let rights = match source {
            Source::Clerk => clerk::rights(role),
            _ => Rights::of_hub_role(role),
        };
        let tenants = self.tenants(&raw.says, issuer, source, rights.role)?;
        let profile = profile::of(&raw.says, issuer, &person_id);
        let claims = Claims {
            tenant: tenants.home,
            organisations: tenants.organisations,
            lists_all: tenants.lists_all,
            acting: tenants.acting,
            display_name: profile.display_name,
            given_name: profile.given_name,
            family_name: profile.family_name,
            email: profile.email,
            avatar_url: profile.avatar_url,
            support: rights.support || self.support_team.contains(&person_id),
            person_id,
            source,
            hub_role: role.map(str::to_owned),
            role: rights.role,
            super_admin: rights.super_admin,
            expires_at,
            token_id: raw.jti,
            purpose,
        };
        Ok((claims, until))
    }

    /// The tenants of a token of `issuer`, whose person is of `source`: they differ in tickets.
    fn tenants(
        &self,
        says: &Map<String, Value>,
        issuer: Source,
        source: Source,
        role: Role,
    ) -> Result<Tenants> {
        let said = says.get("tenant_id").filter(|value| !value.is_null());
        let said = said.map(tenant).transpose()?;
        if source != Source::Clerk {
            let home = said.unwrap_or_else(|| self.default_tenant.clone());
            let role = match role {
                Role::Admin => OrgRole::Admin,
                Role::User | Role::Viewer => OrgRole::Member,
            };
            return Ok(Tenants {
                organisations: vec![Organisation {
                    tenant: home.clone(),
                    role,
                }],
                home,
                lists_all: true,
                acting: None,
            });
        }
        let (organisations, lists_all) = match issuer {
            Source::Clerk => clerk::organisations(says)?,
            // A ticket names those it needs.
            _ => (read_organisations(says)?, false),
        };
        let first = organisations.first().map(|first| first.tenant.clone());
        let acting = match issuer {
            Source::Clerk => None,
            _ => says.get("acting").map(tenant).transpose()?,
        };
        Ok(Tenants {
            home: first.unwrap_or_else(|| self.default_tenant.clone()),
            organisations,
            lists_all,
            acting,
        })
    }
}

fn read_organisations(says: &Map<String, Value>) -> Result<Vec<Organisation>> {
    match says.get("organisations") {
        Some(list) => Vec::deserialize(list).map_err(|_| not_valid()),
        None => Ok(Vec::new()),
    }
}

/// A tenant's id: an integer or a string (contract R18). Anything else is refused rather than put into the default
/// tenant.
pub(super) fn tenant(claim: &Value) -> Result<TenantId> {
    match claim {
        Value::Number(number) if !number.is_f64() => Ok(number.to_string().into()),
        // The rule for ids from outside is the same as a person's.
        Value::String(text) => PersonId::parse(text)
            .map(|id| id.as_str().into())
            .ok_or_else(not_valid),
        _ => Err(not_valid()),
    }
}

pub(super) fn not_valid() -> Error {
    Error::Unauthenticated(NOT_VALID)
}

/// Checks the signature only: times are checked against the clock that is handed in, and the tokens name no audience that
/// would be us.
pub(super) fn decode(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Option<Raw> {
    let mut signature = Validation::new(algorithm);
    signature.required_spec_claims.clear();
    signature.validate_exp = false;
    signature.validate_nbf = false;
    signature.validate_aud = false;
    jsonwebtoken::decode(token, key, &signature)
        .ok()
        .map(|token| token.claims)
}

/// RFC 7519's `NumericDate`: seconds since 1970, possibly with a fraction.
fn numeric_date(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = value.as_i64() {
        return Some(Timestamp(seconds.saturating_mul(1000)));
    }
    // `as` saturates, so a date beyond the end of time is the end of time.
    value
        .as_f64()
        .filter(|seconds| seconds.is_finite())
        .map(|seconds| Timestamp((seconds * 1000.0) as i64))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use futures_util::FutureExt as _;
    use serde_json::json;

    use super::super::local::{encode, sign_person, sign_ticket};
    use super::super::{PersonSpec, service_token};
    use super::*;

    const NOW: Timestamp = Timestamp(1_769_860_800_000);
    const HUB: &str = "hub-secret";
    const OLD_HUB: &str = "old-hub-secret";
    const LOCAL: &str = "local-secret";

    /// A verifier that needs nobody to fetch keys from, and so never waits.
    struct Alone(Verifier);

    impl Alone {
        fn verify(&self, token: &str, now: Timestamp) -> Result<Claims> {
            self.0.verify(token, now).now_or_never().unwrap()
        }
    }

    fn verifier_with(set: &[(&str, &str)]) -> Alone {
        let get = |name: &str| {
            set.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Alone(Verifier::new(&Config::load(get).unwrap()).unwrap())
    }

    fn verifier() -> Alone {
        verifier_with(&[
            ("HUB_SECRET_KEY", HUB),
            ("HUB_SECRET_KEY_PREVIOUS", OLD_HUB),
            ("SECRET_KEY", LOCAL),
            ("DEFAULT_TENANT_ID", "7"),
            ("SUPPORT_USER_IDS", "eva"),
        ])
    }

    /// The claims of a good hub token, with `changes` on top; `null` takes one away.
    fn claims(changes: Value) -> Value {
        let mut claims = json!({
            "iss": "aesystek-hub", "sub": "max", "role": "manager", "tenant_id": 3, "display_name": "Max Muster",
            "exp": NOW.seconds() + 3600,
        });
        let Value::Object(changes) = changes else {
            panic!("not an object: {changes}")
        };
        for (name, value) in changes {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(&name);
            } else {
                claims[name] = value;
            }
        }
        claims
    }

    fn hub_token(changes: Value) -> String {
        encode(HUB, &claims(changes))
    }

    fn refusal(result: Result<Claims>) -> &'static str {
        match result {
            Err(Error::Unauthenticated(words)) => words,
            other => panic!("not refused as unauthenticated: {other:?}"),
        }
    }

    #[test]
    fn a011_a012_r51_a_hub_token_tells_who_somebody_is() {
        let claims = verifier()
            .verify(&hub_token(json!({"jti": "j1", "aud": "hub"})), NOW)
            .unwrap();
        let expected = Claims {
            person_id: "max".into(),
            source: Source::Hub,
            tenant: "3".into(),
            organisations: vec![Organisation {
                tenant: "3".into(),
                role: OrgRole::Member,
            }],
            lists_all: true,
            acting: None,
            hub_role: Some("manager".to_owned()),
            role: Role::User,
            super_admin: false,
            support: false,
            display_name: "Max Muster".to_owned(),
            given_name: Some("Max".to_owned()),
            family_name: Some("Muster".to_owned()),
            email: None,
            avatar_url: None,
            expires_at: NOW.plus(3_600_000),
            token_id: Some("j1".to_owned()),
            purpose: Purpose::Person,
        };
        assert_eq!(claims, expected);
    }

    #[test]
    fn what_a_hub_token_leaves_out_is_filled_in() {
        let bare = json!({"role": null, "tenant_id": null, "display_name": null});
        let claims = verifier().verify(&hub_token(bare), NOW).unwrap();
        assert_eq!((claims.role, claims.hub_role), (Role::Viewer, None));
        assert_eq!(
            (claims.tenant.as_str(), claims.display_name.as_str()),
            ("7", "max")
        );
    }

    #[test]
    fn a090_r35_r49_roles_become_rights() {
        let claims = |changes| verifier().verify(&hub_token(changes), NOW).unwrap();
        let chief = claims(json!({"role": "super_admin"}));
        assert!(chief.super_admin && chief.role == Role::Admin && !chief.support);
        let support = claims(json!({"role": "support"}));
        assert!(support.support && support.role == Role::User);
        let named = claims(json!({"sub": "eva", "role": "viewer"}));
        assert!(named.support && named.role == Role::Viewer);
        assert_eq!(claims(json!({"role": ["admin"]})).role, Role::Viewer);
    }

    #[test]
    fn r18_tenants_are_integers_or_strings() {
        let tenant = |value: Value| verifier().verify(&hub_token(json!({"tenant_id": value})), NOW);
        assert_eq!(tenant(json!(12)).unwrap().tenant.as_str(), "12");
        assert_eq!(tenant(json!("12")).unwrap().tenant.as_str(), "12");
        assert_eq!(tenant(json!("org_2x")).unwrap().tenant.as_str(), "org_2x");
        for wrong in [json!(1.5), json!(""), json!("a\nb"), json!([1]), json!(true)] {
            assert_eq!(refusal(tenant(wrong.clone())), NOT_VALID, "{wrong}");
        }
        let mut explicit_null = claims(json!({}));
        explicit_null["tenant_id"] = Value::Null;
        assert_eq!(
            verifier()
                .verify(&encode(HUB, &explicit_null), NOW)
                .unwrap()
                .tenant
                .as_str(),
            "7"
        );
    }

    #[test]
    fn names_are_cleaned() {
        let name = |value: Value| {
            verifier()
                .verify(&hub_token(json!({"display_name": value})), NOW)
                .unwrap()
                .display_name
        };
        assert_eq!(name(json!("  Max\u{0}\n Muster\u{7f} ")), "Max Muster");
        assert_eq!(name(json!(" \t ")), "max");
        assert_eq!(name(json!(7)), "max");
        assert_eq!(name(json!("ä".repeat(300))).chars().count(), 255);
    }

    #[test]
    fn a014_r4_what_does_not_count_is_refused() {
        let verifier = verifier();
        let good = hub_token(json!({}));
        let parts: Vec<&str> = good.split('.').collect();
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let foreign_alg = |alg| {
            let key = jsonwebtoken::EncodingKey::from_secret(HUB.as_bytes());
            jsonwebtoken::encode(&jsonwebtoken::Header::new(alg), &claims(json!({})), &key).unwrap()
        };
        let with_header = |header: Value| {
            let key = jsonwebtoken::EncodingKey::from_secret(HUB.as_bytes());
            let message = format!("{}.{}", part(header), parts[1]);
            let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
            format!("{message}.{signature}")
        };
        assert!(
            verifier
                .verify(&with_header(json!({"alg": "HS256"})), NOW)
                .is_ok()
        );
        let rows = [
            ("empty", String::new()),
            ("no token", "messenger-service-token-dev".to_owned()),
            ("endless", "x".repeat(MAX_TOKEN_BYTES + 1)),
            ("other secret", encode("guessed", &claims(json!({})))),
            ("empty secret", encode("", &claims(json!({})))),
            (
                "changed claims",
                format!(
                    "{}.{}.{}",
                    parts[0],
                    part(claims(json!({"role": "admin"}))),
                    parts[2]
                ),
            ),
            ("no signature", format!("{}.{}.", parts[0], parts[1])),
            (
                "alg none",
                format!("{}.{}.", part(json!({"alg": "none", "typ": "JWT"})), parts[1]),
            ),
            ("alg none, signed", with_header(json!({"alg": "none"}))),
            ("alg RS256", with_header(json!({"alg": "RS256"}))),
            ("no alg", with_header(json!({"typ": "JWT"}))),
            ("alg HS384", foreign_alg(Algorithm::HS384)),
            ("alg HS512", foreign_alg(Algorithm::HS512)),
            (
                "an extension we do not know",
                with_header(json!({"alg": "HS256", "crit": ["x"], "x": 1})),
            ),
            ("no issuer", hub_token(json!({"iss": null}))),
            (
                "unknown issuer",
                hub_token(json!({"iss": "https://clerk.example"})),
            ),
            ("list of issuers", hub_token(json!({"iss": ["aesystek-hub"]}))),
            (
                "our issuer, the hub's secret",
                hub_token(json!({"iss": "messenger-service"})),
            ),
            ("the hub's issuer, our secret", encode(LOCAL, &claims(json!({})))),
            ("no sub", hub_token(json!({"sub": null}))),
            ("sub is a number", hub_token(json!({"sub": 5}))),
            ("empty sub", hub_token(json!({"sub": ""}))),
            (
                "sub with a control character",
                hub_token(json!({"sub": "ma\u{0}x"})),
            ),
            ("long sub", hub_token(json!({"sub": "x".repeat(256)}))),
            ("no exp", hub_token(json!({"exp": null}))),
            ("exp is a string", hub_token(json!({"exp": "2099-01-01"}))),
            ("not yet", hub_token(json!({"nbf": NOW.seconds() + 31}))),
            ("nbf is a string", hub_token(json!({"nbf": "now"}))),
        ];
        assert!(verifier.verify(&good, NOW).is_ok());
        for (why, token) in rows {
            assert_eq!(refusal(verifier.verify(&token, NOW)), NOT_VALID, "{why}");
        }
    }

    #[test]
    fn a014_r4_time_is_checked_with_30_seconds_of_skew() {
        let verifier = verifier();
        let token = hub_token(json!({"exp": NOW.seconds(), "nbf": NOW.seconds() - 60}));
        let times = [
            (-90_001, NOT_VALID),
            (-90_000, ""),
            (0, ""),
            (29_999, ""),
            (30_000, EXPIRED),
            (9_000_000, EXPIRED),
        ];
        for (ms, expected) in times {
            // A verifier that sees the token for the first time, and one that has seen it before.
            if expected.is_empty() {
                verifier.verify(&token, NOW.plus(ms)).unwrap();
                self::verifier().verify(&token, NOW.plus(ms)).unwrap();
            } else {
                assert_eq!(
                    refusal(self::verifier().verify(&token, NOW.plus(ms))),
                    expected,
                    "{ms}"
                );
                assert_eq!(refusal(verifier.verify(&token, NOW.plus(ms))), expected, "{ms}");
            }
        }
        let fraction = hub_token(json!({"exp": NOW.seconds() as f64 + 0.5}));
        assert_eq!(verifier.verify(&fraction, NOW).unwrap().expires_at, NOW.plus(500));
        let forever = hub_token(json!({"exp": 1e300}));
        assert_eq!(
            verifier.verify(&forever, NOW).unwrap().expires_at,
            Timestamp(i64::MAX)
        );
        assert_eq!(
            refusal(verifier.verify(&hub_token(json!({"exp": -1})), NOW)),
            EXPIRED
        );
    }

    #[test]
    fn a017_r4_hub_secrets_switch_hub_tokens_on_and_change() {
        let old = encode(OLD_HUB, &claims(json!({})));
        assert!(verifier().verify(&old, NOW).is_ok());
        let without_previous = verifier_with(&[("HUB_SECRET_KEY", HUB)]);
        assert_eq!(refusal(without_previous.verify(&old, NOW)), NOT_VALID);
        let off = verifier_with(&[("HUB_SECRET_KEY", ""), ("HUB_SECRET_KEY_PREVIOUS", OLD_HUB)]);
        for secret in ["", HUB, OLD_HUB, "messenger-dev-secret"] {
            assert_eq!(
                refusal(off.verify(&encode(secret, &claims(json!({}))), NOW)),
                NOT_VALID,
                "{secret:?}"
            );
        }
    }

    #[test]
    fn r6_reserved_names_are_refused() {
        for name in ["messenger", "conduit", "clerk_user_2x", "app_crm"] {
            assert_eq!(
                refusal(verifier().verify(&hub_token(json!({"sub": name})), NOW)),
                RESERVED,
                "{name}"
            );
        }
        let renamed = verifier_with(&[("HUB_SECRET_KEY", HUB), ("MATRIX_SENDER_LOCALPART", "robot")]);
        assert_eq!(
            refusal(renamed.verify(&hub_token(json!({"sub": "robot"})), NOW)),
            RESERVED
        );
        assert!(
            renamed
                .verify(&hub_token(json!({"sub": "messenger"})), NOW)
                .is_ok()
        );
    }

    #[test]
    fn a018_r5_local_tokens_work_without_a_hub() {
        let verifier = verifier_with(&[("SECRET_KEY", LOCAL)]);
        let tenant = TenantId::from("3");
        let person = PersonSpec {
            sub: "max",
            role: "admin",
            tenant: Some(&tenant),
            display_name: Some("Max"),
            lifetime: Duration::from_hours(1),
        };
        let claims = verifier.verify(&sign_person(LOCAL, &person, NOW), NOW).unwrap();
        assert_eq!(
            (claims.source, claims.role, claims.purpose),
            (Source::Local, Role::Admin, Purpose::Person)
        );
        assert_eq!(
            (claims.tenant.as_str(), claims.display_name.as_str()),
            ("3", "Max")
        );
        assert_eq!(claims.expires_at, NOW.plus(3_600_000));
        assert_eq!(claims.token_id.unwrap().len(), 43);
        assert_eq!(
            refusal(verifier.verify(&sign_person("guessed", &person, NOW), NOW)),
            NOT_VALID
        );

        let bare = PersonSpec {
            tenant: None,
            display_name: None,
            ..person
        };
        let claims = verifier.verify(&sign_person(LOCAL, &bare, NOW), NOW).unwrap();
        assert_eq!(
            (claims.tenant.as_str(), claims.display_name.as_str()),
            ("1", "max")
        );
    }

    #[test]
    fn a012_a_token_signed_like_the_hubs_is_one() {
        let tenant = TenantId::from("3");
        let person = PersonSpec {
            sub: "max",
            role: "terminal",
            tenant: Some(&tenant),
            display_name: Some("Max"),
            lifetime: Duration::from_hours(1),
        };
        let token = hub::sign(HUB, &person, NOW);
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        let expected = json!({
            "sub": "max", "role": "terminal", "tenant_id": 3, "display_name": "Max",
            "exp": NOW.seconds() + 3600, "iss": "aesystek-hub",
        });
        assert_eq!(payload, expected);
        let claims = verifier().verify(&token, NOW).unwrap();
        assert_eq!((claims.source, claims.role), (Source::Hub, Role::User));
    }

    #[test]
    fn r23_a_ticket_stands_for_its_person_for_a_minute_and_is_marked() {
        let verifier = verifier();
        let changes = json!({"sub": "eva", "role": "super_admin", "tenant_id": "007"});
        let person = verifier.verify(&hub_token(changes), NOW).unwrap();
        let (ticket, expires_at) = sign_ticket(LOCAL, &person, NOW.plus(500));
        assert_eq!(expires_at, NOW.plus(60_000));

        let claims = verifier.verify(&ticket, NOW.plus(59_999)).unwrap();
        assert_eq!(claims.purpose, Purpose::StreamTicket);
        assert_eq!(
            claims.expires_at, person.expires_at,
            "the stream ends with the person's own token"
        );
        assert!(claims.token_id.is_some());
        assert_eq!(
            Claims {
                purpose: Purpose::Person,
                token_id: None,
                ..claims
            },
            person
        );
        assert_eq!(refusal(verifier.verify(&ticket, NOW.plus(60_000))), EXPIRED);

        let (another, _) = sign_ticket(LOCAL, &person, NOW);
        let id = |token: &str| verifier.verify(token, NOW).unwrap().token_id;
        assert_ne!(id(&ticket), id(&another));
        let (forged, _) = sign_ticket(HUB, &person, NOW);
        assert_eq!(refusal(verifier.verify(&forged, NOW)), NOT_VALID);
        let (late, _) = sign_ticket(
            LOCAL,
            &Claims {
                expires_at: NOW.plus(-30_000),
                ..person
            },
            NOW,
        );
        assert_eq!(
            refusal(verifier.verify(&late, NOW)),
            EXPIRED,
            "the person's own token is over"
        );
    }

    #[test]
    fn r5_only_our_own_tokens_have_a_purpose() {
        let local = |changes: Value| {
            let mut changes = changes;
            changes["iss"] = "messenger-service".into();
            encode(LOCAL, &claims(changes))
        };
        let ticket = json!({"purpose": "stream", "source": "hub", "session_exp": NOW.0 + 1000, "jti": "j"});
        assert!(verifier().verify(&local(ticket.clone()), NOW).is_ok());
        for lacking in ["source", "session_exp", "jti"] {
            let mut ticket = ticket.clone();
            ticket.as_object_mut().unwrap().remove(lacking);
            assert_eq!(
                refusal(verifier().verify(&local(ticket), NOW)),
                NOT_VALID,
                "{lacking}"
            );
        }
        assert_eq!(
            refusal(verifier().verify(&local(json!({"purpose": "login"})), NOW)),
            NOT_VALID
        );

        let claims = verifier().verify(&hub_token(ticket), NOW).unwrap();
        assert_eq!(
            (claims.purpose, claims.source),
            (Purpose::Person, Source::Hub),
            "the hub cannot make tickets"
        );
        assert_eq!(claims.expires_at, NOW.plus(3_600_000));
    }

    #[test]
    fn a020_a_token_of_one_kind_is_none_of_the_other() {
        let token = hub_token(json!({}));
        assert!(!service_token::matches(&token, "messenger-service-token-dev"));
        assert_eq!(
            refusal(verifier().verify("messenger-service-token-dev", NOW)),
            NOT_VALID
        );
    }

    #[test]
    fn tokens_of_persons_are_remembered_and_tickets_are_not() {
        let verifier = verifier();
        let token = hub_token(json!({}));
        let first = verifier.verify(&token, NOW).unwrap();
        verifier.0.seen.run_pending_tasks();
        assert_eq!(verifier.0.seen.entry_count(), 1);
        assert_eq!(verifier.verify(&token, NOW).unwrap(), first);
        let (ticket, _) = sign_ticket(LOCAL, &first, NOW);
        verifier.verify(&ticket, NOW).unwrap();
        verifier.verify("nonsense", NOW).unwrap_err();
        verifier.0.seen.run_pending_tasks();
        assert_eq!(verifier.0.seen.entry_count(), 1);
    }
}
