//! `load compare`: reports of `load sockets` side by side, with the ratios to the first server.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Map, Value, json};

use crate::stats::{median, ratio, round, table};

/// What `load compare` needs to know.
#[derive(Args, Debug)]
pub struct CompareArgs {
    /// Reports of `load sockets --json`. Those with one name are rounds of one server, of which the medians are taken;
    /// the first name is what the others are compared with
    #[arg(required = true)]
    reports: Vec<PathBuf>,
}

/// What a figure is called, and where it stands in a report.
type Figure = (&'static str, &'static [&'static str]);

const GROWTH: [Figure; 3] = [
    ("KiB RSS/client", &["rss_kib_per_client"]),
    ("KiB allocated/client", &["anonymous_kib_per_client"]),
    ("CPU us/opening", &["cpu_us_per_opening"]),
];

const PHASE: [Figure; 9] = [
    ("p50 ms", &["latency", "p50_ms"]),
    ("p95 ms", &["latency", "p95_ms"]),
    ("p99 ms", &["latency", "p99_ms"]),
    ("max ms", &["latency", "max_ms"]),
    ("answer p50 ms", &["answer", "p50_ms"]),
    ("last delivery after last send ms", &["tail_ms"]),
    ("messages/s", &["messages_per_s"]),
    ("deliveries/s", &["deliveries_per_s"]),
    ("CPU us/delivery", &["cpu_us_per_delivery"]),
];

const PHASE_END: [Figure; 4] = [
    ("driver's CPU us/delivery", &["driver_cpu_us_per_delivery"]),
    ("share of a core", &["cpu_share"]),
    ("lost", &["lost"]),
    ("gaps", &["gaps"]),
];

/// Prints the tables and answers them as JSON.
pub fn run(args: &CompareArgs) -> Result<Value> {
    let mut sides: Vec<(String, Vec<Value>)> = Vec::new();
    for path in &args.reports {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut report: Value =
            serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))?;
        let results = report["results"].take();
        let name = results["name"]
            .as_str()
            .with_context(|| format!("{} is no report of `load sockets`", path.display()))?
            .to_owned();
        match sides.iter_mut().find(|(known, _)| *known == name) {
            Some((_, rounds)) => rounds.push(results),
            None => sides.push((name, vec![results])),
        }
    }
    let rounds = sides
        .iter()
        .map(|(_, rounds)| rounds.len())
        .max()
        .unwrap_or_default();
    let mut tables = vec![Table::new("Memory of the server at rest", &sides)];
    let mib =
        |field: &'static str| move |round: &Value| Some(round["rest"][field].as_f64()? / 1024.0 / 1024.0);
    tables[0].row("MiB RSS", mib("rss_bytes"));
    tables[0].row("MiB PSS", mib("pss_bytes"));
    tables[0].row("MiB allocated", mib("anonymous_bytes"));
    tables[0].row("MiB RSS after the traffic", |round| {
        Some(round["after_traffic"]["rss_bytes"].as_f64()? / 1024.0 / 1024.0)
    });
    let (_, first) = &sides[0];
    for at in 0..first[0]["growth"].as_array().map_or(0, Vec::len) {
        let clients = &first[0]["growth"][at]["clients"];
        let mut table = Table::new(format!("{clients} clients at rest"), &sides);
        for (name, path) in GROWTH {
            table.row(name, |round| find(&round["growth"][at], path));
        }
        tables.push(table);
    }
    for at in 0..first[0]["phases"].as_array().map_or(0, Vec::len) {
        let phase = &first[0]["phases"][at];
        let kind = match phase["kind"].as_str() {
            Some("paced") => format!("{} messages a second", first[0]["rate"]),
            _ => "full speed".to_owned(),
        };
        let mut table = Table::new(format!("{} clients, {kind}", phase["clients"]), &sides);
        for (name, path) in PHASE {
            table.row(name, |round| find(&round["phases"][at], path));
        }
        table.row("the same with all beside", |round| {
            let phase = &round["phases"][at];
            let beside = phase["beside_cpu_us_per_delivery"].as_object()?;
            Some(
                phase["cpu_us_per_delivery"].as_f64()?
                    + beside.values().filter_map(Value::as_f64).sum::<f64>(),
            )
        });
        let mut beside: Vec<String> = Vec::new();
        for name in sides
            .iter()
            .flat_map(|(_, rounds)| rounds)
            .filter_map(|round| round["phases"][at]["beside_cpu_us_per_delivery"].as_object())
            .flat_map(Map::keys)
        {
            if !beside.contains(name) {
                beside.push(name.clone());
            }
        }
        for name in beside {
            table.row(&format!("of it {name}"), |round| {
                round["phases"][at]["beside_cpu_us_per_delivery"][&name].as_f64()
            });
        }
        for (name, path) in PHASE_END {
            table.row(name, |round| find(&round["phases"][at], path));
        }
        tables.push(table);
    }
    ensure!(
        tables.iter().all(|table| table.consistent),
        "the reports are of different runs"
    );
    tables.iter().for_each(Table::print);
    println!("\nMedians of {rounds} rounds. A ratio is to {}.", sides[0].0);
    Ok(json!({
        "rounds": rounds,
        "tables": tables.iter().map(Table::json).collect::<Vec<_>>(),
        "reports": sides.into_iter().flat_map(|(_, rounds)| rounds).collect::<Vec<_>>(),
    }))
}

fn find(value: &Value, path: &[&str]) -> Option<f64> {
    path.iter().try_fold(value, |value, key| value.get(key))?.as_f64()
}

/// Figures by server.
struct Table<'a> {
    title: String,
    sides: &'a [(String, Vec<Value>)],
    rows: Vec<(String, Vec<Option<f64>>)>,
    consistent: bool,
}

impl<'a> Table<'a> {
    fn new(title: impl Into<String>, sides: &'a [(String, Vec<Value>)]) -> Self {
        let shape = |round: &Value| {
            let list = |name: &str| round[name].as_array().map_or(0, Vec::len);
            (list("growth"), list("phases"))
        };
        let consistent = sides
            .iter()
            .flat_map(|(_, rounds)| rounds)
            .all(|round| shape(round) == shape(&sides[0].1[0]));
        Self {
            title: title.into(),
            sides,
            rows: Vec::new(),
            consistent,
        }
    }

    /// The median of `figure` over the rounds of each server.
    fn row(&mut self, name: &str, figure: impl Fn(&Value) -> Option<f64>) {
        let values = self.sides.iter().map(|(_, rounds)| {
            let mut values: Vec<f64> = rounds.iter().filter_map(&figure).collect();
            (!values.is_empty()).then(|| median(&mut values))
        });
        self.rows.push((name.to_owned(), values.collect()));
    }

    fn print(&self) {
        let mut head = vec![""];
        for (at, (name, _)) in self.sides.iter().enumerate() {
            head.push(name);
            if at > 0 {
                head.push("ratio");
            }
        }
        let rows: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|(name, values)| {
                let mut cells = vec![name.clone()];
                for (at, value) in values.iter().enumerate() {
                    cells.push(value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}")));
                    if at > 0 {
                        cells.push(
                            to_first(values, at).map_or_else(String::new, |ratio| format!("{ratio:.2}")),
                        );
                    }
                }
                cells
            })
            .collect();
        table(&self.title, &head, &rows);
    }

    fn json(&self) -> Value {
        let rows: Map<String, Value> = self
            .rows
            .iter()
            .map(|(name, values)| {
                let sides: Map<String, Value> = self
                    .sides
                    .iter()
                    .zip(values)
                    .enumerate()
                    .filter_map(|(at, ((side, _), value))| {
                        let ratio = to_first(values, at).map(round);
                        Some((side.clone(), json!({ "value": round((*value)?), "ratio": ratio })))
                    })
                    .collect();
                (name.clone(), Value::Object(sides))
            })
            .collect();
        json!({ "title": self.title, "rows": rows })
    }
}

/// The ratio of one server's figure to the first server's.
fn to_first(values: &[Option<f64>], at: usize) -> Option<f64> {
    let first = values[0].filter(|first| *first > 0.0)?;
    values[at].map(|value| ratio(value, first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_a_servers_rounds_is_compared_with_the_first_servers() {
        let round = |us: f64| json!({ "growth": [], "phases": [], "us": us });
        let sides = [
            ("peer".to_owned(), vec![round(10.0), round(30.0), round(20.0)]),
            ("ours".to_owned(), vec![round(5.0)]),
        ];
        let mut table = Table::new("t", &sides);
        table.row("us", |round| find(round, &["us"]));
        table.row("none", |round| find(round, &["us", "none"]));
        let json = table.json();
        assert_eq!(json["rows"]["us"]["peer"]["value"], 20.0);
        assert_eq!(json["rows"]["us"]["ours"], json!({ "value": 5.0, "ratio": 0.25 }));
        assert_eq!(json["rows"]["none"], json!({}));
        assert!(table.consistent);
    }
}
