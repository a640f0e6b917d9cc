//! Files that are generated and committed: what the service writes about itself, its API and its settings, and the types
//! that are made from the API for TypeScript.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::progress::Progress;
use crate::service::{self, Service};
use crate::{frontend, process, workspace};

/// The command that prints a file, and the file.
const FILES: [(&str, &str); 3] = [
    ("openapi", "docs/openapi.json"),
    ("asyncapi", "docs/asyncapi.json"),
    ("settings", "docs/settings.md"),
];

/// `cargo xtask generate`: writes them.
pub fn run() -> Result<()> {
    for (path, text) in fresh(&service::build(false)?)? {
        fs::write(&path, text)?;
        println!("wrote {}", workspace::shown(&path));
    }
    frontend::install(&mut Progress::start())?;
    frontend::generate()?;
    println!("wrote {}", frontend::GENERATED);
    Ok(())
}

/// Fails when a committed file is not what is written now.
pub fn check(program: &Path) -> Result<()> {
    let mut stale = Vec::new();
    for (path, text) in fresh(program)? {
        stale.extend(stale_file(&path, &fs::read(&path), &text));
    }
    // the generator writes where the committed file is, so that one is put back
    let types = workspace::root().join(frontend::GENERATED);
    let committed = fs::read(&types);
    frontend::generate()?;
    stale.extend(stale_file(&types, &committed, &fs::read(&types)?));
    if let Ok(committed) = committed {
        fs::write(&types, committed)?;
    }
    if stale.is_empty() {
        return Ok(());
    }
    bail!(
        "not what is generated now: {}; `cargo xtask generate` writes them",
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

/// What is wrong with a committed file, if anything is.
fn stale_file(path: &Path, committed: &io::Result<Vec<u8>>, now: &[u8]) -> Option<String> {
    let name = workspace::shown(path);
    match committed {
        Ok(committed) if committed == now => None,
        Ok(committed) => Some(format!("{name}{}", difference(committed, now))),
        Err(error) => Some(format!("{name} ({error})")),
    }
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
