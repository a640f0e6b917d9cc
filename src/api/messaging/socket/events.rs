//! What clients say: contract C034 to C038, and what they are answered: C039, C049 to C052.
//!
//! Every event takes one object. Fields that are not known are passed over. Whatever is wrong is said in words, as `error`,
//! and to the acknowledgement of a client that asked for one; the connection stays.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::super::error::translated;
use super::Messaging;
use crate::api::socketio::{Event, Said};
use crate::api::sockets::said::{answer, conversation, done, fields, stops_typing, types};
use crate::api::sockets::{self, PutOut, TOO_MANY, UNKNOWN};
use crate::error::{Error, Result};
use crate::types::{MAX_ID_BYTES, RoomId};

type Session = sockets::Session<Messaging>;

/// The entity type of communities' rooms (contract R33).
const COMMUNITY: &str = "community";
/// The entity type of posts' rooms.
const POST: &str = "post";

/// The events there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Join,
    Leave,
    Typing,
    JoinCommunity,
    JoinPost,
}

impl Name {
    fn of(event: &Event) -> Option<Self> {
        Some(match event.name.as_str() {
            "join_conversation" => Self::Join,
            "leave_conversation" => Self::Leave,
            "typing_indicator" => Self::Typing,
            "join_community" => Self::JoinCommunity,
            "join_post" => Self::JoinPost,
            _ => return None,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Authenticated<'a> {
    user_id: &'a str,
    role: String,
    message: &'static str,
    timestamp: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Conversation<'a> {
    conversation_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Community<'a> {
    community_id: &'a str,
    conversation_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Post<'a> {
    post_id: &'a str,
    conversation_id: &'a str,
}

/// As an event.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trouble<'a> {
    message: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'a str>,
}

/// As an acknowledgement.
#[derive(Serialize)]
struct Failed<'a> {
    error: &'a str,
    code: &'a str,
}

/// The client is let in (contract C039).
pub(super) fn authenticated(session: &Session) -> Said {
    let principal = &session.principal;
    let role = principal.claims.hub_role.as_deref();
    session.emit(
        "authenticated",
        &Authenticated {
            user_id: principal.person_id.as_str(),
            role: role.map_or_else(|| principal.role.as_str().to_owned(), str::to_lowercase),
            message: "signed in",
            timestamp: session.core().clock.now().zulu(),
        },
    )
}

/// Does what an event says; the packets of the answer.
pub(super) async fn handle(session: &Arc<Session>, event: &Event) -> Vec<Said> {
    let Some(name) = Name::of(event) else {
        return failed(session, event, UNKNOWN.code, UNKNOWN.words);
    };
    let done = match name {
        Name::Join => join(session, event).await,
        Name::Leave => leave(session, event).await,
        Name::Typing => typing(session, event).await,
        Name::JoinCommunity => join_community(session, event).await,
        Name::JoinPost => join_post(session, event).await,
    };
    done.unwrap_or_else(|error| {
        if let Error::Internal(cause) = &error {
            tracing::error!(?cause, event = event.name, "an event failed");
        }
        let code = error.exact_code();
        failed(session, event, code, &translated(error).to_string())
    })
}

/// The answer to an event that was not taken (contract C052).
pub(super) fn failed(session: &Session, event: &Event, code: &str, message: &str) -> Vec<Said> {
    let named = event
        .args
        .first()
        .and_then(|data| data.get("conversationId")?.as_str());
    // Not more than a name or an id can be, whatever was sent as one.
    let short = |text: &&str| text.len() <= MAX_ID_BYTES;
    let trouble = Trouble {
        message,
        code,
        event: Some(event.name.as_str()).filter(short),
        conversation_id: named.filter(short),
    };
    let mut packets = vec![session.emit("error", &trouble)];
    let failed = Failed { error: message, code };
    packets.extend(event.ack.map(|id| session.ack(id, &failed)));
    packets
}

/// How many refusals the client did not take.
pub(super) fn unsaid(session: &Session, count: u32) -> Said {
    let message = format!("{count} more events were not taken: too many");
    general(session, &message, TOO_MANY.code)
}

/// The client is put out: it goes on saying too much.
pub(super) fn flooding(session: &Session) -> Said {
    general(session, TOO_MANY.words, PutOut::Flooding.as_str())
}

/// Trouble with no event in particular.
fn general(session: &Session, message: &str, code: &str) -> Said {
    let trouble = Trouble {
        message,
        code,
        event: None,
        conversation_id: None,
    };
    session.emit("error", &trouble)
}

/// What a field names in somebody else's numbering: a text or a number.
fn id(fields: &Map<String, Value>, name: &str) -> Result<String> {
    match fields.get(name) {
        None | Some(Value::Null) => Err(Error::invalid(name, "is missing")),
        Some(Value::String(id)) if id.is_empty() => Err(Error::invalid(name, "must not be empty")),
        Some(Value::String(id)) => Ok(id.clone()),
        Some(Value::Number(id)) if id.is_i64() => Ok(id.to_string()),
        Some(_) => Err(Error::invalid(name, "must be a string")),
    }
}

/// Hears of a room from now on, if the person may see it.
async fn enter(session: &Session, room: &RoomId) -> Result<()> {
    let (core, principal) = (session.core(), &session.principal);
    core.may_see(principal, room).await?;
    session.choose(room);
    session.own(|own| own.joined.insert(room.clone()));
    // What was remembered may be older than what the log has told this socket; from here on it hears of changes.
    let seen = core.may_see_now(principal, room).await;
    if seen.is_err() {
        session.own(|own| own.joined.remove(room));
        session.let_go(room);
    }
    seen
}

async fn join(session: &Arc<Session>, event: &Event) -> Result<Vec<Said>> {
    let room = conversation(fields(event)?)?;
    enter(session, &room).await?;
    let conversation_id = room.as_str();
    Ok(answer(
        session,
        event,
        "conversation_joined",
        &Conversation { conversation_id },
    ))
}

async fn leave(session: &Arc<Session>, event: &Event) -> Result<Vec<Said>> {
    let room = conversation(fields(event)?)?;
    if !session.own(|own| own.joined.remove(&room)) {
        session.core().may_see(&session.principal, &room).await?;
    }
    stops_typing(session, &room).await;
    session.let_go(&room);
    let conversation_id = room.as_str();
    Ok(answer(
        session,
        event,
        "conversation_left",
        &Conversation { conversation_id },
    ))
}

async fn typing(session: &Arc<Session>, event: &Event) -> Result<Vec<Said>> {
    let fields = fields(event)?;
    let room = conversation(fields)?;
    let is_typing = match fields.get("isTyping") {
        Some(Value::Bool(is_typing)) => *is_typing,
        None | Some(Value::Null) => return Err(Error::invalid("isTyping", "is missing")),
        Some(_) => return Err(Error::invalid("isTyping", "must be true or false")),
    };
    types(session, room, is_typing).await?;
    Ok(done(session, event))
}

async fn join_community(session: &Arc<Session>, event: &Event) -> Result<Vec<Said>> {
    let community_id = id(fields(event)?, "communityId")?;
    let room = entity(session, COMMUNITY, &community_id).await?;
    let joined = Community {
        community_id: &community_id,
        conversation_id: room.as_str(),
    };
    Ok(answer(session, event, "community_joined", &joined))
}

async fn join_post(session: &Arc<Session>, event: &Event) -> Result<Vec<Said>> {
    let post_id = id(fields(event)?, "postId")?;
    let room = entity(session, POST, &post_id).await?;
    let joined = Post {
        post_id: &post_id,
        conversation_id: room.as_str(),
    };
    Ok(answer(session, event, "post_joined", &joined))
}

/// Enters the room of a community or a post (contract C062, R33).
async fn entity(session: &Session, entity_type: &'static str, key: &str) -> Result<RoomId> {
    let room = session
        .core()
        .entity_room_of(&session.principal.tenant, entity_type, key)
        .await?;
    let found = match room {
        Some(room) => enter(session, &room).await.map(|()| room),
        None => Err(Error::NotFound("room")),
    };
    found.map_err(|error| match error {
        Error::NotFound(_) => Error::NotFound(entity_type),
        other => other,
    })
}
