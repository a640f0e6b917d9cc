//! Nothing accepted is lost: contract A041, R21, R22 with a homeserver that is away and a service that dies.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::support::{Hub, Stack, text};

const SEND: &str = "/api/v1/notifications/send";

/// How many events of the room carry each of these titles, at the homeserver and in the service's history.
async fn counts(hub: &Hub, room: &str, app: &str, titles: &[String]) -> Vec<(String, usize, usize)> {
    let events = hub.matrix().device(app).await.messages(room).await;
    let anna = hub.person("reader").await;
    let mut history = Vec::new();
    let mut before = String::new();
    loop {
        let path = format!("/api/v1/messages/history/{room}?limit=100{before}");
        let page = hub.get(&path).by(&anna).expect(200).await;
        let page = page.as_array().expect("an array").clone();
        let Some(first) = page.first() else { break };
        before = format!(
            "&before={}",
            crate::support::matrix::segment(&text(first, "event_id"))
        );
        history.extend(page);
    }
    let count = |title: &String| {
        // the titles end in a mark, so that none is the beginning of another
        let events = events
            .iter()
            .filter(|event| event["content"]["body"].to_string().contains(title.as_str()));
        let messages = history
            .iter()
            .filter(|message| message["notification"]["title"] == title.as_str());
        (title.clone(), events.count(), messages.count())
    };
    titles.iter().map(count).collect()
}

async fn assert_each_once(hub: &Hub, room: &str, app: &str, titles: &[String]) {
    for (title, events, messages) in counts(hub, room, app, titles).await {
        assert_eq!(
            (events, messages),
            (1, 1),
            "{title}: events at the homeserver, messages in the history"
        );
    }
}

fn titles(name: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{name} {number}.")).collect()
}

#[tokio::test]
async fn r22_a_stopped_homeserver_delays_notifications_and_loses_none() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let anna = hub.person("anna").await;
    let general = hub.general(&anna).await;
    hub.notify(&json!({})).await;
    let mut stream = hub.stream(&anna).await;
    stack.homeserver.stop().await;
    let titles = titles("Away", 30);
    let mut ids = Vec::new();
    for (number, title) in titles.iter().enumerate() {
        let mut fields = json!({"title": title});
        // also where a room, an account or a direct message has to be made first
        match number % 3 {
            1 => fields["source_app"] = json!(hub.id("new-app")),
            2 => fields["priority"] = json!("urgent"),
            _ => {}
        }
        let begin = Instant::now();
        let answer = hub
            .post(SEND, &hub.notification(&fields))
            .by_service()
            .expect(202)
            .await;
        let took = begin.elapsed();
        assert!(
            took < Duration::from_millis(2500),
            "contract R22: answered after {took:?}"
        );
        assert_eq!(
            (answer["status"].as_str(), &answer["matrix_event_id"]),
            (Some("queued"), &Value::Null)
        );
        assert_eq!(answer["matrix_room_id"], Value::Null);
        ids.push(answer["id"].clone());
    }
    let entity =
        json!({"target_type": "entity_room", "entity_type": "machine", "entity_id": 1, "title": "New room."});
    let entity = hub
        .post(SEND, &hub.notification(&entity))
        .by_service()
        .expect(202)
        .await;
    let record = hub
        .get(&format!("/api/v1/notifications/{}", ids[0]))
        .by_service()
        .expect(200)
        .await;
    assert_eq!(record["status"], "queued");
    stack.homeserver.start().await;
    for id in &ids {
        hub.delivered(id).await;
    }
    let entity = hub.delivered(&entity["id"]).await;
    assert_each_once(&hub, &general, "app_fertigungs-app", &titles).await;
    assert_eq!(
        hub.history(&anna, &text(&entity, "matrix_room_id")).await.len(),
        1
    );
    // and live, each once
    hub.say(&anna, &general, "the end").await;
    let mut heard = BTreeMap::new();
    for event in stream.until(|event| event["body"] == "the end").await {
        *heard
            .entry(event["title"].as_str().unwrap_or_default().to_owned())
            .or_insert(0) += 1;
    }
    for title in &titles {
        assert_eq!(heard.get(title), Some(&1), "{title}");
    }
}

#[tokio::test]
async fn r22_a_homeserver_that_does_not_answer_delays_them_too() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let anna = hub.person("anna").await;
    let general = hub.general(&anna).await;
    hub.notify(&json!({})).await;
    stack.homeserver.freeze();
    let titles = titles("Silent", 8);
    let begin = Instant::now();
    let posts = titles.iter().map(|title| {
        hub.post(SEND, &hub.notification(&json!({"title": title})))
            .by_service()
            .expect(202)
    });
    let answers = join_all(posts).await;
    let took = begin.elapsed();
    assert!(
        took < Duration::from_secs(3),
        "contract R22: answered after {took:?}"
    );
    // the requests it has taken in are carried out when it goes on: the outcome was unclear, and still each is one event
    sleep(Duration::from_secs(4)).await;
    stack.homeserver.thaw();
    for answer in &answers {
        hub.delivered(&answer["id"]).await;
    }
    assert_each_once(&hub, &general, "app_fertigungs-app", &titles).await;
}

#[tokio::test]
async fn r22_a_killed_service_loses_and_doubles_nothing_it_has_acknowledged() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let anna = hub.person("anna").await;
    let general = hub.general(&anna).await;
    hub.notify(&json!({})).await;
    let titles = titles("Killed", 100);
    let acknowledged = std::sync::atomic::AtomicUsize::new(0);
    let clients = titles.iter().map(async |title| {
        let body = hub.notification(&json!({"title": title}));
        let key = hub.id(title);
        let end = Instant::now() + Duration::from_mins(2);
        loop {
            let call = hub.post(SEND, &body).by_service().header("idempotency-key", &key);
            match call.attempt().await {
                Ok(answer) if answer.status < 300 => {
                    acknowledged.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    return answer.json()["id"].clone();
                }
                Ok(answer) => assert!(answer.status >= 500, "{answer:?}"),
                // the service is gone for the moment
                Err(_) => {}
            }
            assert!(Instant::now() < end, "{title} is never acknowledged");
            sleep(Duration::from_millis(100)).await;
        }
    });
    let killing = async {
        for after in [5, 40, 75] {
            let end = Instant::now() + Duration::from_mins(1);
            while acknowledged.load(std::sync::atomic::Ordering::Relaxed) < after {
                assert!(Instant::now() < end, "not even {after} acknowledged");
                sleep(Duration::from_millis(5)).await;
            }
            stack.service().kill().await;
            stack.service().start(&[]).await;
        }
    };
    let (ids, ()) = futures_util::future::join(join_all(clients), killing).await;
    let mut different: Vec<String> = ids.iter().map(ToString::to_string).collect();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), 100, "two keys share a notification");
    for id in &ids {
        hub.delivered(id).await;
    }
    assert_each_once(&hub, &general, "app_fertigungs-app", &titles).await;
}

#[tokio::test]
async fn r22_what_is_queued_survives_a_restart() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let anna = hub.person("anna").await;
    let general = hub.general(&anna).await;
    let stranger = hub.stranger("stranger", "user");
    hub.notify(&json!({})).await;
    let unknown = json!({"target_type": "dm", "target_user": stranger.id, "title": "For later."});
    let unknown = hub
        .post(SEND, &hub.notification(&unknown))
        .by_service()
        .expect(202)
        .await;
    stack.homeserver.stop().await;
    let titles = titles("Queued", 10);
    let mut ids = Vec::new();
    for title in &titles {
        let body = hub.notification(&json!({"title": title}));
        ids.push(hub.post(SEND, &body).by_service().expect(202).await["id"].clone());
    }
    stack.service().kill().await;
    stack.homeserver.start().await;
    stack.service().start(&[]).await;
    for id in &ids {
        hub.delivered(id).await;
    }
    assert_each_once(&hub, &general, "app_fertigungs-app", &titles).await;
    hub.get("/api/v1/users/me").by(&stranger).expect(200).await;
    hub.delivered(&unknown["id"]).await;
}

#[tokio::test]
async fn r22_a_flapping_homeserver_gets_each_once() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let anna = hub.person("anna").await;
    let general = hub.general(&anna).await;
    hub.notify(&json!({})).await;
    let titles = titles("Flapping", 60);
    let posting = async {
        let mut ids = Vec::new();
        for title in &titles {
            let body = hub.notification(&json!({"title": title}));
            let answer = hub.post(SEND, &body).by_service().send().await;
            assert!([201, 202].contains(&answer.status), "{answer:?}");
            ids.push(answer.json()["id"].clone());
        }
        ids
    };
    let flapping = async {
        for _ in 0..3 {
            stack.homeserver.stop().await;
            stack.homeserver.start().await;
        }
    };
    let (ids, ()) = futures_util::future::join(posting, flapping).await;
    for id in &ids {
        hub.delivered(id).await;
    }
    assert_each_once(&hub, &general, "app_fertigungs-app", &titles).await;
}
