//! The bounds of this program.

/// Bytes at the start of a file in which a NUL means that it is no text; such files are not indexed.
pub(crate) const BINARY_LOOK: usize = 8192;

/// Bytes read from a file at once.
pub(crate) const READ_CHUNK: usize = 64 << 10;

/// Deepest folder that is looked into; deeper ones are passed over with a warning.
pub(crate) const MAX_DEPTH: usize = 128;

/// Bytes of a line that are shown around what was found.
pub(crate) const QUOTE_WIDTH: usize = 160;

/// Longest line that is read to show a part of it, in bytes; of a longer one only the place is told.
pub(crate) const MAX_QUOTED_LINE: u32 = 1 << 20;
