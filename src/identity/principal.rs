//! Who is asking.

use std::sync::Arc;

use super::Claims;
use crate::error::{Error, Result};
use crate::types::{Organisation, PersonId, Role, TenantId, Timestamp};

/// A person who came in with a token that counts.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The person's id.
    pub person_id: PersonId,
    /// Matrix user id.
    pub user_id: Arc<str>,
    /// Global role, mapped (contract A090).
    pub role: Role,
    /// The hub's `super_admin`: sees every tenant in the admin API.
    pub super_admin: bool,
    /// The tenant the person acts in with this request, stream or socket: the one it names (`X-Tenant-ID`, the
    /// handshake's `tenantId`), which the token names too, else the token's active one (contract R18).
    pub tenant: TenantId,
    /// Every tenant the token names, the active one first; of a person who comes without a token of theirs (an external
    /// Matrix client), those known. Never empty.
    pub organisations: Arc<[Organisation]>,
    /// Shown name.
    pub display_name: String,
    /// The log's head when the person came: what is older was never unread for them.
    pub created_position: i64,
    /// When the token ends; streams end with it (contract R23).
    pub expires_at: Timestamp,
    /// What the token says, for tickets.
    pub claims: Arc<Claims>,
}

impl Principal {
    /// May send, react, create, invite (contract R16).
    pub fn may_write(&self) -> bool {
        self.role != Role::Viewer
    }

    /// Whether the person belongs to a tenant, as far as the token tells.
    pub fn in_tenant(&self, tenant: &TenantId) -> bool {
        self.organisations
            .iter()
            .any(|organisation| organisation.tenant == *tenant)
    }

    /// May use the admin API (contract A093).
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

/// A satellite or another service that came in with a service token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePrincipal {
    /// Which token: `default` for `MESSENGER_SERVICE_TOKEN`, else the id of a token an admin made.
    pub token_id: String,
    /// The tenant the token is bound to (contract R17).
    pub tenant: Option<TenantId>,
}

impl ServicePrincipal {
    /// The tenant that it names, or the one its token is bound to: it may name no other (contract R17).
    pub fn named_or_own<'a>(&'a self, named: Option<&'a TenantId>) -> Result<Option<&'a TenantId>> {
        if let (Some(named), Some(bound)) = (named, &self.tenant)
            && named != bound
        {
            return Err(Error::Forbidden("this service token belongs to another tenant"));
        }
        Ok(named.or(self.tenant.as_ref()))
    }
}
