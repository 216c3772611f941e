//! Mbed TLS behind the traits of `lws-gencrypto`. It has no Ed25519; the rest it can do, slower than the other libraries.
//!
//! AES and GCM go by the library's own functions for them: they work in place and share a key schedule between threads,
//! which its generic cipher does not (`ffi.rs`). RSAES-PKCS1-v1_5 is decrypted bare and the padding is read here in constant
//! time. RSA and EC keys work behind a lock; the library would lock RSA itself.

mod aes_modes;
mod ec;
mod ffi;
mod gcm;
mod hashes;
mod key_wrap;
mod okp;
mod rsa;

use std::sync::Arc;

use lws_gencrypto::{
    Aead, Aes, AesMode, Curve, Digest, EcPoint, EcPrivate, EcPrivateKey, EcPublicKey, Ed25519PrivateKey,
    Ed25519PublicKey, Error, Hash, Hasher, Hmac, KeyWrap, Operation, Provider, RsaPrivate, RsaPrivateKey,
    RsaPublic, RsaPublicKey, X25519PrivateKey,
};
use mbedtls::rng::Random as _;

/// What [`Provider::name`] answers.
const NAME: &str = "mbedtls";

/// Bytes that the library's generator gives at once.
const RANDOM_AT_ONCE: usize = 1_024;

/// The cryptography of Mbed TLS. What [`provider`](crate::provider) says of the first call is true of this one too.
pub fn crypto() -> MbedtlsCrypto {
    // An error shows when the value is used.
    let _ = crate::provider::random();
    MbedtlsCrypto(())
}

/// The cryptography of Mbed TLS. A value without content.
///
/// ```
/// use lws_gencrypto::{Hash, Provider as _};
///
/// let digest = lws_backend_mbedtls::crypto().hash(Hash::Sha1, b"abc")?;
/// assert_eq!(format!("{digest:?}"), "a9993e364706816aba3e25717850c26c9cd0d89d");
/// # Ok::<(), lws_gencrypto::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MbedtlsCrypto(());

impl Provider for MbedtlsCrypto {
    fn name(&self) -> &'static str {
        NAME
    }

    fn random(&self, out: &mut [u8]) -> Result<(), Error> {
        let mut random = ffi::random()?;
        out.chunks_mut(RANDOM_AT_ONCE)
            .try_for_each(|part| random.random(part))
            .map_err(failed("random numbers"))
    }

    fn hash(&self, hash: Hash, data: &[u8]) -> Result<Digest, Error> {
        hashes::hash(hash, data)
    }

    fn hasher(&self, hash: Hash) -> Result<Box<dyn Hasher>, Error> {
        Ok(Box::new(hashes::Running::new(hash)?))
    }

    fn hmac(&self, hash: Hash, key: &[u8]) -> Result<Arc<dyn Hmac>, Error> {
        hashes::hmac(hash, key)
    }

    fn aes(&self, mode: AesMode, key: &[u8]) -> Result<Arc<dyn Aes>, Error> {
        aes_modes::new(mode, key)
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
        Ok(Arc::new(rsa::Private::new(key)?))
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

    fn ed25519_public(&self, _key: &[u8; 32]) -> Result<Arc<dyn Ed25519PublicKey>, Error> {
        Err(no_ed25519(Operation::Ed25519Verify))
    }

    fn ed25519_private(&self, _key: &[u8; 32]) -> Result<Arc<dyn Ed25519PrivateKey>, Error> {
        Err(no_ed25519(Operation::Ed25519Sign))
    }

    fn ed25519_generate(&self) -> Result<Arc<dyn Ed25519PrivateKey>, Error> {
        Err(no_ed25519(Operation::Ed25519Generate))
    }

    fn x25519_private(&self, key: &[u8; 32]) -> Result<Arc<dyn X25519PrivateKey>, Error> {
        Ok(Arc::new(okp::XPrivate::new(key)?))
    }

    fn x25519_generate(&self) -> Result<Arc<dyn X25519PrivateKey>, Error> {
        let mut seed = [0; 32];
        self.random(&mut seed)?;
        let key = okp::XPrivate::new(&seed);
        lws_gencrypto::wipe(&mut seed);
        Ok(Arc::new(key?))
    }
}

/// Mbed TLS 2.28 has no EdDSA, and its successor has none either.
const fn no_ed25519(operation: Operation) -> Error {
    unsupported(operation, "use the crypto() of lws-backend-rustls or lws-backend-openssl, or an ECDSA key")
}

/// The library failed at `what`.
const fn failed(what: &'static str) -> impl Fn(mbedtls::Error) -> Error {
    move |_| Error::Library(what)
}

/// This library cannot do it.
const fn unsupported(operation: Operation, instead: &'static str) -> Error {
    Error::Unsupported { operation, backend: NAME, instead }
}

const fn no_md5(operation: Operation) -> Error {
    unsupported(operation, "use SHA-256; MD5 is broken")
}
