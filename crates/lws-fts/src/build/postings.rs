//! Where each term occurs, as bits.
//!
//! ```text
//! term:   block, positions                      unless it has more than 128 files or 8192 positions; else maybe
//!         positions, positions, ..., block, block, ..., skips
//! block:  u16  width of file gaps | width of (counts - 1) << 5 | Rice parameter of positions << 10
//!         the only one: smallest length of a file, width of what others have more
//!         file gaps, counts - 1                 n numbers each, of these widths
//!         the only one: lengths                 n numbers of that width
//! positions:                                    per file: the first, then the gaps - 1
//! skips:  number of blocks, bytes of all blocks, then for each block:
//!         n - 1, last file - last file of the block before, bytes of the block, bytes of its positions,
//!         largest count (255: or more), smallest length of a file, of the file that BM25 puts first its count and
//!         length; both lengths as one byte, and a count of 0 where a file is in two blocks
//! ```
//!
//! Blocks and skips are apart from the positions, because most questions never look at these. A term of one block is in few
//! files, which are anywhere: their lengths are with it, so that nobody has to fetch them from anywhere.
//!
//! The first file gap of a term counts from -1, so it is never 0. A gap of 0, only possible at the start of a block,
//! continues the file of the block before. `n` of a single block is the number of files, which the dictionary has.
//! A term that occurs at most [`INLINE`] times and in one file has no postings: its entry in the dictionary says where.

use alloc::vec::Vec;

use crate::bits::{BitWriter, Rice, put_varint, width};
use crate::error::Result;
use crate::format::unquantise;
use crate::io::Append;
use crate::limits::{BLOCK_FILES, BLOCK_POSITIONS, MAX_BLOCK_POSITIONS};
use crate::page::PageWriter;
use crate::search::Scorer;

/// Occurrences that fit the dictionary.
pub(crate) const INLINE: usize = 4;

/// Writes the postings of one term after the other.
#[derive(Debug, Default)]
pub(crate) struct PostingsWriter {
    /// Of the block being filled.
    files: Vec<u32>,
    counts: Vec<u32>,
    /// Per file the first position, then the gaps less one; and their sum.
    gaps: Vec<u32>,
    sum: u64,
    /// The last position.
    position: u32,
    /// The last file of the blocks before, plus one.
    base: u32,
    /// All blocks so far, unless there is only one.
    full: Vec<u8>,
    skips: Vec<u8>,
    blocks: u64,
    df: u32,
    cf: u64,
    /// Where the term starts.
    start: u64,
    bits: BitWriter,
    file_gaps: Vec<u32>,
}

/// What is known of the files: their lengths, and how they are scored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lengths<'a> {
    /// Of all files, quantised.
    pub(crate) codes: &'a [u8],
    pub(crate) scorer: Scorer,
}

/// What the dictionary says about a term.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) df: u32,
    pub(crate) cf: u64,
    /// Bytes of its postings, 0 if it has none.
    pub(crate) len: u64,
    /// How many of these are skips.
    pub(crate) skips: u64,
    /// If it has no postings: the file and the positions.
    pub(crate) inline: Option<(u32, [u32; INLINE])>,
}

impl PostingsWriter {
    /// The term is in `file` at `position`.
    pub(crate) fn push<O: Append>(
        &mut self,
        out: &mut PageWriter<O>,
        lengths: Lengths<'_>,
        file: u32,
        position: u32,
    ) -> Result<()> {
        let same = self.files.last() == Some(&file);
        let most = if same { MAX_BLOCK_POSITIONS } else { BLOCK_POSITIONS };
        if self.gaps.len() >= most || !same && self.files.len() == BLOCK_FILES {
            self.flush(out, lengths, true)?;
        }
        let gap = match self.counts.last_mut().filter(|_| same) {
            Some(count) => {
                *count += 1;
                position - self.position - 1
            }
            None => {
                self.df += u32::from(!same);
                self.files.push(file);
                self.counts.push(1);
                position
            }
        };
        self.gaps.push(gap);
        self.sum += u64::from(gap);
        self.position = position;
        self.cf += 1;
        Ok(())
    }

    /// Ends the term.
    pub(crate) fn finish<O: Append>(
        &mut self,
        out: &mut PageWriter<O>,
        lengths: Lengths<'_>,
    ) -> Result<Written> {
        let mut written = Written { df: self.df, cf: self.cf, ..Written::default() };
        if let (0, 1, [file], ..=INLINE) = (self.blocks, self.df, self.files.as_slice(), self.gaps.len()) {
            let (mut inline, mut next) = ([0; INLINE], 0);
            for (to, gap) in inline.iter_mut().zip(&self.gaps) {
                *to = next + gap;
                next = *to + 1;
            }
            written.inline = Some((*file, inline));
        } else {
            self.flush(out, lengths, self.blocks > 0)?;
            if self.blocks > 1 {
                out.put(&self.full)?;
                let mut head = Vec::new();
                put_varint(&mut head, self.blocks);
                put_varint(&mut head, self.full.len() as u64);
                out.put(&head)?;
                out.put(&self.skips)?;
                written.skips = (head.len() + self.skips.len()) as u64;
            }
            written.len = if self.df == 0 { 0 } else { out.offset() - self.start };
        }
        self.next_block();
        self.full.clear();
        self.skips.clear();
        (self.base, self.blocks, self.df, self.cf) = (0, 0, 0, 0);
        Ok(written)
    }

    /// Writes the block, which is one of several or the only one.
    fn flush<O: Append>(
        &mut self,
        out: &mut PageWriter<O>,
        lengths: Lengths<'_>,
        several: bool,
    ) -> Result<()> {
        let Some(&last) = self.files.last() else { return Ok(()) };
        if self.blocks == 0 {
            self.start = out.offset();
        }
        let k = Rice::start(self.sum, self.gaps.len() as u64);
        self.bits.clear();
        self.pack_files(k, if several { None } else { Some(lengths.codes) });
        let block = self.bits.finish();
        let (block_len, positions) = (block.len(), out.offset());
        if several {
            self.full.extend_from_slice(block);
        } else {
            out.put(block)?;
        }
        self.bits.clear();
        self.pack_positions(k);
        out.put(self.bits.finish())?;
        self.skip(last, (block_len, out.offset() - positions), lengths);
        self.base = last + 1;
        self.blocks += 1;
        self.next_block();
        Ok(())
    }

    fn next_block(&mut self) {
        self.files.clear();
        self.counts.clear();
        self.gaps.clear();
        self.sum = 0;
    }

    /// The block: its head, the gaps between the files, and the counts; with lengths if there are `codes` of them.
    fn pack_files(&mut self, k: u32, codes: Option<&[u8]>) {
        let mut before = self.base;
        self.file_gaps.clear();
        self.file_gaps.extend(self.files.iter().map(|file| {
            let gap = file + 1 - before;
            before = file + 1;
            gap
        }));
        // The widest has all bits that any has.
        let file_width = width(self.file_gaps.iter().fold(0, |all, gap| all | gap));
        let count_width = width(self.counts.iter().fold(0, |all, count| all | (count - 1)));
        self.bits.put(file_width | count_width << 5 | k << 10, 16);
        let code =
            |file: &u32| codes.and_then(|codes| codes.get(*file as usize)).copied().map_or(0, u32::from);
        let least = self.files.iter().map(code).min().unwrap_or(0);
        let code_width = width(self.files.iter().fold(0, |all, file| all | (code(file) - least)));
        if codes.is_some() {
            self.bits.put(least | code_width << 8, 16);
        }
        self.file_gaps.iter().for_each(|gap| self.bits.put(*gap, file_width));
        self.counts.iter().for_each(|count| self.bits.put(count - 1, count_width));
        if codes.is_some() {
            self.files.iter().for_each(|file| self.bits.put(code(file) - least, code_width));
        }
    }

    fn pack_positions(&mut self, k: u32) {
        let (mut first, mut further) = (Rice::new(k), Rice::new(k));
        let mut gaps = self.gaps.as_slice();
        for count in &self.counts {
            let (file, rest) = gaps.split_at(*count as usize);
            if let Some((gap, more)) = file.split_first() {
                first.put(&mut self.bits, *gap);
                more.iter().for_each(|gap| further.put(&mut self.bits, *gap));
            }
            gaps = rest;
        }
    }

    /// Notes the block just written, of that many bytes in itself and in its positions.
    fn skip(&mut self, last: u32, bytes: (usize, u64), lengths: Lengths<'_>) {
        let (mut most, mut shortest) = (0, u8::MAX);
        let (mut best, mut highest) = ((0, 0), -1.0);
        for (file, count) in self.files.iter().zip(&self.counts) {
            let length = lengths.codes.get(*file as usize).copied().unwrap_or(0);
            most = most.max(*count);
            shortest = shortest.min(length);
            if best.0 > 0 && *count <= best.0 && length >= best.1 {
                continue;
            }
            let score = lengths.scorer.score(1.0, *count, unquantise(length));
            if score > highest {
                (best, highest) = ((*count, length), score);
            }
        }
        let shared =
            self.gaps.len() == MAX_BLOCK_POSITIONS || self.files.first().is_some_and(|f| *f < self.base);
        if shared {
            (most, best) = (u32::from(u8::MAX), (0, 0));
        }
        self.skips.push((self.files.len() - 1) as u8);
        put_varint(&mut self.skips, u64::from(last + 1 - self.base));
        put_varint(&mut self.skips, bytes.0 as u64);
        put_varint(&mut self.skips, bytes.1);
        self.skips.extend([most.min(u32::from(u8::MAX)) as u8, shortest]);
        put_varint(&mut self.skips, u64::from(best.0));
        self.skips.push(best.1);
    }
}
