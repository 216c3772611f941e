//! Every bound of this crate.

/// Threads of a pool, unless configured.
pub const THREADS: usize = 4;

/// Most threads of a pool. More are not started.
pub const MAX_THREADS: usize = 1024;

/// Tasks that wait in a pool, unless configured. Beyond it [`Pool::submit`](crate::Pool::submit) answers
/// [`Error::QueueFull`](crate::Error::QueueFull).
pub const QUEUE: usize = 256;

/// Tasks that one connection may have waiting, unless configured. Beyond it [`Pool::submit`](crate::Pool::submit) answers
/// [`Error::ConnectionFull`](crate::Error::ConnectionFull).
pub const PER_CONNECTION: usize = 8;

/// Chunks of one task that wait for its connection, unless configured. Beyond it [`Task::sync`](crate::Task::sync) waits.
pub const CHUNKS: usize = 1;

/// How long [`Pool::shutdown`](crate::Pool::shutdown) waits, in milliseconds, for the tasks it has cancelled. Then it leaves
/// them behind.
pub const STOP_GRACE_MS: u64 = 100;
