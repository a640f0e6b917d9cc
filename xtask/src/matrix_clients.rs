//! The clients that the integration tests drive, most of them Matrix clients; `tests/clients` says what they are.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::progress::Progress;
use crate::python::Venv;
use crate::{node, workspace};

fn folder() -> PathBuf {
    workspace::root().join("tests/clients")
}

fn venv() -> Venv {
    Venv::named("nio")
}

/// Installs the packages of the lock file into `tests/clients/node_modules`, unless they are there already.
pub fn install_node(progress: &mut Progress) -> Result<()> {
    node::install(progress, &folder())
}

/// Installs what `tests/clients/requirements.txt` names into `.dev/nio`, unless it is there already.
pub fn install_nio(progress: &mut Progress) -> Result<()> {
    let path = folder().join("requirements.txt");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let packages = text
        .lines()
        .map(|line| line.split_once("=="))
        .collect::<Option<Vec<_>>>()
        .with_context(|| format!("a line of {} has no version", path.display()))?;
    let venv = venv();
    if venv.has(&packages, &["nio", "standardwebhooks"]) {
        return Ok(());
    }
    venv.install(progress, &packages, None)
}

/// What runs the clients, as the tests are told it.
pub fn programs() -> Result<[(&'static str, String); 2]> {
    Ok([
        ("TEST_NODE", node::program("node")?.display().to_string()),
        ("TEST_NIO_PYTHON", venv().python().display().to_string()),
    ])
}
