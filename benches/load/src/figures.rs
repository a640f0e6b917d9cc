//! What `load sse` has measured, as tables and JSON.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    cpu::Memory,
    stats::{Summary, ratio, round, table},
    watch::Happened,
};

/// All figures of one server.
#[derive(Debug)]
pub struct Figures {
    name: &'static str,
    idle: Memory,
    /// From few streams to many.
    pub growth: Vec<Growth>,
    /// From many streams to few.
    pub phases: Vec<Phase>,
    /// Memory after the last phase with the most streams.
    pub after_traffic: Memory,
    /// What happened to the streams meanwhile.
    pub streams: Happened,
}

/// What so many idle connections take.
#[derive(Debug)]
pub struct Growth {
    /// Streams that are open.
    pub connections: usize,
    /// Memory with them.
    pub memory: Memory,
    /// CPU time to open those that the step added, for one.
    pub opening_us: f64,
}

/// What sending to so many connections gave.
#[derive(Debug)]
pub struct Phase {
    /// "paced" or "full speed".
    pub kind: &'static str,
    /// Streams that are open.
    pub connections: usize,
    /// Messages sent.
    pub messages: usize,
    /// Messages that arrived on a stream, counted once per stream.
    pub delivered: usize,
    /// Those that did not.
    pub lost: usize,
    /// From the first send's start to the last delivery.
    pub seconds: f64,
    /// Latency from the start of the send.
    pub from_start: Summary,
    /// Latency from the answer to the send.
    pub from_answer: Summary,
    /// CPU time of the server until it was quiet.
    pub cpu: Duration,
    /// CPU time of this tool.
    pub own_cpu: Duration,
}

impl Figures {
    /// No figures yet of the server `name`, which takes `idle` without streams.
    pub fn new(name: &'static str, idle: Memory) -> Self {
        let streams = Happened::default();
        Self {
            name,
            idle,
            growth: Vec::new(),
            phases: Vec::new(),
            after_traffic: idle,
            streams,
        }
    }

    /// CPU time for one more stream that gets a message, in microseconds: the slope between the fewest and the most
    /// streams, free of what a message costs once. Needs two counts.
    fn slope_us(&self) -> Option<f64> {
        let paced = || self.phases.iter().filter(|phase| phase.kind == "paced");
        let (most, fewest) = (paced().next()?, paced().next_back()?);
        let per_message = |phase: &Phase| ratio(phase.cpu.as_secs_f64() * 1e6, phase.messages as f64);
        let more = most
            .connections
            .checked_sub(fewest.connections)
            .filter(|more| *more > 0)?;
        Some((per_message(most) - per_message(fewest)) / more as f64)
    }

    /// The figures as a JSON object; sizes in bytes and KiB, times in the unit of the name.
    pub fn json(&self) -> Value {
        json!({
            "target": self.name,
            "idle_rss_bytes": self.idle.rss,
            "idle_anonymous_bytes": self.idle.anonymous,
            "after_traffic_rss_bytes": self.after_traffic.rss,
            "memory": self.growth.iter().map(|growth| growth.json(self.idle)).collect::<Vec<_>>(),
            "phases": self.phases.iter().map(Phase::json).collect::<Vec<_>>(),
            "cpu_us_per_further_delivery": self.slope_us().map(round),
            "streams_resumed": self.streams.resumed,
            "deliveries_doubled": self.streams.doubled,
            "gaps": self.streams.gaps,
            "last_failure_to_resume": self.streams.failure,
        })
    }
}

impl Growth {
    /// What each connection added to `idle`, resident and allocated, in KiB.
    fn each_kib(&self, idle: Memory) -> (f64, f64) {
        let each = |now: u64, before: u64| (now as f64 - before as f64) / 1024.0 / self.connections as f64;
        (
            each(self.memory.rss, idle.rss),
            each(self.memory.anonymous, idle.anonymous),
        )
    }

    fn json(&self, idle: Memory) -> Value {
        let (rss, anonymous) = self.each_kib(idle);
        json!({
            "connections": self.connections,
            "rss_bytes": self.memory.rss,
            "rss_kib_per_connection": round(rss),
            "anonymous_kib_per_connection": round(anonymous),
            "cpu_us_per_opening": round(self.opening_us),
        })
    }
}

impl Phase {
    fn cpu_us(&self) -> f64 {
        ratio(self.cpu.as_secs_f64() * 1e6, self.delivered as f64)
    }

    fn own_cpu_us(&self) -> f64 {
        ratio(self.own_cpu.as_secs_f64() * 1e6, self.delivered as f64)
    }

    fn json(&self) -> Value {
        json!({
            "kind": self.kind,
            "connections": self.connections,
            "messages": self.messages,
            "delivered": self.delivered,
            "lost": self.lost,
            "seconds": round(self.seconds),
            "messages_per_second": round(ratio(self.messages as f64, self.seconds)),
            "deliveries_per_second": round(ratio(self.delivered as f64, self.seconds)),
            "from_send_start": self.from_start.json(),
            "from_answer": self.from_answer.json(),
            "cpu_us_per_delivery": round(self.cpu_us()),
            "cpu_us_per_message": round(ratio(self.cpu.as_secs_f64() * 1e6, self.messages as f64)),
            "load_tool_cpu_us_per_delivery": round(self.own_cpu_us()),
        })
    }
}

/// Prints the tables.
pub fn print(targets: &[Figures]) {
    let mib = |bytes: u64| format!("{:.1}", bytes as f64 / 1024.0 / 1024.0);
    let mut rows = Vec::new();
    for target in targets {
        rows.push(vec![
            target.name.into(),
            "0".into(),
            mib(target.idle.rss),
            "-".into(),
            "-".into(),
            "-".into(),
        ]);
        for growth in &target.growth {
            let (rss, anonymous) = growth.each_kib(target.idle);
            rows.push(vec![
                target.name.into(),
                growth.connections.to_string(),
                mib(growth.memory.rss),
                format!("{rss:.2}"),
                format!("{anonymous:.2}"),
                format!("{:.0}", growth.opening_us),
            ]);
        }
        rows.push(vec![
            format!("{} after traffic", target.name),
            target
                .growth
                .last()
                .map_or(0, |growth| growth.connections)
                .to_string(),
            mib(target.after_traffic.rss),
        ]);
    }
    let head = [
        "memory of",
        "streams",
        "RSS MiB",
        "KiB/stream",
        "allocated KiB/stream",
        "CPU us/opening",
    ];
    table("Idle streams", &head, &rows);

    let mut rows = Vec::new();
    for target in targets {
        for phase in &target.phases {
            let mut row = vec![
                format!("{}, {}", target.name, phase.kind),
                phase.connections.to_string(),
                phase.messages.to_string(),
                phase.lost.to_string(),
            ];
            let (start, answer) = (phase.from_start, phase.from_answer);
            row.extend(
                [start.p50, start.p99, start.max, answer.p50, answer.p99].map(|time| format!("{time:.2}")),
            );
            row.push(format!("{:.0}", ratio(phase.delivered as f64, phase.seconds)));
            row.extend([phase.cpu_us(), phase.own_cpu_us()].map(|time| format!("{time:.2}")));
            rows.push(row);
        }
    }
    let head = [
        "deliveries",
        "streams",
        "messages",
        "lost",
        "p50 ms",
        "p99 ms",
        "max ms",
        "p50 from 201",
        "p99 from 201",
        "per s",
        "CPU us",
        "tool's CPU us",
    ];
    table(
        "Deliveries (CPU us: of the server, per delivery, with everything it did meanwhile)",
        &head,
        &rows,
    );
    for target in targets {
        println!(
            "  {}: {} streams resumed, {} deliveries doubled, {} gaps{}{}",
            target.name,
            target.streams.resumed,
            target.streams.doubled,
            target.streams.gaps,
            target
                .slope_us()
                .map(|slope| format!("; {slope:.2} us of CPU per further delivery"))
                .unwrap_or_default(),
            target
                .streams
                .failure
                .as_ref()
                .map(|failure| format!("; last failure: {failure}"))
                .unwrap_or_default(),
        );
    }
}
