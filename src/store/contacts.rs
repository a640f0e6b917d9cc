//! What people have between them: contact requests, contacts, blocks (contract B047 to B058, R32).

use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Row as _};

use super::records::from_row;
use super::{Store, in_tx, on_read, on_write};
use crate::types::{PersonId, Timestamp};

/// How far a contact request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestStatus {
    /// Waits for an answer.
    Pending,
    /// Makes the two contacts.
    Accepted,
    /// Turned down.
    Declined,
    /// Not answered in time.
    Expired,
    /// Ended by a block.
    Cancelled,
}

impl RequestStatus {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Accepted,
            Self::Declined,
            Self::Expired,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|status| status.as_str() == word)
    }
}

/// One of the two of a request, with what is shown of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Who.
    pub person_id: PersonId,
    /// Shown name.
    pub name: String,
    /// E-mail, as their token told it. For the addressee of a request only (contract R14).
    pub email: Option<String>,
    /// Picture, as their token told it.
    pub avatar_url: Option<String>,
}

/// A contact request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRequest {
    /// Id; later ones are greater.
    pub id: String,
    /// Who asks.
    pub from: Side,
    /// Who is asked.
    pub to: Side,
    /// The rule that wants the request.
    pub rule_id: String,
    /// How far it has come; one past its time is still `Pending` here.
    pub status: RequestStatus,
    /// What the asking person says.
    pub message: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was answered, or ended.
    pub answered_at: Option<Timestamp>,
}

from_row!(ContactRequest, row => {
    let status: &str = row.try_get("status")?;
    Ok(Self {
        id: row.try_get("id")?,
        from: Side {
            person_id: row.try_get::<String, _>("from_person")?.into(),
            name: row.try_get("from_name")?,
            email: row.try_get("from_email")?,
            avatar_url: row.try_get("from_avatar")?,
        },
        to: Side {
            person_id: row.try_get::<String, _>("to_person")?.into(),
            name: row.try_get("to_name")?,
            email: None,
            avatar_url: row.try_get("to_avatar")?,
        },
        rule_id: row.try_get("rule_id")?,
        status: RequestStatus::parse(status)
            .ok_or_else(|| sqlx::Error::Decode(format!("unknown status {status:?}").into()))?,
        message: row.try_get("message")?,
        created_at: Timestamp(row.try_get("created_at")?),
        expires_at: Timestamp(row.try_get("expires_at")?),
        answered_at: row.try_get::<Option<i64>, _>("answered_at")?.map(Timestamp),
    })
});

/// The columns of a [`ContactRequest`].
macro_rules! select_requests {
    () => {
        "SELECT c.id, c.from_person, c.to_person, c.rule_id, c.status, c.message, c.created_at, c.expires_at, \
         c.answered_at, f.display_name AS from_name, f.email AS from_email, f.avatar_url AS from_avatar, \
         t.display_name AS to_name, t.avatar_url AS to_avatar FROM contact_requests c \
         JOIN people f ON f.person_id = c.from_person JOIN people t ON t.person_id = c.to_person "
    };
}

/// A request to be stored.
#[derive(Debug, Clone)]
pub struct NewRequest<'a> {
    /// Id; greater than those of earlier ones.
    pub id: &'a str,
    /// Who asks.
    pub from: &'a PersonId,
    /// Who is asked.
    pub to: &'a PersonId,
    /// The rule that wants it.
    pub rule_id: &'a str,
    /// What the asking person says.
    pub message: &'a str,
    /// Now.
    pub at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// A request that the other declined after this stands in the way.
    pub declined_after: Timestamp,
    /// The id that a request of this time would have at least, and how many requests of the asking person there may be
    /// after it.
    pub at_most: (&'a str, i64),
}

/// What became of a new request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It waits.
    Added,
    /// One waits already.
    Pending {
        /// Whether it is the asking person's own.
        own: bool,
    },
    /// The other has declined one not long ago.
    Declined {
        /// When.
        at: Timestamp,
    },
    /// The asking person has made too many.
    TooMany,
}

/// Which requests to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requests {
    /// To the person.
    Received,
    /// From the person.
    Sent,
}

/// Somebody whom a person does not want to hear from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Who.
    pub person_id: PersonId,
    /// Shown name.
    pub name: String,
    /// Picture, as their token told it.
    pub avatar_url: Option<String>,
    /// Why, for the one who blocks only.
    pub reason: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
}

from_row!(Block, row => Ok(Self {
    person_id: row.try_get::<String, _>("blocked")?.into(),
    name: row.try_get("display_name")?,
    avatar_url: row.try_get("avatar_url")?,
    reason: row.try_get("reason")?,
    created_at: Timestamp(row.try_get("created_at")?),
}));

/// What two people have between them, in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Between {
    /// The first has blocked the second.
    pub first_blocks: bool,
    /// The second has blocked the first.
    pub second_blocks: bool,
    /// A request was accepted.
    pub contact: bool,
}

from_row!(Between, row => Ok(Self {
    first_blocks: row.try_get("first_blocks")?,
    second_blocks: row.try_get("second_blocks")?,
    contact: row.try_get("contact")?,
}));

/// The same, seen from one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tie {
    /// This one has blocked the other.
    pub blocks: bool,
    /// This one is blocked by the other.
    pub blocked: bool,
    /// A request was accepted.
    pub contact: bool,
}

/// Two people as one word, whoever comes first.
pub fn pair(one: &PersonId, other: &PersonId) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    // A tab stands in no id.
    format!("{first}\t{second}")
}

impl Store {
    /// Stores a request, unless something stands in its way.
    pub async fn add_contact_request(&self, new: &NewRequest<'_>) -> Result<Asked, sqlx::Error> {
        let pair = pair(new.from, new.to);
        let asked;
        in_tx!(&self.db, tx => {
            sqlx::query(
                "UPDATE contact_requests SET status = 'expired' WHERE pair = $1 AND status = 'pending' \
                 AND expires_at <= $2",
            )
            .bind(&pair)
            .bind(new.at.0)
            .execute(&mut *tx)
            .await?;
            let declined: Option<(i64,)> = sqlx::query_as(
                "SELECT answered_at FROM contact_requests WHERE pair = $1 AND status = 'declined' \
                 AND from_person = $2 AND answered_at > $3 ORDER BY answered_at DESC LIMIT 1",
            )
            .bind(&pair)
            .bind(new.from.as_str())
            .bind(new.declined_after.0)
            .fetch_optional(&mut *tx)
            .await?;
            let (since, most) = new.at_most;
            let (made,): (i64,) = sqlx::query_as(
                "SELECT COUNT(*) FROM contact_requests WHERE from_person = $1 AND id >= $2",
            )
            .bind(new.from.as_str())
            .bind(since)
            .fetch_one(&mut *tx)
            .await?;
            let waiting: Option<(String,)> = sqlx::query_as(
                "SELECT from_person FROM contact_requests WHERE pair = $1 AND status = 'pending'",
            )
            .bind(&pair)
            .fetch_optional(&mut *tx)
            .await?;
            asked = if let Some((from,)) = waiting {
                Asked::Pending { own: from == new.from.as_str() }
            } else if let Some((at,)) = declined {
                Asked::Declined { at: Timestamp(at) }
            } else if made >= most {
                Asked::TooMany
            } else {
                let added = sqlx::query(
                    "INSERT INTO contact_requests (id, pair, from_person, to_person, rule_id, status, message, \
                     created_at, expires_at) VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7, $8) \
                     ON CONFLICT DO NOTHING",
                )
                .bind(new.id)
                .bind(&pair)
                .bind(new.from.as_str())
                .bind(new.to.as_str())
                .bind(new.rule_id)
                .bind(new.message)
                .bind(new.at.0)
                .bind(new.expires_at.0)
                .execute(&mut *tx)
                .await?;
                // Somebody was faster in another transaction; who of the two is not worth another look.
                if added.rows_affected() == 1 { Asked::Added } else { Asked::Pending { own: true } }
            };
        });
        Ok(asked)
    }

    /// One request.
    pub async fn contact_request(&self, id: &str) -> Result<Option<ContactRequest>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(select_requests!(), "WHERE c.id = $1"))
            .bind(id)
            .fetch_optional(pool)
            .await)
    }

    /// Requests of a person before an id, newest first; of one status at a time `now`, or of all.
    pub async fn contact_requests(
        &self,
        person: &PersonId,
        which: Requests,
        status: Option<RequestStatus>,
        now: Timestamp,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ContactRequest>, sqlx::Error> {
        macro_rules! list {
            ($side:literal) => {
                on_read!(&self.db, pool => sqlx::query_as(concat!(
                    select_requests!(), "WHERE (c.", $side, ", c.id) < ($1, $2) AND c.", $side, " >= $1 \
                     AND (CAST($3 AS TEXT) IS NULL OR CASE WHEN c.status = 'pending' AND c.expires_at <= $4 \
                     THEN 'expired' ELSE c.status END = $3) ORDER BY c.", $side, " DESC, c.id DESC LIMIT $5"
                ))
                .bind(person.as_str())
                // Ids are hexadecimal digits, so this comes after all of them in any order of letters.
                .bind(before.unwrap_or("z"))
                .bind(status.map(RequestStatus::as_str))
                .bind(now.0)
                .bind(limit)
                .fetch_all(pool)
                .await)
            };
        }
        match which {
            Requests::Received => list!("to_person"),
            Requests::Sent => list!("from_person"),
        }
    }

    /// Answers a request that waits; whether it still did.
    pub async fn answer_contact_request(
        &self,
        id: &str,
        answer: RequestStatus,
        now: Timestamp,
    ) -> Result<bool, sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE contact_requests SET status = $2, answered_at = $3 WHERE id = $1 AND status = 'pending' \
             AND expires_at > $3"
        )
        .bind(id)
        .bind(answer.as_str())
        .bind(now.0)
        .execute(pool)
        .await
        .map(|done| done.rows_affected() == 1))
    }

    /// What two people have between them.
    pub async fn between(&self, first: &PersonId, second: &PersonId) -> Result<Between, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM blocks WHERE person_id = $1 AND blocked = $2) AS first_blocks, \
             EXISTS (SELECT 1 FROM blocks WHERE person_id = $2 AND blocked = $1) AS second_blocks, \
             EXISTS (SELECT 1 FROM contact_requests WHERE pair = $3 AND status = 'accepted') AS contact"
        )
        .bind(first.as_str())
        .bind(second.as_str())
        .bind(pair(first, second))
        .fetch_one(pool)
        .await)
    }

    /// Whether two people have met: by a contact request, or in a room that both are in.
    pub async fn have_met(&self, one: &PersonId, other: &PersonId) -> Result<bool, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM contact_requests WHERE pair = $3) OR EXISTS (SELECT 1 FROM room_people a \
             WHERE a.person_id = $1 AND a.membership = 'join' AND EXISTS (SELECT 1 FROM room_people b \
             WHERE b.room_id = a.room_id AND b.person_id = $2 AND b.membership = 'join'))"
        )
        .bind(one.as_str())
        .bind(other.as_str())
        .bind(pair(one, other))
        .fetch_one(pool)
        .await)
    }

    /// Blocks somebody and ends what they asked of each other; `false` when they were blocked before. The homeserver's list
    /// is due from `now` on.
    pub async fn add_block(
        &self,
        person: &PersonId,
        blocked: &PersonId,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, sqlx::Error> {
        let added;
        in_tx!(&self.db, tx => {
            let done = sqlx::query(
                "INSERT INTO blocks (person_id, blocked, reason, created_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (person_id, blocked) DO NOTHING",
            )
            .bind(person.as_str())
            .bind(blocked.as_str())
            .bind(reason)
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
            added = done.rows_affected() == 1;
            if !added && reason.is_some() {
                sqlx::query("UPDATE blocks SET reason = $3 WHERE person_id = $1 AND blocked = $2")
                    .bind(person.as_str())
                    .bind(blocked.as_str())
                    .bind(reason)
                    .execute(&mut *tx)
                    .await?;
            }
            if added {
                sqlx::query(
                    "UPDATE contact_requests SET status = 'cancelled', answered_at = $2 WHERE pair = $1 \
                     AND status = 'pending'",
                )
                .bind(pair(person, blocked))
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
                sqlx::query(
                    "INSERT INTO ignores_due (person_id, due_at) VALUES ($1, $2) \
                     ON CONFLICT (person_id) DO UPDATE SET due_at = $2",
                )
                .bind(person.as_str())
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
            }
        });
        Ok(added)
    }

    /// Takes a block back; `false` when there was none. The homeserver's list is due from `now` on.
    pub async fn remove_block(
        &self,
        person: &PersonId,
        blocked: &PersonId,
        now: Timestamp,
    ) -> Result<bool, sqlx::Error> {
        let removed;
        in_tx!(&self.db, tx => {
            let done = sqlx::query("DELETE FROM blocks WHERE person_id = $1 AND blocked = $2")
                .bind(person.as_str())
                .bind(blocked.as_str())
                .execute(&mut *tx)
                .await?;
            removed = done.rows_affected() == 1;
            if removed {
                sqlx::query(
                    "INSERT INTO ignores_due (person_id, due_at) VALUES ($1, $2) \
                     ON CONFLICT (person_id) DO UPDATE SET due_at = $2",
                )
                .bind(person.as_str())
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
            }
        });
        Ok(removed)
    }

    /// Whom a person has blocked, newest first, before one of them.
    pub async fn blocks(
        &self,
        person: &PersonId,
        before: Option<(Timestamp, &str)>,
        limit: i64,
    ) -> Result<Vec<Block>, sqlx::Error> {
        let (at, blocked) = before.unwrap_or((Timestamp(i64::MAX), ""));
        on_read!(&self.db, pool => sqlx::query_as(
            "SELECT b.blocked, b.reason, b.created_at, q.display_name, q.avatar_url FROM blocks b \
             JOIN people q ON q.person_id = b.blocked \
             WHERE (b.person_id, b.created_at, b.blocked) < ($1, $2, $3) AND b.person_id >= $1 \
             ORDER BY b.person_id DESC, b.created_at DESC, b.blocked DESC LIMIT $4"
        )
        .bind(person.as_str())
        .bind(at.0)
        .bind(blocked)
        .bind(limit)
        .fetch_all(pool)
        .await)
    }

    /// The Matrix user ids of all whom a person has blocked.
    pub async fn blocked_users(&self, person: &PersonId) -> Result<Vec<String>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT q.user_id FROM blocks b JOIN people q ON q.person_id = b.blocked WHERE b.person_id = $1 \
             ORDER BY b.blocked"
        )
        .bind(person.as_str())
        .fetch_all(pool)
        .await)
    }

    /// Whether the homeserver's list of a person is still to be written.
    pub async fn ignores_are_due(&self, person: &PersonId) -> Result<bool, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM ignores_due WHERE person_id = $1)"
        )
        .bind(person.as_str())
        .fetch_one(pool)
        .await)
    }

    /// Takes people whose list is due, so that no other replica writes it before `until`.
    pub async fn lease_ignores(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<PersonId>, sqlx::Error> {
        let due: Vec<(String,)> = on_write!(&self.db, pool => sqlx::query_as(
            "UPDATE ignores_due SET due_at = $2 WHERE person_id IN (SELECT person_id FROM ignores_due \
             WHERE due_at <= $1 ORDER BY due_at LIMIT $3) RETURNING person_id"
        )
        .bind(now.0)
        .bind(until.0)
        .bind(limit)
        .fetch_all(pool)
        .await?);
        Ok(due.into_iter().map(|(id,)| id.into()).collect())
    }

    /// Notes that a list was written that was taken until then; not when it has become due again in the meantime.
    pub async fn ignores_written(&self, person: &PersonId, until: Timestamp) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query("DELETE FROM ignores_due WHERE person_id = $1 AND due_at = $2")
            .bind(person.as_str())
            .bind(until.0)
            .execute(pool)
            .await
            .map(|_| ()))
    }
}
