//! `Accept-Encoding` (RFC 9110 §12.5.3) and quality values (§12.4.2).

use crate::field::trim;
use crate::{Fields, name};

/// How much something is wanted, in thousandths; 0 means "not acceptable".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(u16);

impl Weight {
    /// Not acceptable.
    pub const ZERO: Self = Self(0);
    /// Wanted as much as can be said.
    pub const ONE: Self = Self(1000);

    /// Reads a `qvalue`: `0`, `1`, and up to three digits behind a point.
    pub fn parse(qvalue: &[u8]) -> Option<Self> {
        let (whole, digits) = match qvalue {
            [w @ (b'0' | b'1')] => (*w, &[][..]),
            [w @ (b'0' | b'1'), b'.', digits @ ..] if digits.len() <= 3 => (*w, digits),
            _ => return None,
        };
        let mut thousandths = 1000 * u16::from(whole - b'0');
        for (digit, scale) in digits.iter().zip([100, 10, 1]) {
            thousandths += scale * digit.is_ascii_digit().then(|| u16::from(digit - b'0'))?;
        }
        (thousandths <= 1000).then_some(Self(thousandths))
    }

    /// Thousandths, 0 to 1000.
    pub const fn thousandths(self) -> u16 {
        self.0
    }
}

/// Whether the client takes the content coding; see [`coding_weight`].
pub fn accepts_coding(fields: Fields<'_>, coding: &str) -> bool {
    coding_weight(fields, coding) > Weight::ZERO
}

/// How much the client wants a content coding such as `"br"`, `"gzip"` or `"identity"`.
///
/// What names the coding counts before `*`. `identity` is acceptable unless excluded by name or by `*;q=0`. A client
/// that sends no `Accept-Encoding` gets no coding: RFC 9110 would allow any, but such clients rarely decode one. An
/// element with a malformed weight counts as refused.
pub fn coding_weight(fields: Fields<'_>, coding: &str) -> Weight {
    let mut any = None;
    for element in fields.list(name::ACCEPT_ENCODING) {
        let (what, weight) = weighted(element);
        if what.eq_ignore_ascii_case(coding.as_bytes()) || is_alias(what, coding) {
            return weight;
        }
        if what == b"*" {
            any = Some(weight);
        }
    }
    match any {
        Some(weight) => weight,
        None if coding.eq_ignore_ascii_case("identity") => Weight::ONE,
        None => Weight::ZERO,
    }
}

/// RFC 9110 §8.4.1.3: a recipient should consider "x-gzip" to be equivalent to "gzip".
fn is_alias(what: &[u8], coding: &str) -> bool {
    coding.eq_ignore_ascii_case("gzip") && what.eq_ignore_ascii_case(b"x-gzip")
}

/// Splits `token [ ";" "q=" qvalue ]`.
fn weighted(element: &[u8]) -> (&[u8], Weight) {
    let Some(semicolon) = memchr::memchr(b';', element) else { return (element, Weight::ONE) };
    let weight = match trim(&element[semicolon + 1..]) {
        [b'q' | b'Q', b'=', qvalue @ ..] => Weight::parse(qvalue).unwrap_or(Weight::ZERO),
        _ => Weight::ZERO,
    };
    (trim(&element[..semicolon]), weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldPos;

    #[test]
    fn qvalues() {
        for (s, expect) in [
            ("0", Some(0)),
            ("1", Some(1000)),
            ("0.", Some(0)),
            ("0.5", Some(500)),
            ("0.001", Some(1)),
            ("1.000", Some(1000)),
            ("1.001", None),
            ("0.1234", None),
            ("2", None),
            ("", None),
            (".5", None),
            ("0.x", None),
            ("-0", None),
        ] {
            assert_eq!(Weight::parse(s.as_bytes()).map(Weight::thousandths), expect, "{s}");
        }
    }

    fn check(accept: Option<&str>, coding: &str, expect: u16) {
        let value = accept.unwrap_or("");
        let block = alloc::format!("accept-encoding{value}");
        let index = [FieldPos { name: 0, name_len: 15, value: 15, value_len: value.len() as u16 }];
        let fields = Fields::new(block.as_bytes(), if accept.is_some() { &index } else { &[] });
        assert_eq!(coding_weight(fields, coding).thousandths(), expect, "{accept:?} {coding}");
        assert_eq!(accepts_coding(fields, coding), expect > 0);
    }

    #[test]
    fn codings() {
        for (accept, br, gzip, identity) in [
            (None, 0, 0, 1000),
            (Some(""), 0, 0, 1000),
            (Some("gzip, br"), 1000, 1000, 1000),
            (Some("GZIP;q=0.5"), 0, 500, 1000),
            (Some("x-gzip"), 0, 1000, 1000),
            (Some("gzip;q=0, *"), 1000, 0, 1000),
            (Some("*;q=0"), 0, 0, 0),
            (Some("*;q=0, identity;q=0.1"), 0, 0, 100),
            (Some("*, br;q=0"), 0, 1000, 1000),
            (Some("br ; q=0.3 ,gzip;Q=1.0"), 300, 1000, 1000),
            (Some("br;q=9"), 0, 0, 1000),
            (Some("br;level=1"), 0, 0, 1000),
            (Some("identity;q=0"), 0, 0, 0),
        ] {
            check(accept, "br", br);
            check(accept, "gzip", gzip);
            check(accept, "identity", identity);
        }
    }
}
