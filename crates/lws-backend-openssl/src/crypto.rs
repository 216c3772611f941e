//! OpenSSL behind the traits of `lws-gencrypto`. It can do everything there is.
//!
//! A context of OpenSSL costs more than a small message, so each key keeps one per direction and starts it again
//! (`reuse.rs`); hashes take the direct functions, and HMAC is made of them. RSAES-PKCS1-v1_5 is decrypted bare and the
//! padding is read here in constant time: what OpenSSL answers to a wrong padding differs from version to version.

mod aes_modes;
mod ec;
mod gcm;
mod hashes;
mod key_wrap;
mod okp;
mod reuse;
mod rsa;
mod rsa_numbers;

use std::sync::Arc;

use lws_gencrypto::{
    Aead, Aes, AesMode, Curve, Digest, EcPoint, EcPrivate, EcPrivateKey, EcPublicKey, Ed25519PrivateKey,
    Ed25519PublicKey, Error, Hash, Hasher, Hmac, KeyWrap, Operation, Provider, RsaPrivate, RsaPrivateKey,
    RsaPublic, RsaPublicKey, X25519PrivateKey, check_iterations,
};
use openssl::error::ErrorStack;

/// What [`Provider::name`] answers.
const NAME: &str = "openssl";

/// The cryptography of OpenSSL.
pub const fn crypto() -> OpensslCrypto {
    OpensslCrypto(())
}

/// The cryptography of OpenSSL. A value without content.
///
/// ```
/// use lws_gencrypto::{Hash, Provider as _};
///
/// let digest = lws_backend_openssl::crypto().hash(Hash::Sha1, b"abc")?;
/// assert_eq!(format!("{digest:?}"), "a9993e364706816aba3e25717850c26c9cd0d89d");
/// # Ok::<(), lws_gencrypto::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OpensslCrypto(());

impl Provider for OpensslCrypto {
    fn name(&self) -> &'static str {
        NAME
    }

    fn random(&self, out: &mut [u8]) -> Result<(), Error> {
        openssl::rand::rand_bytes(out).map_err(failed("random numbers"))
    }

    fn hash(&self, hash: Hash, data: &[u8]) -> Result<Digest, Error> {
        hashes::hash(hash, data)
    }

    fn hasher(&self, hash: Hash) -> Result<Box<dyn Hasher>, Error> {
        hashes::hasher(hash)
    }

    fn hmac(&self, hash: Hash, key: &[u8]) -> Result<Arc<dyn Hmac>, Error> {
        hashes::hmac(hash, key)
    }

    fn aes(&self, mode: AesMode, key: &[u8]) -> Result<Arc<dyn Aes>, Error> {
        Ok(Arc::new(aes_modes::Key::new(mode, key)?))
    }

    fn aes_gcm(&self, key: &[u8]) -> Result<Arc<dyn Aead>, Error> {
        Ok(Arc::new(gcm::Gcm::new(key)?))
    }

    fn aes_kw(&self, key: &[u8]) -> Result<Arc<dyn KeyWrap>, Error> {
        Ok(Arc::new(key_wrap::Kek::new(key)?))
    }

    fn rsa_public(&self, key: &RsaPublic) -> Result<Arc<dyn RsaPublicKey>, Error> {
        Ok(Arc::new(rsa::Public::new(key)?))
    }

    fn rsa_private(&self, key: &RsaPrivate) -> Result<Arc<dyn RsaPrivateKey>, Error> {
        Ok(Arc::new(rsa::Private::new(rsa_numbers::complete(key)?)?))
    }

    fn rsa_generate(&self, bits: usize) -> Result<Arc<dyn RsaPrivateKey>, Error> {
        Ok(Arc::new(rsa::Private::generate(bits)?))
    }

    fn ec_public(&self, key: &EcPoint) -> Result<Arc<dyn EcPublicKey>, Error> {
        Ok(Arc::new(ec::Public::new(key)?))
    }

    fn ec_private(&self, key: &EcPrivate) -> Result<Arc<dyn EcPrivateKey>, Error> {
        Ok(Arc::new(ec::Private::new(key)?))
    }

    fn ec_generate(&self, curve: Curve) -> Result<Arc<dyn EcPrivateKey>, Error> {
        Ok(Arc::new(ec::Private::generate(curve)?))
    }

    fn ed25519_public(&self, key: &[u8; 32]) -> Result<Arc<dyn Ed25519PublicKey>, Error> {
        Ok(Arc::new(okp::EdPublic::new(key)?))
    }

    fn ed25519_private(&self, key: &[u8; 32]) -> Result<Arc<dyn Ed25519PrivateKey>, Error> {
        Ok(Arc::new(okp::EdPrivate::new(key)?))
    }

    fn ed25519_generate(&self) -> Result<Arc<dyn Ed25519PrivateKey>, Error> {
        Ok(Arc::new(okp::EdPrivate::generate()?))
    }

    fn x25519_private(&self, key: &[u8; 32]) -> Result<Arc<dyn X25519PrivateKey>, Error> {
        Ok(Arc::new(okp::XPrivate::new(key)?))
    }

    fn x25519_generate(&self) -> Result<Arc<dyn X25519PrivateKey>, Error> {
        Ok(Arc::new(okp::XPrivate::generate()?))
    }

    fn pbkdf2(
        &self,
        hash: Hash,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
        out: &mut [u8],
    ) -> Result<(), Error> {
        check_iterations(iterations)?;
        let iterations = usize::try_from(iterations).map_err(|_| Error::Library("PBKDF2"))?;
        let hash = hashes::message_digest(hash);
        openssl::pkcs5::pbkdf2_hmac(password, salt, iterations, hash, out).map_err(failed("PBKDF2"))
    }
}

/// OpenSSL failed at `what`. Making an [`ErrorStack`] has emptied the thread's queue of errors.
const fn failed(what: &'static str) -> impl Fn(ErrorStack) -> Error {
    move |_| Error::Library(what)
}

/// Empties the thread's queue of errors: OpenSSL leaves some there when it answers a plain "no", and a TLS connection
/// of the same thread would take them for its own.
fn forget_errors() {
    let _ = ErrorStack::get();
}

/// This library cannot do it.
const fn unsupported(operation: Operation, instead: &'static str) -> Error {
    Error::Unsupported { operation, backend: NAME, instead }
}
