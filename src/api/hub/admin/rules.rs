//! The rules of who may write to whom, and what they say to a case (contract R38, R52).

use axum::extract::State;
use axum::response::IntoResponse as _;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::super::AppState;
use super::super::super::error::Answer;
use super::super::super::extract::{self, Acting, Admin, Json, Path, Query, person_id};
use super::super::{Page, json, page};
use crate::core::admin::{RuleChange, RuleTest};
use crate::core::rules::{Party, ReadRule, Step, Verdict};
use crate::error::{Error, Result};
use crate::store::Person;
use crate::types::TenantId;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_rules, create_rule))
        .routes(routes!(update_rule, delete_rule))
        .routes(routes!(test_rules))
}

/// A rule of who may write to whom.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "cross-org-managers",
    "name": "Cross-org managers",
    "source_scope": "platform",
    "source_roles": ["owner", "admin"],
    "target_scope": "platform",
    "target_roles": ["owner", "admin"],
    "require_approval": true,
    "priority": 50,
    "active": true,
    "invalid": null,
}))]
struct MessagingRule {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Who writes: `tenant` (both belong to one), `platform` (anybody), `support` (the support team). A word that is none of
    /// these stands here as it is in the table.
    source_scope: String,
    /// With one of these roles: `owner`, `admin`, `member`, `support`, `platform_admin`; with none, anybody. Roles count in
    /// the tenant that both belong to when the scope is `tenant`, else anywhere.
    source_roles: Vec<String>,
    /// To whom: as `source_scope`.
    target_scope: String,
    /// As `source_roles`.
    target_roles: Vec<String>,
    /// Whether a contact request has to be accepted first.
    require_approval: bool,
    /// The highest decides; of equal ones the first id.
    priority: Option<i64>,
    /// Whether it is switched on.
    active: bool,
    /// Why it cannot be read and never matches; null when it can.
    invalid: Option<String>,
}

impl From<&ReadRule> for MessagingRule {
    fn from(read: &ReadRule) -> Self {
        let row = &read.row;
        let roles = |text: &str| serde_json::from_str(text).unwrap_or_default();
        Self {
            id: row.id.clone(),
            name: row.name.clone(),
            source_scope: row.source_scope.clone(),
            source_roles: roles(&row.source_roles),
            target_scope: row.target_scope.clone(),
            target_roles: roles(&row.target_roles),
            require_approval: read.requires_approval(),
            priority: row.priority.parse().ok(),
            active: read.active,
            invalid: read.rule.as_ref().err().cloned(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListRules {
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// The rules, in the order in which they decide; also those that operators wrote into the table `"MessagingRule"`.
#[utoipa::path(
    get, path = "/admin/rules", tag = "admin", params(ListRules),
    responses((status = 200, description = "The rules", body = inline(Page<MessagingRule>))),
)]
async fn list_rules(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Query(query): Query<ListRules>,
) -> Answer {
    let limit = extract::limit(query.limit, 50, 200)?;
    let rules = app.core.admin_rules(&principal).await?;
    // There are few, and the order is not one that the database knows: the cursor is a rule's id.
    let start = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        None => 0,
        Some(cursor) => {
            let at = rules.iter().position(|read| read.row.id == cursor);
            1 + at.ok_or_else(|| Error::invalid("cursor", "must be a next_cursor of this list"))?
        }
    };
    let rest = rules.iter().skip(start).map(MessagingRule::from);
    let mut items: Vec<_> = rest.collect();
    let next_cursor = page(&mut items, limit, |rule| rule.id.clone());
    Ok(json(StatusCode::OK, &Page { items, next_cursor })?)
}

/// What a rule says. Of a change, what is not given stays.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "name": "Admins write to members",
    "source_scope": "platform",
    "source_roles": ["admin"],
    "target_scope": "platform",
    "target_roles": ["member"],
    "require_approval": true,
    "priority": 60,
}))]
struct RuleInput {
    /// Of a new rule: its id, up to 64 letters, digits, `-`, `_` and `.`; made of the name when it is left out.
    id: Option<String>,
    /// Its name, up to 128 characters; a new rule needs one.
    name: Option<String>,
    /// `tenant`, `platform` or `support`; a new rule needs one.
    source_scope: Option<String>,
    /// `owner`, `admin`, `member`, `support`, `platform_admin`; none, the default, is anybody.
    source_roles: Option<Vec<String>>,
    /// As `source_scope`.
    target_scope: Option<String>,
    /// As `source_roles`.
    target_roles: Option<Vec<String>>,
    /// Whether a contact request has to be accepted first; by default not.
    require_approval: Option<bool>,
    /// The highest decides; by default 0.
    priority: Option<i64>,
    /// Whether it is switched on; by default it is.
    active: Option<bool>,
}

impl RuleInput {
    fn split(self) -> (Option<String>, RuleChange) {
        let change = RuleChange {
            name: self.name,
            source_scope: self.source_scope,
            source_roles: self.source_roles,
            target_scope: self.target_scope,
            target_roles: self.target_roles,
            require_approval: self.require_approval,
            priority: self.priority,
            active: self.active,
        };
        (self.id, change)
    }
}

/// Adds a rule; super admins only. It decides within five seconds.
#[utoipa::path(
    post, path = "/admin/rules", tag = "admin",
    responses(
        (status = 201, description = "The rule", body = MessagingRule),
        (status = 409, description = "There is a rule of this id", body = super::super::super::error::ErrorBody),
    ),
)]
async fn create_rule(
    State(app): State<AppState>,
    Acting(by): Acting,
    Json(input): Json<RuleInput>,
) -> Answer {
    let (id, new) = input.split();
    let made = app.core.admin_add_rule(&by, id.as_deref(), &new).await?;
    Ok(json(StatusCode::CREATED, &MessagingRule::from(&made))?)
}

/// Changes a rule; super admins only. An `id` in the body is passed over.
#[utoipa::path(
    patch, path = "/admin/rules/{id}", tag = "admin",
    responses((status = 200, description = "The rule", body = MessagingRule)),
)]
async fn update_rule(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path(id): Path<String>,
    Json(input): Json<RuleInput>,
) -> Answer {
    let (_, change) = input.split();
    let changed = app.core.admin_change_rule(&by, &id, &change).await?;
    Ok(json(StatusCode::OK, &MessagingRule::from(&changed))?)
}

/// Removes a rule; super admins only.
#[utoipa::path(
    delete, path = "/admin/rules/{id}", tag = "admin",
    responses((status = 204, description = "It is gone")),
)]
async fn delete_rule(State(app): State<AppState>, Acting(by): Acting, Path(id): Path<String>) -> Answer {
    app.core.admin_remove_rule(&by, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Two people.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"from": "mueller", "to": "schmidt"}))]
struct TestInput {
    /// Who wants to write.
    from: String,
    /// To whom.
    to: String,
}

/// What the rules say to a message from one person to another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "verdict": "needs_approval",
    "rule": "cross-org-managers",
    "reason": "Contact request required",
    "reason_code": "approval_required",
    "from": {"hub_user_id": "mueller", "display_name": "Max Mueller", "roles": ["admin", "member"], "tenants": [1]},
    "to": {"hub_user_id": "schmidt", "display_name": "Anna Schmidt", "roles": ["owner", "admin", "member"], "tenants": [2]},
    "steps": [
        {"rule": "team-internal", "name": "Team-internal", "priority": 100, "matches": false,
         "why": "they belong to no common organisation", "why_code": "none_in_common", "why_roles": [], "invalid": null},
        {"rule": "cross-org-managers", "name": "Cross-org managers", "priority": 50, "matches": true,
         "why": "it is about them and asks for an accepted contact request", "why_code": "asks", "why_roles": [],
         "invalid": null},
    ],
}))]
struct RuleTestAnswer {
    /// `allowed`, `contact` (an accepted request, whatever the rules say), `needs_approval`, `denied` or `blocked`.
    verdict: &'static str,
    /// The first rule that matches; null when none does.
    rule: Option<String>,
    /// The verdict in words, in English, for the one who wants to write.
    reason: &'static str,
    /// The same as a stable word: `allowed`, `contact`, `approval_required`, `denied`, `blocked_by_you` (who wants to write has
    /// blocked the other) or `blocked` (the other way round).
    reason_code: &'static str,
    /// Who wants to write.
    from: RuleParty,
    /// To whom.
    to: RuleParty,
    /// What each rule says, in the order in which they decide: the first that matches does.
    steps: Vec<RuleStep>,
}

/// A person as the rules see them.
#[derive(Debug, Serialize, ToSchema)]
struct RuleParty {
    /// The person's id.
    hub_user_id: String,
    /// Shown name.
    display_name: String,
    /// What they are anywhere.
    roles: Vec<&'static str>,
    /// The tenants they belong to: integers, or strings where they are none.
    #[schema(value_type = Vec<i64>)]
    tenants: Vec<Value>,
}

impl RuleParty {
    fn new(person: &Person, party: &Party) -> Self {
        Self {
            hub_user_id: person.person_id.to_string(),
            display_name: person.display_name.clone(),
            roles: party.anywhere().words(),
            tenants: party
                .tenants
                .iter()
                .map(|(tenant, _)| TenantId::to_json(tenant))
                .collect(),
        }
    }
}

/// What one rule says.
#[derive(Debug, Serialize, ToSchema)]
struct RuleStep {
    /// The rule.
    rule: String,
    /// Its name.
    name: String,
    /// Its priority.
    priority: i64,
    /// Whether it is about the two.
    matches: bool,
    /// Why, in English.
    why: String,
    /// The same as a stable word: `allows`, `asks` (for an accepted contact request), `off`, `unreadable`, `none_in_common` (no
    /// organisation), `sender_not_in_support`, `receiver_not_in_support`, `sender_lacks_role`, `receiver_lacks_role`, and
    /// `sender_lacks_role_in_common`, `receiver_lacks_role_in_common` where only an organisation of both counts.
    why_code: &'static str,
    /// The roles of which the sender or the receiver has none.
    why_roles: Vec<&'static str>,
    /// What is wrong with a rule that is `unreadable`, in English; else null.
    invalid: Option<String>,
}

impl From<Step> for RuleStep {
    fn from(step: Step) -> Self {
        Self {
            rule: step.rule,
            name: step.name,
            priority: step.priority,
            matches: step.why.matches(),
            why: step.why.to_string(),
            why_code: step.why.code(),
            why_roles: step.why.roles().words(),
            invalid: step.why.wrong().map(str::to_owned),
        }
    }
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed { .. } => "allowed",
        Verdict::Contact => "contact",
        Verdict::NeedsApproval { .. } => "needs_approval",
        Verdict::Denied { .. } => "denied",
        Verdict::Blocked { .. } => "blocked",
    }
}

impl From<RuleTest> for RuleTestAnswer {
    fn from(test: RuleTest) -> Self {
        let explained = test.explained;
        Self {
            verdict: word(&explained.verdict),
            rule: explained.rule,
            reason: explained.verdict.reason(),
            reason_code: explained.verdict.code(),
            from: RuleParty::new(&test.from, &explained.from),
            to: RuleParty::new(&test.to, &explained.to),
            steps: explained.steps.into_iter().map(Into::into).collect(),
        }
    }
}

/// A person's id in the body.
fn tested(field: &str, text: &str) -> Result<crate::types::PersonId> {
    if text.trim().is_empty() {
        return Err(Error::invalid(field, "must not be empty"));
    }
    person_id(text)
}

/// What the rules say to a message from one person to another, and why. A tenant's admin may ask when one of the two is of the
/// tenant.
#[utoipa::path(
    post, path = "/admin/rules/test", tag = "admin",
    responses(
        (status = 200, description = "The verdict, and how it came about", body = RuleTestAnswer),
        (status = 404, description = "No such person, or both of other tenants", body = super::super::super::error::ErrorBody),
    ),
)]
async fn test_rules(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Json(input): Json<TestInput>,
) -> Answer {
    let (from, to) = (tested("from", &input.from)?, tested("to", &input.to)?);
    let test = app.core.admin_test_rules(&principal, &from, &to).await?;
    Ok(json(StatusCode::OK, &RuleTestAnswer::from(test))?)
}
