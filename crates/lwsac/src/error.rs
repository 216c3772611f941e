//! Why an allocation was refused.

use core::fmt;

/// Why an allocation was refused. The arena is as it was before.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It would take more bytes than [`Config::budget`](crate::Config::budget) allows: the caller's limit.
    Budget,
    /// The global allocator has no more memory.
    OutOfMemory,
    /// No address space is that large: the caller's arithmetic.
    Overflow,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Budget => "the arena's byte budget is used up: raise Config::budget or store less",
            Self::OutOfMemory => "the system has no memory left for the arena",
            Self::Overflow => "the request is larger than the address space",
        })
    }
}

impl core::error::Error for Error {}
