//! Keys as the library has parsed them, once.

use alloc::sync::Arc;
use alloc::vec::Vec;

use lws_gencrypto as gencrypto;
use lws_gencrypto::{
    Aead, EcPoint, EcPrivateKey, EcPublicKey, Ed25519PrivateKey, Ed25519PublicKey, Hash, Hmac, KeyWrap,
    Provider, RsaPrivateKey, RsaPublicKey, X25519PrivateKey,
};

use crate::error::{Error, KeyError};
use crate::jwe;
use crate::jwk::{Curve, EcPrivate, Jwk, Material, RsaPrivate};
use crate::jws;

/// What verifies.
pub(crate) enum Verifies {
    /// One HMAC for each algorithm that the key may have.
    Hmac(Vec<(jws::Alg, Arc<dyn Hmac>)>),
    Rsa(Arc<dyn RsaPublicKey>),
    Ec(Arc<dyn EcPublicKey>),
    Ed25519(Arc<dyn Ed25519PublicKey>),
}

/// What signs, with one algorithm.
pub(crate) enum Signs {
    Hmac(Arc<dyn Hmac>),
    Rsa(Arc<dyn RsaPrivateKey>),
    Ec(Arc<dyn EcPrivateKey>),
    Ed25519(Arc<dyn Ed25519PrivateKey>),
}

/// What encrypts a content key, with one algorithm.
pub(crate) enum Encrypts {
    Rsa(Arc<dyn RsaPublicKey>),
    Wrap(Arc<dyn KeyWrap>),
    Gcm(Arc<dyn Aead>),
    Ec(gencrypto::Curve, EcPoint),
    X25519([u8; 32]),
    /// `dir` and PBES2 take the bytes themselves.
    Bytes,
}

/// What decrypts content keys.
pub(crate) enum Decrypts {
    Rsa(Arc<dyn RsaPrivateKey>),
    Ec(gencrypto::Curve, Arc<dyn EcPrivateKey>),
    X25519(Arc<dyn X25519PrivateKey>),
    /// Prepared for wrapping if it has the size of an AES key.
    Oct {
        wrap: Option<Arc<dyn KeyWrap>>,
        gcm: Option<Arc<dyn Aead>>,
    },
}

impl Verifies {
    pub(crate) fn new(provider: &dyn Provider, jwk: &Jwk, algs: &[jws::Alg]) -> Result<Self, Error> {
        Ok(match &jwk.material {
            Material::Oct(bytes) => {
                let hmacs = algs.iter().filter(|alg| alg.kty() == jwk.kty());
                let hmacs =
                    hmacs.map(|&alg| Ok((alg, provider.hmac(hash(alg), bytes.expose()).map_err(key_fault)?)));
                Verifies::Hmac(hmacs.collect::<Result<_, Error>>()?)
            }
            Material::Rsa { n, e, .. } => {
                let public = gencrypto::RsaPublic::new(n, e).map_err(key_fault)?;
                Verifies::Rsa(provider.rsa_public(&public).map_err(key_fault)?)
            }
            Material::Ec { curve, x, y, .. } => match nist(*curve) {
                Some(nist) => {
                    let point = EcPoint::from_xy(nist, x, y).map_err(key_fault)?;
                    Verifies::Ec(provider.ec_public(&point).map_err(key_fault)?)
                }
                None => Verifies::Ed25519(provider.ed25519_public(&array(x)?).map_err(key_fault)?),
            },
        })
    }
}

impl Signs {
    pub(crate) fn new(provider: &dyn Provider, jwk: &Jwk, alg: jws::Alg) -> Result<Self, Error> {
        Ok(match &jwk.material {
            Material::Oct(bytes) => Signs::Hmac(provider.hmac(hash(alg), bytes.expose()).map_err(key_fault)?),
            Material::Rsa { n, e, private: Some(private) } => {
                Signs::Rsa(rsa_private(provider, n, e, private)?)
            }
            Material::Ec { curve, x, y, private: Some(private) } => match nist(*curve) {
                Some(nist) => Signs::Ec(ec_private(provider, nist, x, y, private)?),
                None => Signs::Ed25519(ed25519_private(provider, x, private)?),
            },
            _ => return Err(public_only()),
        })
    }
}

impl Encrypts {
    pub(crate) fn new(provider: &dyn Provider, jwk: &Jwk, alg: jwe::Alg) -> Result<Self, Error> {
        Ok(match &jwk.material {
            Material::Oct(bytes) => match alg.kind() {
                jwe::Kind::Wrap => Encrypts::Wrap(provider.aes_kw(bytes.expose()).map_err(key_fault)?),
                jwe::Kind::GcmWrap => Encrypts::Gcm(provider.aes_gcm(bytes.expose()).map_err(key_fault)?),
                _ => Encrypts::Bytes,
            },
            Material::Rsa { n, e, .. } => {
                let public = gencrypto::RsaPublic::new(n, e).map_err(key_fault)?;
                Encrypts::Rsa(provider.rsa_public(&public).map_err(key_fault)?)
            }
            Material::Ec { curve, x, y, .. } => match nist(*curve) {
                Some(nist) => {
                    let point = EcPoint::from_xy(nist, x, y).map_err(key_fault)?;
                    provider.ec_public(&point).map_err(key_fault)?; // that it is on the curve
                    Encrypts::Ec(nist, point)
                }
                None => Encrypts::X25519(array(x)?),
            },
        })
    }
}

impl Decrypts {
    pub(crate) fn new(provider: &dyn Provider, jwk: &Jwk, algs: &[jwe::Alg]) -> Result<Self, Error> {
        Ok(match &jwk.material {
            Material::Oct(bytes) => {
                let wants = |kind| algs.iter().any(|alg| alg.kind() == kind && alg.wrap_len() == bytes.len());
                let wrap = wants(jwe::Kind::Wrap).then(|| provider.aes_kw(bytes.expose()).map_err(key_fault));
                let gcm =
                    wants(jwe::Kind::GcmWrap).then(|| provider.aes_gcm(bytes.expose()).map_err(key_fault));
                Decrypts::Oct { wrap: wrap.transpose()?, gcm: gcm.transpose()? }
            }
            Material::Rsa { n, e, private: Some(private) } => {
                Decrypts::Rsa(rsa_private(provider, n, e, private)?)
            }
            Material::Ec { curve, x, y, private: Some(private) } => match nist(*curve) {
                Some(nist) => Decrypts::Ec(nist, ec_private(provider, nist, x, y, private)?),
                None => Decrypts::X25519(x25519_private(provider, x, private)?),
            },
            _ => return Err(public_only()),
        })
    }
}

impl Jwk {
    /// Whether the library takes the numbers: on the curve, the two halves belong together.
    pub(crate) fn try_library(&self, provider: &dyn Provider) -> Result<(), Error> {
        match (&self.material, self.curve()) {
            (Material::Oct(_), _) => {}
            (Material::Rsa { n, e, private: Some(private) }, _) => {
                drop(rsa_private(provider, n, e, private)?)
            }
            (Material::Ec { x, y, private: Some(private), curve }, _) => match nist(*curve) {
                Some(nist) => drop(ec_private(provider, nist, x, y, private)?),
                None if *curve == Curve::Ed25519 => drop(ed25519_private(provider, x, private)?),
                None => drop(x25519_private(provider, x, private)?),
            },
            (_, Some(Curve::X25519)) => {}
            _ => drop(Verifies::new(provider, self, &[])?),
        }
        Ok(())
    }
}

fn public_only() -> Error {
    KeyError::Unfit(crate::error::Unfit::Public).into()
}

/// The library's word about a key, in ours.
pub(crate) fn key_fault(error: gencrypto::Error) -> Error {
    match error {
        gencrypto::Error::Key(_) => KeyError::Invalid.into(),
        other => Error::Crypto(other),
    }
}

pub(crate) fn rsa_numbers(n: &[u8], e: &[u8], private: &RsaPrivate) -> Result<gencrypto::RsaPrivate, Error> {
    let public = gencrypto::RsaPublic::new(n, e).map_err(key_fault)?;
    let key = gencrypto::RsaPrivate::new(public, private.d.expose()).map_err(key_fault)?;
    let Some(factors) = &private.factors else { return Ok(key) };
    let key = key.with_factors(factors.p.expose(), factors.q.expose()).map_err(key_fault)?;
    key.with_crt(factors.dp.expose(), factors.dq.expose(), factors.qi.expose()).map_err(key_fault)
}

fn rsa_private(
    provider: &dyn Provider,
    n: &[u8],
    e: &[u8],
    private: &RsaPrivate,
) -> Result<Arc<dyn RsaPrivateKey>, Error> {
    provider.rsa_private(&rsa_numbers(n, e, private)?).map_err(key_fault)
}

pub(crate) fn ec_numbers(
    curve: gencrypto::Curve,
    x: &[u8],
    y: &[u8],
    private: &EcPrivate,
) -> Result<gencrypto::EcPrivate, Error> {
    let point = EcPoint::from_xy(curve, x, y).map_err(key_fault)?;
    gencrypto::EcPrivate::new(point, private.d.expose()).map_err(key_fault)
}

fn ec_private(
    provider: &dyn Provider,
    curve: gencrypto::Curve,
    x: &[u8],
    y: &[u8],
    private: &EcPrivate,
) -> Result<Arc<dyn EcPrivateKey>, Error> {
    provider.ec_private(&ec_numbers(curve, x, y, private)?).map_err(key_fault)
}

fn ed25519_private(
    provider: &dyn Provider,
    x: &[u8],
    private: &EcPrivate,
) -> Result<Arc<dyn Ed25519PrivateKey>, Error> {
    let mut d = array(private.d.expose())?;
    let key = provider.ed25519_private(&d).map_err(key_fault);
    gencrypto::wipe(&mut d);
    let key = key?;
    if key.public_bytes() == x { Ok(key) } else { Err(KeyError::Invalid.into()) }
}

fn x25519_private(
    provider: &dyn Provider,
    x: &[u8],
    private: &EcPrivate,
) -> Result<Arc<dyn X25519PrivateKey>, Error> {
    let mut d = array(private.d.expose())?;
    let key = provider.x25519_private(&d).map_err(key_fault);
    gencrypto::wipe(&mut d);
    let key = key?;
    if key.public_bytes() == x { Ok(key) } else { Err(KeyError::Invalid.into()) }
}

pub(crate) fn nist(curve: Curve) -> Option<gencrypto::Curve> {
    match curve {
        Curve::P256 => Some(gencrypto::Curve::P256),
        Curve::P384 => Some(gencrypto::Curve::P384),
        Curve::P521 => Some(gencrypto::Curve::P521),
        Curve::Ed25519 | Curve::X25519 => None,
    }
}

pub(crate) fn hash(alg: jws::Alg) -> Hash {
    match alg.hash_len() {
        32 => Hash::Sha256,
        48 => Hash::Sha384,
        _ => Hash::Sha512,
    }
}

fn array(bytes: &[u8]) -> Result<[u8; 32], Error> {
    bytes.try_into().map_err(|_| KeyError::Invalid.into())
}
