//! Keys in the encodings that files and certificates have, to and from the numbers that lws-gencrypto works with.
//!
//! | | read | written |
//! |---|---|---|
//! | public | SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), also out of a certificate | the same |
//! | private | PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 A.1.2), SEC 1 (RFC 5915) | PKCS#8 |
//!
//! RSA, the NIST curves, Ed25519 and X25519 (RFC 8410). lws-gencrypto takes the encodings apart; here are PEM and
//! certificates around them.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use lws_gencrypto::{
    EcPoint, EcPrivate, Error as CryptoError, KeyFault, PublicParts, RsaPrivate, RsaPublic, Secret,
};

use crate::{Certificate, Error, PublicKeyInfo, pem};

mod private;

/// A public key, as numbers. Whether a point is on its curve is checked by whoever makes a key of it.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "lws_x509_public_to_jwk")]
pub enum PublicKey {
    /// RSA. A key for PSS only is one of these too.
    Rsa(RsaPublic),
    /// A point on a curve of NIST.
    Ec(EcPoint),
    /// For signatures (RFC 8032).
    Ed25519([u8; 32]),
    /// For agreeing on keys (RFC 7748).
    X25519([u8; 32]),
}

/// A private key, as numbers, wiped when dropped.
#[non_exhaustive]
#[derive(Clone, PartialEq, Eq)]
pub enum PrivateKey {
    /// RSA.
    Rsa(RsaPrivate),
    /// A number below the order of a curve of NIST, with its point.
    Ec(EcPrivate),
    /// For signatures: the 32 bytes that RFC 8032 §5.1.5 hashes.
    Ed25519(Secret),
    /// For agreeing on keys: the 32 bytes of RFC 7748 §5.
    X25519(Secret),
}

/// The kind and the public part only.
impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(key) => key.fmt(f),
            Self::Ec(key) => key.fmt(f),
            Self::Ed25519(_) => f.write_str("Ed25519(..)"),
            Self::X25519(_) => f.write_str("X25519(..)"),
        }
    }
}

/// The kind and size, as in `RSA 2048 bits`.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(key) => write!(f, "RSA {} bits", key.bits()),
            Self::Ec(point) => write!(f, "EC {}", point.curve()),
            Self::Ed25519(_) => f.write_str("Ed25519"),
            Self::X25519(_) => f.write_str("X25519"),
        }
    }
}

/// A kind of key that nothing here knows.
const UNKNOWN: Error = Error::Crypto(CryptoError::Key(KeyFault::Encoding));

impl PublicKey {
    /// From SubjectPublicKeyInfo, the content of a PEM block `PUBLIC KEY`.
    ///
    /// # Errors
    /// [`Error::Malformed`]; [`Error::Crypto`] with [`KeyFault::Encoding`] for another kind of key, another curve or a
    /// compressed point, with other faults for numbers that are no key.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        Self::from_info(&PublicKeyInfo::parse(der)?)
    }

    /// From what a certificate contains.
    ///
    /// # Errors
    /// As [`from_der`](Self::from_der).
    pub fn from_info(info: &PublicKeyInfo<'_>) -> Result<Self, Error> {
        // RFC 4055 §1.2: a key for PSS only. The parameters restrict what it is for; the numbers are those of any RSA key.
        if info.algorithm.oid == crate::oid::RSA_PSS {
            return Self::from_parts(PublicParts::from_der(info.key)?);
        }
        Self::from_parts(PublicParts::from_der(info.der)?)
    }

    fn from_parts(parts: PublicParts) -> Result<Self, Error> {
        Ok(match parts {
            PublicParts::Rsa(key) => Self::Rsa(key),
            PublicParts::Ec(point) => Self::Ec(point),
            PublicParts::Ed25519(key) => Self::Ed25519(key),
            PublicParts::X25519(key) => Self::X25519(key),
            _ => return Err(UNKNOWN),
        })
    }

    /// From the first block of a PEM text that has one: `PUBLIC KEY` or `CERTIFICATE`.
    ///
    /// # Errors
    /// [`Error::Pem`], and as [`from_der`](Self::from_der) and [`Certificate::parse`].
    pub fn from_pem(text: &[u8]) -> Result<Self, Error> {
        for block in pem::blocks(text) {
            let block = block?;
            match block.label {
                pem::PUBLIC_KEY => return Self::from_der(&block.der),
                pem::CERTIFICATE => return Certificate::parse(&block.der)?.key(),
                _ => {}
            }
        }
        Err(Error::Pem { line: 0, fault: pem::Fault::Missing })
    }

    /// SubjectPublicKeyInfo.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let parts = match self {
            Self::Rsa(key) => PublicParts::Rsa(key.clone()),
            Self::Ec(point) => PublicParts::Ec(*point),
            Self::Ed25519(key) => PublicParts::Ed25519(*key),
            Self::X25519(key) => PublicParts::X25519(*key),
        };
        parts.to_der()
    }

    /// A PEM block `PUBLIC KEY`.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(pem::PUBLIC_KEY, &self.to_der())
    }
}

impl Certificate<'_> {
    /// The key that the certificate is about.
    ///
    /// # Errors
    /// As [`PublicKey::from_der`].
    pub fn key(&self) -> Result<PublicKey, Error> {
        PublicKey::from_info(&self.public_key)
    }

    /// Checks that the certificate is about this key.
    ///
    /// # Errors
    /// [`Error::KeyMismatch`], and as [`key`](Self::key).
    #[doc(alias = "lws_x509_jwk_privkey_pem")]
    pub fn check_key(&self, key: &PublicKey) -> Result<(), Error> {
        if self.key()? == *key { Ok(()) } else { Err(Error::KeyMismatch) }
    }
}
