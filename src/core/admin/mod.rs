//! What admins see and do. A tenant's admin sees the tenant; the hub's `super_admin` sees all. What belongs to another
//! tenant does not exist (contract R55). Every change is recorded in the transaction that makes it.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::NewAudit;
use crate::types::{TenantId, Timestamp};

mod audit;
mod broadcasts;
mod external;
mod notifications;
mod overview;
mod people;
mod rooms;
mod rules;
mod tokens;
mod webhooks;

pub use audit::AuditQuery;
pub use broadcasts::{BroadcastRequest, SentBroadcast};
pub use notifications::NotificationQuery;
pub use overview::{Hour, Overview};
pub use people::PeopleQuery;
pub use rooms::{AdminRoomView, RoomsQuery};
pub use rules::{RuleChange, RuleTest};
pub use webhooks::{NewWebhook, WebhookPatch};

/// An admin who changes something, and where they are.
#[derive(Debug, Clone)]
pub struct By {
    /// Who.
    pub principal: Principal,
    /// Their address.
    pub ip: String,
}

impl By {
    /// The record of a change to a thing (its type and id) of a tenant.
    fn did(
        &self,
        at: Timestamp,
        action: &'static str,
        (target_type, target_id): (&'static str, &str),
        tenant: Option<&TenantId>,
        details: Value,
    ) -> NewAudit {
        NewAudit {
            at,
            actor: self.principal.person_id.clone(),
            actor_name: self.principal.display_name.clone(),
            action,
            target_type,
            target_id: target_id.to_owned(),
            tenant: tenant.cloned(),
            details,
            ip: self.ip.clone(),
        }
    }
}

/// The tenant an admin is restricted to.
fn scope(principal: &Principal) -> Result<Option<&TenantId>> {
    if !principal.is_admin() {
        return Err(Error::Forbidden("only admins may do this"));
    }
    Ok(if principal.super_admin {
        None
    } else {
        Some(&principal.tenant)
    })
}
