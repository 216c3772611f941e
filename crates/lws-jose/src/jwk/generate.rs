//! New keys.

use alloc::sync::Arc;

use lws_gencrypto as gencrypto;
use lws_gencrypto::{Provider, Secret};

use super::material::{EcPrivate, Material, RsaFactors, RsaPrivate};
use super::{Curve, Jwk};
use crate::error::{Error, KeyError};
use crate::jwe::{self, Enc};
use crate::jws;
use crate::{limits, live};

/// What kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Template {
    /// So many random bytes, 1 to [`OCT_MAX`](limits::OCT_MAX).
    Oct(usize),
    /// RSA of so many bits, [`RSA_BITS_MIN`](limits::RSA_BITS_MIN) to [`RSA_BITS_MAX`](limits::RSA_BITS_MAX).
    Rsa(usize),
    /// On a curve.
    Curve(Curve),
}

impl Template {
    /// What `alg` needs; RSA of 2048 bits.
    #[must_use]
    pub const fn signature(alg: jws::Alg) -> Self {
        match alg.curve() {
            Some(curve) => Template::Curve(curve),
            None => match alg {
                jws::Alg::Hs256 | jws::Alg::Hs384 | jws::Alg::Hs512 => Template::Oct(alg.hash_len()),
                _ => Template::Rsa(2048),
            },
        }
    }

    /// What `alg` needs, with `enc` if it is `dir`; RSA of 2048 bits, P-256; 32 random bytes for a password.
    #[must_use]
    pub const fn encryption(alg: jwe::Alg, enc: Enc) -> Self {
        match alg.kind() {
            jwe::Kind::Rsa => Template::Rsa(2048),
            jwe::Kind::Wrap | jwe::Kind::GcmWrap => Template::Oct(alg.wrap_len()),
            jwe::Kind::Direct => Template::Oct(enc.key_len()),
            jwe::Kind::Agree | jwe::Kind::AgreeWrap => Template::Curve(Curve::P256),
            jwe::Kind::Password => Template::Oct(32),
        }
    }

    /// Makes the key.
    #[doc(alias = "lws_jwk_generate")]
    pub fn generate(self, provider: &Arc<dyn Provider>) -> Result<Jwk, Error> {
        let material = match self {
            Template::Oct(bytes) => oct(&**provider, bytes)?,
            Template::Rsa(bits) => rsa(&**provider, bits)?,
            Template::Curve(Curve::Ed25519) => {
                let key = provider.ed25519_generate()?;
                okp(Curve::Ed25519, key.public_bytes(), key.export_private()?)
            }
            Template::Curve(Curve::X25519) => {
                let key = provider.x25519_generate()?;
                okp(Curve::X25519, key.public_bytes(), key.export_private()?)
            }
            Template::Curve(curve) => ec(&**provider, curve)?,
        };
        Ok(Jwk::from_material(material))
    }
}

impl Jwk {
    /// Its SHA-256 thumbprint (RFC 7638), of which the base64url is a good `kid`. That of a symmetric key tells
    /// something about the key: RFC 7638 §7.
    #[doc(alias = "lws_jwk_rfc7638_fingerprint")]
    pub fn thumbprint(&self, provider: &Arc<dyn Provider>) -> Result<[u8; 32], Error> {
        let digest = provider.hash(gencrypto::Hash::Sha256, self.thumbprint_input().expose())?;
        digest.as_ref().try_into().map_err(|_| Error::Misuse("SHA-256 has 32 bytes"))
    }

    /// Whether the library can use it: a point on its curve, a private half that belongs to the public one.
    pub fn validate(&self, provider: &Arc<dyn Provider>) -> Result<(), Error> {
        self.try_library(&**provider)
    }
}

fn oct(provider: &dyn Provider, bytes: usize) -> Result<Material, Error> {
    if !(1..=limits::OCT_MAX).contains(&bytes) {
        return Err(KeyError::Limit("a symmetric key has 1 to 4096 bytes").into());
    }
    let mut key = Secret::zeroed(bytes);
    provider.random(key.expose_mut())?;
    Ok(Material::Oct(key))
}

fn rsa(provider: &dyn Provider, bits: usize) -> Result<Material, Error> {
    if !(limits::RSA_BITS_MIN..=limits::RSA_BITS_MAX).contains(&bits) {
        return Err(KeyError::Limit("an RSA key has 2048 to 4096 bits").into());
    }
    let numbers = provider.rsa_generate(bits)?.export_private()?;
    Ok(from_rsa_private(&numbers))
}

pub(super) fn from_rsa_private(key: &gencrypto::RsaPrivate) -> Material {
    let factors = key.factors().zip(key.crt()).map(|((p, q), crt)| RsaFactors {
        p: p.clone(),
        q: q.clone(),
        dp: crt.dp.clone(),
        dq: crt.dq.clone(),
        qi: crt.qi.clone(),
    });
    let public = key.public();
    let private = Some(RsaPrivate { d: key.d().clone(), factors });
    Material::Rsa { n: public.n().to_vec(), e: public.e().to_vec(), private }
}

fn ec(provider: &dyn Provider, curve: Curve) -> Result<Material, Error> {
    let nist = live::nist(curve).ok_or(Error::Misuse("not a curve of NIST"))?;
    Ok(from_ec_private(&provider.ec_generate(nist)?.export_private()?))
}

pub(super) fn from_ec_private(key: &gencrypto::EcPrivate) -> Material {
    from_point(key.public(), Some(EcPrivate { d: key.d().clone() }))
}

pub(super) fn from_point(point: &gencrypto::EcPoint, private: Option<EcPrivate>) -> Material {
    let curve = match point.curve() {
        gencrypto::Curve::P256 => Curve::P256,
        gencrypto::Curve::P384 => Curve::P384,
        gencrypto::Curve::P521 => Curve::P521,
    };
    Material::Ec { curve, x: point.x().to_vec(), y: point.y().to_vec(), private }
}

fn okp(curve: Curve, public: &[u8; 32], d: Secret) -> Material {
    Material::Ec { curve, x: public.to_vec(), y: alloc::vec::Vec::new(), private: Some(EcPrivate { d }) }
}
