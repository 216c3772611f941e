//! AES-GCM (NIST SP 800-38D).

use core::fmt;

use crate::limits::GCM_IV_MAX;
use crate::{Error, Misuse};

/// An AES-GCM key, its schedule expanded.
///
/// The same `iv` twice under one key gives the key away: count, or draw 12 random bytes for at most 2^32 messages.
/// There is no streaming: plaintext must not be used before the tag has been checked.
///
/// `iv`: 1 to [`GCM_IV_MAX`] bytes; 12 is the fast and usual length.
/// Tags: 16 bytes; or 4, 8, 12 to 15 (SP 800-38D §5.2.1.2), which are the beginning of it.
#[doc(alias = "LWS_GAESM_GCM")]
pub trait Aead: fmt::Debug + Send + Sync {
    /// Encrypts `data` in place and fills `tag`, whose length is the tag's length.
    ///
    /// # Errors
    /// [`Misuse::IvLength`], [`Misuse::TagLength`], [`Error::Unsupported`], [`Error::Library`].
    fn seal(&self, iv: &[u8], aad: &[u8], data: &mut [u8], tag: &mut [u8]) -> Result<(), Error>;

    /// Decrypts `ciphertext` into `out`, which has the same length, if `tag` is right.
    ///
    /// # Errors
    /// [`Error::Decrypt`] if it is not: `out` is all zero then. [`Misuse::OutputLength`] if the lengths differ;
    /// [`Misuse::IvLength`], [`Misuse::TagLength`], [`Error::Unsupported`], [`Error::Library`].
    fn open(&self, iv: &[u8], aad: &[u8], ciphertext: &[u8], tag: &[u8], out: &mut [u8])
    -> Result<(), Error>;

    /// Decrypts in place: `data` is the ciphertext followed by a tag of `tag_len` bytes; the plaintext is where the
    /// ciphertext was. Returns the plaintext's length.
    ///
    /// # Errors
    /// [`Error::Decrypt`] if the tag is wrong or `data` is shorter than it: `data` is all zero then. Otherwise like
    /// [`open`](Self::open).
    fn open_in_place(&self, iv: &[u8], aad: &[u8], data: &mut [u8], tag_len: usize) -> Result<usize, Error>;
}

/// Checks what [`Aead`] promises about lengths, so that every backend answers alike.
///
/// # Errors
/// [`Misuse::IvLength`], [`Misuse::TagLength`].
pub const fn check_gcm(iv_len: usize, tag_len: usize) -> Result<(), Error> {
    if iv_len == 0 || iv_len > GCM_IV_MAX {
        return Err(Error::Misuse(Misuse::IvLength));
    }
    match tag_len {
        4 | 8 | 12..=16 => Ok(()),
        _ => Err(Error::Misuse(Misuse::TagLength)),
    }
}
