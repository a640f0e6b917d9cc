//! External Matrix clients: who may use them, app passwords, and the sessions that the gateway makes (contract R44, R71).
//!
//! Nobody has a Matrix password. Whoever shows an app password, a hub token or a login token gets a device at the
//! homeserver, made with the appservice's right, and the device's token. Only the token's hash is kept here; the gateway
//! lets through no token that is not in the table.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ruma::OwnedUserId;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::joining::Joining;
use super::people::is_person;
use super::{Core, limits};
use crate::error::{Error, Result};
use crate::identity::{Claims, Principal, Purpose, local, service_token};
use crate::matrix::client::DEVICE;
use crate::matrix::{Device, localpart};
use crate::relay::{Live, Signal};
use crate::store::{AppPassword, ExternalSession, NewAudit, Person};
use crate::types::{PersonId, Source, Timestamp, random_token};

/// App passwords a person can have at a time.
const MAX_PASSWORDS: i64 = 50;
/// `last_seen_at` of a session is written at most this often, in milliseconds.
const SEEN_EVERY_MS: i64 = 60_000;
/// The name of a device that nobody gave one.
const NAMELESS: &str = "Matrix";
/// Letters and digits that nobody confuses, 32 of them.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
/// Characters of an app password: a hundred bits.
const PASSWORD_LENGTH: usize = 20;

/// What a client shows at its login.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    /// A user name (local part, Matrix user id or hub id) and an app password.
    Password {
        /// As it was typed.
        user: &'a str,
        /// As it was typed.
        password: &'a str,
    },
    /// A hub or Clerk token, or a login token of ours.
    Token(&'a str),
}

/// What a client says about the device that logs in.
#[derive(Debug, Clone, Default)]
pub struct NewDevice {
    /// The id it wants to have.
    pub device_id: Option<String>,
    /// `initial_device_display_name`.
    pub name: Option<String>,
    /// What the client says it is (`User-Agent`).
    pub client: String,
    /// Where it is.
    pub address: String,
}

/// Whom an access token belongs to.
pub struct Caller {
    /// The session.
    pub session: ExternalSession,
    /// The person, with the rights they have now.
    pub principal: Principal,
    /// Cancelled when the session ends.
    pub ended: CancellationToken,
}

/// A person's external clients at a glance.
#[derive(Debug, Clone)]
pub struct ExternalClient {
    /// Whether the person may use them.
    pub enabled: bool,
    /// Matrix user id.
    pub user_id: String,
    /// How far their rooms are.
    pub joining: Option<Joining>,
}

/// An app password, which is shown this once.
pub struct NewPassword {
    /// The password.
    pub password: String,
    /// What is kept of it.
    pub stored: AppPassword,
    /// Matrix user id of its person.
    pub user_id: String,
}

impl Core {
    /// Lets a person use external clients and makes a password for one device. The first time, their account is brought
    /// into the rooms of their tenant, in the background.
    pub async fn add_app_password(
        self: &Arc<Self>,
        person: &PersonId,
        device_name: Option<&str>,
    ) -> Result<NewPassword> {
        self.make_app_password(person, device_name, None).await
    }

    /// [`Self::add_app_password`], with the record of it when an admin makes it.
    pub(super) async fn make_app_password(
        self: &Arc<Self>,
        person: &PersonId,
        device_name: Option<&str>,
        audit: Option<NewAudit>,
    ) -> Result<NewPassword> {
        let device_name = device_name.map(str::trim).filter(|name| !name.is_empty());
        limits::optional(
            "device_name",
            device_name.unwrap_or_default(),
            limits::MAX_ROOM_NAME,
        )?;
        let person = self.external_person(person).await?;
        if self.store.count_app_passwords(&person.person_id).await? >= MAX_PASSWORDS {
            return Err(Error::Conflict(format!(
                "there are {MAX_PASSWORDS} app passwords already; end a session that is no longer used"
            )));
        }
        // Also makes the account where that was not possible before.
        self.account(&person.person_id).await?;
        let password = new_password();
        let stored = AppPassword {
            id: random_token(),
            person_id: person.person_id.clone(),
            device_name: device_name.unwrap_or(NAMELESS).to_owned(),
            created_at: self.clock.now(),
        };
        let audit = audit.map(|audit| NewAudit {
            details: json!({ "device_name": stored.device_name }),
            ..audit
        });
        self.store
            .add_app_password(
                &stored,
                &password_hash(&person.person_id, &password),
                audit.as_ref(),
            )
            .await?;
        self.people.invalidate(&person.person_id).await;
        if !person.external_client {
            self.begin_joining(&person.person_id).await?;
        }
        Ok(NewPassword {
            password,
            stored,
            user_id: person.user_id.clone(),
        })
    }

    /// Takes external clients away from a person: all passwords and sessions end at once.
    pub async fn forbid_external_client(self: &Arc<Self>, person: &PersonId) -> Result<()> {
        self.take_external_client(person, None).await
    }

    /// [`Self::forbid_external_client`], with the record of it when an admin does it.
    pub(super) async fn take_external_client(
        self: &Arc<Self>,
        person: &PersonId,
        audit: Option<&NewAudit>,
    ) -> Result<()> {
        let person = self.remembered(person).await?.ok_or(Error::NotFound("person"))?;
        self.end_sessions_of(&person, true, audit).await?;
        self.people.invalidate(&person.person_id).await;
        Ok(())
    }

    /// A person's external clients at a glance.
    pub async fn external_client(&self, person: &PersonId) -> Result<ExternalClient> {
        let person = self
            .store
            .person(person)
            .await?
            .ok_or(Error::NotFound("person"))?;
        Ok(ExternalClient {
            enabled: person.external_client,
            joining: self.joining(&person.person_id).await?,
            user_id: person.user_id,
        })
    }

    /// A person's sessions, by device.
    pub async fn external_sessions(&self, person: &PersonId) -> Result<Vec<ExternalSession>> {
        Ok(self.store.external_sessions_of(person).await?)
    }

    /// Ends one session of a person, and the password it began with.
    pub async fn revoke_external_session(self: &Arc<Self>, person: &PersonId, id: &str) -> Result<()> {
        self.take_external_session(person, id, None).await
    }

    /// [`Self::revoke_external_session`], with the record of it when an admin does it.
    pub(super) async fn take_external_session(
        self: &Arc<Self>,
        person: &PersonId,
        id: &str,
        audit: Option<NewAudit>,
    ) -> Result<()> {
        let session = self.store.external_session_by_id(id).await?;
        let session = session
            .filter(|session| session.person_id == *person)
            .ok_or(Error::NotFound("session"))?;
        let audit = audit.map(|audit| NewAudit {
            details: json!({ "hub_user_id": session.person_id, "device_name": session.device_name }),
            ..audit
        });
        self.end_recorded(&session, true, audit.as_ref()).await
    }

    /// Where a person goes on after they have agreed to log a client in: a login token, single-use and good for a minute,
    /// and until when (contract R71).
    pub fn login_token(&self, principal: &Principal) -> (String, Timestamp) {
        local::sign_login(
            self.config.secret_key.expose(),
            &principal.claims,
            self.clock.now(),
        )
    }

    /// Logs a device in. Whoever shows a token of their own switches external clients on by that. The device that the same
    /// app password logged in before, and one of the same id, are logged out.
    pub async fn log_in_device(
        self: &Arc<Self>,
        credentials: Credentials<'_>,
        new: NewDevice,
    ) -> Result<(OwnedUserId, Device)> {
        let (person, password) = match credentials {
            Credentials::Password { user, password } => {
                let (person, password) = self.person_of_password(user, password).await?;
                (person, Some(password))
            }
            Credentials::Token(token) => {
                let principal = self.sign_in_client(token).await?;
                let person = self.external_person(&principal.person_id).await?;
                if self.store.allow_external_client(&person.person_id).await? {
                    self.people.invalidate(&person.person_id).await;
                    self.begin_joining(&person.person_id).await?;
                }
                (person, None)
            }
        };
        let account = self.account(&person.person_id).await?;
        if let Some(password) = &password
            && let Some(before) = self.store.session_of_password(&password.id).await?
            && Some(&before.device_id) != new.device_id.as_ref()
        {
            self.end_session(&before, false).await?;
        }
        let of_person = |name: &&String| !name.is_empty();
        let name = password
            .as_ref()
            .map(|password| password.device_name.clone())
            .filter(|name| name != NAMELESS)
            .or_else(|| new.name.as_ref().filter(of_person).cloned())
            .unwrap_or_else(|| NAMELESS.to_owned());
        // The service's own device is no client's.
        let wanted = new.device_id.as_deref().filter(|id| *id != DEVICE);
        let device = self.homeserver.login(&account, wanted, &name).await?;
        let now = self.clock.now();
        let session = ExternalSession {
            id: random_token(),
            person_id: person.person_id.clone(),
            device_id: device.device_id.clone(),
            app_password_id: password.map(|password| password.id),
            device_name: limits::cut(&name, 255).into_owned(),
            client: limits::cut(&new.client, 255).into_owned(),
            created_at: now,
            last_seen_at: now,
            last_seen_ip: new.address,
        };
        let replaced = self
            .store
            .external_sessions_of(&person.person_id)
            .await?
            .into_iter()
            .find(|session| session.device_id == device.device_id);
        self.store
            .add_external_session(&session, &service_token::hash(&device.token))
            .await?;
        if let Some(replaced) = replaced {
            self.tell_ended(vec![replaced.id]);
        }
        Ok((account, device))
    }

    /// The person of a user name and an app password. Whatever is wrong, the answer is the same and takes as long.
    async fn person_of_password(&self, user: &str, password: &str) -> Result<(Arc<Person>, AppPassword)> {
        let wrong = || Error::Unauthenticated("user name or app password are wrong");
        let person = self.store.person_of_user(&self.typed_user(user)).await?;
        let id = person
            .as_ref()
            .map_or_else(|| PersonId::from(""), |person| person.person_id.clone());
        let found = self.store.app_password(&password_hash(&id, password)).await?;
        match (person, found) {
            (Some(person), Some(password))
                if password.person_id == person.person_id && person.external_client =>
            {
                if !person.active {
                    return Err(Error::Forbidden("this account is deactivated"));
                }
                Ok((Arc::new(person), password))
            }
            _ => Err(wrong()),
        }
    }

    /// Whether this is an app password of the person.
    pub async fn is_app_password(&self, person: &PersonId, password: &str) -> Result<bool> {
        let found = self.store.app_password(&password_hash(person, password)).await?;
        Ok(found.is_some_and(|found| found.person_id == *person))
    }

    /// The Matrix user id that somebody means who typed this: it, its local part, or the hub's id.
    pub fn typed_user(&self, typed: &str) -> String {
        let typed = typed.trim();
        if let Some(rest) = typed.strip_prefix('@') {
            return match rest.rsplit_once(':') {
                Some(_) => typed.to_owned(),
                None => format!("{typed}:{}", self.server_name),
            };
        }
        let (id, source) = localpart::person_of(typed);
        let local = match source {
            // No local part: the hub's own spelling, with capitals for instance.
            Source::Matrix => localpart::localpart(&typed.into(), Source::Hub),
            source => localpart::localpart(&id, source),
        };
        format!("@{local}:{}", self.server_name)
    }

    /// Whom an access token belongs to; `None` when it is none that the gateway made, or its person may not come in any
    /// more.
    pub async fn external_caller(&self, token: &str) -> Result<Option<Arc<Caller>>> {
        let hash = service_token::hash(token);
        if let Some(caller) = self.callers.get(&hash).await {
            return Ok(caller);
        }
        let generation = self.sessions_generation.load(Ordering::SeqCst);
        let caller = match self.store.external_session(&hash).await? {
            Some(session) => self.caller(session).await?.map(Arc::new),
            None => None,
        };
        // Strangers' tokens are not remembered: they would push out the others. Nor is what was read while a session
        // ended.
        if caller.is_some() && generation == self.sessions_generation.load(Ordering::SeqCst) {
            self.callers.insert(hash, caller.clone()).await;
        }
        Ok(caller)
    }

    async fn caller(&self, session: ExternalSession) -> Result<Option<Caller>> {
        let person = self.store.person(&session.person_id).await?;
        let Some(person) = person.filter(|person| person.active && person.external_client) else {
            return Ok(None);
        };
        let ended = self.endings.entry(session.id.clone()).or_default().clone();
        Ok(Some(Caller {
            principal: self.principal_of(&person).await?,
            session,
            ended,
        }))
    }

    /// Notes when and from where a session was used, once a minute.
    pub async fn external_seen(&self, caller: &Caller, address: &str) -> Result<()> {
        let now = self.clock.now();
        let last = self.seen_sessions.get(&caller.session.id);
        let last = last.unwrap_or(caller.session.last_seen_at);
        if now.0 - last.0 < SEEN_EVERY_MS {
            return Ok(());
        }
        self.seen_sessions.insert(caller.session.id.clone(), now);
        Ok(self
            .store
            .touch_external_session(&caller.session.id, now, address)
            .await?)
    }

    /// Ends a session: its token counts no more from this moment on, and its device goes.
    pub async fn end_session(self: &Arc<Self>, session: &ExternalSession, and_password: bool) -> Result<()> {
        self.end_recorded(session, and_password, None).await
    }

    async fn end_recorded(
        self: &Arc<Self>,
        session: &ExternalSession,
        and_password: bool,
        audit: Option<&NewAudit>,
    ) -> Result<()> {
        self.store
            .end_external_session(session, and_password, audit)
            .await?;
        self.tell_ended(vec![session.id.clone()]);
        let account = self.account(&session.person_id).await?;
        self.remove_devices(
            session.person_id.clone(),
            account,
            vec![session.device_id.clone()],
        );
        Ok(())
    }

    /// Removes devices from the homeserver whose sessions have ended. Their tokens are worth nothing already, so nobody
    /// waits; a device that has been logged in again meanwhile stays.
    fn remove_devices(self: &Arc<Self>, person: PersonId, account: OwnedUserId, devices: Vec<String>) {
        let core = self.clone();
        tokio::spawn(async move {
            for device in devices {
                let removed = async {
                    let sessions = core.store.external_sessions_of(&person).await?;
                    if sessions.iter().all(|session| session.device_id != device) {
                        core.homeserver.end_device(&account, &device).await?;
                    }
                    Ok::<(), Error>(())
                };
                if let Err(error) = removed.await {
                    tracing::warn!(
                        ?error,
                        "a device could not be removed from the homeserver; its token counts no more here"
                    );
                }
            }
        });
    }

    /// Removes a device that the homeserver knows and no session stands for.
    pub async fn end_stray_device(&self, principal: &Principal, device: &str) -> Result<()> {
        if device == DEVICE {
            return Err(Error::Forbidden("this device is the messenger's own"));
        }
        let account = self.account(&principal.person_id).await?;
        Ok(self.homeserver.end_device(&account, device).await?)
    }

    /// Ends all sessions of a person; with `for_good` their app passwords too, and with the record of it when an admin
    /// does it.
    pub(super) async fn end_sessions_of(
        self: &Arc<Self>,
        person: &Person,
        for_good: bool,
        audit: Option<&NewAudit>,
    ) -> Result<()> {
        let sessions = self.store.external_sessions_of(&person.person_id).await?;
        self.store
            .end_external_sessions(&person.person_id, for_good, audit)
            .await?;
        if sessions.is_empty() {
            return Ok(());
        }
        let (ids, devices) = sessions
            .into_iter()
            .map(|session| (session.id, session.device_id))
            .unzip();
        self.tell_ended(ids);
        self.remove_devices(person.person_id.clone(), super::user(&person.user_id)?, devices);
        Ok(())
    }

    fn tell_ended(&self, sessions: Vec<String>) {
        self.sessions_ended(&sessions);
        self.relay
            .publish(Live::Signal(Arc::new(Signal::SessionsEnded { sessions })));
    }

    /// Takes in what another replica says.
    pub async fn hear(self: &Arc<Self>, signal: &Signal) {
        match signal {
            Signal::SessionsEnded { sessions } => self.sessions_ended(sessions),
            Signal::PersonChanged { person_id, active } => self.person_changed(person_id, *active).await,
            // Another replica has seen an answer: what is remembered of the two is old.
            Signal::ContactRequest { request, .. } => {
                self.tie_changed(&request.from.person_id, &request.to.person_id)
                    .await;
            }
            Signal::Typing { .. }
            | Signal::Presence { .. }
            | Signal::Status { .. }
            | Signal::Visit { .. } => {}
        }
    }

    /// Forgets sessions that ended, here or at another replica, and cuts off what they have open.
    pub(super) fn sessions_ended(&self, sessions: &[String]) {
        self.sessions_generation.fetch_add(1, Ordering::SeqCst);
        self.callers.invalidate_all();
        for id in sessions {
            if let Some((_, ended)) = self.endings.remove(id) {
                ended.cancel();
            }
        }
    }

    /// A person who came without a token of theirs, with what their last token said.
    async fn principal_of(&self, person: &Person) -> Result<Principal> {
        // The session has no end of its own.
        let expires_at = Timestamp(i64::MAX);
        let mut organisations = self.organisations_of(&person.person_id).await?.to_vec();
        organisations.sort_by_key(|one| one.tenant != person.tenant);
        let claims = Claims {
            person_id: person.person_id.clone(),
            source: person.source,
            tenant: person.tenant.clone(),
            organisations,
            lists_all: false,
            acting: None,
            hub_role: person.hub_role.clone(),
            role: person.role,
            super_admin: person.super_admin,
            support: person.support,
            display_name: person.display_name.clone(),
            given_name: person.given_name.clone(),
            family_name: person.family_name.clone(),
            email: person.email.clone(),
            avatar_url: person.avatar_url.clone(),
            expires_at,
            token_id: None,
            purpose: Purpose::Person,
        };
        Ok(Principal {
            person_id: person.person_id.clone(),
            user_id: person.user_id.as_str().into(),
            role: person.role,
            super_admin: person.super_admin,
            tenant: person.tenant.clone(),
            organisations: claims.belongs().into(),
            display_name: person.display_name.clone(),
            created_position: person.created_position,
            expires_at,
            claims: Arc::new(claims),
        })
    }

    /// A person who may have external clients: active, and of a door of ours.
    async fn external_person(&self, id: &PersonId) -> Result<Arc<Person>> {
        let person = self.store.person(id).await?.filter(is_person);
        person.map(Arc::new).ok_or(Error::NotFound("person"))
    }
}

/// A new app password: `abcd-efgh-jkmn-pqrs-tuvw`.
fn new_password() -> String {
    let digest = Sha256::digest(random_token());
    let mut password = String::with_capacity(PASSWORD_LENGTH + 4);
    for (at, byte) in digest.iter().take(PASSWORD_LENGTH).enumerate() {
        if at > 0 && at % 4 == 0 {
            password.push('-');
        }
        password.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    password
}

/// The hash under which a person's app password is kept. It is random, so one round is enough; typed with or without
/// dashes, spaces and capitals it is the same.
fn password_hash(person: &PersonId, password: &str) -> String {
    let plain: String = password
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    service_token::hash(&format!("{person}\0{plain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_passwords_are_long_random_and_easy_to_type() {
        let (one, other) = (new_password(), new_password());
        assert_ne!(one, other);
        assert_eq!(one.len(), 24);
        let max = PersonId::from("max");
        let typed = one.to_uppercase().replace('-', " ");
        assert_eq!(password_hash(&max, &one), password_hash(&max, &typed));
        assert_ne!(password_hash(&max, &one), password_hash(&"anna".into(), &one));
        assert_ne!(password_hash(&max, &one), password_hash(&max, &other));
    }
}
