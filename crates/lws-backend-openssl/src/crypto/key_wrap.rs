//! AES key wrap (RFC 3394).

use std::fmt;

use lws_gencrypto::{AesBits, Error, KeyWrap, check_unwrap, check_wrap, wipe};
use openssl::aes::{AesKey, unwrap_key, wrap_key};

use super::forget_errors;

pub(super) struct Kek {
    bits: AesBits,
    wrapping: AesKey,
    unwrapping: AesKey,
}

impl Kek {
    pub(super) fn new(key: &[u8]) -> Result<Self, Error> {
        let bits = AesBits::of(key)?;
        let failed = |_| Error::Library("AES-KW");
        Ok(Self {
            bits,
            wrapping: AesKey::new_encrypt(key).map_err(failed)?,
            unwrapping: AesKey::new_decrypt(key).map_err(failed)?,
        })
    }
}

impl KeyWrap for Kek {
    fn wrap(&self, key: &[u8], out: &mut [u8]) -> Result<(), Error> {
        check_wrap(key, out)?;
        match wrap_key(&self.wrapping, None, out, key) {
            Ok(written) if written == out.len() => Ok(()),
            _ => Err(Error::Library("AES-KW")),
        }
    }

    fn unwrap(&self, wrapped: &[u8], out: &mut [u8]) -> Result<(), Error> {
        check_unwrap(wrapped, out)?;
        match unwrap_key(&self.unwrapping, None, out, wrapped) {
            Ok(written) if written == out.len() => Ok(()),
            _ => {
                forget_errors();
                wipe(out);
                Err(Error::Decrypt)
            }
        }
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyWrap({} bits)", self.bits.bits())
    }
}
