//! What can go wrong.

use std::path::PathBuf;
use std::{fmt, io};

/// Why a cache cannot be opened, or an object not stored.
#[non_exhaustive]
#[derive(Debug)]
pub enum Error {
    /// The directory is not safe to use: others may change what is in it. With what to do about it.
    Unsafe {
        /// The directory, or the file in it.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
    /// The object is larger than [`Config::max_object`](crate::Config::max_object).
    TooLarge,
    /// The limit is reached, and nothing can be evicted.
    Full,
    /// Another process changes the byte count and does not get done.
    Busy,
    /// An earlier write of this object failed.
    Failed,
    /// The system refused.
    Os(io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Os(error)
    }
}

impl From<rustix::io::Errno> for Error {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::Os(errno.into())
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Os(error) => error,
            Error::Full => Self::new(io::ErrorKind::StorageFull, error),
            Error::TooLarge => Self::new(io::ErrorKind::FileTooLarge, error),
            other => Self::other(other),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsafe { path, why } => {
                write!(f, "the cache will not use {}: {why}", path.display())
            }
            Self::TooLarge => f.write_str("the object is larger than the cache takes"),
            Self::Full => f.write_str("the cache is full of objects that are being written"),
            Self::Busy => f.write_str("another process holds the cache's byte count"),
            Self::Failed => f.write_str("an earlier write of this object failed"),
            Self::Os(error) => write!(f, "the cache's disk: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Os(error) => Some(error),
            _ => None,
        }
    }
}
