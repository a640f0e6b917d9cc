//! The bytes of an event stream: the least of HTTP/1.1 and server-sent events that finds the marked messages in them.
//! Thousands of these run beside the service on the same cores, so they must cost little.

use anyhow::{Context, Result, bail};
use http::StatusCode;
use memchr::{memchr, memchr_iter, memmem};

/// Text that marks message `seq`, sent at `nanos` since 1970; it goes into the message's body. Neither `@` nor a digit is
/// changed by JSON.
pub fn marker(seq: u64, nanos: u64) -> String {
    format!("@@{seq}@@{nanos}@@")
}

/// One event of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// `{"type": "connected"}`
    Connected,
    /// `{"type": "gap"}`: the service could not resume without loss.
    Gap,
    /// An event with a marker in it.
    Marked {
        /// The message's number.
        seq: u64,
        /// When it was sent, in nanoseconds since 1970.
        nanos: u64,
    },
    /// Anything else, such as a keepalive.
    Other,
}

/// Where in the response the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Status line and headers.
    Head,
    /// In the line with a chunk's size; what its digits gave until now.
    Size(usize),
    /// Within a chunk with so many bytes to come.
    Chunk(usize),
    /// The line end after a chunk.
    ChunkEnd,
    /// A body without chunks; it ends with the connection.
    Plain,
    /// After the last chunk.
    End,
}

/// Reads one response. A new connection needs a new one, with the last id of the former.
#[derive(Debug)]
pub struct Parser {
    at: At,
    /// What has come of a line (or of the head) that is not complete.
    partial: Vec<u8>,
    /// The last `id:`, for `Last-Event-ID`.
    pub last_id: Vec<u8>,
}

impl Parser {
    /// At the start of a response, resuming after `last_id` (empty: none).
    pub fn new(last_id: Vec<u8>) -> Self {
        Self {
            at: At::Head,
            partial: Vec::new(),
            last_id,
        }
    }

    /// Takes the next bytes and tells `on` what they complete.
    pub fn feed(&mut self, mut bytes: &[u8], on: &mut impl FnMut(Seen)) -> Result<()> {
        while !bytes.is_empty() {
            bytes = match self.at {
                At::Head => self.head(bytes)?,
                At::Size(size) => self.size(bytes, size)?,
                At::Chunk(left) => {
                    let (data, rest) = bytes.split_at(left.min(bytes.len()));
                    self.lines(data, on);
                    self.at = if data.len() == left {
                        At::ChunkEnd
                    } else {
                        At::Chunk(left - data.len())
                    };
                    rest
                }
                At::ChunkEnd => {
                    let end = memchr(b'\n', bytes);
                    if end.is_some() {
                        self.at = At::Size(0);
                    }
                    end.map_or(&[][..], |end| &bytes[end + 1..])
                }
                At::Plain => {
                    self.lines(bytes, on);
                    &[]
                }
                At::End => &[],
            };
        }
        Ok(())
    }

    fn head<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8]> {
        let before = self.partial.len();
        self.partial.extend_from_slice(bytes);
        let Some(end) = memmem::find(&self.partial, b"\r\n\r\n") else {
            if self.partial.len() > 64 * 1024 {
                bail!("the head of the response does not end");
            }
            return Ok(&[]);
        };
        let head = String::from_utf8_lossy(&self.partial[..end]).to_ascii_lowercase();
        let code = head.split(' ').nth(1).unwrap_or_default();
        let status = StatusCode::from_bytes(code.as_bytes()).context("the answer is no HTTP")?;
        if status != StatusCode::OK {
            bail!("{}", crate::http::describe(status, &self.partial[end + 4..]));
        }
        let chunked = head
            .lines()
            .any(|line| line.starts_with("transfer-encoding:") && line.contains("chunked"));
        self.at = if chunked { At::Size(0) } else { At::Plain };
        self.partial.clear();
        Ok(&bytes[end + 4 - before..])
    }

    /// The size is read digit by digit: `partial` may hold an unfinished line of the body.
    fn size<'a>(&mut self, bytes: &'a [u8], mut size: usize) -> Result<&'a [u8]> {
        for (index, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' => {
                    self.at = if size == 0 { At::End } else { At::Chunk(size) };
                    return Ok(&bytes[index + 1..]);
                }
                b'\r' => {}
                _ => {
                    let digit = char::from(*byte)
                        .to_digit(16)
                        .context("a chunk size that is no number")?;
                    size = size.checked_mul(16).context("a chunk size beyond measure")? + digit as usize;
                }
            }
        }
        self.at = At::Size(size);
        Ok(&[])
    }

    fn lines(&mut self, mut data: &[u8], on: &mut impl FnMut(Seen)) {
        while let Some(end) = memchr(b'\n', data) {
            if self.partial.is_empty() {
                self.line(&data[..end], on);
            } else {
                let mut line = std::mem::take(&mut self.partial);
                line.extend_from_slice(&data[..end]);
                self.line(&line, on);
                line.clear();
                self.partial = line;
            }
            data = &data[end + 1..];
        }
        self.partial.extend_from_slice(data);
    }

    fn line(&mut self, line: &[u8], on: &mut impl FnMut(Seen)) {
        if let Some(data) = line.strip_prefix(b"data:") {
            on(classify(data));
        } else if let Some(id) = line.strip_prefix(b"id:") {
            self.last_id.clear();
            self.last_id.extend_from_slice(id.trim_ascii());
        }
    }
}

fn classify(data: &[u8]) -> Seen {
    if let Some((seq, nanos)) = find_marker(data) {
        return Seen::Marked { seq, nanos };
    }
    // the service's own events are short, so this is not looked for in the messages of others
    if data.len() < 200 && memmem::find(data, b"\"connected\"").is_some() {
        Seen::Connected
    } else if data.len() < 200 && memmem::find(data, b"\"gap\"").is_some() {
        Seen::Gap
    } else {
        Seen::Other
    }
}

/// Number and time of the first [`marker`] in `data`.
pub fn find_marker(data: &[u8]) -> Option<(u64, u64)> {
    memchr_iter(b'@', data).find_map(|at| read_marker(&data[at..]))
}

/// `@@<seq>@@<nanos>@@…`
fn read_marker(text: &[u8]) -> Option<(u64, u64)> {
    let (seq, text) = read_number(text.strip_prefix(b"@@")?)?;
    let (nanos, _) = read_number(text)?;
    Some((seq, nanos))
}

/// The digits before `@@`, and what follows it.
fn read_number(text: &[u8]) -> Option<(u64, &[u8])> {
    let end = memchr(b'@', text)?;
    let digits = std::str::from_utf8(&text[..end]).ok()?;
    Some((digits.parse().ok()?, text[end + 1..].strip_prefix(b"@")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMES: &str = "data: {\"type\":\"connected\"}\n\n\
        id: 41\ndata: {\"type\":\"new_message\",\"sender\":\"@max:hub.local\",\"body\":\"@@7@@123456@@ hello\"}\n\n\
        id: 42\ndata: {\"type\": \"keepalive\"}\n\ndata: {\"type\": \"gap\"}\n\n";

    fn expected() -> Vec<Seen> {
        vec![
            Seen::Connected,
            Seen::Marked {
                seq: 7,
                nanos: 123_456,
            },
            Seen::Other,
            Seen::Gap,
        ]
    }

    /// `FRAMES` in chunks of `size` bytes, so that frames, lines and markers are cut anywhere.
    fn chunked(size: usize) -> Vec<u8> {
        let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in FRAMES.as_bytes().chunks(size) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        bytes
    }

    fn read(bytes: &[u8], step: usize) -> (Vec<Seen>, Vec<u8>) {
        let mut parser = Parser::new(Vec::new());
        let mut seen = Vec::new();
        for piece in bytes.chunks(step) {
            parser.feed(piece, &mut |event| seen.push(event)).unwrap();
        }
        (seen, parser.last_id)
    }

    #[test]
    fn frames_are_read_however_they_are_cut() {
        for chunk in [1, 2, 3, 17, 64, 1000] {
            for step in [1, 2, 3, 5, 19, 4096] {
                assert_eq!(
                    read(&chunked(chunk), step),
                    (expected(), b"42".to_vec()),
                    "chunk {chunk}, step {step}"
                );
            }
        }
    }

    #[test]
    fn a_body_without_chunks_is_read_too() {
        let bytes = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{FRAMES}");
        assert_eq!(read(bytes.as_bytes(), 7).0, expected());
    }

    #[test]
    fn a_refusal_is_an_error_in_words() {
        let bytes = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 4\r\n\r\nwait";
        let error = Parser::new(Vec::new())
            .feed(bytes, &mut |_| {})
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("429") && error.contains("RATE_LIMIT_PER_MINUTE=0"),
            "{error}"
        );
    }

    #[test]
    fn the_marker_is_found_again() {
        let line = format!(
            "{{\"sender\":\"@a:hub.local\",\"body\":\"x@@ y@@@ {} z\"}}",
            marker(3, 9)
        );
        assert_eq!(
            classify(marker(3, 9).as_bytes()),
            Seen::Marked { seq: 3, nanos: 9 }
        );
        assert_eq!(classify(line.as_bytes()), Seen::Marked { seq: 3, nanos: 9 });
        assert_eq!(classify(b"{\"body\":\"@@3@@\"}"), Seen::Other);
    }
}
