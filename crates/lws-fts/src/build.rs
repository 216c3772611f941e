//! Building an index: files in, one segment out, in bounded memory.
//!
//! ```text
//! text -> tokenizer -> pool (terms and places, up to the budget) -> runs (sorted, temporary) -> merge -> segment
//!                   -> line table, entry of the file ---------------------------------------------------^
//! ```
//!
//! The segment depends on the files and their order only: not on how the text is cut into chunks, nor on the budget.

mod completions;
mod dict;
mod files;
mod lines;
mod pool;
mod postings;
mod runs;
mod segment;
mod spill;

pub(crate) use dict::may_have_skips;
pub(crate) use files::Entry;
pub(crate) use segment::SegmentWriter;

use alloc::vec::Vec;

use crate::error::{Error, Limit, Result};
use crate::format::Footer;
use crate::io::{Append, Scratch};
use crate::limits::{DEFAULT_BUDGET, MAX_FILE, MAX_PATH, MERGE_FAN_IN, MIN_BUDGET};
use crate::text::{Sink, Token, Tokenizer, start};
use pool::Pool;
use runs::{Event, Runs};

/// What an index was built of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files in the index.
    pub files: u32,
    /// Distinct terms.
    pub terms: u64,
    /// Occurrences of terms.
    pub tokens: u64,
    /// Bytes of text.
    pub text_bytes: u64,
    /// Lines of text.
    pub lines: u64,
    /// Bytes of text that were not UTF-8; each separates words.
    pub invalid_bytes: u64,
    /// Bytes of the index.
    pub index_bytes: u64,
}

impl Summary {
    pub(crate) fn of(footer: &Footer, index_bytes: u64) -> Self {
        Summary {
            files: footer.files,
            terms: footer.terms,
            tokens: footer.tokens,
            text_bytes: footer.bytes,
            lines: footer.lines,
            invalid_bytes: footer.invalid,
            index_bytes,
        }
    }
}

/// Builds a segment.
///
/// ```
/// use lws_fts::{Builder, Index, Memory, Query, Search};
///
/// let mut builder = Builder::new(Vec::new(), Memory)?;
/// builder.begin("a.txt", 0)?;
/// builder.write(b"It was a dark and stormy night")?;
/// let (bytes, summary) = builder.finish()?;
/// assert_eq!(summary.tokens, 7);
///
/// let index = Index::open(bytes)?;
/// let found = index.search(&Query::parse("stormy night")?, &Search::default())?;
/// assert_eq!(index.file(found.hits[0].file)?.path, "a.txt");
/// # Ok::<(), lws_fts::Error>(())
/// ```
#[doc(alias = "lws_fts_create")]
#[derive(Debug)]
pub struct Builder<O, S: Scratch> {
    writer: SegmentWriter<O, S>,
    tokenizer: Tokenizer,
    pool: Pool,
    runs: Runs<S::File>,
    budget: usize,
    /// The file being read: path and stamp.
    current: Option<(Vec<u8>, u64)>,
    key: Vec<u8>,
}

impl<O: Append, S: Scratch> Builder<O, S> {
    /// Writes to `out`, with temporary data in `scratch` and [`DEFAULT_BUDGET`] bytes of memory.
    ///
    /// # Errors
    /// [`Error::Io`] when `out` cannot be written.
    pub fn new(out: O, scratch: S) -> Result<Self> {
        Self::with_budget(out, scratch, DEFAULT_BUDGET)
    }

    /// The same with about `budget` bytes of memory, [`MIN_BUDGET`] at least.
    ///
    /// # Errors
    /// [`Error::Io`] when `out` cannot be written.
    pub fn with_budget(out: O, scratch: S, budget: usize) -> Result<Self> {
        let budget = budget.clamp(MIN_BUDGET, u32::MAX as usize);
        Ok(Builder {
            writer: SegmentWriter::new(out, scratch)?,
            tokenizer: Tokenizer::default(),
            pool: Pool::new(budget),
            runs: Runs::new(),
            budget,
            current: None,
            key: Vec::new(),
        })
    }

    /// Starts a file. `path` is how it will be named in results, each only once; `stamp` is kept with it and means
    /// something to the caller only.
    ///
    /// # Errors
    /// [`Limit::Path`], [`Limit::Files`], [`Error::Io`].
    #[doc(alias = "lws_fts_file_index")]
    pub fn begin(&mut self, path: &str, stamp: u64) -> Result<()> {
        self.end()?;
        if path.is_empty() || path.len() > MAX_PATH || path.contains('\0') {
            return Err(Error::Limit(Limit::Path));
        }
        self.current = Some((path.as_bytes().to_vec(), stamp));
        Ok(())
    }

    /// The next part of the file's text. It may be cut anywhere.
    ///
    /// # Errors
    /// [`Error::Misuse`] before the first [`begin`](Self::begin), [`Limit::File`], [`Error::Io`].
    #[doc(alias = "lws_fts_fill")]
    pub fn write(&mut self, text: &[u8]) -> Result<()> {
        if self.current.is_none() {
            return Err(Error::Misuse("text without a file"));
        }
        if self.tokenizer.offset() + text.len() as u64 > MAX_FILE {
            return Err(Error::Limit(Limit::File));
        }
        let file = self.writer.files();
        let mut sink = Collect {
            pool: &mut self.pool,
            runs: &mut self.runs,
            writer: &mut self.writer,
            file,
            outcome: Ok(()),
        };
        self.tokenizer.feed(text, &mut sink);
        sink.outcome
    }

    /// Ends the last file, merges what was collected, and answers the output.
    ///
    /// # Errors
    /// [`Error::Misuse`] when a path came twice; [`Error::Io`].
    #[doc(alias = "lws_fts_serialize")]
    pub fn finish(self) -> Result<(O, Summary)> {
        self.finish_with(|_| {})
    }

    /// The same; `progress` hears now and then how much is done, in thousandths.
    ///
    /// # Errors
    /// [`Error::Misuse`] when a path came twice; [`Error::Io`].
    pub fn finish_with(mut self, mut progress: impl FnMut(u32)) -> Result<(O, Summary)> {
        self.end()?;
        let Builder { mut writer, pool, mut runs, budget, .. } = self;
        if !pool.is_empty() {
            runs.add(&mut writer.scratch, &pool)?;
        }
        drop(pool);
        let runs = runs.narrow(&mut writer.scratch, budget, MERGE_FAN_IN)?;
        writer.end_files();
        // A key and its length are at least two bytes, a place as well.
        let (all, mut seen) = (runs.size().max(1), 0u64);
        runs.drain(budget, |event| match event {
            Event::Place { file, position, .. } => {
                seen += 2;
                writer.push(file, position)
            }
            Event::Key(key) => {
                seen += 2 + key.len() as u64;
                progress((seen.min(all) * 1000 / all) as u32);
                writer.end_term(key)
            }
        })?;
        drop(runs);
        let (out, footer, index_bytes) = writer.finish()?;
        Ok((out, Summary::of(&footer, index_bytes)))
    }

    /// How many files there are so far, the current one not counted.
    pub fn files(&self) -> u32 {
        self.writer.files()
    }

    /// Ends the current file, if there is one.
    fn end(&mut self) -> Result<()> {
        let Some((path, stamp)) = self.current.take() else { return Ok(()) };
        let file = self.writer.files();
        // The tokenizer forgets these when it finishes; the last token may still come.
        let bytes = self.tokenizer.size();
        let invalid = self.tokenizer.invalid() + (bytes - self.tokenizer.offset());
        let mut sink = Collect {
            pool: &mut self.pool,
            runs: &mut self.runs,
            writer: &mut self.writer,
            file,
            outcome: Ok(()),
        };
        let terms = self.tokenizer.finish(&mut sink);
        // A path has one place.
        self.key.clear();
        self.key.push(0);
        self.key.extend_from_slice(&path);
        sink.place(&self.key, start(&self.key), 0);
        sink.outcome?;
        let lines = self.writer.lines.finish(&mut self.writer.out, bytes, terms)?;
        let entry = Entry { terms, bytes, invalid, lines, stamp, ..Entry::default() };
        self.writer.end_file(&path, entry)
    }
}

/// Brings what the tokenizer finds where it belongs.
struct Collect<'a, O, S: Scratch> {
    pool: &'a mut Pool,
    runs: &'a mut Runs<S::File>,
    writer: &'a mut SegmentWriter<O, S>,
    file: u32,
    outcome: Result<()>,
}

impl<O: Append, S: Scratch> Collect<'_, O, S> {
    #[inline]
    fn place(&mut self, key: &[u8], start: u64, position: u32) {
        if self.outcome.is_err() {
            return;
        }
        if self.pool.full() {
            self.outcome = self.runs.add(&mut self.writer.scratch, self.pool);
            self.pool.clear();
        }
        self.pool.add(key, start, self.file, position);
    }
}

impl<O: Append, S: Scratch> Sink for Collect<'_, O, S> {
    fn token(&mut self, token: Token<'_>) {
        self.place(token.term, token.word, token.position);
    }

    fn line(&mut self, end: u64, position: u32) {
        if self.writer.lines.line(end, position) && self.outcome.is_ok() {
            self.outcome = self.writer.lines.flush(&mut self.writer.out);
        }
    }
}
