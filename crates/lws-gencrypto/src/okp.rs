//! Edwards and Montgomery: Ed25519 (RFC 8032) and X25519 (RFC 7748).

use core::fmt;

use crate::{Error, Secret};

/// An Ed25519 public key, parsed.
pub trait Ed25519PublicKey: fmt::Debug + Send + Sync {
    /// Its 32 bytes (RFC 8032 §5.1.5).
    fn bytes(&self) -> &[u8; 32];

    /// Whether `signature` is one of `message`.
    ///
    /// # Errors
    /// [`Error::Verify`] if not, [`Error::Library`].
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error>;
}

/// An Ed25519 private key, parsed.
pub trait Ed25519PrivateKey: fmt::Debug + Send + Sync {
    /// The 32 bytes of the public key.
    fn public_bytes(&self) -> &[u8; 32];

    /// The signature of `message` (RFC 8032 §5.1.6).
    ///
    /// # Errors
    /// [`Error::Library`].
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Error>;

    /// The 32 bytes of the private key (RFC 8032 §5.1.5). The name is long so that it is seen in a review.
    ///
    /// # Errors
    /// [`KeyFault::NotExportable`](crate::KeyFault::NotExportable).
    fn export_private(&self) -> Result<Secret, Error>;
}

/// An X25519 private key. There is nothing to parse in a public one: it is 32 bytes.
pub trait X25519PrivateKey: fmt::Debug + Send + Sync {
    /// The 32 bytes of the public key.
    fn public_bytes(&self) -> &[u8; 32];

    /// The secret shared with the owner of `peer`, 32 bytes. Run it through a key derivation function.
    ///
    /// # Errors
    /// [`KeyFault::Invalid`](crate::KeyFault::Invalid) if it would be zero (RFC 7748 §6.1): `peer` has a small order.
    /// [`Error::Library`].
    fn agree(&self, peer: &[u8; 32]) -> Result<Secret, Error>;

    /// The 32 bytes of the private key. The name is long so that it is seen in a review.
    ///
    /// # Errors
    /// [`KeyFault::NotExportable`](crate::KeyFault::NotExportable).
    fn export_private(&self) -> Result<Secret, Error>;
}
