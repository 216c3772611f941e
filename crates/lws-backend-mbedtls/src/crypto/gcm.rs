//! AES-GCM.

use std::fmt;
use std::sync::Mutex;

use lws_gencrypto::{Aead, AesBits, Error, Misuse, Secret, check_gcm, wipe};
use mbedtls::error::Result as LibraryResult;

use super::failed;
use super::ffi::GcmContext;

/// A key, and a context for it that is kept for the next message. Whoever needs one while it is in use gets a new
/// one.
pub(super) struct Gcm {
    key: Secret,
    kept: Mutex<GcmContext>,
}

impl Gcm {
    pub(super) fn new(key: &[u8]) -> Result<Self, Error> {
        AesBits::of(key)?;
        let key = Secret::from(key);
        let kept = Mutex::new(GcmContext::new(&key)?);
        Ok(Self { key, kept })
    }

    fn with(
        &self,
        work: impl FnOnce(&mut GcmContext) -> LibraryResult<()>,
    ) -> Result<LibraryResult<()>, Error> {
        match self.kept.try_lock() {
            Ok(mut context) => Ok(work(&mut context)),
            Err(_) => Ok(work(&mut GcmContext::new(&self.key)?)),
        }
    }
}

impl Aead for Gcm {
    fn seal(&self, iv: &[u8], aad: &[u8], data: &mut [u8], tag: &mut [u8]) -> Result<(), Error> {
        check_gcm(iv.len(), tag.len())?;
        self.with(|context| context.seal(iv, aad, data, tag))?.map_err(failed("AES-GCM"))
    }

    fn open(
        &self,
        iv: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8],
        out: &mut [u8],
    ) -> Result<(), Error> {
        check_gcm(iv.len(), tag.len())?;
        if ciphertext.len() != out.len() {
            return Err(Misuse::OutputLength.into());
        }
        self.with(|context| context.open(iv, aad, ciphertext, tag, out))?.map_err(|_| {
            wipe(out);
            Error::Decrypt
        })
    }

    fn open_in_place(&self, iv: &[u8], aad: &[u8], data: &mut [u8], tag_len: usize) -> Result<usize, Error> {
        check_gcm(iv.len(), tag_len)?;
        let Some(len) = data.len().checked_sub(tag_len) else {
            wipe(data);
            return Err(Error::Decrypt);
        };
        // The library cannot decrypt in place.
        let (out, tag) = data.split_at_mut(len);
        let ciphertext = out.to_vec();
        match self.open(iv, aad, &ciphertext, tag, out) {
            Ok(()) => Ok(len),
            Err(error) => {
                wipe(data);
                Err(error)
            }
        }
    }
}

impl fmt::Debug for Gcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AesGcm({} bits)", self.key.len() * 8)
    }
}
