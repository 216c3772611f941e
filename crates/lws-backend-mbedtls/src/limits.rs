//! Every limit of this crate, by name.

/// Bytes of one handshake message of the peer, its four bytes of header included: what Mbed TLS's input buffer holds.
/// Beyond it the handshake fails with [`Error::HandshakeTooLarge`](lws_tls::Error::HandshakeTooLarge). A certificate
/// chain of ten certificates fits.
pub const MESSAGE_MAX: usize = 16_384;

/// Records in a row that bring no data: alerts that are only warnings, requests to renegotiate (which are refused), empty
/// records. One more ends the connection with [`Cause::Flood`](lws_tls::Cause::Flood).
pub const QUIET_RECORDS_MAX: usize = 32;

/// Seconds that a session ticket lives, and after which the key for new tickets changes (TLS-04).
pub const TICKET_LIFETIME_S: u32 = 6 * 3_600;
