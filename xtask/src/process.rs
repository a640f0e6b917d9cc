//! Child processes that never outlive this one, however it ends.
//!
//! Each child has a pipe from us, and a small shell beside it (`wrapper.sh`) that ends it at the end of that pipe. Ctrl-C
//! and `kill -9` need no handling here: the kernel closes the pipes of a dead process.
//!
//! The order is kept in the same way. A child holds the pipe of the one that was started before it, so that one goes on
//! until this child has ended: the service can still speak to its homeserver while it stops, and a temporary folder is
//! removed when nobody uses it any more.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, PipeWriter};
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, anyhow, bail};

/// Lines of a log that are shown when its process fails.
const TAIL: usize = 30;

/// Where the output of a child goes.
pub enum Output<'a> {
    /// Into a file of its own, from its beginning.
    Log(&'a Path),
    /// To our standard output, both streams.
    Shown,
}

/// A child that has ended.
pub struct Ended {
    name: String,
    status: ExitStatus,
    log: Option<PathBuf>,
}

impl Ended {
    /// Whether it exited with 0.
    pub fn success(&self) -> bool {
        self.status.success()
    }

    /// What to say about a child that should still run: its name, how it ended, and the tail of its log.
    pub fn unexpected(&self) -> Error {
        anyhow!("{} ended by itself ({}){}", self.name, self.status, self.tail())
    }

    fn tail(&self) -> String {
        self.log.as_deref().map(tail).unwrap_or_default()
    }
}

/// Children that end in the opposite order of their start when this is dropped, or when this process ends.
pub struct Group {
    children: Vec<Child>,
    sender: Sender<Ended>,
    ended: Receiver<Ended>,
    cores: Option<String>,
    // after `children`: held until all of them have ended
    below: Option<PipeWriter>,
}

struct Child {
    lifeline: PipeWriter,
    waiter: JoinHandle<()>,
    log: Option<PathBuf>,
}

impl Group {
    /// An empty group.
    pub fn new() -> Self {
        let (sender, ended) = mpsc::channel();
        Self {
            children: Vec::new(),
            sender,
            ended,
            cores: None,
            below: None,
        }
    }

    /// An empty group, whose children end before those of `other`.
    pub fn on(other: &Self) -> Result<Self> {
        let mut group = Self::new();
        group.below = other.top()?;
        Ok(group)
    }

    /// Whatever starts from now on stays on these cores: a list as `taskset` takes it, or all of them.
    pub fn on_cores(&mut self, cores: Option<&str>) {
        self.cores = cores.map(str::to_owned);
    }

    /// Starts a command. To end it, it and what it has started get SIGTERM, and SIGKILL after 15 seconds.
    pub fn start(&mut self, name: &str, command: &Command, output: &Output<'_>) -> Result<()> {
        self.start_with_signal(name, command, output, "TERM")
    }

    /// Starts a command that another signal than SIGTERM ends well.
    pub fn start_with_signal(
        &mut self,
        name: &str,
        command: &Command,
        output: &Output<'_>,
        signal: &str,
    ) -> Result<()> {
        let mut shell = Command::new("sh");
        shell.args(["-c", include_str!("wrapper.sh"), name, signal]);
        if let Some(cores) = &self.cores {
            shell.args(["taskset", "--cpu-list", cores]);
        }
        shell.arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(key, value),
                None => shell.env_remove(key),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        let log = match output {
            Output::Log(path) => {
                shell.stderr(File::create(path).with_context(|| path.display().to_string())?);
                Some(path.to_path_buf())
            }
            Output::Shown => {
                shell.stderr(io::stdout().as_fd().try_clone_to_owned()?);
                None
            }
        };
        self.spawn(name, shell, log)
    }

    /// A new folder under the system's one for temporary files. It is removed after all children started from now on.
    pub fn temporary_folder(&mut self) -> Result<PathBuf> {
        let base = std::env::temp_dir();
        let path = (0..1000)
            .map(|number| base.join(format!("messenger-{}-{number}", std::process::id())))
            .find_map(|path| match DirBuilder::new().mode(0o755).create(&path) {
                Ok(()) => Some(Ok(path)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => None,
                Err(error) => Some(Err(error).with_context(|| path.display().to_string())),
            })
            .context("no free name for a temporary folder")??;
        let mut shell = Command::new("sh");
        shell
            .args(["-c", r#"read -r _; rm -rf -- "$1""#, "temporary-folder"])
            .arg(&path)
            .stderr(Stdio::null());
        self.spawn("temporary folder", shell, None)?;
        Ok(path)
    }

    /// Waits until `ready` answers yes. Fails when a child ends before, or after `limit`, with the tail of the log.
    pub fn wait_until(&self, what: &str, limit: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let deadline = Instant::now() + limit;
        while !ready() {
            if let Some(ended) = self.next_end(Duration::from_millis(50)) {
                return Err(ended.unexpected());
            }
            if Instant::now() > deadline {
                let log = self.children.last().and_then(|child| child.log.as_deref());
                bail!(
                    "{what} is not ready after {} s{}",
                    limit.as_secs(),
                    log.map(tail).unwrap_or_default()
                );
            }
        }
        Ok(())
    }

    /// The next child that ends within `limit`.
    pub fn next_end(&self, limit: Duration) -> Option<Ended> {
        // the group holds a sender itself, so the only error is the time that is over
        self.ended.recv_timeout(limit).ok()
    }

    /// Waits, however long it takes, until a child ends.
    pub fn wait(&self) -> Result<Ended> {
        Ok(self.ended.recv()?)
    }

    /// Runs a command to its end with its output shown. One that takes longer than `limit` is ended.
    pub fn complete(&self, name: &str, command: &Command, limit: Duration) -> Result<()> {
        let mut group = Self::on(self)?;
        group.cores.clone_from(&self.cores);
        group.start(name, command, &Output::Shown)?;
        match group.next_end(limit) {
            Some(ended) if ended.success() => Ok(()),
            Some(ended) => bail!("{name}: {}", ended.status),
            None => bail!(
                "{name} did not end within {} minutes and was ended",
                limit.as_secs() / 60
            ),
        }
    }

    /// The pipe that everything started next has to hold.
    fn top(&self) -> Result<Option<PipeWriter>> {
        let top = self
            .children
            .last()
            .map(|child| &child.lifeline)
            .or(self.below.as_ref());
        Ok(top.map(PipeWriter::try_clone).transpose()?)
    }

    fn spawn(&mut self, name: &str, mut shell: Command, log: Option<PathBuf>) -> Result<()> {
        let (reader, lifeline) = io::pipe()?;
        shell.stdin(reader).process_group(0);
        match self.top()? {
            Some(pipe) => shell.stdout(pipe),
            None => shell.stdout(Stdio::null()),
        };
        let mut child = shell.spawn().with_context(|| format!("starting {name}"))?;
        // it holds our copies of the pipes
        drop(shell);
        let sender = self.sender.clone();
        let (name, path) = (name.to_owned(), log.clone());
        let waiter = thread::spawn(move || {
            if let Ok(status) = child.wait() {
                // nobody listens any more once the group is dropped
                let _ = sender.send(Ended {
                    name,
                    status,
                    log: path,
                });
            }
        });
        self.children.push(Child {
            lifeline,
            waiter,
            log,
        });
        Ok(())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        while let Some(child) = self.children.pop() {
            drop(child.lifeline);
            // the thread only waits; it has nothing to panic about
            let _ = child.waiter.join();
        }
    }
}

/// The last lines of a log, indented, with its path; nothing when it is empty.
pub fn tail(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(TAIL)..].join("\n  ");
    let from = crate::workspace::shown(path);
    if last.is_empty() {
        format!("; {from} is empty")
    } else {
        format!("; the end of {from}:\n  {last}")
    }
}

/// Runs a command to its end and returns what it printed; its errors are in the error.
pub fn read(command: &mut Command) -> Result<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting {name}"))?;
    if !output.status.success() {
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{name} {}: {}\n{}",
            args.join(" "),
            output.status,
            errors.trim_end()
        );
    }
    Ok(output.stdout)
}

/// The same, as text of one line or more without the end of the last line.
pub fn read_text(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8(read(command)?)?.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::Command;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{Group, Output};

    const LIMIT: Duration = Duration::from_secs(30);

    /// A child that writes `<name> ready` to the file `events`, and `<name> ended` when SIGTERM comes.
    fn start(group: &mut Group, folder: &Path, name: &str) {
        let script = r#"trap 'echo "$1 ended" >>events; exit' TERM
            echo "$1 ready" >>events
            while :; do sleep 0.05; done"#;
        let mut command = Command::new("sh");
        command.args(["-c", script, name, name]).current_dir(folder);
        group
            .start(name, &command, &Output::Log(&folder.join(format!("{name}.log"))))
            .unwrap();
        let ready = format!("{name} ready");
        group
            .wait_until(name, LIMIT, || events(folder).contains(&ready))
            .unwrap();
    }

    fn events(folder: &Path) -> Vec<String> {
        let text = fs::read_to_string(folder.join("events")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn children_end_in_the_opposite_order_and_the_folder_goes_last() {
        let mut below = Group::new();
        let folder = below.temporary_folder().unwrap();
        {
            let mut group = Group::on(&below).unwrap();
            start(&mut group, &folder, "homeserver");
            start(&mut group, &folder, "service");
        }
        let expected = [
            "homeserver ready",
            "service ready",
            "service ended",
            "homeserver ended",
        ];
        assert_eq!(events(&folder), expected);
        drop(below);
        assert!(!folder.exists());
    }

    #[test]
    fn a_child_that_ends_is_named_with_the_end_of_its_log() {
        let mut group = Group::new();
        let folder = group.temporary_folder().unwrap();
        let log = folder.join("service.log");
        let mut command = Command::new("sh");
        command.args(["-c", "echo starting; echo no database >&2; exit 3"]);
        group.start("the service", &command, &Output::Log(&log)).unwrap();
        let error = group
            .wait_until("the service", LIMIT, || false)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("the service ended by itself (exit status: 3)"),
            "{error}"
        );
        assert!(error.contains("starting\n  no database"), "{error}");
    }

    #[test]
    fn a_command_over_its_time_is_ended_with_what_it_started() {
        let mut group = Group::new();
        let folder = group.temporary_folder().unwrap();
        let mut command = Command::new("sh");
        // `wait` makes it the shell that gets the signal first, and not the grandchild
        command
            .args(["-c", "sleep 1000 & echo $! >grandchild; wait"])
            .current_dir(&folder);
        let error = group
            .complete("tests", &command, Duration::from_secs(1))
            .unwrap_err()
            .to_string();
        assert!(error.contains("was ended"), "{error}");
        let pid = fs::read_to_string(folder.join("grandchild")).unwrap();
        // it has had its signal, but its entry stays until the system's first process takes notice of its end
        let deadline = Instant::now() + LIMIT;
        while runs(pid.trim()) {
            assert!(Instant::now() < deadline, "process {pid} still runs");
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn runs(pid: &str) -> bool {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // "pid (name) state …"
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
    }

    #[test]
    fn a_command_that_fails_is_an_error() {
        let group = Group::new();
        group.complete("true", &Command::new("true"), LIMIT).unwrap();
        assert!(group.complete("false", &Command::new("false"), LIMIT).is_err());
    }
}
