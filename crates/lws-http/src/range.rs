//! Byte ranges (RFC 9110 §14): which bytes of a representation does a `Range` field ask for?
//!
//! ```text
//!   bytes=0-499      the first 500             bytes=9500-    all from 9500 on
//!   bytes=-500       the last 500              bytes=0-0,-1   the first and the last
//! ```
//! Invariants of every [`Selection`]: at most [`MAX_RANGES`] ranges; each `first <= last < length`; no
//! two share a byte, so that their sum is at most `length`.
//!
//! A field that is malformed, of another unit, sent twice or longer than the limit is ignored, as RFC 9110
//! §14.2 allows: the client then gets everything, never less than it needs. Not here: ranges of a PUT
//! (`Content-Range` in a request), which are refused by whoever handles PUT.

use alloc::vec::Vec;
use core::fmt;

use crate::limits::MAX_RANGES;
use lws_head::{Fields, name};

/// Some bytes of a representation: `first..=last`, and `first <= last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    first: u64,
    last: u64,
}

impl ByteRange {
    /// Position of the first byte, from 0.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Position of the last byte; it belongs to the range.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// How many bytes: 1 or more.
    #[expect(clippy::len_without_is_empty, reason = "no range is empty")]
    pub fn len(&self) -> u64 {
        self.last - self.first + 1
    }

    /// The `Content-Range` of this part of a representation of `length` bytes: `bytes 0-499/1234`.
    pub fn content_range(self, length: u64) -> ContentRange {
        ContentRange { range: Some(self), length }
    }
}

/// A `Content-Range` value; `Display` writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    range: Option<ByteRange>,
    length: u64,
}

impl ContentRange {
    /// What a 416 says of a representation of `length` bytes: `bytes */1234`.
    pub fn unsatisfied(length: u64) -> Self {
        Self { range: None, length }
    }
}

impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.range {
            Some(range) => write!(f, "bytes {}-{}/{}", range.first, range.last, self.length),
            None => write!(f, "bytes */{}", self.length),
        }
    }
}

/// What a `Range` field selects of one representation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// There is no `Range` to obey: answer 200 with everything.
    Whole,
    /// One run of bytes: answer 206 with a `Content-Range`.
    Single(ByteRange),
    /// Two or more, apart from each other: answer 206 with `multipart/byteranges`.
    ///
    /// In the order asked for, unless some of them overlapped: then joined and in ascending order.
    Multiple(Vec<ByteRange>),
    /// Nothing asked for exists: answer 416 with [`ContentRange::unsatisfied`].
    Unsatisfiable,
}

/// Reads the `Range` field of a GET for a representation of `length` bytes.
///
/// Ask [`range_applies`](crate::conditional::range_applies) first. Positions beyond 2^64 count as 2^64 - 1. An
/// empty representation has no ranges: it is sent whole.
pub fn select(fields: Fields<'_>, length: u64) -> Selection {
    let mut lines = fields.all(name::RANGE);
    let (Some(value), None) = (lines.next(), lines.next()) else { return Selection::Whole };
    if length == 0 {
        return Selection::Whole; // no Content-Range can tell of zero bytes
    }
    let Some(set) = range_set(value) else { return Selection::Whole };
    let Some(mut ranges) = satisfiable(set, length) else { return Selection::Whole };
    if overlapping(&ranges) {
        ranges = join(ranges);
    }
    match ranges[..] {
        [] => Selection::Unsatisfiable,
        [range] => Selection::Single(range),
        _ => Selection::Multiple(ranges),
    }
}

/// What follows `bytes=`.
fn range_set(value: &[u8]) -> Option<&[u8]> {
    let value = value.trim_ascii();
    let equals = value.iter().position(|b| *b == b'=')?;
    // RFC 9110 §14.1: unit names are case-insensitive. §14.2: an unknown unit MUST be ignored.
    value.get(..equals)?.eq_ignore_ascii_case(b"bytes").then(|| value.get(equals + 1..))?
}

/// The ranges of the list that exist; `None` if one of them is malformed or there are too many or none.
fn satisfiable(set: &[u8], length: u64) -> Option<Vec<ByteRange>> {
    let mut ranges = Vec::new();
    // RFC 9110 §5.6.1.2: empty list elements are parsed and ignored.
    let mut specs =
        set.split(|b| *b == b',').map(<[u8]>::trim_ascii).filter(|spec| !spec.is_empty()).peekable();
    specs.peek()?;
    for (n, spec) in specs.enumerate() {
        let range = range_spec(spec, length)?;
        if n >= MAX_RANGES {
            return None;
        }
        ranges.extend(range);
    }
    Some(ranges)
}

/// `None`: malformed. `Some(None)`: well-formed, but there is no such byte.
#[expect(clippy::option_option, reason = "the two kinds of nothing have different answers, 200 and 416")]
fn range_spec(spec: &[u8], length: u64) -> Option<Option<ByteRange>> {
    let dash = spec.iter().position(|b| *b == b'-')?;
    let end = length.checked_sub(1)?;
    Some(match (spec.get(..dash)?, spec.get(dash + 1..)?) {
        // RFC 9110 §14.1.2: a suffix longer than the representation means all of it.
        (b"", suffix) => match position(suffix)? {
            0 => None,
            n => Some(ByteRange { first: length.saturating_sub(n), last: end }),
        },
        (first, b"") => {
            let first = position(first)?;
            (first <= end).then_some(ByteRange { first, last: end })
        }
        (first, last) => {
            let (first, last) = (position(first)?, position(last)?);
            // RFC 9110 §14.1.1: a last-pos less than first-pos makes the whole set invalid.
            if last < first {
                return None;
            }
            (first <= end).then_some(ByteRange { first, last: last.min(end) })
        }
    })
}

/// `1*DIGIT`, saturating.
fn position(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |n, d| {
        d.is_ascii_digit().then(|| n.saturating_mul(10).saturating_add(u64::from(d - b'0')))
    })
}

/// Whether two of them share a byte or touch. Quadratic in at most [`MAX_RANGES`].
fn overlapping(ranges: &[ByteRange]) -> bool {
    let touch = |a: &ByteRange, b: &ByteRange| {
        a.first <= b.last.saturating_add(1) && b.first <= a.last.saturating_add(1)
    };
    ranges.iter().enumerate().any(|(i, a)| ranges.iter().skip(i + 1).any(|b| touch(a, b)))
}

/// In ascending order, with those that overlap or touch made one.
fn join(mut ranges: Vec<ByteRange>) -> Vec<ByteRange> {
    ranges.sort_unstable_by_key(|r| r.first);
    ranges.dedup_by(|next, kept| {
        let joined = next.first <= kept.last.saturating_add(1);
        if joined {
            kept.last = kept.last.max(next.last);
        }
        joined
    });
    ranges
}

#[cfg(test)]
mod tests;
