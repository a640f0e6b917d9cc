//! What the service tells about itself: log lines on standard output, and metrics for Prometheus.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use parking_lot::Mutex;
use tracing_subscriber::EnvFilter;

use crate::config::Config;

/// Counter; labels `method`, `route` (the pattern, never the path) and `status`.
pub const HTTP_REQUESTS_TOTAL: &str = "http_requests_total";
/// Histogram in seconds; label `route`.
pub const HTTP_REQUEST_SECONDS: &str = "http_request_seconds";
/// Counter; labels `call` and `outcome` (`ok`, `refused`, `away`).
pub const HOMESERVER_REQUESTS_TOTAL: &str = "homeserver_requests_total";
/// Histogram in seconds; label `call`.
pub const HOMESERVER_REQUEST_SECONDS: &str = "homeserver_request_seconds";
/// Gauge: notifications that wait for delivery.
pub const OUTBOX_DEPTH: &str = "outbox_depth";
/// Gauge: the age of the oldest of them in seconds.
pub const OUTBOX_OLDEST_SECONDS: &str = "outbox_oldest_seconds";
/// Gauge: open event streams and sockets of this process.
pub const STREAMS_OPEN: &str = "streams_open";
/// Gauge: open sockets of this process.
pub const SOCKETS_OPEN: &str = "sockets_open";
/// Counter: how often a socket's client took too little, so that it fell behind.
pub const SOCKETS_BEHIND_TOTAL: &str = "sockets_behind_total";
/// Gauge: the newest position in the event log.
pub const EVENT_LOG_POSITION: &str = "event_log_position";
/// Gauge: that position minus the last one that this process has handed to its streams.
pub const EVENT_LOG_LAG: &str = "event_log_lag";
/// Counter: transactions the homeserver has pushed.
pub const APPSERVICE_TRANSACTIONS_TOTAL: &str = "appservice_transactions_total";
/// Counter: fetches of Clerk's keys, by `outcome` (`ok`, `failed`).
pub const IDENTITY_KEY_FETCHES_TOTAL: &str = "identity_key_fetches_total";
/// Counter: attempts to deliver to webhooks, by `result` (`delivered`, `failed`, `dead`).
pub const WEBHOOK_DELIVERIES_TOTAL: &str = "webhook_deliveries_total";
/// Gauge: deliveries that wait for webhooks that are switched on.
pub const WEBHOOKS_WAITING: &str = "webhooks_waiting";
/// Gauge: the age of the oldest of them in seconds.
pub const WEBHOOKS_OLDEST_SECONDS: &str = "webhooks_oldest_seconds";
/// Gauge in bytes; Linux only.
pub const PROCESS_RESIDENT_MEMORY_BYTES: &str = "process_resident_memory_bytes";

/// Upper bounds in seconds: from an answer out of memory to one that waited for a homeserver in trouble.
const BUCKETS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Where the metrics are read.
#[derive(Debug, Clone)]
pub struct MetricsHandle(PrometheusHandle);

impl MetricsHandle {
    /// All metrics in Prometheus' text format.
    pub fn render(&self) -> String {
        if let Some(bytes) = resident_memory() {
            gauge!(PROCESS_RESIDENT_MEMORY_BYTES).set(bytes);
        }
        self.0.render()
    }

    /// Folds what was measured since the last call into the histograms. Without it they grow; every 5 s is plenty.
    pub fn run_upkeep(&self) {
        self.0.run_upkeep();
    }
}

/// Begins to log and to measure; in a process that has begun already, hands out the same metrics again.
///
/// Lines are JSON in production and readable in development; `LOG_LEVEL` says how many there are.
pub fn init(config: &Config) -> anyhow::Result<MetricsHandle> {
    static STARTED: Mutex<Option<MetricsHandle>> = Mutex::new(None);
    let mut started = STARTED.lock();
    if let Some(handle) = &*started {
        return Ok(handle.clone());
    }

    let filter = EnvFilter::builder()
        .parse(&config.log_level)
        .context("LOG_LEVEL")?
        // Says ERROR of answers that claiming a Conduit expects.
        .add_directive("matrix_sdk::http_client=off".parse()?);
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    let installed = if config.is_production() {
        lines.json().flatten_event(true).with_span_list(false).try_init()
    } else {
        lines.with_ansi(std::io::stdout().is_terminal()).try_init()
    };
    installed.map_err(anyhow::Error::from_boxed).context("logging")?;

    let handle = MetricsHandle(builder()?.install_recorder().context("metrics")?);
    describe();
    Ok(started.insert(handle).clone())
}

fn builder() -> anyhow::Result<PrometheusBuilder> {
    let builder = PrometheusBuilder::new();
    Ok(builder.set_buckets_for_metric(Matcher::Suffix("_request_seconds".to_owned()), &BUCKETS)?)
}

fn describe() {
    describe_counter!(
        HTTP_REQUESTS_TOTAL,
        "Requests answered, by method, route and status"
    );
    describe_histogram!(
        HTTP_REQUEST_SECONDS,
        Unit::Seconds,
        "Time to the answer's first byte, by route"
    );
    describe_counter!(
        HOMESERVER_REQUESTS_TOTAL,
        "Calls to the homeserver, by call and outcome"
    );
    describe_histogram!(
        HOMESERVER_REQUEST_SECONDS,
        Unit::Seconds,
        "Time of calls to the homeserver, by call"
    );
    describe_gauge!(OUTBOX_DEPTH, "Notifications that wait for delivery");
    describe_gauge!(
        OUTBOX_OLDEST_SECONDS,
        Unit::Seconds,
        "Age of the oldest notification that waits"
    );
    describe_gauge!(STREAMS_OPEN, "Open event streams and sockets of this process");
    describe_gauge!(SOCKETS_OPEN, "Open sockets of this process");
    describe_counter!(
        SOCKETS_BEHIND_TOTAL,
        "How often a socket fell behind what happens"
    );
    describe_gauge!(EVENT_LOG_POSITION, "Newest position in the event log");
    describe_gauge!(
        EVENT_LOG_LAG,
        "Positions that this process has not yet handed to its streams"
    );
    describe_counter!(
        APPSERVICE_TRANSACTIONS_TOTAL,
        "Transactions the homeserver has pushed"
    );
    describe_counter!(IDENTITY_KEY_FETCHES_TOTAL, "Fetches of Clerk's keys, by outcome");
    describe_counter!(
        WEBHOOK_DELIVERIES_TOTAL,
        "Attempts to deliver to webhooks, by result"
    );
    describe_gauge!(WEBHOOKS_WAITING, "Deliveries to webhooks that wait");
    describe_gauge!(
        WEBHOOKS_OLDEST_SECONDS,
        Unit::Seconds,
        "Age of the oldest delivery to a webhook that waits"
    );
    describe_gauge!(
        PROCESS_RESIDENT_MEMORY_BYTES,
        Unit::Bytes,
        "Memory of this process that is in use"
    );
}

/// `None` where there is no `/proc`.
fn resident_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_come_out_described_and_in_buckets() {
        let recorder = builder().unwrap().build_recorder();
        let handle = MetricsHandle(recorder.handle());
        let text = metrics::with_local_recorder(&recorder, || {
            describe();
            metrics::counter!(HTTP_REQUESTS_TOTAL, "method" => "GET", "route" => "/live", "status" => "200")
                .increment(2);
            metrics::histogram!(HTTP_REQUEST_SECONDS, "route" => "/live").record(0.003);
            handle.run_upkeep();
            handle.render()
        });
        for line in [
            "# HELP http_requests_total Requests answered, by method, route and status",
            "http_requests_total{method=\"GET\",route=\"/live\",status=\"200\"} 2",
            "http_request_seconds_bucket{route=\"/live\",le=\"0.0025\"} 0",
            "http_request_seconds_bucket{route=\"/live\",le=\"0.005\"} 1",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is missing in\n{text}");
        }
        let memory = text
            .lines()
            .find_map(|l| l.strip_prefix("process_resident_memory_bytes "));
        assert!(memory.unwrap().parse::<f64>().unwrap() > 1_000_000.0);
    }
}
