//! The rules of who may write to whom, and what they say to a case (contract R38). They hold for all tenants, so only super
//! admins change them.

use std::sync::Arc;

use serde_json::json;

use super::{By, scope};
use crate::core::rules::{Explained, ReadRule, Roles, RuleSet, Scope};
use crate::core::{Core, limits};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::{NewRule, Person, RuleRow};
use crate::types::PersonId;

/// A rule's id, in characters.
const MAX_RULE_ID: usize = 64;

/// What a rule is to say. Of a change, what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct RuleChange {
    /// Its name.
    pub name: Option<String>,
    /// `tenant`, `platform` or `support`.
    pub source_scope: Option<String>,
    /// Roles; none is anybody.
    pub source_roles: Option<Vec<String>>,
    /// As `source_scope`.
    pub target_scope: Option<String>,
    /// As `source_roles`.
    pub target_roles: Option<Vec<String>>,
    /// Whether a contact request has to be accepted first.
    pub require_approval: Option<bool>,
    /// The highest decides.
    pub priority: Option<i64>,
    /// Whether it is switched on.
    pub active: Option<bool>,
}

/// What the rules say to two people.
#[derive(Debug, Clone)]
pub struct RuleTest {
    /// Who wants to write.
    pub from: Arc<Person>,
    /// To whom.
    pub to: Arc<Person>,
    /// What holds.
    pub explained: Explained,
}

impl RuleChange {
    fn check(&self) -> Result<()> {
        if let Some(name) = &self.name {
            limits::required("name", name, limits::MAX_NAME)?;
        }
        for (field, scope) in [
            ("source_scope", &self.source_scope),
            ("target_scope", &self.target_scope),
        ] {
            if let Some(scope) = scope
                && Scope::parse(scope).is_none()
            {
                return Err(Error::invalid(field, "must be tenant, platform or support"));
            }
        }
        for (field, roles) in [
            ("source_roles", &self.source_roles),
            ("target_roles", &self.target_roles),
        ] {
            let words = roles.iter().flatten().map(String::as_str);
            if let Err(word) = Roles::of(words) {
                let words = format!("{word:?} is not one of owner, admin, member, support, platform_admin");
                return Err(Error::invalid(field, words));
            }
        }
        Ok(())
    }

    /// The row that it makes of another one.
    fn over<'a>(&'a self, row: &'a RuleRow, read: &ReadRule) -> NewRule<'a> {
        let words = |given: &Option<Vec<String>>, there: &str| {
            given
                .as_ref()
                .map_or_else(|| there.to_owned(), |words| json!(words).to_string())
        };
        NewRule {
            id: &row.id,
            name: self.name.as_deref().unwrap_or(&row.name).trim(),
            source_scope: self.source_scope.as_deref().unwrap_or(&row.source_scope),
            source_roles: words(&self.source_roles, &row.source_roles),
            target_scope: self.target_scope.as_deref().unwrap_or(&row.target_scope),
            target_roles: words(&self.target_roles, &row.target_roles),
            require_approval: self.require_approval.unwrap_or(read.requires_approval()),
            priority: self.priority.unwrap_or_else(|| row.priority.parse().unwrap_or(0)),
            active: self.active.unwrap_or(read.active),
        }
    }
}

/// What is recorded of a rule.
fn told(rule: &NewRule<'_>) -> serde_json::Value {
    json!({
        "name": rule.name,
        "source_scope": rule.source_scope,
        "source_roles": rule.source_roles,
        "target_scope": rule.target_scope,
        "target_roles": rule.target_roles,
        "require_approval": rule.require_approval,
        "priority": rule.priority,
        "active": rule.active,
    })
}

/// An id made of a name: `Cross-org managers` is `cross-org-managers`.
fn id_of(name: &str) -> String {
    let mut id = String::new();
    for letter in name.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            id.push(letter);
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    id.truncate(MAX_RULE_ID);
    id.trim_end_matches('-').to_owned()
}

fn only_super(by: &By) -> Result<()> {
    if by.principal.super_admin {
        Ok(())
    } else {
        Err(Error::Forbidden("only super admins change rules"))
    }
}

impl Core {
    /// All rules, in the order in which they decide.
    pub async fn admin_rules(&self, principal: &Principal) -> Result<Vec<ReadRule>> {
        scope(principal)?;
        // Not what is remembered: an operator looks for what they have just written.
        let rules = RuleSet::new(self.store.rules().await?);
        Ok(rules.rules().to_vec())
    }

    /// Adds a rule; it decides at once here, and within five seconds everywhere.
    pub async fn admin_add_rule(&self, by: &By, id: Option<&str>, new: &RuleChange) -> Result<ReadRule> {
        only_super(by)?;
        new.check()?;
        let name = new
            .name
            .as_deref()
            .ok_or_else(|| Error::invalid("name", "is required"))?;
        let id = match id {
            Some(id) => {
                limits::required("id", id, MAX_RULE_ID)?;
                if !id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                {
                    return Err(Error::invalid(
                        "id",
                        "must be letters, digits, -, _ and . of ASCII",
                    ));
                }
                id.to_owned()
            }
            None => id_of(name),
        };
        if id.is_empty() {
            return Err(Error::invalid(
                "id",
                "give one: the name has no letters to make it of",
            ));
        }
        for (field, scope) in [
            ("source_scope", &new.source_scope),
            ("target_scope", &new.target_scope),
        ] {
            if scope.is_none() {
                return Err(Error::invalid(field, "is required"));
            }
        }
        let blank = RuleRow {
            id: id.clone(),
            source_roles: "[]".into(),
            target_roles: "[]".into(),
            require_approval: "false".into(),
            priority: "0".into(),
            active: "true".into(),
            ..RuleRow::default()
        };
        let read = ReadRule::new(blank.clone());
        let rule = new.over(&blank, &read);
        let audit = by.did(self.clock.now(), "rule.create", ("rule", &id), None, told(&rule));
        if !self.store.add_rule(&rule, &audit).await? {
            return Err(Error::Conflict(format!("there is a rule {id} already")));
        }
        self.rules_changed().await;
        self.admin_rule(&id).await
    }

    /// Changes a rule.
    pub async fn admin_change_rule(&self, by: &By, id: &str, change: &RuleChange) -> Result<ReadRule> {
        only_super(by)?;
        let row = self.store.rule(id).await?.ok_or(Error::NotFound("rule"))?;
        change.check()?;
        let before = ReadRule::new(row.clone());
        let rule = change.over(&row, &before);
        let audit = by.did(self.clock.now(), "rule.update", ("rule", id), None, told(&rule));
        if !self.store.change_rule(&rule, &audit).await? {
            return Err(Error::NotFound("rule"));
        }
        self.rules_changed().await;
        self.admin_rule(id).await
    }

    /// Removes a rule.
    pub async fn admin_remove_rule(&self, by: &By, id: &str) -> Result<()> {
        only_super(by)?;
        let row = self.store.rule(id).await?.ok_or(Error::NotFound("rule"))?;
        let read = ReadRule::new(row.clone());
        let change = RuleChange::default();
        let told = told(&change.over(&row, &read));
        let audit = by.did(self.clock.now(), "rule.delete", ("rule", id), None, told);
        if !self.store.remove_rule(id, &audit).await? {
            return Err(Error::NotFound("rule"));
        }
        self.rules_changed().await;
        Ok(())
    }

    /// What the rules say to a message from one person to another. A tenant's admin may ask when one of the two is of the
    /// tenant; of others they may not know.
    pub async fn admin_test_rules(
        &self,
        principal: &Principal,
        from: &PersonId,
        to: &PersonId,
    ) -> Result<RuleTest> {
        let scope = scope(principal)?;
        let (from, to) = (self.tested(from).await?, self.tested(to).await?);
        if let Some(scope) = scope {
            let (one, other) = (self.party(&from).await?, self.party(&to).await?);
            if !one.is_of(scope) && !other.is_of(scope) {
                return Err(Error::NotFound("person"));
            }
        }
        let explained = self.explain(&from, &to).await?;
        Ok(RuleTest { from, to, explained })
    }

    async fn tested(&self, id: &PersonId) -> Result<Arc<Person>> {
        let person = self.remembered(id).await?;
        let person = person.filter(|person| person.source.signs_in());
        person.ok_or(Error::NotFound("person"))
    }

    async fn admin_rule(&self, id: &str) -> Result<ReadRule> {
        let row = self.store.rule(id).await?;
        Ok(ReadRule::new(row.ok_or(Error::NotFound("rule"))?))
    }

    async fn rules_changed(&self) {
        self.rules.invalidate(&()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_names() {
        assert_eq!(id_of("Cross-org managers"), "cross-org-managers");
        assert_eq!(id_of("  Meine Regel (2)! "), "meine-regel-2");
        assert_eq!(id_of("Für alle"), "f-r-alle");
        assert_eq!(id_of("!!"), "");
        assert!(id_of(&"x".repeat(500)).len() <= MAX_RULE_ID);
    }
}
