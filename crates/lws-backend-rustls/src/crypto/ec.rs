//! ECDSA and ECDH.
//!
//! aws-lc-rs signs with a curve's own hash. ECDSA takes the leftmost bits of a digest, as many as the order has (FIPS
//! 186-5 §6.4.1), so any digest, cut or with zeros in front, can be given as one of the own hash's length.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, UnparsedPublicKey};
use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, ParsedPublicKey,
};
use lws_gencrypto::{
    Curve, EcPoint, EcPrivate, EcPrivateKey, EcPublicKey, Error, Hash, KeyFault, Misuse, Operation, Secret,
};

use super::{hashes, unsupported};

/// aws-lc-rs's names for what belongs to a curve.
struct Names {
    verifying: &'static EcdsaVerificationAlgorithm,
    signing: &'static EcdsaSigningAlgorithm,
    agreeing: &'static agreement::Algorithm,
    hash: Hash,
    digest: &'static digest::Algorithm,
}

static P256: Names = Names {
    verifying: &ECDSA_P256_SHA256_FIXED,
    signing: &ECDSA_P256_SHA256_FIXED_SIGNING,
    agreeing: &ECDH_P256,
    hash: Hash::Sha256,
    digest: &SHA256,
};
static P384: Names = Names {
    verifying: &ECDSA_P384_SHA384_FIXED,
    signing: &ECDSA_P384_SHA384_FIXED_SIGNING,
    agreeing: &ECDH_P384,
    hash: Hash::Sha384,
    digest: &SHA384,
};
static P521: Names = Names {
    verifying: &ECDSA_P521_SHA512_FIXED,
    signing: &ECDSA_P521_SHA512_FIXED_SIGNING,
    agreeing: &ECDH_P521,
    hash: Hash::Sha512,
    digest: &SHA512,
};

const fn names(curve: Curve) -> &'static Names {
    match curve {
        Curve::P256 => &P256,
        Curve::P384 => &P384,
        Curve::P521 => &P521,
    }
}

impl Names {
    /// The digest of `message` with `hash`, in the length of the curve's own.
    fn digest_of(&self, hash: Hash, message: &[u8]) -> Result<digest::Digest, Error> {
        let digest = hashes::hash(hash, message);
        let own = self.hash.len();
        let mut bytes = [0; 64];
        // FIPS 186-5 §6.4.1: the leftmost bits of a longer digest. (P-521's order is longer than any digest.)
        let used = &digest[..digest.len().min(own)];
        bytes[own - used.len()..own].copy_from_slice(used);
        digest::Digest::import_less_safe(&bytes[..own], self.digest).map_err(|_| Error::Library("ECDSA"))
    }
}

pub(super) struct Public {
    point: EcPoint,
    key: ParsedPublicKey,
}

impl Public {
    pub(super) fn new(point: &EcPoint) -> Result<Self, Error> {
        let key = ParsedPublicKey::new(names(point.curve()).verifying, point.sec1());
        Ok(Self { point: *point, key: key.map_err(|_| KeyFault::Invalid)? })
    }
}

impl EcPublicKey for Public {
    fn point(&self) -> &EcPoint {
        &self.point
    }

    fn verify(&self, hash: Hash, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let names = names(self.point.curve());
        let verified = match hash {
            Hash::Md5 => return Err(no_md5(Operation::EcdsaVerify(self.point.curve(), hash))),
            _ if hash == names.hash => self.key.verify_sig(message, signature),
            _ => self.key.verify_digest_sig(&names.digest_of(hash, message)?, signature),
        };
        verified.map_err(|_| Error::Verify)
    }
}

impl fmt::Debug for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EcPublicKey({})", self.point.curve())
    }
}

/// aws-lc-rs has one type for signing and one for agreeing; the one that is not needed is not made.
pub(super) struct Private {
    numbers: EcPrivate,
    signing: OnceLock<EcdsaKeyPair>,
    agreeing: OnceLock<agreement::PrivateKey>,
}

impl Private {
    pub(super) fn new(numbers: &EcPrivate) -> Result<Self, Error> {
        Public::new(numbers.public())?;
        let signing = signing(numbers).ok_or(KeyFault::Mismatch)?;
        Ok(Self { numbers: numbers.clone(), signing: OnceLock::from(signing), agreeing: OnceLock::new() })
    }

    pub(super) fn generate(curve: Curve) -> Result<Self, Error> {
        let failed = |_| Error::Library("EC key generation");
        let key = agreement::PrivateKey::generate(names(curve).agreeing).map_err(failed)?;
        let d: EcPrivateKeyBin<'_> = key.as_be_bytes().map_err(failed)?;
        let point = EcPoint::from_sec1(curve, key.compute_public_key().map_err(failed)?.as_ref())?;
        let numbers = EcPrivate::new(point, d.as_ref())?;
        Ok(Self { numbers, signing: OnceLock::new(), agreeing: OnceLock::from(key) })
    }

    fn signing(&self) -> Result<&EcdsaKeyPair, Error> {
        match self.signing.get() {
            Some(key) => Ok(key),
            None => {
                let key = signing(&self.numbers).ok_or(Error::Library("ECDSA"))?;
                Ok(self.signing.get_or_init(|| key))
            }
        }
    }

    fn agreeing(&self) -> Result<&agreement::PrivateKey, Error> {
        match self.agreeing.get() {
            Some(key) => Ok(key),
            None => {
                let algorithm = names(self.numbers.public().curve()).agreeing;
                let key = agreement::PrivateKey::from_private_key(algorithm, self.numbers.d().expose());
                let key = key.map_err(|_| Error::Library("ECDH"))?;
                Ok(self.agreeing.get_or_init(|| key))
            }
        }
    }
}

fn signing(numbers: &EcPrivate) -> Option<EcdsaKeyPair> {
    let point = numbers.public();
    let algorithm = names(point.curve()).signing;
    EcdsaKeyPair::from_private_key_and_public_key(algorithm, numbers.d().expose(), point.sec1()).ok()
}

impl EcPrivateKey for Private {
    fn point(&self) -> &EcPoint {
        self.numbers.public()
    }

    fn public_key(&self) -> Result<Arc<dyn EcPublicKey>, Error> {
        Ok(Arc::new(Public::new(self.point())?))
    }

    fn sign(&self, hash: Hash, message: &[u8], out: &mut [u8]) -> Result<usize, Error> {
        let curve = self.point().curve();
        let names = names(curve);
        let len = curve.signature_len();
        let out = out.get_mut(..len).ok_or(Misuse::OutputLength)?;
        let signature = match hash {
            Hash::Md5 => return Err(no_md5(Operation::EcdsaSign(curve, hash))),
            _ if hash == names.hash => self.signing()?.sign(&SystemRandom::new(), message),
            _ => self.signing()?.sign_digest(&names.digest_of(hash, message)?),
        };
        out.copy_from_slice(signature.map_err(|_| Error::Library("ECDSA"))?.as_ref());
        Ok(len)
    }

    fn agree(&self, peer: &EcPoint) -> Result<Secret, Error> {
        if peer.curve() != self.point().curve() {
            return Err(KeyFault::Invalid.into());
        }
        // Parsing checks that the point is on the curve (SP 800-56A §5.6.2.3.3).
        let peer = UnparsedPublicKey::new(names(peer.curve()).agreeing, peer.sec1());
        agreement::agree(self.agreeing()?, peer, KeyFault::Invalid.into(), |secret| Ok(secret.into()))
    }

    fn export_private(&self) -> Result<EcPrivate, Error> {
        Ok(self.numbers.clone())
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EcPrivateKey({})", self.point().curve())
    }
}

const fn no_md5(operation: Operation) -> Error {
    unsupported(operation, "use SHA-256; MD5 is broken")
}
