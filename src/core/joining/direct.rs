//! `m.direct`: the account data by which Matrix clients know which rooms are direct ones.
//!
//! It is one object for all of them, and the client writes it too: it is read, what is missing is added, and it is
//! written only when something was missing. A change of a person's direct rooms is noted in the database, in the request
//! that makes it, and carried out in the background.

use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::core::{Core, content};
use crate::error::Result;
use crate::types::{PersonId, RoomId};

const EVENT_TYPE: &str = "m.direct";
/// People looked at in one go.
const BATCH: i64 = 16;
/// What failed is tried again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

impl Core {
    /// Notes that the direct rooms of these people changed. Nothing happens for those without an external client.
    pub(in crate::core) async fn directs_changed(&self, people: impl Iterator<Item = &PersonId>) {
        for person in people {
            if let Err(error) = self.store.directs_changed(person, self.clock.now()).await {
                tracing::warn!(%error, %person, "external clients may not show a new direct room as one");
            }
        }
    }

    /// Lists the direct rooms of all people whose rooms changed. Called every second.
    pub async fn list_changed_directs(&self) -> Result<()> {
        let now = self.clock.now();
        let due = self
            .store
            .lease_directs(now, now.after(AGAIN_AFTER), BATCH)
            .await?;
        for person in due {
            if let Err(error) = self.list_directs(&person).await {
                tracing::warn!(?error, %person, "direct rooms could not be listed for external clients yet");
            }
        }
        Ok(())
    }

    /// Adds what is missing to a person's `m.direct`.
    pub(in crate::core) async fn list_directs(&self, person: &PersonId) -> Result<()> {
        let _alone = self.alone(format!("direct:{person}")).await;
        // Other replicas cannot wait here. Two that read and write in turns could lose one's words: the second to end
        // finds that it was not alone, and the list is looked at once more.
        let until = self.clock.now().after(AGAIN_AFTER);
        self.store.directs_changed(person, until).await?;
        if self.wanted(person).await?.is_some() {
            let rooms = self.store.direct_rooms(person).await?;
            if !rooms.is_empty() {
                let account = self.account(person).await?;
                let known = self.homeserver.account_data(&account, EVENT_TYPE).await?;
                if let Some(merged) = merged(known.as_deref(), &rooms) {
                    self.homeserver
                        .set_account_data(&account, EVENT_TYPE, content(&merged)?)
                        .await?;
                }
            }
        }
        Ok(self.store.directs_done(person, until, self.clock.now()).await?)
    }
}

/// The content with these rooms (the other's Matrix user id, room) in it; `None` when they were there already. What else
/// is there stays.
fn merged(known: Option<&RawValue>, rooms: &[(String, RoomId)]) -> Option<Value> {
    let mut content: Map<String, Value> = known
        .and_then(|known| serde_json::from_str(known.get()).ok())
        .unwrap_or_default();
    let mut changed = false;
    for (user, room) in rooms {
        let theirs = content.entry(user.clone()).or_insert_with(|| json!([]));
        if !theirs.is_array() {
            *theirs = json!([]);
        }
        if let Value::Array(listed) = theirs
            && !listed.iter().any(|listed| listed == room.as_str())
        {
            listed.push(json!(room.as_str()));
            changed = true;
        }
    }
    changed.then_some(Value::Object(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(value: &Value) -> Box<RawValue> {
        serde_json::value::to_raw_value(value).unwrap()
    }

    #[test]
    fn what_a_client_wrote_stays_and_what_is_there_is_not_written_again() {
        let rooms = [
            ("@anna:hub.local".to_owned(), RoomId::from("!a")),
            ("@max:hub.local".to_owned(), RoomId::from("!m")),
        ];
        let known =
            raw(&json!({ "@anna:hub.local": ["!old"], "@eve:hub.local": ["!e"], "@max:hub.local": null }));
        let expected = json!({
            "@anna:hub.local": ["!old", "!a"], "@eve:hub.local": ["!e"], "@max:hub.local": ["!m"],
        });
        let first = merged(Some(&known), &rooms).unwrap();
        assert_eq!(first, expected);
        assert_eq!(merged(Some(&raw(&first)), &rooms), None);
        assert_eq!(
            merged(None, &rooms[..1]),
            Some(json!({ "@anna:hub.local": ["!a"] }))
        );
        assert!(merged(Some(&raw(&json!("no object"))), &rooms).is_some());
    }
}
