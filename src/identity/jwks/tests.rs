//! The keys of an issuer, over HTTP: contract R4.

use futures_util::future::join_all;
use http::StatusCode;
use serde_json::json;

use super::super::testing::{Key, Says, Source};
use super::*;

const NOW: Timestamp = Timestamp(1_769_860_800_000);

fn known(result: &Result<Arc<DecodingKey>>) -> bool {
    match result {
        Ok(_) => true,
        Err(Error::Unauthenticated(_)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

fn away(result: &Result<Arc<DecodingKey>>) -> bool {
    matches!(result, Err(Error::Unavailable(_)))
}

#[tokio::test]
async fn r4_many_at_once_fetch_once() {
    let key = Key::new("k1");
    let source = Source::new(Says::Keys(vec![key.jwk()])).await;
    let keys = Keys::new(&source.url).unwrap();
    assert_eq!(source.asked(), 0, "not before somebody needs a key");
    let found = join_all((0..50).map(|_| keys.key("k1", NOW))).await;
    assert!(found.iter().all(known));
    assert_eq!(source.asked(), 1);
}

#[tokio::test]
async fn r4_an_unknown_key_is_looked_for_but_not_by_everybody() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let source = Source::new(Says::Keys(vec![old.jwk()])).await;
    let keys = Keys::new(&source.url).unwrap();
    assert!(known(&keys.key("old", NOW).await));
    source.say(Says::Keys(vec![old.jwk(), new.jwk()]));
    // Strangers make names up.
    for n in 0..100 {
        assert!(!known(&keys.key(&format!("made-up-{n}"), NOW.plus(n * 40)).await));
    }
    assert_eq!(source.asked(), 1);
    assert!(known(&keys.key("new", NOW.plus(PAUSE_MS)).await));
    assert!(known(&keys.key("old", NOW.plus(PAUSE_MS)).await));
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn r4_while_the_keys_are_away_the_old_ones_count_and_nobody_hammers() {
    let key = Key::new("k1");
    let source = Source::new(Says::Status(StatusCode::BAD_GATEWAY)).await;
    let keys = Keys::new(&source.url).unwrap();
    assert!(away(&keys.key("k1", NOW).await), "not refused: nobody knows yet");
    assert!(keys.check(NOW).await.unwrap_err().contains("502"));
    // At 0, 1, 3, 7, 15, 31, 63 and 123 s: the pauses double, up to a minute.
    for second in 0..150 {
        assert!(away(&keys.key("k1", NOW.plus(second * 1000)).await));
    }
    assert_eq!(source.asked(), 8);
    source.say(Says::Keys(vec![key.jwk()]));
    let back = NOW.plus(183_000);
    assert!(known(&keys.key("k1", back).await));
    assert_eq!(keys.check(back).await, Ok(()));

    source.say(Says::Nothing);
    let later = back.plus(PAUSE_MS);
    assert!(
        away(&keys.key("k2", later).await),
        "who knows whether there is one"
    );
    assert!(known(&keys.key("k1", later).await));
    assert!(keys.check(later).await.unwrap_err().contains("count on"));
}

#[tokio::test]
async fn r4_withdrawn_keys_go_within_the_hour() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let source = Source::new(Says::Keys(vec![old.jwk()])).await;
    let keys = Keys::new(&source.url).unwrap();
    assert!(known(&keys.key("old", NOW).await));
    source.say(Says::Keys(vec![new.jwk()]));
    assert!(known(&keys.key("old", NOW.plus(MAX_AGE_MS - 1)).await));
    assert_eq!(source.asked(), 1);
    // Nobody waits for the fetch that this begins.
    let later = NOW.plus(MAX_AGE_MS);
    assert!(known(&keys.key("old", later).await));
    assert!(known(&keys.key("new", later).await));
    assert!(!known(&keys.key("old", later).await));
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn r4_answers_that_are_none() {
    let good = Key::new("k1").jwk();
    let large = json!({"keys": [good], "more": "x".repeat(MAX_ANSWER)}).to_string();
    let rows = [
        (Says::Text("<html>".into()), "no key set"),
        (Says::Text(large), "too large"),
        (Says::Text("[]".into()), "no key set"),
        (Says::Keys(vec![]), "no RSA key"),
        (Says::Keys(vec![json!({}); MAX_KEYS + 1]), "more than"),
        (Says::Elsewhere("http://127.0.0.1:1/"), "302"),
        (Says::Status(StatusCode::NOT_FOUND), "404"),
    ];
    for (says, why) in rows {
        let source = Source::new(says).await;
        let keys = Keys::new(&source.url).unwrap();
        assert!(away(&keys.key("k1", NOW).await), "{why}");
        let problem = keys.check(NOW).await.unwrap_err();
        assert!(problem.contains(why), "{problem}");
        assert!(keys.probe().await.is_err(), "{why}");
    }
}

#[test]
fn r4_only_rsa_keys_for_signatures_are_taken() {
    let good = Key::new("k1").jwk();
    let with = |changes: Value| {
        let mut key = good.clone();
        for (name, value) in changes.as_object().unwrap() {
            key[name] = value.clone();
        }
        key.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        json!({ "keys": [key] }).to_string()
    };
    let taken = |changes: Value| parse(with(changes).as_bytes()).unwrap().len() == 1;
    let short = URL_SAFE_NO_PAD.encode([0xff; 128]);
    let padded = URL_SAFE_NO_PAD.encode([[0; 128], [0xff; 128]].concat());
    let rows = [
        (json!({}), true),
        (json!({"use": null, "alg": null}), true),
        (json!({"key_ops": ["verify"]}), true),
        (json!({"x5c": ["…"], "x5t": "…"}), true),
        (json!({"key_ops": ["encrypt"]}), false),
        (json!({"use": "enc"}), false),
        (json!({"alg": "RS512"}), false),
        (json!({"alg": "RSA-OAEP"}), false),
        (json!({"kty": "EC"}), false),
        (json!({"kty": "oct", "k": "c2VjcmV0"}), false),
        (json!({"kid": null}), false),
        (json!({"kid": 7}), false),
        (json!({"n": null}), false),
        (json!({"n": "!"}), false),
        (json!({"n": ""}), false),
        (json!({"n": short}), false),
        (json!({"n": padded}), false),
        (json!({"n": URL_SAFE_NO_PAD.encode(vec![0xff; 1025])}), false),
    ];
    for (changes, expected) in rows {
        assert_eq!(taken(changes.clone()), expected, "{changes}");
    }
}
