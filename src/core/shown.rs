//! What a message shows wherever an attachment's address has a field of its own: in dialects B and C, and in what other
//! services are told.

use crate::store::{MEMBERSHIP, Message};
use crate::types::MessageKind;

/// What a message is (contract R10). A foreign address is what the type of content beside it says; without one it stands in a
/// text.
pub fn kind(message: &Message) -> MessageKind {
    if message.notification.is_some() {
        return MessageKind::System;
    }
    match message.msg_type.as_str() {
        "m.notice" | MEMBERSHIP => MessageKind::System,
        "m.image" => MessageKind::Image,
        "m.file" => MessageKind::File,
        "m.audio" => MessageKind::Audio,
        "m.video" => MessageKind::Video,
        _ => match (&message.url, &message.mime_type) {
            (Some(_), Some(mime_type)) => MessageKind::of_mime(mime_type),
            _ => MessageKind::Text,
        },
    }
}

/// Where this service serves the content of an `mxc:` URI.
pub fn media_url(mxc: &str) -> Option<String> {
    let (server, id) = mxc.strip_prefix("mxc://")?.split_once('/')?;
    Some(format!("/api/v1/media/{server}/{id}"))
}

/// A message's text. A foreign address stands at the end of it for clients that know texts only; here it has a field of its
/// own, [`attachment_url`].
pub fn content(message: &Message) -> &str {
    let foreign = message.url.as_deref().filter(|url| !url.starts_with("mxc://"));
    let Some(url) = foreign else {
        return &message.body;
    };
    match message.body.strip_suffix(url) {
        Some("") => message.file_name.as_deref().unwrap_or(url),
        // On a line of its own; else it is part of what was said.
        Some(text) => text.strip_suffix('\n').unwrap_or(&message.body),
        None => &message.body,
    }
}

/// Where to load what is attached: a path of this service that needs the token, or the address that was posted.
pub fn attachment_url(message: &Message) -> Option<String> {
    let url = message.url.as_deref()?;
    Some(media_url(url).unwrap_or_else(|| url.to_owned()))
}
