//! How certificates and requests are signed.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use lws_gencrypto::der::{Oid, Reader, Writer};
use lws_gencrypto::limits::ECDSA_SIGNATURE_MAX;
use lws_gencrypto::{
    Curve, EcPrivateKey, Ed25519PrivateKey, Error as CryptoError, Hash, KeyFault, Provider, RsaPrivateKey,
    RsaSignature, ecdsa_from_der, ecdsa_to_der,
};

use crate::{AlgorithmId, Error, PrivateKey, PublicKey, oid};

/// A way to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureScheme {
    /// With an RSA key.
    Rsa(RsaSignature),
    /// With a key on a curve of NIST.
    Ecdsa(Hash),
    /// With an Ed25519 key.
    Ed25519,
}

/// Those without parameters of their own.
const SCHEMES: [(Oid<'static>, SignatureScheme); 10] = [
    (oid::MD5_WITH_RSA, SignatureScheme::Rsa(RsaSignature::Pkcs1(Hash::Md5))),
    (oid::SHA1_WITH_RSA, SignatureScheme::Rsa(RsaSignature::Pkcs1(Hash::Sha1))),
    (oid::SHA256_WITH_RSA, SignatureScheme::Rsa(RsaSignature::Pkcs1(Hash::Sha256))),
    (oid::SHA384_WITH_RSA, SignatureScheme::Rsa(RsaSignature::Pkcs1(Hash::Sha384))),
    (oid::SHA512_WITH_RSA, SignatureScheme::Rsa(RsaSignature::Pkcs1(Hash::Sha512))),
    (oid::SHA1_WITH_ECDSA, SignatureScheme::Ecdsa(Hash::Sha1)),
    (oid::SHA256_WITH_ECDSA, SignatureScheme::Ecdsa(Hash::Sha256)),
    (oid::SHA384_WITH_ECDSA, SignatureScheme::Ecdsa(Hash::Sha384)),
    (oid::SHA512_WITH_ECDSA, SignatureScheme::Ecdsa(Hash::Sha512)),
    (Oid::ED25519, SignatureScheme::Ed25519),
];

/// The hashes of PSS.
const HASHES: [(Oid<'static>, Hash); 3] =
    [(oid::SHA256, Hash::Sha256), (oid::SHA384, Hash::Sha384), (oid::SHA512, Hash::Sha512)];

impl SignatureScheme {
    /// The scheme of this name, if it is known: RSA of both kinds, ECDSA, Ed25519. Of PSS only the form that RFC 7518
    /// §3.5 and TLS use: SHA-2, the same hash in MGF1, a salt as long as the hash.
    #[must_use]
    pub fn from_id(id: &AlgorithmId<'_>) -> Option<Self> {
        if id.oid == oid::RSA_PSS {
            return pss_hash(id).map(|hash| Self::Rsa(RsaSignature::Pss(hash)));
        }
        let (_, scheme) = *SCHEMES.iter().find(|(oid, _)| *oid == id.oid)?;
        // RFC 5758 §3.2, RFC 8410 §3: the parameters must be absent. For RSA they must be NULL and may be missing.
        let legal = match scheme {
            Self::Rsa(_) => id.without_parameters(),
            Self::Ecdsa(_) | Self::Ed25519 => id.parameters.is_none(),
        };
        legal.then_some(scheme)
    }

    /// What the message is hashed with. Ed25519 does it inside.
    #[must_use]
    pub const fn hash(self) -> Option<Hash> {
        match self {
            Self::Rsa(RsaSignature::Pkcs1(hash) | RsaSignature::Pss(hash)) | Self::Ecdsa(hash) => Some(hash),
            Self::Ed25519 => None,
        }
    }

    /// Whether collisions of its hash can be made by anybody.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        matches!(self.hash(), Some(Hash::Md5 | Hash::Sha1))
    }

    /// Whether `signature`, in the form of X.509, is one of `message` by the owner of `key`.
    ///
    /// # Errors
    /// [`CryptoError::Verify`] if not, also if the key is of another kind; what the provider says of a key that is no
    /// good, or cannot do.
    pub fn verify(
        self,
        provider: &dyn Provider,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match (self, key) {
            (Self::Rsa(scheme), PublicKey::Rsa(key)) => {
                provider.rsa_public(key)?.verify(scheme, message, signature)
            }
            (Self::Ecdsa(hash), PublicKey::Ec(point)) => {
                let mut raw = [0; ECDSA_SIGNATURE_MAX];
                let length = ecdsa_from_der(point.curve(), signature, &mut raw)?;
                let raw = raw.get(..length).ok_or(CryptoError::Verify)?;
                provider.ec_public(point)?.verify(hash, message, raw)
            }
            (Self::Ed25519, PublicKey::Ed25519(key)) => {
                provider.ed25519_public(key)?.verify(message, signature)
            }
            _ => Err(CryptoError::Verify),
        }
    }

    pub(crate) fn write(self, writer: &mut Writer) {
        writer.sequence(|id| {
            if let Self::Rsa(RsaSignature::Pss(hash)) = self {
                write_pss(id, hash);
                return;
            }
            let (oid, _) =
                SCHEMES.iter().find(|(_, scheme)| *scheme == self).expect("those that sign are listed");
            id.oid(*oid);
            if matches!(self, Self::Rsa(_)) {
                id.null();
            }
        });
    }
}

/// As in `RSA PKCS#1 1.5 SHA-256`.
impl fmt::Display for SignatureScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(scheme) => scheme.fmt(f),
            Self::Ecdsa(hash) => write!(f, "ECDSA {hash}"),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

/// The one hash of RSASSA-PSS-params (RFC 4055 §3.1), if they have the usual form.
fn pss_hash(id: &AlgorithmId<'_>) -> Option<Hash> {
    let mut parameters = Reader::new(id.parameters?.whole);
    let mut fields = parameters.sequence().ok()?;
    let read_hash = |reader: &mut Reader<'_>| {
        let id = AlgorithmId::read(reader).ok()?;
        let (_, hash) = HASHES.iter().find(|(oid, _)| *oid == id.oid)?;
        id.without_parameters().then_some(*hash)
    };
    let hash = read_hash(&mut fields.explicit(0).ok()??)?;
    let mut mask = fields.explicit(1).ok()??.sequence().ok()?;
    let same = mask.oid().ok()? == oid::MGF1 && read_hash(&mut mask)? == hash && mask.is_empty();
    let salt = fields.explicit(2).ok()??.uint().ok()?;
    let trailer = fields.explicit(3).ok()?.map_or(Some(1), |mut field| field.uint().ok())?;
    (same && salt == hash.len() as u64 && trailer == 1 && fields.is_empty()).then_some(hash)
}

fn write_pss(id: &mut Writer, hash: Hash) {
    let (hash_oid, _) = HASHES.iter().find(|(_, listed)| *listed == hash).expect("PSS is used with SHA-2");
    let write_hash = |w: &mut Writer| {
        w.sequence(|inner| {
            inner.oid(*hash_oid);
            inner.null();
        });
    };
    id.oid(oid::RSA_PSS);
    id.sequence(|fields| {
        fields.explicit(0, write_hash);
        fields.explicit(1, |mask| {
            mask.sequence(|mask| {
                mask.oid(oid::MGF1);
                write_hash(mask);
            });
        });
        fields.explicit(2, |salt| salt.uint(hash.len() as u64));
    });
}

/// A private key that signs certificates and requests, in the hands of a provider.
#[derive(Clone, Debug)]
pub enum SigningKey {
    /// RSA, signing as PKCS#1 1.5 with SHA-256.
    Rsa(Arc<dyn RsaPrivateKey>),
    /// On a curve of NIST, with the hash of its size.
    Ec(Arc<dyn EcPrivateKey>),
    /// Ed25519.
    Ed25519(Arc<dyn Ed25519PrivateKey>),
}

impl SigningKey {
    /// Hands the numbers to `provider`, which checks that they belong together.
    ///
    /// # Errors
    /// What the provider says; [`KeyFault::Encoding`] for an X25519 key, which cannot sign.
    pub fn new(provider: &dyn Provider, key: &PrivateKey) -> Result<Self, CryptoError> {
        match key {
            PrivateKey::Rsa(key) => provider.rsa_private(key).map(Self::Rsa),
            PrivateKey::Ec(key) => provider.ec_private(key).map(Self::Ec),
            PrivateKey::Ed25519(key) => {
                let key = key.expose().try_into().map_err(|_| KeyFault::Length)?;
                provider.ed25519_private(key).map(Self::Ed25519)
            }
            PrivateKey::X25519(_) => Err(KeyFault::Encoding.into()),
        }
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        match self {
            Self::Rsa(key) => PublicKey::Rsa(key.public().clone()),
            Self::Ec(key) => PublicKey::Ec(*key.point()),
            Self::Ed25519(key) => PublicKey::Ed25519(*key.public_bytes()),
        }
    }

    /// The private numbers. The name is long so that it is seen in a review.
    ///
    /// # Errors
    /// [`KeyFault::NotExportable`].
    pub fn export_private(&self) -> Result<PrivateKey, CryptoError> {
        Ok(match self {
            Self::Rsa(key) => PrivateKey::Rsa(key.export_private()?),
            Self::Ec(key) => PrivateKey::Ec(key.export_private()?),
            Self::Ed25519(key) => PrivateKey::Ed25519(key.export_private()?),
        })
    }

    /// How it signs.
    #[must_use]
    pub fn scheme(&self) -> SignatureScheme {
        match self {
            Self::Rsa(_) => SignatureScheme::Rsa(RsaSignature::Pkcs1(Hash::Sha256)),
            Self::Ec(key) => SignatureScheme::Ecdsa(match key.point().curve() {
                Curve::P256 => Hash::Sha256,
                Curve::P384 => Hash::Sha384,
                Curve::P521 => Hash::Sha512,
            }),
            Self::Ed25519(_) => SignatureScheme::Ed25519,
        }
    }

    /// The signature of `message` in the form of X.509.
    ///
    /// # Errors
    /// What the provider says.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match (self, self.scheme()) {
            (Self::Rsa(key), SignatureScheme::Rsa(scheme)) => {
                let mut out = vec![0; key.public().modulus_len()];
                let length = key.sign(scheme, message, &mut out)?;
                out.truncate(length);
                Ok(out)
            }
            (Self::Ec(key), SignatureScheme::Ecdsa(hash)) => {
                let mut raw = [0; ECDSA_SIGNATURE_MAX];
                let length = key.sign(hash, message, &mut raw)?;
                ecdsa_to_der(key.point().curve(), raw.get(..length).unwrap_or_default())
            }
            (Self::Ed25519(key), _) => Ok(key.sign(message)?.to_vec()),
            _ => Err(KeyFault::Encoding.into()),
        }
    }

    /// The three fields of everything that is signed: what is signed, how, and the signature.
    pub(crate) fn seal(&self, signed: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = self.sign(signed)?;
        let mut writer = Writer::with_capacity(signed.len() + signature.len() + 64);
        writer.sequence(|fields| {
            fields.raw(signed);
            self.scheme().write(fields);
            fields.bit_string(&signature);
        });
        Ok(writer.into_bytes())
    }
}
