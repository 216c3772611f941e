//! Finds the lines of a head while it arrives, looking at each byte a constant number of times.
//!
//! ```text
//!   input:  | lines done ....... | current line, known to be text ...| not looked at |
//!           0                  start                              looked        input.len()
//! ```
//! Invariant: `start <= looked`, and `looked` never goes back while a head arrives. A line is judged as soon as its
//! CRLF is there, and a byte that can stand in no line as soon as it is there. Positions of fields are reported while
//! lines are found; who resumed in the middle of a head, and so has not seen them all, scans the complete head once
//! more. That is the whole cost of arriving in pieces.

use core::ops::Range;

use lws_head::{FieldPos, Fields, field};

use crate::error::{Error, Limit, Peer};
use crate::limits::FIELDS_MAX;

/// Room for the positions of one head's fields: 800 bytes that can be used again for the next head.
#[derive(Clone, Debug)]
pub struct HeadIndex {
    positions: [FieldPos; FIELDS_MAX],
    /// `len <= FIELDS_MAX`
    len: usize,
}

impl HeadIndex {
    /// An empty index.
    pub const fn new() -> Self {
        Self { positions: [FieldPos { name: 0, name_len: 0, value: 0, value_len: 0 }; FIELDS_MAX], len: 0 }
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Who finds fields stops at [`FIELDS_MAX`], so there is room.
    pub(crate) fn push(&mut self, pos: FieldPos) {
        if let Some(slot) = self.positions.get_mut(self.len) {
            *slot = pos;
            self.len += 1;
        }
    }

    /// Names and values of the fields in `block`.
    pub(crate) fn lines<'i, 'a>(
        &'i self,
        block: &'a [u8],
    ) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'i, 'a> {
        self.positions[..self.len].iter().map(|pos| pos.line_in(block))
    }

    pub(crate) fn fields<'a>(&'a self, block: &'a [u8]) -> Fields<'a> {
        Fields::new(block, &self.positions[..self.len])
    }
}

impl Default for HeadIndex {
    fn default() -> Self {
        Self::new()
    }
}

/// How much of a section there may be, and what to say beyond.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) start_line: usize,
    pub(crate) section: usize,
    pub(crate) fields: usize,
    pub(crate) section_limit: Limit,
    pub(crate) fields_limit: Limit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing yet; one empty line is forgiven.
    Leading,
    /// The start line comes next.
    StartLine,
    /// So many field lines have been found.
    Fields(u16),
}

/// Finds the lines of one section: a head, or a trailer section.
#[derive(Clone, Debug)]
pub(crate) struct Scanner {
    // A section is at most 64 KiB long; an idle connection keeps one of these.
    start: u32,
    looked: u32,
    stage: Stage,
    /// Bytes looked at, for the test of H1-21.
    #[cfg(test)]
    pub(crate) cost: usize,
}

impl Scanner {
    pub(crate) const fn request() -> Self {
        Self::at(Stage::Leading)
    }

    pub(crate) const fn response() -> Self {
        Self::at(Stage::StartLine)
    }

    pub(crate) const fn trailers() -> Self {
        Self::at(Stage::Fields(0))
    }

    const fn at(stage: Stage) -> Self {
        Self {
            start: 0,
            looked: 0,
            stage,
            #[cfg(test)]
            cost: 0,
        }
    }

    /// Whether a part of the section has been scanned already.
    pub(crate) fn is_resumed(&self) -> bool {
        self.start > 0 || self.looked > 0
    }

    /// Begins again, as `fresh` does.
    pub(crate) fn restart(&mut self, fresh: &Self) {
        (self.start, self.looked, self.stage) = (fresh.start, fresh.looked, fresh.stage);
    }

    /// Looks at what is new in `input`, which begins where the section begins. Calls `start_line` and `field` for
    /// each line that has become complete. Returns the section's length, through its empty line, once it is there.
    pub(crate) fn scan<'a>(
        &mut self,
        input: &'a [u8],
        bounds: &Bounds,
        mut start_line: impl FnMut(&'a [u8]) -> Result<(), Error>,
        mut on_field: impl FnMut(FieldPos) -> Result<(), Error>,
    ) -> Result<Option<usize>, Error> {
        loop {
            let (window, limit) = match self.stage {
                Stage::Fields(_) => (bounds.section, bounds.section_limit),
                _ => {
                    let line = (self.start as usize).saturating_add(bounds.start_line).saturating_add(2);
                    (line.min(bounds.section), Limit::StartLine)
                }
            };
            let Some(line) = self.line(&input[..window.min(input.len())])? else {
                return if input.len() >= window { Err(limit.into()) } else { Ok(None) };
            };
            match self.stage {
                // RFC 9112 §2.2: at least one empty line in front of the request line should be ignored.
                Stage::Leading if line.is_empty() => self.stage = Stage::StartLine,
                Stage::Leading | Stage::StartLine => {
                    start_line(&input[line])?;
                    self.stage = Stage::Fields(0);
                }
                Stage::Fields(_) if line.is_empty() => return Ok(Some(line.end + 2)),
                Stage::Fields(n) if usize::from(n) >= bounds.fields => {
                    return Err(bounds.fields_limit.into());
                }
                Stage::Fields(n) => {
                    on_field(field_line(input, line)?)?;
                    self.stage = Stage::Fields(n + 1);
                }
            }
        }
    }

    /// The next complete line in `seen`, without its CRLF.
    fn line(&mut self, seen: &[u8]) -> Result<Option<Range<usize>>, Peer> {
        let (start, mut looked) = (self.start as usize, self.looked as usize);
        loop {
            // Nothing new, or less than before: a caller who broke the contract waits for ever, without a panic.
            let Some(new) = seen.get(looked..) else { return Ok(None) };
            let text = field::text_len(new);
            looked += text;
            #[cfg(test)]
            {
                self.cost += text;
            }
            match &new[text..] {
                // RFC 9112 §2.2: only CRLF ends a line; a bare CR or LF is invalid.
                [b'\r', b'\n', ..] => {
                    #[cfg(test)]
                    {
                        self.cost += 2 + looked - start;
                    }
                    self.looked = narrow(looked + 2);
                    self.start = self.looked;
                    return Ok(Some(start..looked));
                }
                [] | [b'\r'] => {
                    self.looked = narrow(looked);
                    return Ok(None);
                }
                [b'\r' | b'\n', ..] => return Err(Peer::LineEnd),
                [b'\t', ..] => {
                    #[cfg(test)]
                    {
                        self.cost += 1;
                    }
                    looked += 1;
                }
                _ => return Err(Peer::Control),
            }
        }
    }
}

/// A position in a section, which is at most [`HEAD_CEILING`](crate::limits::HEAD_CEILING) bytes long.
fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// RFC 9112 §5: field-line = field-name ":" OWS field-value OWS
fn field_line(input: &[u8], line: Range<usize>) -> Result<FieldPos, Error> {
    let bytes = &input[line.clone()];
    // RFC 9112 §5.2: a server must reject a folded line or replace the fold; replacing is what smugglers hope for.
    if let [b' ' | b'\t', ..] = bytes {
        return Err(Peer::Fold.into());
    }
    let name_len = bytes.iter().position(|&b| !field::is_token_byte(b)).unwrap_or(bytes.len());
    // RFC 9112 §5.1: no white space between the name and the colon.
    let (1.., [b':', value @ ..]) = (name_len, &bytes[name_len..]) else {
        return Err(Peer::FieldLine.into());
    };
    let spaces = value.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let small = |n: usize| u16::try_from(n).map_err(|_| Error::from(Limit::Head));
    Ok(FieldPos {
        name: small(line.start)?,
        name_len: small(name_len)?,
        value: small(line.start + name_len + 1 + spaces)?,
        value_len: small(field::trim(value).len())?,
    })
}
