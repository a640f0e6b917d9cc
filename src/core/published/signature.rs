//! The signatures of deliveries, as the specification "Standard Webhooks" has them: HMAC-SHA256 over id, time and body.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};

use crate::config::Secret;
use crate::types::{Timestamp, random_token};

/// What secrets begin with.
const PREFIX: &str = "whsec_";

/// A new secret of 32 random bytes.
pub fn new_secret() -> Secret {
    // The bytes of a token, in the alphabet that receivers expect.
    let bytes = URL_SAFE_NO_PAD.decode(random_token()).unwrap_or_default();
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// The header `webhook-signature` of a delivery.
pub fn sign(secret: &Secret, id: &str, at: Timestamp, body: &str) -> String {
    let text = secret.expose();
    let encoded = text.strip_prefix(PREFIX).unwrap_or(text);
    let key = STANDARD.decode(encoded).unwrap_or_default();
    let Ok(mut mac) = Hmac::<sha2::Sha256>::new_from_slice(&key) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.update(format!("{id}.{}.{body}", at.seconds()).as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn r67_signatures_are_those_of_standard_webhooks() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature = sign(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            Timestamp(1_614_265_330_000),
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn r67_secrets_differ_and_have_32_bytes() {
        let (one, other) = (new_secret(), new_secret());
        assert_ne!(one.expose(), other.expose());
        let bytes = STANDARD
            .decode(one.expose().strip_prefix(PREFIX).unwrap())
            .unwrap();
        assert_eq!(bytes.len(), 32);
    }
}
