//! Limits of decoding.

/// Codings on top of each other; a body with more is refused with [`crate::Error::TooMany`] (CLI-04).
pub const LAYERS: usize = 5;

/// How many bytes one byte of a coded body may become, on average since the body's beginning. More is
/// [`crate::Error::Bomb`] (CLI-04). DEFLATE ends at 1032, so only bodies that hold next to nothing come near.
pub const RATIO: u64 = 1000;

/// Bytes that a body may become whatever [`RATIO`] says: small bodies are no bombs.
pub const ALLOWANCE: u64 = 64 * 1024;

/// Bytes between two codings that lie on top of each other.
pub const BETWEEN: usize = 8 * 1024;
