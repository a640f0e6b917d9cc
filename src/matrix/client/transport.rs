//! Requests to the homeserver over pooled connections: how long they may take, what is tried again, and what an
//! answer means.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Either, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use ruma::api::EndpointError as _;
use ruma::api::error::{ErrorBody, ErrorKind, RetryAfter};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::{Instant, sleep, timeout_at};

use crate::matrix::{ByteStream, Error, Result};

/// How long a call may take in all, with its repeats.
const BUDGET: Duration = Duration::from_secs(10);

/// The same for what a person waits for: contract R69 gives a person's send 5 s in all while the homeserver is away,
/// and the rest of the request needs its part of them.
const PERSON_BUDGET: Duration = Duration::from_millis(4_500);

/// The same for a look whether somebody is there.
const PROBE_BUDGET: Duration = Duration::from_secs(2);

/// How long media may take to begin. The body has no limit in all: a big file over a slow line is no fault.
const MEDIA_BUDGET: Duration = Duration::from_secs(15);

/// How long to a connection. A homeserver stands in the same house; one that has not answered a SYN in 2 s is away.
const CONNECT: Duration = Duration::from_secs(2);

/// The pauses before the repeats. Together about 2 s: a homeserver that restarts is back by then, and one that is not
/// is better reported than waited for.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(600),
    Duration::from_millis(1_200),
];

/// The longest all pauses of a call together may be when the homeserver asks us to slow down.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shorter than the idle timeouts of homeservers and of proxies before them (60 s and more), so that a request seldom
/// meets a connection that is being closed.
const IDLE: Duration = Duration::from_secs(15);

/// More than the state of a room with 10,000 members. What is larger is not an answer to what we ask.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// An error is a few lines.
const MAX_ERROR: usize = 64 * 1024;

/// A request's body: in one piece, or as it comes.
pub(super) type Body = Either<Full<Bytes>, StreamBody<FrameStream>>;

type FrameStream = futures_util::stream::BoxStream<'static, io::Result<Frame<Bytes>>>;

/// The name of a call in the metrics, how long it may take and what makes it be tried again.
#[derive(Clone, Copy)]
pub(super) struct Call {
    /// `call` in the metrics.
    pub name: &'static str,
    budget: Duration,
    repeat: Repeat,
}

/// When a call is tried again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Never,
    /// It was certainly not carried out: no connection, or 429.
    Untouched,
    /// Also after an answer that may come from a proxy while the homeserver restarts: 502, 503, 504.
    Idempotent,
}

impl Call {
    /// A call that may be carried out twice without harm.
    pub(super) const fn idempotent(name: &'static str) -> Self {
        Self {
            name,
            budget: BUDGET,
            repeat: Repeat::Idempotent,
        }
    }

    /// A call that must not be carried out twice.
    pub(super) const fn once(name: &'static str) -> Self {
        Self {
            name,
            budget: BUDGET,
            repeat: Repeat::Untouched,
        }
    }

    /// A call a person waits for. It is not repeated after an unclear answer although it has a transaction id, since
    /// Conduit stores that after the event: who must know looks for the event first.
    pub(super) const fn person(name: &'static str) -> Self {
        Self {
            name,
            budget: PERSON_BUDGET,
            repeat: Repeat::Untouched,
        }
    }

    /// A look whether somebody is there.
    pub(super) const fn probe(name: &'static str) -> Self {
        Self {
            name,
            budget: PROBE_BUDGET,
            repeat: Repeat::Never,
        }
    }

    /// Media on its way out; the budget is for the head of the answer.
    pub(super) const fn media(name: &'static str) -> Self {
        Self {
            name,
            budget: MEDIA_BUDGET,
            repeat: Repeat::Idempotent,
        }
    }
}

/// The connections to the homeserver.
pub(super) struct Transport {
    http: Http<HttpsConnector<HttpConnector>, Body>,
}

impl Transport {
    /// Connects when it is needed. Only an `https` homeserver needs the machine's root certificates.
    pub(super) fn new(https: bool) -> anyhow::Result<Self> {
        let http = pooled(https)?;
        Ok(Self { http })
    }

    /// Makes a call and reads the answer whole.
    pub(super) async fn answer(&self, call: Call, request: Request<Vec<u8>>) -> Result<Response<Bytes>> {
        measured(call.name, async {
            let deadline = Instant::now() + call.budget;
            let (head, body) = self.exchange(call, deadline, request).await?.into_parts();
            let body = match timeout_at(deadline, Limited::new(body, MAX_ANSWER).collect()).await {
                Ok(Ok(body)) => body.to_bytes(),
                Ok(Err(error)) => return Err(unclear(format!("the answer broke off: {error}"))),
                Err(_) => return Err(unclear("the answer did not end in time")),
            };
            Ok(Response::from_parts(head, body))
        })
        .await
    }

    /// Makes a call and hands out the answer's body as it comes.
    pub(super) async fn stream(&self, call: Call, request: Request<Vec<u8>>) -> Result<Response<Incoming>> {
        measured(
            call.name,
            self.exchange(call, Instant::now() + call.budget, request),
        )
        .await
    }

    /// Sends one request with a body that cannot be had twice.
    pub(super) async fn send_once(&self, request: Request<Body>) -> Result<Response<Incoming>> {
        match self.attempt(request).await {
            Ok(answer) => Ok(answer),
            Err(failure) => Err(failure.error),
        }
    }

    /// Tries until there is an answer of success, a refusal, or no time.
    async fn exchange(
        &self,
        call: Call,
        deadline: Instant,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Incoming>> {
        let (parts, body) = request.into_parts();
        let body = Bytes::from(body);
        let patience = Instant::now() + PATIENCE;
        let mut touched = false;
        let mut pauses = PAUSES.iter();
        loop {
            let failure = match timeout_at(deadline, self.attempt(whole(&parts, &body))).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failure)) => failure,
                Err(_) => return Err(unclear(format!("no answer within {:?}", call.budget))),
            };
            touched |= matches!(failure.error, Error::Away { unclear: true, .. });
            let again = match failure.class {
                Class::NotSent | Class::TooMany(_) => call.repeat != Repeat::Never,
                Class::Between => call.repeat == Repeat::Idempotent,
                Class::Final => false,
            };
            let pause = match (again, failure.class) {
                (false, _) => None,
                (true, Class::TooMany(Some(asked))) => Some(asked),
                (true, _) => pauses.next().copied(),
            };
            match pause.map(|pause| (pause, Instant::now() + pause)) {
                Some((pause, until)) if until < deadline && until < patience => sleep(pause).await,
                // an earlier try may have been carried out although the last one certainly was not
                _ => return Err(failure.error.touched(touched)),
            }
        }
    }

    async fn attempt(&self, request: Request<Body>) -> Result<Response<Incoming>, Failure> {
        let answer = match self.http.request(request).await {
            Ok(answer) => answer,
            Err(error) => return Err(Failure::without_answer(&error)),
        };
        if answer.status().is_success() {
            return Ok(answer);
        }
        let (head, body) = answer.into_parts();
        // an error whose words cannot be read is still an error
        let body = Limited::new(body, MAX_ERROR).collect().await;
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        Err(Failure::of(Response::from_parts(head, body)))
    }
}

/// A client with pooled connections to the homeserver. Only an `https` one needs the machine's root certificates.
pub(crate) fn pooled<B>(https: bool) -> anyhow::Result<Http<HttpsConnector<HttpConnector>, B>>
where
    B: hyper::body::Body + Send,
    B::Data: Send,
{
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(Duration::from_mins(1)));
    tcp.set_connect_timeout(Some(CONNECT));
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let tls = HttpsConnectorBuilder::new();
    let tls = if https {
        tls.with_provider_and_native_roots(provider)?
    } else {
        tls.with_tls_config(
            ClientConfig::builder_with_provider(provider.into())
                .with_safe_default_protocol_versions()?
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth(),
        )
    };
    let connector = tls.https_or_http().enable_http1().wrap_connector(tcp);
    Ok(Http::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(connector))
}

/// What became of one try.
struct Failure {
    class: Class,
    error: Error,
}

#[derive(Clone, Copy)]
enum Class {
    /// There was no connection.
    NotSent,
    /// 429, with the pause that was asked for.
    TooMany(Option<Duration>),
    /// 502, 503, 504.
    Between,
    /// Nothing that another try would change.
    Final,
}

impl Failure {
    fn without_answer(error: &hyper_util::client::legacy::Error) -> Self {
        let reason = reasons(error);
        let hyper = error
            .source()
            .and_then(|cause| cause.downcast_ref::<hyper::Error>());
        if hyper.is_some_and(hyper::Error::is_user) {
            // the body that was to be sent broke off or was not as long as was said: not the homeserver's fault
            return Self {
                class: Class::Final,
                error: refused("M_UNKNOWN", &reason),
            };
        }
        let sent = !error.is_connect();
        let class = if sent { Class::Final } else { Class::NotSent };
        Self {
            class,
            error: Error::Away {
                reason,
                unclear: sent,
            },
        }
    }

    fn of(answer: Response<Bytes>) -> Self {
        let status = answer.status();
        let header = answer
            .headers()
            .get(http::header::RETRY_AFTER)
            .and_then(|value| value.try_into().ok());
        let error = ruma::api::error::Error::from_http_response(answer);
        let away = |unclear| Error::Away {
            reason: error.to_string(),
            unclear,
        };
        if status == StatusCode::TOO_MANY_REQUESTS {
            let asked = match error.error_kind() {
                Some(ErrorKind::LimitExceeded(data)) => data.retry_after,
                _ => header,
            };
            return Self {
                class: Class::TooMany(asked.and_then(delay)),
                error: away(false),
            };
        }
        if matches!(
            status,
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        ) {
            return Self {
                class: Class::Between,
                error: away(true),
            };
        }
        let error = if status.is_client_error() {
            let (code, message) = match error.body {
                ErrorBody::Standard(body) => (body.kind.errcode().to_string(), body.message),
                ErrorBody::Json(json) => (String::new(), json.to_string()),
                ErrorBody::NotJson { bytes, .. } => (
                    String::new(),
                    String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned(),
                ),
            };
            Error::Refused {
                status: status.as_u16(),
                code,
                message,
            }
        } else {
            // a redirect, which nobody follows, has not carried out anything
            away(status.is_server_error())
        };
        Self {
            class: Class::Final,
            error,
        }
    }
}

impl Error {
    /// The same, unclear as well if an earlier try was.
    fn touched(mut self, earlier: bool) -> Self {
        if let Self::Away { unclear, .. } = &mut self {
            *unclear |= earlier;
        }
        self
    }
}

/// The pause as a duration; one that is given as a date is not worth asking the clock.
fn delay(asked: RetryAfter) -> Option<Duration> {
    match asked {
        RetryAfter::Delay(delay) => Some(delay),
        RetryAfter::DateTime(_) => None,
    }
}

fn whole(parts: &Parts, body: &Bytes) -> Request<Body> {
    Request::from_parts(parts.clone(), Either::Left(Full::new(body.clone())))
}

/// A body that is sent as it comes.
pub(super) fn streaming(body: ByteStream) -> Body {
    use futures_util::{StreamExt as _, TryStreamExt as _};
    Either::Right(StreamBody::new(body.map_ok(Frame::data).boxed()))
}

/// A refusal of our own, before or instead of the homeserver's.
pub(super) fn refused(code: &str, message: &impl ToString) -> Error {
    Error::Refused {
        status: StatusCode::BAD_REQUEST.as_u16(),
        code: code.to_owned(),
        message: message.to_string(),
    }
}

pub(super) fn unclear(reason: impl Into<String>) -> Error {
    Error::Away {
        reason: reason.into(),
        unclear: true,
    }
}

/// An error with all its causes: hyper's own words are only "client error (Connect)".
fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Counts a call and its time.
pub(super) async fn measured<T>(call: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let started = Instant::now();
    let result = work.await;
    let outcome = match &result {
        Ok(_) => "ok",
        Err(Error::Refused { .. }) => "refused",
        Err(Error::Away { .. }) => "away",
    };
    metrics::histogram!("homeserver_request_seconds", "call" => call).record(started.elapsed());
    metrics::counter!("homeserver_requests_total", "call" => call, "outcome" => outcome).increment(1);
    result
}
