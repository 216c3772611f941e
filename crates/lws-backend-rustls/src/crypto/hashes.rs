//! Hashes and HMAC.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::{digest, hmac};
use lws_gencrypto::{Digest, Error, Hash, Hasher, Hmac, HmacOver};

use super::md5::Md5;

/// aws-lc-rs's name for a hash; it has no MD5.
fn algorithm(hash: Hash) -> Option<&'static digest::Algorithm> {
    match hash {
        Hash::Md5 => None,
        Hash::Sha1 => Some(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        Hash::Sha256 => Some(&digest::SHA256),
        Hash::Sha384 => Some(&digest::SHA384),
        Hash::Sha512 => Some(&digest::SHA512),
    }
}

pub(super) fn hash(hash: Hash, data: &[u8]) -> Digest {
    match algorithm(hash) {
        Some(algorithm) => Digest::new(digest::digest(algorithm, data).as_ref()),
        None => Md5::digest(data),
    }
}

pub(super) fn hasher(hash: Hash) -> Box<dyn Hasher> {
    match algorithm(hash) {
        Some(algorithm) => Box::new(Streaming { algorithm, context: digest::Context::new(algorithm) }),
        None => Box::new(Md5::default()),
    }
}

pub(super) fn hmac(hash: Hash, key: &[u8]) -> Result<Arc<dyn Hmac>, Error> {
    let algorithm = match hash {
        Hash::Md5 => return Ok(Arc::new(HmacOver::new(hash, &Md5::default(), key)?)),
        Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha384 => hmac::HMAC_SHA384,
        Hash::Sha512 => hmac::HMAC_SHA512,
    };
    Ok(Arc::new(Key { hash, key: hmac::Key::new(algorithm, key) }))
}

struct Streaming {
    algorithm: &'static digest::Algorithm,
    context: digest::Context,
}

impl Hasher for Streaming {
    fn update(&mut self, data: &[u8]) {
        self.context.update(data);
    }

    fn finish(&mut self) -> Result<Digest, Error> {
        let context = std::mem::replace(&mut self.context, digest::Context::new(self.algorithm));
        Ok(Digest::new(context.finish().as_ref()))
    }
}

impl fmt::Debug for Streaming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hasher({:?})", self.algorithm)
    }
}

struct Key {
    hash: Hash,
    key: hmac::Key,
}

impl Hmac for Key {
    fn hash(&self) -> Hash {
        self.hash
    }

    fn mac(&self, parts: &[&[u8]]) -> Result<Digest, Error> {
        if let [one] = parts {
            return Ok(Digest::new(hmac::sign(&self.key, one).as_ref()));
        }
        let mut context = hmac::Context::with_key(&self.key);
        parts.iter().for_each(|part| context.update(part));
        Ok(Digest::new(context.sign().as_ref()))
    }

    fn start(&self) -> Result<Box<dyn Hasher>, Error> {
        let context = hmac::Context::with_key(&self.key);
        Ok(Box::new(StreamingHmac { key: self.key.clone(), context }))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hmac({})", self.hash)
    }
}

struct StreamingHmac {
    key: hmac::Key,
    context: hmac::Context,
}

impl Hasher for StreamingHmac {
    fn update(&mut self, data: &[u8]) {
        self.context.update(data);
    }

    fn finish(&mut self) -> Result<Digest, Error> {
        let context = std::mem::replace(&mut self.context, hmac::Context::with_key(&self.key));
        Ok(Digest::new(context.sign().as_ref()))
    }
}

impl fmt::Debug for StreamingHmac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher(HMAC)")
    }
}
