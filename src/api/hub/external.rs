//! External Matrix clients (Element, FluffyChat): app passwords, sessions and the login of the SSO page. Contract A071, R44,
//! R70, R71.

use axum::extract::State;
use axum::response::IntoResponse as _;
use http::StatusCode;
use serde::Deserialize;
use url::Url;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::error::{Answer, ErrorBody};
use super::super::extract::{self, Acting, Admin, Json, OptionalJson, Path, Query, User, person_id};
use super::admin::list::{Format, List, shown};
use super::{Page, json, wire};
use crate::core::external::{ExternalClient, NewPassword};
use crate::error::{Error, Result};
use crate::store::ExternalSession;

/// The longest `redirect_url`, in bytes.
const MAX_REDIRECT: usize = 2_000;
/// Schemes of applications that look like none: those of other applications have a dot or a dash in them.
const KNOWN_SCHEMES: [&str; 4] = ["http", "https", "element", "matrix"];
/// The parameter that the client waits for (client-server API, "Client login via SSO").
const LOGIN_TOKEN: &str = "loginToken";
/// What is escaped in a query: everything but the unreserved characters (RFC 3986), because there are clients that take the
/// token as it stands there.
const RESERVED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(
            get_external_client,
            add_external_client,
            remove_external_client
        ))
        .routes(routes!(list_external_sessions))
        .routes(routes!(end_external_session))
        .routes(routes!(make_login_token))
        .routes(routes!(
            admin_get_external_client,
            admin_add_external_client,
            admin_remove_external_client
        ))
        .routes(routes!(admin_list_persons_sessions))
        .routes(routes!(admin_end_persons_session))
        .routes(routes!(admin_list_external_sessions))
        .routes(routes!(admin_end_external_session))
}

/// A device that is to get a password.
#[derive(Default, Deserialize, ToSchema)]
#[schema(example = json!({"device_name": "My phone"}))]
struct NewExternalClient {
    /// What the person calls it, up to 255 characters.
    device_name: Option<String>,
}

/// Whether one may use Element and the like, where they connect, and how far one's rooms are.
#[utoipa::path(
    get, path = "/users/me/external-client", tag = "external clients",
    responses((status = 200, description = "The state", body = wire::ExternalClient)),
)]
async fn get_external_client(State(app): State<AppState>, User(principal): User) -> Answer {
    let client = app.core.external_client(&principal.person_id).await?;
    show_client(&app, &client)
}

/// Makes an app password for one device, and lets one use Element and the like.
///
/// The answer is the only place where the password is shown. The first time, the account is brought into the rooms of its
/// tenant, in the background; `joining` of the GET says how far that is.
#[utoipa::path(
    post, path = "/users/me/external-client", tag = "external clients",
    request_body = Option<NewExternalClient>,
    responses(
        (status = 201, description = "The password and where it is typed in", body = wire::NewPassword),
        (status = 409, description = "There are 50 app passwords already", body = ErrorBody),
    ),
)]
async fn add_external_client(
    State(app): State<AppState>,
    User(principal): User,
    OptionalJson(new): OptionalJson<NewExternalClient>,
) -> Answer {
    let made = app
        .core
        .add_app_password(&principal.person_id, new.device_name.as_deref())
        .await?;
    show_password(&app, &made)
}

/// Takes Element and the like away from oneself: all app passwords and sessions end at once.
#[utoipa::path(
    delete, path = "/users/me/external-client", tag = "external clients",
    responses((status = 204, description = "Nothing of it is left")),
)]
async fn remove_external_client(State(app): State<AppState>, User(principal): User) -> Answer {
    app.core.forbid_external_client(&principal.person_id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// One's devices that are signed in.
#[utoipa::path(
    get, path = "/users/me/external-client/sessions", tag = "external clients",
    responses((status = 200, description = "Sessions", body = [wire::ExternalSession])),
)]
async fn list_external_sessions(State(app): State<AppState>, User(principal): User) -> Answer {
    let found = app.core.external_sessions(&principal.person_id).await?;
    show_sessions(&found)
}

/// Signs one of one's devices out; the app password it began with counts no more either.
#[utoipa::path(
    delete, path = "/users/me/external-client/sessions/{id}", tag = "external clients",
    responses((status = 204, description = "It ended")),
)]
async fn end_external_session(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
) -> Answer {
    app.core
        .revoke_external_session(&principal.person_id, &id)
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn show_client(app: &AppState, client: &ExternalClient) -> Answer {
    Ok(json(
        StatusCode::OK,
        &wire::ExternalClient::of(client, &app.core.config),
    )?)
}

fn show_password(app: &AppState, made: &NewPassword) -> Answer {
    Ok(json(
        StatusCode::CREATED,
        &wire::NewPassword::of(made, &app.core.config),
    )?)
}

fn show_sessions(found: &[ExternalSession]) -> Answer {
    let sessions: Vec<_> = found.iter().map(wire::ExternalSession::from).collect();
    Ok(json(StatusCode::OK, &sessions)?)
}

/// Where a client that asks for a sign-in wants to go on.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"redirect_url": "io.element:/callback?state=1"}))]
struct NewLoginToken {
    /// The client's `redirectUrl`, up to 2,000 bytes: `http`, `https`, or the scheme of an application.
    redirect_url: String,
}

/// Lets a client sign in as oneself.
///
/// For a page that has asked the person, as the one at `/sso` does. The token is good once and for a minute.
#[utoipa::path(
    post, path = "/users/me/external-client/login-token", tag = "external clients",
    responses((status = 200, description = "The token and where the browser goes on", body = wire::LoginToken)),
)]
async fn make_login_token(
    State(app): State<AppState>,
    User(principal): User,
    Json(asked): Json<NewLoginToken>,
) -> Answer {
    let redirect = redirect_url(&asked.redirect_url)?;
    let (token, expires_at) = app.core.login_token(&principal);
    let answer = wire::LoginToken {
        redirect_to: with_login_token(redirect, &token),
        login_token: token,
        expires_at: expires_at.zulu(),
    };
    Ok(json(StatusCode::OK, &answer)?)
}

/// A person's external clients, for an admin.
#[utoipa::path(
    get, path = "/admin/users/{hub_user_id}/external-client", tag = "admin",
    responses((status = 200, description = "The state", body = wire::ExternalClient)),
)]
async fn admin_get_external_client(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Path(id): Path<String>,
) -> Answer {
    let client = app
        .core
        .admin_external_client(&principal, &person_id(&id)?)
        .await?;
    show_client(&app, &client)
}

/// Makes an app password for a device of somebody else.
///
/// Whoever has it reads and writes as this person. Only super admins make one for a super admin.
#[utoipa::path(
    post, path = "/admin/users/{hub_user_id}/external-client", tag = "admin",
    request_body = Option<NewExternalClient>,
    responses(
        (status = 201, description = "The password and where it is typed in", body = wire::NewPassword),
        (status = 409, description = "There are 50 app passwords already", body = ErrorBody),
    ),
)]
async fn admin_add_external_client(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path(id): Path<String>,
    OptionalJson(new): OptionalJson<NewExternalClient>,
) -> Answer {
    let made = app
        .core
        .admin_add_app_password(&by, &person_id(&id)?, new.device_name.as_deref())
        .await?;
    show_password(&app, &made)
}

/// Takes external clients away from a person: all app passwords and sessions end at once.
#[utoipa::path(
    delete, path = "/admin/users/{hub_user_id}/external-client", tag = "admin",
    responses((status = 204, description = "Nothing of it is left")),
)]
async fn admin_remove_external_client(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path(id): Path<String>,
) -> Answer {
    app.core
        .admin_forbid_external_client(&by, &person_id(&id)?)
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A person's devices that are signed in.
#[utoipa::path(
    get, path = "/admin/users/{hub_user_id}/external-client/sessions", tag = "admin",
    responses((status = 200, description = "Sessions", body = [wire::ExternalSession])),
)]
async fn admin_list_persons_sessions(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Path(id): Path<String>,
) -> Answer {
    let found = app
        .core
        .admin_external_sessions_of(&principal, &person_id(&id)?)
        .await?;
    show_sessions(&found)
}

/// Signs one of a person's devices out.
#[utoipa::path(
    delete, path = "/admin/users/{hub_user_id}/external-client/sessions/{id}", tag = "admin",
    responses((status = 204, description = "It ended")),
)]
async fn admin_end_persons_session(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path((person, id)): Path<(String, String)>,
) -> Answer {
    let person = person_id(&person)?;
    app.core
        .admin_revoke_external_session(&by, Some(&person), &id)
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

const SESSIONS: List<ExternalSession> = List {
    name: "external-sessions",
    columns: &[
        "id",
        "hub_user_id",
        "device_id",
        "device_name",
        "client",
        "created_at",
        "last_seen_at",
        "last_seen_ip",
    ],
    cursor: |session| session.id.clone(),
    show: |session| shown(&wire::ExternalSession::with_person(session)),
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListSessions {
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default, alias = "after")]
    cursor: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Devices of the tenant's people that are signed in, by id.
#[utoipa::path(
    get, path = "/admin/external-sessions", tag = "admin",
    params(ListSessions, ("format" = Option<String>, Query, description = "`csv` for all rows as CSV, as `Accept: text/csv`")),
    responses((status = 200, description = "Sessions, with `hub_user_id`", content(
        (inline(Page<wire::ExternalSession>) = "application/json"), (String = "text/csv"),
    ))),
)]
async fn admin_list_external_sessions(
    State(app): State<AppState>,
    Admin(principal): Admin,
    format: Format,
    Query(query): Query<ListSessions>,
) -> Answer {
    let read = move |after: Option<String>, limit| {
        let (app, principal) = (app.clone(), principal.clone());
        async move {
            let after = after.unwrap_or_default();
            app.core.admin_external_sessions(&principal, &after, limit).await
        }
    };
    SESSIONS.answer(format, query.cursor, query.limit, read).await
}

/// Signs a device out.
#[utoipa::path(
    delete, path = "/admin/external-sessions/{id}", tag = "admin",
    responses((status = 204, description = "It ended")),
)]
async fn admin_end_external_session(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path(id): Path<String>,
) -> Answer {
    app.core.admin_revoke_external_session(&by, None, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The address a browser may be sent to with a login token: of a page or of an application, never a script or a file.
fn redirect_url(text: &str) -> Result<Url> {
    let wrong = |message: &str| Error::invalid("redirect_url", message);
    if text.len() > MAX_REDIRECT {
        return Err(wrong("must not be longer than 2000 bytes"));
    }
    // The parser would overlook them.
    if text.contains(|letter: char| letter.is_control() || letter.is_whitespace()) {
        return Err(wrong("must not contain spaces or control characters"));
    }
    let url = Url::parse(text).map_err(|_| wrong("must be an absolute URL"))?;
    let scheme = url.scheme();
    // Some schemes of browsers and of Windows look like an application's.
    let of_system = scheme == "view-source" || scheme.starts_with("ms-") || scheme.ends_with("-ms");
    if !KNOWN_SCHEMES.contains(&scheme) && (of_system || !scheme.contains(['.', '-'])) {
        return Err(wrong(
            "must be an http or https URL, or that of an application such as io.element:/callback",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not contain a user name or a password"));
    }
    Ok(url)
}

/// The address with the token in its query; everything else in it stays, except a login token from elsewhere.
fn with_login_token(mut url: Url, token: &str) -> String {
    let is_token =
        |pair: &&str| url::form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| name == LOGIN_TOKEN);
    let added = format!(
        "{LOGIN_TOKEN}={}",
        percent_encoding::utf8_percent_encode(token, RESERVED)
    );
    let kept = url.query().unwrap_or_default().split('&');
    let kept = kept.filter(|pair| !pair.is_empty() && !is_token(pair));
    let query: Vec<&str> = kept.chain([added.as_str()]).collect();
    let query = query.join("&");
    url.set_query(Some(&query));
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contract R71; client-server API, "Client login via SSO".
    #[test]
    fn r71_the_login_token_joins_what_is_there() {
        let to = |text: &str| with_login_token(redirect_url(text).unwrap(), "a.b");
        for (from, expected) in [
            ("https://app.example", "https://app.example/?loginToken=a.b"),
            (
                "https://app.example/x?state=a%26b&y#/home?z=1",
                "https://app.example/x?state=a%26b&y&loginToken=a.b#/home?z=1",
            ),
            ("http://localhost:3000/?", "http://localhost:3000/?loginToken=a.b"),
            (
                "http://localhost/?loginToken=theirs&logintoken=1",
                "http://localhost/?logintoken=1&loginToken=a.b",
            ),
            (
                "io.element:/callback?a=1",
                "io.element:/callback?a=1&loginToken=a.b",
            ),
            ("im.fluffychat://login", "im.fluffychat://login?loginToken=a.b"),
            (
                "element://vector/webapp/#x",
                "element://vector/webapp/?loginToken=a.b#x",
            ),
            ("my-app:done", "my-app:done?loginToken=a.b"),
        ] {
            assert_eq!(to(from), expected);
        }
    }

    #[test]
    fn r71_a_login_token_goes_to_pages_and_applications_only() {
        let long = format!("https://app.example/{}", "x".repeat(MAX_REDIRECT));
        for text in [
            "",
            "/home",
            "//app.example",
            "app.example",
            "https://",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\tscript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://app.example/1",
            "about:blank",
            "view-source:https://app.example",
            "ms-settings:privacy",
            "search-ms:query=x",
            "mailto:max@example",
            "https://app.example@evil.example/",
            "https://app.example/\nx",
            &long,
        ] {
            let refused = redirect_url(text);
            assert!(
                matches!(&refused, Err(Error::Invalid { field, .. }) if field == "redirect_url"),
                "{text}: {refused:?}"
            );
        }
    }
}
