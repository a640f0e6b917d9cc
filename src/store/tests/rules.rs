//! The table that operators write: contract B063, R38.

use super::super::rules::NewRule;
use super::*;
use crate::core::rules::RuleSet;

on_both!(
    b063_the_seeds_statement_works_and_what_is_missing_has_defaults,
    b063_odd_rows_do_not_hide_the_others,
    rules_are_written_with_their_record,
);

/// The statement of the seed, word by word.
const SEED: &str = r#"INSERT INTO "MessagingRule" (id, name, "sourceScope", "sourceRoles", "targetScope", "targetRoles", "requireApproval", priority)
VALUES ('custom-rule', 'Meine Regel', 'platform', '["admin"]', 'platform', '["member"]', true, 60);"#;

async fn run(fixture: &Fixture, sql: &'static str) -> Result<(), sqlx::Error> {
    on_write!(&fixture.store.db, pool => sqlx::query(sql).execute(pool).await.map(|_| ()))
}

async fn b063_the_seeds_statement_works_and_what_is_missing_has_defaults(fixture: Fixture) {
    run(&fixture, SEED).await.unwrap();
    run(
        &fixture,
        r#"INSERT INTO "MessagingRule" (id, name, "sourceScope", "targetScope") VALUES ('short', 'Kurz', 'tenant', 'support')"#,
    )
    .await
    .unwrap();
    let rules = RuleSet::new(fixture.store.rules().await.unwrap());
    let told: Vec<_> = rules
        .rules()
        .iter()
        .map(|read| {
            assert!(read.rule.is_ok(), "{read:?}");
            assert!(read.active);
            (read.row.id.as_str(), read.priority(), read.requires_approval())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("team-internal", 100, false),
            ("support-channel", 90, false),
            ("platform-announcements", 80, false),
            ("custom-rule", 60, true),
            ("cross-org-managers", 50, true),
            ("short", 0, false),
        ]
    );
    assert_eq!(rules.rules()[3].row.source_roles, r#"["admin"]"#);
}

async fn b063_odd_rows_do_not_hide_the_others(fixture: Fixture) {
    run(
        &fixture,
        r#"INSERT INTO "MessagingRule" (id, name, "sourceScope", "sourceRoles", "targetScope") VALUES ('odd', 'Odd', 'galaxy', 'admin', 'tenant')"#,
    )
    .await
    .unwrap();
    // An embedded database takes anything in any column; a server refuses it.
    let anything = run(
        &fixture,
        r#"INSERT INTO "MessagingRule" (id, name, "sourceScope", "targetScope", priority, "isActive") VALUES ('odder', 'Odder', 'tenant', 'tenant', 'high', 'perhaps')"#,
    )
    .await;
    let rules = RuleSet::new(fixture.store.rules().await.unwrap());
    let wrong: Vec<_> = rules
        .rules()
        .iter()
        .filter(|read| read.rule.is_err())
        .map(|read| read.row.id.as_str())
        .collect();
    let expected: &[&str] = if anything.is_ok() {
        &["odd", "odder"]
    } else {
        &["odd"]
    };
    assert_eq!(wrong, expected);
    assert_eq!(rules.rules().len(), 4 + expected.len());
}

async fn rules_are_written_with_their_record(fixture: Fixture) {
    let rule = NewRule {
        id: "mine",
        name: "Mine",
        source_scope: "platform",
        source_roles: r#"["owner"]"#.into(),
        target_scope: "support",
        target_roles: "[]".into(),
        require_approval: true,
        priority: -7,
        active: false,
    };
    let audit = |action| NewAudit {
        at: Timestamp(1),
        actor: "root".into(),
        actor_name: "Root".into(),
        action,
        target_type: "rule",
        target_id: "mine".into(),
        tenant: None,
        details: serde_json::json!({}),
        ip: String::new(),
    };
    let store = &fixture.store;
    assert!(store.add_rule(&rule, &audit("rule.create")).await.unwrap());
    assert!(!store.add_rule(&rule, &audit("rule.create")).await.unwrap());
    let renamed = NewRule {
        name: "Ours",
        active: true,
        ..rule.clone()
    };
    assert!(store.change_rule(&renamed, &audit("rule.update")).await.unwrap());
    let row = store.rule("mine").await.unwrap().unwrap();
    let read = crate::core::rules::ReadRule::new(row);
    assert_eq!(
        (read.row.name.as_str(), read.priority(), read.active),
        ("Ours", -7, true)
    );
    assert!(store.remove_rule("mine", &audit("rule.delete")).await.unwrap());
    assert!(!store.remove_rule("mine", &audit("rule.delete")).await.unwrap());
    assert!(!store.change_rule(&renamed, &audit("rule.update")).await.unwrap());
    let filter = AuditFilter {
        target: Some("mine".into()),
        ..AuditFilter::default()
    };
    let entries = store.audit(&filter, i64::MAX, 10).await.unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["rule.delete", "rule.update", "rule.create"]);
}
