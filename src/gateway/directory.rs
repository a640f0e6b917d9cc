//! People and rooms that one may find: those of one's own tenant. The homeserver's own directories know no tenants.

use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Refusal, ok};
use super::login::parse;
use super::path::{decoded, parameter};
use super::proxy::whole;
use super::{Asked, Gateway};
use crate::core::external::Caller;

/// What is found at once when nothing else is said.
const LIMIT: usize = 50;
/// And at most.
const MAX_LIMIT: usize = 200;

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    search_term: String,
    limit: Option<usize>,
}

#[derive(Deserialize, Default)]
struct Rooms {
    limit: Option<usize>,
    since: Option<String>,
    #[serde(default)]
    filter: Filter,
}

#[derive(Deserialize, Default)]
struct Filter {
    generic_search_term: Option<String>,
}

fn within(limit: Option<usize>) -> usize {
    limit.unwrap_or(LIMIT).clamp(1, MAX_LIMIT)
}

impl Gateway {
    /// `POST /user_directory/search`.
    pub(super) async fn search_people(&self, caller: &Caller, body: Body) -> Result<Response, Refusal> {
        let body = whole(body).await?;
        let search: Search = parse(&body)?;
        let limit = within(search.limit);
        // A user id is looked for by what stands before the colon.
        let term = search.search_term.trim().trim_start_matches('@');
        let term = term.split_once(':').map_or(term, |(local, _)| local);
        let mut people = self
            .core
            .find_people(&caller.principal, term, None, limit as i64 + 1)
            .await?;
        let limited = people.len() > limit;
        people.truncate(limit);
        let results: Vec<Value> = people
            .into_iter()
            .map(|person| json!({ "user_id": person.user_id, "display_name": person.display_name }))
            .collect();
        Ok(ok(&json!({ "limited": limited, "results": results })))
    }

    /// `GET` and `POST /publicRooms`: the rooms that anybody of the tenant may enter (contract R19).
    pub(super) async fn public_rooms(
        &self,
        caller: &Caller,
        request: Request<Body>,
    ) -> Result<Response, Refusal> {
        let (head, body) = request.into_parts();
        let asked: Rooms = if head.method == http::Method::POST {
            let body = whole(body).await?;
            parse(if body.trim_ascii().is_empty() {
                b"{}"
            } else {
                &body
            })?
        } else {
            Rooms {
                limit: parameter(&head.uri, "limit").and_then(|limit| limit.parse().ok()),
                since: parameter(&head.uri, "since"),
                filter: Filter::default(),
            }
        };
        let before = match asked.since.as_deref() {
            None | Some("") => None,
            Some(since) => Some(since.parse().map_err(|_| {
                Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "M_INVALID_PARAM",
                    "since: use the next_batch of an answer",
                )
            })?),
        };
        let part = asked.filter.generic_search_term.unwrap_or_default();
        let (rooms, next) = self
            .core
            .tenant_rooms(&caller.principal, part.trim(), before, within(asked.limit))
            .await?;
        let chunk: Vec<Value> = rooms
            .into_iter()
            .map(|listed| {
                let room = listed.room;
                let mut shown = json!({
                    "room_id": room.room_id,
                    "name": room.name,
                    "num_joined_members": 0,
                    "world_readable": false,
                    "guest_can_join": false,
                    "join_rule": "public",
                });
                if let Some(topic) = room.topic {
                    shown["topic"] = json!(topic);
                }
                shown
            })
            .collect();
        let mut answer = json!({ "chunk": chunk });
        if let Some(next) = next {
            answer["next_batch"] = json!(next.to_string());
        }
        Ok(ok(&answer))
    }

    /// `GET /profile/{user}` and one of its fields.
    pub(super) async fn profile(
        &self,
        caller: &Caller,
        request: Request<Body>,
        asked: &Asked,
        user: &str,
    ) -> Result<Response, Refusal> {
        let user = decoded(user).ok_or_else(Refusal::unrecognized)?;
        if !self.core.may_know(&caller.principal, &user).await? {
            return Err(Refusal::new(
                StatusCode::NOT_FOUND,
                "M_NOT_FOUND",
                "there is nobody of this name here",
            ));
        }
        self.forward(request, asked).await
    }

    /// `GET /directory/room/{alias}`.
    pub(super) async fn alias(&self, caller: &Caller, alias: &str) -> Result<Response, Refusal> {
        let alias = decoded(alias).ok_or_else(Refusal::unrecognized)?;
        let room = self.room_of_alias(caller, &alias).await?;
        Ok(ok(
            &json!({ "room_id": room, "servers": [self.core.config.matrix_server_name] }),
        ))
    }
}
