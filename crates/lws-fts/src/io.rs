//! What the caller brings: something to read, something to append to, and a place for temporary data.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::error::{Error, Result};

/// Bytes that can be read anywhere: a file, memory, ranges over HTTP.
///
/// They must not change while an index is open; writers of this crate replace files, they never change one. Should they
/// change anyway, the checksums notice.
pub trait ReadAt {
    /// Fills all of `into` from `offset` on.
    ///
    /// # Errors
    /// [`Error::Io`] when that many bytes are not there or cannot be read.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<()>;

    /// How many bytes there are.
    fn size(&self) -> u64;
}

impl ReadAt for [u8] {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<()> {
        let from = usize::try_from(offset).ok().and_then(|at| self.get(at..)?.get(..into.len()));
        let from = from.ok_or_else(|| Error::Io(Box::from("the file is shorter than expected")))?;
        into.copy_from_slice(from);
        Ok(())
    }

    fn size(&self) -> u64 {
        self.len() as u64
    }
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<()> {
        self.as_slice().read_at(offset, into)
    }

    fn size(&self) -> u64 {
        self.len() as u64
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<()> {
        (**self).read_at(offset, into)
    }

    fn size(&self) -> u64 {
        (**self).size()
    }
}

impl<T: ReadAt + ?Sized> ReadAt for Arc<T> {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<()> {
        (**self).read_at(offset, into)
    }

    fn size(&self) -> u64 {
        (**self).size()
    }
}

/// Something that grows at its end.
pub trait Append {
    /// Adds all of `bytes`.
    ///
    /// # Errors
    /// [`Error::Io`] when they cannot be written.
    fn append(&mut self, bytes: &[u8]) -> Result<()>;
}

impl Append for Vec<u8> {
    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}

/// Where building puts what does not fit its budget.
pub trait Scratch {
    /// A temporary file; dropping it frees what it takes. It is written first and read afterwards.
    type File: Append + ReadAt;

    /// Makes an empty temporary file.
    ///
    /// # Errors
    /// [`Error::Io`] when there is no place for it.
    fn create(&mut self) -> Result<Self::File>;
}

/// Temporary data in memory: the budget then bounds only the working memory, not this.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory;

impl Scratch for Memory {
    type File = Vec<u8>;

    fn create(&mut self) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }
}
