//! Who is here, by two replicas on one PostgreSQL and one Redis: contract B006, B016, B085, B086, B094, R29, R64.
//!
//! These need both, whatever `TEST_DATABASE` says.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::replicas::both;
use crate::support::env::{self, Database};
use crate::support::external::External;
use crate::support::stack::Service;
use crate::support::{Hub, Person, Sse, Stack, eventually, list, text};

/// A coming or going of this person.
fn of(person: &Person) -> impl Fn(&Value) -> bool {
    let id = person.id.clone();
    move |event| event["type"] == "presence" && event["hub_user_id"] == id.as_str()
}

/// What was told of a person, in these events.
fn told(events: &[Value], person: &Person) -> Vec<String> {
    let of_them = of(person);
    let events = events.iter().filter(|event| of_them(event));
    events.map(|event| text(event, "status")).collect()
}

/// The ids of those who are here, as somebody is shown it.
async fn here(hub: &Hub, person: &Person) -> Vec<String> {
    let here = hub.get("/api/v1/presence").by(person).expect(200).await;
    list(&here)
        .iter()
        .map(|entry| text(entry, "hub_user_id"))
        .collect()
}

async fn are_here(hub: &Hub, person: &Person, expected: &[&Person]) {
    let mut expected: Vec<_> = expected.iter().map(|person| person.id.clone()).collect();
    expected.sort();
    eventually("the right ones are here", async || {
        (here(hub, person).await == expected).then_some(())
    })
    .await;
}

/// Reads on until a person was told to be like this; all events up to there.
async fn until(stream: &mut Sse, person: &Person, status: &str) -> Vec<Value> {
    let of_them = of(person);
    stream
        .until(|event| of_them(event) && event["status"] == status)
        .await
}

#[tokio::test]
async fn b006_both_replicas_know_who_is_here() {
    let (first, second) = both().await;
    let (anna, max, eva) = (
        first.person("anna").await,
        second.person("max").await,
        first.person("eva").await,
    );
    let mut watching = [first.full_stream(&eva).await, second.full_stream(&eva).await];
    let annas = first.stream(&anna).await;
    for stream in &mut watching {
        until(stream, &anna, "online").await;
    }
    let maxs = second.stream(&max).await;
    for stream in &mut watching {
        let heard = until(stream, &max, "online").await;
        assert!(told(&heard, &anna).is_empty(), "told once: {heard:#?}");
    }
    for hub in [&first, &second] {
        are_here(hub, &eva, &[&anna, &max, &eva]).await;
    }
    // another tenant sees nobody
    let other = second.neighbour();
    let otto = other.person("otto").await;
    assert!(here(&other, &otto).await.is_empty());
    drop(annas);
    for stream in &mut watching {
        until(stream, &anna, "offline").await;
    }
    // that took some seconds, so what is noted of him now is not of his sign-in
    drop(maxs);
    let mut gone = Vec::new();
    for stream in &mut watching {
        gone.push(until(stream, &max, "offline").await.pop().expect("an event"));
    }
    for hub in [&first, &second] {
        are_here(hub, &eva, &[&eva]).await;
    }
    let boss = first.person_as("boss", "admin").await;
    let second_of = |value: &Value, field: &str| text(value, field)[..19].to_owned();
    let times: Vec<_> = gone.iter().map(|event| second_of(event, "last_seen")).collect();
    let path = format!("/api/v1/admin/users/{}", max.id);
    eventually("when they were last here is noted", async || {
        let shown = first.get(&path).by(&boss).expect(200).await;
        times.contains(&second_of(&shown, "last_seen_at")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn b094_closing_one_of_two_streams_at_two_replicas_is_not_going() {
    let (first, second) = both().await;
    let (anna, max, eva) = (
        first.person("anna").await,
        first.person("max").await,
        first.person("eva").await,
    );
    let mut watching = [first.full_stream(&eva).await, second.full_stream(&eva).await];
    let at_first = first.stream(&anna).await;
    let at_second = second.stream(&anna).await;
    let maxs = first.stream(&max).await;
    drop(at_first);
    // who closes their only one after that is told to be gone, and that is later than anna's would be
    drop(maxs);
    for stream in &mut watching {
        let heard = until(stream, &max, "offline").await;
        assert_eq!(told(&heard, &anna), ["online"], "{heard:#?}");
    }
    for hub in [&first, &second] {
        are_here(hub, &eva, &[&anna, &eva]).await;
    }
    let maxs = first.stream(&max).await;
    drop((at_second, maxs));
    for stream in &mut watching {
        let mut heard = until(stream, &anna, "offline").await;
        assert_eq!(told(&heard, &anna), ["offline"]);
        if told(&heard, &max).last().map(String::as_str) != Some("offline") {
            heard = until(stream, &max, "offline").await;
            assert!(told(&heard, &anna).is_empty(), "{heard:#?}");
        }
    }
}

#[tokio::test]
async fn r64_an_external_client_at_one_replica_is_here_at_the_other() {
    let (first, second) = both().await;
    let (anna, max) = (first.person("anna").await, first.person("max").await);
    let mut stream = first.full_stream(&anna).await;
    let mut client = External::of(&second, &max).await;
    client.sync().await;
    client.sync().await;
    until(&mut stream, &max, "online").await;
    are_here(&first, &anna, &[&anna, &max]).await;
    // and it hears of the first replica's people
    let eva = first.person("eva").await;
    let evas = first.stream(&eva).await;
    client.presence_of(&eva.matrix_id(), "online").await;
    drop(evas);
    client.presence_of(&eva.matrix_id(), "offline").await;
}

#[tokio::test]
async fn r29_typing_at_both_replicas_is_typing_of_both() {
    let (first, second) = both().await;
    let (anna, max, eva) = (
        first.person("anna").await,
        second.person("max").await,
        first.person("eva").await,
    );
    let room = first.group(&eva, &[&anna, &max]).await;
    let mut watching = [first.full_stream(&eva).await, second.full_stream(&eva).await];
    let path = format!("/api/v1/rooms/{room}/typing");
    let typing = async |hub: &Hub, person: &Person, typing: bool| {
        let body = json!({"typing": typing});
        hub.put(&path, &body).by(person).expect(204).await;
    };
    typing(&first, &anna, true).await;
    typing(&second, &max, true).await;
    let are_typing = |event: &Value, people: &[&Person]| {
        let mut ids: Vec<_> = people.iter().map(|person| person.id.as_str()).collect();
        ids.sort_unstable();
        let users = event["users"].as_array();
        event["type"] == "typing"
            && users.is_some_and(|users| users.iter().map(|user| &user["hub_user_id"]).eq(ids.iter()))
    };
    for stream in &mut watching {
        stream.wait_for(|event| are_typing(event, &[&anna, &max])).await;
    }
    typing(&first, &anna, false).await;
    for stream in &mut watching {
        stream.wait_for(|event| are_typing(event, &[&max])).await;
    }
    typing(&second, &max, false).await;
    for stream in &mut watching {
        stream.wait_for(|event| are_typing(event, &[])).await;
    }
}

/// Two replicas of one's own, with Redis behind something that can be cut.
struct Pair {
    first: Stack,
    second: Service,
    redis: Cut,
}

impl Pair {
    async fn start() -> Self {
        let redis = Cut::before(&env::redis()).await;
        let settings = [("REDIS_URL", redis.url.as_str())];
        let first = Stack::start(Database::Postgres, &settings).await;
        let mut second = first.replica();
        second.start(&settings).await;
        Self { first, second, redis }
    }

    fn hubs(&self) -> (Hub, Hub) {
        let first = self.first.hub();
        let second = first.at(&self.second.url());
        (first, second)
    }
}

/// Something that passes connections on, and can be cut.
struct Cut {
    url: String,
    up: watch::Sender<bool>,
}

impl Cut {
    async fn before(target: &str) -> Self {
        let mut url = url::Url::parse(target).expect("a URL");
        let host = url.host_str().expect("a host").to_owned();
        let to = (host, url.port().unwrap_or(6379));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(port)).expect("a port");
        let (up, ups) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (to, mut ups) = (to.clone(), ups.clone());
                if !*ups.borrow() {
                    continue;
                }
                tokio::spawn(async move {
                    let Ok(mut far) = TcpStream::connect(to).await else {
                        return;
                    };
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = ups.wait_for(|up| !up) => {}
                    }
                });
            }
        });
        Self {
            url: url.to_string(),
            up,
        }
    }

    fn set(&self, up: bool) {
        self.up.send_replace(up);
    }
}

#[tokio::test]
async fn b006_a_killed_replica_leaves_no_ghosts() {
    let mut pair = Pair::start().await;
    let (first, second) = pair.hubs();
    let (anna, max, eva) = (
        second.person("anna").await,
        second.person("max").await,
        first.person("eva").await,
    );
    let room = first.group(&eva, &[&anna, &max]).await;
    let mut watching = first.full_stream(&eva).await;
    let _at_second = (second.stream(&anna).await, second.stream(&max).await);
    let _at_first = first.stream(&max).await;
    are_here(&first, &eva, &[&anna, &max, &eva]).await;
    let typing = format!("/api/v1/rooms/{room}/typing");
    second
        .put(&typing, &json!({"typing": true}))
        .by(&anna)
        .expect(204)
        .await;
    watching
        .wait_for(|event| event["type"] == "typing" && event["users"][0]["hub_user_id"] == anna.id.as_str())
        .await;
    pair.second.kill().await;
    // the streams' own patience is a minute
    let mut heard = until(&mut watching, &anna, "offline").await;
    assert_eq!(told(&heard, &anna), ["offline"], "{heard:#?}");
    are_here(&first, &eva, &[&max, &eva]).await;
    let typing_ends =
        |event: &Value| event["type"] == "typing" && event["users"].as_array().is_some_and(Vec::is_empty);
    if !heard.iter().any(typing_ends) {
        watching.wait_for(typing_ends).await;
    }
    // one that comes back knows who is here, and makes nobody come twice
    let settings = [("REDIS_URL", pair.redis.url.as_str())];
    pair.second.start(&settings).await;
    are_here(&second, &eva, &[&max, &eva]).await;
    let _annas = second.stream(&anna).await;
    heard = until(&mut watching, &anna, "online").await;
    assert_eq!(told(&heard, &anna), ["online"]);
    assert!(told(&heard, &max).is_empty(), "{heard:#?}");
}

#[tokio::test]
async fn b016_presence_heals_after_redis_was_away() {
    let pair = Pair::start().await;
    let (first, second) = pair.hubs();
    let (anna, max, eva) = (
        first.person("anna").await,
        second.person("max").await,
        first.person("eva").await,
    );
    let mut at_first = first.full_stream(&eva).await;
    let mut at_second = second.full_stream(&eva).await;
    let _annas = first.stream(&anna).await;
    // one after the other, so that both are told of them in this order
    until(&mut at_second, &anna, "online").await;
    let maxs = second.stream(&max).await;
    until(&mut at_first, &max, "online").await;
    until(&mut at_second, &max, "online").await;
    pair.redis.set(false);
    eventually("Redis is away", async || {
        let health = first.get("/api/v1/health/detailed").expect(200).await;
        (health["checks"]["redis"]["status"] != "healthy").then_some(())
    })
    .await;
    // who goes meanwhile is told where they were, and the other hears of it afterwards
    drop(maxs);
    let mut heard = until(&mut at_second, &max, "offline").await;
    assert!(told(&heard, &anna).is_empty(), "{heard:#?}");
    let ina = second.person("ina").await;
    let _inas = second.stream(&ina).await;
    until(&mut at_second, &ina, "online").await;
    assert!(
        at_first
            .next_within(Duration::from_millis(200))
            .await
            .is_none_or(|event| event["type"] == "keepalive"),
        "nobody has told it"
    );
    pair.redis.set(true);
    heard = until(&mut at_first, &ina, "online").await;
    if told(&heard, &max).is_empty() {
        heard.extend(until(&mut at_first, &max, "offline").await);
    }
    assert_eq!(told(&heard, &max), ["offline"]);
    assert!(told(&heard, &anna).is_empty(), "{heard:#?}");
    for hub in [&first, &second] {
        are_here(hub, &eva, &[&anna, &ina, &eva]).await;
    }
}
