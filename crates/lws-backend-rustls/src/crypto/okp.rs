//! Ed25519 and X25519.

use std::fmt;

use aws_lc_rs::agreement::{self, UnparsedPublicKey, X25519};
use aws_lc_rs::encoding::{AsBigEndian, Curve25519SeedBin};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use lws_gencrypto::{Ed25519PrivateKey, Ed25519PublicKey, Error, KeyFault, Secret, X25519PrivateKey};

pub(super) struct EdPublic {
    bytes: [u8; 32],
    key: ParsedPublicKey,
}

impl EdPublic {
    pub(super) fn new(bytes: &[u8; 32]) -> Result<Self, Error> {
        let key = ParsedPublicKey::new(&ED25519, bytes).map_err(|_| KeyFault::Invalid)?;
        Ok(Self { bytes: *bytes, key })
    }
}

impl Ed25519PublicKey for EdPublic {
    fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.key.verify_sig(message, signature).map_err(|_| Error::Verify)
    }
}

impl fmt::Debug for EdPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519PublicKey")
    }
}

pub(super) struct EdPrivate {
    public: [u8; 32],
    key: Ed25519KeyPair,
}

impl EdPrivate {
    pub(super) fn new(bytes: &[u8; 32]) -> Result<Self, Error> {
        Self::of(Ed25519KeyPair::from_seed_unchecked(bytes).map_err(|_| KeyFault::Invalid)?)
    }

    pub(super) fn generate() -> Result<Self, Error> {
        Self::of(Ed25519KeyPair::generate().map_err(|_| Error::Library("Ed25519"))?)
    }

    fn of(key: Ed25519KeyPair) -> Result<Self, Error> {
        let public = key.public_key().as_ref().try_into().map_err(|_| Error::Library("Ed25519"))?;
        Ok(Self { public, key })
    }
}

impl Ed25519PrivateKey for EdPrivate {
    fn public_bytes(&self) -> &[u8; 32] {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        let signature = self.key.try_sign(message).map_err(|_| Error::Library("Ed25519"))?;
        signature.as_ref().try_into().map_err(|_| Error::Library("Ed25519"))
    }

    fn export_private(&self) -> Result<Secret, Error> {
        let seed = self.key.seed().and_then(|seed| seed.as_be_bytes());
        Ok(seed.map_err(|_| Error::Library("Ed25519"))?.as_ref().into())
    }
}

impl fmt::Debug for EdPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519PrivateKey")
    }
}

pub(super) struct XPrivate {
    public: [u8; 32],
    key: agreement::PrivateKey,
}

impl XPrivate {
    pub(super) fn new(bytes: &[u8; 32]) -> Result<Self, Error> {
        Self::of(agreement::PrivateKey::from_private_key(&X25519, bytes).map_err(|_| KeyFault::Invalid)?)
    }

    pub(super) fn generate() -> Result<Self, Error> {
        Self::of(agreement::PrivateKey::generate(&X25519).map_err(|_| Error::Library("X25519"))?)
    }

    fn of(key: agreement::PrivateKey) -> Result<Self, Error> {
        let public = key.compute_public_key().map_err(|_| Error::Library("X25519"))?;
        Ok(Self { public: public.as_ref().try_into().map_err(|_| Error::Library("X25519"))?, key })
    }
}

impl X25519PrivateKey for XPrivate {
    fn public_bytes(&self) -> &[u8; 32] {
        &self.public
    }

    fn agree(&self, peer: &[u8; 32]) -> Result<Secret, Error> {
        // RFC 7748 §6.1: aws-lc refuses an all-zero secret.
        let peer = UnparsedPublicKey::new(&X25519, peer);
        agreement::agree(&self.key, peer, KeyFault::Invalid.into(), |secret| Ok(secret.into()))
    }

    fn export_private(&self) -> Result<Secret, Error> {
        let bytes: Result<Curve25519SeedBin<'_>, _> = self.key.as_be_bytes();
        Ok(bytes.map_err(|_| Error::Library("X25519"))?.as_ref().into())
    }
}

impl fmt::Debug for XPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("X25519PrivateKey")
    }
}
