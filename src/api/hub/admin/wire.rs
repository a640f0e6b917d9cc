//! JSON that only admins see. Times are `2026-01-31T12:00:00.123Z`.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::super::health::Checks;
use super::super::wire::Member;
use crate::core::admin as core;
use crate::store;
use crate::types::{Role, RoomKind, TenantId, Timestamp};

/// A person as admins see them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "hub_user_id": "mueller",
    "display_name": "Max Mueller",
    "role": "user",
    "hub_role": "manager",
    "super_admin": false,
    "support": false,
    "source": "hub",
    "tenant_id": 1,
    "matrix_user_id": "@mueller:hub.local",
    "active": true,
    "deactivated_at": null,
    "last_seen_at": "2026-01-31T12:00:00.000Z",
    "created_at": "2026-01-01T08:00:00.000Z",
    "external_client_enabled": true,
    "external_sessions": 2,
    "note": null,
}))]
pub struct AdminUser<'a> {
    /// The person's id.
    hub_user_id: &'a str,
    /// Shown name, as the last token said it.
    display_name: &'a str,
    /// Role here.
    role: Role,
    /// Role at the hub; null when the token named none.
    hub_role: Option<&'a str>,
    /// Whether they see every tenant in the admin API.
    super_admin: bool,
    /// Whether they are of the support team.
    support: bool,
    /// Which tokens they come with: `hub`, `clerk` or `local`.
    source: &'static str,
    /// The tenant: an integer, or a string where it is none.
    #[schema(value_type = i64)]
    tenant_id: Value,
    /// Matrix account.
    matrix_user_id: &'a str,
    /// Whether they may come in.
    active: bool,
    /// When they were deactivated.
    deactivated_at: Option<String>,
    /// When they were last here, to a minute.
    last_seen_at: String,
    /// When they were first here.
    created_at: String,
    /// Whether they may use Element and the like.
    external_client_enabled: bool,
    /// Their devices that are signed in there.
    external_sessions: i64,
    /// What admins noted; nobody else sees it.
    note: Option<&'a str>,
}

impl<'a> From<&'a store::AdminPerson> for AdminUser<'a> {
    fn from(found: &'a store::AdminPerson) -> Self {
        let person = &found.person;
        Self {
            hub_user_id: person.person_id.as_str(),
            display_name: &person.display_name,
            role: person.role,
            hub_role: person.hub_role.as_deref(),
            super_admin: person.super_admin,
            support: person.support,
            source: person.source.as_str(),
            tenant_id: person.tenant.to_json(),
            matrix_user_id: &person.user_id,
            active: person.active,
            deactivated_at: found.deactivated_at.map(Timestamp::zulu),
            last_seen_at: person.last_seen_at.zulu(),
            created_at: person.created_at.zulu(),
            external_client_enabled: person.external_client,
            external_sessions: found.external_sessions,
            note: found.note.as_deref(),
        }
    }
}

/// A room as admins see it: what it is, not what was said in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "room_id": "!abc:hub.local",
    "name": "Projekt Alpha",
    "topic": "Diskussion zum Projekt",
    "room_type": "group",
    "entity_type": null,
    "entity_key": null,
    "tenant_id": 1,
    "members": 12,
    "message_count": 170,
    "last_activity_at": "2026-01-31T12:00:00.000Z",
    "created_at": "2026-01-01T08:00:00.000Z",
    "created_by": "mueller",
    "archived_at": null,
}))]
pub struct AdminRoom<'a> {
    /// Matrix room id.
    room_id: &'a str,
    /// Name; null for direct rooms and for therapy.
    name: Option<&'a str>,
    /// Topic; null for direct rooms and for therapy.
    topic: Option<&'a str>,
    /// What it is for.
    room_type: RoomKind,
    /// Of an entity room.
    entity_type: Option<&'a str>,
    /// Of an entity room: an integer's digits or a key.
    entity_key: Option<&'a str>,
    /// The tenant: an integer, or a string where it is none.
    #[schema(value_type = i64)]
    tenant_id: Value,
    /// How many people are in it. A room for the whole tenant is seen by all of it, whoever is in it.
    members: i64,
    /// Messages ever.
    message_count: i64,
    /// When the newest message was sent; null before the first.
    last_activity_at: Option<String>,
    /// When it was made.
    created_at: String,
    /// Who made it.
    created_by: &'a str,
    /// When it was archived; null: it is in use.
    archived_at: Option<String>,
}

impl<'a> From<&'a store::AdminRoom> for AdminRoom<'a> {
    fn from(found: &'a store::AdminRoom) -> Self {
        let room = &found.room;
        let (name, topic) = room.told_to_admins();
        Self {
            room_id: room.room_id.as_str(),
            name,
            topic,
            room_type: room.kind,
            entity_type: room.entity_type.as_deref(),
            entity_key: room.entity_key.as_deref(),
            tenant_id: room.tenant.to_json(),
            members: found.members,
            message_count: room.message_count,
            last_activity_at: found.last_activity_at.map(Timestamp::zulu),
            created_at: room.created_at.zulu(),
            created_by: room.created_by.as_str(),
            archived_at: found.archived_at.map(Timestamp::zulu),
        }
    }
}

/// A room as admins see it, with its members.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdminRoomWithMembers<'a> {
    #[serde(flatten)]
    room: AdminRoom<'a>,
    /// Who is in it or asked in: the first 500, by id.
    member_list: Vec<Member<'a>>,
}

impl<'a> From<&'a core::AdminRoomView> for AdminRoomWithMembers<'a> {
    fn from(view: &'a core::AdminRoomView) -> Self {
        Self {
            room: AdminRoom::from(&view.room),
            member_list: view.members.iter().map(Member::from).collect(),
        }
    }
}

/// A change that an admin made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": 17,
    "at": "2026-01-31T12:00:00.123Z",
    "actor": {"hub_user_id": "admin", "display_name": "Administrator"},
    "action": "user.deactivate",
    "target_type": "user",
    "target_id": "mueller",
    "tenant_id": 1,
    "details": {"reason": "left the company"},
    "ip": "192.0.2.7",
}))]
pub struct Audit<'a> {
    /// Later changes have higher ids.
    id: i64,
    /// When.
    at: String,
    /// Who, with the name they had then.
    actor: Actor<'a>,
    /// What was done: `user.update`, `user.deactivate`, `user.reactivate`, `room.archive`, `room.restore`,
    /// `notification.retry`, `notification.cancel`, `service_token.create`, `service_token.revoke`,
    /// `external_client.create` (an app password), `external_client.remove`, `external_session.end`, `rule.create`,
    /// `rule.update`, `rule.delete`.
    action: &'a str,
    /// To what: `user`, `room`, `notification`, `service_token`, `external_session` or `rule`.
    target_type: &'a str,
    /// Its id.
    target_id: &'a str,
    /// Its tenant; null where it belongs to none.
    #[schema(value_type = Option<i64>)]
    tenant_id: Option<Value>,
    /// What else is worth knowing; differs by action.
    #[schema(value_type = Object)]
    details: Box<RawValue>,
    /// Where the admin was.
    ip: &'a str,
}

/// An admin who changed something.
#[derive(Debug, Serialize, ToSchema)]
pub struct Actor<'a> {
    /// The admin's id.
    hub_user_id: &'a str,
    /// The name they had.
    display_name: &'a str,
}

impl<'a> Audit<'a> {
    /// The JSON of an entry.
    pub fn of(entry: &'a store::AuditEntry) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: entry.id,
            at: entry.at.zulu(),
            actor: Actor {
                hub_user_id: entry.actor.as_str(),
                display_name: &entry.actor_name,
            },
            action: &entry.action,
            target_type: &entry.target_type,
            target_id: &entry.target_id,
            tenant_id: entry.tenant.as_ref().map(TenantId::to_json),
            details: RawValue::from_string(entry.details.clone())?,
            ip: &entry.ip,
        })
    }
}

/// The service at a glance: of the admin's tenant, or of all for super admins.
#[derive(Serialize, ToSchema)]
pub struct Overview<'a> {
    /// People who were here.
    people: i64,
    /// Rooms in use.
    rooms: i64,
    /// Notifications that wait.
    notifications_queued: i64,
    /// Notifications that were given up.
    notifications_failed: i64,
    /// Since when the oldest one waits that waits for no person.
    outbox_oldest: Option<String>,
    /// The same three together.
    outbox: Outbox,
    /// Devices of external clients that are signed in.
    external_sessions: i64,
    /// Open streams of this replica.
    streams: usize,
    /// How many replicas there are; null without `REDIS_URL`.
    replicas: Option<i64>,
    /// Id of the newest event.
    log_head: i64,
    /// The last 48 hours, the current one included, oldest first.
    hourly: Vec<Hour>,
    /// How the parts are, as `GET /api/v1/health/detailed` tells.
    health: OverviewHealth,
    /// The service's version.
    version: &'static str,
    /// What runs here.
    versions: Versions<'a>,
}

/// Notifications on their way.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outbox {
    /// Waiting.
    queued: i64,
    /// Given up.
    failed: i64,
    /// Since when the oldest one waits that waits for no person.
    oldest: Option<String>,
}

/// What happened in an hour.
#[expect(clippy::struct_field_names, reason = "it is what charts call it")]
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"hour": "2026-01-31T12:00:00.000Z", "messages": 120, "notifications": 14}))]
pub struct Hour {
    /// When it began.
    hour: String,
    /// Messages of people.
    messages: i64,
    /// Notifications that were accepted.
    notifications: i64,
}

/// How the parts are.
#[derive(Serialize, ToSchema)]
pub struct OverviewHealth {
    /// `healthy`, or `degraded` when something is away.
    status: &'static str,
    /// Part by part.
    checks: Checks,
}

/// What runs here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"service": "0.1.0", "homeserver": "Synapse 1.135.0", "database": "SQLite 3.50.2"}))]
pub struct Versions<'a> {
    /// The service.
    service: &'a str,
    /// The homeserver; null when it does not tell.
    homeserver: Option<&'a str>,
    /// The database.
    database: &'a str,
}

impl<'a> From<&'a core::Overview> for Overview<'a> {
    fn from(overview: &'a core::Overview) -> Self {
        let oldest = overview.outbox_oldest.map(Timestamp::zulu);
        let health = &overview.health;
        Self {
            people: overview.people,
            rooms: overview.rooms,
            notifications_queued: overview.notifications_queued,
            notifications_failed: overview.notifications_failed,
            outbox_oldest: oldest.clone(),
            outbox: Outbox {
                queued: overview.notifications_queued,
                failed: overview.notifications_failed,
                oldest,
            },
            external_sessions: overview.external_sessions,
            streams: overview.streams,
            replicas: overview.replicas,
            log_head: overview.log_head,
            hourly: overview
                .hourly
                .iter()
                .map(|hour| Hour {
                    hour: hour.hour.zulu(),
                    messages: hour.messages,
                    notifications: hour.notifications,
                })
                .collect(),
            health: OverviewHealth {
                status: if health.healthy() { "healthy" } else { "degraded" },
                checks: health.clone().into(),
            },
            version: overview.version,
            versions: Versions {
                service: overview.version,
                homeserver: overview.homeserver.as_deref(),
                database: &overview.database,
            },
        }
    }
}

/// A broadcast that was accepted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "019c7f3a2b4c5Xy_12a", "rooms": 12}))]
pub struct SentBroadcast<'a> {
    /// Its id.
    id: &'a str,
    /// The rooms that it goes to.
    rooms: i64,
}

impl<'a> From<&'a core::SentBroadcast> for SentBroadcast<'a> {
    fn from(sent: &'a core::SentBroadcast) -> Self {
        Self {
            id: &sent.id,
            rooms: sent.rooms,
        }
    }
}

/// A broadcast, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "019c7f3a2b4c5Xy_12a",
    "title": "Wartung am Sonntag",
    "body": "Von 8 bis 10 Uhr ist der Messenger nicht erreichbar.",
    "created_by": "root",
    "created_by_name": "Rita Root",
    "created_at": "2026-01-31T12:00:00.123Z",
    "rooms": 12,
    "sent": 11,
    "failed": 0,
}))]
pub struct Broadcast<'a> {
    /// Its id.
    id: &'a str,
    /// Title.
    title: &'a str,
    /// Text.
    body: &'a str,
    /// The id of who sent it.
    created_by: &'a str,
    /// Their shown name.
    created_by_name: &'a str,
    /// When.
    created_at: String,
    /// The rooms that it goes to.
    rooms: i64,
    /// Those it has arrived in.
    sent: i64,
    /// Those it could not be delivered to. The rest waits, or was cancelled.
    failed: i64,
}

impl<'a> From<&'a store::Broadcast> for Broadcast<'a> {
    fn from(broadcast: &'a store::Broadcast) -> Self {
        Self {
            id: &broadcast.id,
            title: &broadcast.title,
            body: &broadcast.body,
            created_by: broadcast.created_by.as_str(),
            created_by_name: &broadcast.created_by_name,
            created_at: broadcast.created_at.zulu(),
            rooms: broadcast.rooms,
            sent: broadcast.sent,
            failed: broadcast.failed,
        }
    }
}
