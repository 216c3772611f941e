//! AES key wrap (RFC 3394), as a cipher of OpenSSL's `EVP` layer: OpenSSL 3 deprecates the direct functions. Neither is
//! faster than the other.

use std::fmt;

use lws_gencrypto::{AesBits, Error, KeyWrap, Secret, check_unwrap, check_wrap, wipe};
use openssl::cipher::{Cipher, CipherRef};
use openssl::cipher_ctx::{CipherCtx, CipherCtxFlags};

use super::failed;
use super::forget_errors;
use super::reuse::Reuse;

/// The crate `openssl` wants room for one block of the cipher more than goes in, in bytes.
const SPARE: usize = 8;

pub(super) struct Kek {
    cipher: &'static CipherRef,
    key: Secret,
    wrapping: Reuse,
    unwrapping: Reuse,
}

impl Kek {
    pub(super) fn new(key: &[u8]) -> Result<Self, Error> {
        let cipher = match AesBits::of(key)? {
            AesBits::B128 => Cipher::aes_128_wrap(),
            AesBits::B192 => Cipher::aes_192_wrap(),
            AesBits::B256 => Cipher::aes_256_wrap(),
        };
        Ok(Self { cipher, key: key.into(), wrapping: Reuse::new(), unwrapping: Reuse::new() })
    }

    fn context(&self, wrap: bool) -> Result<CipherCtx, Error> {
        let mut context = CipherCtx::new().map_err(failed("AES-KW"))?;
        context.set_flags(CipherCtxFlags::FLAG_WRAP_ALLOW);
        let (cipher, key) = (Some(self.cipher), Some(self.key.expose()));
        let done = if wrap {
            context.encrypt_init(cipher, key, None)
        } else {
            context.decrypt_init(cipher, key, None)
        };
        done.map_err(failed("AES-KW"))?;
        Ok(context)
    }
}

impl KeyWrap for Kek {
    fn wrap(&self, key: &[u8], out: &mut [u8]) -> Result<(), Error> {
        check_wrap(key, out)?;
        self.wrapping.with(
            || self.context(true),
            |context| match context.cipher_update(key, Some(&mut *out)) {
                Ok(written) if written == out.len() => Ok(()),
                _ => Err(Error::Library("AES-KW")),
            },
        )
    }

    fn unwrap(&self, wrapped: &[u8], out: &mut [u8]) -> Result<(), Error> {
        check_unwrap(wrapped, out)?;
        let mut room = Secret::zeroed(wrapped.len() + SPARE);
        let unwrapped = self.unwrapping.with(
            || self.context(false),
            |context| match context.cipher_update(wrapped, Some(room.expose_mut())) {
                Ok(written) if written == out.len() => Ok(()),
                _ => Err(Error::Decrypt),
            },
        );
        match unwrapped {
            Ok(()) => out.copy_from_slice(&room.expose()[..out.len()]),
            Err(_) => {
                forget_errors();
                wipe(out);
            }
        }
        unwrapped
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyWrap({} bits)", self.key.len() * 8)
    }
}
