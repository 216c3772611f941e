//! What can be wrong with the peer's frames, and how to tell the peer.

use core::fmt;

use crate::close::CloseCode;
use crate::header::Opcode;

/// Why a connection has to be failed (RFC 6455 §7.1.7).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The peer broke the protocol.
    Peer(Violation),
    /// The peer kept to the protocol, and wanted more than we allow.
    Limit(Excess),
}

/// How the peer broke the protocol.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A reserved bit without an extension that defines it, or where that extension forbids it.
    ReservedBits,
    /// An opcode that means nothing.
    Opcode(u8),
    /// A client's frame was not masked.
    Unmasked,
    /// A server's frame was masked.
    Masked,
    /// A control frame was not final.
    ControlFragmented,
    /// A control frame of more than 125 bytes.
    ControlTooLong,
    /// A payload length in more bytes than it needs.
    LengthNotMinimal,
    /// A payload length of 2^63 or more.
    LengthTooLarge,
    /// A continuation without a message to continue.
    NothingToContinue,
    /// A new message began inside another one.
    Interleaved(Opcode),
    /// A close frame with half a code.
    CloseLength,
    /// A close code that must not be sent.
    CloseCode(u16),
    /// A reason for closing that is not UTF-8.
    CloseReason,
    /// Text that is not UTF-8.
    Text,
}

/// Which limit the peer wanted to exceed.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// More payload in a frame than `Options::max_frame`.
    Frame,
    /// More payload in a message than `Options::max_message`.
    Message,
    /// More frames in a message than `limits::MAX_FRAGMENTS` and its payload allow.
    Fragments,
}

impl Error {
    /// What to put into the close frame that fails the connection (RFC 6455 §7.4.1).
    pub const fn close_code(self) -> CloseCode {
        match self {
            // RFC 6455 §8.1: text that is not UTF-8 fails the connection; §7.4.1 has the code for it.
            Self::Peer(Violation::Text | Violation::CloseReason) => CloseCode::INVALID_PAYLOAD,
            Self::Peer(_) => CloseCode::PROTOCOL_ERROR,
            Self::Limit(Excess::Frame | Excess::Message) => CloseCode::TOO_BIG,
            Self::Limit(Excess::Fragments) => CloseCode::POLICY_VIOLATION,
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
        match self {
            Self::Peer(violation) => violation.fmt(f),
            Self::Limit(excess) => excess.fmt(f),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReservedBits => f.write_str("reserved bits without an extension that defines them"),
            Self::Opcode(opcode) => write!(f, "unknown opcode {opcode}"),
            Self::Unmasked => f.write_str("unmasked frame from a client"),
            Self::Masked => f.write_str("masked frame from a server"),
            Self::ControlFragmented => f.write_str("fragmented control frame"),
            Self::ControlTooLong => f.write_str("control frame of more than 125 bytes"),
            Self::LengthNotMinimal => f.write_str("payload length in more bytes than needed"),
            Self::LengthTooLarge => f.write_str("payload length of 2^63 or more"),
            Self::NothingToContinue => f.write_str("continuation without a message to continue"),
            Self::Interleaved(opcode) => write!(f, "{opcode:?} frame inside a fragmented message"),
            Self::CloseLength => f.write_str("close frame of one byte"),
            Self::CloseCode(code) => write!(f, "close code {code} must not be sent"),
            Self::CloseReason => f.write_str("reason for closing is not UTF-8"),
            Self::Text => f.write_str("text is not UTF-8"),
        }
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Frame => "frame larger than allowed",
            Self::Message => "message larger than allowed",
            Self::Fragments => "message in more fragments than allowed",
        })
    }
}
