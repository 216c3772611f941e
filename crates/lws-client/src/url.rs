//! Where a request goes (RFC 3986, as far as clients of HTTP need it).
//!
//! ```text
//!   scheme ":" "//" host [ ":" port ] [ path ] [ "?" query ] [ "#" fragment ]
//!   http+unix://%2Frun%2Fapp.sock/path       the host is the path of a socket, percent-encoded
//! ```
//! Strict: a URL that two readers might understand differently is refused, never repaired (CLI-05). User names and
//! passwords are refused, too: they belong into a field.

use crate::limits::URL_BYTES;
use lws_head::Host;
use std::fmt;

/// A URL that can be connected to: `http`, `https`, `ws`, `wss`, `http+unix` or `ws+unix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    scheme: Scheme,
    /// Lower case, without brackets; of unix schemes, percent-encoded.
    host: String,
    port: u16,
    /// Begins with `/`.
    target: String,
}

/// What is spoken, and over what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Scheme {
    name: &'static str,
    port: u16,
    secure: bool,
    websocket: bool,
    unix: bool,
}

const SCHEMES: [Scheme; 6] = [
    Scheme { name: "http", port: 80, secure: false, websocket: false, unix: false },
    Scheme { name: "https", port: 443, secure: true, websocket: false, unix: false },
    Scheme { name: "ws", port: 80, secure: false, websocket: true, unix: false },
    Scheme { name: "wss", port: 443, secure: true, websocket: true, unix: false },
    Scheme { name: "http+unix", port: 0, secure: false, websocket: false, unix: true },
    Scheme { name: "ws+unix", port: 0, secure: false, websocket: true, unix: true },
];

/// Whom a connection leads to: what may share one, and who may see credentials (CLI-01, CLI-08).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) secure: bool,
    pub(crate) unix: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Origin {
    /// `host:port`, as CONNECT wants it (RFC 9112 §3.2.3).
    pub(crate) fn with_port(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

/// Why something is no URL to connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// More than [`URL_BYTES`].
    TooLong,
    /// A space, a control character, a backslash or something that is not ASCII: percent-encode it.
    Character,
    /// No scheme, or none of those that [`Url`] lists.
    Scheme,
    /// No host, or none that could be one.
    Host,
    /// A user name or a password.
    UserInfo,
    /// A port that is no number from 1 to 65535.
    Port,
}

impl Url {
    /// Reads a URL. A fragment is left out.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        check(text)?;
        let (scheme, rest) = text.split_once(':').ok_or(UrlError::Scheme)?;
        let scheme = SCHEMES.iter().find(|s| s.name.eq_ignore_ascii_case(scheme)).ok_or(UrlError::Scheme)?;
        let rest = rest.strip_prefix("//").ok_or(UrlError::Host)?;
        Self::authority(*scheme, rest)
    }

    /// What is behind `//`.
    fn authority(scheme: Scheme, rest: &str) -> Result<Self, UrlError> {
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        if authority.contains('@') {
            return Err(UrlError::UserInfo);
        }
        let (host, port) = match (scheme.unix, authority.rsplit_once(':')) {
            (false, Some((host, port))) if !port.ends_with(']') => {
                let is_number = port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
                let number = if is_number { port.parse().ok() } else { None };
                (host, number.filter(|port| *port > 0).ok_or(UrlError::Port)?)
            }
            _ => (authority, scheme.port),
        };
        let legal = if scheme.unix { decode(host).is_some_and(|p| !p.is_empty()) } else { is_host(host) };
        if !legal {
            return Err(UrlError::Host);
        }
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        let host = if scheme.unix { host.to_string() } else { bare.to_ascii_lowercase() };
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Self { scheme, host, port, target: format!("{slash}{target}") })
    }

    /// The URL that `reference`, a `Location` or a link, means when it stands in this one (RFC 3986 §5).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn join(&self, reference: &str) -> Result<Self, UrlError> {
        check(reference)?;
        let has_scheme =
            reference.find([':', '/', '?', '#']).is_some_and(|i| reference[i..].starts_with(':'));
        if has_scheme {
            return Self::parse(reference);
        }
        if let Some(rest) = reference.strip_prefix("//") {
            return Self::authority(self.scheme, rest);
        }
        let reference = reference.split('#').next().unwrap_or_default();
        let (path, _) = split_query(&self.target);
        let target = match reference.as_bytes().first() {
            None => self.target.clone(),
            Some(b'/') => without_dots(reference),
            Some(b'?') => format!("{path}{reference}"),
            Some(_) => {
                let folder = path.rfind('/').map_or("/", |i| &path[..=i]);
                without_dots(&format!("{folder}{reference}"))
            }
        };
        Ok(Self { target, ..self.clone() })
    }

    /// The scheme, in lower case.
    pub fn scheme(&self) -> &'static str {
        self.scheme.name
    }

    /// The host in lower case, without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; of unix schemes, 0.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Path and query: the request target (RFC 9112 §3.2.1).
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Whether it is spoken over TLS.
    pub fn is_secure(&self) -> bool {
        self.scheme.secure
    }

    /// Whether it leads to a WebSocket.
    pub fn is_websocket(&self) -> bool {
        self.scheme.websocket
    }

    /// The path of the socket, if it leads to one.
    pub(crate) fn socket_path(&self) -> Option<Vec<u8>> {
        if self.scheme.unix { decode(&self.host) } else { None }
    }

    /// Whether it leads to a socket on this machine.
    pub(crate) fn is_unix(&self) -> bool {
        self.scheme.unix
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin {
            secure: self.scheme.secure,
            unix: self.scheme.unix,
            host: self.host.clone(),
            port: self.port,
        }
    }

    /// The value of `Host` (RFC 9110 §7.2).
    pub(crate) fn authority_text(&self) -> String {
        match (self.scheme.unix, self.host.contains(':'), self.port == self.scheme.port) {
            (true, _, _) => "localhost".into(),
            (false, false, true) => self.host.clone(),
            (false, false, false) => format!("{}:{}", self.host, self.port),
            (false, true, true) => format!("[{}]", self.host),
            (false, true, false) => format!("[{}]:{}", self.host, self.port),
        }
    }
}

impl std::str::FromStr for Url {
    type Err = UrlError;
    fn from_str(s: &str) -> Result<Self, UrlError> {
        Self::parse(s)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = if self.scheme.unix { self.host.clone() } else { self.authority_text() };
        write!(f, "{}://{authority}{}", self.scheme.name, self.target)
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the URL is too long",
            Self::Character => "the URL has a character in it that must be percent-encoded",
            Self::Scheme => {
                "the URL begins with none of http://, https://, ws://, wss://, http+unix://, ws+unix://"
            }
            Self::Host => "the URL has no valid host",
            Self::UserInfo => "the URL has a user name in it",
            Self::Port => "the URL's port is no number from 1 to 65535",
        })
    }
}

impl std::error::Error for UrlError {}

/// CLI-05: nothing that could end a request line, or that somebody reads as a slash.
fn check(text: &str) -> Result<(), UrlError> {
    if text.len() > URL_BYTES {
        return Err(UrlError::TooLong);
    }
    let fine =
        text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>' | b'^' | b'`'));
    if fine { Ok(()) } else { Err(UrlError::Character) }
}

pub(crate) fn is_host(host: &str) -> bool {
    let plain = !host.starts_with('[') && !host.contains([':', '%', '[', ']']);
    let v6 = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let shape = plain || v6.is_some_and(|h| h.parse::<std::net::Ipv6Addr>().is_ok());
    !host.is_empty() && shape && Host::parse(host).is_some()
}

/// Percent-decoding; `None` if it is malformed or hides a NUL.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut path = Vec::with_capacity(text.len());
    while let Some(b) = bytes.next() {
        let b = if b == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            u8::try_from(digit()? * 16 + digit()?).ok()?
        } else {
            b
        };
        if b == 0 {
            return None;
        }
        path.push(b);
    }
    Some(path)
}

fn split_query(target: &str) -> (&str, &str) {
    target.split_at(target.find('?').unwrap_or(target.len()))
}

/// RFC 3986 §5.2.4: removes `.` and `..` from the path of `target`.
fn without_dots(target: &str) -> String {
    let (path, query) = split_query(target);
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => {
                kept.push(segment);
                continue;
            }
        }
        if last {
            kept.push("");
        }
    }
    format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests;
