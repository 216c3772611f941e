//! JSON Web Keys: RFC 7517, RFC 7518 §6, RFC 7638, RFC 8037.
//!
//! A [`Jwk`] is a key and what it says of itself: `kid`, `use`, `key_ops`, `alg`, `x5c`. A `Jwk` that exists is well
//! formed: every number has the length its type demands. Whether the numbers make a key is the cryptographic library's
//! to say, when the key is given to a signer, verifier, encrypter or decrypter; whether the key is *for* that is
//! checked there too, before any cryptography.
//!
//! * Unknown members are ignored (RFC 7517 §4) and not kept; a name that is twice is an error.
//! * Written members stand in lexicographic order, as RFC 7638 §3 has them.
//! * `x5c` is written when asked, and read only to compare: a certificate is trusted by a chain to a root that the
//!   application has chosen (`lws-x509`), never because a key or token brought it.
//! * Private parts are overwritten when they are dropped and never shown by `Debug`.

mod fit;
mod generate;
mod material;
mod parse;
mod pem;
mod set;
#[cfg(test)]
mod tests;
mod write;

pub use generate::Template;
pub use set::JwkSet;

pub(crate) use fit::Purpose;
pub(crate) use material::{EcPrivate, Material, RsaFactors, RsaPrivate};

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use lws_gencrypto::Secret;

use crate::error::{Error, KeyError};
use crate::limits;
use crate::names::named;

named! {
    /// A key type (`kty`).
    #[doc(alias = "lws_gencrypto_kty")]
    Kty {
        /// Bytes: an HMAC or AES key, or a password.
        Oct = "oct",
        /// RSA.
        Rsa = "RSA",
        /// A key on a NIST curve.
        Ec = "EC",
        /// An Edwards or Montgomery curve.
        Okp = "OKP",
    }
}

named! {
    /// A curve (`crv`).
    Curve {
        /// NIST P-256.
        P256 = "P-256",
        /// NIST P-384.
        P384 = "P-384",
        /// NIST P-521.
        P521 = "P-521",
        /// Edwards25519, for signatures.
        Ed25519 = "Ed25519",
        /// Curve25519, to agree on keys.
        X25519 = "X25519",
    }
}

impl Curve {
    /// The key type of its keys.
    #[must_use]
    pub const fn kty(self) -> Kty {
        match self {
            Curve::P256 | Curve::P384 | Curve::P521 => Kty::Ec,
            Curve::Ed25519 | Curve::X25519 => Kty::Okp,
        }
    }

    /// Bytes of a coordinate and of a private key.
    #[must_use]
    pub const fn coordinate_len(self) -> usize {
        match self {
            Curve::P384 => 48,
            Curve::P521 => 66,
            _ => 32,
        }
    }

    /// Bits of a private key.
    pub(crate) const fn bits(self) -> usize {
        match self {
            Curve::P384 => 384,
            Curve::P521 => 521,
            _ => 256,
        }
    }
}

/// A key.
#[doc(alias = "lws_jwk")]
#[derive(Clone)]
pub struct Jwk {
    pub(crate) material: Material,
    pub(crate) kid: Option<Box<str>>,
    pub(crate) usage: Option<Box<str>>,
    /// Empty list: the member is there and empty; none: it is not there.
    pub(crate) operations: Option<Vec<Box<str>>>,
    pub(crate) alg: Option<Box<str>>,
    pub(crate) x5c: Vec<Vec<u8>>,
}

impl Jwk {
    pub(crate) fn from_material(material: Material) -> Self {
        Jwk { material, kid: None, usage: None, operations: None, alg: None, x5c: Vec::new() }
    }

    /// A symmetric key, or a password. At most [`OCT_MAX`](limits::OCT_MAX) bytes.
    pub fn oct(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > limits::OCT_MAX {
            return Err(KeyError::Limit("the symmetric key is too long").into());
        }
        Ok(Jwk::from_material(Material::Oct(Secret::from(bytes))))
    }

    /// Its type.
    #[must_use]
    pub fn kty(&self) -> Kty {
        match &self.material {
            Material::Oct(_) => Kty::Oct,
            Material::Rsa { .. } => Kty::Rsa,
            Material::Ec { curve, .. } => curve.kty(),
        }
    }

    /// Its curve, if it is on one.
    #[must_use]
    pub fn curve(&self) -> Option<Curve> {
        if let Material::Ec { curve, .. } = &self.material { Some(*curve) } else { None }
    }

    /// Its size: of the bytes, the RSA modulus, the curve.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.material.bits()
    }

    /// Whether it has a secret: symmetric keys are nothing else.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.material.is_private()
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Names it; at most [`KID_MAX`](limits::KID_MAX) bytes.
    pub fn with_kid(mut self, kid: &str) -> Result<Self, Error> {
        if kid.len() > limits::KID_MAX {
            return Err(KeyError::Limit("the kid is too long").into());
        }
        self.kid = Some(kid.into());
        Ok(self)
    }

    /// `use`, as RFC 7517 §4.2 has it: `sig` or `enc`, or what others agreed on.
    #[must_use]
    pub fn usage(&self) -> Option<&str> {
        self.usage.as_deref()
    }

    /// Sets `use`.
    #[must_use]
    pub fn with_usage(mut self, usage: &str) -> Self {
        self.usage = Some(usage.into());
        self
    }

    /// `key_ops`, as RFC 7517 §4.3 has it.
    #[must_use]
    pub fn operations(&self) -> Option<&[Box<str>]> {
        self.operations.as_deref()
    }

    /// Sets `key_ops`; none may be twice.
    pub fn with_operations(mut self, operations: &[&str]) -> Result<Self, Error> {
        let list: Vec<Box<str>> = operations.iter().map(|&name| name.into()).collect();
        parse::check_operations(&list)?;
        self.operations = Some(list);
        Ok(self)
    }

    /// The one algorithm it is for.
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// Sets `alg`.
    #[must_use]
    pub fn with_alg(mut self, alg: &str) -> Self {
        self.alg = Some(alg.into());
        self
    }

    /// The certificates that came or go with it, DER, its own first. They prove nothing by being here.
    #[must_use]
    pub fn x5c(&self) -> &[Vec<u8>] {
        &self.x5c
    }

    /// The key without its private half; `key_ops` become those of the public half. None for a symmetric key.
    #[must_use]
    pub fn public(&self) -> Option<Jwk> {
        let mut public = self.clone();
        public.material = self.material.public()?;
        public.operations = self.operations.as_deref().map(fit::public_operations);
        Some(public)
    }

    /// The symmetric key's bytes, if it is one.
    pub(crate) fn secret_bytes(&self) -> Option<&[u8]> {
        if let Material::Oct(bytes) = &self.material { Some(bytes.expose()) } else { None }
    }

    /// Whether both have the same public half. Of symmetric keys: the same bytes.
    #[must_use]
    pub fn is_same_key(&self, other: &Jwk) -> bool {
        self.material.is_same_key(&other.material)
    }

    /// The public half as JSON text, members in lexicographic order.
    ///
    /// Errors: a symmetric key has none.
    #[doc(alias = "lws_jwk_export")]
    pub fn public_json(&self) -> Result<String, Error> {
        Ok(write::jwk(&self.public().ok_or(Error::Misuse("a symmetric key has no public half"))?))
    }

    /// The whole key as JSON text, members in lexicographic order; wiped when it is dropped.
    ///
    /// Errors: this is a public key.
    #[doc(alias = "lws_jwk_export")]
    pub fn private_json(&self) -> Result<Secret, Error> {
        if self.is_private() {
            Ok(Secret::from(write::jwk(self).into_bytes()))
        } else {
            Err(Error::Misuse("this key has no private half to export"))
        }
    }

    /// The JSON text that RFC 7638 §3 hashes: required members only, in order, without white space. Of a symmetric key
    /// it contains the secret.
    #[must_use]
    pub fn thumbprint_input(&self) -> Secret {
        Secret::from(write::required(self).into_bytes())
    }
}

/// What it is, never its secrets.
impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = if self.is_private() { "private [redacted]" } else { "public" };
        f.debug_struct("Jwk")
            .field("kty", &self.kty().name())
            .field("bits", &self.bits())
            .field("half", &half)
            .field("kid", &self.kid)
            .field("use", &self.usage)
            .field("key_ops", &self.operations)
            .field("alg", &self.alg)
            .finish_non_exhaustive()
    }
}
