//! Two ways to do the same thing, measured in turns, so that a slow minute of the machine and a room that grows hit both.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    cpu::{Process, quiet},
    http::{Base, Call, Connection},
    stats::{Summary, median, ratio, round, table},
};

/// The pause after each round: the pushes of a round come after its last answer and belong to it.
const DRAIN: Duration = Duration::from_secs(1);

/// One of the two ways.
pub struct Side {
    /// How it is called in the report.
    pub name: &'static str,
    /// Where its requests go.
    pub base: Base,
    /// The request of a client (from 0), given a number that no other request of this side has.
    pub make: Box<dyn Fn(usize, u64) -> Result<Call> + Send + Sync>,
}

/// How much is sent.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Rounds of each side.
    pub rounds: usize,
    /// Messages of a round, all its clients together.
    pub per_round: u64,
}

/// Whose CPU time is read around each round.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    /// The service.
    pub service: Process,
    /// The homeserver, where its process is known.
    pub homeserver: Option<Process>,
}

impl Meter {
    /// Reads the process ids of the command line.
    pub fn open(service: u32, homeserver: Option<u32>) -> Result<Self> {
        Ok(Self {
            service: Process::open(service)?,
            homeserver: homeserver.map(Process::open).transpose()?,
        })
    }

    async fn drain(&self) -> Result<()> {
        let watched: Vec<Process> = [Some(self.service), self.homeserver]
            .into_iter()
            .flatten()
            .collect();
        if !quiet(&watched, DRAIN).await? {
            println!("  note: still busy after 20 s; the next round is charged with what is left");
        }
        Ok(())
    }

    fn read(&self) -> Result<[Duration; 2]> {
        Ok([
            self.service.cpu()?,
            self.homeserver.map(Process::cpu).transpose()?.unwrap_or_default(),
        ])
    }
}

/// What one round gave.
#[derive(Clone, Debug, Default)]
struct Round {
    nanos: Vec<i64>,
    wall: Duration,
    queued: u64,
    service_cpu: Duration,
    homeserver_cpu: Duration,
}

/// What all rounds of a side gave.
#[derive(Debug)]
struct Figures {
    latency: Summary,
    per_second: f64,
    service_cpu_us: f64,
    homeserver_cpu_us: f64,
    queued: u64,
    /// Of each round: median latency in ms, messages per second.
    rounds: Vec<(f64, f64)>,
}

/// Measures `sides` (one, or the service and the homeserver) with `clients` clients, prints the table, answers the JSON.
pub async fn compare(plan: Plan, clients: usize, sides: Vec<Side>, meter: Meter) -> Result<Value> {
    let mut lanes: Vec<Lane> = sides.into_iter().map(|side| Lane::new(side, clients)).collect();
    for lane in &mut lanes {
        lane.burst((clients as u64 * 3).max(20)).await?;
    }
    let mut rounds: Vec<Vec<Round>> = lanes.iter().map(|_| Vec::new()).collect();
    for turn in 0..plan.rounds {
        let mut order: Vec<usize> = (0..lanes.len()).collect();
        // the side that goes second finds the caches warm, so they take turns in that too
        if turn % 2 == 1 {
            order.reverse();
        }
        for at in order {
            meter.drain().await?;
            let before = meter.read()?;
            let mut round = lanes[at].burst(plan.per_round).await?;
            meter.drain().await?;
            let after = meter.read()?;
            round.service_cpu = after[0].saturating_sub(before[0]);
            round.homeserver_cpu = after[1].saturating_sub(before[1]);
            rounds[at].push(round);
        }
    }
    let figures: Vec<Figures> = rounds.into_iter().map(Figures::of).collect();
    let names: Vec<&str> = lanes.iter().map(|lane| lane.side.name).collect();
    print(clients, &names, &figures, meter.homeserver.is_some());
    Ok(report(clients, &names, &figures, meter.homeserver.is_some()))
}

/// A side with its open connections, one per client.
struct Lane {
    side: Arc<Side>,
    connections: Vec<Connection>,
    sent: u64,
}

impl Lane {
    fn new(side: Side, clients: usize) -> Self {
        let connections = (0..clients).map(|_| Connection::new(&side.base)).collect();
        Self {
            side: Arc::new(side),
            connections,
            sent: 0,
        }
    }

    /// Sends `count` messages as fast as the clients can, each waiting for its answer before its next one.
    async fn burst(&mut self, count: u64) -> Result<Round> {
        let next = Arc::new(AtomicU64::new(self.sent));
        let end = self.sent + count;
        let mut tasks = JoinSet::new();
        let begin = Instant::now();
        for (client, mut connection) in self.connections.drain(..).enumerate() {
            let (side, next) = (Arc::clone(&self.side), Arc::clone(&next));
            tasks.spawn(async move {
                let mut round = Round::default();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        return anyhow::Ok((client, connection, round));
                    }
                    let call = (side.make)(client, number)?;
                    let begin = Instant::now();
                    let answer = connection.call(call).await?;
                    round.nanos.push(begin.elapsed().as_nanos() as i64);
                    round.queued += u64::from(answer.status == http::StatusCode::ACCEPTED);
                }
            });
        }
        let mut whole = Round::default();
        let mut back = Vec::new();
        while let Some(task) = tasks.join_next().await {
            let (client, connection, round) = task??;
            back.push((client, connection));
            whole.nanos.extend(round.nanos);
            whole.queued += round.queued;
        }
        whole.wall = begin.elapsed();
        // a client keeps its connection, and with it its place
        back.sort_by_key(|(client, _)| *client);
        self.connections = back.into_iter().map(|(_, connection)| connection).collect();
        self.sent = end;
        Ok(whole)
    }
}

impl Figures {
    fn of(mut rounds: Vec<Round>) -> Self {
        let each = rounds.iter_mut().map(|round| {
            let summary = Summary::of(&mut round.nanos);
            (summary.p50, ratio(summary.count as f64, round.wall.as_secs_f64()))
        });
        let each: Vec<(f64, f64)> = each.collect();
        let sum = |part: fn(&Round) -> Duration| rounds.iter().map(part).sum::<Duration>().as_secs_f64();
        let (wall, service, homeserver) = (
            sum(|round| round.wall),
            sum(|round| round.service_cpu),
            sum(|round| round.homeserver_cpu),
        );
        let mut nanos: Vec<i64> = rounds
            .iter()
            .flat_map(|round| round.nanos.iter().copied())
            .collect();
        let count = nanos.len() as f64;
        Self {
            latency: Summary::of(&mut nanos),
            per_second: ratio(count, wall),
            service_cpu_us: ratio(service * 1e6, count),
            homeserver_cpu_us: ratio(homeserver * 1e6, count),
            queued: rounds.iter().map(|round| round.queued).sum(),
            rounds: each,
        }
    }
}

/// The differences of the two sides' medians, round by round: how sure the one difference is.
fn differences(service: &Figures, homeserver: &Figures) -> Vec<f64> {
    service
        .rounds
        .iter()
        .zip(&homeserver.rounds)
        .map(|(service, homeserver)| service.0 - homeserver.0)
        .collect()
}

fn print(clients: usize, names: &[&str], figures: &[Figures], homeserver_known: bool) {
    let head = [
        "through",
        "sent",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "max ms",
        "per s",
        "service CPU us",
        "homeserver CPU us",
    ];
    let rows: Vec<Vec<String>> = names
        .iter()
        .zip(figures)
        .map(|(name, figures)| {
            let Summary {
                count,
                p50,
                p95,
                p99,
                max,
            } = figures.latency;
            let mut row = vec![(*name).to_owned(), count.to_string()];
            row.extend([p50, p95, p99, max].map(|time| format!("{time:.2}")));
            row.push(format!("{:.1}", figures.per_second));
            row.push(format!("{:.1}", figures.service_cpu_us));
            row.push(if homeserver_known {
                format!("{:.1}", figures.homeserver_cpu_us)
            } else {
                "-".to_owned()
            });
            row
        })
        .collect();
    table(
        &format!("{clients} client(s), {} round(s) each", figures[0].rounds.len()),
        &head,
        &rows,
    );
    if let [service, homeserver] = figures {
        let mut each = differences(service, homeserver);
        let middle = median(&mut each);
        println!(
            "  difference of medians {:+.2} ms (by round {:+.2} to {:+.2}, median {middle:+.2}); throughput ratio {:.3}",
            service.latency.p50 - homeserver.latency.p50,
            each.first().unwrap_or(&0.0),
            each.last().unwrap_or(&0.0),
            ratio(service.per_second, homeserver.per_second),
        );
    }
    if figures[0].queued > 0 {
        println!(
            "  {} of {} were answered 202, not 201",
            figures[0].queued, figures[0].latency.count
        );
    }
}

fn report(clients: usize, names: &[&str], figures: &[Figures], homeserver_known: bool) -> Value {
    let mut whole = json!({ "clients": clients });
    for (name, figures) in names.iter().zip(figures) {
        let rounds = figures.rounds.iter();
        whole[name] = json!({
            "latency": figures.latency.json(),
            "per_second": round(figures.per_second),
            "service_cpu_us_per_message": round(figures.service_cpu_us),
            "homeserver_cpu_us_per_message": homeserver_known.then(|| round(figures.homeserver_cpu_us)),
            "answered_202": figures.queued,
            "rounds": rounds.map(|(p50, rate)| json!({ "p50_ms": round(*p50), "per_second": round(*rate) })).collect::<Vec<_>>(),
        });
    }
    if let [service, homeserver] = figures {
        whole["difference_of_medians_ms"] = json!(round(service.latency.p50 - homeserver.latency.p50));
        whole["difference_by_round_ms"] = differences(service, homeserver)
            .iter()
            .map(|difference| json!(round(*difference)))
            .collect();
        whole["throughput_ratio"] = json!(round(ratio(service.per_second, homeserver.per_second)));
    }
    whole
}
