//! What the tests stand on: a real homeserver, the real service, and clients of both.

pub mod clerk;
pub mod client;
pub mod database;
pub mod env;
pub mod external;
pub mod homeserver;
pub mod http;
pub mod matrix;
pub mod multipart;
pub mod people;
pub mod process;
pub mod sockets;
pub mod sse;
pub mod stack;

pub use http::{Answer, Hub, PATIENCE, assert_fields, eventually, list, text};
pub use people::Person;
pub use sse::Sse;
pub use stack::Stack;
