//! Dialect C's doors: both bases, errors in its shape, pages by number (contract C004, C005, C032, R2, R40).

use serde_json::json;

use super::*;

/// Asserts the shape of this dialect's errors, and answers the field it names.
fn refused(answer: &Answered, status: u16) -> Value {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    let body = answer.json();
    let mut keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["details", "error", "message", "statusCode"]);
    assert_eq!(body["statusCode"], json!(status));
    body["details"]["field"].clone()
}

async fn begin(house: &House, token: &str, body: Value) -> Value {
    let made = house.post("/messaging/conversations", token, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    made.json()
}

/// Contract C004, R2.
#[tokio::test]
async fn c004_both_bases_answer_the_same() {
    let house = House::new().await;
    let (anna, max) = (house.user("anna"), house.user("max"));
    house.arrive(&max).await;
    let made = begin(
        &house,
        &anna,
        json!({"participantIds": ["max"], "title": "Alpha"}),
    )
    .await;
    let id = made["id"].as_str().unwrap();
    let said = house
        .post(
            &format!("/api/messaging/conversations/{id}/messages"),
            &anna,
            json!({"content": "Test message"}),
        )
        .await;
    assert_eq!(said.status, StatusCode::CREATED, "{said:?}");
    for path in [
        "conversations".to_owned(),
        format!("conversations/{id}"),
        format!("conversations/{id}/messages"),
        format!("conversations/{id}/participants"),
        "search?query=test".to_owned(),
    ] {
        let first = house.get(&format!("/messaging/{path}"), &max).await;
        let second = house.get(&format!("/api/messaging/{path}"), &max).await;
        assert_eq!(first.status, StatusCode::OK, "{path}: {first:?}");
        assert_eq!(first.bytes, second.bytes, "{path}");
    }
    // Errors too.
    for base in ["/messaging", "/api/messaging"] {
        refused(
            &house
                .get(&format!("{base}/conversations/!nowhere:hub.local"), &max)
                .await,
            404,
        );
        refused(
            &house.get(&format!("{base}/conversations"), "nonsense").await,
            401,
        );
        let page = house.get(&format!("{base}/conversations?page=0"), &max).await;
        assert_eq!(refused(&page, 400), "page");
    }
}

/// Contract C013, C015, C030, C032.
#[tokio::test]
async fn c032_wrong_pages_are_refused_by_name() {
    let house = House::new().await;
    let anna = house.user("anna");
    let made = begin(&house, &anna, json!({"participantIds": [], "type": "GROUP"})).await;
    let id = made["id"].as_str().unwrap();
    for list in [
        "conversations?".to_owned(),
        format!("conversations/{id}/messages?"),
        format!("conversations/{id}/participants?"),
        "search?query=x&".to_owned(),
    ] {
        for (query, field) in [
            ("page=0", "page"),
            ("page=-1", "page"),
            ("page=one", "page"),
            ("page=1.5", "page"),
            ("page=99999999999999999999", "page"),
            ("limit=0", "limit"),
            ("limit=-1", "limit"),
            ("limit=101", "limit"),
            ("limit=10000", "limit"),
            ("limit=abc", "limit"),
            ("limit=1e3", "limit"),
        ] {
            let answer = house.get(&format!("/messaging/{list}{query}"), &anna).await;
            assert_eq!(refused(&answer, 400), field, "{list}{query}");
        }
        let good = house
            .get(&format!("/messaging/{list}page=%201%20&limit="), &anna)
            .await;
        assert_eq!(good.status, StatusCode::OK, "{good:?}");
        if !list.starts_with("search") {
            let far = house
                .get(&format!("/messaging/{list}page={}&limit=100", i64::MAX), &anna)
                .await;
            assert_eq!((far.status, far.json()), (StatusCode::OK, json!([])));
        }
    }
    let far = house
        .get("/messaging/search?query=x&page=101&limit=100", &anna)
        .await;
    assert_eq!(refused(&far, 400), "page");
    let last = house
        .get("/messaging/search?query=x&page=100&limit=100", &anna)
        .await;
    assert_eq!(last.status, StatusCode::OK);
    for search in [
        "search",
        "search?query=",
        "search?query=%20",
        "search?q=x",
        "search?query=%00",
    ] {
        let answer = house.get(&format!("/messaging/{search}"), &anna).await;
        assert_eq!(refused(&answer, 400), "query", "{search}");
    }
    let long = house
        .get(&format!("/messaging/search?query={}", "x".repeat(129)), &anna)
        .await;
    assert_eq!(refused(&long, 400), "query");
}

/// Contract C006, R56, R57: nothing is made of what is wrong.
#[tokio::test]
async fn c006_wrong_conversations_are_refused_by_name() {
    let house = House::new().await;
    let anna = house.user("anna");
    for name in ["max", "eva"] {
        house.arrive(&house.user(name)).await;
    }
    let control = "a\u{1}b";
    for (body, field) in [
        (json!({}), "participantIds"),
        (json!({"participantIds": "max"}), "participantIds"),
        (json!({"participantIds": [7]}), "participantIds[0]"),
        (json!({"participantIds": ["max", ""]}), "participantIds[1]"),
        (json!({"participantIds": [control]}), "participantIds[0]"),
        (json!({"participantIds": ["ghost"]}), "participantIds[0]"),
        (
            json!({"participantIds": ["anna", "ghost"], "type": "DIRECT"}),
            "participantIds[1]",
        ),
        (json!({"participantIds": ["max", "ghost"]}), "participantIds[1]"),
        (
            json!({"participantIds": ["max", "ghost"], "type": "THERAPY"}),
            "participantIds[1]",
        ),
        (
            json!({"participantIds": ["ghost"], "type": "SUPPORT"}),
            "participantIds[0]",
        ),
        (
            json!({"participantIds": ["anna"], "type": "DIRECT"}),
            "participantIds",
        ),
        (json!({"participantIds": [], "type": "DIRECT"}), "participantIds"),
        (
            json!({"participantIds": ["max", "eva"], "type": "DIRECT"}),
            "participantIds",
        ),
        (
            json!({"participantIds": vec!["max"; 501], "type": "GROUP"}),
            "participantIds",
        ),
        (json!({"participantIds": ["max"], "type": "direct"}), "type"),
        (json!({"participantIds": ["max"], "type": 1}), "type"),
        (json!({"participantIds": ["max"], "title": ""}), "title"),
        (json!({"participantIds": ["max"], "title": 5}), "title"),
        (
            json!({"participantIds": ["max"], "title": "x".repeat(256)}),
            "title",
        ),
        (
            json!({"participantIds": ["max", "eva"], "title": "x".repeat(256)}),
            "title",
        ),
        (json!({"type": "SUPPORT", "title": " "}), "title"),
        (json!({"participantIds": ["max"], "title": "a\u{0}b"}), "title"),
    ] {
        let answer = house.post("/messaging/conversations", &anna, body.clone()).await;
        assert_eq!(refused(&answer, 400), field, "{body}");
    }
    let unreadable = Request::post("/messaging/conversations")
        .header("authorization", format!("Bearer {anna}"))
        .body(Body::from("{\"participantIds\": [\"max\""))
        .unwrap();
    assert_eq!(refused(&house.send(unreadable).await, 400), "request");
    let list = house.get("/messaging/conversations", &anna).await.json();
    let kinds: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|conversation| &conversation["title"])
        .collect();
    assert_eq!(kinds, ["Allgemein"], "nothing was made");
}

/// Contract C011, C012, R35, R36, R41: the default type, and what is there already.
#[tokio::test]
async fn c011_types_follow_from_who_is_named() {
    let house = House::new().await;
    let anna = house.user("anna");
    for name in ["max", "eva"] {
        house.arrive(&house.user(name)).await;
    }
    let conversations = "/messaging/conversations";
    let direct = begin(&house, &anna, json!({"participantIds": ["max", "anna", "max"]})).await;
    assert_eq!(
        (&direct["type"], &direct["title"]),
        (&json!("DIRECT"), &Value::Null)
    );
    // Title and all: what is there stays as it is.
    let again = house
        .post(
            conversations,
            &house.user("max"),
            json!({"participantIds": ["anna"], "title": "New"}),
        )
        .await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(
        (&again.json()["id"], &again.json()["title"]),
        (&direct["id"], &Value::Null)
    );
    let named = begin(
        &house,
        &anna,
        json!({"participantIds": ["eva"], "title": "Eva & I"}),
    )
    .await;
    assert_eq!(
        (&named["type"], &named["title"]),
        (&json!("DIRECT"), &json!("Eva & I"))
    );
    let group = begin(&house, &anna, json!({"participantIds": ["max", "eva"]})).await;
    assert_eq!(
        (&group["type"], &group["title"]),
        (&json!("GROUP"), &json!("anna, max, eva"))
    );
    let therapy = begin(
        &house,
        &anna,
        json!({"participantIds": ["max"], "type": "THERAPY", "title": "Session"}),
    )
    .await;
    assert_eq!(therapy["type"], "THERAPY");
    let support = begin(&house, &anna, json!({"type": "SUPPORT"})).await;
    assert_eq!(
        (&support["type"], &support["title"]),
        (&json!("SUPPORT"), &json!("Support: anna"))
    );
    let again = house
        .post(
            conversations,
            &anna,
            json!({"type": "SUPPORT", "participantIds": ["max"], "title": "x"}),
        )
        .await;
    assert_eq!(again.status, StatusCode::OK);
    let again = again.json();
    assert_eq!(
        (&again["id"], &again["title"]),
        (&support["id"], &support["title"])
    );
    let people: Vec<_> = again["participants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|participant| participant["userId"].as_str().unwrap())
        .collect();
    assert_eq!(people, ["anna", "max"], "who was named is brought in");
    // Admins learn of a therapy that it is there, and no more (contract R36).
    let boss = house.token("boss", "admin", "1");
    let rooms = house.get("/api/v1/admin/rooms", &boss).await.json();
    for (id, name) in [
        (&therapy["id"], Value::Null),
        (&named["id"], Value::Null),
        (&group["id"], json!("anna, max, eva")),
    ] {
        let listed = rooms["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|room| room["room_id"] == *id);
        assert_eq!(listed.unwrap()["name"], name);
    }
    let id = therapy["id"].as_str().unwrap();
    refused(
        &house
            .get(&format!("/messaging/conversations/{id}/messages"), &boss)
            .await,
        404,
    );
}
