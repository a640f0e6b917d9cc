//! `load sockets`: many Socket.IO clients in one conversation of one server, ours or another that speaks the same events.

pub mod crowd;
mod wire;

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use tokio::{task::JoinSet, time::interval};

use crate::{
    cpu::{Memory, Process, quiet},
    family::Family,
    http::{Base, Call, Connection},
    jwt::hub_token,
    ledger::Ledger,
    stats::{Summary, ratio, round},
};
use crowd::{Crowd, Sender};

/// More deliveries than this in one run would be a matter of this tool's own memory.
const MOST_DELIVERIES: usize = 100_000_000;
/// Connections over which people are signed in beforehand.
const SIGNING_IN: usize = 8;

/// What `load sockets` needs to know.
#[derive(Args, Debug)]
pub struct SocketArgs {
    /// What to call this server in the report
    #[arg(long)]
    name: String,
    /// Where it answers, http://host:port; its process is the one that listens there
    #[arg(long)]
    url: String,
    /// Which conversation the clients share
    #[arg(long, value_enum, default_value_t = Conversation::General)]
    conversation: Conversation,
    /// Secret of the hub tokens
    #[arg(long, env = "HUB_SECRET_KEY", hide_env_values = true)]
    secret: String,
    /// Tenant of the people
    #[arg(long, default_value_t = 1)]
    tenant: i64,
    /// Other processes whose CPU time is reported, as name=port, with commas between: postgres=5432,redis=6379
    #[arg(long, value_delimiter = ',', value_parser = beside)]
    beside: Vec<(String, u16)>,
    /// Only make the people known to the service, and end: the first access of each makes an account at the homeserver
    #[arg(long)]
    only_people: bool,
    /// Numbers of clients to try, each a person with one connection, with commas between
    #[arg(long, value_delimiter = ',', default_values_t = [1000, 4000], value_parser = crate::count_up_to::<28_000>)]
    clients: Vec<usize>,
    /// Clients that send
    #[arg(long, default_value_t = 8, value_parser = crate::count_up_to::<256>)]
    senders: usize,
    /// Messages a second, all senders together
    #[arg(long, default_value_t = 10, value_parser = crate::count_up_to::<1000>)]
    rate: usize,
    /// For so many seconds
    #[arg(long, default_value_t = 20, value_parser = crate::count_up_to::<600>)]
    seconds: usize,
    /// Then so many messages at full speed: each sender its next one when an earlier one was answered; 0 for none
    #[arg(long, default_value_t = 400, value_parser = crate::none_or_up_to::<100_000>)]
    full_speed_messages: usize,
    /// Messages that a sender may have without an answer at full speed
    #[arg(long, default_value_t = 1, value_parser = crate::count_up_to::<1000>)]
    window: usize,
}

/// Which conversation the clients share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Conversation {
    /// The tenant's general room, which everybody of it sees
    General,
    /// A new group with everybody as its participants, made by the first of them
    New,
}

fn beside(text: &str) -> Result<(String, u16)> {
    let (name, port) = text.split_once('=').context("must be name=port")?;
    Ok((name.to_owned(), port.parse().context("must be name=port")?))
}

/// Runs it and answers the JSON report; the second part tells what was lost, if anything.
pub async fn run(args: &SocketArgs) -> Result<(Value, Option<String>)> {
    let mut counts = args.clients.clone();
    counts.sort_unstable();
    counts.dedup();
    let most = counts.last().copied().unwrap_or(1);
    ensure!(
        args.senders <= counts[0],
        "{} senders are more than {} clients",
        args.senders,
        counts[0]
    );
    let messages = args.senders + counts.len() * (args.rate * args.seconds + args.full_speed_messages);
    ensure!(
        most * messages <= MOST_DELIVERIES,
        "{most} clients times {messages} messages are too many for one run"
    );
    let base = Base::parse(&args.url)?;
    let tokens = (0..most)
        .map(|number| hub_token(&args.secret, &person(number), args.tenant))
        .collect::<Result<Vec<_>>>()?;
    if args.only_people {
        sign_in(&base, &tokens).await?;
        return Ok((json!({ "people": most }), None));
    }

    let process = Family::listening(base.port())
        .with_context(|| format!("nothing on this machine listens on {}", base.authority()))?
        .root();
    let process = Process::open(process)?;
    process.require_files(&args.name, (most + 256) as u64)?;
    Process::own()?.require_files("the load tool", (most + 256) as u64)?;
    quiet(&[process], Duration::from_secs(2)).await?;
    let rest = process.memory()?;
    let ledger = Arc::new(Ledger::new(messages));
    let mut run = Run {
        args,
        process,
        beside: args
            .beside
            .iter()
            .filter_map(|(name, port)| Some((name.as_str(), Family::listening(*port)?)))
            .collect(),
        crowd: Crowd::new(base.clone(), tokens.clone(), Arc::clone(&ledger)),
        conversation: String::new(),
        ledger,
        sent: 0,
        lost: 0,
    };
    run.conversation = match args.conversation {
        Conversation::General => general(&base, &tokens[0]).await?,
        Conversation::New => group(&base, &tokens[0], most).await?,
    };

    // Memory first and upwards, on a process that has sent nothing yet: what traffic leaves behind in the allocator is no
    // cost of a connection at rest.
    let mut growth = Vec::new();
    for &count in &counts {
        growth.push(run.grow(count, rest).await?);
    }
    run.warm_up().await?;
    // then downwards, so that nobody has to connect again
    let mut phases = Vec::new();
    let mut after_traffic = rest;
    for &count in counts.iter().rev() {
        run.crowd.resize(count).await?;
        let period = Duration::from_secs_f64(1.0 / args.rate as f64);
        phases.push(
            run.measure("paced", args.rate * args.seconds, Some(period))
                .await?,
        );
        if args.full_speed_messages > 0 {
            phases.push(run.measure("full speed", args.full_speed_messages, None).await?);
        }
        if count == most {
            after_traffic = process.memory()?;
        }
    }
    let happened = run.crowd.happened();
    let report = json!({
        "name": args.name,
        "rate": args.rate,
        "senders": args.senders,
        "window": args.window,
        "rest": memory(rest),
        "growth": growth,
        "phases": phases,
        "after_traffic": memory(after_traffic),
        "doubled": happened.doubled,
        "gaps": happened.gaps,
    });
    let lost = run.lost;
    Ok((report, (lost > 0).then(|| format!("{lost} deliveries were lost"))))
}

/// The id of client number `number`.
pub fn person(number: usize) -> String {
    format!("load-{number:04}")
}

/// A first access by each.
pub async fn sign_in(base: &Base, tokens: &[String]) -> Result<()> {
    let next = Arc::new(AtomicU64::new(0));
    let tokens: Arc<[String]> = tokens.into();
    let mut tasks = JoinSet::new();
    for _ in 0..SIGNING_IN {
        let (next, tokens) = (Arc::clone(&next), Arc::clone(&tokens));
        let mut connection = Connection::new(base);
        tasks.spawn(async move {
            while let Some(token) = tokens.get(next.fetch_add(1, Relaxed) as usize) {
                connection
                    .call(Call::get("/api/v1/users/me").bearer(token)?)
                    .await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(())
}

/// The id of the tenant's general room.
pub async fn general(base: &Base, token: &str) -> Result<String> {
    let rooms = Connection::new(base)
        .call(Call::get("/api/v1/rooms").bearer(token)?)
        .await?
        .json()?;
    let room = rooms
        .as_array()
        .and_then(|rooms| rooms.iter().find(|room| room["room_type"] == "general"))
        .and_then(|room| room["room_id"].as_str())
        .context("GET /api/v1/rooms shows no room of room_type general")?;
    Ok(room.to_owned())
}

/// The id of a new group with `count` people in it.
async fn group(base: &Base, token: &str, count: usize) -> Result<String> {
    let people: Vec<String> = (0..count).map(person).collect();
    let body = json!({ "type": "GROUP", "name": "load", "participantIds": people });
    let answer = Connection::new(base)
        .call(Call::post("/api/v1/conversations", &body).bearer(token)?)
        .await?
        .json()?;
    let id = answer["conversation"]["id"]
        .as_str()
        .context("POST /api/v1/conversations answers no conversation.id")?;
    Ok(id.to_owned())
}

/// One server under measurement.
struct Run<'a> {
    args: &'a SocketArgs,
    process: Process,
    beside: Vec<(&'a str, Family)>,
    crowd: Crowd,
    conversation: String,
    ledger: Arc<Ledger>,
    sent: u64,
    lost: usize,
}

impl Run<'_> {
    async fn grow(&mut self, count: usize, rest: Memory) -> Result<Value> {
        let (before, cpu) = (self.crowd.len(), self.process.cpu()?);
        self.crowd.resize(count).await?;
        quiet(&[self.process], Duration::from_secs(2)).await?;
        let cpu = self.process.cpu()?.saturating_sub(cpu).as_secs_f64();
        let now = self.process.memory()?;
        let each = |now: u64, rest: u64| round((now as f64 - rest as f64) / 1024.0 / count as f64);
        Ok(json!({
            "clients": count,
            "memory": memory(now),
            "rss_kib_per_client": each(now.rss, rest.rss),
            "anonymous_kib_per_client": each(now.anonymous, rest.anonymous),
            "cpu_us_per_opening": round(ratio(cpu * 1e6, (count - before) as f64)),
        }))
    }

    /// A message by each sender, one after the other. Not measured, but everybody must get them all.
    async fn warm_up(&mut self) -> Result<()> {
        let expected = self.args.senders * self.crowd.len();
        let messages = self.args.senders;
        self.inject(messages, Some(Duration::from_millis(500))).await?;
        self.crowd.wait(expected).await;
        self.crowd.check()?;
        let arrived = self.crowd.take().len();
        ensure!(
            arrived == expected,
            "{}: of {messages} messages to {} clients {arrived} arrived, not {expected}",
            self.args.name,
            self.crowd.len(),
        );
        Ok(())
    }

    async fn measure(&mut self, kind: &str, messages: usize, period: Option<Duration>) -> Result<Value> {
        quiet(&[self.process], Duration::from_secs(2)).await?;
        let clients = self.crowd.len();
        let happened = self.crowd.happened();
        let before = self.clocks()?;
        let first = self.sent;
        self.inject(messages, period).await?;
        self.crowd.wait(clients * messages).await;
        self.crowd.check()?;
        quiet(&[self.process], Duration::from_secs(1)).await?;
        let used = self.clocks()?.since(&before);

        let mut times = self.times(first..self.sent);
        let delivered = times.latencies.len();
        let lost = (clients * messages).saturating_sub(delivered);
        self.lost += lost;
        let seconds = times.last_arrival.saturating_sub(times.first_send) as f64 / 1e9;
        let each = |time: Duration| round(ratio(time.as_secs_f64() * 1e6, delivered as f64));
        let names = self.beside.iter().map(|(name, _)| (*name).to_owned());
        let beside: Map<String, Value> = names
            .zip(used.beside.iter().map(|time| json!(each(*time))))
            .collect();
        let now = self.crowd.happened();
        Ok(json!({
            "kind": kind,
            "clients": clients,
            "messages": messages,
            "delivered": delivered,
            "lost": lost,
            "doubled": now.doubled - happened.doubled,
            "gaps": now.gaps - happened.gaps,
            "seconds": round(seconds),
            "messages_per_s": round(ratio(messages as f64, seconds)),
            "deliveries_per_s": round(ratio(delivered as f64, seconds)),
            "latency": Summary::of(&mut times.latencies).json(),
            "answer": Summary::of(&mut times.answers).json(),
            // seconds where a server does not keep the pace
            "tail_ms": round(times.last_arrival.saturating_sub(times.last_send) as f64 / 1e6),
            "cpu_us_per_delivery": each(used.server),
            "cpu_share": round(ratio(used.server.as_secs_f64(), seconds)),
            "beside_cpu_us_per_delivery": beside,
            "driver_cpu_us_per_delivery": each(used.own),
        }))
    }

    fn clocks(&self) -> Result<Clocks> {
        Ok(Clocks {
            server: self.process.cpu()?,
            own: Process::own()?.cpu()?,
            beside: self
                .beside
                .iter()
                .map(|(_, family)| family.cpu())
                .collect::<Result<_>>()?,
        })
    }

    /// Takes what has arrived, and answers the times of the messages in `range`.
    fn times(&self, range: Range<u64>) -> Times {
        let mut times = Times::default();
        for delivery in self.crowd.take() {
            let seq = u64::from(delivery.seq);
            if range.contains(&seq) {
                let (sent, _) = self.ledger.times(seq);
                times.latencies.push(delivery.at as i64 - sent as i64);
                times.last_arrival = times.last_arrival.max(delivery.at);
            }
        }
        times.first_send = u64::MAX;
        for (sent, answered) in range.map(|seq| self.ledger.times(seq)) {
            times.first_send = times.first_send.min(sent);
            times.last_send = times.last_send.max(sent);
            if answered > 0 {
                times.answers.push(answered as i64 - sent as i64);
            }
        }
        times
    }

    /// Sends `count` messages: one every `period`, the senders taking turns, whatever becomes of the earlier ones; or as
    /// fast as the senders' windows let them.
    async fn inject(&mut self, count: usize, period: Option<Duration>) -> Result<()> {
        let end = self.sent + count as u64;
        let senders: Vec<Sender> = (0..self.args.senders)
            .map(|index| self.crowd.sender(index))
            .collect();
        let conversation = self.conversation.as_str();
        if let Some(period) = period {
            let mut pace = interval(period);
            for (seq, sender) in (self.sent..end).zip(senders.iter().cycle()) {
                pace.tick().await;
                sender.send(seq, |marker| packet(conversation, marker)).await?;
            }
        } else {
            let next = Arc::new(AtomicU64::new(self.sent));
            let mut tasks = JoinSet::new();
            for sender in senders {
                let (next, conversation) = (Arc::clone(&next), conversation.to_owned());
                sender.set_window(self.args.window);
                tasks.spawn(async move {
                    loop {
                        sender.room().await?;
                        let seq = next.fetch_add(1, Relaxed);
                        if seq >= end {
                            return anyhow::Ok(());
                        }
                        sender.send(seq, |marker| packet(&conversation, marker)).await?;
                    }
                });
            }
            while let Some(task) = tasks.join_next().await {
                if let Err(error) = task? {
                    self.crowd.check()?;
                    bail!(error);
                }
            }
        }
        self.sent = end;
        Ok(())
    }
}

/// CPU time until a moment.
struct Clocks {
    server: Duration,
    own: Duration,
    beside: Vec<Duration>,
}

impl Clocks {
    fn since(&self, before: &Self) -> Self {
        let beside = self.beside.iter().zip(&before.beside);
        Self {
            server: self.server.saturating_sub(before.server),
            own: self.own.saturating_sub(before.own),
            beside: beside.map(|(now, before)| now.saturating_sub(*before)).collect(),
        }
    }
}

/// Of the messages of a phase, in nanoseconds of the ledger.
#[derive(Default)]
struct Times {
    first_send: u64,
    last_send: u64,
    last_arrival: u64,
    /// From each send to each arrival.
    latencies: Vec<i64>,
    /// From each send to its answer.
    answers: Vec<i64>,
}

fn packet(conversation: &str, marker: &str) -> String {
    let content = format!("{marker} The parts for the order are ready at the line.");
    let event = json!(["message:send", { "conversationId": conversation, "content": content }]);
    format!("42{event}")
}

fn memory(memory: Memory) -> Value {
    json!({ "rss_bytes": memory.rss, "pss_bytes": memory.pss, "anonymous_bytes": memory.anonymous })
}
