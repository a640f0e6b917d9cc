//! The service itself: building it, and running its commands with the environment of a stack.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{process, workspace};

/// Its name as a package and as a program.
const NAME: &str = "messenger-service";

/// Builds it and returns the program.
pub fn build(release: bool) -> Result<PathBuf> {
    build_program(NAME, release)
}

/// Builds a package of the workspace and returns its program of the same name.
pub fn build_program(name: &str, release: bool) -> Result<PathBuf> {
    let mut cargo = workspace::cargo(&["build", "--package", name, "--bin", name]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    if release {
        cargo.arg("--release");
    }
    // with its output taken, cargo would not notice the terminal
    if io::stderr().is_terminal() {
        cargo.args(["--color", "always"]);
    }
    let output = cargo
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo")?;
    if !output.status.success() {
        bail!("{name} does not build");
    }
    // cargo knows where it put the program: profile, target and `CARGO_TARGET_DIR` all have a say
    let messages = String::from_utf8(output.stdout)?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name && message["target"]["kind"][0] == "bin")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .with_context(|| format!("cargo did not say where {name} is"))
}

/// The program with the settings of a stack.
pub struct Service {
    program: PathBuf,
    settings: Vec<(&'static str, String)>,
    removed: Vec<String>,
}

/// The names of all settings, from their documentation, which `cargo xtask test` keeps fresh.
///
/// A developer may have some of them in the environment; what tests show must not depend on that.
pub fn setting_names() -> Result<Vec<String>> {
    let path = workspace::root().join("docs/settings.md");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    // "| `NAME` | meaning | default |"
    Ok(text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect())
}

/// The people of the demo data: who they are, their role, and their name.
pub const PEOPLE: [(&str, &str, &str); 3] = [
    ("anna", "admin", "Anna Admin"),
    ("max", "user", "Max Muster"),
    ("vera", "viewer", "Vera Viewer"),
];

impl Service {
    /// The program with settings as environment variables.
    pub fn new(program: &Path, settings: Vec<(&'static str, String)>) -> Self {
        Self {
            program: program.to_path_buf(),
            settings,
            removed: Vec::new(),
        }
    }

    /// The same, without settings from our environment.
    pub fn without_inherited_settings(mut self) -> Result<Self> {
        self.removed = setting_names()?;
        Ok(self)
    }

    /// One of its commands.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args);
        for name in &self.removed {
            command.env_remove(name);
        }
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.current_dir(workspace::root());
        command
    }

    /// The registration file for Synapse.
    pub fn registration(&self) -> Result<Vec<u8>> {
        process::read(&mut self.command(&["registration"]))
    }

    /// A token of the hub for one of [`PEOPLE`], in tenant 1.
    pub fn token(&self, sub: &str, role: &str, name: &str) -> Result<String> {
        let args = [
            "token", "--sub", sub, "--role", role, "--tenant", "1", "--name", name, "--hub",
        ];
        process::read_text(&mut self.command(&args))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_documented_settings_have_their_names() {
        let names = super::setting_names().unwrap();
        assert!(names.iter().any(|name| name == "DATABASE_URL"), "{names:?}");
        assert!(
            names
                .iter()
                .all(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_')),
            "{names:?}"
        );
    }
}
