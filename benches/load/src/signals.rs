//! `load signals`: reactions, reads and typing in one conversation, to many Socket.IO clients that have joined it in the
//! namespace `/messaging`. One signal after the other: the next is sent when everybody has the one before.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::{
    cpu::{Process, quiet},
    family::Family,
    http::{Base, Call, Connection, escape},
    jwt::hub_token,
    ledger::Ledger,
    sockets::{crowd::Crowd, general, person, sign_in},
    stats::{Summary, ratio, round, table},
};

const NAMESPACE: &str = "/messaging,";
/// With a variation selector and joiners, as people send them.
const EMOJI: [&str; 2] = ["❤️", "👩‍💻"];

/// What `load signals` needs to know.
#[derive(Args, Debug)]
pub struct SignalArgs {
    /// Where the service answers, http://host:port; its process is the one that listens there
    #[arg(long)]
    url: String,
    /// Secret of the hub tokens
    #[arg(long, env = "HUB_SECRET_KEY", hide_env_values = true)]
    secret: String,
    /// Tenant of the people
    #[arg(long, default_value_t = 1)]
    tenant: i64,
    /// Numbers of clients to try, with commas between
    #[arg(long, value_delimiter = ',', default_values_t = [1, 1000], value_parser = crate::count_up_to::<10_000>)]
    clients: Vec<usize>,
    /// People who signal at the same time
    #[arg(long, default_value_t = 1, value_parser = crate::count_up_to::<100>)]
    at_once: usize,
    /// Milliseconds between two signals. With a pause each finds the caches cold, and costs twice to three times as much
    #[arg(long, default_value_t = 0)]
    pause: u64,
    /// The kinds to measure, with commas between
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["reaction", "read", "typing"])]
    kinds: Vec<Kind>,
    /// Signals of each kind
    #[arg(long, default_value_t = 100, value_parser = crate::count_up_to::<10_000>)]
    signals: usize,
}

/// Of what kind a signal is.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A reaction, and its removal, in turns
    Reaction,
    /// The read marker moves on by a message
    Read,
    /// Typing begins and ends, in turns
    Typing,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Reaction => "reaction",
            Self::Read => "read",
            Self::Typing => "typing",
        }
    }
}

/// Runs it and answers the JSON report; the second part tells what was lost, if anything.
pub async fn run(args: &SignalArgs) -> Result<(Value, Option<String>)> {
    let most = args.clients.iter().copied().max().unwrap_or(1);
    let base = Base::parse(&args.url)?;
    // The last are no clients of the crowd: one writes messages, the others signal.
    let mut tokens = (0..most + 1 + args.at_once)
        .map(|number| hub_token(&args.secret, &person(number), args.tenant))
        .collect::<Result<Vec<_>>>()?;
    sign_in(&base, &tokens).await?;
    let process = Family::listening(base.port())
        .with_context(|| format!("nothing on this machine listens on {}", base.authority()))?
        .root();
    let process = Process::open(process)?;
    process.require_files("the service", (most + 256) as u64)?;
    Process::own()?.require_files("the load tool", (most + 256) as u64)?;
    let signalling = tokens.split_off(most + 1);
    let writing = tokens.pop().context("a person more than clients")?;
    let room = general(&base, &writing).await?;
    let messages = write(&base, &room, &writing, args.signals * args.clients.len()).await?;
    let mut messages = messages.chunks(args.signals);

    let ledger = Arc::new(Ledger::new(0));
    let mut typists = Crowd::within(NAMESPACE, base.clone(), signalling.clone(), Arc::clone(&ledger));
    typists.resize(args.at_once).await?;
    let mut reports = Vec::new();
    let mut lost = 0;
    for &count in &args.clients {
        let mut crowd = Crowd::within(NAMESPACE, base.clone(), tokens.clone(), Arc::clone(&ledger));
        crowd.resize(count).await?;
        join(&crowd, &room).await?;
        let mut scene = Scene {
            process,
            room: &room,
            tokens: &signalling,
            messages: messages.next().context("messages for each number of clients")?,
            rest: signalling.iter().map(|_| Connection::new(&base)).collect(),
            typists: &typists,
            crowd: &crowd,
            ledger: &ledger,
            pause: Duration::from_millis(args.pause),
        };
        for &kind in &args.kinds {
            let (report, missing) = scene.measure(kind, args.signals).await?;
            reports.push(report);
            lost += missing;
        }
    }
    show(&reports);
    Ok((
        json!(reports),
        (lost > 0).then(|| format!("{lost} signals were lost")),
    ))
}

/// Messages that can be read and reacted to, the oldest first.
async fn write(base: &Base, room: &str, token: &str, count: usize) -> Result<Vec<String>> {
    let path = format!("/messaging/conversations/{}/messages", escape(room));
    let mut connection = Connection::new(base);
    let mut ids = Vec::with_capacity(count);
    for number in 0..count {
        let body = json!({ "content": format!("message {number}") });
        let answer = connection.call(Call::post(&path, &body).bearer(token)?).await?;
        let id = answer.json()?["id"].as_str().map(str::to_owned);
        ids.push(id.context("a message without an id")?);
    }
    Ok(ids)
}

/// Everybody joins the conversation. Answers when all have, and those who joined early have heard of those who came late.
async fn join(crowd: &Crowd, room: &str) -> Result<()> {
    for index in 0..crowd.len() {
        let event = json!(["join_conversation", { "conversationId": room }]);
        crowd.say(index, &event).await?;
    }
    let begin = Instant::now();
    while crowd.joined() < crowd.len() {
        crowd.check()?;
        ensure!(
            begin.elapsed() < Duration::from_mins(1),
            "only {} of {} clients were let into the conversation",
            crowd.joined(),
            crowd.len()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

struct Scene<'a> {
    process: Process,
    room: &'a str,
    /// Of those who signal.
    tokens: &'a [String],
    messages: &'a [String],
    /// A connection of each of them.
    rest: Vec<Connection>,
    typists: &'a Crowd,
    crowd: &'a Crowd,
    ledger: &'a Ledger,
    pause: Duration,
}

impl Scene<'_> {
    async fn measure(&mut self, kind: Kind, signals: usize) -> Result<(Value, usize)> {
        quiet(&[self.process], Duration::from_secs(2)).await?;
        let clients = self.crowd.len();
        let before = self.process.cpu()?;
        let mut latencies = Vec::with_capacity(clients * signals);
        let mut answers = Vec::with_capacity(signals);
        let at_once = self.tokens.len();
        let rounds = signals.div_ceil(at_once);
        let signals = rounds * at_once;
        for round in 0..rounds {
            self.crowd.take();
            self.crowd.expect_signal(round as u32);
            let begin = self.ledger.now();
            let (room, typists, ledger) = (self.room, self.typists, self.ledger);
            let sending = self
                .rest
                .iter_mut()
                .zip(self.tokens)
                .enumerate()
                .map(|(who, (rest, token))| {
                    // Reactions are added in one round and taken back in the next.
                    let message = match kind {
                        Kind::Reaction => round / 2 * at_once + who,
                        Kind::Read | Kind::Typing => round * at_once + who,
                    };
                    let message = &self.messages[message % self.messages.len()];
                    async move {
                        match call(kind, round, room, message)? {
                            Signal::Call(call) => rest.call(call.bearer(token)?).await.map(drop)?,
                            Signal::Event(event) => typists.say(who, &event).await?,
                        }
                        Ok::<_, anyhow::Error>((ledger.now() - begin) as i64)
                    }
                });
            answers.extend(try_join_all(sending).await?);
            self.crowd.wait(clients * at_once).await;
            self.crowd.check()?;
            let arrived = self.crowd.take();
            latencies.extend(arrived.iter().map(|delivery| delivery.at as i64 - begin as i64));
            tokio::time::sleep(self.pause).await;
        }
        quiet(&[self.process], Duration::from_secs(1)).await?;
        let cpu = self.process.cpu()?.saturating_sub(before).as_secs_f64() * 1e6;
        let lost = (clients * signals).saturating_sub(latencies.len());
        let report = json!({
            "kind": kind.name(),
            "clients": clients,
            "signals": signals,
            "at_once": at_once,
            "pause_ms": self.pause.as_millis() as u64,
            "delivered": latencies.len(),
            "lost": lost,
            "latency": Summary::of(&mut latencies).json(),
            "answer": Summary::of(&mut answers).json(),
            "cpu_us_per_signal": round(ratio(cpu, signals as f64)),
            "cpu_us_per_delivery": round(ratio(cpu, latencies.len() as f64)),
        });
        Ok((report, lost))
    }
}

/// What makes a signal.
enum Signal {
    Call(Call),
    Event(Value),
}

/// A signal of a round. Each is a change.
fn call(kind: Kind, round: usize, room: &str, message: &str) -> Result<Signal> {
    let first = round.is_multiple_of(2);
    let message = escape(message);
    Ok(Signal::Call(match kind {
        Kind::Reaction => {
            let emoji = EMOJI[round / 2 % EMOJI.len()];
            let path = format!("/messaging/messages/{message}/reactions");
            if first {
                Call::post(path, &json!({ "emoji": emoji }))
            } else {
                Call::delete(format!("{path}/{}", escape(emoji)))
            }
        }
        Kind::Read => Call::post(format!("/messaging/messages/{message}/read"), &json!({})),
        Kind::Typing => {
            let event = json!(["typing_indicator", { "conversationId": room, "isTyping": first }]);
            return Ok(Signal::Event(event));
        }
    }))
}

fn show(reports: &[Value]) {
    let rows: Vec<Vec<String>> = reports
        .iter()
        .map(|report| {
            let cell = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            [
                &report["kind"],
                &report["clients"],
                &report["cpu_us_per_signal"],
                &report["cpu_us_per_delivery"],
                &report["answer"]["p50_ms"],
                &report["latency"]["p50_ms"],
                &report["latency"]["p99_ms"],
                &report["latency"]["max_ms"],
                &report["lost"],
            ]
            .map(cell)
            .to_vec()
        })
        .collect();
    let head = [
        "signal",
        "clients",
        "CPU us",
        "CPU us/delivery",
        "answer p50 ms",
        "p50 ms",
        "p99 ms",
        "max ms",
        "lost",
    ];
    table("signals", &head, &rows);
}
