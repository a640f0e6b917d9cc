//! What the tests are told by the environment. A tool that is missing ends a test in words; it never passes silently.
//!
//! | Variable | Meaning | Default |
//! |---|---|---|
//! | `TEST_DATABASE` | `sqlite` or `postgres`: the database of the stacks | `sqlite` |
//! | `TEST_POSTGRES_URL` | a server on which databases may be made; each stack makes its own | |
//! | `TEST_REDIS_URL` | the bus between replicas | |
//! | `TEST_HOMESERVER` | `synapse` or `conduit` | `synapse` |
//! | `TEST_SYNAPSE_PYTHON` | the Python of an environment with `matrix-synapse` | `.dev/synapse/bin/python` |
//! | `CONDUIT_BIN` | Conduit's program | |
//! | `TEST_KEEP` | set: the stacks' folders (databases, logs) are not removed | |

use std::env;
use std::path::PathBuf;

/// The database of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// The homeserver of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Synapse,
    Conduit,
}

pub fn database() -> Database {
    match variable("TEST_DATABASE").as_deref() {
        None | Some("sqlite") => Database::Sqlite,
        Some("postgres") => Database::Postgres,
        Some(other) => panic!("TEST_DATABASE is `{other}`; it is `sqlite` or `postgres`"),
    }
}

pub fn homeserver() -> Kind {
    match variable("TEST_HOMESERVER").as_deref() {
        None | Some("synapse") => Kind::Synapse,
        Some("conduit") => Kind::Conduit,
        Some(other) => panic!("TEST_HOMESERVER is `{other}`; it is `synapse` or `conduit`"),
    }
}

pub fn synapse_python() -> PathBuf {
    let path = variable("TEST_SYNAPSE_PYTHON").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".dev/synapse/bin/python"),
        PathBuf::from,
    );
    assert!(
        path.is_file(),
        "no Python with Synapse at {}: run `cargo xtask test`, which installs one, or set TEST_SYNAPSE_PYTHON",
        path.display()
    );
    path
}

pub fn conduit() -> PathBuf {
    let path = variable("CONDUIT_BIN")
        .map(PathBuf::from)
        .expect("TEST_HOMESERVER=conduit needs CONDUIT_BIN, the path of Conduit's program");
    assert!(
        path.is_file(),
        "CONDUIT_BIN names {}, which is no file",
        path.display()
    );
    path
}

pub fn postgres() -> String {
    variable("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL is not set: run `cargo xtask test`, which starts a PostgreSQL, or name one on which databases may be made",
    )
}

pub fn redis() -> String {
    variable("TEST_REDIS_URL")
        .expect("TEST_REDIS_URL is not set: run `cargo xtask test`, which starts a Redis, or name one")
}

pub fn keep() -> bool {
    variable("TEST_KEEP").is_some()
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
