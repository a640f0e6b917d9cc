//! Media in and out of the homeserver. Neither way is a file ever whole in memory.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, BodyStream, Limited};
use hyper::body::Incoming;
use ruma::OwnedMxcUri;
use ruma::api::IncomingResponse as _;
use ruma::api::client::media::create_content;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::transport::{Transport, measured, streaming, unclear};
use crate::matrix::{ByteStream, Error, Media, Result};
use crate::types::random_token;

/// How long nothing may move. Long enough for a telephone that changes cells and for a homeserver that stores what
/// it has received, short enough that a dead connection does not stay for ever.
const STALL: Duration = Duration::from_secs(30);

/// The answer to an upload is one address.
const MAX_ANSWER: usize = 64 * 1024;

/// Sends an upload whose request is complete but for its body.
pub(super) async fn upload(
    transport: &Transport,
    request: Request<Vec<u8>>,
    length: u64,
    body: ByteStream,
) -> Result<OwnedMxcUri> {
    let moved = Arc::new(Notify::new());
    let noting = Arc::clone(&moved);
    let body = stream::try_unfold((body.fuse(), length), move |(mut body, left)| {
        let moved = Arc::clone(&noting);
        async move {
            let Some(chunk) = body.try_next().await? else {
                return Ok(None);
            };
            moved.notify_one();
            let left = left.checked_sub(chunk.len() as u64).ok_or_else(longer)?;
            // hyper would cut off silently what follows; what is missing it notices itself
            while left == 0
                && let Some(more) = body.try_next().await?
            {
                if !more.is_empty() {
                    return Err(longer());
                }
            }
            Ok(Some((chunk, (body, left))))
        }
    });
    let body = streaming(body.boxed());
    let mut request = request.map(|_| body);
    request.headers_mut().insert(CONTENT_LENGTH, length.into());

    measured("upload", async {
        let sending = async {
            let (head, body) = transport.send_once(request).await?.into_parts();
            match Limited::new(body, MAX_ANSWER).collect().await {
                Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
                Err(error) => Err(unclear(format!("the answer broke off: {error}"))),
            }
        };
        tokio::pin!(sending);
        let answer = loop {
            tokio::select! {
                answer = &mut sending => break answer?,
                () = moved.notified() => {}
                () = sleep(STALL) => return Err(unclear("the upload stood still")),
            }
        };
        let answer = create_content::v3::Response::try_from_http_response(answer)
            .map_err(|error| unclear(format!("not an answer to an upload: {error}")))?;
        Ok(answer.content_uri)
    })
    .await
}

fn longer() -> io::Error {
    io::Error::other("longer than was said")
}

/// What a download's answer carries; a refusal as if there were nothing is `None`.
pub(super) fn media(answer: Result<Response<Incoming>>, nothing: &[u16]) -> Result<Option<Media>> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(Error::Refused { status, .. }) if nothing.contains(&status) => return Ok(None),
        Err(error) => return Err(error),
    };
    let (head, body) = answer.into_parts();
    let body = BodyStream::new(body);
    let body = stream::unfold(body, |mut body| async move {
        loop {
            let frame = match timeout(STALL, body.next()).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => return Some((Err(io::Error::other(error)), body)),
                Ok(None) => return None,
                Err(late) => return Some((Err(late.into()), body)),
            };
            // trailers are no content
            if let Ok(data) = frame.into_data() {
                return Some((Ok(data), body));
            }
        }
    });
    Ok(Some(Media {
        content_type: text(&head.headers, &CONTENT_TYPE),
        length: text(&head.headers, &CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        body: body.boxed(),
    }))
}

fn text(headers: &HeaderMap, name: &http::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Finds out how long a body is whose length nobody said: Synapse takes no upload without one. What is larger than
/// [`IN_MEMORY`] waits in a file of the temporary directory that has no name any more, so that it is gone whatever
/// happens to us.
pub(super) async fn measure(mut body: ByteStream) -> io::Result<(u64, ByteStream)> {
    use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

    let mut head = Vec::new();
    let mut length = 0_u64;
    while length <= IN_MEMORY {
        match body.try_next().await? {
            Some(chunk) => {
                length += chunk.len() as u64;
                head.push(chunk);
            }
            None => return Ok((length, stream::iter(head.into_iter().map(Ok)).boxed())),
        }
    }
    let path = std::env::temp_dir().join(format!("messenger-upload-{}", random_token()));
    let mut options = tokio::fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(&path).await?;
    tokio::fs::remove_file(&path).await?;
    for chunk in head {
        file.write_all(&chunk).await?;
    }
    while let Some(chunk) = body.try_next().await? {
        length += chunk.len() as u64;
        file.write_all(&chunk).await?;
    }
    file.flush().await?;
    file.rewind().await?;
    Ok((
        length,
        tokio_util::io::ReaderStream::with_capacity(file, CHUNK).boxed(),
    ))
}

/// Bytes of an upload of unknown length that may wait in memory.
const IN_MEMORY: u64 = 256 * 1024;

/// Bytes read from the file at a time.
const CHUNK: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn chunks(count: usize, size: usize) -> ByteStream {
        stream::iter((0..count).map(move |n| Ok(Bytes::from(vec![n as u8; size])))).boxed()
    }

    async fn bytes(body: ByteStream) -> Vec<u8> {
        body.try_fold(Vec::new(), async |mut all, chunk| {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
        .unwrap()
    }

    #[tokio::test]
    async fn a_body_of_unknown_length_is_measured_and_unchanged() {
        for (count, size) in [(0, 0), (3, 10), (40, 100_000)] {
            let (length, body) = measure(chunks(count, size)).await.unwrap();
            assert_eq!(length, (count * size) as u64);
            assert_eq!(bytes(body).await, bytes(chunks(count, size)).await);
        }
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_no_shorter_body() {
        let body = chunks(2, 10)
            .chain(stream::once(async { Err(io::Error::other("gone")) }))
            .boxed();
        assert!(measure(body).await.is_err());
    }
}
