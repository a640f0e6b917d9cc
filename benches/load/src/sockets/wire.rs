//! The least of WebSocket, Engine.IO 4 and Socket.IO 5 that a client needs. Thousands of these run beside the server on
//! the same machine, so they must cost little: a frame is read where it lies in the buffer, and only the beginning of a
//! packet and its marker are looked at.

use anyhow::{Context, Result, bail, ensure};
use http::StatusCode;
use memchr::{memchr, memmem};

/// The example of RFC 6455, section 1.3: the key of every handshake here, and the answer that it must get.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// Clients have to mask what they send; with what is up to them.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x17, 0x9e];
/// No server here has a reason to send more at once.
const LONGEST: usize = 16 * 1024 * 1024;

/// The request that opens a WebSocket, with the header lines of socket.io-client 4.8 in Node.js. It offers no compression:
/// neither side would take it.
pub fn handshake(host: &str) -> Vec<u8> {
    format!(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: {KEY}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nHost: {host}\r\n\r\n"
    )
    .into_bytes()
}

/// A masked frame with a text in it.
pub fn text(payload: &str) -> Vec<u8> {
    frame(0x81, payload.as_bytes())
}

/// The answer to [`Said::ControlPing`].
pub fn pong(payload: &[u8]) -> Vec<u8> {
    frame(0x8a, payload)
}

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ ..126 => bytes.push(0x80 | length as u8),
        length @ ..0x1_0000 => {
            bytes.push(0xfe);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0xff);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes.extend(
        payload
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    bytes
}

/// What the server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// Engine.IO is open: now the namespace can be asked for.
    Open,
    /// The namespace took us in.
    Connected,
    /// It did not, and why.
    Refused(&'a [u8]),
    /// Engine.IO asks whether we are there; the answer is the text `3`.
    Ping,
    /// WebSocket asks it.
    ControlPing(&'a [u8]),
    /// An event: `["name",{…}]`.
    Event(&'a [u8]),
    /// The end, of whichever of the three.
    Closed,
    /// Anything else.
    Other,
}

/// Reads a connection's bytes, however they are cut.
#[derive(Debug, Default)]
pub struct Reader {
    /// What has come of an unfinished frame, or of the head of the response.
    partial: Vec<u8>,
    open: bool,
}

impl Reader {
    /// Tells `on` what is in `bytes`.
    pub fn feed(&mut self, bytes: &[u8], on: &mut impl FnMut(Said<'_>)) -> Result<()> {
        if self.partial.is_empty() && self.open {
            let read = frames(bytes, on)?;
            self.partial.extend_from_slice(&bytes[read..]);
            return Ok(());
        }
        self.partial.extend_from_slice(bytes);
        let mut partial = std::mem::take(&mut self.partial);
        let mut read = 0;
        if !self.open {
            let Some(end) = memmem::find(&partial, b"\r\n\r\n") else {
                ensure!(partial.len() < 64 * 1024, "the head of the response does not end");
                self.partial = partial;
                return Ok(());
            };
            read = end + 4;
            check(&partial[..end], &partial[read..])?;
            self.open = true;
        }
        read += frames(&partial[read..], on)?;
        if read < partial.len() {
            partial.drain(..read);
            self.partial = partial;
        }
        // otherwise its memory goes: a connection at rest has none
        Ok(())
    }
}

fn check(head: &[u8], body: &[u8]) -> Result<()> {
    let head = String::from_utf8_lossy(head);
    let code = head.split(' ').nth(1).unwrap_or_default();
    let status = StatusCode::from_bytes(code.as_bytes()).context("the answer is no HTTP")?;
    if status != StatusCode::SWITCHING_PROTOCOLS {
        bail!("{}", crate::http::describe(status, body));
    }
    ensure!(
        head.contains(ACCEPT),
        "the answer to the WebSocket's handshake has a wrong Sec-WebSocket-Accept"
    );
    Ok(())
}

/// Reads the whole frames at the beginning of `bytes` and answers their length.
fn frames(bytes: &[u8], on: &mut impl FnMut(Said<'_>)) -> Result<usize> {
    let mut at = 0;
    while let Some((first, head, length)) = head(&bytes[at..])? {
        let Some(payload) = bytes.get(at + head..at + head + length) else {
            break;
        };
        on(match first {
            0x81 => packet(payload),
            0x88 => Said::Closed,
            0x89 => Said::ControlPing(payload),
            0x8a => Said::Other,
            _ => bail!(
                "a frame that begins with {first:#04x}: neither fragments nor binary frames are expected"
            ),
        });
        at += head + length;
    }
    Ok(at)
}

/// First byte, length of the head and of the payload; nothing while the head is not complete.
fn head(bytes: &[u8]) -> Result<Option<(u8, usize, usize)>> {
    let [first, second, rest @ ..] = bytes else {
        return Ok(None);
    };
    let (head, length) = match *second {
        126 => match rest.first_chunk() {
            Some(length) => (4, usize::from(u16::from_be_bytes(*length))),
            None => return Ok(None),
        },
        127 => match rest.first_chunk() {
            Some(length) => (10, u64::from_be_bytes(*length) as usize),
            None => return Ok(None),
        },
        length if length < 126 => (2, usize::from(length)),
        _ => bail!("a server does not mask its frames"),
    };
    ensure!(length <= LONGEST, "a frame of {length} bytes");
    Ok(Some((*first, head, length)))
}

fn packet(payload: &[u8]) -> Said<'_> {
    match payload {
        [b'4', b'2', event @ ..] => Said::Event(bare(event)),
        b"2" => Said::Ping,
        [b'0', ..] => Said::Open,
        [b'4', b'0', ..] => Said::Connected,
        [b'4', b'4', why @ ..] => Said::Refused(why),
        [b'1', ..] | [b'4', b'1', ..] => Said::Closed,
        _ => Said::Other,
    }
}

/// What comes behind the name of the namespace, where one is named: `/name,`.
fn bare(packet: &[u8]) -> &[u8] {
    match memchr(b',', packet) {
        Some(end) if packet.starts_with(b"/") => &packet[end + 1..],
        _ => packet,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As ws 8 writes them for socket.io 4.8.
    const HEAD: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nVary: Origin\r\n\r\n";

    fn server(payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x81];
        if payload.len() < 126 {
            bytes.push(payload.len() as u8);
        } else {
            bytes.push(126);
            bytes.extend_from_slice(&(payload.len() as u16).to_be_bytes());
        }
        bytes.extend_from_slice(payload);
        bytes
    }

    #[test]
    fn packets_are_read_however_they_are_cut() {
        let long = format!(r#"["message:new",{{"content":"{}"}}]"#, "x".repeat(300));
        let mut bytes = HEAD.as_bytes().to_vec();
        for payload in [
            r#"0{"sid":"RQ8JdXVQ9r_9iIe-AAAA","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
            r#"40{"sid":"Lc0Nh7nHPsa-u7fgAAAA"}"#,
            &format!("42{long}"),
            "2",
            "41",
        ] {
            bytes.extend(server(payload.as_bytes()));
        }
        for step in [1, 2, 3, 7, 126, 5000] {
            let mut reader = Reader::default();
            let mut said = Vec::new();
            for piece in bytes.chunks(step) {
                reader
                    .feed(piece, &mut |what| {
                        said.push(match what {
                            Said::Event(text) => format!("event {}", String::from_utf8_lossy(text)),
                            other => format!("{other:?}"),
                        });
                    })
                    .unwrap();
            }
            let expected = ["Open", "Connected", &format!("event {long}"), "Ping", "Closed"];
            assert_eq!(said, expected, "step {step}");
            assert_eq!(reader.partial.capacity(), 0, "step {step}");
        }
    }

    #[test]
    fn frames_have_the_bytes_of_the_real_client() {
        // socket.io-client 4.8.4 in Node.js wrote these first bytes, and these payloads behind the mask
        for (payload, head) in [
            (
                r#"42["message:send",{"conversationId":"af83b0dd-5f9f-4e0f-88bb-1c0eff275946","content":"Hello!"}]"#,
                &[0x81, 0xdf][..],
            ),
            (r#"42["presence:get"]"#, &[0x81, 0x92][..]),
            ("3", &[0x81, 0x81][..]),
        ] {
            let bytes = text(payload);
            assert_eq!(&bytes[..2], head);
            let plain: Vec<u8> = bytes[6..]
                .iter()
                .zip(bytes[2..6].iter().cycle())
                .map(|(byte, mask)| byte ^ mask)
                .collect();
            assert_eq!(plain, payload.as_bytes());
        }
        // with a token in it, a frame has a length of two bytes
        assert_eq!(
            &text(&format!("40{}", "t".repeat(298)))[..4],
            [0x81, 0xfe, 0x01, 0x2c]
        );
    }

    #[test]
    fn an_event_of_a_namespace_is_read_like_one_of_the_root() {
        for payload in [
            &br#"42/messaging,["message_read",{"a":1}]"#[..],
            br#"42["message_read",{"a":1}]"#,
        ] {
            assert_eq!(packet(payload), Said::Event(br#"["message_read",{"a":1}]"#));
        }
        assert_eq!(packet(br#"40/messaging,{"sid":"a"}"#), Said::Connected);
    }

    #[test]
    fn a_refusal_is_an_error_in_words() {
        let mut reader = Reader::default();
        let error = reader
            .feed(b"HTTP/1.1 403 Forbidden\r\n\r\nno", &mut |_| {})
            .unwrap_err()
            .to_string();
        assert!(error.contains("403"), "{error}");
        let mut reader = Reader {
            open: true,
            ..Reader::default()
        };
        let mut refused = false;
        reader
            .feed(&server(br#"44{"message":"no"}"#), &mut |said| {
                refused = matches!(said, Said::Refused(br#"{"message":"no"}"#));
            })
            .unwrap();
        assert!(refused);
        assert!(reader.feed(&[0x82, 1, 0], &mut |_| {}).is_err());
    }
}
