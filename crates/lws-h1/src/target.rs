//! The four forms of a request target (RFC 9112 §3.2).

use lws_head::field::is_same;
use lws_head::{Host, Method};

use crate::error::Peer;

/// A request target, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) raw: &'a str,
    pub(crate) scheme: Option<&'a str>,
    /// As written; `authority.is_some() == host.is_some()`.
    pub(crate) authority: Option<&'a str>,
    pub(crate) host: Option<Host<'a>>,
    /// The port that a `Host` without port means.
    pub(crate) default_port: u16,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

/// Which bytes may stand in a target in front of a query.
const IN_PATH: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < table.len() {
        // RFC 9112 §3.2: no white space; RFC 9110 §7.1: the fragment is not part of the target.
        table[b] = (b as u8).is_ascii_graphic() && b as u8 != b'#' && b as u8 != b'?';
        b += 1;
    }
    table
};

/// Whether `b` may stand in a target in front of a query.
#[inline]
pub(crate) fn is_path_byte(b: u8) -> bool {
    IN_PATH[usize::from(b)]
}

/// Whether `b` may stand in a target.
#[inline]
pub(crate) fn is_target_byte(b: u8) -> bool {
    is_path_byte(b) | (b == b'?')
}

/// Whether `target` may stand in a request line: visible ASCII without `#`, and not empty.
pub(crate) fn is_target(target: &[u8]) -> bool {
    !target.is_empty() && target.iter().fold(true, |legal, &b| legal & is_target_byte(b))
}

impl<'a> Target<'a> {
    /// RFC 9112 §3.2.1: origin-form
    pub(crate) fn origin(raw: &'a str, path: &'a str, query: Option<&'a str>) -> Self {
        Self { raw, scheme: None, authority: None, host: None, default_port: 80, path, query }
    }

    pub(crate) fn parse(method: Method, raw: &'a [u8]) -> Result<Self, Peer> {
        if !is_target(raw) {
            return Err(Peer::Target);
        }
        let raw = core::str::from_utf8(raw).map_err(|_| Peer::Target)?;
        let origin = Self::origin(raw, raw, None);
        match (method, raw) {
            // RFC 9112 §3.2.3: the authority form is for CONNECT, and CONNECT has no other.
            (Method::Connect, _) => {
                let host = Host::parse(raw).ok_or(Peer::Target)?;
                let default_port = host.port.ok_or(Peer::Target)?;
                Ok(Self { authority: Some(raw), host: Some(host), default_port, path: "", ..origin })
            }
            // RFC 9112 §3.2.4: the asterisk form is for OPTIONS.
            (Method::Options, "*") => Ok(origin),
            _ if raw.starts_with('/') => {
                let (path, query) = split_query(raw);
                Ok(Self { path, query, ..origin })
            }
            _ => origin.absolute(method),
        }
    }

    /// RFC 9112 §3.2.2: absolute-form
    fn absolute(self, method: Method) -> Result<Self, Peer> {
        let (scheme, rest) = self.raw.split_once("://").ok_or(Peer::Target)?;
        let default_port = match scheme {
            _ if is_same(scheme.as_bytes(), b"http") => 80,
            _ if is_same(scheme.as_bytes(), b"https") => 443,
            _ => return Err(Peer::Target),
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = Host::parse(authority).ok_or(Peer::Host)?;
        let (path, query) = split_query(path);
        let mut whole = Self {
            scheme: Some(scheme),
            authority: Some(authority),
            host: Some(host),
            default_port,
            path,
            query,
            ..self
        };
        if whole.path.is_empty() {
            // RFC 9112 §3.2.4: OPTIONS for a URI with neither path nor query is about the server as a whole.
            whole.path = if method == Method::Options && whole.query.is_none() { "*" } else { "/" };
        }
        Ok(whole)
    }
}

fn split_query(target: &str) -> (&str, Option<&str>) {
    match memchr::memchr(b'?', target.as_bytes()) {
        Some(at) => (&target[..at], Some(&target[at + 1..])),
        None => (target, None),
    }
}
