//! Conditional requests (RFC 9110 §13): may this request proceed, given what the representation is now?
//!
//! ```text
//!   If-Match ──no──▶ 412          (present)    │ absent
//!       │ yes            If-Unmodified-Since ──no──▶ 412
//!       ▼◀─────────────────────────┘
//!   If-None-Match ──no──▶ 304, or 412 for a method that is not GET or HEAD
//!       │ yes, or          If-Modified-Since ──no──▶ 304      (If-None-Match absent, GET or HEAD)
//!       ▼◀─────────────────────────┘
//!   proceed;  Range counts only if If-Range says so
//! ```
//! Everything is a function of the request's fields, the validators and the time.
//!
//! RFC 9110 §13.2.1: ask only if the answer without conditions would be a 2xx; a 404 stays a 404.

use lws_head::{Fields, Method, name};

use crate::date;

/// An entity tag (RFC 9110 §8.8.3): what tells one state of a representation from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntityTag<'a> {
    /// Whether it began with `W/`: equal tags then promise equivalent bytes, not the same bytes.
    pub weak: bool,
    /// What stands between the quotes.
    pub opaque: &'a [u8],
}

impl<'a> EntityTag<'a> {
    /// Reads exactly one entity tag, `"xyzzy"` or `W/"xyzzy"`; `None` if `value` is anything else.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        match Self::split(value)? {
            (tag, []) => Some(tag),
            _ => None,
        }
    }

    /// Reads one entity tag from the front of `value`.
    fn split(value: &'a [u8]) -> Option<(Self, &'a [u8])> {
        // RFC 9110 §8.8.3: the W is case-sensitive.
        let (weak, rest) = match value.strip_prefix(b"W/") {
            Some(rest) => (true, rest),
            None => (false, value),
        };
        let rest = rest.strip_prefix(b"\"")?;
        let end = rest.iter().position(|b| *b == b'"')?;
        let (opaque, rest) = rest.split_at_checked(end)?;
        let legal = opaque.iter().all(|b| matches!(b, 0x21 | 0x23..=0x7e | 0x80..=0xff));
        legal.then_some((Self { weak, opaque }, rest.get(1..)?))
    }

    /// Strong comparison: the same bytes (RFC 9110 §8.8.3.2).
    pub fn strong_eq(&self, other: &EntityTag<'_>) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// Weak comparison: as good as the same (RFC 9110 §8.8.3.2).
    pub fn weak_eq(&self, other: &EntityTag<'_>) -> bool {
        self.opaque == other.opaque
    }
}

/// The entity tags of one list, `"a", W/"b"`. Ends at the first member that is not an entity tag.
#[derive(Clone, Debug)]
struct EntityTags<'a>(&'a [u8]);

impl<'a> Iterator for EntityTags<'a> {
    type Item = EntityTag<'a>;
    fn next(&mut self) -> Option<EntityTag<'a>> {
        // RFC 9110 §5.6.1.2: empty list elements are parsed and ignored.
        let start = self.0.iter().position(|b| !matches!(b, b' ' | b'\t' | b','))?;
        let (tag, rest) = EntityTag::split(self.0.get(start..)?).unzip();
        let rest = rest.unwrap_or_default().trim_ascii_start();
        let ended = rest.is_empty() || rest.starts_with(b",");
        self.0 = if ended { rest } else { b"" };
        tag.filter(|_| ended)
    }
}

/// What is known of the representation that an unconditional request would be answered with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Validators<'a> {
    /// What the `ETag` field says.
    pub etag: Option<EntityTag<'a>>,
    /// What the `Last-Modified` field says, in seconds since 1970.
    pub modified_unix_s: Option<u64>,
}

/// What the preconditions of a request make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Answer as if there were no preconditions; then [`range_applies`] has the word on `Range`.
    Proceed,
    /// Answer 304 with the fields that a 200 would have had: ETag, Cache-Control, Content-Location, Date,
    /// Expires, Vary.
    NotModified,
    /// Answer 412.
    PreconditionFailed,
}

/// Evaluates the preconditions of a request for a representation that exists.
///
/// A malformed entity tag matches nothing, a malformed date is as good as absent.
pub fn evaluate(method: Method, fields: Fields<'_>, now: &Validators<'_>, now_unix_s: u64) -> Verdict {
    let reads = matches!(method, Method::Get | Method::Head);
    // RFC 9110 §13.2.2: the order of evaluation is a MUST.
    match matches(fields.all(name::IF_MATCH), |tag| now.etag.is_some_and(|e| e.strong_eq(tag))) {
        Some(false) => return Verdict::PreconditionFailed,
        Some(true) => {}
        // RFC 9110 §13.1.4: If-Unmodified-Since MUST be ignored if If-Match is present.
        None => {
            let since =
                single(fields.all(name::IF_UNMODIFIED_SINCE)).and_then(|v| date::parse(v, now_unix_s));
            if let (Some(since), Some(modified)) = (since, now.modified_unix_s)
                && modified > since
            {
                return Verdict::PreconditionFailed;
            }
        }
    }
    match matches(fields.all(name::IF_NONE_MATCH), |tag| now.etag.is_some_and(|e| e.weak_eq(tag))) {
        Some(true) if reads => Verdict::NotModified,
        Some(true) => Verdict::PreconditionFailed,
        Some(false) => Verdict::Proceed,
        // RFC 9110 §13.1.3: If-Modified-Since MUST be ignored if If-None-Match is present, or if the method
        // is neither GET nor HEAD.
        None if reads => {
            let since = single(fields.all(name::IF_MODIFIED_SINCE)).and_then(|v| date::parse(v, now_unix_s));
            match (since, now.modified_unix_s) {
                (Some(since), Some(modified)) if modified <= since => Verdict::NotModified,
                _ => Verdict::Proceed,
            }
        }
        None => Verdict::Proceed,
    }
}

/// Whether a `Range` field of a GET that may proceed is to be obeyed (RFC 9110 §13.1.5).
///
/// True without an `If-Range`, and with one that holds the strong entity tag of now or, for want of a better
/// validator, exactly the date of the last modification, if that was more than a second ago.
pub fn range_applies(fields: Fields<'_>, now: &Validators<'_>, now_unix_s: u64) -> bool {
    if fields.all(name::IF_RANGE).next().is_none() {
        return true;
    }
    let Some(value) = single(fields.all(name::IF_RANGE)) else { return false };
    if let Some(tag) = EntityTag::parse(value) {
        // RFC 9110 §13.1.5: the strong comparison MUST be used.
        return now.etag.is_some_and(|e| e.strong_eq(&tag));
    }
    match (date::parse(value, now_unix_s), now.modified_unix_s) {
        // RFC 9110 §8.8.2.2: a date is a strong validator only if nothing could change within its second.
        (Some(since), Some(modified)) => since == modified && modified.saturating_add(1) < now_unix_s,
        _ => false,
    }
}

/// `None`: the field is absent. Otherwise whether it is `*` or one of its entity tags passes the test.
fn matches<'h>(
    lines: impl Iterator<Item = &'h [u8]>,
    passes: impl Fn(&EntityTag<'h>) -> bool,
) -> Option<bool> {
    let mut seen = None;
    for line in lines {
        let hit = line.trim_ascii() == b"*" || EntityTags(line).any(|tag| passes(&tag));
        seen = Some(seen == Some(true) || hit);
    }
    seen
}

/// The value of a field that is not a list; sent twice it has none.
fn single<'h>(mut lines: impl Iterator<Item = &'h [u8]>) -> Option<&'h [u8]> {
    let value = lines.next()?;
    lines.next().is_none().then(|| value.trim_ascii())
}

#[cfg(test)]
mod tests;
