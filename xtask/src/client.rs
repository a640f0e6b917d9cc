//! The Python client: its environment, its checks, and its tests against a running service.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::Group;
use crate::progress::Progress;
use crate::python::{CLIENT_TOOLS, Venv};
use crate::service::PEOPLE;
use crate::stack::{self, Homeserver, Plan};
use crate::{ports, workspace};

fn venv() -> Venv {
    Venv::named("python")
}

fn folder() -> PathBuf {
    workspace::root().join("clients/python")
}

/// Installs the tools and the client, as a link to its sources, unless they are there already.
pub fn install(progress: &mut Progress) -> Result<()> {
    let venv = venv();
    let project = folder().join("pyproject.toml");
    let project = fs::read_to_string(&project).with_context(|| project.display().to_string())?;
    // the link follows the sources, but not the dependencies and commands of the project file
    let stamp = workspace::dev().join("python.pyproject.toml");
    let same = fs::read_to_string(&stamp).is_ok_and(|installed| installed == project);
    if same && venv.has(CLIENT_TOOLS, &["hub_messenger_client"]) {
        return Ok(());
    }
    venv.install(progress, CLIENT_TOOLS, Some(&folder()))?;
    fs::write(&stamp, project)?;
    Ok(())
}

/// Formatting, lints and types; the project file says of what. All three run; the error names those that found something.
pub fn check(group: &Group, limit: Duration) -> Result<()> {
    let checks: [(&str, &[&str]); 3] = [
        ("ruff", &["format", "--check", "."]),
        ("ruff", &["check", "."]),
        ("mypy", &["--strict"]),
    ];
    let mut failed = Vec::new();
    for (program, args) in checks {
        let name = format!("{program} {}", args.join(" "));
        println!("$ {name}");
        if let Err(error) = group.complete(&name, &command(program, args), limit) {
            failed.push(format!("{error:#}"));
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        bail!(failed.join("; "))
    }
}

/// All tests, with a homeserver and a service of their own.
pub fn test(servers: &Group, progress: &Progress, program: &Path, limit: Duration) -> Result<()> {
    let mut group = Group::on(servers)?;
    let folder = group.temporary_folder()?.join("stack");
    let [port, homeserver_port] = ports::free()?;
    let plan = Plan {
        program,
        homeserver: Homeserver::Synapse,
        folder,
        port,
        homeserver_port,
        gateway_ports: None,
        inherit_settings: false,
        rate_limits: true,
        settings: Vec::new(),
    };
    let stack = stack::start(&mut group, progress, &plan)?;
    let (sub, role, name) = PEOPLE[1];
    let mut pytest = command("pytest", &["-m", "service or not service"]);
    pytest
        .env("MESSENGER_TEST_URL", &stack.url)
        .env("MESSENGER_TEST_TOKEN", &stack.service_token)
        .env("MESSENGER_TEST_HUB_TOKEN", stack.service.token(sub, role, name)?)
        .env("MESSENGER_TEST_USER", sub);
    group.complete("pytest", &pytest, limit)
}

fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(venv().program(program));
    command.args(args).current_dir(folder());
    command
}
