//! Joining up: a person with an external client sees the rooms of their tenant in it (contract R19, R44).
//!
//! The hub's own interfaces need no Matrix membership for a tenant's rooms; Element shows nothing without. So enabling an
//! external client orders the person's account to be brought into the general room, into the tenant's space and into the
//! entity rooms that were active last, and their direct rooms to be known as such ([`direct`]). What is not joined shows
//! in the [`space`], and the gateway lets people in from there.
//!
//! The order is a row that a background job leases, as the outbox does. Rooms that are joined are passed over, so it goes
//! on where it was when the homeserver was away or the service was restarted.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::people::is_person;
use super::{Core, matrix_room};
use crate::error::{Error, Result};
use crate::store::{Person, Standing};
use crate::types::{Membership, PersonId, RoomId, TenantId, Timestamp};

pub mod direct;
pub mod space;

/// Entity rooms that are joined; the rest when the person asks for one.
const MAX_ROOMS: i64 = 200;
/// People worked on at once.
const PEOPLE_AT_ONCE: usize = 4;
/// Rooms of one person worked on at once.
const ROOMS_AT_ONCE: usize = 4;
/// Progress is noted, and looked whether the person still wants it, after so many rooms.
const NOTED_EVERY: i64 = 5;
/// What is on the way besides entity rooms: the general room, the space, the list of direct rooms.
const BESIDES: i64 = 3;
/// Nobody else works on a person before this is over. Each note of the progress begins it anew.
const LEASE: Duration = Duration::from_secs(30);
/// Attempts after which a homeserver that answers and refuses is given up.
const REFUSED_ATTEMPTS: i64 = 5;

/// How far a person's rooms are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// `pending`, `running`, `done` or `failed`.
    pub state: String,
    /// Rooms that are done.
    pub done: i64,
    /// Of so many; 0 as long as that is not known.
    pub total: i64,
}

/// One person's rooms, while they are worked on.
struct Work<'a> {
    person: &'a PersonId,
    tenant: TenantId,
    lease: Timestamp,
    done: i64,
    total: i64,
}

/// Why the work on a person's rooms ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// All is done.
    Done,
    /// The person may have no external client any more, or another tenant's.
    Unwanted,
    /// The service ends.
    Stopped,
    /// Somebody else works on it now.
    Lost,
}

impl Core {
    /// Orders a person's account to be brought into their tenant's rooms, in the background. One that was ordered before
    /// begins anew; what is joined already costs nothing.
    pub(super) async fn begin_joining(self: &Arc<Self>, person: &PersonId) -> Result<()> {
        Ok(self.store.begin_joining(person, self.clock.now()).await?)
    }

    /// How far that is; `None` when it never began, or the person may have no external client any more.
    pub(super) async fn joining(&self, person: &PersonId) -> Result<Option<Joining>> {
        let found = self.store.joining(person).await?;
        Ok(found.map(|(state, done, total)| Joining {
            state,
            done: done.min(total),
            total,
        }))
    }

    /// Works on the people whose rooms are due, until all are done or have to wait. At `stop`, what has begun is finished
    /// and the rest left to whoever looks next.
    pub async fn join_due(&self, stop: &CancellationToken) -> Result<()> {
        while !stop.is_cancelled() {
            let lease = self.clock.now().after(LEASE);
            let due = self
                .store
                .lease_joinings(self.clock.now(), lease, PEOPLE_AT_ONCE as i64)
                .await?;
            if due.is_empty() {
                break;
            }
            let work = due.into_iter().map(|(person, attempts)| async move {
                self.join_leased(&person, attempts, lease, stop).await
            });
            let results: Vec<Result<()>> = futures_util::stream::iter(work)
                .buffer_unordered(PEOPLE_AT_ONCE)
                .collect()
                .await;
            results.into_iter().collect::<Result<()>>()?;
        }
        Ok(())
    }

    async fn join_leased(
        &self,
        person: &PersonId,
        attempts: i64,
        lease: Timestamp,
        stop: &CancellationToken,
    ) -> Result<()> {
        let mut work = Work {
            person,
            tenant: TenantId::from(""),
            lease,
            done: 0,
            total: 0,
        };
        let result = self.join_all(&mut work, stop).await;
        let (now, lease) = (self.clock.now(), work.lease);
        match result {
            Ok(End::Done) => self.store.end_joining(person, lease, false).await?,
            Ok(End::Unwanted) => self.store.forget_joining(person, lease).await?,
            Ok(End::Stopped) => self.store.postpone_joining(person, lease, now).await?,
            Ok(End::Lost) => {}
            Err(error) if attempts >= REFUSED_ATTEMPTS && !matches!(error, Error::Unavailable(_)) => {
                tracing::warn!(?error, %person, "a person could not be brought into their rooms; given up");
                self.store.end_joining(person, lease, true).await?;
            }
            Err(error) => {
                tracing::warn!(?error, %person, done = work.done, "a person is not in all their rooms yet");
                let next = now.after(pause(attempts));
                self.store.postpone_joining(person, lease, next).await?;
            }
        }
        Ok(())
    }

    async fn join_all(&self, work: &mut Work<'_>, stop: &CancellationToken) -> Result<End> {
        let Some(person) = self.wanted(work.person).await? else {
            return Ok(End::Unwanted);
        };
        work.tenant = person.tenant.clone();
        let general = self.general_room(&work.tenant).await?;
        let rooms = self.store.rooms_to_join(&work.tenant, MAX_ROOMS).await?;
        work.total = rooms.len() as i64 + BESIDES;
        self.join_if_needed(&general, work.person).await?;
        work.done += 1;
        if let Some(end) = self.note_progress(work).await? {
            return Ok(end);
        }
        self.enter_space(&work.tenant, work.person).await?;
        work.done += 1;
        if let Some(end) = self.join_entity_rooms(work, rooms, stop).await? {
            return Ok(end);
        }
        if let Some(end) = self.note_progress(work).await? {
            return Ok(end);
        }
        self.list_directs(work.person).await?;
        Ok(End::Done)
    }

    /// Joins a few at a time. When there is no point in going on, those that have begun are finished and no others begun.
    async fn join_entity_rooms(
        &self,
        work: &mut Work<'_>,
        rooms: Vec<RoomId>,
        stop: &CancellationToken,
    ) -> Result<Option<End>> {
        let halt = stop.child_token();
        let (person, halted) = (work.person, &halt);
        let mut joins = futures_util::stream::iter(rooms)
            .map(|room| async move {
                if halted.is_cancelled() {
                    return Ok(false);
                }
                match self.join_entity_room(&room, person).await {
                    Err(error @ Error::Unavailable(_)) => Err(error),
                    Err(error) => {
                        tracing::warn!(?error, %room, %person, "a room that could not be joined was passed over");
                        Ok(true)
                    }
                    Ok(()) => Ok(true),
                }
            })
            .buffer_unordered(ROOMS_AT_ONCE);
        let (mut end, mut failure) = (None, None);
        while let Some(result) = joins.next().await {
            match result {
                Ok(true) => {
                    work.done += 1;
                    if end.is_none() && failure.is_none() && work.done % NOTED_EVERY == 0 {
                        match self.note_progress(work).await {
                            Ok(noted) => end = noted,
                            Err(error) => failure = Some(error),
                        }
                    }
                }
                Ok(false) => {}
                Err(error) => failure = Some(error),
            }
            if end.is_some() || failure.is_some() {
                halt.cancel();
            }
        }
        drop(joins);
        if let Some(error) = failure {
            // What was joined counts, and shows.
            self.note_progress(work).await?;
            return Err(error);
        }
        Ok(end.or_else(|| stop.is_cancelled().then_some(End::Stopped)))
    }

    async fn join_entity_room(&self, id: &RoomId, person: &PersonId) -> Result<()> {
        let Some(room) = self.known_room(id).await? else {
            return Ok(());
        };
        // Whoever was banned stays out.
        if let Some(Standing {
            membership: Membership::Ban,
            ..
        }) = self.standing(id, person).await?
        {
            return Ok(());
        }
        self.join_if_needed(&room, person).await?;
        Ok(())
    }

    /// Puts a person's account into their tenant's space.
    async fn enter_space(&self, tenant: &TenantId, person: &PersonId) -> Result<()> {
        let space = matrix_room(&self.space(tenant).await?)?;
        let service = self.service_account().await?;
        let account = self.account(person).await?;
        self.homeserver.invite(&space, &service, &account).await?;
        Ok(self.homeserver.join(&space, &account).await?)
    }

    /// Notes how far the work is; `Some` when it is no longer wanted, or ours.
    async fn note_progress(&self, work: &mut Work<'_>) -> Result<Option<End>> {
        let wanted = self.wanted(work.person).await?;
        if wanted.is_none_or(|person| person.tenant != work.tenant) {
            return Ok(Some(End::Unwanted));
        }
        let until = self.clock.now().after(LEASE);
        let kept = self
            .store
            .keep_joining(work.person, work.lease, until, work.done, work.total)
            .await?;
        if !kept {
            return Ok(Some(End::Lost));
        }
        work.lease = until;
        Ok(None)
    }

    /// The person, as the database has them, if they may have an external client.
    async fn wanted(&self, person: &PersonId) -> Result<Option<Person>> {
        let person = self.store.person(person).await?;
        Ok(person.filter(|person| person.external_client && is_person(person)))
    }
}

/// When to try again after so many attempts: seconds that double, up to a minute.
fn pause(attempts: i64) -> Duration {
    Duration::from_secs(1 << (attempts - 1).clamp(0, 6)).min(Duration::from_mins(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let seconds: Vec<u64> = (1..9).map(|attempts| pause(attempts).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
    }
}
