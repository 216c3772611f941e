//! RSA (RFC 8017): keys by their numbers, and what is done with them.

mod unpad;

pub use unpad::{rsa_unpad_pkcs1, rsa_unpad_pkcs1_into};

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::compare::{mask_eq, select};
use crate::limits::{RSA_BITS_MAX, RSA_BITS_MIN, RSA_EXPONENT_BITS_MAX};
use crate::{Error, Hash, KeyFault, Secret};

/// How a message is signed.
#[doc(alias = "enum_genrsa_mode")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RsaSignature {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2): RS256 and relatives.
    #[doc(alias = "LGRSAM_PKCS1_1_5")]
    Pkcs1(Hash),
    /// RSASSA-PSS (RFC 8017 §8.1), MGF1 with the same hash, a salt as long as the hash: PS256 and relatives.
    #[doc(alias = "LGRSAM_PKCS1_OAEP_PSS")]
    Pss(Hash),
}

/// How a message is encrypted.
#[doc(alias = "enum_genrsa_mode")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RsaEncryption {
    /// RSAES-PKCS1-v1_5 (RFC 8017 §7.2): for old formats; see [`RsaPrivateKey::decrypt_pkcs1_into`].
    #[doc(alias = "LGRSAM_PKCS1_1_5")]
    Pkcs1,
    /// RSAES-OAEP (RFC 8017 §7.1), MGF1 with the same hash, no label.
    #[doc(alias = "LGRSAM_PKCS1_OAEP_PSS")]
    Oaep(Hash),
}

impl RsaEncryption {
    /// Longest message for a modulus of `modulus_len` bytes, in bytes.
    #[must_use]
    pub const fn message_max(self, modulus_len: usize) -> usize {
        match self {
            Self::Pkcs1 => modulus_len.saturating_sub(11),
            Self::Oaep(hash) => modulus_len.saturating_sub(2 * hash.len() + 2),
        }
    }
}

/// The numbers of a public key, big-endian, without leading zeros. Checked: lengths as in
/// [`limits`](crate::limits), both odd, `e >= 3`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RsaPublic {
    n: Vec<u8>,
    e: Vec<u8>,
}

impl RsaPublic {
    /// From modulus and exponent. Leading zeros are dropped.
    ///
    /// # Errors
    /// [`KeyFault::TooSmall`], [`KeyFault::TooLarge`], [`KeyFault::Invalid`].
    pub fn new(n: &[u8], e: &[u8]) -> Result<Self, Error> {
        let (n, e) = (trim(n), trim(e));
        if bits(n) < RSA_BITS_MIN {
            return Err(KeyFault::TooSmall.into());
        }
        if bits(n) > RSA_BITS_MAX || bits(e) > RSA_EXPONENT_BITS_MAX {
            return Err(KeyFault::TooLarge.into());
        }
        // RFC 8017 §3.1: e is between 3 and n - 1, and prime to (p-1)(q-1), hence odd.
        if is_even(n) || is_even(e) || bits(e) < 2 {
            return Err(KeyFault::Invalid.into());
        }
        Ok(Self { n: n.to_vec(), e: e.to_vec() })
    }

    /// The modulus.
    #[must_use]
    pub fn n(&self) -> &[u8] {
        &self.n
    }

    /// The public exponent.
    #[must_use]
    pub fn e(&self) -> &[u8] {
        &self.e
    }

    /// Length of the modulus, in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        bits(&self.n)
    }

    /// Length of the modulus in bytes: the length of every signature and ciphertext.
    #[must_use]
    pub const fn modulus_len(&self) -> usize {
        self.n.len()
    }
}

impl fmt::Debug for RsaPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPublic({} bits)", self.bits())
    }
}

/// What the Chinese remainder theorem needs, big-endian.
#[derive(Clone, PartialEq, Eq)]
pub struct RsaCrt {
    /// d mod (p - 1)
    pub dp: Secret,
    /// d mod (q - 1)
    pub dq: Secret,
    /// 1 / q mod p
    pub qi: Secret,
}

impl fmt::Debug for RsaCrt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaCrt(..)")
    }
}

/// The numbers of a private key, big-endian. `Debug` shows the length of the modulus only.
///
/// A backend derives what is missing, and checks that they belong together.
#[doc(alias = "lws_gencrypto_keyelem")]
#[derive(Clone, PartialEq, Eq)]
pub struct RsaPrivate {
    public: RsaPublic,
    d: Secret,
    factors: Option<(Secret, Secret)>,
    crt: Option<RsaCrt>,
}

impl RsaPrivate {
    /// From the private exponent alone.
    ///
    /// # Errors
    /// [`KeyFault::Invalid`] if `d` is even or longer than the modulus.
    pub fn new(public: RsaPublic, d: &[u8]) -> Result<Self, Error> {
        let d = trim(d);
        if is_even(d) || d.len() > public.n.len() {
            return Err(KeyFault::Invalid.into());
        }
        Ok(Self { public, d: d.into(), factors: None, crt: None })
    }

    /// With the two primes.
    ///
    /// # Errors
    /// [`KeyFault::Invalid`] if one is even or longer than the modulus.
    pub fn with_factors(mut self, p: &[u8], q: &[u8]) -> Result<Self, Error> {
        let (p, q) = (trim(p), trim(q));
        // 1 is odd too, and no prime.
        if is_even(p) || is_even(q) || bits(p).min(bits(q)) < 2 || p.len().max(q.len()) >= self.public.n.len()
        {
            return Err(KeyFault::Invalid.into());
        }
        self.factors = Some((p.into(), q.into()));
        Ok(self)
    }

    /// With what the Chinese remainder theorem needs.
    ///
    /// # Errors
    /// [`KeyFault::Invalid`] if one is as long as the modulus.
    pub fn with_crt(mut self, dp: &[u8], dq: &[u8], qi: &[u8]) -> Result<Self, Error> {
        let (dp, dq, qi) = (trim(dp), trim(dq), trim(qi));
        if dp.len().max(dq.len()).max(qi.len()) >= self.public.n.len() {
            return Err(KeyFault::Invalid.into());
        }
        self.crt = Some(RsaCrt { dp: dp.into(), dq: dq.into(), qi: qi.into() });
        Ok(self)
    }

    /// The public part.
    #[must_use]
    pub const fn public(&self) -> &RsaPublic {
        &self.public
    }

    /// The private exponent.
    #[must_use]
    pub const fn d(&self) -> &Secret {
        &self.d
    }

    /// The primes p and q, if they are known.
    #[must_use]
    pub const fn factors(&self) -> Option<&(Secret, Secret)> {
        self.factors.as_ref()
    }

    /// dp, dq and qi, if they are known.
    #[must_use]
    pub const fn crt(&self) -> Option<&RsaCrt> {
        self.crt.as_ref()
    }
}

impl fmt::Debug for RsaPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPrivate({} bits)", self.public.bits())
    }
}

/// A public key, parsed.
#[doc(alias = "lws_genrsa_create")]
pub trait RsaPublicKey: fmt::Debug + Send + Sync {
    /// Its numbers.
    fn public(&self) -> &RsaPublic;

    /// Whether `signature` is one of `message`.
    ///
    /// # Errors
    /// [`Error::Verify`] if not, [`Error::Unsupported`], [`Error::Library`].
    #[doc(alias = "lws_genrsa_hash_sig_verify")]
    fn verify(&self, scheme: RsaSignature, message: &[u8], signature: &[u8]) -> Result<(), Error>;

    /// Encrypts `message`; the result has [`RsaPublic::modulus_len`] bytes.
    ///
    /// # Errors
    /// [`Misuse::MessageLength`](crate::Misuse::MessageLength) if it is longer than [`RsaEncryption::message_max`],
    /// [`Error::Unsupported`], [`Error::Library`].
    #[doc(alias = "lws_genrsa_public_encrypt")]
    fn encrypt(&self, scheme: RsaEncryption, message: &[u8]) -> Result<Vec<u8>, Error>;
}

/// A private key, parsed and checked.
#[doc(alias = "lws_genrsa_create")]
pub trait RsaPrivateKey: fmt::Debug + Send + Sync {
    /// The public numbers.
    fn public(&self) -> &RsaPublic;

    /// The public key, made once.
    fn public_key(&self) -> Arc<dyn RsaPublicKey>;

    /// Signs `message` into the beginning of `out`; returns the signature's length, [`RsaPublic::modulus_len`].
    ///
    /// # Errors
    /// [`Misuse::OutputLength`](crate::Misuse::OutputLength) if `out` is too small, [`Error::Unsupported`],
    /// [`Error::Library`].
    #[doc(alias = "lws_genrsa_hash_sign")]
    fn sign(&self, scheme: RsaSignature, message: &[u8], out: &mut [u8]) -> Result<usize, Error>;

    /// Decrypts, and says whether it worked. With [`RsaEncryption::Pkcs1`] that answer breaks the encryption if it
    /// reaches the peer in any way, time included (Bleichenbacher): use
    /// [`decrypt_pkcs1_into`](Self::decrypt_pkcs1_into).
    ///
    /// # Errors
    /// [`Error::Decrypt`], one value whatever was wrong; [`Error::Unsupported`].
    #[doc(alias = "lws_genrsa_private_decrypt")]
    fn decrypt(&self, scheme: RsaEncryption, ciphertext: &[u8]) -> Result<Secret, Error>;

    /// Decrypts a key of a known length (RSAES-PKCS1-v1_5) without saying whether it worked.
    ///
    /// `out` has that length and comes *filled with random bytes*. It is overwritten if `ciphertext` holds a message of
    /// exactly that length, and is left alone otherwise; so the failure shows later, when something made with the key
    /// does not verify (implicit rejection; RFC 7516 §11.5, RFC 3218 §2.3.2).
    ///
    /// # Errors
    /// Never for what a peer sent. [`Error::Unsupported`].
    fn decrypt_pkcs1_into(&self, ciphertext: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let opened = self.decrypt(RsaEncryption::Pkcs1, ciphertext);
        if let Err(error @ Error::Unsupported { .. }) = opened {
            return Err(error);
        }
        // The same steps whatever came: a copy of the right length, then a choice by mask.
        let mut candidate = Secret::zeroed(out.len());
        let (message, ok) = opened.map_or_else(|_| (Secret::zeroed(out.len()), 0), |message| (message, 0xff));
        let common = message.len().min(candidate.len());
        candidate.expose_mut()[..common].copy_from_slice(&message.expose()[..common]);
        select(ok & mask_eq(message.len(), out.len()), candidate.expose(), out);
        Ok(())
    }

    /// The private numbers, all of them. The name is long so that it is seen in a review.
    ///
    /// # Errors
    /// [`KeyFault::NotExportable`].
    fn export_private(&self) -> Result<RsaPrivate, Error>;
}

/// Without leading zeros.
fn trim(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// Length in bits of a number without leading zeros.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn is_even(number: &[u8]) -> bool {
    number.last().is_none_or(|last| last & 1 == 0)
}

#[cfg(test)]
#[path = "rsa/tests.rs"]
mod tests;
