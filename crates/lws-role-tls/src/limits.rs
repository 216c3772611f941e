//! Every limit of this crate, by name. The sizes of records and handshake messages are limits of `lws-tls`.

use core::time::Duration;

/// From accepting a connection to the end of its handshake. Then it is closed with `Closed::Timeout` (TLS-09).
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Handshakes per second that a listener (each loop for itself) begins with one peer, which is an IPv4 address or an IPv6
/// /64, once its [`HANDSHAKE_BURST`] is spent. Beyond it the connection is closed with `Closed::Limit` before anything
/// is computed for it (TLS-09). Peers on the same machine are not limited. [`Tls::handshakes_per_peer`] changes it.
///
/// [`Tls::handshakes_per_peer`]: crate::Tls::handshakes_per_peer
pub const HANDSHAKES_PER_PEER: u32 = 100;

/// Seconds' worth of handshakes that a peer may begin at once.
pub const HANDSHAKE_BURST: u32 = 10;

/// Peers that are remembered for [`HANDSHAKES_PER_PEER`], twice: when there are so many new ones, those that have not
/// come since the last time are forgotten. 100 bytes each.
pub const RATED_PEERS_MAX: usize = 4_096;

/// From the end of the conversation until its last records have found room. Then the stream is closed without them.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of output room that the child is not lent, so that a key update and a goodbye find some. A host must lend
/// this and 30 bytes more at least at some time, or the child never speaks; the loop lends 64 KiB.
pub const GOODBYE_ROOM: usize = 64;
