//! AES (FIPS 197) in the modes without authentication (NIST SP 800-38A, IEEE 1619).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::limits::XTS_UNIT_MAX;
use crate::{Error, KeyFault, Misuse, Stream, padding};

/// Length of an AES block, in bytes.
pub(crate) const BLOCK: usize = 16;

/// Length of an AES key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AesBits {
    /// 128 bits, 16 bytes.
    B128,
    /// 192 bits, 24 bytes.
    B192,
    /// 256 bits, 32 bytes.
    B256,
}

impl AesBits {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::B128, Self::B192, Self::B256];

    /// In bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::B128 => 16,
            Self::B192 => 24,
            Self::B256 => 32,
        }
    }

    /// In bits.
    #[must_use]
    pub const fn bits(self) -> usize {
        self.bytes() * 8
    }

    /// What `key` is, by its length.
    ///
    /// # Errors
    /// [`KeyFault::Length`].
    pub const fn of(key: &[u8]) -> Result<Self, Error> {
        match key.len() {
            16 => Ok(Self::B128),
            24 => Ok(Self::B192),
            32 => Ok(Self::B256),
            _ => Err(Error::Key(KeyFault::Length)),
        }
    }
}

/// A mode of AES without authentication.
#[doc(alias = "enum_aes_modes")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AesMode {
    /// Cipher block chaining. IV: 16 bytes. Data: whole blocks, or any length with padding.
    #[doc(alias = "LWS_GAESM_CBC")]
    Cbc,
    /// Cipher feedback of whole blocks. IV: 16 bytes. Data: any length.
    #[doc(alias = "LWS_GAESM_CFB128")]
    Cfb128,
    /// Cipher feedback of bytes. IV: 16 bytes. Data: any length.
    #[doc(alias = "LWS_GAESM_CFB8")]
    Cfb8,
    /// Counter, all 128 bits of it. IV: the first counter block, 16 bytes. Data: any length.
    #[doc(alias = "LWS_GAESM_CTR")]
    Ctr,
    /// Each block alone. No IV. Data: whole blocks, or any length with padding. Equal blocks show.
    #[doc(alias = "LWS_GAESM_ECB")]
    Ecb,
    /// Output feedback. IV: 16 bytes. Data: any length.
    #[doc(alias = "LWS_GAESM_OFB")]
    Ofb,
    /// IEEE 1619, for storage. Key: twice 16 or twice 32 bytes. IV: the tweak, 16 bytes. Data: one unit of at least 16
    /// and at most [`XTS_UNIT_MAX`] bytes.
    #[doc(alias = "LWS_GAESM_XTS")]
    Xts,
}

impl AesMode {
    /// All there are.
    pub const ALL: [Self; 7] =
        [Self::Cbc, Self::Cfb128, Self::Cfb8, Self::Ctr, Self::Ecb, Self::Ofb, Self::Xts];

    /// Its usual name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cbc => "CBC",
            Self::Cfb128 => "CFB128",
            Self::Cfb8 => "CFB8",
            Self::Ctr => "CTR",
            Self::Ecb => "ECB",
            Self::Ofb => "OFB",
            Self::Xts => "XTS",
        }
    }

    /// Length of the initialisation vector, in bytes.
    #[must_use]
    pub const fn iv_len(self) -> usize {
        if matches!(self, Self::Ecb) { 0 } else { BLOCK }
    }

    /// Whether data comes in whole blocks, so that other lengths need padding.
    #[must_use]
    pub const fn in_blocks(self) -> bool {
        matches!(self, Self::Cbc | Self::Ecb)
    }

    /// Checks a key for this mode, so that every backend answers alike. XTS: the bits of *one* half.
    ///
    /// # Errors
    /// [`KeyFault::Length`]; [`KeyFault::EqualHalves`] for XTS.
    pub fn check_key(self, key: &[u8]) -> Result<AesBits, Error> {
        if self != Self::Xts {
            return AesBits::of(key);
        }
        let (data, tweak) = key.split_at(key.len() / 2);
        // IEEE 1619 knows XTS-AES-128 and XTS-AES-256 only.
        match (key.len(), crate::constant_time_eq(data, tweak)) {
            (32 | 64, false) => AesBits::of(data),
            (32 | 64, true) => Err(KeyFault::EqualHalves.into()),
            _ => Err(KeyFault::Length.into()),
        }
    }

    /// Checks an initialisation vector for this mode, so that every backend answers alike.
    ///
    /// # Errors
    /// [`Misuse::IvLength`].
    pub const fn check_iv(self, iv: &[u8]) -> Result<(), Error> {
        if iv.len() == self.iv_len() { Ok(()) } else { Err(Error::Misuse(Misuse::IvLength)) }
    }

    /// Checks the length of data for this mode, so that every backend answers alike.
    ///
    /// # Errors
    /// [`Misuse::DataLength`].
    pub const fn check_data(self, data: &[u8]) -> Result<(), Error> {
        let good = match self {
            Self::Cbc | Self::Ecb => data.len().is_multiple_of(BLOCK),
            Self::Xts => data.len() >= BLOCK && data.len() <= XTS_UNIT_MAX,
            _ => true,
        };
        if good { Ok(()) } else { Err(Error::Misuse(Misuse::DataLength)) }
    }
}

impl fmt::Display for AesMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which way.
#[doc(alias = "enum_aes_operation")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Plaintext to ciphertext.
    #[doc(alias = "LWS_GAESO_ENC")]
    Encrypt,
    /// Ciphertext to plaintext.
    #[doc(alias = "LWS_GAESO_DEC")]
    Decrypt,
}

/// An AES key for one [`AesMode`], its schedule expanded.
///
/// Nothing here is authenticated: put an HMAC over IV and ciphertext, or use [`Aead`](crate::Aead).
/// Work is done in place. An `iv` must not be used twice with a key, and CBC's must not be foreseeable.
#[doc(alias = "lws_genaes_create")]
pub trait Aes: fmt::Debug + Send + Sync {
    /// The mode.
    fn mode(&self) -> AesMode;

    /// Encrypts `data` in place, without padding.
    ///
    /// # Errors
    /// [`Misuse::IvLength`], [`Misuse::DataLength`] ([`AesMode`] tells them), [`Error::Library`].
    #[doc(alias = "lws_genaes_crypt")]
    fn encrypt(&self, iv: &[u8], data: &mut [u8]) -> Result<(), Error>;

    /// Decrypts `data` in place, without padding.
    ///
    /// # Errors
    /// Like [`encrypt`](Self::encrypt).
    #[doc(alias = "lws_genaes_crypt")]
    fn decrypt(&self, iv: &[u8], data: &mut [u8]) -> Result<(), Error>;

    /// Begins a message that comes in pieces, as whole blocks for CBC and ECB. For backends to provide;
    /// [`start`](Self::start) is the form to use.
    ///
    /// # Errors
    /// [`Misuse::IvLength`]; [`Misuse::Mode`] for XTS, whose unit is processed at once.
    fn start_blocks(&self, direction: Direction, iv: &[u8]) -> Result<Box<dyn AesStream>, Error>;

    /// Pads `data` as in PKCS#7 (RFC 5652 §6.3: 1 to 16 bytes more) and encrypts it in place.
    ///
    /// # Errors
    /// [`Misuse::Mode`] unless the mode is CBC or ECB; [`Misuse::IvLength`], [`Error::Library`].
    fn encrypt_padded(&self, iv: &[u8], data: &mut Vec<u8>) -> Result<(), Error> {
        if !self.mode().in_blocks() {
            return Err(Misuse::Mode.into());
        }
        padding::pad(data);
        self.encrypt(iv, data)
    }

    /// Decrypts `data` in place and takes its padding off.
    ///
    /// The padding is checked in constant time; yet whether it was right *is* an answer: authenticate the ciphertext
    /// before it gets here.
    ///
    /// # Errors
    /// [`Error::Decrypt`] if the length or the padding is wrong: `data` is empty then. [`Misuse::Mode`] unless the
    /// mode is CBC or ECB; [`Misuse::IvLength`], [`Error::Library`].
    fn decrypt_padded(&self, iv: &[u8], data: &mut Vec<u8>) -> Result<(), Error> {
        if !self.mode().in_blocks() {
            return Err(Misuse::Mode.into());
        }
        if data.is_empty() || !data.len().is_multiple_of(BLOCK) {
            data.clear();
            return Err(Error::Decrypt);
        }
        self.decrypt(iv, data)?;
        padding::unpad(data)
    }

    /// Begins a message that comes in pieces of any length. `padded`: with the padding of PKCS#7 (CBC and ECB only).
    ///
    /// # Errors
    /// [`Misuse::Mode`] for XTS, and for padding with any mode but CBC and ECB; [`Misuse::IvLength`].
    fn start(&self, direction: Direction, iv: &[u8], padded: bool) -> Result<Stream, Error> {
        if padded && !self.mode().in_blocks() {
            return Err(Misuse::Mode.into());
        }
        let blocks = self.start_blocks(direction, iv)?;
        Ok(Stream::new(blocks, self.mode().in_blocks(), direction, padded))
    }
}

/// A message on its way through AES, in pieces: whole blocks for CBC and ECB, any length otherwise. For backends;
/// users see [`Stream`].
pub trait AesStream: fmt::Debug + Send {
    /// Processes the next piece in place.
    ///
    /// # Errors
    /// [`Misuse::DataLength`] if CBC or ECB get anything but whole blocks; [`Error::Library`].
    fn process(&mut self, data: &mut [u8]) -> Result<(), Error>;
}
