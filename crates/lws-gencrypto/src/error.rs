//! What can go wrong, split by whose fault it is.

use core::fmt;

use crate::Operation;

/// Why an operation did not work, in the same words for every library.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The peer's ciphertext, wrapped key or tag is not what was encrypted with this key.
    ///
    /// One value for every reason: padding, tag, length, range. A caller that answers differently by reason is an
    /// oracle (Bleichenbacher, Vaudenay, Manger).
    Decrypt,
    /// The peer's signature or authentication code does not belong to this message and key, whatever the reason.
    Verify,
    /// A key that is no good, ours or the peer's.
    Key(KeyFault),
    /// This library cannot do it.
    Unsupported {
        /// What was asked for.
        operation: Operation,
        /// Who cannot do it: [`Provider::name`](crate::Provider::name).
        backend: &'static str,
        /// What to do instead, for people.
        instead: &'static str,
    },
    /// A call that makes no sense.
    Misuse(Misuse),
    /// The library failed at its own work (no memory, no random numbers). What it was doing, for the log.
    Library(&'static str),
}

/// What is wrong with a key.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// Shorter than allowed ([`RSA_BITS_MIN`](crate::limits::RSA_BITS_MIN)). In bits.
    TooSmall,
    /// Longer than allowed ([`RSA_BITS_MAX`](crate::limits::RSA_BITS_MAX),
    /// [`RSA_EXPONENT_BITS_MAX`](crate::limits::RSA_EXPONENT_BITS_MAX)).
    TooLarge,
    /// A symmetric key, a point, a seed whose number of bytes is not the algorithm's.
    Length,
    /// The two halves of an AES-XTS key are equal (FIPS 140-3 IG C.I).
    EqualHalves,
    /// Numbers that are no key: an even modulus or exponent, a point that is not on the curve, a private number
    /// out of range.
    Invalid,
    /// The private part does not belong to the public part.
    Mismatch,
    /// Not the encoding that was expected, or not a kind of key that is known here.
    Encoding,
    /// The private part may not leave the library that keeps it.
    NotExportable,
}

/// What is wrong with a call.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// The initialisation vector has the wrong number of bytes for this mode.
    IvLength,
    /// The authentication tag's length is none that NIST SP 800-38D §5.2.1.2 allows.
    TagLength,
    /// The data has a length that this mode cannot take: no multiple of the block, or too long.
    DataLength,
    /// The room given for the result is too small, or not exactly what is needed where that is demanded.
    OutputLength,
    /// A message that is too long to be encrypted with this RSA key and padding.
    MessageLength,
    /// The mode cannot be used so: no padding for a stream mode, no streaming for XTS.
    Mode,
    /// A stream or hasher was used after its end.
    Finished,
    /// Zero iterations, or more than [`PBKDF2_ITERATIONS_MAX`](crate::limits::PBKDF2_ITERATIONS_MAX).
    Iterations,
}

impl Error {
    /// Whether a peer's input caused it: then the answer to the peer says no more than that it failed.
    #[must_use]
    pub const fn is_peers(&self) -> bool {
        matches!(self, Self::Decrypt | Self::Verify)
    }
}

impl From<KeyFault> for Error {
    fn from(fault: KeyFault) -> Self {
        Self::Key(fault)
    }
}

impl From<Misuse> for Error {
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}

impl core::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decrypt => f.write_str("decryption failed"),
            Self::Verify => f.write_str("verification failed"),
            Self::Key(fault) => fault.fmt(f),
            Self::Unsupported { operation, backend, instead } => {
                write!(f, "{backend} cannot do {operation}: {instead}")
            }
            Self::Misuse(misuse) => misuse.fmt(f),
            Self::Library(what) => write!(f, "the cryptographic library failed: {what}"),
        }
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooSmall => "the key is too small",
            Self::TooLarge => "the key is too large",
            Self::Length => "the key has the wrong length",
            Self::EqualHalves => "the two halves of the key are equal",
            Self::Invalid => "the key is invalid",
            Self::Mismatch => "the private key does not belong to the public key",
            Self::Encoding => "the key has an unknown encoding or kind",
            Self::NotExportable => "the private key may not be exported",
        })
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IvLength => "wrong length of the initialisation vector",
            Self::TagLength => "wrong length of the authentication tag",
            Self::DataLength => "a length of data that the mode cannot take",
            Self::OutputLength => "wrong length of the output",
            Self::MessageLength => "the message is too long for the key",
            Self::Mode => "the mode cannot be used so",
            Self::Finished => "used after its end",
            Self::Iterations => "a number of iterations out of range",
        })
    }
}
