//! A process with its children, found by the port it listens on: the database or the homeserver beside a server.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result};

use crate::cpu::Process;

/// The unit of `/proc/PID/stat`, which is the same on every Linux of today.
const TICK: Duration = Duration::from_millis(10);

/// A process and all that it has started.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    root: u32,
}

impl Family {
    /// Those of the process that listens on `port` of this machine; none when there is none, or one that we may not see
    /// into.
    pub fn listening(port: u16) -> Option<Self> {
        let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
            .iter()
            .filter_map(|table| fs::read_to_string(table).ok())
            .flat_map(|table| listeners(&table, port))
            .map(|inode| format!("socket:[{inode}]"))
            .collect();
        // children inherit it: the parent has the smaller number, until numbers start again
        let mut holders: Vec<u32> = pids().filter(|pid| holds(*pid, &sockets)).collect();
        holders.sort_unstable();
        let root = holders
            .iter()
            .find(|pid| Stat::read(**pid).is_some_and(|stat| !holders.contains(&stat.parent)))
            .copied()?;
        Some(Self { root })
    }

    /// The process that has started the others.
    pub fn root(self) -> u32 {
        self.root
    }

    /// CPU time, user and system, of all of them, those that have ended included: the nanosecond clock of each that runs,
    /// and the hundredths of a second that its ended children used.
    pub fn cpu(self) -> Result<Duration> {
        let all: Vec<(u32, Stat)> = pids().filter_map(|pid| Some((pid, Stat::read(pid)?))).collect();
        let mut members = vec![self.root];
        let mut at = 0;
        while let Some(parent) = members.get(at).copied() {
            members.extend(
                all.iter()
                    .filter(|(_, stat)| stat.parent == parent)
                    .map(|(pid, _)| *pid),
            );
            at += 1;
        }
        let ended: u32 = all
            .iter()
            .filter(|(pid, _)| members.contains(pid))
            .map(|(_, stat)| stat.ended_children)
            .sum();
        let own = Process::open(self.root)?
            .cpu()
            .context("a process beside the server has ended")?;
        // a child may end while we look; its time is then in the ticks the next time
        let children: Duration = members[1..]
            .iter()
            .filter_map(|pid| Process::open(*pid).ok()?.cpu().ok())
            .sum();
        Ok(own + children + TICK * ended)
    }
}

fn pids() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// Inodes of the sockets that listen on `port`, from the kernel's table.
fn listeners(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let wanted = format!(":{port:04X}");
    table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.len() > 9 && fields[1].ends_with(&wanted) && fields[3] == LISTEN)
        .map(|fields| fields[9].to_owned())
        .collect()
}

fn holds(pid: u32, sockets: &[String]) -> bool {
    fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten()
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .any(|target| sockets.iter().any(|socket| target == Path::new(socket)))
}

struct Stat {
    parent: u32,
    /// CPU time of the children that have ended, in [`TICK`]s.
    ended_children: u32,
}

impl Stat {
    fn read(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// `pid (name) state ppid … utime stime cutime cstime …`; the name may have anything in it.
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
        let number = |at: usize| fields.get(at)?.parse::<u32>().ok();
        Some(Self {
            parent: number(1)?,
            ended_children: number(13)? + number(14)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_is_read_behind_its_name() {
        let stat = Stat::parse("12 (a) b (c) S 7 12 12 0 -1 0 0 0 0 0 100 50 3 4 20 0 1").unwrap();
        assert_eq!((stat.parent, stat.ended_children), (7, 7));
        assert!(Stat::parse("nonsense").is_none());
    }

    #[test]
    fn listeners_are_found_by_port_and_state() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:15A8 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711 1 0\n\
            1: 0100007F:15A8 0100007F:9999 01 00000000:00000000 00:00000000 00000000 0 0 4712 1 0\n";
        assert_eq!(listeners(table, 0x15A8), ["4711"]);
        assert!(listeners(table, 1).is_empty());
    }

    #[test]
    fn one_finds_oneself_with_the_work_of_a_child_that_ended() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let family = Family::listening(listener.local_addr().unwrap().port()).unwrap();
        assert_eq!(family.root(), std::process::id());
        let before = family.cpu().unwrap();
        let work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        assert!(
            std::process::Command::new("sh")
                .args(["-c", work])
                .status()
                .unwrap()
                .success()
        );
        assert!(family.cpu().unwrap().saturating_sub(before) >= TICK);
    }
}
