//! Hub tokens (contract A011, A012), signed here so that any number of people can be made up.

use anyhow::Result;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::stats::unix_seconds;

/// How long a token lasts, in seconds: longer than any run, because a stream ends with its token.
const LIFETIME: u64 = 24 * 3600;

/// A hub token for the person `sub` of `tenant_id`, with the role `user`.
pub fn hub_token(secret: &str, sub: &str, tenant_id: i64) -> Result<String> {
    let claims = json!({
        "sub": sub,
        "role": "user",
        "tenant_id": tenant_id,
        "display_name": format!("Load {sub}"),
        "exp": unix_seconds() + LIFETIME,
        "iss": "aesystek-hub",
    });
    sign(secret, &claims.to_string())
}

/// The JWS compact form of `claims` (JSON text) under HS256.
fn sign(secret: &str, claims: &str) -> Result<String> {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let text = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
    mac.update(text.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    Ok(format!("{text}.{signature}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_is_the_one_of_the_widely_published_example() {
        let claims = r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#;
        let token = sign("your-256-bit-secret", claims).unwrap();
        assert!(
            token.ends_with(".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"),
            "{token}"
        );
    }

    #[test]
    fn hub_token_carries_the_claims_of_contract_a012() {
        let token = hub_token("s", "load-001", 7).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["sub"], "load-001");
        assert_eq!(claims["tenant_id"], 7);
        assert_eq!(claims["iss"], "aesystek-hub");
        assert!(claims["exp"].as_u64().unwrap() > unix_seconds());
    }
}
