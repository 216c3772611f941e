//! Heads of requests and responses.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use crate::{FieldPos, Fields, Method, Status, Version};

/// The head of a request, whichever version carried it. A view: `Copy`, borrows everything.
///
/// The parser that made it has checked it; see the fields for what may be relied on.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: Method,
    /// The request target as received; visible ASCII. On HTTP/2 this is `:path`, or `:authority` for CONNECT.
    pub target: &'a str,
    /// Which HTTP carried it.
    pub version: Version,
    /// The scheme, if the request named one (absolute form, `:scheme`).
    pub scheme: Option<&'a str>,
    /// Who is meant: `uri-host [":" port]`, see [`Host::parse`](crate::Host::parse). `None` on HTTP/1.0 without
    /// `Host` only.
    pub authority: Option<&'a str>,
    /// The path component of the target, still percent-encoded; see [`path::normalise`](crate::path::normalise).
    /// `"*"` for the asterisk form, `""` for the authority form.
    pub path: &'a str,
    /// What follows the first `?` of the target, still percent-encoded, without the `?`.
    pub query: Option<&'a str>,
    /// The `:protocol` of an extended CONNECT (RFC 8441 §4).
    pub protocol: Option<&'a str>,
    /// Every field line.
    pub fields: Fields<'a>,
}

/// The head of a response, whichever version carried it. A view: `Copy`, borrows everything.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a> {
    /// The status code.
    pub status: Status,
    /// Which HTTP carried it.
    pub version: Version,
    /// The reason phrase; empty on HTTP/2. For people only (RFC 9112 §4).
    pub reason: &'a [u8],
    /// Every field line.
    pub fields: Fields<'a>,
}

/// A request head that owns what it shows: two allocations, one for the bytes and one for the index.
#[derive(Clone)]
pub struct RequestHeadBuf {
    /// The fields' block, then whatever part of the head did not lie in it.
    bytes: Box<[u8]>,
    /// `fields_len <= bytes.len()`
    fields_len: usize,
    index: Box<[FieldPos]>,
    method: Method,
    version: Version,
    target: Range<usize>,
    path: Range<usize>,
    scheme: Option<Range<usize>>,
    authority: Option<Range<usize>>,
    query: Option<Range<usize>>,
    protocol: Option<Range<usize>>,
}

impl RequestHeadBuf {
    /// The head, as a view.
    pub fn head(&self) -> RequestHead<'_> {
        // Every range was copied from a `str`; nothing has changed the bytes since.
        let text =
            |range: &Range<usize>| core::str::from_utf8(&self.bytes[range.clone()]).unwrap_or_default();
        RequestHead {
            method: self.method,
            target: text(&self.target),
            version: self.version,
            scheme: self.scheme.as_ref().map(text),
            authority: self.authority.as_ref().map(text),
            path: text(&self.path),
            query: self.query.as_ref().map(text),
            protocol: self.protocol.as_ref().map(text),
            fields: Fields::new(&self.bytes[..self.fields_len], &self.index),
        }
    }
}

impl From<&RequestHead<'_>> for RequestHeadBuf {
    fn from(head: &RequestHead<'_>) -> Self {
        let block = head.fields.block();
        let mut parts: [(Option<&str>, Option<Range<usize>>); 6] = [
            (Some(head.target), None),
            (Some(head.path), None),
            (head.scheme, None),
            (head.authority, None),
            (head.query, None),
            (head.protocol, None),
        ];
        let mut len = block.len();
        for (text, place) in &mut parts {
            *place = text.map(|text| {
                within(block, text).unwrap_or_else(|| {
                    len += text.len();
                    len - text.len()..len
                })
            });
        }
        let mut bytes = Vec::with_capacity(len);
        bytes.extend_from_slice(block);
        for (text, place) in &parts {
            if let (Some(text), Some(place)) = (text, place)
                && place.start == bytes.len()
            {
                bytes.extend_from_slice(text.as_bytes());
            }
        }
        let [(_, target), (_, path), (_, scheme), (_, authority), (_, query), (_, protocol)] = parts;
        Self {
            bytes: bytes.into_boxed_slice(),
            fields_len: block.len(),
            index: head.fields.index().into(),
            method: head.method,
            version: head.version,
            target: target.unwrap_or_default(),
            path: path.unwrap_or_default(),
            scheme,
            authority,
            query,
            protocol,
        }
    }
}

impl core::fmt::Debug for RequestHeadBuf {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.head().fmt(f)
    }
}

/// Where `text` lies in `block`, if it is a part of it; then it need not be copied a second time.
fn within(block: &[u8], text: &str) -> Option<Range<usize>> {
    let at = text.as_ptr().addr().checked_sub(block.as_ptr().addr())?;
    let range = at..at.checked_add(text.len())?;
    (block.get(range.clone())? == text.as_bytes()).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    /// `target` in the block, as HTTP/1 has it, or outside, as HTTP/2 has it.
    fn check(inside: bool) {
        let block = String::from("GET /a%20b?q=1 HTTP/1.1\r\nHost: example.com\r\n\r\n");
        let outside = String::from("/a%20b?q=1");
        let target = if inside { &block[4..14] } else { &outside };
        let index = [FieldPos { name: 25, name_len: 4, value: 31, value_len: 11 }];
        let head = RequestHead {
            method: Method::Get,
            target,
            version: Version::Http11,
            scheme: None,
            authority: Some(&block[31..42]),
            path: &target[..6],
            query: Some(&target[7..]),
            protocol: Some("websocket"),
            fields: Fields::new(block.as_bytes(), &index),
        };
        let kept = RequestHeadBuf::from(&head);
        let copy = kept.clone();
        drop(kept);
        let got = copy.head();
        assert_eq!((got.target, got.path, got.query), ("/a%20b?q=1", "/a%20b", Some("q=1")));
        assert_eq!((got.authority, got.scheme, got.protocol), (Some("example.com"), None, Some("websocket")));
        assert_eq!((got.method, got.version), (Method::Get, Version::Http11));
        assert_eq!(got.fields.first("host"), Some(&b"example.com"[..]));
        let extra = if inside { 9 } else { 9 + 10 + 6 + 3 };
        assert_eq!(copy.bytes.len(), block.len() + extra, "bytes kept twice");
    }

    #[test]
    fn an_owned_head_says_the_same() {
        check(true);
        check(false);
    }

    #[test]
    fn an_empty_head_can_be_kept() {
        let head = RequestHead {
            method: Method::Connect,
            target: "",
            version: Version::Http2,
            scheme: None,
            authority: None,
            path: "",
            query: Some(""),
            protocol: None,
            fields: Fields::default(),
        };
        let kept = RequestHeadBuf::from(&head);
        assert_eq!((kept.head().path, kept.head().query, kept.bytes.len()), ("", Some(""), 0));
    }
}
