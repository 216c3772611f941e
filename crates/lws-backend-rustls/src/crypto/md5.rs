//! MD5 from the crate `md-5`.

use std::fmt;
use std::mem;

use lws_gencrypto::{Digest, Error, Hasher};
use md5::Digest as _;

#[derive(Clone, Default)]
pub(super) struct Md5(md5::Md5);

impl Md5 {
    pub(super) fn digest(data: &[u8]) -> Digest {
        Digest::new(&md5::Md5::digest(data))
    }
}

impl Hasher for Md5 {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finish(&mut self) -> Result<Digest, Error> {
        Ok(Digest::new(&mem::take(&mut self.0).finalize()))
    }
}

impl fmt::Debug for Md5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher(MD5)")
    }
}
