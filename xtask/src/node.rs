//! Node.js: the programs that are needed, and the packages of a lock file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::progress::Progress;
use crate::{process, workspace};

/// The oldest one that the pages are built with: major and minor version.
const OLDEST: (u32, u32) = (20, 19);

/// `node` or `npm`.
pub fn program(name: &str) -> Result<PathBuf> {
    workspace::on_path(name).with_context(|| format!("{name} is not installed (Debian packages: nodejs npm)"))
}

/// Installs the packages of a folder's lock file into its `node_modules`, unless they are there already.
pub fn install(progress: &mut Progress, folder: &Path) -> Result<()> {
    check(&program("node")?)?;
    let lock = folder.join("package-lock.json");
    let name = workspace::shown(&lock);
    let lock = fs::read_to_string(&lock).with_context(|| name.clone())?;
    // inside, so that it goes with what it tells of
    let stamp = folder.join("node_modules/.installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    progress.step(&format!("installing {name} with npm"));
    fs::create_dir_all(workspace::dev())?;
    let log = workspace::dev().join("npm.log");
    let mut npm = Command::new("sh");
    // npm tells what it does on its error output; no package here needs a script of its own
    npm.args([
        "-c",
        r#"exec "$0" ci --ignore-scripts --no-audit --no-fund --loglevel=http 2>&1"#,
    ])
    .arg(program("npm")?)
    .current_dir(folder);
    if !progress.watch(&mut npm, &log)? {
        bail!("npm failed{}", process::tail(&log));
    }
    fs::write(&stamp, lock)?;
    Ok(())
}

/// One of the scripts of a folder's `package.json`.
pub fn script(folder: &Path, name: &str) -> Result<Command> {
    let mut npm = Command::new(program("npm")?);
    npm.args(["run", "--silent", name])
        .env("npm_config_update_notifier", "false")
        .current_dir(folder);
    Ok(npm)
}

fn check(node: &Path) -> Result<()> {
    let text = process::read_text(Command::new(node).arg("--version"))?;
    match version(&text) {
        Some(version) if version >= OLDEST => Ok(()),
        _ => bail!(
            "{} is {text}; Node.js {}.{} or newer is needed (Debian package: nodejs, from Debian 13 on)",
            node.display(),
            OLDEST.0,
            OLDEST.1
        ),
    }
}

/// Major and minor of `v20.19.2`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::{OLDEST, version};

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (text, new_enough) in [
            ("v18.20.4", false),
            ("v20.9.0", false),
            ("v20.19.2", true),
            ("v24.0.1", true),
        ] {
            assert_eq!(version(text).unwrap() >= OLDEST, new_enough, "{text}");
        }
        assert_eq!(version("nonsense"), None);
    }
}
