//! The HTTP/1.1 server: accepts connections, hands requests to a router, and ends in order.
//!
//! Own loop instead of `axum::serve`: it has a time limit for request heads, tells the router the peer's address without
//! a layer, and gives an upload that was refused the time to read why.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
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

const TIMES: Times =
    Times { head: Duration::from_secs(15), grace: Duration::from_secs(10), linger: Duration::from_secs(5) };

/// Serves until `shutdown` is cancelled; then stops accepting, lets running requests end for at most 10 s, and returns.
/// Event streams are requests too: whoever cancels also ends them.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    serve_within(listener, router, shutdown, TIMES).await;
}

async fn serve_within(listener: TcpListener, router: Router, shutdown: CancellationToken, times: Times) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(connection(stream, peer, router.clone(), shutdown.clone(), times));
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
    connections.wait().await;
}

fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    shutdown: CancellationToken,
    times: Times,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        // A router is always ready, and a clone of it is one more reference.
        router.clone().call(request)
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(times.head)
        .max_buf_size(MAX_BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        biased;
        ended = poll_fn(|context| connection.poll_without_shutdown(context)) => ended,
        () = shutdown.cancelled() => {
            Pin::new(&mut connection).graceful_shutdown();
            let ending = poll_fn(|context| connection.poll_without_shutdown(context));
            match timeout(times.grace, ending).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    match ended {
        // Boxed, so that it takes no room in the task of a connection that is open.
        Ok(()) => Box::pin(close(connection.into_parts().io.into_inner(), times.linger)).await,
        // Clients that go, and heads that never come, are no news.
        Err(error) => tracing::debug!(%error, "connection ended"),
    }
}

/// Says that nothing more will come, and reads on until the other side has said so, too. Closing with bytes unread would
/// make the kernel take back what we have just answered.
async fn close(mut stream: TcpStream, linger: Duration) {
    if stream.shutdown().await.is_ok() {
        let _ = timeout(linger, tokio::io::copy(&mut stream, &mut tokio::io::sink())).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::extract::{Extension, Request as AxumRequest};
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::Notify;

    use super::*;

    const SHORT: Times = Times {
        head: Duration::from_millis(100),
        grace: Duration::from_millis(100),
        linger: Duration::from_secs(5),
    };

    async fn start(router: Router, times: Times) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
        let server = tokio::spawn(serve_within(listener, router, shutdown.clone(), times));
        (address, shutdown, server)
    }

    async fn answer(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn a_request_knows_its_peer_and_connections_are_kept() {
        let router = Router::new().route("/", get(|Extension(Peer(peer)): Extension<Peer>| async move { peer.to_string() }));
        let (address, ..) = start(router, TIMES).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let own = stream.local_addr().unwrap().to_string();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let text = answer(&mut stream).await;
        assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{text}");
        assert_eq!(text.matches(&own).count(), 2, "{text}");
    }

    #[tokio::test]
    async fn a_head_that_never_ends_is_cut_off() {
        let (address, ..) = start(Router::new(), SHORT).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
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
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        begun.notified().await;
        let mut idle = TcpStream::connect(address).await.unwrap();
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
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
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
}
