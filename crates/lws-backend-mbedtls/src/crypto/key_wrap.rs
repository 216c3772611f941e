//! AES key wrap.

use std::fmt;

use lws_gencrypto::{AesBits, Error, KeyWrap, Secret, check_unwrap, check_wrap, wipe};
use mbedtls::cipher::raw::{Cipher, CipherId, CipherMode, Operation};

use super::failed;

pub(super) struct Kek {
    key: Secret,
    bits: AesBits,
}

impl Kek {
    pub(super) fn new(key: &[u8]) -> Result<Self, Error> {
        Ok(Self { bits: AesBits::of(key)?, key: key.into() })
    }

    /// The library's context wraps or unwraps once; it is made anew each time.
    fn context(&self, operation: Operation) -> Result<Cipher, Error> {
        let bits = u32::try_from(self.bits.bits()).map_err(|_| Error::Library("AES-KW"))?;
        let mut cipher = Cipher::setup(CipherId::Aes, CipherMode::KW, bits).map_err(failed("AES-KW"))?;
        cipher.set_key(operation, self.key.expose()).map_err(failed("AES-KW"))?;
        Ok(cipher)
    }
}

impl KeyWrap for Kek {
    fn wrap(&self, key: &[u8], out: &mut [u8]) -> Result<(), Error> {
        check_wrap(key, out)?;
        let mut cipher = self.context(Operation::Encrypt)?;
        match cipher.encrypt_auth(&[], key, out, 0).map_err(failed("AES-KW"))? {
            len if len == out.len() => Ok(()),
            _ => Err(Error::Library("AES-KW")),
        }
    }

    fn unwrap(&self, wrapped: &[u8], out: &mut [u8]) -> Result<(), Error> {
        check_unwrap(wrapped, out)?;
        let mut cipher = self.context(Operation::Decrypt)?;
        match cipher.decrypt_auth(&[], wrapped, out, 0) {
            Ok(len) if len == out.len() => Ok(()),
            _ => {
                wipe(out);
                Err(Error::Decrypt)
            }
        }
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AesKw({} bits)", self.bits.bits())
    }
}
