//! A throwaway PostgreSQL: without durability, without passwords, on 127.0.0.1 only.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::debian;
use crate::process::{self, Group, Output};

/// Starts one with its data in `folder` and returns the URL of its superuser.
pub fn start(group: &mut Group, folder: &Path, port: u16) -> Result<String> {
    let bin =
        debian::postgres_folder().context("PostgreSQL is not installed (Debian package: postgresql)")?;
    let data = folder.join("postgres");
    fs::create_dir(&data)?;
    let as_root = debian::is_root()?;
    if as_root {
        // PostgreSQL refuses to run as root; the package made this user
        process::read(Command::new("chown").arg("postgres:").arg(&data))?;
    }
    let command = |name: &str| {
        let program = bin.join(name);
        let mut command = if as_root {
            // replaces itself by the program, unlike runuser, so signals reach it
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&data);
        command
    };
    let mut initdb = command("initdb");
    initdb.args([
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]);
    process::read(initdb.arg("--pgdata").arg(&data))?;

    let mut postgres = command("postgres");
    postgres
        .arg("-D")
        .arg(&data)
        .args(["-h", "127.0.0.1", "-p", &port.to_string()]);
    // one set of tests opens many pools side by side
    for setting in [
        "max_connections=300",
        "unix_socket_directories=",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
    ] {
        postgres.args(["-c", setting]);
    }
    let log = folder.join("postgres.log");
    // SIGTERM would wait for the clients to leave
    group.start_with_signal("PostgreSQL", &postgres, &Output::Log(&log), "INT")?;
    group.wait_until("PostgreSQL", Duration::from_secs(30), || {
        Command::new(bin.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })?;
    Ok(format!("postgres://postgres@127.0.0.1:{port}/postgres"))
}
