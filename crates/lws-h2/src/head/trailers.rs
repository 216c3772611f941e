//! Trailer sections (RFC 9110 §6.5, RFC 9113 §8.1): read on their own, never merged into the head.

use lws_head::Fields;
use lws_hpack::Decoder;

use super::collect::Allowed;
use super::{HeadRoom, Verdict, collect};
use crate::error::Error;

/// What becomes of a field in a trailer section: the same as in `lws-h1`, so that handlers see the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Keep,
    /// Not shown to anybody: it would change how the message is understood after it has been acted upon.
    Drop,
    /// Only ever there to confuse somebody about framing or routing.
    Refuse,
}

/// RFC 9110 §6.5.1: no field that is about framing, routing, authentication, request control or content format.
/// `name` is in lower case.
pub(crate) fn rule(name: &[u8]) -> Rule {
    match name {
        b"content-length" | b"transfer-encoding" | b"host" | b"connection" | b"keep-alive"
        | b"proxy-connection" | b"upgrade" => Rule::Refuse,
        b"age"
        | b"authorization"
        | b"cache-control"
        | b"cookie"
        | b"date"
        | b"expect"
        | b"expires"
        | b"forwarded"
        | b"location"
        | b"max-forwards"
        | b"pragma"
        | b"proxy-authenticate"
        | b"proxy-authorization"
        | b"range"
        | b"retry-after"
        | b"set-cookie"
        | b"te"
        | b"trailer"
        | b"vary"
        | b"via"
        | b"www-authenticate" => Rule::Drop,
        _ if name.starts_with(b"content-") || name.starts_with(b"if-") => Rule::Drop,
        _ if name.starts_with(b"x-forwarded-") => Rule::Drop,
        _ => Rule::Keep,
    }
}

/// Whether a field of this name (in lower case) may be sent in a trailer section.
pub(crate) fn is_allowed_in_trailers(name: &[u8]) -> bool {
    rule(name) == Rule::Keep
}

/// Decodes a trailer section.
pub(crate) fn trailers<'r>(
    decoder: &mut Decoder,
    block: &[u8],
    room: &'r mut HeadRoom<'_>,
) -> Result<Verdict<Fields<'r>>, Error> {
    Ok(match collect(decoder, block, room, Allowed::Trailers)? {
        Verdict::Good(list) => {
            let list = list.finish();
            Verdict::Good(Fields::new(list.text, list.index))
        }
        Verdict::Malformed(fault) => Verdict::Malformed(fault),
        Verdict::Answer(status) => Verdict::Answer(status),
    })
}
