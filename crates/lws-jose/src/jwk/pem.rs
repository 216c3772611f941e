//! Keys from and to PEM and certificates.

use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;

use lws_gencrypto::{Provider, Secret};
use lws_x509::{Certificate, PrivateKey, PublicKey, pem};

use super::generate::{from_ec_private, from_point, from_rsa_private};
use super::material::{EcPrivate, Material};
use super::{Curve, Jwk};
use crate::error::{Error, KeyError};
use crate::{limits, live};

impl Jwk {
    /// The key in a PEM text: the first of `PRIVATE KEY`, `RSA PRIVATE KEY`, `EC PRIVATE KEY`, `PUBLIC KEY` or
    /// `CERTIFICATE` there is. Certificates are not checked: what is in them is a claim.
    #[doc(alias = "lws_x509_jwk_privkey_pem")]
    pub fn from_pem(provider: &Arc<dyn Provider>, text: &[u8]) -> Result<Self, Error> {
        for block in pem::blocks(text) {
            let block = block.map_err(pem_error)?;
            match block.label {
                pem::PRIVATE_KEY | pem::RSA_PRIVATE_KEY | pem::EC_PRIVATE_KEY => {
                    let private = PrivateKey::from_pem(text).map_err(pem_error)?;
                    return from_private(provider, &private);
                }
                pem::PUBLIC_KEY => return from_public(&PublicKey::from_der(&block.der).map_err(pem_error)?),
                pem::CERTIFICATE => return Jwk::from_certificate(&block.der),
                _ => {}
            }
        }
        Err(KeyError::Pem("there is no key and no certificate in it".into()).into())
    }

    /// The public key of a certificate (DER). The certificate is not checked and not kept: [`with_x5c`](Jwk::with_x5c).
    #[doc(alias = "lws_x509_public_to_jwk")]
    pub fn from_certificate(der: &[u8]) -> Result<Self, Error> {
        from_public(&Certificate::parse(der).and_then(|certificate| certificate.key()).map_err(pem_error)?)
    }

    /// With certificates (DER), its own first, to be written as `x5c`.
    ///
    /// Errors: the first one is about another key (RFC 7517 §4.7), or there are more than
    /// [`X5C_MAX`](limits::X5C_MAX).
    pub fn with_x5c(mut self, certificates: Vec<Vec<u8>>) -> Result<Self, Error> {
        if certificates.len() > limits::X5C_MAX {
            return Err(KeyError::Limit("x5c has too many certificates").into());
        }
        self.x5c = certificates;
        check_x5c(&self)?;
        Ok(self)
    }

    /// The public half as PEM, `PUBLIC KEY`. Symmetric keys have no such form.
    pub fn public_pem(&self) -> Result<String, Error> {
        Ok(self.to_x509_public()?.to_pem())
    }

    /// The private half as PEM, `PRIVATE KEY` (PKCS #8); wiped when it is dropped. Symmetric keys have no such form.
    pub fn private_pem(&self) -> Result<Secret, Error> {
        self.to_x509_private()?.to_pem().map_err(pem_error)
    }

    /// The public half as `lws-x509` has it, to be put into a certificate.
    pub fn to_x509_public(&self) -> Result<PublicKey, Error> {
        let array = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).map_err(|_| KeyError::Invalid);
        match &self.material {
            Material::Oct(_) => Err(Error::Misuse("a symmetric key has no PEM form")),
            Material::Rsa { n, e, .. } => {
                Ok(PublicKey::Rsa(lws_gencrypto::RsaPublic::new(n, e).map_err(live::key_fault)?))
            }
            Material::Ec { curve, x, y, .. } => Ok(match live::nist(*curve) {
                Some(nist) => {
                    PublicKey::Ec(lws_gencrypto::EcPoint::from_xy(nist, x, y).map_err(live::key_fault)?)
                }
                None if *curve == Curve::Ed25519 => PublicKey::Ed25519(array(x)?),
                None => PublicKey::X25519(array(x)?),
            }),
        }
    }

    /// The private half as `lws-x509` has it, to sign certificates with.
    pub fn to_x509_private(&self) -> Result<PrivateKey, Error> {
        match &self.material {
            Material::Oct(_) => Err(Error::Misuse("a symmetric key has no PEM form")),
            Material::Rsa { n, e, private: Some(private) } => {
                Ok(PrivateKey::Rsa(live::rsa_numbers(n, e, private)?))
            }
            Material::Ec { curve, x, y, private: Some(private) } => Ok(match live::nist(*curve) {
                Some(nist) => PrivateKey::Ec(live::ec_numbers(nist, x, y, private)?),
                None if *curve == Curve::Ed25519 => PrivateKey::Ed25519(private.d.clone()),
                None => PrivateKey::X25519(private.d.clone()),
            }),
            _ => Err(KeyError::Unfit(crate::error::Unfit::Public).into()),
        }
    }
}

/// RFC 7517 §4.7: "The key in the first certificate MUST match the public key represented by other members of the JWK."
pub(super) fn check_x5c(key: &Jwk) -> Result<(), KeyError> {
    let Some(first) = key.x5c.first() else { return Ok(()) };
    match Jwk::from_certificate(first) {
        Ok(certified) if certified.is_same_key(key) => Ok(()),
        Ok(_) => Err(KeyError::Certificate),
        Err(Error::Key(error)) => Err(error),
        Err(_) => Err(KeyError::Certificate),
    }
}

fn from_public(public: &PublicKey) -> Result<Jwk, Error> {
    let okp = |curve, x: &[u8; 32]| Material::Ec { curve, x: x.to_vec(), y: Vec::new(), private: None };
    let material = match public {
        PublicKey::Rsa(key) if key.bits() > limits::RSA_BITS_MAX => {
            return Err(KeyError::Limit("the RSA key is too large").into());
        }
        PublicKey::Rsa(key) => Material::Rsa { n: key.n().to_vec(), e: key.e().to_vec(), private: None },
        PublicKey::Ec(point) => from_point(point, None),
        PublicKey::Ed25519(x) => okp(Curve::Ed25519, x),
        PublicKey::X25519(x) => okp(Curve::X25519, x),
        _ => return Err(KeyError::Pem("a kind of key that JOSE does not have".into()).into()),
    };
    Ok(Jwk::from_material(material))
}

fn from_private(provider: &Arc<dyn Provider>, private: &PrivateKey) -> Result<Jwk, Error> {
    let okp = |curve, x: &[u8; 32], d: &Secret| {
        let private = Some(EcPrivate { d: d.clone() });
        Material::Ec { curve, x: x.to_vec(), y: Vec::new(), private }
    };
    let material = match private {
        PrivateKey::Rsa(key) => from_rsa_private(key),
        PrivateKey::Ec(key) => from_ec_private(key),
        PrivateKey::Ed25519(d) | PrivateKey::X25519(d) => {
            match private.public(&**provider).map_err(pem_error)? {
                PublicKey::Ed25519(x) => okp(Curve::Ed25519, &x, d),
                PublicKey::X25519(x) => okp(Curve::X25519, &x, d),
                _ => return Err(KeyError::Invalid.into()),
            }
        }
        _ => return Err(KeyError::Pem("a kind of key that JOSE does not have".into()).into()),
    };
    Ok(Jwk::from_material(material))
}

fn pem_error(error: lws_x509::Error) -> Error {
    match error {
        lws_x509::Error::Crypto(error @ lws_gencrypto::Error::Unsupported { .. }) => Error::Crypto(error),
        other => KeyError::Pem(other.to_string().into()).into(),
    }
}
