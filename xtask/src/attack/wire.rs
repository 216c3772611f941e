//! Raw bytes to a server, and whatever comes back, taken apart as HTTP/1 answers.
//!
//! Written for hostile exchanges: a failed write is no error, because the server may have answered and closed while
//! there was still something to send; reading is what tells.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// Longest wait for an answer or for the close after it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most bytes read from one connection.
const MAX_READ: usize = 8 << 20;
/// Most pieces that one request is cut into.
const MAX_PIECES: usize = 1500;
/// Between two pieces, so that the server's read sees them apart.
const PAUSE: Duration = Duration::from_micros(20);

/// How a request is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cut {
    /// One write.
    Whole,
    /// One write a byte; long ones into at most [`MAX_PIECES`].
    Bytes,
}

/// How reading ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// The server closed, by FIN or RST.
    Closed,
    /// It was still open when the wait was over.
    Open,
    /// Everything that was waited for had come.
    Enough,
}

/// One answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Lines between status line and blank line.
    pub(super) headers: Vec<String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The value of the first header of that name (small letters).
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let split = self.headers.iter().filter_map(|line| line.split_once(':'));
        split.map(|(n, v)| (n, v.trim())).find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }
}

/// A connection and everything received on it.
pub(super) struct Wire {
    stream: TcpStream,
    pub(super) received: Vec<u8>,
}

impl Wire {
    pub(super) fn connect(authority: &str) -> Result<Wire, String> {
        let fail = |e: std::io::Error| format!("cannot connect to {authority}: {e}");
        let stream = TcpStream::connect(authority).map_err(fail)?;
        stream.set_nodelay(true).map_err(fail)?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(fail)?;
        Ok(Wire { stream, received: Vec::new() })
    }

    /// Writes as much as the server takes.
    pub(super) fn send(&mut self, bytes: &[u8], cut: Cut) {
        let size = match cut {
            Cut::Whole => bytes.len(),
            Cut::Bytes => bytes.len().div_ceil(MAX_PIECES),
        };
        for piece in bytes.chunks(size.max(1)) {
            if self.stream.write_all(piece).is_err() {
                return;
            }
            if cut == Cut::Bytes {
                std::thread::sleep(PAUSE);
            }
        }
    }

    /// Says that nothing more will be sent.
    pub(super) fn finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write); // fails where the server has closed
    }

    /// Reads until the server closes, `enough` is satisfied or the wait is over.
    pub(super) fn read_until(&mut self, enough: impl Fn(&[u8]) -> bool) -> End {
        let deadline = Instant::now() + PATIENCE;
        let mut block = vec![0; 64 << 10];
        while !enough(&self.received) {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            if self.stream.set_read_timeout(Some(left)).is_err() {
                return End::Closed;
            }
            match self.stream.read(&mut block) {
                Ok(0) => return End::Closed,
                Ok(n) => self.received.extend_from_slice(&block[..n]),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return End::Open;
                }
                Err(_) => return End::Closed, // reset: it did not read all we sent
            }
            if self.received.len() > MAX_READ || Instant::now() > deadline {
                return End::Open;
            }
        }
        End::Enough
    }
}

/// The whole answers in `bytes`, and what is left over: an unfinished one, or something that is none.
///
/// Interim answers (1xx) are left out. `head` says that the first answer has no body.
pub(super) fn answers(bytes: &[u8], head: bool, closed: bool) -> (Vec<Answer>, Vec<u8>) {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some((answer, used)) = answer(rest, head && found.is_empty(), closed) {
        rest = &rest[used..];
        if answer.status >= 200 || answer.status == 101 {
            found.push(answer);
        }
    }
    (found, rest.to_vec())
}

fn answer(bytes: &[u8], head: bool, closed: bool) -> Option<(Answer, usize)> {
    let end = find(bytes, b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = text.split("\r\n");
    let line = lines.next()?;
    let status =
        line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 "))?.get(..3)?.parse().ok()?;
    let mut answer = Answer { status, headers: lines.map(str::to_owned).collect(), body: Vec::new() };
    let rest = &bytes[end + 4..];
    let length = answer.header("content-length").map(str::parse::<usize>);
    let used = if head || matches!(status, 100..=199 | 204 | 304) {
        0
    } else if answer.header("transfer-encoding").is_some() {
        chunked(rest, &mut answer.body)?
    } else if let Some(length) = length {
        answer.body = rest.get(..length.ok()?)?.to_vec();
        answer.body.len()
    } else if closed {
        answer.body = rest.to_vec();
        rest.len()
    } else {
        return None;
    };
    Some((answer, end + 4 + used))
}

/// Takes a chunked body apart; returns its length on the wire.
fn chunked(bytes: &[u8], body: &mut Vec<u8>) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = find(&bytes[at..], b"\r\n")?;
        let size = std::str::from_utf8(&bytes[at..at + line]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?, 16).ok()?;
        at += line + 2;
        body.extend_from_slice(bytes.get(at..at.checked_add(size)?)?);
        at += size;
        if bytes.get(at..at + 2)? != b"\r\n" {
            return None;
        }
        at += 2;
        if size == 0 {
            return Some(at);
        }
    }
}

/// Where `needle` first stands in `bytes`.
pub(super) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|w| w == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi\
                      HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
                      HTTP/1.0 400 Bad\r\nX-A:  b \r\n\r\nto the end";
        let (found, rest) = answers(bytes, false, true);
        let seen: Vec<_> =
            found.iter().map(|a| (a.status, String::from_utf8_lossy(&a.body).into_owned())).collect();
        assert_eq!(seen, [(200, "hi".to_owned()), (404, "abc".to_owned()), (400, "to the end".to_owned())]);
        assert_eq!(found[2].header("x-a"), Some("b"));
        assert!(rest.is_empty());
        let (found, rest) = answers(bytes, false, false);
        assert!(found.len() == 2 && rest.starts_with(b"HTTP/1.0"));
    }

    #[test]
    fn what_is_no_answer_is_left_over() {
        for bytes in [&b"SSH-2.0-x\r\n\r\n"[..], b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"] {
            assert_eq!(answers(bytes, false, true), (Vec::new(), bytes.to_vec()));
        }
    }
}
