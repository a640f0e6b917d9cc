//! Named steps that need one another, and the table of what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How a step ended when it did not fail.
pub enum Done {
    /// It did what its name says.
    Passed,
    /// It was left out, and why.
    NotRun(String),
}

/// One step over a context `C` that the steps share.
pub struct Step<C> {
    /// Its name, for `--only` and the table.
    pub name: &'static str,
    /// The steps before it without which it makes no sense.
    pub needs: &'static [&'static str],
    /// What it does.
    pub run: fn(&mut C) -> Result<Done>,
}

/// Those of the steps that are named, and what they need; all when none is named.
pub fn select<'a, C>(all: &'a [Step<C>], only: &[String]) -> Result<Vec<&'a Step<C>>> {
    let names = || all.iter().map(|step| step.name).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = only.iter().find(|name| all.iter().all(|step| step.name != *name)) {
        bail!("there is no step {unknown:?}; there are {}", names());
    }
    let mut chosen: BTreeSet<&str> = only.iter().map(String::as_str).collect();
    // a step stands behind what it needs, so one walk from the end finds everything
    for step in all.iter().rev() {
        if chosen.contains(step.name) {
            chosen.extend(step.needs);
        }
    }
    Ok(all
        .iter()
        .filter(|step| only.is_empty() || chosen.contains(step.name))
        .collect())
}

/// Runs the steps in their order, prints the table, and fails with the names of those that failed.
pub fn run<C>(steps: &[&Step<C>], context: &mut C) -> Result<()> {
    let mut results: Vec<(&str, Duration, Outcome)> = Vec::new();
    let mut unusable: BTreeMap<&str, &str> = BTreeMap::new();
    for step in steps {
        let started = Instant::now();
        println!("\n=== {}", step.name);
        let outcome = match step.needs.iter().find(|name| unusable.contains_key(**name)) {
            Some(needed) => Outcome::NotRun(format!("needs {needed}")),
            None => match (step.run)(context) {
                Ok(Done::Passed) => Outcome::Passed,
                Ok(Done::NotRun(reason)) => Outcome::NotRun(reason),
                Err(error) => Outcome::Failed(format!("{error:#}")),
            },
        };
        match &outcome {
            Outcome::Passed => {}
            Outcome::NotRun(reason) => println!("not run: {reason}"),
            Outcome::Failed(reason) => println!("FAILED: {reason}"),
        }
        if !matches!(outcome, Outcome::Passed) {
            unusable.insert(step.name, step.name);
        }
        results.push((step.name, started.elapsed(), outcome));
    }
    print_table(&results);
    let failed: Vec<&str> = results
        .iter()
        .filter(|(_, _, outcome)| matches!(outcome, Outcome::Failed(_)))
        .map(|(name, ..)| *name)
        .collect();
    if failed.is_empty() {
        Ok(())
    } else {
        bail!("failed: {}", failed.join(", "))
    }
}

enum Outcome {
    Passed,
    NotRun(String),
    Failed(String),
}

fn print_table(results: &[(&str, Duration, Outcome)]) {
    println!("\n=== summary");
    for (name, took, outcome) in results {
        // the whole reason stands above, with its step
        let text = match outcome {
            Outcome::Passed => "passed",
            Outcome::NotRun(reason) => &format!("not run: {reason}"),
            Outcome::Failed(reason) => &format!("FAILED: {}", reason.lines().next().unwrap_or_default()),
        };
        println!("{name:<16} {:>8.1} s  {text}", took.as_secs_f64());
    }
    let total: Duration = results.iter().map(|(_, took, _)| *took).sum();
    println!("{:<16} {:>8.1} s", "total", total.as_secs_f64());
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::{Done, Step, run, select};

    const STEPS: &[Step<Vec<&str>>] = &[
        Step {
            name: "build",
            needs: &[],
            run: |_| bail!("broken"),
        },
        Step {
            name: "lint",
            needs: &[],
            run: |ran| {
                ran.push("lint");
                Ok(Done::Passed)
            },
        },
        Step {
            name: "unit",
            needs: &["build"],
            run: |ran| {
                ran.push("unit");
                Ok(Done::Passed)
            },
        },
        Step {
            name: "more",
            needs: &["unit", "lint"],
            run: |ran| {
                ran.push("more");
                Ok(Done::Passed)
            },
        },
    ];

    fn names(only: &[&str]) -> Vec<&'static str> {
        let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
        select(STEPS, &only)
            .unwrap()
            .iter()
            .map(|step| step.name)
            .collect()
    }

    #[test]
    fn a_step_brings_what_it_needs() {
        assert_eq!(names(&[]), ["build", "lint", "unit", "more"]);
        assert_eq!(names(&["lint"]), ["lint"]);
        assert_eq!(names(&["unit"]), ["build", "unit"]);
        assert_eq!(names(&["more"]), ["build", "lint", "unit", "more"]);
        assert!(select(STEPS, &["nothing".to_owned()]).is_err());
    }

    #[test]
    fn steps_go_on_after_a_failure_but_not_those_that_need_it() {
        let mut ran = Vec::new();
        let error = run(&select(STEPS, &[]).unwrap(), &mut ran).unwrap_err();
        assert_eq!(ran, ["lint"]);
        assert_eq!(error.to_string(), "failed: build");
    }
}
