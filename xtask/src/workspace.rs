//! Where things are: the repository, `.dev`, and programs on the `PATH`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the workspace.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// `.dev`: everything that is fetched or written for development; git ignores it, and it may be deleted at any time.
pub fn dev() -> PathBuf {
    root().join(".dev")
}

/// A path for people: without the workspace's folder in front.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The cargo that runs us, so that a toolchain chosen with `cargo +…` stays the same.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

/// The first program of that name on the `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// The Conduit to use: the one `CONDUIT_BIN` names, else `conduit` on the `PATH`.
pub fn conduit() -> Option<PathBuf> {
    conduit_bin().or_else(|| on_path("conduit"))
}

/// The Conduit that `CONDUIT_BIN` names.
pub fn conduit_bin() -> Option<PathBuf> {
    env::var_os("CONDUIT_BIN")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
