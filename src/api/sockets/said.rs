//! What clients say, as all dialects read and answer it, and the typing that they say in the same way.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::{Manner, Session};
use crate::api::socketio::{Event, Said};
use crate::error::{Error, Result};
use crate::types::RoomId;

/// Typing that is said again within this time is not told again; it lasts five minutes anyway.
const TYPING_AGAIN: Duration = Duration::from_secs(5);

#[derive(Serialize)]
struct Done {
    success: bool,
}

/// The event of an answer, and the acknowledgement when one is asked for.
pub(in super::super) fn answer<M: Manner>(
    session: &Session<M>,
    event: &Event,
    name: &str,
    data: &impl Serialize,
) -> Vec<Said> {
    let mut packets = vec![session.emit(name, data)];
    packets.extend(event.ack.map(|id| session.ack(id, data)));
    packets
}

/// Only the acknowledgement.
pub(in super::super) fn done<M: Manner>(session: &Session<M>, event: &Event) -> Vec<Said> {
    let acknowledged = event.ack.map(|id| session.ack(id, &Done { success: true }));
    acknowledged.into_iter().collect()
}

/// The one object that an event takes.
pub(in super::super) fn fields(event: &Event) -> Result<&Map<String, Value>> {
    match event.args.as_slice() {
        [Value::Object(fields)] => Ok(fields),
        [_] => Err(Error::invalid(&event.name, "takes an object")),
        [] => Err(Error::invalid(&event.name, "takes an object, and there is none")),
        _ => Err(Error::invalid(
            &event.name,
            "takes one object, and there are several arguments",
        )),
    }
}

/// A text that may be absent.
pub(in super::super) fn optional<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::invalid(name, "must be a string")),
    }
}

/// A text.
pub(in super::super) fn required<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str> {
    optional(fields, name)?.ok_or_else(|| Error::invalid(name, "is missing"))
}

/// What the field `conversationId` names.
pub(in super::super) fn conversation(fields: &Map<String, Value>) -> Result<RoomId> {
    let id = required(fields, "conversationId")?;
    RoomId::parse(id).ok_or(Error::NotFound("room"))
}

/// Begins or stops to type in a room.
pub(in super::super) async fn types<M: Manner>(
    session: &Arc<Session<M>>,
    room: RoomId,
    typing: bool,
) -> Result<()> {
    let now = Instant::now();
    let told = session.inbox.typing.lock().get(&room).copied();
    // What was sent by another door ended it, and then this is news.
    if typing
        && told.is_some_and(|told| now - told < TYPING_AGAIN)
        && session.core().is_typing(&session.principal, &room)
    {
        return Ok(());
    }
    session
        .core()
        .set_typing(&session.principal, &room, typing)
        .await?;
    let mut rooms = session.inbox.typing.lock();
    if typing {
        rooms.insert(room, now);
    } else {
        rooms.remove(&room);
    }
    Ok(())
}

/// Sending ends typing, so the next start is news again.
pub(in super::super) fn has_sent<M: Manner>(session: &Session<M>, room: &RoomId) {
    session.inbox.typing.lock().remove(room);
}

/// Types in a room no more, if it does.
pub(in super::super) async fn stops_typing<M: Manner>(session: &Session<M>, room: &RoomId) {
    if session.inbox.typing.lock().remove(room).is_some()
        && let Err(error) = session.core().set_typing(&session.principal, room, false).await
    {
        tracing::debug!(?error, "typing did not end");
    }
}

/// The client is gone: it types nowhere any more.
pub(super) async fn stops_all_typing<M: Manner>(session: &Session<M>) {
    let rooms: Vec<RoomId> = session.inbox.typing.lock().keys().cloned().collect();
    for room in rooms {
        stops_typing(session, &room).await;
    }
}
