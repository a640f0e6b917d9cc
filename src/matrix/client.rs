//! A real homeserver, spoken to as an appservice over its client-server API.
//!
//! Requests are ruma's types. A call in somebody's name carries the appservice's token and `?user_id=`, except where
//! Conduit insists on a device: there it is the token of a login made for that user.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use parking_lot::Mutex;
use ruma::api::auth_scheme::{AuthScheme, SendAccessToken};
use ruma::api::client::uiaa::{MatrixUserIdentifier, UserIdentifier};
use ruma::api::client::{authenticated_media, session::login, state};
use ruma::api::error::{FromHttpResponseError, IntoHttpError};
use ruma::api::path_builder::PathBuilder;
use ruma::api::{
    AppserviceUserIdentity, IncomingResponse, MatrixVersion, OutgoingRequest,
    OutgoingRequestAppserviceExt as _, SupportedVersions,
};
use ruma::events::StateEventType;
use ruma::events::room::member::MembershipState;
use ruma::{OwnedRoomAliasId, OwnedServerName, OwnedUserId, RoomId, UserId};
use tokio::sync::OnceCell;

use super::{Device, Error, Media, Result};
use transport::{Call, Transport, refused, unclear};

mod calls;
mod media;
#[cfg(test)]
mod tests;
mod transport;

pub(crate) use transport::pooled;

/// The device that the service's own logins are for. One per user: another login for it takes the place of the one
/// before and leaves nothing behind.
pub const DEVICE: &str = "MESSENGER";

/// Where the homeserver is and who we are to it.
#[derive(Clone)]
pub struct ClientConfig {
    /// `http://conduit:6167`; with a path if it stands behind one.
    pub base_url: String,
    /// The part behind the colon in its users' names.
    pub server_name: OwnedServerName,
    /// The token of our registration.
    pub as_token: String,
    /// The local part of the registration's own user.
    pub sender_localpart: String,
    /// The `id` of the registration.
    pub appservice_id: String,
    /// What the accounts' passwords are made of, see [`super::Homeserver::account_password`].
    pub password_key: String,
}

/// A homeserver over HTTP. Cheap to share, not to clone; keeps its connections and its devices' tokens.
pub struct Client {
    transport: Transport,
    base_url: String,
    server_name: OwnedServerName,
    as_token: String,
    appservice_id: String,
    password_key: String,
    sender: OwnedUserId,
    versions: SupportedVersions,
    devices: Mutex<HashMap<OwnedUserId, Arc<OnceCell<Arc<str>>>>>,
}

/// Whose name a call is made in.
#[derive(Clone, Copy)]
enum As<'a> {
    /// The registration's own user, without a name in the request.
    Service,
    /// One of our people.
    Person(&'a UserId),
    /// Whoever this device's token belongs to.
    Device(&'a str),
}

/// A request that takes a token and has its path in the specification's versions: every one that we make.
trait Typed: OutgoingRequest {
    fn http(self, client: &Client, identity: As<'_>) -> Result<Request<Vec<u8>>>;
}

impl<R> Typed for R
where
    R: OutgoingRequest,
    for<'a> R::Authentication: AuthScheme<Input<'a> = SendAccessToken<'a>>,
    for<'a> R::PathBuilder: PathBuilder<Input<'a> = Cow<'a, SupportedVersions>>,
{
    fn http(self, client: &Client, identity: As<'_>) -> Result<Request<Vec<u8>>> {
        let (token, user) = match identity {
            As::Service => (client.as_token.as_str(), AppserviceUserIdentity::default()),
            As::Person(user) => (client.as_token.as_str(), AppserviceUserIdentity::new(user)),
            As::Device(token) => (token, AppserviceUserIdentity::default()),
        };
        let token = SendAccessToken::Always(token);
        self.try_into_http_request_with_identity(
            &client.base_url,
            token,
            user,
            Cow::Borrowed(&client.versions),
        )
        .map_err(|error| unsendable(&error))
    }
}

/// What cannot be written as a request, such as an id that is too long for an address, is refused before it is sent.
fn unsendable(error: &IntoHttpError) -> Error {
    Error::Refused {
        status: 400,
        code: "M_INVALID_PARAM".to_owned(),
        message: error.to_string(),
    }
}

impl Client {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// When the address or the local part is none, or the machine's root certificates cannot be read.
    pub fn new(config: ClientConfig) -> anyhow::Result<Self> {
        let https = url::Url::parse(&config.base_url)?.scheme() == "https";
        let sender = UserId::parse(format!("@{}:{}", config.sender_localpart, config.server_name))?;
        // Fixed, so that no call has to ask first. 1.11 is what brought authenticated media; Conduit, Tuwunel and
        // Synapse all have these paths.
        let versions = [
            MatrixVersion::V1_1,
            MatrixVersion::V1_5,
            MatrixVersion::V1_7,
            MatrixVersion::V1_11,
        ];
        Ok(Self {
            transport: Transport::new(https)?,
            base_url: config.base_url,
            server_name: config.server_name,
            as_token: config.as_token,
            appservice_id: config.appservice_id,
            password_key: config.password_key,
            sender,
            versions: SupportedVersions {
                versions: versions.into(),
                features: [].into(),
            },
            devices: Mutex::default(),
        })
    }

    async fn call<R: Typed>(&self, call: Call, identity: As<'_>, request: R) -> Result<R::IncomingResponse> {
        let answer = self.transport.answer(call, request.http(self, identity)?).await?;
        parse(answer)
    }

    /// The token of our device of this user. Those who ask at the same time share one login: each login ends the one before.
    async fn device(&self, user: &UserId) -> Result<Arc<str>> {
        let device = self.devices.lock().entry(user.to_owned()).or_default().clone();
        let token = device.get_or_try_init(async || {
            let device = self.log_in(user, Some(DEVICE), "Messenger").await?;
            Ok(device.token.into())
        });
        token.await.cloned()
    }

    /// Logs a device of this user in.
    async fn log_in(&self, user: &UserId, device_id: Option<&str>, name: &str) -> Result<Device> {
        let who = UserIdentifier::Matrix(MatrixUserIdentifier::new(user.to_string()));
        let who = login::v3::ApplicationService::new(who);
        let mut request = login::v3::Request::new(login::v3::LoginInfo::ApplicationService(who));
        request.device_id = device_id.map(Into::into);
        request.initial_device_display_name = (!name.is_empty()).then(|| name.to_owned());
        let answer = self.call(Call::idempotent("login"), As::Service, request).await?;
        Ok(Device {
            token: answer.access_token,
            device_id: answer.device_id.to_string(),
        })
    }

    /// A call with the token of our device of this user; again with a new one when the homeserver has forgotten it.
    async fn call_as_device<R: Typed>(
        &self,
        call: Call,
        user: &UserId,
        request: R,
    ) -> Result<R::IncomingResponse> {
        let token = self.device(user).await?;
        match self.call(call, As::Device(&token), request.clone()).await {
            Err(error) if error.is("M_UNKNOWN_TOKEN") => {
                self.devices.lock().retain(|_, known| known.get() != Some(&token));
                let token = self.device(user).await?;
                self.call(call, As::Device(&token), request).await
            }
            result => result,
        }
    }

    /// What `user` is to the room, as `asker` sees it; `None` was never in it.
    async fn membership(
        &self,
        room: &RoomId,
        asker: &UserId,
        user: &UserId,
    ) -> Result<Option<MembershipState>> {
        let request = state::get_state_event_for_key::v3::Request::new(
            room.to_owned(),
            StateEventType::RoomMember,
            user.to_string(),
        );
        match self
            .call(Call::idempotent("membership"), As::Person(asker), request)
            .await
        {
            Ok(found) => found
                .into_content()
                .get_field("membership")
                .map_err(|error| unclear(format!("a membership that is none: {error}"))),
            Err(Error::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a user is out of the room, for `asker` who was just refused to put them out. Who may not look was
    /// never in, and so is out too.
    async fn is_out(&self, room: &RoomId, asker: &UserId, user: &UserId) -> Result<bool> {
        match self.membership(room, asker, user).await {
            Ok(membership) => Ok(matches!(
                membership,
                None | Some(MembershipState::Leave | MembershipState::Ban)
            )),
            Err(Error::Refused { .. }) => Ok(asker == user),
            Err(error) => Err(error),
        }
    }

    fn alias(&self, localpart: &str) -> Result<OwnedRoomAliasId> {
        let alias = format!("#{localpart}:{}", self.server_name);
        alias
            .try_into()
            .map_err(|error: ruma::IdParseError| refused("M_INVALID_PARAM", &error))
    }

    /// The most bytes an upload may have. Homeservers close the connection over a larger one before their 413 can be
    /// read, so this is asked when an upload has failed.
    async fn upload_limit(&self) -> Option<u64> {
        let request = authenticated_media::get_media_config::v1::Request::new();
        self.call(Call::probe("media_config"), As::Service, request)
            .await
            .ok()
            .map(|limits| limits.upload_size.into())
    }

    async fn load<R: Typed>(&self, call: Call, request: R, nothing: &[u16]) -> Result<Option<Media>> {
        let request = request.http(self, As::Service)?;
        media::media(self.transport.stream(call, request).await, nothing)
    }
}

fn parse<R: IncomingResponse>(answer: Response<Bytes>) -> Result<R> {
    R::try_from_http_response(answer)
        .map_err(|error| unclear(format!("not the answer of a homeserver: {}", describe(&error))))
}

fn describe<E>(error: &FromHttpResponseError<E>) -> String {
    match error {
        FromHttpResponseError::Deserialization(error) => error.to_string(),
        _ => "an error with a status of success".to_owned(),
    }
}
