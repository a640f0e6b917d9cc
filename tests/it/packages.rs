//! The Docker packages: contract A002 to A010, A083 to A088, A095, B011 to B013, B017, C002, R42, R43.
//!
//! There need not be a Docker here: the compose files are read by Docker Compose itself, which resolves them without an
//! engine, and the Dockerfile by a linter. `cargo xtask test` installs both; `TEST_COMPOSE` and `TEST_HADOLINT` name
//! others.

mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::{Value, json};
use url::Url;

use crate::support::process::{clean, run_folder};

const HUB: &str = "docker-compose.hub.yml";
const ALONE: &str = "docker-compose.yml";
const EXAMPLE: &str = include_str!("../../.env.example");

/// What nobody may start with by accident.
const SECRETS: [&str; 4] = [
    "SECRET_KEY",
    "MESSENGER_SERVICE_TOKEN",
    "MATRIX_REGISTRATION_TOKEN",
    "POSTGRES_PASSWORD",
];

/// Settings that the containers' own layout decides.
const FIXED: [&str; 3] = ["DATA_DIR", "HTTP_ADDR", "MATRIX_SENDER_LOCALPART"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A program that `cargo xtask test` installs.
fn tool(variable: &str, name: &str) -> PathBuf {
    let set = std::env::var_os(variable).filter(|value| !value.is_empty());
    let path = set.map_or_else(|| root().join(".dev/packaging/bin").join(name), PathBuf::from);
    assert!(
        path.is_file(),
        "no {name} at {}: run `cargo xtask test`, which installs one, or set {variable}",
        path.display()
    );
    path
}

/// Docker Compose with these variables as its `.env`, and none of ours.
fn compose(files: &[PathBuf], env_file: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(tool("TEST_COMPOSE", "docker-compose"));
    clean(&mut command, &[]).current_dir(root());
    for file in files {
        command.arg("--file").arg(file);
    }
    command
        .arg("--env-file")
        .arg(env_file)
        .args(["--profile", "*"])
        .args(arguments);
    command.output().expect("Docker Compose")
}

/// A compose file as Compose understands it.
fn resolved(files: &[PathBuf], env_file: &Path) -> Value {
    let output = compose(files, env_file, &["config", "--format", "json"]);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{files:?}: {complaint}");
    assert_eq!(complaint, "", "{files:?}");
    serde_json::from_slice(&output.stdout).expect("Compose writes JSON")
}

/// One of our compose files, with the `.env` that its users make.
fn deployed(file: &str) -> Value {
    resolved(&[root().join(file)], made_env())
}

/// An environment file of this run.
fn env_file(name: &str, text: &str) -> PathBuf {
    let path = run_folder().join(name);
    std::fs::write(&path, text).expect("an environment file");
    path
}

/// The `.env` that comes out when somebody runs what `.env.example` says; in a folder of its own.
fn made_env() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = run_folder().join("env");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(".env.example"), EXAMPLE).expect("the example");
        make_env(&folder);
        folder.join(".env")
    })
}

/// The command in `.env.example` that makes a `.env`.
fn command_for_secrets() -> &'static str {
    EXAMPLE
        .lines()
        .filter_map(|line| line.strip_prefix("#     "))
        .find(|line| line.contains("cp -n .env.example .env"))
        .expect("the command that makes the secrets")
}

/// Runs it.
fn make_env(folder: &Path) {
    let mut shell = Command::new("sh");
    clean(&mut shell, &[]).current_dir(folder);
    let output = shell
        .args(["-c", command_for_secrets()])
        .output()
        .expect("a shell");
    assert!(output.status.success(), "{output:?}");
}

/// The variables of an environment file; those behind a `#` too when `commented`.
fn variables(text: &str, commented: bool) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| {
        let line = if commented {
            line.trim_start_matches('#')
        } else {
            line
        };
        let (name, value) = line.split_once('=')?;
        let known = |c: char| c.is_ascii_uppercase() || c == '_';
        (!name.is_empty() && name.chars().all(known)).then(|| (name.to_owned(), value.to_owned()))
    });
    lines.collect()
}

/// The names in `${…}`.
fn interpolated(text: &str) -> BTreeSet<String> {
    let names = text.split("${").skip(1).map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_uppercase() || c == '_'));
        rest[..end.unwrap_or(rest.len())].to_owned()
    });
    names.collect()
}

/// The variables of a service; those without a value are taken from `.env`.
fn environment(config: &Value, service: &str) -> BTreeMap<String, Option<String>> {
    let given = config["services"][service]["environment"].as_object();
    given
        .unwrap_or_else(|| panic!("{service} has no environment"))
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned)))
        .collect()
}

/// The instructions of the Dockerfile: name and the rest, lines that go on joined.
fn dockerfile() -> Vec<(String, String)> {
    let text = read("Dockerfile");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    joined
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, rest)| (name.to_owned(), rest.trim().to_owned()))
        .collect()
}

/// The rest of an instruction that counts in the finished image: the last one.
fn instruction(name: &str) -> String {
    let found = dockerfile()
        .into_iter()
        .rfind(|(instruction, _)| instruction == name);
    found.unwrap_or_else(|| panic!("the Dockerfile has no {name}")).1
}

/// `published:target` of a service's ports.
fn ports(service: &Value) -> BTreeSet<String> {
    let ports = service["ports"].as_array().expect("ports");
    let pair = |port: &Value| {
        format!(
            "{}:{}",
            port["published"].as_str().expect("published"),
            port["target"]
        )
    };
    ports.iter().map(pair).collect()
}

#[test]
fn a002_to_a007_the_hub_finds_it_where_it_looks() {
    let config = deployed(HUB);
    let services: Vec<&String> = config["services"].as_object().expect("services").keys().collect();
    assert_eq!(services, ["backend", "conduit", "postgres", "redis"]);
    let backend = &config["services"]["backend"];
    assert_eq!(backend["container_name"], "messenger-service-backend-1");
    assert_eq!(backend["expose"], json!(["8000"]), "A004, A005");
    assert_eq!(
        ports(backend),
        BTreeSet::from(["8448:8448".to_owned(), "8008:8008".to_owned()]),
        "A006, A007; 8085 is the hub's proxy's"
    );
    // A003: in the hub's network, and nothing else of ours is
    let network = &config["networks"]["hub_satellite_net"];
    assert_eq!(
        (&network["name"], &network["external"]),
        (&json!("hub_satellite_net"), &json!(true))
    );
    for (name, service) in config["services"].as_object().expect("services") {
        let networks = service["networks"].as_object().expect("networks");
        assert!(networks.contains_key("default"), "{name}");
        assert_eq!(
            networks.contains_key("hub_satellite_net"),
            name == "backend",
            "{name}"
        );
    }
}

#[test]
fn a003_the_addresses_in_the_containers_fit_together() {
    for file in [HUB, ALONE] {
        let config = deployed(file);
        let services = &config["services"];
        let ours = environment(&config, "backend");
        let url = |name: &str| Url::parse(ours[name].as_deref().expect(name)).expect(name);
        // A086
        assert_eq!(url("MATRIX_HOMESERVER_URL").as_str(), "http://conduit:6167/");
        assert!(services["conduit"].is_object() && services["conduit"]["ports"].is_null());
        assert_eq!(
            url("APPSERVICE_URL").host_str(),
            services["backend"]["container_name"].as_str()
        );
        assert_eq!(url("APPSERVICE_URL").port(), Some(8000));
        // A083
        let (database, theirs) = (url("DATABASE_URL"), environment(&config, "postgres"));
        assert_eq!(Some(database.username()), theirs["POSTGRES_USER"].as_deref());
        assert_eq!(database.password(), theirs["POSTGRES_PASSWORD"].as_deref());
        assert_eq!(Some(&database.path()[1..]), theirs["POSTGRES_DB"].as_deref());
        let alias = |service: &str| services[service]["networks"]["default"]["aliases"][0].clone();
        assert_eq!(json!(database.host_str()), alias("postgres"));
        let redis = &variables(EXAMPLE, true)["REDIS_URL"];
        assert_eq!(
            json!(Url::parse(redis).expect("REDIS_URL").host_str()),
            alias("redis")
        );
        // A087
        let conduit = environment(&config, "conduit");
        assert_eq!(conduit["CONDUIT_SERVER_NAME"], ours["MATRIX_SERVER_NAME"]);
        assert_eq!(ours["MATRIX_SERVER_NAME"].as_deref(), Some("hub.local"));
        let token = ours["MATRIX_REGISTRATION_TOKEN"].as_deref().expect("a token");
        assert_eq!(
            conduit["CONDUIT_REGISTRATION_TOKEN"],
            Some(format!("\"{token}\""))
        );
    }
}

#[test]
fn a095_a009_the_satellites_lines_work_as_they_are() {
    let folder = run_folder().join("satellite");
    std::fs::create_dir_all(&folder).expect("a folder");
    let files = [folder.join("docker-compose.yml"), folder.join("messenger.yml")];
    std::fs::write(&files[0], "services:\n  meine-app:\n    image: meine-app\n").expect("a file");
    let lines = "services:
  meine-app:
    environment:
      - MESSENGER_SERVICE_URL=http://messenger-service-backend-1:8000
      - MESSENGER_SERVICE_TOKEN=${MESSENGER_SERVICE_TOKEN:-messenger-service-token-dev}
    networks:
      - default
      - hub_satellite_net

networks:
  hub_satellite_net:
    external: true
";
    std::fs::write(&files[1], lines).expect("a file");
    let hub = deployed(HUB);
    let satellite = resolved(&files, made_env());
    let network = |config: &Value| config["networks"]["hub_satellite_net"]["name"].clone();
    assert_eq!(network(&satellite), network(&hub));
    let given = environment(&satellite, "meine-app");
    let url = Url::parse(given["MESSENGER_SERVICE_URL"].as_deref().expect("a URL")).expect("a URL");
    let backend = &hub["services"]["backend"];
    assert_eq!(url.host_str(), backend["container_name"].as_str());
    assert_eq!(
        json!([url.port().expect("a port").to_string()]),
        backend["expose"]
    );
    assert_eq!(
        given["MESSENGER_SERVICE_TOKEN"],
        environment(&hub, "backend")["MESSENGER_SERVICE_TOKEN"]
    );
    // without a hub's token the satellite falls back to the one that the service has in development (A088)
    let alone = environment(&resolved(&files, Path::new("/dev/null")), "meine-app");
    let defaults: toml::Table = include_str!("../../config/default.toml").parse().expect("TOML");
    assert_eq!(
        alone["MESSENGER_SERVICE_TOKEN"].as_deref(),
        defaults["messenger_service_token"].as_str()
    );
}

#[test]
fn r42_it_does_not_start_without_secrets_of_its_own() {
    let good = std::fs::read_to_string(made_env()).expect("the .env");
    for file in [HUB, ALONE] {
        for secret in SECRETS {
            let line = format!("{secret}={}\n", variables(&good, false)[secret]);
            let without = env_file("without.env", &good.replace(&line, ""));
            let output = compose(&[root().join(file)], &without, &["config", "--quiet"]);
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success(), "{file} without {secret}");
            assert!(
                complaint.contains(secret) && complaint.contains(".env.example"),
                "{complaint}"
            );
        }
        let text = read(file);
        for insecure in ["messenger-dev-secret", "messenger-service-token-dev"] {
            assert!(!text.contains(insecure), "{insecure} stands in {file}");
        }
        assert_eq!(
            environment(&deployed(file), "backend")["APP_ENV"].as_deref(),
            Some("production")
        );
    }
}

#[test]
fn b012_the_example_makes_secrets_and_has_none() {
    let example = variables(EXAMPLE, false);
    let folder = run_folder().join("twice");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(".env.example"), EXAMPLE).expect("the example");
    make_env(&folder);
    let path = folder.join(".env");
    let mode = std::fs::metadata(&path).expect("a .env").permissions().mode();
    assert_eq!(mode & 0o077, 0, "others may read it: {mode:o}");
    let text = std::fs::read_to_string(&path).expect("a .env");
    let values = variables(&text, false);
    let mut seen = BTreeSet::new();
    for secret in SECRETS {
        assert_eq!(example[secret], "", "{secret} in .env.example");
        assert!(
            values[secret].len() == 64 && values[secret].chars().all(|c| c.is_ascii_hexdigit()),
            "{secret}={}",
            values[secret]
        );
        assert!(seen.insert(&values[secret]), "{secret} is another one's");
    }
    for secret in ["HUB_SECRET_KEY", "MATRIX_AS_TOKEN", "MATRIX_HS_TOKEN"] {
        assert_eq!(variables(EXAMPLE, true)[secret], "", "{secret} in .env.example");
    }
    assert!(read("docs/operations.md").contains(command_for_secrets()));
    // a second time keeps what is there
    make_env(&folder);
    assert_eq!(std::fs::read_to_string(&path).expect("a .env"), text);
}

#[test]
fn b012_every_variable_is_known_explained_and_used() {
    let defaults: toml::Table = include_str!("../../config/default.toml").parse().expect("TOML");
    let settings: BTreeSet<String> = defaults.keys().map(|key| key.to_ascii_uppercase()).collect();
    let example: BTreeSet<String> = variables(EXAMPLE, true).into_keys().collect();
    let mut used = BTreeSet::from(["COMPOSE_PROFILES".to_owned()]);
    for file in [HUB, ALONE] {
        let given = environment(&resolved(&[root().join(file)], made_env()), "backend");
        let names: BTreeSet<String> = given.keys().cloned().collect();
        let unknown: Vec<_> = names.difference(&settings).collect();
        assert!(unknown.is_empty(), "{file} gives what is no setting: {unknown:?}");
        let missing: Vec<_> = settings
            .difference(&names)
            .filter(|name| !FIXED.contains(&name.as_str()))
            .collect();
        assert!(missing.is_empty(), "{file} does not hand on {missing:?}");
        used.extend(interpolated(&read(file)));
    }
    // a name alone is taken from `.env`: those that have no value although nothing in the file gives one
    let hub = compose(
        &[root().join(HUB)],
        made_env(),
        &[
            "config",
            "--format",
            "json",
            "--no-interpolate",
            "--no-env-resolution",
        ],
    );
    let hub: Value = serde_json::from_slice(&hub.stdout).expect("Compose writes JSON");
    let names = environment(&hub, "backend");
    used.extend(
        names
            .into_iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name),
    );
    let unexplained: Vec<_> = used.difference(&example).collect();
    assert!(unexplained.is_empty(), "not in .env.example: {unexplained:?}");
    let unused: Vec<_> = example.difference(&used).collect();
    assert!(
        unused.is_empty(),
        "in .env.example and used by nothing: {unused:?}"
    );
    for block in EXAMPLE
        .split("\n\n")
        .filter(|block| !variables(block, true).is_empty())
    {
        let mut explained = false;
        for line in block.lines() {
            let variable = !variables(line, true).is_empty();
            explained |= line.starts_with("# ") && !line.starts_with("# ---");
            assert!(explained || !variable, "{line} has no comment");
        }
    }
}

#[test]
fn what_is_set_in_the_environment_file_reaches_the_service() {
    let good = std::fs::read_to_string(made_env()).expect("the .env");
    let some = "LOG_LEVEL=warn\nHUB_SECRET_KEY=the-hubs\nENTITY_MEMBERS_TYPES=\nREDIS_URL=redis://messenger-redis:6379\n";
    let config = resolved(&[root().join(HUB)], &env_file("some.env", &(good + some)));
    let given = environment(&config, "backend");
    for (name, value) in variables(some, false) {
        assert_eq!(given[&name], Some(value), "{name}");
    }
    // contract A085, A089: otherwise the service's own default counts
    assert_eq!(environment(&deployed(HUB), "backend")["LOG_LEVEL"], None);
}

#[test]
fn the_containers_may_do_only_what_they_need() {
    for file in [HUB, ALONE] {
        let config = deployed(file);
        for (name, service) in config["services"].as_object().expect("services") {
            assert_eq!(service["restart"], "unless-stopped", "{file}: {name}");
            assert!(service["privileged"].is_null(), "{file}: {name}");
            assert_eq!(
                service["security_opt"],
                json!(["no-new-privileges:true"]),
                "{file}: {name}"
            );
            assert!(
                service["deploy"]["resources"]["limits"]["memory"].is_string(),
                "{file}: {name} has no limit"
            );
            let image = service["image"].as_str().expect("an image");
            let fixed = image
                .split_once(':')
                .is_some_and(|(_, tag)| tag.starts_with(['v', '1', '7']));
            assert_eq!(fixed, name != "backend", "{file}: {image}");
        }
        let services = &config["services"];
        for name in ["backend", "conduit"] {
            assert_eq!(services[name]["cap_drop"], json!(["ALL"]), "{name}");
            let added = if name == "conduit" {
                json!(["DAC_OVERRIDE"])
            } else {
                Value::Null
            };
            assert_eq!(services[name]["cap_add"], added, "{name}");
            assert_eq!(services[name]["read_only"], true, "{name}");
        }
        let waits = &services["backend"]["depends_on"];
        assert_eq!(waits["postgres"]["condition"], "service_healthy");
        assert_eq!(waits["conduit"]["condition"], "service_started");
        assert_eq!(
            waits["redis"],
            json!({"condition": "service_healthy", "required": false})
        );
        for name in ["postgres", "redis"] {
            assert!(services[name]["healthcheck"]["test"].is_array(), "{name}");
        }
        // what has to be kept is kept
        for (name, target) in [
            ("backend", "/data"),
            ("conduit", "/var/lib/matrix-conduit"),
            ("postgres", "/var/lib/postgresql/data"),
        ] {
            let volumes = services[name]["volumes"].as_array().expect("volumes");
            let kept = volumes
                .iter()
                .find(|volume| volume["type"] == "volume" && volume["target"] == target)
                .unwrap_or_else(|| panic!("{file}: {name} does not keep {target}"));
            assert!(config["volumes"][kept["source"].as_str().expect("a name")].is_object());
        }
    }
}

#[test]
fn b011_b013_b017_c002_it_stands_alone() {
    let config = deployed(ALONE);
    let backend = &config["services"]["backend"];
    let expected = ["8000:8000", "3020:8000", "5000:8000", "8448:8448", "8008:8008"];
    assert_eq!(ports(backend), expected.map(str::to_owned).into());
    // what is not encrypted is open on this machine only, until somebody says otherwise
    for port in backend["ports"].as_array().expect("ports") {
        assert_eq!(port["host_ip"] == "127.0.0.1", port["target"] == 8000, "{port}");
    }
    assert!(
        config["networks"]["hub_satellite_net"].is_null(),
        "it needs no hub"
    );
    // B013: a change of the source is built and started
    let watched: BTreeSet<&str> = backend["develop"]["watch"]
        .as_array()
        .expect("what is watched")
        .iter()
        .map(|rule| {
            assert_eq!(rule["action"], "rebuild");
            let path = Path::new(rule["path"].as_str().expect("a path"));
            assert!(path.exists(), "{}", path.display());
            path.file_name().and_then(|name| name.to_str()).expect("a name")
        })
        .collect();
    assert!(
        watched.contains("src") && watched.contains("migrations"),
        "{watched:?}"
    );
    // only what is asked for starts beside it
    let profiles = |name: &str| config["services"][name]["profiles"].clone();
    assert_eq!(
        (profiles("traefik"), profiles("redis"), profiles("backend")),
        (json!(["traefik"]), json!(["redis"]), Value::Null)
    );
}

#[test]
fn b017_traefik_knows_the_domain_and_the_certificate() {
    let good = std::fs::read_to_string(made_env()).expect("the .env");
    let text = good + "DOMAIN=messaging.mojo-institut.de\nACME_EMAIL=admin@example.org\n";
    let config = resolved(&[root().join(ALONE)], &env_file("domain.env", &text));
    let labels = &config["services"]["backend"]["labels"];
    assert_eq!(labels["traefik.enable"], "true");
    let arguments = config["services"]["traefik"]["command"].to_string();
    for (name, port) in [("messenger", "8000"), ("messenger-matrix", "8008")] {
        let router = |what: &str| {
            labels[format!("traefik.http.routers.{name}.{what}")]
                .as_str()
                .expect("a label")
        };
        assert!(
            router("rule").starts_with("Host(`messaging.mojo-institut.de`)"),
            "{}",
            router("rule")
        );
        assert_eq!(router("service"), name);
        assert_eq!(
            labels[format!("traefik.http.services.{name}.loadbalancer.server.port")],
            port
        );
        let resolver = router("tls.certresolver");
        assert!(arguments.contains(&format!(
            "certificatesresolvers.{resolver}.acme.email=admin@example.org"
        )));
        assert!(arguments.contains(&format!("entrypoints.{}.address=:443", router("entrypoints"))));
    }
    // the homeserver's own paths on port 8000 are not for the outside
    let rule = labels["traefik.http.routers.messenger-matrix.rule"]
        .as_str()
        .expect("a rule");
    assert!(rule.contains("PathPrefix(`/_matrix`)"), "{rule}");
    let order = |name: &str| labels[format!("traefik.http.routers.{name}.priority")].clone();
    assert_eq!(
        (order("messenger"), order("messenger-matrix")),
        (json!("1"), json!("2"))
    );
    let url = &environment(&config, "backend")["GATEWAY_PUBLIC_URL"];
    assert_eq!(url.as_deref(), Some("https://messaging.mojo-institut.de"));
}

#[test]
fn r43_conduits_configuration() {
    let text: toml::Table = read("conduit/conduit.toml").parse().expect("TOML");
    let [(section, settings)] = text.iter().collect::<Vec<_>>()[..] else {
        panic!("Conduit reads one section: {text:?}");
    };
    assert_eq!(section, "global");
    for (name, value) in [
        ("address", toml::Value::from("0.0.0.0")),
        ("port", 6167.into()),
        ("database_backend", "rocksdb".into()),
        ("allow_registration", true.into()),
        ("allow_encryption", false.into()),
        ("allow_federation", false.into()),
        ("allow_check_for_updates", false.into()),
        ("enable_lightning_bolt", false.into()),
        ("default_room_version", "11".into()),
    ] {
        assert_eq!(settings.get(name), Some(&value), "{name}");
    }
    assert!(settings["trusted_servers"].as_array().is_some_and(Vec::is_empty));
    // these two come from the environment
    assert!(settings.get("registration_token").is_none() && settings.get("server_name").is_none());
    let config = deployed(HUB);
    let conduit = environment(&config, "conduit");
    let path = conduit["CONDUIT_CONFIG"].as_deref().expect("a path");
    let volumes = config["services"]["conduit"]["volumes"]
        .as_array()
        .expect("volumes");
    let mounted = |target: &str| volumes.iter().find(|volume| volume["target"] == target);
    assert_eq!(
        mounted(path).expect("the file")["source"].as_str().map(Path::new),
        Some(root().join("conduit/conduit.toml").as_path())
    );
    let data = settings["database_path"]
        .as_str()
        .expect("a path")
        .trim_end_matches('/');
    assert!(
        mounted(data).is_some_and(|volume| volume["type"] == "volume"),
        "{data}"
    );
    // files that the service takes have to fit, with their form around them
    let defaults: toml::Table = include_str!("../../config/default.toml").parse().expect("TOML");
    let ours = defaults["max_upload_bytes"].as_integer().expect("a number");
    let theirs = conduit["CONDUIT_MAX_REQUEST_SIZE"].as_deref().expect("a number");
    assert_eq!(
        Some(theirs),
        settings["max_request_size"]
            .as_integer()
            .map(|n| n.to_string())
            .as_deref()
    );
    assert!(theirs.parse::<i64>().expect("a number") > ours);
}

#[test]
fn the_dockerfile_is_sound() {
    let output = Command::new(tool("TEST_HADOLINT", "hadolint"))
        .arg(root().join("Dockerfile"))
        .output()
        .expect("hadolint");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    // not root, by number, so that orchestrators can tell
    let user = instruction("USER");
    let ids: Vec<u32> = user.split(':').map(|id| id.parse().expect("a number")).collect();
    assert!(ids.len() == 2 && ids.iter().all(|id| *id > 999), "{user}");
    let data = instruction("VOLUME");
    assert_eq!(instruction("ENV"), format!("DATA_DIR={data}"));
    let made = dockerfile().iter().any(|(name, rest)| {
        name == "RUN"
            && rest.contains(&format!("--uid {}", ids[0]))
            && rest.contains("--owner=messenger")
            && rest.contains(&data)
    });
    assert!(made, "{data} does not belong to {user}");
    assert_eq!(instruction("EXPOSE"), "8000 8008 8448");
    let backend = &deployed(HUB)["services"]["backend"];
    assert!(backend["user"].is_null(), "the image's user counts");
    assert!(backend["command"].is_null() && backend["entrypoint"].is_null());
    // the newest stage that Rust's version is good for
    let cargo: toml::Table = read("Cargo.toml").parse().expect("TOML");
    let rust = cargo["workspace"]["package"]["rust-version"]
        .as_str()
        .expect("a version");
    let from: Vec<String> = dockerfile()
        .into_iter()
        .filter(|(name, _)| name == "FROM")
        .map(|(_, rest)| rest)
        .collect();
    assert_eq!(
        from,
        [
            "node:22-bookworm-slim AS pages".to_owned(),
            format!("rust:{rust}-bookworm AS build"),
            "debian:bookworm-slim".to_owned()
        ]
    );
}

#[test]
fn the_image_is_built_from_what_the_build_needs() {
    let ignored = read(".dockerignore");
    let mut lines = ignored.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(lines.next(), Some("*"), "nothing goes to the builder by itself");
    // what is sent, and what is left out of that again
    let (exceptions, left_out): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with('!'));
    let sent: BTreeSet<&str> = exceptions.iter().map(|line| &line[1..]).collect();
    for tools in ["frontend/node_modules", "frontend/dist"] {
        assert!(left_out.contains(&tools), "{tools}");
    }
    let mut copied = BTreeSet::new();
    let instructions = dockerfile();
    for (_, rest) in instructions
        .iter()
        .filter(|(name, rest)| name == "COPY" && !rest.starts_with("--from"))
    {
        let words: Vec<&str> = rest.split_whitespace().collect();
        copied.extend(words[..words.len() - 1].iter().copied());
    }
    // the packages of the pages come before the rest of their folder
    copied
        .retain(|path| sent.contains(path) || !sent.iter().any(|folder| Path::new(path).starts_with(folder)));
    assert_eq!(copied, sent, "copied, and sent to the builder");
    assert!(copied.iter().all(|path| root().join(path).exists()), "{copied:?}");
    // every member of the workspace, or cargo refuses to build any
    let cargo: toml::Table = read("Cargo.toml").parse().expect("TOML");
    for member in cargo["workspace"]["members"].as_array().expect("members") {
        let manifest = Path::new(member.as_str().expect("a path")).join("Cargo.toml");
        let manifest = manifest
            .strip_prefix(".")
            .unwrap_or(&manifest)
            .display()
            .to_string();
        assert!(copied.contains(manifest.as_str()), "{manifest}");
    }
    // what is compiled in
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = std::fs::read_to_string(&entry).unwrap_or_default();
            for included in text.split("include_").skip(1) {
                let Some(path) = included
                    .strip_prefix("str!(\"")
                    .or_else(|| included.strip_prefix("bytes!(\""))
                    .and_then(|rest| rest.split('"').next())
                else {
                    continue;
                };
                let path = entry
                    .parent()
                    .expect("a folder")
                    .join(path)
                    .canonicalize()
                    .expect("a file");
                let path = path.strip_prefix(root()).expect("a file of ours");
                assert!(
                    copied.iter().any(|copied| path.starts_with(copied)),
                    "{} needs {}, which is not in the image's build",
                    entry.display(),
                    path.display()
                );
            }
        }
    }
}
