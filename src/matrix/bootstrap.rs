//! Claims an empty Conduit: makes our account, which as the first one is its administrator, and registers us as its
//! appservice through its admin room.
//!
//! Every step looks first whether it was done before, so that [`claim`] may be stopped at any point and begun again.
//! The account's password is derived from the appservice's token: a second run can log in where the first one left.
//! Once the registration stands, the account is in its exclusive namespace and nobody can log in with a password.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use matrix_sdk::config::{RequestConfig, SyncSettings};
use matrix_sdk::{Client as Sdk, Room, RoomState};
use ruma::api::MatrixVersion;
use ruma::api::client::account::register;
use ruma::api::client::uiaa::{AuthData, RegistrationToken};
use ruma::api::error::ErrorKind;
use ruma::events::room::message::{MessageType, RoomMessageEventContent};
use ruma::events::{AnySyncMessageLikeEvent, AnySyncTimelineEvent};
use ruma::presence::PresenceState;
use ruma::{EventId, OwnedServerName, RoomAliasId, UserId};
use tokio::time::{Instant, sleep, timeout_at};

use super::client::{Client, ClientConfig};
use super::registration::Registration;
use super::{Error, Homeserver as _};

/// How long Conduit may take to answer in its admin room.
const ANSWER: Duration = Duration::from_secs(30);

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(10);

/// What [`claim`] has to know.
pub struct BootstrapConfig<'a> {
    /// The homeserver's address.
    pub base_url: &'a str,
    /// Its name, the part behind the colon.
    pub server_name: &'a str,
    /// The token it lets people register with: Conduit's `registration_token`.
    pub registration_token: &'a str,
    /// How we want to be known there.
    pub registration: &'a Registration,
}

/// What [`claim`] found or did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// The homeserver knew us; nothing was done.
    Already,
    /// It knows us now.
    Now,
}

/// Makes this service the appservice and the administrator of a Conduit that nobody has claimed yet. Does nothing when
/// the homeserver knows the registration's token already, whatever homeserver it is.
///
/// Listen for transactions before: Conduit pushes the first one at once, and when nobody takes it, it sends none for
/// the next 30 s.
///
/// # Errors
/// When the homeserver does not answer, is no Conduit (it reads registrations from a file), or belongs to somebody
/// else. The words say what to do.
pub async fn claim(config: &BootstrapConfig<'_>) -> anyhow::Result<Claimed> {
    let registration = config.registration;
    let appservice = Client::new(ClientConfig {
        base_url: config.base_url.to_owned(),
        server_name: OwnedServerName::try_from(config.server_name)?,
        as_token: registration.as_token.clone(),
        sender_localpart: registration.sender_localpart.clone(),
        appservice_id: registration.id.clone(),
        password_key: crate::types::random_token(),
    })?;
    let sender = UserId::parse(format!(
        "@{}:{}",
        registration.sender_localpart, config.server_name
    ))?;
    if knows_us(&appservice).await? {
        appservice.register(&sender).await?;
        return Ok(Claimed::Already);
    }

    let sdk = Sdk::builder()
        .homeserver_url(config.base_url)
        .server_versions([MatrixVersion::V1_1, MatrixVersion::V1_11])
        .request_config(RequestConfig::short_retry().timeout(REQUEST))
        .build()
        .await?;
    let alias = RoomAliasId::parse(format!("#admins:{}", config.server_name))?;
    let Ok(admins) = sdk.resolve_room_alias(&alias).await else {
        bail!(
            "the homeserver does not know our as_token and has no room {alias}, so it is no Conduit: write \
             the registration to a file, name it in the homeserver's configuration and restart it"
        );
    };
    enter(&sdk, config, &sender).await?;

    let done = ask(&sdk, config, &appservice, &admins.room_id).await;
    // the device was for this only; one that stays is no harm
    if let Err(error) = sdk.matrix_auth().logout().await {
        tracing::debug!(%error, "the bootstrap's device stays");
    }
    done?;
    appservice.register(&sender).await?;
    Ok(Claimed::Now)
}

/// Whether the homeserver knows the token of our registration.
async fn knows_us(appservice: &Client) -> super::Result<bool> {
    match appservice.registered().await {
        Ok(()) => Ok(true),
        Err(Error::Refused { status: 401, .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes the sender's account, or logs in to the one that an earlier run made.
async fn enter(sdk: &Sdk, config: &BootstrapConfig<'_>, sender: &UserId) -> anyhow::Result<()> {
    let password = password(&config.registration.as_token, sender);
    let mut request = register::v3::Request::new();
    request.username = Some(sender.localpart().to_owned());
    request.password = Some(password.clone());
    // without a login Conduit would not make the first account its administrator
    request.inhibit_login = false;
    let Err(error) = sdk.matrix_auth().register(request.clone()).await else {
        return Ok(());
    };
    if let Some(asked) = error.as_uiaa_response() {
        let mut token = RegistrationToken::new(config.registration_token.to_owned());
        token.session.clone_from(&asked.session);
        request.auth = Some(AuthData::RegistrationToken(token));
        return match sdk.matrix_auth().register(request).await {
            Ok(_) => Ok(()),
            Err(error) if error.as_uiaa_response().is_some() => Err(anyhow!(
                "the homeserver refuses our registration token; it must be the one in its own settings"
            )),
            Err(error) => Err(error).context("making our account"),
        };
    }
    match error.client_api_error_kind() {
        Some(ErrorKind::UserInUse) => {}
        Some(ErrorKind::Exclusive) => bail!(owned_by_another(sender)),
        _ => return Err(error).context("making our account: does the homeserver allow registration?"),
    }
    let login = sdk.matrix_auth().login_username(sender, &password).await;
    match login.as_ref().map_err(matrix_sdk::Error::client_api_error_kind) {
        Ok(_) => Ok(()),
        Err(Some(ErrorKind::Exclusive | ErrorKind::Forbidden)) => bail!(owned_by_another(sender)),
        Err(_) => login.map(drop).context("logging in to our account"),
    }
}

fn owned_by_another(sender: &UserId) -> String {
    format!(
        "{sender} exists on the homeserver and does not belong to this as_token: use the as_token it was \
         claimed with, or begin with an empty homeserver"
    )
}

/// Our password on a homeserver that is not ours yet. Whoever has the token may do everything anyway.
fn password(as_token: &str, sender: &UserId) -> String {
    // a key of any length will do for HMAC
    let mut mac =
        Hmac::<sha2::Sha256>::new_from_slice(as_token.as_bytes()).unwrap_or_else(|_| unreachable!());
    mac.update(b"bootstrap ");
    mac.update(sender.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Has Conduit register us, and waits until it has.
async fn ask(
    sdk: &Sdk,
    config: &BootstrapConfig<'_>,
    appservice: &Client,
    admins: &ruma::RoomId,
) -> anyhow::Result<()> {
    let settings = SyncSettings::new().set_presence(PresenceState::Offline);
    let mut since = sdk
        .sync_once(settings.clone().timeout(Duration::ZERO))
        .await?
        .next_batch;
    let room = match sdk
        .get_room(admins)
        .filter(|room| room.state() == RoomState::Joined)
    {
        Some(room) => room,
        None => sdk
            .join_room_by_id(admins)
            .await
            .context("our account is not the homeserver's administrator: begin with an empty homeserver")?,
    };
    let conduit = UserId::parse(format!("@conduit:{}", config.server_name))?;
    let yaml = config.registration.to_yaml();
    let command = format!("{conduit}: register-appservice\n```\n{yaml}```");
    let asked = room
        .send(RoomMessageEventContent::text_plain(command))
        .await?
        .response
        .event_id;

    let deadline = Instant::now() + ANSWER;
    let mut answer = None;
    let mut seen = false;
    let registered = loop {
        if knows_us(appservice).await? {
            break true;
        }
        if answer.is_some() || Instant::now() > deadline {
            break false;
        }
        let poll = settings
            .clone()
            .token(since.clone())
            .timeout(Duration::from_secs(5));
        let Ok(update) = timeout_at(deadline, sdk.sync_once(poll)).await else {
            continue;
        };
        let update = update?;
        since = update.next_batch;
        let timeline = update
            .rooms
            .joined
            .get(admins)
            .map(|room| room.timeline.events.as_slice());
        answer = timeline.and_then(|events| words_after(events, &asked, &conduit, &mut seen));
        if timeline.is_none() {
            // Conduit answers some polls at once; do not spin
            sleep(Duration::from_millis(100)).await;
        }
    };
    forget(&room, &asked).await;
    match (registered, answer) {
        (true, _) => Ok(()),
        (false, Some(words)) => Err(anyhow!("the homeserver did not register us: {words}")),
        (false, None) => Err(anyhow!("{conduit} did not answer within {ANSWER:?}")),
    }
}

/// What `conduit` said after our command. Its notices are news of its own, not answers.
fn words_after(
    events: &[matrix_sdk::deserialized_responses::TimelineEvent],
    asked: &EventId,
    conduit: &UserId,
    seen: &mut bool,
) -> Option<String> {
    events.iter().find_map(|event| {
        if event.event_id().as_deref() == Some(asked) {
            *seen = true;
        }
        let Ok(AnySyncTimelineEvent::MessageLike(AnySyncMessageLikeEvent::RoomMessage(message))) =
            event.raw().deserialize()
        else {
            return None;
        };
        match &message.as_original()?.content.msgtype {
            MessageType::Text(text) if *seen && message.sender() == conduit => Some(text.body.clone()),
            _ => None,
        }
    })
}

/// Takes our tokens out of the room again.
async fn forget(room: &Room, asked: &EventId) {
    if let Err(error) = room.redact(asked, None, None).await {
        tracing::warn!(%error, "the registration with its tokens stays in the homeserver's admin room");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_same_in_every_run_and_of_this_token_and_user() {
        let messenger = UserId::parse("@messenger:hub.local").unwrap();
        let other = UserId::parse("@other:hub.local").unwrap();
        assert_eq!(password("token", &messenger), password("token", &messenger));
        assert_ne!(password("token", &messenger), password("token2", &messenger));
        assert_ne!(password("token", &messenger), password("token", &other));
        assert_eq!(password("", &messenger).len(), 43);
    }
}
