//! Limits of this crate.

/// Bytes of a decoded header list: names, values and [`FIELD_OVERHEAD`] each (RFC 9113 §6.5.2). Beyond it the list
/// is refused (431), beyond [`OVERRUN`] times as much the connection ends with `ENHANCE_YOUR_CALM`.
pub const LIST_BYTES: usize = 16 * 1024;

/// Fields of a decoded header list. Beyond it the list is refused (431), beyond [`OVERRUN`] times as many the
/// connection ends with `ENHANCE_YOUR_CALM`.
pub const LIST_FIELDS: usize = 100;

/// How many times larger than allowed a refused list may get before the connection ends with `ENHANCE_YOUR_CALM`.
pub const OVERRUN: usize = 4;

/// Bytes of one encoded field block, all its frames together. Beyond it the connection ends with
/// `ENHANCE_YOUR_CALM`; it also bounds what a caller keeps between two calls of [`crate::Decoder::decode`].
pub const BLOCK_BYTES: usize = 16 * 1024;

/// The largest integer that is decoded; a larger one is a `COMPRESSION_ERROR` (RFC 7541 §5.1).
pub const INTEGER: u32 = 1 << 28;

/// Octets that may follow the first octet of an integer, leading zeros included; a longer one is a
/// `COMPRESSION_ERROR` (RFC 7541 §5.1).
pub const INTEGER_OCTETS: u32 = 4;

/// Bytes of a dynamic table until a setting says otherwise: `SETTINGS_HEADER_TABLE_SIZE` starts at 4096 (RFC 9113
/// §6.5.2).
pub const TABLE_BYTES: usize = 4096;

/// The largest dynamic table, in bytes, that either side can be told to keep. A decoder that is asked for more
/// reports misuse; an encoder keeps no more, whatever its peer would allow.
pub const MAX_TABLE_BYTES: usize = 64 * 1024;

/// Dynamic table size updates in front of one field block: the lowest size since the last block and the final
/// one. A third is a `COMPRESSION_ERROR` (RFC 7541 §4.2).
pub const TABLE_UPDATES: u8 = 2;

/// What a field counts beyond its name and value in bytes, in a list and in a table (RFC 7541 §4.1).
pub const FIELD_OVERHEAD: usize = 32;

/// A `cookie` shorter than this many bytes is never indexed: it could be guessed by trial (RFC 7541 §7.1.3).
pub const SHORT_COOKIE_BYTES: usize = 20;
