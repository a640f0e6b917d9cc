//! The secrets of a development stack: made once, kept in `tokens.json` beside its data, readable by their owner only.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// Named secrets, each 64 hexadecimal digits.
pub struct Secrets(Map<String, Value>);

const NAMES: [&str; 6] = [
    "as_token",
    "hs_token",
    "hub_secret_key",
    "registration_token",
    "macaroon_secret_key",
    "form_secret",
];

impl Secrets {
    /// Reads the file, or makes it.
    pub fn open(path: &Path) -> Result<Self> {
        if path.exists() {
            let text = fs::read_to_string(path)?;
            let secrets: Map<String, Value> = serde_json::from_str(&text)
                .with_context(|| format!("{} cannot be read; delete the folder it is in", path.display()))?;
            return Ok(Self(secrets));
        }
        let mut secrets = Map::new();
        for name in NAMES {
            secrets.insert(name.to_owned(), Value::String(random_hex()?));
        }
        // under another name first: a start that is interrupted here must not leave half a file
        let unfinished = path.with_extension("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(serde_json::to_string_pretty(&secrets)?.as_bytes())?;
        fs::rename(&unfinished, path)?;
        Ok(Self(secrets))
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Result<&str> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .with_context(|| format!("tokens.json has no {name}"))
    }
}

fn random_hex() -> Result<String> {
    let mut bytes = [0_u8; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // writing to a String cannot fail
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{NAMES, Secrets};
    use crate::process::Group;

    #[test]
    fn secrets_are_made_once_and_for_their_owner_only() {
        let mut group = Group::new();
        let path = group.temporary_folder().unwrap().join("tokens.json");
        let first = Secrets::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let second = Secrets::open(&path).unwrap();
        for name in NAMES {
            assert_eq!(first.get(name).unwrap(), second.get(name).unwrap());
            assert_eq!(first.get(name).unwrap().len(), 64);
        }
        assert_ne!(first.get("as_token").unwrap(), first.get("hs_token").unwrap());
    }
}
