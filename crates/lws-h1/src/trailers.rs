//! Trailer sections (RFC 9110 §6.5, RFC 9112 §7.1.2): read on their own, never merged into the head.

use lws_head::{FieldPos, Fields};

use crate::error::{Error, Limit, Peer};
use crate::limits::{TRAILER_FIELDS_MAX, TRAILERS_MAX};
use crate::scan::{Bounds, HeadIndex, Scanner};

const BOUNDS: Bounds = Bounds {
    start_line: 0,
    section: TRAILERS_MAX,
    fields: TRAILER_FIELDS_MAX,
    section_limit: Limit::Trailers,
    fields_limit: Limit::Trailers,
};

/// What becomes of a field in a trailer section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Keep,
    /// Not shown to anybody: it would change how the message is understood after it has been acted upon.
    Drop,
    /// Only ever there to confuse somebody about framing or routing.
    Refuse,
}

/// RFC 9110 §6.5.1: no field that is about framing, routing, authentication, request control or content format.
pub(crate) fn rule(name: &[u8]) -> Rule {
    const REFUSED: [&str; 3] = ["content-length", "transfer-encoding", "host"];
    const DROPPED: [&str; 25] = [
        "age",
        "authorization",
        "cache-control",
        "connection",
        "cookie",
        "date",
        "expect",
        "expires",
        "forwarded",
        "keep-alive",
        "location",
        "max-forwards",
        "pragma",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "retry-after",
        "set-cookie",
        "te",
        "trailer",
        "upgrade",
        "vary",
        "via",
        "www-authenticate",
    ];
    let is_it = |other: &&str| name.eq_ignore_ascii_case(other.as_bytes());
    let begins = |start: &[u8]| name.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start));
    if REFUSED.iter().any(is_it) {
        Rule::Refuse
    } else if DROPPED.iter().any(is_it) || begins(b"content-") || begins(b"if-") || begins(b"x-forwarded-") {
        Rule::Drop
    } else {
        Rule::Keep
    }
}

fn name_of(section: &[u8], pos: FieldPos) -> &[u8] {
    let at = usize::from(pos.name);
    section.get(at..at + usize::from(pos.name_len)).unwrap_or_default()
}

/// Looks for a complete section, with the same promises as [`Scanner::scan`].
pub(crate) fn scan(scanner: &mut Scanner, input: &[u8]) -> Result<Option<usize>, Error> {
    scanner.scan(
        input,
        &BOUNDS,
        |_| Ok(()),
        |pos| match rule(name_of(input, pos)) {
            Rule::Refuse => Err(Peer::Trailer.into()),
            Rule::Keep | Rule::Drop => Ok(()),
        },
    )
}

/// Reads a complete trailer section, as [`Decoded::trailers`](crate::Decoded::trailers) shows it; an empty slice has
/// no fields. Fields that must not be in a trailer section are left out.
///
/// Fails only for a section that did not come out of a [`BodyDecoder`](crate::BodyDecoder).
pub fn trailers<'a>(section: &'a [u8], index: &'a mut HeadIndex) -> Result<Fields<'a>, Error> {
    index.clear();
    if section.is_empty() {
        return Ok(Fields::default());
    }
    let keep = |pos| match rule(name_of(section, pos)) {
        Rule::Refuse => Err(Peer::Trailer.into()),
        Rule::Drop => Ok(()),
        Rule::Keep => {
            index.push(pos);
            Ok(())
        }
    };
    match Scanner::trailers().scan(section, &BOUNDS, |_| Ok(()), keep)? {
        Some(_) => Ok(index.fields(section)),
        None => Err(Peer::Truncated.into()),
    }
}
