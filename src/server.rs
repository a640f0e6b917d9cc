//! The HTTP/1.1 server: accepts connections, hands requests to a router, and ends in order.
//!
//! Own loop instead of `axum::serve`: it has a time limit for request heads, tells the router the peer's address without
//! a layer, gives an upload that was refused the time to read why, and keeps little for a connection that has become an
//! event stream. A person has such a connection open all day, and hyper keeps two buffers of 8 KiB for each; so once the
//! answer is [`Endless`], hyper is taken off the connection, and its body is written as it comes. A request that waits
//! for long and then is answered ([`Held`]) does the same without hyper, and gives the connection back to it. A connection
//! that changes to another protocol ([`HandedOver`]) leaves hyper for good.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::response::Response;
use bytes::{Buf as _, Bytes};
use http::response::Parts;
use http::{HeaderMap, Method, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service as _;

use crate::api::Peer;

/// The largest request head, and the most that is read ahead of a body, in bytes.
const MAX_BUFFER: usize = 64 * 1024;

/// Time limits.
#[derive(Debug, Clone, Copy)]
struct Times {
    /// For a request head to arrive; also how long a connection may wait for its next request.
    head: Duration,
    /// For running requests at the end.
    grace: Duration,
    /// For a client to read a refusal while it still sends.
    linger: Duration,
}

const TIMES: Times = Times {
    head: Duration::from_secs(15),
    grace: Duration::from_secs(10),
    linger: Duration::from_secs(5),
};

/// Marks a response, in its extensions, whose body has no end: an event stream. It is written without chunks and ends
/// with the connection; there is no next request on it.
#[derive(Debug, Clone, Copy)]
pub struct Endless;

/// Answers a request on its client's connection by itself; whether there may be a next request on it.
pub type Holding =
    Box<dyn for<'a> FnOnce(&'a mut dyn Client) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> + Send>;

/// Marks a response, in its extensions, that is not sent: the request waits, perhaps for minutes, and what is in here
/// answers it. For requests without a body.
#[derive(Clone)]
pub struct Held(Arc<Mutex<Option<Holding>>>);

impl Held {
    /// A response in whose place this answers.
    pub fn response(holding: Holding) -> Response {
        let mut response = Response::new(Body::empty());
        response
            .extensions_mut()
            .insert(Self(Arc::new(Mutex::new(Some(holding)))));
        response
    }
}

/// Goes on with a connection that has left HTTP.
pub type TakingOver = Box<dyn FnOnce(Box<dyn Client>) + Send>;

/// Marks a response, in its extensions, after whose head the connection speaks another protocol (status 101).
#[derive(Clone)]
pub struct HandedOver(Arc<Mutex<Option<TakingOver>>>);

impl HandedOver {
    /// What goes on with the connection; it must not block.
    pub fn to(taking: TakingOver) -> Self {
        Self(Arc::new(Mutex::new(Some(taking))))
    }
}

/// The connection of a client that waits.
pub trait Client: AsyncRead + AsyncWrite + Unpin + Send {
    /// Ready when the client has gone. What it sends meanwhile is kept for after the answer.
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()>;
}

/// A connection of which something was read already.
struct Rewind<S> {
    ahead: Bytes,
    stream: S,
}

impl<S: Stream> Client for Rewind<S> {
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut scrap = [0; 512];
        while self.ahead.len() < MAX_BUFFER {
            let mut read = ReadBuf::new(&mut scrap);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut read)) {
                Ok(()) if !read.filled().is_empty() => {
                    self.ahead = [&self.ahead[..], read.filled()].concat().into();
                }
                _ => return Poll::Ready(()),
            }
        }
        Poll::Pending
    }
}

impl<S: Stream> AsyncRead for Rewind<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let count = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(&self.ahead.split_to(count));
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for Rewind<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Serves until `shutdown` is cancelled; then stops accepting, lets running requests end for at most 10 s, and returns.
/// Event streams are requests too: whoever cancels also ends them.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    serve_within(listener, None, router, shutdown, TIMES).await;
}

/// The same with TLS.
pub async fn serve_tls(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    router: Router,
    shutdown: CancellationToken,
) {
    serve_within(listener, Some(acceptor), router, shutdown, TIMES).await;
}

async fn serve_within(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    shutdown: CancellationToken,
    times: Times,
) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (router, shutdown, streams) = (router.clone(), shutdown.clone(), connections.clone());
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY");
                }
                let serving = Serving {
                    peer,
                    router,
                    shutdown,
                    times,
                    tasks: streams,
                };
                match acceptor.clone() {
                    None => serving.spawn(stream, Bytes::new()),
                    Some(acceptor) => drop(connections.spawn(async move {
                        match timeout(times.head, acceptor.accept(stream)).await {
                            Ok(Ok(stream)) => serving.spawn(stream, Bytes::new()),
                            Ok(Err(error)) => tracing::debug!(%error, "no TLS connection came about"),
                            Err(_) => tracing::debug!("a TLS handshake did not come to an end"),
                        }
                    })),
                }
            }
            // The client was faster with going than we with accepting.
            Err(error) if is_of_one_connection(&error) => {}
            // Out of file descriptors, most likely: some will be free in a moment.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    connections.close();
    if timeout(times.grace, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests were cut short");
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

/// How a connection is served.
struct Serving {
    peer: SocketAddr,
    router: Router,
    shutdown: CancellationToken,
    times: Times,
    tasks: TaskTracker,
}

impl Serving {
    /// Serves a connection in a task of its own.
    fn spawn<S: Stream>(self, stream: S, ahead: Bytes) {
        let tasks = self.tasks.clone();
        tasks.spawn(self.serve(Rewind { ahead, stream }));
    }

    /// Serves one connection to its end. What waits, or becomes an endless stream, goes on in another task, because that is
    /// a tenth of the size of this one.
    async fn serve<S: Stream>(self, stream: Rewind<S>) {
        let Some((stream, mut response)) = connection(
            stream,
            self.peer,
            self.router.clone(),
            self.shutdown.clone(),
            self.times,
        )
        .await
        else {
            return;
        };
        if let Some(taking) = response.extensions_mut().remove::<HandedOver>() {
            // Its own server knows when it ends.
            tokio::spawn(hand_over(stream, response, taking));
            return;
        }
        match response.extensions_mut().remove::<Held>() {
            None => drop(self.tasks.clone().spawn(endless(stream, response))),
            Some(held) => drop(self.tasks.clone().spawn(self.hold(stream, held))),
        }
    }

    /// Lets a request answer itself, and goes on with the next one.
    async fn hold<S: Stream>(self, mut stream: Rewind<S>, held: Held) {
        let Some(holding) = held.0.lock().take() else {
            return;
        };
        let goes_on = holding(&mut stream).await;
        if goes_on && !self.shutdown.is_cancelled() {
            self.spawn(stream.stream, stream.ahead);
        } else if goes_on {
            drop(stream.shutdown().await);
        }
    }
}

/// A connection, with TLS or without.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// Serves one connection to its end, or until it becomes an endless stream.
async fn connection<S: Stream>(
    stream: Rewind<S>,
    peer: SocketAddr,
    router: Router,
    shutdown: CancellationToken,
    times: Times,
) -> Option<(Rewind<S>, Response)> {
    // Where a response that leaves hyper waits to be taken away.
    let taken: Arc<Mutex<Option<Response>>> = Arc::default();
    let slot = taken.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let only_head = *request.method() == Method::HEAD;
        // A router is always ready, and a clone of it is one more reference.
        let mut answering = router.clone().call(request);
        let slot = slot.clone();
        poll_fn(move |context| {
            let response = ready!(Pin::new(&mut answering).poll(context))?;
            let extensions = response.extensions();
            let leaves = extensions.get::<Endless>().is_some()
                || extensions.get::<Held>().is_some()
                || extensions.get::<HandedOver>().is_some();
            if only_head || !leaves {
                return Poll::Ready(Ok::<Response, Infallible>(response));
            }
            *slot.lock() = Some(response);
            // It is taken before this is polled again.
            Poll::Pending
        })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(times.head)
        .max_buf_size(MAX_BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut ending = false;
    let ended = loop {
        let serving = poll_fn(|context| {
            let polled = connection.poll_without_shutdown(context);
            match taken.lock().take() {
                Some(response) => Poll::Ready(Ok(Some(response))),
                None => polled.map_ok(|()| None),
            }
        });
        tokio::select! {
            biased;
            ended = serving => break ended,
            () = shutdown.cancelled(), if !ending => {
                ending = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    match ended {
        Ok(Some(response)) => {
            let parts = connection.into_parts();
            let mut stream = parts.io.into_inner();
            if !parts.read_buf.is_empty() {
                stream.ahead = [&parts.read_buf[..], &stream.ahead[..]].concat().into();
            }
            return Some((stream, response));
        }
        // At the service's end nobody is waited for.
        Ok(None) if ending => {}
        // Boxed, so that it takes no room in the task of a connection that is open.
        Ok(None) => Box::pin(close(connection.into_parts().io.into_inner(), times.linger)).await,
        // Clients that go, and heads that never come, are no news.
        Err(error) => tracing::debug!(%error, "connection ended"),
    }
    None
}

/// Says that nothing more will come, and reads on until the other side has said so, too. Closing with bytes unread would
/// make the kernel take back what we have just answered.
async fn close<S: Stream>(mut stream: S, linger: Duration) {
    if stream.shutdown().await.is_ok() {
        let _ = timeout(linger, tokio::io::copy(&mut stream, &mut tokio::io::sink())).await;
    }
}

/// Writes a response to its end, or until the client goes.
async fn endless<S: Stream>(mut stream: S, response: Response) {
    let (head, mut body) = response.into_parts();
    let mut unsent = response_head(&head, "connection: close\r\n");
    drop(head);
    let written = poll_fn(|context| poll_write_body(&mut stream, &mut body, &mut unsent, context)).await;
    drop(body);
    match written {
        Ok(()) => drop(stream.shutdown().await),
        Err(error) => tracing::debug!(%error, "stream ended"),
    }
}

/// Writes headers, a line each.
pub(crate) fn header_lines(out: &mut Vec<u8>, headers: &HeaderMap) {
    for (name, value) in headers {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

fn response_head(head: &Parts, more: &str) -> Bytes {
    let mut bytes = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    header_lines(&mut bytes, &head.headers);
    bytes.extend_from_slice(more.as_bytes());
    bytes.extend_from_slice(b"\r\n");
    bytes.into()
}

/// Writes the head, and gives the connection away.
async fn hand_over<S: Stream>(mut stream: Rewind<S>, response: Response, taking: HandedOver) {
    let head = response_head(&response.into_parts().0, "");
    let Some(taking) = taking.0.lock().take() else {
        return;
    };
    match stream.write_all(&head).await {
        Ok(()) => taking(Box::new(stream)),
        Err(error) => tracing::debug!(%error, "connection ended"),
    }
}

/// Writes what is `unsent` and then what the body gives, as long as the client takes it.
fn poll_write_body<S: Stream>(
    stream: &mut S,
    body: &mut Body,
    unsent: &mut Bytes,
    context: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    // The client has nothing more to say; reading is how one learns that it has gone.
    let mut scrap = [0; 64];
    loop {
        let mut read = ReadBuf::new(&mut scrap);
        match Pin::new(&mut *stream).poll_read(context, &mut read)? {
            Poll::Ready(()) if read.filled().is_empty() => {
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
            Poll::Ready(()) => {}
            Poll::Pending => break,
        }
    }
    loop {
        while unsent.has_remaining() {
            match ready!(Pin::new(&mut *stream).poll_write(context, unsent))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => unsent.advance(count),
            }
        }
        // Even when all of it is sent, it would keep the memory it stands in.
        *unsent = Bytes::new();
        match ready!(Pin::new(&mut *body).poll_frame(context)) {
            Some(Ok(frame)) => *unsent = frame.into_data().unwrap_or_default(),
            Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
            None => return Poll::Ready(Ok(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::extract::{Extension, Request as AxumRequest};
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::{Notify, mpsc};

    use super::*;

    const SHORT: Times = Times {
        head: Duration::from_millis(100),
        grace: Duration::from_millis(100),
        linger: Duration::from_secs(5),
    };

    async fn start(
        router: Router,
        times: Times,
    ) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
        let server = tokio::spawn(serve_within(listener, None, router, shutdown.clone(), times));
        (address, shutdown, server)
    }

    async fn answer(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn a_request_knows_its_peer_and_connections_are_kept() {
        let router = Router::new().route(
            "/",
            get(|Extension(Peer(peer)): Extension<Peer>| async move { peer.to_string() }),
        );
        let (address, ..) = start(router, TIMES).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let own = stream.local_addr().unwrap().to_string();
        stream
            .write_all(
                b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            )
            .await
            .unwrap();
        let text = answer(&mut stream).await;
        assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{text}");
        assert_eq!(text.matches(&own).count(), 2, "{text}");
    }

    #[tokio::test]
    async fn a_head_that_never_ends_is_cut_off() {
        let (address, ..) = start(Router::new(), SHORT).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ")
            .await
            .unwrap();
        // Nothing, or a 408; but it ends.
        assert!(!answer(&mut stream).await.contains("200 OK"));
    }

    #[tokio::test]
    async fn at_the_end_running_requests_are_answered_and_new_ones_refused() {
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (tell, wait) = (begun.clone(), go_on.clone());
        let slow = move || async move {
            tell.notify_one();
            wait.notified().await;
            "done"
        };
        let (address, shutdown, server) = start(Router::new().route("/", get(slow)), TIMES).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        begun.notified().await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET /none HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        read_until(&mut idle, "\r\n\r\n").await;
        shutdown.cancel();
        assert_eq!(answer(&mut idle).await, "");
        assert!(TcpStream::connect(address).await.is_err());
        assert!(!server.is_finished());
        go_on.notify_one();
        assert!(answer(&mut stream).await.ends_with("done"));
        drop(stream);
        server.await.unwrap();
    }

    #[tokio::test]
    async fn at_the_end_nobody_waits_for_a_request_that_does_not_end() {
        let begun = Arc::new(Notify::new());
        let tell = begun.clone();
        let endless = move || async move {
            tell.notify_one();
            std::future::pending::<()>().await;
        };
        let (address, shutdown, server) = start(Router::new().route("/", get(endless)), SHORT).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        begun.notified().await;
        shutdown.cancel();
        server.await.unwrap();
    }

    #[tokio::test]
    async fn a_refused_upload_can_still_be_read_about() {
        let refuse = |request: AxumRequest| async move {
            drop(request);
            (http::StatusCode::PAYLOAD_TOO_LARGE, "too large")
        };
        let (address, ..) = start(Router::new().route("/", post(refuse)), TIMES).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let size = 8 * 1024 * 1024;
        let head = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {size}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // A client that sends all before it reads anything.
        stream.write_all(&vec![0; size]).await.unwrap();
        stream.shutdown().await.unwrap();
        assert!(answer(&mut stream).await.starts_with("HTTP/1.1 413"));
    }

    /// A router with a stream of what is sent through the channel; the receiver is told when the stream is dropped.
    fn streaming() -> (Router, mpsc::Sender<io::Result<Bytes>>) {
        let (sender, receiver) = mpsc::channel(1);
        let receiver = Arc::new(Mutex::new(Some(receiver)));
        let stream = move || async move {
            let receiver = receiver.lock().take();
            let body = futures_util::stream::unfold(receiver, async |mut receiver| {
                let item = receiver.as_mut()?.recv().await?;
                Some((item, receiver))
            });
            let mut response = Response::new(Body::from_stream(body));
            response
                .headers_mut()
                .insert("x-stream", http::HeaderValue::from_static("yes"));
            response.extensions_mut().insert(Endless);
            response
        };
        (Router::new().route("/", get(stream)), sender)
    }

    async fn read_until(stream: &mut TcpStream, end: &str) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(end.as_bytes()) {
            let byte = stream.read_u8().await.unwrap();
            bytes.push(byte);
        }
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn an_endless_response_is_written_as_it_comes() {
        let (router, sender) = streaming();
        let (address, ..) = start(router, TIMES).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        // What comes after the request is passed over.
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\n")
            .await
            .unwrap();
        let head = read_until(&mut stream, "\r\n\r\n").await;
        assert!(
            head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("x-stream: yes\r\n"),
            "{head}"
        );
        assert!(
            head.contains("connection: close\r\n") && !head.contains("chunked"),
            "{head}"
        );
        for piece in ["data: 1\n\n", "data: 2\n\n"] {
            sender.send(Ok(piece.into())).await.unwrap();
            assert_eq!(read_until(&mut stream, "\n\n").await, piece);
        }
        let large = "x".repeat(4 * 1024 * 1024);
        sender.send(Ok(large.clone().into())).await.unwrap();
        drop(sender);
        assert!(answer(&mut stream).await == large, "all of it, and then the end");
    }

    #[tokio::test]
    async fn an_endless_response_ends_when_the_client_goes() {
        let (router, sender) = streaming();
        let (address, ..) = start(router, TIMES).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        read_until(&mut stream, "\r\n\r\n").await;
        assert!(!sender.is_closed());
        drop(stream);
        sender.closed().await;
    }

    #[tokio::test]
    async fn at_the_end_nobody_waits_for_a_stream_that_does_not_end() {
        let (router, _sender) = streaming();
        let (address, shutdown, server) = start(router, SHORT).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        read_until(&mut stream, "\r\n\r\n").await;
        shutdown.cancel();
        server.await.unwrap();
    }

    #[tokio::test]
    async fn the_head_of_an_endless_response_is_one_like_any_other() {
        let (router, _sender) = streaming();
        let (address, ..) = start(router, TIMES).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        assert!(answer(&mut stream).await.contains("x-stream: yes"));
    }
}
