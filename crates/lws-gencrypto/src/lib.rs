//! Generic cryptography: traits, types and errors, for any library.
//!
//! ```text
//!   Provider ─┬─ hash, hasher ───────────▶ Digest, dyn Hasher
//!  (a value)  ├─ hmac(key) ──────────────▶ dyn Hmac
//!             ├─ aes(mode, key) ─────────▶ dyn Aes ──▶ Stream
//!             ├─ aes_gcm, aes_kw ────────▶ dyn Aead, dyn KeyWrap
//!             ├─ rsa_*, ec_* ────────────▶ dyn RsaPublicKey, dyn RsaPrivateKey, dyn EcPublicKey, dyn EcPrivateKey
//!             ├─ ed25519_*, x25519_* ────▶ dyn Ed25519PrivateKey, ...
//!             └─ concat_kdf, hkdf, pbkdf2, random
//! ```
//! * A [`Provider`] is a *value* that a backend crate offers (`lws_backend_rustls::crypto()`); several may live in
//!   one binary, and what one writes the others read.
//! * A key is parsed once, into an object that is shared (`Arc`), and used many times; nothing is parsed per use.
//! * Not every library can do everything: what one lacks answers [`Error::Unsupported`], with a hint what to do
//!   instead. [`Operation`] names every operation there is.
//! * Secrets ([`Secret`], [`RsaPrivate`], [`EcPrivate`]) are wiped when they are dropped, and not shown by `Debug`.
//! * What a peer sends fails as [`Error::Verify`] or [`Error::Decrypt`]: one value each, so that no caller can tell
//!   a peer *why* its ciphertext is bad.
//!
//! Not here: any cryptography, except the glue that every library needs alike (padding, RFC 3394's loop, the
//! key derivation functions, the DER form of an ECDSA signature).
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod aead;
mod aes;
mod compare;
pub mod der;
mod ec;
mod ecdsa;
mod encoding;
mod error;
mod hash;
mod hmac_over;
mod kdf;
mod key_wrap;
pub mod limits;
mod okp;
mod operation;
mod padding;
mod provider;
mod rsa;
mod secret;
mod stream;

pub use aead::{Aead, check_gcm};
pub use aes::{Aes, AesBits, AesMode, AesStream, Direction};
pub use compare::constant_time_eq;
pub use ec::{Curve, EcPoint, EcPrivate, EcPrivateKey, EcPublicKey};
pub use ecdsa::{ecdsa_from_der, ecdsa_to_der};
pub use encoding::{PrivateParts, PublicParts, rsa_public_to_der};
pub use error::{Error, KeyFault, Misuse};
pub use hash::{Digest, Hash, Hasher, Hmac};
pub use hmac_over::HmacOver;
pub use kdf::{check_iterations, concat_kdf, hkdf, hkdf_expand, hkdf_extract, pbkdf2};
pub use key_wrap::{KeyWrap, check_unwrap, check_wrap, key_unwrap_with_ecb, key_wrap_with_ecb};
pub use okp::{Ed25519PrivateKey, Ed25519PublicKey, X25519PrivateKey};
pub use operation::Operation;
pub use provider::Provider;
pub use rsa::{RsaCrt, RsaEncryption, RsaPrivate, RsaPrivateKey, RsaPublic, RsaPublicKey, RsaSignature};
pub use rsa::{rsa_unpad_pkcs1, rsa_unpad_pkcs1_into};
pub use secret::{Secret, wipe};
pub use stream::Stream;

/// The example of the README, compiled.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
