//! What may be done in a room, and what each door says of it, in words that all doors share.

use reqwest::Method;
use serde_json::Value;

use crate::support::http::Call;
use crate::support::multipart::{CONTENT_TYPE, Form};
use crate::support::{Hub, Person};

/// A reaction with a variation selector and a joiner.
pub const EMOJI: &str = "❤️‍🔥";
/// What is in the files.
pub const BYTES: &[u8] = b"Measured: 42\n";

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Message,
    Reply,
    Edit,
    Deletion,
    Reaction,
    Removal,
    File,
    Read,
    Typing,
    TypingEnd,
}

impl Kind {
    /// All, so that each may follow the one before it. A message of one's own comes before what is done to it, and what is
    /// read comes before what one says oneself.
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::Reply,
        Self::Reaction,
        Self::Removal,
        Self::Message,
        Self::Edit,
        Self::Deletion,
        Self::File,
        Self::Typing,
        Self::TypingEnd,
    ];

    /// Whether it makes an event of its own, by whose id it is known.
    pub fn is_new(self) -> bool {
        matches!(self, Self::Message | Self::Reply | Self::File)
    }

    /// Whether it is done to what somebody else wrote.
    pub fn is_to_others(self) -> bool {
        matches!(self, Self::Read | Self::Reply | Self::Reaction | Self::Removal)
    }

    /// Whether everybody is told who did it.
    fn has_doer(self) -> bool {
        !matches!(self, Self::Edit | Self::Deletion)
    }
}

/// Something to be done.
#[derive(Debug)]
pub struct Deed<'a> {
    pub kind: Kind,
    /// The text, the emoji, or the name of the file.
    pub words: &'a str,
    /// The message to which it is done.
    pub about: &'a str,
}

/// Something that was done, as a door tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub kind: Kind,
    /// The event: of a message, reply or file itself, else the one to which it was done. Nothing for typing.
    pub id: String,
    /// The id of the person; nothing where not all doors tell it.
    pub by: String,
    /// The text as it is now, the emoji, or the name of the file.
    pub words: String,
    /// What is answered.
    pub to: String,
}

impl Seen {
    /// Fields that a kind does not have are left out, and so are those that are not texts.
    pub fn new(kind: Kind, id: &Value, by: &Value, words: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            kind,
            id: text(id),
            by: if kind.has_doer() { text(by) } else { String::new() },
            words: text(words),
            to: String::new(),
        }
    }

    /// A new message: with what it answers it is a reply.
    pub fn message(is_file: bool, id: &Value, by: &Value, words: &Value, to: &Value) -> Self {
        let kind = match (is_file, to.as_str()) {
            (true, _) => Kind::File,
            (false, Some(_)) => Kind::Reply,
            (false, None) => Kind::Message,
        };
        let to = to.as_str().unwrap_or_default().to_owned();
        Self {
            to,
            ..Self::new(kind, id, by, words)
        }
    }

    /// What the others have to be told of a deed with this event.
    pub fn of(deed: &Deed<'_>, id: &str, by: &Person) -> Self {
        let (id, words) = match deed.kind {
            Kind::Typing | Kind::TypingEnd => ("", ""),
            Kind::Read | Kind::Deletion => (id, ""),
            _ => (id, deed.words),
        };
        let to = if deed.kind == Kind::Reply { deed.about } else { "" };
        Self {
            to: to.to_owned(),
            ..Self::new(deed.kind, &id.into(), &by.id.as_str().into(), &words.into())
        }
    }
}

/// Whether a list shows it; if not, what it shows instead.
pub fn shown(is_right: bool, instead: &Value) -> Result<(), String> {
    is_right.then_some(()).ok_or_else(|| instead.to_string())
}

/// Whether the file of a message is there and is the one that was sent.
pub async fn has_bytes(hub: &Hub, person: &Person, url: &Value) -> bool {
    let Some(url) = url.as_str() else { return false };
    let answer = hub.get(url).by(person).send().await;
    answer.status == 200 && answer.bytes == BYTES
}

/// A form with a file of this name, sent by this person.
pub fn upload(hub: &Hub, person: &Person, path: &str, form: Form, name: &str) -> Call {
    let form = form.file(name, "text/plain", BYTES).finish();
    let call = hub.call(Method::POST, path).by(person);
    call.header("content-type", CONTENT_TYPE).body(form)
}
