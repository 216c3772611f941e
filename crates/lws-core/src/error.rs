//! What can go wrong before or beside the connections.

use crate::Address;
use lws_role::InstallError;
use std::{fmt, io};

/// What can go wrong in setting up or running a loop. What goes wrong on one connection ends that connection and is
/// told to its protocol; it is never an `Error`.
#[derive(Debug)]
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

/// An operating system error without its number.
fn plain(e: &io::Error) -> String {
    let text = e.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |c| c.to_lowercase().chain(chars).collect())
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
