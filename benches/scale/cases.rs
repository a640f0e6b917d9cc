//! What is measured: each of the store's queries as the service asks it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use futures_util::future::BoxFuture;
use messenger_service::store::writer::{Change, NewMessage, Outcome, Writer};
use messenger_service::store::{Following, NotificationFilter, RoomsAfter, Search, Store, Window};
use messenger_service::types::{NotificationStatus, PersonId, RoomId, TargetType, Timestamp};

use crate::fill::at;
use crate::world::{
    self, ANNA, NEWCOMER, OTTO, PAGE_OF_CROWD, ROOMS_OF_ANNA, UNMARKED, World, big, crowd, event, mid, quiet,
    tenant,
};

/// How many times as long a query may take on the large database.
const ALLOWED: f64 = 2.0;
/// Below this a difference is the machine's, not the query's.
const NOISE: Duration = Duration::from_micros(25);
/// Read marks are merged by the hour.
const HOUR_MS: i64 = 3_600_000;

/// Runs a query, the n-th time, and tells how many rows it had.
type Run = Box<dyn for<'a> Fn(&'a Store, &'a World, usize) -> BoxFuture<'a, Result<usize>>>;

/// A query that is measured.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) bound: Bound,
    pub(crate) run: Run,
}

/// What a query's cost may depend on.
pub(crate) enum Bound {
    /// It costs the same at every size.
    Nothing,
    /// It stays below so many milliseconds.
    Milliseconds(u32),
    /// It grows with this, which is not the number of messages.
    Grows(&'static str),
}

impl Bound {
    /// As the report says it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Nothing => format!("{ALLOWED} times"),
            Self::Milliseconds(most) => format!("{most} ms"),
            Self::Grows(with) => format!("grows with {with}"),
        }
    }

    /// Whether it holds for these times at the small and the large size.
    pub(crate) fn holds(&self, quick: Duration, slow: Duration) -> bool {
        match self {
            Self::Nothing => slow.as_secs_f64() <= ALLOWED * quick.as_secs_f64() || slow <= quick + NOISE,
            Self::Milliseconds(most) => slow <= Duration::from_millis(u64::from(*most)),
            Self::Grows(_) => true,
        }
    }
}

macro_rules! case {
    ($name:expr, |$store:ident, $world:ident, $run:ident| $body:expr) => {
        case!($name, Bound::Nothing, |$store, $world, $run| $body)
    };
    ($name:expr, $bound:expr, |$store:ident, $world:ident, $run:ident| $body:expr) => {
        Case {
            name: $name,
            bound: $bound,
            run: Box::new(|$store: &Store, $world: &World, $run: usize| {
                Box::pin(async move {
                    // Not every query depends on both.
                    let _ = ($world, $run);
                    Ok($body)
                })
            }),
        }
    };
}

fn some<T>(found: Option<T>) -> usize {
    found.map_or(0, |_| 1)
}

/// All of them.
pub(crate) fn all() -> Vec<Case> {
    [
        history(),
        messages(),
        room_lists(),
        pages_of_conversations(),
        pages_of_messages(),
        search(),
        log(),
        notifications(),
        outbox(),
        people(),
        writes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn history() -> Vec<Case> {
    const PAGE: i64 = 50;
    vec![
        case!("messages(): newest page of the big room", |store, world, run| {
            store
                .messages(
                    &big(),
                    Window {
                        before: i64::MAX,
                        limit: PAGE,
                    },
                )
                .await?
                .len()
        }),
        case!(
            "messages(): a page in the middle of the big room",
            |store, world, run| store
                .messages(
                    &big(),
                    Window {
                        before: world.somewhere(run).max(world.head / 5),
                        limit: PAGE
                    }
                )
                .await?
                .len()
        ),
        case!(
            "messages(): newest page of a room with less",
            |store, world, run| store
                .messages(
                    &mid(),
                    Window {
                        before: i64::MAX,
                        limit: PAGE
                    }
                )
                .await?
                .len()
        ),
        case!(
            "messages(): newest page of a room that went quiet",
            |store, world, run| store
                .messages(
                    &quiet(),
                    Window {
                        before: i64::MAX,
                        limit: PAGE
                    }
                )
                .await?
                .len()
        ),
        case!(
            "messages_after(): a page in the middle of the big room",
            |store, world, run| store
                .messages_after(
                    &big(),
                    Following {
                        after: world.somewhere(run).min(world.head * 4 / 5),
                        limit: PAGE
                    }
                )
                .await?
                .len()
        ),
        case!("reactions(): of a page in the middle", |store, world, run| {
            let to = world.somewhere(run).max(world.head / 5);
            store.reactions(&big(), to - 2 * PAGE, to).await?.len()
        }),
        case!("first_reads(): of a page in the middle", |store, world, run| {
            let to = world.somewhere(run).max(world.head / 5);
            store.first_reads(&big(), to - 2 * PAGE, to).await?.len()
        }),
        case!(
            "position_after(): page 100 of the big room",
            |store, world, run| some(store.position_after(&big(), 99 * PAGE).await?)
        ),
    ]
}

/// The queries behind a page of 50 messages with all that belongs to them, as the service asks them: the last two at the
/// same time.
async fn in_detail(store: &Store, room: &RoomId, skip: i64) -> Result<usize> {
    let Some(newest) = store.position_after(room, skip).await? else {
        return Ok(0);
    };
    let (before, limit) = (newest + 1, 50);
    let mut page = store.messages(room, Window { before, limit }).await?;
    store.quote(page.iter_mut()).await?;
    let (from, to) = (page.last().map_or(0, |oldest| oldest.position), newest);
    tokio::try_join!(store.reactions(room, from, to), store.first_reads(room, from, to))?;
    Ok(page.len())
}

fn pages_of_messages() -> Vec<Case> {
    const SOON: Bound = Bound::Milliseconds(25);
    vec![
        case!(
            "first_reads(): newest page in a room of 50, 5,000 people",
            SOON,
            |store, world, run| {
                let from = world.head - PAGE_OF_CROWD;
                store.first_reads(&crowd(), from, world.head).await?.len()
            }
        ),
        case!(
            "first_reads(): what nobody has read in a room of 50, 5,000 people",
            Bound::Grows("the room's members"),
            |store, world, run| {
                let from = world.head - PAGE_OF_CROWD / 20;
                store.first_reads(&crowd(), from, world.head).await?.len()
            }
        ),
        case!(
            "reactions(): newest page in a room of 50, 5,000 people",
            SOON,
            |store, world, run| {
                let from = world.head - PAGE_OF_CROWD;
                store.reactions(&crowd(), from, world.head).await?.len()
            }
        ),
        case!(
            "messages(), quote(): newest page in a room of 50, 5,000 people",
            SOON,
            |store, world, run| {
                let (before, limit) = (i64::MAX, 50);
                let mut page = store.messages(&crowd(), Window { before, limit }).await?;
                store.quote(page.iter_mut()).await?;
                page.iter().filter(|message| message.quoted.is_some()).count()
            }
        ),
        case!(
            "position_after(), messages(), quote(), reactions(), first_reads(): page 1 in a room of 50, 5,000 people",
            SOON,
            |store, world, run| in_detail(store, &crowd(), 0).await?
        ),
        case!(
            "position_after(), messages(), quote(), reactions(), first_reads(): page 40 of the big room",
            SOON,
            |store, world, run| in_detail(store, &big(), 39 * 50).await?
        ),
    ]
}

fn messages() -> Vec<Case> {
    vec![
        case!("message()", |store, world, run| some(
            store.message(&event(world.somewhere(run))).await?
        )),
        case!("message_of_client()", |store, world, run| {
            let called = world::client_id(world.somewhere(run));
            some(store.message_of_client(&mid(), &OTTO.into(), &called).await?)
        }),
        case!("position_of(): unknown", |store, world, run| some(
            store
                .position_of(&event(world.somewhere(run) + 2 * world.head))
                .await?
        )),
        case!("notification_message()", |store, world, run| some(
            store
                .notification_message(world.notifications - run as i64 % 9)
                .await?
        )),
        case!("reaction()", |store, world, run| some(
            store
                .reaction(
                    &event(World::position(world.somewhere(run) / 20 * 10)),
                    &OTTO.into(),
                    "👍"
                )
                .await?
        )),
        case!("newest_message_at()", |store, world, run| some(
            store.newest_message_at().await?
        )),
        case!(
            "visible_media(): posted where one sees it",
            |store, world, run| {
                let n = world.somewhere(run) / 100 * 50 + 4;
                some(
                    store
                        .visible_media(&world::url(World::position(n)), &ANNA.into(), &tenant())
                        .await?,
                )
            }
        ),
        case!("visible_media(): unknown", |store, world, run| some(
            store
                .visible_media("mxc://hub.example.org/none", &ANNA.into(), &tenant())
                .await?
        )),
    ]
}

async fn rooms(store: &Store, person: &str, came: i64, before: i64) -> Result<usize> {
    Ok(store
        .rooms_of(&person.into(), &tenant(), came, RoomsAfter { before, limit: 50 })
        .await?
        .len())
}

/// The three queries behind a page of conversations, as the service asks them: the first two at the same time.
async fn conversations(store: &Store, person: &str) -> Result<usize> {
    let (person, tenant) = (person.into(), tenant());
    let page = RoomsAfter {
        before: i64::MAX,
        limit: 51,
    };
    let (rooms, _) = tokio::try_join!(
        store.rooms_of(&person, &tenant, 0, page),
        store.unread(&person, &tenant, 0)
    )?;
    let ids: Vec<&RoomId> = rooms.iter().take(50).map(|listed| &listed.room.room_id).collect();
    store.members_of_rooms(&ids).await?;
    Ok(ids.len())
}

/// The queries behind a page by number of 20 conversations, as the service asks them, one after the other.
async fn conversations_by_number(store: &Store, person: &str, page: i64) -> Result<usize> {
    const LIMIT: i64 = 20;
    let (person, tenant) = (person.into(), tenant());
    let mut before = i64::MAX;
    if page > 1 {
        let first = store.list_position(&person, &tenant, (page - 1) * LIMIT).await?;
        let Some(first) = first else { return Ok(0) };
        before = first + 1;
    }
    let page = RoomsAfter { before, limit: LIMIT };
    let rooms = store.rooms_of(&person, &tenant, 0, page).await?;
    let ids: Vec<&RoomId> = rooms.iter().map(|listed| &listed.room.room_id).collect();
    store.members_of_rooms(&ids).await?;
    Ok(ids.len())
}

async fn unread(store: &Store, room: RoomId, person: &str, came: i64) -> Result<usize> {
    Ok(some(
        store.listed_room(&room, &PersonId::from(person), came).await?,
    ))
}

fn pages_of_conversations() -> Vec<Case> {
    vec![
        case!(
            "rooms_of(), members_of_rooms(), unread(): a page of 50 for a person with 30 rooms, 2,000",
            Bound::Milliseconds(10),
            |store, world, run| conversations(store, OTTO).await?
        ),
        case!(
            "rooms_of(), members_of_rooms(): page 1 of 20 for a person with 30 rooms, 2,000",
            Bound::Milliseconds(10),
            |store, world, run| conversations_by_number(store, OTTO, 1).await?
        ),
        case!(
            "list_position(), rooms_of(), members_of_rooms(): page 40 of 20 for a person with 30 rooms, 2,000",
            Bound::Milliseconds(25),
            |store, world, run| conversations_by_number(store, OTTO, 40).await?
        ),
        case!(
            "list_position(): page 3 of 200 rooms",
            Bound::Grows("the person's rooms"),
            |store, world, run| some(store.list_position(&ANNA.into(), &tenant(), 100).await?)
        ),
        case!(
            "unread(): a person with 30 rooms, 2,000",
            Bound::Grows("the person's rooms"),
            |store, world, run| store.unread(&OTTO.into(), &tenant(), 0).await? as usize
        ),
        case!(
            "unread(): without markers",
            Bound::Grows("the tenant's rooms"),
            |store, world, run| store.unread(&UNMARKED.into(), &tenant(), world.head / 2).await? as usize
        ),
        case!(
            "members_of_rooms(): 50 rooms, the big one among them",
            |store, world, run| {
                let rooms: Vec<RoomId> = (0..49).map(|n| world::room("anna", n)).chain([big()]).collect();
                let rooms: Vec<&RoomId> = rooms.iter().collect();
                store.members_of_rooms(&rooms).await?.values().map(Vec::len).sum()
            }
        ),
    ]
}

fn room_lists() -> Vec<Case> {
    vec![
        case!("rooms_of(): a person with 200 rooms", |store, world, run| rooms(
            store,
            ANNA,
            0,
            i64::MAX
        )
        .await?),
        case!("rooms_of(): a later page", |store, world, run| {
            rooms(store, ANNA, 0, world.earlier()).await?
        }),
        case!("rooms_of(): a newcomer", |store, world, run| {
            rooms(store, NEWCOMER, world.head, i64::MAX).await?
        }),
        case!("rooms_of(): without markers", |store, world, run| {
            rooms(store, UNMARKED, world.head / 2, i64::MAX).await?
        }),
        case!(
            "rooms_of(): a person with 30 rooms, 2,000",
            Bound::Grows("the person's rooms"),
            |store, world, run| rooms(store, OTTO, 0, i64::MAX).await?
        ),
        case!("listed_room(): big room, with a marker", |store, world, run| {
            unread(store, big(), ANNA, 0).await?
        }),
        case!(
            "listed_room(): big room, without a marker",
            |store, world, run| unread(store, big(), UNMARKED, world.head / 2).await?
        ),
        case!("listed_room(): big room, a newcomer", |store, world, run| {
            unread(store, big(), NEWCOMER, world.head).await?
        }),
        case!(
            "listed_room(): quiet room, without a marker",
            |store, world, run| { unread(store, quiet(), UNMARKED, world.head / 2).await? }
        ),
        case!("listed_room(): a direct room", |store, world, run| {
            unread(
                store,
                world::room("anna", run as i64 * 2 % ROOMS_OF_ANNA),
                ANNA,
                0,
            )
            .await?
        }),
        case!("room()", |store, world, run| some(
            store
                .room(&world::room("anna", run as i64 % ROOMS_OF_ANNA))
                .await?
        )),
        case!("room_by_key()", |store, world, run| some(
            store.room_by_key("general:0").await?
        )),
        case!("standing()", |store, world, run| some(
            store.standing(&big(), &ANNA.into()).await?
        )),
        case!("members(): first page of the big room", |store, world, run| store
            .members(&big(), "", 50)
            .await?
            .len()),
        case!(
            "someone_in(): of 50, 5,000",
            Bound::Grows("the room's members"),
            |store, world, run| some(store.someone_in(&big()).await?)
        ),
        case!(
            "readers(): of 50, 5,000",
            Bound::Grows("the room's members"),
            |store, world, run| store.readers(&big(), &ANNA.into(), 200).await?.len()
        ),
        case!("joined_rooms(): 200 rooms", |store, world, run| store
            .joined_rooms(&ANNA.into())
            .await?
            .len()),
        case!("recent_rooms()", |store, world, run| store
            .recent_rooms(RoomsAfter {
                before: i64::MAX,
                limit: 50
            })
            .await?
            .len()),
        case!(
            "hourly(): 10,000 positions",
            Bound::Grows("what happened in the hours"),
            |store, world, run| {
                let since = Timestamp(at((world.head - 10_000).max(0)));
                store.hourly(Some(&tenant()), since).await?.0.len()
            }
        ),
        case!(
            "count_rooms(): of a tenant",
            Bound::Grows("rooms"),
            |store, world, run| store.count_rooms(Some(&tenant())).await? as usize
        ),
        case!(
            "count_rooms(): in all",
            Bound::Grows("rooms"),
            |store, world, run| store.count_rooms(None).await? as usize
        ),
    ]
}

/// The newest 20 messages with this part, which they really have.
async fn find(store: &Store, part: &str, room: Option<&RoomId>) -> Result<usize> {
    Ok(find_before(store, part, room, i64::MAX, 20).await?.0)
}

/// How many messages with this part lie before a position, and the position of the last of them.
async fn find_before(
    store: &Store,
    part: &str,
    room: Option<&RoomId>,
    before: i64,
    limit: i64,
) -> Result<(usize, i64)> {
    let (person, tenant) = (PersonId::from(ANNA), tenant());
    let room = room.map(RoomId::as_str);
    let search = Search {
        person: &person,
        tenant: &tenant,
        part,
        room,
        before,
        limit,
    };
    let found = store.search_messages(&search).await?;
    let folded = part.to_lowercase();
    for message in &found {
        ensure!(
            message.body.to_lowercase().contains(&folded),
            "{part} is not in {}",
            message.body
        );
    }
    Ok((found.len(), found.last().map_or(0, |last| last.position)))
}

fn search() -> Vec<Case> {
    const SOON: Bound = Bound::Milliseconds(100);
    vec![
        case!("search_messages(): in 5 messages", SOON, |store, world, run| {
            find(store, "seltenwort", None).await?
        }),
        case!("search_messages(): in every third", SOON, |store, world, run| {
            find(store, "maschine", None).await?
        }),
        case!(
            "search_messages(): in every thousandth",
            SOON,
            |store, world, run| find(store, "mittelwort", None).await?
        ),
        case!("search_messages(): in none", SOON, |store, world, run| find(
            store,
            "gibt es nicht",
            None
        )
        .await?),
        case!(
            "search_messages(): two letters, in most",
            SOON,
            |store, world, run| find(store, "sc", None).await?
        ),
        case!(
            "search_messages(): two letters, in 5",
            SOON,
            |store, world, run| find(store, "xq", None).await?
        ),
        case!(
            "search_messages(): in many, none of them new",
            Bound::Grows("the hits"),
            |store, world, run| find(store, "altwort", None).await?
        ),
        case!(
            "search_messages(): in many, none to be seen",
            Bound::Grows("the hits"),
            |store, world, run| find(store, "fremdwort", None).await?
        ),
        case!(
            "search_messages(): page 40 of what is in every third",
            SOON,
            |store, world, run| {
                let (_, last) = find_before(store, "maschine", None, i64::MAX, 39 * 20).await?;
                find_before(store, "maschine", None, last, 20).await?.0
            }
        ),
        case!(
            "search_messages(): signs of patterns, in every thousandth",
            SOON,
            |store, world, run| find(store, "100%_fertig", None).await?
        ),
        case!(
            "search_messages(): signs of patterns, in none",
            SOON,
            |store, world, run| find(store, "100_%fertig", None).await?
        ),
        case!(
            "search_messages(): capital umlauts, in every thousandth",
            SOON,
            |store, world, run| find(store, "ÖLWECHSEL", None).await?
        ),
        case!(
            "search_messages(): capital umlauts, in half",
            SOON,
            |store, world, run| find(store, "STÖRUNG", None).await?
        ),
        case!(
            "search_messages(): in a room of many messages",
            SOON,
            |store, world, run| find(store, "maschine", Some(&mid())).await?
        ),
        case!(
            "search_messages(): in a room that went quiet",
            SOON,
            |store, world, run| find(store, "maschine", Some(&quiet())).await?
        ),
        case!("search_messages(): in a small room", SOON, |store, world, run| {
            find(store, "maschine", Some(&world::room("anna", 2))).await?
        }),
        case!(
            "search_messages(): rare, in a small room",
            SOON,
            |store, world, run| find(store, "mittelwort", Some(&world::room("anna", 2))).await?
        ),
    ]
}

fn log() -> Vec<Case> {
    vec![
        case!("log_head()", |store, world, run| store.log_head().await? as usize),
        case!("log_after(): near the head", |store, world, run| store
            .log_after(world.head - 20, 500)
            .await?
            .len()),
        case!("log_after(): a full page further back", |store, world, run| store
            .log_after(world.head - 900, 500)
            .await?
            .len()),
        case!("log_after(): the head", |store, world, run| store
            .log_after(world.head + 1_000_000, 500)
            .await?
            .len()),
        case!("poll_cursor()", |store, world, run| some(
            store.poll_cursor(&ANNA.into(), "web").await?
        )),
    ]
}

/// A page of notifications, with these filters.
async fn listed(store: &Store, set: impl FnOnce(&mut NotificationFilter)) -> Result<usize> {
    let mut filter = NotificationFilter {
        limit: 50,
        ..NotificationFilter::default()
    };
    set(&mut filter);
    Ok(store.notifications(&filter).await?.len())
}

fn notifications() -> Vec<Case> {
    const FAILED: Option<NotificationStatus> = Some(NotificationStatus::Failed);
    vec![
        case!("notification()", |store, world, run| some(
            store.notification(world.notifications / 2).await?
        )),
        case!("notifications(): all", |store, world, run| listed(store, |_| ())
            .await?),
        case!("notifications(): of a token", |store, world, run| {
            listed(store, |filter| filter.token_id = Some("token1".into())).await?
        }),
        case!("notifications(): of a tenant", |store, world, run| {
            listed(store, |filter| filter.tenant = Some(tenant())).await?
        }),
        case!("notifications(): all that failed", |store, world, run| {
            listed(store, |filter| filter.status = FAILED).await?
        }),
        case!("notifications(): of a token, failed", |store, world, run| {
            listed(store, |filter| {
                (filter.token_id, filter.status) = (Some("token1".into()), FAILED);
            })
            .await?
        }),
        case!("notifications(): of a tenant, failed", |store, world, run| {
            listed(store, |filter| {
                (filter.tenant, filter.status) = (Some(tenant()), FAILED);
            })
            .await?
        }),
        case!("notifications(): of a tenant, sent", |store, world, run| {
            let sent = Some(NotificationStatus::Sent);
            listed(store, |filter| {
                (filter.tenant, filter.status) = (Some(tenant()), sent);
            })
            .await?
        }),
        case!(
            "notifications(): of a tenant, a rare application",
            |store, world, run| {
                listed(store, |filter| {
                    (filter.tenant, filter.source_app) = (Some(tenant()), Some("rare".into()));
                })
                .await?
            }
        ),
        case!(
            "notifications(): of a tenant, a rare kind of target",
            |store, world, run| {
                listed(store, |filter| {
                    (filter.tenant, filter.target_type) = (Some(tenant()), Some(TargetType::Dm));
                })
                .await?
            }
        ),
    ]
}

fn outbox() -> Vec<Case> {
    vec![
        case!("outbox()", |store, world, run| store.outbox().await?.0 as usize),
        case!(
            "count_notifications(): queued, of a tenant",
            |store, world, run| {
                store
                    .count_notifications(Some(&tenant()), NotificationStatus::Queued)
                    .await? as usize
            }
        ),
        case!("count_notifications(): failed, in all", |store, world, run| {
            store
                .count_notifications(None, NotificationStatus::Failed)
                .await? as usize
        }),
        // A lease that is over at once, so that the same ones are due again.
        case!("lease_due()", |store, world, run| store
            .lease_due(Timestamp(at(world.head)), Timestamp(0), 20)
            .await?
            .len()),
        case!("release_waiting(): nobody", |store, world, run| {
            store
                .release_waiting(&ANNA.into(), &tenant(), Timestamp(0))
                .await? as usize
        }),
    ]
}

fn people() -> Vec<Case> {
    vec![
        case!("person()", |store, world, run| some(
            store.person(&ANNA.into()).await?
        )),
        case!("person_of_user()", |store, world, run| some(
            store.person_of_user("@hub_anna:hub.example.org").await?
        )),
        case!(
            "find_people(): by name",
            Bound::Grows("people of the tenant"),
            |store, world, run| store.find_people(&tenant(), "otto", "", 20).await?.len()
        ),
        case!("support_team()", |store, world, run| store
            .support_team()
            .await?
            .len()),
        case!(
            "count_people(): of a tenant",
            Bound::Grows("people"),
            |store, world, run| store.count_people(Some(&tenant())).await? as usize
        ),
        case!(
            "count_people(): in all",
            Bound::Grows("people"),
            |store, world, run| store.count_people(None).await? as usize
        ),
        case!("service_token()", |store, world, run| some(
            store.service_token(&format!("{:064x}", world::mix(3))).await?
        )),
        case!("service_tokens()", |store, world, run| store
            .service_tokens(Some(&tenant()), "", 50)
            .await?
            .len()),
    ]
}

async fn apply(store: &Store, change: Change) -> Result<usize> {
    let outcome = Writer::start(store, Box::new(drop)).apply(change).await?;
    Ok(usize::from(matches!(outcome, Outcome::Applied(_))))
}

/// A message of Otto's that was not there before.
fn new_message(world: &World, room_id: RoomId) -> Change {
    static SENT: AtomicI64 = AtomicI64::new(0);
    Change::Message(Box::new(NewMessage {
        event_id: event(2 * world.head + SENT.fetch_add(1, Ordering::Relaxed)),
        room_id,
        sender: OTTO.into(),
        sender_user: "@hub_otto:hub.example.org".into(),
        sender_name: "Otto".into(),
        sender_avatar: None,
        sender_given: None,
        sender_family: None,
        msg_type: "m.text".into(),
        body: "Die Maschine in Halle zwei läuft wieder, danke an die Kollegen der Frühschicht".into(),
        reply_to: None,
        url: None,
        file_name: None,
        mime_type: None,
        size: None,
        notification: None,
        mentions: vec![],
        client_id: None,
        sent_at: Timestamp(at(world.head)),
    }))
}

fn writes() -> Vec<Case> {
    vec![
        case!("writer: a message", |store, world, run| {
            apply(store, new_message(world, big())).await?
        }),
        case!(
            "writer: a message, and a read marker moves to it, in a room of 50, 5,000 people",
            |store, world, run| {
                let sent = apply(store, new_message(world, crowd())).await?;
                let read = Change::Read {
                    room_id: crowd(),
                    person_id: ANNA.into(),
                    up_to: None,
                    private: false,
                    at: Timestamp(at(world.head)),
                };
                sent + apply(store, read).await?
            }
        ),
        case!("writer: a read marker", |store, world, run| {
            let (room_id, person_id, at) = (big(), PersonId::from(ANNA), Timestamp(at(world.head)));
            // It is there already.
            let up_to = Some(event(World::position(world.messages / 2 / 10 * 10)));
            apply(
                store,
                Change::Read {
                    room_id,
                    person_id,
                    up_to,
                    private: false,
                    at,
                },
            )
            .await?
        }),
        case!(
            "writer: all of a quiet room is read, by a newcomer",
            |store, world, run| {
                let (room_id, person_id, at) = (quiet(), PersonId::from(NEWCOMER), Timestamp(at(world.head)));
                apply(
                    store,
                    Change::Read {
                        room_id,
                        person_id,
                        up_to: None,
                        private: false,
                        at,
                    },
                )
                .await?
            }
        ),
        // At most an hour at a time: the first time it is merged, and later looked through again.
        case!(
            "merge_read_marks(): an hour",
            Bound::Grows("the marks of the hour"),
            |store, world, run| {
                let begin = at(world.somewhere(run)) / HOUR_MS * HOUR_MS;
                let again = format!("UPDATE counters SET value = {begin} WHERE name = 'read_marks'");
                world.database.execute(again).await?;
                store.merge_read_marks(Timestamp(begin + HOUR_MS)).await?;
                0
            }
        ),
        case!(
            "prune(): a row or none",
            Bound::Grows("clients that poll"),
            |store, world, run| {
                store.prune(Timestamp(0), Timestamp(at(run as i64 * 2))).await?;
                0
            }
        ),
    ]
}
