//! What can be wrong with an encoding.

use core::fmt;

/// Why bytes are not the DER that was expected. All of these are the fault of whoever made the bytes.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Error {
    /// The input ends within a value, or before a value that must be there.
    Truncated,
    /// Something follows where nothing may.
    Trailing,
    /// A value of another type than must be here.
    Tag,
    /// A length that is indefinite, longer than needed, or beyond 32 bits (X.690 §8.1.3, §10.1).
    Length,
    /// An integer that is empty or longer than needed (X.690 §8.3), or out of the range that the caller can take.
    Integer,
    /// A boolean other than 00 and ff (X.690 §11.1).
    Boolean,
    /// A bit string without its first byte, or with unused bits that are set or too many (X.690 §11.2).
    BitString,
    /// An object identifier that is empty, cut off, longer than needed (X.690 §8.19), or has an arc beyond 128 bits.
    Oid,
    /// Not a time as RFC 5280 §4.1.2.5 writes it, or one that no calendar has.
    Time,
    /// A null with content.
    Null,
    /// Characters that the type of the string does not have.
    String,
    /// Deeper than [`DER_DEPTH`](crate::limits::DER_DEPTH).
    Depth,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "cut off",
            Self::Trailing => "followed by something that does not belong there",
            Self::Tag => "a value of another type than expected",
            Self::Length => "a length that DER does not allow",
            Self::Integer => "an integer that DER does not allow or that is out of range",
            Self::Boolean => "a boolean that DER does not allow",
            Self::BitString => "a bit string that DER does not allow",
            Self::Oid => "a malformed object identifier",
            Self::Time => "a malformed time",
            Self::Null => "a null with content",
            Self::String => "a string with characters that its type does not have",
            Self::Depth => "nested too deep",
        })
    }
}

impl core::error::Error for Error {}
