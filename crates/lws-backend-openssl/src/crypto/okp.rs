//! Ed25519 and X25519.

use std::fmt;

use lws_gencrypto::{Ed25519PrivateKey, Ed25519PublicKey, Error, KeyFault, Secret, X25519PrivateKey};
use openssl::derive::Deriver;
use openssl::error::ErrorStack;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Private, Public};
use openssl::sign::{Signer, Verifier};

use super::{failed, forget_errors};

pub(super) struct EdPublic {
    bytes: [u8; 32],
    key: PKey<Public>,
}

impl EdPublic {
    pub(super) fn new(bytes: &[u8; 32]) -> Result<Self, Error> {
        let key = PKey::public_key_from_raw_bytes(bytes, Id::ED25519).map_err(invalid)?;
        Ok(Self { bytes: *bytes, key })
    }
}

impl Ed25519PublicKey for EdPublic {
    fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let mut verifier = Verifier::new_without_digest(&self.key).map_err(failed("Ed25519"))?;
        let right = verifier.verify_oneshot(signature, message);
        forget_errors();
        if matches!(right, Ok(true)) { Ok(()) } else { Err(Error::Verify) }
    }
}

impl fmt::Debug for EdPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519PublicKey")
    }
}

pub(super) struct EdPrivate {
    public: [u8; 32],
    key: PKey<Private>,
}

impl EdPrivate {
    pub(super) fn new(bytes: &[u8; 32]) -> Result<Self, Error> {
        Self::of(PKey::private_key_from_raw_bytes(bytes, Id::ED25519).map_err(invalid)?)
    }

    pub(super) fn generate() -> Result<Self, Error> {
        Self::of(PKey::generate_ed25519().map_err(failed("Ed25519"))?)
    }

    fn of(key: PKey<Private>) -> Result<Self, Error> {
        Ok(Self { public: public_bytes(&key)?, key })
    }
}

impl Ed25519PrivateKey for EdPrivate {
    fn public_bytes(&self) -> &[u8; 32] {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        let mut signature = [0; 64];
        let mut signer = Signer::new_without_digest(&self.key).map_err(failed("Ed25519"))?;
        signer.sign_oneshot(&mut signature, message).map_err(failed("Ed25519"))?;
        Ok(signature)
    }

    fn export_private(&self) -> Result<Secret, Error> {
        Ok(self.key.raw_private_key().map_err(failed("Ed25519"))?.into())
    }
}

impl fmt::Debug for EdPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519PrivateKey")
    }
}

pub(super) struct XPrivate {
    public: [u8; 32],
    key: PKey<Private>,
}

impl XPrivate {
    pub(super) fn new(bytes: &[u8; 32]) -> Result<Self, Error> {
        Self::of(PKey::private_key_from_raw_bytes(bytes, Id::X25519).map_err(invalid)?)
    }

    pub(super) fn generate() -> Result<Self, Error> {
        Self::of(PKey::generate_x25519().map_err(failed("X25519"))?)
    }

    fn of(key: PKey<Private>) -> Result<Self, Error> {
        Ok(Self { public: public_bytes(&key)?, key })
    }
}

impl X25519PrivateKey for XPrivate {
    fn public_bytes(&self) -> &[u8; 32] {
        &self.public
    }

    fn agree(&self, peer: &[u8; 32]) -> Result<Secret, Error> {
        let peer = PKey::public_key_from_raw_bytes(peer, Id::X25519).map_err(invalid)?;
        let mut secret = Secret::zeroed(32);
        let mut deriver = Deriver::new(&self.key).map_err(failed("X25519"))?;
        deriver.set_peer(&peer).map_err(invalid)?;
        // RFC 7748 §6.1: OpenSSL refuses an all-zero secret.
        match deriver.derive(secret.expose_mut()) {
            Ok(32) => Ok(secret),
            _ => Err(KeyFault::Invalid.into()),
        }
    }

    fn export_private(&self) -> Result<Secret, Error> {
        Ok(self.key.raw_private_key().map_err(failed("X25519"))?.into())
    }
}

impl fmt::Debug for XPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("X25519PrivateKey")
    }
}

fn public_bytes<T: HasPublic>(key: &PKeyRef<T>) -> Result<[u8; 32], Error> {
    let bytes = key.raw_public_key().map_err(failed("the public key"))?;
    bytes.try_into().map_err(|_| Error::Library("the public key"))
}

fn invalid(_: ErrorStack) -> Error {
    KeyFault::Invalid.into()
}
