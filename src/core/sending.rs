//! What this process is just sending. The homeserver often pushes an event before it has answered the request that made
//! it, and whoever is second finds the event known; but looking costs a transaction, and a position of the log that stays
//! empty. So the push of what somebody sends waits here, until that request has applied it.

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use ruma::UserId;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::Core;
use crate::types::{EventId, RoomId};

/// A push waits no longer, for all its events together: another replica may have sent them, and meanwhile nothing else
/// that happens comes in.
const PATIENCE: Duration = Duration::from_millis(200);

type Key = (RoomId, Box<str>);

/// Who sends where: how many requests, and what wakes those who wait for one of them to end.
#[derive(Default)]
pub(super) struct Sending(DashMap<Key, (usize, Arc<Notify>)>);

/// Somebody sends something into a room, until this is dropped.
pub(super) struct InFlight<'a> {
    key: Key,
    sending: &'a Sending,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.sending.0.remove_if_mut(&self.key, |_, (count, ended)| {
            *count -= 1;
            ended.notify_waiters();
            *count == 0
        });
    }
}

impl Core {
    /// To be held while something is sent in an account's name, until it is applied.
    pub(super) fn sending(&self, room: &RoomId, account: &UserId) -> InFlight<'_> {
        let key = (room.clone(), account.as_str().into());
        self.sending.0.entry(key.clone()).or_default().0 += 1;
        InFlight {
            key,
            sending: &self.sending,
        }
    }

    /// How long a push that comes now waits.
    pub(super) fn patience() -> Instant {
        Instant::now() + PATIENCE
    }

    /// Waits until an event is applied, or nothing is on its way any more that its sender sends into its room, or there is
    /// no more time; whether the event was applied by then.
    pub(super) async fn is_applied(
        &self,
        event_id: &EventId,
        room: &str,
        sender: &str,
        patience: Instant,
    ) -> bool {
        let applied = || self.recent.contains_key(event_id);
        if applied() {
            return true;
        }
        let key = (RoomId::from(room), Box::from(sender));
        let waiting = async {
            loop {
                let Some(ended) = self.sending.0.get(&key).map(|entry| entry.1.clone()) else {
                    return;
                };
                let ended = ended.notified();
                // From its making on it hears of all that end; what ended before is not there any more.
                if applied() || !self.sending.0.contains_key(&key) {
                    return;
                }
                ended.await;
            }
        };
        // Late is no error: then both apply it, and the second finds it known.
        drop(timeout_at(patience, waiting).await);
        applied()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;
    use ruma::serde::Raw;
    use serde_json::json;

    use crate::core::tests::House;
    use crate::types::EventId;

    /// A message of Anna's as the homeserver pushes it, the room, and her account.
    async fn scene(
        house: &House,
    ) -> (
        Raw<ruma::events::AnyTimelineEvent>,
        crate::types::RoomId,
        ruma::OwnedUserId,
    ) {
        let anna = house.person("anna").await;
        let room = house.core.create_group(&anna, "Raum", None, &[]).await.unwrap();
        let room = room.seen.listed.room.room_id;
        let event = json!({
            "type": "m.room.message", "event_id": "$early", "room_id": room, "sender": anna.user_id,
            "origin_server_ts": 1, "content": { "msgtype": "m.text", "body": "früh" },
        });
        let raw = serde_json::value::to_raw_value(&event).unwrap();
        let account = ruma::UserId::parse(&*anna.user_id).unwrap();
        (Raw::from_json(raw), room, account)
    }

    #[tokio::test]
    async fn a_push_waits_for_the_request_that_made_it_and_costs_no_position() {
        let house = House::new().await;
        let (event, room, account) = scene(&house).await;
        let early = EventId::from("$early");
        let (first, second) = (
            house.core.sending(&room, &account),
            house.core.sending(&room, &account),
        );
        let head = house.core.store.log_head().await.unwrap();
        let mut push = Box::pin(house.core.take_event(&event));
        assert!(poll!(&mut push).is_pending());
        // Another request of theirs is done.
        drop(first);
        assert!(poll!(&mut push).is_pending());
        house.core.recent.insert(early.clone(), None);
        drop(second);
        push.await.unwrap();
        assert_eq!(house.core.store.message(&early).await.unwrap(), None);
        assert_eq!(house.core.store.log_head().await.unwrap(), head);
        assert!(house.core.sending.0.is_empty());
    }

    #[tokio::test]
    async fn a_push_of_what_its_request_did_not_apply_is_taken_in() {
        let house = House::new().await;
        let (event, room, account) = scene(&house).await;
        let sending = house.core.sending(&room, &account);
        let mut push = Box::pin(house.core.take_event(&event));
        assert!(poll!(&mut push).is_pending());
        drop(sending);
        push.await.unwrap();
        let message = house.core.store.message(&EventId::from("$early")).await.unwrap();
        assert_eq!(message.unwrap().body, "früh");
    }
}
