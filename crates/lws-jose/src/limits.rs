//! What this crate bounds, and what happens beyond it.

/// Bytes in a token (any serialisation) and in a JSON text. Longer input is refused before it is read;
/// [`Limits`](crate::Limits) raises it for who asks.
pub const TOKEN_MAX: usize = 65_536;

/// Levels of arrays and objects in JSON. A deeper text is refused; [`Limits`](crate::Limits) raises it for who asks.
pub const DEPTH_MAX: usize = 16;

/// Levels that [`Limits`](crate::Limits) can ask for: the reader calls itself once per level. More is taken as this.
pub const DEPTH_ASKED_MAX: usize = 128;

/// Members of a JOSE header and of a JWK. An object with more is refused.
pub const HEADER_MEMBERS_MAX: usize = 64;

/// Bytes in a `kid`. A longer one is refused, in headers and in keys.
pub const KID_MAX: usize = 256;

/// Signatures of a JWS and recipients of a JWE in JSON form. An object with more is refused.
pub const SIGNATURES_MAX: usize = 16;

/// Keys of a set. A set with more is refused.
pub const SET_KEYS_MAX: usize = 256;

/// Keys tried on one signature or recipient. Among more that fit, the later ones are not tried: give keys a `kid`.
pub const TRIES_MAX: usize = 8;

/// Certificates of an `x5c`. A key with more is refused.
pub const X5C_MAX: usize = 16;

/// Bits of an RSA modulus: no key with fewer signs, verifies, encrypts or decrypts.
pub const RSA_BITS_MIN: usize = 2048;

/// Bits of an RSA modulus: no key with more is accepted.
pub const RSA_BITS_MAX: usize = 4096;

/// Bytes of a symmetric key (`k`). A longer one is refused.
pub const OCT_MAX: usize = 4096;

/// PBES2 iterations (`p2c`): fewer are refused, in both directions (RFC 7518 §4.8.1.2).
pub const P2C_MIN: u32 = 1_000;

/// PBES2 iterations (`p2c`): more are refused before any of them runs.
pub const P2C_MAX: u32 = 100_000;

/// PBES2 iterations that [`Encrypter`](crate::jwe::Encrypter) uses unless told. Other implementations refuse more than
/// this (jwcrypto) or twice this (latchset); use long random passwords.
pub const P2C_DEFAULT: u32 = 16_384;

/// Bytes of the PBES2 salt (`p2s`), of `apu` and of `apv`. A header with more is refused.
pub const PARTY_MAX: usize = 1_024;

/// Keys of a [`KeyRing`](crate::KeyRing), retired ones included: beyond it the longest retired are forgotten, and a
/// rotation that would need more still is refused.
pub const RING_KEYS_MAX: usize = 128;
