//! Logins and logouts (client-server API, section "Client authentication"; contract R44, R71, R72).

use axum::body::Body;
use axum::response::Response;
use http::header::{LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, StatusCode, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Refusal, json_answer, ok};
use super::proxy::whole;
use super::{Asked, Gateway, path};
use crate::core::external::{Caller, Credentials, NewDevice};
use crate::error::Error;
use crate::limit::Key;
use crate::types::random_token;

/// Failed logins of an account in a minute (contract R72).
const ACCOUNT_FAILURES: u32 = 5;
/// Failed logins from an address in a minute (contract R72).
const ADDRESS_FAILURES: u32 = 20;

/// What the core says of somebody who may not come in any more.
const DEACTIVATED: &str = "this account is deactivated";

/// `POST /login`; of the older forms of the identifier, too.
#[derive(Deserialize)]
struct Login {
    #[serde(rename = "type")]
    kind: String,
    identifier: Option<Identifier>,
    user: Option<String>,
    password: Option<String>,
    token: Option<String>,
    device_id: Option<String>,
    initial_device_display_name: Option<String>,
}

#[derive(Deserialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: Option<String>,
    user: Option<String>,
}

/// The part of a body that answers a question for a password (section "User-interactive authentication").
#[derive(Deserialize, Default)]
struct WithAuth {
    auth: Option<Auth>,
    #[serde(default)]
    devices: Vec<String>,
}

/// A homeserver's question for a password.
#[derive(Deserialize)]
struct Question {
    session: Option<String>,
}

#[derive(Deserialize)]
struct Auth {
    #[serde(rename = "type")]
    kind: Option<String>,
    identifier: Option<Identifier>,
    user: Option<String>,
    password: Option<String>,
    token: Option<String>,
}

/// `GET /login`.
pub(super) fn flows() -> Response {
    ok(&json!({ "flows": [
        { "type": "m.login.password" },
        { "type": "m.login.sso" },
        { "type": "m.login.token" },
        { "type": "org.matrix.login.jwt" },
    ]}))
}

impl Gateway {
    /// `POST /login`.
    pub(super) async fn login(&self, request: Request<Body>, asked: &Asked) -> Result<Response, Refusal> {
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        let login: Login = parse(&body)?;
        let password = match login.kind.as_str() {
            "m.login.password" => {
                let typed = match &login.identifier {
                    Some(identifier)
                        if identifier.kind.as_deref().is_some_and(|kind| kind != "m.id.user") =>
                    {
                        return Err(Refusal::forbidden("log in with your user name"));
                    }
                    Some(identifier) => identifier.user.as_deref(),
                    None => login.user.as_deref(),
                };
                let typed = typed.ok_or_else(|| missing("identifier.user"))?;
                let password = login.password.as_deref().ok_or_else(|| missing("password"))?;
                Some((typed, password))
            }
            "m.login.token" | "org.matrix.login.jwt" => None,
            other => {
                return Err(Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "M_UNKNOWN",
                    format!("there is no login of type {other:?} here"),
                ));
            }
        };
        let credentials = match password {
            Some((user, password)) => Credentials::Password { user, password },
            None => Credentials::Token(login.token.as_deref().ok_or_else(|| missing("token"))?),
        };
        let account = password.map(|(typed, _)| self.core.typed_user(typed));
        let device = NewDevice {
            device_id: login.device_id.clone().filter(|id| id.len() <= 255),
            name: login.initial_device_display_name.clone(),
            client: client_name(&head.headers),
            address: asked.address.to_string(),
        };
        let logging_in = self.core.log_in_device(credentials, device);
        let (user_id, device) = self.guarded(asked, account, logging_in).await?;
        Ok(ok(&json!({
            "user_id": user_id,
            "access_token": device.token,
            "device_id": device.device_id,
            "home_server": self.core.config.matrix_server_name,
        })))
    }

    /// Counts a check of a password or a token, and takes the count back when it was right: only failures are limited. It
    /// is counted before, so that many at once are limited too. An account that does not exist is limited like others.
    async fn guarded<T>(
        &self,
        asked: &Asked,
        account: Option<String>,
        check: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Refusal> {
        let now = self.core.clock.now();
        let of_account = account.map(|account| (Key::LoginOf(account), ACCOUNT_FAILURES));
        let from_address = (Key::login_from(asked.address), ADDRESS_FAILURES);
        let keys: Vec<(Key, u32)> = of_account.into_iter().chain([from_address]).collect();
        for (key, limit) in &keys {
            let decision = self.limiter.check(key.clone(), *limit, now).await;
            if !decision.allowed {
                return Err(Error::RateLimited {
                    retry_after: decision.retry_after,
                }
                .into());
            }
        }
        let result = check.await;
        if !matches!(result, Err(Error::Unauthenticated(_))) {
            for (key, _) in keys {
                self.limiter.give_back(key, now).await;
            }
        }
        result.map_err(|error| match error {
            Error::Forbidden(words @ DEACTIVATED) | Error::Unauthenticated(words @ DEACTIVATED) => {
                Refusal::new(StatusCode::FORBIDDEN, "M_USER_DEACTIVATED", words)
            }
            other => other.into(),
        })
    }

    /// `GET /login/sso/redirect`: to the page that asks a person who is signed in at the hub.
    pub(super) fn sso_redirect(
        &self,
        head: &http::request::Parts,
        asked: &Asked,
    ) -> Result<Response, Refusal> {
        let target = path::parameter(&head.uri, "redirectUrl").filter(|target| !target.is_empty());
        let target = target.ok_or_else(|| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "M_MISSING_PARAM",
                "redirectUrl is needed: where to go on after the login",
            )
        })?;
        let page = format!(
            "{}/sso?redirectUrl={}&client={}&address={}",
            self.core.config.public_url,
            escaped(&target),
            escaped(&client_name(&head.headers)),
            escaped(&asked.address.to_string()),
        );
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::FOUND;
        let location =
            HeaderValue::try_from(page).map_err(|_| Refusal::bad_json("redirectUrl is no address"))?;
        response.headers_mut().insert(LOCATION, location);
        Ok(response)
    }

    /// `POST /logout` and `/logout/all`.
    pub(super) async fn logout(&self, caller: &Caller, all: bool) -> Result<Response, Refusal> {
        if all {
            let sessions = self.core.external_sessions(&caller.principal.person_id).await?;
            for session in sessions {
                self.core.end_session(&session, false).await?;
            }
        } else {
            self.core.end_session(&caller.session, false).await?;
        }
        Ok(ok(&json!({})))
    }

    /// `DELETE /devices/{id}` and `POST /delete_devices`. The homeserver would ask for a password, which nobody has; the
    /// gateway asks for an app password or a hub token instead (contract R71).
    pub(super) async fn delete_devices(
        &self,
        caller: &Caller,
        body: Body,
        asked: &Asked,
        one: Option<&str>,
    ) -> Result<Response, Refusal> {
        let body = whole(body).await?;
        let body = body.trim_ascii();
        let request: WithAuth = if body.is_empty() {
            WithAuth::default()
        } else {
            parse(body)?
        };
        let devices = match one {
            Some(one) => vec![path::decoded(one).ok_or_else(Refusal::unrecognized)?.into_owned()],
            None => request.devices,
        };
        let Some(auth) = request.auth else {
            return Ok(question(None));
        };
        match self.proven(caller, auth, asked).await {
            Ok(()) => {}
            Err(refusal) if refusal.errcode == "M_FORBIDDEN" => return Ok(question(Some(&refusal))),
            Err(refusal) => return Err(refusal),
        }
        let sessions = self.core.external_sessions(&caller.principal.person_id).await?;
        for device in &devices {
            match sessions.iter().find(|session| session.device_id == *device) {
                // Whoever removes a device does not want it back with the same password.
                Some(session) => self.core.end_session(session, true).await?,
                None => self.core.end_stray_device(&caller.principal, device).await?,
            }
        }
        Ok(ok(&json!({})))
    }

    /// `POST /keys/device_signing/upload`. The first time the homeserver takes it as it is. To replace keys it asks for a
    /// password: the gateway asks for an app password, and answers the homeserver with the account's own.
    pub(super) async fn signing_keys(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
    ) -> Result<Response, Refusal> {
        let (head, body) = request.into_parts();
        let mut keys: serde_json::Map<String, Value> = parse(&whole(body).await?)?;
        let auth = keys.remove("auth");
        let send = async |keys: &serde_json::Map<String, Value>| {
            let bytes = serde_json::to_vec(keys).unwrap_or_default();
            let mut request = Request::from_parts(head.clone(), Body::from(bytes));
            // The length is another one now.
            request.headers_mut().remove(http::header::CONTENT_LENGTH);
            self.forward(request, asked).await
        };
        let answer = send(&keys).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let asked_for: Question = parse(&whole(answer.into_body()).await?)?;
        let Some(session) = asked_for.session else {
            return Err(Refusal::unknown_token());
        };
        let Some(auth) = auth else {
            return Ok(question(None));
        };
        let auth =
            serde_json::from_value(auth).map_err(|_| Refusal::bad_json("auth is not what this needs"))?;
        match self.proven(caller, auth, asked).await {
            Ok(()) => {}
            Err(refusal) if refusal.errcode == "M_FORBIDDEN" => return Ok(question(Some(&refusal))),
            Err(refusal) => return Err(refusal),
        }
        let user =
            ruma::UserId::parse(&*caller.principal.user_id).map_err(|error| Error::Internal(error.into()))?;
        keys.insert(
            "auth".to_owned(),
            json!({
                "type": "m.login.password",
                "identifier": { "type": "m.id.user", "user": user },
                "password": self.core.homeserver.account_password(&user),
                "session": session,
            }),
        );
        let answer = send(&keys).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            return Err(Refusal::forbidden(
                "this homeserver does not let keys be replaced: log out of all devices, and set them up again",
            ));
        }
        Ok(answer)
    }

    /// Whether somebody who is logged in has shown that it is still them.
    async fn proven(&self, caller: &Caller, auth: Auth, asked: &Asked) -> Result<(), Refusal> {
        let person = &caller.principal.person_id;
        let typed = auth
            .identifier
            .and_then(|identifier| identifier.user)
            .or(auth.user);
        if typed.is_some_and(|typed| self.core.typed_user(&typed) != *caller.principal.user_id) {
            return Err(Refusal::forbidden("this is another user's name"));
        }
        let check = async {
            let right = match (auth.kind.as_deref(), auth.password, auth.token) {
                (Some("m.login.password"), Some(password), _) => {
                    self.core.is_app_password(person, &password).await?
                }
                (Some("m.login.token"), _, Some(token)) => {
                    self.core.sign_in(&token, None).await?.person_id == *person
                }
                _ => false,
            };
            if right {
                Ok(())
            } else {
                Err(Error::Unauthenticated("that is not one of your app passwords"))
            }
        };
        self.guarded(asked, Some(caller.principal.user_id.to_string()), check)
            .await
    }
}

/// The question for a password.
fn question(wrong: Option<&Refusal>) -> Response {
    let mut body = json!({
        "flows": [{ "stages": ["m.login.password"] }, { "stages": ["m.login.token"] }],
        "params": {},
        "session": random_token(),
    });
    if let Some(refusal) = wrong {
        body["errcode"] = json!(refusal.errcode);
        body["error"] = json!(refusal.words);
    }
    json_answer(StatusCode::UNAUTHORIZED, &body)
}

fn missing(field: &str) -> Refusal {
    Refusal::new(
        StatusCode::BAD_REQUEST,
        "M_MISSING_PARAM",
        format!("{field} is missing"),
    )
}

pub(super) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            Refusal::bad_json(format!("the body is not what this needs: {error}"))
        } else {
            Refusal::new(StatusCode::BAD_REQUEST, "M_NOT_JSON", "the body is no JSON")
        }
    })
}

/// What the client says it is, without control characters.
fn client_name(headers: &HeaderMap) -> String {
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    agent.unwrap_or("unknown").chars().take(200).collect()
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The access token of a request: from the header, or from the query, where older clients put it.
pub(super) fn token(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    match headers.get(http::header::AUTHORIZATION) {
        Some(value) => {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then(|| token.trim().to_owned())
        }
        None => path::parameter(uri, "access_token"),
    }
}
