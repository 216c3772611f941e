//! Request heads with nothing unusual about them, in one pass.
//!
//! ```text
//!   GET /path?query HTTP/1.1 CRLF *( name ":" [SP] value CRLF ) CRLF        all of it there
//! ```
//! Almost every head is of that kind when it is first looked at. What is accepted here, [`crate::scan`] would accept in
//! the same way; nothing is refused here. Whatever is not plain (an unusual method, a tab, a second space, a piece of a
//! head, an error) is read there, from the beginning, and judged there.

use lws_head::{FieldPos, Method, Version, field};

use crate::framing::Facts;
use crate::request::{Found, RequestLine};
use crate::scan::{Bounds, HeadIndex};
use crate::target::{Target, is_path_byte, is_target_byte};

/// The head at the beginning of `input`: its request line, what its fields say, and its length. `None`: it is not plain.
/// The fields are in `index`.
#[inline]
pub(crate) fn plain<'a>(input: &'a [u8], index: &mut HeadIndex, bounds: &Bounds) -> Option<Found<'a>> {
    index.clear();
    let seen = &input[..input.len().min(bounds.section)];
    let (line, mut at) = request_line(seen)?;
    if at > bounds.start_line.saturating_add(2) {
        return None;
    }
    let mut facts = Facts::default();
    loop {
        let rest = seen.get(at..)?;
        if rest.starts_with(b"\r\n") {
            return Some((line, facts, at + 2));
        }
        let (pos, name, value, len) = field_line(rest, at)?;
        if index.len() >= bounds.fields || facts.note(name, value, Version::Http11).is_err() {
            return None;
        }
        index.push(pos);
        at += len;
    }
}

/// The request line and its length, with CRLF.
#[inline]
fn request_line(seen: &[u8]) -> Option<(RequestLine<'_>, usize)> {
    let (method, at) = match seen {
        [b'G', b'E', b'T', b' ', ..] => (Method::Get, 4),
        [b'P', b'O', b'S', b'T', b' ', ..] => (Method::Post, 5),
        [b'P', b'U', b'T', b' ', ..] => (Method::Put, 4),
        [b'H', b'E', b'A', b'D', b' ', ..] => (Method::Head, 5),
        _ => return None,
    };
    let from_path = &seen[at..];
    if from_path.first() != Some(&b'/') {
        return None;
    }
    let path_len = from_path.iter().position(|&b| !is_path_byte(b))?;
    let from_query = &from_path[path_len..];
    let query_len = match from_query.first() {
        Some(b'?') => from_query.iter().position(|&b| !is_target_byte(b))?,
        _ => 0,
    };
    let len = path_len + query_len;
    let end = b" HTTP/1.1\r\n";
    if !from_path[len..].starts_with(end) {
        return None;
    }
    let raw = core::str::from_utf8(&from_path[..len]).ok()?;
    let target = Target::origin(raw, raw.get(..path_len)?, raw.get(path_len + 1..));
    Some((RequestLine { method, target, version: Version::Http11 }, at + len + end.len()))
}

/// The field line at the beginning of `rest`, which begins at `at`: its place, its parts, and its length with CRLF.
#[inline]
fn field_line(rest: &[u8], at: usize) -> Option<(FieldPos, &[u8], &[u8], usize)> {
    let name_len = rest.iter().position(|&b| !field::is_token_byte(b))?;
    let (name, [b':', rest @ ..]) = rest.split_at_checked(name_len)? else { return None };
    let (space, rest) = match rest {
        [b' ', rest @ ..] => (1, rest),
        _ => (0, rest),
    };
    let (value, [b'\r', b'\n', ..]) = rest.split_at_checked(field::text_len(rest))? else { return None };
    // White space that has to be looked for is not plain.
    if name.is_empty() || matches!(value, [b' ', ..] | [.., b' ']) {
        return None;
    }
    let value_at = at + name_len + 1 + space;
    let small = |n: usize| u16::try_from(n).ok();
    let pos = FieldPos {
        name: small(at)?,
        name_len: small(name_len)?,
        value: small(value_at)?,
        value_len: small(value.len())?,
    };
    Some((pos, name, value, value_at + value.len() + 2 - at))
}
