//! What admins did.

use super::scope;
use crate::core::Core;
use crate::error::Result;
use crate::identity::Principal;
use crate::store::{AuditEntry, AuditFilter};
use crate::types::Timestamp;

/// Which changes to list.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// By this admin.
    pub actor: Option<String>,
    /// Of this kind.
    pub action: Option<String>,
    /// To the thing of this id.
    pub target: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
}

impl Core {
    /// Changes by admins to what the caller may see, newest first, before an id.
    pub async fn admin_audit(
        &self,
        principal: &Principal,
        query: &AuditQuery,
        before: i64,
        limit: i64,
    ) -> Result<Vec<AuditEntry>> {
        let AuditQuery {
            actor,
            action,
            target,
            since,
            until,
        } = query.clone();
        let filter = AuditFilter {
            tenant: scope(principal)?.cloned(),
            actor,
            action,
            target,
            since,
            until,
        };
        Ok(self.store.audit(&filter, before, limit).await?)
    }
}
