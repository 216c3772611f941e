//! Private keys.

use lws_gencrypto::{KeyFault, PrivateParts, Provider, Secret};

use super::{PrivateKey, PublicKey, UNKNOWN};
use crate::{Error, SigningKey, pem};

impl PrivateKey {
    /// From the first block of a PEM text that is a private key: `PRIVATE KEY`, `RSA PRIVATE KEY` or `EC PRIVATE KEY`.
    ///
    /// # Errors
    /// [`Error::Pem`], also if the key is encrypted; and as [`from_der`](Self::from_der).
    pub fn from_pem(text: &[u8]) -> Result<Self, Error> {
        for block in pem::blocks(text) {
            let block = block?;
            let (label, line) = (block.label, block.line);
            let der = Secret::from(block.der);
            match label {
                pem::PRIVATE_KEY | pem::RSA_PRIVATE_KEY | pem::EC_PRIVATE_KEY => {
                    return Self::from_der(der.expose());
                }
                "ENCRYPTED PRIVATE KEY" => return Err(Error::Pem { line, fault: pem::Fault::Encrypted }),
                _ => {}
            }
        }
        Err(Error::Pem { line: 0, fault: pem::Fault::Missing })
    }

    /// From PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 A.1.2) or SEC 1 (RFC 5915).
    ///
    /// # Errors
    /// [`Error::Crypto`] with [`KeyFault::Encoding`] for another encoding, another kind of key or curve, or an EC key
    /// without its public part, with other faults for numbers that are no key.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        Ok(match PrivateParts::from_der(der)? {
            PrivateParts::Rsa(key) => Self::Rsa(key),
            PrivateParts::Ec(key) => Self::Ec(key),
            PrivateParts::Ed25519(key) => Self::Ed25519(key),
            PrivateParts::X25519(key) => Self::X25519(key),
            _ => return Err(UNKNOWN),
        })
    }

    /// PKCS#8 (RFC 5958, version 1).
    ///
    /// # Errors
    /// [`KeyFault::Encoding`] for an RSA key without its factors and remainders: PKCS#1 has to have them. A backend
    /// derives them: [`export_private`](lws_gencrypto::RsaPrivateKey::export_private).
    pub fn to_der(&self) -> Result<Secret, Error> {
        let parts = match self {
            Self::Rsa(key) => PrivateParts::Rsa(key.clone()),
            Self::Ec(key) => PrivateParts::Ec(key.clone()),
            Self::Ed25519(key) => PrivateParts::Ed25519(key.clone()),
            Self::X25519(key) => PrivateParts::X25519(key.clone()),
        };
        Ok(parts.to_der()?)
    }

    /// A PEM block `PRIVATE KEY`, as bytes that are wiped.
    ///
    /// # Errors
    /// As [`to_der`](Self::to_der).
    pub fn to_pem(&self) -> Result<Secret, Error> {
        Ok(Secret::from(pem::encode(pem::PRIVATE_KEY, self.to_der()?.expose()).into_bytes()))
    }

    /// The public part. `provider` checks that the private part belongs to it, and computes it where it is not there.
    ///
    /// # Errors
    /// [`Error::Crypto`] if the key is no good.
    #[doc(alias = "lws_x509_jwk_privkey_pem")]
    pub fn public(&self, provider: &dyn Provider) -> Result<PublicKey, Error> {
        if let Self::X25519(key) = self {
            let key = key.expose().try_into().map_err(|_| Error::Crypto(KeyFault::Length.into()))?;
            return Ok(PublicKey::X25519(*provider.x25519_private(key)?.public_bytes()));
        }
        Ok(SigningKey::new(provider, self)?.public())
    }
}
