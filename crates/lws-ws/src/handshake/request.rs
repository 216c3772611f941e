//! The server's side of the handshake (RFC 6455 §4.2).

use core::fmt;

use super::list::{Extensions, Lines, Malformed, Protocols, has_token};
use super::{Single, VERSION, accept_key, is_key, is_same, origin};

/// What a request to upgrade says. Borrows from the request's head.
#[derive(Clone, Copy, Default)]
pub struct Request<'a> {
    is_get: bool,
    is_http11: bool,
    upgrade: bool,
    connection: bool,
    version: Single<'a>,
    key: Single<'a>,
    origin: Single<'a>,
    host: Single<'a>,
    protocols: Lines<'a>,
    extensions: Lines<'a>,
}

/// Why a request to upgrade is not granted.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The method is not GET.
    Method,
    /// HTTP before 1.1.
    HttpVersion,
    /// No `Upgrade: websocket`.
    Upgrade,
    /// No `Connection: upgrade`.
    Connection,
    /// No `Sec-WebSocket-Version`, or more than one.
    NoVersion,
    /// A version other than 13. The answer has to have `Sec-WebSocket-Version:` [`VERSION`].
    Version,
    /// No `Sec-WebSocket-Key`, more than one, or not 16 bytes in base64.
    Key,
    /// A list that is not one, or has too many items.
    List,
    /// A page of somebody else's.
    Origin,
}

impl Refusal {
    /// The status of the answer.
    pub const fn status(self) -> u16 {
        match self {
            // RFC 6455 §4.2.2 /version/: such as 426 Upgrade Required, with the versions we understand.
            Self::Version => 426,
            // RFC 6455 §4.2.2 /origin/: 403 Forbidden.
            Self::Origin => 403,
            _ => 400,
        }
    }
}

impl From<Malformed> for Refusal {
    fn from(Malformed: Malformed) -> Self {
        Self::List
    }
}

impl core::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Method => "the method is not GET",
            Self::HttpVersion => "HTTP before 1.1",
            Self::Upgrade => "no Upgrade: websocket",
            Self::Connection => "no Connection: upgrade",
            Self::NoVersion => "not one Sec-WebSocket-Version",
            Self::Version => "the WebSocket version is not 13",
            Self::Key => "not one Sec-WebSocket-Key of 16 bytes",
            Self::List => "malformed or long list of subprotocols or extensions",
            Self::Origin => "a page from elsewhere",
        })
    }
}

impl<'a> Request<'a> {
    /// A request without fields so far: its method, and its version of HTTP as (major, minor).
    pub fn new(method: &[u8], http: (u8, u8)) -> Self {
        Self { is_get: method == b"GET", is_http11: http >= (1, 1), ..Self::default() }
    }

    /// Adds a field. Fields that do not matter here may be left out or not.
    pub fn field(&mut self, name: &[u8], value: &'a [u8]) {
        let value = value.trim_ascii();
        let is = |known: &str| is_same(name, known.as_bytes());
        match name.len() {
            4 if is("host") => self.host.add(value),
            6 if is("origin") => self.origin.add(value),
            7 if is("upgrade") => self.upgrade |= has_token(value, "websocket"),
            10 if is("connection") => self.connection |= has_token(value, "upgrade"),
            17 if is("sec-websocket-key") => self.key.add(value),
            21 if is("sec-websocket-version") => self.version.add(value),
            22 if is("sec-websocket-protocol") => self.protocols.add(value),
            24 if is("sec-websocket-extensions") => self.extensions.add(value),
            _ => {}
        }
    }

    /// Whether the request wants to upgrade to WebSocket at all. If not, it is plain HTTP.
    pub fn wants_websocket(&self) -> bool {
        self.upgrade && self.connection
    }

    /// The value of `Sec-WebSocket-Accept` for the answer with status 101.
    ///
    /// Origin, subprotocols and extensions are asked for separately.
    ///
    /// # Errors
    /// Why the request must not be granted; [`Refusal::status`] is for the answer.
    pub fn accept(&self) -> Result<[u8; 28], Refusal> {
        // RFC 6455 §4.2.1: items 1 to 6 of what the request MUST have.
        if !self.is_get {
            return Err(Refusal::Method);
        }
        if !self.is_http11 {
            return Err(Refusal::HttpVersion);
        }
        if !self.upgrade {
            return Err(Refusal::Upgrade);
        }
        if !self.connection {
            return Err(Refusal::Connection);
        }
        if self.version.once().ok_or(Refusal::NoVersion)? != VERSION.as_bytes() {
            return Err(Refusal::Version);
        }
        // RFC 6455 §11.3.1: the key MUST NOT appear more than once.
        self.key.once().filter(|key| is_key(key)).map(accept_key).ok_or(Refusal::Key)
    }

    /// Refuses a page that is neither of the same host nor in `allowed` (see [`origin::allows`]).
    ///
    /// # Errors
    /// [`Refusal::Origin`].
    pub fn check_origin<S: AsRef<str>>(&self, allowed: &[S]) -> Result<(), Refusal> {
        let origin = match self.origin {
            Single::Absent => None,
            Single::Once(origin) => Some(origin),
            Single::Repeated => return Err(Refusal::Origin),
        };
        if origin::allows(origin, self.host.once(), allowed) { Ok(()) } else { Err(Refusal::Origin) }
    }

    /// Whether the client offers any subprotocol: if so, it takes one of those or none.
    pub fn has_protocols(&self) -> bool {
        !self.protocols.is_empty()
    }

    /// The subprotocols the client offers.
    pub fn protocols(&self) -> Protocols<'a> {
        Protocols::new(self.protocols)
    }

    /// The index of the first of `ours` that the client offers too; `None` if it offers none of them.
    ///
    /// # Errors
    /// [`Refusal::List`] if its list is malformed or too long.
    #[doc(alias = "lws_protocols")]
    pub fn choose_protocol<S: AsRef<str>>(&self, ours: &[S]) -> Result<Option<usize>, Refusal> {
        let mut best = None;
        for offered in self.protocols() {
            let offered = offered?;
            let index = ours.iter().position(|own| own.as_ref() == offered);
            best = [best, index].into_iter().flatten().min();
        }
        Ok(best)
    }

    /// The extensions the client offers, in its order of preference.
    pub fn extensions(&self) -> Extensions<'a> {
        Extensions::new(self.extensions)
    }
}

#[cfg(test)]
mod tests;
