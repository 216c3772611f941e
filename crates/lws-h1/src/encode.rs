//! Messages, outgoing: what is written can be read in one way only.
//!
//! Everything goes straight into the lent [`Out`], wholly or not at all, without an allocation.

use lws_head::trailer::{Rule, rule};
use lws_head::{Method, Status, field};
use lws_wire::Out;

use crate::error::{Error, Misuse};
use crate::framing::Framing;
use crate::limits::CHUNK_OUT_MAX;
use crate::target::is_target;

/// Writes one head, or one trailer section, into an [`Out`].
///
/// Make one, add fields, [`finish`](Self::finish). Dropped unfinished, it leaves no trace.
///
/// A field that must not be sent is refused with [`Error::Misuse`] and leaves no trace either; the head can go on
/// without it. A field that does not fit is [`Error::Full`], and then the whole head will not be finished.
#[doc(alias = "lws_add_http_header_by_name")]
#[doc(alias = "lws_finalize_http_header")]
pub struct HeadEncoder<'o, 'b> {
    out: &'o mut Out<'b>,
    /// What `out` held before: rewind to here. `start <= out.len()`
    start: usize,
    kind: Kind,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The framing may be set, once.
    Framable,
    /// The framing has been set, or there can be none.
    Framed,
    Trailers,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Full,
    Finished,
}

impl<'o, 'b> HeadEncoder<'o, 'b> {
    /// Begins a request: `method SP target SP HTTP/1.1`. The caller adds `Host` (RFC 9112 §3.2).
    pub fn request(out: &'o mut Out<'b>, method: Method, target: &str) -> Result<Self, Error> {
        if !is_target(target.as_bytes()) {
            return Err(Misuse::Target.into());
        }
        Self::begin(
            out,
            Kind::Framable,
            &[method.as_str().as_bytes(), b" ", target.as_bytes(), b" HTTP/1.1\r\n"],
        )
    }

    /// Begins a response: `HTTP/1.1 SP code SP reason`. A server says what it speaks, not what it was spoken to
    /// (RFC 9110 §6.2).
    #[doc(alias = "lws_add_http_header_status")]
    pub fn response(out: &'o mut Out<'b>, status: Status) -> Result<Self, Error> {
        // RFC 9110 §8.6, RFC 9112 §6.1: neither length nor transfer coding in a 1xx or 204.
        let bodiless = status.is_informational() || status == Status::NO_CONTENT;
        let kind = if bodiless { Kind::Framed } else { Kind::Framable };
        let code = Decimal::new(u64::from(status.code()));
        Self::begin(out, kind, &[b"HTTP/1.1 ", code.as_bytes(), b" ", status.reason().as_bytes(), b"\r\n"])
    }

    /// Begins the end of a chunked body: the last chunk, then trailer fields (RFC 9112 §7.1.2).
    pub fn trailers(out: &'o mut Out<'b>) -> Result<Self, Error> {
        Self::begin(out, Kind::Trailers, &[b"0\r\n"])
    }

    fn begin(out: &'o mut Out<'b>, kind: Kind, line: &[&[u8]]) -> Result<Self, Error> {
        let start = out.len();
        let mut head = Self { out, start, kind, state: State::Open };
        head.put(line)?;
        Ok(head)
    }

    /// Adds a field line.
    ///
    /// Refused: a name that is no token, a value with CR, LF, NUL or another control character, the two framing fields
    /// (see [`framing`](Self::framing)), and in trailers whatever a recipient would not take.
    pub fn field(&mut self, name: &str, value: &[u8]) -> Result<(), Error> {
        if !field::is_token(name.as_bytes()) {
            return Err(Misuse::FieldName.into());
        }
        if !field::is_field_value(value) {
            return Err(Misuse::FieldValue.into());
        }
        if name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(Misuse::Framing.into());
        }
        if self.kind == Kind::Trailers && rule(name.as_bytes()) != Rule::Keep {
            return Err(Misuse::Trailer.into());
        }
        self.put(&[name.as_bytes(), b": ", value, b"\r\n"])
    }

    /// Says how the body is framed: `Content-Length`, `Transfer-Encoding: chunked`, or nothing for the other two.
    ///
    /// At most once, and not in a 1xx or 204. A response to HEAD and a 304 may have a length without a body. With
    /// [`Framing::UntilClose`] the caller adds `Connection: close`.
    #[doc(alias = "lws_add_http_header_content_length")]
    pub fn framing(&mut self, framing: Framing) -> Result<(), Error> {
        if matches!(framing, Framing::None | Framing::UntilClose) {
            return Ok(());
        }
        if self.kind != Kind::Framable {
            return Err(Misuse::Framing.into());
        }
        match framing {
            Framing::Length(bytes) => {
                self.put(&[b"content-length: ", Decimal::new(bytes).as_bytes(), b"\r\n"])?;
            }
            _ => self.put(&[b"transfer-encoding: chunked\r\n"])?,
        }
        self.kind = Kind::Framed;
        Ok(())
    }

    /// Ends the head. Returns its length in bytes.
    pub fn finish(mut self) -> Result<usize, Error> {
        self.put(&[b"\r\n"])?;
        self.state = State::Finished;
        Ok(self.out.len() - self.start)
    }

    /// Writes all parts, or remembers that the head can no longer be whole.
    fn put(&mut self, parts: &[&[u8]]) -> Result<(), Error> {
        let before = self.out.len();
        if self.state == State::Open && parts.iter().all(|part| self.out.put(part)) {
            return Ok(());
        }
        self.out.rewind(before);
        self.state = State::Full;
        Err(Error::Full)
    }
}

impl Drop for HeadEncoder<'_, '_> {
    fn drop(&mut self) {
        if self.state != State::Finished {
            self.out.rewind(self.start);
        }
    }
}

/// Writes the interim response that lets a client send its body (RFC 9110 §15.2.1); `false` if it does not fit.
#[must_use = "false means that nothing was written"]
pub fn continue_100(out: &mut Out<'_>) -> bool {
    out.put(b"HTTP/1.1 100 Continue\r\n\r\n")
}

/// Writes a complete small response for a request that could not be understood; the connection is to be closed behind
/// it. `false` if it does not fit.
#[doc(alias = "lws_return_http_status")]
#[must_use = "false means that nothing was written"]
pub fn error_response(out: &mut Out<'_>, status: Status) -> bool {
    write_error(out, status).is_ok()
}

fn write_error(out: &mut Out<'_>, status: Status) -> Result<(), Error> {
    let (code, reason) = (Decimal::new(u64::from(status.code())), status.reason().as_bytes());
    let mut head = HeadEncoder::response(out, status)?;
    head.field("content-type", b"text/plain")?;
    head.field("connection", b"close")?;
    head.framing(Framing::Length((code.as_bytes().len() + 1 + reason.len() + 1) as u64))?;
    head.put(&[b"\r\n", code.as_bytes(), b" ", reason, b"\n"])?;
    head.state = State::Finished;
    Ok(())
}

/// Writes one chunk: `fill` is lent the room for the payload, and the framing is put around what it wrote, in place.
///
/// Returns the number of payload bytes, at most [`CHUNK_OUT_MAX`]. If `fill` writes nothing, or there is no room
/// for payload, nothing is appended: an empty chunk would end the body.
pub fn chunk(out: &mut Out<'_>, fill: impl FnOnce(&mut Out<'_>)) -> usize {
    // Four digits and CRLF in front, CRLF behind. RFC 9112 §7.1: chunk-size = 1*HEXDIG, so leading zeros are fine.
    const HEAD: usize = 6;
    let limit = out.room().saturating_sub(HEAD + 2).min(CHUNK_OUT_MAX);
    if limit == 0 {
        return 0;
    }
    let n = out.nest::<HEAD>(limit, fill, |head, payload| {
        let digit = |shift: usize| b"0123456789abcdef"[payload.len() >> shift & 15];
        *head = [digit(12), digit(8), digit(4), digit(0), b'\r', b'\n'];
    });
    if n > 0 {
        let fits = out.put(b"\r\n");
        debug_assert!(fits, "the limit has left room for CRLF");
    }
    n
}

/// Ends a chunked body without trailers; `false` if it does not fit. See [`HeadEncoder::trailers`] for some.
#[must_use = "false means that nothing was written"]
pub fn last_chunk(out: &mut Out<'_>) -> bool {
    out.put(b"0\r\n\r\n")
}

/// A number in decimal digits.
struct Decimal {
    digits: [u8; 20],
    /// `start < digits.len()`
    start: usize,
}

impl Decimal {
    fn new(mut n: u64) -> Self {
        let mut decimal = Self { digits: [b'0'; 20], start: 20 };
        loop {
            decimal.start -= 1;
            decimal.digits[decimal.start] = b'0' + (n % 10) as u8;
            n /= 10;
            if n == 0 {
                return decimal;
            }
        }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.digits[self.start..]
    }
}
