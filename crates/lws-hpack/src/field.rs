//! A header field, and what HTTP/2 asks of its octets.

use crate::limits::FIELD_OVERHEAD;

/// One header field, borrowed from whoever holds the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name; lower case on the wire of HTTP/2, a leading `:` marks a pseudo-header.
    pub name: &'a [u8],
    /// The value, opaque octets to HPACK.
    pub value: &'a [u8],
    /// Whether no hop may put this field into a table (RFC 7541 §6.2.3). Decoded from the wire; on the way out an
    /// encoder obeys it, so that a proxy which passes the field on as it came does the right thing.
    pub never_indexed: bool,
}

impl<'a> Field<'a> {
    /// A field that may be indexed, if [`crate::Encoder`] thinks it worthwhile and safe.
    pub const fn new(name: &'a [u8], value: &'a [u8]) -> Self {
        Self { name, value, never_indexed: false }
    }

    /// The same field, never to be indexed by any hop: for secrets short enough to be guessed by trial.
    pub const fn sensitive(self) -> Self {
        Self { never_indexed: true, ..self }
    }

    /// What the field counts, in bytes, in a header list and in a dynamic table: RFC 7541 §4.1.
    pub const fn size(&self) -> usize {
        self.name.len() + self.value.len() + FIELD_OVERHEAD
    }

    /// Whether HTTP/2 allows this field at all; if not, the message is malformed and its stream is reset with
    /// `PROTOCOL_ERROR` (the HPACK state is none the worse for it).
    ///
    /// RFC 9113 §8.2.1, at its strictest: the name is a lower-case token, which a `:` may precede; the value
    /// contains no control character but HTAB, and neither begins nor ends with white space.
    pub fn is_well_formed(&self) -> bool {
        let token = self.name.strip_prefix(b":").unwrap_or(self.name);
        // RFC 9113 §8.2.1: no upper case, no octets 0x00-0x20 and 0x7f-0xff, no colon but the first.
        if token.is_empty() || !token.iter().all(|&octet| CLASS[usize::from(octet)] & NAME != 0) {
            return false;
        }
        // RFC 9113 §8.2.1: no NUL, LF or CR anywhere, no SP or HTAB at either end.
        let blank = |octet: Option<&u8>| matches!(octet, Some(b' ' | b'\t'));
        !blank(self.value.first())
            && !blank(self.value.last())
            && self.value.iter().all(|&octet| CLASS[usize::from(octet)] & VALUE != 0)
    }
}

const NAME: u8 = 1;
const VALUE: u8 = 2;

/// Where an octet may occur.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let token = matches!(octet as u8,
            b'a'..=b'z' | b'0'..=b'9' | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'
            | b'_' | b'`' | b'|' | b'~');
        let control = octet < 0x20 && octet != 0x09 || octet == 0x7f;
        class[octet] = if token { NAME } else { 0 } | if control { 0 } else { VALUE };
        octet += 1;
    }
    class
};
