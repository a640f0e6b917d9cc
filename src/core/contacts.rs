//! Contact requests and blocks (contract B047 to B058, R32).
//!
//! A request waits for seven days, and between two people one at a time, whoever asked. An accepted one makes them contacts
//! for good: both may write to each other whatever the rules say. A block ends what they asked of each other and stops
//! direct messages both ways, at once; when it is taken back, contacts are contacts again.

use std::sync::Arc;
use std::time::Duration;

use super::people::require_writer;
use super::rules::Verdict;
use super::{Core, limits};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::relay::{Live, Signal};
use crate::store::{Asked, Between, Block, ContactRequest, NewRequest, RequestStatus, Requests, Tie};
use crate::types::{PersonId, Timestamp, random_token};

/// How long a request waits for an answer (contract B048).
pub const REQUEST_LASTS: Duration = Duration::from_hours(7 * 24);
/// How long after a request was declined the same person may ask again.
pub const ASK_AGAIN_AFTER: Duration = Duration::from_hours(7 * 24);
/// How many requests a person may make in [`REQUESTS_COUNT_FOR`].
pub const MAX_REQUESTS: i64 = 50;
/// For how long a request counts against [`MAX_REQUESTS`].
const REQUESTS_COUNT_FOR: Duration = Duration::from_hours(24);

/// Two people in the order of their ids.
pub(super) type Pair = (PersonId, PersonId);

fn pair(one: &PersonId, other: &PersonId) -> Pair {
    if one <= other {
        (one.clone(), other.clone())
    } else {
        (other.clone(), one.clone())
    }
}

/// The least id that a request of this time may have: ids grow with time.
fn first_id(at: Timestamp) -> String {
    format!("{:013x}", at.0.max(0))
}

impl ContactRequest {
    /// How far it has come at a time.
    pub fn status_at(&self, now: Timestamp) -> RequestStatus {
        match self.status {
            RequestStatus::Pending if self.expires_at <= now => RequestStatus::Expired,
            status => status,
        }
    }
}

/// Whether somebody may write to somebody, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CanMessage {
    /// Whether they may.
    pub allowed: bool,
    /// Whether they may once a contact request is accepted.
    pub requires_approval: bool,
    /// Why, for people.
    pub reason: &'static str,
    /// Why, for programs: a code of [`Verdict`], `self` or `viewer`.
    pub code: &'static str,
}

impl Core {
    /// Whether the caller may write to somebody (contract B058, B065). Of somebody unknown it says the same as of a person
    /// of a foreign tenant to whom no rule leads.
    pub async fn can_message(&self, principal: &Principal, id: Option<&PersonId>) -> Result<CanMessage> {
        let no = |reason, code| CanMessage {
            allowed: false,
            requires_approval: false,
            reason,
            code,
        };
        if id == Some(&principal.person_id) {
            return Ok(no("This is yourself", "self"));
        }
        if !principal.may_write() {
            return Ok(no("Viewers may read but not write", "viewer"));
        }
        let verdict = match id {
            Some(id) => self.verdict_on(principal, id).await?.0,
            // No person can be called that.
            None => Verdict::Denied { known: false },
        };
        Ok(CanMessage {
            allowed: verdict.allows(),
            requires_approval: matches!(verdict, Verdict::NeedsApproval { .. }),
            reason: verdict.reason(),
            code: verdict.code(),
        })
    }

    /// What two people have between them, as the first sees it; remembered for five seconds.
    pub(super) async fn tie(&self, one: &PersonId, other: &PersonId) -> Result<Tie> {
        let key = pair(one, other);
        let between = if let Some(between) = self.ties.get(&key).await {
            between
        } else {
            let between = self.store.between(&key.0, &key.1).await?;
            self.ties.insert(key.clone(), between).await;
            between
        };
        let Between {
            first_blocks,
            second_blocks,
            contact,
        } = between;
        let (blocks, blocked) = if key.0 == *one {
            (first_blocks, second_blocks)
        } else {
            (second_blocks, first_blocks)
        };
        Ok(Tie {
            blocks,
            blocked,
            contact,
        })
    }

    /// Forgets what is remembered of two people.
    pub(super) async fn tie_changed(&self, one: &PersonId, other: &PersonId) {
        self.ties.invalidate(&pair(one, other)).await;
    }

    /// Asks somebody for contact (contract B050, B051). Only where a rule wants a request: who may be written to needs none,
    /// and who is out of reach cannot be asked. At most fifty in 24 hours; who declined is asked again after seven days.
    pub async fn request_contact(
        &self,
        principal: &Principal,
        to: &PersonId,
        message: &str,
    ) -> Result<ContactRequest> {
        require_writer(principal)?;
        limits::optional("message", message, limits::MAX_REASON)?;
        if *to == principal.person_id {
            return Err(Error::invalid("to_person", "is yourself"));
        }
        let rule = match self.verdict_on(principal, to).await? {
            (Verdict::NeedsApproval { rule }, Some(_)) => rule,
            (verdict, Some(_)) if verdict.allows() => {
                let words = "a contact request is not required: you may write to this person already";
                return Err(Error::invalid("to_person", words));
            }
            (verdict, _) => return Err(verdict.error()),
        };
        let now = self.clock.now();
        let ago = |duration: Duration| now.plus(-(duration.as_millis() as i64));
        let unique: String = super::hex(&random_token().as_bytes()[..8]);
        let id = format!("{}{unique}", first_id(now));
        let counted_from = first_id(ago(REQUESTS_COUNT_FOR));
        let new = NewRequest {
            id: &id,
            from: &principal.person_id,
            to,
            rule_id: &rule,
            message,
            at: now,
            expires_at: now.after(REQUEST_LASTS),
            declined_after: ago(ASK_AGAIN_AFTER),
            at_most: (&counted_from, MAX_REQUESTS),
        };
        match self.store.add_contact_request(&new).await? {
            Asked::Added => {}
            Asked::Pending { own: true } => {
                return Err(Error::invalid(
                    "to_person",
                    "a contact request is already pending",
                ));
            }
            Asked::Pending { own: false } => {
                let words = "a contact request is already pending: this person has asked you, answer theirs";
                return Err(Error::invalid("to_person", words));
            }
            Asked::Declined { at } => {
                let again = at.after(ASK_AGAIN_AFTER).zulu();
                return Err(Error::Denied {
                    code: "declined_recently",
                    message: format!("This person has declined your request; you may ask again at {again}"),
                });
            }
            Asked::TooMany => {
                return Err(Error::RateLimited {
                    retry_after: Duration::from_hours(1),
                });
            }
        }
        let stored = self.store.contact_request(&id).await?;
        let stored = stored.ok_or(Error::NotFound("contact request"))?;
        self.tell_contact_request(&stored, [to]);
        Ok(stored)
    }

    /// A page of the requests that the caller got or made, newest first, before an id (contract B047, B049).
    pub async fn contact_requests(
        &self,
        principal: &Principal,
        which: Requests,
        status: Option<RequestStatus>,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ContactRequest>> {
        let now = self.clock.now();
        Ok(self
            .store
            .contact_requests(&principal.person_id, which, status, now, before, limit)
            .await?)
    }

    /// Accepts or declines a request; only the addressee may (contract B052, B053). The same answer again changes nothing.
    pub async fn answer_contact_request(
        &self,
        principal: &Principal,
        id: &str,
        accept: bool,
    ) -> Result<ContactRequest> {
        let request = self.store.contact_request(id).await?;
        let me = &principal.person_id;
        let request = request
            .filter(|request| request.to.person_id == *me || request.from.person_id == *me)
            .ok_or(Error::NotFound("contact request"))?;
        if request.to.person_id != *me {
            return Err(Error::Forbidden("only the addressee answers a contact request"));
        }
        let answer = if accept {
            RequestStatus::Accepted
        } else {
            RequestStatus::Declined
        };
        let now = self.clock.now();
        let answered = self.store.answer_contact_request(id, answer, now).await?;
        self.tie_changed(me, &request.from.person_id).await;
        let request = self.store.contact_request(id).await?;
        let request = request.ok_or(Error::NotFound("contact request"))?;
        if answered {
            self.tell_contact_request(&request, [me, &request.from.person_id]);
        }
        match request.status_at(now) {
            status if status == answer => Ok(request),
            status => {
                let words = format!("the request is not pending any more: it was {}", status.as_str());
                Err(Error::invalid("action", words))
            }
        }
    }

    /// Tells open streams and sockets of these people of a request.
    fn tell_contact_request<const N: usize>(&self, request: &ContactRequest, people: [&PersonId; N]) {
        for to in people {
            self.relay.publish(Live::Signal(Arc::new(Signal::ContactRequest {
                to: to.clone(),
                request: Box::new(request.clone()),
            })));
        }
    }

    /// Blocks somebody (contract B054, R32); `false` when they were blocked before. One blocks people one may know of: of
    /// one's own tenants, in reach of a rule, met in a room or by a request. Others do not exist.
    pub async fn block(&self, principal: &Principal, id: &PersonId, reason: Option<&str>) -> Result<bool> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        limits::optional("reason", reason.unwrap_or_default(), limits::MAX_REASON)?;
        if *id == principal.person_id {
            return Err(Error::invalid("hub_user_id", "is yourself"));
        }
        if !self.may_know_of(principal, id).await? {
            return Err(Error::NotFound("person"));
        }
        self.add_block(&principal.person_id, id, reason).await
    }

    pub(super) async fn add_block(
        &self,
        person: &PersonId,
        blocked: &PersonId,
        reason: Option<&str>,
    ) -> Result<bool> {
        let now = self.clock.now();
        let added = self.store.add_block(person, blocked, reason, now).await?;
        self.tie_changed(person, blocked).await;
        Ok(added)
    }

    /// Takes a block back (contract B055); there need not be one.
    pub async fn unblock(&self, principal: &Principal, id: &PersonId) -> Result<()> {
        self.remove_block(&principal.person_id, id).await
    }

    pub(super) async fn remove_block(&self, person: &PersonId, blocked: &PersonId) -> Result<()> {
        let now = self.clock.now();
        self.store.remove_block(person, blocked, now).await?;
        self.tie_changed(person, blocked).await;
        Ok(())
    }

    /// A page of those whom the caller has blocked, newest first, before one of them (contract B056).
    pub async fn blocked(
        &self,
        principal: &Principal,
        before: Option<(Timestamp, &str)>,
        limit: i64,
    ) -> Result<Vec<Block>> {
        Ok(self.store.blocks(&principal.person_id, before, limit).await?)
    }

    /// Whether the caller may know that there is such a person: one of their tenants, one to whom or from whom a rule leads,
    /// one they have met.
    pub(super) async fn may_know_of(&self, principal: &Principal, id: &PersonId) -> Result<bool> {
        let (verdict, _) = self.verdict_on(principal, id).await?;
        let met = self.store.have_met(&principal.person_id, id).await?;
        let person = self.store.person(id).await?;
        let person = person.filter(|person| person.source.signs_in());
        let Some(person) = person else {
            return Ok(false);
        };
        if verdict != (Verdict::Denied { known: false }) || met {
            return Ok(true);
        }
        let Some(me) = self.remembered(&principal.person_id).await? else {
            return Ok(false);
        };
        let back = self.verdict_between(&person, &me).await?;
        Ok(back.allows() || matches!(back, Verdict::NeedsApproval { .. }))
    }
}
