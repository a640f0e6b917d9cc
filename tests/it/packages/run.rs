//! What the containers run, outside of Docker: the same command, user, environment and configuration of Conduit. Only
//! addresses and folders are others, since a test shares its machine with more tests.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::{Value, json};

use super::{HUB, deployed, environment, instruction, root};
use crate::support::env::{self, Kind};
use crate::support::homeserver::Homeserver;
use crate::support::process::{Process, clean, free_port, run_folder};
use crate::support::stack::SERVICE;
use crate::support::{Hub, database, eventually, text};

/// The service's container: read-only but for its volume, and without rights.
struct Container {
    /// Belongs to root, as the container's file system does.
    folder: PathBuf,
    data: PathBuf,
    port: u16,
    variables: Vec<(String, String)>,
    user: (u32, u32),
    /// As the compose file has it.
    service: Value,
}

impl Container {
    /// With an empty volume, for a homeserver at this address.
    async fn empty(config: &Value, homeserver: &str) -> Self {
        // others than root have to get through
        fs::set_permissions(run_folder(), fs::Permissions::from_mode(0o711)).expect("our folder");
        let folder = run_folder().join("container");
        let data = folder.join("data");
        fs::create_dir_all(&data).expect("a folder");
        fs::copy(SERVICE, folder.join("messenger-service")).expect("the program");
        let user = instruction("USER");
        let (uid, gid) = user.split_once(':').expect("user and group");
        let user = (uid.parse().expect("a number"), gid.parse().expect("a number"));
        if is_root() {
            chown(&data, Some(user.0), Some(user.1)).expect("the volume's owner");
            fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).expect("the volume's mode");
        }
        let port = free_port();
        let mut variables: BTreeMap<String, String> = environment(config, "backend")
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let here = format!("127.0.0.1:{port}");
        for (name, value) in [
            ("DATA_DIR", data.display().to_string()),
            ("DATABASE_URL", database::create(env::database(), &data).await),
            ("HTTP_ADDR", here.clone()),
            ("GATEWAY_HTTP_ADDR", format!("127.0.0.1:{}", free_port())),
            ("GATEWAY_TLS_ADDR", format!("127.0.0.1:{}", free_port())),
            ("APPSERVICE_URL", format!("http://{here}")),
            ("MATRIX_HOMESERVER_URL", homeserver.to_owned()),
        ] {
            variables.insert(name.to_owned(), value);
        }
        Self {
            folder,
            data,
            port,
            variables: variables.into_iter().collect(),
            user,
            service: config["services"]["backend"].clone(),
        }
    }

    /// The image's entry point with these arguments, as the image's user.
    fn words(&self, arguments: &[&str]) -> Vec<String> {
        let entry: Vec<String> = serde_json::from_str(&instruction("ENTRYPOINT")).expect("the exec form");
        let program = self.folder.join(&entry[0]).display().to_string();
        let command = [program]
            .into_iter()
            .chain(arguments.iter().map(|&word| word.to_owned()));
        let user = [
            format!("--reuid={}", self.user.0),
            format!("--regid={}", self.user.1),
            "--clear-groups".to_owned(),
        ];
        limited(&self.service, &user).into_iter().chain(command).collect()
    }

    fn start(&self) -> Process {
        let arguments: Vec<String> = serde_json::from_str(&instruction("CMD")).expect("the exec form");
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        spawn("service", &self.words(&arguments), &self.variables, &self.folder)
    }

    /// `docker compose exec backend messenger-service …`
    fn exec(&self, arguments: &[&str]) -> Output {
        let words = self.words(arguments);
        let mut command = Command::new(&words[0]);
        clean(&mut command, &self.variables)
            .args(&words[1..])
            .current_dir(&self.folder);
        command.output().expect("the program")
    }

    /// One of its settings.
    fn variable(&self, name: &str) -> &str {
        let found = self.variables.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no {name}")).1
    }

    /// Whether the image's health check is content.
    fn healthy(&self) -> bool {
        let check = instruction("HEALTHCHECK");
        let (_, command) = check.split_once("CMD ").expect("a command");
        let words: Vec<String> = serde_json::from_str(command).expect("the exec form");
        let script = words.last().expect("a script");
        assert!(script.contains("127.0.0.1/8000"), "{script}");
        let script = script.replace("/8000", &format!("/{}", self.port));
        let mut command = Command::new(&words[0]);
        clean(&mut command, &[])
            .args(&words[1..words.len() - 1])
            .arg(script);
        command.output().expect("bash").status.success()
    }

    fn hub(&self) -> Hub {
        Hub::bare(&format!("http://127.0.0.1:{}", self.port))
    }

    async fn ready(&self, process: &mut Process, homeserver: &mut Option<Process>) {
        let hub = self.hub();
        eventually("it is ready with no step by hand", async || {
            for process in [&mut *process].into_iter().chain(homeserver.as_mut()) {
                assert!(process.running(), "{}", process.tail());
            }
            hub.get("/ready")
                .attempt()
                .await
                .ok()
                .filter(|answer| answer.status == 200)
        })
        .await;
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// What `cap_drop`, `cap_add` and `no-new-privileges` of a service do, before a command. Who is not root has nothing to
/// drop.
fn limited(service: &Value, user: &[String]) -> Vec<String> {
    if !is_root() {
        return Vec::new();
    }
    let mut kept = "-all".to_owned();
    for added in service["cap_add"].as_array().into_iter().flatten() {
        kept += ",+";
        kept += added.as_str().expect("a capability").to_lowercase().as_str();
    }
    let dropped = [format!("--bounding-set={kept}"), "--inh-caps=-all".to_owned()];
    let words = ["setpriv".to_owned()]
        .into_iter()
        .chain(user.iter().cloned())
        .chain(dropped);
    words
        .chain(["--no-new-privs".to_owned(), "--".to_owned()])
        .collect()
}

fn spawn(name: &str, words: &[String], variables: &[(String, String)], folder: &Path) -> Process {
    let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    Process::spawn(name, Path::new(&words[0]), &arguments, variables, folder)
}

/// Conduit as its container has it, at this port.
fn conduit(config: &Value, port: u16) -> Process {
    let folder = run_folder().join("container-conduit");
    fs::create_dir_all(&folder).expect("a folder");
    let mut variables: BTreeMap<String, String> = environment(config, "conduit")
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    for (name, value) in [
        (
            "CONDUIT_CONFIG",
            root().join("conduit/conduit.toml").display().to_string(),
        ),
        ("CONDUIT_ADDRESS", "127.0.0.1".to_owned()),
        ("CONDUIT_PORT", port.to_string()),
        ("CONDUIT_DATABASE_PATH", folder.join("data").display().to_string()),
    ] {
        variables.insert(name.to_owned(), value);
    }
    let mut words = limited(&config["services"]["conduit"], &[]);
    words.push(env::conduit().display().to_string());
    spawn(
        "conduit",
        &words,
        &variables.into_iter().collect::<Vec<_>>(),
        &folder,
    )
}

/// Whoever else reaches Conduit cannot make an account, even with the token it was claimed with.
async fn nobody_else_registers(homeserver: &Hub, token: &str) {
    let path = "/_matrix/client/v3/register";
    let mut body = json!({"username": "intruder", "password": "a long password of an intruder"});
    let mut answer = homeserver.post(path, &body).send().await;
    if answer.status == 401 {
        body["auth"] = json!({
            "type": "m.login.registration_token", "token": token, "session": answer.json()["session"],
        });
        answer = homeserver.post(path, &body).send().await;
    }
    assert_eq!(answer.json()["errcode"], "M_EXCLUSIVE", "{answer:?}");
}

/// A006, A007, R73: the gateway answers on both ports, and whoever trusts its authority has nothing to complain of.
async fn external_clients_get_in(container: &Container) {
    let plain = Hub::bare(&format!("http://{}", container.variable("GATEWAY_HTTP_ADDR")));
    plain.get("/_matrix/client/versions").expect(200).await;
    let authority = plain.get("/ca.pem").send().await.bytes;
    let kept = fs::read(container.data.join("gateway-ca.pem")).expect("the authority in the volume");
    assert_eq!(authority, kept);
    let authority = reqwest::Certificate::from_pem(&authority).expect("a certificate");
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([authority])
        .build()
        .expect("a client");
    let url = format!(
        "https://{}/_matrix/client/versions",
        container.variable("GATEWAY_TLS_ADDR")
    );
    let answer = client
        .get(&url)
        .send()
        .await
        .unwrap_or_else(|error| panic!("{url}: {error:?}"));
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a002_a010_an_empty_volume_becomes_a_working_messenger() {
    let config = deployed(HUB);
    let kind = env::homeserver();
    let port = free_port();
    let mut container = Container::empty(&config, &format!("http://127.0.0.1:{port}")).await;
    assert!(!container.healthy(), "nothing runs yet");

    // held until the end; Conduit starts together with the service, as the compose file says
    let mut homeservers: (Option<Process>, Option<Homeserver>) = (None, None);
    match kind {
        Kind::Conduit => homeservers.0 = Some(conduit(&config, port)),
        // in Conduit's place; it reads who we are from a file, before it starts
        Kind::Synapse => {
            let folder = run_folder().join("container-synapse");
            fs::create_dir_all(&folder).expect("a folder");
            let registration = container.exec(&["registration"]);
            assert!(registration.status.success(), "{registration:?}");
            let yaml = String::from_utf8(registration.stdout).expect("YAML is UTF-8");
            let mut synapse = Homeserver::configured(&folder, &yaml);
            let at = container
                .variables
                .iter_mut()
                .find(|(name, _)| name == "MATRIX_HOMESERVER_URL");
            at.expect("the homeserver's address").1.clone_from(&synapse.url);
            synapse.start().await;
            homeservers.1 = Some(synapse);
        }
    }
    let mut service = container.start();
    container.ready(&mut service, &mut homeservers.0).await;
    assert!(container.healthy());

    let doctor = container.exec(&["doctor"]);
    let report = String::from_utf8_lossy(&doctor.stdout);
    assert!(doctor.status.success() && !report.contains("FAIL"), "{report}");
    assert!(report.contains("way back"), "{report}");

    // a satellite's notification reaches somebody, with the tokens of the `.env`
    let hub = container.hub();
    let body =
        json!({"source_app": "a-satellite", "event_type": "notification", "title": "Kaffee ist fertig"});
    let token = container.variable("MESSENGER_SERVICE_TOKEN");
    // 202 says that its account and its room took longer to make than the answer waits, which a busy machine may need.
    let posted = hub
        .post("/api/v1/notifications/send", &body)
        .header("x-service-token", token)
        .send()
        .await;
    assert!([201, 202].contains(&posted.status), "{}", posted.text());
    let path = format!("/api/v1/notifications/{}", posted.json()["id"]);
    let sent = eventually("it is sent", async || {
        let record = hub.get(&path).header("x-service-token", token).expect(200).await;
        (record["status"] == "sent").then_some(record)
    })
    .await;
    let person = container.exec(&["token", "--sub", "max"]);
    let person = String::from_utf8(person.stdout).expect("a token");
    let path = format!("/api/v1/messages/history/{}", text(&sent, "matrix_room_id"));
    let history = hub.get(&path).bearer(person.trim()).expect(200).await;
    assert!(history.to_string().contains("Kaffee ist fertig"), "{history}");

    if kind == Kind::Conduit {
        let homeserver = Hub::bare(container.variable("MATRIX_HOMESERVER_URL"));
        nobody_else_registers(&homeserver, container.variable("MATRIX_REGISTRATION_TOKEN")).await;
    }

    external_clients_get_in(&container).await;

    // the volumes are all that is kept
    if is_root() {
        for entry in fs::read_dir(&container.data).expect("the volume") {
            let entry = entry.expect("a file");
            assert_eq!(
                entry.metadata().expect("a file").uid(),
                container.user.0,
                "{entry:?}"
            );
        }
    }
    service.signal("TERM");
    let grace = config["services"]["backend"]["stop_grace_period"]
        .as_str()
        .expect("a time");
    let grace = grace.trim_end_matches('s').parse().expect("seconds");
    assert!(
        service.ended(Duration::from_secs(grace)).await.success(),
        "{}",
        service.tail()
    );
    let mut service = container.start();
    container.ready(&mut service, &mut homeservers.0).await;
    let again = hub
        .get(&format!("/api/v1/notifications/{}", sent["id"]))
        .header("x-service-token", token)
        .expect(200)
        .await;
    assert_eq!(again["matrix_event_id"], sent["matrix_event_id"]);
}
