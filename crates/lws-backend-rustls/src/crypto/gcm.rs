//! AES-GCM. The usual lengths by aws-lc-rs's `aead`, the others by `gcm_any`.

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use lws_gencrypto::{Aead, AesBits, Error, Misuse, Secret, check_gcm, wipe};

use super::gcm_any::GcmAny;

/// Length of the tag that aws-lc-rs makes, in bytes.
const TAG: usize = 16;

pub(super) struct Gcm {
    key: LessSafeKey,
    /// For other lengths, made when the first comes.
    bytes: Secret,
    any: OnceLock<GcmAny>,
}

impl Gcm {
    pub(super) fn new(key: &[u8]) -> Result<Self, Error> {
        let algorithm = match AesBits::of(key)? {
            AesBits::B128 => &AES_128_GCM,
            AesBits::B192 => &AES_192_GCM,
            AesBits::B256 => &AES_256_GCM,
        };
        let unbound = UnboundKey::new(algorithm, key).map_err(|_| Error::Library("AES-GCM"))?;
        Ok(Self { key: LessSafeKey::new(unbound), bytes: key.into(), any: OnceLock::new() })
    }

    fn any(&self) -> Result<&GcmAny, Error> {
        match self.any.get() {
            Some(any) => Ok(any),
            None => {
                let any = GcmAny::new(self.bytes.expose())?;
                Ok(self.any.get_or_init(|| any))
            }
        }
    }
}

impl Aead for Gcm {
    fn seal(&self, iv: &[u8], aad: &[u8], data: &mut [u8], tag: &mut [u8]) -> Result<(), Error> {
        check_gcm(iv.len(), tag.len())?;
        let Ok(nonce) = Nonce::try_assume_unique_for_key(iv) else {
            return self.any()?.seal(iv, aad, data, tag);
        };
        let sealed = self.key.seal_in_place_separate_tag(nonce, Aad::from(aad), data);
        let full = sealed.map_err(|_| Error::Library("AES-GCM"))?;
        // SP 800-38D §7.1: a shorter tag is the beginning of the full one.
        tag.copy_from_slice(&full.as_ref()[..tag.len()]);
        Ok(())
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
        if out.len() != ciphertext.len() {
            return Err(Misuse::OutputLength.into());
        }
        match Nonce::try_assume_unique_for_key(iv) {
            Ok(nonce) if tag.len() == TAG => {
                let opened = self.key.open_separate_gather(nonce, Aad::from(aad), ciphertext, tag, out);
                opened.map_err(|_| {
                    wipe(out);
                    Error::Decrypt
                })
            }
            _ => {
                out.copy_from_slice(ciphertext);
                self.any()?.open(iv, aad, out, tag)
            }
        }
    }

    fn open_in_place(&self, iv: &[u8], aad: &[u8], data: &mut [u8], tag_len: usize) -> Result<usize, Error> {
        check_gcm(iv.len(), tag_len)?;
        let Some(len) = data.len().checked_sub(tag_len) else {
            wipe(data);
            return Err(Error::Decrypt);
        };
        let (text, tag) = data.split_at_mut(len);
        let opened = match Nonce::try_assume_unique_for_key(iv) {
            Ok(nonce) if tag_len == TAG => {
                let opened = self.key.open_in_place_separate_tag(nonce, Aad::from(aad), tag, text);
                opened.map(drop).map_err(|_| Error::Decrypt)
            }
            _ => self.any()?.open(iv, aad, text, tag),
        };
        match opened {
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
        write!(f, "Aead(AES-GCM, {} bits)", self.bytes.len() * 8)
    }
}
