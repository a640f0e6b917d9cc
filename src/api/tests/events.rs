//! The event stream and polling at the door.

use http_body_util::BodyExt as _;
use serde_json::json;

use super::*;

async fn frame(body: &mut Body) -> Option<String> {
    let frame = tokio::time::timeout(Duration::from_secs(10), body.frame())
        .await
        .expect("an event in time")?;
    Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
}

async fn stream(house: &House, query: &str, last_id: Option<&str>) -> Response {
    let mut request = Request::builder().uri(format!("/api/v1/events/stream?{query}"));
    if let Some(id) = last_id {
        request = request.header("last-event-id", id);
    }
    house.open(request.body(Body::empty()).unwrap()).await
}

/// Contract A055 to A059, R25.
#[tokio::test]
async fn a_stream_says_what_happens_and_resumes() {
    let house = House::new().await;
    let anna = house.user("anna");
    let room = house.group(&anna, &[]).await;
    let response = stream(&house, &format!("token={anna}"), None).await;
    assert_eq!(response.status(), StatusCode::OK);
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-cache"),
        ("x-accel-buffering", "no"),
    ] {
        assert_eq!(response.headers()[name], value);
    }
    let mut body = response.into_body();
    assert!(
        frame(&mut body)
            .await
            .unwrap()
            .ends_with("data: {\"type\":\"connected\"}\n\n")
    );
    let first = house.say(&anna, &room, "one").await;
    let said = frame(&mut body).await.unwrap();
    assert!(
        said.starts_with("id: ") && said.contains(&first) && said.contains("\"new_message\""),
        "{said}"
    );
    let id = said
        .lines()
        .next()
        .unwrap()
        .strip_prefix("id: ")
        .unwrap()
        .to_owned();
    drop(body);

    let second = house.say(&anna, &room, "two").await;
    // The header wins over the query, which an `EventSource` repeats unchanged.
    let mut body = stream(&house, &format!("token={anna}&since=1"), Some(&id))
        .await
        .into_body();
    assert!(frame(&mut body).await.unwrap().contains("connected"));
    let said = frame(&mut body).await.unwrap();
    assert!(said.contains(&second) && !said.contains(&first), "{said}");
}

/// Contract R23.
#[tokio::test]
async fn a_ticket_opens_one_stream() {
    let house = House::new().await;
    let anna = house.user("anna");
    let ticket = house.call("POST", "/api/v1/events/ticket", &anna, None).await;
    assert_eq!(ticket.status, StatusCode::CREATED);
    let ticket = ticket.json()["ticket"].as_str().unwrap().to_owned();
    assert_eq!(
        stream(&house, &format!("token={ticket}"), None).await.status(),
        StatusCode::OK
    );
    assert_eq!(
        stream(&house, &format!("token={ticket}"), None).await.status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(stream(&house, "", None).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        house.get("/api/v1/users/me", &ticket).await.status,
        StatusCode::UNAUTHORIZED
    );
}

/// Contract A060, R25: old clients are told of four types only.
#[tokio::test]
async fn version_2_hears_more() {
    let house = House::new().await;
    let anna = house.user("anna");
    let room = house.group(&anna, &[]).await;
    let mut old = stream(&house, &format!("token={anna}"), None).await.into_body();
    let mut new = stream(&house, &format!("token={anna}&v=2"), None)
        .await
        .into_body();
    let message = house.say(&anna, &room, "one").await;
    let path = format!("/api/v1/messages/{message}");
    assert_eq!(
        house
            .call("PATCH", &path, &anna, Some(json!({"body": "two"})))
            .await
            .status,
        StatusCode::OK
    );
    house.say(&anna, &room, "end").await;
    let mut heard = [String::new(), String::new()];
    for (body, heard) in [&mut old, &mut new].into_iter().zip(&mut heard) {
        while !heard.contains("\"end\"") {
            heard.push_str(&frame(body).await.unwrap());
        }
    }
    assert!(heard[1].contains("\"message_updated\""), "{}", heard[1]);
    assert!(!heard[0].contains("message_updated"), "{}", heard[0]);
    assert!(!heard[0].contains("event:"), "contract A056: {}", heard[0]);
}

/// Contract A064, A065, R24.
#[tokio::test]
async fn polling_answers_each_event_once() {
    let house = House::new().await;
    let anna = house.user("anna");
    let room = house.group(&anna, &[]).await;
    let poll = async |query: &str| {
        house
            .get(&format!("/api/v1/events/poll?{query}"), &anna)
            .await
            .json()
    };
    assert_eq!(poll("").await, json!([]), "the cursor begins");
    let message = house.say(&anna, &room, "one").await;
    let events = poll("").await;
    assert_eq!(
        (&events[0]["type"], &events[0]["event_id"]),
        (&json!("new_message"), &json!(message))
    );
    assert_eq!(poll("").await, json!([]));
    let since = events[0]["id"].as_i64().unwrap() - 1;
    assert_eq!(poll(&format!("since={since}")).await, events, "stateless");
    assert_eq!(poll(&format!("since={since}")).await, events, "and again");
    let in_query = Request::builder().uri(format!("/api/v1/events/poll?token={anna}&client=other"));
    assert_eq!(
        house.send(in_query.body(Body::empty()).unwrap()).await.json(),
        json!([]),
        "a client of its own"
    );
    for wrong in ["since=x", "wait=-1", &format!("client={}", "c".repeat(65))] {
        let answer = house.get(&format!("/api/v1/events/poll?{wrong}"), &anna).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wrong}: {answer:?}"
        );
    }
}

/// Contract R24.
#[tokio::test]
async fn a_long_poll_waits_for_the_event() {
    let house = House::new().await;
    let anna = house.user("anna");
    let room = house.group(&anna, &[]).await;
    house.get("/api/v1/events/poll", &anna).await;
    let waiting = house.get("/api/v1/events/poll?wait=25", &anna);
    let (events, message) = tokio::join!(waiting, house.say(&anna, &room, "one"));
    assert_eq!(events.json()[0]["event_id"], message.as_str());
}
