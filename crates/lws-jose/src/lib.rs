//! JSON Object Signing and Encryption on any cryptographic library: RFC 7515 to 7519, 7638, 7797, 8037.
//!
//! ```
//! # fn main() -> Result<(), lws_jose::Error> {
//! use lws_gencrypto::Provider;
//! use lws_jose::{jwk, jws};
//! use std::sync::Arc;
//!
//! let provider: Arc<dyn Provider> = Arc::new(lws_backend_rustls::crypto());
//! let key = jwk::Template::signature(jws::Alg::Es256).generate(&provider)?.with_kid("2026-11")?;
//! let token = jws::Signer::new(&provider, jws::Alg::Es256, &key)?.sign(b"It is what it is.")?;
//!
//! let verifier = jws::Verifier::new(&provider, &[jws::Alg::Es256]).key(&key.public().expect("it is EC"))?;
//! assert_eq!(verifier.verify(&token)?.payload, b"It is what it is.");
//! # Ok(())
//! # }
//! ```
//! * [`jwk`]: keys and sets of keys; thumbprints, PEM, certificates.
//! * [`jws`]: signatures. [`jwe`]: encryption. They never take each other's tokens, nor guess which one it is.
//! * [`jwt`]: claims, with the time as an argument.
//! * [`KeyRing`]: many keys, each with its time; rotation.
//! * [`json`], [`base64url`]: strict readers, because what two readers understand differently is a hole.
//!
//! There is no cryptography here and no library is linked: a `provider` is a value that the application takes from a
//! backend crate (`lws_backend_rustls::crypto()`), and several may be in use at once.
//!
//! What a verifier or decrypter accepts is a list that its maker writes down; there is no default. The type, curve, size,
//! `use`, `key_ops` and `alg` of the key must match before any cryptography runs. Keys, URLs and certificates in a token's
//! header are never used.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod base64url;
mod candidates;
mod error;
mod header;
pub mod json;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod jwt;
pub mod limits;
mod live;
mod names;
mod ring;

pub use error::{ClaimError, Error, KeyError, TokenError, Unfit};
pub use json::Limits;
pub use ring::{KeyRing, Lifetime, Metrics, Policy, Rotation, State};

/// The example of the README, compiled.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
