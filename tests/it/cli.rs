//! The command line and the settings: contract A010, A017, A018, A083 to A089, B014, B100, R4, R5, R42.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::http::Hub;
use crate::support::people::{claims, signed};
use crate::support::process::{Process, free_port, run_folder};
use crate::support::stack::{AS_TOKEN, HS_TOKEN, SERVICE};
use crate::support::{Stack, database, env, eventually, list, text};

fn printed(output: &Output) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{}: {out}{err}", output.status);
    out.trim().to_owned()
}

fn pairs(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    settings
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Starts the service with nothing but these settings, and a folder of its own.
fn bare(name: &str, settings: &[(&str, &str)]) -> Process {
    Process::spawn(
        name,
        Path::new(SERVICE),
        &["serve"],
        &pairs(settings),
        &folder(name),
    )
}

/// A folder for commands that run without a service.
fn folder(name: &str) -> PathBuf {
    let folder = run_folder().join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// How a command ends that has nothing but these settings, and what it says.
async fn run(command: &str, settings: &[(&str, &str)], folder: &Path) -> (ExitStatus, String) {
    let program = Path::new(SERVICE);
    let mut process = Process::spawn(command, program, &[command], &pairs(settings), folder);
    let status = process.ended(Duration::from_secs(30)).await;
    (status, process.tail())
}

/// How a service ends that refuses to start, and what it says.
async fn refusal(name: &str, settings: &[(&str, &str)]) -> (ExitStatus, String) {
    let mut process = bare(name, settings);
    let status = process.ended(Duration::from_secs(30)).await;
    (status, process.tail())
}

#[tokio::test]
async fn r5_a018_tokens_are_printed() {
    let stack = Stack::shared().await;
    let hub = stack.hub();
    let (id, tenant) = (hub.id("max"), hub.tenant.to_string());
    let arguments = ["token", "--sub", &id, "--role", "admin", "--tenant", &tenant];
    let local = printed(&stack.command(&arguments));
    let me = hub.get("/api/v1/users/me").bearer(&local).expect(200).await;
    assert_eq!(
        (me["hub_user_id"].as_str(), me["role"].as_str()),
        (Some(id.as_str()), Some("admin"))
    );
    let other = hub.id("moritz");
    let arguments = [
        "token", "--sub", &other, "--role", "viewer", "--tenant", &tenant, "--hub",
    ];
    let hubs = printed(&stack.command(&arguments));
    let me = hub.get("/api/v1/users/me").bearer(&hubs).expect(200).await;
    assert_eq!(
        (me["hub_user_id"].as_str(), me["role"].as_str()),
        (Some(other.as_str()), Some("viewer"))
    );
    assert!(!stack.command(&["token"]).status.success(), "a token for nobody");
}

#[tokio::test]
async fn the_registration_is_printed() {
    let stack = Stack::shared().await;
    let yaml = printed(&stack.command(&["registration"]));
    for part in [
        AS_TOKEN,
        HS_TOKEN,
        "sender_localpart",
        "namespaces",
        "exclusive: true",
        "hub\\.local",
        "url:",
    ] {
        assert!(yaml.contains(part), "no {part} in\n{yaml}");
    }
    // some homeservers refuse both spellings
    assert!(
        !(yaml.contains("receive_ephemeral") && yaml.contains("push_ephemeral")),
        "{yaml}"
    );
}

#[tokio::test]
async fn doctor_says_what_is_wrong_in_words() {
    let stack = Stack::shared().await;
    let output = stack.command(&["doctor"]);
    let report = printed(&output).to_lowercase();
    for part in ["database", "homeserver"] {
        assert!(report.contains(part), "{report}");
    }
    let mut sick = Stack::private(&[]).await;
    sick.homeserver.stop().await;
    let output = sick.command(&["doctor"]);
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let report = format!("{out}{err}");
    assert!(!output.status.success(), "{report}");
    assert!(report.to_lowercase().contains("homeserver"), "{report}");
    assert!(
        !report.contains(AS_TOKEN) && !report.contains(HS_TOKEN),
        "{report}"
    );
}

#[tokio::test]
async fn b100_doctor_names_the_setting_that_is_wrong() {
    let settings = [
        ("CORS_ORIGINS", "https://app.example.org"),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("MATRIX_HOMESERVER_URL", "http://127.0.0.1:1"),
    ];
    let (status, words) = run("doctor", &settings, &folder("doctor")).await;
    assert!(!status.success(), "{words}");
    for (part, said) in [
        ("ok    database", "up to date"),
        ("ok    cors", "https://app.example.org"),
        ("FAIL  redis", "REDIS_URL"),
        ("FAIL  homeserver", "MATRIX_HOMESERVER_URL=http://127.0.0.1:1"),
    ] {
        let line = words.lines().find(|line| line.starts_with(part));
        assert!(line.is_some_and(|line| line.contains(said)), "{part}: {words}");
    }
}

#[tokio::test]
async fn b014_one_command_makes_the_tables_with_the_standard_rules() {
    let folder = folder("migrated");
    let url = database::create(env::database(), &folder).await;
    let migrate = async || {
        let (status, words) = run("migrate", &[("DATABASE_URL", url.as_str())], &folder).await;
        assert!(status.success(), "{words}");
        let by_priority = r#"SELECT id FROM "MessagingRule" ORDER BY priority DESC"#;
        database::texts(&url, by_priority).await
    };
    let standard = [
        "team-internal",
        "support-channel",
        "platform-announcements",
        "cross-org-managers",
    ];
    assert_eq!(migrate().await, standard);
    // What an operator took out does not come back.
    database::execute(&url, r#"DELETE FROM "MessagingRule" WHERE id = 'team-internal'"#).await;
    assert_eq!(migrate().await, standard[1..]);
}

#[tokio::test]
async fn b014_one_command_makes_a_demo_tenant_and_a_second_time_changes_nothing() {
    let stack = Stack::shared().await;
    let hub = stack.hub();
    let url = stack.url();
    let arguments = [
        "token",
        "--sub",
        "anna",
        "--role",
        "admin",
        "--name",
        "Anna Admin",
        "--hub",
    ];
    let anna = printed(&stack.command(&arguments));
    let history = async |room: &Value| {
        let path = format!("/api/v1/messages/history/{}", text(room, "room_id"));
        list(&hub.get(&path).bearer(&anna).expect(200).await)
    };
    let seeded = async || {
        printed(&stack.command(&["seed", "--url", &url]));
        eventually("all of it is there", async || {
            let rooms = list(&hub.get("/api/v1/rooms").bearer(&anna).expect(200).await);
            let group = |room: &&Value| room["name"] == "Frühschicht";
            let machine = |room: &&Value| room["entity_type"] == "machine";
            let greeting = history(rooms.iter().find(group)?).await;
            let note = history(rooms.iter().find(machine)?).await;
            let groups = rooms.iter().filter(group).count();
            // The service delivers a notification in its own time.
            (!note.is_empty()).then_some((groups, greeting, note))
        })
        .await
    };
    let first = seeded().await;
    let (groups, greeting, note) = &first;
    assert_eq!((*groups, greeting.len(), note.len()), (1, 1, 1), "{first:?}");
    assert_eq!(greeting[0]["body"], "Guten Morgen!");
    assert_eq!(seeded().await, first);
}

#[tokio::test]
async fn r42_a083_production_refuses_insecure_defaults() {
    let good = [
        ("APP_ENV", "production"),
        ("HTTP_ADDR", "127.0.0.1:0"),
        ("GATEWAY_HTTP_ADDR", ""),
        ("GATEWAY_TLS_ADDR", ""),
        ("SECRET_KEY", "a-secret-of-its-own-0123456789"),
        ("MESSENGER_SERVICE_TOKEN", "a-token-of-its-own-0123456789"),
        ("DATABASE_URL", "sqlite://messenger.db"),
    ];
    for (missing, insecure) in [
        ("SECRET_KEY", "messenger-dev-secret"),
        ("SECRET_KEY", ""),
        ("MESSENGER_SERVICE_TOKEN", "messenger-service-token-dev"),
        ("MESSENGER_SERVICE_TOKEN", ""),
        ("DATABASE_URL", ""),
    ] {
        let mut settings = good.to_vec();
        settings.retain(|(name, _)| *name != missing);
        if !insecure.is_empty() {
            settings.push((missing, insecure));
        }
        let name = format!("refused-{missing}-{}", insecure.len());
        let (status, words) = refusal(&name, &settings).await;
        assert!(!status.success(), "{missing}: {words}");
        assert!(words.contains(missing), "{missing} is not named: {words}");
    }
}

#[tokio::test]
async fn a089_a_setting_that_makes_no_sense_is_named() {
    for (variable, value) in [
        ("LOG_LEVEL", "!!"),
        ("RATE_LIMIT_PER_MINUTE", "many"),
        ("DATABASE_URL", "mysql://x"),
        ("HTTP_ADDR", "nowhere"),
        ("APP_ENV", "staging"),
        ("MATRIX_HOMESERVER_URL", "conduit"),
    ] {
        let (status, words) = refusal(&format!("odd-{variable}"), &[(variable, value)]).await;
        assert!(!status.success(), "{variable}: {words}");
        assert!(words.contains(variable), "{variable} is not named: {words}");
    }
}

#[tokio::test]
async fn a010_a017_a084_to_a089_it_runs_with_nothing_set() {
    let (http, local) = (
        format!("127.0.0.1:{}", free_port()),
        format!("127.0.0.1:{}", free_port()),
    );
    // the addresses only, so that it does not disturb the others
    let mut process = bare(
        "bare",
        &[
            ("HTTP_ADDR", &http),
            ("GATEWAY_HTTP_ADDR", &local),
            ("GATEWAY_TLS_ADDR", ""),
        ],
    );
    let hub = Hub::bare(&format!("http://{http}"));
    eventually("it lives", async || {
        assert!(process.running(), "{}", process.tail());
        hub.get("/live")
            .attempt()
            .await
            .ok()
            .filter(|answer| answer.status == 200)
    })
    .await;
    // A086: it asks http://conduit:6167, which is not here
    let health = hub.get("/api/v1/health").expect(200).await;
    assert_eq!(
        (health["status"].as_str(), health["conduit"].as_str()),
        (Some("degraded"), Some("unreachable"))
    );
    hub.get("/ready").expect(503).await;
    // A088: the satellites' default token; R42: an embedded database, and it keeps what is accepted
    let dev = "messenger-service-token-dev";
    let body = json!({"source_app": "a", "event_type": "notification", "title": "Kept"});
    let answer = hub
        .post("/api/v1/notifications/send", &body)
        .header("x-service-token", dev)
        .expect(202)
        .await;
    assert_eq!(answer["status"], "queued");
    hub.get(&format!("/api/v1/notifications/{}", answer["id"]))
        .header("x-service-token", dev)
        .expect(200)
        .await;
    // A085, A017: no secret of the hub, no hub tokens; A084: local ones are signed with the default
    let person = claims("max", "user", 1, "Max");
    let hub_token = signed(&person, jsonwebtoken::Algorithm::HS256, "");
    hub.get("/api/v1/users/me").bearer(&hub_token).refused(401).await;
    let mut person = person;
    person["iss"] = json!("messenger-service");
    let local = signed(&person, jsonwebtoken::Algorithm::HS256, "messenger-dev-secret");
    let answer = hub.get("/api/v1/users/me").bearer(&local).send().await;
    assert!(
        [200, 503].contains(&answer.status),
        "the token counts, the homeserver is away: {answer:?}"
    );
    // A089: `info` is written, `debug` is not
    let log = process.tail().to_lowercase();
    assert!(log.contains("info") && !log.contains("debug"), "{log}");
    process.signal("TERM");
    assert!(
        process.ended(Duration::from_secs(20)).await.success(),
        "{}",
        process.tail()
    );
}

#[tokio::test]
async fn a087_the_default_server_name_stands_in_the_registration() {
    let (status, words) = run("registration", &[], &folder("registration")).await;
    assert!(status.success(), "{words}");
    assert!(words.contains("hub\\.local"), "{words}");
}
