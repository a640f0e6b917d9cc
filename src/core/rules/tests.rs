//! The rules as a pure function: contract B059 to B065, R38, R52.

use std::collections::BTreeSet;

use super::*;

fn row(id: &str, source: (&str, &str), target: (&str, &str), approval: bool, priority: i64) -> RuleRow {
    RuleRow {
        id: id.into(),
        name: format!("The rule {id}"),
        source_scope: source.0.into(),
        source_roles: source.1.into(),
        target_scope: target.0.into(),
        target_roles: target.1.into(),
        require_approval: approval.to_string(),
        priority: priority.to_string(),
        active: "true".into(),
    }
}

/// The standard rules, as the migration writes them.
fn standard() -> Vec<RuleRow> {
    vec![
        row("team-internal", ("tenant", "[]"), ("tenant", "[]"), false, 100),
        row(
            "support-channel",
            ("platform", "[]"),
            ("support", "[]"),
            false,
            90,
        ),
        row(
            "platform-announcements",
            ("platform", r#"["platform_admin"]"#),
            ("platform", "[]"),
            false,
            80,
        ),
        row(
            "cross-org-managers",
            ("platform", r#"["owner", "admin"]"#),
            ("platform", r#"["owner", "admin"]"#),
            true,
            50,
        ),
    ]
}

fn of(tenants: &[(&str, Roles)]) -> Party {
    Party {
        tenants: tenants
            .iter()
            .map(|(tenant, roles)| (TenantId::from(*tenant), roles.and(Roles::MEMBER)))
            .collect(),
        ..Party::default()
    }
}

fn member(tenant: &str) -> Party {
    of(&[(tenant, Roles::MEMBER)])
}

fn admin(tenant: &str) -> Party {
    of(&[(tenant, Roles::ADMIN)])
}

fn owner(tenant: &str) -> Party {
    of(&[(tenant, Roles::OWNER.and(Roles::ADMIN))])
}

fn support(tenant: &str) -> Party {
    Party {
        everywhere: Roles::SUPPORT,
        support: true,
        ..member(tenant)
    }
}

fn platform_admin(tenant: &str) -> Party {
    Party {
        everywhere: Roles::PLATFORM_ADMIN.and(Roles::ADMIN),
        ..admin(tenant)
    }
}

/// The rule that decides and whether it asks for approval.
fn decided<'a>(rules: &'a RuleSet, from: &Party, to: &Party) -> Option<(&'a str, bool)> {
    rules
        .decide(from, to)
        .map(|decision| (decision.rule, decision.require_approval))
}

#[test]
fn b059_b060_b061_b062_b065_the_standard_rules() {
    let rules = RuleSet::new(standard());
    let team = Some(("team-internal", false));
    let managers = Some(("cross-org-managers", true));
    let helped = Some(("support-channel", false));
    let announced = Some(("platform-announcements", false));
    let rows = [
        (member("1"), member("1"), team),
        (member("1"), owner("1"), team),
        (support("1"), member("1"), team),
        (member("1"), member("2"), None),
        (member("1"), admin("2"), None),
        (admin("1"), member("2"), None),
        (admin("1"), admin("2"), managers),
        (admin("1"), owner("2"), managers),
        (owner("1"), owner("2"), managers),
        (member("1"), support("2"), helped),
        (owner("1"), support("2"), helped),
        (support("2"), member("1"), None),
        (support("2"), support("1"), helped),
        (platform_admin("1"), member("2"), announced),
        (platform_admin("1"), admin("2"), announced),
        (platform_admin("1"), member("1"), team),
        (platform_admin("1"), support("2"), helped),
        (member("2"), platform_admin("1"), None),
        (admin("2"), platform_admin("1"), managers),
        (of(&[]), member("1"), None),
        (of(&[]), support("1"), helped),
    ];
    for (from, to, expected) in rows {
        assert_eq!(decided(&rules, &from, &to), expected, "{from:?} to {to:?}");
    }
}

#[test]
fn r15_roles_count_in_the_organisation_they_are_of() {
    let rules = RuleSet::new(vec![
        row(
            "bosses",
            ("tenant", r#"["owner"]"#),
            ("tenant", r#"["member"]"#),
            false,
            10,
        ),
        row(
            "mixed",
            ("platform", r#"["owner"]"#),
            ("tenant", r#"["admin"]"#),
            true,
            5,
        ),
    ]);
    // An owner elsewhere, a member here.
    let two = of(&[("1", Roles::MEMBER), ("2", Roles::OWNER)]);
    assert_eq!(decided(&rules, &two, &member("1")), None);
    assert_eq!(decided(&rules, &two, &member("2")), Some(("bosses", false)));
    // The platform side counts what they are anywhere, the tenant side what they are in a common one.
    assert_eq!(decided(&rules, &two, &admin("1")), Some(("mixed", true)));
    assert_eq!(
        decided(&rules, &two, &of(&[("1", Roles::MEMBER), ("3", Roles::ADMIN)])),
        None
    );
    // Any common organisation will do.
    let both = of(&[("1", Roles::MEMBER), ("2", Roles::MEMBER)]);
    assert_eq!(decided(&rules, &two, &both), Some(("bosses", false)));
    // What one is everywhere counts in each.
    let boss = Party {
        everywhere: Roles::OWNER,
        ..member("1")
    };
    assert_eq!(decided(&rules, &boss, &member("1")), Some(("bosses", false)));
}

#[test]
fn b064_the_highest_priority_decides_and_of_equal_ones_the_first_id() {
    let anybody = ("platform", "[]");
    let mut rows = standard();
    rows.push(row("z-strict", ("tenant", "[]"), ("tenant", "[]"), true, 101));
    let rules = RuleSet::new(rows);
    assert_eq!(
        decided(&rules, &member("1"), &member("1")),
        Some(("z-strict", true))
    );

    let tie = RuleSet::new(vec![
        row("b", anybody, anybody, false, 7),
        row("a", anybody, anybody, true, 7),
        row("c", anybody, anybody, false, -3),
    ]);
    assert_eq!(decided(&tie, &member("1"), &member("2")), Some(("a", true)));
    let order: Vec<_> = tie.rules().iter().map(|read| read.row.id.as_str()).collect();
    assert_eq!(order, ["a", "b", "c"]);
}

#[test]
fn b063_the_seeds_own_rule() {
    let mut rows = standard();
    rows.push(row(
        "custom-rule",
        ("platform", r#"["admin"]"#),
        ("platform", r#"["member"]"#),
        true,
        60,
    ));
    let rules = RuleSet::new(rows);
    assert_eq!(
        decided(&rules, &admin("1"), &member("2")),
        Some(("custom-rule", true))
    );
    // Everybody is a member, so it comes before the managers' rule.
    assert_eq!(
        decided(&rules, &admin("1"), &admin("2")),
        Some(("custom-rule", true))
    );
    assert_eq!(decided(&rules, &member("1"), &admin("2")), None);
}

#[test]
fn r52_the_support_scope_is_the_team_on_either_side() {
    let rules = RuleSet::new(vec![
        row("out", ("support", "[]"), ("platform", "[]"), false, 2),
        row(
            "in",
            ("platform", r#"["member"]"#),
            ("support", r#"["support"]"#),
            true,
            1,
        ),
    ]);
    assert_eq!(decided(&rules, &support("1"), &member("2")), Some(("out", false)));
    assert_eq!(decided(&rules, &member("2"), &support("1")), Some(("in", true)));
    assert_eq!(decided(&rules, &member("2"), &member("1")), None);
    let in_one = RuleSet::new(vec![row("near", ("tenant", "[]"), ("support", "[]"), false, 1)]);
    assert_eq!(
        decided(&in_one, &member("1"), &support("1")),
        Some(("near", false))
    );
    assert_eq!(decided(&in_one, &member("1"), &support("2")), None);
}

#[test]
fn rules_that_cannot_be_read_never_match_and_say_why() {
    let anybody = ("platform", "[]");
    let mut odd_flag = row("flag", anybody, anybody, false, 100);
    odd_flag.require_approval = "perhaps".into();
    let mut odd_priority = row("priority", anybody, anybody, false, 100);
    odd_priority.priority = "high".into();
    let mut odd_switch = row("switch", anybody, anybody, false, 100);
    odd_switch.active = "on?".into();
    let rows = vec![
        row("scope", ("galaxy", "[]"), anybody, false, 100),
        row("role", ("platform", r#"["emperor"]"#), anybody, false, 100),
        row("json", anybody, ("platform", "admin"), false, 100),
        row("numbers", anybody, ("platform", "[1]"), false, 100),
        row("object", anybody, ("platform", "{}"), false, 100),
        odd_flag,
        odd_priority,
        odd_switch,
        row("", anybody, anybody, false, 100),
    ];
    let expected = [
        "galaxy", "emperor", "admin", "[1]", "{}", "perhaps", "high", "on?", "no id",
    ];
    let wrong = RuleSet::new(rows.clone());
    assert_eq!(wrong.decide(&member("1"), &member("1")), None);
    for (row, part) in rows.iter().zip(expected) {
        let words = ReadRule::new(row.clone()).rule.unwrap_err();
        assert!(words.contains(part), "{words}");
    }
    // They do not stand in the way of the others.
    let with_good = rows.into_iter().chain(standard()).collect();
    let rules = RuleSet::new(with_good);
    assert_eq!(
        decided(&rules, &member("1"), &member("1")),
        Some(("team-internal", false))
    );
}

#[test]
fn a_rule_that_is_switched_off_is_passed_over() {
    let mut rows = standard();
    rows[0].active = "0".into();
    let rules = RuleSet::new(rows);
    assert_eq!(decided(&rules, &member("1"), &member("1")), None);
    let steps = rules.steps(&member("1"), &member("1"));
    assert_eq!(steps[0].why, Why::Off);
}

#[test]
fn b065_the_steps_say_why() {
    let rules = RuleSet::new(standard());
    let steps = rules.steps(&admin("1"), &member("2"));
    let told: Vec<_> = steps
        .iter()
        .map(|step| (step.rule.as_str(), step.why.code(), step.why.to_string()))
        .collect();
    let expected = [
        (
            "team-internal",
            "none_in_common",
            "they belong to no common organisation",
        ),
        (
            "support-channel",
            "receiver_not_in_support",
            "the receiver is not in the support team",
        ),
        (
            "platform-announcements",
            "sender_lacks_role",
            "the sender is not platform_admin",
        ),
        (
            "cross-org-managers",
            "receiver_lacks_role",
            "the receiver is not owner or admin",
        ),
    ];
    assert_eq!(
        told,
        expected.map(|(rule, code, words)| (rule, code, words.to_owned()))
    );
    assert!(!steps.iter().any(|step| step.why.matches()));
    assert_eq!(steps[3].why.roles().words(), ["owner", "admin"]);
    assert_eq!(steps[0].why.roles(), Roles::NONE);
    let matching = rules.steps(&admin("1"), &owner("2"));
    assert!(matching[3].why.matches());
    assert_eq!(matching[3].why, Why::Asks);
}

#[test]
fn b065_each_reason_has_a_code_and_words_of_its_own() {
    let lacks = |who, in_common| Why::Lacks {
        who,
        roles: Roles::OWNER,
        in_common,
    };
    let all = [
        Why::Allows,
        Why::Asks,
        Why::Off,
        Why::Unreadable("it has no id".into()),
        Why::NoneInCommon,
        Why::NotInSupport(Who::Sender),
        Why::NotInSupport(Who::Receiver),
        lacks(Who::Sender, false),
        lacks(Who::Receiver, false),
        lacks(Who::Sender, true),
        lacks(Who::Receiver, true),
    ];
    let codes: BTreeSet<_> = all.iter().map(Why::code).collect();
    let words: BTreeSet<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!((codes.len(), words.len()), (all.len(), all.len()));
    let read: Vec<_> = all.iter().filter_map(Why::wrong).collect();
    assert_eq!(read, ["it has no id"]);
}

#[test]
fn b057_a_block_comes_before_a_contact_and_a_contact_before_the_rules() {
    let (tie, blocks, blocked) = (
        Tie::default(),
        Tie {
            blocks: true,
            ..Tie::default()
        },
        Tie {
            blocked: true,
            ..Tie::default()
        },
    );
    let contact = Tie {
        contact: true,
        ..Tie::default()
    };
    let rules = RuleSet::new(standard());
    let team = rules.decide(&member("1"), &member("1"));
    assert!(Verdict::of(team, true, tie).allows());
    assert_eq!(Verdict::of(None, false, contact), Verdict::Contact);
    assert_eq!(
        Verdict::of(team, true, blocks),
        Verdict::Blocked { by_sender: true }
    );
    let both = Tie {
        contact: true,
        ..blocked
    };
    assert_eq!(
        Verdict::of(None, false, both),
        Verdict::Blocked { by_sender: false }
    );
    // Who is out of reach is not betrayed by their block.
    assert_eq!(
        Verdict::of(None, false, blocked),
        Verdict::Denied { known: false }
    );
    assert_eq!(
        Verdict::of(None, false, blocks),
        Verdict::Blocked { by_sender: true }
    );
    assert_eq!(
        Verdict::of(None, true, blocked),
        Verdict::Blocked { by_sender: false }
    );
    let managers = rules.decide(&admin("1"), &admin("2"));
    assert_eq!(
        Verdict::of(managers, false, tie),
        Verdict::NeedsApproval {
            rule: "cross-org-managers".into()
        }
    );
}
