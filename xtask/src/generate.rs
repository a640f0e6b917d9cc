//! Files that the service writes about itself and that are committed: its API and its settings.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::service::{self, Service};
use crate::{process, workspace};

/// The command that prints a file, and the file.
const FILES: [(&str, &str); 2] = [("openapi", "docs/openapi.json"), ("settings", "docs/settings.md")];

/// `cargo xtask generate`: writes them.
pub fn run() -> Result<()> {
    for (path, text) in fresh(&service::build(false)?)? {
        fs::write(&path, text)?;
        println!("wrote {}", workspace::shown(&path));
    }
    Ok(())
}

/// Fails when a committed file is not what the service prints now.
pub fn check(program: &Path) -> Result<()> {
    let mut stale = Vec::new();
    for (path, text) in fresh(program)? {
        match fs::read(&path) {
            Ok(committed) if committed == text => {}
            Ok(committed) => stale.push(format!(
                "{}{}",
                workspace::shown(&path),
                difference(&committed, &text)
            )),
            Err(error) => stale.push(format!("{} ({error})", workspace::shown(&path))),
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    bail!(
        "not what the service prints now: {}; `cargo xtask generate` writes them",
        stale.join(", ")
    )
}

fn fresh(program: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let service = Service::new(program, Vec::new());
    FILES
        .iter()
        .map(|(command, file)| {
            Ok((
                workspace::root().join(file),
                process::read(&mut service.command(&[command]))?,
            ))
        })
        .collect()
}

/// Where the two differ first; the rest is in `git diff` after generating.
fn difference(committed: &[u8], now: &[u8]) -> String {
    let (committed, now) = (String::from_utf8_lossy(committed), String::from_utf8_lossy(now));
    let same = committed
        .lines()
        .zip(now.lines())
        .take_while(|(a, b)| a == b)
        .count();
    format!(" (first in line {})", same + 1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_difference_is_named_by_its_line() {
        assert_eq!(super::difference(b"a\nb\nc", b"a\nx\nc"), " (first in line 2)");
        assert_eq!(super::difference(b"a\n", b"a\nb\n"), " (first in line 2)");
    }
}
