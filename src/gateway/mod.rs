//! The door for external Matrix clients (contract A006 to A008, R43 to R45, R70 to R74): Element, FluffyChat and the like
//! speak to this instead of to the homeserver.
//!
//! [`login`] is ours: nobody has a Matrix password. [`policy`] is the list of what a client may ask for, by the path as it
//! came ([`path`]); [`rooms`] and [`directory`] check what the homeserver knows nothing of: tenants, viewers, encryption.
//! [`proxy`] passes the rest on, bytes as they are. [`passing`] takes in what the homeserver does not push, and [`feed`]
//! tells of presence, which it does not keep. [`public`] is what anybody may load; [`tls`] and [`certificate`] are how.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{Method, Request, StatusCode};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::Peer;
use crate::core::Core;
use crate::core::external::Caller;
use crate::error::Error;
use crate::limit::{Key, Limiter, client_address};
use crate::server::Held;

mod answer;
pub mod certificate;
mod directory;
mod feed;
mod hold;
mod login;
mod passing;
mod path;
mod policy;
mod proxy;
pub mod public;
mod rooms;
pub mod tls;

use answer::{Refusal, allow_web, ok};
use policy::{Ours, Rule};
pub use public::Listener;
use tls::Tls;

/// How long an upload may take to be answered; while its bytes come it may take longer.
const UPLOAD_PATIENCE: Duration = Duration::from_hours(1);
/// The largest body of a request that is passed on without being looked at, in bytes.
const MAX_PASSED: usize = 10 * 1024 * 1024;

/// See the module.
pub struct Gateway {
    core: Arc<Core>,
    limiter: Arc<Limiter>,
    upstream: proxy::Upstream,
    feeds: Arc<feed::Feeds>,
    tls: Option<Arc<Tls>>,
    ending: CancellationToken,
}

/// What is known of a request beside what it says.
struct Asked {
    /// Where it comes from.
    address: IpAddr,
}

impl Gateway {
    /// Puts the parts together.
    pub fn new(
        core: Arc<Core>,
        limiter: Arc<Limiter>,
        tls: Option<Arc<Tls>>,
        ending: CancellationToken,
    ) -> anyhow::Result<Arc<Self>> {
        let upstream = proxy::Upstream::new(&core.config.matrix_homeserver_url)?;
        Ok(Arc::new(Self {
            core,
            limiter,
            upstream,
            feeds: Arc::default(),
            tls,
            ending,
        }))
    }

    /// Starts what goes on beside the requests.
    pub fn start(&self, tasks: &TaskTracker) {
        tasks.spawn(self.feeds.clone().run(self.core.clone(), self.ending.clone()));
    }

    /// Everything that one of the gateway's listeners answers.
    pub fn router(self: &Arc<Self>, listener: Listener) -> Router {
        Router::new()
            .fallback(answer)
            .with_state((self.clone(), listener))
    }

    /// What of the gateway is on the main port, too: the discovery of clients that know only the hub's name, and the
    /// certificate.
    pub fn public_router(self: &Arc<Self>) -> Router {
        let paths = [
            "/.well-known/matrix/client",
            "/.well-known/matrix/support",
            "/ca.pem",
        ];
        let mut router = Router::new();
        for path in paths {
            router = router.route(path, axum::routing::get(public_answer));
        }
        router.with_state(self.clone())
    }

    async fn handle(
        self: &Arc<Self>,
        request: Request<Body>,
        listener: Listener,
    ) -> (Response, &'static str) {
        if *request.method() == Method::OPTIONS {
            return (ok(&json!({})), "options");
        }
        let config = &self.core.config;
        if matches!(*request.method(), Method::GET | Method::HEAD)
            && request.uri().authority().is_none()
            && let Some(response) = public::answer(
                request.uri().path(),
                request.headers(),
                config,
                self.tls.as_deref(),
                Some(listener),
            )
        {
            return (response, "public");
        }
        // The path is looked at while the request goes on.
        let (uri, method) = (request.uri().clone(), request.method().clone());
        let segments = path::segments(&uri);
        let rule = segments
            .as_deref()
            .and_then(|segments| policy::rule(&method, segments));
        let name = rule.map_or("none", |rule| rule.name());
        let asked = Asked {
            address: request
                .extensions()
                .get::<Peer>()
                .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| {
                    client_address(peer.0.ip(), request.headers(), &config.trusted_proxies)
                }),
        };
        let result = match rule {
            None if segments.as_deref().is_some_and(policy::is_known) => Err(Refusal::wrong_method()),
            None => Err(Refusal::unrecognized()),
            Some(rule) => Box::pin(self.follow(rule, request, &asked)).await,
        };
        (result.unwrap_or_else(|refusal| refusal.response()), name)
    }

    async fn follow(
        self: &Arc<Self>,
        rule: Rule<'_>,
        request: Request<Body>,
        asked: &Asked,
    ) -> Result<Response, Refusal> {
        // Whoever may speak for others does so past this door.
        for name in ["user_id", "device_id", "org.matrix.msc3202.device_id", "ts"] {
            // Of what is only read, `ts` is a time that is looked for, not one that an event is given.
            let only_read = name == "ts" && *request.method() == Method::GET;
            if !only_read && path::parameter(request.uri(), name).is_some() {
                return Err(Refusal::forbidden(format!("{name} is not taken here")));
            }
        }
        match rule {
            Rule::Refused(words) => return Err(Refusal::forbidden(words)),
            Rule::Open => return self.forward(request, asked).await,
            Rule::Ours(ours) => return self.ours(ours, request, asked).await,
            _ => {}
        }
        let token = login::token(request.headers(), request.uri());
        let caller = self.caller(token, asked).await?;
        if rule.is_counted() {
            self.count(&caller).await?;
        }
        tokio::select! {
            biased;
            () = caller.ended.cancelled(), if !rule.ends_sessions() => Err(Refusal::unknown_token()),
            // Nobody waits for a long-poll at the service's end; the client comes back.
            () = self.ending.cancelled(), if !rule.is_counted() => Err(Refusal::away()),
            answer = self.answer_to(&caller, rule, request, asked) => answer,
        }
    }

    async fn caller(&self, token: Option<String>, asked: &Asked) -> Result<Arc<Caller>, Refusal> {
        let token = token.ok_or_else(|| {
            Refusal::new(
                StatusCode::UNAUTHORIZED,
                "M_MISSING_TOKEN",
                "log in first: Authorization: Bearer <access token>",
            )
        })?;
        let Some(caller) = self.core.external_caller(&token).await? else {
            return Err(Refusal::unknown_token());
        };
        if let Err(error) = self.core.external_seen(&caller, &asked.address.to_string()).await {
            tracing::debug!(target: "gateway", ?error, "that a session is used could not be noted");
        }
        Ok(caller)
    }

    async fn count(&self, caller: &Caller) -> Result<(), Refusal> {
        let limit = self.core.config.rate_limit_per_minute;
        let key = Key::Person(caller.principal.person_id.clone());
        let decision = self.limiter.check(key, limit, self.core.clock.now()).await;
        if decision.allowed {
            return Ok(());
        }
        Err(Error::RateLimited {
            retry_after: decision.retry_after,
        }
        .into())
    }

    async fn ours(&self, ours: Ours, request: Request<Body>, asked: &Asked) -> Result<Response, Refusal> {
        match ours {
            Ours::LoginFlows => Ok(login::flows()),
            Ours::Login => self.login(request, asked).await,
            Ours::SsoRedirect => {
                let (head, _) = request.into_parts();
                self.sso_redirect(&head, asked)
            }
            Ours::Capabilities => Ok(ok(&json!({ "capabilities": {
                "m.change_password": { "enabled": false },
                "m.set_displayname": { "enabled": false },
                "m.set_avatar_url": { "enabled": true },
                "m.3pid_changes": { "enabled": false },
                "m.get_login_token": { "enabled": false },
                "m.room_versions": { "default": "11", "available": { "10": "stable", "11": "stable" } },
            }}))),
            Ours::MediaConfig => Ok(ok(&json!({ "m.upload.size": self.core.config.max_upload_bytes }))),
        }
    }

    async fn answer_to(
        self: &Arc<Self>,
        caller: &Caller,
        rule: Rule<'_>,
        request: Request<Body>,
        asked: &Asked,
    ) -> Result<Response, Refusal> {
        match rule {
            Rule::Open | Rule::Ours(_) | Rule::Refused(_) => Err(Refusal::unrecognized()),
            Rule::Pass | Rule::Download => self.forward(request, asked).await,
            Rule::Ignore { user } => self.ignore(caller, request, asked, user).await,
            Rule::SetAvatar { user } => {
                // Conduit sets the caller's, whoever is named.
                passing::own(caller, user)?;
                Core::may_write(&caller.principal)?;
                self.forward(request, asked).await
            }
            Rule::Read { room } => {
                self.in_reach(caller, room).await?;
                self.forward(request, asked).await
            }
            Rule::Write { room } => {
                self.may_write_in(caller, room).await?;
                self.forward(request, asked).await
            }
            Rule::Send { room, kind } => self.send(caller, request, asked, (room, kind)).await,
            Rule::Redact { room, event } => self.redact(caller, request, asked, (room, event)).await,
            Rule::Leave { room } => self.leave(caller, request, asked, room).await,
            Rule::State { room, kind, key } => self.state(caller, request, asked, (room, kind, key)).await,
            Rule::Create => self.create(caller, request, asked).await,
            Rule::Invite { room } => self.invite(caller, request, asked, room).await,
            Rule::Join { room } => self.join(caller, request, asked, room).await,
            Rule::Typing { room, user } => self.typing(caller, request, asked, (room, user)).await,
            Rule::Receipt { room, kind, event } => {
                self.receipt(caller, request, asked, (room, kind, event)).await
            }
            Rule::Markers { room } => self.markers(caller, request, asked, room).await,
            Rule::PresenceOf { user } => self.presence_of(caller, user).await,
            Rule::SetPresence { user } => self.set_presence(caller, request.into_body(), user).await,
            Rule::Profile { user } => self.profile(caller, request, asked, user).await,
            Rule::Alias { alias } => self.alias(caller, alias).await,
            Rule::PublicRooms => self.public_rooms(caller, request).await,
            Rule::UserSearch => self.search_people(caller, request.into_body()).await,
            Rule::ToDevice => self.to_device(caller, request, asked).await,
            Rule::Upload => self.upload(caller, request, asked).await,
            Rule::Sync => self.sync(caller, request, asked).await,
            Rule::SlidingSync => {
                let _syncing = self.core.syncs(&caller.principal, None);
                let patience = proxy::patience_of(request.uri());
                self.upstream.pass(request, asked.address, patience).await
            }
            Rule::Keys => self.keys_of(caller, request, asked).await,
            Rule::SigningKeys => self.signing_keys(caller, request, asked).await,
            Rule::Logout { all } => self.logout(caller, all).await,
            Rule::DeleteDevices { one } => self.delete_devices(caller, request.into_body(), asked, one).await,
        }
    }

    /// Passes a request on as it is.
    async fn forward(&self, request: Request<Body>, asked: &Asked) -> Result<Response, Refusal> {
        let request = request.map(|body| proxy::limited(body, MAX_PASSED));
        self.upstream.pass(request, asked.address, proxy::PATIENCE).await
    }

    /// `POST /upload`: streams, up to the limit that holds for the APIs, too.
    async fn upload(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
    ) -> Result<Response, Refusal> {
        Core::may_write(&caller.principal)?;
        let limit = self.core.config.max_upload_bytes;
        let length = request
            .headers()
            .get(http::header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(Refusal::too_large(limit));
        }
        let request = request.map(|body| proxy::limited(body, usize::try_from(limit).unwrap_or(usize::MAX)));
        match self.upstream.pass(request, asked.address, UPLOAD_PATIENCE).await {
            Err(refusal) if refusal.errcode == "M_TOO_LARGE" => Err(Refusal::too_large(limit)),
            answer => answer,
        }
    }
}

async fn answer(
    State((gateway, listener)): State<(Arc<Gateway>, Listener)>,
    request: Request<Body>,
) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let (mut response, rule) = gateway.handle(request, listener).await;
    if response.extensions().get::<Held>().is_some() {
        // It is noted when it has an answer.
        return response;
    }
    allow_web(response.headers_mut());
    note(
        method.as_str(),
        rule,
        response.status().as_u16(),
        started.elapsed(),
    );
    response
}

/// A request's line in the log, and its metrics. Neither path nor query: they name people and rooms, and a query may hold a
/// token.
fn note(method: &str, rule: &'static str, status: u16, elapsed: Duration) {
    tracing::info!(target: "gateway", method, rule, status, ms = elapsed.as_micros() as f64 / 1000.0, "request");
    metrics::counter!("gateway_requests_total", "rule" => rule, "status" => status.to_string()).increment(1);
    metrics::histogram!("gateway_request_seconds", "rule" => rule).record(elapsed.as_secs_f64());
}

async fn public_answer(State(gateway): State<Arc<Gateway>>, request: Request<Body>) -> Response {
    let (core, tls) = (&gateway.core, gateway.tls.as_deref());
    public::answer(request.uri().path(), request.headers(), &core.config, tls, None)
        .unwrap_or_else(|| Refusal::unrecognized().response())
}
