//! Each thing we need of the homeserver as the request it is.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use ruma::api::OutgoingRequest as _;
use ruma::api::auth_scheme::SendAccessToken;
use ruma::api::client::{
    account, alias, appservice, authenticated_media, config, discovery, media as media_api, membership,
    message, profile, read_marker, redact, room, session, state, typing,
};
use ruma::events::room::history_visibility::{HistoryVisibility, RoomHistoryVisibilityEventContent};
use ruma::events::room::member::MembershipState;
use ruma::events::{InitialStateEvent, TimelineEventType};
use ruma::power_levels::NotificationPowerLevels;
use ruma::profile::ProfileFieldValue;
use ruma::serde::Raw;
use ruma::{
    EventId, OwnedEventId, OwnedMxcUri, OwnedRoomId, OwnedTransactionId, RoomId, RoomVersionId, UserId, int,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::Sha256;

use super::transport::{Call, refused, unclear};
use super::{As, Client, Typed as _, media, unsendable};
use crate::matrix::{ByteStream, Device, Error, Homeserver, Media, Member, NewRoom, Page, Result};

/// The room version of every room: the newest that Conduit, Tuwunel and Synapse share. From 12 on a room's id has no
/// server and its creator's power cannot be withdrawn.
const ROOM_VERSION: RoomVersionId = RoomVersionId::V11;

#[async_trait::async_trait]
impl Homeserver for Client {
    async fn reachable(&self) -> Result<()> {
        // needs neither a token nor a version, so it is not one of the typed calls
        let request = discovery::get_supported_versions::Request::new();
        let request = request
            .try_into_http_request(&self.base_url, SendAccessToken::None, ())
            .map_err(|error| unsendable(&error))?;
        self.transport
            .answer(Call::probe("versions"), request)
            .await
            .map(drop)
    }

    async fn registered(&self) -> Result<()> {
        let request = account::whoami::v3::Request::new();
        match self
            .call(Call::idempotent("whoami"), As::Person(&self.sender), request)
            .await
        {
            // Conduit: the token counts, only the sender's account is not made yet
            Err(error) if error.is("M_FORBIDDEN") => Ok(()),
            result => result.map(drop),
        }
    }

    async fn version(&self) -> Result<String> {
        #[derive(Deserialize)]
        struct Answer {
            server: Server,
        }
        #[derive(Deserialize)]
        struct Server {
            name: String,
            version: String,
        }
        let url = format!(
            "{}/_matrix/federation/v1/version",
            self.base_url.trim_end_matches('/')
        );
        let request = http::Request::get(url)
            .body(Vec::new())
            .map_err(|error| unsendable(&error.into()))?;
        let answer = self
            .transport
            .answer(Call::probe("federation version"), request)
            .await?;
        let Answer { server } =
            serde_json::from_slice(answer.body()).map_err(|error| unclear(error.to_string()))?;
        Ok(format!("{} {}", server.name, server.version))
    }

    async fn ping(&self, txn_id: &str) -> Result<Duration> {
        let mut request = appservice::request_ping::v1::Request::new(self.appservice_id.clone());
        request.transaction_id = Some(txn_id.into());
        Ok(self
            .call(Call::once("ping"), As::Service, request)
            .await?
            .duration)
    }

    async fn register(&self, user: &UserId) -> Result<()> {
        let mut request = account::register::v3::Request::new();
        request.username = Some(user.localpart().to_owned());
        request.login_type = Some(account::register::LoginType::ApplicationService);
        request.inhibit_login = true;
        request.password = Some(self.account_password(user));
        match self
            .call(Call::idempotent("register"), As::Service, request)
            .await
        {
            Err(error) if error.is("M_USER_IN_USE") => Ok(()),
            result => result.map(drop),
        }
    }

    async fn set_display_name(&self, user: &UserId, name: &str) -> Result<()> {
        let value = ProfileFieldValue::DisplayName(name.to_owned());
        let request = profile::set_profile_field::v3::Request::new(user.to_owned(), value);
        self.call(Call::idempotent("set_display_name"), As::Person(user), request)
            .await
            .map(drop)
    }

    async fn create_room(&self, creator: &UserId, room: &NewRoom) -> Result<OwnedRoomId> {
        let request = new_room(creator, room).map_err(|error| unsendable(&error.into()))?;
        match self
            .call(Call::once("create_room"), As::Person(creator), request)
            .await
        {
            Ok(answer) => Ok(answer.room_id),
            Err(error) => Err(in_use(error)),
        }
    }

    async fn set_alias(&self, user: &UserId, alias_localpart: &str, room: &RoomId) -> Result<()> {
        let request = alias::create_alias::v3::Request::new(self.alias(alias_localpart)?, room.to_owned());
        match self
            .call(Call::idempotent("set_alias"), As::Person(user), request)
            .await
            .map_err(in_use)
        {
            // perhaps by an earlier try of ours
            Err(error)
                if error.is(IN_USE)
                    && self.resolve_alias(alias_localpart).await?.as_deref() == Some(room) =>
            {
                Ok(())
            }
            result => result.map(drop),
        }
    }

    async fn resolve_alias(&self, alias_localpart: &str) -> Result<Option<OwnedRoomId>> {
        let request = alias::get_alias::v3::Request::new(self.alias(alias_localpart)?);
        match self
            .call(Call::idempotent("resolve_alias"), As::Service, request)
            .await
        {
            Ok(found) => Ok(Some(found.room_id)),
            Err(Error::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn invite(&self, room: &RoomId, inviter: &UserId, user: &UserId) -> Result<()> {
        let who = membership::invite_user::v3::InviteUserId::new(user.to_owned());
        let request = membership::invite_user::v3::Request::new(room.to_owned(), who.into());
        match self
            .call(Call::idempotent("invite"), As::Person(inviter), request)
            .await
        {
            Err(refused @ Error::Refused { .. }) => match self.membership(room, inviter, user).await {
                Ok(Some(MembershipState::Join | MembershipState::Invite)) => Ok(()),
                _ => Err(refused),
            },
            result => result.map(drop),
        }
    }

    async fn join(&self, room: &RoomId, user: &UserId) -> Result<()> {
        let request = membership::join_room_by_id::v3::Request::new(room.to_owned());
        self.call(Call::idempotent("join"), As::Person(user), request)
            .await
            .map(drop)
    }

    async fn leave(&self, room: &RoomId, user: &UserId) -> Result<()> {
        let request = membership::leave_room::v3::Request::new(room.to_owned());
        match self
            .call(Call::idempotent("leave"), As::Person(user), request)
            .await
        {
            Err(refused @ Error::Refused { .. }) if !self.is_out(room, user, user).await? => Err(refused),
            Err(Error::Refused { .. }) => Ok(()),
            result => result.map(drop),
        }
    }

    async fn kick(&self, room: &RoomId, by: &UserId, user: &UserId, reason: Option<&str>) -> Result<()> {
        let mut request = membership::kick_user::v3::Request::new(room.to_owned(), user.to_owned());
        request.reason = reason.map(str::to_owned);
        match self.call(Call::idempotent("kick"), As::Person(by), request).await {
            Err(refused @ Error::Refused { .. }) if !self.is_out(room, by, user).await? => Err(refused),
            Err(Error::Refused { .. }) => Ok(()),
            result => result.map(drop),
        }
    }

    async fn send(
        &self,
        room: &RoomId,
        sender: &UserId,
        event_type: &str,
        txn_id: &str,
        content: Box<RawValue>,
    ) -> Result<OwnedEventId> {
        let request = message::send_message_event::v3::Request::new_raw(
            room.to_owned(),
            transaction(room, sender, txn_id),
            event_type.into(),
            Raw::from_json(content),
        );
        Ok(self
            .call(Call::person("send"), As::Person(sender), request)
            .await?
            .event_id)
    }

    async fn redact(
        &self,
        room: &RoomId,
        sender: &UserId,
        event: &EventId,
        txn_id: &str,
        reason: Option<&str>,
    ) -> Result<OwnedEventId> {
        let txn_id = transaction(room, sender, txn_id);
        let mut request = redact::redact_event::v3::Request::new(room.to_owned(), event.to_owned(), txn_id);
        request.reason = reason.map(str::to_owned);
        Ok(self
            .call(Call::person("redact"), As::Person(sender), request)
            .await?
            .event_id)
    }

    async fn set_state(
        &self,
        room: &RoomId,
        sender: &UserId,
        event_type: &str,
        state_key: &str,
        content: Box<RawValue>,
    ) -> Result<OwnedEventId> {
        let request = state::send_state_event::v3::Request::new_raw(
            room.to_owned(),
            event_type.into(),
            state_key.to_owned(),
            Raw::from_json(content),
        );
        Ok(self
            .call(Call::idempotent("set_state"), As::Person(sender), request)
            .await?
            .event_id)
    }

    async fn mark_read(&self, room: &RoomId, user: &UserId, event: &EventId) -> Result<()> {
        let mut request = read_marker::set_read_marker::v3::Request::new(room.to_owned());
        request.fully_read = Some(event.to_owned());
        request.read_receipt = Some(event.to_owned());
        self.call(Call::idempotent("mark_read"), As::Person(user), request)
            .await
            .map(drop)
    }

    async fn typing(&self, room: &RoomId, user: &UserId, lasting: Option<Duration>) -> Result<()> {
        use typing::create_typing_event::v3::{Request, Typing, TypingInfo};
        let typing = lasting.map_or(Typing::No, |timeout| TypingInfo::new(timeout).into());
        let request = Request::new(user.to_owned(), room.to_owned(), typing);
        self.call(Call::idempotent("typing"), As::Person(user), request)
            .await
            .map(drop)
    }

    async fn upload(
        &self,
        user: &UserId,
        content_type: &str,
        file_name: Option<&str>,
        length: Option<u64>,
        body: ByteStream,
    ) -> Result<OwnedMxcUri> {
        let mut request = media_api::create_content::v3::Request::new(Vec::new());
        request.content_type = Some(content_type.to_owned());
        request.filename = file_name.map(str::to_owned);
        let request = request.http(self, As::Person(user))?;
        let (length, body) = match length {
            Some(length) => (length, body),
            None => media::measure(body)
                .await
                .map_err(|error| refused("M_UNKNOWN", &format!("the upload broke off: {error}")))?,
        };
        match media::upload(&self.transport, request, length, body).await {
            Err(Error::Away { .. }) if self.upload_limit().await.is_some_and(|limit| length > limit) => {
                Err(Error::Refused {
                    status: 413,
                    code: "M_TOO_LARGE".to_owned(),
                    message: "more than the homeserver takes".to_owned(),
                })
            }
            result => result,
        }
    }

    async fn download(&self, server: &str, media_id: &str) -> Result<Option<Media>> {
        if server != self.server_name {
            return Ok(None);
        }
        let server = self.server_name.clone();
        let request = authenticated_media::get_content::v1::Request::new(media_id.to_owned(), server);
        self.load(Call::media("download"), request, &[404]).await
    }

    async fn thumbnail(
        &self,
        server: &str,
        media_id: &str,
        width: u32,
        height: u32,
    ) -> Result<Option<Media>> {
        if server != self.server_name {
            return Ok(None);
        }
        let server = self.server_name.clone();
        let mut request = authenticated_media::get_content_thumbnail::v1::Request::new(
            media_id.to_owned(),
            server,
            width.into(),
            height.into(),
        );
        request.method = Some(ruma::media::Method::Scale);
        // 400 is Synapse's word for media of which there can be none
        self.load(Call::media("thumbnail"), request, &[400, 404]).await
    }

    async fn messages(&self, room: &RoomId, user: &UserId, from: Option<&str>, limit: u32) -> Result<Page> {
        let mut request = message::get_message_events::v3::Request::backward(room.to_owned());
        request.from = from.map(str::to_owned);
        request.limit = limit.into();
        let page = self
            .call_as_device(Call::idempotent("messages"), user, request)
            .await?;
        let events: Vec<_> = page.chunk.into_iter().map(Raw::into_json).collect();
        // an older page of nothing would go on for ever
        let end = page.end.filter(|_| !events.is_empty());
        Ok(Page { events, end })
    }

    async fn state(&self, room: &RoomId, user: &UserId) -> Result<Vec<Box<RawValue>>> {
        let request = state::get_state_events::v3::Request::new(room.to_owned());
        let state = self
            .call(Call::idempotent("state"), As::Person(user), request)
            .await?;
        Ok(state.room_state.into_iter().map(Raw::into_json).collect())
    }

    fn account_password(&self, user: &UserId) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.password_key.as_bytes())
            .unwrap_or_else(|_| unreachable!("an HMAC takes a key of any length"));
        mac.update(user.as_bytes());
        let digest = mac.finalize().into_bytes();
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, digest)
    }

    async fn login(&self, user: &UserId, device_id: Option<&str>, name: &str) -> Result<Device> {
        self.log_in(user, device_id, name).await
    }

    async fn end_device(&self, user: &UserId, device_id: &str) -> Result<()> {
        // A device is deleted with a password, which nobody has, or logged out with its own token, which nobody keeps:
        // so it gets a new one first.
        let device = self.log_in(user, Some(device_id), "").await?;
        let request = session::logout::v3::Request::new();
        self.call(Call::idempotent("logout"), As::Device(&device.token), request)
            .await
            .map(drop)
    }

    async fn account_data(&self, user: &UserId, event_type: &str) -> Result<Option<Box<RawValue>>> {
        let request = config::get_global_account_data::v3::Request::new(user.to_owned(), event_type.into());
        match self
            .call(Call::idempotent("account_data"), As::Person(user), request)
            .await
        {
            Ok(found) => Ok(Some(found.account_data.into_json())),
            Err(Error::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn set_account_data(&self, user: &UserId, event_type: &str, content: Box<RawValue>) -> Result<()> {
        let data = Raw::from_json(content);
        let request =
            config::set_global_account_data::v3::Request::new_raw(user.to_owned(), event_type.into(), data);
        self.call(Call::idempotent("set_account_data"), As::Person(user), request)
            .await
            .map(drop)
    }

    async fn joined_members(&self, room: &RoomId, user: &UserId) -> Result<Vec<Member>> {
        let request = membership::joined_members::v3::Request::new(room.to_owned());
        let members = self
            .call(Call::idempotent("joined_members"), As::Person(user), request)
            .await?;
        Ok(members
            .joined
            .into_iter()
            .map(|(user_id, member)| Member {
                user_id,
                display_name: member.display_name,
            })
            .collect())
    }
}

/// A transaction id of this sender's in this room. To Synapse one token is one sender, whomever it speaks for; to
/// Conduit the room makes no difference. Without this, two people's `1` would be one message.
fn transaction(room: &RoomId, sender: &UserId, txn_id: &str) -> OwnedTransactionId {
    format!("{}~{room}~{txn_id}", sender.localpart()).into()
}

const IN_USE: &str = "M_ROOM_IN_USE";

/// The homeservers have several words for an alias that is taken, but one status.
fn in_use(error: Error) -> Error {
    match error {
        Error::Refused {
            status: 409, message, ..
        } => Error::Refused {
            status: 409,
            code: IN_USE.to_owned(),
            message,
        },
        other => other,
    }
}

/// [`NewRoom`] in the specification's words.
fn new_room(creator: &UserId, room: &NewRoom) -> serde_json::Result<room::create_room::v3::Request> {
    use room::create_room::RoomPowerLevelsContentOverride;
    use room::create_room::v3::{CreationContent, Request, RoomPreset};

    let mut creation = CreationContent::new();
    creation.federate = false;
    if room.space {
        creation.room_type = Some(ruma::room::RoomType::Space);
    }

    let mut power = RoomPowerLevelsContentOverride::new();
    power.users = room
        .admins
        .iter()
        .map(|admin| (admin.clone(), int!(100)))
        .collect();
    power.users.insert(creator.to_owned(), int!(100));
    // This replaces the homeserver's own table, so it is the whole of it.
    power.events = [
        (TimelineEventType::RoomName, int!(50)),
        (TimelineEventType::RoomAvatar, int!(50)),
        (TimelineEventType::RoomCanonicalAlias, int!(50)),
        (TimelineEventType::RoomPowerLevels, int!(100)),
        (TimelineEventType::RoomHistoryVisibility, int!(100)),
        (TimelineEventType::RoomServerAcl, int!(100)),
        (TimelineEventType::RoomTombstone, int!(100)),
        (TimelineEventType::RoomEncryption, int!(100)),
    ]
    .into();
    if room.space {
        power.events_default = Some(int!(100));
        power.invite = Some(int!(100));
    }
    power.notifications = NotificationPowerLevels::new();
    power.notifications.room = int!(0);

    let history = RoomHistoryVisibilityEventContent::new(HistoryVisibility::Shared);
    let history = InitialStateEvent::with_empty_state_key(history);

    let mut request = Request::new();
    request.room_version = Some(ROOM_VERSION);
    request.creation_content = Some(Raw::new(&creation)?);
    request.power_level_content_override = Some(Raw::new(&power)?);
    request.initial_state = vec![Raw::new(&history)?.cast()];
    request.preset = Some(if room.direct {
        RoomPreset::TrustedPrivateChat
    } else {
        RoomPreset::PrivateChat
    });
    request.is_direct = room.direct;
    request.name.clone_from(&room.name);
    request.topic.clone_from(&room.topic);
    request.room_alias_name.clone_from(&room.alias_localpart);
    request.invite.clone_from(&room.invite);
    Ok(request)
}
