//! Every bound of this crate.

/// Bytes of a PEM text. A longer one is refused.
pub const PEM_BYTES: usize = 4 << 20;

/// Bytes of the DER in one PEM block. A longer one is refused.
pub const PEM_BLOCK_BYTES: usize = 256 << 10;

/// Bytes of a PEM label, as in `CERTIFICATE`. A longer one is refused.
pub const PEM_LABEL_BYTES: usize = 64;

/// Bytes of one certificate or request. A longer one is refused.
pub const CERTIFICATE_BYTES: usize = 128 << 10;

/// Extensions in one certificate or request. One with more is refused.
pub const EXTENSIONS: usize = 64;

/// Bytes of a serial number, without the zero that its sign may need (RFC 5280 §4.1.2.2). A longer one is refused.
pub const SERIAL_BYTES: usize = 20;

/// Intermediate certificates that are looked at, to verify one; more are refused.
pub const INTERMEDIATES: usize = 32;

/// Authorities between a certificate and the trust anchor. Longer paths are not looked for.
pub const PATH_AUTHORITIES: usize = 8;

/// Signatures that are checked to verify one certificate, over all paths tried. When they are used up it is refused.
pub const SIGNATURE_CHECKS: usize = 32;

/// Comparisons of a name with a name constraint to verify one certificate, over all paths tried. When they are used up
/// it is refused.
pub const NAME_COMPARISONS: usize = 100_000;

/// Bytes of a host name (RFC 1035 §2.3.4), without a final dot. A longer one is refused.
pub const HOST_NAME_BYTES: usize = 253;

/// Bytes of one label of a host name (RFC 1035 §2.3.4). A longer one is refused.
pub const LABEL_BYTES: usize = 63;
