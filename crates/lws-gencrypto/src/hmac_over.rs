//! HMAC (RFC 2104) over any hash that can be cloned, for libraries that have none, or a slow one.

use alloc::boxed::Box;
use core::fmt;
use core::mem;

use zeroize::Zeroize;

use crate::{Digest, Error, Hash, Hasher, Hmac};

/// Longest block of a hash, in bytes (SHA-512).
const BLOCK_MAX: usize = 128;

/// An HMAC key over the hasher `H`: both hashes have taken the key in already, so a code costs no hash of the key.
#[derive(Clone)]
pub struct HmacOver<H> {
    hash: Hash,
    inner: H,
    outer: H,
}

impl<H: Hasher + Clone> HmacOver<H> {
    /// The key, of any length, over `fresh`, a hasher of `hash` that has seen nothing.
    ///
    /// # Errors
    /// [`Error::Library`] from the hasher.
    pub fn new(hash: Hash, fresh: &H, key: &[u8]) -> Result<Self, Error> {
        // RFC 2104 §2: a key longer than a block is hashed, a shorter one filled up with zeros.
        let mut room = [0; BLOCK_MAX];
        let block = &mut room[..hash.block_len()];
        if key.len() > block.len() {
            let mut hasher = fresh.clone();
            hasher.update(key);
            block[..hash.len()].copy_from_slice(&hasher.finish()?);
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let mut half = |pad: u8| {
            let mut hasher = fresh.clone();
            block.iter_mut().for_each(|byte| *byte ^= pad);
            hasher.update(block);
            block.iter_mut().for_each(|byte| *byte ^= pad);
            hasher
        };
        let (inner, outer) = (half(0x36), half(0x5c));
        room.zeroize();
        Ok(Self { hash, inner, outer })
    }
}

impl<H: Hasher + Clone + Sync + 'static> Hmac for HmacOver<H> {
    fn hash(&self) -> Hash {
        self.hash
    }

    fn mac(&self, parts: &[&[u8]]) -> Result<Digest, Error> {
        let mut inner = self.inner.clone();
        parts.iter().for_each(|part| inner.update(part));
        let mut outer = self.outer.clone();
        outer.update(&inner.finish()?);
        outer.finish()
    }

    fn start(&self) -> Result<Box<dyn Hasher>, Error> {
        Ok(Box::new(Streaming { inner: self.inner.clone(), key: self.clone() }))
    }
}

impl<H> fmt::Debug for HmacOver<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hmac({})", self.hash)
    }
}

#[derive(Debug)]
struct Streaming<H> {
    key: HmacOver<H>,
    inner: H,
}

impl<H: Hasher + Clone> Hasher for Streaming<H> {
    fn update(&mut self, data: &[u8]) {
        self.inner.update(data);
    }

    fn finish(&mut self) -> Result<Digest, Error> {
        let mut inner = mem::replace(&mut self.inner, self.key.inner.clone());
        let mut outer = self.key.outer.clone();
        outer.update(&inner.finish()?);
        outer.finish()
    }
}
