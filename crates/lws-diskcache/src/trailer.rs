//! What stands behind each object in its file.
//!
//! ```text
//!   content (len bytes) │ magic 8 │ len 8, little-endian │ key 32 │ SHA-256 of all before 32
//! ```
//!
//! Behind, so that the content starts where the file does, for `sendfile` and for other programs. A file that was cut off, that has
//! a changed byte, or that lies under another's name does not pass [`check`].

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use sha2::{Digest, Sha256};

use crate::Key;

pub(crate) const LEN: u64 = 80;
const MAGIC: [u8; 8] = *b"lwsdc\x00\x01\n";

/// The trailer of a content of `len` bytes that has been put into `hash`.
pub(crate) fn make(key: &Key, len: u64, mut hash: Sha256) -> [u8; LEN as usize] {
    let mut trailer = [0; LEN as usize];
    trailer[..8].copy_from_slice(&MAGIC);
    trailer[8..16].copy_from_slice(&len.to_le_bytes());
    trailer[16..48].copy_from_slice(key.as_bytes());
    hash.update(&trailer[..48]);
    trailer[48..].copy_from_slice(&hash.finalize());
    trailer
}

/// Whether the file holds the object of `key`, whole and unchanged. Reads all of it.
pub(crate) fn check(file: &File, size: u64, key: &Key) -> io::Result<bool> {
    let Some(len) = size.checked_sub(LEN) else {
        return Ok(false);
    };
    let mut hash = Sha256::new();
    let mut block = [0; 16 * 1024];
    let mut at = 0;
    while at < len {
        let want = block.len().min(usize::try_from(len - at).unwrap_or(usize::MAX));
        let n = file.read_at(&mut block[..want], at)?;
        if n == 0 {
            return Ok(false); // it has become shorter
        }
        hash.update(&block[..n]);
        at += n as u64;
    }
    let mut trailer = [0; LEN as usize];
    match file.read_exact_at(&mut trailer, len) {
        Ok(()) => Ok(trailer == make(key, len, hash)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
