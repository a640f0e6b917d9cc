//! Broadcasts: an announcement into the general rooms of tenants, from the service itself (contract B062, R37, R68). Each
//! room's is a notification, and is delivered as those are: exactly once, however long the homeserver is away.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;

use super::By;
use crate::core::notifications::hash;
use crate::core::{Core, limits};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::{Broadcast, NewBroadcast};
use crate::types::{TenantId, random_token};

/// A broadcast as it is asked for.
#[derive(Debug, Clone, Serialize)]
pub struct BroadcastRequest {
    /// Up to 200 characters.
    pub title: String,
    /// Up to 16,000 characters.
    pub body: String,
    /// To these tenants; to all that have people when there is no list.
    pub tenants: Option<Vec<TenantId>>,
    /// `Idempotency-Key`.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

/// A broadcast that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentBroadcast {
    /// Its id.
    pub id: String,
    /// The rooms that it goes to.
    pub rooms: i64,
}

impl Core {
    /// Accepts a broadcast; when this returns, it will arrive. Super admins only. A repeat with the same idempotency key
    /// is the same broadcast.
    pub async fn admin_broadcast(&self, by: &By, request: BroadcastRequest) -> Result<SentBroadcast> {
        require_operator(&by.principal)?;
        limits::required("title", &request.title, limits::MAX_TITLE)?;
        limits::required("body", &request.body, limits::MAX_TEXT)?;
        let tenants = named(request.tenants.as_deref(), self.store.tenants().await?)?;
        let now = self.clock.now();
        let new = NewBroadcast {
            // Ids sort by the time they were made.
            id: format!("{:013x}{}", now.0, &random_token()[..6]),
            request_hash: hash(&request),
            title: request.title,
            body: request.body,
            created_by: by.principal.person_id.clone(),
            created_at: now,
            tenants,
            nonce: random_token()[..16].to_owned(),
            idempotency_key: request.idempotency_key,
        };
        let audit = by.did(
            now,
            "broadcast.send",
            ("broadcast", &new.id),
            None,
            json!({ "title": new.title, "rooms": new.tenants.len(), "tenants": request.tenants }),
        );
        if self.store.add_broadcast(&new, &audit).await? {
            self.store.make_durable().await?;
            self.outbox.notify_one();
            return Ok(SentBroadcast {
                id: new.id,
                rooms: new.tenants.len() as i64,
            });
        }
        let key = new.idempotency_key.as_deref().unwrap_or_default();
        let first = self.store.broadcast_of_key(&new.created_by, key).await?;
        let first = first.ok_or_else(|| Error::internal("a broadcast is neither new nor a repeat"))?;
        if first.request_hash != new.request_hash {
            return Err(Error::Conflict(
                "the Idempotency-Key was used for another broadcast".into(),
            ));
        }
        Ok(SentBroadcast {
            id: first.id,
            rooms: first.rooms,
        })
    }

    /// Broadcasts and how far they have come, newest first, before an id. Super admins only.
    pub async fn admin_broadcasts(
        &self,
        principal: &Principal,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Broadcast>> {
        require_operator(principal)?;
        Ok(self.store.broadcasts(before, limit).await?)
    }
}

/// Whoever speaks to all tenants is of none.
fn require_operator(principal: &Principal) -> Result<()> {
    if principal.super_admin {
        Ok(())
    } else {
        Err(Error::Forbidden("only super admins broadcast"))
    }
}

/// Those who are named, each once; all that are known when nobody is.
fn named(wanted: Option<&[TenantId]>, known: Vec<TenantId>) -> Result<Vec<TenantId>> {
    let Some(wanted) = wanted else {
        return Ok(known);
    };
    if wanted.is_empty() {
        return Err(Error::invalid(
            "tenants",
            "must name a tenant; leave it out to reach all of them",
        ));
    }
    let known: BTreeSet<_> = known.into_iter().collect();
    if let Some(at) = wanted.iter().position(|tenant| !known.contains(tenant)) {
        return Err(Error::invalid(
            format!("tenants[{at}]"),
            "is no tenant that has people",
        ));
    }
    let named: BTreeSet<_> = wanted.iter().cloned().collect();
    Ok(named.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenants(names: &[&str]) -> Vec<TenantId> {
        names.iter().map(|name| TenantId::from(*name)).collect()
    }

    fn wrong(wanted: &[&str]) -> String {
        match named(Some(&tenants(wanted)), tenants(&["1", "org_2x"])) {
            Err(Error::Invalid { field, .. }) => field,
            other => panic!("{wanted:?}: {other:?}"),
        }
    }

    /// Contract R68.
    #[test]
    fn r68_tenants_are_known_ones_or_all() {
        let known = tenants(&["1", "org_2x"]);
        assert_eq!(named(None, known.clone()).unwrap(), known);
        let twice = tenants(&["org_2x", "1", "1"]);
        assert_eq!(named(Some(&twice), known.clone()).unwrap(), known);
        assert_eq!(wrong(&[]), "tenants");
        assert_eq!(wrong(&["1", "3"]), "tenants[1]");
    }
}
