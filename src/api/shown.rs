//! What a message shows in every dialect that has a field for an attachment's address (B and C).

use super::hub::wire::media_url;
use crate::store::Message;

/// A message's text. A foreign address stands at the end of it for clients that know texts only; here it has a field of its
/// own, [`attachment_url`].
pub(super) fn content(message: &Message) -> &str {
    let foreign = message.url.as_deref().filter(|url| !url.starts_with("mxc://"));
    let Some(url) = foreign else {
        return &message.body;
    };
    match message.body.strip_suffix(url).map(str::trim_end) {
        None => &message.body,
        Some("") => message.file_name.as_deref().unwrap_or(url),
        Some(text) => text,
    }
}

/// Where to load what is attached: a path of this service that needs the token, or the address that was posted.
pub(super) fn attachment_url(message: &Message) -> Option<String> {
    let url = message.url.as_deref()?;
    Some(media_url(url).unwrap_or_else(|| url.to_owned()))
}
