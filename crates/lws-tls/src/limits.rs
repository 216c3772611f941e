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

/// Bytes of one certificate in DER that [`Certificate::parse`](crate::Certificate::parse) reads. A longer one is
/// malformed.
pub const CERTIFICATE_MAX: usize = 64 * 1_024;

/// Names of a certificate that a message shows. Further ones are left out.
pub const CERTIFICATE_NAMES_MAX: usize = 8;

/// Bits of an RSA key. A peer's certificate with a shorter one is refused as weak.
pub const RSA_BITS_MIN: usize = 2_048;

/// Bytes of a client's first message, record headers included, that [`hello::peek`](crate::hello::peek) waits for. A
/// longer one fails with [`Error::HandshakeTooLarge`](crate::Error::HandshakeTooLarge).
pub const HELLO_MAX: usize = HANDSHAKE_HELD_MAX;

/// Files in the folder of trusted certificates (`SSL_CERT_DIR`) that are read. Further ones are left out.
pub const ROOT_FILES_MAX: usize = 4_096;

/// Records one after the other that carry no application data once the handshake is done: key updates, tickets,
/// warnings, empty records. More end the connection with [`Cause::Flood`](crate::Cause::Flood).
pub const QUIET_RECORDS_MAX: u32 = 32;

/// How long session tickets are sealed with the same key, in seconds (TLS-04).
pub const TICKET_KEY_SECONDS: i64 = 6 * 3_600;

/// Servers whose sessions a client keeps, for each connector. Beyond it the one that was kept longest is forgotten.
pub const RESUMABLE_SERVERS_MAX: usize = 256;

/// Sessions that a client keeps of one server. Beyond it the oldest is forgotten.
pub const RESUMABLE_SESSIONS_MAX: usize = 4;

/// How long a client keeps a session, and what a server renews of it, in seconds from its full handshake. An older one is
/// not resumed: the server shows its certificate again.
pub const RESUMABLE_SECONDS: i64 = 12 * 3_600;

/// Issuers between a peer's certificate and a trusted one. A longer chain is refused.
pub const CHAIN_ISSUERS_MAX: u32 = 6;
