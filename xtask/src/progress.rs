//! What is going on, with the seconds since the start.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Lines with elapsed seconds on standard output.
pub struct Progress {
    started: Instant,
    last_detail: Instant,
    overwrite: bool,
}

impl Progress {
    /// Starts the clock.
    pub fn start() -> Self {
        let now = Instant::now();
        Self {
            started: now,
            last_detail: now,
            overwrite: io::stdout().is_terminal(),
        }
    }

    /// A line that stays.
    pub fn step(&self, text: &str) {
        println!("{} {text}", self.elapsed());
    }

    /// Something short-lived: on a terminal it overwrites the one before; in a log one appears every five seconds.
    pub fn detail(&mut self, text: &str) {
        let short: String = text.chars().take(80).collect();
        if self.overwrite {
            print!("\r\x1b[K{} {short}", self.elapsed());
            // without a terminal that takes it, progress is not worth an error
            let _ = io::stdout().flush();
        } else if self.last_detail.elapsed() >= Duration::from_secs(5) {
            self.last_detail = Instant::now();
            println!("{} {short}", self.elapsed());
        }
    }

    /// Clears the last detail from the terminal.
    pub fn end_details(&self) {
        if self.overwrite {
            print!("\r\x1b[K");
        }
    }

    /// Runs an installer: everything it says goes to the log, and what it says on standard output is shown as it comes.
    /// True when it succeeded.
    pub fn watch(&mut self, installer: &mut Command, log: &Path) -> Result<bool> {
        let mut file = File::create(log).with_context(|| log.display().to_string())?;
        let mut child = installer
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(file.try_clone()?))
            .spawn()?;
        let output = child.stdout.take().context("the installer has no output")?;
        for line in BufReader::new(output).lines() {
            let line = line?;
            writeln!(file, "{line}")?;
            self.detail(line.trim());
        }
        let success = child.wait()?.success();
        self.end_details();
        Ok(success)
    }

    fn elapsed(&self) -> String {
        format!("[{:6.1} s]", self.started.elapsed().as_secs_f64())
    }
}
