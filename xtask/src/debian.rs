//! The Debian packages that the tests need beside Rust and Python.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::process::{self, Group};
use crate::{python, workspace};

/// The time that installing packages may take.
const LIMIT: Duration = Duration::from_mins(15);

/// Installs what is missing when we are root on a Debian; else fails and names the packages.
pub fn ensure(servers: &Group) -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let install = format!("apt-get install -y {}", missing.join(" "));
    if !is_root()? || workspace::on_path("apt-get").is_none() {
        bail!("Debian packages are missing; as root: {install}");
    }
    println!("missing Debian packages: {}", missing.join(" "));
    let mut apt = Command::new("sh");
    apt.args(["-c", &format!("apt-get update && {install}")])
        .env("DEBIAN_FRONTEND", "noninteractive");
    servers.complete(&install, &apt, LIMIT)?;
    let still = self::missing();
    if !still.is_empty() {
        bail!("still missing after `{install}`: {}", still.join(" "));
    }
    Ok(())
}

fn missing() -> Vec<&'static str> {
    let mut packages = Vec::new();
    if python::check().is_err() {
        packages.push("python3-venv");
    }
    if postgres_folder().is_none() {
        packages.push("postgresql");
    }
    if workspace::on_path("redis-server").is_none() {
        packages.push("redis-server");
    }
    if workspace::on_path("chromium").is_none() {
        packages.push("chromium");
    }
    // other people's packages of Node bring npm with them, Debian's do not
    for (program, package) in [("node", "nodejs"), ("npm", "npm")] {
        if workspace::on_path(program).is_none() {
            packages.push(package);
        }
    }
    packages
}

/// Where `initdb` and `postgres` are: Debian keeps them off the `PATH`, in a folder for each major version.
pub fn postgres_folder() -> Option<PathBuf> {
    let versions = Path::new("/usr/lib/postgresql")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten();
    let newest = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            folder.join("initdb").is_file().then_some((version, folder))
        })
        .max();
    newest
        .map(|(_, folder)| folder)
        .or_else(|| Some(workspace::on_path("initdb")?.parent()?.to_path_buf()))
}

/// Whether this process runs as root.
pub fn is_root() -> Result<bool> {
    Ok(process::read_text(Command::new("id").arg("-u"))? == "0")
}
