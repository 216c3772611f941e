//! What can be wrong with a compressed message, and how to tell the peer.

use core::fmt;

use lws_ws::CloseCode;

/// Why a connection has to be failed (RFC 6455 §7.1.7). The context that said so is of no use any more.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The peer sent what cannot be inflated.
    Peer(Violation),
    /// The peer kept to the protocol, and wanted more than we allow.
    Limit(Excess),
}

/// What is wrong with the compressed data.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// It is not DEFLATE (RFC 1951), or refers to bytes before the window.
    Corrupt,
    /// The message ends inside a block, or was not flushed to a byte boundary (RFC 7692 §7.2.1).
    Truncated,
}

/// Which limit the peer wanted to exceed.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// More bytes in a message, once inflated, than allowed.
    Message,
}

impl Error {
    /// What to put into the close frame that fails the connection (RFC 6455 §7.4.1).
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::Peer(_) => CloseCode::INVALID_PAYLOAD,
            Self::Limit(Excess::Message) => CloseCode::TOO_BIG,
        }
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Peer(violation)
    }
}

impl From<Excess> for Error {
    fn from(excess: Excess) -> Self {
        Self::Limit(excess)
    }
}

impl core::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Peer(Violation::Corrupt) => "compressed data is corrupt",
            Self::Peer(Violation::Truncated) => "compressed message ends inside a block",
            Self::Limit(Excess::Message) => "message larger than allowed once inflated",
        })
    }
}
