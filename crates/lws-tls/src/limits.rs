//! Every limit of this crate, by name.

/// Bytes of plaintext in one record. A library refuses longer ones with `record_overflow` (RFC 8446 §5.1).
pub const PLAIN_MAX: usize = 16_384;

/// Bytes of one record on the wire, header included: 5 + 16 384 + 2 048 (RFC 5246 §6.2.3, the larger of the two
/// versions). A header that announces more ends the connection.
pub const RECORD_MAX: usize = 5 + PLAIN_MAX + 2_048;

/// Bytes of incomplete handshake message, record headers included, that a session keeps between two calls of
/// [`Session::receive`](crate::Session::receive). Beyond it the handshake fails with
/// [`Error::HandshakeTooLarge`](crate::Error::HandshakeTooLarge).
pub const HANDSHAKE_HELD_MAX: usize = 36 * 1_024;

/// Bytes of one certificate, key or root file. A longer file is refused.
pub const PEM_FILE_MAX: usize = 4 * 1_024 * 1_024;
