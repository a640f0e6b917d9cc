//! Clerk's tokens: contract B010, B025, R4, R14, R15, R18, R49, R50.

use std::time::Duration;

use serde_json::json;

use super::super::testing::{Key, Says, Source};
use super::super::{
    Claims, EXPIRED, NOT_NAMED, NOT_VALID, PersonSpec, Purpose, RESERVED, Verifier, hub, local,
};
use super::*;
use crate::types::{Role, Source as From, TenantId};

const NOW: Timestamp = Timestamp(1_769_860_800_000);
const ISSUER: &str = "https://clerk.example";
const HUB: &str = "hub-secret";
const LOCAL: &str = "local-secret";

struct House {
    key: Key,
    source: Source,
    verifier: Verifier,
}

impl House {
    async fn new() -> Self {
        let key = Key::new("ins_1");
        let source = Source::new(Says::Keys(vec![key.jwk()])).await;
        let verifier = verifier(&[("CLERK_ISSUER", ISSUER), ("CLERK_JWKS_URL", &source.url)]);
        Self {
            key,
            source,
            verifier,
        }
    }

    async fn says(&self, changes: Value) -> Result<Claims> {
        self.verifier.verify(&self.key.token(&claims(changes)), NOW).await
    }
}

fn verifier(set: &[(&str, &str)]) -> Verifier {
    let get = |name: &str| match name {
        "HUB_SECRET_KEY" => Some(HUB.to_owned()),
        "SECRET_KEY" => Some(LOCAL.to_owned()),
        "DEFAULT_TENANT_ID" => Some("7".to_owned()),
        _ => set
            .iter()
            .find_map(|(key, value)| (*key == name).then(|| (*value).to_owned())),
    };
    Verifier::new(&Config::load(get).unwrap()).unwrap()
}

/// A session token like Clerk's, with changes; `null` takes a claim away.
fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER,
        "sub": "user_2X",
        "sid": "sess_1",
        "azp": "https://app.example",
        "iat": NOW.seconds(),
        "nbf": NOW.seconds() - 10,
        "exp": NOW.seconds() + 60,
    });
    let all = claims.as_object_mut().unwrap();
    let Value::Object(changes) = changes else {
        panic!("changes are an object");
    };
    for (name, value) in changes {
        if value.is_null() {
            all.remove(&name);
        } else {
            all.insert(name, value);
        }
    }
    claims
}

fn refusal(result: Result<Claims>) -> &'static str {
    match result {
        Err(Error::Unauthenticated(words)) => words,
        other => panic!("not refused: {other:?}"),
    }
}

fn list(organisations: &[(&str, OrgRole)]) -> Vec<Organisation> {
    let one = |(tenant, role): &(&str, OrgRole)| Organisation {
        tenant: TenantId::from(*tenant),
        role: *role,
    };
    organisations.iter().map(one).collect()
}

#[tokio::test]
async fn b010_r50_a_session_token_tells_who_somebody_is() {
    let house = House::new().await;
    let said = house
        .says(json!({
            "v": 2,
            "o": {"id": "org_a", "rol": "admin", "slg": "a"},
            "email": "max@example.org",
            "first_name": "Max",
            "last_name": "Muster",
            "image_url": "https://img.clerk.example/max.png",
            "metadata": {"role": "support"},
            "jti": "j1",
        }))
        .await
        .unwrap();
    let expected = Claims {
        person_id: "user_2X".into(),
        source: From::Clerk,
        tenant: "org_a".into(),
        organisations: list(&[("org_a", OrgRole::Owner)]),
        lists_all: false,
        acting: None,
        hub_role: Some("support".to_owned()),
        role: Role::User,
        super_admin: false,
        support: true,
        display_name: "Max Muster".to_owned(),
        given_name: Some("Max".to_owned()),
        family_name: Some("Muster".to_owned()),
        email: Some("max@example.org".to_owned()),
        avatar_url: Some("https://img.clerk.example/max.png".to_owned()),
        expires_at: NOW.plus(60_000),
        token_id: Some("j1".to_owned()),
        purpose: Purpose::Person,
    };
    assert_eq!(said, expected);
    // A second time out of memory.
    assert_eq!(house.source.asked(), 1);
    let bare = house.says(json!({})).await.unwrap();
    assert_eq!(
        (bare.tenant.as_str(), bare.display_name.as_str()),
        ("7", "user_2X")
    );
    assert_eq!(bare.belongs(), list(&[("7", OrgRole::Member)]));
}

/// Claims, the organisations they name, and whether they name them all.
type Row = (Value, &'static [(&'static str, OrgRole)], bool);

#[tokio::test]
async fn r50_organisations_in_both_versions_of_the_claims() {
    use OrgRole::{Member, Owner};
    let house = House::new().await;
    let rows: [Row; 13] = [
        (json!({}), &[], false),
        (json!({"org_id": "org_a"}), &[("org_a", Member)], false),
        (
            json!({"org_id": "org_a", "org_role": "org:admin"}),
            &[("org_a", Owner)],
            false,
        ),
        (
            json!({"org_id": "org_a", "org_role": "org:member"}),
            &[("org_a", Member)],
            false,
        ),
        (
            json!({"o": {"id": "org_a", "rol": "member"}}),
            &[("org_a", Member)],
            false,
        ),
        (
            json!({"o": {"id": "org_a", "rol": "org:admin"}}),
            &[("org_a", Owner)],
            false,
        ),
        (json!({"o": {}}), &[], false),
        (json!({"organizations": []}), &[], true),
        (
            json!({"organizations": ["org_b", "org_a", "org_b"]}),
            &[("org_b", Member), ("org_a", Member)],
            true,
        ),
        (
            json!({"org_id": "org_b", "orgs": {"org_a": "org:member", "org_b": "org:admin"}}),
            &[("org_b", Owner), ("org_a", Member)],
            true,
        ),
        (
            json!({"org_id": "org_b", "org_role": "org:admin", "organizations": ["org_a", "org_b"]}),
            &[("org_b", Owner), ("org_a", Member)],
            true,
        ),
        (json!({"orgs": {"org_a": null}}), &[("org_a", Member)], true),
        (
            json!({"org_id": "org_a", "tenant_id": "org_x"}),
            &[("org_a", Member)],
            false,
        ),
    ];
    for (changes, expected, lists_all) in rows {
        let said = house.says(changes.clone()).await.unwrap();
        assert_eq!(said.organisations, list(expected), "{changes}");
        assert_eq!(said.lists_all, lists_all, "{changes}");
        let home = expected.first().map_or("7", |(tenant, _)| tenant);
        assert_eq!(said.tenant.as_str(), home, "{changes}");
    }
    for wrong in [
        json!({"org_id": ""}),
        json!({"org_id": ["org_a"]}),
        json!({"org_id": "org\na"}),
        json!({"o": "org_a"}),
        json!({"organizations": "org_a"}),
        json!({"organizations": [{"id": "org_a"}]}),
        json!({"orgs": {"": "org:admin"}}),
    ] {
        assert_eq!(refusal(house.says(wrong.clone()).await), NOT_VALID, "{wrong}");
    }
}

#[tokio::test]
async fn r15_r49_roles_come_from_the_metadata() {
    let house = House::new().await;
    let rows = [
        (json!({}), None, Role::User),
        (json!({"metadata": {}}), None, Role::User),
        (json!({"metadata": {"role": "admin"}}), Some("admin"), Role::Admin),
        (
            json!({"metadata": {"role": "super_admin"}}),
            Some("super_admin"),
            Role::Admin,
        ),
        (
            json!({"metadata": {"role": "viewer"}}),
            Some("viewer"),
            Role::Viewer,
        ),
        (
            json!({"metadata": {"role": "therapist"}}),
            Some("therapist"),
            Role::User,
        ),
        (
            json!({"public_metadata": {"role": "admin"}}),
            Some("admin"),
            Role::Admin,
        ),
        (
            json!({"metadata": {"role": "user"}, "public_metadata": {"role": "admin"}}),
            Some("user"),
            Role::User,
        ),
        (
            json!({"metadata": "admin", "public_metadata": {"role": 7}}),
            None,
            Role::User,
        ),
        // Neither the hub's claim nor the role in an organisation makes anybody an admin here.
        (json!({"role": "super_admin"}), None, Role::User),
        (
            json!({"org_id": "org_a", "org_role": "org:admin"}),
            None,
            Role::User,
        ),
    ];
    for (changes, word, role) in rows {
        let said = house.says(changes.clone()).await.unwrap();
        assert_eq!((said.hub_role.as_deref(), said.role), (word, role), "{changes}");
        assert_eq!(said.super_admin, word == Some("super_admin"), "{changes}");
    }
}

#[tokio::test]
async fn r4_algorithm_and_issuer_belong_together() {
    let house = House::new().await;
    let (key, stranger) = (&house.key, Key::new("ins_1"));
    let header = |changes: Value| {
        let mut header = json!({"alg": "RS256", "typ": "JWT", "kid": "ins_1"});
        for (name, value) in changes.as_object().unwrap() {
            header[name] = value.clone();
        }
        header
    };
    let good = claims(json!({}));
    let hubs = claims(json!({"iss": hub::ISSUER}));
    let locals = claims(json!({"iss": local::ISSUER, "purpose": "stream", "source": "clerk"}));
    let public = key.jwk()["n"].as_str().unwrap().to_owned();
    let unsigned = |alg: &str| {
        let token = key.signed(&header(json!({"alg": alg})), &good);
        format!("{}.", token.rsplit_once('.').unwrap().0)
    };
    let rows = [
        ("another's key of the same name", stranger.token(&good)),
        ("HS256, the hub's secret", local::encode(HUB, &good)),
        ("HS256, our secret", local::encode(LOCAL, &good)),
        ("HS256, the public key as secret", local::encode(&public, &good)),
        (
            "says HS256, signed RS256",
            key.signed(&header(json!({"alg": "HS256"})), &good),
        ),
        ("says RS512", key.signed(&header(json!({"alg": "RS512"})), &good)),
        (
            "says none, signed",
            key.signed(&header(json!({"alg": "none"})), &good),
        ),
        ("none", unsigned("none")),
        ("no signature", unsigned("RS256")),
        ("the hub's issuer", key.token(&hubs)),
        ("our issuer", key.token(&locals)),
        (
            "another issuer",
            key.token(&claims(json!({"iss": "https://clerk.example/"}))),
        ),
        ("no issuer", key.token(&claims(json!({"iss": null})))),
        (
            "an unknown key",
            key.signed(&header(json!({"kid": "ins_2"})), &good),
        ),
        (
            "no key named",
            key.signed(&json!({"alg": "RS256", "typ": "JWT"}), &good),
        ),
        (
            "an OAuth access token",
            key.signed(&header(json!({"typ": "at+jwt"})), &good),
        ),
        (
            "an unknown extension",
            key.signed(&header(json!({"crit": ["x"], "x": 1})), &good),
        ),
        ("no sub", key.token(&claims(json!({"sub": null})))),
        ("no exp", key.token(&claims(json!({"exp": null})))),
        ("not yet", key.token(&claims(json!({"nbf": NOW.seconds() + 31})))),
    ];
    house.verifier.verify(&key.token(&good), NOW).await.unwrap();
    for (why, token) in rows {
        assert_eq!(
            refusal(house.verifier.verify(&token, NOW).await),
            NOT_VALID,
            "{why}"
        );
    }
    let token = key.token(&good);
    house.verifier.verify(&token, NOW.plus(89_999)).await.unwrap();
    assert_eq!(
        refusal(house.verifier.verify(&token, NOW.plus(90_000)).await),
        EXPIRED
    );
    assert_eq!(
        refusal(house.says(json!({"exp": NOW.seconds() - 30})).await),
        EXPIRED
    );
    assert_eq!(refusal(house.says(json!({"sts": "pending"})).await), PENDING);
    house.says(json!({"sts": "active"})).await.unwrap();
    for reserved in ["messenger", "app_crm", "clerk_user_2x"] {
        assert_eq!(
            refusal(house.says(json!({"sub": reserved})).await),
            RESERVED,
            "{reserved}"
        );
    }
    let off = verifier(&[]);
    assert_eq!(refusal(off.verify(&key.token(&good), NOW).await), NOT_VALID);
    assert_eq!(off.check_keys(NOW).await, None);
}

#[tokio::test]
async fn r4_other_tokens_count_whether_the_keys_can_be_had_or_not() {
    let house = House::new().await;
    house.source.say(Says::Status(http::StatusCode::BAD_GATEWAY));
    let tenant = TenantId::from("3");
    let person = PersonSpec {
        sub: "max",
        role: "user",
        tenant: Some(&tenant),
        display_name: None,
        lifetime: Duration::from_mins(1),
    };
    house
        .verifier
        .verify(&hub::sign(HUB, &person, NOW), NOW)
        .await
        .unwrap();
    assert!(matches!(house.says(json!({})).await, Err(Error::Unavailable(_))));
    assert!(house.verifier.check_keys(NOW).await.unwrap().is_err());
}

#[tokio::test]
async fn b025_r18_one_acts_in_an_organisation_the_token_names() {
    let house = House::new().await;
    let said = house
        .says(json!({"org_id": "org_b", "organizations": ["org_a", "org_b", "12"]}))
        .await
        .unwrap();
    let acts = |named: Option<&str>| said.act_in(named).map(|tenant| tenant.to_string());
    assert_eq!(acts(None).unwrap(), "org_b");
    for named in ["org_a", "org_b", "12"] {
        assert_eq!(acts(Some(named)).unwrap(), named);
    }
    for foreign in ["", "org_c", "7", "ORG_A", "org_a ", "org_a,org_b"] {
        assert!(
            matches!(acts(Some(foreign)), Err(Error::Forbidden(NOT_NAMED))),
            "{foreign:?}"
        );
    }
    let bare = house.says(json!({})).await.unwrap();
    assert_eq!(bare.act_in(Some("7")).unwrap().as_str(), "7");
    bare.act_in(Some("org_a")).unwrap_err();
}

#[tokio::test]
async fn r23_a_ticket_keeps_where_its_person_acts() {
    let house = House::new().await;
    let mut said = house
        .says(json!({
            "o": {"id": "org_b", "rol": "admin"},
            "organizations": {"org_a": "org:member", "org_b": "org:admin", "org_c": "org:member"},
            "last_name": "Muster",
            "email": "max@example.org",
            "picture": "https://img.example/1",
        }))
        .await
        .unwrap();
    said.acting = Some("org_a".into());
    let (ticket, _) = local::sign_ticket(LOCAL, &said, NOW);
    let back = house.verifier.verify(&ticket, NOW).await.unwrap();
    assert_eq!(back.act_in(None).unwrap().as_str(), "org_a");
    assert_eq!(back.act_in(Some("org_b")).unwrap().as_str(), "org_b");
    back.act_in(Some("org_c")).unwrap_err();
    assert!(back.token_id.is_some());
    let expected = Claims {
        organisations: list(&[("org_b", OrgRole::Owner), ("org_a", OrgRole::Member)]),
        lists_all: false,
        purpose: Purpose::StreamTicket,
        token_id: back.token_id.clone(),
        ..said
    };
    assert_eq!(back, expected);

    let bare = house.says(json!({})).await.unwrap();
    let (ticket, _) = local::sign_login(LOCAL, &bare, NOW);
    let back = house.verifier.verify(&ticket, NOW).await.unwrap();
    let expected = Claims {
        purpose: Purpose::ClientLogin,
        token_id: back.token_id.clone(),
        ..bare
    };
    assert_eq!(
        back, expected,
        "a Clerk person without a role is a user in tickets, too"
    );
}
