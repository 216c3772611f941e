//! Request heads (RFC 9113 §8.3.1, §8.5; RFC 8441 §4).

use lws_head::{Fields, Host, Method, RequestHead, Status, Version, field};
use lws_hpack::Decoder;

use super::collect::{Allowed, Collector, Pseudo};
use super::last::Parts;
use super::{HeadRoom, Verdict, collect};
use crate::error::{Error, Peer};
use crate::limits;
use crate::priority::{DEFAULT_URGENCY, urgency};

/// A request's head, and what it says about the body.
pub(crate) struct Request<'r> {
    pub(crate) head: RequestHead<'r>,
    pub(crate) content_length: Option<u64>,
    pub(crate) expect_continue: bool,
    pub(crate) urgency: u8,
}

/// Decodes a request's head; `connect_protocol`: we have offered extended CONNECT.
pub(crate) fn request<'r>(
    decoder: &mut Decoder,
    block: &[u8],
    room: &'r mut HeadRoom<'_>,
    connect_protocol: bool,
) -> Result<Verdict<Request<'r>>, Error> {
    if let Some(parts) = room.last.find(decoder, block) {
        return Ok(Verdict::Good(parts.view(room.text, &room.index)));
    }
    let changes = decoder.changes();
    let (list, last) = match collect(decoder, block, room, Allowed::Request)? {
        Verdict::Good(good) => good,
        Verdict::Malformed(fault) => return Ok(Verdict::Malformed(fault)),
        Verdict::Answer(status) => return Ok(Verdict::Answer(status)),
    };
    Ok(check(list, connect_protocol, |parts| last.keep(decoder, changes, block, parts)))
}

/// `keep` gets what is worth remembering.
fn check(mut list: Collector<'_>, connect_protocol: bool, keep: impl FnOnce(Parts)) -> Verdict<Request<'_>> {
    let method = match method(&list) {
        Ok(Some(method)) => method,
        Ok(None) => return Verdict::Answer(Status::NOT_IMPLEMENTED),
        Err(fault) => return Verdict::Malformed(fault),
    };
    if let Err(fault) = form(&list, method, connect_protocol) {
        return Verdict::Malformed(fault);
    }
    if list.value(Pseudo::Path).is_some_and(|path| path.len() > limits::PATH_BYTES) {
        return Verdict::Answer(Status::URI_TOO_LONG);
    }
    if !list.join_cookies() || !list.add_host() {
        return Verdict::Answer(Status::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    let (content_length, hosts) = (list.content_length, list.hosts);
    let (expects, has_priority) = (list.expects, list.has_priority);
    let list = list.finish();
    if list.lead.is_none() {
        // The others have been seen to be ASCII.
        return Verdict::Malformed(Peer::Authority);
    }
    let fields = Fields::new(list.text, list.index);
    let scheme = list.text_of(Pseudo::Scheme);
    let authority = match authority(list.text_of(Pseudo::Authority), hosts, fields, scheme) {
        Ok(authority) => authority,
        Err(fault) => return Verdict::Malformed(fault),
    };
    let protocol = list.text_of(Pseudo::Protocol);
    if method == Method::Connect
        && protocol.is_none()
        && Host::parse(authority).is_none_or(|h| h.port.is_none())
    {
        // RFC 9113 §8.5: the host and port to connect to.
        return Verdict::Malformed(Peer::Authority);
    }
    let target = list.text_of(Pseudo::Path).unwrap_or(authority);
    let path = list.text_of(Pseudo::Path).unwrap_or("");
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let expect_continue = match expects.then(|| expectation(fields)).transpose() {
        Ok(expects) => expects.unwrap_or(false),
        Err(status) => return Verdict::Answer(status),
    };
    let priority = if has_priority { fields.first("priority") } else { None };
    let urgency = priority.map_or(DEFAULT_URGENCY, urgency);
    // The places of `Pseudo`: an ordinary request that names its authority itself.
    if let [_, Some(scheme), Some(authority), Some(path), None, _] = list.pseudo {
        let (lead, fields) = (list.lead.map_or(0, str::len), fields.len());
        let query = query.map(|query| usize::from(path.1) - query.len() - 1);
        keep(Parts {
            method,
            query,
            lead,
            scheme,
            authority,
            path,
            fields,
            content_length,
            expect_continue,
            urgency,
        });
    }
    let version = Version::Http2;
    let authority = Some(authority);
    let head = RequestHead { method, target, version, scheme, authority, path, query, protocol, fields };
    Verdict::Good(Request { head, content_length, expect_continue, urgency })
}

/// The method; `None` if it is one that nobody here knows.
fn method(list: &Collector<'_>) -> Result<Option<Method>, Peer> {
    let name = list.value(Pseudo::Method).ok_or(Peer::Pseudo)?;
    // H2-14: `GET / HTTP/1.1` is no method.
    if !field::is_token(name) {
        return Err(Peer::Method);
    }
    Ok(Method::from_bytes(name))
}

/// Whether the pseudo-headers are those that the method wants, and of the right form.
fn form(list: &Collector<'_>, method: Method, connect_protocol: bool) -> Result<(), Peer> {
    let (scheme, path) = (list.value(Pseudo::Scheme), list.value(Pseudo::Path));
    match list.value(Pseudo::Protocol) {
        // RFC 8441 §4: only with CONNECT, and only if we offered it (H2-19).
        Some(protocol) if !connect_protocol || method != Method::Connect || !field::is_token(protocol) => {
            return Err(Peer::Protocol);
        }
        Some(_) => {}
        None if method == Method::Connect => {
            // RFC 9113 §8.5: an ordinary CONNECT has neither.
            return if scheme.is_none() && path.is_none() { Ok(()) } else { Err(Peer::Pseudo) };
        }
        None => {}
    }
    // RFC 9113 §8.3.1: exactly one of each; RFC 8441 §4: on extended CONNECT too.
    let (scheme, path) = (scheme.ok_or(Peer::Pseudo)?, path.ok_or(Peer::Pseudo)?);
    if !scheme.eq_ignore_ascii_case(b"http") && !scheme.eq_ignore_ascii_case(b"https") {
        return Err(Peer::Scheme);
    }
    // RFC 9113 §8.3.1: not empty, begins with a slash; only OPTIONS may have an asterisk. No space, no fragment.
    let is_path = path.first() == Some(&b'/') || (path == b"*" && method == Method::Options);
    if !is_path || !path.iter().all(|b| b.is_ascii_graphic() && *b != b'#') {
        return Err(Peer::Path);
    }
    Ok(())
}

/// Who is meant: `:authority`, or `Host` in its place (RFC 9113 §8.3.1). Both must say the same (H2-14).
fn authority<'r>(
    pseudo: Option<&'r str>,
    hosts: usize,
    fields: Fields<'r>,
    scheme: Option<&str>,
) -> Result<&'r str, Peer> {
    if hosts > 1 {
        return Err(Peer::Authority);
    }
    let parse = |authority| Host::parse(authority).ok_or(Peer::Authority);
    // Without one of the client's own there is only the one that was made of the authority.
    let field = if hosts > 0 { fields.first("host") } else { None };
    let field = field.map(|host| core::str::from_utf8(host).map_err(|_| Peer::Authority));
    match (pseudo, field.transpose()?) {
        (None, None) => Err(Peer::Authority),
        (None, Some(host)) => parse(host).map(|_| host),
        (Some(authority), None) => parse(authority).map(|_| authority),
        (Some(authority), Some(host)) => {
            let default_port = if scheme.is_some_and(|s| s.eq_ignore_ascii_case("http")) { 80 } else { 443 };
            let same = parse(authority)?.is_same(&parse(host)?, default_port);
            if same { Ok(authority) } else { Err(Peer::Authority) }
        }
    }
}

/// RFC 9110 §10.1.1: whether the client waits for 100; 417 for anything else it expects.
fn expectation(fields: Fields<'_>) -> Result<bool, Status> {
    let mut expects = false;
    for value in fields.all("expect") {
        if !value.eq_ignore_ascii_case(b"100-continue") {
            return Err(Status::EXPECTATION_FAILED);
        }
        expects = true;
    }
    Ok(expects)
}
