//! Clients that are programs of their own; `tests/clients` has them and says how they are driven.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::timeout;

use super::env;
use super::http::{PATIENCE, text};
use super::process::{clean, run_folder};

/// How long a client may take to end when nobody has anything to tell it any more.
const END: Duration = Duration::from_secs(20);

/// A running client, which does one command after the other.
pub struct Client {
    log: PathBuf,
    /// Where it leaves a picture of itself at its end.
    picture: Option<PathBuf>,
    child: Child,
    commands: Option<ChildStdin>,
    answers: UnboundedReceiver<String>,
}

impl Client {
    pub fn start(name: &str, program: &Path, script: &str, variables: &[(&str, &Path)]) -> Self {
        let log = run_folder().join(format!("{name}.log"));
        let variables: Vec<_> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.display().to_string()))
            .collect();
        let mut command = Command::new(program);
        clean(&mut command, &variables)
            .arg(env::clients().join(script))
            .current_dir(run_folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log file"));
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("starting {name} with {}: {error}", program.display()));
        let commands = child.stdin.take();
        let output = child.stdout.take().expect("the pipe was asked for");
        let (sender, answers) = mpsc::unbounded_channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines();
            // until the client or the test ends
            lines
                .map_while(Result::ok)
                .take_while(|line| sender.send(line.clone()).is_ok())
                .for_each(drop);
        });
        Self {
            log,
            picture: None,
            child,
            commands,
            answers,
        }
    }

    pub fn js_sdk() -> Self {
        Self::start("matrix-js-sdk", &env::node(), "js_sdk.mjs", &[])
    }

    pub fn socket_io() -> Self {
        Self::start("socket.io-client", &env::node(), "socket_io.mjs", &[])
    }

    pub fn nio() -> Self {
        Self::start("matrix-nio", &env::nio_python(), "nio_client.py", &[])
    }

    pub fn webhook_receiver() -> Self {
        Self::start("webhook-receiver", &env::nio_python(), "webhook_receiver.py", &[])
    }

    pub fn hydrogen(name: &str) -> Self {
        let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        let chromium = env::chromium();
        let variables = [("TEST_CHROMIUM", chromium.as_path()), ("SCREENSHOT", &picture)];
        let mut client = Self::start(name, &env::node(), "hydrogen.mjs", &variables);
        client.picture = Some(picture);
        client
    }

    /// Has it do this, which has to succeed; its answer.
    pub async fn run(&mut self, name: &str, fields: Value) -> Value {
        let mut answer = self.answer(name, &fields).await;
        assert!(answer["error"].is_null(), "{name} {fields}: {}", answer["error"]);
        answer["ok"].take()
    }

    /// Has it do this, which must not succeed; what the client says about it.
    pub async fn refused(&mut self, name: &str, fields: Value) -> String {
        let answer = self.answer(name, &fields).await;
        assert!(answer["error"].is_string(), "{name} {fields}: {answer}");
        text(&answer, "error")
    }

    pub async fn answer(&mut self, name: &str, fields: &Value) -> Value {
        let mut command = fields.clone();
        command["do"] = json!(name);
        let commands = self.commands.as_mut().expect("open until the end");
        writeln!(commands, "{command}").expect("a client that listens");
        let Ok(answer) = timeout(PATIENCE, self.answers.recv()).await else {
            panic!("not within {PATIENCE:?}: {command}");
        };
        let answer = answer.unwrap_or_else(|| panic!("the client ended at {command}"));
        serde_json::from_str(&answer).expect("an answer is JSON")
    }

    /// Ends it.
    pub fn end(mut self) {
        self.commands = None;
        assert!(self.ended(), "the client does not end");
    }

    fn ended(&mut self) -> bool {
        let end = Instant::now() + END;
        while Instant::now() < end {
            match self.child.try_wait().expect("the state of a child") {
                Some(_) => return true,
                None => thread::sleep(Duration::from_millis(10)),
            }
        }
        false
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.commands = None;
        if !self.ended() {
            // it may have ended in this moment
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            let end = lines[lines.len().saturating_sub(60)..].join("\n");
            eprintln!("--- the end of {}:\n{end}", self.log.display());
            if let Some(picture) = &self.picture {
                eprintln!("--- its last picture: {}", picture.display());
            }
        }
    }
}
