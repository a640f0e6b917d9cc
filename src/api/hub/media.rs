//! Files: contract A078, R12, R61, R74. Uploads stream to the homeserver and downloads from it; nothing is kept here.

use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use axum::extract::multipart::Field;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, Request, State};
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::error::{Answer, ErrorBody, Problem};
use super::super::extract::{self, Path, Query, User, bearer, cookie, room_id};
use super::super::ratelimit::refused;
use super::{json, made, wire};
use crate::core::media::{Download, NewUpload, Uploaded};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::Message;
use crate::types::RoomId;

/// The cookie that may carry the hub's token, so that pages can show images (contract R12).
const COOKIE: &str = "hub_token";
/// How long the next piece of an upload may take.
const PIECE_TIMEOUT: Duration = Duration::from_mins(1);
/// The longest text part of a form, in bytes: 16,000 characters of four.
const MAX_TEXT_PART: usize = 64_000;
/// The longest file name, in characters.
const MAX_FILE_NAME: usize = 255;
/// The sides of a thumbnail, in pixels.
const THUMBNAIL_SIDES: std::ops::RangeInclusive<u32> = 1..=2000;

pub(super) fn router() -> OpenApiRouter<AppState> {
    let uploads = OpenApiRouter::new()
        .routes(routes!(upload_into_room))
        .routes(routes!(upload_file))
        // The core counts the bytes of a file, and the text parts are counted here.
        .layer(DefaultBodyLimit::disable());
    let downloads = OpenApiRouter::new()
        .routes(routes!(download_file))
        .routes(routes!(download_thumbnail))
        .routes(routes!(sign_link));
    uploads.merge(downloads)
}

/// A form with a file in it.
pub(in super::super) struct Form(Multipart);

impl FromRequest<AppState> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let form = Multipart::from_request(request, state).await;
        form.map(Self)
            .map_err(|_| Error::invalid("request", "the body must be multipart/form-data").into())
    }
}

/// What a form held.
#[derive(Default)]
struct Given {
    room: Option<RoomId>,
    body: Option<String>,
    client_id: Option<String>,
    file: Option<Uploaded>,
    /// What was posted under this `client_id` before.
    known: Option<Message>,
}

impl Form {
    /// Reads the parts in whatever order they come. The file goes to the homeserver as it comes; a room that was named
    /// before it is checked first, and so is a `client_id`, so that nothing is uploaded in vain.
    async fn read(mut self, app: &AppState, principal: &Principal) -> Result<Given> {
        let mut given = Given::default();
        while let Some(field) = next_part(&mut self.0).await? {
            match field.name() {
                Some("room_id") => {
                    let room = room_id(&text_part("room_id", field).await?)?;
                    app.core.check_may_post(principal, &room).await?;
                    given.room = Some(room);
                }
                Some("body") => given.body = Some(text_part("body", field).await?),
                Some("file") if given.file.is_some() => {
                    return Err(Error::invalid("file", "only one file at a time"));
                }
                Some("client_id") => given.client_id = Some(text_part("client_id", field).await?),
                Some("file") => {
                    if let (Some(room), Some(client_id)) = (&given.room, &given.client_id) {
                        given.known = app.core.sent_before(principal, room, client_id).await?;
                    }
                    if given.known.is_some() {
                        skip(field).await?;
                    } else {
                        given.file = Some(file_part(app, principal, field).await?);
                    }
                }
                _ => skip(field).await?,
            }
        }
        Ok(given)
    }
}

impl Given {
    fn file(&mut self) -> Result<Uploaded> {
        self.file
            .take()
            .ok_or_else(|| Error::invalid("file", "is required"))
    }
}

async fn next_part(form: &mut Multipart) -> Result<Option<Field<'_>>> {
    match timeout(PIECE_TIMEOUT, form.next_field()).await {
        Ok(Ok(field)) => Ok(field),
        Ok(Err(_)) => Err(Error::invalid(
            "request",
            "the form is not well-formed or broke off",
        )),
        Err(_) => Err(Error::invalid("request", "the upload stalled")),
    }
}

async fn next_piece(name: &str, field: &mut Field<'_>) -> Result<Option<Bytes>> {
    match timeout(PIECE_TIMEOUT, field.chunk()).await {
        Ok(Ok(piece)) => Ok(piece),
        Ok(Err(_)) => Err(Error::invalid(name, "the form is not well-formed or broke off")),
        Err(_) => Err(Error::invalid(name, "the upload stalled")),
    }
}

async fn text_part(name: &str, mut field: Field<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = next_piece(name, &mut field).await? {
        if bytes.len() + piece.len() > MAX_TEXT_PART {
            return Err(Error::TooLarge {
                limit: MAX_TEXT_PART as u64,
            });
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Error::invalid(name, "is not UTF-8"))
}

/// Reads a part to its end: a browser that is answered before it has sent all takes that for a failure.
async fn skip(mut field: Field<'_>) -> Result<()> {
    while next_piece("file", &mut field).await?.is_some() {}
    Ok(())
}

/// Passes the file on to the homeserver, piece by piece.
async fn file_part(app: &AppState, principal: &Principal, mut field: Field<'_>) -> Result<Uploaded> {
    let name = field.file_name().and_then(file_name);
    let mime_type = mime_type(field.content_type(), name.as_deref());
    // The part borrows the form, but what goes to the homeserver must own itself: two pieces are on their way at most.
    let (sender, mut receiver) = mpsc::channel::<io::Result<Bytes>>(1);
    let body = Box::pin(futures_util::stream::poll_fn(move |context| {
        receiver.poll_recv(context)
    }));
    let upload = pin!(app.core.upload(
        principal,
        NewUpload {
            name,
            mime_type,
            body
        }
    ));
    let pump = pin!(async move {
        while let Some(piece) = next_piece("file", &mut field).await? {
            if sender.send(Ok(piece)).await.is_err() {
                // The upload is over; what it answers says why.
                break;
            }
        }
        Ok::<(), Error>(())
    });
    match select(upload, pump).await {
        Either::Left((uploaded, _)) => uploaded,
        Either::Right((pumped, upload)) => {
            pumped?;
            upload.await
        }
    }
}

/// The last part of a path, without control characters, of a sane length.
fn file_name(given: &str) -> Option<String> {
    let name = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_FILE_NAME)
        .collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The type of content as the client names it; when it does not know, as the name's ending tells.
fn mime_type(given: Option<&str>, name: Option<&str>) -> String {
    const UNKNOWN: &str = "application/octet-stream";
    let given = given
        .map(str::trim)
        .filter(|text| is_mime_type(text) && *text != UNKNOWN);
    let by_name = || name.and_then(|name| mime_guess::from_path(name).first_raw());
    given.or_else(by_name).unwrap_or(UNKNOWN).to_ascii_lowercase()
}

fn is_mime_type(text: &str) -> bool {
    let bare = text.split(';').next().unwrap_or_default();
    let token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.len() <= 127
        && !text.chars().any(char::is_control)
        && bare
            .trim()
            .split_once('/')
            .is_some_and(|(kind, sub)| token(kind) && token(sub))
}

/// A file for a room.
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands here for the document")]
struct UploadMessage {
    /// The room. Best before the file: then nothing is uploaded in vain.
    room_id: String,
    /// The file, up to `MAX_UPLOAD_BYTES` (20 MiB by default).
    #[schema(format = Binary, value_type = String)]
    file: Vec<u8>,
    /// A caption, up to 16,000 characters.
    body: Option<String>,
    /// What the client calls the message: 1 to 64 of `A`-`Z`, `a`-`z`, `0`-`9`, `-`, `_`. A second request of this person
    /// in this room with the same one answers the message of the first and posts nothing; best before the file.
    client_id: Option<String>,
}

/// Posts a file into a room. The parts may come in any order.
#[utoipa::path(
    post, path = "/messages/upload", tag = "messages",
    request_body(content = UploadMessage, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The message", body = wire::Message),
        (status = 200, description = "The message that was posted under this client_id before", body = wire::Message),
        (status = 404, description = "No such room, or not the caller's", body = ErrorBody),
        (status = 413, description = "The file is too large", body = ErrorBody),
    ),
)]
async fn upload_into_room(State(app): State<AppState>, User(principal): User, form: Form) -> Answer {
    let mut given = form.read(&app, &principal).await?;
    let room = given
        .room
        .take()
        .ok_or_else(|| Error::invalid("room_id", "is required"))?;
    if let Some(known) = &given.known {
        return Ok(json(StatusCode::OK, &wire::Message::with_client_id(known))?);
    }
    let file = given.file()?;
    let caption = given.body.as_deref().filter(|text| !text.is_empty());
    let (message, created) = app
        .core
        .post_file(&principal, &room, &file, caption, given.client_id)
        .await?;
    Ok(json(made(created), &wire::Message::with_client_id(&message))?)
}

/// A file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands here for the document")]
pub(in super::super) struct UploadFile {
    /// The file, up to `MAX_UPLOAD_BYTES` (20 MiB by default).
    #[schema(format = Binary, value_type = String)]
    file: Vec<u8>,
}

/// An uploaded file.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "url": "/api/v1/media/hub.local/aBcDeF",
    "name": "plan.pdf",
    "type": "application/pdf",
    "size": 48213,
    "mxc": "mxc://hub.local/aBcDeF",
}))]
pub(in super::super) struct UploadedFile<'a> {
    /// Where to load it, a path of this service.
    url: String,
    /// Its name.
    name: Option<&'a str>,
    /// Type of content.
    #[serde(rename = "type")]
    mime_type: &'a str,
    /// Bytes.
    size: u64,
    /// Its Matrix URI.
    mxc: &'a str,
}

/// Uploads a file without posting it. Its uploader may load it, and whoever sees a room it is posted in later.
#[utoipa::path(
    post, path = "/uploads", tag = "media",
    request_body(content = UploadFile, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The file", body = UploadedFile),
        (status = 413, description = "The file is too large", body = ErrorBody),
    ),
)]
async fn upload_file(State(app): State<AppState>, User(principal): User, form: Form) -> Answer {
    take(&app, &principal, form).await
}

/// Takes in the file of a form: what every dialect's uploads do.
pub(in super::super) async fn take(app: &AppState, principal: &Principal, form: Form) -> Answer {
    let file = form.read(app, principal).await?.file()?;
    let url = wire::media_url(&file.mxc)
        .ok_or_else(|| Error::internal("the homeserver's upload has no mxc URI"))?;
    let shown = UploadedFile {
        url,
        name: file.name.as_deref(),
        mime_type: &file.mime_type,
        size: file.size,
        mxc: &file.mxc,
    };
    Ok(json(StatusCode::CREATED, &shown)?)
}

/// Who may load: a person, or whoever has a signed link.
enum Loader {
    Person(Principal),
    Link { exp: i64, sig: String },
}

#[derive(Deserialize)]
struct Signed {
    #[serde(default, deserialize_with = "extract::number")]
    exp: Option<i64>,
    sig: Option<String>,
}

impl FromRequestParts<AppState> for Loader {
    type Rejection = Problem;

    /// Not counted, as a page of a chat loads hundreds of images; a failure is, for its address.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Query(signed) = Query::<Signed>::from_request_parts(parts, state).await?;
        if let Signed {
            exp: Some(exp),
            sig: Some(sig),
        } = signed
        {
            return Ok(Self::Link { exp, sig });
        }
        let token = bearer(&parts.headers).or_else(|| cookie(&parts.headers, COOKIE));
        let Some(token) = token else {
            let error = Error::Unauthenticated("a token, the cookie hub_token or a signed link is needed");
            return Err(refused(parts, state, error).await);
        };
        extract::signed_in(
            parts,
            state,
            state.core.sign_in(token, extract::tenant(parts).as_deref()).await,
        )
        .await
        .map(Self::Person)
    }
}

/// Loads a file.
///
/// Images, sound and video may be shown in place; everything else is to be saved. Nothing is ever run as a page.
#[utoipa::path(
    get, path = "/media/{server}/{media_id}", tag = "media",
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream")),
)]
async fn download_file(
    State(app): State<AppState>,
    loader: Loader,
    Path((server, media_id)): Path<(String, String)>,
) -> Answer {
    load(&app, loader, &server, &media_id, None).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Thumbnail {
    /// Pixels, 1 to 2000; 320 by default.
    #[serde(default, deserialize_with = "extract::number")]
    width: Option<u32>,
    /// Pixels, 1 to 2000; 240 by default.
    #[serde(default, deserialize_with = "extract::number")]
    height: Option<u32>,
}

/// Loads a smaller version of an image.
#[utoipa::path(
    get, path = "/media/{server}/{media_id}/thumbnail", tag = "media",
    params(Thumbnail),
    responses((status = 200, description = "The image", body = Vec<u8>, content_type = "image/*")),
)]
async fn download_thumbnail(
    State(app): State<AppState>,
    loader: Loader,
    Path((server, media_id)): Path<(String, String)>,
    Query(query): Query<Thumbnail>,
) -> Answer {
    let pixels = |name: &str, given: Option<u32>, default: u32| {
        let side = given.unwrap_or(default);
        let words = || format!("must be {} to {}", THUMBNAIL_SIDES.start(), THUMBNAIL_SIDES.end());
        if THUMBNAIL_SIDES.contains(&side) {
            Ok(side)
        } else {
            Err(Error::invalid(name, words()))
        }
    };
    let size = (
        pixels("width", query.width, 320)?,
        pixels("height", query.height, 240)?,
    );
    load(&app, loader, &server, &media_id, Some(size)).await
}

async fn load(
    app: &AppState,
    loader: Loader,
    server: &str,
    media_id: &str,
    thumbnail: Option<(u32, u32)>,
) -> Answer {
    let download = match loader {
        Loader::Person(principal) => app.core.media(&principal, server, media_id, thumbnail).await?,
        Loader::Link { exp, sig } => {
            app.core
                .media_by_link(server, media_id, exp, &sig, thumbnail)
                .await?
        }
    };
    Ok(served(download))
}

/// The file, with headers that keep a browser from running it as a page of ours (contract R12).
fn served(download: Download) -> Response {
    let mut response = Response::new(Body::from_stream(download.body));
    let headers = response.headers_mut();
    let content_type = if is_mime_type(&download.content_type) {
        &download.content_type
    } else {
        ""
    };
    let shown = is_shown_in_place(content_type);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_str(content_type)
            .ok()
            .filter(|value| !value.is_empty())
            .unwrap_or(HeaderValue::from_static("application/octet-stream")),
    );
    if let Some(length) = download.length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    headers.insert(
        header::CONTENT_DISPOSITION,
        disposition(shown, download.name.as_deref()),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=86400, immutable"),
    );
    response
}

/// Types that a browser shows without running anything in them. SVG is not among them.
fn is_shown_in_place(content_type: &str) -> bool {
    let bare = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    matches!(
        bare.as_str(),
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/avif" | "image/bmp" | "image/apng"
    ) || bare.starts_with("audio/")
        || bare.starts_with("video/")
}

/// `inline` or `attachment`, with the name for whoever saves it (RFC 6266).
fn disposition(shown: bool, name: Option<&str>) -> HeaderValue {
    let kind = if shown { "inline" } else { "attachment" };
    let text = match name.and_then(file_name) {
        None => kind.to_owned(),
        Some(name) => format!("{kind}; filename*=UTF-8''{}", super::percent(&name)),
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// A link that needs no token, for a short time.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "url": "/api/v1/media/hub.local/aBcDeF?exp=1769861400000&sig=Zm9v",
    "expires_at": "2026-01-31T12:10:00.000Z",
}))]
struct Link {
    /// A path of this service; with `/thumbnail` before the query it loads the smaller version.
    url: String,
    /// Until when it works.
    expires_at: String,
}

/// Signs a link to a file that the caller may load.
#[utoipa::path(
    post, path = "/media/{server}/{media_id}/link", tag = "media",
    responses((status = 201, description = "The link", body = Link)),
)]
async fn sign_link(
    State(app): State<AppState>,
    User(principal): User,
    Path((server, media_id)): Path<(String, String)>,
) -> Answer {
    let (query, expires_at) = app.core.media_link(&principal, &server, &media_id).await?;
    let url = format!("/api/v1/media/{server}/{media_id}?{query}");
    Ok(json(
        StatusCode::CREATED,
        &Link {
            url,
            expires_at: expires_at.zulu(),
        },
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_tamed() {
        for (given, expected) in [
            ("plan.pdf", Some("plan.pdf")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\Bilder\\Pumpe.png", Some("Pumpe.png")),
            ("a\r\nb", Some("ab")),
            ("  ", None),
            ("/", None),
            ("Übersicht 2026.xlsx", Some("Übersicht 2026.xlsx")),
        ] {
            assert_eq!(file_name(given).as_deref(), expected, "{given:?}");
        }
        assert_eq!(
            file_name(&"ä".repeat(300)).unwrap().chars().count(),
            MAX_FILE_NAME
        );
    }

    #[test]
    fn types_of_content_are_checked_and_guessed() {
        assert_eq!(mime_type(Some("Image/PNG"), None), "image/png");
        assert_eq!(
            mime_type(Some("text/plain; charset=utf-8"), None),
            "text/plain; charset=utf-8"
        );
        assert_eq!(
            mime_type(Some("application/octet-stream"), Some("a.pdf")),
            "application/pdf"
        );
        assert_eq!(mime_type(None, Some("a.jpg")), "image/jpeg");
        for odd in ["", "png", "a b/c", "x/\ny", "text/"] {
            assert_eq!(mime_type(Some(odd), None), "application/octet-stream", "{odd:?}");
        }
    }

    fn download(content_type: &str, name: Option<&str>) -> Response {
        served(Download {
            content_type: content_type.to_owned(),
            name: name.map(str::to_owned),
            length: Some(0),
            body: Box::pin(futures_util::stream::empty()),
        })
    }

    #[test]
    fn r12_no_file_is_a_page() {
        for dangerous in [
            "text/html",
            "image/svg+xml",
            "application/xhtml+xml",
            "text/xml",
            "application/pdf",
            "",
            "odd",
        ] {
            let response = download(dangerous, Some("a.html"));
            let disposition = response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap();
            assert!(
                disposition.starts_with("attachment"),
                "{dangerous}: {disposition}"
            );
        }
        for shown in ["image/png", "IMAGE/JPEG", "video/mp4", "audio/ogg; codecs=opus"] {
            let response = download(shown, None);
            assert_eq!(
                response.headers()[header::CONTENT_DISPOSITION],
                "inline",
                "{shown}"
            );
        }
        let response = download("text/html", Some("Plan \"ü\".html"));
        let headers = response.headers();
        assert_eq!(
            headers[header::CONTENT_DISPOSITION],
            "attachment; filename*=UTF-8''Plan%20%22%C3%BC%22%2Ehtml"
        );
        assert_eq!(
            headers[header::CONTENT_SECURITY_POLICY],
            "sandbox; default-src 'none'"
        );
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(
            headers[header::CACHE_CONTROL]
                .to_str()
                .unwrap()
                .starts_with("private")
        );
    }
}
