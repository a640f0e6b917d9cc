//! Who is here: a person with an open stream is.

use std::sync::Arc;

use super::Core;
use crate::identity::Principal;
use crate::relay::{Live, Signal};
use crate::types::{PersonId, TenantId};

impl Core {
    /// Tells the tenant that a person came, with their first stream.
    pub(super) fn came(&self, principal: &Principal) {
        if self.relay.open_of(&principal.person_id) == 1 {
            self.tell_presence(&principal.person_id, &principal.tenant, true);
        }
    }

    /// Tells the tenant that a person went, with their last stream.
    pub(super) fn went(&self, person: &PersonId, tenant: &TenantId) {
        if self.relay.open_of(person) == 0 {
            self.tell_presence(person, tenant, false);
        }
    }

    fn tell_presence(&self, person: &PersonId, tenant: &TenantId, online: bool) {
        self.relay.publish(Live::Signal(Arc::new(Signal::Presence {
            person_id: person.clone(),
            tenant: tenant.clone(),
            online,
            last_seen: self.clock.now(),
        })));
    }
}
