//! AES in the modes that aws-lc-rs has: CBC, CFB128, CFB8, CTR, ECB, OFB.

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext,
    UnboundCipherKey,
};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use lws_gencrypto::{Aes, AesBits, AesMode, AesStream, Direction, Error, Misuse, Secret};

use super::stream;

/// Length of a block and of an initialisation vector, in bytes.
const BLOCK: usize = 16;

/// A key whose schedules are expanded when they are first used: who only encrypts pays for one.
pub(super) struct Key {
    mode: AesMode,
    algorithm: &'static Algorithm,
    key: Secret,
    encrypting: OnceLock<EncryptingKey>,
    decrypting: OnceLock<DecryptingKey>,
}

impl Key {
    pub(super) fn new(mode: AesMode, key: &[u8]) -> Result<Self, Error> {
        let algorithm = match mode.check_key(key)? {
            AesBits::B128 => &AES_128,
            AesBits::B192 => &AES_192,
            AesBits::B256 => &AES_256,
        };
        Ok(Self {
            mode,
            algorithm,
            key: key.into(),
            encrypting: OnceLock::new(),
            decrypting: OnceLock::new(),
        })
    }

    pub(super) fn unbound(&self) -> Result<UnboundCipherKey, Error> {
        UnboundCipherKey::new(self.algorithm, self.key.expose()).map_err(failed)
    }

    fn encrypting(&self) -> Result<&EncryptingKey, Error> {
        match self.encrypting.get() {
            Some(key) => Ok(key),
            None => self.expand_encrypting(),
        }
    }

    #[cold]
    fn expand_encrypting(&self) -> Result<&EncryptingKey, Error> {
        let key = encrypting(self.mode, self.unbound()?)?;
        Ok(self.encrypting.get_or_init(|| key))
    }

    fn decrypting(&self) -> Result<&DecryptingKey, Error> {
        match self.decrypting.get() {
            Some(key) => Ok(key),
            None => self.expand_decrypting(),
        }
    }

    #[cold]
    fn expand_decrypting(&self) -> Result<&DecryptingKey, Error> {
        let key = decrypting(self.mode, self.unbound()?)?;
        Ok(self.decrypting.get_or_init(|| key))
    }
}

impl Aes for Key {
    fn mode(&self) -> AesMode {
        self.mode
    }

    fn encrypt(&self, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        self.mode.check_iv(iv)?;
        self.mode.check_data(data)?;
        // aws-lc refuses nothing at all.
        if data.is_empty() {
            return Ok(());
        }
        encrypt(self.encrypting()?, data, encryption_context(iv))
    }

    fn decrypt(&self, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        self.mode.check_iv(iv)?;
        self.mode.check_data(data)?;
        if data.is_empty() {
            return Ok(());
        }
        decrypt(self.decrypting()?, data, decryption_context(iv))
    }

    fn start_blocks(&self, direction: Direction, iv: &[u8]) -> Result<Box<dyn AesStream>, Error> {
        stream::start(self, direction, iv)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aes({}, {} bits)", self.mode, self.key.len() * 8)
    }
}

pub(super) fn encrypting(mode: AesMode, key: UnboundCipherKey) -> Result<EncryptingKey, Error> {
    match mode {
        AesMode::Cbc => EncryptingKey::cbc(key),
        AesMode::Cfb128 => EncryptingKey::cfb128(key),
        AesMode::Cfb8 => EncryptingKey::cfb8(key),
        AesMode::Ctr => EncryptingKey::ctr(key),
        AesMode::Ecb => EncryptingKey::ecb(key),
        AesMode::Ofb => EncryptingKey::ofb(key),
        AesMode::Xts => return Err(Misuse::Mode.into()),
    }
    .map_err(failed)
}

pub(super) fn decrypting(mode: AesMode, key: UnboundCipherKey) -> Result<DecryptingKey, Error> {
    match mode {
        AesMode::Cbc => DecryptingKey::cbc(key),
        AesMode::Cfb128 => DecryptingKey::cfb128(key),
        AesMode::Cfb8 => DecryptingKey::cfb8(key),
        AesMode::Ctr => DecryptingKey::ctr(key),
        AesMode::Ecb => DecryptingKey::ecb(key),
        AesMode::Ofb => DecryptingKey::ofb(key),
        AesMode::Xts => return Err(Misuse::Mode.into()),
    }
    .map_err(failed)
}

/// For an initialisation vector of a length that was checked: `iv.len() = 0` or `16`.
#[inline]
pub(super) fn encryption_context(iv: &[u8]) -> EncryptionContext {
    <&[u8; BLOCK]>::try_from(iv)
        .map_or(EncryptionContext::None, |iv| EncryptionContext::Iv128(FixedLength::from(iv)))
}

/// Like [`encryption_context`].
#[inline]
pub(super) fn decryption_context(iv: &[u8]) -> DecryptionContext {
    <&[u8; BLOCK]>::try_from(iv)
        .map_or(DecryptionContext::None, |iv| DecryptionContext::Iv128(FixedLength::from(iv)))
}

/// A function of its own, so that the context stays in one piece: inlined, aws-lc-rs's code, which wipes it byte by byte, makes
/// the compiler also write it byte by byte, and reading all of it then waits: 3 to 8 ns for each message.
#[inline(never)]
pub(super) fn encrypt(key: &EncryptingKey, data: &mut [u8], context: EncryptionContext) -> Result<(), Error> {
    match key.less_safe_encrypt(data, context) {
        Ok(_) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// Like [`encrypt`].
#[inline(never)]
pub(super) fn decrypt(key: &DecryptingKey, data: &mut [u8], context: DecryptionContext) -> Result<(), Error> {
    match key.decrypt(data, context) {
        Ok(_) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

pub(super) fn failed(_: Unspecified) -> Error {
    Error::Library("AES")
}
