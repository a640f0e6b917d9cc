//! What sockets are told: contract B080 to B090, R62, R63, R65. An event that lasts carries its `position`, with which
//! `auth.since` goes on.

use serde::Serialize;

use super::super::contacts;
use super::super::wire::Message;
use super::ROOT;
use crate::api::hub::wire::media_url;
use crate::api::socketio::{Said, packet};
use crate::relay::{Live, Signal};
use crate::store::{Entry, What};
use crate::types::{Membership, PersonId, Presence, RoomId};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageNew<'a> {
    message: Message<'a>,
    conversation_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    position: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageUpdated<'a> {
    conversation_id: &'a str,
    message: Message<'a>,
    position: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageDeleted<'a> {
    conversation_id: &'a str,
    message_id: &'a str,
    position: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageReaction<'a> {
    conversation_id: &'a str,
    message_id: &'a str,
    emoji: &'a str,
    user_id: &'a str,
    removed: bool,
    position: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessagesRead<'a> {
    user_id: &'a str,
    conversation_id: &'a str,
    read_at: String,
    /// The newest message that was read.
    message_id: &'a str,
    position: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Conversation<'a> {
    conversation_id: &'a str,
    position: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConversationUpdated<'a> {
    conversation_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// Null when it was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_url: Option<serde_json::Value>,
    position: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TypingUpdate<'a> {
    user_id: &'a str,
    conversation_id: &'a str,
    is_typing: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PresenceOnline<'a> {
    user_id: &'a str,
    tenant_id: &'a str,
    timestamp: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PresenceOffline<'a> {
    user_id: &'a str,
    tenant_id: &'a str,
    last_seen: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SyncGap<'a> {
    since: i64,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'a str>,
    position: i64,
}

fn event(name: &str, data: &impl Serialize) -> Said {
    packet::emit(ROOT, name, data)
}

/// Events were missed that cannot be told any more, or what one may see changed: read the lists anew. `since` is where
/// the client was, `position` where it goes on. Reasons: `too_old`, `archived`.
pub(super) fn gap(since: i64, reason: &str, conversation_id: Option<&str>, position: i64) -> Said {
    let gap = SyncGap {
        since,
        reason,
        conversation_id,
        position,
    };
    event("sync:gap", &gap)
}

/// The words for what happened; typing has its own in [`typing`].
pub fn encode(live: &Live) -> Option<Said> {
    match live {
        Live::Entry(entry) => entry_words(entry),
        Live::Signal(signal) => signal_words(signal),
    }
}

fn entry_words(entry: &Entry) -> Option<Said> {
    let (conversation_id, position) = (entry.room_id.as_str(), entry.position);
    let words = match &entry.what {
        What::Message(message) => event(
            "message:new",
            &MessageNew {
                message: Message::with_client_id(message),
                conversation_id,
                client_id: message.client_id.as_deref(),
                position,
            },
        ),
        // Without the message it was logged by an earlier version of the service; the list has it.
        What::Edited { message: None, .. } => return None,
        What::Edited {
            message: Some(message),
            ..
        } => event(
            "message:updated",
            &MessageUpdated {
                conversation_id,
                message: Message::from(&**message),
                position,
            },
        ),
        What::Deleted { event_id, .. } => event(
            "message:deleted",
            &MessageDeleted {
                conversation_id,
                message_id: event_id.as_str(),
                position,
            },
        ),
        What::Reaction {
            event_id,
            emoji,
            person_id,
            removed,
            ..
        } => event(
            "message:reaction",
            &MessageReaction {
                conversation_id,
                message_id: event_id.as_str(),
                emoji,
                user_id: person_id.as_str(),
                removed: *removed,
                position,
            },
        ),
        What::Read {
            event_id,
            person_id,
            read_at,
            ..
        } => event(
            "messages:read",
            &MessagesRead {
                user_id: person_id.as_str(),
                conversation_id,
                read_at: read_at.zulu(),
                message_id: event_id.as_str(),
                position,
            },
        ),
        What::Membership { membership, .. } => {
            let name = match membership {
                Membership::Join => "conversation:joined",
                Membership::Leave | Membership::Ban => "conversation:left",
                Membership::Invite => return None,
            };
            event(
                name,
                &Conversation {
                    conversation_id,
                    position,
                },
            )
        }
        What::Renamed(looks) => event(
            "conversation:updated",
            &ConversationUpdated {
                conversation_id,
                name: looks.name.as_deref(),
                description: looks.topic.as_deref(),
                avatar_url: looks.avatar_url.as_deref().map(|url| media_url(url).into()),
                position,
            },
        ),
        What::Archived { .. } => gap(position, "archived", Some(conversation_id), position),
    };
    Some(words)
}

fn signal_words(signal: &Signal) -> Option<Said> {
    if let Signal::ContactRequest { to, request } = signal {
        let (name, words) = contacts::told(request, to);
        return Some(event(name, &words));
    }
    let Signal::Presence {
        person_id,
        tenant,
        presence,
        last_seen,
        ..
    } = signal
    else {
        return None;
    };
    let (user_id, tenant_id) = (person_id.as_str(), tenant.as_str());
    Some(match presence {
        Presence::Online | Presence::Unavailable => event(
            "presence:online",
            &PresenceOnline {
                user_id,
                tenant_id,
                timestamp: last_seen.zulu(),
            },
        ),
        Presence::Offline => event(
            "presence:offline",
            &PresenceOffline {
                user_id,
                tenant_id,
                last_seen: last_seen.zulu(),
            },
        ),
    })
}

/// That somebody began or stopped to type (contract B083).
pub fn typing(room: &RoomId, person: &PersonId, is_typing: bool) -> Said {
    let update = TypingUpdate {
        user_id: person.as_str(),
        conversation_id: room.as_str(),
        is_typing,
    };
    event("typing:update", &update)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::store::{ContactRequest, RequestStatus, Side};
    use crate::types::Timestamp;

    /// Contract B047, R14.
    #[test]
    fn b047_a_contact_request_is_told_with_the_e_mail_to_the_addressee_alone() {
        let side = |id: &str, email: Option<&str>| Side {
            person_id: id.into(),
            name: id.to_uppercase(),
            email: email.map(str::to_owned),
            avatar_url: None,
        };
        let mut request = ContactRequest {
            id: "0a".into(),
            from: side("anna", Some("anna@example.org")),
            to: side("max", None),
            rule_id: "cross-org-managers".into(),
            status: RequestStatus::Pending,
            message: "Hallo".into(),
            created_at: Timestamp(0),
            expires_at: Timestamp(9),
            answered_at: None,
        };
        let told = |request: &ContactRequest, to: &str| {
            let signal = Signal::ContactRequest {
                to: to.into(),
                request: Box::new(request.clone()),
            };
            let words = encode(&Live::Signal(std::sync::Arc::new(signal))).unwrap();
            let words = words.to_string();
            let start = words.find('[').unwrap();
            serde_json::from_str::<Value>(&words[start..]).unwrap()
        };
        let asked = told(&request, "max");
        assert_eq!(asked[0], "contact:request");
        assert_eq!(asked[1]["contactRequest"]["status"], "PENDING");
        assert_eq!(
            asked[1]["contactRequest"]["fromUser"]["email"],
            "anna@example.org"
        );
        request.status = RequestStatus::Accepted;
        let answered = told(&request, "anna");
        assert_eq!(answered[0], "contact:response");
        assert_eq!(answered[1]["contactRequest"]["status"], "ACCEPTED");
        assert_eq!(answered[1]["contactRequest"]["fromUser"]["email"], json!(null));
    }
}
