//! Every limit of this crate, by name. The sizes of records and handshake messages are limits of `lws-tls`.

use core::time::Duration;

/// From accepting a connection to the end of its handshake. Then it is closed with `Closed::Timeout` (TLS-09).
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// From the end of the conversation until its last records have found room. Then the stream is closed without them.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of output room that the child is not lent, so that a key update and a goodbye find some. A host must lend
/// this and 30 bytes more at least at some time, or the child never speaks; the loop lends 64 KiB.
pub const GOODBYE_ROOM: usize = 64;
