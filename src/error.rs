//! The one error of the domain. Its variants are what a caller can act on; each door renders them in its own shape
//! (contract R40). What the homeserver or the database said goes to the log, not to the caller.

use std::time::Duration;

/// What a command can end in other than success.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input is wrong; `field` says which part, `message` what to do. 422 in A, 400 in B and C.
    #[error("{field}: {message}")]
    Invalid {
        /// The JSON path of the field, or the parameter's name.
        field: String,
        /// In words.
        message: String,
    },
    /// No token, or none that counts. 401.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The caller sees it but may not do this. 403.
    #[error("{0}")]
    Forbidden(&'static str),
    /// A rule of who may write to whom, or a block, is against it. 403, with a stable word for programs (contract B051).
    #[error("{message}")]
    Denied {
        /// Why: a code of [`crate::core::rules::Verdict`], or `declined_recently`.
        code: &'static str,
        /// In words.
        message: String,
    },
    /// It does not exist, or the caller may not know that it does (contract R55). 404.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// It contradicts what is already there. 409.
    #[error("{0}")]
    Conflict(String),
    /// More than the limit, in bytes. 413.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// Too many requests. 429 with `Retry-After`.
    #[error("too many requests")]
    RateLimited {
        /// When to try again.
        retry_after: Duration,
    },
    /// The homeserver or the database is away and nothing was stored. 503 with `Retry-After` (contract R69).
    #[error("{0} is not reachable right now; try again")]
    Unavailable(&'static str),
    /// Our own fault. 500; the cause is in the log.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

/// A result of the domain.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The input's `field` is wrong.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            message: message.into(),
        }
    }

    /// Our own fault, in words for the log.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal(anyhow::Error::msg(message.into()))
    }

    /// A message that makes no Matrix event.
    pub fn too_long() -> Self {
        Self::invalid("body", "is too large for a Matrix event of 65,536 bytes")
    }

    /// A stable word for the error, shown as `error` in every dialect (contract R48).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "validation_error",
            Self::Unauthenticated(_) => "unauthenticated",
            Self::Forbidden(_) | Self::Denied { .. } => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Conflict(_) => "conflict",
            Self::TooLarge { .. } => "too_large",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// The same where there is one word for all: of what the rules or a block are against, the word that says which.
    pub fn exact_code(&self) -> &'static str {
        match self {
            Self::Denied { code, .. } => code,
            other => other.code(),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            // NUL, which PostgreSQL has in no text. SQLite finds nothing by it.
            sqlx::Error::Database(refused) if refused.code().as_deref() == Some("22021") => {
                Self::invalid("request", "must not contain the character NUL")
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                tracing::warn!(%error, "database away");
                Self::Unavailable("the database")
            }
            other => Self::Internal(other.into()),
        }
    }
}

impl From<crate::matrix::Error> for Error {
    fn from(error: crate::matrix::Error) -> Self {
        match error {
            crate::matrix::Error::Away { .. } => {
                tracing::warn!(%error, "homeserver away");
                Self::Unavailable("the homeserver")
            }
            crate::matrix::Error::Refused { .. } if error.is("M_TOO_LARGE") => Self::too_long(),
            // The homeserver does not know this service, or not yet: it is no use to us until it does.
            crate::matrix::Error::Refused { .. } if error.is("M_UNKNOWN_TOKEN") => {
                tracing::warn!(%error, "the homeserver does not know this service");
                Self::Unavailable("the homeserver")
            }
            crate::matrix::Error::Refused { .. } => Self::Internal(error.into()),
        }
    }
}
