//! From a call's head to the fields of a request (RFC 9113 §8.3.1, §8.5; RFC 8441 §4).

use crate::raw::{RawFields, decimal, put_raw};
use lws_h2::{Asked, Field};
use lws_head::{Host, Method, field};
use lws_http::client::{CallHead, Cause, Framing};

/// A request's head, put together and checked (CLI-05), as the encoder takes it.
pub(super) struct Head<'a> {
    pub(super) asked: Asked,
    /// There is no body, and no stream of another protocol either.
    pub(super) ends: bool,
    pseudo: [Option<Field<'a>>; 5],
    raw: RawFields<'a>,
    length: Option<[u8; 20]>,
    digits: usize,
}

/// The name of the protocol that a call which wants to switch asks for: what `Upgrade` says on HTTP/1.1 stands in
/// `:protocol` here (RFC 8441 §5).
pub(super) fn protocol(head: &CallHead) -> Option<&[u8]> {
    let upgrade = head.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("upgrade"))?;
    Some(field::trim(&upgrade.1))
}

impl<'a> Head<'a> {
    /// Checks a call's head, and puts its fields together in `scratch`.
    pub(super) fn new(
        head: &'a CallHead,
        switches: bool,
        is_secure: bool,
        scratch: &'a mut [u8],
    ) -> Result<Self, Cause> {
        let mut raw = 0;
        let mut authority = None;
        for (name, value) in &head.fields {
            let value = field::trim(value);
            if !field::is_token(name.as_bytes()) {
                return Err(Cause::Misuse("field name is not a token"));
            }
            // RFC 9113 §8.2.1: no CR, LF or NUL; we send no other control character either.
            if !field::is_field_value(value) {
                return Err(Cause::Misuse("field value contains a control character"));
            }
            match kind(name, value) {
                Kind::Plain => {
                    let room = scratch.get_mut(raw..).unwrap_or_default();
                    raw += put_raw(room, name, value).ok_or(TOO_LONG)?;
                }
                Kind::Host if authority.is_some() => return Err(Cause::Misuse("there are two Host fields")),
                Kind::Host => authority = Some(value),
                Kind::Connection => {}
                Kind::Length => return Err(Cause::Misuse("message framing set by hand")),
            }
        }
        let tunnels = head.method == Method::Connect || switches;
        let protocol = if switches { protocol(head) } else { None };
        let (length, digits) = match head.body {
            Framing::Length(n) if !tunnels => {
                let mut digits = [0; 20];
                let len = decimal(n, &mut digits).len();
                (Some(digits), len)
            }
            _ => (None, 0),
        };
        Ok(Self {
            asked: match head.method {
                _ if tunnels => Asked::Connect,
                Method::Head => Asked::Head,
                _ => Asked::Other,
            },
            ends: !tunnels && matches!(head.body, Framing::None | Framing::Length(0)),
            pseudo: pseudo(head, tunnels, protocol, authority, is_secure)?,
            raw: RawFields(scratch.get(..raw).unwrap_or_default()),
            length,
            digits,
        })
    }

    /// The fields, pseudo-headers first.
    pub(super) fn fields(&self) -> impl Iterator<Item = Field<'_>> + Clone {
        let digits = self.length.as_ref().and_then(|digits| digits.get(digits.len() - self.digits..));
        let length = digits.map(|digits| Field::new(b"content-length", digits));
        self.pseudo.iter().flatten().copied().chain(self.raw).chain(length)
    }
}

pub(super) const TOO_LONG: Cause = Cause::Misuse("the request's head is too long");

/// `:method`, `:scheme`, `:authority`, `:path` and `:protocol`, as the method wants them.
fn pseudo<'a>(
    head: &'a CallHead,
    tunnels: bool,
    protocol: Option<&'a [u8]>,
    host: Option<&'a [u8]>,
    is_secure: bool,
) -> Result<[Option<Field<'a>>; 5], Cause> {
    let method = if tunnels { Method::Connect } else { head.method };
    let method = Field::new(b":method", method.as_str().as_bytes());
    if tunnels && protocol.is_none() {
        // RFC 9113 §8.5: the host and port to connect to, and neither scheme nor path.
        let port = Host::parse(&head.target).and_then(|host| host.port);
        port.ok_or(Cause::Misuse("the target of CONNECT is no host and port"))?;
        let authority = Field::new(b":authority", head.target.as_bytes());
        return Ok([Some(method), None, Some(authority), None, None]);
    }
    let authority = host
        .and_then(|host| core::str::from_utf8(host).ok())
        .filter(|host| Host::parse(host).is_some())
        .ok_or(Cause::Misuse("there is no Host field, or an invalid one"))?;
    let path = head.target.as_bytes();
    let is_path = path.first() == Some(&b'/') || (path == b"*" && head.method == Method::Options);
    if !is_path || !path.iter().all(|b| b.is_ascii_graphic() && *b != b'#') {
        return Err(Cause::Misuse("the request's target is no path"));
    }
    if protocol.is_some_and(|name| !field::is_token(name)) {
        return Err(Cause::Misuse("the protocol's name is not a token"));
    }
    let scheme: &[u8] = if is_secure { b"https" } else { b"http" };
    Ok([
        Some(method),
        Some(Field::new(b":scheme", scheme)),
        Some(Field::new(b":authority", authority.as_bytes())),
        Some(Field::new(b":path", path)),
        protocol.map(|name| Field::new(b":protocol", name)),
    ])
}

enum Kind {
    Plain,
    Host,
    /// It is about a connection of HTTP/1.
    Connection,
    Length,
}

/// RFC 9113 §8.2.2: nothing about the connection, and of TE nothing but "trailers".
fn kind(name: &str, value: &[u8]) -> Kind {
    const CONNECTION: [&str; 6] =
        ["connection", "upgrade", "keep-alive", "proxy-connection", "transfer-encoding", "http2-settings"];
    let is = |other: &&str| name.eq_ignore_ascii_case(other);
    if CONNECTION.iter().any(is) || (is(&"te") && !value.eq_ignore_ascii_case(b"trailers")) {
        Kind::Connection
    } else if is(&"host") {
        Kind::Host
    } else if is(&"content-length") {
        Kind::Length
    } else {
        Kind::Plain
    }
}
