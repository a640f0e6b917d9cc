//! What passes by and the homeserver does not push: typing, receipts, presence (design: an appservice, not a sync loop).

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::response::Response;
use http::header::CONNECTION;
use http::{HeaderMap, Method, Request, Version};
use serde::Deserialize;
use serde_json::json;

use super::answer::{Refusal, ok};
use super::feed::content;
use super::hold::{self, Waiting, told};
use super::login::parse;
use super::path::{decoded, parameter};
use super::proxy::{patience_of, whole};
use super::rooms::room_id;
use super::{Asked, Gateway};
use crate::core::external::Caller;
use crate::types::{EventId, Presence, RoomId};

/// How long typing lasts when a client does not say, as in the specification's example.
const TYPING: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Typing {
    typing: bool,
    /// Milliseconds.
    timeout: Option<u64>,
}

#[derive(Deserialize, Default)]
struct Markers {
    #[serde(rename = "m.fully_read")]
    fully_read: Option<String>,
    #[serde(rename = "m.read")]
    read: Option<String>,
    #[serde(rename = "m.read.private")]
    private: Option<String>,
}

#[derive(Deserialize)]
struct SetPresence {
    presence: Presence,
    status_msg: Option<String>,
}

impl Gateway {
    /// `PUT /user/{user}/account_data/m.ignored_user_list`: whom a client ignores is blocked at every door.
    pub(super) async fn ignore(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
        user: &str,
    ) -> Result<Response, Refusal> {
        own(caller, user)?;
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        let _alone = self.core.alone_with_ignores(&caller.principal).await;
        let answer = self
            .forward(Request::from_parts(head, Body::from(body.clone())), asked)
            .await?;
        if answer.status().is_success() {
            self.core.heard_ignores(&caller.principal, &body).await?;
        }
        Ok(answer)
    }

    /// `PUT /rooms/{room}/typing/{user}`.
    pub(super) async fn typing(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
        (room, user): (&str, &str),
    ) -> Result<Response, Refusal> {
        own(caller, user)?;
        self.may_write_in(caller, room).await?;
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        let typing: Typing = parse(&body)?;
        if typing.typing {
            // Before the homeserver shows it to the other one of a direct room.
            self.core.may_say_in(&caller.principal, &room_id(room)?).await?;
        }
        let answer = self
            .forward(Request::from_parts(head, Body::from(body)), asked)
            .await?;
        if answer.status().is_success() {
            let lasting = typing
                .typing
                .then(|| typing.timeout.map_or(TYPING, Duration::from_millis));
            let taken_in = self
                .core
                .heard_typing(&caller.principal, &room_id(room)?, lasting)
                .await;
            passed_by("typing", taken_in);
        }
        Ok(answer)
    }

    /// `POST /rooms/{room}/receipt/{kind}/{event}`.
    pub(super) async fn receipt(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
        (room, kind, event): (&str, &str, &str),
    ) -> Result<Response, Refusal> {
        self.may_act_in(caller, room).await?;
        let room = room_id(room)?;
        let event = decoded(event).ok_or_else(Refusal::unrecognized)?.into_owned();
        let private = match kind {
            "m.read" => Some(false),
            "m.read.private" | "m.fully_read" => Some(true),
            _ => None,
        };
        let answer = self.forward(request, asked).await?;
        if answer.status().is_success()
            && let Some(private) = private
        {
            self.heard_read(caller, &room, &event, private);
        }
        Ok(answer)
    }

    /// `POST /rooms/{room}/read_markers`.
    pub(super) async fn markers(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
        room: &str,
    ) -> Result<Response, Refusal> {
        self.may_act_in(caller, room).await?;
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        let markers: Markers = parse(&body)?;
        let answer = self
            .forward(Request::from_parts(head, Body::from(body)), asked)
            .await?;
        if answer.status().is_success() {
            let room = room_id(room)?;
            // A receipt says more than a marker that only its owner sees.
            if let Some(event) = markers.read {
                self.heard_read(caller, &room, &event, false);
            } else if let Some(event) = markers.private.or(markers.fully_read) {
                self.heard_read(caller, &room, &event, true);
            }
        }
        Ok(answer)
    }

    fn heard_read(&self, caller: &Caller, room: &RoomId, event: &str, private: bool) {
        let Some(event) = EventId::parse(event) else {
            return;
        };
        let (core, principal, room) = (self.core.clone(), caller.principal.clone(), room.clone());
        tokio::spawn(async move {
            let heard = core.heard_read(&principal, &room, &event, private).await;
            passed_by("receipt", heard);
        });
    }

    /// `GET /presence/{user}/status`.
    pub(super) async fn presence_of(&self, caller: &Caller, user: &str) -> Result<Response, Refusal> {
        let user = decoded(user).ok_or_else(Refusal::unrecognized)?;
        let status = self.core.status_of(&caller.principal, &user).await?;
        let mut body = content(status.presence, status.last_seen, self.core.clock.now());
        if let Some(status_msg) = status.status_msg {
            body["status_msg"] = json!(status_msg);
        }
        Ok(ok(&body))
    }

    /// `PUT /presence/{user}/status`.
    pub(super) async fn set_presence(
        &self,
        caller: &Caller,
        body: Body,
        user: &str,
    ) -> Result<Response, Refusal> {
        own(caller, user)?;
        let body = whole(body).await?;
        let set: SetPresence = parse(&body)?;
        self.core
            .set_presence(&caller.principal, set.presence, set.status_msg.as_deref());
        Ok(ok(&json!({})))
    }

    /// `GET /sync`: the homeserver's, held as long as it holds it; or an answer of our own about who came and went.
    pub(super) async fn sync(
        self: &Arc<Self>,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
    ) -> Result<Response, Refusal> {
        let uri = request.uri();
        let patience = patience_of(uri);
        let says = match parameter(uri, "set_presence").as_deref() {
            Some("offline") => Presence::Offline,
            Some("unavailable") => Presence::Unavailable,
            _ => Presence::Online,
        };
        let since = parameter(uri, "since").filter(|since| !since.is_empty());
        let waits = parameter(uri, "timeout").is_some_and(|timeout| timeout != "0");
        let syncing = self.core.syncs(&caller.principal, Some(says));
        let feed = self.feeds.of(&self.core, caller);
        // The first sync is the homeserver's alone.
        let Some(since) = since else {
            return self.upstream.pass(request, asked.address, patience).await;
        };
        if !waits && let Some(events) = feed.take(self.core.clock.now()) {
            return Ok(told(&since, &events));
        }
        let (mut head, body) = request.into_parts();
        let keeps = head.version == Version::HTTP_11 && !closes(&head.headers);
        if waits && head.method == Method::GET && body.is_end_stream() && self.upstream.is_plain() {
            self.upstream.address(&mut head, asked.address)?;
            let (authority, request) =
                hold::written(&head.uri, &head.headers).ok_or_else(Refusal::unrecognized)?;
            let waiting = Waiting {
                gateway: self.clone(),
                ended: caller.ended.clone(),
                syncing,
                feed,
                since,
                authority,
                request,
                patience,
                keeps,
            };
            return Ok(waiting.held());
        }
        let passing = self
            .upstream
            .pass(Request::from_parts(head, body), asked.address, patience);
        tokio::pin!(passing);
        loop {
            tokio::select! {
                biased;
                answer = &mut passing => return answer,
                () = feed.ready() => {
                    if let Some(events) = feed.take(self.core.clock.now()) {
                        return Ok(told(&since, &events));
                    }
                }
            }
        }
    }
}

/// Whether the client wants the connection to end with this request.
fn closes(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CONNECTION).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|word| word.trim().eq_ignore_ascii_case("close"))
}

/// Whether a path names the caller.
pub(super) fn own(caller: &Caller, user: &str) -> Result<(), Refusal> {
    let user = decoded(user).ok_or_else(Refusal::unrecognized)?;
    if user == *caller.principal.user_id {
        Ok(())
    } else {
        Err(Refusal::forbidden("that is another person"))
    }
}

/// The client has its answer; what could not be taken in here is made good by the next of its kind.
fn passed_by(what: &str, heard: crate::error::Result<()>) {
    if let Err(error) = heard {
        tracing::debug!(target: "gateway", ?error, what, "something that passed by was not taken in");
    }
}
