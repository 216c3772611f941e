//! Hashes by OpenSSL's direct functions, and HMAC over them: twice as fast for small messages as through its `EVP` layer.

use std::fmt;
use std::mem;
use std::sync::Arc;

use lws_gencrypto::{Digest, Error, Hash, Hasher, Hmac, HmacOver};
use openssl::hash::{Hasher as Evp, MessageDigest};
use openssl::sha;

use super::failed;

pub(super) fn message_digest(hash: Hash) -> MessageDigest {
    match hash {
        Hash::Md5 => MessageDigest::md5(),
        Hash::Sha1 => MessageDigest::sha1(),
        Hash::Sha256 => MessageDigest::sha256(),
        Hash::Sha384 => MessageDigest::sha384(),
        Hash::Sha512 => MessageDigest::sha512(),
    }
}

pub(super) fn hash(hash: Hash, data: &[u8]) -> Result<Digest, Error> {
    /// In one go, but not by the functions that look it: in OpenSSL 3 they search for the algorithm each time.
    fn run(mut hasher: impl Hasher, data: &[u8]) -> Result<Digest, Error> {
        hasher.update(data);
        hasher.finish()
    }
    match hash {
        Hash::Md5 => run(Md5::new()?, data),
        Hash::Sha1 => run(Sha1::new(), data),
        Hash::Sha256 => run(Sha256::new(), data),
        Hash::Sha384 => run(Sha384::new(), data),
        Hash::Sha512 => run(Sha512::new(), data),
    }
}

pub(super) fn hasher(hash: Hash) -> Result<Box<dyn Hasher>, Error> {
    Ok(match hash {
        Hash::Md5 => Box::new(Md5::new()?),
        Hash::Sha1 => Box::new(Sha1::new()),
        Hash::Sha256 => Box::new(Sha256::new()),
        Hash::Sha384 => Box::new(Sha384::new()),
        Hash::Sha512 => Box::new(Sha512::new()),
    })
}

pub(super) fn hmac(hash: Hash, key: &[u8]) -> Result<Arc<dyn Hmac>, Error> {
    Ok(match hash {
        Hash::Md5 => Arc::new(HmacOver::new(hash, &Md5::new()?, key)?),
        Hash::Sha1 => Arc::new(HmacOver::new(hash, &Sha1::new(), key)?),
        Hash::Sha256 => Arc::new(HmacOver::new(hash, &Sha256::new(), key)?),
        Hash::Sha384 => Arc::new(HmacOver::new(hash, &Sha384::new(), key)?),
        Hash::Sha512 => Arc::new(HmacOver::new(hash, &Sha512::new(), key)?),
    })
}

/// A hasher of each of the direct functions.
macro_rules! sha {
    ($($name:ident),*) => {$(
        #[derive(Clone)]
        struct $name(sha::$name);

        impl $name {
            fn new() -> Self {
                Self(sha::$name::new())
            }
        }

        impl Hasher for $name {
            fn update(&mut self, data: &[u8]) {
                self.0.update(data);
            }

            fn finish(&mut self) -> Result<Digest, Error> {
                Ok(Digest::new(&mem::replace(&mut self.0, sha::$name::new()).finish()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!("Hasher(", stringify!($name), ")"))
            }
        }
    )*};
}

sha!(Sha1, Sha256, Sha384, Sha512);

/// There is no direct function for MD5 in the crate `openssl`.
#[derive(Clone)]
struct Md5 {
    hasher: Evp,
    /// A part could not be taken in.
    failed: bool,
}

impl Md5 {
    fn new() -> Result<Self, Error> {
        Ok(Self { hasher: Evp::new(MessageDigest::md5()).map_err(failed("MD5"))?, failed: false })
    }
}

impl Hasher for Md5 {
    fn update(&mut self, data: &[u8]) {
        self.failed |= self.hasher.update(data).is_err();
    }

    fn finish(&mut self) -> Result<Digest, Error> {
        let digest = self.hasher.finish().map_err(failed("MD5"))?;
        if mem::take(&mut self.failed) { Err(Error::Library("MD5")) } else { Ok(Digest::new(&digest)) }
    }
}

impl fmt::Debug for Md5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher(Md5)")
    }
}
