//! From values to bytes.

use alloc::vec::Vec;

use super::{DateTime, Oid, Tag};

/// Appends values to a vector, in DER.
///
/// What it is given is written as it is, in the order given: the members of a SET OF are for the caller to sort.
///
/// A writer of keys should be made [`with_capacity`](Self::with_capacity): a vector that must not move leaves no copy
/// of a secret behind.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// An empty one that does not have to move for the first `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity) }
    }

    /// What has been written.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What has been written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends values that are encoded already.
    pub fn raw(&mut self, der: &[u8]) {
        self.bytes.extend_from_slice(der);
    }

    /// A value of type `tag` with this content.
    pub fn primitive(&mut self, tag: Tag, content: &[u8]) {
        self.nest(tag, |inner| inner.raw(content));
    }

    /// A value of type `tag` around what `fill` writes.
    pub fn nest(&mut self, tag: Tag, fill: impl FnOnce(&mut Self)) {
        self.bytes.extend_from_slice(&[tag.0, 0]);
        let start = self.bytes.len();
        fill(self);
        let length = self.bytes.len() - start;
        match u8::try_from(length) {
            Ok(short) if short < 0x80 => {
                if let Some(place) = self.bytes.get_mut(start - 1) {
                    *place = short;
                }
            }
            _ => self.long_length(start, length),
        }
    }

    /// Makes room for a length of more than one byte in front of `start`, and writes it.
    fn long_length(&mut self, start: usize, length: usize) {
        let bytes = length.to_be_bytes();
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let minimal = bytes.iter().copied().skip(zeros);
        let first = 0x80 | u8::try_from(bytes.len() - zeros).expect("a length has at most 16 bytes");
        self.bytes.splice(start - 1..start, core::iter::once(first).chain(minimal));
    }

    /// A SEQUENCE of what `fill` writes.
    pub fn sequence(&mut self, fill: impl FnOnce(&mut Self)) {
        self.nest(Tag::SEQUENCE, fill);
    }

    /// A SET of what `fill` writes.
    pub fn set(&mut self, fill: impl FnOnce(&mut Self)) {
        self.nest(Tag::SET, fill);
    }

    /// `[number] EXPLICIT` around what `fill` writes.
    pub fn explicit(&mut self, number: u8, fill: impl FnOnce(&mut Self)) {
        self.nest(Tag::explicit(number), fill);
    }

    /// A BOOLEAN.
    pub fn boolean(&mut self, value: bool) {
        self.primitive(Tag::BOOLEAN, &[if value { 0xff } else { 0x00 }]);
    }

    /// A NULL.
    pub fn null(&mut self) {
        self.primitive(Tag::NULL, &[]);
    }

    /// An INTEGER that is not negative, from its magnitude, big endian. Leading zeros are left out and the one that a
    /// high first bit needs is put in front; an empty slice is zero.
    pub fn unsigned(&mut self, magnitude: &[u8]) {
        let zeros = magnitude.iter().take_while(|byte| **byte == 0).count();
        let minimal = magnitude.get(zeros..).unwrap_or_default();
        self.nest(Tag::INTEGER, |inner| {
            if minimal.first().is_none_or(|first| first & 0x80 != 0) {
                inner.raw(&[0]);
            }
            inner.raw(minimal);
        });
    }

    /// An INTEGER from 0 to 2⁶⁴−1.
    pub fn uint(&mut self, value: u64) {
        self.unsigned(&value.to_be_bytes());
    }

    /// An OBJECT IDENTIFIER.
    pub fn oid(&mut self, oid: Oid<'_>) {
        self.primitive(Tag::OID, oid.content());
    }

    /// An OCTET STRING.
    pub fn octet_string(&mut self, content: &[u8]) {
        self.primitive(Tag::OCTET_STRING, content);
    }

    /// A BIT STRING of whole bytes.
    pub fn bit_string(&mut self, bytes: &[u8]) {
        self.nest(Tag::BIT_STRING, |inner| {
            inner.raw(&[0]);
            inner.raw(bytes);
        });
    }

    /// A BIT STRING with named bits: bit `n` of the value is bit `2ⁿ` of `bits`. Trailing zero bits are left out
    /// (X.690 §11.2.2).
    pub fn named_bits(&mut self, bits: u16) {
        let [first, second] = bits.reverse_bits().to_be_bytes();
        let used = 16 - bits.leading_zeros();
        let unused = u8::try_from(used.next_multiple_of(8) - used).expect("less than 8");
        self.nest(Tag::BIT_STRING, |inner| match used {
            0 => inner.raw(&[0]),
            1..=8 => inner.raw(&[unused, first]),
            _ => inner.raw(&[unused, first, second]),
        });
    }

    /// A UTF8String.
    pub fn utf8_string(&mut self, text: &str) {
        self.primitive(Tag::UTF8_STRING, text.as_bytes());
    }

    /// A time as certificates have it: a UTCTime from 1950 to 2049, a GeneralizedTime otherwise (RFC 5280 §4.1.2.5).
    pub fn time(&mut self, time: DateTime) {
        let text = time.to_generalized();
        if (1950..2050).contains(&time.year()) {
            self.primitive(Tag::UTC_TIME, text.get(2..).unwrap_or_default());
        } else {
            self.primitive(Tag::GENERALIZED_TIME, &text);
        }
    }
}
