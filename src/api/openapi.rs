//! The machine-readable description of the API (contract A098): what the handlers say of themselves, completed from the table of routes.

use std::borrow::Cow;

use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, SecurityRequirement};
use utoipa::{OpenApi, PartialSchema, ToSchema};

use super::error::ErrorBody;
use super::hub::wire::Event;
use super::routes::{ROUTES, Right, Route};
use crate::types::{
    DeliveryStatus, Membership, NotificationStatus, Presence, Priority, Role, RoomKind, TargetType,
};

/// The parts of the document that belong to no single handler.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Messenger service",
        description = "A hub's own messenger on Matrix: rooms, messages, live events and notifications.\n\n\
            Ids of rooms and messages are Matrix ids, opaque, accepted raw and percent-encoded in paths. Times end in `Z` \
            and have milliseconds, except `timestamp` and a notification's `created_at`, which are UTC without a zone. \
            In JSON bodies null means absent and unknown fields are ignored. What one may not see does not exist: 404. \
            A list with more to come names where it goes on in the header `X-Next-Cursor`.",
        license(name = "proprietary", identifier = "LicenseRef-Proprietary"),
    ),
    components(schemas(ErrorBody, Event)),
    tags(
        (name = "health", description = "Whether the service and what it needs are well"),
        (name = "people", description = "Oneself and one's colleagues"),
        (name = "external clients", description = "Element, FluffyChat and other Matrix clients: app passwords and sessions"),
        (name = "rooms", description = "General, direct, group, entity and support rooms"),
        (name = "messages", description = "Messages, files in rooms, reactions, search"),
        (name = "conversations", description = "The same rooms and messages in the words of MOJO Messaging: errors are \
            `{error, message, details}`, invalid input is 400"),
        (name = "media", description = "Files by themselves"),
        (name = "events", description = "What happens, as it happens"),
        (name = "notifications", description = "From satellites, with their service token"),
        (name = "contacts", description = "Contact requests, blocks, and whom one may write to"),
        (name = "messaging", description = "The same rooms and messages in the words of the Messaging API, here and under \
            `/api/messaging` alike: errors are `{error, message, details, statusCode}`, invalid input is 400"),
        (name = "admin", description = "For admins"),
    )
)]
pub(super) struct Document;

/// Tags of operations that answer 400 to invalid input (contract R40).
const INVALID_IS_400: [&str; 3] = ["conversations", "contacts", "messaging"];

/// Words that stand for the variants of an enum in JSON.
macro_rules! words {
    ($($type:ident: $($word:literal),+;)+) => {
        $(
            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    let words = [$($word),+];
                    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
                }
            }
            impl ToSchema for $type {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($type))
                }
            }
        )+

        /// Every word with whether the type knows it.
        #[cfg(test)]
        fn known_words() -> Vec<(&'static str, bool)> {
            vec![$($(($word, $type::parse($word).is_some())),+),+]
        }
    };
}

words! {
    Role: "viewer", "user", "admin";
    RoomKind: "general", "dm", "group", "entity", "support", "therapy";
    Membership: "join", "invite", "leave", "ban";
    Priority: "normal", "urgent";
    TargetType: "general", "entity_room", "dm";
    NotificationStatus: "queued", "sent", "failed", "cancelled";
    DeliveryStatus: "queued", "delivered", "dead";
    Presence: "online", "unavailable", "offline";
}

/// The document as JSON, indented, without a line end; `docs/openapi.json` is this with one.
pub fn openapi_json() -> String {
    let (_, document) = super::documented();
    // The document consists of strings and maps of strings.
    document.to_pretty_json().unwrap_or_default()
}

/// Adds what the table knows: security and error answers; and what parameters mean that many routes share.
pub(super) fn complete(document: &mut utoipa::openapi::OpenApi) {
    let components = document.components.get_or_insert_default();
    for (name, scheme) in schemes() {
        components.add_security_scheme(name, scheme);
    }
    for route in ROUTES {
        let item = document.paths.paths.get_mut(route.path);
        // The test of the table tells when one is missing.
        if let Some(operation) = item.and_then(|item| operation(item, route.method)) {
            complete_operation(operation, route);
        }
    }
}

fn schemes() -> [(&'static str, SecurityScheme); 6] {
    let key = |name: &str, words: &str| ApiKeyValue::with_description(name, words);
    let token = "A token of the hub, of Clerk, or of this service.";
    [
        (
            "token",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("JWT")
                    .description(Some(token))
                    .build(),
            ),
        ),
        (
            "token_in_query",
            SecurityScheme::ApiKey(ApiKey::Query(key("token", "The same token, or a ticket."))),
        ),
        (
            "token_in_cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(key("hub_token", "The same token."))),
        ),
        (
            "link",
            SecurityScheme::ApiKey(ApiKey::Query(key(
                "sig",
                "Of a signed link, together with `exp`.",
            ))),
        ),
        (
            "service_token",
            SecurityScheme::ApiKey(ApiKey::Header(key("X-Service-Token", "A satellite's token."))),
        ),
        (
            "service_token_as_bearer",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        ),
    ]
}

pub(super) fn operation<'a>(item: &'a mut PathItem, method: &str) -> Option<&'a mut Operation> {
    match method {
        "GET" => item.get.as_mut(),
        "POST" => item.post.as_mut(),
        "PUT" => item.put.as_mut(),
        "PATCH" => item.patch.as_mut(),
        "DELETE" => item.delete.as_mut(),
        _ => None,
    }
}

fn complete_operation(operation: &mut Operation, route: &Route) {
    let schemes: &[&str] = match route.right {
        Right::Public | Right::Appservice => &[],
        Right::User | Right::Writer | Right::Admin | Right::SuperAdmin => &["token"],
        Right::Service => &["service_token"],
        Right::ServiceOrAdmin => &["service_token", "service_token_as_bearer", "token"],
        Right::Stream => &["token_in_query", "token"],
        Right::Media => &["token", "token_in_cookie", "link"],
    };
    if !schemes.is_empty() {
        let no_scopes: [&str; 0] = [];
        operation.security = Some(
            schemes
                .iter()
                .map(|scheme| SecurityRequirement::new(*scheme, no_scopes))
                .collect(),
        );
        error(operation, "401", "No token, or none that counts");
        error(
            operation,
            "429",
            "Too many requests; `Retry-After` says when to come again",
        );
    }
    match route.right {
        Right::Writer => error(operation, "403", "A viewer, or not allowed in this room"),
        Right::Admin | Right::ServiceOrAdmin => error(operation, "403", "No admin"),
        Right::SuperAdmin => error(operation, "403", "No super admin"),
        _ => {}
    }
    if route.path.contains('{') {
        error(
            operation,
            "404",
            "It does not exist, or the caller may not see it",
        );
    }
    let parameters = operation.parameters.as_deref_mut().unwrap_or_default();
    let mut takes_query = false;
    for parameter in parameters {
        // Ours are all written out where they stand.
        let RefOr::T(parameter) = parameter else { continue };
        describe(parameter);
        takes_query |= parameter.parameter_in == ParameterIn::Query;
    }
    if operation.request_body.is_some() || takes_query {
        let tags = operation.tags.iter().flatten();
        let status = if tags.clone().any(|tag| INVALID_IS_400.contains(&tag.as_str())) {
            "400"
        } else {
            "422"
        };
        error(operation, status, "The input is wrong; `details` names the field");
    }
    if route.method != "GET" && route.right != Right::Public {
        error(
            operation,
            "503",
            "The homeserver or the database is away and nothing was done; try again",
        );
    }
}

/// Adds an error answer, unless the handler has described it in its own words.
fn error(operation: &mut Operation, status: &str, description: &str) {
    let content = Content::builder()
        .schema(Some(Ref::from_schema_name("ErrorBody")))
        .build();
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
        .build();
    operation
        .responses
        .responses
        .entry(status.to_owned())
        .or_insert_with(|| RefOr::T(response));
}

/// What a parameter of the path means.
fn describe(parameter: &mut Parameter) {
    if parameter.description.is_some() {
        return;
    }
    let words = match parameter.name.as_str() {
        "room_id" => "Matrix room id, raw or percent-encoded: `!abc:hub.local`",
        "conversation_id" => "A conversation's id, raw or percent-encoded: `!abc:hub.local`",
        "user_id" => "A person's id, the `sub` of their token: `user_2x`",
        "message_id" => "A message's id, raw or percent-encoded: `$evt123`",
        "event_id" => "Matrix event id of a message, raw or percent-encoded: `$evt123`",
        "hub_user_id" => "A person's id, the `sub` of their token: `mueller`",
        "entity_type" => "What kind of thing: `machine`, `project`, …",
        "entity_id" => "Its id: an integer, or a key",
        "emoji" => "The emoji, percent-encoded",
        "server" => "The server part of the `mxc:` URI: `hub.local`",
        "media_id" => "The id part of the `mxc:` URI",
        "id" => "Its id",
        "delivery_id" => "A delivery's id",
        _ => return,
    };
    parameter.description = Some(words.to_owned());
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_committed_document_is_the_generated_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
        assert!(
            std::fs::read_to_string(path).is_ok_and(|committed| committed == openapi_json() + "\n"),
            "docs/openapi.json is old: write the output of `messenger-service openapi` to it"
        );
    }

    #[test]
    fn documented_words_are_those_that_the_types_know() {
        for (word, known) in known_words() {
            assert!(known, "{word}");
        }
    }

    #[test]
    fn a098_every_operation_is_described_and_named_once() {
        let document: Value = serde_json::from_str(&openapi_json()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let what = format!("{method} {path}");
                assert!(
                    operation["summary"]
                        .as_str()
                        .is_some_and(|words| !words.is_empty()),
                    "{what} has no summary"
                );
                assert_eq!(
                    operation["tags"].as_array().map(Vec::len),
                    Some(1),
                    "{what} has one tag"
                );
                ids.push(operation["operationId"].as_str().unwrap().to_owned());
                let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
                let in_path = parameters
                    .iter()
                    .filter(|parameter| parameter["in"] == "path")
                    .count();
                assert_eq!(in_path, path.matches('{').count(), "{what}: {parameters:?}");
                for parameter in parameters {
                    assert!(parameter["description"].is_string(), "{what}: {parameter}");
                }
                let answers = operation["responses"].as_object().unwrap();
                assert!(answers.keys().any(|status| status.starts_with('2')), "{what}");
            }
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "an operationId is used twice");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let text = openapi_json();
        let document: Value = serde_json::from_str(&text).unwrap();
        for part in text.split("\"$ref\": \"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
