//! Files: up, into a room, and down again. They stream through and are never held whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::StreamExt as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::messages::Attachment;
use super::people::require_writer;
use super::{Core, limits};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::matrix::ByteStream;
use crate::store::writer::NewMessage;
use crate::store::{Message, Room, Upload};
use crate::types::{RoomId, Timestamp};

/// How long a signed link to a file works (contract R12).
const LINK_LASTS_MS: i64 = 10 * 60_000;
/// The greatest size of an attachment that may be told, in bytes.
const MAX_SIZE: i64 = (1 << 53) - 1;
/// The widest and highest thumbnail, in pixels.
const MAX_THUMBNAIL: u32 = 2_048;

/// A file on its way in.
pub struct NewUpload {
    /// File name.
    pub name: Option<String>,
    /// Content type.
    pub mime_type: String,
    /// The content.
    pub body: ByteStream,
}

/// A file at the homeserver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// `mxc:` URI.
    pub mxc: String,
    /// File name.
    pub name: Option<String>,
    /// Content type.
    pub mime_type: String,
    /// Bytes.
    pub size: u64,
}

/// A file on its way out.
pub struct Download {
    /// Content type.
    pub content_type: String,
    /// File name.
    pub name: Option<String>,
    /// Bytes, when it is known.
    pub length: Option<u64>,
    /// The content.
    pub body: ByteStream,
}

impl Core {
    /// Whether this person may post into the room; to be asked before a file is taken in.
    pub async fn check_may_post(&self, principal: &Principal, room: &RoomId) -> Result<()> {
        self.see(principal, room).await?;
        require_writer(principal)
    }

    /// Stores a file at the homeserver, in the person's name. More than the limit ends it with nothing stored.
    pub async fn upload(&self, principal: &Principal, upload: NewUpload) -> Result<Uploaded> {
        require_writer(principal)?;
        limits::optional(
            "file",
            upload.name.as_deref().unwrap_or_default(),
            limits::MAX_ROOM_NAME,
        )?;
        let account = self.account(&principal.person_id).await?;
        let limit = self.config.max_upload_bytes;
        let (taken, too_large) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let counted = {
            let (taken, too_large) = (taken.clone(), too_large.clone());
            upload.body.map(move |piece| {
                let piece = piece?;
                if taken.fetch_add(piece.len() as u64, Ordering::Relaxed) + piece.len() as u64 > limit {
                    too_large.store(true, Ordering::Relaxed);
                    // Breaks the request to the homeserver off, which then stores nothing.
                    return Err(std::io::Error::other("larger than the limit"));
                }
                Ok::<Bytes, std::io::Error>(piece)
            })
        };
        let name = upload.name.as_deref().filter(|name| !name.is_empty());
        let stored = self
            .homeserver
            .upload(&account, &upload.mime_type, name, None, counted.boxed())
            .await;
        if too_large.load(Ordering::Relaxed) {
            return Err(Error::TooLarge { limit });
        }
        let mxc = match stored {
            Ok(mxc) => mxc.to_string(),
            Err(error) if error.is("M_TOO_LARGE") => return Err(Error::TooLarge { limit }),
            Err(error) => return Err(error.into()),
        };
        let size = taken.load(Ordering::Relaxed);
        self.store
            .add_upload(Upload {
                url: &mxc,
                uploader: &principal.person_id,
                name,
                mime_type: &upload.mime_type,
                size: size as i64,
                at: self.clock.now(),
            })
            .await?;
        Ok(Uploaded {
            mxc,
            name: name.map(ToOwned::to_owned),
            mime_type: upload.mime_type,
            size,
        })
    }

    /// Posts a file that was stored before, with an optional caption (contract A078); whether it is new, see
    /// [`super::messages::Draft::client_id`].
    pub async fn post_file(
        &self,
        principal: &Principal,
        room: &RoomId,
        file: &Uploaded,
        caption: Option<&str>,
        client_id: Option<String>,
    ) -> Result<(Message, bool)> {
        limits::optional("body", caption.unwrap_or_default(), limits::MAX_TEXT)?;
        let room = self.see_to_write(principal, room).await?;
        self.may_say(principal, &room).await?;
        let (fields, mut new) = self.file_event(principal, &room, file, caption);
        new.client_id = client_id;
        self.post(principal, &room, fields, new).await
    }

    /// The event of a file, and the message it is to become.
    fn file_event(
        &self,
        principal: &Principal,
        room: &Room,
        file: &Uploaded,
        caption: Option<&str>,
    ) -> (Value, NewMessage) {
        let msg_type = match file.mime_type.split('/').next() {
            Some("image") => "m.image",
            Some("audio") => "m.audio",
            Some("video") => "m.video",
            _ => "m.file",
        };
        let name = file.name.clone().unwrap_or_else(|| "file".into());
        let body = caption
            .filter(|caption| !caption.trim().is_empty())
            .unwrap_or(&name)
            .to_owned();
        let fields = json!({
            "msgtype": msg_type,
            "body": body,
            "filename": name,
            "url": file.mxc,
            "info": { "mimetype": file.mime_type, "size": file.size },
        });
        let new = NewMessage {
            msg_type: msg_type.into(),
            body,
            url: Some(file.mxc.clone()),
            file_name: Some(name),
            mime_type: Some(file.mime_type.clone()),
            size: Some(file.size as i64),
            ..self.new_message(principal, room)
        };
        (fields, new)
    }

    /// The event of something attached by its address, and the message it is to become (contract R12).
    pub(super) async fn attached(
        &self,
        principal: &Principal,
        room: &Room,
        attachment: &Attachment,
        text: &str,
    ) -> Result<(Value, NewMessage)> {
        let Attachment {
            url,
            name,
            mime_type,
            size,
        } = attachment;
        limits::required("attachment.url", url, limits::MAX_URL)?;
        for (field, given, max) in [
            ("attachment.name", name, limits::MAX_ROOM_NAME),
            ("attachment.mime_type", mime_type, limits::MAX_NAME),
        ] {
            limits::optional(field, given.as_deref().unwrap_or_default(), max)?;
        }
        if size.is_some_and(|size| !is_size(size)) {
            return Err(Error::invalid(
                "attachment.size",
                format!("must be 0 to {MAX_SIZE} bytes"),
            ));
        }
        let name = name.clone().filter(|name| !name.trim().is_empty());
        let foreign = is_web_address(url);
        if let Some(mxc) = upload_of(url) {
            let known = self
                .store
                .visible_media(&mxc, &principal.person_id, &principal.tenant)
                .await?;
            if let Some(known) = known {
                let file = Uploaded {
                    mxc,
                    name: name.or(known.name),
                    mime_type: known
                        .mime_type
                        .unwrap_or_else(|| "application/octet-stream".into()),
                    size: u64::try_from(known.size.unwrap_or_default()).unwrap_or_default(),
                };
                return Ok(self.file_event(principal, room, &file, Some(text)));
            }
            // An address on another host may look like one of ours.
            if !foreign {
                return Err(Error::invalid("attachment.url", "is no file that you may load"));
            }
        }
        if !foreign {
            let words = "must be what an upload answered, or begin with http:// or https://";
            return Err(Error::invalid("attachment.url", words));
        }
        let mime_type = mime_type.clone().filter(|text| !text.trim().is_empty());
        let body = with_link(text, url);
        let link = Link {
            url: url.clone(),
            name: name.clone(),
            mime_type: mime_type.clone(),
            size: *size,
        };
        let mut fields = json!({ "msgtype": "m.text", "body": body });
        fields[LINK_FIELD] = json!(link);
        let new = NewMessage {
            body,
            url: Some(url.clone()),
            file_name: name,
            mime_type,
            size: *size,
            ..self.new_message(principal, room)
        };
        Ok((fields, new))
    }

    /// A file, for who may load it (contract R74): its uploader, and those who see a room where it was posted.
    pub async fn media(
        &self,
        principal: &Principal,
        server: &str,
        media_id: &str,
        thumbnail: Option<(u32, u32)>,
    ) -> Result<Download> {
        let known = self.visible(principal, server, media_id).await?;
        self.load(server, media_id, thumbnail, known).await
    }

    async fn visible(
        &self,
        principal: &Principal,
        server: &str,
        media_id: &str,
    ) -> Result<(Option<String>, Option<String>)> {
        plausible(server, media_id)?;
        let url = format!("mxc://{server}/{media_id}");
        let found = self
            .store
            .visible_media(&url, &principal.person_id, &principal.tenant)
            .await?
            .ok_or(Error::NotFound("file"))?;
        Ok((found.name, found.mime_type))
    }

    async fn load(
        &self,
        server: &str,
        media_id: &str,
        thumbnail: Option<(u32, u32)>,
        (name, mime_type): (Option<String>, Option<String>),
    ) -> Result<Download> {
        let found = match thumbnail {
            Some((width, height)) => {
                let side = |pixels: u32| pixels.clamp(1, MAX_THUMBNAIL);
                self.homeserver
                    .thumbnail(server, media_id, side(width), side(height))
                    .await
            }
            None => self.homeserver.download(server, media_id).await,
        };
        let media = match found {
            Ok(media) => media.ok_or(Error::NotFound("file"))?,
            // No thumbnail can be made of this.
            Err(crate::matrix::Error::Refused { .. }) if thumbnail.is_some() => {
                return Err(Error::NotFound("thumbnail"));
            }
            Err(error) => return Err(error.into()),
        };
        let said = if thumbnail.is_some() {
            media.content_type
        } else {
            mime_type.or(media.content_type)
        };
        Ok(Download {
            content_type: said.unwrap_or_else(|| "application/octet-stream".into()),
            name,
            length: media.length,
            body: media.body,
        })
    }

    /// A link to a file that works for ten minutes without a token, for `<img>` and downloads (contract R12): the
    /// query part, and until when.
    pub async fn media_link(
        &self,
        principal: &Principal,
        server: &str,
        media_id: &str,
    ) -> Result<(String, Timestamp)> {
        self.visible(principal, server, media_id).await?;
        let until = self.clock.now().plus(LINK_LASTS_MS);
        let signature = self.signature(server, media_id, until.0);
        Ok((format!("exp={}&sig={signature}", until.0), until))
    }

    /// The file of a signed link.
    pub async fn media_by_link(
        &self,
        server: &str,
        media_id: &str,
        exp: i64,
        sig: &str,
        thumbnail: Option<(u32, u32)>,
    ) -> Result<Download> {
        plausible(server, media_id)?;
        let right = self.signature(server, media_id, exp);
        let matches: bool = right.as_bytes().ct_eq(sig.as_bytes()).into();
        if !matches || Timestamp(exp) <= self.clock.now() {
            return Err(Error::Unauthenticated("the link is not valid or has expired"));
        }
        let facts = self
            .store
            .media_facts(&format!("mxc://{server}/{media_id}"))
            .await?;
        self.load(server, media_id, thumbnail, facts.unwrap_or_default())
            .await
    }

    fn signature(&self, server: &str, media_id: &str, exp: i64) -> String {
        use base64::Engine as _;
        let key = self.config.secret_key.expose().as_bytes();
        // HMAC takes keys of every length.
        let Ok(mut mac) = Hmac::<sha2::Sha256>::new_from_slice(key) else {
            return String::new();
        };
        mac.update(format!("media\n{server}\n{media_id}\n{exp}").as_bytes());
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

/// The field of a text message's content that says what address is attached to it.
pub(super) const LINK_FIELD: &str = "org.messenger-service.link";

/// A foreign address that is attached to a message: the value of [`LINK_FIELD`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Link {
    /// The address.
    pub url: String,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Type of content of what it leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
}

/// Whether this may be the size of what an address leads to, in bytes: a JSON number means the same everywhere up to there.
pub(super) fn is_size(bytes: i64) -> bool {
    (0..=MAX_SIZE).contains(&bytes)
}

/// The foreign address that is attached to a message, if there is one.
pub(super) fn link_of(message: &Message) -> Option<Link> {
    let url = message.url.as_ref().filter(|url| !url.starts_with("mxc://"))?;
    Some(Link {
        url: url.clone(),
        name: message.file_name.clone(),
        mime_type: message.mime_type.clone(),
        size: message.size,
    })
}

/// Whether a browser may follow this: no other scheme is ever stored as an attachment's address.
pub(super) fn is_web_address(url: &str) -> bool {
    url.len() <= limits::MAX_URL * 4
        && url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// A text with a link at its end, for clients that know texts only.
pub(super) fn with_link(text: &str, url: &str) -> String {
    let ends_so = text.strip_suffix(url);
    match ends_so {
        _ if text.trim().is_empty() => url.to_owned(),
        // Said once, and part of the text: without a line of its own it stays there.
        Some(before) if !before.is_empty() && !before.ends_with('\n') => text.to_owned(),
        _ => format!("{text}\n{url}"),
    }
}

/// The `mxc:` URI that an address of ours stands for, whatever host is before it.
fn upload_of(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok();
    let path = match &parsed {
        Some(parsed) if matches!(parsed.scheme(), "http" | "https") => parsed.path(),
        Some(_) => {
            return url
                .strip_prefix("mxc://")
                .and_then(checked)
                .map(|()| url.to_owned());
        }
        None => url,
    };
    let rest = path.strip_prefix("/api/v1/media/")?;
    checked(rest).map(|()| format!("mxc://{rest}"))
}

fn checked(server_and_id: &str) -> Option<()> {
    let (server, media_id) = server_and_id.split_once('/')?;
    plausible(server, media_id).ok()
}

/// Server names and media ids as the Matrix specification allows them; nothing else reaches the homeserver's URL.
fn plausible(server: &str, media_id: &str) -> Result<()> {
    let good = |text: &str, more: &str| {
        !text.is_empty()
            && text.len() <= 255
            && text
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || more.contains(letter))
    };
    if good(server, ".-:[]") && good(media_id, "-_") {
        Ok(())
    } else {
        Err(Error::NotFound("file"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contract R12.
    #[test]
    fn what_an_upload_answered_is_known_on_every_host() {
        for ours in [
            "/api/v1/media/hub.local/aBc-1",
            "https://messaging.example.org/api/v1/media/hub.local/aBc-1",
            "http://localhost:3020/api/v1/media/hub.local/aBc-1?exp=1&sig=x",
            "mxc://hub.local/aBc-1",
        ] {
            assert_eq!(
                upload_of(ours).as_deref(),
                Some("mxc://hub.local/aBc-1"),
                "{ours}"
            );
        }
        for other in [
            "",
            "/api/v1/media/hub.local",
            "/api/v1/media/hub.local/a/thumbnail",
            "/api/v1/media/../../x",
            "mxc://hub.local",
            "mxc://hub.local/a b",
            "https://example.org/a.png",
            "javascript:alert(1)",
        ] {
            assert_eq!(upload_of(other), None, "{other}");
        }
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert!(is_web_address("https://example.org/a.png?x=1#y") && is_web_address("HTTP://example.org"));
        for odd in [
            "",
            "example.org",
            "//example.org",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "file:///etc",
        ] {
            assert!(!is_web_address(odd), "{odd}");
        }
        assert_eq!(with_link("", "https://a.b/"), "https://a.b/");
        assert_eq!(with_link("See", "https://a.b/"), "See\nhttps://a.b/");
        assert_eq!(with_link("See https://a.b/", "https://a.b/"), "See https://a.b/");
        assert_eq!(
            with_link("https://a.b/", "https://a.b/"),
            "https://a.b/\nhttps://a.b/"
        );
    }
}
