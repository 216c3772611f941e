//! A look at a client's first message (RFC 8446 §4.1.2) before any library sees it: whom it asks for.
//!
//! ```text
//!   records ─▶ Peeker: fragments put together ─▶ Hello { server_name, alpn }
//!                 └ the records as they came, for the library that is chosen by it
//! ```
//! What answers to a name (certificate, client certificates, versions) is then settled *before* a session is made, in
//! the same way for every library, and a ticket of another name is never looked at (TLS-03). Post-quantum hellos fill
//! several segments and may fill several records; both are put together, up to [`HELLO_MAX`] bytes.

use alloc::string::String;
use alloc::vec::Vec;

use crate::limits::HELLO_MAX;
use crate::names::is_host_name;
use crate::record::{self, HEADER};
use crate::{Cause, Error, Stage};

/// What a client asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hello {
    /// The host name (RFC 6066 §3) in lower case, without a dot at its end; `None` if there is none, or one that is no
    /// host name.
    pub server_name: Option<String>,
    /// The application protocols (RFC 7301), the client's most wanted first.
    pub alpn: Vec<Vec<u8>>,
}

/// Reads the hello at the front of `input`; `None` if it is not all there yet.
///
/// # Errors
/// [`Error::Peer`] if it is none or is malformed, [`Error::HandshakeTooLarge`].
pub fn peek(input: &[u8]) -> Result<Option<Hello>, Error> {
    let (mut peeker, mut rest) = (Peeker::new(), input);
    while let Some(len) = record::complete(rest).map_err(peer)? {
        let (record, after) = rest.split_at(len);
        if let Some(hello) = peeker.push(record)? {
            return Ok(Some(hello));
        }
        rest = after;
    }
    // Even what is not a whole record yet counts.
    if input.len() > HELLO_MAX { Err(Error::HandshakeTooLarge) } else { Ok(None) }
}

/// Puts a hello together, record by record, and keeps the records.
#[derive(Debug, Default)]
pub struct Peeker {
    /// The records as they came. `wire.len() <= HELLO_MAX`.
    wire: Vec<u8>,
    /// The fragments in them.
    message: Vec<u8>,
}

impl Peeker {
    /// Nothing seen yet.
    pub const fn new() -> Self {
        Self { wire: Vec::new(), message: Vec::new() }
    }

    /// Takes one whole record ([`record::complete`]); the hello, if it is complete now.
    ///
    /// # Errors
    /// [`Error::Peer`] if it is no hello or a malformed one, [`Error::HandshakeTooLarge`]. The record is kept all the
    /// same unless it is too large.
    pub fn push(&mut self, record: &[u8]) -> Result<Option<Hello>, Error> {
        if self.wire.len() + record.len() > HELLO_MAX {
            return Err(Error::HandshakeTooLarge);
        }
        self.wire.extend_from_slice(record);
        let Some((&[22, ..], fragment)) = record.split_first_chunk::<HEADER>() else {
            return Err(peer(Cause::Violation("not a hello".into())));
        };
        // RFC 8446 §5.1: zero-length fragments of handshake messages MUST NOT be sent.
        if fragment.is_empty() {
            return Err(peer(Cause::Malformed));
        }
        self.message.extend_from_slice(fragment);
        let Some((&[kind, a, b, c], rest)) = self.message.split_first_chunk::<4>() else {
            return if self.message.first() == Some(&1) { Ok(None) } else { Err(peer(not_hello())) };
        };
        if kind != 1 {
            return Err(peer(not_hello()));
        }
        let len = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        if len > HELLO_MAX {
            return Err(Error::HandshakeTooLarge);
        }
        match rest.get(..len) {
            None => Ok(None),
            Some(body) => match parse(body) {
                Some(hello) => Ok(Some(hello)),
                None => Err(peer(Cause::Malformed)),
            },
        }
    }

    /// The records as they came.
    pub fn into_wire(self) -> Vec<u8> {
        self.wire
    }
}

fn not_hello() -> Cause {
    Cause::Violation("not a hello".into())
}

const fn peer(cause: Cause) -> Error {
    Error::Peer { stage: Stage::Handshake, cause }
}

/// Takes a vector with a length of `N` bytes in front (RFC 8446 §3.4).
fn vector<'a, const N: usize>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (len, rest) = from.split_first_chunk::<N>()?;
    let len = len.iter().fold(0usize, |len, byte| len << 8 | usize::from(*byte));
    let (vector, rest) = rest.split_at_checked(len)?;
    *from = rest;
    Some(vector)
}

/// The body of a ClientHello.
fn parse(mut body: &[u8]) -> Option<Hello> {
    // Version 2, random 32.
    body = body.get(34..)?;
    let _session = vector::<1>(&mut body)?;
    let _suites = vector::<2>(&mut body)?;
    let _compression = vector::<1>(&mut body)?;
    let mut hello = Hello::default();
    if body.is_empty() {
        return Some(hello);
    }
    let mut extensions = vector::<2>(&mut body)?;
    if !body.is_empty() {
        return None;
    }
    let (mut named, mut offered) = (false, false);
    while !extensions.is_empty() {
        let (kind, rest) = extensions.split_first_chunk::<2>()?;
        extensions = rest;
        let value = vector::<2>(&mut extensions)?;
        // RFC 8446 §4.2: there MUST NOT be more than one extension of the same type.
        match kind {
            [0, 0] if !core::mem::replace(&mut named, true) => hello.server_name = server_name(value)?,
            [0, 16] if !core::mem::replace(&mut offered, true) => hello.alpn = alpn(value)?,
            [0, 0 | 16] => return None,
            _ => {}
        }
    }
    Some(hello)
}

/// RFC 6066 §3: a list of names, of which at most one is a host name.
fn server_name(mut value: &[u8]) -> Option<Option<String>> {
    let mut list = vector::<2>(&mut value)?;
    if !value.is_empty() || list.is_empty() {
        return None;
    }
    let mut found = None;
    while let Some((&kind, rest)) = list.split_first() {
        list = rest;
        let name = vector::<2>(&mut list)?;
        // RFC 6066 §3: no more than one name of the same type.
        if kind == 0 && found.replace(name).is_some() {
            return None;
        }
    }
    let Some(name) = found.and_then(|name| core::str::from_utf8(name).ok()) else { return Some(None) };
    let name = name.strip_suffix('.').unwrap_or(name);
    // RFC 6066 §3: literal addresses are not permitted; a client that sends one asks for nobody.
    let is_name = is_host_name(name) && name.parse::<core::net::IpAddr>().is_err();
    Some(is_name.then(|| name.to_ascii_lowercase()))
}

/// RFC 7301 §3.1.
fn alpn(mut value: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut list = vector::<2>(&mut value)?;
    if !value.is_empty() || list.is_empty() {
        return None;
    }
    let mut names = Vec::new();
    while !list.is_empty() {
        let name = vector::<1>(&mut list)?;
        if name.is_empty() {
            return None;
        }
        names.push(name.to_vec());
    }
    Some(names)
}

#[cfg(test)]
mod tests;
