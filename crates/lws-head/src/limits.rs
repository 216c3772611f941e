//! What this crate bounds, and what happens beyond it.

/// Bytes in the block that a [`Fields`](crate::Fields) index points into. A position cannot name a byte beyond.
pub const BLOCK_MAX: usize = 65_536;

/// Elements (empty ones count) that [`Fields::list`](crate::Fields::list) looks at; it ends there.
pub const LIST_ELEMENTS_MAX: usize = 1_024;

/// Arguments that [`query::args`](crate::query::args) yields; those beyond are not seen.
pub const QUERY_ARGS_MAX: usize = 256;
