//! The store's tests: each runs on SQLite and on PostgreSQL, in a database of its own.

use std::sync::Arc;

use parking_lot::Mutex;

use super::writer::{Change, NewMessage, Outcome, Writer};
use super::*;
use crate::types::{
    Audience, EventId, Membership, OrgRole, Organisation, PersonId, Priority, Role, RoomId, RoomKind, Source,
    TenantId, Timestamp, random_token,
};

mod admin;
mod broadcasts;
mod contacts;
mod joining;
mod log;
mod messages;
mod notices;
mod notifications;
mod organisations;
mod reads;
mod receipts;
mod rooms;
mod rules;
mod search;
mod webhooks;

/// A database of its own, and what it takes to fill it.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) writer: Writer,
    /// What was handed on, in order.
    pub(crate) published: Arc<Mutex<Vec<Arc<Entry>>>>,
    _folder: Option<tempfile::TempDir>,
}

/// Runs each of these async functions on both databases.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() { super::$name(crate::store::tests::Fixture::sqlite().await).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $name() { super::$name(crate::store::tests::Fixture::postgres().await).await; })+
        }
    };
}
pub(crate) use on_both;

impl Fixture {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}/test.db", folder.path().display()))
            .await
            .unwrap();
        Self::of(store, Some(folder))
    }

    pub(crate) async fn postgres() -> Self {
        let admin = std::env::var("TEST_POSTGRES_URL")
            .expect("TEST_POSTGRES_URL names a PostgreSQL server; `cargo xtask test` starts one");
        let name = format!("t{}", random_token().to_lowercase().replace(['-', '_'], "x"));
        let pool = sqlx::PgPool::connect(&admin).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
        let mut url = url::Url::parse(&admin).unwrap();
        url.set_path(&name);
        Self::of(Store::open(url.as_str()).await.unwrap(), None)
    }

    fn of(store: Store, folder: Option<tempfile::TempDir>) -> Self {
        let published: Arc<Mutex<Vec<Arc<Entry>>>> = Arc::default();
        let sink = published.clone();
        let writer = Writer::start(&store, Box::new(move |entry| sink.lock().push(entry)));
        Self {
            store,
            writer,
            published,
            _folder: folder,
        }
    }

    pub(crate) async fn person(&self, id: &str) -> Person {
        let user_id = format!("@{id}:hub.local");
        let mut person = Store::stranger(
            PersonId::from(id),
            &user_id,
            TenantId::from("1"),
            Source::Hub,
            Timestamp(1),
        );
        person.role = Role::User;
        let person = self.store.add_person(&person).await.unwrap();
        let home = Organisation {
            tenant: person.tenant.clone(),
            role: OrgRole::Member,
        };
        self.store
            .set_organisations(&person.person_id, &[home])
            .await
            .unwrap();
        person
    }

    /// A room: of the tenant, or of these members.
    pub(crate) async fn room(&self, id: &str, members: Option<&[&str]>) -> RoomId {
        let room = blank_room(
            id,
            None,
            if members.is_some() {
                Audience::Members
            } else {
                Audience::Tenant
            },
        );
        let members: Vec<_> = members
            .unwrap_or_default()
            .iter()
            .map(|person| (PersonId::from(*person), Membership::Join, 0))
            .collect();
        self.store.add_room(&room, &members).await.unwrap().0.room_id
    }

    pub(crate) async fn apply(&self, change: Change) -> Option<Arc<Entry>> {
        match self.writer.apply(change).await.unwrap() {
            Outcome::Applied(entry) => Some(entry),
            Outcome::Known => None,
        }
    }

    pub(crate) async fn say(
        &self,
        room: &RoomId,
        person: &str,
        event: &str,
        body: &str,
    ) -> Option<Arc<Entry>> {
        self.apply(message(room, person, event, body)).await
    }

    pub(crate) async fn unread(&self, room: &RoomId, person: &Person) -> i64 {
        let listed = self
            .store
            .listed_room(room, &person.person_id, person.created_position)
            .await
            .unwrap();
        listed.unwrap().unread
    }

    pub(crate) async fn read(&self, room: &RoomId, person: &str, up_to: Option<&str>) -> Option<Arc<Entry>> {
        let (room_id, person_id) = (room.clone(), PersonId::from(person));
        self.apply(Change::Read {
            room_id,
            person_id,
            up_to: up_to.map(EventId::from),
            private: false,
            at: Timestamp(9),
        })
        .await
    }
}

pub(crate) fn blank_room(id: &str, key: Option<&str>, audience: Audience) -> Room {
    Room {
        room_id: RoomId::from(id),
        kind: RoomKind::Group,
        audience,
        tenant: TenantId::from("1"),
        name: Some("Room".into()),
        topic: None,
        avatar_url: None,
        room_key: key.map(Into::into),
        entity_type: None,
        entity_key: None,
        created_by: PersonId::from("anna"),
        created_at: Timestamp(5),
        message_count: 0,
        last_position: 0,
        sort_position: 0,
        archived: false,
    }
}

pub(crate) fn message(room: &RoomId, person: &str, event: &str, body: &str) -> Change {
    Change::Message(Box::new(NewMessage {
        event_id: EventId::from(event),
        room_id: room.clone(),
        sender: PersonId::from(person),
        sender_user: format!("@{person}:hub.local"),
        sender_name: person.into(),
        sender_avatar: None,
        sender_given: None,
        sender_family: None,
        msg_type: "m.text".into(),
        body: body.into(),
        reply_to: None,
        url: None,
        file_name: None,
        mime_type: None,
        size: None,
        notification: None,
        mentions: vec![],
        client_id: None,
        sent_at: Timestamp(1000),
    }))
}
