//! Clerk, as far as the service meets it: tokens signed with RSA keys, and the address of those keys.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize, SigningKey as _};
use serde_json::{Value, json};

use super::people::{Person, now};

/// The `iss` of its tokens. Nobody is there: the service is told where the keys are.
pub const ISSUER: &str = "https://clerk.example";

/// A key that tokens are signed with.
pub struct Key {
    kid: String,
    pair: KeyPair,
}

/// The address of the keys.
pub struct Clerk {
    /// `CLERK_JWKS_URL`.
    pub url: String,
    /// What it answers; nothing: it is out of order.
    keys: Arc<Mutex<Option<Vec<Value>>>>,
}

impl Key {
    pub fn new(kid: &str) -> Self {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key");
        let kid = kid.to_owned();
        Self { kid, pair }
    }

    fn jwk(&self) -> Value {
        // RFC 8017, A.1.1: a SEQUENCE of modulus and exponent. Of 2048 bits, both lengths have two bytes.
        let der = self.pair.public_key_raw();
        let length = usize::from(u16::from_be_bytes([der[6], der[7]]));
        let (modulus, rest) = der[8..].split_at(length);
        let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
        let exponent = &rest[2..2 + usize::from(rest[1])];
        json!({
            "kid": self.kid,
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(modulus),
            "e": URL_SAFE_NO_PAD.encode(exponent),
        })
    }

    /// A session token that says this beside the usual claims, which it may change.
    pub fn token(&self, sub: &str, says: &Value) -> String {
        let mut claims = json!({
            "iss": ISSUER,
            "sub": sub,
            "sid": "sess_1",
            "azp": "https://app.example",
            "iat": now(),
            "nbf": now() - 10,
            "exp": now() + 600,
        });
        for (name, value) in says.as_object().expect("claims are an object") {
            claims[name] = value.clone();
        }
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.kid});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&claims));
        let signature = self.pair.sign(message.as_bytes()).expect("a signature");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Somebody with a session token.
    pub fn person(&self, id: &str, name: &str, says: &Value) -> Person {
        let mut says = says.clone();
        says["name"] = name.into();
        Person {
            token: self.token(id, &says),
            name: name.to_owned(),
            id: id.to_owned(),
        }
    }
}

impl Clerk {
    /// An address that is out of order.
    pub async fn start() -> Self {
        let keys: Arc<Mutex<Option<Vec<Value>>>> = Arc::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}/jwks", listener.local_addr().expect("an address"));
        let router = Router::new().route("/jwks", get(answer)).with_state(keys.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, keys }
    }

    /// The settings that switch it on.
    pub fn settings(&self) -> [(&str, &str); 2] {
        [("CLERK_ISSUER", ISSUER), ("CLERK_JWKS_URL", &self.url)]
    }

    /// From now on it answers with these keys.
    pub fn has(&self, keys: &[&Key]) {
        self.set(Some(keys.iter().map(|key| key.jwk()).collect()));
    }

    /// From now on it is out of order.
    pub fn breaks(&self) {
        self.set(None);
    }

    fn set(&self, keys: Option<Vec<Value>>) {
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = keys;
    }
}

async fn answer(State(keys): State<Arc<Mutex<Option<Vec<Value>>>>>) -> Response {
    match &*keys.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(keys) => json!({ "keys": keys }).to_string().into_response(),
        None => StatusCode::BAD_GATEWAY.into_response(),
    }
}
