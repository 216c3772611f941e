//! Limits of the WebSocket role; those of the frames themselves are in [`lws_ws::limits`].

use core::time::Duration;

/// Silence after which the peer is pinged, unless told otherwise (lws's validity policy).
pub const PING_AFTER: Duration = Duration::from_secs(300);

/// Silence after which the peer is taken for dead, unless told otherwise (WS-14).
pub const HANGUP_AFTER: Duration = Duration::from_secs(310);

/// How long the peer may take to answer our close frame; then the connection ends without it (WS-12).
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Pings and pongs that a peer may send in each [`CONTROL_WINDOW`]; more end the connection with 1008 (WS-13).
pub const CONTROL_FRAMES: u32 = 100;

/// The window over which [`CONTROL_FRAMES`] are counted; one follows the other from the start of the clock.
pub const CONTROL_WINDOW: Duration = Duration::from_secs(10);

/// Bytes of payload that always fit into an empty `Out`. A longer message that does not fit into the room there is
/// is copied and kept while it goes out, one at a time for each connection.
pub const SMALL_MESSAGE_BYTES: usize = 4000;

/// Bytes of messages, before they are compressed or after they were decompressed, that a connection handles at once. Then
/// the loop's other connections have their turn, and the rest follows (WS-06).
pub const CODED_PER_RUN: usize = 256 * 1024;

/// Bytes from which on a message is large: the buffer in which it is put together is kept for another one, see
/// [`SPARE_MESSAGE_BYTES`].
pub const LARGE_MESSAGE_BYTES: usize = 64 * 1024;

/// Bytes of buffers of large messages that a loop keeps; what comes back beyond that is freed.
pub const SPARE_MESSAGE_BYTES: usize = 16 << 20;

/// Connections in the middle of a message whose memory for that (without the message itself) a loop keeps when they are
/// through; what comes back beyond that is freed.
pub const SPARE_RECEIVERS: usize = 64;

/// For each byte of a message that has come, room is made for so many that its frame announces; for more, as they come.
pub const ANNOUNCED_FACTOR: usize = 8;
