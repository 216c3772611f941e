//! The chunked transfer coding, incoming (RFC 9112 §7.1).
//!
//! ```text
//!      ┌────────────────────── LF ◀── CR ──────────────────────┐
//!      ▼                                                       │
//!    Size ──▶ Extension ──▶ CR ──▶ LF ──┬─ size > 0 ──▶ Data ──┘
//!      └─────────────────────▲          └─ size = 0 ──▶ Trailers ──▶ Done
//! ```
//! Framing is read byte by byte and never asked for again; payload is never copied. Each framing byte counts against a
//! budget that grows with the payload, so that no peer can keep us busy for nothing.

use lws_head::field;

use crate::body::Decoded;
use crate::error::{Error, Limit, Peer};
use crate::limits::{
    CHUNK_DIGITS_MAX, CHUNK_EXTENSIONS_MAX, CHUNK_LINE_MAX, CHUNK_OVERHEAD_MAX, CHUNK_OVERHEAD_SHARE,
};
use crate::scan::Scanner;
use crate::trailers;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In the size, after so many digits.
    Size(u8),
    /// In the extensions behind the size.
    Extension(Ext),
    /// Behind the CR of the size line.
    SizeLf,
    /// In the payload; `size` is what is left of it.
    Data,
    /// Behind the payload.
    DataCr,
    DataLf,
    Trailers,
    Done,
}

/// Where in `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )` (RFC 9112 §7.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ext {
    /// White space was seen where only `;` can follow.
    Semicolon,
    /// Behind `;`.
    Name,
    InName,
    /// White space was seen behind a name.
    Equals,
    /// Behind `=`.
    Value,
    InToken,
    InQuotes,
    /// Behind a backslash inside quotes.
    Escaped,
    /// Behind the closing quote.
    Closed,
}

#[derive(Clone, Debug)]
pub(crate) struct Chunked {
    at: At,
    /// Payload bytes left in this chunk, or what has been read of its size.
    size: u64,
    /// Bytes of extension on this line. `line <= CHUNK_LINE_MAX`
    line: u32,
    /// Bytes of extension in this message. `extensions <= CHUNK_EXTENSIONS_MAX`
    extensions: u32,
    /// Framing bytes in this message.
    overhead: u64,
    /// Payload bytes taken.
    payload: u64,
    trailers: Scanner,
}

impl Chunked {
    pub(crate) const fn new() -> Self {
        Self {
            at: At::Size(0),
            size: 0,
            line: 0,
            extensions: 0,
            overhead: 0,
            payload: 0,
            trailers: Scanner::trailers(),
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.at == At::Done
    }

    pub(crate) fn decode(&mut self, input: &[u8]) -> Result<Decoded, Error> {
        let mut skip = 0;
        while let Some(&b) = input.get(skip) {
            match self.at {
                At::Data => {
                    let here = input.len() - skip;
                    let data = usize::try_from(self.size).map_or(here, |left| left.min(here));
                    return Ok(Decoded { skip, data, ..Decoded::default() });
                }
                At::Trailers => return self.trailers(input, skip),
                At::Done => break,
                _ => {
                    self.at = self.step(b)?;
                    skip += 1;
                    self.overhead += 1;
                    if self.overhead > CHUNK_OVERHEAD_MAX + self.payload / CHUNK_OVERHEAD_SHARE {
                        return Err(Limit::ChunkOverhead.into());
                    }
                }
            }
        }
        Ok(Decoded { skip, done: self.is_done(), ..Decoded::default() })
    }

    /// The section must be whole; until it is, none of it is skipped.
    fn trailers(&mut self, input: &[u8], start: usize) -> Result<Decoded, Error> {
        let Some(len) = trailers::scan(&mut self.trailers, &input[start..])? else {
            return Ok(Decoded { skip: start, ..Decoded::default() });
        };
        self.at = At::Done;
        // A section that is only its empty line has nothing to show.
        let trailers = if len > 2 { len } else { 0 };
        Ok(Decoded { skip: start + len, done: true, trailers, ..Decoded::default() })
    }

    /// `n` payload bytes were taken; `n` is no more than was shown.
    pub(crate) fn consume(&mut self, n: usize) {
        if self.at == At::Data {
            self.size = self.size.saturating_sub(n as u64);
            self.payload = self.payload.saturating_add(n as u64);
            if self.size == 0 {
                self.at = At::DataCr;
            }
        }
    }

    /// Where one framing byte leads.
    fn step(&mut self, b: u8) -> Result<At, Error> {
        match (self.at, b) {
            (At::Size(n @ 1..), b'\r' | b';' | b' ' | b'\t') => {
                debug_assert!(n <= CHUNK_DIGITS_MAX);
                self.extension(b, Ext::Semicolon)
            }
            (At::Size(n), _) => self.digit(n, b),
            (At::Extension(ext), _) => self.extension(b, ext),
            (At::SizeLf, b'\n') => Ok(if self.size == 0 { At::Trailers } else { At::Data }),
            (At::DataCr, b'\r') => Ok(At::DataLf),
            (At::DataLf, b'\n') => {
                self.line = 0;
                Ok(At::Size(0))
            }
            // RFC 9112 §7.1: chunk-size [ chunk-ext ] CRLF chunk-data CRLF, and nothing less.
            _ => Err(Peer::ChunkEnd.into()),
        }
    }

    fn digit(&mut self, n: u8, b: u8) -> Result<At, Error> {
        let digit = char::from(b).to_digit(16).ok_or(Peer::ChunkSize)?;
        // RFC 9112 §7.1: a recipient must anticipate large numerals and prevent overflow.
        let size = self.size.checked_mul(16).and_then(|size| size.checked_add(u64::from(digit)));
        match size {
            Some(size) if n < CHUNK_DIGITS_MAX && i64::try_from(size).is_ok() => {
                self.size = size;
                Ok(At::Size(n + 1))
            }
            _ => Err(Peer::ChunkSize.into()),
        }
    }

    /// One byte behind the size. A size without extension passes here only for its CR.
    fn extension(&mut self, b: u8, ext: Ext) -> Result<At, Error> {
        let is_space = matches!(b, b' ' | b'\t');
        let is_token = field::is_token_byte(b);
        let next = match (ext, b) {
            // A value, a name without value, or a bare size may end the line; white space may not.
            (Ext::InName | Ext::InToken | Ext::Closed, b'\r') => return Ok(At::SizeLf),
            (Ext::Semicolon, b'\r') if matches!(self.at, At::Size(_)) => return Ok(At::SizeLf),
            (Ext::Semicolon | Ext::InName | Ext::Equals | Ext::InToken | Ext::Closed, b';') => Ext::Name,
            (Ext::Semicolon | Ext::InToken | Ext::Closed, _) if is_space => Ext::Semicolon,
            (Ext::InName | Ext::Equals, _) if is_space => Ext::Equals,
            (Ext::InName | Ext::Equals, b'=') => Ext::Value,
            (Ext::Name, _) if is_space => Ext::Name,
            (Ext::Name | Ext::InName, _) if is_token => Ext::InName,
            (Ext::Value, _) if is_space => Ext::Value,
            (Ext::Value, b'"') => Ext::InQuotes,
            (Ext::Value | Ext::InToken, _) if is_token => Ext::InToken,
            (Ext::InQuotes, b'"') => Ext::Closed,
            (Ext::InQuotes, b'\\') => Ext::Escaped,
            (Ext::InQuotes | Ext::Escaped, _) if field::is_value_byte(b) => Ext::InQuotes,
            _ => return Err(Peer::ChunkExtension.into()),
        };
        self.line += 1;
        self.extensions += 1;
        if self.line > CHUNK_LINE_MAX {
            return Err(Limit::ChunkLine.into());
        }
        if self.extensions > CHUNK_EXTENSIONS_MAX {
            return Err(Limit::ChunkExtensions.into());
        }
        Ok(At::Extension(next))
    }
}
