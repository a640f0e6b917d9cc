//! `load signals`: reactions, reads and typing in one conversation, to many Socket.IO clients that have joined it in the
//! namespace `/messaging`. One signal after the other: the next is sent when everybody has the one before.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Args;
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
/// Between two signals: what the homeserver pushes for one is not charged to the next.
const PAUSE: Duration = Duration::from_millis(50);
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
    /// Signals of each kind
    #[arg(long, default_value_t = 100, value_parser = crate::count_up_to::<10_000>)]
    signals: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Reaction,
    Read,
    Typing,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Reaction, Self::Read, Self::Typing];

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
    // The last two are no clients of the crowd: one writes messages, the other signals.
    let mut tokens = (0..most + 2)
        .map(|number| hub_token(&args.secret, &person(number), args.tenant))
        .collect::<Result<Vec<_>>>()?;
    sign_in(&base, &tokens).await?;
    let process = Family::listening(base.port())
        .with_context(|| format!("nothing on this machine listens on {}", base.authority()))?
        .root();
    let process = Process::open(process)?;
    process.require_files("the service", (most + 256) as u64)?;
    Process::own()?.require_files("the load tool", (most + 256) as u64)?;
    let (signalling, writing) = tokens
        .pop()
        .zip(tokens.pop())
        .context("two people more than clients")?;
    let room = general(&base, &writing).await?;
    let messages = write(&base, &room, &writing, args.signals * args.clients.len()).await?;
    let mut messages = messages.chunks(args.signals);

    let ledger = Arc::new(Ledger::new(0));
    let mut typist = Crowd::within(
        NAMESPACE,
        base.clone(),
        vec![signalling.clone()],
        Arc::clone(&ledger),
    );
    typist.resize(1).await?;
    let mut reports = Vec::new();
    let mut lost = 0;
    for &count in &args.clients {
        let mut crowd = Crowd::within(NAMESPACE, base.clone(), tokens.clone(), Arc::clone(&ledger));
        crowd.resize(count).await?;
        join(&crowd, &room).await?;
        let mut scene = Scene {
            process,
            room: &room,
            token: &signalling,
            messages: messages.next().context("messages for each number of clients")?,
            rest: Connection::new(&base),
            typist: &typist,
            crowd: &crowd,
            ledger: &ledger,
        };
        for kind in Kind::ALL {
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
    token: &'a str,
    messages: &'a [String],
    rest: Connection,
    typist: &'a Crowd,
    crowd: &'a Crowd,
    ledger: &'a Ledger,
}

impl Scene<'_> {
    async fn measure(&mut self, kind: Kind, signals: usize) -> Result<(Value, usize)> {
        quiet(&[self.process], Duration::from_secs(2)).await?;
        let clients = self.crowd.len();
        let before = self.process.cpu()?;
        let mut latencies = Vec::with_capacity(clients * signals);
        let mut answers = Vec::with_capacity(signals);
        for number in 0..signals {
            self.crowd.take();
            self.crowd.expect_signal(number as u32);
            let begin = self.ledger.now();
            self.send(kind, number).await?;
            answers.push((self.ledger.now() - begin) as i64);
            self.crowd.wait(clients).await;
            self.crowd.check()?;
            let arrived = self.crowd.take();
            latencies.extend(arrived.iter().map(|delivery| delivery.at as i64 - begin as i64));
            tokio::time::sleep(PAUSE).await;
        }
        quiet(&[self.process], Duration::from_secs(1)).await?;
        let cpu = self.process.cpu()?.saturating_sub(before).as_secs_f64() * 1e6;
        let lost = (clients * signals).saturating_sub(latencies.len());
        let report = json!({
            "kind": kind.name(),
            "clients": clients,
            "signals": signals,
            "delivered": latencies.len(),
            "lost": lost,
            "latency": Summary::of(&mut latencies).json(),
            "answer": Summary::of(&mut answers).json(),
            "cpu_us_per_signal": round(ratio(cpu, signals as f64)),
            "cpu_us_per_delivery": round(ratio(cpu, latencies.len() as f64)),
        });
        Ok((report, lost))
    }

    /// Each is a change: a reaction is added and taken back in turns, the marker moves to the next message, typing begins
    /// and ends in turns.
    async fn send(&mut self, kind: Kind, number: usize) -> Result<()> {
        let first = number.is_multiple_of(2);
        let call = match kind {
            Kind::Reaction => {
                let emoji = EMOJI[number / 2 % EMOJI.len()];
                let message = escape(&self.messages[number / 2]);
                let path = format!("/messaging/messages/{message}/reactions");
                if first {
                    Call::post(path, &json!({ "emoji": emoji }))
                } else {
                    Call::delete(format!("{path}/{}", escape(emoji)))
                }
            }
            Kind::Read => {
                let message = escape(&self.messages[number]);
                Call::post(format!("/messaging/messages/{message}/read"), &json!({}))
            }
            Kind::Typing => {
                let event = json!(["typing_indicator", { "conversationId": self.room, "isTyping": first }]);
                return self.typist.say(0, &event).await;
            }
        };
        self.rest.call(call.bearer(self.token)?).await.map(drop)
    }
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
