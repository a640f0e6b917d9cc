//! The Matrix clients that the integration tests drive through the gateway; `tests/clients` says what they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::progress::Progress;
use crate::python::Venv;
use crate::{process, workspace};

/// The oldest Node.js that they run on.
const NODE: u32 = 18;

fn folder() -> PathBuf {
    workspace::root().join("tests/clients")
}

fn venv() -> Venv {
    Venv::named("nio")
}

fn program(name: &str) -> Result<PathBuf> {
    workspace::on_path(name).with_context(|| format!("{name} is not installed (Debian packages: nodejs npm)"))
}

/// Installs the packages of the lock file into `tests/clients/node_modules`, unless they are there already.
pub fn install_node(progress: &mut Progress) -> Result<()> {
    check_node(&program("node")?)?;
    let folder = folder();
    let lock = folder.join("package-lock.json");
    let lock = fs::read_to_string(&lock).with_context(|| lock.display().to_string())?;
    // inside, so that it goes with what it tells of
    let stamp = folder.join("node_modules/.installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    progress.step("installing tests/clients/package-lock.json into tests/clients/node_modules");
    fs::create_dir_all(workspace::dev())?;
    let log = workspace::dev().join("npm.log");
    let mut npm = Command::new("sh");
    // npm tells what it does on its error output; no package here needs a script of its own
    npm.args([
        "-c",
        r#"exec "$0" ci --ignore-scripts --no-audit --no-fund --loglevel=http 2>&1"#,
    ])
    .arg(program("npm")?)
    .current_dir(&folder);
    if !progress.watch(&mut npm, &log)? {
        bail!("npm failed{}", process::tail(&log));
    }
    fs::write(&stamp, lock)?;
    Ok(())
}

fn check_node(node: &Path) -> Result<()> {
    let version = process::read_text(Command::new(node).arg("--version"))?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE => Ok(()),
        _ => bail!(
            "{} is {version}; Node.js {NODE} or newer is needed (Debian package: nodejs)",
            node.display()
        ),
    }
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
    if venv.has(&packages, &["nio"]) {
        return Ok(());
    }
    venv.install(progress, &packages, None)
}

/// What runs the clients, as the tests are told it.
pub fn programs() -> Result<[(&'static str, String); 2]> {
    Ok([
        ("TEST_NODE", program("node")?.display().to_string()),
        ("TEST_NIO_PYTHON", venv().python().display().to_string()),
    ])
}
