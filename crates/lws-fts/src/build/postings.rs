//! Where each term occurs, as bits.
//!
//! ```text
//! term:   block, block, ...                     one block unless it has more than 128 files or 8192 positions
//!         [ skips, when there is more than one block ]
//! block:  u16  width of file gaps | width of (counts - 1) << 5 | Rice parameter of positions << 10
//!         file gaps, counts - 1                 n numbers each, of these widths
//!         (from here on a new byte)
//!         positions                             per file: the first, then the gaps - 1
//! skips:  number of blocks, then for each: n - 1, last file - last file of the block before, bytes,
//!         largest count (255: or more, or a file is in two blocks), smallest length of a file as one byte
//! ```
//!
//! The first file gap of a term counts from -1, so it is never 0. A gap of 0, only possible at the start of a block,
//! continues the file of the block before. `n` of a single block is the number of files, which the dictionary has.
//! A term that occurs at most [`INLINE`] times and in one file has no postings: its entry in the dictionary says where.

use alloc::vec::Vec;

use crate::bits::{BitWriter, Rice, put_varint, width};
use crate::error::Result;
use crate::io::Append;
use crate::limits::{BLOCK_FILES, BLOCK_POSITIONS};
use crate::page::PageWriter;

/// Occurrences that fit the dictionary.
pub(crate) const INLINE: usize = 4;

/// Writes the postings of one term after the other.
#[derive(Debug, Default)]
pub(crate) struct PostingsWriter {
    /// Of the block being filled.
    files: Vec<u32>,
    counts: Vec<u32>,
    positions: Vec<u32>,
    /// The last file of the blocks before, plus one.
    base: u32,
    skips: Vec<u8>,
    blocks: u64,
    df: u32,
    cf: u64,
    /// Where the term starts.
    start: u64,
    bits: BitWriter,
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
    /// The term is in `file` at `position`. `norms` are the lengths of all files, quantised.
    pub(crate) fn push<O: Append>(
        &mut self,
        out: &mut PageWriter<O>,
        norms: &[u8],
        file: u32,
        position: u32,
    ) -> Result<()> {
        let same = self.files.last() == Some(&file);
        if self.positions.len() == BLOCK_POSITIONS || !same && self.files.len() == BLOCK_FILES {
            self.flush(out, norms)?;
        }
        match self.counts.last_mut().filter(|_| self.files.last() == Some(&file)) {
            Some(count) => *count += 1,
            None => {
                self.df += u32::from(!same);
                self.files.push(file);
                self.counts.push(1);
            }
        }
        self.positions.push(position);
        self.cf += 1;
        Ok(())
    }

    /// Ends the term.
    pub(crate) fn finish<O: Append>(&mut self, out: &mut PageWriter<O>, norms: &[u8]) -> Result<Written> {
        let mut written = Written { df: self.df, cf: self.cf, ..Written::default() };
        if let (0, 1, [file], ..=INLINE) = (self.blocks, self.df, self.files.as_slice(), self.positions.len())
        {
            let mut inline = [0; INLINE];
            inline.iter_mut().zip(&self.positions).for_each(|(to, from)| *to = *from);
            written.inline = Some((*file, inline));
        } else {
            self.flush(out, norms)?;
            if self.blocks > 1 {
                let mut count = Vec::new();
                put_varint(&mut count, self.blocks);
                out.put(&count)?;
                out.put(&self.skips)?;
                written.skips = (count.len() + self.skips.len()) as u64;
            }
            written.len = out.offset() - self.start;
        }
        self.files.clear();
        self.counts.clear();
        self.positions.clear();
        self.skips.clear();
        (self.base, self.blocks, self.df, self.cf) = (0, 0, 0, 0);
        Ok(written)
    }

    fn flush<O: Append>(&mut self, out: &mut PageWriter<O>, norms: &[u8]) -> Result<()> {
        let Some(&last) = self.files.last() else { return Ok(()) };
        let start = out.offset();
        if self.blocks == 0 {
            self.start = start;
        }
        let gap = |at: usize| {
            let before = if at == 0 { self.base } else { self.files[at - 1] + 1 };
            self.files[at] + 1 - before
        };
        let gaps: Vec<u32> = (0..self.files.len()).map(gap).collect();
        let file_width = gaps.iter().copied().map(width).max().unwrap_or(0);
        let count_width = self.counts.iter().map(|c| width(c - 1)).max().unwrap_or(0);
        let k = Rice::start(self.gaps().map(u64::from).sum(), self.positions.len() as u64);
        let header = file_width | count_width << 5 | k << 10;
        out.put(&(header as u16).to_le_bytes())?;
        self.bits.clear();
        gaps.iter().for_each(|g| self.bits.put(*g, file_width));
        self.counts.iter().for_each(|c| self.bits.put(c - 1, count_width));
        out.put(self.bits.finish())?;
        self.bits.clear();
        let mut bits = core::mem::take(&mut self.bits);
        let (mut first, mut further) = (Rice::new(k), Rice::new(k));
        let mut left = 0;
        let mut counts = self.counts.iter();
        for gap in self.gaps() {
            if left == 0 {
                left = counts.next().copied().unwrap_or(0);
                first.put(&mut bits, gap);
            } else {
                further.put(&mut bits, gap);
            }
            left -= 1;
        }
        out.put(bits.finish())?;
        bits.clear();
        self.bits = bits;
        self.skip(last, out.offset() - start, norms);
        Ok(())
    }

    /// Per file the first position, then the gaps less one.
    fn gaps(&self) -> impl Iterator<Item = u32> {
        let starts = self.counts.iter().flat_map(|count| (0..*count).map(|i| i == 0));
        let before = core::iter::once(0).chain(self.positions.iter().copied());
        self.positions.iter().zip(before).zip(starts).map(
            |((at, before), start)| {
                if start { *at } else { at - before - 1 }
            },
        )
    }

    /// Notes the block just written and starts the next one.
    fn skip(&mut self, last: u32, len: u64, norms: &[u8]) {
        let length = |file: &u32| norms.get(*file as usize).copied().unwrap_or(0);
        let most = self.counts.iter().copied().max().unwrap_or(0).min(255);
        let shared =
            self.positions.len() == BLOCK_POSITIONS || self.files.first().is_some_and(|f| *f < self.base);
        let most = if shared { 255 } else { most };
        let shortest = self.files.iter().map(length).min().unwrap_or(0);
        self.skips.push((self.files.len() - 1) as u8);
        put_varint(&mut self.skips, u64::from(last + 1 - self.base));
        put_varint(&mut self.skips, len);
        self.skips.push(most as u8);
        self.skips.push(shortest);
        self.base = last + 1;
        self.blocks += 1;
        self.files.clear();
        self.counts.clear();
        self.positions.clear();
    }
}
