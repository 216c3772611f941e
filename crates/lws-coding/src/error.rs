//! Why a body cannot be decoded.

use core::fmt;

/// Why a body cannot be decoded. All of them are the sender's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A coding that is not known here; it was not asked for.
    Unknown,
    /// More than [`crate::limits::LAYERS`].
    TooMany,
    /// The bytes are no such coding.
    Corrupt,
    /// The body ends before its coding does.
    Truncated,
    /// The body goes on behind the end of its coding.
    Surplus,
    /// The body becomes more than [`crate::limits::RATIO`] times its size.
    Bomb,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "the content coding is unknown",
            Self::TooMany => "there are too many content codings",
            Self::Corrupt => "the coded content is corrupt",
            Self::Truncated => "the coded content ends too soon",
            Self::Surplus => "there is something behind the coded content",
            Self::Bomb => "the coded content becomes far too large",
        })
    }
}

impl core::error::Error for Error {}
