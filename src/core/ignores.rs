//! Blocks as Matrix clients know them: `m.ignored_user_list`, the account data that names whom a client does not show
//! (contract R32).
//!
//! A block counts here as soon as it is stored. That the homeserver's list is to be written is noted in the same
//! transaction and carried out in the background, again and again while the homeserver is away. The client writes the list,
//! too: what it says passes the gateway, and becomes blocks. Satellites and people who are known to Matrix only have no
//! blocks here; they stay in the list as they are.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{Core, content};
use crate::error::Result;
use crate::identity::Principal;
use crate::types::PersonId;

const EVENT_TYPE: &str = "m.ignored_user_list";
const FIELD: &str = "ignored_users";
/// Lists written in one go.
const BATCH: i64 = 16;
/// What failed is tried again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// More ignored users than these are not taken over from a client.
const MAX_IGNORED: usize = 1_000;

impl Core {
    /// Writes the lists of all people whose blocks changed. Called every second.
    pub async fn write_ignores(&self) -> Result<()> {
        let now = self.clock.now();
        let until = now.after(AGAIN_AFTER);
        for person in self.store.lease_ignores(now, until, BATCH).await? {
            let written = async {
                let _alone = self.alone(writing(&person)).await;
                self.write_ignores_of(&person).await?;
                Ok::<_, crate::error::Error>(self.store.ignores_written(&person, until).await?)
            };
            if let Err(error) = written.await {
                tracing::warn!(?error, %person, "blocks could not be told to external clients yet");
            }
        }
        Ok(())
    }

    async fn write_ignores_of(&self, person: &PersonId) -> Result<()> {
        let account = self.account(person).await?;
        let known = self.homeserver.account_data(&account, EVENT_TYPE).await?;
        let blocked: BTreeSet<String> = self.store.blocked_users(person).await?.into_iter().collect();
        let mut ours = BTreeSet::new();
        for user in ignored(known.as_deref()) {
            if !blocked.contains(&user) && self.blockable(&user).await?.is_some() {
                ours.insert(user);
            }
        }
        if let Some(list) = merged(known.as_deref(), &blocked, &ours) {
            self.homeserver
                .set_account_data(&account, EVENT_TYPE, content(&list)?)
                .await?;
        }
        Ok(())
    }

    /// The person of a Matrix user id, if they are one who can be blocked here.
    async fn blockable(&self, user_id: &str) -> Result<Option<PersonId>> {
        let person = self.store.person_of_user(user_id).await?;
        let person = person.filter(|person| person.source.signs_in());
        Ok(person.map(|person| person.person_id))
    }

    /// Waits until nobody else writes this person's list, for a client that is about to: its list is taken in before it is
    /// written from here.
    pub async fn alone_with_ignores(&self, principal: &Principal) -> impl Drop + '_ {
        self.alone(writing(&principal.person_id)).await
    }

    /// Takes in the list that a client has just written. While one of ours is still to be written, the client cannot have
    /// known all blocks: then what it does not name stays blocked.
    pub async fn heard_ignores(&self, principal: &Principal, list: &[u8]) -> Result<()> {
        let me = &principal.person_id;
        let raw: Option<Box<RawValue>> = serde_json::from_slice(list).ok();
        let mut wanted = BTreeSet::new();
        for user in ignored(raw.as_deref()).into_iter().take(MAX_IGNORED) {
            if let Some(person) = self.blockable(&user).await?
                && person != *me
            {
                wanted.insert(person);
            }
        }
        let due = self.store.ignores_are_due(me).await?;
        let mut known = BTreeSet::new();
        for user in self.store.blocked_users(me).await? {
            if let Some(person) = self.blockable(&user).await? {
                known.insert(person);
            }
        }
        for person in wanted.difference(&known) {
            self.add_block(me, person, None).await?;
        }
        if !due {
            for person in known.difference(&wanted) {
                self.remove_block(me, person).await?;
            }
        }
        Ok(())
    }
}

fn writing(person: &PersonId) -> String {
    format!("ignores:{person}")
}

/// The users that a list names.
fn ignored(list: Option<&RawValue>) -> Vec<String> {
    let list: Option<Value> = list.and_then(|list| serde_json::from_str(list.get()).ok());
    let users = list.as_ref().and_then(|list| list.get(FIELD)?.as_object());
    users
        .map(|users| users.keys().cloned().collect())
        .unwrap_or_default()
}

/// The list with all of `blocked` in it and none of `gone`; `None` when it was so already. What else is there stays.
fn merged(known: Option<&RawValue>, blocked: &BTreeSet<String>, gone: &BTreeSet<String>) -> Option<Value> {
    let mut list: Map<String, Value> = known
        .and_then(|known| serde_json::from_str(known.get()).ok())
        .unwrap_or_default();
    let mut users = match list.remove(FIELD) {
        Some(Value::Object(users)) => users,
        _ => Map::new(),
    };
    let before = users.len();
    users.retain(|user, _| !gone.contains(user));
    let mut changed = users.len() != before;
    for user in blocked {
        if !users.contains_key(user) {
            users.insert(user.clone(), json!({}));
            changed = true;
        }
    }
    list.insert(FIELD.to_owned(), Value::Object(users));
    changed.then_some(Value::Object(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(value: &Value) -> Box<RawValue> {
        serde_json::value::to_raw_value(value).unwrap()
    }

    fn users(users: &[&str]) -> BTreeSet<String> {
        users.iter().map(|user| (*user).to_owned()).collect()
    }

    #[test]
    fn r32_what_is_no_block_of_ours_stays_in_the_list() {
        let known =
            raw(&json!({ "ignored_users": { "@app_crm:x": {}, "@old:x": {}, "@eve:x": {"a": 1} }, "b": 2 }));
        let blocked = users(&["@eve:x", "@max:x"]);
        let list = merged(Some(&known), &blocked, &users(&["@old:x"])).unwrap();
        let expected = json!({
            "ignored_users": { "@app_crm:x": {}, "@eve:x": {"a": 1}, "@max:x": {} }, "b": 2,
        });
        assert_eq!(list, expected);
        assert_eq!(merged(Some(&raw(&list)), &blocked, &users(&[])), None);
        assert_eq!(
            merged(None, &users(&["@max:x"]), &users(&[])),
            Some(json!({ "ignored_users": { "@max:x": {} } }))
        );
        assert_eq!(merged(None, &users(&[]), &users(&[])), None);
        assert_eq!(ignored(Some(&known)), ["@app_crm:x", "@eve:x", "@old:x"]);
        assert!(ignored(Some(&raw(&json!("no object")))).is_empty());
    }
}
