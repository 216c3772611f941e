//! The value that a backend offers.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use crate::{
    Aead, Aes, AesMode, Curve, Digest, EcPoint, EcPrivate, EcPrivateKey, EcPublicKey, Ed25519PrivateKey,
    Ed25519PublicKey, Error, Hash, Hasher, Hmac, KeyWrap, RsaPrivate, RsaPrivateKey, RsaPublic, RsaPublicKey,
    X25519PrivateKey, kdf,
};

/// A library's cryptography. `Arc<dyn Provider>` is how it is passed on.
///
/// Every method may answer [`Error::Unsupported`].
pub trait Provider: fmt::Debug + Send + Sync {
    /// The library's name, as in the name of its crate: `rustls`, `openssl`, `mbedtls`.
    fn name(&self) -> &'static str;

    /// Fills `out` with random bytes that nobody can foresee.
    ///
    /// # Errors
    /// [`Error::Library`].
    #[doc(alias = "lws_get_random")]
    fn random(&self, out: &mut [u8]) -> Result<(), Error>;

    /// The digest of `data`.
    ///
    /// # Errors
    /// [`Error::Library`].
    #[doc(alias = "lws_SHA1")]
    fn hash(&self, hash: Hash, data: &[u8]) -> Result<Digest, Error>;

    /// For a message that comes in parts.
    ///
    /// # Errors
    /// [`Error::Library`].
    #[doc(alias = "lws_genhash_init")]
    fn hasher(&self, hash: Hash) -> Result<Box<dyn Hasher>, Error>;

    /// An HMAC key, of any length.
    ///
    /// # Errors
    /// [`Error::Library`].
    #[doc(alias = "lws_genhmac_init")]
    fn hmac(&self, hash: Hash, key: &[u8]) -> Result<Arc<dyn Hmac>, Error>;

    /// An AES key for one mode; [`AesMode`] tells its length.
    ///
    /// # Errors
    /// [`Error::Key`].
    #[doc(alias = "lws_genaes_create")]
    fn aes(&self, mode: AesMode, key: &[u8]) -> Result<Arc<dyn Aes>, Error>;

    /// An AES-GCM key of 16, 24 or 32 bytes.
    ///
    /// # Errors
    /// [`Error::Key`].
    #[doc(alias = "lws_genaes_create")]
    fn aes_gcm(&self, key: &[u8]) -> Result<Arc<dyn Aead>, Error>;

    /// An AES key of 16, 24 or 32 bytes that wraps other keys.
    ///
    /// # Errors
    /// [`Error::Key`].
    #[doc(alias = "lws_genaes_create")]
    fn aes_kw(&self, key: &[u8]) -> Result<Arc<dyn KeyWrap>, Error>;

    /// A public RSA key.
    ///
    /// # Errors
    /// [`Error::Key`].
    #[doc(alias = "lws_genrsa_create")]
    fn rsa_public(&self, key: &RsaPublic) -> Result<Arc<dyn RsaPublicKey>, Error>;

    /// A private RSA key. Missing factors and remainders are derived; that they belong together is checked.
    ///
    /// # Errors
    /// [`Error::Key`].
    #[doc(alias = "lws_genrsa_create")]
    fn rsa_private(&self, key: &RsaPrivate) -> Result<Arc<dyn RsaPrivateKey>, Error>;

    /// A new RSA key of so many bits, with the exponent 65537. It takes a good part of a second, or more.
    ///
    /// # Errors
    /// [`Error::Key`], [`Error::Unsupported`].
    #[doc(alias = "lws_genrsa_new_keypair")]
    fn rsa_generate(&self, bits: usize) -> Result<Arc<dyn RsaPrivateKey>, Error>;

    /// A public EC key. That it is on the curve is checked.
    ///
    /// # Errors
    /// [`Error::Key`].
    #[doc(alias = "lws_genecdsa_set_key")]
    fn ec_public(&self, key: &EcPoint) -> Result<Arc<dyn EcPublicKey>, Error>;

    /// A private EC key. That its parts belong together is checked.
    ///
    /// # Errors
    /// [`Error::Key`].
    #[doc(alias = "lws_genecdsa_set_key")]
    #[doc(alias = "lws_genecdh_set_key")]
    fn ec_private(&self, key: &EcPrivate) -> Result<Arc<dyn EcPrivateKey>, Error>;

    /// A new EC key.
    ///
    /// # Errors
    /// [`Error::Library`].
    #[doc(alias = "lws_genecdsa_new_keypair")]
    #[doc(alias = "lws_genecdh_new_keypair")]
    fn ec_generate(&self, curve: Curve) -> Result<Arc<dyn EcPrivateKey>, Error>;

    /// An Ed25519 public key.
    ///
    /// # Errors
    /// [`Error::Key`].
    fn ed25519_public(&self, key: &[u8; 32]) -> Result<Arc<dyn Ed25519PublicKey>, Error>;

    /// An Ed25519 private key (RFC 8032 §5.1.5: the 32 bytes that are hashed).
    ///
    /// # Errors
    /// [`Error::Key`].
    fn ed25519_private(&self, key: &[u8; 32]) -> Result<Arc<dyn Ed25519PrivateKey>, Error>;

    /// A new Ed25519 key.
    ///
    /// # Errors
    /// [`Error::Library`].
    fn ed25519_generate(&self) -> Result<Arc<dyn Ed25519PrivateKey>, Error>;

    /// An X25519 private key (RFC 7748 §5).
    ///
    /// # Errors
    /// [`Error::Key`].
    fn x25519_private(&self, key: &[u8; 32]) -> Result<Arc<dyn X25519PrivateKey>, Error>;

    /// A new X25519 key.
    ///
    /// # Errors
    /// [`Error::Library`].
    fn x25519_generate(&self) -> Result<Arc<dyn X25519PrivateKey>, Error>;

    /// [Concat KDF](kdf::concat_kdf).
    ///
    /// # Errors
    /// As there.
    fn concat_kdf(&self, hash: Hash, z: &[u8], other_info: &[&[u8]], out: &mut [u8]) -> Result<(), Error> {
        kdf::concat_kdf(self, hash, z, other_info, out)
    }

    /// [HKDF](kdf::hkdf).
    ///
    /// # Errors
    /// As there.
    fn hkdf(&self, hash: Hash, salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), Error> {
        kdf::hkdf(self, hash, salt, secret, info, out)
    }

    /// [PBKDF2](kdf::pbkdf2) with HMAC.
    ///
    /// # Errors
    /// As there.
    fn pbkdf2(
        &self,
        hash: Hash,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
        out: &mut [u8],
    ) -> Result<(), Error> {
        kdf::check_iterations(iterations)?;
        kdf::pbkdf2(&*self.hmac(hash, password)?, salt, iterations, out)
    }
}
