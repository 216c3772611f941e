//! Every limit of this crate.

/// Shortest RSA modulus, in bits: a smaller key answers [`KeyFault::TooSmall`](crate::KeyFault::TooSmall).
///
/// One of our libraries takes nothing smaller, and RFC 7518 §3.3 and §4.2 forbid it; so no library does here.
pub const RSA_BITS_MIN: usize = 2048;

/// Longest RSA modulus, in bits: a larger key answers [`KeyFault::TooLarge`](crate::KeyFault::TooLarge).
///
/// A verification costs the square of the length, and the key may be the peer's.
pub const RSA_BITS_MAX: usize = 8192;

/// Longest RSA public exponent, in bits: a larger one answers [`KeyFault::TooLarge`](crate::KeyFault::TooLarge).
pub const RSA_EXPONENT_BITS_MAX: usize = 33;

/// Longest digest, in bytes (SHA-512).
pub const DIGEST_MAX: usize = 64;

/// Longest point in the uncompressed form of SEC 1 §2.3.3, in bytes (P-521).
pub const EC_POINT_MAX: usize = 1 + 2 * 66;

/// Longest ECDSA signature as r and s, in bytes (P-521).
pub const ECDSA_SIGNATURE_MAX: usize = 2 * 66;

/// Longest signature of all, in bytes (RSA with [`RSA_BITS_MAX`]).
pub const SIGNATURE_MAX: usize = RSA_BITS_MAX / 8;

/// Longest initialisation vector of AES-GCM, in bytes: a longer one is [`Misuse::IvLength`](crate::Misuse::IvLength).
///
/// NIST allows 2^61 - 1 bytes, OpenSSL 3 these; more than a block is hashed into one anyway.
pub const GCM_IV_MAX: usize = 128;

/// Longest data of one AES-XTS unit, in bytes: more is [`Misuse::DataLength`](crate::Misuse::DataLength).
///
/// IEEE 1619 §5.1: a data unit shall not exceed 2^20 blocks.
pub const XTS_UNIT_MAX: usize = 16 << 20;

/// Longest key that AES-KW wraps, in bytes: a longer one is [`Misuse::DataLength`](crate::Misuse::DataLength).
pub const KEY_WRAP_MAX: usize = 4096;

/// Most iterations of PBKDF2: more is [`Misuse::Iterations`](crate::Misuse::Iterations).
///
/// 10 million take seconds of one core. Whoever takes the count from a peer sets a limit of his own, far lower.
pub const PBKDF2_ITERATIONS_MAX: u32 = 10_000_000;

/// How deep DER values may be nested below the input of one [`der::Reader`](crate::der::Reader): stepping deeper is
/// [`der::Error::Depth`](crate::der::Error::Depth).
pub const DER_DEPTH: u8 = 32;
