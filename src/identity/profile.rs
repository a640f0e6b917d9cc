//! What a token says of a person beside role and tenants: names, e-mail, picture (contract R14, R50).

use serde_json::{Map, Value};
use url::Url;

use crate::types::{PersonId, Source};

const MAX_NAME_CHARS: usize = 255;
/// RFC 5321's longest address.
const MAX_EMAIL_BYTES: usize = 254;
const MAX_URL_BYTES: usize = 1024;

/// A person's profile; what is missing was told nowhere, and cannot be derived.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Profile {
    pub display_name: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub email: Option<String>,
    pub avatar_url: Option<String>,
}

/// The profile in the claims of an issuer's token. Whoever has no name at all is called by their id.
pub(super) fn of(says: &Map<String, Value>, issuer: Source, person: &PersonId) -> Profile {
    let first_of = |names: [&str; 2]| {
        names
            .into_iter()
            .find_map(|name| clean(says.get(name)?.as_str()?))
    };
    let full = if issuer == Source::Clerk {
        "name"
    } else {
        "display_name"
    };
    let full = says.get(full).and_then(Value::as_str).and_then(clean);
    let given = first_of(["first_name", "given_name"]);
    let family = first_of(["last_name", "family_name"]);
    let display_name = full.or_else(|| match (&given, &family) {
        (Some(given), Some(family)) => clean(&format!("{given} {family}")),
        (one, other) => one.as_ref().or(other.as_ref()).cloned(),
    });
    let display_name = display_name.unwrap_or_else(|| person.to_string());
    let (first, rest) = split(&display_name);
    // Who told just one of the two has no other, rather than half of a name that does not fit it.
    let derived = given.is_none() && family.is_none();
    let or_derived = |told: Option<String>, part: &str| told.or_else(|| clean(part).filter(|_| derived));
    let text = |name: &str| says.get(name).and_then(Value::as_str);
    Profile {
        given_name: or_derived(given, first),
        family_name: or_derived(family, rest),
        email: text("email").and_then(email),
        avatar_url: ["image_url", "picture"]
            .into_iter()
            .find_map(|name| picture(text(name)?)),
        display_name,
    }
}

/// Somebody's first and last name (contract R14): as their token told them, else the first word of the name they are shown
/// by and the rest of it. A part they have not is empty.
pub fn names<'a>(
    display_name: &'a str,
    given_name: Option<&'a str>,
    family_name: Option<&'a str>,
) -> (&'a str, &'a str) {
    match (given_name, family_name) {
        (None, None) => {
            let (first, rest) = split(display_name);
            (first, rest.trim_start())
        }
        (given, family) => (given.unwrap_or_default(), family.unwrap_or_default()),
    }
}

/// The first word of a name, and the rest.
fn split(display_name: &str) -> (&str, &str) {
    display_name
        .split_once(char::is_whitespace)
        .unwrap_or((display_name, ""))
}

/// A name without control characters and spaces around it; `None` when nothing is left.
fn clean(name: &str) -> Option<String> {
    let printed: String = name.chars().filter(|c| !c.is_control()).collect();
    let short: String = printed.trim().chars().take(MAX_NAME_CHARS).collect();
    let short = short.trim_end();
    (!short.is_empty()).then(|| short.to_owned())
}

fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let (name, host) = text.rsplit_once('@')?;
    let plausible = !name.is_empty()
        && !host.is_empty()
        && text.len() <= MAX_EMAIL_BYTES
        && !text.contains(|c: char| c.is_control() || c.is_whitespace());
    plausible.then(|| text.to_owned())
}

/// Pages show it to others, so it may lead nowhere but to a picture over TLS.
fn picture(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plausible = url.scheme() == "https"
        && url.host_str().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= MAX_URL_BYTES;
    plausible.then(|| url.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn profile(says: &Value, issuer: Source) -> Profile {
        of(says.as_object().unwrap(), issuer, &PersonId::from("user_2x"))
    }

    fn names(says: &Value) -> [Option<String>; 3] {
        let found = profile(says, Source::Clerk);
        [Some(found.display_name), found.given_name, found.family_name]
    }

    #[test]
    fn r14_r50_names_are_told_or_derived() {
        let rows = [
            (json!({}), [Some("user_2x"), Some("user_2x"), None]),
            (json!({"name": "Max"}), [Some("Max"), Some("Max"), None]),
            (
                json!({"name": " Max von  Muster\n"}),
                [Some("Max von  Muster"), Some("Max"), Some("von  Muster")],
            ),
            (
                json!({"first_name": "Max", "last_name": "Muster"}),
                [Some("Max Muster"), Some("Max"), Some("Muster")],
            ),
            (
                json!({"given_name": "Max", "family_name": "Muster", "name": "Mäxchen"}),
                [Some("Mäxchen"), Some("Max"), Some("Muster")],
            ),
            (
                json!({"first_name": "Max", "name": "Max Muster"}),
                [Some("Max Muster"), Some("Max"), None],
            ),
            (
                json!({"last_name": "Muster"}),
                [Some("Muster"), None, Some("Muster")],
            ),
            (
                json!({"first_name": "", "given_name": "Max", "last_name": null}),
                [Some("Max"), Some("Max"), None],
            ),
            (
                json!({"name": 7, "first_name": ["x"], "display_name": "only in hub tokens"}),
                [Some("user_2x"), Some("user_2x"), None],
            ),
        ];
        for (says, expected) in rows {
            let expected = expected.map(|name| name.map(str::to_owned));
            assert_eq!(names(&says), expected, "{says}");
        }
        let hub = profile(&json!({"display_name": "Max Muster", "name": "x"}), Source::Hub);
        assert_eq!(hub.display_name, "Max Muster");
        assert_eq!(hub.given_name.as_deref(), Some("Max"));
        let long = names(&json!({"name": "ä".repeat(300)}));
        assert_eq!(long[0].as_ref().unwrap().chars().count(), 255);
    }

    #[test]
    fn r14_first_and_last_names_are_told_or_derived() {
        assert_eq!(
            super::names("Max von  Muster", None, None),
            ("Max", "von  Muster")
        );
        assert_eq!(super::names("Max  Muster", None, None), ("Max", "Muster"));
        assert_eq!(super::names("crm", None, None), ("crm", ""));
        assert_eq!(
            super::names("Mäxchen", Some("Max"), Some("Muster")),
            ("Max", "Muster")
        );
        assert_eq!(
            super::names("Anna Maria", Some("Anna Maria"), None),
            ("Anna Maria", "")
        );
    }

    #[test]
    fn r50_pictures_are_https_addresses_only() {
        let picture = |says: Value| profile(&says, Source::Clerk).avatar_url;
        let good = "https://img.clerk.example/max.png";
        assert_eq!(picture(json!({"image_url": good})).as_deref(), Some(good));
        assert_eq!(picture(json!({"picture": good})).as_deref(), Some(good));
        let both = json!({"image_url": "http://x.example/", "picture": good});
        assert_eq!(picture(both).as_deref(), Some(good));
        for bad in [
            json!("http://img.clerk.example/max.png"),
            json!("javascript:alert(1)"),
            json!("data:image/png;base64,AAAA"),
            json!("/max.png"),
            json!("https://"),
            json!("https://max:secret@img.example/"),
            json!(format!("https://img.example/{}", "x".repeat(1024))),
            json!(7),
            json!(null),
        ] {
            assert_eq!(picture(json!({"image_url": bad.clone()})), None, "{bad}");
        }
        let quoted = picture(json!({"image_url": "https://img.example/\"><script>"})).unwrap();
        assert!(!quoted.contains(['"', '<', '>']), "{quoted}");
    }

    #[test]
    fn r14_emails_are_plausible_or_none() {
        let email = |text: &str| profile(&json!({"email": text}), Source::Clerk).email;
        assert_eq!(email(" max@example.org ").as_deref(), Some("max@example.org"));
        for bad in [
            "",
            "max",
            "@example.org",
            "max@",
            "max @example.org",
            "max@exa\nmple.org",
        ] {
            assert_eq!(email(bad), None, "{bad:?}");
        }
        assert_eq!(email(&format!("{}@example.org", "x".repeat(254))), None);
    }
}
