//! What is checked before something is done in a room (contract R16, R19, R43, R45).

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Request, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Refusal, ok};
use super::login::parse;
use super::path::decoded;
use super::policy::NO_NAMES;
use super::proxy::whole;
use super::{Asked, Gateway};
use crate::core::Core;
use crate::core::external::Caller;
use crate::types::{Audience, RoomId};

const ENCRYPTION: &str = "m.room.encryption";
const NO_ENCRYPTION: &str = "rooms are not encrypted here: everybody reads through the messenger, too";
const NOT_PUBLIC: &str = "rooms are for one tenant: people are invited";
/// The version of new rooms, as those that are made through the APIs have it.
const ROOM_VERSION: &str = "11";
const BY_MESSENGER: &str = "that is set by the messenger";

/// The parts of a new room that the rules are about.
#[derive(Deserialize)]
struct NewRoom {
    visibility: Option<String>,
    preset: Option<String>,
    room_alias_name: Option<String>,
    room_version: Option<Value>,
    #[serde(default)]
    invite: Vec<String>,
    #[serde(default)]
    invite_3pid: Vec<Value>,
    #[serde(default)]
    initial_state: Vec<InitialState>,
    #[serde(default)]
    is_direct: bool,
    #[serde(default)]
    creation_content: Value,
}

#[derive(Deserialize)]
struct InitialState {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    content: Value,
}

#[derive(Deserialize)]
struct Invite {
    user_id: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    membership: Option<String>,
    displayname: Option<String>,
}

#[derive(Deserialize)]
struct Made {
    room_id: String,
}

/// A room id of the path.
pub(super) fn room_id(segment: &str) -> Result<RoomId, Refusal> {
    let text = decoded(segment).ok_or_else(Refusal::unrecognized)?;
    RoomId::parse(&text)
        .ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "M_INVALID_PARAM", "that is no room id"))
}

fn text(segment: &str) -> Result<String, Refusal> {
    decoded(segment)
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(Refusal::unrecognized)
}

/// Whether a state event may be in a room, now or from its beginning.
fn allowed_state(kind: &str, content: &Value) -> Result<(), Refusal> {
    let field = |name: &str| content.get(name).and_then(Value::as_str).unwrap_or_default();
    let refused = match kind {
        ENCRYPTION => NO_ENCRYPTION,
        "m.room.join_rules" if !matches!(field("join_rule"), "invite" | "private" | "knock") => NOT_PUBLIC,
        "m.room.history_visibility" if field("history_visibility") == "world_readable" => NOT_PUBLIC,
        "m.room.guest_access" if field("guest_access") == "can_join" => NOT_PUBLIC,
        "m.room.create"
        | "m.room.tombstone"
        | "m.room.server_acl"
        | "m.room.canonical_alias"
        | "m.room.aliases"
        | "m.room.third_party_invite" => BY_MESSENGER,
        _ => return Ok(()),
    };
    Err(Refusal::forbidden(refused))
}

/// The same order of a room as rooms are here. With a version, as the homeserver's own default may be another one; and
/// without encryption: FluffyChat and Element X ask for it with each private room whatever the server says, and would make
/// none if that were refused. They show that the room is not encrypted.
fn as_made_here(mut head: http::request::Parts, body: &[u8]) -> Result<Request<Body>, Refusal> {
    let mut new: serde_json::Map<String, Value> = match body.trim_ascii() {
        [] => serde_json::Map::new(),
        body => parse(body)?,
    };
    new.entry("room_version").or_insert(json!(ROOM_VERSION));
    if let Some(Value::Array(state)) = new.get_mut("initial_state") {
        state.retain(|event| event["type"] != ENCRYPTION);
    }
    let body = Value::Object(new).to_string();
    head.headers.insert(CONTENT_LENGTH, body.len().into());
    head.headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(Request::from_parts(head, Body::from(body)))
}

impl Gateway {
    /// A room that the caller may ask for.
    pub(super) async fn in_reach(&self, caller: &Caller, room: &str) -> Result<(), Refusal> {
        self.core
            .room_in_reach(&caller.principal, &room_id(room)?)
            .await?;
        Ok(())
    }

    /// The same for whoever may write.
    pub(super) async fn may_write_in(&self, caller: &Caller, room: &str) -> Result<(), Refusal> {
        Core::may_write(&caller.principal)?;
        self.may_act_in(caller, room).await
    }

    /// The same for signs of life, which viewers give, too.
    pub(super) async fn may_act_in(&self, caller: &Caller, room: &str) -> Result<(), Refusal> {
        self.core
            .room_to_act_in(&caller.principal, &room_id(room)?)
            .await?;
        Ok(())
    }

    /// `PUT …/send/{kind}/{txn}`. What was sent is heard at the hub at once: the homeserver's push of it may be late, and
    /// after a failed one Conduit waits for minutes.
    pub(super) async fn send(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
        (room, kind): (&str, &str),
    ) -> Result<Response, Refusal> {
        let kind = text(kind)?;
        if matches!(kind.as_str(), "m.room.encrypted" | ENCRYPTION) {
            return Err(Refusal::forbidden(NO_ENCRYPTION));
        }
        self.may_write_in(caller, room).await?;
        self.core.may_say_in(&caller.principal, &room_id(room)?).await?;
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        let answer = self
            .forward(Request::from_parts(head, Body::from(body.clone())), asked)
            .await?;
        let room = room_id(room)?;
        let event = json!({
            "type": kind,
            "room_id": room,
            "content": serde_json::from_slice::<Value>(&body).unwrap_or_default(),
        });
        self.hear(caller, answer, room, event).await
    }

    /// `PUT …/redact/{event}/{txn}`.
    pub(super) async fn redact(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
        (room, event): (&str, &str),
    ) -> Result<Response, Refusal> {
        self.may_write_in(caller, room).await?;
        let answer = self.forward(request, asked).await?;
        let room = room_id(room)?;
        let event = json!({
            "type": "m.room.redaction",
            "room_id": room,
            "redacts": text(event)?,
            "content": { "redacts": text(event)? },
        });
        self.hear(caller, answer, room, event).await
    }

    /// Takes in an event that the homeserver has just taken, before it pushes it.
    async fn hear(
        &self,
        caller: &Caller,
        answer: Response,
        room: RoomId,
        mut event: Value,
    ) -> Result<Response, Refusal> {
        #[derive(Deserialize)]
        struct Sent {
            event_id: String,
        }
        if !answer.status().is_success() {
            return Ok(answer);
        }
        let (head, body) = answer.into_parts();
        let body = whole(body).await.map_err(|_| Refusal::away())?;
        if let Ok(sent) = serde_json::from_slice::<Sent>(&body) {
            event["event_id"] = json!(sent.event_id);
            event["sender"] = json!(caller.principal.user_id);
            event["origin_server_ts"] = json!(self.core.clock.now());
            let core = self.core.clone();
            tokio::spawn(async move {
                let raw = serde_json::value::to_raw_value(&event).map(ruma::serde::Raw::from_json);
                if let Ok(raw) = raw
                    && let Err(error) = core.take_sent(&room, &raw).await
                {
                    tracing::warn!(target: "gateway", ?error, "an event waits for the homeserver's push");
                }
            });
        }
        Ok(Response::from_parts(head, Body::from(body)))
    }

    /// `POST …/leave`.
    pub(super) async fn leave(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
        room: &str,
    ) -> Result<Response, Refusal> {
        self.in_reach(caller, room).await?;
        let answer = self.forward(request, asked).await?;
        if answer.status().is_success() {
            self.core.look_again(&caller.principal, &room_id(room)?);
        }
        Ok(answer)
    }

    /// `PUT …/state/{kind}/{key}`.
    pub(super) async fn state(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
        (room, kind, key): (&str, &str, &str),
    ) -> Result<Response, Refusal> {
        let (kind, key, id) = (text(kind)?, text(key)?, room_id(room)?);
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        let content: Value = parse(&body)?;
        allowed_state(&kind, &content)?;
        Core::may_write(&caller.principal)?;
        let known = self.core.room_in_reach(&caller.principal, &id).await?;
        let mut invited = Vec::new();
        if kind == "m.room.member" {
            let member: Member = parse(&body)?;
            match member.membership.as_deref() {
                Some("invite") => {
                    invited.push(key);
                    self.core
                        .may_invite(&caller.principal, known.as_deref(), &invited)
                        .await?;
                }
                // A client that sets a picture for one room sends the name along.
                Some("join") if member.displayname.as_deref() != Some(&*caller.principal.display_name) => {
                    return Err(Refusal::forbidden(NO_NAMES));
                }
                _ => {}
            }
        }
        let answer = self
            .forward(Request::from_parts(head, Body::from(body)), asked)
            .await?;
        self.bring_in(&answer, &id, invited);
        Ok(answer)
    }

    /// `POST …/invite`.
    pub(super) async fn invite(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
        room: &str,
    ) -> Result<Response, Refusal> {
        let id = room_id(room)?;
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        let invite: Invite = parse(&body)?;
        let user = invite
            .user_id
            .ok_or_else(|| Refusal::forbidden("invite people by their user id"))?;
        let known = self.core.room_in_reach(&caller.principal, &id).await?;
        let invited = vec![user];
        self.core
            .may_invite(&caller.principal, known.as_deref(), &invited)
            .await?;
        let answer = self
            .forward(Request::from_parts(head, Body::from(body)), asked)
            .await?;
        self.bring_in(&answer, &id, invited);
        Ok(answer)
    }

    /// Puts those who were asked in into the room, when the homeserver said yes.
    fn bring_in(&self, answer: &Response, room: &RoomId, invited: Vec<String>) {
        if !answer.status().is_success() || invited.is_empty() {
            return;
        }
        let (core, room) = (self.core.clone(), room.clone());
        tokio::spawn(async move {
            if let Err(error) = core.bring_invited_in(&room, &invited).await {
                tracing::warn!(target: "gateway", ?error, %room, "somebody who was invited could not be put into the room");
            }
        });
    }

    /// `POST /createRoom`. The direct room of two is the one they have already, through whatever door it was made.
    pub(super) async fn create(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
    ) -> Result<Response, Refusal> {
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        let new: NewRoom = parse(if body.trim_ascii().is_empty() {
            b"{}"
        } else {
            &body
        })?;
        let forbidden =
            if new.visibility.as_deref() == Some("public") || new.preset.as_deref() == Some("public_chat") {
                Some(NOT_PUBLIC)
            } else if new.room_alias_name.is_some() {
                Some("room addresses are given by the messenger")
            } else if !new.invite_3pid.is_empty() {
                Some("invite people by their user id")
            } else {
                None
            };
        if let Some(words) = forbidden {
            return Err(Refusal::forbidden(words));
        }
        if let Some(version) = &new.room_version
            && version != "10"
            && version != "11"
        {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "M_UNSUPPORTED_ROOM_VERSION",
                "rooms of the versions 10 and 11 are made here",
            ));
        }
        let mut wants_encryption = false;
        for state in &new.initial_state {
            if state.kind == ENCRYPTION {
                wants_encryption = true;
            } else {
                allowed_state(&state.kind, &state.content)?;
            }
        }
        if let (true, [partner]) = (new.is_direct, new.invite.as_slice())
            && let Some(room) = self.core.open_dm_with_user(&caller.principal, partner).await?
        {
            return Ok(ok(&json!({ "room_id": room })));
        }
        self.core.may_invite(&caller.principal, None, &new.invite).await?;
        let is_space = new.creation_content["type"] == "m.space";
        let request = if new.room_version.is_some() && !wants_encryption {
            Request::from_parts(head, Body::from(body))
        } else {
            as_made_here(head, &body)?
        };
        let answer = self.forward(request, asked).await?;
        if !answer.status().is_success() {
            return Ok(answer);
        }
        let (head, body) = answer.into_parts();
        let body = whole(body).await.map_err(|_| Refusal::away())?;
        if let Ok(made) = serde_json::from_slice::<Made>(&body) {
            let (core, invited) = (self.core.clone(), new.invite);
            let (room, principal) = (RoomId::from(made.room_id), caller.principal.clone());
            tokio::spawn(async move {
                let done = async {
                    if !is_space {
                        core.adopt_room(&principal, &room).await?;
                    }
                    core.bring_invited_in(&room, &invited).await
                };
                if let Err(error) = done.await {
                    tracing::warn!(target: "gateway", ?error, %room, "a new room could not be taken in yet");
                }
            });
        }
        Ok(Response::from_parts(head, Body::from(body)))
    }

    /// `POST /join/{room}` and `POST /rooms/{room}/join`.
    pub(super) async fn join(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
        room: &str,
    ) -> Result<Response, Refusal> {
        let typed = text(room)?;
        let id = if typed.starts_with('#') {
            self.room_of_alias(caller, &typed).await?
        } else {
            room_id(room)?
        };
        if self.core.enter_tenant_room(&caller.principal, &id).await? {
            return Ok(ok(&json!({ "room_id": id })));
        }
        let answer = self.forward(request, asked).await?;
        if answer.status().is_success() {
            self.core.look_again(&caller.principal, &id);
        }
        Ok(answer)
    }

    /// The room of an alias, if the caller may know it.
    pub(super) async fn room_of_alias(&self, caller: &Caller, alias: &str) -> Result<RoomId, Refusal> {
        let nothing = || {
            Refusal::new(
                StatusCode::NOT_FOUND,
                "M_NOT_FOUND",
                "there is no room of this address",
            )
        };
        let local = alias
            .strip_prefix('#')
            .and_then(|rest| rest.strip_suffix(self.core.config.matrix_server_name.as_str()))
            .and_then(|rest| rest.strip_suffix(':'))
            .ok_or_else(nothing)?;
        // The homeserver's own room, from which it is ruled.
        if local == "admins" {
            return Err(nothing());
        }
        let found = self.core.homeserver.resolve_alias(local).await;
        let id = found.map_err(crate::error::Error::from)?.ok_or_else(nothing)?;
        let id = RoomId::from(id.as_str());
        match self.core.room_in_reach(&caller.principal, &id).await? {
            Some(room) if room.audience == Audience::Tenant => Ok(id),
            Some(_) if self.core.is_in(&caller.principal, &id).await? => Ok(id),
            _ => Err(nothing()),
        }
    }

    /// `POST /keys/query` and `POST /keys/claim`: people of other tenants do not exist.
    pub(super) async fn keys_of(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
    ) -> Result<Response, Refusal> {
        let (mut head, body) = request.into_parts();
        let body = whole(body).await?;
        let mut query: Value = parse(&body)?;
        let mut strangers = false;
        for field in ["device_keys", "one_time_keys"] {
            let Some(users) = query.get_mut(field).and_then(Value::as_object_mut) else {
                continue;
            };
            let named: Vec<String> = users.keys().cloned().collect();
            for user in named {
                if !self.core.may_know(&caller.principal, &user).await? {
                    users.remove(&user);
                    strangers = true;
                }
            }
        }
        let body = if strangers {
            head.headers.remove(http::header::CONTENT_LENGTH);
            serde_json::to_vec(&query).unwrap_or_default().into()
        } else {
            body
        };
        self.forward(Request::from_parts(head, Body::from(body)), asked)
            .await
    }

    /// `PUT /sendToDevice/{type}/{txn}`: to people of one's own tenant.
    pub(super) async fn to_device(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
    ) -> Result<Response, Refusal> {
        #[derive(Deserialize)]
        struct ToDevice {
            #[serde(default)]
            messages: std::collections::BTreeMap<String, Value>,
        }
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        let message: ToDevice = parse(&body)?;
        let own = &*caller.principal.user_id;
        let others: Vec<String> = message.messages.into_keys().filter(|user| user != own).collect();
        if !others.is_empty() {
            self.core.may_invite(&caller.principal, None, &others).await?;
        }
        self.forward(Request::from_parts(head, Body::from(body)), asked)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r43_what_may_not_be_in_a_room() {
        for (kind, content) in [
            ("m.room.encryption", json!({"algorithm": "m.megolm.v1.aes-sha2"})),
            ("m.room.join_rules", json!({"join_rule": "public"})),
            ("m.room.join_rules", json!({"join_rule": "restricted"})),
            ("m.room.join_rules", json!({})),
            (
                "m.room.history_visibility",
                json!({"history_visibility": "world_readable"}),
            ),
            ("m.room.guest_access", json!({"guest_access": "can_join"})),
            ("m.room.tombstone", json!({})),
        ] {
            assert!(allowed_state(kind, &content).is_err(), "{kind} {content}");
        }
        for (kind, content) in [
            ("m.room.name", json!({"name": "x"})),
            ("m.room.join_rules", json!({"join_rule": "invite"})),
            (
                "m.room.history_visibility",
                json!({"history_visibility": "shared"}),
            ),
            ("org.example.own", json!({"anything": 1})),
        ] {
            assert!(allowed_state(kind, &content).is_ok(), "{kind} {content}");
        }
    }
}
