//! Service tokens.

use serde_json::json;

use super::{By, scope};
use crate::core::{Core, limits};
use crate::error::{Error, Result};
use crate::identity::{Principal, service_token};
use crate::store::ServiceToken;
use crate::types::{TenantId, random_token};

impl Core {
    /// Service tokens by id, revoked ones too.
    pub async fn admin_service_tokens(
        &self,
        principal: &Principal,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ServiceToken>> {
        let tenant = scope(principal)?;
        Ok(self.store.service_tokens(tenant, after, limit).await?)
    }

    /// Makes a service token; its text is shown this once. A tenant's admin makes tokens of that tenant only.
    pub async fn admin_create_service_token(
        &self,
        by: &By,
        name: &str,
        tenant: Option<TenantId>,
    ) -> Result<(ServiceToken, String)> {
        let scope = scope(&by.principal)?;
        limits::required("name", name, limits::MAX_NAME)?;
        if let (Some(scope), Some(tenant)) = (scope, &tenant)
            && scope != tenant
        {
            return Err(Error::Forbidden("you may make tokens of your own tenant only"));
        }
        let text = random_token();
        let now = self.clock.now();
        let token = ServiceToken {
            // Ids sort by the time they were made.
            id: format!("{:013x}{}", now.0, &random_token()[..6]),
            name: name.to_owned(),
            tenant: tenant.or_else(|| scope.cloned()),
            created_by: by.principal.person_id.clone(),
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        let audit = by.did(
            now,
            "service_token.create",
            ("service_token", &token.id),
            token.tenant.as_ref(),
            json!({ "name": name }),
        );
        self.store
            .add_service_token(&token, &service_token::hash(&text), &audit)
            .await?;
        Ok((token, text))
    }

    /// Revokes a service token; it stops working within five seconds on every replica.
    pub async fn admin_revoke_service_token(&self, by: &By, id: &str) -> Result<()> {
        let scope = scope(&by.principal)?;
        let token = self.store.service_token_by_id(id).await?;
        let token = token
            .filter(|token| scope.is_none_or(|scope| token.tenant.as_ref() == Some(scope)))
            .ok_or(Error::NotFound("service token"))?;
        let audit = by.did(
            self.clock.now(),
            "service_token.revoke",
            ("service_token", id),
            token.tenant.as_ref(),
            json!({ "name": token.name }),
        );
        self.store.revoke_service_token(id, &audit).await?;
        self.forget_service_tokens(&token);
        Ok(())
    }
}
