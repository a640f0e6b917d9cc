//! An issuer with RSA keys and a key set, for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use parking_lot::Mutex;
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize, SigningKey as _};
use serde_json::{Value, json};

/// A key of the issuer.
pub(super) struct Key {
    pub kid: &'static str,
    pair: KeyPair,
}

impl Key {
    pub(super) fn new(kid: &'static str) -> Self {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        Self { kid, pair }
    }

    /// The public key as the key set has it.
    pub(super) fn jwk(&self) -> Value {
        // RFC 8017, A.1.1: a SEQUENCE of modulus and exponent. Of 2048 bits, both lengths have two bytes.
        let der = self.pair.public_key_raw();
        assert_eq!((der[0], der[4], der[5]), (0x30, 0x02, 0x82));
        let length = usize::from(u16::from_be_bytes([der[6], der[7]]));
        let (modulus, rest) = der[8..].split_at(length);
        let exponent = &rest[2..2 + usize::from(rest[1])];
        let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
        json!({
            "kid": self.kid,
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(modulus),
            "e": URL_SAFE_NO_PAD.encode(exponent),
        })
    }

    /// A token of this key.
    pub(super) fn token(&self, claims: &Value) -> String {
        self.signed(&json!({"alg": "RS256", "typ": "JWT", "kid": self.kid}), claims)
    }

    /// A token with this header, whatever it says.
    pub(super) fn signed(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// What the address of the keys answers.
pub(super) enum Says {
    Keys(Vec<Value>),
    Text(String),
    Status(StatusCode),
    /// Sends on to another address.
    Elsewhere(&'static str),
    Nothing,
}

/// Where the keys are.
pub(super) struct Source {
    pub url: String,
    says: Arc<Mutex<Says>>,
    asked: Arc<AtomicUsize>,
}

impl Source {
    pub(super) async fn new(says: Says) -> Self {
        let says = Arc::new(Mutex::new(says));
        let asked = Arc::new(AtomicUsize::new(0));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/jwks", axum::routing::get(answer))
            .with_state((says.clone(), asked.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, says, asked }
    }

    pub(super) fn say(&self, says: Says) {
        *self.says.lock() = says;
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(State((says, asked)): State<(Arc<Mutex<Says>>, Arc<AtomicUsize>)>) -> Response {
    asked.fetch_add(1, Ordering::SeqCst);
    let answer = match &*says.lock() {
        Says::Keys(keys) => Some(json!({ "keys": keys }).to_string().into_response()),
        Says::Text(text) => Some(text.clone().into_response()),
        Says::Status(status) => Some(status.into_response()),
        Says::Elsewhere(url) => Some((StatusCode::FOUND, [("location", *url)]).into_response()),
        Says::Nothing => None,
    };
    if answer.is_none() {
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
    answer.unwrap_or_else(|| StatusCode::OK.into_response())
}
