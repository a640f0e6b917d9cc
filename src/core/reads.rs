//! Read markers: one per person and room, and it never moves backwards (contract R30).

use std::sync::Arc;
use std::time::Duration;

use dashmap::Entry;
use ruma::OwnedEventId;

use super::{Core, matrix_event, matrix_room};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::writer::Change;
use crate::store::{Reader, Room, What};
use crate::types::{EventId, RoomId, Timestamp};

/// How often a read event that is not known yet is looked for, and how long between.
const PUSH_TRIES: usize = 20;
const PUSH_PAUSE: Duration = Duration::from_millis(100);
/// The homeserver is told this often how far somebody has read in a room.
const RECEIPT_EVERY: Duration = Duration::from_secs(1);

impl Core {
    /// Marks a room as read, up to a message or up to the newest; whether that moved the marker.
    pub async fn mark_read(
        self: &Arc<Self>,
        principal: &Principal,
        room_id: &RoomId,
        up_to: Option<&EventId>,
    ) -> Result<bool> {
        let room = self.see(principal, room_id).await?;
        let up_to = match up_to {
            Some(event) => match self.read_message(room_id, event).await? {
                Some(message) => Some(message),
                None => return Ok(false),
            },
            None => None,
        };
        self.move_marker(principal, room, up_to).await
    }

    /// The same for a room that the caller sees, and a message of it.
    async fn move_marker(
        self: &Arc<Self>,
        principal: &Principal,
        room: Arc<Room>,
        up_to: Option<EventId>,
    ) -> Result<bool> {
        let change = Change::Read {
            room_id: room.room_id.clone(),
            person_id: principal.person_id.clone(),
            up_to,
            private: false,
            at: self.clock.now(),
        };
        let crate::store::writer::Outcome::Applied(entry) = self.writer.apply(change).await? else {
            return Ok(false);
        };
        let What::Read { event_id, .. } = &entry.what else {
            return Ok(false);
        };
        self.tell_homeserver_of_read(principal, room, matrix_event(event_id)?);
        Ok(true)
    }

    /// The marker counts without Matrix, so nobody waits for the homeserver, and its absence is no error. While somebody
    /// reads on, it is told once a second how far they are.
    fn tell_homeserver_of_read(
        self: &Arc<Self>,
        principal: &Principal,
        room: Arc<Room>,
        mut event: OwnedEventId,
    ) {
        let key = (room.room_id.clone(), principal.person_id.clone());
        match self.receipts.entry(key.clone()) {
            Entry::Occupied(mut telling) => {
                telling.insert(Some(event));
                return;
            }
            Entry::Vacant(entry) => drop(entry.insert(None)),
        }
        let (core, principal) = (self.clone(), principal.clone());
        tokio::spawn(async move {
            loop {
                if let Err(error) = core.tell_read(&principal, &room, &event).await {
                    tracing::debug!(?error, "a read marker was not told to the homeserver");
                }
                tokio::time::sleep(RECEIPT_EVERY).await;
                // Ends when there was nothing more; the entry is locked, so nobody adds in between.
                let done = core.receipts.remove_if_mut(&key, |_, next| match next.take() {
                    Some(next) => {
                        event = next;
                        false
                    }
                    None => true,
                });
                if done.is_some() {
                    return;
                }
            }
        });
    }

    async fn tell_read(&self, principal: &Principal, room: &Room, event: &ruma::EventId) -> Result<()> {
        if self.shows_in_matrix(principal, room).await? {
            let account = super::user(&principal.user_id)?;
            let matrix = matrix_room(&room.room_id)?;
            self.homeserver.mark_read(&matrix, &account, event).await?;
        }
        Ok(())
    }

    /// Marks a room as read up to a message, wherever it was said; whether that moved the marker.
    pub async fn mark_message_read(self: &Arc<Self>, principal: &Principal, event: &EventId) -> Result<bool> {
        let unseen = match self.see_room_of(principal, event).await {
            Ok(room) => return self.move_marker(principal, room, Some(event.clone())).await,
            Err(unseen) => unseen,
        };
        // Who came or went is read, too, and is looked for when it is no message.
        if let Error::NotFound(_) = unseen
            && let Some((room, _)) = self.store.notice(event).await?
        {
            return match self.mark_read(principal, &room, Some(event)).await {
                // As of a message that one may not see.
                Err(Error::NotFound(_)) => Err(unseen),
                done => done,
            };
        }
        Err(unseen)
    }

    /// Marks a room as read, up to the newest message that was not sent after a time; whether that moved the marker.
    pub async fn mark_read_until(
        self: &Arc<Self>,
        principal: &Principal,
        room_id: &RoomId,
        at: Timestamp,
    ) -> Result<bool> {
        self.see(principal, room_id).await?;
        match self.store.message_at(room_id, at).await? {
            Some(event) => self.mark_read(principal, room_id, Some(&event)).await,
            None => Ok(false),
        }
    }

    /// How far the others have read in a room, the furthest first. Who reads privately stands where they last read openly.
    pub async fn readers(&self, principal: &Principal, room: &RoomId, limit: i64) -> Result<Vec<Reader>> {
        self.see(principal, room).await?;
        Ok(self.store.readers(room, &principal.person_id, limit).await?)
    }

    /// Takes in that a person read up to an event in an external client, which has told the homeserver itself. The event
    /// may be of any kind, or one whose push is still on its way: then it is waited for a moment.
    pub async fn heard_read(
        &self,
        principal: &Principal,
        room_id: &RoomId,
        event: &EventId,
        private: bool,
    ) -> Result<()> {
        self.see(principal, room_id).await?;
        let mut up_to = self.store.message_up_to(room_id, event).await?;
        for _ in 0..PUSH_TRIES {
            if up_to.is_some() {
                break;
            }
            tokio::time::sleep(PUSH_PAUSE).await;
            up_to = self.store.message_up_to(room_id, event).await?;
        }
        let change = Change::Read {
            room_id: room_id.clone(),
            person_id: principal.person_id.clone(),
            // What is known to Matrix only, such as a new name of the room, stands at the end of what is shown.
            up_to,
            private,
            at: self.clock.now(),
        };
        self.writer.apply(change).await?;
        Ok(())
    }
}
