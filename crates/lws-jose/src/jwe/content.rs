//! Content encryption: RFC 7518 §5. The only place where plaintext becomes ciphertext and back.

use alloc::sync::Arc;
use alloc::vec::Vec;

use lws_gencrypto::{AesMode, Digest, Error as CryptoError, Hash, Provider, constant_time_eq};

use super::Enc;
use crate::error::{Error, TokenError};

/// Longest tag.
pub(super) const TAG_MAX: usize = 32;

impl Enc {
    /// Encrypts `data` in place: for those who need RFC 7518 §5 alone. The tag's length is [`tag_len`](Enc::tag_len).
    /// `iv` must never have been used with this key.
    ///
    /// Errors: `key` or `iv` of another length; the library's.
    pub fn seal(
        self,
        provider: &Arc<dyn Provider>,
        key: &[u8],
        iv: &[u8],
        aad: &[u8],
        data: &mut Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        if key.len() != self.key_len() || iv.len() != self.iv_len() {
            return Err(Error::Misuse("a key or initialisation vector of another length"));
        }
        let mut tag = [0; TAG_MAX];
        Ok(self.seal_into(&**provider, key, iv, aad, data, &mut tag)?.to_vec())
    }

    /// Decrypts `data`, in place where the algorithm allows it, after its tag was found right.
    ///
    /// Errors: [`TokenError::Undecryptable`], also for wrong lengths.
    pub fn open(
        self,
        provider: &Arc<dyn Provider>,
        key: &[u8],
        iv: &[u8],
        aad: &[u8],
        data: Vec<u8>,
        tag: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.open_with(&**provider, key, iv, aad, data, tag)
    }

    pub(super) fn seal_into<'t>(
        self,
        provider: &dyn Provider,
        key: &[u8],
        iv: &[u8],
        aad: &[u8],
        data: &mut Vec<u8>,
        tag: &'t mut [u8; TAG_MAX],
    ) -> Result<&'t [u8], Error> {
        let (tag, _) = tag.split_at_mut(self.tag_len());
        if self.is_gcm() {
            provider.aes_gcm(key)?.seal(iv, aad, data, tag)?;
            return Ok(tag);
        }
        // RFC 7518 §5.2.2.1: the MAC's key comes first, the cipher's second.
        let (mac_key, cipher_key) = key.split_at(key.len() / 2);
        provider.aes(AesMode::Cbc, cipher_key)?.encrypt_padded(iv, data)?;
        let mac = self.mac(provider, mac_key, iv, aad, data)?;
        tag.copy_from_slice(mac.get(..self.tag_len()).ok_or(Error::Misuse("a MAC is twice its tag"))?);
        Ok(tag)
    }

    pub(super) fn open_with(
        self,
        provider: &dyn Provider,
        key: &[u8],
        iv: &[u8],
        aad: &[u8],
        mut data: Vec<u8>,
        tag: &[u8],
    ) -> Result<Vec<u8>, Error> {
        // RFC 7518 §5.2, §5.3: the tag is 128 bits with GCM, half of the MAC with CBC; a shorter one is no tag.
        if key.len() != self.key_len() || iv.len() != self.iv_len() || tag.len() != self.tag_len() {
            return Err(TokenError::Undecryptable.into());
        }
        if self.is_gcm() {
            data.extend_from_slice(tag);
            let len =
                provider.aes_gcm(key)?.open_in_place(iv, aad, &mut data, tag.len()).map_err(undecryptable)?;
            data.truncate(len);
            return Ok(data);
        }
        let (mac_key, cipher_key) = key.split_at(key.len() / 2);
        let mac = self.mac(provider, mac_key, iv, aad, &data)?;
        // RFC 7518 §5.2.2.2: nothing is decrypted before the tag was compared, in constant time.
        if !constant_time_eq(mac.get(..self.tag_len()).unwrap_or_default(), tag) {
            return Err(TokenError::Undecryptable.into());
        }
        provider.aes(AesMode::Cbc, cipher_key)?.decrypt_padded(iv, &mut data).map_err(undecryptable)?;
        Ok(data)
    }

    /// RFC 7518 §5.2.2.1: over A, IV, E and the number of bits in A, as 64 bits.
    fn mac(
        self,
        provider: &dyn Provider,
        key: &[u8],
        iv: &[u8],
        aad: &[u8],
        data: &[u8],
    ) -> Result<Digest, Error> {
        let hash = match self {
            Enc::A128CbcHs256 => Hash::Sha256,
            Enc::A192CbcHs384 => Hash::Sha384,
            _ => Hash::Sha512,
        };
        let bits = (aad.len() as u64).saturating_mul(8).to_be_bytes();
        Ok(provider.hmac(hash, key)?.mac(&[aad, iv, data, &bits])?)
    }
}

/// One error for everything that a peer can have caused.
pub(super) fn undecryptable(error: CryptoError) -> Error {
    match error {
        error @ (CryptoError::Unsupported { .. } | CryptoError::Library(_)) => Error::Crypto(error),
        _ => TokenError::Undecryptable.into(),
    }
}
