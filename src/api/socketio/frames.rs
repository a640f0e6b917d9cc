//! The frames of a WebSocket's client (RFC 6455). They come masked, in pieces of any size, and a message may be several
//! of them.

use std::io::Cursor;

use bytes::{Buf as _, BytesMut};
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};

use crate::said::Said;

/// The largest payload of a frame that controls, in bytes.
const MAX_CONTROL: u64 = 125;
/// A header of a client has at most so many bytes.
const MAX_HEADER: usize = 14;

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A whole message.
    Text(String),
    /// A whole message.
    Binary,
    /// It wants this back.
    Ping(Vec<u8>),
    Pong,
    /// It closes, with a code or without.
    Close(Option<CloseCode>),
}

/// What was read and is no whole message yet. Empty, it holds no memory.
pub(super) struct Frames {
    /// The largest message, in bytes.
    max: usize,
    unread: BytesMut,
    /// A message whose end has not come, and whether it is text.
    begun: Option<(bool, Vec<u8>)>,
}

impl Frames {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            unread: BytesMut::new(),
            begun: None,
        }
    }

    /// Takes what was read.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.unread.extend_from_slice(bytes);
    }

    /// The next thing that came whole; or the code to close with, because this is no WebSocket's client, or says too
    /// much.
    pub(super) fn next(&mut self) -> Result<Option<Heard>, CloseCode> {
        loop {
            let Some((header, mut payload)) = self.frame()? else {
                if self.unread.is_empty() {
                    self.unread = BytesMut::new();
                }
                return Ok(None);
            };
            let heard = match header.opcode {
                OpCode::Control(control) => Some(control_frame(control, &payload)?),
                OpCode::Data(data) => self.data(data, header.is_final, &mut payload)?,
            };
            if heard.is_some() {
                return Ok(heard);
            }
        }
    }

    /// The next whole frame, unmasked.
    fn frame(&mut self) -> Result<Option<(FrameHeader, BytesMut)>, CloseCode> {
        let start = &self.unread[..self.unread.len().min(MAX_HEADER)];
        let mut cursor = Cursor::new(start);
        let parsed = FrameHeader::parse(&mut cursor).map_err(|_| CloseCode::Protocol)?;
        let Some((header, length)) = parsed else {
            return Ok(None);
        };
        let begins = cursor.position() as usize;
        let is_control = matches!(header.opcode, OpCode::Control(_));
        let extended = header.rsv1 || header.rsv2 || header.rsv3;
        if extended || is_control && (length > MAX_CONTROL || !header.is_final) {
            return Err(CloseCode::Protocol);
        }
        let mask = header.mask.ok_or(CloseCode::Protocol)?;
        let before = self.begun.as_ref().map_or(0, |(_, message)| message.len());
        if !is_control && length > (self.max - before) as u64 {
            return Err(CloseCode::Size);
        }
        let length = length as usize;
        if self.unread.len() < begins + length {
            return Ok(None);
        }
        self.unread.advance(begins);
        let mut payload = self.unread.split_to(length);
        for (byte, mask) in payload.iter_mut().zip(mask.into_iter().cycle()) {
            *byte ^= mask;
        }
        Ok(Some((header, payload)))
    }

    fn data(&mut self, data: Data, last: bool, payload: &mut [u8]) -> Result<Option<Heard>, CloseCode> {
        let (is_text, mut message) = match (data, self.begun.take()) {
            (Data::Continue, Some(begun)) => begun,
            (Data::Text, None) => (true, Vec::new()),
            (Data::Binary, None) => (false, Vec::new()),
            _ => return Err(CloseCode::Protocol),
        };
        message.extend_from_slice(payload);
        if !last {
            self.begun = Some((is_text, message));
            return Ok(None);
        }
        if !is_text {
            return Ok(Some(Heard::Binary));
        }
        let text = String::from_utf8(message).map_err(|_| CloseCode::Invalid)?;
        Ok(Some(Heard::Text(text)))
    }
}

fn control_frame(control: Control, payload: &[u8]) -> Result<Heard, CloseCode> {
    match (control, payload) {
        (Control::Ping, _) => Ok(Heard::Ping(payload.to_vec())),
        (Control::Pong, _) => Ok(Heard::Pong),
        (Control::Close, []) => Ok(Heard::Close(None)),
        (Control::Close, [high, low, reason @ ..]) => {
            let code = CloseCode::from(u16::from_be_bytes([*high, *low]));
            if !code.is_allowed() {
                return Err(CloseCode::Protocol);
            }
            str::from_utf8(reason).map_err(|_| CloseCode::Invalid)?;
            Ok(Heard::Close(Some(code)))
        }
        _ => Err(CloseCode::Protocol),
    }
}

/// The answer to a ping.
pub(super) fn pong(payload: &[u8]) -> Said {
    Said::framed(OpCode::Control(Control::Pong), &[payload])
}

/// Nothing comes after this one.
pub(super) fn close(code: Option<CloseCode>) -> Said {
    let code = code.map(|code| u16::from(code).to_be_bytes());
    let payload: &[u8] = code.as_ref().map_or(&[], |code| code);
    Said::framed(OpCode::Control(Control::Close), &[payload])
}

/// A packet of Engine.IO that is one letter.
pub(super) fn letter(letter: u8) -> Said {
    Said::framed(OpCode::Data(Data::Text), &[&[letter]])
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 1_000;

    /// A client's frame, masked.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [0x12, 0x34, 0x56, 0x78];
        let mut frame = vec![first];
        match u8::try_from(payload.len()) {
            Ok(short) if short < 126 => frame.push(0x80 | short),
            _ => {
                frame.push(0xfe);
                frame.extend_from_slice(&u16::try_from(payload.len()).unwrap().to_be_bytes());
            }
        }
        frame.extend_from_slice(&mask);
        frame.extend(
            payload
                .iter()
                .zip(mask.iter().cycle())
                .map(|(byte, mask)| byte ^ mask),
        );
        frame
    }

    fn text(text: &str) -> Heard {
        Heard::Text(text.to_owned())
    }

    /// What is heard of these bytes, and how it ends.
    fn hear(bytes: &[u8]) -> (Vec<Heard>, Option<CloseCode>) {
        let mut frames = Frames::new(MAX);
        frames.add(bytes);
        let mut heard = Vec::new();
        loop {
            match frames.next() {
                Ok(Some(next)) => heard.push(next),
                Ok(None) => return (heard, None),
                Err(code) => return (heard, Some(code)),
            }
        }
    }

    #[test]
    fn messages_are_read_whole_in_fragments_and_byte_by_byte() {
        let long = "ä".repeat(MAX / 2);
        let bytes = [
            frame(0x81, b"2"),
            frame(0x81, long.as_bytes()),
            // In three, the letter in the middle is cut, and a ping comes between.
            frame(0x01, &"aä".as_bytes()[..2]),
            frame(0x89, b"there?"),
            frame(0x00, &"aä".as_bytes()[2..]),
            frame(0x80, b""),
            frame(0x82, b"bytes"),
            frame(0x8a, b""),
            frame(0x88, &[0x03, 0xe8, b'!']),
        ]
        .concat();
        let expected = [
            text("2"),
            text(&long),
            Heard::Ping(b"there?".to_vec()),
            text("aä"),
            Heard::Binary,
            Heard::Pong,
            Heard::Close(Some(CloseCode::Normal)),
        ];
        let (heard, end) = hear(&bytes);
        assert_eq!(end, None);
        assert_eq!(heard, expected);
        let mut frames = Frames::new(MAX);
        let mut heard = Vec::new();
        for byte in bytes {
            frames.add(&[byte]);
            while let Some(next) = frames.next().unwrap() {
                heard.push(next);
            }
        }
        assert_eq!(heard, expected);
        assert_eq!(frames.unread.capacity(), 0, "nothing is kept for a quiet client");
    }

    #[test]
    fn what_no_client_may_send_has_its_code() {
        let large = vec![b'x'; MAX];
        for (what, bytes, code) in [
            ("not masked", vec![0x81, 1, b'x'], CloseCode::Protocol),
            ("compressed", frame(0xc1, b"x"), CloseCode::Protocol),
            ("reserved", frame(0x83, b"x"), CloseCode::Protocol),
            ("a long ping", frame(0x89, &[0; 126]), CloseCode::Protocol),
            ("a ping in pieces", frame(0x09, b""), CloseCode::Protocol),
            (
                "an end without a beginning",
                frame(0x80, b""),
                CloseCode::Protocol,
            ),
            (
                "two beginnings",
                [frame(0x01, b""), frame(0x01, b"")].concat(),
                CloseCode::Protocol,
            ),
            ("half a code", frame(0x88, &[3]), CloseCode::Protocol),
            ("no code", frame(0x88, &[0, 1]), CloseCode::Protocol),
            ("no text", frame(0x81, &[0xff]), CloseCode::Invalid),
            (
                "a reason of no text",
                frame(0x88, &[0x03, 0xe8, 0xff]),
                CloseCode::Invalid,
            ),
            (
                "too large",
                frame(0x81, &[&large[..], b"x"].concat())[..8].to_vec(),
                CloseCode::Size,
            ),
            (
                "larger than can be",
                vec![0x81, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4],
                CloseCode::Size,
            ),
            (
                "too large in pieces",
                [frame(0x01, &large), frame(0x80, b"x")].concat(),
                CloseCode::Size,
            ),
        ] {
            assert_eq!(hear(&bytes), (vec![], Some(code)), "{what}");
        }
    }

    #[test]
    fn frames_that_control_are_written() {
        assert_eq!(pong(b"a").frame(), [0x8a, 1, b'a']);
        assert_eq!(close(None).frame(), [0x88, 0]);
        assert_eq!(close(Some(CloseCode::Size)).frame(), [0x88, 2, 0x03, 0xf1]);
        assert_eq!(letter(b'2').frame(), [0x81, 1, b'2']);
    }
}
