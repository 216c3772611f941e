//! The table of files.
//!
//! ```text
//! block:  start of its line tables in LINES, then up to 8 entries:
//!           bytes shared with the path before (0 for the first), further bytes, these bytes,
//!           terms, bytes, bytes that are not UTF-8, lines, bytes of its line table, stamp
//! ```

use alloc::vec::Vec;

use super::spill::Spill;
use crate::bits::put_varint;
use crate::error::Result;
use crate::io::{Append, ReadAt, Scratch};
use crate::limits::FILES_BLOCK;

/// What the table says of a file, beside its path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) terms: u32,
    pub(crate) bytes: u64,
    /// Of these, not UTF-8.
    pub(crate) invalid: u64,
    pub(crate) lines: u32,
    /// Where its line table starts, in LINES.
    pub(crate) table: u64,
    /// Bytes of its line table.
    pub(crate) table_len: u64,
    pub(crate) stamp: u64,
}

/// Writes the table and its index to temporary data.
#[derive(Debug)]
pub(crate) struct FilesWriter<F> {
    pub(crate) table: Spill<F>,
    pub(crate) index: Spill<F>,
    count: usize,
    last: Vec<u8>,
}

impl<F: Append + ReadAt> FilesWriter<F> {
    pub(crate) fn new() -> Self {
        FilesWriter { table: Spill::new(), index: Spill::new(), count: 0, last: Vec::new() }
    }

    pub(crate) fn add<S: Scratch<File = F>>(
        &mut self,
        scratch: &mut S,
        path: &[u8],
        entry: &Entry,
    ) -> Result<()> {
        let mut bytes = Vec::with_capacity(path.len() + 32);
        let mut shared = self.last.iter().zip(path).take_while(|(a, b)| a == b).count();
        if self.count.is_multiple_of(FILES_BLOCK) {
            self.index.put(scratch, &self.table.size().to_le_bytes())?;
            put_varint(&mut bytes, entry.table);
            shared = 0;
        }
        put_varint(&mut bytes, shared as u64);
        put_varint(&mut bytes, (path.len() - shared) as u64);
        bytes.extend_from_slice(&path[shared..]);
        let (terms, lines) = (u64::from(entry.terms), u64::from(entry.lines));
        let numbers = [terms, entry.bytes, entry.invalid, lines, entry.table_len, entry.stamp];
        numbers.iter().for_each(|n| put_varint(&mut bytes, *n));
        self.table.put(scratch, &bytes)?;
        self.last.clear();
        self.last.extend_from_slice(path);
        self.count += 1;
        Ok(())
    }
}
