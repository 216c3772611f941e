//! Why a file is not served.

use core::fmt;
use std::io;

use lws_http::Status;
use rustix::io::Errno;

/// Why a file is not served, split by whose fault it is.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The client's: there is no such thing here, or nothing that may be seen. 404.
    NotFound,
    /// The client's: it is there, but this process may not read it. 403.
    Forbidden,
    /// Nobody's: out of descriptors or memory, or the folders moved while they were walked through. 503.
    Busy(io::Error),
    /// This side's: the file system failed. 500.
    Failed(io::Error),
}

impl Error {
    /// The status that tells the client.
    pub fn status(&self) -> Status {
        match self {
            Self::NotFound => Status::NOT_FOUND,
            Self::Forbidden => Status::FORBIDDEN,
            Self::Busy(_) => Status::SERVICE_UNAVAILABLE,
            Self::Failed(_) => Status::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Errno> for Error {
    fn from(errno: Errno) -> Self {
        match errno {
            // XDEV is what openat2 says of a way out of the root; NXIO is a socket's answer to open; INVAL, ILSEQ
            // a file system's to a name it cannot have.
            Errno::NOENT
            | Errno::NOTDIR
            | Errno::LOOP
            | Errno::XDEV
            | Errno::NAMETOOLONG
            | Errno::NXIO
            | Errno::NODEV
            | Errno::INVAL
            | Errno::ILSEQ => Self::NotFound,
            Errno::ACCESS | Errno::PERM => Self::Forbidden,
            Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::AGAIN => Self::Busy(errno.into()),
            _ => Self::Failed(errno.into()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("there is no such file to serve"),
            Self::Forbidden => f.write_str("the file may not be read"),
            Self::Busy(e) => write!(f, "the file cannot be opened now: {e}"),
            Self::Failed(e) => write!(f, "the file cannot be read: {e}"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Busy(e) | Self::Failed(e) => Some(e),
            Self::NotFound | Self::Forbidden => None,
        }
    }
}
