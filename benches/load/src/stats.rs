//! Percentiles, clocks and the printed table.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// Seconds since 1970.
pub fn unix_seconds() -> u64 {
    unix_nanos() / 1_000_000_000
}

/// Nanoseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "a measuring tool is about the real time"
)]
pub fn unix_nanos() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64)
}

/// What a set of times looks like. Milliseconds; all zero for an empty set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// How many times there were.
    pub count: usize,
    /// Half of them were at most this.
    pub p50: f64,
    /// 95 of 100 were at most this.
    pub p95: f64,
    /// 99 of 100 were at most this.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

impl Summary {
    /// Summarises `nanos`, which it sorts. Negative times are allowed (a delivery may overtake the answer to its send).
    pub fn of(nanos: &mut [i64]) -> Self {
        nanos.sort_unstable();
        Self {
            count: nanos.len(),
            p50: percentile(nanos, 50),
            p95: percentile(nanos, 95),
            p99: percentile(nanos, 99),
            max: percentile(nanos, 100),
        }
    }

    /// The same as a JSON object, `{count, p50_ms, p95_ms, p99_ms, max_ms}`.
    pub fn json(&self) -> Value {
        json!({
            "count": self.count,
            "p50_ms": round(self.p50), "p95_ms": round(self.p95), "p99_ms": round(self.p99), "max_ms": round(self.max),
        })
    }
}

/// The nearest-rank percentile of `sorted` nanoseconds, in milliseconds.
fn percentile(sorted: &[i64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map_or(0.0, |nanos| *nanos as f64 / 1e6)
}

/// The middle of `values`; the mean of the two middle ones when their number is even. 0 for none.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match (values.len() % 2, values.get(half)) {
        (_, None) => 0.0,
        (1, Some(middle)) => *middle,
        (_, Some(upper)) => f64::midpoint(values[half - 1], *upper),
    }
}

/// `a / b`, and 0 instead of a division by 0.
pub fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// Three places, which is a microsecond when `value` is in milliseconds: more would be noise in the JSON.
pub fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Prints `rows` under `head`, the first column to the left, the others to the right.
pub fn table(title: &str, head: &[&str], rows: &[Vec<String>]) {
    println!("\n{title}");
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells
            .chain(head.get(column).map(|cell| cell.chars().count()))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(at, (cell, width))| {
                if at == 0 {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            })
            .collect();
        println!("  {}", cells.join("  "));
    };
    line(&head.iter().map(ToString::to_string).collect::<Vec<_>>());
    for row in rows {
        line(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let mut nanos: Vec<i64> = (1..=200).rev().map(|n| n * 1_000_000).collect();
        let summary = Summary::of(&mut nanos);
        let expected = Summary {
            count: 200,
            p50: 100.0,
            p95: 190.0,
            p99: 198.0,
            max: 200.0,
        };
        assert_eq!(summary, expected);
        assert_eq!(Summary::of(&mut []), Summary::default());
        let early = Summary {
            count: 1,
            p50: -5.0,
            p95: -5.0,
            p99: -5.0,
            max: -5.0,
        };
        assert_eq!(Summary::of(&mut [-5_000_000]), early);
    }

    #[test]
    fn median_of_odd_even_and_none() {
        let medians = [
            median(&mut [3.0, 1.0, 2.0]),
            median(&mut [4.0, 1.0]),
            median(&mut []),
        ];
        assert!(
            medians
                .iter()
                .zip([2.0, 2.5, 0.0])
                .all(|(got, want)| (got - want).abs() < 1e-9),
            "{medians:?}"
        );
    }
}
