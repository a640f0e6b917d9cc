//! `load sse`: what open event streams cost in memory, and a delivery on them in CPU time and latency.

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::Mutex,
    task::JoinSet,
    time::{Interval, interval},
};

use crate::{
    cpu::{Process, quiet},
    figures::{Figures, Growth, Phase, print},
    http::{Base, Call, Connection},
    ledger::Ledger,
    people::{Person, provision},
    stats::{Summary, ratio},
    watch::Watch,
};

/// Connections that messages are sent over.
const SENDERS: usize = 16;
/// More deliveries than this in one run would be a matter of this tool's own memory.
const MOST_DELIVERIES: usize = 100_000_000;
const PATH: &str = "/api/v1/events/stream";

/// What `load sse` needs to know.
#[derive(Args, Debug)]
pub struct SseArgs {
    /// The service, http://host:port
    #[arg(long, requires_all = ["secret", "service_pid"], required_unless_present = "bare")]
    service: Option<String>,
    /// Secret of the hub tokens
    #[arg(long, env = "HUB_SECRET_KEY", hide_env_values = true)]
    secret: Option<String>,
    /// Process id of the service
    #[arg(long)]
    service_pid: Option<u32>,
    /// Measure a bare hyper writer in turns with it (started by this tool), or alone when there is no --service
    #[arg(long)]
    bare: bool,
    /// Tenant of the people, whose general room the messages go to
    #[arg(long, default_value_t = 1)]
    tenant: i64,
    /// Different people who share the connections
    #[arg(long, default_value_t = 50, value_parser = crate::count_up_to::<10_000>)]
    people: usize,
    /// Numbers of connections to try, with commas between
    #[arg(long, value_delimiter = ',', default_values_t = [1000, 4000], value_parser = crate::count_up_to::<28_000>)]
    connections: Vec<usize>,
    /// Messages a second, by one person
    #[arg(long, default_value_t = 10, value_parser = crate::count_up_to::<1000>)]
    rate: usize,
    /// For so many seconds
    #[arg(long, default_value_t = 20, value_parser = crate::count_up_to::<600>)]
    seconds: usize,
    /// Then so many messages as fast as 16 senders can; 0 for none
    #[arg(long, default_value_t = 0, value_parser = crate::none_or_up_to::<100_000>)]
    full_speed_messages: usize,
}

/// Runs it and answers the JSON report; the second part tells what was lost, if anything.
pub async fn run(args: &SseArgs) -> Result<(Value, Option<String>)> {
    let mut counts = args.connections.clone();
    counts.sort_unstable();
    counts.dedup();
    let most = counts.last().copied().unwrap_or(1);
    let paced = args.rate * args.seconds;
    let messages = SENDERS + counts.len() * (paced + args.full_speed_messages);
    ensure!(
        most * messages <= MOST_DELIVERIES,
        "{most} connections times {messages} messages are too many for one run"
    );

    // the bare writer inherits this tool's limit
    let sides = usize::from(args.service.is_some()) + usize::from(args.bare);
    Process::own()?.require_files("the load tool", (most * sides + 256) as u64)?;
    let mut targets = Vec::new();
    if let (Some(service), Some(secret), Some(pid)) = (&args.service, &args.secret, args.service_pid) {
        targets.push(Target::service(Base::parse(service)?, secret, pid, args, messages).await?);
    }
    if args.bare {
        targets.push(Target::bare(messages).await?);
    }
    for target in &targets {
        target.process.require_files(target.name, (most + 256) as u64)?;
    }

    // Memory first and upwards, on processes that have sent nothing yet: what traffic leaves behind in the allocator is
    // no cost of an open connection.
    for target in &mut targets {
        target.grow(&counts).await?;
    }
    for target in &mut targets {
        target.warm_up().await?;
    }
    // then downwards, so that no connection has to be opened again
    for &count in counts.iter().rev() {
        for target in &mut targets {
            target.watch.resize(count).await?;
        }
        for target in &mut targets {
            let period = Duration::from_secs_f64(1.0 / args.rate as f64);
            target.measure("paced", paced, 1, Some(period)).await?;
        }
        for target in &mut targets {
            if args.full_speed_messages > 0 {
                target
                    .measure("full speed", args.full_speed_messages, SENDERS, None)
                    .await?;
            }
        }
    }
    let figures: Vec<Figures> = targets.into_iter().map(Target::finish).collect();
    print(&figures);
    let lost: usize = figures
        .iter()
        .flat_map(|figures| &figures.phases)
        .map(|phase| phase.lost)
        .sum();
    let report = figures.iter().map(Figures::json).collect();
    Ok((report, (lost > 0).then(|| format!("{lost} deliveries were lost"))))
}

/// Where the messages go.
#[derive(Clone)]
enum Door {
    Service { people: Vec<Person>, room: String },
    Bare,
}

impl Door {
    /// A message with `marker` from sender number `sender`.
    fn message(&self, sender: usize, marker: &str) -> Result<Call> {
        let body = format!("{marker} The parts for the order are ready at the line.");
        match self {
            Self::Service { people, room } => {
                let body = json!({ "room_id": room, "body": body, "msg_type": "m.text" });
                Call::post("/api/v1/messages/send", &body).bearer(&people[sender % people.len()].token)
            }
            // as long as the service's own event (contract A059)
            Self::Bare => {
                let event = json!({
                    "type": "new_message",
                    "room_id": "!AAAAAAAAAAAAAAAAAA:hub.local",
                    "event_id": "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                    "sender": "@load-0000:hub.local",
                    "sender_display_name": "Load load-0000",
                    "body": body,
                    "msg_type": "m.text",
                });
                Ok(Call::post("/emit", &event))
            }
        }
    }
}

/// One server under measurement.
struct Target {
    name: &'static str,
    base: Base,
    process: Process,
    door: Door,
    ledger: Arc<Ledger>,
    watch: Watch,
    sent: u64,
    figures: Figures,
    /// The bare writer, which ends with this.
    _child: Option<Child>,
}

impl Target {
    async fn service(base: Base, secret: &str, pid: u32, args: &SseArgs, messages: usize) -> Result<Self> {
        let process = Process::open(pid)?;
        let people = provision(&base, secret, args.tenant, args.people).await?;
        let rooms = Call::get("/api/v1/rooms").bearer(&people[0].token)?;
        let rooms = Connection::new(&base).call(rooms).await?.json()?;
        let general = rooms
            .as_array()
            .and_then(|rooms| rooms.iter().find(|room| room["room_type"] == "general"));
        let room = general.and_then(|room| room["room_id"].as_str());
        let room = room
            .context("GET /api/v1/rooms shows no room of room_type general")?
            .to_owned();
        let paths = people
            .iter()
            .map(|person| format!("{PATH}?token={}", person.token))
            .collect();
        Self::new(
            "service",
            base,
            process,
            Door::Service { people, room },
            paths,
            messages,
            None,
        )
        .await
    }

    async fn bare(messages: usize) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve-bare", "--port", "0"])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the bare writer")?;
        let output = child.stdout.take().context("the bare writer has no output")?;
        let url = BufReader::new(output)
            .lines()
            .next_line()
            .await?
            .context("the bare writer has ended")?;
        let process = Process::open(child.id().context("the bare writer has ended")?)?;
        Self::new(
            "bare",
            Base::parse(&url)?,
            process,
            Door::Bare,
            vec![PATH.to_owned()],
            messages,
            Some(child),
        )
        .await
    }

    async fn new(
        name: &'static str,
        base: Base,
        process: Process,
        door: Door,
        paths: Vec<String>,
        messages: usize,
        child: Option<Child>,
    ) -> Result<Self> {
        quiet(&[process], Duration::from_secs(1)).await?;
        let ledger = Arc::new(Ledger::new(messages));
        let watch = Watch::new(base.clone(), paths, Arc::clone(&ledger));
        let idle = process.memory()?;
        Ok(Self {
            name,
            base,
            process,
            door,
            ledger,
            watch,
            sent: 0,
            figures: Figures::new(name, idle),
            _child: child,
        })
    }

    async fn grow(&mut self, counts: &[usize]) -> Result<()> {
        for &connections in counts {
            let (before, cpu) = (self.watch.len(), self.process.cpu()?);
            self.watch.resize(connections).await?;
            quiet(&[self.process], Duration::from_secs(1)).await?;
            let opened = (connections - before) as f64;
            let opening_us = ratio(
                (self.process.cpu()?.saturating_sub(cpu)).as_secs_f64() * 1e6,
                opened,
            );
            self.figures.growth.push(Growth {
                connections,
                memory: self.process.memory()?,
                opening_us,
            });
        }
        Ok(())
    }

    /// Closes the streams and the bare writer.
    fn finish(mut self) -> Figures {
        self.figures.streams = self.watch.happened();
        self.figures
    }

    /// A message by each sender, which makes him a member of the room at the homeserver. Not measured, but none may be lost.
    async fn warm_up(&mut self) -> Result<()> {
        let expected = SENDERS * self.watch.len();
        inject(self, SENDERS, SENDERS, None).await?;
        self.watch.wait(expected).await;
        let arrived = self.watch.take().len();
        let happened = self.watch.happened();
        ensure!(
            arrived == expected,
            "{}: of {SENDERS} messages to {} streams {arrived} arrived, not {expected} ({} streams were resumed, {})",
            self.name,
            self.watch.len(),
            happened.resumed,
            happened.failure.as_deref().unwrap_or("no failure"),
        );
        Ok(())
    }

    async fn measure(
        &mut self,
        kind: &'static str,
        messages: usize,
        persons: usize,
        period: Option<Duration>,
    ) -> Result<()> {
        let own = Process::own()?;
        quiet(&[self.process], Duration::from_secs(1)).await?;
        let connections = self.watch.len();
        let (cpu, own_cpu) = (self.process.cpu()?, own.cpu()?);
        let first = self.sent;
        inject(self, messages, persons, period).await?;
        self.watch.wait(connections * messages).await;
        quiet(&[self.process], Duration::from_secs(1)).await?;
        let (cpu, own_cpu) = (
            self.process.cpu()?.saturating_sub(cpu),
            own.cpu()?.saturating_sub(own_cpu),
        );

        let range = first..self.sent;
        let deliveries = self
            .watch
            .take()
            .into_iter()
            .filter(|delivery| range.contains(&u64::from(delivery.seq)));
        let (mut from_start, mut from_answer, mut last) = (Vec::new(), Vec::new(), 0);
        for delivery in deliveries {
            let (started, answered) = self.ledger.times(u64::from(delivery.seq));
            from_start.push(delivery.at as i64 - started as i64);
            from_answer.push(delivery.at as i64 - answered as i64);
            last = last.max(delivery.at);
        }
        let begin = range
            .map(|seq| self.ledger.times(seq).0)
            .min()
            .unwrap_or_default();
        let delivered = from_start.len();
        self.figures.phases.push(Phase {
            kind,
            connections,
            messages,
            delivered,
            lost: (connections * messages).saturating_sub(delivered),
            seconds: last.saturating_sub(begin) as f64 / 1e9,
            from_start: Summary::of(&mut from_start),
            from_answer: Summary::of(&mut from_answer),
            cpu,
            own_cpu,
        });
        if self
            .figures
            .growth
            .last()
            .is_some_and(|growth| growth.connections == connections)
        {
            self.figures.after_traffic = self.process.memory()?;
        }
        Ok(())
    }
}

/// Sends `count` messages over up to [`SENDERS`] connections, as `persons` people: one every `period`, or each sender its
/// next one when its last was answered. A slow answer does not slow the pace down until all senders wait for one.
async fn inject(target: &mut Target, count: usize, persons: usize, period: Option<Duration>) -> Result<()> {
    let end = target.sent + count as u64;
    let next = Arc::new(AtomicU64::new(target.sent));
    let pace: Arc<Mutex<Option<Interval>>> = Arc::new(Mutex::new(period.map(interval)));
    let mut tasks = JoinSet::new();
    for sender in 0..SENDERS.min(count) {
        let (next, pace) = (Arc::clone(&next), Arc::clone(&pace));
        let (door, ledger) = (target.door.clone(), Arc::clone(&target.ledger));
        let mut connection = Connection::new(&target.base);
        tasks.spawn(async move {
            loop {
                let seq = {
                    // the number is taken under the lock, so that after the last one nobody waits for a tick
                    let mut pace = pace.lock().await;
                    if let Some(pace) = pace.as_mut().filter(|_| next.load(Ordering::Relaxed) < end) {
                        pace.tick().await;
                    }
                    next.fetch_add(1, Ordering::Relaxed)
                };
                if seq >= end {
                    return anyhow::Ok(());
                }
                let marker = ledger.start(seq)?;
                connection.call(door.message(sender % persons, &marker)?).await?;
                ledger.answer(seq);
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    target.sent = end;
    Ok(())
}
