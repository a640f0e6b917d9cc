//! What clients say: contract B073 to B079, and what they are answered: B081, B082, B087 to B090, R63, R69.
//!
//! Every event takes one object. Fields that are not known are passed over, because clients emit the message they show
//! already with all that is in it. Whatever is wrong is said in words, as `message:error` or `conversation:error`, and to
//! the acknowledgement of a client that asked for one; the connection stays.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::super::error::translated;
use super::super::wire::NewMessage;
use super::Mojo;
use crate::api::socketio::{Event, Said};
use crate::api::sockets::said::{
    answer, conversation, done, fields, has_sent, optional, stops_typing, types,
};
use crate::api::sockets::{self, TOO_MANY, UNKNOWN};
use crate::error::{Error, Result};
use crate::types::{Presence, Timestamp};

type Session = sockets::Session<Mojo>;

/// Online people in a list at most.
const MAX_ONLINE: usize = 10_000;

/// The events there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Send,
    TypingStart,
    TypingStop,
    Read,
    Join,
    Leave,
    Presence,
}

impl Name {
    fn of(event: &Event) -> Option<Self> {
        Some(match event.name.as_str() {
            "message:send" => Self::Send,
            "typing:start" => Self::TypingStart,
            "typing:stop" => Self::TypingStop,
            "messages:read" => Self::Read,
            "conversation:join" => Self::Join,
            "conversation:leave" => Self::Leave,
            "presence:get" => Self::Presence,
            _ => return None,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sent<'a> {
    message_id: &'a str,
    conversation_id: &'a str,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    position: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failed<'a> {
    error: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Conversation<'a> {
    conversation_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PresenceList<'a> {
    tenant_id: &'a str,
    online_users: Vec<&'a str>,
}

/// Does what an event says; the packets of the answer.
pub(super) async fn handle(session: &Arc<Session>, event: &Event) -> Vec<Said> {
    let Some(name) = Name::of(event) else {
        // Nobody listens to it. Who waits for an acknowledgement learns that.
        let unknown = Failed {
            error: UNKNOWN.words,
            code: UNKNOWN.code,
            conversation_id: None,
            client_id: None,
        };
        return event
            .ack
            .map(|id| session.ack(id, &unknown))
            .into_iter()
            .collect();
    };
    let done = match name {
        Name::Send => send(session, event).await,
        Name::TypingStart => typing(session, event, true).await,
        Name::TypingStop => typing(session, event, false).await,
        Name::Read => read(session, event).await,
        Name::Join => join(session, event).await,
        Name::Leave => leave(session, event).await,
        Name::Presence => Ok(answer(session, event, "presence:list", &list(session))),
    };
    done.unwrap_or_else(|error| {
        if let Error::Internal(cause) = &error {
            tracing::error!(?cause, event = event.name, "an event failed");
        }
        let code = error.exact_code();
        failed(session, event, code, &translated(error).to_string())
    })
}

/// How many refusals the client did not take.
pub(super) fn unsaid(session: &Session, count: u32) -> Said {
    let error = format!("{count} more events were not taken: too many");
    session.emit(
        "message:error",
        &Failed {
            error: &error,
            code: TOO_MANY.code,
            conversation_id: None,
            client_id: None,
        },
    )
}

/// Who is online now (contract B087).
pub(super) fn presence_list(session: &Session) -> Said {
    session.emit("presence:list", &list(session))
}

fn list(session: &Session) -> Value {
    let tenant = &session.principal.tenant;
    let here = session.core().here(tenant, MAX_ONLINE);
    let online_users = here
        .iter()
        .filter(|(_, presence, _)| *presence != Presence::Offline)
        .map(|(person, ..)| person.as_str())
        .collect();
    let list = PresenceList {
        tenant_id: tenant.as_str(),
        online_users,
    };
    serde_json::to_value(list).unwrap_or_default()
}

/// The answer to an event that was not taken.
pub(super) fn failed(session: &Session, event: &Event, code: &str, error: &str) -> Vec<Said> {
    let said = |name: &str| event.args.first()?.get(name)?.as_str();
    // Not more than an id can be, whatever was sent as one.
    let short = |text: &&str| text.len() <= crate::types::MAX_ID_BYTES;
    let failed = Failed {
        error,
        code,
        conversation_id: said("conversationId").filter(short),
        client_id: said("clientId").filter(short),
    };
    let name = match event.name.as_str() {
        "message:send" => "message:error",
        _ => "conversation:error",
    };
    answer(session, event, name, &failed)
}

async fn send(session: &Arc<Session>, event: &Event) -> Result<Vec<Said>> {
    let fields = fields(event)?;
    let room = conversation(fields)?;
    let draft = new_message(fields)?.draft(room)?;
    has_sent(session, &draft.room_id);
    let (message, _) = session.core().send_message(&session.principal, draft).await?;
    let sent = Sent {
        message_id: message.event_id.as_str(),
        conversation_id: message.room_id.as_str(),
        timestamp: message.sent_at.zulu(),
        client_id: message.client_id.as_deref(),
        position: message.position,
    };
    Ok(answer(session, event, "message:sent", &sent))
}

fn new_message(fields: &Map<String, Value>) -> Result<NewMessage> {
    serde_path_to_error::deserialize(Value::Object(fields.clone())).map_err(|error| {
        let field = error.path().to_string();
        Error::invalid(field, error.into_inner().to_string())
    })
}

async fn typing(session: &Arc<Session>, event: &Event, typing: bool) -> Result<Vec<Said>> {
    let room = conversation(fields(event)?)?;
    types(session, room, typing).await?;
    Ok(done(session, event))
}

async fn read(session: &Arc<Session>, event: &Event) -> Result<Vec<Said>> {
    let fields = fields(event)?;
    let room = conversation(fields)?;
    let until = match optional(fields, "lastReadAt")? {
        None => None,
        Some(text) => Some(time_of(text).ok_or_else(|| {
            Error::invalid("lastReadAt", "must be a time such as 2026-01-31T12:00:00.000Z")
        })?),
    };
    // The marker's event may be told before this returns.
    session.own(|own| own.reading.insert(room.clone()));
    let (core, principal) = (session.core(), &session.principal);
    let moved = match until {
        None => core.mark_read(principal, &room, None).await,
        Some(at) => core.mark_read_until(principal, &room, at).await,
    };
    if !matches!(moved, Ok(true)) {
        session.own(|own| own.reading.remove(&room));
    }
    moved?;
    Ok(done(session, event))
}

fn time_of(text: &str) -> Option<Timestamp> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000)
        .ok()
        .map(Timestamp)
}

async fn join(session: &Arc<Session>, event: &Event) -> Result<Vec<Said>> {
    let room = conversation(fields(event)?)?;
    session.core().may_see(&session.principal, &room).await?;
    session.own(|own| own.left.remove(&room));
    let joined = Conversation {
        conversation_id: room.as_str(),
    };
    Ok(answer(session, event, "conversation:joined", &joined))
}

async fn leave(session: &Arc<Session>, event: &Event) -> Result<Vec<Said>> {
    let room = conversation(fields(event)?)?;
    session.core().may_see(&session.principal, &room).await?;
    stops_typing(session, &room).await;
    session.own(|own| own.left.insert(room.clone()));
    let left = Conversation {
        conversation_id: room.as_str(),
    };
    Ok(answer(session, event, "conversation:left", &left))
}
