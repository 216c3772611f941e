//! What the tool bounds, and what happens beyond it.

/// Bytes of a token, key, payload or certificate file that is read. A longer one is an error.
pub(crate) const INPUT_MAX: u64 = 64 << 20;

/// How often one option may be given; more is an error.
pub(crate) const REPEATS_MAX: usize = 16;
