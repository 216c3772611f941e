//! Hashes, and HMAC over them.

use std::fmt;
use std::sync::Arc;

use lws_gencrypto::limits::DIGEST_MAX;
use lws_gencrypto::{Digest, Error, Hash, Hasher, Hmac, HmacOver};
use mbedtls::hash::{Md, Type};

use super::failed;
use super::ffi::SharedMd;

pub(super) const fn kind(hash: Hash) -> Type {
    match hash {
        Hash::Md5 => Type::Md5,
        Hash::Sha1 => Type::Sha1,
        Hash::Sha256 => Type::Sha256,
        Hash::Sha384 => Type::Sha384,
        Hash::Sha512 => Type::Sha512,
    }
}

pub(super) fn hash(hash: Hash, data: &[u8]) -> Result<Digest, Error> {
    let mut out = [0; DIGEST_MAX];
    let len = Md::hash(kind(hash), data, &mut out).map_err(failed("the hash"))?;
    Ok(Digest::new(out.get(..len).unwrap_or_default()))
}

/// The library's own HMAC cannot be cloned; this one takes the key in once.
pub(super) fn hmac(hash: Hash, key: &[u8]) -> Result<Arc<dyn Hmac>, Error> {
    Ok(Arc::new(HmacOver::new(hash, &Running::new(hash)?, key)?))
}

#[derive(Clone)]
pub(super) struct Running {
    hash: Hash,
    md: SharedMd,
    failed: bool,
}

impl Running {
    pub(super) fn new(hash: Hash) -> Result<Self, Error> {
        Ok(Self { hash, md: fresh(hash)?, failed: false })
    }
}

fn fresh(hash: Hash) -> Result<SharedMd, Error> {
    Md::new(kind(hash)).map(SharedMd).map_err(failed("the hash"))
}

impl Hasher for Running {
    fn update(&mut self, data: &[u8]) {
        self.failed |= self.md.0.update(data).is_err();
    }

    fn finish(&mut self) -> Result<Digest, Error> {
        let done = std::mem::replace(&mut self.md, fresh(self.hash)?);
        if std::mem::take(&mut self.failed) {
            return Err(Error::Library("the hash"));
        }
        let mut out = [0; DIGEST_MAX];
        let len = done.0.finish(&mut out).map_err(failed("the hash"))?;
        Ok(Digest::new(out.get(..len).unwrap_or_default()))
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hasher({})", self.hash)
    }
}
