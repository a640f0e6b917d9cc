//! How long things may be (contract R57), and the checks that every text goes through.

use crate::error::{Error, Result};

/// A message's text, in characters.
pub const MAX_TEXT: usize = 16_000;
/// A notification's title, in characters.
pub const MAX_TITLE: usize = 200;
/// A room's name, in characters.
pub const MAX_ROOM_NAME: usize = 255;
/// A room's topic, in characters.
pub const MAX_TOPIC: usize = 1_000;
/// An emoji of a reaction, in bytes.
pub const MAX_EMOJI_BYTES: usize = 64;
/// Names of applications, event types, entity types and keys, in characters.
pub const MAX_NAME: usize = 128;
/// People invited with a new room.
pub const MAX_INVITES: usize = 500;

/// What is said with a contact request, and the reason of a block, in characters.
pub const MAX_REASON: usize = 1_000;
/// People one message mentions.
pub const MAX_MENTIONS: usize = 50;
/// The address of an attachment, in characters.
pub const MAX_URL: usize = 2_000;
/// What a client calls a message, in bytes.
pub const MAX_CLIENT_ID: usize = 64;

/// A text that must be there: not blank, not too long, no NUL (which no database and no screen can show).
pub fn required(field: &str, text: &str, max: usize) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid(field, "must not be empty"));
    }
    optional(field, text, max)
}

/// A text that may be empty.
pub fn optional(field: &str, text: &str, max: usize) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::invalid(field, "must not contain the character NUL"));
    }
    // Bytes bound characters from above, and are there for free.
    if text.len() > max && text.chars().count() > max {
        return Err(Error::invalid(
            field,
            format!("must not be longer than {max} characters"),
        ));
    }
    Ok(())
}

/// The text up to so many bytes, with an ellipsis where something was cut off.
pub fn cut(text: &str, bytes: usize) -> std::borrow::Cow<'_, str> {
    if text.len() <= bytes {
        return text.into();
    }
    format!("{}…", &text[..text.floor_char_boundary(bytes)]).into()
}

/// How many people are asked into a new room.
pub fn invites(count: usize) -> Result<()> {
    if count > MAX_INVITES {
        return Err(Error::invalid(
            "invite_users",
            format!("at most {MAX_INVITES} people"),
        ));
    }
    Ok(())
}

/// An emoji.
pub fn emoji(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid(field, "must not be empty"));
    }
    if text.len() > MAX_EMOJI_BYTES {
        return Err(Error::invalid(
            field,
            format!("must not be longer than {MAX_EMOJI_BYTES} bytes"),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "must not contain control characters"));
    }
    Ok(())
}

/// What a client calls a message of its own.
pub fn client_id(text: &str) -> Result<()> {
    if is_client_id(text) {
        Ok(())
    } else {
        let words = format!("must be 1 to {MAX_CLIENT_ID} letters, digits, - and _ of ASCII");
        Err(Error::invalid("client_id", words))
    }
}

/// Whether a client may call a message so.
pub fn is_client_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=MAX_CLIENT_ID).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contract R57.
    #[test]
    fn lengths_are_counted_in_characters() {
        assert!(required("body", &"ä".repeat(MAX_TEXT), MAX_TEXT).is_ok());
        assert!(required("body", &"ä".repeat(MAX_TEXT + 1), MAX_TEXT).is_err());
        assert!(required("body", " \n", MAX_TEXT).is_err());
        assert!(optional("topic", "a\0b", MAX_TOPIC).is_err());
        assert_eq!((cut("äöü", 6).as_ref(), cut("äöü", 3).as_ref()), ("äöü", "ä…"));
        assert!(client_id("0b9e6c1a-2f_X").is_ok() && client_id(&"x".repeat(64)).is_ok());
        for odd in ["", "a b", "ä", "a/b", "~", &"x".repeat(65)] {
            assert!(client_id(odd).is_err(), "{odd}");
        }
        assert!(emoji("emoji", "👩🏽‍🔧").is_ok());
        assert!(emoji("emoji", &"👍".repeat(17)).is_err());
    }
}
