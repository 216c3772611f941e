//! Private keys.

use lws_gencrypto::der::{Error as Malformed, Oid, Reader, Tag, Writer};
use lws_gencrypto::{
    Curve, EcPoint, EcPrivate, Error as CryptoError, KeyFault, Provider, RsaPrivate, RsaPublic, Secret,
};

use super::{CURVES, PrivateKey, PublicKey, UNKNOWN, curve};
use crate::algorithm::AlgorithmId;
use crate::error::InPart as _;
use crate::{Error, SigningKey, pem};

const PART: &str = "private key";
const RSA_PART: &str = "RSA private key";
const EC_PART: &str = "EC private key";

impl PrivateKey {
    /// From the first block of a PEM text that is a private key: `PRIVATE KEY`, `RSA PRIVATE KEY` or `EC PRIVATE KEY`.
    ///
    /// # Errors
    /// [`Error::Pem`], also if the key is encrypted; and as [`from_pkcs8`](Self::from_pkcs8).
    pub fn from_pem(text: &[u8]) -> Result<Self, Error> {
        for block in pem::blocks(text) {
            let block = block?;
            let (label, line) = (block.label, block.line);
            let der = Secret::from(block.der);
            match label {
                pem::PRIVATE_KEY => return Self::from_pkcs8(der.expose()),
                pem::RSA_PRIVATE_KEY => return Self::from_pkcs1(der.expose()),
                pem::EC_PRIVATE_KEY => return Self::from_sec1(der.expose()),
                "ENCRYPTED PRIVATE KEY" => return Err(Error::Pem { line, fault: pem::Fault::Encrypted }),
                _ => {}
            }
        }
        Err(Error::Pem { line: 0, fault: pem::Fault::Missing })
    }

    /// From PKCS#8 or its successor, OneAsymmetricKey (RFC 5958).
    ///
    /// # Errors
    /// [`Error::Malformed`]; [`Error::Crypto`] with [`KeyFault::Encoding`] for another kind of key or curve, or an EC
    /// key without its public part, with other faults for numbers that are no key.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(der);
        let mut fields = reader.sequence().part(PART)?;
        reader.finish().part(PART)?;
        // RFC 5958 §2: version 1 is PKCS#8, version 2 may have the public key too.
        let version = fields.uint().part(PART)?;
        if version > 1 {
            return Err(UNKNOWN);
        }
        let algorithm = AlgorithmId::read(&mut fields).part(PART)?;
        let key = fields.octet_string().part(PART)?;
        fields.optional(Tag::explicit(0)).part(PART)?;
        let public = if version == 1 { fields.optional(Tag::context(1)).part(PART)? } else { None };
        fields.finish().part(PART)?;
        // The public part is a BIT STRING of whole bytes, implicitly tagged.
        let public =
            public.map(|value| value.content.strip_prefix(&[0]).ok_or(Malformed::BitString).part(PART));
        let public = public.transpose()?;
        match algorithm.oid {
            Oid::RSA_ENCRYPTION => Self::from_pkcs1(key),
            Oid::EC_PUBLIC_KEY => ec_private(key, Some(curve(&algorithm)?), public),
            Oid::ED25519 => Ok(Self::Ed25519(curve_private(key)?)),
            Oid::X25519 => Ok(Self::X25519(curve_private(key)?)),
            _ => Err(UNKNOWN),
        }
    }

    /// From RSAPrivateKey (RFC 8017 A.1.2).
    ///
    /// # Errors
    /// As [`from_pkcs8`](Self::from_pkcs8).
    pub fn from_pkcs1(der: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(der);
        let mut numbers = reader.sequence().part(RSA_PART)?;
        reader.finish().part(RSA_PART)?;
        // Version 1 is a key with more than two primes.
        if numbers.uint().part(RSA_PART)? != 0 {
            return Err(UNKNOWN);
        }
        let mut number = || numbers.unsigned().part(RSA_PART);
        let [n, e, d, p, q] = [number()?, number()?, number()?, number()?, number()?];
        let [dp, dq, qi] = [number()?, number()?, number()?];
        numbers.finish().part(RSA_PART)?;
        let key = RsaPrivate::new(RsaPublic::new(n, e)?, d)?;
        Ok(Self::Rsa(key.with_factors(p, q)?.with_crt(dp, dq, qi)?))
    }

    /// From ECPrivateKey (RFC 5915), with its curve and its public part.
    ///
    /// # Errors
    /// As [`from_pkcs8`](Self::from_pkcs8).
    pub fn from_sec1(der: &[u8]) -> Result<Self, Error> {
        ec_private(der, None, None)
    }

    /// PKCS#8 (RFC 5958, version 1).
    ///
    /// # Errors
    /// [`KeyFault::Encoding`] for an RSA key without its factors and remainders: PKCS#1 has to have them. A backend
    /// derives them: [`export_private`](lws_gencrypto::RsaPrivateKey::export_private).
    pub fn to_pkcs8(&self) -> Result<Secret, Error> {
        let inner = match self {
            Self::Rsa(key) => rsa_private_der(key)?,
            Self::Ec(key) => ec_private_der(key),
            Self::Ed25519(key) | Self::X25519(key) => {
                let mut writer = Writer::with_capacity(64);
                writer.octet_string(key.expose());
                Secret::from(writer.into_bytes())
            }
        };
        // With room for all of it, no copy of the secret is left behind.
        let mut writer = Writer::with_capacity(inner.len() + 64);
        writer.sequence(|fields| {
            fields.uint(0);
            fields.sequence(|algorithm| match self {
                Self::Rsa(_) => {
                    algorithm.oid(Oid::RSA_ENCRYPTION);
                    algorithm.null();
                }
                Self::Ec(key) => {
                    algorithm.oid(Oid::EC_PUBLIC_KEY);
                    algorithm.oid(curve_oid(key.public().curve()));
                }
                Self::Ed25519(_) => algorithm.oid(Oid::ED25519),
                Self::X25519(_) => algorithm.oid(Oid::X25519),
            });
            fields.octet_string(inner.expose());
        });
        Ok(Secret::from(writer.into_bytes()))
    }

    /// A PEM block `PRIVATE KEY`, as bytes that are wiped.
    ///
    /// # Errors
    /// As [`to_pkcs8`](Self::to_pkcs8).
    pub fn to_pem(&self) -> Result<Secret, Error> {
        Ok(Secret::from(pem::encode(pem::PRIVATE_KEY, self.to_pkcs8()?.expose()).into_bytes()))
    }

    /// The public part. `provider` checks that the private part belongs to it, and computes it where it is not there.
    ///
    /// # Errors
    /// [`Error::Crypto`] if the key is no good.
    #[doc(alias = "lws_x509_jwk_privkey_pem")]
    pub fn public(&self, provider: &dyn Provider) -> Result<PublicKey, Error> {
        if let Self::X25519(key) = self {
            return Ok(PublicKey::X25519(*provider.x25519_private(exact(key)?)?.public_bytes()));
        }
        Ok(SigningKey::new(provider, self)?.public())
    }
}

fn exact(key: &Secret) -> Result<&[u8; 32], Error> {
    key.expose().try_into().map_err(|_| Error::Crypto(KeyFault::Length.into()))
}

fn curve_oid(of: Curve) -> Oid<'static> {
    CURVES.iter().find(|(_, curve)| *curve == of).expect("every curve has an identifier").0
}

/// CurvePrivateKey (RFC 8410 §7): an OCTET STRING in the OCTET STRING.
fn curve_private(key: &[u8]) -> Result<Secret, Error> {
    let mut reader = Reader::new(key);
    let key = Secret::from(reader.octet_string().part(PART)?);
    reader.finish().part(PART)?;
    exact(&key)?;
    Ok(key)
}

/// ECPrivateKey (RFC 5915 §3). Curve and public part may be told from outside, by PKCS#8.
fn ec_private(der: &[u8], outer: Option<Curve>, public: Option<&[u8]>) -> Result<PrivateKey, Error> {
    let mut reader = Reader::new(der);
    let mut fields = reader.sequence().part(EC_PART)?;
    reader.finish().part(EC_PART)?;
    if fields.uint().part(EC_PART)? != 1 {
        return Err(UNKNOWN);
    }
    let d = fields.octet_string().part(EC_PART)?;
    let inner = match fields.explicit(0).part(EC_PART)? {
        Some(mut named) => {
            let named = named.oid().part(EC_PART)?;
            Some(CURVES.iter().find(|(oid, _)| *oid == named).map(|(_, curve)| *curve).ok_or(UNKNOWN)?)
        }
        None => None,
    };
    let point = match fields.explicit(1).part(EC_PART)? {
        Some(mut point) => Some(point.bit_string().and_then(|bits| bits.octets()).part(EC_PART)?),
        None => public,
    };
    fields.finish().part(EC_PART)?;
    let curve = match (outer, inner) {
        (Some(outer), Some(inner)) if outer != inner => {
            return Err(CryptoError::from(KeyFault::Mismatch).into());
        }
        (outer, inner) => outer.or(inner).ok_or(UNKNOWN)?,
    };
    let point = EcPoint::from_sec1(curve, point.ok_or(UNKNOWN)?)?;
    Ok(PrivateKey::Ec(EcPrivate::new(point, d)?))
}

fn ec_private_der(key: &EcPrivate) -> Secret {
    // d, the point and 32 bytes around them.
    let mut writer = Writer::with_capacity(3 * key.d().len() + 32);
    writer.sequence(|fields| {
        fields.uint(1);
        fields.octet_string(key.d().expose());
        fields.explicit(1, |point| point.bit_string(key.public().sec1()));
    });
    Secret::from(writer.into_bytes())
}

fn rsa_private_der(key: &RsaPrivate) -> Result<Secret, Error> {
    let ((p, q), crt) = key.factors().zip(key.crt()).ok_or(UNKNOWN)?;
    let public = key.public();
    // n, d; p, q, dp, dq, qi of half their length each, and what is around them.
    let mut writer = Writer::with_capacity(5 * public.n().len() + 128);
    writer.sequence(|numbers| {
        numbers.uint(0);
        numbers.unsigned(public.n());
        numbers.unsigned(public.e());
        for secret in [key.d(), p, q, &crt.dp, &crt.dq, &crt.qi] {
            numbers.unsigned(secret.expose());
        }
    });
    Ok(Secret::from(writer.into_bytes()))
}
