//! AES-GCM.

use std::fmt;

use lws_gencrypto::{Aead, AesBits, Error, Misuse, Secret, check_gcm, wipe};
use openssl::cipher::{Cipher, CipherRef};
use openssl::cipher_ctx::{CipherCtx, CipherCtxRef};

use super::reuse::Reuse;
use super::{failed, forget_errors};

pub(super) struct Gcm {
    cipher: &'static CipherRef,
    key: Secret,
    sealing: Reuse,
    opening: Reuse,
}

impl Gcm {
    pub(super) fn new(key: &[u8]) -> Result<Self, Error> {
        let cipher = match AesBits::of(key)? {
            AesBits::B128 => Cipher::aes_128_gcm(),
            AesBits::B192 => Cipher::aes_192_gcm(),
            AesBits::B256 => Cipher::aes_256_gcm(),
        };
        Ok(Self { cipher, key: key.into(), sealing: Reuse::new(), opening: Reuse::new() })
    }

    fn sealing(&self) -> Result<CipherCtx, Error> {
        let mut context = CipherCtx::new().map_err(failed("AES-GCM"))?;
        let done = context.encrypt_init(Some(self.cipher), Some(self.key.expose()), None);
        done.map_err(failed("AES-GCM"))?;
        Ok(context)
    }

    fn opening(&self) -> Result<CipherCtx, Error> {
        let mut context = CipherCtx::new().map_err(failed("AES-GCM"))?;
        let done = context.decrypt_init(Some(self.cipher), Some(self.key.expose()), None);
        done.map_err(failed("AES-GCM"))?;
        Ok(context)
    }

    /// Decrypts with `text`, which feeds ciphertext through a context, and checks the tag.
    fn open_with(
        &self,
        iv: &[u8],
        aad: &[u8],
        tag: &[u8],
        text: impl FnOnce(&mut CipherCtxRef) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        self.opening.with(
            || self.opening(),
            |context| {
                fit_iv(context, iv)?;
                context.decrypt_init(None, None, Some(iv)).map_err(failed("AES-GCM"))?;
                context.set_tag(tag).map_err(failed("AES-GCM"))?;
                additional(context, aad)?;
                text(context)?;
                let right = context.cipher_final(&mut []).is_ok();
                forget_errors();
                Ok(right)
            },
        )
    }
}

impl Aead for Gcm {
    fn seal(&self, iv: &[u8], aad: &[u8], data: &mut [u8], tag: &mut [u8]) -> Result<(), Error> {
        check_gcm(iv.len(), tag.len())?;
        self.sealing.with(
            || self.sealing(),
            |context| {
                fit_iv(context, iv)?;
                context.encrypt_init(None, None, Some(iv)).map_err(failed("AES-GCM"))?;
                additional(context, aad)?;
                in_place(context, data)?;
                context.cipher_final(&mut []).map_err(failed("AES-GCM"))?;
                context.tag(tag).map_err(failed("AES-GCM"))
            },
        )
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
        let opened = self.open_with(iv, aad, tag, |context| {
            if ciphertext.is_empty() {
                return Ok(());
            }
            context.cipher_update(ciphertext, Some(&mut *out)).map(drop).map_err(failed("AES-GCM"))
        });
        if opened == Ok(true) {
            return Ok(());
        }
        wipe(out);
        Err(opened.err().unwrap_or(Error::Decrypt))
    }

    fn open_in_place(&self, iv: &[u8], aad: &[u8], data: &mut [u8], tag_len: usize) -> Result<usize, Error> {
        check_gcm(iv.len(), tag_len)?;
        let Some(len) = data.len().checked_sub(tag_len) else {
            wipe(data);
            return Err(Error::Decrypt);
        };
        let (text, tag) = data.split_at_mut(len);
        let opened = self.open_with(iv, aad, tag, |context| in_place(context, text));
        if opened == Ok(true) {
            return Ok(len);
        }
        wipe(data);
        Err(opened.err().unwrap_or(Error::Decrypt))
    }
}

/// The length must be told before the bytes, and costs a call.
fn fit_iv(context: &mut CipherCtxRef, iv: &[u8]) -> Result<(), Error> {
    if context.iv_length() == iv.len() {
        return Ok(());
    }
    context.set_iv_length(iv.len()).map_err(failed("AES-GCM"))
}

fn additional(context: &mut CipherCtxRef, aad: &[u8]) -> Result<(), Error> {
    if aad.is_empty() {
        return Ok(());
    }
    context.cipher_update(aad, None).map(drop).map_err(failed("AES-GCM"))
}

fn in_place(context: &mut CipherCtxRef, data: &mut [u8]) -> Result<(), Error> {
    let len = data.len();
    if len == 0 {
        return Ok(());
    }
    context.cipher_update_inplace(data, len).map(drop).map_err(failed("AES-GCM"))
}

impl fmt::Debug for Gcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aead(AES-GCM, {} bits)", self.key.len() * 8)
    }
}
