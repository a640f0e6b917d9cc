//! Conduit as the homeserver, when there is one on this machine. The service claims the empty server with the
//! registration token and registers itself; there is no file for that.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process::{Group, Output};
use crate::secrets::Secrets;
use crate::stack::SERVER_NAME;

/// Starts it with its files in `folder`.
pub fn start(
    group: &mut Group,
    binary: &Path,
    folder: &Path,
    port: u16,
    secrets: &Secrets,
    log: &Path,
) -> Result<()> {
    fs::create_dir_all(folder.join("database"))?;
    let config = folder.join("conduit.toml");
    fs::write(&config, conduit_toml(folder, port, secrets)?)?;
    let mut command = Command::new(binary);
    // Conduit takes every variable that starts with CONDUIT_ for a setting
    command
        .env("CONDUIT_CONFIG", &config)
        .env_remove("CONDUIT_BIN")
        .current_dir(folder);
    group.start("Conduit", &command, &Output::Log(log))
}

fn conduit_toml(folder: &Path, port: u16, secrets: &Secrets) -> Result<String> {
    // a string in JSON is a basic string in TOML
    let database = serde_json::to_string(&folder.join("database").to_string_lossy())?;
    let token = secrets.get("registration_token")?;
    Ok(format!(
        "\
# Written by `cargo xtask`; changes are lost at the next start.
[global]
server_name = \"{SERVER_NAME}\"
address = \"127.0.0.1\"
port = {port}
database_backend = \"rocksdb\"
database_path = {database}
allow_registration = true
registration_token = \"{token}\"
allow_federation = false
trusted_servers = []
allow_check_for_updates = false
enable_lightning_bolt = false
default_room_version = \"11\"
max_request_size = 26214400
log = \"warn\"
"
    ))
}
