//! How a reply goes out: head, body, end, each into the room there is.
//!
//! ```text
//!   Silent ── status ──▶ Head ── head_end ──▶ Body ── end, or all of a known length ──▶ Ended
//!      ▲                  │                     └── keep(body): the rest goes out as room appears
//!      └── head_abandon ──┘
//! ```

use alloc::{boxed::Box, vec};
use lws_h1::{HeadEncoder, HeadIndex, chunk, last_chunk};
use lws_head::{Fields, Method, Status, Version};
use lws_http::limits::MAX_RESPONSE_HEAD_BYTES;
use lws_http::{Body, Carrier, CommonFields, Length, Misuse, Phase};
use lws_wire::Out;

/// One reply, between two calls.
pub(crate) struct ReplyState {
    pub(crate) phase: Phase,
    pub(crate) status: Option<Status>,
    /// Bytes of body that went out, for the log.
    pub(crate) body_bytes: u64,
    /// The connection goes on after this exchange.
    pub(crate) keep_alive: bool,
    /// The handler gave up in the middle.
    pub(crate) aborted: bool,
    /// What the role sends by itself as room appears.
    kept: Option<Kept>,
    /// Bytes of body that the host is sending from a file.
    handed: u64,
    delimited: Delimited,
    is_head_request: bool,
    http10: bool,
    /// Where the head under way began in this call's `Out`.
    head_start: usize,
}

/// How the end of the body is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Delimited {
    /// So many bytes are still to come.
    Length(u64),
    Chunks,
    Close,
}

/// Bytes that the role sends by itself.
struct Kept {
    bytes: Body,
    at: usize,
    /// They count as body.
    is_body: bool,
}

/// Room that chunked bodies always leave for the last chunk.
const LAST_CHUNK: usize = b"0\r\n\r\n".len();
/// What a chunk needs besides its payload: four digits, two CRLF.
const CHUNK_OVERHEAD: usize = 8;

impl ReplyState {
    pub(crate) fn new(method: Method, version: Version, keep_alive: bool) -> Self {
        Self {
            phase: Phase::Silent,
            status: None,
            body_bytes: 0,
            keep_alive,
            aborted: false,
            kept: None,
            handed: 0,
            delimited: Delimited::Close,
            is_head_request: method == Method::Head,
            http10: version == Version::Http10,
            head_start: 0,
        }
    }

    /// Whether everything has been written.
    pub(crate) fn is_complete(&self) -> bool {
        self.phase == Phase::Ended && self.kept.is_none() && self.handed == 0
    }

    /// Whether the role itself still has something to send.
    pub(crate) fn is_sending(&self) -> bool {
        self.kept.is_some()
    }

    /// The host sends nothing while it asks for more: what it was given has gone out.
    pub(crate) fn note_handed(&mut self) {
        self.body_bytes += core::mem::take(&mut self.handed);
    }

    /// Sends what fits of what was kept.
    pub(crate) fn send_kept(&mut self, out: &mut Out<'_>) {
        let Some(kept) = &mut self.kept else { return };
        let n = out.put_some(kept.bytes.bytes().get(kept.at..).unwrap_or_default());
        kept.at += n;
        if kept.is_body {
            self.body_bytes += n as u64;
        }
        if kept.at == kept.bytes.bytes().len() {
            self.kept = None;
        }
    }
}

/// The reply, with room to write.
pub(crate) struct H1Carrier<'a, 'o> {
    pub(crate) reply: &'a mut ReplyState,
    pub(crate) out: &'a mut Out<'o>,
}

impl H1Carrier<'_, '_> {
    /// Writes all parts of a head line, or none.
    #[inline]
    fn line<const N: usize>(&mut self, parts: [&[u8]; N]) -> Result<(), Misuse> {
        let start = self.out.len();
        let fits = self.out.put_all(parts);
        if fits && self.out.len() - self.reply.head_start <= MAX_RESPONSE_HEAD_BYTES {
            return Ok(());
        }
        self.out.rewind(start);
        Err(Misuse::HeadTooLong)
    }

    /// The same for what is written rarely, in less code.
    #[inline(never)]
    fn rare_line(&mut self, parts: &[&[u8]]) -> Result<(), Misuse> {
        let start = self.out.len();
        parts.iter().try_for_each(|part| self.line([part])).inspect_err(|_| self.out.rewind(start))
    }

    /// Chooses how the body ends, says so, and ends the head; RFC 9112 §6.
    fn frame(&mut self, length: Length) -> Result<(), Misuse> {
        let status = self.reply.status.unwrap_or(Status::OK);
        // RFC 9110 §8.6, RFC 9112 §6.1: neither length nor transfer coding in a 1xx or 204.
        let has_length = !status.is_informational() && status != Status::NO_CONTENT;
        let length = match length {
            Length::Known(n) => {
                self.reply.delimited = Delimited::Length(n);
                // A 304 stands for another response, whose length we do not know here (RFC 9110 §15.4.5).
                (has_length && (n > 0 || status != Status::NOT_MODIFIED)).then_some(n)
            }
            Length::Unknown if self.reply.http10 => {
                // RFC 9112 §6.1: no transfer coding to a client that does not know it.
                self.reply.delimited = Delimited::Close;
                self.reply.keep_alive = false;
                None
            }
            Length::Unknown => {
                self.reply.delimited = Delimited::Chunks;
                self.rare_line(&[b"transfer-encoding: chunked\r\n"])?;
                None
            }
        };
        let end: &[u8] = match (self.reply.keep_alive, self.reply.http10) {
            (false, _) => b"\r\nconnection: close\r\n\r\n",
            // RFC 9112 §9.3: 1.0 closes unless told otherwise.
            (true, true) => b"\r\nconnection: keep-alive\r\n\r\n",
            (true, false) => b"\r\n\r\n",
        };
        match length {
            Some(n) => self.line([b"content-length: ", decimal(n, &mut [0; 20]), end]),
            // The line before has its end already.
            None => self.rare_line(&[end.get(2..).unwrap_or_default()]),
        }
    }

    /// Whether the response has no body whatever its head says (RFC 9112 §6.3).
    fn is_bodiless(&self) -> bool {
        let status = self.reply.status.unwrap_or(Status::OK);
        self.reply.is_head_request
            || status.is_informational()
            || status == Status::NO_CONTENT
            || status == Status::NOT_MODIFIED
    }
}

impl Carrier for H1Carrier<'_, '_> {
    fn phase(&self) -> Phase {
        self.reply.phase
    }

    fn status(&mut self, status: Status) {
        self.reply.head_start = self.out.len();
        self.reply.phase = Phase::Head;
        self.reply.status = Some(status);
        // Cannot fail: a carrier has room for a head when it calls a handler; if not, `head_end` finds out.
        if status == Status::OK {
            let _ = self.line([b"HTTP/1.1 200 OK\r\n"]);
            return;
        }
        let mut digits = [0; 20];
        let code = decimal(u64::from(status.code()), &mut digits);
        let _ = self.rare_line(&[b"HTTP/1.1 ", code, b" ", status.reason().as_bytes(), b"\r\n"]);
    }

    fn field(&mut self, name: &str, value: &[u8]) -> Result<(), Misuse> {
        if self.out.len() == self.reply.head_start {
            // The status line did not fit: what does must not take its place.
            return Err(Misuse::HeadTooLong);
        }
        self.line([name.as_bytes(), b": ", value, b"\r\n"])
    }

    fn common(&mut self, fields: CommonFields<'_>) -> Result<(), Misuse> {
        if self.out.len() == self.reply.head_start {
            return Err(Misuse::HeadTooLong);
        }
        self.line([fields.lines()])
    }

    fn head_end(&mut self, length: Length) -> Result<(), Misuse> {
        if self.out.len() == self.reply.head_start {
            return Err(Misuse::HeadTooLong);
        }
        self.frame(length)?;
        let ended = self.is_bodiless() || length == Length::Known(0);
        self.reply.phase = if ended { Phase::Ended } else { Phase::Body };
        Ok(())
    }

    fn head_abandon(&mut self) {
        if self.reply.phase == Phase::Head {
            self.out.rewind(self.reply.head_start);
            self.reply.phase = Phase::Silent;
            self.reply.status = None;
        }
    }

    fn room(&self) -> usize {
        if self.reply.phase != Phase::Body {
            return 0;
        }
        match self.reply.delimited {
            Delimited::Length(left) => {
                usize::try_from(left).map_or(self.out.room(), |l| l.min(self.out.room()))
            }
            Delimited::Chunks => self.out.room().saturating_sub(CHUNK_OVERHEAD + LAST_CHUNK),
            Delimited::Close => self.out.room(),
        }
    }

    fn fill(&mut self, f: &mut dyn FnMut(&mut [u8]) -> usize) -> usize {
        let room = self.room();
        if room == 0 {
            return 0;
        }
        let n = match &mut self.reply.delimited {
            Delimited::Chunks => chunk(self.out, |payload| {
                payload.fill(|buf| {
                    let most = buf.len().min(room);
                    f(&mut buf[..most]).min(most)
                });
            }),
            Delimited::Close => self.out.fill(|buf| f(&mut buf[..room])),
            Delimited::Length(left) => {
                let n = self.out.fill(|buf| f(&mut buf[..room]).min(room));
                *left = left.saturating_sub(n as u64);
                if *left == 0 {
                    self.reply.phase = Phase::Ended;
                }
                n
            }
        };
        self.reply.body_bytes += n as u64;
        n
    }

    fn keep(&mut self, body: Body) {
        if self.reply.phase == Phase::Body {
            self.reply.phase = Phase::Ended;
            let at = self.out.put_some(body.bytes());
            self.reply.body_bytes += at as u64;
            if at < body.bytes().len() {
                self.reply.kept = Some(Kept { bytes: body, at, is_body: true });
            }
        }
    }

    fn hand_over(&mut self, bytes: u64) -> bool {
        let all = self.reply.phase == Phase::Body && self.reply.delimited == Delimited::Length(bytes);
        if all && bytes > 0 {
            self.reply.phase = Phase::Ended;
            self.reply.handed = bytes;
        }
        all && bytes > 0
    }

    fn end(&mut self, trailers: Fields<'_>) {
        if self.reply.phase != Phase::Body {
            return;
        }
        self.reply.phase = Phase::Ended;
        match self.reply.delimited {
            // Less than was promised: the client must be able to see that.
            Delimited::Length(_) => self.abort(),
            Delimited::Close => {}
            Delimited::Chunks if trailers.is_empty() => {
                if !last_chunk(self.out) {
                    self.reply.kept = Some(Kept { bytes: b"0\r\n\r\n".into(), at: 0, is_body: false });
                }
            }
            Delimited::Chunks => self.end_with(trailers),
        }
    }

    fn abort(&mut self) {
        self.reply.aborted = true;
        self.reply.keep_alive = false;
    }
}

impl H1Carrier<'_, '_> {
    /// The last chunk with trailers (RFC 9112 §7.1.2); those that are not allowed there are left out.
    fn end_with(&mut self, trailers: Fields<'_>) {
        if put_trailers(self.out, trailers) {
            return;
        }
        // No room now: write them beside the cork and send them as room appears. Trailers are rare.
        let mut block = vec![0; MAX_RESPONSE_HEAD_BYTES];
        let mut out = Out::new(&mut block);
        if put_trailers(&mut out, trailers) {
            let bytes: Box<[u8]> = out.written().into();
            self.reply.kept = Some(Kept { bytes: Body::Owned(bytes), at: 0, is_body: false });
        } else {
            log::error!("a handler's trailers were refused: they are too long");
            self.abort();
        }
    }
}

fn put_trailers(out: &mut Out<'_>, trailers: Fields<'_>) -> bool {
    let Ok(mut encoder) = HeadEncoder::trailers(out) else { return false };
    for field in trailers.iter() {
        if let Err(lws_h1::Error::Full) = encoder.field(field.name, field.value) {
            return false;
        }
    }
    encoder.finish().is_ok()
}

/// `n` in decimal digits.
fn decimal(mut n: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(n % 10).unwrap_or(0);
        n /= 10;
        if n == 0 {
            return &digits[at..];
        }
    }
}

/// Trailers of a request, in the form that handlers get; empty if they are malformed (the decoder has checked them).
pub(crate) fn trailers<'a>(section: &'a [u8], index: &'a mut HeadIndex) -> Fields<'a> {
    lws_h1::trailers(section, index).unwrap_or(Fields::new(&[], &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small field must not be sent where a long status line had no room.
    #[test]
    fn a_head_is_whole_or_not_at_all_in_every_room() {
        for room in 0..60 {
            let mut block = [0; 60];
            let mut out = Out::new(&mut block[..room]);
            let mut reply = ReplyState::new(Method::Get, Version::Http11, true);
            let mut carrier = H1Carrier { reply: &mut reply, out: &mut out };
            carrier.status(Status::NO_CONTENT);
            let written = carrier.field("a", b"b").and_then(|()| carrier.head_end(Length::Known(0)));
            let whole = b"HTTP/1.1 204 No Content\r\na: b\r\n\r\n";
            assert_eq!(written.is_ok(), room >= whole.len(), "room {room}");
            if written.is_err() {
                carrier.head_abandon();
            }
            let expected = if written.is_ok() { &whole[..] } else { b"" };
            assert_eq!(out.written(), expected, "room {room}");
        }
    }
}
