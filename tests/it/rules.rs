//! Who may write to whom, by rules that operators write: contract B004, B059 to B065, R38, R52.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::stack::Stack;
use crate::support::{Hub, Person, database, eventually, list, text};

const RULES: &str = "/api/v1/admin/rules";

/// The statement of the seed, word by word.
const SEED: &str = r#"INSERT INTO "MessagingRule" (id, name, "sourceScope", "sourceRoles", "targetScope", "targetRoles", "requireApproval", priority)
VALUES ('custom-rule', 'Meine Regel', 'platform', '["admin"]', 'platform', '["member"]', true, 60);"#;

async fn can(hub: &Hub, from: &Person, to: &Person) -> String {
    let path = format!("/api/v1/contacts/can-message/{}", to.id);
    text(&hub.get(&path).by(from).expect(200).await, "code")
}

#[tokio::test]
async fn b059_b060_b061_b065_the_standard_rules() {
    let hub = Hub::shared().await;
    let other = hub.neighbour();
    let (boss, max) = (hub.person_as("boss", "admin").await, hub.person("max").await);
    let (chief, eve) = (other.person_as("chief", "admin").await, other.person("eve").await);
    let helper = other.person_as("helper", "support").await;
    let root = hub.person_as("root", "super_admin").await;
    for (from, to, expected) in [
        (&max, &boss, "allowed"),
        (&boss, &max, "allowed"),
        (&boss, &chief, "approval_required"),
        (&chief, &boss, "approval_required"),
        (&boss, &eve, "denied"),
        (&max, &chief, "denied"),
        (&max, &eve, "denied"),
        (&max, &helper, "allowed"),
        (&helper, &max, "denied"),
        (&helper, &eve, "allowed"),
        (&root, &eve, "allowed"),
        (&eve, &root, "denied"),
        (&chief, &root, "approval_required"),
        (&max, &max, "self"),
    ] {
        assert_eq!(can(&hub, from, to).await, expected, "{} to {}", from.id, to.id);
    }
    let vera = hub.person_as("vera", "viewer").await;
    assert_eq!(can(&hub, &vera, &max).await, "viewer");
    // What one may begin, the other may answer (contract B061).
    let open = format!("/api/v1/rooms/dm/{}", helper.id);
    let dm = text(&hub.post(&open, &json!({})).by(&max).expect(201).await, "room_id");
    hub.say(&max, &dm, "Hilfe").await;
    other.say(&helper, &dm, "Gern").await;
    let back = format!("/api/v1/rooms/dm/{}", max.id);
    let again = other.post(&back, &json!({})).by(&helper).expect(200).await;
    assert_eq!(text(&again, "room_id"), dm);
    other
        .post(&format!("/api/v1/rooms/dm/{}", boss.id), &json!({}))
        .by(&helper)
        .refused(404)
        .await;
}

#[tokio::test]
async fn b063_the_seeds_statement_takes_effect_within_five_seconds() {
    let stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let other = hub.neighbour();
    let (boss, eve) = (hub.person_as("boss", "admin").await, other.person("eve").await);
    assert_eq!(can(&hub, &boss, &eve).await, "denied");
    database::execute(&stack.database_url, SEED).await;
    let written = Instant::now();
    eventually("the rule decides", async || {
        (can(&hub, &boss, &eve).await == "approval_required").then_some(())
    })
    .await;
    assert!(
        written.elapsed() < Duration::from_secs(6),
        "{:?}",
        written.elapsed()
    );
    let ask = json!({"toUserId": eve.id});
    let asked = hub
        .post("/api/v1/contacts/requests", &ask)
        .by(&boss)
        .expect(201)
        .await;
    assert_eq!(asked["contactRequest"]["ruleId"], "custom-rule");
    // An admin sees it, and a row that is none.
    database::execute(
        &stack.database_url,
        r#"INSERT INTO "MessagingRule" (id, name, "sourceScope", "targetScope", priority) VALUES ('odd', 'Odd', 'galaxy', 'platform', 1000)"#,
    )
    .await;
    let rules = hub.get(RULES).by(&boss).expect(200).await;
    let rules = list(&rules["items"]);
    let find = |id: &str| {
        rules
            .iter()
            .find(|rule| rule["id"] == id)
            .expect("a rule")
            .clone()
    };
    assert_eq!(
        find("custom-rule"),
        json!({
            "id": "custom-rule", "name": "Meine Regel", "source_scope": "platform", "source_roles": ["admin"],
            "target_scope": "platform", "target_roles": ["member"], "require_approval": true, "priority": 60,
            "active": true, "invalid": null,
        })
    );
    assert!(text(&find("odd"), "invalid").contains("galaxy"));
    // Switched off by hand as well.
    database::execute(
        &stack.database_url,
        r#"UPDATE "MessagingRule" SET "isActive" = FALSE WHERE id = 'custom-rule'"#,
    )
    .await;
    eventually("the rule decides no more", async || {
        (can(&hub, &boss, &eve).await == "denied").then_some(())
    })
    .await;
    database::execute(
        &stack.database_url,
        r#"DELETE FROM "MessagingRule" WHERE id IN ('custom-rule', 'odd')"#,
    )
    .await;
}

#[tokio::test]
async fn b064_super_admins_change_rules_and_admins_try_them() {
    let stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let other = hub.neighbour();
    let (boss, max) = (hub.person_as("boss", "admin").await, hub.person("max").await);
    let eve = other.person("eve").await;
    let root = hub.person_as("root", "super_admin").await;
    let tried = async |by: &Person, from: &Person, to: &Person| {
        let body = json!({"from": from.id, "to": to.id});
        hub.post(&format!("{RULES}/test"), &body).by(by).expect(200).await
    };
    let answer = tried(&boss, &max, &eve).await;
    assert_eq!(
        (&answer["verdict"], &answer["rule"]),
        (&json!("denied"), &Value::Null)
    );
    assert_eq!(answer["from"]["tenants"], json!([hub.tenant]));
    assert_eq!(answer["from"]["roles"], json!(["member"]));
    let steps = list(&answer["steps"]);
    assert_eq!(steps[0]["rule"], "team-internal");
    assert_eq!(steps[0]["why"], "they belong to no common organisation");
    assert_eq!(
        (
            &steps[0]["why_code"],
            &steps[0]["why_roles"],
            &steps[0]["invalid"]
        ),
        (&json!("none_in_common"), &json!([]), &Value::Null)
    );

    let new = json!({
        "name": "Alle mit allen", "source_scope": "platform", "target_scope": "platform", "priority": 55,
    });
    hub.post(RULES, &new).by(&boss).refused(403).await;
    hub.post(RULES, &new).by(&max).refused(403).await;
    let made = hub.post(RULES, &new).by(&root).expect(201).await;
    assert_eq!(
        (&made["id"], &made["source_roles"]),
        (&json!("alle-mit-allen"), &json!([]))
    );
    hub.post(RULES, &new).by(&root).refused(409).await;
    let answer = tried(&boss, &max, &eve).await;
    assert_eq!(
        (&answer["verdict"], &answer["rule"]),
        (&json!("allowed"), &json!("alle-mit-allen"))
    );
    assert_eq!(can(&hub, &max, &eve).await, "allowed");

    let path = format!("{RULES}/alle-mit-allen");
    let stricter = json!({"require_approval": true, "target_roles": ["member"]});
    let changed = hub.patch(&path, &stricter).by(&root).expect(200).await;
    assert_eq!(
        (&changed["priority"], &changed["require_approval"]),
        (&json!(55), &json!(true))
    );
    assert_eq!(tried(&root, &max, &eve).await["verdict"], "needs_approval");
    for (field, value) in [
        ("source_scope", json!("galaxy")),
        ("target_roles", json!(["emperor"])),
        ("name", json!(" ")),
        ("priority", json!("high")),
    ] {
        let wrong = hub
            .patch(&path, &json!({field: value}))
            .by(&root)
            .refused(422)
            .await;
        assert!(text(&wrong["details"], "field").starts_with(field), "{wrong}");
    }
    let unnamed = json!({"source_scope": "tenant", "target_scope": "tenant"});
    hub.post(RULES, &unnamed).by(&root).refused(422).await;
    hub.delete(&path).by(&boss).refused(403).await;
    hub.delete(&path).by(&root).expect(204).await;
    hub.delete(&path).by(&root).refused(404).await;
    hub.patch(&path, &json!({})).by(&root).refused(404).await;
    assert_eq!(can(&hub, &max, &eve).await, "denied");
    // Each change left its record, which super admins see.
    let audit = hub
        .get("/api/v1/admin/audit?target=alle-mit-allen")
        .by(&root)
        .expect(200)
        .await;
    let actions: Vec<_> = list(&audit["items"])
        .iter()
        .map(|entry| text(entry, "action"))
        .collect();
    assert_eq!(actions[..3], ["rule.delete", "rule.update", "rule.create"]);
    // A tenant's admin tries what concerns the tenant.
    let fritz = other.person("fritz").await;
    let foreign = json!({"from": eve.id, "to": fritz.id});
    hub.post(&format!("{RULES}/test"), &foreign)
        .by(&boss)
        .refused(404)
        .await;
    hub.post(&format!("{RULES}/test"), &foreign)
        .by(&root)
        .expect(200)
        .await;
    let nobody = json!({"from": max.id, "to": "nobody"});
    hub.post(&format!("{RULES}/test"), &nobody)
        .by(&boss)
        .refused(404)
        .await;
}
