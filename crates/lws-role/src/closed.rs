//! Why a stream ended.

use core::fmt;

/// Why a stream ended, as told to [`crate::Role::closed`] and to user protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Closed {
    /// The conversation is over, as its protocol wants.
    Done,
    /// The peer finished sending, and that ended it.
    Ended,
    /// The transport broke: reset, unreachable, closed while we still had something to send.
    Lost,
    /// The peer vanished without the closing message that its security layer owes us (TLS without `close_notify`).
    Truncated,
    /// A deadline passed.
    Timeout,
    /// The peer broke the protocol.
    Protocol,
    /// The peer exceeded a limit.
    Limit,
    /// We give up in the middle of a message: the peer must be able to see that it is incomplete.
    Aborted,
    /// The service is going away.
    Shutdown,
    /// The code that served the stream panicked; only this stream is affected.
    Panicked,
    /// Nobody listens where we wanted to connect to.
    Refused,
    /// There is no way to where we wanted to connect to: no route, no such socket, not permitted.
    Unreachable,
    /// We have too little of something to open a connection: descriptors, memory, free ports, connections allowed.
    Exhausted,
}

impl Closed {
    /// Whether the transport should be torn down at once (a TCP reset) instead of flushed and closed gracefully.
    pub fn is_abrupt(self) -> bool {
        matches!(
            self,
            Self::Lost | Self::Aborted | Self::Panicked | Self::Refused | Self::Unreachable | Self::Exhausted
        )
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Ended => "the peer finished",
            Self::Lost => "the connection was lost",
            Self::Truncated => "the connection was cut off",
            Self::Timeout => "timed out",
            Self::Protocol => "the peer broke the protocol",
            Self::Limit => "the peer exceeded a limit",
            Self::Aborted => "aborted",
            Self::Shutdown => "the service is going away",
            Self::Panicked => "the handler panicked",
            Self::Refused => "the connection was refused",
            Self::Unreachable => "the peer cannot be reached",
            Self::Exhausted => "there is too little left to open a connection",
        })
    }
}
