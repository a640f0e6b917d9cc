//! Child processes that never outlive the tests, however those end.
//!
//! A small shell beside each child reads a pipe of ours: a line is a signal for the child, and the pipe's end (also that
//! of a killed test) ends the child.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::env;

const WRAPPER: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
{
    while read -r signal <&3; do kill -s "$signal" "$child"; done
    kill -s KILL "$child"
} 2>/dev/null &
reader=$!
wait "$child"
status=$?
kill -s KILL "$reader" 2>/dev/null
exit "$status"
"#;

/// A running (or ended) child.
#[derive(Debug)]
pub struct Process {
    pub name: String,
    pub log: PathBuf,
    child: Child,
    signals: ChildStdin,
    status: Option<ExitStatus>,
}

impl Process {
    /// Starts a program with these variables and no others of ours but the few that every program needs.
    pub fn spawn(
        name: &str,
        program: &Path,
        arguments: &[&str],
        variables: &[(String, String)],
        folder: &Path,
    ) -> Self {
        let log = folder.join(format!("{name}.log"));
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .expect("a log file");
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(WRAPPER)
            .arg("sh")
            .arg(program)
            .args(arguments);
        clean(&mut command, variables).current_dir(folder);
        command
            .stdin(Stdio::piped())
            .stdout(file.try_clone().expect("a log file"))
            .stderr(file);
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("starting {name}: {error}"));
        let signals = child.stdin.take().expect("the pipe was asked for");
        Self {
            name: name.to_owned(),
            log,
            child,
            signals,
            status: None,
        }
    }

    /// Sends a signal by its name without `SIG`. A child that has ended gets none.
    pub fn signal(&mut self, signal: &str) {
        // the shell may be gone already
        let _ = writeln!(self.signals, "{signal}");
    }

    pub fn running(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.child.try_wait().expect("the state of a child");
        }
        self.status.is_none()
    }

    /// Waits until the child has ended by itself or by a signal.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let end = Instant::now() + within;
        while self.running() {
            assert!(
                Instant::now() < end,
                "{} has not ended in {within:?}\n{}",
                self.name,
                self.tail()
            );
            sleep(Duration::from_millis(10)).await;
        }
        self.status.expect("it has ended")
    }

    /// The end of its log.
    pub fn tail(&self) -> String {
        format!("--- the end of {}:\n{}", self.log.display(), tail(&self.log))
    }
}

/// Gives a command these variables and no others of ours but the few that every program needs.
pub fn clean<'a>(command: &'a mut Command, variables: &[(String, String)]) -> &'a mut Command {
    command.env_clear();
    for name in ["PATH", "HOME", "TMPDIR", "LANG", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)))
}

fn tail(path: &Path) -> String {
    let Ok(mut file) = File::open(path) else {
        return String::new();
    };
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let _ = file.seek(SeekFrom::Start(length.saturating_sub(6000)));
    let mut bytes = Vec::new();
    let _ = file.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A port nobody listens on. Below the range from which the kernel takes the ports of outgoing connections, so that it
/// is still free when its server is started again.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = (std::process::id() % 1000) as u16 * 20;
    loop {
        let port = 10_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The folder of this run: databases, logs, homeservers. It is removed after the run.
pub fn run_folder() -> &'static Path {
    static FOLDER: OnceLock<(PathBuf, Option<ChildStdin>)> = OnceLock::new();
    let (path, _) = FOLDER.get_or_init(|| {
        let path = tempfile::Builder::new()
            .prefix("messenger-it-")
            .tempdir()
            .expect("a temporary folder")
            .keep();
        if env::keep() {
            eprintln!("the folder of this run: {}", path.display());
            return (path, None);
        }
        // waits for the end of our pipe, gives the other children a moment to end, and removes the folder
        #[expect(clippy::zombie_processes, reason = "it outlives this process")]
        let mut janitor = Command::new("sh")
            .args(["-c", r#"cat >/dev/null; sleep 2; rm -rf "$1""#, "sh"])
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let pipe = janitor.stdin.take();
        (path, pipe)
    });
    path
}
