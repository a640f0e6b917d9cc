//! What is said to sockets: a packet is encoded once, whoever it is for, and all its sockets share the bytes. Where many
//! things are said to many in one go, each socket writes them together at the end ([`Batch`]).

use std::fmt;
use std::sync::Arc;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Data, OpCode};

/// What Engine.IO puts before a packet of Socket.IO.
const MESSAGE: &str = "4";

/// A whole WebSocket frame, ready to be written. Cloning it is cheap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said(Arc<[u8]>);

impl Said {
    /// A packet of Socket.IO, such as `2["name",{}]`.
    pub fn packet(text: &str) -> Self {
        Self::framed(OpCode::Data(Data::Text), &[MESSAGE.as_bytes(), text.as_bytes()])
    }

    /// A frame with this in it.
    pub(crate) fn framed(opcode: OpCode, payload: &[&[u8]]) -> Self {
        let length: usize = payload.iter().map(|part| part.len()).sum();
        let header = FrameHeader {
            opcode,
            ..FrameHeader::default()
        };
        let mut frame = Vec::with_capacity(header.len(length as u64) + length);
        // Writing into memory does not fail.
        drop(header.format(length as u64, &mut frame));
        for part in payload {
            frame.extend_from_slice(part);
        }
        Self(frame.into())
    }

    /// The packet's text.
    pub fn as_str(&self) -> &str {
        let header = match self.0.get(1) {
            Some(126) => 4,
            Some(127) => 10,
            _ => 2,
        };
        let text = self.0.get(header + MESSAGE.len()..).unwrap_or_default();
        str::from_utf8(text).unwrap_or_default()
    }

    /// The frame.
    pub fn frame(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Writes what was laid into its queue.
pub trait Flush: Send + Sync {
    /// As far as the client takes it now. Never waits.
    fn flush(&self);
}

/// Who has something to write when all of a batch is said.
#[derive(Default)]
pub struct Batch(Vec<Arc<dyn Flush>>);

impl Batch {
    /// Remembers somebody. Who is in it already need not be remembered again.
    pub fn add(&mut self, socket: Arc<dyn Flush>) {
        self.0.push(socket);
    }

    /// Lets them all write, and others work in between.
    pub async fn flush(&mut self) {
        /// So many sockets at once.
        const AT_ONCE: usize = 128;
        for (number, socket) in self.0.drain(..).enumerate() {
            if number % AT_ONCE == AT_ONCE - 1 {
                tokio::task::yield_now().await;
            }
            socket.flush();
        }
        // A crowd's list is not kept for a quiet time.
        self.0.shrink_to(AT_ONCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_one_frame_whatever_its_length() {
        for (length, header) in [
            (0, vec![0x81, 1]),
            (124, vec![0x81, 125]),
            (125, vec![0x81, 126, 0, 126]),
            (65_535, vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let text = "x".repeat(length);
            let said = Said::packet(&text);
            assert_eq!(said.as_str(), text);
            let (head, payload) = said.frame().split_at(header.len());
            assert_eq!(head, header);
            assert_eq!(payload, format!("4{text}").as_bytes());
        }
    }
}
