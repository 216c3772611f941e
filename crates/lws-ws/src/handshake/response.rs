//! The client's side of the handshake (RFC 6455 §4.1).

use core::fmt;

use super::list::{Extensions, Lines, has_token};
use super::{Key, Single, accept_key, is_same};

/// What a server answers to a request to upgrade. Borrows from the answer's head.
#[derive(Clone, Copy, Default)]
pub struct Response<'a> {
    status: u16,
    upgrade: bool,
    connection: bool,
    accept: Single<'a>,
    protocol: Single<'a>,
    extensions: Lines<'a>,
}

/// Why an answer does not open a WebSocket.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Another status than 101: handle it as HTTP says.
    Status(u16),
    /// No `Upgrade: websocket`.
    Upgrade,
    /// No `Connection: upgrade`.
    Connection,
    /// `Sec-WebSocket-Accept` is not the answer to our key.
    Accept,
    /// A subprotocol that was not offered, or more than one.
    Protocol,
}

impl core::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "the server answered {status} instead of 101"),
            Self::Upgrade => f.write_str("the server answered without Upgrade: websocket"),
            Self::Connection => f.write_str("the server answered without Connection: upgrade"),
            Self::Accept => f.write_str("the server's Sec-WebSocket-Accept does not match the key"),
            Self::Protocol => f.write_str("the server chose a subprotocol that was not offered"),
        }
    }
}

impl<'a> Response<'a> {
    /// An answer without fields so far.
    pub fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// Adds a field. Fields that do not matter here may be left out or not.
    pub fn field(&mut self, name: &[u8], value: &'a [u8]) {
        let value = value.trim_ascii();
        let is = |known: &str| is_same(name, known.as_bytes());
        match name.len() {
            7 if is("upgrade") => self.upgrade |= has_token(value, "websocket"),
            10 if is("connection") => self.connection |= has_token(value, "upgrade"),
            20 if is("sec-websocket-accept") => self.accept.add(value),
            22 if is("sec-websocket-protocol") => self.protocol.add(value),
            24 if is("sec-websocket-extensions") => self.extensions.add(value),
            _ => {}
        }
    }

    /// Whether the connection is a WebSocket now, and with which of the subprotocols in `offered`, by index.
    ///
    /// Extensions are the caller's to check: one that was not offered fails the connection as well
    /// (RFC 6455 §4.1).
    ///
    /// # Errors
    /// Why it is not. Apart from [`Failure::Status`] there is nothing left to do but to close it.
    pub fn check<S: AsRef<str>>(&self, key: &Key, offered: &[S]) -> Result<Option<usize>, Failure> {
        // RFC 6455 §4.1: items 1 to 6 of what the client MUST validate.
        if self.status != 101 {
            return Err(Failure::Status(self.status));
        }
        if !self.upgrade {
            return Err(Failure::Upgrade);
        }
        if !self.connection {
            return Err(Failure::Connection);
        }
        if self.accept.once() != Some(&accept_key(key.as_bytes())) {
            return Err(Failure::Accept);
        }
        match self.protocol {
            Single::Absent => Ok(None),
            Single::Once(chosen) => {
                let index = offered.iter().position(|own| own.as_ref().as_bytes() == chosen);
                index.map(Some).ok_or(Failure::Protocol)
            }
            // RFC 6455 §11.3.4: MUST NOT appear more than once in a response.
            Single::Repeated => Err(Failure::Protocol),
        }
    }

    /// The extensions the server grants, in the order they apply.
    pub fn extensions(&self) -> Extensions<'a> {
        Extensions::new(self.extensions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Fields<'a> = [(&'a str, &'a str)];

    const GOOD: [(&str, &str); 3] = [
        ("Upgrade", "WebSocket"),
        ("Connection", "keep-alive, Upgrade"),
        ("Sec-WebSocket-Accept", " s3pPLMBiTxaQ9kYGzzhZRbK+xOo= "),
    ];

    fn check(status: u16, fields: &Fields<'_>, expected: Result<Option<usize>, Failure>) {
        let mut response = Response::new(status);
        for (name, value) in fields {
            response.field(name.as_bytes(), value.as_bytes());
        }
        let key = Key::new(*b"the sample nonce");
        assert_eq!(response.check(&key, &["chat", "superchat"]), expected, "{status} {fields:?}");
    }

    #[test]
    fn ws_10_what_a_client_checks() {
        let protocol = |values: &[&'static str]| {
            let lines = values.iter().map(|value| ("Sec-WebSocket-Protocol", *value));
            GOOD.into_iter().chain(lines).collect::<std::vec::Vec<_>>()
        };
        check(101, &GOOD, Ok(None));
        check(101, &protocol(&["superchat"]), Ok(Some(1)));
        check(101, &protocol(&["Chat"]), Err(Failure::Protocol));
        check(101, &protocol(&["chat, superchat"]), Err(Failure::Protocol));
        check(101, &protocol(&["chat", "chat"]), Err(Failure::Protocol));
        for status in [100, 200, 302, 401, 426] {
            check(status, &GOOD, Err(Failure::Status(status)));
        }
        check(101, &GOOD[1..], Err(Failure::Upgrade));
        check(101, &[GOOD[0], GOOD[2]], Err(Failure::Connection));
        check(101, &GOOD[..2], Err(Failure::Accept));
        check(101, &[GOOD[0], GOOD[1], GOOD[2], GOOD[2]], Err(Failure::Accept));
        let wrong = ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo");
        check(101, &[GOOD[0], GOOD[1], wrong], Err(Failure::Accept));
    }
}
