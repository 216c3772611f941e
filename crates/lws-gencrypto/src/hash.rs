//! Hashes and HMAC (FIPS 180-4, RFC 1321, RFC 2104).

use alloc::boxed::Box;
use core::fmt;
use core::ops::Deref;

use crate::limits::DIGEST_MAX;
use crate::{Error, constant_time_eq};

/// A hash function.
#[doc(alias = "lws_genhash_types")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hash {
    /// RFC 1321. Broken: for formats that demand it, never for security.
    #[doc(alias = "LWS_GENHASH_TYPE_MD5")]
    Md5,
    /// FIPS 180-4. Broken for signatures; sound in HMAC, OAEP and the WebSocket handshake.
    #[doc(alias = "LWS_GENHASH_TYPE_SHA1")]
    Sha1,
    /// FIPS 180-4.
    #[doc(alias = "LWS_GENHASH_TYPE_SHA256")]
    Sha256,
    /// FIPS 180-4.
    #[doc(alias = "LWS_GENHASH_TYPE_SHA384")]
    Sha384,
    /// FIPS 180-4.
    #[doc(alias = "LWS_GENHASH_TYPE_SHA512")]
    Sha512,
}

impl Hash {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Length of the digest, in bytes.
    #[doc(alias = "lws_genhash_size")]
    #[allow(clippy::len_without_is_empty)] // a digest is never empty
    #[must_use]
    pub const fn len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Length of the blocks it works on, in bytes.
    #[must_use]
    pub const fn block_len(self) -> usize {
        match self {
            Self::Md5 | Self::Sha1 | Self::Sha256 => 64,
            Self::Sha384 | Self::Sha512 => 128,
        }
    }

    /// Its usual name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The result of a hash or HMAC: up to 64 bytes, without an allocation. Derefs to the bytes.
///
/// Equality takes constant time.
#[derive(Clone, Copy)]
pub struct Digest {
    bytes: [u8; DIGEST_MAX],
    /// `0 <= len <= DIGEST_MAX`
    len: usize,
}

impl Digest {
    /// From the bytes that a library computed, for backends.
    ///
    /// # Panics
    /// If there are more than [`DIGEST_MAX`].
    #[must_use]
    pub fn new(digest: &[u8]) -> Self {
        let mut bytes = [0; DIGEST_MAX];
        bytes[..digest.len()].copy_from_slice(digest);
        Self { bytes, len: digest.len() }
    }
}

impl Deref for Digest {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(self, other)
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A hash or HMAC of a message that comes in parts.
pub trait Hasher: fmt::Debug + Send {
    /// Takes the next part. A failure of the library is kept for [`finish`](Self::finish).
    #[doc(alias = "lws_genhash_update")]
    #[doc(alias = "lws_genhmac_update")]
    fn update(&mut self, data: &[u8]);

    /// The digest of all parts since the last `finish`. The next part begins a new message.
    ///
    /// # Errors
    /// [`Error::Library`].
    #[doc(alias = "lws_genhash_destroy")]
    #[doc(alias = "lws_genhmac_destroy")]
    fn finish(&mut self) -> Result<Digest, Error>;
}

/// An HMAC key (RFC 2104), of any length.
pub trait Hmac: fmt::Debug + Send + Sync {
    /// Its hash.
    fn hash(&self) -> Hash;

    /// The authentication code of the concatenation of `parts`.
    ///
    /// # Errors
    /// [`Error::Library`].
    fn mac(&self, parts: &[&[u8]]) -> Result<Digest, Error>;

    /// For a message that comes in parts over time.
    ///
    /// # Errors
    /// [`Error::Library`].
    #[doc(alias = "lws_genhmac_init")]
    fn start(&self) -> Result<Box<dyn Hasher>, Error>;

    /// Whether `code` is the authentication code of `parts`, in full length, compared in constant time.
    ///
    /// # Errors
    /// [`Error::Verify`] if it is not.
    fn verify(&self, parts: &[&[u8]], code: &[u8]) -> Result<(), Error> {
        if constant_time_eq(&self.mac(parts)?, code) { Ok(()) } else { Err(Error::Verify) }
    }
}
