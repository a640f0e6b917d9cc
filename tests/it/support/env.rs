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
//! | `TEST_NODE` | Node.js for the clients of `tests/clients` | `node` on the `PATH` |
//! | `TEST_NIO_PYTHON` | the Python of an environment with `tests/clients/requirements.txt` | `.dev/nio/bin/python` |
//! | `TEST_CHROMIUM` | a Chromium | `/usr/bin/chromium` |
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

/// The folder of the Matrix clients that the tests drive.
pub fn clients() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Node.js, for clients whose packages are installed.
pub fn node() -> PathBuf {
    let packages = clients().join("node_modules");
    assert!(
        packages.is_dir(),
        "{} is missing: run `cargo xtask test --only node`, which installs what package-lock.json names",
        packages.display()
    );
    variable("TEST_NODE").map_or_else(|| "node".into(), PathBuf::from)
}

pub fn nio_python() -> PathBuf {
    let path = variable("TEST_NIO_PYTHON").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".dev/nio/bin/python"),
        PathBuf::from,
    );
    assert!(
        path.is_file(),
        "no Python with matrix-nio at {}: run `cargo xtask test --only nio`, which installs one, or set TEST_NIO_PYTHON",
        path.display()
    );
    path
}

pub fn chromium() -> PathBuf {
    let path = variable("TEST_CHROMIUM").map_or_else(|| "/usr/bin/chromium".into(), PathBuf::from);
    assert!(
        path.is_file(),
        "no Chromium at {}: run `cargo xtask test --only debian`, which installs Debian's, or set TEST_CHROMIUM",
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
