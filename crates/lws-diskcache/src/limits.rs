//! Every bound of this crate.

/// Bytes that the cache may take on disk, unless configured: objects, what is being written, and what each file takes
/// besides. Beyond it the least recently used objects go, or else nothing is stored.
pub const LIMIT: u64 = 256 * 1024 * 1024;

/// Objects that a cache may know, unless configured. Beyond it the least recently used go.
pub const MAX_OBJECTS: u32 = 1_000_000;

/// Bytes of one object, unless configured. Beyond it [`Error::TooLarge`](crate::Error::TooLarge).
pub const MAX_OBJECT: u64 = 32 * 1024 * 1024;

/// Objects that may be in the making at once, in one process. Beyond it a miss is answered with
/// [`Lookup::Bypass`](crate::Lookup::Bypass).
pub const FLIGHTS: usize = 256;

/// Callers that may wait for one object. Beyond it they are answered with [`Lookup::Bypass`](crate::Lookup::Bypass).
pub const WAITERS: usize = 1024;

/// Bytes on disk are counted in blocks of so many.
pub const BLOCK: u64 = 4096;

/// Housekeeping evicts until so many sixteenths of the limit are used, so that writers seldom have to.
pub const LOW_WATER_SIXTEENTHS: u64 = 15;

/// Objects that one eviction looks at for one that nobody else has used meanwhile. Beyond it the next one goes anyway.
pub const EVICT_TRIES: usize = 16;

/// Directory entries that housekeeping looks at before it looks at the clock.
pub const SCAN_SLICE: usize = 32;

/// How long to wait, in microseconds, for another process that changes the byte count. Beyond it the object is not stored.
pub const LEDGER_WAIT_US: u64 = 2000;

/// Times that a temporary file left by a dead process is removed before a miss is answered with
/// [`Lookup::Bypass`](crate::Lookup::Bypass).
pub const STEAL_TRIES: usize = 4;

/// Milliseconds within which a file may change twice with the same time stamp: the kernel's clock tick, with a margin. An object
/// that changed so lately is checked again when it is asked for next.
pub const TICK_MS: u64 = 30;

/// Milliseconds until housekeeping should be called again while an object is being made by another process.
pub const FOREIGN_POLL_MS: u64 = 20;

/// Milliseconds until housekeeping should be called again while there is nothing to do.
pub const IDLE_POLL_MS: u64 = 1000;

/// Seconds between two marks of an object's use on disk, unless configured. Recency that is not on disk yet is lost in a
/// restart.
pub const TOUCH_AFTER_S: u64 = 600;
