//! `load serve-bare`: hyper and nothing else, writing the same bytes as the service's streams. What the service costs above
//! this is its own; what this costs is the price of so many writes.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use clap::Args;
use http::{Method, Request, Response, StatusCode, header};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Either, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
};

/// Frames that may wait for one connection; then `/emit` waits for it.
const QUEUE: usize = 64;
/// As the service does (contract A058).
const KEEPALIVE: Duration = Duration::from_secs(20);

/// What `load serve-bare` needs to know.
#[derive(Args, Clone, Copy, Debug)]
pub struct BareArgs {
    /// Port on 127.0.0.1; 0 takes a free one and prints it
    #[arg(long)]
    port: u16,
}

/// The open streams and the last event's id.
#[derive(Debug, Default)]
struct Streams {
    open: Mutex<Vec<mpsc::Sender<Bytes>>>,
    last_id: AtomicU64,
}

impl Streams {
    async fn emit(&self, frame: Bytes) {
        let mut open = self.open.lock().await;
        let mut at = 0;
        while let Some(stream) = open.get(at) {
            if stream.send(frame.clone()).await.is_ok() {
                at += 1;
            } else {
                // the client has gone
                open.swap_remove(at);
            }
        }
    }
}

/// The body of a stream: the frames of its queue as they come.
struct Events(mpsc::Receiver<Bytes>);

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.get_mut()
            .0
            .poll_recv(cx)
            .map(|frame| frame.map(|frame| Ok(Frame::data(frame))))
    }
}

/// Serves until it is ended. Prints its address first, for whoever started it.
pub async fn run(args: BareArgs) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", args.port))
        .await
        .context("cannot listen")?;
    println!("http://{}", listener.local_addr()?);
    serve(listener).await
}

async fn serve(listener: TcpListener) -> Result<()> {
    let streams = Arc::new(Streams::default());
    let beat = Arc::clone(&streams);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(KEEPALIVE).await;
            beat.emit(Bytes::from_static(b"data: {\"type\":\"keepalive\"}\n\n"))
                .await;
        }
    });
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(connection(stream, Arc::clone(&streams)));
    }
}

async fn connection(stream: TcpStream, streams: Arc<Streams>) {
    let service = service_fn(move |request| answer(request, Arc::clone(&streams)));
    // a client that cannot be written to or goes away is no trouble of this server's
    let _ = stream.set_nodelay(true);
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    request: Request<Incoming>,
    streams: Arc<Streams>,
) -> Result<Response<Either<Full<Bytes>, Events>>, hyper::Error> {
    let mut response = Response::new(Either::Left(Full::default()));
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/api/v1/events/stream") => {
            let (sender, receiver) = mpsc::channel(QUEUE);
            // the queue is new and empty, so this fits
            let _ = sender.try_send(Bytes::from_static(b"data: {\"type\":\"connected\"}\n\n"));
            streams.open.lock().await.push(sender);
            let kind = header::HeaderValue::from_static("text/event-stream");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            *response.body_mut() = Either::Right(Events(receiver));
        }
        (&Method::POST, "/emit") => {
            let json = request.into_body().collect().await?.to_bytes();
            let id = streams.last_id.fetch_add(1, Ordering::Relaxed) + 1;
            let mut frame = format!("id: {id}\ndata: ").into_bytes();
            frame.extend_from_slice(&json);
            frame.extend_from_slice(b"\n\n");
            streams.emit(Bytes::from(frame)).await;
            *response.status_mut() = StatusCode::CREATED;
        }
        _ => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        http::{Base, Call, Connection},
        ledger::Ledger,
        watch::Watch,
    };
    use serde_json::json;

    #[tokio::test]
    async fn every_stream_gets_every_message_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Base::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let server = tokio::spawn(serve(listener));
        let ledger = Arc::new(Ledger::new(100));
        let mut watch = Watch::new(
            base.clone(),
            vec!["/api/v1/events/stream".to_owned()],
            Arc::clone(&ledger),
        );
        watch.resize(30).await.unwrap();
        watch.resize(20).await.unwrap();
        let mut connection = Connection::new(&base);
        for seq in 0..100 {
            let body = json!({ "type": "new_message", "body": ledger.start(seq).unwrap() });
            connection.call(Call::post("/emit", &body)).await.unwrap();
            ledger.answer(seq);
        }
        watch.wait(2000).await;
        let deliveries = watch.take();
        assert_eq!(deliveries.len(), 2000);
        assert!(
            deliveries
                .iter()
                .all(|delivery| delivery.at >= ledger.times(u64::from(delivery.seq)).0)
        );
        server.abort();
    }
}
