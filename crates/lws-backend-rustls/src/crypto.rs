//! aws-lc-rs behind the traits of `lws-gencrypto`, and what it lacks.
//!
//! | lacking | filled by |
//! |---|---|
//! | MD5, HMAC-MD5 | crate `md-5`, and `HmacOver` of `lws-gencrypto` |
//! | AES-XTS | crate `aes`, XTS here (`xts.rs`) |
//! | AES-GCM with other nonces than 96 bits or other tags than 128 | crate `ghash` and aws-lc-rs's AES-CTR (`gcm_any.rs`) |
//! | AES-192-KW | RFC 3394's loop of `lws-gencrypto` over aws-lc-rs's AES-ECB |
//! | private RSA keys without factors and remainders | crate `num-bigint`, on import only (`rsa_numbers.rs`) |
//! | ECDSA with another hash than the curve's own | the digest, cut or padded as FIPS 186-5 §6.4.1 says (`ec.rs`) |
//!
//! Not filled, because nothing sound does it: RSA signatures with SHA-1 or MD5. The crate `rsa` is never used
//! (RUSTSEC-2023-0071).

mod aes_modes;
mod ec;
mod gcm;
mod gcm_any;
mod hashes;
mod key_wrap;
mod md5;
mod okp;
mod rsa;
mod rsa_numbers;
mod stream;
mod xts;

use std::sync::Arc;

use aws_lc_rs::pbkdf2;
use lws_gencrypto::{
    Aead, Aes, AesMode, Curve, Digest, EcPoint, EcPrivate, EcPrivateKey, EcPublicKey, Ed25519PrivateKey,
    Ed25519PublicKey, Error, Hash, Hasher, Hmac, KeyWrap, Operation, Provider, RsaPrivate, RsaPrivateKey,
    RsaPublic, RsaPublicKey, X25519PrivateKey, check_iterations,
};

/// What [`Provider::name`] answers.
const NAME: &str = "rustls";

/// The cryptography of aws-lc-rs.
pub const fn crypto() -> RustlsCrypto {
    RustlsCrypto(())
}

/// The cryptography of aws-lc-rs. A value without content.
///
/// ```
/// use lws_gencrypto::{Hash, Provider as _};
///
/// let digest = lws_backend_rustls::crypto().hash(Hash::Sha1, b"abc")?;
/// assert_eq!(format!("{digest:?}"), "a9993e364706816aba3e25717850c26c9cd0d89d");
/// # Ok::<(), lws_gencrypto::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RustlsCrypto(());

impl Provider for RustlsCrypto {
    fn name(&self) -> &'static str {
        NAME
    }

    fn random(&self, out: &mut [u8]) -> Result<(), Error> {
        aws_lc_rs::rand::fill(out).map_err(|_| Error::Library("random numbers"))
    }

    fn hash(&self, hash: Hash, data: &[u8]) -> Result<Digest, Error> {
        Ok(hashes::hash(hash, data))
    }

    fn hasher(&self, hash: Hash) -> Result<Box<dyn Hasher>, Error> {
        Ok(hashes::hasher(hash))
    }

    fn hmac(&self, hash: Hash, key: &[u8]) -> Result<Arc<dyn Hmac>, Error> {
        hashes::hmac(hash, key)
    }

    fn aes(&self, mode: AesMode, key: &[u8]) -> Result<Arc<dyn Aes>, Error> {
        match mode {
            AesMode::Xts => Ok(Arc::new(xts::Xts::new(key)?)),
            _ => Ok(Arc::new(aes_modes::Key::new(mode, key)?)),
        }
    }

    fn aes_gcm(&self, key: &[u8]) -> Result<Arc<dyn Aead>, Error> {
        Ok(Arc::new(gcm::Gcm::new(key)?))
    }

    fn aes_kw(&self, key: &[u8]) -> Result<Arc<dyn KeyWrap>, Error> {
        key_wrap::key_wrap(key)
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
        let algorithm = match hash {
            Hash::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Hash::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
            Hash::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
            Hash::Md5 => return lws_gencrypto::pbkdf2(&*self.hmac(hash, password)?, salt, iterations, out),
        };
        let iterations = iterations.try_into().expect("check_iterations refuses zero");
        pbkdf2::derive(algorithm, iterations, salt, password, out);
        Ok(())
    }
}

/// This library cannot do it.
const fn unsupported(operation: Operation, instead: &'static str) -> Error {
    Error::Unsupported { operation, backend: NAME, instead }
}
