//! Looking files up: the table that `build/files.rs` describes.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Place, Segment, Work};
use crate::bits::{take_bytes, take_varint};
use crate::build::Entry;
use crate::error::{Error, Part, Result, corrupt};
use crate::format::unquantise;
use crate::io::ReadAt;
use crate::limits::{FILES_BLOCK, MAX_PATH};
use crate::page::Cursor;

/// More bytes than a block of the table can have: its start, and per file a path and eight numbers.
const MAX_BLOCK: u64 = 16 + FILES_BLOCK as u64 * (MAX_PATH as u64 + 8 * 10);

/// A file of a segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileEntry {
    pub(crate) path: String,
    pub(crate) entry: Entry,
}

impl<R: ReadAt> Segment<R> {
    /// The file of that number, which is below `footer.files`.
    pub(crate) fn file(&self, file: u32) -> Result<FileEntry> {
        let mut entries = self.files_from(file)?;
        for _ in 0..file as usize % FILES_BLOCK {
            entries.next()?;
        }
        let entry = entries.next()?;
        let path = String::from_utf8(core::mem::take(&mut entries.path)).map_err(|_| entries.error())?;
        Ok(FileEntry { path, entry })
    }

    /// The files of the block that `file` is in, from its first on.
    pub(crate) fn files_from(&self, file: u32) -> Result<Files> {
        let (index, table) = (self.footer.file_index, self.footer.file_table);
        let slot = index.start + u64::from(file / FILES_BLOCK as u32) * 8;
        let error = || corrupt(Part::Files, slot);
        if file >= self.footer.files || slot + 8 > index.end {
            return Err(error());
        }
        // Usually all there is to it; a vector that grows is moved.
        let mut bytes = Vec::with_capacity(1024);
        // The next block starts where this one ends.
        self.pages.read(slot, (index.end - slot).min(16) as usize, &mut bytes)?;
        let mut offsets = bytes.as_chunks().0.iter().map(|offset| u64::from_le_bytes(*offset));
        let start = offsets.next().unwrap_or(u64::MAX);
        let end = offsets.next().unwrap_or(table.len());
        let size = end.checked_sub(start).filter(|size| *size <= MAX_BLOCK && end <= table.len());
        let start = table.start.saturating_add(start);
        self.pages.read(start, size.ok_or_else(error)? as usize, &mut bytes)?;
        let mut rest = bytes.as_slice();
        let lines = take_varint(&mut rest).ok_or_else(error)?;
        let (at, lines_end) = (bytes.len() - rest.len(), self.footer.line_tables.len());
        Ok(Files { bytes, at, start, path: Vec::with_capacity(128), table: lines, lines_end })
    }

    /// How many terms files have.
    pub(crate) fn lengths(&self) -> Lengths {
        let lengths = self.footer.lengths;
        Lengths { start: lengths.start, cursor: Cursor::new(lengths.start, lengths.end, Part::Files) }
    }

    /// The number of the file with that path.
    pub(crate) fn file_of(&self, path: &str, work: &Work) -> Result<Option<u32>> {
        let mut key = Vec::with_capacity(path.len() + 1);
        key.push(0);
        key.extend_from_slice(path.as_bytes());
        Ok(self.find(&key, work)?.and_then(|term| match term.place {
            Place::Here { file, .. } => Some(file),
            Place::Postings { .. } => None,
        }))
    }
}

/// Tells how many terms files have; fast for files in order.
#[derive(Debug)]
pub(crate) struct Lengths {
    start: u64,
    cursor: Cursor,
}

impl Lengths {
    /// To within an eighth.
    #[inline]
    pub(crate) fn of<R: ReadAt>(&mut self, segment: &Segment<R>, file: u32) -> Result<u32> {
        self.cursor.jump(self.start + u64::from(file));
        Ok(unquantise(self.cursor.byte(&segment.pages)?))
    }
}

/// Goes through the files of a block.
#[derive(Debug)]
pub(crate) struct Files {
    bytes: Vec<u8>,
    /// Of the next file.
    at: usize,
    /// Where `bytes` are in the payload.
    start: u64,
    /// Of the file before.
    path: Vec<u8>,
    /// Where its line table starts, in LINES, and where these end.
    table: u64,
    lines_end: u64,
}

impl Files {
    fn error(&self) -> Error {
        corrupt(Part::Files, self.start + self.at as u64)
    }

    /// The next file. There must be one.
    pub(crate) fn next(&mut self) -> Result<Entry> {
        let mut rest = self.bytes.get(self.at..).unwrap_or_default();
        let entry = Self::read(&mut rest, &mut self.path, self.table);
        let used = self.bytes.len() - rest.len();
        let entry = entry.ok_or_else(|| self.error())?;
        let end = self.table.checked_add(entry.table_len).filter(|end| *end <= self.lines_end);
        self.table = end.ok_or_else(|| self.error())?;
        self.at = used;
        Ok(entry)
    }

    fn read(rest: &mut &[u8], path: &mut Vec<u8>, table: u64) -> Option<Entry> {
        let small = |rest: &mut &[u8]| u32::try_from(take_varint(rest)?).ok();
        let shared = small(rest)? as usize;
        let further = small(rest)? as usize;
        if shared > path.len() || shared + further > MAX_PATH {
            return None;
        }
        path.truncate(shared);
        path.extend_from_slice(take_bytes(rest, further)?);
        let (terms, bytes, invalid) = (small(rest)?, take_varint(rest)?, take_varint(rest)?);
        let (lines, table_len, stamp) = (small(rest)?, take_varint(rest)?, take_varint(rest)?);
        Some(Entry { terms, bytes, invalid, lines, table, table_len, stamp })
    }

    /// Of the file that [`next`](Self::next) answered.
    pub(crate) fn path(&self) -> Result<String> {
        String::from_utf8(self.path.clone()).map_err(|_| self.error())
    }
}
