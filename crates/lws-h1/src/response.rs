//! Response heads (RFC 9112 §4): what a client reads.
//!
//! ```text
//!   version SP 3DIGIT [ SP reason ] CRLF *( name ":" value CRLF ) CRLF
//! ```

use lws_head::{Method, ResponseHead, Status, Version};

use crate::error::{Error, Peer};
use crate::framing::{Facts, Framing};
use crate::limits::Limits;
use crate::request::{bounds, parse_version};
use crate::scan::{HeadIndex, Scanner};

/// A complete response head. Borrows the input and the index.
///
/// After a 1xx other than 101 the real response follows on the same parser; whoever reads it bounds their number.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// What was answered.
    pub head: ResponseHead<'a>,
    /// Where the body ends. For a 2xx to CONNECT, and for 101, this is [`Framing::None`]: what follows is no body.
    pub framing: Framing,
    /// Whether the connection may carry another request afterwards (RFC 9112 §9.3).
    pub keep_alive: bool,
    /// Bytes of the head: consume these; the body begins behind them.
    pub len: usize,
}

/// Parses response heads, one after the other. A few words of state, no memory of its own.
#[derive(Clone, Debug)]
pub struct ResponseParser {
    scanner: Scanner,
}

impl ResponseParser {
    /// A parser at the beginning of a response.
    pub const fn new() -> Self {
        Self { scanner: Scanner::response() }
    }

    /// Whether nothing of a response has been seen since the last one (or since the beginning).
    pub fn is_idle(&self) -> bool {
        !self.scanner.is_resumed()
    }

    /// Looks for a complete head at the beginning of `input`; `method` is that of the request it answers.
    ///
    /// `None` asks for more: offer the same bytes again with those that follow. After a head the parser is ready for
    /// the next one. After an error the stream has no meaning any more: close it.
    pub fn parse<'a>(
        &mut self,
        input: &'a [u8],
        index: &'a mut HeadIndex,
        limits: &Limits,
        method: Method,
    ) -> Result<Option<Response<'a>>, Error> {
        let resumed = self.scanner.is_resumed();
        let mut found = self.scan(input, index, limits)?;
        if found.is_some() && resumed {
            // The index, and perhaps the status line, belong to earlier calls: see `scan`.
            self.scanner.restart(&Scanner::response());
            found = self.scan(input, index, limits)?;
        }
        let Some((Some(line), len)) = found else { return Ok(None) };
        self.scanner.restart(&Scanner::response());
        line.complete(&input[..len], index, method).map(Some)
    }

    fn scan<'a>(
        &mut self,
        input: &'a [u8],
        index: &mut HeadIndex,
        limits: &Limits,
    ) -> Result<Option<(Option<StatusLine<'a>>, usize)>, Error> {
        let mut line = None;
        index.clear();
        let start_line = |bytes| {
            line = Some(StatusLine::parse(bytes)?);
            Ok(())
        };
        let on_field = |pos| {
            index.push(pos);
            Ok(())
        };
        let len = self.scanner.scan(input, &bounds(limits), start_line, on_field)?;
        Ok(len.map(|len| (line, len)))
    }
}

impl Default for ResponseParser {
    fn default() -> Self {
        Self::new()
    }
}

struct StatusLine<'a> {
    version: Version,
    status: Status,
    reason: &'a [u8],
}

impl<'a> StatusLine<'a> {
    /// RFC 9112 §4: status-line = HTTP-version SP status-code SP [ reason-phrase ]
    fn parse(line: &'a [u8]) -> Result<Self, Peer> {
        let (version, rest) = line.split_at_checked(8).ok_or(Peer::StatusLine)?;
        let version = parse_version(version, Peer::StatusLine)?;
        let Some(([b' ', code @ ..], rest)) = rest.split_first_chunk::<4>() else {
            return Err(Peer::StatusLine);
        };
        let code =
            code.iter().try_fold(0, |code, b| b.is_ascii_digit().then(|| code * 10 + u16::from(b - b'0')));
        let status = code.and_then(Status::new).ok_or(Peer::StatusLine)?;
        let reason = match rest {
            // The space in front of an absent reason is often forgotten, and nothing hinges on it.
            [] => &[][..],
            [b' ', reason @ ..] => reason,
            _ => return Err(Peer::StatusLine),
        };
        Ok(Self { version, status, reason })
    }

    /// Reads the fields and puts the head together; `block` is the whole head.
    fn complete(self, block: &'a [u8], index: &'a HeadIndex, method: Method) -> Result<Response<'a>, Error> {
        let Self { version, status, reason } = self;
        let fields = index.fields(block);
        // Lengths that contradict each other are refused even where there is no body (RFC 9112 §6.3).
        let facts = Facts::read(fields.lines(), version)?;
        let framing = match facts.framing()? {
            _ if has_no_body(method, status) => Framing::None,
            // RFC 9112 §6.3: a response with neither field lasts until the connection ends.
            framing => framing.unwrap_or(Framing::UntilClose),
        };
        Ok(Response {
            head: ResponseHead { status, version, reason, fields },
            framing,
            keep_alive: facts.persists(version) && framing != Framing::UntilClose,
            len: block.len(),
        })
    }
}

/// RFC 9112 §6.3: these end with their head, whatever their fields say.
fn has_no_body(method: Method, status: Status) -> bool {
    method == Method::Head
        || status.is_informational()
        || status == Status::NO_CONTENT
        || status == Status::NOT_MODIFIED
        || (method == Method::Connect && status.is_success())
}
