//! A `/sync` that waits, without a server's and a client's buffers around it: a client has one open all day.
//!
//! The request goes to the homeserver on a connection of its own, and until something comes back there is nothing but the
//! two sockets. The answer is passed on byte for byte, but for the headers of the connection.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::response::Response;
use http::header::{self, HeaderName};
use http::{HeaderMap, Uri};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::answer::{Refusal, allow_web, ok};
use super::proxy::strip;
use super::{Gateway, feed};
use crate::core::presence::Syncing;
use crate::server::{Client, Held, header_lines};

/// How long to a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// The largest head of an answer, in bytes, and the most of its headers.
const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;
/// How long either side may take for the next bytes once there is an answer.
const PAUSE: Duration = Duration::from_secs(30);

/// A sync that is to wait.
pub(super) struct Waiting {
    pub(super) gateway: Arc<Gateway>,
    /// Cancelled when the session ends.
    pub(super) ended: CancellationToken,
    pub(super) syncing: Syncing,
    pub(super) feed: Arc<feed::Feed>,
    /// Where the client goes on from.
    pub(super) since: String,
    /// `host:port` of the homeserver.
    pub(super) authority: String,
    /// The request as the homeserver gets it.
    pub(super) request: Vec<u8>,
    /// How long the homeserver may take.
    pub(super) patience: Duration,
    /// Whether the client wants to use the connection further.
    pub(super) keeps: bool,
}

/// What became of the wait.
enum End {
    /// The homeserver answers.
    Answer(TcpStream),
    /// We do.
    Ours(Response),
    /// There is nobody to answer.
    Gone,
}

/// Where a request goes, as `host:port`, and how it is written there; `None` when its address names no host.
pub(super) fn written(target: &Uri, headers: &HeaderMap) -> Option<(String, Vec<u8>)> {
    let authority = target.authority()?;
    let port = authority.port_u16().unwrap_or(80);
    let address = format!("{}:{port}", authority.host());
    let mut request = format!(
        "GET {} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n",
        target.path_and_query()?
    )
    .into_bytes();
    header_lines(&mut request, headers);
    request.extend_from_slice(b"\r\n");
    Some((address, request))
}

impl Waiting {
    /// The response that waits in place of one.
    pub(super) fn held(self) -> Response {
        Held::response(Box::new(move |client| Box::pin(self.run(client))))
    }

    async fn run(self, client: &mut dyn Client) -> bool {
        let started = Instant::now();
        let (keeps, gateway) = (self.keeps, self.gateway.clone());
        let end = self.wait(client).await;
        // Boxed: this part is large, and short.
        let answered = match end {
            End::Answer(upstream) => Box::pin(relay(upstream, client, keeps)).await,
            End::Ours(response) => Box::pin(write(response, client, keeps)).await,
            End::Gone => Ok((499, false)),
        };
        drop(gateway);
        let (status, goes_on) = answered.unwrap_or_else(|error| {
            tracing::debug!(target: "gateway", %error, "a sync broke off");
            (499, false)
        });
        super::note("GET", "sync", status, started.elapsed());
        goes_on
    }

    async fn wait(self, client: &mut dyn Client) -> End {
        let Self {
            gateway,
            ended,
            syncing: _syncing,
            feed,
            since,
            authority,
            request,
            patience,
            keeps: _,
        } = self;
        let upstream = match open(&authority, request).await {
            Ok(upstream) => upstream,
            Err(error) => {
                tracing::warn!(target: "gateway", %error, "the homeserver is not reachable");
                return End::Ours(Refusal::away().response());
            }
        };
        drop(authority);
        let patience = tokio::time::sleep(patience);
        tokio::pin!(patience);
        loop {
            let mut gone = poll_fn(|context| client.poll_gone(context));
            tokio::select! {
                biased;
                () = ended.cancelled() => return End::Ours(Refusal::unknown_token().response()),
                () = gateway.ending.cancelled() => return End::Ours(Refusal::away().response()),
                readable = upstream.readable() => {
                    return match readable {
                        Ok(()) => End::Answer(upstream),
                        Err(_) => End::Ours(Refusal::away().response()),
                    };
                }
                () = feed.ready() => {
                    if let Some(events) = feed.take(gateway.core.clock.now()) {
                        return End::Ours(told(&since, &events));
                    }
                }
                () = &mut gone => return End::Gone,
                () = &mut patience => return End::Ours(Refusal::away().response()),
            }
        }
    }
}

/// A sync in which nothing happened but that people came or went.
pub(super) fn told(since: &str, events: &[serde_json::Value]) -> Response {
    ok(&serde_json::json!({ "next_batch": since, "presence": { "events": events } }))
}

async fn open(authority: &str, request: Vec<u8>) -> io::Result<TcpStream> {
    let mut stream = timeout(CONNECT, TcpStream::connect(authority)).await??;
    stream.set_nodelay(true)?;
    timeout(CONNECT, stream.write_all(&request)).await??;
    Ok(stream)
}

/// Passes the homeserver's answer on; its status, and whether the client's connection can be used further.
async fn relay(mut upstream: TcpStream, client: &mut dyn Client, keeps: bool) -> io::Result<(u16, bool)> {
    let mut buffer = Vec::with_capacity(16 * 1024);
    let (head, body_at) = loop {
        let read = timeout(PAUSE, upstream.read_buf(&mut buffer)).await;
        if !matches!(read, Ok(Ok(1..))) {
            // It went without an answer, or hangs.
            return write(Refusal::away().response(), client, keeps).await;
        }
        match Head::parse(&buffer) {
            Ok(Some(parsed)) => break parsed,
            Ok(None) if buffer.len() < MAX_HEAD => {}
            _ => {
                tracing::warn!(target: "gateway", "the homeserver's answer is no HTTP");
                return write(Refusal::away().response(), client, keeps).await;
            }
        }
    };
    let keeps = keeps && head.framing != Framing::UntilClose;
    let mut out = head.written(keeps);
    out.extend_from_slice(&buffer[body_at..]);
    let mut progress = Progress::new(head.framing);
    progress.took(&buffer[body_at..]);
    timeout(PAUSE, client.write_all(&out)).await??;
    drop(out);
    while !progress.is_counted_out() {
        buffer.clear();
        if timeout(PAUSE, upstream.read_buf(&mut buffer)).await?? == 0 {
            break;
        }
        progress.took(&buffer);
        timeout(PAUSE, client.write_all(&buffer)).await??;
    }
    timeout(PAUSE, client.flush()).await??;
    Ok((head.status, keeps && progress.is_whole()))
}

/// Writes an answer of ours.
async fn write(mut response: Response, client: &mut dyn Client, keeps: bool) -> io::Result<(u16, bool)> {
    allow_web(response.headers_mut());
    let (head, body) = response.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let mut out = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    header_lines(&mut out, &head.headers);
    out.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    end_of_head(&mut out, keeps);
    out.extend_from_slice(&body);
    timeout(PAUSE, client.write_all(&out)).await??;
    timeout(PAUSE, client.flush()).await??;
    Ok((head.status.as_u16(), keeps))
}

fn end_of_head(out: &mut Vec<u8>, keeps: bool) {
    if !keeps {
        out.extend_from_slice(b"connection: close\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

/// How the end of a body is known (RFC 9112, section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(u64),
    Chunked,
    UntilClose,
}

struct Head {
    status: u16,
    reason: String,
    headers: HeaderMap,
    framing: Framing,
}

impl Head {
    /// The head in these bytes and where the body begins; `None` when there is not all of it yet.
    fn parse(bytes: &[u8]) -> anyhow::Result<Option<(Self, usize)>> {
        let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Response::new(&mut lines);
        let httparse::Status::Complete(body_at) = parsed.parse(bytes)? else {
            return Ok(None);
        };
        let mut headers = HeaderMap::new();
        for line in parsed.headers.iter() {
            headers.append(
                HeaderName::from_bytes(line.name.as_bytes())?,
                http::HeaderValue::from_bytes(line.value)?,
            );
        }
        let status = parsed.code.unwrap_or_default();
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let framing = if status == 204 || status == 304 {
            Framing::Length(0)
        } else if text(header::TRANSFER_ENCODING).is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
        {
            Framing::Chunked
        } else if let Some(length) = text(header::CONTENT_LENGTH) {
            Framing::Length(length.parse()?)
        } else {
            Framing::UntilClose
        };
        strip(&mut headers);
        let head = Self {
            status,
            reason: parsed.reason.unwrap_or_default().to_owned(),
            headers,
            framing,
        };
        Ok(Some((head, body_at)))
    }

    /// The head as the client gets it.
    fn written(&self, keeps: bool) -> Vec<u8> {
        let mut headers = self.headers.clone();
        allow_web(&mut headers);
        let mut out = format!("HTTP/1.1 {} {}\r\n", self.status, self.reason).into_bytes();
        header_lines(&mut out, &headers);
        if self.framing == Framing::Chunked {
            out.extend_from_slice(b"transfer-encoding: chunked\r\n");
        }
        end_of_head(&mut out, keeps);
        out
    }
}

/// How much of a body has passed.
struct Progress {
    framing: Framing,
    count: u64,
    /// The last bytes: a chunked body ends with an empty chunk.
    tail: Vec<u8>,
}

impl Progress {
    const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";

    fn new(framing: Framing) -> Self {
        Self {
            framing,
            count: 0,
            // The first chunk may be the last.
            tail: b"\r\n".to_vec(),
        }
    }

    fn took(&mut self, bytes: &[u8]) {
        self.count += bytes.len() as u64;
        if self.framing == Framing::Chunked {
            self.tail.extend_from_slice(bytes);
            let keep = self.tail.len().saturating_sub(Self::LAST_CHUNK.len());
            self.tail.drain(..keep);
        }
    }

    /// Whether nothing more can come. Chunks are not counted: the homeserver closes the connection after its answer.
    fn is_counted_out(&self) -> bool {
        matches!(self.framing, Framing::Length(length) if self.count >= length)
    }

    /// Whether the body is whole, when nothing more comes; one that ends with the connection never is for sure.
    fn is_whole(&self) -> bool {
        match self.framing {
            Framing::Length(length) => self.count >= length,
            Framing::Chunked => self.tail == Self::LAST_CHUNK,
            Framing::UntilClose => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_keeps_its_headers_but_those_of_the_connection() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\nX-Own: a\r\n\r\nhello";
        let (head, body_at) = Head::parse(bytes).unwrap().unwrap();
        assert_eq!(&bytes[body_at..], b"hello");
        assert_eq!((head.status, head.framing), (200, Framing::Length(5)));
        let written = String::from_utf8(head.written(true)).unwrap();
        assert!(written.starts_with("HTTP/1.1 200 OK\r\n"), "{written}");
        assert!(written.contains("x-own: a\r\n") && written.contains("content-length: 5\r\n"));
        assert!(written.contains("access-control-allow-origin: *\r\n"));
        assert!(!written.contains("connection"), "{written}");
        assert!(
            String::from_utf8(head.written(false))
                .unwrap()
                .contains("connection: close\r\n")
        );
        assert!(Head::parse(&bytes[..30]).unwrap().is_none());
        assert!(Head::parse(b"no http\r\n\r\n").is_err());
    }

    #[test]
    fn the_end_of_a_chunked_body_is_its_last_chunk() {
        let mut progress = Progress::new(Framing::Chunked);
        progress.took(b"5\r\nhello\r\n0\r");
        assert!(!progress.is_whole());
        progress.took(b"\n\r\n");
        assert!(progress.is_whole() && !progress.is_counted_out());
        let mut empty = Progress::new(Framing::Chunked);
        empty.took(b"0\r\n\r\n");
        assert!(empty.is_whole());
        let mut counted = Progress::new(Framing::Length(3));
        counted.took(b"ab");
        assert!(!counted.is_whole());
        counted.took(b"c");
        assert!(counted.is_whole() && counted.is_counted_out());
        assert!(!Progress::new(Framing::UntilClose).is_whole());
    }
}
