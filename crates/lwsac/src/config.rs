//! How large an arena may become, and how large it is.

use crate::limits;

/// The sizes of an arena.
///
/// ```
/// let config = lwsac::Config::default().budget(1 << 20).backfill(true);
/// assert_eq!(config.budget, 1 << 20);
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Bytes of the first chunk; default [`limits::FIRST_CHUNK`], at least [`limits::MIN_CHUNK`].
    pub first_chunk: usize,
    /// Bytes up to which chunks double; default [`limits::MAX_CHUNK`]. Larger objects get a chunk of their own.
    pub max_chunk: usize,
    /// Bytes the arena may hold from the allocator, chunk headers and spare chunks included; default [`limits::BUDGET`].
    pub budget: usize,
    /// Bytes of chunks kept by [`Arena::reset`](crate::Arena::reset); default [`limits::KEEP`].
    pub keep: usize,
    /// Whether to look for a hole in [`limits::BACKFILL_CHUNKS`] older chunks before a new chunk is taken; default no.
    /// Less memory for objects of very different sizes, but neighbours in time are no longer neighbours in memory.
    pub backfill: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            first_chunk: limits::FIRST_CHUNK,
            max_chunk: limits::MAX_CHUNK,
            budget: limits::BUDGET,
            keep: limits::KEEP,
            backfill: false,
        }
    }
}

impl Config {
    /// Sets [`Config::first_chunk`], in bytes.
    pub const fn first_chunk(mut self, bytes: usize) -> Self {
        self.first_chunk = bytes;
        self
    }

    /// Sets [`Config::max_chunk`], in bytes.
    pub const fn max_chunk(mut self, bytes: usize) -> Self {
        self.max_chunk = bytes;
        self
    }

    /// Sets [`Config::budget`], in bytes.
    pub const fn budget(mut self, bytes: usize) -> Self {
        self.budget = bytes;
        self
    }

    /// Sets [`Config::keep`], in bytes.
    pub const fn keep(mut self, bytes: usize) -> Self {
        self.keep = bytes;
        self
    }

    /// Sets [`Config::backfill`].
    #[doc(alias = "lwsac_use_backfill")]
    pub const fn backfill(mut self, on: bool) -> Self {
        self.backfill = on;
        self
    }
}

/// What an arena holds, in bytes: `used <= reserved <= budget`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes handed out, with the padding for their alignment.
    pub used: usize,
    /// Bytes taken from the allocator: everything in chunks, spare ones included.
    #[doc(alias = "lwsac_total_alloc")]
    pub reserved: usize,
    /// Chunks that hold objects, or will hold the next ones.
    pub chunks: usize,
    /// Chunks that wait for their next use.
    pub spare: usize,
}

impl Usage {
    /// Bytes that hold no object: headers, unused ends, spare chunks.
    #[doc(alias = "lwsac_total_overhead")]
    pub const fn overhead(&self) -> usize {
        self.reserved - self.used
    }
}
