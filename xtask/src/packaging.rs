//! What the tests of the Dockerfile and the compose files read them with.

use anyhow::Result;

use crate::progress::Progress;
use crate::python::{PACKAGING_TOOLS, Venv};

/// Installs the programs unless they are there already.
pub fn install(progress: &mut Progress) -> Result<()> {
    let venv = venv();
    if venv.has(PACKAGING_TOOLS, &[]) {
        return Ok(());
    }
    venv.install(progress, PACKAGING_TOOLS, None)
}

/// Where the programs are, as the tests are told it.
pub fn programs() -> [(&'static str, String); 2] {
    let path = |name| venv().program(name).display().to_string();
    [
        ("TEST_COMPOSE", path("docker-compose")),
        ("TEST_HADOLINT", path("hadolint")),
    ]
}

fn venv() -> Venv {
    Venv::named("packaging")
}
