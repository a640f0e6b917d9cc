//! The public keys of an issuer, from its JSON Web Key Set (RFC 7517).
//!
//! Fetched when they are first needed, again when a token names a key that is not among them, and once an hour, so that
//! withdrawn keys go. Anybody can make up the name of a key, so fetches keep a distance, and a greater one from failure to
//! failure. While the set cannot be fetched, the keys that were fetched before count on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::verifier::not_valid;
use crate::error::{Error, Result};
use crate::telemetry::IDENTITY_KEY_FETCHES_TOTAL;
use crate::types::Timestamp;

/// How long a fetch may take in all. A person waits for it.
const TIMEOUT: Duration = Duration::from_secs(3);
/// A set of a few keys has a few thousand bytes.
const MAX_ANSWER: usize = 256 * 1024;
/// More keys than any issuer has at a time.
const MAX_KEYS: usize = 100;
/// Shorter keys are no longer safe; longer ones only cost time.
const KEY_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// The shortest time between two fetches, in milliseconds.
const PAUSE_MS: i64 = 5_000;
/// The pause after a failure; it doubles from failure to failure.
const FIRST_PAUSE_MS: i64 = 1_000;
/// The longest pause after failures.
const LONGEST_PAUSE_MS: i64 = 60_000;
/// Keys that are older are fetched again beside the work.
const MAX_AGE_MS: i64 = 3_600_000;
/// How old the last look may be when somebody asks how things are.
const CHECK_MS: i64 = 60_000;

/// The keys of one issuer.
pub(super) struct Keys(Arc<Inner>);

struct Inner {
    url: String,
    http: reqwest::Client,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    keys: HashMap<String, Arc<DecodingKey>>,
    /// When the keys came.
    fetched: Option<Timestamp>,
    /// When they were last asked for.
    tried: Option<Timestamp>,
    /// In a row, up to now.
    failures: u32,
    /// What went wrong the last time.
    problem: Option<String>,
    /// Closed when the fetch that is under way ends.
    running: Option<watch::Receiver<()>>,
}

impl State {
    /// Whether the keys may be asked for again.
    fn may_try(&self, now: Timestamp) -> bool {
        let pause = match self.failures {
            0 => PAUSE_MS,
            failures => (FIRST_PAUSE_MS << (failures - 1).min(10)).min(LONGEST_PAUSE_MS),
        };
        older(self.tried, pause, now)
    }
}

/// Whether something lies this far back, or never was. What lies ahead was noted by a clock that has since been set.
fn older(at: Option<Timestamp>, ms: i64, now: Timestamp) -> bool {
    at.is_none_or(|at| now < at || now >= at.plus(ms))
}

impl Keys {
    /// The keys at this address; nothing is fetched yet.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("preparing to fetch keys")?;
        Ok(Self(Arc::new(Inner {
            url: url.to_owned(),
            http,
            state: Mutex::default(),
        })))
    }

    /// The key of this name. [`Error::Unauthenticated`] when the issuer has none of that name,
    /// [`Error::Unavailable`] when it cannot be asked.
    pub async fn key(&self, kid: &str, now: Timestamp) -> Result<Arc<DecodingKey>> {
        let (known, old) = {
            let state = self.0.state.lock();
            (
                state.keys.get(kid).cloned(),
                older(state.fetched, MAX_AGE_MS, now),
            )
        };
        if let Some(key) = known {
            if old {
                self.fetch(now);
            }
            return Ok(key);
        }
        if let Some(running) = self.fetch(now) {
            ended(running).await;
        }
        let state = self.0.state.lock();
        match state.keys.get(kid) {
            Some(key) => Ok(key.clone()),
            None if state.problem.is_some() => Err(Error::Unavailable("the identity provider")),
            None => Err(not_valid()),
        }
    }

    /// Whether the keys can be fetched; in words, when not.
    pub async fn check(&self, now: Timestamp) -> Result<(), String> {
        let due = older(self.0.state.lock().tried, CHECK_MS, now);
        if due && let Some(running) = self.fetch(now) {
            ended(running).await;
        }
        let state = self.0.state.lock();
        match &state.problem {
            None => Ok(()),
            Some(problem) if state.keys.is_empty() => Err(problem.clone()),
            Some(problem) => Err(format!("{problem}; the keys fetched before count on")),
        }
    }

    /// Fetches the keys now: how many there are, and how long it took.
    pub async fn probe(&self) -> anyhow::Result<(usize, Duration)> {
        let started = Instant::now();
        let keys = self.0.download().await?;
        Ok((keys.len(), started.elapsed()))
    }

    /// Begins to fetch, or joins a fetch that is under way; `None` when it is too early. The fetch is nobody's in
    /// particular: it goes on when the request that began it is broken off.
    fn fetch(&self, now: Timestamp) -> Option<watch::Receiver<()>> {
        let mut state = self.0.state.lock();
        if let Some(running) = &state.running {
            return Some(running.clone());
        }
        if !state.may_try(now) {
            return None;
        }
        let (end, running) = watch::channel(());
        state.running = Some(running.clone());
        state.tried = Some(now);
        drop(state);
        let inner = self.0.clone();
        tokio::spawn(async move {
            let result = inner.download().await;
            inner.note(result, now);
            drop(end);
        });
        Some(running)
    }
}

/// Waits for the end of a fetch.
async fn ended(mut running: watch::Receiver<()>) {
    // Nothing is ever sent: this returns when the sender is gone.
    let _ = running.changed().await;
}

impl Inner {
    async fn download(&self) -> anyhow::Result<HashMap<String, Arc<DecodingKey>>> {
        let mut answer = self.http.get(&self.url).send().await.context("no answer")?;
        let status = answer.status();
        ensure!(status.is_success(), "answered {status}");
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.context("the answer broke off")? {
            ensure!(body.len() + chunk.len() <= MAX_ANSWER, "the answer is too large");
            body.extend_from_slice(&chunk);
        }
        let keys = parse(&body)?;
        ensure!(!keys.is_empty(), "the answer has no RSA key for signatures");
        Ok(keys)
    }

    fn note(&self, result: anyhow::Result<HashMap<String, Arc<DecodingKey>>>, now: Timestamp) {
        let outcome = if result.is_ok() { "ok" } else { "failed" };
        metrics::counter!(IDENTITY_KEY_FETCHES_TOTAL, "outcome" => outcome).increment(1);
        let mut state = self.state.lock();
        state.running = None;
        match result {
            Ok(keys) => {
                tracing::info!(
                    url = self.url,
                    keys = keys.len(),
                    "fetched the keys of the identity provider"
                );
                state.keys = keys;
                state.fetched = Some(now);
                state.failures = 0;
                state.problem = None;
            }
            Err(error) => {
                state.failures = state.failures.saturating_add(1);
                let known = state.keys.len();
                tracing::warn!(
                    url = self.url,
                    known,
                    "the keys of the identity provider cannot be fetched: {error:#}"
                );
                state.problem = Some(format!("the identity provider's keys cannot be fetched: {error}"));
            }
        }
    }
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// The key as far as it says what it is for.
#[derive(Deserialize)]
struct Jwk {
    kid: String,
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    n: String,
    e: String,
}

/// The RSA keys for RS256 signatures in a key set. Others are for somebody else, and left out.
fn parse(body: &[u8]) -> anyhow::Result<HashMap<String, Arc<DecodingKey>>> {
    let set: KeySet = serde_json::from_slice(body).context("the answer is no key set")?;
    ensure!(
        set.keys.len() <= MAX_KEYS,
        "the answer has more than {MAX_KEYS} keys"
    );
    let mut keys = HashMap::new();
    for key in set.keys {
        let Ok(jwk) = serde_json::from_value::<Jwk>(key) else {
            continue;
        };
        if let Some(key) = usable(&jwk) {
            keys.entry(jwk.kid).or_insert(Arc::new(key));
        }
    }
    Ok(keys)
}

fn usable(jwk: &Jwk) -> Option<DecodingKey> {
    let for_signatures = jwk.kty == "RSA"
        && jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
        && jwk.alg.as_deref().is_none_or(|alg| alg == "RS256")
        && jwk
            .key_ops
            .as_ref()
            .is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    let modulus = URL_SAFE_NO_PAD.decode(&jwk.n).ok()?;
    if !for_signatures || !KEY_BITS.contains(&bits(&modulus)) {
        return None;
    }
    DecodingKey::from_rsa_components(&jwk.n, &jwk.e).ok()
}

/// How long a number is, in bits.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number[zeros..].first().map_or(0, |first| {
        (number.len() - zeros) * 8 - first.leading_zeros() as usize
    })
}

#[cfg(test)]
mod tests;
