//! What can go wrong before or beside the connections.

use crate::Address;
use lws_role::InstallError;
use std::{fmt, io};

/// What can go wrong in setting up or running a loop. What goes wrong on one connection ends that connection and is
/// told to its protocol; it is never an `Error`.
#[non_exhaustive]
pub enum Error {
    /// Not an address to listen on.
    Address(String),
    /// The address cannot be listened on.
    Listen {
        /// The address asked for.
        address: Address,
        /// Why.
        source: io::Error,
    },
    /// What should be served there cannot be.
    Install(InstallError),
    /// The operating system refused something that the loop itself needs.
    Os(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(s) => {
                write!(f, "'{s}' is no address: write 127.0.0.1:7681, [::1]:7681 or unix:/path/to/socket")
            }
            Self::Listen { address, source } => write!(f, "cannot listen on {address}: {}", plain(source)),
            Self::Install(e) => e.fmt(f),
            Self::Os(e) => write!(f, "the event loop failed: {}", plain(e)),
        }
    }
}

/// As [`fmt::Display`]: it is what a `main` prints that returns one.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An operating system error without its number, as the middle of a sentence.
fn plain(e: &io::Error) -> String {
    let mut text = e.to_string();
    let number = text.as_bytes().windows(5).position(|w| w == b" (os ");
    text.truncate(number.unwrap_or(text.len()));
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen { source, .. } | Self::Os(source) => Some(source),
            Self::Install(e) => Some(e),
            Self::Address(_) => None,
        }
    }
}

impl From<InstallError> for Error {
    fn from(e: InstallError) -> Self {
        Self::Install(e)
    }
}

impl From<io::Error> for Error {
    fn from(e: io::Error) -> Self {
        Self::Os(e)
    }
}
