//! Notifications of all satellites.

use serde_json::json;

use super::{By, scope};
use crate::core::{Core, limits};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::{NewAudit, Notification, NotificationFilter};
use crate::types::{NotificationStatus, Priority, TargetType, TenantId};

/// Which notifications to list.
#[derive(Debug, Clone, Default)]
pub struct NotificationQuery {
    /// Whose title, text or target contains this, among the newest 100,000.
    pub q: Option<String>,
    /// In this state.
    pub status: Option<NotificationStatus>,
    /// From this application.
    pub source_app: Option<String>,
    /// To this kind of target.
    pub target_type: Option<TargetType>,
    /// As loud as this.
    pub priority: Option<Priority>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
}

impl Core {
    /// Notifications, newest first, before an id; those that wait for unknown people, too (contract R21).
    pub async fn admin_notifications(
        &self,
        principal: &Principal,
        query: &NotificationQuery,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Notification>> {
        let scope = scope(principal)?;
        if let (Some(scope), Some(tenant)) = (scope, &query.tenant)
            && scope != tenant
        {
            return Ok(vec![]);
        }
        let q = query.q.as_deref().unwrap_or_default().trim();
        limits::optional("q", q, limits::MAX_NAME)?;
        let filter = NotificationFilter {
            token_id: None,
            tenant: query.tenant.as_ref().or(scope).cloned(),
            status: query.status,
            source_app: query.source_app.clone(),
            target_type: query.target_type,
            priority: query.priority,
            part: (!q.is_empty()).then(|| q.to_owned()),
            before,
            limit,
        };
        Ok(self.store.notifications(&filter).await?)
    }

    /// One notification.
    pub async fn admin_notification(&self, principal: &Principal, id: i64) -> Result<Notification> {
        let tenant = scope(principal)?;
        let found = self.store.notification(id).await?;
        found
            .filter(|notification| tenant.is_none_or(|tenant| *tenant == notification.tenant))
            .ok_or(Error::NotFound("notification"))
    }

    /// Makes a queued or failed notification due at once.
    pub async fn admin_retry_notification(&self, by: &By, id: i64) -> Result<Notification> {
        let audit = self.about_notification(by, id, "notification.retry").await?;
        if !self.store.retry_notification(id, &audit).await? {
            return Err(Error::Conflict("the notification was sent or cancelled".into()));
        }
        self.outbox.notify_one();
        self.admin_notification(&by.principal, id).await
    }

    /// Withdraws a notification that was not sent yet.
    pub async fn admin_cancel_notification(&self, by: &By, id: i64) -> Result<Notification> {
        let audit = self.about_notification(by, id, "notification.cancel").await?;
        if !self.store.cancel_notification(id, &audit).await? {
            return Err(Error::Conflict("the notification was sent or cancelled".into()));
        }
        self.admin_notification(&by.principal, id).await
    }

    async fn about_notification(&self, by: &By, id: i64, action: &'static str) -> Result<NewAudit> {
        let notification = self.admin_notification(&by.principal, id).await?;
        if notification.broadcast_id.is_some() && !by.principal.super_admin {
            return Err(Error::Forbidden(
                "only super admins change what becomes of a broadcast",
            ));
        }
        Ok(by.did(
            self.clock.now(),
            action,
            ("notification", &id.to_string()),
            Some(&notification.tenant),
            json!({ "title": notification.title, "status": notification.status }),
        ))
    }
}
