//! Keys in DER: SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 Appendix A.1), SEC 1
//! (RFC 5915).
//!
//! A key is taken apart here, for every library alike; a [`Provider`](crate::Provider) makes a key object of the parts.

use alloc::vec::Vec;

use zeroize::Zeroize;

use crate::der::{Error as DerError, Oid, Reader, Tag, Writer};
use crate::{Curve, EcPoint, EcPrivate, Error, KeyFault, RsaPrivate, RsaPublic, Secret};

/// Room for any private key of [`RSA_BITS_MAX`](crate::limits::RSA_BITS_MAX), so that writing one leaves no copy behind.
const ROOM: usize = 8 * 1024;

/// A public key of any kind, as its numbers.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicParts {
    /// RSA.
    Rsa(RsaPublic),
    /// A curve of NIST, for ECDSA or ECDH.
    Ec(EcPoint),
    /// Ed25519.
    Ed25519([u8; 32]),
    /// X25519.
    X25519([u8; 32]),
}

/// A private key of any kind, as its numbers.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivateParts {
    /// RSA.
    Rsa(RsaPrivate),
    /// A curve of NIST, for ECDSA or ECDH.
    Ec(EcPrivate),
    /// Ed25519: 32 bytes.
    Ed25519(Secret),
    /// X25519: 32 bytes.
    X25519(Secret),
}

impl PublicParts {
    /// From a SubjectPublicKeyInfo, or an RSAPublicKey of PKCS#1.
    ///
    /// # Errors
    /// [`KeyFault::Encoding`] for another encoding, kind or curve; what [`RsaPublic::new`] and [`EcPoint::from_sec1`] say.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let mut outer = Reader::new(der);
        let mut inner = outer.sequence()?;
        outer.finish()?;
        if inner.peek() == Some(Tag::INTEGER) {
            return rsa_public(inner).map(Self::Rsa);
        }
        let algorithm = algorithm(&mut inner)?;
        let key = inner.bit_string()?.octets()?;
        inner.finish()?;
        match algorithm {
            Algorithm::Rsa => rsa_public(only_sequence(key)?).map(Self::Rsa),
            Algorithm::Ec(curve) => EcPoint::from_sec1(curve, key).map(Self::Ec),
            Algorithm::Ed25519 => thirty_two(key).map(Self::Ed25519),
            Algorithm::X25519 => thirty_two(key).map(Self::X25519),
        }
    }

    /// As a SubjectPublicKeyInfo.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.sequence(|info| {
            self.algorithm().write(info);
            match self {
                Self::Rsa(key) => info.bit_string(&rsa_public_to_der(key)),
                Self::Ec(point) => info.bit_string(point.sec1()),
                Self::Ed25519(key) | Self::X25519(key) => info.bit_string(key),
            }
        });
        writer.into_bytes()
    }

    const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rsa,
            Self::Ec(point) => Algorithm::Ec(point.curve()),
            Self::Ed25519(_) => Algorithm::Ed25519,
            Self::X25519(_) => Algorithm::X25519,
        }
    }
}

impl PrivateParts {
    /// From PKCS#8, or an RSAPrivateKey of PKCS#1, or an ECPrivateKey of SEC 1. Not encrypted.
    ///
    /// # Errors
    /// [`KeyFault::Encoding`] for another encoding, kind or curve, for more than two primes, and for an EC key without its
    /// point (which every usual program writes); what [`RsaPrivate::new`] and [`EcPrivate::new`] say.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let mut outer = Reader::new(der);
        let mut inner = outer.sequence()?;
        outer.finish()?;
        let version = inner.uint()?;
        match inner.peek() {
            // RFC 5958 §2: version 0, or 1 with the public key.
            Some(Tag::SEQUENCE) if version <= 1 => pkcs8(inner),
            // RFC 8017 A.1.2: version 0 has two primes.
            Some(Tag::INTEGER) if version == 0 => rsa_private(inner).map(Self::Rsa),
            // RFC 5915 §3: version 1.
            Some(Tag::OCTET_STRING) if version == 1 => ec_private(inner, None).map(Self::Ec),
            _ => Err(KeyFault::Encoding.into()),
        }
    }

    /// As PKCS#8 (version 0, as OpenSSL writes it).
    ///
    /// # Errors
    /// [`KeyFault::Encoding`] for an RSA key without factors and remainders: let a provider derive them
    /// ([`export_private`](crate::RsaPrivateKey::export_private)).
    #[doc(alias = "lws_genrsa_render_pkey_asn1")]
    pub fn to_der(&self) -> Result<Secret, Error> {
        let inner = match self {
            Self::Rsa(key) => rsa_private_to_der(key)?,
            Self::Ec(key) => ec_private_to_der(key),
            Self::Ed25519(key) | Self::X25519(key) => {
                // RFC 8410 §7: CurvePrivateKey ::= OCTET STRING.
                let mut writer = Writer::with_capacity(ROOM);
                writer.octet_string(key.expose());
                writer.into_bytes().into()
            }
        };
        let mut writer = Writer::with_capacity(ROOM);
        writer.sequence(|info| {
            info.uint(0);
            self.algorithm().write(info);
            info.octet_string(inner.expose());
        });
        Ok(writer.into_bytes().into())
    }

    const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rsa,
            Self::Ec(key) => Algorithm::Ec(key.public().curve()),
            Self::Ed25519(_) => Algorithm::Ed25519,
            Self::X25519(_) => Algorithm::X25519,
        }
    }
}

/// RSAPublicKey (RFC 8017 A.1.1).
#[must_use]
pub fn rsa_public_to_der(key: &RsaPublic) -> Vec<u8> {
    let mut writer = Writer::with_capacity(key.modulus_len() + 32);
    writer.sequence(|numbers| {
        numbers.unsigned(key.n());
        numbers.unsigned(key.e());
    });
    writer.into_bytes()
}

/// RSAPrivateKey (RFC 8017 A.1.2).
fn rsa_private_to_der(key: &RsaPrivate) -> Result<Secret, Error> {
    let ((p, q), crt) = key.factors().zip(key.crt()).ok_or(KeyFault::Encoding)?;
    let mut writer = Writer::with_capacity(ROOM);
    writer.sequence(|numbers| {
        numbers.uint(0);
        numbers.unsigned(key.public().n());
        numbers.unsigned(key.public().e());
        for number in [key.d(), p, q, &crt.dp, &crt.dq, &crt.qi] {
            numbers.unsigned(number.expose());
        }
    });
    Ok(writer.into_bytes().into())
}

/// ECPrivateKey (RFC 5915 §3), with the point, without the curve: PKCS#8 names it already (RFC 5958 does not say; so does
/// OpenSSL).
fn ec_private_to_der(key: &EcPrivate) -> Secret {
    let mut writer = Writer::with_capacity(ROOM);
    writer.sequence(|parts| {
        parts.uint(1);
        parts.octet_string(key.d().expose());
        parts.explicit(1, |public| public.bit_string(key.public().sec1()));
    });
    writer.into_bytes().into()
}

fn pkcs8(mut info: Reader<'_>) -> Result<PrivateParts, Error> {
    let algorithm = algorithm(&mut info)?;
    let key = info.octet_string()?;
    // RFC 5958 §2: attributes and a public key may follow; nothing here depends on them.
    match algorithm {
        Algorithm::Rsa => {
            let mut inner = only_sequence(key)?;
            if inner.uint()? != 0 {
                return Err(KeyFault::Encoding.into());
            }
            rsa_private(inner).map(PrivateParts::Rsa)
        }
        Algorithm::Ec(curve) => {
            let mut inner = only_sequence(key)?;
            if inner.uint()? != 1 {
                return Err(KeyFault::Encoding.into());
            }
            ec_private(inner, Some(curve)).map(PrivateParts::Ec)
        }
        Algorithm::Ed25519 => curve_private(key).map(PrivateParts::Ed25519),
        Algorithm::X25519 => curve_private(key).map(PrivateParts::X25519),
    }
}

fn rsa_public(mut numbers: Reader<'_>) -> Result<RsaPublic, Error> {
    let (n, e) = (numbers.unsigned()?, numbers.unsigned()?);
    numbers.finish()?;
    RsaPublic::new(n, e)
}

/// RSAPrivateKey after its version.
fn rsa_private(mut numbers: Reader<'_>) -> Result<RsaPrivate, Error> {
    let public = RsaPublic::new(numbers.unsigned()?, numbers.unsigned()?)?;
    let key = RsaPrivate::new(public, numbers.unsigned()?)?;
    let key = key.with_factors(numbers.unsigned()?, numbers.unsigned()?)?;
    let key = key.with_crt(numbers.unsigned()?, numbers.unsigned()?, numbers.unsigned()?)?;
    numbers.finish()?;
    Ok(key)
}

/// ECPrivateKey after its version. `outer`: the curve that PKCS#8 names.
fn ec_private(mut parts: Reader<'_>, outer: Option<Curve>) -> Result<EcPrivate, Error> {
    let d = parts.octet_string()?;
    let inner = parts.explicit(0)?.map(|mut parameters| curve(parameters.oid()?)).transpose()?;
    let public = parts.explicit(1)?;
    parts.finish()?;
    let curve = match (outer, inner) {
        (Some(outer), Some(inner)) if outer != inner => return Err(KeyFault::Encoding.into()),
        (Some(curve), _) | (None, Some(curve)) => curve,
        (None, None) => return Err(KeyFault::Encoding.into()),
    };
    let point = public.ok_or(KeyFault::Encoding)?.bit_string()?.octets()?;
    EcPrivate::new(EcPoint::from_sec1(curve, point)?, d)
}

/// CurvePrivateKey (RFC 8410 §7).
fn curve_private(key: &[u8]) -> Result<Secret, Error> {
    let mut outer = Reader::new(key);
    let inner = outer.octet_string()?;
    outer.finish()?;
    let mut bytes = thirty_two(inner)?;
    let secret = Secret::from(&bytes[..]);
    bytes.zeroize();
    Ok(secret)
}

fn thirty_two(key: &[u8]) -> Result<[u8; 32], Error> {
    key.try_into().map_err(|_| KeyFault::Length.into())
}

fn only_sequence(der: &[u8]) -> Result<Reader<'_>, Error> {
    let mut outer = Reader::new(der);
    let inner = outer.sequence()?;
    outer.finish()?;
    Ok(inner)
}

/// What an AlgorithmIdentifier says about a key.
#[derive(Clone, Copy)]
enum Algorithm {
    Rsa,
    Ec(Curve),
    Ed25519,
    X25519,
}

fn algorithm(reader: &mut Reader<'_>) -> Result<Algorithm, Error> {
    let mut identifier = reader.sequence()?;
    let algorithm = match identifier.oid()? {
        // RFC 3279 §2.3.1: the parameters are NULL.
        Oid::RSA_ENCRYPTION => {
            identifier.null()?;
            Algorithm::Rsa
        }
        // RFC 5480 §2.1.1: the curve is named.
        Oid::EC_PUBLIC_KEY => Algorithm::Ec(curve(identifier.oid()?)?),
        // RFC 8410 §3: there are no parameters.
        Oid::ED25519 => Algorithm::Ed25519,
        Oid::X25519 => Algorithm::X25519,
        _ => return Err(KeyFault::Encoding.into()),
    };
    identifier.finish()?;
    Ok(algorithm)
}

fn curve(oid: Oid<'_>) -> Result<Curve, Error> {
    match oid {
        Oid::SECP256R1 => Ok(Curve::P256),
        Oid::SECP384R1 => Ok(Curve::P384),
        Oid::SECP521R1 => Ok(Curve::P521),
        _ => Err(KeyFault::Encoding.into()),
    }
}

impl Algorithm {
    fn write(self, writer: &mut Writer) {
        writer.sequence(|identifier| match self {
            Self::Rsa => {
                identifier.oid(Oid::RSA_ENCRYPTION);
                identifier.null();
            }
            Self::Ec(curve) => {
                identifier.oid(Oid::EC_PUBLIC_KEY);
                identifier.oid(match curve {
                    Curve::P256 => Oid::SECP256R1,
                    Curve::P384 => Oid::SECP384R1,
                    Curve::P521 => Oid::SECP521R1,
                });
            }
            Self::Ed25519 => identifier.oid(Oid::ED25519),
            Self::X25519 => identifier.oid(Oid::X25519),
        });
    }
}

/// Bytes that are no DER are a key in no known encoding.
impl From<DerError> for Error {
    fn from(_: DerError) -> Self {
        KeyFault::Encoding.into()
    }
}

#[cfg(test)]
#[path = "encoding/tests.rs"]
mod tests;
