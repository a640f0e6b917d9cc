//! The way to the homeserver and back: bytes as they are, both ways, as they come.

use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::Stream;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Request, Uri};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::{Sleep, timeout};

use super::answer::Refusal;
use crate::matrix::client::pooled;

/// How long an answer may take to begin, beside what the client asked it to wait.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);
/// The longest that a client may let a sync wait.
const MAX_WAIT: Duration = Duration::from_mins(5);
/// A body of which nothing comes for so long is given up.
const BODY_PAUSE: Duration = Duration::from_secs(30);
/// The largest body that is read here, in bytes: no event is larger than 64 KiB, but account data and keys may be.
pub(super) const MAX_JSON: usize = 1024 * 1024;

/// Headers of one connection, which mean nothing on the next (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// The homeserver.
pub(super) struct Upstream {
    client: Client<HttpsConnector<HttpConnector>, Body>,
    base: Uri,
}

impl Upstream {
    /// Connects to nothing yet. `base_url` is `MATRIX_HOMESERVER_URL`.
    pub(super) fn new(base_url: &str) -> anyhow::Result<Self> {
        let base: Uri = base_url.parse()?;
        let client = pooled(base.scheme() == Some(&Scheme::HTTPS))?;
        Ok(Self { client, base })
    }

    /// Whether there is no TLS on the way to the homeserver.
    pub(super) fn is_plain(&self) -> bool {
        self.base.scheme() == Some(&Scheme::HTTP)
    }

    /// Passes a request on and its answer back. Dropping this cuts the request off.
    pub(super) async fn pass(
        &self,
        request: Request<Body>,
        from: IpAddr,
        patience: Duration,
    ) -> Result<Response, Refusal> {
        let (mut head, body) = request.into_parts();
        self.address(&mut head, from)?;
        let answer = timeout(patience, self.client.request(Request::from_parts(head, body))).await;
        match answer {
            Ok(Ok(answer)) => {
                let (mut head, body) = answer.into_parts();
                strip(&mut head.headers);
                head.extensions = http::Extensions::new();
                Ok(Response::from_parts(head, Body::new(body)))
            }
            Ok(Err(error)) => Err(broken(&error)),
            Err(_) => {
                tracing::warn!(target: "gateway", ?patience, "the homeserver did not answer in time");
                Err(Refusal::away())
            }
        }
    }

    /// Makes a request's head one to the homeserver.
    pub(super) fn address(&self, head: &mut Parts, from: IpAddr) -> Result<(), Refusal> {
        head.uri = self.target(&head.uri).ok_or_else(Refusal::unrecognized)?;
        head.version = http::Version::HTTP_11;
        head.extensions = http::Extensions::new();
        strip(&mut head.headers);
        for name in [
            "host",
            "forwarded",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-real-ip",
            "cookie",
        ] {
            head.headers.remove(name);
        }
        if let Ok(from) = HeaderValue::try_from(from.to_string()) {
            head.headers
                .insert(HeaderName::from_static("x-forwarded-for"), from);
        }
        Ok(())
    }

    /// The same path and query at the homeserver, byte for byte.
    fn target(&self, uri: &Uri) -> Option<Uri> {
        let mut parts = self.base.clone().into_parts();
        let path = uri.path_and_query()?.as_str();
        let base = self.base.path().trim_end_matches('/');
        parts.path_and_query = Some(if base.is_empty() {
            uri.path_and_query()?.clone()
        } else {
            format!("{base}{path}").parse::<PathAndQuery>().ok()?
        });
        Uri::from_parts(parts).ok()
    }
}

/// Why there is no answer: the client's own body, or the homeserver.
fn broken(error: &hyper_util::client::legacy::Error) -> Refusal {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return Refusal::too_large(0);
        }
        if error.is::<Stalled>() {
            return Refusal::new(
                http::StatusCode::REQUEST_TIMEOUT,
                "M_UNKNOWN",
                "the request's body did not come to an end",
            );
        }
        cause = error.source();
    }
    tracing::warn!(target: "gateway", %error, "the homeserver did not answer");
    Refusal::away()
}

pub(super) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
}

/// How long a sync may take: as long as the client asked, and a little more.
pub(super) fn patience_of(uri: &Uri) -> Duration {
    let asked = super::path::parameter(uri, "timeout").and_then(|text| text.parse().ok());
    PATIENCE + Duration::from_millis(asked.unwrap_or(0)).min(MAX_WAIT)
}

/// A body as it comes, as long as it comes, and no more than `limit` bytes of it.
pub(super) fn limited(body: Body, limit: usize) -> Body {
    within(body, limit, BODY_PAUSE)
}

fn within(body: Body, limit: usize, pause: Duration) -> Body {
    Body::new(Limited::new(Body::from_stream(Flowing::new(body, pause)), limit))
}

/// A whole body of at most [`MAX_JSON`] bytes.
pub(super) async fn whole(body: Body) -> Result<Bytes, Refusal> {
    let reading = Limited::new(body, MAX_JSON).collect();
    match timeout(BODY_PAUSE, reading).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::too_large(MAX_JSON as u64)),
        Ok(Err(_)) => Err(Refusal::bad_json("the body broke off")),
        Err(_) => Err(Refusal::new(
            http::StatusCode::REQUEST_TIMEOUT,
            "M_UNKNOWN",
            "the request's body did not come to an end",
        )),
    }
}

/// Nothing of a body came for too long.
#[derive(Debug, thiserror::Error)]
#[error("nothing more of the body came")]
struct Stalled;

/// A body that may be slow, but not stop.
struct Flowing {
    body: axum::body::BodyDataStream,
    pause: Duration,
    patience: Pin<Box<Sleep>>,
}

impl Flowing {
    fn new(body: Body, pause: Duration) -> Self {
        Self {
            body: body.into_data_stream(),
            pause,
            patience: Box::pin(tokio::time::sleep(pause)),
        }
    }
}

impl Stream for Flowing {
    type Item = Result<Bytes, axum::BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match Pin::new(&mut self.body).poll_next(context) {
            Poll::Ready(next) => {
                let later = tokio::time::Instant::now() + self.pause;
                self.patience.as_mut().reset(later);
                Poll::Ready(next.map(|chunk| chunk.map_err(Into::into)))
            }
            Poll::Pending => {
                std::task::ready!(self.patience.as_mut().poll(context));
                Poll::Ready(Some(Err(Stalled.into())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_reach_the_homeserver_byte_for_byte() {
        let upstream = Upstream::new("http://conduit:6167").unwrap();
        for path in [
            "/_matrix/client/v3/rooms/%21a%3Ahub.local/state/m.room.name/?format=event&x=%2e%2E",
            "/_matrix/client/v3/user/@max:hub.local/account_data/a%2Fb",
        ] {
            let uri = upstream.target(&path.parse().unwrap()).unwrap();
            assert_eq!(uri.to_string(), format!("http://conduit:6167{path}"));
        }
        let below = Upstream::new("http://proxy/matrix/").unwrap();
        let uri = below
            .target(&"/_matrix/client/versions".parse().unwrap())
            .unwrap();
        assert_eq!(uri.to_string(), "http://proxy/matrix/_matrix/client/versions");
    }

    #[test]
    fn headers_of_a_connection_stay_on_it() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close, X-Secret"));
        headers.insert("x-secret", HeaderValue::from_static("1"));
        headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        strip(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), [header::ACCEPT]);
    }

    #[tokio::test]
    async fn a_body_that_stops_is_given_up() {
        let endless = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let error = within(Body::from_stream(endless), 10, Duration::from_millis(10))
            .collect()
            .await
            .unwrap_err();
        assert!(format!("{error:?}").contains("Stalled"), "{error:?}");
        assert!(limited(Body::from("12345678901"), 10).collect().await.is_err());
        assert!(limited(Body::from("1234567890"), 10).collect().await.is_ok());
    }
}
