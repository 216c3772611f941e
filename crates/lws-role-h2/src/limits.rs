//! Limits of the HTTP/2 role; those of frames, heads and floods are in [`lws_h2::limits`].

use core::time::Duration;

/// From the connection's start until the peer has sent its preface and acknowledged our settings. Then
/// `SETTINGS_TIMEOUT`, and close.
pub const SETTINGS_TIMEOUT: Duration = Duration::from_secs(10);

/// From the first byte of a frame that is taken whole (a header block with all its frames, say) to its last. Absolute:
/// bytes do not prolong it (CONN-01). Then close.
pub const FRAME_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection without streams is kept. Frames that open none do not prolong it. Then a graceful close.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a connection may open streams in all; then `GOAWAY`, and it ends with the last of them.
pub const CONNECTION_LIFE: Duration = Duration::from_secs(3600);

/// How long a request's body may stall; and the window over which [`BODY_RATE_BYTES_S`] is averaged. Then 408.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// Bytes per second of a request's body that a client must send, unless the handler holds it back (CONN-02).
pub const BODY_RATE_BYTES_S: u64 = 500;

/// How long output of a stream may wait for its windows; a peer that opens them must take [`SEND_RATE_BYTES_S`]
/// (H2-08). Then the stream is reset, and the connection closed if it has no other.
pub const SEND_STALL: Duration = Duration::from_secs(30);

/// Bytes per second that a peer must take of output that waits for windows, averaged over each [`SEND_STALL`].
pub const SEND_RATE_BYTES_S: u64 = 500;

/// How long a stream on which all is said is kept for the peer's END_STREAM, while it sends less than
/// [`BODY_RATE_BYTES_S`]. Then it is reset: with `NO_ERROR` by a server, with `CANCEL` by a client. Not at once, as some
/// clients take that for a failure although it is none (RFC 9113 §8.1).
pub const LINGER: Duration = Duration::from_secs(5);

/// How long such a stream is kept at most, however fast the rest of its request's body comes.
pub const LINGER_TOTAL: Duration = Duration::from_secs(30);

/// Bytes of a request's body that are awaited after a reply that is no error; of a longer one, or one of unknown length,
/// nothing more is wanted, and its stream is reset at once (H1-17).
pub const AWAIT_BYTES: u64 = 64 * 1024;

/// Bytes of a request's body that are taken and thrown away after a reply that is an error (H1-17). They cost no memory.
/// Beyond, the client gets no more room on that stream, and waits out [`LINGER`].
pub const DISCARD_BYTES: u64 = 16 * 1024 * 1024;

/// How long a client has to hear that the connection takes no more streams before it is told which one was the last
/// (RFC 9113 §6.8), unless it says before that it has.
pub const GOAWAY_GRACE: Duration = Duration::from_secs(1);

/// Bytes that one stream may send before the others have their turn.
pub const TURN_BYTES: usize = 16 * 1024;

/// Bytes that a handler or a hosted protocol is lent at least, however small the windows are; what the windows do not
/// let out is kept with the stream, and it is asked for no more meanwhile (H2-08).
pub const STREAM_ROOM_BYTES: usize = 8 * 1024;

/// Calls and tunnels that a client has open at once on one connection, however many the server takes; further calls
/// wait with whoever makes them.
pub const CLIENT_STREAMS: usize = 100;

/// How long a client keeps a connection without streams for another call.
pub const CLIENT_IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a client waits while neither a call's request nor its response moves, unless its own caller holds the
/// response back. Then the call fails, and its stream is reset.
pub const CLIENT_STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Silence of a server that has calls to answer after which a client asks for a sign of life (`PING`).
pub const CLIENT_PING_AFTER: Duration = Duration::from_secs(10);

/// How long a server has to answer that. Then the connection is closed, and its calls fail.
pub const CLIENT_PING_TIMEOUT: Duration = Duration::from_secs(10);
