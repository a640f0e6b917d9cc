//! Synapse from PyPI as the homeserver of one machine: SQLite, no federation, no registration, no limits.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::process::{self, Group, Output};
use crate::progress::Progress;
use crate::python::{SYNAPSE, Venv};
use crate::secrets::Secrets;
use crate::stack::SERVER_NAME;

/// The environment it is installed in.
pub fn venv() -> Venv {
    Venv::named("synapse")
}

/// Installs it unless it is there already.
pub fn install(progress: &mut Progress) -> Result<()> {
    let venv = venv();
    if venv.has(SYNAPSE, &["synapse", "twisted"]) {
        return Ok(());
    }
    venv.install(progress, SYNAPSE, None)
}

/// Starts it with its files in `folder`; `registration` is what `messenger-service registration` printed.
pub fn start(
    group: &mut Group,
    folder: &Path,
    port: u16,
    registration: &[u8],
    secrets: &Secrets,
    log: &Path,
) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("registration.yaml"), registration)?;
    fs::write(folder.join("log.yaml"), LOG_CONFIG)?;
    let config = folder.join("homeserver.yaml");
    fs::write(&config, homeserver_yaml(folder, port, secrets)?)?;
    if !signing_key(folder).exists() {
        process::read(synapse(&config).arg("--generate-keys"))?;
    }
    group.start("Synapse", &synapse(&config), &Output::Log(log))
}

fn synapse(config: &Path) -> Command {
    let mut command = Command::new(venv().python());
    command
        .args(["-m", "synapse.app.homeserver", "--config-path"])
        .arg(config);
    // whatever it writes without being told where
    if let Some(folder) = config.parent() {
        command.current_dir(folder);
    }
    command
}

fn signing_key(folder: &Path) -> PathBuf {
    folder.join("signing.key")
}

/// To standard output, which is the log file that the tail is taken from, so a traceback at the start is there too.
const LOG_CONFIG: &str = "\
version: 1
formatters:
  line: {format: '%(asctime)s %(levelname)s %(name)s: %(message)s'}
handlers:
  output: {class: logging.StreamHandler, formatter: line, stream: ext://sys.stdout}
root: {level: WARNING, handlers: [output]}
disable_existing_loggers: false
";

fn homeserver_yaml(folder: &Path, port: u16, secrets: &Secrets) -> Result<String> {
    // a string in JSON is one in YAML, whatever the path contains
    let path = |name: &str| serde_json::to_string(&folder.join(name).to_string_lossy());
    let mut text = format!(
        "\
# Written by `cargo xtask`; changes are lost at the next start.
server_name: {SERVER_NAME}
public_baseurl: http://127.0.0.1:{port}/
report_stats: false
pid_file: {pid_file}
listeners:
  - port: {port}
    bind_addresses: [127.0.0.1]
    type: http
    tls: false
    x_forwarded: false
    resources: [{{names: [client], compress: false}}]
database:
  name: sqlite3
  args: {{database: {database}}}
log_config: {log_config}
media_store_path: {media}
max_upload_size: 25M
dynamic_thumbnails: true
signing_key_path: {signing_key}
trusted_key_servers: []
suppress_key_server_warning: true
federation_domain_whitelist: []
macaroon_secret_key: {macaroon}
form_secret: {form}
enable_registration: false
default_room_version: \"11\"
presence: {{enabled: true}}
app_service_config_files: [{registration}]
",
        pid_file = path("homeserver.pid")?,
        database = path("homeserver.db")?,
        log_config = path("log.yaml")?,
        media = path("media")?,
        signing_key = serde_json::to_string(&signing_key(folder).to_string_lossy())?,
        registration = path("registration.yaml")?,
        macaroon = secrets.get("macaroon_secret_key")?,
        form = secrets.get("form_secret")?,
    );
    text.push_str(RATE_LIMITS);
    Ok(text)
}

/// Tests and demo data would run into every one of Synapse's limits; the service has its own.
const RATE_LIMITS: &str = "\
rc_message: &unlimited {per_second: 100000, burst_count: 100000}
rc_registration: *unlimited
rc_registration_token_validity: *unlimited
rc_login: {address: *unlimited, account: *unlimited, failed_attempts: *unlimited}
rc_admin_redaction: *unlimited
rc_joins: {local: *unlimited, remote: *unlimited}
rc_joins_per_room: *unlimited
rc_3pid_validation: *unlimited
rc_invites: {per_room: *unlimited, per_user: *unlimited, per_issuer: *unlimited}
rc_third_party_invite: *unlimited
rc_media_create: *unlimited
rc_presence: {per_user: *unlimited}
rc_delayed_event_mgmt: *unlimited
rc_room_creation: *unlimited
rc_reports: *unlimited
rc_user_directory: *unlimited
rc_key_requests: *unlimited
rc_profile: *unlimited
";
