//! People: from a token to a person with a Matrix account.

use std::sync::Arc;
use std::time::Duration;

use ruma::OwnedUserId;

use super::organisations::{after_token, home};
use super::{Core, user};
use crate::error::{Error, Result};
use crate::identity::{
    Claims, EXPIRED, NOT_VALID, Organisation, PersonSpec, Principal, Purpose, ServicePrincipal, local,
    service_token,
};
use crate::matrix::localpart;
use crate::store::{Person, ServiceToken, Store};
use crate::types::{PersonId, Role, Source, Timestamp};

/// What the service's own account is called.
pub(super) const SERVICE_NAME: &str = "Messenger";
/// `last_seen_at` is written at most this often.
const SEEN_EVERY_MS: i64 = 60_000;
/// How many people one may try the service out as, and for how long.
const DEV_PEOPLE: i64 = 20;
const DEV_LIFETIME: Duration = Duration::from_hours(12);

/// A person to try the service out as.
#[derive(Debug, Clone)]
pub struct DevPerson {
    /// They.
    pub person: Person,
    /// A token that signs them in.
    pub token: String,
}

impl Core {
    /// The person of a token, in the tenant they name (`X-Tenant-ID`), or in the token's own. The first time, the person
    /// and the Matrix account are made (contract A015); later, name, role and tenants follow the token (A016).
    /// [`Error::Forbidden`] when the token does not name that tenant (contract B025, R18).
    pub async fn sign_in(&self, token: &str, tenant: Option<&str>) -> Result<Principal> {
        let claims = self.verifier.verify(token, self.clock.now()).await?;
        if claims.purpose != Purpose::Person {
            return Err(Error::Unauthenticated("this ticket is good for one thing only"));
        }
        self.principal(claims, tenant).await
    }

    /// The person of a socket's handshake (contract B024, R53). The token is checked here and never again: a socket
    /// outlives it, so whoever opens one takes no end from the principal's `expires_at`.
    pub async fn sign_in_socket(&self, token: &str, tenant: Option<&str>) -> Result<Principal> {
        self.sign_in(token, tenant).await
    }

    /// The person of a hub or Clerk token, or of a login token of ours, which it uses up (contract R71).
    pub(super) async fn sign_in_client(&self, token: &str) -> Result<Principal> {
        let now = self.clock.now();
        let claims = self.verifier.verify(token, now).await?;
        match claims.purpose {
            Purpose::Person => {}
            Purpose::ClientLogin => self.use_up(&claims, now).await?,
            Purpose::StreamTicket => return Err(Error::Unauthenticated(NOT_VALID)),
        }
        self.principal(claims, None).await
    }

    async fn use_up(&self, claims: &Claims, now: Timestamp) -> Result<()> {
        let id = claims
            .token_id
            .as_deref()
            .ok_or(Error::Unauthenticated(NOT_VALID))?;
        // Kept longer than any ticket lives, clock skew included.
        if !self.store.use_ticket(id, now.plus(10 * 60_000)).await? {
            return Err(Error::Unauthenticated("this ticket was used before"));
        }
        Ok(())
    }

    /// The person of a token or of a stream ticket, which it uses up (contract R23). A ticket opens the stream in the
    /// tenant it was asked for in, where the request names none.
    pub async fn sign_in_stream(&self, token: &str, tenant: Option<&str>) -> Result<Principal> {
        let now = self.clock.now();
        let claims = self.verifier.verify(token, now).await?;
        // A stream ends with its token; opened in the clock's tolerance after that, it would end at once, and the
        // browser would open it again and again.
        if claims.expires_at <= now {
            return Err(Error::Unauthenticated(EXPIRED));
        }
        match claims.purpose {
            Purpose::Person => {}
            Purpose::StreamTicket => self.use_up(&claims, now).await?,
            Purpose::ClientLogin => return Err(Error::Unauthenticated(NOT_VALID)),
        }
        self.principal(claims, tenant).await
    }

    /// A ticket that opens one stream within the next minute (contract R23), and when it ends.
    pub fn ticket(&self, principal: &Principal) -> (String, Timestamp) {
        local::sign_ticket(
            self.config.secret_key.expose(),
            &principal.claims,
            self.clock.now(),
        )
    }

    /// The service of a service token (contract A019).
    pub async fn service(&self, token: &str) -> Result<ServicePrincipal> {
        if service_token::matches(token, self.config.messenger_service_token.expose()) {
            return Ok(ServicePrincipal {
                token_id: "default".into(),
                tenant: None,
            });
        }
        let hash = service_token::hash(token);
        let found = if let Some(found) = self.service_tokens.get(&hash).await {
            found
        } else {
            let found = self.store.service_token(&hash).await?.map(Arc::new);
            if let Some(token) = &found {
                self.store
                    .touch_service_token(&token.id, self.clock.now())
                    .await?;
            }
            self.service_tokens.insert(hash, found.clone()).await;
            found
        };
        let token = found.ok_or(Error::Unauthenticated("the service token is not valid"))?;
        Ok(ServicePrincipal {
            token_id: token.id.clone(),
            tenant: token.tenant.clone(),
        })
    }

    /// Forgets what is remembered of a service token, after it was revoked.
    pub(super) fn forget_service_tokens(&self, _revoked: &ServiceToken) {
        self.service_tokens.invalidate_all();
    }

    pub(super) async fn principal(&self, mut claims: Claims, tenant: Option<&str>) -> Result<Principal> {
        let now = self.clock.now();
        let tenant = claims.act_in(tenant)?;
        let organisations = self.organisations_of(&claims.person_id).await?;
        let news = after_token(&organisations, &claims, &self.config.default_tenant_id) != *organisations;
        let differs = |person: &Person| news || differs(person, &claims, &organisations, now);
        let person = match self.people.get(&claims.person_id).await {
            Some(person) if !differs(&person) => person,
            _ => match self.store.person(&claims.person_id).await? {
                Some(person) if !differs(&person) && !needs_account(&person) => {
                    let person = Arc::new(person);
                    self.people.insert(person.person_id.clone(), person.clone()).await;
                    person
                }
                // While the homeserver is away this is tried again whenever the memory of it has passed.
                // Boxed, as it is large and rare, and every request's future would have room for it.
                _ => Box::pin(self.meet(&claims, now)).await?,
            },
        };
        if !person.active {
            return Err(Error::Unauthenticated("this account is deactivated"));
        }
        claims.acting = (tenant != claims.tenant).then(|| tenant.clone());
        Ok(Principal {
            person_id: person.person_id.clone(),
            user_id: person.user_id.as_str().into(),
            role: claims.role,
            super_admin: claims.super_admin,
            tenant,
            organisations: claims.belongs().into(),
            display_name: person.display_name.clone(),
            created_position: person.created_position,
            expires_at: claims.expires_at,
            claims: Arc::new(claims),
        })
    }

    /// A person from memory or the database.
    pub(super) async fn remembered(&self, id: &PersonId) -> Result<Option<Arc<Person>>> {
        if let Some(person) = self.people.get(id).await {
            return Ok(Some(person));
        }
        let Some(person) = self.store.person(id).await? else {
            return Ok(None);
        };
        let person = Arc::new(person);
        self.people.insert(id.clone(), person.clone()).await;
        Ok(Some(person))
    }

    /// Stores a person who is new, or what their token says anew.
    async fn meet(&self, claims: &Claims, now: Timestamp) -> Result<Arc<Person>> {
        let _alone = self.alone(format!("person:{}", claims.person_id)).await;
        let stored = self.store.person(&claims.person_id).await?;
        let is_new = stored.is_none();
        let user_id = localpart::user_id(&claims.person_id, claims.source, &self.server_name)
            .map_err(|_| Error::Unauthenticated("the token's sub is too long for an account name"))?;
        let mut person = if let Some(person) = stored {
            person
        } else {
            let person = Person {
                person_id: claims.person_id.clone(),
                source: claims.source,
                tenant: claims.tenant.clone(),
                user_id: user_id.to_string(),
                display_name: claims.display_name.clone(),
                role: claims.role,
                hub_role: claims.hub_role.clone(),
                super_admin: claims.super_admin,
                support: claims.support,
                active: true,
                external_client: false,
                registered: false,
                matrix_name: None,
                created_position: 0,
                created_at: now,
                last_seen_at: now,
                given_name: claims.given_name.clone(),
                family_name: claims.family_name.clone(),
                email: claims.email.clone(),
                avatar_url: claims.avatar_url.clone(),
            };
            self.store.add_person(&person).await?
        };
        // One id space of people (contract R51): the other source's holder keeps the id. Local tokens stand in for
        // the hub's where there is none, so the two are one source here.
        let clerk = |source: Source| source == Source::Clerk;
        let theirs = person.user_id == user_id.as_str()
            && (person.source == Source::Matrix || clerk(person.source) == clerk(claims.source))
            && !matches!(person.source, Source::App | Source::Service);
        if !theirs {
            return Err(Error::Unauthenticated(
                "this id belongs to a person of another identity provider",
            ));
        }
        let before = self.store.organisations(&person.person_id).await?;
        let organisations = self.keep_organisations(claims, &before).await?;
        if differs(&person, claims, &organisations, now) {
            person.source = claims.source;
            person.tenant = home(&organisations, claims, &person.tenant);
            person.display_name.clone_from(&claims.display_name);
            person.role = claims.role;
            person.hub_role.clone_from(&claims.hub_role);
            person.super_admin = claims.super_admin;
            person.support = claims.support;
            person.given_name.clone_from(&claims.given_name);
            person.family_name.clone_from(&claims.family_name);
            person.email.clone_from(&claims.email);
            person.avatar_url.clone_from(&claims.avatar_url);
            person.last_seen_at = now;
            self.store.update_person(&person).await?;
        }
        if person.active && needs_account(&person) {
            // Conduit lets nobody in before the service's own account is there.
            let made = match self.service_account().await {
                Ok(_) => self.make_account(&person).await,
                Err(error) => Err(error),
            };
            match made {
                Ok(()) => {
                    person.registered = true;
                    person.matrix_name = Some(person.display_name.clone());
                }
                // Reading needs no account. What does need one makes it then (see `account`).
                Err(Error::Unavailable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if is_new {
            self.release_waiting(&person, now).await?;
        }
        let person = Arc::new(person);
        self.people.insert(person.person_id.clone(), person.clone()).await;
        Ok(person)
    }

    async fn make_account(&self, person: &Person) -> Result<()> {
        let user_id = user(&person.user_id)?;
        if !person.registered {
            self.homeserver.register(&user_id).await?;
        }
        if person.matrix_name.as_deref() != Some(person.display_name.as_str()) {
            self.homeserver
                .set_display_name(&user_id, &person.display_name)
                .await?;
        }
        self.store
            .set_registered(&person.person_id, Some(&person.display_name))
            .await?;
        Ok(())
    }

    /// The Matrix account of a person, made now if it could not be before.
    pub(super) async fn account(&self, id: &PersonId) -> Result<OwnedUserId> {
        let person = self.remembered(id).await?.ok_or(Error::NotFound("person"))?;
        if person.registered {
            return user(&person.user_id);
        }
        let _alone = self.alone(format!("person:{id}")).await;
        let mut person = self.store.person(id).await?.ok_or(Error::NotFound("person"))?;
        if !person.registered {
            self.service_account().await?;
            self.make_account(&person).await?;
            person.registered = true;
            person.matrix_name = Some(person.display_name.clone());
        }
        let user_id = user(&person.user_id)?;
        self.people.insert(id.clone(), Arc::new(person)).await;
        Ok(user_id)
    }

    /// An account of the service's own kind: a satellite's, or its own.
    pub(super) async fn own_account(&self, id: PersonId, source: Source, name: &str) -> Result<Arc<Person>> {
        if let Some(person) = self.remembered(&id).await?
            && person.registered
        {
            return Ok(person);
        }
        let _alone = self.alone(format!("person:{id}")).await;
        let user_id = localpart::user_id(&id, source, &self.server_name)
            .map_err(|_| Error::invalid("source_app", "is too long for an account name"))?;
        let mut person = Store::stranger(
            id.clone(),
            user_id.as_str(),
            self.config.default_tenant_id.clone(),
            source,
            self.clock.now(),
        );
        name.clone_into(&mut person.display_name);
        person.registered = false;
        let mut person = self.store.add_person(&person).await?;
        if person.display_name != name {
            name.clone_into(&mut person.display_name);
            self.store.update_person(&person).await?;
        }
        if !person.registered {
            self.make_account(&person).await?;
            person.registered = true;
        }
        let person = Arc::new(person);
        self.people.insert(id, person.clone()).await;
        Ok(person)
    }

    /// The service's own account.
    pub async fn service_account(&self) -> Result<OwnedUserId> {
        self.own_account(self.service_person.clone(), Source::Service, SERVICE_NAME)
            .await?;
        Ok(self.service_user.clone())
    }

    /// The person of a Matrix user id of our server; one that is known to Matrix only is noted. `None` for users of
    /// other servers.
    pub(super) async fn person_of_user(&self, user_id: &ruma::UserId) -> Result<Option<Arc<Person>>> {
        if user_id.server_name() != self.server_name {
            return Ok(None);
        }
        let (id, source) = match localpart::person_of(user_id.localpart()) {
            // A name that no token of ours leads to stands for itself.
            (_, Source::Matrix) => (user_id.as_str().into(), Source::Matrix),
            named => named,
        };
        if let Some(person) = self.remembered(&id).await?
            && person.user_id == user_id.as_str()
        {
            return Ok(Some(person));
        }
        if let Some(person) = self.store.person_of_user(user_id.as_str()).await? {
            return Ok(Some(Arc::new(person)));
        }
        // Whoever comes with a token of this id later is this person: after the loss of the database, for instance.
        let source = match source {
            _ if *user_id == self.service_user => Source::Service,
            Source::App => Source::App,
            _ => Source::Matrix,
        };
        let tenant = self.config.default_tenant_id.clone();
        let mut person = Store::stranger(id, user_id.as_str(), tenant, source, self.clock.now());
        user_id.localpart().clone_into(&mut person.display_name);
        // Making an account that exists is no error, and finds out whether it does.
        person.registered = false;
        Ok(Some(Arc::new(self.store.add_person(&person).await?)))
    }

    /// What an admin changed of a person here or at another replica: what is remembered is forgotten, and who may not come
    /// in any more is cut off.
    pub(super) async fn person_changed(self: &Arc<Self>, id: &PersonId, active: bool) {
        self.people.invalidate(id).await;
        if active {
            return;
        }
        self.relay.end_person(id);
        // Somebody may just have been let in by what was read before the change. Nothing is remembered longer than this.
        let (core, id) = (self.clone(), id.clone());
        tokio::spawn(async move {
            tokio::time::sleep(super::REMEMBERED).await;
            if matches!(core.store.person(&id).await, Ok(Some(person)) if !person.active) {
                core.relay.end_person(&id);
            }
        });
    }

    /// The caller, as the database has them.
    pub async fn me(&self, principal: &Principal) -> Result<Person> {
        let person = self
            .remembered(&principal.person_id)
            .await?
            .ok_or(Error::NotFound("person"))?;
        Ok((*person).clone())
    }

    /// People who belong to the caller's tenant and whose id or name contains `q` (contract A072).
    pub async fn find_people(
        &self,
        principal: &Principal,
        q: &str,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Person>> {
        super::limits::optional("q", q, super::limits::MAX_NAME)?;
        let fold = q.trim().to_lowercase();
        Ok(self
            .store
            .find_people(&principal.tenant, &fold, after.unwrap_or_default(), limit)
            .await?)
    }

    /// People of the default tenant with a token for each, to try the service out without a hub. Only in development, and
    /// only as long as `SECRET_KEY` is the default: that one is published with this program, so anybody can sign such
    /// tokens anyway, and handing them out gives nothing away.
    pub async fn dev_people(&self) -> Result<Vec<DevPerson>> {
        if !self.config.open_to_all {
            return Err(Error::NotFound("path"));
        }
        let tenant = &self.config.default_tenant_id;
        let people = self.store.last_seen_people(tenant, DEV_PEOPLE).await?;
        let now = self.clock.now();
        let signed = people.into_iter().map(|person| {
            let spec = PersonSpec {
                sub: person.person_id.as_str(),
                role: person.hub_role.as_deref().unwrap_or(person.role.as_str()),
                tenant: Some(&person.tenant),
                display_name: Some(&person.display_name),
                lifetime: DEV_LIFETIME,
            };
            let token = local::sign_person(self.config.secret_key.expose(), &spec, now);
            DevPerson { person, token }
        });
        Ok(signed.collect())
    }

    /// Makes due what waited for a person: of every tenant they belong to, and what names no tenant as their home's.
    pub(super) async fn release_waiting(&self, person: &Person, now: Timestamp) -> Result<()> {
        let id = &person.person_id;
        let mut released = self.store.release_waiting(id, &person.tenant, now).await?;
        for organisation in self.organisations_of(id).await?.iter() {
            if organisation.tenant != person.tenant {
                released += self.store.release_waiting(id, &organisation.tenant, now).await?;
            }
        }
        if released > 0 {
            self.outbox.notify_one();
        }
        Ok(())
    }
}

/// Whether the database has to hear of what a token says. Another home among the person's organisations is no news by
/// itself, and written when they are noted as seen: in two windows, somebody is in two organisations at a time.
fn differs(person: &Person, claims: &Claims, organisations: &[Organisation], now: Timestamp) -> bool {
    person.display_name != claims.display_name
        || person.role != claims.role
        || !organisations.iter().any(|one| one.tenant == person.tenant)
        || person.given_name != claims.given_name
        || person.family_name != claims.family_name
        || person.email != claims.email
        || person.avatar_url != claims.avatar_url
        || person.source != claims.source
        || person.hub_role != claims.hub_role
        || person.super_admin != claims.super_admin
        || person.support != claims.support
        || now.0 - person.last_seen_at.0 > SEEN_EVERY_MS
}

/// Somebody who came through a door of ours and may still.
pub(super) fn is_person(person: &Person) -> bool {
    person.active && person.source.signs_in()
}

/// Whether the homeserver has to hear of the person.
fn needs_account(person: &Person) -> bool {
    !person.registered || person.matrix_name.as_deref() != Some(person.display_name.as_str())
}

/// Whether somebody with this role may write (contract R16).
pub(super) fn require_writer(principal: &Principal) -> Result<()> {
    if principal.role == Role::Viewer {
        return Err(Error::Forbidden("viewers may read but not write"));
    }
    Ok(())
}
