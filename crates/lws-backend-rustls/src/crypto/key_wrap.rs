//! AES key wrap (RFC 3394).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::key_wrap::{AES_128, AES_256, AesBlockCipher, AesKek, KeyWrap as _};
use lws_gencrypto::{
    AesBits, AesMode, Error, KeyWrap, Secret, check_unwrap, check_wrap, key_unwrap_with_ecb,
    key_wrap_with_ecb, wipe,
};

use super::aes_modes;

pub(super) fn key_wrap(key: &[u8]) -> Result<Arc<dyn KeyWrap>, Error> {
    match AesBits::of(key)? {
        AesBits::B128 => Ok(Arc::new(Kek { cipher: &AES_128, key: key.into() })),
        AesBits::B256 => Ok(Arc::new(Kek { cipher: &AES_256, key: key.into() })),
        // aws-lc-rs does not offer it.
        AesBits::B192 => Ok(Arc::new(OverEcb(aes_modes::Key::new(AesMode::Ecb, key)?))),
    }
}

/// aws-lc-rs's key is used up by each use, so it is made of the bytes each time: a copy.
struct Kek {
    cipher: &'static AesBlockCipher,
    key: Secret,
}

impl Kek {
    fn kek(&self) -> Result<AesKek, Error> {
        AesKek::new(self.cipher, self.key.expose()).map_err(|_| Error::Library("AES-KW"))
    }
}

impl KeyWrap for Kek {
    fn wrap(&self, key: &[u8], out: &mut [u8]) -> Result<(), Error> {
        check_wrap(key, out)?;
        self.kek()?.wrap(key, out).map(drop).map_err(|_| Error::Library("AES-KW"))
    }

    fn unwrap(&self, wrapped: &[u8], out: &mut [u8]) -> Result<(), Error> {
        check_unwrap(wrapped, out)?;
        let unwrapped = self.kek()?.unwrap(wrapped, out).map(drop);
        unwrapped.map_err(|_| {
            wipe(out);
            Error::Decrypt
        })
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyWrap({} bits)", self.key.len() * 8)
    }
}

#[derive(Debug)]
struct OverEcb(aes_modes::Key);

impl KeyWrap for OverEcb {
    fn wrap(&self, key: &[u8], out: &mut [u8]) -> Result<(), Error> {
        key_wrap_with_ecb(&self.0, key, out)
    }

    fn unwrap(&self, wrapped: &[u8], out: &mut [u8]) -> Result<(), Error> {
        key_unwrap_with_ecb(&self.0, wrapped, out)
    }
}
