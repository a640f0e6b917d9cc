//! Joining up: a person with an external client sees the rooms of their tenant in it.

use std::sync::Arc;

use super::Core;
use crate::error::Result;
use crate::types::PersonId;

/// How far a person's rooms are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// `pending`, `running`, `done` or `failed`.
    pub state: String,
    /// Rooms that are done.
    pub done: i64,
    /// Of so many.
    pub total: i64,
}

impl Core {
    /// Begins to bring a person's account into their tenant's rooms, in the background.
    pub(super) async fn begin_joining(self: &Arc<Self>, _person: &PersonId) -> Result<()> {
        Ok(())
    }

    /// How far that is; `None` when it never began.
    pub(super) async fn joining(&self, _person: &PersonId) -> Result<Option<Joining>> {
        Ok(None)
    }
}
