//! Every bound of this crate.

/// Bytes of the first chunk of an arena, unless configured. Small enough for the allocator's fast path; each further
/// chunk doubles, up to [`MAX_CHUNK`].
pub const FIRST_CHUNK: usize = 1000;

/// Bytes up to which chunks grow by doubling, unless configured. A single larger request gets a chunk of exactly its own
/// size; it never makes later chunks larger.
pub const MAX_CHUNK: usize = 64 * 1024;

/// Smallest chunk, in bytes. Smaller configured sizes are raised to it.
pub const MIN_CHUNK: usize = 128;

/// Bytes one arena may take from the allocator, unless configured. Beyond it each `try_*` call answers
/// [`Error::Budget`](crate::Error::Budget) and changes nothing.
pub const BUDGET: usize = 16 * 1024 * 1024;

/// Bytes of chunks that [`Arena::reset`](crate::Arena::reset) keeps for the next use, unless configured. The rest goes
/// back to the allocator.
pub const KEEP: usize = 64 * 1024;

/// Older chunks that one allocation looks at for a hole, with [`Config::backfill`](crate::Config::backfill). Beyond it the
/// allocation takes a new chunk.
pub const BACKFILL_CHUNKS: usize = 8;

/// Slots that one [`Interner::try_intern`](crate::Interner::try_intern) looks at. A text that collides more often than that
/// (only crafted input does) is stored again instead of found.
pub const INTERN_PROBES: usize = 64;
