//! Looking files up: the table that `build/files.rs` describes.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Place, Segment, Work};
use crate::build::Entry;
use crate::error::{Part, Result, corrupt};
use crate::format::unquantise;
use crate::io::ReadAt;
use crate::limits::{FILES_BLOCK, MAX_PATH};
use crate::page::Cursor;

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
            entries.next(self)?;
        }
        entries.next(self)
    }

    /// The files of the block that `file` is in, from its first on.
    pub(crate) fn files_from(&self, file: u32) -> Result<Files> {
        let (index, table) = (self.footer.file_index, self.footer.file_table);
        let slot = index.start + u64::from(file / FILES_BLOCK as u32) * 8;
        if file >= self.footer.files || slot + 8 > index.end {
            return Err(corrupt(Part::Files, slot));
        }
        let mut bytes = Vec::new();
        self.pages.read(slot, 8, &mut bytes)?;
        let offset = bytes.first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
        let start = table.start.checked_add(offset).filter(|at| *at < table.end);
        let start = start.ok_or_else(|| corrupt(Part::Files, slot))?;
        let number = file - file % FILES_BLOCK as u32;
        let cursor = Cursor::new(start, table.end, Part::Files);
        Ok(Files { cursor, number, path: Vec::new(), table: 0 })
    }

    /// How many terms a file has, to within an eighth.
    pub(crate) fn length(&self, file: u32) -> Result<u32> {
        let at = self.footer.lengths.start + u64::from(file);
        Ok(unquantise(Cursor::new(at, self.footer.lengths.end, Part::Files).byte(&self.pages)?))
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

/// Goes through the files of a segment.
#[derive(Debug)]
pub(crate) struct Files {
    cursor: Cursor,
    /// Of the next file.
    number: u32,
    path: Vec<u8>,
    /// Where its line table starts, in LINES.
    table: u64,
}

impl Files {
    /// The next file. There must be one.
    pub(crate) fn next<R: ReadAt>(&mut self, segment: &Segment<R>) -> Result<FileEntry> {
        let pages = &segment.pages;
        let cursor = &mut self.cursor;
        if self.number.is_multiple_of(FILES_BLOCK as u32) {
            self.table = cursor.varint(pages)?;
            self.path.clear();
        }
        let shared = cursor.varint(pages)?;
        let shared = usize::try_from(shared).ok().filter(|n| *n <= self.path.len());
        let shared = shared.ok_or_else(|| cursor.corrupt())?;
        let further = cursor.varint32(pages)? as usize;
        if shared + further > MAX_PATH {
            return Err(cursor.corrupt());
        }
        self.path.truncate(shared);
        cursor.bytes(pages, further, &mut self.path)?;
        let path = String::from_utf8(self.path.clone()).map_err(|_| cursor.corrupt())?;
        let (terms, bytes, invalid) = (cursor.varint32(pages)?, cursor.varint(pages)?, cursor.varint(pages)?);
        let (lines, table_len) = (cursor.varint32(pages)?, cursor.varint(pages)?);
        let stamp = cursor.varint(pages)?;
        let entry = Entry { terms, bytes, invalid, lines, table: self.table, table_len, stamp };
        self.table = self.table.checked_add(table_len).ok_or_else(|| cursor.corrupt())?;
        if self.table > segment.footer.line_tables.len() {
            return Err(cursor.corrupt());
        }
        self.number += 1;
        Ok(FileEntry { path, entry })
    }
}
