//! An object in the making.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::{fmt, mem};

use sha2::{Digest, Sha256};

use crate::cache::{Cache, Hit};
use crate::disk::blocks;
use crate::{Error, Key, trailer};

/// An object in the making, as [`Lookup::Miss`](crate::Lookup::Miss) hands it out: write it, then [`commit`](Self::commit).
///
/// Nobody sees it before. If it is dropped, or a write fails, nothing remains of it, and those who wait for it may try. After a
/// failed write go on without the cache.
pub struct Writer {
    cache: Cache,
    key: Key,
    file: File,
    hash: Sha256,
    /// Bytes written.
    len: u64,
    /// Blocks entered into the ledger; enough for `len` bytes and the trailer.
    entered: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Failed,
    Published,
}

impl Writer {
    /// A writer of the temporary file that the cache has made for it.
    pub(crate) fn new(cache: Cache, key: Key, file: File) -> Self {
        Self { cache, key, file, hash: Sha256::new(), len: 0, entered: 0, state: State::Open }
    }

    /// The object's key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Bytes written so far.
    pub fn written(&self) -> u64 {
        self.len
    }

    /// Makes room in the cache for `len` bytes of content.
    fn enter(&mut self, len: u64) -> Result<(), Error> {
        let wanted = blocks(len + trailer::LEN);
        if wanted > self.entered {
            self.cache.enter(wanted - self.entered)?;
            self.entered = wanted;
        }
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.state != State::Open {
            return Err(Error::Failed);
        }
        // Until it has succeeded, for every way out.
        self.state = State::Failed;
        let len = self.len.saturating_add(bytes.len() as u64);
        if len > self.cache.config().max_object {
            return Err(Error::TooLarge);
        }
        self.enter(len)?;
        self.file.write_all_at(bytes, self.len)?;
        self.hash.update(bytes);
        self.len = len;
        self.state = State::Open;
        Ok(())
    }

    /// Publishes the object; answers it, open for reading.
    ///
    /// # Errors
    /// [`Error::Failed`] after a failed write; [`Error::Os`]. Nothing remains of the object then.
    pub fn commit(mut self) -> Result<Hit, Error> {
        if self.state != State::Open {
            return Err(Error::Failed);
        }
        self.enter(self.len)?;
        let trailer = trailer::make(&self.key, self.len, mem::take(&mut self.hash));
        self.file.write_all_at(&trailer, self.len)?;
        if self.cache.config().durable {
            self.file.sync_all()?;
        }
        self.cache.publish(&self.key, &self.file, self.entered)?;
        self.state = State::Published;
        Ok(Hit::new(self.file.try_clone()?, self.len))
    }
}

impl Write for Writer {
    /// Takes all of `bytes`, or fails.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes)?;
        Ok(bytes.len())
    }

    /// Does nothing: [`Writer::commit`] does.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.state != State::Published {
            self.cache.give_up(&self.key, self.entered);
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("key", &self.key).field("written", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Writer {
    /// From now on writes fail.
    pub(crate) fn break_for_test(&mut self) {
        self.file = File::open("/dev/null").expect("a null device");
    }
}
