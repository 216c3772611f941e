//! A library that believes every signature and can do nothing else.

use std::sync::Arc;

use lws_gencrypto::{
    Aead, Aes, AesMode, Curve, Digest, EcPoint, EcPrivate, EcPrivateKey, EcPublicKey, Ed25519PrivateKey,
    Ed25519PublicKey, Error, Hash, Hasher, Hmac, KeyWrap, Provider, RsaEncryption, RsaPrivate, RsaPrivateKey,
    RsaPublic, RsaPublicKey, RsaSignature, X25519PrivateKey,
};

#[derive(Debug)]
pub struct Gullible;

/// A key of any kind.
#[derive(Debug)]
struct Key<T>(T);

const CANNOT: Error = Error::Library("it can do nothing but believe");

impl RsaPublicKey for Key<RsaPublic> {
    fn public(&self) -> &RsaPublic {
        &self.0
    }
    fn verify(&self, _: RsaSignature, _: &[u8], _: &[u8]) -> Result<(), Error> {
        Ok(())
    }
    fn encrypt(&self, _: RsaEncryption, _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(CANNOT)
    }
}

impl EcPublicKey for Key<EcPoint> {
    fn point(&self) -> &EcPoint {
        &self.0
    }
    fn verify(&self, _: Hash, _: &[u8], _: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}

impl Ed25519PublicKey for Key<[u8; 32]> {
    fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
    fn verify(&self, _: &[u8], _: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}

impl Provider for Gullible {
    fn name(&self) -> &'static str {
        "gullible"
    }
    fn random(&self, _: &mut [u8]) -> Result<(), Error> {
        Err(CANNOT)
    }
    fn hash(&self, _: Hash, _: &[u8]) -> Result<Digest, Error> {
        Err(CANNOT)
    }
    fn hasher(&self, _: Hash) -> Result<Box<dyn Hasher>, Error> {
        Err(CANNOT)
    }
    fn hmac(&self, _: Hash, _: &[u8]) -> Result<Arc<dyn Hmac>, Error> {
        Err(CANNOT)
    }
    fn aes(&self, _: AesMode, _: &[u8]) -> Result<Arc<dyn Aes>, Error> {
        Err(CANNOT)
    }
    fn aes_gcm(&self, _: &[u8]) -> Result<Arc<dyn Aead>, Error> {
        Err(CANNOT)
    }
    fn aes_kw(&self, _: &[u8]) -> Result<Arc<dyn KeyWrap>, Error> {
        Err(CANNOT)
    }
    fn rsa_public(&self, key: &RsaPublic) -> Result<Arc<dyn RsaPublicKey>, Error> {
        Ok(Arc::new(Key(key.clone())))
    }
    fn rsa_private(&self, _: &RsaPrivate) -> Result<Arc<dyn RsaPrivateKey>, Error> {
        Err(CANNOT)
    }
    fn rsa_generate(&self, _: usize) -> Result<Arc<dyn RsaPrivateKey>, Error> {
        Err(CANNOT)
    }
    fn ec_public(&self, key: &EcPoint) -> Result<Arc<dyn EcPublicKey>, Error> {
        Ok(Arc::new(Key(*key)))
    }
    fn ec_private(&self, _: &EcPrivate) -> Result<Arc<dyn EcPrivateKey>, Error> {
        Err(CANNOT)
    }
    fn ec_generate(&self, _: Curve) -> Result<Arc<dyn EcPrivateKey>, Error> {
        Err(CANNOT)
    }
    fn ed25519_public(&self, key: &[u8; 32]) -> Result<Arc<dyn Ed25519PublicKey>, Error> {
        Ok(Arc::new(Key(*key)))
    }
    fn ed25519_private(&self, _: &[u8; 32]) -> Result<Arc<dyn Ed25519PrivateKey>, Error> {
        Err(CANNOT)
    }
    fn ed25519_generate(&self) -> Result<Arc<dyn Ed25519PrivateKey>, Error> {
        Err(CANNOT)
    }
    fn x25519_private(&self, _: &[u8; 32]) -> Result<Arc<dyn X25519PrivateKey>, Error> {
        Err(CANNOT)
    }
    fn x25519_generate(&self) -> Result<Arc<dyn X25519PrivateKey>, Error> {
        Err(CANNOT)
    }
}
