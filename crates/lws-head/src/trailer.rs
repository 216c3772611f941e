//! Which fields a trailer section may have (RFC 9110 §6.5): one rule for every version of HTTP, so that handlers see the
//! same.

use crate::field::is_same;

/// What becomes of a field in a trailer section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It may be there.
    Keep,
    /// Not shown to anybody: it would change how the message is understood after it has been acted upon.
    Drop,
    /// Only ever there to confuse somebody about framing or routing.
    Refuse,
}

/// RFC 9110 §6.5.1: no field that is about framing, routing, authentication, request control or content format.
///
/// `name` may be in any case. On HTTP/2 the fields about a connection are malformed in the first place (RFC 9113 §8.2.2).
pub fn rule(name: &[u8]) -> Rule {
    const REFUSED: &str = "content-length transfer-encoding host";
    const DROPPED: &str = "age authorization cache-control connection cookie date expect expires forwarded keep-alive location \
        max-forwards pragma proxy-authenticate proxy-authorization proxy-connection range retry-after \
        set-cookie te trailer upgrade vary via www-authenticate";
    let is_one_of = |names: &str| names.split(' ').any(|other| is_same(name, other.as_bytes()));
    let begins = |start: &[u8]| name.get(..start.len()).is_some_and(|s| is_same(s, start));
    if is_one_of(REFUSED) {
        Rule::Refuse
    } else if is_one_of(DROPPED) || begins(b"content-") || begins(b"if-") || begins(b"x-forwarded-") {
        Rule::Drop
    } else {
        Rule::Keep
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_in_a_trailer_section() {
        for (name, expected) in [
            ("x-checksum", Rule::Keep),
            ("Server-Timing", Rule::Keep),
            ("grpc-status", Rule::Keep),
            ("Content-Length", Rule::Refuse),
            ("transfer-encoding", Rule::Refuse),
            ("HOST", Rule::Refuse),
            ("content-type", Rule::Drop),
            ("If-Match", Rule::Drop),
            ("X-Forwarded-For", Rule::Drop),
            ("set-cookie", Rule::Drop),
            ("Connection", Rule::Drop),
            ("", Rule::Keep),
        ] {
            assert_eq!(rule(name.as_bytes()), expected, "{name}");
        }
    }
}
