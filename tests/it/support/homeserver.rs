//! A homeserver of the tests' own: Synapse, or Conduit where `TEST_HOMESERVER` says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::env::{self, Kind};
use super::process::{Process, free_port};

/// What stands after the colon of every Matrix id here.
pub const SERVER_NAME: &str = "hub.local";

/// Conduit's registration token.
pub const CLAIM: &str = "claim-me";

/// How long a homeserver may take to start on a busy machine.
const START: Duration = Duration::from_secs(90);

#[derive(Debug)]
pub struct Homeserver {
    pub kind: Kind,
    pub url: String,
    folder: PathBuf,
    process: Option<Process>,
}

impl Homeserver {
    /// Writes the configuration; the registration is the appservice's YAML and only Synapse reads it.
    pub fn configured(folder: &Path, registration: &str) -> Self {
        let kind = env::homeserver();
        let port = free_port();
        match kind {
            Kind::Synapse => {
                fs::write(folder.join("registration.yaml"), registration).expect("the registration");
                // nobody but the tests believes this key
                let key = "A".repeat(43);
                fs::write(folder.join("signing.key"), format!("ed25519 a_test {key}\n")).expect("the key");
                fs::write(
                    folder.join("log.yaml"),
                    LOG.replace("FOLDER", &folder.display().to_string()),
                )
                .expect("the log's configuration");
                let text = SYNAPSE
                    .replace("FOLDER", &folder.display().to_string())
                    .replace("PORT", &port.to_string());
                fs::write(folder.join("homeserver.yaml"), text).expect("the configuration");
            }
            Kind::Conduit => {
                let text = CONDUIT
                    .replace("FOLDER", &folder.display().to_string())
                    .replace("PORT", &port.to_string());
                fs::write(folder.join("conduit.toml"), text).expect("the configuration");
            }
        }
        Self {
            kind,
            url: format!("http://127.0.0.1:{port}"),
            folder: folder.to_owned(),
            process: None,
        }
    }

    /// Starts it and waits until it answers.
    pub async fn start(&mut self) {
        if self.process.as_mut().is_some_and(Process::running) {
            return;
        }
        self.process = Some(match self.kind {
            Kind::Synapse => Process::spawn(
                "synapse",
                &env::synapse_python(),
                &["-m", "synapse.app.homeserver", "-c", "homeserver.yaml"],
                &[],
                &self.folder,
            ),
            Kind::Conduit => {
                let config = self.folder.join("conduit.toml").display().to_string();
                Process::spawn(
                    "conduit",
                    &env::conduit(),
                    &[],
                    &[("CONDUIT_CONFIG".into(), config)],
                    &self.folder,
                )
            }
        });
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let end = Instant::now() + START;
        loop {
            let answer = client
                .get(format!("{}/_matrix/client/versions", self.url))
                .send()
                .await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            let process = self.process.as_mut().expect("it was started");
            assert!(
                process.running(),
                "the homeserver ended while starting\n{}",
                process.tail()
            );
            assert!(
                Instant::now() < end,
                "the homeserver does not answer after {START:?}\n{}",
                process.tail()
            );
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends it, as an operator would.
    pub async fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal("TERM");
            process.ended(Duration::from_secs(30)).await;
        }
    }

    /// Holds it still: it accepts connections and answers nothing.
    pub fn freeze(&mut self) {
        self.process.as_mut().expect("it runs").signal("STOP");
    }

    /// The end of [`Homeserver::freeze`].
    pub fn thaw(&mut self) {
        if let Some(process) = &mut self.process {
            process.signal("CONT");
        }
    }
}

const SYNAPSE: &str = r#"server_name: hub.local
pid_file: FOLDER/homeserver.pid
listeners:
  - port: PORT
    type: http
    tls: false
    bind_addresses: ["127.0.0.1"]
    resources:
      - names: [client]
database:
  name: sqlite3
  args:
    database: FOLDER/homeserver.db
log_config: FOLDER/log.yaml
media_store_path: FOLDER/media
signing_key_path: FOLDER/signing.key
macaroon_secret_key: macaroons-of-the-tests
form_secret: forms-of-the-tests
report_stats: false
trusted_key_servers: []
app_service_config_files: [FOLDER/registration.yaml]
enable_registration: false
max_upload_size: 30M
presence:
  enabled: true
rc_message: {per_second: 100000, burst_count: 100000}
rc_registration: {per_second: 100000, burst_count: 100000}
rc_login:
  address: {per_second: 100000, burst_count: 100000}
  account: {per_second: 100000, burst_count: 100000}
  failed_attempts: {per_second: 100000, burst_count: 100000}
rc_joins:
  local: {per_second: 100000, burst_count: 100000}
  remote: {per_second: 100000, burst_count: 100000}
rc_joins_per_room: {per_second: 100000, burst_count: 100000}
rc_invites:
  per_room: {per_second: 100000, burst_count: 100000}
  per_user: {per_second: 100000, burst_count: 100000}
  per_issuer: {per_second: 100000, burst_count: 100000}
rc_room_creation: {per_second: 100000, burst_count: 100000}
rc_presence:
  per_user: {per_second: 100000, burst_count: 100000}
rc_reports: {per_second: 100000, burst_count: 100000}
rc_admin_redaction: {per_second: 100000, burst_count: 100000}
rc_media_create: {per_second: 100000, burst_count: 100000}
"#;

const LOG: &str = r"version: 1
formatters:
  plain:
    format: '%(asctime)s %(name)s %(levelname)s %(message)s'
handlers:
  file:
    class: logging.FileHandler
    filename: FOLDER/synapse.log
    formatter: plain
root:
  level: WARNING
  handlers: [file]
disable_existing_loggers: false
";

const CONDUIT: &str = r#"[global]
server_name = "hub.local"
address = "127.0.0.1"
port = PORT
database_backend = "rocksdb"
database_path = "FOLDER/conduit"
max_request_size = 31457280
allow_registration = true
registration_token = "claim-me"
allow_federation = false
enable_lightning_bolt = false
allow_check_for_updates = false
trusted_servers = []
default_room_version = "11"
log = "warn"
"#;
