//! Which tenants people belong to (contract B025, R18, R50).
//!
//! A token tells: the hub's names one tenant, a Clerk token the active organisation and perhaps all others. What it says is
//! kept, since others want to know it while the person is away.

use std::sync::Arc;

use super::Core;
use crate::error::Result;
use crate::identity::Claims;
use crate::store::Person;
use crate::types::{OrgRole, Organisation, PersonId, TenantId};

impl Core {
    /// Every tenant a person belongs to, and as what. Empty for satellites, and for people only Matrix knows. Remembered for
    /// a few seconds.
    pub async fn organisations_of(&self, person: &PersonId) -> Result<Arc<[Organisation]>> {
        if let Some(known) = self.organisations.get(person).await {
            return Ok(known);
        }
        let found: Arc<[Organisation]> = self.store.organisations(person).await?.into();
        self.organisations.insert(person.clone(), found.clone()).await;
        Ok(found)
    }

    /// Whether a person belongs to a tenant. Whoever is of no organisation has their home only: satellites, and people only
    /// Matrix knows.
    pub async fn belongs(&self, person: &Person, tenant: &TenantId) -> Result<bool> {
        if person.tenant == *tenant {
            return Ok(true);
        }
        let organisations = self.organisations_of(&person.person_id).await?;
        Ok(organisations.iter().any(|one| one.tenant == *tenant))
    }

    /// Keeps what a token says of its person's tenants; `before` is what was known.
    pub(super) async fn keep_organisations(
        &self,
        claims: &Claims,
        before: &[Organisation],
    ) -> Result<Arc<[Organisation]>> {
        let now: Arc<[Organisation]> = after_token(before, claims, &self.config.default_tenant_id).into();
        if *now != *before {
            self.store.set_organisations(&claims.person_id, &now).await?;
        }
        self.organisations
            .insert(claims.person_id.clone(), now.clone())
            .await;
        Ok(now)
    }
}

/// The tenants of a person after a token of theirs, by id.
///
/// A token that names them all is believed. One that names the active one only adds it, or changes its role: the others
/// were named by an earlier one. Whoever was in the default tenant only because nothing else was known of them is not any
/// more as soon as there is.
pub(super) fn after_token(before: &[Organisation], claims: &Claims, default: &TenantId) -> Vec<Organisation> {
    let named = &claims.organisations;
    let mut after: Vec<Organisation> = match before {
        _ if claims.lists_all => Vec::new(),
        [
            Organisation {
                tenant,
                role: OrgRole::Member,
            },
        ] if tenant == default && !named.is_empty() => Vec::new(),
        _ => before.to_vec(),
    };
    after.retain(|old| !named.iter().any(|new| new.tenant == old.tenant));
    after.extend_from_slice(named);
    if after.is_empty() {
        after = claims.belongs();
    }
    after.sort_by(|one, other| one.tenant.cmp(&other.tenant));
    after
}

/// The home of a person: what the token says, as long as they belong there.
pub(super) fn home(now: &[Organisation], claims: &Claims, before: &TenantId) -> TenantId {
    let among = |tenant: &TenantId| now.iter().any(|one| one.tenant == *tenant);
    if among(&claims.tenant) || !among(before) {
        claims.tenant.clone()
    } else {
        before.clone()
    }
}

#[cfg(test)]
mod tests {
    use crate::identity::Purpose;
    use crate::types::{Role, Source, Timestamp};

    use super::*;

    fn list(organisations: &[(&str, OrgRole)]) -> Vec<Organisation> {
        let one = |(tenant, role): &(&str, OrgRole)| Organisation {
            tenant: TenantId::from(*tenant),
            role: *role,
        };
        organisations.iter().map(one).collect()
    }

    fn token(named: &[(&str, OrgRole)], lists_all: bool) -> Claims {
        Claims {
            person_id: "user_2x".into(),
            source: Source::Clerk,
            tenant: named.first().map_or("1", |(tenant, _)| tenant).into(),
            organisations: list(named),
            lists_all,
            acting: None,
            hub_role: None,
            role: Role::User,
            super_admin: false,
            support: false,
            display_name: "Max".into(),
            given_name: None,
            family_name: None,
            email: None,
            avatar_url: None,
            expires_at: Timestamp(0),
            token_id: None,
            purpose: Purpose::Person,
        }
    }

    #[test]
    fn r50_what_a_token_says_of_organisations_is_kept() {
        use OrgRole::{Member, Owner};
        let a = ("org_a", Member);
        let b = ("org_b", Member);
        let rows: [(&[_], &[_], bool, &[_]); 10] = [
            (&[], &[a], false, &[a]),
            (&[], &[], false, &[("1", Member)]),
            (&[], &[b, a], true, &[a, b]),
            (&[a], &[b], false, &[a, b]),
            (&[a], &[("org_a", Owner)], false, &[("org_a", Owner)]),
            (&[("org_a", Owner)], &[a], false, &[a]),
            (&[a, b], &[b], true, &[b]),
            (&[a, b], &[], false, &[a, b]),
            (&[a, b], &[], true, &[("1", Member)]),
            // The default tenant was a guess.
            (&[("1", Member)], &[a], false, &[a]),
        ];
        for (before, named, lists_all, after) in rows {
            assert_eq!(
                after_token(&list(before), &token(named, lists_all), &"1".into()),
                list(after),
                "{before:?} {named:?} {lists_all}"
            );
        }
        // Somebody who runs the default tenant is not there by a guess.
        let runs = list(&[("1", Owner)]);
        let both = after_token(&runs, &token(&[a], false), &"1".into());
        assert_eq!(both, list(&[("1", Owner), a]));
    }

    #[test]
    fn r18_the_home_is_a_tenant_the_person_belongs_to() {
        let belongs = list(&[("org_a", OrgRole::Member), ("org_b", OrgRole::Member)]);
        let home = |named: &[_], before: &str| home(&belongs, &token(named, false), &before.into());
        assert_eq!(home(&[("org_b", OrgRole::Member)], "org_a").as_str(), "org_b");
        assert_eq!(home(&[], "org_a").as_str(), "org_a");
    }
}
