//! The rules, on an embedded database and a homeserver in memory that can be steered.

use std::sync::Arc;
use std::time::Duration;

use super::admin::By;
use super::messages::Draft;
use super::*;
use crate::identity::{PersonSpec, Principal, ServicePrincipal, hub};
use crate::matrix::fake::{Failure, Fake};
use crate::relay::{Encoders, OutletEncoders};
use crate::types::{Clock, TenantId};

mod admin;
mod broadcasts;
mod deliveries;
mod events;
mod joining;
mod organisations;
mod people;
mod published;
mod rooms;
mod signs;

const SECRET: &str = "a-hub-secret-for-tests";

/// A message of nothing but text.
fn draft(room: &RoomId, body: &str) -> Draft {
    Draft {
        room_id: room.clone(),
        body: body.into(),
        msg_type: "m.text".into(),
        reply_to: None,
        mentions: vec![],
        attachment: None,
        client_id: None,
    }
}

/// A service without doors.
pub(crate) struct House {
    pub(crate) core: Arc<Core>,
    pub(crate) fake: Arc<Fake>,
    folder: tempfile::TempDir,
}

fn words(live: &Live) -> Option<bytes::Bytes> {
    match live {
        Live::Entry(entry) => Some(format!("{};", entry.position).into()),
        Live::Signal(_) => None,
    }
}

impl House {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fake = Arc::new(Fake::new("hub.local"));
        let core = build(folder.path(), fake.clone(), Clock::system()).await;
        Self { core, fake, folder }
    }

    /// A service at a time that the test tells.
    pub(crate) async fn at(clock: Clock) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fake = Arc::new(Fake::new("hub.local"));
        let core = build(folder.path(), fake.clone(), clock).await;
        Self { core, fake, folder }
    }

    /// The same service after a crash: memory is gone, database and homeserver are there.
    pub(crate) async fn restarted(self) -> Self {
        let Self { core, fake, folder } = self;
        let clock = core.clock.clone();
        drop(core);
        let core = build(folder.path(), fake.clone(), clock).await;
        Self { core, fake, folder }
    }

    pub(crate) fn token(&self, sub: &str, role: &str, tenant: &str, name: &str) -> String {
        let tenant = TenantId::from(tenant);
        let lifetime = Duration::from_hours(1);
        let spec = PersonSpec {
            sub,
            role,
            tenant: Some(&tenant),
            display_name: Some(name),
            lifetime,
        };
        hub::sign(SECRET, &spec, self.core.clock.now())
    }

    pub(crate) async fn person(&self, sub: &str) -> Principal {
        self.core
            .sign_in(&self.token(sub, "user", "1", sub), None)
            .await
            .unwrap()
    }

    pub(crate) async fn person_of(&self, sub: &str, role: &str, tenant: &str) -> Principal {
        self.core
            .sign_in(&self.token(sub, role, tenant, sub), None)
            .await
            .unwrap()
    }
}

/// An admin who is about to change something.
pub(crate) fn by(principal: &Principal) -> By {
    By {
        principal: principal.clone(),
        ip: "192.0.2.7".into(),
    }
}

pub(crate) fn service() -> ServicePrincipal {
    ServicePrincipal {
        token_id: "default".into(),
        tenant: None,
    }
}

async fn build(folder: &std::path::Path, fake: Arc<Fake>, clock: Clock) -> Arc<Core> {
    let config = Config::load(|name| match name {
        "HUB_SECRET_KEY" => Some(SECRET.into()),
        "DATA_DIR" => Some(folder.display().to_string()),
        _ => None,
    })
    .unwrap();
    let store = Store::open(&config.database_url()).await.unwrap();
    let empty = bytes::Bytes::new();
    let silent = OutletEncoders {
        words: |_| None,
        typing: |_, _, _| crate::said::Said::default(),
    };
    let relay = Relay::start(Encoders {
        hub: words,
        hub_v2: words,
        mojo: silent,
        messaging: silent,
        keepalive: empty.clone(),
        gap: empty,
    });
    Core::new(Parts {
        store,
        homeserver: fake,
        sink: Core::straight_to_relay(&relay),
        relay,
        config: Arc::new(config),
        clock,
        hs_token: "hs".into(),
    })
    .unwrap()
}
