//! A client of the event stream.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::http::PATIENCE;

/// An open stream.
pub struct Sse {
    answer: reqwest::Response,
    buffer: Vec<u8>,
    /// The `id:` of the newest event that had one.
    pub last_id: Option<String>,
    /// The lines of the newest event.
    pub frame: String,
}

impl Sse {
    /// A stream from its answer, which has to be one.
    pub async fn open(answer: reqwest::Response) -> Self {
        let status = answer.status();
        if status != 200 {
            let words = answer.text().await.unwrap_or_default();
            panic!("the stream answers {status}: {words}");
        }
        let kind = answer
            .headers()
            .get("content-type")
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        assert!(
            kind.starts_with("text/event-stream"),
            "contract A055: the stream's type is {kind}"
        );
        Self {
            answer,
            buffer: Vec::new(),
            last_id: None,
            frame: String::new(),
        }
    }

    /// The next event; the keepalives are passed over.
    pub async fn next(&mut self) -> Value {
        self.wait_for(|_| true).await
    }

    /// The next event; `None` when the stream ends or nothing comes.
    pub async fn next_within(&mut self, patience: Duration) -> Option<Value> {
        timeout(patience, self.read()).await.ok()?
    }

    /// Whether the stream ends within this time; other events are passed over.
    pub async fn ends_within(&mut self, patience: Duration) -> bool {
        timeout(patience, async { while self.read().await.is_some() {} })
            .await
            .is_ok()
    }

    /// Reads on to the first event like this; the keepalives are passed over, and so is everything else.
    pub async fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.until(wanted).await.pop().expect("the last one is wanted")
    }

    /// All events up to the first one like this, without keepalives. A test that wants to show that something does not
    /// come lets a later event come.
    pub async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut events = Vec::new();
        let reading = async {
            while let Some(event) = self.read().await {
                if event["type"] == "keepalive" {
                    continue;
                }
                let last = wanted(&event);
                events.push(event);
                if last {
                    return true;
                }
            }
            false
        };
        match timeout(PATIENCE, reading).await.ok() {
            Some(true) => events,
            Some(false) => panic!("the stream ended; before that: {events:#?}"),
            None => panic!("not within {PATIENCE:?}; instead: {events:#?}"),
        }
    }

    /// Reads on to the message with this text.
    pub async fn message(&mut self, body: &str) -> Value {
        self.wait_for(|event| event["type"] == "new_message" && event["body"] == body)
            .await
    }

    async fn read(&mut self) -> Option<Value> {
        loop {
            while let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
                let frame: Vec<u8> = self.buffer.drain(..end + 2).collect();
                self.frame = String::from_utf8(frame).expect("a stream is UTF-8");
                if let Some(event) = self.parse() {
                    return Some(event);
                }
            }
            // an error is a cut connection
            let chunk = self.answer.chunk().await.ok()??;
            self.buffer.extend_from_slice(&chunk);
        }
    }

    fn parse(&mut self) -> Option<Value> {
        let mut data = Vec::new();
        for line in self.frame.lines() {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "data" => data.push(value),
                "id" => self.last_id = Some(value.to_owned()),
                _ => {}
            }
        }
        if data.is_empty() {
            return None;
        }
        Some(serde_json::from_str(&data.join("\n")).expect("contract A056: the data is JSON"))
    }
}
