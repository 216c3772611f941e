//! Writes a segment: first line tables and files, then terms, each in order.

use alloc::vec::Vec;

use super::completions::CompletionsWriter;
use super::dict::DictWriter;
use super::files::{Entry, FilesWriter};
use super::lines::LinesWriter;
use super::postings::{Lengths, PostingsWriter};
use super::spill::{Spill, SpillReader};
use crate::error::{Error, Limit, Result};
use crate::format::{Footer, HEAD, MAGIC, Range, VERSION, quantise, unicode};
use crate::io::{Append, Scratch};
use crate::limits::MAX_FILES;
use crate::page::PageWriter;
use crate::search::Scorer;
use crate::text::is_whole;

/// Bytes copied at once from temporary data.
const COPY: usize = 32 << 10;

/// A segment being written. Keeps one byte per file in memory, and while a term is written two or three per file that has it.
#[derive(Debug)]
pub(crate) struct SegmentWriter<O, S: Scratch> {
    pub(crate) out: PageWriter<O>,
    pub(crate) scratch: S,
    pub(crate) lines: LinesWriter,
    files: FilesWriter<S::File>,
    norms: Vec<u8>,
    footer: Footer,
    /// Where the line table of the current file starts.
    table: u64,
    postings: PostingsWriter,
    /// There from [`end_files`](Self::end_files) on.
    scorer: Scorer,
    dict: DictWriter<S::File>,
    completions: CompletionsWriter<S::File>,
}

impl<O: Append, S: Scratch> SegmentWriter<O, S> {
    pub(crate) fn new(out: O, scratch: S) -> Result<Self> {
        let mut out = PageWriter::new(out);
        out.put(&MAGIC)?;
        out.put(&VERSION.to_le_bytes())?;
        Ok(SegmentWriter {
            out,
            scratch,
            lines: LinesWriter::default(),
            files: FilesWriter::new(),
            norms: Vec::new(),
            footer: Footer { unicode: unicode(), ..Footer::default() },
            table: HEAD,
            postings: PostingsWriter::default(),
            scorer: Scorer::new(0, 0),
            dict: DictWriter::new(),
            completions: CompletionsWriter::new(),
        })
    }

    /// How many files there are.
    pub(crate) fn files(&self) -> u32 {
        self.footer.files
    }

    /// Ends the current file, whose lines are complete. Of `entry` the place of the line table is filled in.
    pub(crate) fn end_file(&mut self, path: &[u8], mut entry: Entry) -> Result<()> {
        if self.footer.files == MAX_FILES {
            return Err(Error::Limit(Limit::Files));
        }
        entry.table = self.table - HEAD;
        entry.table_len = self.out.offset() - self.table;
        self.table = self.out.offset();
        self.files.add(&mut self.scratch, path, &entry)?;
        self.norms.push(quantise(entry.terms));
        let footer = &mut self.footer;
        footer.files += 1;
        footer.tokens += u64::from(entry.terms);
        footer.bytes += entry.bytes;
        footer.lines += u64::from(entry.lines);
        footer.invalid += entry.invalid;
        Ok(())
    }

    /// Adds bytes to the line table of the current file, from another segment.
    #[cfg(feature = "std")]
    pub(crate) fn copy_lines(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.put(bytes)
    }

    /// All files are there, now come the terms.
    pub(crate) fn end_files(&mut self) {
        self.footer.line_tables = Range { start: HEAD, end: self.out.offset() };
        self.scorer = Scorer::new(self.footer.files.into(), self.footer.tokens);
    }

    /// The current term is in `file` at `position`.
    pub(crate) fn push(&mut self, file: u32, position: u32) -> Result<()> {
        let lengths = Lengths { codes: &self.norms, scorer: self.scorer };
        self.postings.push(&mut self.out, lengths, file, position)
    }

    /// Ends the current term, which is `key`, unless it occurs nowhere.
    pub(crate) fn end_term(&mut self, key: &[u8]) -> Result<()> {
        let lengths = Lengths { codes: &self.norms, scorer: self.scorer };
        let written = self.postings.finish(&mut self.out, lengths)?;
        if written.df == 0 {
            return Ok(());
        }
        if key.first() != Some(&0) {
            self.footer.terms += 1;
            if is_whole(key) {
                self.completions.add(&mut self.scratch, key, written.cf)?;
            }
        } else if written.df > 1 {
            return Err(Error::Misuse("two files of the same path in one index"));
        }
        self.dict.add(&mut self.scratch, key, &written)
    }

    /// Puts everything together; answers the output and its size in bytes.
    pub(crate) fn finish(mut self) -> Result<(O, Footer, u64)> {
        let footer = &mut self.footer;
        footer.postings = Range { start: footer.line_tables.end, end: self.out.offset() };
        let (dict, root) = self.dict.finish(&mut self.scratch)?;
        footer.root = root;
        footer.dictionary = copy(&dict, &mut self.out)?;
        drop(dict);
        let (completions, best) = self.completions.finish(&mut self.scratch)?;
        footer.best = best;
        footer.completions = copy(&completions, &mut self.out)?;
        drop(completions);
        footer.file_table = copy(&self.files.table, &mut self.out)?;
        footer.file_index = copy(&self.files.index, &mut self.out)?;
        footer.lengths.start = self.out.offset();
        self.out.put(&self.norms)?;
        footer.lengths.end = self.out.offset();
        let (out, size) = self.out.finish(&footer.encode())?;
        Ok((out, *footer, size))
    }
}

fn copy<O: Append, F: Append + crate::ReadAt>(from: &Spill<F>, out: &mut PageWriter<O>) -> Result<Range> {
    let start = out.offset();
    let mut reader = SpillReader::new(from, (0, from.size()), COPY);
    while reader.left() > 0 {
        let bytes = reader.peek(1)?;
        let n = bytes.len();
        out.put(bytes)?;
        reader.consume(n);
    }
    Ok(Range { start, end: out.offset() })
}
