//! A header field, and what HTTP/2 asks of its octets.

use core::fmt;

use crate::limits::FIELD_OVERHEAD;
use crate::statics;

/// One header field, borrowed from whoever holds the bytes.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    /// The name; lower case on the wire of HTTP/2, a leading `:` marks a pseudo-header.
    pub name: &'a [u8],
    /// The value, opaque octets to HPACK.
    pub value: &'a [u8],
    /// Whether no hop may put this field into a table (RFC 7541 §6.2.3). Decoded from the wire; on the way out an
    /// encoder obeys it, so that a proxy which passes the field on as it came does the right thing.
    pub never_indexed: bool,
    pub(crate) known: Known,
}

/// What is known of a field besides its text. Tables keep it with their entries: what repeats is looked at once.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    /// The first index of its name in the static table, 0 if it is not there; or [`Known::UNLOOKED`].
    name: u8,
    /// The field is well-formed. If false, nobody has looked, or it is not.
    sound: bool,
}

impl Known {
    /// Nobody has looked the name up.
    const UNLOOKED: u8 = 0xff;

    pub(crate) const NOTHING: Self = Self { name: Self::UNLOOKED, sound: false };

    /// A field with a name that the static table has at `first`, or not at all.
    pub(crate) fn name(first: Option<usize>) -> Self {
        Self { name: first.unwrap_or(0) as u8, sound: false }
    }

    /// A field that has its name from this one.
    pub(crate) fn name_of(field: &Field<'_>) -> Self {
        Self { sound: false, ..field.known }
    }

    /// An entry of the static table, whose name it has at `first`.
    pub(crate) const fn of_static(first: u8) -> Self {
        Self { name: first, sound: true }
    }
}

impl<'a> Field<'a> {
    /// A field that may be indexed, if [`crate::Encoder`] thinks it worthwhile and safe.
    pub const fn new(name: &'a [u8], value: &'a [u8]) -> Self {
        Self { name, value, never_indexed: false, known: Known::NOTHING }
    }

    /// The same field, never to be indexed by any hop: for secrets short enough to be guessed by trial.
    pub const fn sensitive(self) -> Self {
        Self { never_indexed: true, ..self }
    }

    /// What the field counts, in bytes, in a header list and in a dynamic table: RFC 7541 §4.1.
    pub const fn size(&self) -> usize {
        self.name.len() + self.value.len() + FIELD_OVERHEAD
    }

    /// The first index of the static table (RFC 7541, appendix A) that has this name; 0 if none has. Decoded fields know
    /// it, and others look it up: so a reader can tell the names that matter to it by number.
    #[inline]
    pub fn static_name(&self) -> u8 {
        match self.known.name {
            Known::UNLOOKED => statics::find_name(self.name).unwrap_or(0) as u8,
            name => name,
        }
    }

    /// The same field, with all that can be known of it.
    pub(crate) fn looked_up(self) -> Self {
        let known = Known { name: self.static_name(), sound: self.is_well_formed() };
        Self { known, ..self }
    }

    /// Whether HTTP/2 allows this field at all; if not, the message is malformed and its stream is reset with
    /// `PROTOCOL_ERROR` (the HPACK state is none the worse for it).
    ///
    /// RFC 9113 §8.2.1, at its strictest: the name is a lower-case token, which a `:` may precede; the value
    /// contains no control character but HTAB, and neither begins nor ends with white space.
    #[inline]
    pub fn is_well_formed(&self) -> bool {
        self.known.sound || self.check()
    }

    fn check(&self) -> bool {
        let token = self.name.strip_prefix(b":").unwrap_or(self.name);
        // RFC 9113 §8.2.1: no upper case, no octets 0x00-0x20 and 0x7f-0xff, no colon but the first.
        let is_name =
            || !token.is_empty() && token.iter().all(|&octet| CLASS[usize::from(octet)] & NAME != 0);
        // The names of the static table are all sound.
        let is_static = !matches!(self.known.name, 0 | Known::UNLOOKED);
        if !is_static && !is_name() {
            return false;
        }
        // RFC 9113 §8.2.1: no NUL, LF or CR anywhere, no SP or HTAB at either end.
        let blank = |octet: Option<&u8>| matches!(octet, Some(b' ' | b'\t'));
        !blank(self.value.first())
            && !blank(self.value.last())
            && self.value.iter().all(|&octet| CLASS[usize::from(octet)] & VALUE != 0)
    }
}

impl PartialEq for Field<'_> {
    /// Compares what goes over the wire.
    fn eq(&self, other: &Self) -> bool {
        (self.name, self.value, self.never_indexed) == (other.name, other.value, other.never_indexed)
    }
}

impl Eq for Field<'_> {}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field")
            .field("name", &self.name)
            .field("value", &self.value)
            .field("never_indexed", &self.never_indexed)
            .finish()
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
