//! The first byte of a value.

use core::fmt;

/// What type a value has: class, constructed or not, and number, in one byte (X.690 §8.1.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag(pub u8);

impl Tag {
    /// BOOLEAN.
    pub const BOOLEAN: Self = Self(0x01);
    /// INTEGER.
    pub const INTEGER: Self = Self(0x02);
    /// BIT STRING.
    pub const BIT_STRING: Self = Self(0x03);
    /// OCTET STRING.
    pub const OCTET_STRING: Self = Self(0x04);
    /// NULL.
    pub const NULL: Self = Self(0x05);
    /// OBJECT IDENTIFIER.
    pub const OID: Self = Self(0x06);
    /// UTF8String.
    pub const UTF8_STRING: Self = Self(0x0c);
    /// PrintableString.
    pub const PRINTABLE_STRING: Self = Self(0x13);
    /// TeletexString, which in practice is Latin-1.
    pub const TELETEX_STRING: Self = Self(0x14);
    /// IA5String: ASCII.
    pub const IA5_STRING: Self = Self(0x16);
    /// UTCTime: two digits for the year.
    pub const UTC_TIME: Self = Self(0x17);
    /// GeneralizedTime: four digits for the year.
    pub const GENERALIZED_TIME: Self = Self(0x18);
    /// UniversalString: UTF-32, big endian.
    pub const UNIVERSAL_STRING: Self = Self(0x1c);
    /// BMPString: UTF-16 without surrogates, big endian.
    pub const BMP_STRING: Self = Self(0x1e);
    /// SEQUENCE and SEQUENCE OF.
    pub const SEQUENCE: Self = Self(0x30);
    /// SET and SET OF.
    pub const SET: Self = Self(0x31);

    /// `[number]` around a primitive value, as with IMPLICIT. Only numbers up to 30 have this form; others are cut
    /// to five bits.
    #[must_use]
    pub const fn context(number: u8) -> Self {
        Self(0x80 | (number & 0x1f))
    }

    /// `[number]` around something constructed, as with EXPLICIT. Only numbers up to 30 have this form; others are cut
    /// to five bits.
    #[must_use]
    pub const fn explicit(number: u8) -> Self {
        Self(0xa0 | (number & 0x1f))
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({:#04x})", self.0)
    }
}
