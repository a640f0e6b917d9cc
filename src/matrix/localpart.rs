//! What a person is called on the homeserver (contract R6).
//!
//! The mapping is the Matrix specification's (appendix "Mapping from other character sets") with `=xx` for upper case
//! too, so that `_` may stay as it is: the hub's `max_m` has to be `@max_m:…` (contract A069). Two people never share
//! a name, and [`person_of`] finds the person of a name again.

use std::fmt::Write as _;

use ruma::{OwnedUserId, ServerName, UserId};

use crate::error::{Error, Result};
use crate::types::{MAX_ID_BYTES, PersonId, Source};

const CLERK: &str = "clerk_";
const APP: &str = "app_";

/// The user that answers in Conduit's admin room.
const CONDUIT: &str = "conduit";

/// The local part of a person's Matrix user id.
///
/// ```
/// use messenger_service::{matrix::localpart::localpart, types::{PersonId, Source}};
/// assert_eq!(localpart(&PersonId::from("max_m"), Source::Hub), "max_m");
/// assert_eq!(localpart(&PersonId::from("user_2X"), Source::Clerk), "clerk_user_2=58");
/// ```
pub fn localpart(person: &PersonId, source: Source) -> String {
    match source {
        Source::Hub | Source::Local | Source::App => escape("", person.as_str()),
        Source::Clerk => escape(CLERK, person.as_str()),
        Source::Service | Source::Matrix => person.as_str().to_owned(),
    }
}

/// A person's Matrix user id.
///
/// # Errors
/// [`Error::Invalid`] when it would be longer than the 255 bytes the specification allows.
pub fn user_id(person: &PersonId, source: Source, server_name: &ServerName) -> Result<OwnedUserId> {
    let id = format!("@{}:{server_name}", localpart(person, source));
    if id.len() > MAX_ID_BYTES {
        return Err(Error::invalid(
            "sub",
            format!("too long for a Matrix user id of {MAX_ID_BYTES} bytes"),
        ));
    }
    UserId::parse(id).map_err(|error| Error::invalid("sub", format!("no Matrix user id: {error}")))
}

/// The person of a local part, as far as the name tells: a local person looks like one of the hub, and the service's
/// own user too. A name that [`localpart`] never makes belongs to somebody who never came through a door of ours.
pub fn person_of(localpart: &str) -> (PersonId, Source) {
    let (name, source) = match localpart.strip_prefix(CLERK) {
        Some(id) => (id, Source::Clerk),
        None if localpart.starts_with(APP) => (localpart, Source::App),
        None => (localpart, Source::Hub),
    };
    match unescape(name).filter(|name| !name.is_empty()) {
        Some(name) => (name.into(), source),
        None => (localpart.into(), Source::Matrix),
    }
}

/// Whether the hub may not have somebody of this name, because the name on the homeserver is another's: the service's
/// own, the homeserver's, a Clerk person's or a satellite's.
pub fn is_reserved(hub_sub: &str, sender_localpart: &str) -> bool {
    let name = escape("", hub_sub);
    name == sender_localpart || name == CONDUIT || name.starts_with(CLERK) || name.starts_with(APP)
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'/')
}

fn escape(prefix: &str, text: &str) -> String {
    let mut escaped = String::with_capacity(prefix.len() + text.len());
    escaped.push_str(prefix);
    for byte in text.bytes() {
        if is_plain(byte) {
            escaped.push(char::from(byte));
        } else {
            // writing to a String cannot fail
            let _ = write!(escaped, "={byte:02x}");
        }
    }
    escaped
}

/// The text that [`escape`] makes this of; `None` if there is none.
fn unescape(escaped: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'=' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            plain => plain,
        });
    }
    // what another spelling decodes to as well would make two names one person
    String::from_utf8(bytes)
        .ok()
        .filter(|text| escape("", text) == escaped)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(person: &str, source: Source) -> String {
        localpart(&person.into(), source)
    }

    #[test]
    fn hub_people_keep_their_names_a069() {
        let server = ServerName::parse("hub.local").unwrap();
        let id = user_id(&"max_m".into(), Source::Hub, &server).unwrap();
        assert_eq!(id, "@max_m:hub.local");
        assert_eq!(name("max.m-2/x", Source::Local), "max.m-2/x");
    }

    #[test]
    fn names_are_made_as_r6_says() {
        assert_eq!(name("Max", Source::Hub), "=4dax");
        assert_eq!(name("a=b@c:d", Source::Hub), "a=3db=40c=3ad");
        assert_eq!(name("jörg", Source::Hub), "j=c3=b6rg");
        assert_eq!(name("user_2nX", Source::Clerk), "clerk_user_2n=58");
        assert_eq!(name("app_fleet", Source::App), "app_fleet");
        assert_eq!(name("messenger", Source::Service), "messenger");
    }

    #[test]
    fn every_name_leads_back_to_its_person() {
        let everything = String::from_utf8((0..128).collect()).unwrap();
        for person in [
            "max_m",
            "Max_M",
            "a=3d",
            "=",
            "==",
            "jörg",
            "🦀 & co",
            "+49/1",
            "_",
            "a b",
            &everything,
        ] {
            for source in [Source::Hub, Source::Clerk] {
                let name = name(person, source);
                assert_eq!(person_of(&name), (person.into(), source), "{name}");
                assert!(name.bytes().all(|byte| is_plain(byte) || byte == b'='), "{name}");
            }
        }
        for app in ["app_fleet", "app_Mass & Ware"] {
            assert_eq!(person_of(&name(app, Source::App)), (app.into(), Source::App));
        }
    }

    #[test]
    fn different_people_have_different_names() {
        let people = ["a", "A", "=61", "=41", "_a", "a_", "ä", "a\u{308}"];
        let mut names: Vec<_> = people.iter().map(|person| name(person, Source::Hub)).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), people.len());
    }

    #[test]
    fn a_name_of_no_making_of_ours_stays_what_it_is() {
        for foreign in ["a=4", "a=4D", "a=61", "=ff", "Max", "a+b", "clerk_", "clerk_X"] {
            assert_eq!(person_of(foreign), (foreign.into(), Source::Matrix));
        }
    }

    #[test]
    fn the_hub_may_not_have_the_names_of_others_r6() {
        for taken in ["messenger", "conduit", "clerk_x", "clerk_", "app_fleet"] {
            assert!(is_reserved(taken, "messenger"), "{taken}");
        }
        for free in [
            "max",
            "Clerk_x",
            "clerk",
            "application",
            "conduit2",
            "Messenger",
            "_messenger",
        ] {
            assert!(!is_reserved(free, "messenger"), "{free}");
        }
    }

    #[test]
    fn a_name_too_long_for_matrix_is_invalid() {
        let server = ServerName::parse("hub.local").unwrap();
        let fits = "x".repeat(255 - "@:hub.local".len());
        assert!(user_id(&fits.as_str().into(), Source::Hub, &server).is_ok());
        assert!(user_id(&format!("{fits}x").into(), Source::Hub, &server).is_err());
        assert!(user_id(&"Ü".repeat(50).into(), Source::Hub, &server).is_err());
    }
}
