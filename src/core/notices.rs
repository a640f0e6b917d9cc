//! Messages together with who came and who left: what dialects B and C show of a room (contract R10, R58). Such a notice is
//! never unread or the newest message, is not counted and not published.

use super::Core;
use super::messages::{History, InDetail};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::{MEMBERSHIP, Message, Window};
use crate::types::{EventId, Membership, RoomId};

impl Core {
    /// A page of a room's messages and notices with the reactions, oldest first: the newest, or the last before one of them.
    pub async fn history_with_notices(
        &self,
        principal: &Principal,
        room: &RoomId,
        before: Option<&EventId>,
        limit: i64,
    ) -> Result<History> {
        self.see(principal, room).await?;
        let before = match before {
            Some(event) => self.place_of_any(room, event).await?,
            None => i64::MAX,
        };
        let limit_and_one = limit.saturating_add(1);
        let mut shown = self.with_notices(room, before, limit_and_one).await?;
        let more = shown.len() as i64 > limit;
        shown.truncate(limit as usize);
        shown.reverse();
        Ok(History {
            views: self.with_reactions(room, shown).await?,
            before: more,
            after: before < i64::MAX,
        })
    }

    /// A page of a room's messages and notices, newest first, with all that belongs to them (contract C015, R9). What is
    /// skipped is walked through in indexes and not read.
    pub async fn message_page(
        &self,
        principal: &Principal,
        room: &RoomId,
        skip: i64,
        limit: i64,
    ) -> Result<InDetail> {
        self.see(principal, room).await?;
        let Some(newest) = self.store.position_after(room, skip).await? else {
            return Ok(InDetail::default());
        };
        let before = newest.saturating_add(1);
        let shown = self.with_notices(room, before, limit).await?;
        self.in_detail(room, shown).await
    }

    /// The last `limit` before a position, newest first.
    async fn with_notices(&self, room: &RoomId, before: i64, limit: i64) -> Result<Vec<Message>> {
        let window = Window { before, limit };
        let (mut shown, notices) = tokio::try_join!(
            self.store.messages(room, window),
            self.store.notices(room, window)
        )?;
        shown.extend(notices.into_iter().map(in_words));
        shown.sort_unstable_by_key(|message| std::cmp::Reverse(message.position));
        shown.truncate(limit as usize);
        Ok(shown)
    }

    /// Where a message or a notice of the room stands that the parameter `before` names.
    async fn place_of_any(&self, room: &RoomId, event: &EventId) -> Result<i64> {
        let place = self.place(room, "before", event).await;
        if matches!(place, Err(Error::Invalid { .. }))
            && let Some((of, position)) = self.store.notice(event).await?
            && of == *room
        {
            return Ok(position);
        }
        place
    }

    /// The message up to which somebody has read who has read up to `event`: it itself; for a notice the last one before
    /// it, if there is one.
    pub(super) async fn read_message(&self, room: &RoomId, event: &EventId) -> Result<Option<EventId>> {
        match self.store.message(event).await? {
            Some(message) if message.room_id == *room => return Ok(Some(message.event_id)),
            Some(_) => {}
            None => match self.store.notice(event).await? {
                Some((of, _)) if of == *room => return Ok(self.store.message_up_to(room, event).await?),
                _ => {}
            },
        }
        Err(Error::invalid("event_id", "is not a message of this room"))
    }
}

/// With a sentence for its text.
fn in_words(mut notice: Message) -> Message {
    debug_assert_eq!(notice.msg_type, MEMBERSHIP);
    let words = if notice.body == Membership::Join.as_str() {
        "joined"
    } else if notice.body == Membership::Ban.as_str() {
        "was removed"
    } else {
        "left"
    };
    notice.body = format!("{} {words}", notice.sender_name);
    notice
}
