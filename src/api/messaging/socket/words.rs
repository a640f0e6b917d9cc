//! What sockets are told: contract C041 to C048, R62, R65, R66.

use serde::Serialize;

use super::super::wire::{Message, User};
use super::NAMESPACE;
use crate::api::socketio::{Said, packet};
use crate::core::shown::content;
use crate::relay::{Live, Signal};
use crate::store::{Entry, What};
use crate::types::{EventId, Membership, PersonId, RoomId};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageUpdated<'a> {
    message_id: &'a str,
    conversation_id: &'a str,
    content: &'a str,
    is_edited: bool,
    edited_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageDeleted<'a> {
    message_id: &'a str,
    conversation_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageRead<'a> {
    message_id: &'a str,
    conversation_id: &'a str,
    user_id: &'a str,
    read_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageReaction<'a> {
    message_id: &'a str,
    conversation_id: &'a str,
    reaction: Reaction<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    removed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reaction<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    emoji: &'a str,
    user_id: &'a str,
    user: User<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserInConversation<'a> {
    conversation_id: &'a str,
    user_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TypingIndicator<'a> {
    conversation_id: &'a str,
    user_id: &'a str,
    is_typing: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserStatusChanged<'a> {
    user_id: &'a str,
    status: &'a str,
    timestamp: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Conversation<'a> {
    conversation_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SyncGap<'a> {
    since: i64,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'a str>,
}

fn event(name: &str, data: &impl Serialize) -> Said {
    packet::emit(NAMESPACE, name, data)
}

/// Events after position `since` cannot be told any more, or what one may see changed: read the lists anew. Reasons:
/// `too_old`, `archived`.
pub(super) fn gap(since: i64, reason: &str, conversation_id: Option<&str>) -> Said {
    let gap = SyncGap {
        since,
        reason,
        conversation_id,
    };
    event("sync_gap", &gap)
}

/// The person was taken out of a conversation that this socket had joined.
pub(super) fn left(room: &RoomId) -> Said {
    let conversation_id = room.as_str();
    event("conversation_left", &Conversation { conversation_id })
}

/// The words for what happened; typing has its own in [`typing`].
pub fn encode(live: &Live) -> Option<Said> {
    match live {
        Live::Entry(entry) => entry_words(entry),
        Live::Signal(signal) => signal_words(signal),
    }
}

fn entry_words(entry: &Entry) -> Option<Said> {
    let conversation_id = entry.room_id.as_str();
    Some(match &entry.what {
        What::Message(message) => event("new_message", &Message::from(&**message)),
        What::Edited {
            event_id,
            body,
            edited_at,
            message,
        } => event(
            "message_updated",
            &MessageUpdated {
                message_id: event_id.as_str(),
                conversation_id,
                content: message.as_deref().map_or(body, content),
                is_edited: true,
                edited_at: edited_at.zulu(),
            },
        ),
        What::Deleted { event_id, .. } => event(
            "message_deleted",
            &MessageDeleted {
                message_id: event_id.as_str(),
                conversation_id,
            },
        ),
        What::Reaction { .. } => event("message_reaction", &reaction(entry)?),
        What::Read {
            event_id,
            person_id,
            read_at,
            ..
        } => event(
            "message_read",
            &MessageRead {
                message_id: event_id.as_str(),
                conversation_id,
                user_id: person_id.as_str(),
                read_at: read_at.zulu(),
            },
        ),
        What::Membership {
            person_id,
            membership,
        } => match membership {
            Membership::Join => visit(&entry.room_id, person_id, true),
            Membership::Leave | Membership::Ban => visit(&entry.room_id, person_id, false),
            Membership::Invite => return None,
        },
        What::Renamed(_) => return None,
        What::Archived { .. } => gap(entry.position, "archived", Some(conversation_id)),
    })
}

fn reaction(entry: &Entry) -> Option<MessageReaction<'_>> {
    let What::Reaction {
        event_id,
        emoji,
        person_id,
        display_name,
        given_name,
        family_name,
        reaction_id,
        removed,
        ..
    } = &entry.what
    else {
        return None;
    };
    let (given, family) = (given_name.as_deref(), family_name.as_deref());
    Some(MessageReaction {
        message_id: event_id.as_str(),
        conversation_id: entry.room_id.as_str(),
        reaction: Reaction {
            id: reaction_id.as_ref().map(EventId::as_str),
            emoji,
            user_id: person_id.as_str(),
            user: User::new(person_id, display_name, given, family),
        },
        removed: *removed,
    })
}

/// That somebody came into a conversation or left it (contract C045, C046).
fn visit(room: &RoomId, person: &PersonId, here: bool) -> Said {
    let data = UserInConversation {
        conversation_id: room.as_str(),
        user_id: person.as_str(),
    };
    if here {
        event("user_joined_conversation", &data)
    } else {
        event("user_left_conversation", &data)
    }
}

fn signal_words(signal: &Signal) -> Option<Said> {
    match signal {
        Signal::Status {
            person_id,
            presence,
            last_seen,
            ..
        } => {
            let changed = UserStatusChanged {
                user_id: person_id.as_str(),
                status: presence.status(),
                timestamp: last_seen.zulu(),
            };
            Some(event("user_status_changed", &changed))
        }
        Signal::Visit {
            room_id,
            person_id,
            here,
        } => Some(visit(room_id, person_id, *here)),
        // Typing has its own words, and the rest is of other dialects.
        _ => None,
    }
}

/// That somebody began or stopped to type (contract C047).
pub fn typing(room: &RoomId, person: &PersonId, is_typing: bool) -> Said {
    let indicator = TypingIndicator {
        conversation_id: room.as_str(),
        user_id: person.as_str(),
        is_typing,
    };
    event("typing_indicator", &indicator)
}
