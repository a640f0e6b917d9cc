//! The path of a request as it came, byte for byte.
//!
//! What the homeserver makes of a path must be what was checked here. So nothing is decoded, tidied up or put together
//! again: a path is cut at its slashes, its fixed parts are compared as they are, and one that could mean something else
//! to whoever decodes it is refused (matrix client-server API, section "API standards").

use std::borrow::Cow;

use http::Uri;
use percent_encoding::percent_decode_str;

/// The most parts that a path of the API has.
const MAX_SEGMENTS: usize = 16;

/// The parts of a request's path between its slashes; `None` when the path is none that a client library writes.
pub(super) fn segments(uri: &Uri) -> Option<Vec<&str>> {
    // An absolute URI is for a proxy of another kind.
    if uri.scheme().is_some() || uri.authority().is_some() {
        return None;
    }
    let rest = uri.path().strip_prefix('/')?;
    let segments: Vec<&str> = rest.split('/').take(MAX_SEGMENTS + 1).collect();
    if segments.len() > MAX_SEGMENTS {
        return None;
    }
    let last = segments.len() - 1;
    let plain = segments.iter().enumerate().all(|(at, segment)| {
        // Only the key of a state event may be empty, and it stands at the end.
        (!segment.is_empty() || (at == last && last > 0)) && is_plain(segment)
    });
    plain.then_some(segments)
}

fn is_plain(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    if !bytes.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'\\') {
        return false;
    }
    let escapes_are_whole = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'%')
        .all(|(at, _)| {
            bytes
                .get(at + 1..at + 3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
        });
    escapes_are_whole
        && decoded(segment)
            .is_some_and(|text| text != "." && text != ".." && !text.chars().any(char::is_control))
}

/// What a part of the path stands for; `None` when it is no UTF-8.
pub(super) fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

/// The first value of a parameter of the query, decoded.
pub(super) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query()?;
    url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(uri: &str) -> Option<Vec<String>> {
        let uri: Uri = uri.parse().ok()?;
        segments(&uri).map(|parts| parts.into_iter().map(ToOwned::to_owned).collect())
    }

    #[test]
    fn a_path_is_cut_at_its_slashes_and_left_as_it_is() {
        assert_eq!(
            parts("/_matrix/client/v3/rooms/%21a%3Ahub.local/state/m.room.name/?x=1").unwrap(),
            [
                "_matrix",
                "client",
                "v3",
                "rooms",
                "%21a%3Ahub.local",
                "state",
                "m.room.name",
                ""
            ]
        );
        assert_eq!(parts("/a/%2F/b").unwrap(), ["a", "%2F", "b"]);
    }

    #[test]
    fn tricks_are_no_paths() {
        for trick in [
            "/_matrix/client/v3/../admin",
            "/_matrix/client/v3/%2e%2e/admin",
            "/_matrix/client/v3/%2E%2e/admin",
            "/_matrix/client/v3/.%2e/admin",
            "/_matrix/client/v3/./sync",
            "/_matrix/client/v3/%2e/sync",
            "/_matrix//client/v3/sync",
            "//_matrix/client/v3/sync",
            "/_matrix/client/v3/rooms//state",
            "/_matrix/client/v3/sync%",
            "/_matrix/client/v3/sync%4",
            "/_matrix/client/v3/sync%zz",
            "/_matrix/client/v3/rooms/%00/state",
            "/_matrix/client/v3/rooms/%0d%0a/state",
            "/_matrix/client/v3/rooms/%ff/state",
            "/_matrix\\client/v3/sync",
            "http://hub.local/_matrix/client/v3/sync",
            "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a",
        ] {
            assert_eq!(parts(trick), None, "{trick}");
        }
    }
}
