//! From the path on the wire to the one path everything else uses.
//!
//! ```text
//!   "/a/%7Eb/./c//../d/"  ──split at /──▶  decode each segment ONCE  ──▶  drop "" and ".", pop at ".."  ──▶  "/a/~b/d/"
//! ```
//! Authorisation, mount lookup and opening all take the result of [`normalise`], never the raw path, so there is no
//! second reading that could disagree (PATH-07). What decodes to a separator, to a control character or not to UTF-8
//! is refused, not repaired.
//!
//! **Above the root.** RFC 3986 §5.2.4 lets `..` at the root stay at the root, browsers do the same, and `/../` has
//! always given the root page in libwebsockets. [`normalise`] does that; the result cannot leave the root, so nothing
//! is won by an error. [`normalise_strict`] reports it instead, for those who want to log or punish probing.

use alloc::vec::Vec;
use core::fmt;

use crate::{escape, field};

/// Why a path or a query is refused. All are the client's fault: 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// It does not begin with `/`.
    NoLeadingSlash,
    /// A `%` without two hexadecimal digits.
    BadEscape,
    /// A control character (below 0x20, or 0x7f), raw or escaped.
    Control,
    /// `%2f`: a separator that does not separate means different things to different readers.
    EncodedSlash,
    /// A backslash, raw or as `%5c`: a separator elsewhere.
    Backslash,
    /// What the escapes decode to is not UTF-8 (overlong forms are not).
    NotUtf8,
    /// `..` at the root; only from [`normalise_strict`].
    AboveRoot,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoLeadingSlash => "path does not begin with a slash",
            Self::BadEscape => "percent sign without two hexadecimal digits",
            Self::Control => "control character in the target",
            Self::EncodedSlash => "encoded slash in the path",
            Self::Backslash => "backslash in the path",
            Self::NotUtf8 => "path is not UTF-8",
            Self::AboveRoot => "path leads above the root",
        })
    }
}

impl core::error::Error for PathError {}

/// Decodes and normalises `path` (no query) into `out`, which is cleared first and reused.
///
/// The result begins with `/`, has no empty segment except that a final slash is kept, no `.` or `..` segment, no
/// control character and no backslash, and is UTF-8. `..` at the root stays there. It is never longer than `path`.
#[doc(alias = "lws_http_serve")]
pub fn normalise<'o>(path: &str, out: &'o mut Vec<u8>) -> Result<&'o str, PathError> {
    walk(path, out, |_| Ok(()))
}

/// As [`normalise`], but `..` at the root is [`PathError::AboveRoot`].
pub fn normalise_strict<'o>(path: &str, out: &'o mut Vec<u8>) -> Result<&'o str, PathError> {
    walk(path, out, |depth| if depth == 0 { Err(PathError::AboveRoot) } else { Ok(()) })
}

/// Whether [`normalise`] would give `path` back as it is. May say no where that is so, never yes where it is not.
pub fn is_normal(path: &str) -> bool {
    // A dot behind a slash may be the beginning of a dot segment.
    let mut behind_slash = false;
    let inner = path.bytes().all(|b| {
        let slash = b == b'/';
        let fine = field::is_of(field::PATH, b) || (!behind_slash && (slash || b == b'.'));
        behind_slash = slash;
        fine
    });
    inner && path.starts_with('/')
}

/// `popping` is asked before each `..` with the number of segments above it.
fn walk<'o>(
    path: &str,
    out: &'o mut Vec<u8>,
    popping: impl Fn(usize) -> Result<(), PathError>,
) -> Result<&'o str, PathError> {
    let relative = path.strip_prefix('/').ok_or(PathError::NoLeadingSlash)?;
    out.clear();
    out.push(b'/');
    let mut depth = 0;
    let mut segments = relative.as_bytes().split(|b| *b == b'/').peekable();
    while let Some(raw) = segments.next() {
        // Invariant: `out` ends with a slash here.
        let start = out.len();
        decode(raw, out)?;
        match &out[start..] {
            b"" => (),
            b"." => out.truncate(start),
            b".." => {
                popping(depth)?;
                depth = depth.saturating_sub(1);
                out.truncate(parent(&out[..start]));
            }
            _ => {
                depth += 1;
                if segments.peek().is_some() {
                    out.push(b'/');
                }
            }
        }
    }
    core::str::from_utf8(out).map_err(|_| PathError::NotUtf8)
}

/// Length of `dir`, which ends with a slash, without its last segment; the root is its own parent.
fn parent(dir: &[u8]) -> usize {
    let inner = dir.strip_suffix(b"/").unwrap_or(dir);
    memchr::memrchr(b'/', inner).map_or(1, |slash| slash + 1)
}

fn decode(segment: &[u8], out: &mut Vec<u8>) -> Result<(), PathError> {
    let mut rest = segment;
    while !rest.is_empty() {
        let (b, _, after) = escape::next(rest).ok_or(PathError::BadEscape)?;
        match b {
            0..0x20 | 0x7f => return Err(PathError::Control),
            // Raw ones have been split at, so this one was escaped.
            b'/' => return Err(PathError::EncodedSlash),
            b'\\' => return Err(PathError::Backslash),
            _ => out.push(b),
        }
        rest = after;
    }
    Ok(())
}

/// Checks a raw query: every `%` has its two digits, and there is no control character and no `%00`.
pub fn check_query(query: &str) -> Result<(), PathError> {
    let mut rest = query.as_bytes();
    while !rest.is_empty() {
        match escape::next(rest).ok_or(PathError::BadEscape)? {
            (0, _, _) | (1..0x20 | 0x7f, false, _) => return Err(PathError::Control),
            (_, _, after) => rest = after,
        }
    }
    Ok(())
}

/// Appends `path` with everything escaped that may not stand in a path (RFC 3986 §3.3), so that it can go into a
/// `Location` or a request line. [`normalise`] gives back what went in, if that was normalised.
#[doc(alias = "lws_urlencode")]
pub fn encode(path: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &b in path.as_bytes() {
        let plain = b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'/' | b'-'
                    | b'.'
                    | b'_'
                    | b'~'
                    | b'!'
                    | b'$'
                    | b'&'
                    | b'\''
                    | b'('
                    | b')'
                    | b'*'
                    | b'+'
                    | b','
                    | b';'
                    | b'='
                    | b':'
                    | b'@'
            );
        if plain {
            out.push(b);
        } else {
            out.extend_from_slice(&[b'%', HEX[usize::from(b >> 4)], HEX[usize::from(b & 15)]]);
        }
    }
}
