//! An index that is open for reading: one segment, or several with some of their files removed.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{Error, Result};
use crate::io::ReadAt;
use crate::limits::DEFAULT_WORK;
use crate::search::Bitmap;
use crate::segment::{Segment, Work};

/// An open index.
///
/// It reads through a small cache of its own and takes no locks: give each thread an index, over one shared `R`.
#[derive(Debug)]
pub struct Index<R> {
    parts: Vec<Part<R>>,
}

/// A segment and what was removed from it since it was written.
#[derive(Debug)]
pub(crate) struct Part<R> {
    pub(crate) segment: Segment<R>,
    pub(crate) deleted: Bitmap,
}

/// Names a file of an open index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId {
    pub(crate) part: u32,
    pub(crate) file: u32,
}

/// What an index knows about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The path it was added with.
    pub path: String,
    /// Its length in terms.
    pub terms: u32,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its length in lines.
    pub lines: u32,
    /// What the caller gave with it.
    pub stamp: u64,
}

/// What an index consists of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Segments.
    pub segments: u32,
    /// Files, with those removed but not yet merged away.
    pub files: u64,
    /// Of these, files removed.
    pub removed: u64,
    /// Terms, added up over the segments; a term in two segments counts twice.
    pub terms: u64,
    /// Occurrences of terms.
    pub tokens: u64,
    /// Bytes of text.
    pub text_bytes: u64,
    /// Lines of text.
    pub lines: u64,
    /// Bytes of text that were not UTF-8.
    pub invalid_bytes: u64,
    /// Bytes of the segments.
    pub index_bytes: u64,
    /// Of these, bytes of line tables, postings, dictionary with completions, and tables of files.
    pub part_bytes: [u64; 4],
}

impl<R: ReadAt> Index<R> {
    /// Opens an index of one segment. Reads its last page only.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when that is no index, [`Error::Version`] when it is one this version cannot read.
    #[doc(alias = "lws_fts_open")]
    pub fn open(source: R) -> Result<Self> {
        let segment = Segment::open(source)?;
        Ok(Index { parts: alloc::vec![Part { deleted: Bitmap::default(), segment }] })
    }

    #[cfg(feature = "std")]
    pub(crate) fn of(parts: Vec<Part<R>>) -> Self {
        Index { parts }
    }

    pub(crate) fn parts(&self) -> &[Part<R>] {
        &self.parts
    }

    pub(crate) fn part(&self, file: FileId) -> Result<&Part<R>> {
        let part = self.parts.get(file.part as usize).filter(|p| file.file < p.segment.footer.files);
        part.ok_or(Error::Misuse("the file is not of this index"))
    }

    /// What is known about a file.
    ///
    /// # Errors
    /// [`Error::Misuse`] when the file is of another index, [`Error::Corrupt`], [`Error::Io`].
    pub fn file(&self, file: FileId) -> Result<File> {
        let found = self.part(file)?.segment.file(file.file)?;
        let entry = found.entry;
        let (terms, bytes, lines, stamp) = (entry.terms, entry.bytes, entry.lines, entry.stamp);
        Ok(File { path: found.path, terms, bytes, lines, stamp })
    }

    /// The file with exactly that path.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Io`].
    pub fn find(&self, path: &str) -> Result<Option<FileId>> {
        let work = Work::new(DEFAULT_WORK);
        for (number, part) in self.parts.iter().enumerate() {
            let found = part.segment.file_of(path, &work)?;
            if let Some(file) = found.filter(|file| !part.deleted.contains(*file)) {
                return Ok(Some(FileId { part: number as u32, file }));
            }
        }
        Ok(None)
    }

    /// All files, in the order in which they were added.
    pub fn files(&self) -> impl Iterator<Item = FileId> + '_ {
        self.parts.iter().enumerate().flat_map(|(number, part)| {
            let there = (0..part.segment.footer.files).filter(|file| !part.deleted.contains(*file));
            there.map(move |file| FileId { part: number as u32, file })
        })
    }

    /// Sizes and counts.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats { segments: self.parts.len() as u32, ..Stats::default() };
        for part in &self.parts {
            let footer = &part.segment.footer;
            stats.files += u64::from(footer.files);
            stats.removed += u64::from(part.deleted.len());
            stats.terms = stats.terms.saturating_add(footer.terms);
            stats.tokens = stats.tokens.saturating_add(footer.tokens);
            stats.text_bytes = stats.text_bytes.saturating_add(footer.bytes);
            stats.lines = stats.lines.saturating_add(footer.lines);
            stats.invalid_bytes = stats.invalid_bytes.saturating_add(footer.invalid);
            stats.index_bytes += part.segment.pages.count() * crate::limits::PAGE as u64;
            let words = footer.completions.end - footer.dictionary.start;
            let files = footer.lengths.end - footer.file_table.start;
            let sizes = [footer.line_tables.len(), footer.postings.len(), words, files];
            stats.part_bytes.iter_mut().zip(sizes).for_each(|(sum, size)| *sum += size);
        }
        stats
    }

    /// How many pages of 4096 bytes were read so far.
    pub fn pages_read(&self) -> u64 {
        self.parts.iter().map(|part| part.segment.pages.loads()).sum()
    }
}
