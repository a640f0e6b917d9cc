//! What a client may ask for. Whatever is not in this list is refused (contract R45).

use http::Method;

use super::path::decoded;

/// What is to be done with a request; parts of its path as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule<'a> {
    /// Passed on without a token.
    Open,
    /// Answered here without a token.
    Ours(Ours),
    /// Passed on for whoever is logged in.
    Pass,
    /// The list of those whom the caller ignores is written.
    Ignore { user: &'a str },
    /// The caller's picture is set.
    SetAvatar { user: &'a str },
    /// About a room, changing nothing that others see.
    Read { room: &'a str },
    /// About a room, changing something.
    Write { room: &'a str },
    /// A message event.
    Send { room: &'a str, kind: &'a str },
    /// A message is taken back.
    Redact { room: &'a str, event: &'a str },
    /// A room is left.
    Leave { room: &'a str },
    /// A state event.
    State {
        room: &'a str,
        kind: &'a str,
        key: &'a str,
    },
    /// A new room.
    Create,
    /// Somebody is asked in.
    Invite { room: &'a str },
    /// A room is entered, by id or alias.
    Join { room: &'a str },
    /// Typing begins or ends.
    Typing { room: &'a str, user: &'a str },
    /// A receipt for an event.
    Receipt {
        room: &'a str,
        kind: &'a str,
        event: &'a str,
    },
    /// The read markers of a room.
    Markers { room: &'a str },
    /// How somebody is.
    PresenceOf { user: &'a str },
    /// How the caller is.
    SetPresence { user: &'a str },
    /// A profile, or a field of it.
    Profile { user: &'a str },
    /// An alias is looked up.
    Alias { alias: &'a str },
    /// The rooms anybody of the tenant may enter.
    PublicRooms,
    /// People are looked for.
    UserSearch,
    /// Messages between devices.
    ToDevice,
    /// Something is uploaded.
    Upload,
    /// Media come down; counted against no limit.
    Download,
    /// The long-poll; counted against no limit.
    Sync,
    /// The same in its simplified sliding form (MSC4186).
    SlidingSync,
    /// Logged out.
    Logout { all: bool },
    /// Devices are removed.
    DeleteDevices { one: Option<&'a str> },
    /// Keys of other people's devices.
    Keys,
    /// The keys of cross-signing are set up or replaced.
    SigningKeys,
    /// Known, and refused in words.
    Refused(&'static str),
}

/// What is answered here and open to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ours {
    /// `GET /login`.
    LoginFlows,
    /// `POST /login`.
    Login,
    /// `GET /login/sso/redirect`.
    SsoRedirect,
    /// `GET /capabilities`.
    Capabilities,
    /// `GET /media/config`.
    MediaConfig,
}

const NO_ACCOUNTS: &str = "accounts are the hub's: sign up, change or end them there";
const NO_ALIASES: &str = "room addresses are given by the messenger";
pub(super) const NO_NAMES: &str = "your name is the one you have at the hub";
const NO_KNOCKING: &str = "ask a member to invite you";

impl Rule<'_> {
    /// The rule's name in logs and metrics.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ours(Ours::LoginFlows | Ours::Login | Ours::SsoRedirect) => "login",
            Self::Ours(_) => "about",
            Self::Pass => "pass",
            Self::Ignore { .. } => "ignore",
            Self::Read { .. } => "read",
            Self::Write { .. } => "write",
            Self::Send { .. } => "send",
            Self::Redact { .. } => "redact",
            Self::Leave { .. } => "leave",
            Self::State { .. } => "state",
            Self::Create => "create",
            Self::Invite { .. } => "invite",
            Self::Join { .. } => "join",
            Self::Typing { .. } => "typing",
            Self::Receipt { .. } | Self::Markers { .. } => "receipt",
            Self::PresenceOf { .. } | Self::SetPresence { .. } => "presence",
            Self::Profile { .. } | Self::SetAvatar { .. } => "profile",
            Self::Alias { .. } | Self::PublicRooms | Self::UserSearch => "directory",
            Self::ToDevice => "to_device",
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Sync | Self::SlidingSync => "sync",
            Self::Logout { .. } => "logout",
            Self::DeleteDevices { .. } | Self::Keys | Self::SigningKeys => "devices",
            Self::Refused(_) => "refused",
        }
    }

    /// Whether requests of this kind are counted against the person's limit (contract R72).
    pub(super) fn is_counted(&self) -> bool {
        !matches!(self, Self::Sync | Self::SlidingSync | Self::Download)
    }

    /// Whether a request of this kind may end its own session, which does not cut it off.
    pub(super) fn ends_sessions(&self) -> bool {
        matches!(self, Self::Logout { .. } | Self::DeleteDevices { .. })
    }
}

/// The rule for a method and a path; `None` when there is none.
pub(super) fn rule<'a>(method: &Method, segments: &[&'a str]) -> Option<Rule<'a>> {
    let read = *method == Method::GET || *method == Method::HEAD;
    match segments {
        ["_matrix", "client", "versions"] if read => Some(Rule::Open),
        ["_matrix", "media", "r0" | "v1" | "v3", rest @ ..] => media(method, read, rest),
        ["_matrix", "client", "v1", "media", rest @ ..] => media(method, read, rest),
        [
            "_matrix",
            "client",
            "unstable",
            "org.matrix.msc3916",
            "media",
            rest @ ..,
        ] => media(method, read, rest),
        [
            "_matrix",
            "client",
            "unstable",
            "org.matrix.simplified_msc3575",
            "sync",
        ] if *method == Method::POST => Some(Rule::SlidingSync),
        ["_matrix", "client", "r0" | "v1" | "v3", rest @ ..] => client(method, read, rest),
        _ => None,
    }
}

/// Whether there is a rule for the path with some method.
pub(super) fn is_known(segments: &[&str]) -> bool {
    [Method::GET, Method::POST, Method::PUT, Method::DELETE]
        .iter()
        .any(|method| rule(method, segments).is_some())
}

#[expect(clippy::unnested_or_patterns, reason = "a path a line is what one looks for")]
fn media<'a>(method: &Method, read: bool, rest: &[&'a str]) -> Option<Rule<'a>> {
    Some(match rest {
        ["config"] if read => Rule::Ours(Ours::MediaConfig),
        ["upload"] if *method == Method::POST => Rule::Upload,
        ["download", _, _] | ["download", _, _, _] | ["thumbnail", _, _] if read => Rule::Download,
        ["preview_url"] if read => Rule::Pass,
        _ => return None,
    })
}

#[expect(clippy::unnested_or_patterns, reason = "a path a line is what one looks for")]
fn client<'a>(method: &Method, read: bool, rest: &[&'a str]) -> Option<Rule<'a>> {
    let (post, put, delete) = (
        *method == Method::POST,
        *method == Method::PUT,
        *method == Method::DELETE,
    );
    Some(match *rest {
        // Logins.
        ["login"] if read => Rule::Ours(Ours::LoginFlows),
        ["login"] if post => Rule::Ours(Ours::Login),
        ["login", "sso", "redirect"] | ["login", "sso", "redirect", _] if read => {
            Rule::Ours(Ours::SsoRedirect)
        }
        ["logout"] if post => Rule::Logout { all: false },
        ["logout", "all"] if post => Rule::Logout { all: true },
        ["register", ..]
        | ["account", "password", ..]
        | ["account", "deactivate"]
        | ["account", "3pid", ..] => Rule::Refused(NO_ACCOUNTS),
        ["account", "whoami"] if read => Rule::Pass,
        ["capabilities"] if read => Rule::Ours(Ours::Capabilities),

        // What a client keeps for itself.
        ["sync"] if read => Rule::Sync,
        ["events"] if read => Rule::Sync,
        ["user", _, "filter"] if post => Rule::Pass,
        ["user", _, "filter", _] if read => Rule::Pass,
        ["user", user, "account_data", kind] if (put || delete) && is_ignore_list(kind) => {
            Rule::Ignore { user }
        }
        ["user", _, "account_data", _] if read || put || delete => Rule::Pass,
        ["user", _, "rooms", room, "account_data", _] if read || put || delete => Rule::Read { room },
        ["user", _, "rooms", room, "tags"] if read => Rule::Read { room },
        ["user", _, "rooms", room, "tags", _] if put || delete => Rule::Read { room },
        ["pushrules", ..] if read || put || delete => Rule::Pass,
        ["pushers"] if read => Rule::Pass,
        ["pushers", "set"] if post => Rule::Pass,
        ["notifications"] if read => Rule::Pass,
        ["devices"] if read => Rule::Pass,
        ["devices", _] if read || put => Rule::Pass,
        ["devices", id] if delete => Rule::DeleteDevices { one: Some(id) },
        ["delete_devices"] if post => Rule::DeleteDevices { one: None },
        ["keys", "upload"] if post => Rule::Pass,
        ["keys", "query" | "claim"] if post => Rule::Keys,
        ["keys", "upload", _] if post => Rule::Pass,
        ["keys", "signatures", "upload"] if post => Rule::Pass,
        ["keys", "device_signing", "upload"] if post => Rule::SigningKeys,
        ["keys", "changes"] if read => Rule::Pass,
        ["room_keys", ..] if read || put || post || delete => Rule::Pass,
        ["sendToDevice", _, _] if put => Rule::ToDevice,
        ["voip", "turnServer"] if read => Rule::Pass,
        ["thirdparty", "protocols"] if read => Rule::Pass,

        // People.
        ["profile", user] | ["profile", user, _] if read => Rule::Profile { user },
        ["profile", _, "displayname"] => Rule::Refused(NO_NAMES),
        ["profile", user, "avatar_url"] if put => Rule::SetAvatar { user },
        ["presence", user, "status"] if read => Rule::PresenceOf { user },
        ["presence", user, "status"] if put => Rule::SetPresence { user },
        ["user_directory", "search"] if post => Rule::UserSearch,

        // Rooms.
        ["createRoom"] if post => Rule::Create,
        ["join", room] if post => Rule::Join { room },
        ["knock", ..] => Rule::Refused(NO_KNOCKING),
        ["joined_rooms"] if read => Rule::Pass,
        ["publicRooms"] if read || post => Rule::PublicRooms,
        ["directory", "room", alias] if read => Rule::Alias { alias },
        ["directory", ..] => Rule::Refused(NO_ALIASES),
        ["search"] if post => Rule::Pass,
        ["rooms", room, ref rest @ ..] => return in_room(method, room, rest),
        _ => return None,
    })
}

/// Whether account data of this kind, as it stands in the path, is the list of ignored users.
fn is_ignore_list(kind: &str) -> bool {
    decoded(kind).is_some_and(|kind| kind == "m.ignored_user_list")
}

#[expect(clippy::unnested_or_patterns, reason = "a path a line is what one looks for")]
fn in_room<'a>(method: &Method, room: &'a str, rest: &[&'a str]) -> Option<Rule<'a>> {
    let read = *method == Method::GET || *method == Method::HEAD;
    let (post, put) = (*method == Method::POST, *method == Method::PUT);
    Some(match *rest {
        ["state", kind] if put => Rule::State { room, kind, key: "" },
        ["state", kind, key] if put => Rule::State { room, kind, key },
        [
            "state" | "members" | "joined_members" | "messages" | "initialSync" | "aliases" | "threads"
            | "hierarchy" | "timestamp_to_event",
        ]
        | ["state", _]
        | ["state", _, _]
        | ["event" | "context", _]
        | ["relations", _]
        | ["relations", _, _]
        | ["relations", _, _, _]
            if read =>
        {
            Rule::Read { room }
        }
        ["send", kind, _] if put => Rule::Send { room, kind },
        ["redact", event, _] if put => Rule::Redact { room, event },
        ["typing", user] if put => Rule::Typing { room, user },
        ["receipt", kind, event] if post => Rule::Receipt { room, kind, event },
        ["read_markers"] if post => Rule::Markers { room },
        ["join"] if post => Rule::Join { room },
        ["leave"] if post => Rule::Leave { room },
        ["forget"] if post => Rule::Read { room },
        ["invite"] if post => Rule::Invite { room },
        ["kick" | "ban" | "unban"] if post => Rule::Write { room },
        ["report"] | ["report", _] if post => Rule::Read { room },
        ["upgrade"] => Rule::Refused("rooms are not replaced here"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(method: &Method, path: &'a str) -> Option<Rule<'a>> {
        let segments: Vec<&str> = path[1..].split('/').collect();
        rule(method, &segments)
    }

    /// Contract R45.
    #[test]
    fn what_is_not_in_the_list_is_refused() {
        for path in [
            "/_matrix/federation/v1/version",
            "/_matrix/key/v2/server",
            "/_matrix/app/v1/transactions/1",
            "/_synapse/admin/v1/users",
            "/_conduit/server_version",
            "/_matrix/client/v3/admin/whois/x",
            "/_matrix/client/v1/admin/suspend/x",
            "/_matrix/client/v1/register/m.login.registration_token/validity",
            "/_matrix/client/unstable/anything",
            "/_matrix/client/v3/refresh",
            "/_matrix/client/v1/login/get_token",
            "/_matrix/client/v3/user/x/openid/request_token",
            "/_matrix/client/v1/appservice/x/ping",
            "/_matrix/client/v3/rooms/!a/knock",
            "/_matrix/media/v1/create",
            "/",
            "/_matrix",
        ] {
            for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
                let found = of(&method, path);
                assert!(
                    matches!(found, None | Some(Rule::Refused(_))),
                    "{method} {path}: {found:?}"
                );
            }
        }
    }

    #[test]
    fn the_method_counts() {
        let state = "/_matrix/client/v3/rooms/!a/state/m.room.name/";
        assert_eq!(
            of(&Method::PUT, state),
            Some(Rule::State {
                room: "!a",
                kind: "m.room.name",
                key: ""
            })
        );
        assert_eq!(of(&Method::GET, state), Some(Rule::Read { room: "!a" }));
        assert_eq!(of(&Method::DELETE, state), None);
        let ignored = "/_matrix/client/v3/user/@a:b/account_data/m.ignored_user_list";
        assert_eq!(of(&Method::PUT, ignored), Some(Rule::Ignore { user: "@a:b" }));
        assert_eq!(of(&Method::GET, ignored), Some(Rule::Pass));
        assert_eq!(
            of(
                &Method::PUT,
                "/_matrix/client/v3/user/@a:b/account_data/m%2Eignored_user_list"
            ),
            Some(Rule::Ignore { user: "@a:b" })
        );
        assert_eq!(of(&Method::POST, "/_matrix/client/v3/sync"), None);
        assert_eq!(of(&Method::GET, "/_matrix/client/v3/Sync"), None);
        assert_eq!(of(&Method::GET, "/_matrix/client/v3/s%79nc"), None);
    }
}
