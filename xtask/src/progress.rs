//! What is going on, with the seconds since the start.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

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

    fn elapsed(&self) -> String {
        format!("[{:6.1} s]", self.started.elapsed().as_secs_f64())
    }
}
