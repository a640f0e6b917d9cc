//! CPU time, memory and limits of other processes, from the kernel.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::{
    time::{ClockId, clock_getcpuclockid},
    unistd::Pid,
};

/// A process under measurement.
///
/// Its CPU time is the kernel's clock of the process: nanoseconds, user and system together, all threads, those that
/// have ended included. (The sum over `/proc/PID/task/*/schedstat` loses a thread's time when the thread ends, which
/// the blocking threads of an async runtime do, and `/proc/PID/stat` counts in hundredths of a second.)
#[derive(Clone, Copy, Debug)]
pub struct Process {
    pid: u32,
    clock: ClockId,
}

impl Process {
    /// The process with this id on this machine, in the same PID namespace.
    pub fn open(pid: u32) -> Result<Self> {
        let clock = clock_getcpuclockid(Pid::from_raw(pid as i32))
            .with_context(|| format!("no process {pid} whose CPU clock can be read"))?;
        Ok(Self { pid, clock })
    }

    /// The load tool itself.
    pub fn own() -> Result<Self> {
        Self::open(std::process::id())
    }

    /// CPU time used since the process started.
    pub fn cpu(self) -> Result<Duration> {
        let time = self
            .clock
            .now()
            .with_context(|| format!("process {} has ended", self.pid))?;
        Ok(time.into())
    }

    /// Memory in use now.
    pub fn memory(self) -> Result<Memory> {
        let path = format!("/proc/{}/smaps_rollup", self.pid);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        parse_rollup(&text).with_context(|| format!("{path} has no Rss, Pss and Anonymous lines"))
    }

    /// Fails when the process may not open `files` more file descriptors than the few it has anyway, and says what to do.
    pub fn require_files(self, who: &str, files: u64) -> Result<()> {
        let path = format!("/proc/{}/limits", self.pid);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        let Some((soft, hard)) = parse_limits(&text) else {
            return Ok(());
        };
        if soft >= files {
            return Ok(());
        }
        let how = if hard >= files {
            format!("run `ulimit -n {files}` in the shell that starts it")
        } else {
            format!(
                "its hard limit is {hard}, so as root: `ulimit -Hn {files} && ulimit -n {files}` in the shell that \
                 starts it, or `LimitNOFILE={files}` (systemd), `--ulimit nofile={files}` (docker)"
            )
        };
        bail!("{who} may open {soft} files and needs {files}: {how}")
    }
}

/// Memory of a process in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Pages in RAM, those shared with other processes (the program's own file, libraries) included.
    pub rss: u64,
    /// The same, shared pages divided by the number of processes that share them.
    pub pss: u64,
    /// What the process allocated: heap and stacks, without files.
    pub anonymous: u64,
}

fn parse_rollup(text: &str) -> Option<Memory> {
    let field = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1024)
    };
    Some(Memory {
        rss: field("Rss")?,
        pss: field("Pss")?,
        anonymous: field("Anonymous")?,
    })
}

/// Soft and hard limit of open files; none when both are unlimited or the text is of another kind.
fn parse_limits(text: &str) -> Option<(u64, u64)> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    let mut numbers = line.split_whitespace();
    let soft = numbers.next()?.parse().ok()?;
    Some((soft, numbers.next()?.parse().unwrap_or(u64::MAX)))
}

/// Waits until none of `processes` is busy, so that one round's work is not charged to the next.
///
/// It waits at least `least`, for pushes that have not begun, and then until each used less than 5 % of one core for
/// 400 ms; 20 s at most. Answers whether they became quiet.
pub async fn quiet(processes: &[Process], least: Duration) -> Result<bool> {
    const WINDOW: Duration = Duration::from_millis(400);
    const BUSY: Duration = Duration::from_millis(20);
    const MOST: Duration = Duration::from_secs(20);
    let begin = Instant::now();
    tokio::time::sleep(least.saturating_sub(WINDOW)).await;
    while begin.elapsed() < MOST {
        let before = processes
            .iter()
            .copied()
            .map(Process::cpu)
            .collect::<Result<Vec<_>>>()?;
        tokio::time::sleep(WINDOW).await;
        let after = processes
            .iter()
            .copied()
            .map(Process::cpu)
            .collect::<Result<Vec<_>>>()?;
        if after
            .iter()
            .zip(before)
            .all(|(after, before)| after.saturating_sub(before) < BUSY)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_cpu_counts_work_and_threads_that_ended() {
        let own = Process::own().unwrap();
        let before = own.cpu().unwrap();
        std::thread::spawn(|| {
            // the thread's own clock: on a busy machine a time on the wall says nothing
            let used = || Duration::from(ClockId::CLOCK_THREAD_CPUTIME_ID.now().unwrap());
            while used() < Duration::from_millis(50) {
                std::hint::spin_loop();
            }
        })
        .join()
        .unwrap();
        assert!(own.cpu().unwrap().saturating_sub(before) >= Duration::from_millis(20));
    }

    #[test]
    fn own_memory_is_plausible() {
        let memory = Process::own().unwrap().memory().unwrap();
        assert!(
            memory.rss > 500_000 && memory.pss <= memory.rss && memory.anonymous <= memory.rss,
            "{memory:?}"
        );
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        assert!(Process::open(child.id()).is_err());
    }

    #[test]
    fn limits_are_read_and_checked() {
        let text =
            "Limit  Soft  Hard  Units\nMax open files            1024                 524288      files\n";
        assert_eq!(parse_limits(text), Some((1024, 524_288)));
        assert_eq!(
            parse_limits("Max open files   1024   unlimited  files"),
            Some((1024, u64::MAX))
        );
        let own = Process::own().unwrap();
        own.require_files("this", 1).unwrap();
        assert!(
            own.require_files("this", u64::MAX / 2)
                .unwrap_err()
                .to_string()
                .contains("ulimit -n")
        );
    }
}
