//! Keys in the encodings that files and certificates have, to and from the numbers that lws-gencrypto works with.
//!
//! | | read | written |
//! |---|---|---|
//! | public | SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), also out of a certificate | the same |
//! | private | PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 A.1.2), SEC 1 (RFC 5915) | PKCS#8 |
//!
//! RSA, the NIST curves, Ed25519 and X25519 (RFC 8410).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use lws_gencrypto::der::{Oid, Writer};
use lws_gencrypto::{
    Curve, EcPoint, EcPrivate, Error as CryptoError, KeyFault, RsaPrivate, RsaPublic, Secret, der,
};

use crate::algorithm::AlgorithmId;
use crate::error::InPart as _;
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

/// The identifier of a curve.
const CURVES: [(Oid<'static>, Curve); 3] =
    [(Oid::SECP256R1, Curve::P256), (Oid::SECP384R1, Curve::P384), (Oid::SECP521R1, Curve::P521)];

/// The curve that is named by the parameters of an EC key.
fn curve(algorithm: &AlgorithmId<'_>) -> Result<Curve, Error> {
    const PART: &str = "curve";
    let mut parameters = der::Reader::new(algorithm.parameters.map_or(&[], |value| value.whole));
    // RFC 5480 §2.1.1: it is named; explicit parameters are not to be used.
    let named = parameters.oid().part(PART)?;
    CURVES.iter().find(|(oid, _)| *oid == named).map(|(_, curve)| *curve).ok_or(UNKNOWN)
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
        const PART: &str = "public key";
        let exact = || <[u8; 32]>::try_from(info.key).map_err(|_| Error::Crypto(KeyFault::Length.into()));
        // RFC 8410 §3: the parameters must be absent.
        let bare = info.algorithm.parameters.is_none();
        match info.algorithm.oid {
            Oid::RSA_ENCRYPTION if info.algorithm.without_parameters() => {
                Ok(Self::Rsa(rsa_public(info.key)?))
            }
            // RFC 4055 §1.2: the parameters restrict what the key is for, and may be absent.
            crate::oid::RSA_PSS => Ok(Self::Rsa(rsa_public(info.key)?)),
            Oid::EC_PUBLIC_KEY => Ok(Self::Ec(EcPoint::from_sec1(curve(&info.algorithm)?, info.key)?)),
            Oid::ED25519 if bare => Ok(Self::Ed25519(exact()?)),
            Oid::X25519 if bare => Ok(Self::X25519(exact()?)),
            Oid::RSA_ENCRYPTION | Oid::ED25519 | Oid::X25519 => Err(der::Error::Trailing).part(PART),
            _ => Err(UNKNOWN),
        }
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
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// A PEM block `PUBLIC KEY`.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(pem::PUBLIC_KEY, &self.to_der())
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.sequence(|info| {
            self.write_algorithm(info);
            match self {
                Self::Rsa(key) => info.bit_string(&rsa_public_der(key)),
                Self::Ec(point) => info.bit_string(point.sec1()),
                Self::Ed25519(key) | Self::X25519(key) => info.bit_string(key),
            }
        });
    }

    /// The AlgorithmIdentifier of the key.
    fn write_algorithm(&self, writer: &mut Writer) {
        writer.sequence(|algorithm| match self {
            Self::Rsa(_) => {
                algorithm.oid(Oid::RSA_ENCRYPTION);
                algorithm.null();
            }
            Self::Ec(point) => {
                algorithm.oid(Oid::EC_PUBLIC_KEY);
                let named = CURVES.iter().find(|(_, curve)| *curve == point.curve());
                algorithm.oid(named.expect("every curve has an identifier").0);
            }
            Self::Ed25519(_) => algorithm.oid(Oid::ED25519),
            Self::X25519(_) => algorithm.oid(Oid::X25519),
        });
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

/// RSAPublicKey (RFC 8017 A.1.1).
fn rsa_public(key: &[u8]) -> Result<RsaPublic, Error> {
    const PART: &str = "RSA public key";
    let mut reader = der::Reader::new(key);
    let mut numbers = reader.sequence().part(PART)?;
    reader.finish().part(PART)?;
    let (n, e) = (numbers.unsigned().part(PART)?, numbers.unsigned().part(PART)?);
    numbers.finish().part(PART)?;
    Ok(RsaPublic::new(n, e)?)
}

fn rsa_public_der(key: &RsaPublic) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.sequence(|numbers| {
        numbers.unsigned(key.n());
        numbers.unsigned(key.e());
    });
    writer.into_bytes()
}
