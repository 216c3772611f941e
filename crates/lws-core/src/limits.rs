//! Limits of the driver.

use std::time::Duration;

/// Reads from one connection before the others have their turn; the connection is then queued again.
pub const READS_PER_RUN: u32 = 4;

/// Bytes read from one connection before the others have their turn; the last read may exceed it.
pub const READ_BYTES_PER_RUN: usize = 256 * 1024;

/// Connections of a loop whose kept input, or kept output, is larger than [`lws_role::limits::OFFER_BYTES`], each kind
/// counted. While there are so many, no offer is larger than that, and so no connection comes to keep more.
pub const LARGE_KEEPS: u32 = 32;

/// Bytes written to one connection before the others have their turn.
pub const WRITE_BYTES_PER_RUN: usize = 256 * 1024;

/// Bytes of a file, or of memory that a role handed over, that are given to the kernel at once for one connection, and in
/// all before the others have their turn.
pub const BULK_BYTES_PER_RUN: usize = 2 * 1024 * 1024;

/// Connections accepted from one listener before the others have their turn.
pub const ACCEPTS_PER_TURN: u32 = 64;

/// Heavy steps (TLS handshakes) in one turn; connections beyond wait for the next.
pub const HEAVY_STEPS_PER_TURN: u32 = 16;

/// How often wake-ups asked for during a turn are obeyed in that same turn; the rest wait for the next.
pub const WAKE_ROUNDS_PER_TURN: u32 = 4;

/// File descriptors kept free for files and other uses: connections beyond the limit less this are refused.
pub const SPARE_FDS: u64 = 64;

/// Connections from one IPv4 address, or one IPv6 /64; more are refused. Local peers are not counted: behind a proxy
/// everybody is one.
pub const CONNECTIONS_PER_PEER: u32 = 1024;

/// How long accepting pauses when the process or the system has run out of file descriptors.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long output may wait for a peer that reads nothing; a peer that reads must take [`SEND_RATE_BYTES_S`].
pub const SEND_STALL: Duration = Duration::from_secs(30);

/// Bytes per second that a peer must take of output that waits, averaged over each [`SEND_STALL`].
pub const SEND_RATE_BYTES_S: u64 = 500;

/// How long a connection that we have closed is kept to let the peer read our last bytes.
pub const LINGER: Duration = Duration::from_secs(2);

/// Bytes from the peer that are read and thrown away on a connection that we have closed; more resets it.
pub const LINGER_BYTES: usize = 256 * 1024;

/// Messages waiting for one loop from other threads; more are refused with [`crate::PostError::Full`].
pub const MAX_MAIL: usize = 65_536;

/// Events taken from the operating system at once.
pub const EVENTS_PER_TURN: usize = 1024;

/// How long a service that was asked to stop lets its connections finish.
pub const DRAIN: Duration = Duration::from_secs(10);

/// How long the opening of a connection may take; then its role hears [`lws_role::Closed::Timeout`].
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Connections that roles may ask for before the loop opens the first of them; beyond, [`lws_role::Hub::connect`] says
/// no. The loop opens them several times in each turn.
pub const CONNECTS_PER_ROUND: usize = 64;

/// Loops that one context runs at most, each on a thread of its own.
pub const MAX_THREADS: usize = 256;
