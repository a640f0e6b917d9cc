//! A throwaway Redis that writes nothing to disk, on 127.0.0.1 only.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::process::{Group, Output};

/// Starts one and returns its URL; only its log is in `folder`.
pub fn start(group: &mut Group, folder: &Path, port: u16) -> Result<String> {
    let mut redis = Command::new("redis-server");
    redis.args([
        "--bind",
        "127.0.0.1",
        "--port",
        &port.to_string(),
        "--save",
        "",
        "--appendonly",
        "no",
    ]);
    redis.current_dir(folder);
    group.start("Redis", &redis, &Output::Log(&folder.join("redis.log")))?;
    group.wait_until("Redis", Duration::from_secs(30), || ping(port).is_some())?;
    Ok(format!("redis://127.0.0.1:{port}/"))
}

fn ping(port: u16) -> Option<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    stream.write_all(b"PING\r\n").ok()?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).ok()?;
    (&answer == b"+PONG").then_some(())
}
