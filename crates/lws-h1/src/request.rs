//! Request heads (RFC 9112 §3): what a server reads.
//!
//! ```text
//!   [CRLF] method SP target SP version CRLF *( name ":" value CRLF ) CRLF
//! ```

use lws_head::{Host, Method, RequestHead, Version, field};

use crate::error::{Error, Limit, Peer};
use crate::framing::{Facts, Framing};
use crate::limits::{FIELDS_MAX, HEAD_CEILING, Limits};
use crate::plain::plain;
use crate::scan::{Bounds, HeadIndex, Scanner};
use crate::target::Target;

/// A complete request head. Borrows the input and the index.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What was asked.
    pub head: RequestHead<'a>,
    /// Where the body ends; never [`Framing::UntilClose`].
    pub framing: Framing,
    /// Whether the client wants the connection to go on after this exchange (RFC 9112 §9.3).
    pub keep_alive: bool,
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1). Never without a body.
    pub expect_continue: bool,
    /// Whether an `Upgrade` field asks for another protocol, in earnest: HTTP/1.1 with `Connection: upgrade`
    /// (RFC 9110 §7.8).
    pub upgrade: bool,
    /// Bytes of the head: consume these; the body, or the next request, begins behind them.
    pub len: usize,
}

impl Request<'_> {
    /// Whether `input` begins with the very bytes of this head: parsing it would give an equal request.
    #[inline]
    pub fn is_repeated_in(&self, input: &[u8]) -> bool {
        // The fields' block is the whole head.
        input.starts_with(self.head.fields.block())
    }
}

/// A request line, what the fields say, and the length of the head. The fields themselves are in the index.
pub(crate) type Found<'a> = (RequestLine<'a>, Facts<'a>, usize);

/// Parses request heads, one after the other. A few words of state, no memory of its own.
#[derive(Clone, Debug)]
pub struct RequestParser {
    scanner: Scanner,
}

impl RequestParser {
    /// A parser at the beginning of a request.
    pub const fn new() -> Self {
        Self { scanner: Scanner::request() }
    }

    /// Whether nothing of a request has been seen since the last one (or since the beginning).
    pub fn is_idle(&self) -> bool {
        !self.scanner.is_resumed()
    }

    /// Looks for a complete head at the beginning of `input`.
    ///
    /// `None` asks for more: offer the same bytes again with those that follow. After a head the parser is ready for
    /// the next one. After an error the stream has no meaning any more: answer [`Error::status`] and close.
    pub fn parse<'a>(
        &mut self,
        input: &'a [u8],
        index: &'a mut HeadIndex,
        limits: &Limits,
    ) -> Result<Option<Request<'a>>, Error> {
        let (line, facts, len) = match self.plain(input, index, limits) {
            Some(plain) => plain,
            None => match self.careful(input, index, limits)? {
                Some(careful) => careful,
                None => return Ok(None),
            },
        };
        line.complete(&input[..len], index, &facts).map(Some)
    }

    /// A head that is all there when it is first looked at, and plain.
    #[inline]
    fn plain<'a>(&mut self, input: &'a [u8], index: &mut HeadIndex, limits: &Limits) -> Option<Found<'a>> {
        if self.scanner.is_resumed() {
            return None;
        }
        let found = plain(input, index, &bounds(limits));
        #[cfg(test)]
        {
            // At most: it looks at no byte twice.
            self.scanner.cost += found.as_ref().map_or(input.len(), |(_, _, len)| *len);
        }
        found
    }

    /// Any head, whatever it has in it and however it comes.
    fn careful<'a>(
        &mut self,
        input: &'a [u8],
        index: &mut HeadIndex,
        limits: &Limits,
    ) -> Result<Option<Found<'a>>, Error> {
        let resumed = self.scanner.is_resumed();
        let mut line = None;
        let mut found = self.scan(input, index, limits, &mut line)?;
        if found.is_some() && resumed {
            // The index, and perhaps the request line, belong to earlier calls: see `scan`.
            self.scanner.restart(&Scanner::request());
            found = self.scan(input, index, limits, &mut line)?;
        }
        let (Some(line), Some(len)) = (line, found) else { return Ok(None) };
        self.scanner.restart(&Scanner::request());
        let facts = Facts::read(index.lines(&input[..len]), line.version)?;
        Ok(Some((line, facts, len)))
    }

    fn scan<'a>(
        &mut self,
        input: &'a [u8],
        index: &mut HeadIndex,
        limits: &Limits,
        line: &mut Option<RequestLine<'a>>,
    ) -> Result<Option<usize>, Error> {
        index.clear();
        let start_line = |bytes| {
            *line = Some(RequestLine::parse(bytes)?);
            Ok(())
        };
        let on_field = |pos| {
            index.push(pos);
            Ok(())
        };
        self.scanner.scan(input, &bounds(limits), start_line, on_field)
    }
}

impl Default for RequestParser {
    fn default() -> Self {
        Self::new()
    }
}

pub(crate) fn bounds(limits: &Limits) -> Bounds {
    Bounds {
        start_line: limits.start_line,
        section: limits.head.min(HEAD_CEILING),
        fields: limits.fields.min(FIELDS_MAX),
        section_limit: Limit::Head,
        fields_limit: Limit::Fields,
    }
}

pub(crate) struct RequestLine<'a> {
    pub(crate) method: Method,
    pub(crate) target: Target<'a>,
    pub(crate) version: Version,
}

impl<'a> RequestLine<'a> {
    /// RFC 9112 §3: request-line = method SP request-target SP HTTP-version, with single spaces.
    fn parse(line: &'a [u8]) -> Result<Self, Peer> {
        let space = line.iter().position(|b| *b == b' ').ok_or(Peer::RequestLine)?;
        let (method, rest) = (&line[..space], &line[space + 1..]);
        let space = memchr::memchr(b' ', rest).ok_or(Peer::RequestLine)?;
        let (target, version) = (&rest[..space], &rest[space + 1..]);
        let method = match Method::from_bytes(method) {
            None if !field::is_token(method) => return Err(Peer::RequestLine),
            known => known,
        };
        let version = parse_version(version, Peer::RequestLine)?;
        let method = method.ok_or(Peer::Method)?;
        Ok(Self { method, target: Target::parse(method, target)?, version })
    }

    /// Puts the head together; `block` is the whole head.
    #[inline]
    fn complete(
        self,
        block: &'a [u8],
        index: &'a HeadIndex,
        facts: &Facts<'a>,
    ) -> Result<Request<'a>, Error> {
        let Self { method, target, version } = self;
        // RFC 9112 §6.3: a request without either field has no body.
        let framing = facts.framing()?.unwrap_or(Framing::None);
        // RFC 9112 §3.2: more than one Host line is a 400, in any version.
        if facts.second_host {
            return Err(Peer::Host.into());
        }
        // RFC 9110 §10.1.1: anything but 100-continue may be answered with 417.
        if facts.expects_other {
            return Err(Peer::Expectation.into());
        }
        let authority = authority(&target, facts.host, version)?;
        let current = version >= Version::Http11;
        let head = RequestHead {
            method,
            target: target.raw,
            version,
            scheme: target.scheme,
            authority,
            path: target.path,
            query: target.query,
            protocol: None,
            fields: index.fields(block),
        };
        Ok(Request {
            head,
            framing,
            keep_alive: facts.persists(version),
            // RFC 9110 §10.1.1: ignore it in HTTP/1.0, and it means nothing without content.
            expect_continue: facts.expects_continue
                && current
                && !matches!(framing, Framing::None | Framing::Length(0)),
            // RFC 9110 §7.8: a server must ignore Upgrade in HTTP/1.0.
            upgrade: facts.upgrade && facts.has_upgrade && current,
            len: block.len(),
        })
    }
}

/// RFC 9112 §2.3: HTTP-version = "HTTP/" DIGIT "." DIGIT; `malformed` if it is not that.
pub(crate) fn parse_version(version: &[u8], malformed: Peer) -> Result<Version, Peer> {
    match version {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => Err(Peer::Version),
        _ => Err(malformed),
    }
}

/// RFC 9112 §3.2: HTTP/1.1 requests have exactly one valid Host; a target with an authority must agree with it.
fn authority<'a>(
    target: &Target<'a>,
    host: Option<&'a [u8]>,
    version: Version,
) -> Result<Option<&'a str>, Peer> {
    let Some(value) = host else {
        return if version >= Version::Http11 { Err(Peer::Host) } else { Ok(target.authority) };
    };
    let text = core::str::from_utf8(value).map_err(|_| Peer::Host)?;
    let host = Host::parse(text).ok_or(Peer::Host)?;
    match target.host {
        // RFC 9112 §3.2.2 lets the target win; a difference only ever fools somebody, so it is refused.
        Some(named) if !named.is_same(&host, target.default_port) => Err(Peer::Host),
        Some(_) => Ok(target.authority),
        None => Ok(Some(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::String};

    /// Bytes looked at while `head` arrives in pieces of `step` bytes.
    fn cost(head: &[u8], step: usize) -> usize {
        let (mut parser, mut index) = (RequestParser::new(), HeadIndex::new());
        let mut end = 0;
        loop {
            end = (end + step).min(head.len());
            if parser.parse(&head[..end], &mut index, &Limits::default()).unwrap().is_some() {
                return parser.scanner.cost;
            }
            assert!(end < head.len(), "no head in all of it");
        }
    }

    #[test]
    fn h1_21_cost_does_not_depend_on_the_pieces() {
        let start = "GET / HTTP/1.1\r\nHost: a\r\n";
        let many: String = (0..90).map(|i| format!("x-{i}: {}\r\n", "v".repeat(170))).collect();
        for head in [
            format!("{start}{many}\r\n"),
            format!("{start}x: {}\r\n\r\n", "v".repeat(16_000)),
            format!("{start}x:{}\r\n\r\n", " ".repeat(16_000)),
            format!("{start}x:{}v\r\n\r\n", "\t".repeat(16_000)),
            format!("{start}{}: v\r\n\r\n", "x".repeat(16_000)),
            format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(8_000)),
        ] {
            let whole = cost(head.as_bytes(), head.len());
            assert!(whole <= 3 * head.len(), "{whole} looks at {} bytes", head.len());
            for step in [1, 2, 7, 100, 8_191] {
                let pieces = cost(head.as_bytes(), step);
                assert!(
                    pieces <= 5 * head.len(),
                    "{pieces} looks at {} bytes in steps of {step}",
                    head.len()
                );
            }
        }
    }
}
