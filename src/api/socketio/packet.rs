//! Packets: `<type>[<attachments>-][<namespace>,][<acknowledgement>][<JSON>]`.

use serde::Serialize;
use serde_json::Value;

use super::{Event, Refusal};
use crate::said::Said;

/// The namespace of a packet that names none.
pub const ROOT: &str = "/";
/// What a client may ask to have acknowledged is named with so many digits at most.
const MAX_ACK_DIGITS: usize = 18;

/// A packet of a client.
#[derive(Debug, PartialEq)]
pub enum Packet<'a> {
    /// It wants in.
    Connect {
        /// Where.
        namespace: &'a str,
        /// What it shows; null when nothing.
        auth: Value,
    },
    /// It leaves.
    Disconnect {
        /// From where.
        namespace: &'a str,
    },
    /// It says something.
    Event {
        /// Where.
        namespace: &'a str,
        /// What; `None` for an event whose name is no text, which nobody listens to.
        event: Option<Event>,
    },
    /// It acknowledges something. Nobody here asks for that.
    Ack,
}

/// Reads a packet; `None` for what is none.
pub fn parse(text: &str) -> Option<Packet<'_>> {
    let kind = *text.as_bytes().first()?;
    let mut rest = text.get(1..)?;
    if matches!(kind, b'5' | b'6') {
        let (count, more) = rest.split_once('-')?;
        count.parse::<u8>().ok()?;
        rest = more;
    }
    let (namespace, rest) = if rest.starts_with('/') {
        rest.split_once(',').unwrap_or((rest, ""))
    } else {
        (ROOT, rest)
    };
    // A query of the namespace is of no account.
    let namespace = namespace.split('?').next().unwrap_or(namespace);
    match kind {
        b'0' => {
            let auth = if rest.is_empty() {
                Value::Null
            } else {
                serde_json::from_str(rest).ok()?
            };
            Some(Packet::Connect { namespace, auth })
        }
        b'1' => Some(Packet::Disconnect { namespace }),
        b'2' | b'5' => event(namespace, rest),
        b'3' | b'6' => Some(Packet::Ack),
        _ => None,
    }
}

fn event<'a>(namespace: &'a str, text: &str) -> Option<Packet<'a>> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > MAX_ACK_DIGITS {
        return None;
    }
    let (ack, json) = text.split_at(digits);
    let mut args: Vec<Value> = serde_json::from_str(json).ok()?;
    if args.is_empty() {
        return None;
    }
    let name = args.remove(0);
    let event = match name {
        Value::String(name) => Some(Event {
            name,
            args,
            ack: ack.parse().ok(),
            size: text.len(),
        }),
        Value::Number(_) => None,
        _ => return None,
    };
    Some(Packet::Event { namespace, event })
}

/// The part of a packet that names its namespace.
fn prefix(namespace: &str) -> String {
    if namespace == ROOT {
        String::new()
    } else {
        format!("{namespace},")
    }
}

fn json(value: &impl Serialize) -> String {
    // What is said is made of strings and numbers, whose JSON cannot fail.
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// An event with one argument.
pub fn emit(namespace: &str, name: &str, data: &impl Serialize) -> Said {
    Said::packet(&format!("2{}[{},{}]", prefix(namespace), json(&name), json(data)))
}

/// The acknowledgement that a client asked for, with one argument.
pub fn ack(namespace: &str, id: u64, data: &impl Serialize) -> Said {
    Said::packet(&format!("3{}{id}[{}]", prefix(namespace), json(data)))
}

/// The client is in.
pub(super) fn connected(namespace: &str, sid: &str) -> Said {
    Said::packet(&format!(
        "0{}{}",
        prefix(namespace),
        json(&serde_json::json!({ "sid": sid }))
    ))
}

/// The client is not let in.
pub(super) fn refused(namespace: &str, refusal: &Refusal) -> Said {
    Said::packet(&format!("4{}{}", prefix(namespace), json(refusal)))
}

/// The client is put out; it does not come back by itself.
pub(super) fn disconnect(namespace: &str) -> Said {
    Said::packet(&format!("1{}", prefix(namespace)))
}
