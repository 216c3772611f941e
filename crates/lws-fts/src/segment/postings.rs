//! Going through the files of a term, and its positions in them: what `build/postings.rs` describes.
//!
//! A cursor stands at a file, or at [`END`]. It holds the files of one block; of the other blocks it reads only the
//! skips. The positions of a file are decoded when asked for; so are those of the files before it in the block, because
//! their codes have no fixed length.

use alloc::vec::Vec;

use super::{Place, Segment, Term, Work};
use crate::bits::{BitReader, Rice, take_varint};
use crate::error::{Part, Result, corrupt};
use crate::format::unquantise;
use crate::io::ReadAt;
use crate::limits::{BLOCK_FILES, MAX_BLOCK_POSITIONS};
use crate::page::Cursor;

/// Where a cursor stands that has no more files.
pub(crate) const END: u32 = u32::MAX;

/// More bytes than a block, or its positions, can have.
const MAX_BLOCK: u64 = 128 << 10;

/// More bytes than a skip can have.
const MAX_SKIP: usize = 48;

/// Goes through the files of one term.
#[derive(Debug)]
pub(crate) struct TermCursor {
    term: Term,
    file: u32,
    count: u32,
    /// Of the block: the files, how often the term is in each, the next of them.
    files: Vec<u32>,
    counts: Vec<u32>,
    /// The lengths in terms of the files, if this is the only block.
    lengths: Vec<u32>,
    next: usize,
    /// No file of the block has fewer terms.
    shortest: u32,
    skips: Skips,
    positions: Positions,
    bytes: Vec<u8>,
}

/// The skips not yet read, and how many blocks they are of.
#[derive(Debug, Clone)]
struct Skips {
    cursor: Cursor,
    blocks: u64,
    /// One more than the last file of the blocks before.
    base: u32,
    /// Where the next block and its positions start.
    at: (u64, u64),
}

/// The positions of a block.
#[derive(Debug, Default)]
struct Positions {
    /// Where they are in the payload.
    start: u64,
    end: u64,
    k: u32,
    bytes: Vec<u8>,
    loaded: bool,
    /// In bits.
    at: usize,
    first: Rice,
    further: Rice,
    /// The entry that is decoded next.
    entry: usize,
    /// Those of the entry before it, and how many of them were given out.
    list: Vec<u32>,
    given: usize,
}

/// What is known of a block that was not read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Skip {
    files: usize,
    /// One more than the last file of the block before.
    base: u32,
    last: u32,
    /// Where the block and its positions are: start, length.
    block: (u64, u64),
    positions: (u64, u64),
    /// How often the term is in one of the files at most, and the length in terms of the shortest of them.
    pub(crate) most: u32,
    pub(crate) shortest: u32,
    /// Count and length of the file that has the highest score in this segment; `None` where that is not known.
    pub(crate) best: Option<(u32, u32)>,
}

impl TermCursor {
    /// Stands before the first file: call [`seek`](Self::seek) first.
    pub(crate) fn new<R: ReadAt>(segment: &Segment<R>, term: Term) -> Result<Self> {
        let mut cursor = TermCursor {
            term,
            file: END,
            count: 0,
            files: Vec::new(),
            counts: Vec::new(),
            lengths: Vec::new(),
            next: 0,
            shortest: 1,
            skips: Skips { cursor: Cursor::new(0, 0, Part::Postings), blocks: 0, base: 0, at: (0, 0) },
            positions: Positions::default(),
            bytes: Vec::new(),
        };
        match term.place {
            Place::Here { file, .. } => {
                cursor.files.push(file);
                cursor.counts.push(term.cf as u32);
            }
            Place::Postings { at, len, skips: 0 } => {
                cursor.block(segment, term.df as usize, 0, (at, len), None)?;
            }
            Place::Postings { at, len, skips } => {
                let pages = &segment.pages;
                let mut from = Cursor::new(at + len - skips, at + len, Part::Postings);
                let (blocks, bytes) = (from.varint(pages)?, from.varint(pages)?);
                let start = (at + len - skips).checked_sub(bytes).filter(|start| *start >= at);
                let at = (start.ok_or_else(|| from.corrupt())?, at);
                cursor.skips = Skips { cursor: from, blocks, base: 0, at };
            }
        }
        Ok(cursor)
    }

    pub(crate) fn df(&self) -> u32 {
        self.term.df
    }

    /// How often the term is in this file; at least so often if that is more than a block holds.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// The files of the block that was read last and how often the term is in each. At the start there are some only if there
    /// is only one block.
    pub(crate) fn loaded(&self) -> (&[u32], &[u32]) {
        (&self.files, &self.counts)
    }

    /// A length in terms that no file of this block is below.
    pub(crate) fn shortest(&self) -> u32 {
        self.shortest
    }

    /// The length in terms of the file with this number in the block, if the block says it.
    pub(crate) fn length(&self, at: usize) -> Option<u32> {
        self.lengths.get(at).copied()
    }

    /// Reads the next block that is useful; `false` when there is none. For a cursor that is not moved otherwise.
    pub(crate) fn load_useful<R: ReadAt>(
        &mut self,
        segment: &Segment<R>,
        work: &Work,
        useful: impl Fn(&Skip) -> bool,
    ) -> Result<bool> {
        self.next_block(segment, 0, work, &useful)
    }

    /// The length in terms of the file it stands at, if the block says it.
    pub(crate) fn said_length(&self) -> Option<u32> {
        self.length(self.next.checked_sub(1)?)
    }

    /// Moves to the first file that is not below `target`, never backwards.
    pub(crate) fn seek<R: ReadAt>(&mut self, segment: &Segment<R>, target: u32, work: &Work) -> Result<u32> {
        self.seek_useful(segment, target, work, |_| true)
    }

    /// The same, but may pass over blocks that are not `useful`.
    pub(crate) fn seek_useful<R: ReadAt>(
        &mut self,
        segment: &Segment<R>,
        target: u32,
        work: &Work,
        useful: impl Fn(&Skip) -> bool,
    ) -> Result<u32> {
        if self.file != END && self.file >= target {
            return Ok(self.file);
        }
        loop {
            let rest = self.files.get(self.next..).unwrap_or_default();
            let passed = rest.partition_point(|file| *file < target);
            if let Some(file) = rest.get(passed) {
                self.file = *file;
                self.next += passed + 1;
                self.count = self.counts.get(self.next - 1).copied().unwrap_or(0);
                return Ok(self.file);
            }
            if !self.next_block(segment, target, work, &useful)? {
                self.file = END;
                self.files.clear();
                self.next = 0;
                return Ok(END);
            }
        }
    }

    /// Reads the next block that has useful files not below `target`.
    fn next_block<R: ReadAt>(
        &mut self,
        segment: &Segment<R>,
        target: u32,
        work: &Work,
        useful: &impl Fn(&Skip) -> bool,
    ) -> Result<bool> {
        while self.skips.blocks > 0 {
            work.spend()?;
            let skip = self.skips.next(segment)?;
            if skip.last >= target && useful(&skip) {
                return self.load(segment, &skip).map(|()| true);
            }
        }
        Ok(false)
    }

    /// Reads a block. After one out of turn the cursor is only good for more of these.
    pub(crate) fn load<R: ReadAt>(&mut self, segment: &Segment<R>, skip: &Skip) -> Result<()> {
        self.shortest = skip.shortest;
        self.block(segment, skip.files, skip.base, skip.block, Some(skip.positions))?;
        let good = self.files.last() == Some(&skip.last);
        if good { Ok(()) } else { Err(corrupt(Part::Postings, skip.block.0)) }
    }

    /// What the skips say about all blocks from the next one on, which are not read.
    pub(crate) fn ahead<R: ReadAt>(
        &self,
        segment: &Segment<R>,
        work: &Work,
        mut each: impl FnMut(Skip),
    ) -> Result<()> {
        let mut skips = self.skips.clone();
        while skips.blocks > 0 {
            work.spend()?;
            each(skips.next(segment)?);
        }
        Ok(())
    }

    /// Reads a block of `n` files. Its positions are in that range, or behind it in its own.
    fn block<R: ReadAt>(
        &mut self,
        segment: &Segment<R>,
        n: usize,
        base: u32,
        (start, len): (u64, u64),
        positions: Option<(u64, u64)>,
    ) -> Result<()> {
        let error = || corrupt(Part::Postings, start);
        let inside = |(start, len): (u64, u64)| {
            start.checked_add(len).filter(|end| *end <= segment.footer.postings.end && len <= MAX_BLOCK)
        };
        let end = inside((start, len)).filter(|_| n <= BLOCK_FILES).ok_or_else(error)?;
        let mut cursor = Cursor::new(start, end, Part::Postings);
        let header = u32::from(cursor.byte(&segment.pages)?) | u32::from(cursor.byte(&segment.pages)?) << 8;
        let (wide, narrow, k) = (header & 31, header >> 5 & 31, header >> 10 & 31);
        let (least, code) = match positions {
            None => (cursor.byte(&segment.pages)?, cursor.byte(&segment.pages)?),
            Some(_) => (0, 0),
        };
        if code > 8 {
            return Err(error());
        }
        let size = (n * (wide + narrow + u32::from(code)) as usize).div_ceil(8);
        self.bytes.clear();
        cursor.bytes(&segment.pages, size, &mut self.bytes)?;
        let lengths = positions.is_none().then_some((least, code.into()));
        self.unpack(segment.footer.files, base, n, (wide, narrow), lengths).ok_or_else(error)?;
        let range = match positions {
            None => (cursor.at(), end),
            Some(range) => (range.0, inside(range).filter(|_| cursor.left() == 0).ok_or_else(error)?),
        };
        self.next = 0;
        let Positions { bytes, mut list, .. } = core::mem::take(&mut self.positions);
        list.clear();
        self.positions = Positions { start: range.0, end: range.1, k, bytes, list, ..Positions::default() };
        Ok(())
    }

    /// Files, counts and maybe lengths out of the bytes of a block; `None` when they cannot be.
    fn unpack(
        &mut self,
        all: u32,
        base: u32,
        n: usize,
        widths: (u32, u32),
        lengths: Option<(u8, u32)>,
    ) -> Option<()> {
        let mut bits = BitReader::new(&self.bytes);
        let (mut next, mut good) = (u64::from(base), true);
        self.files.clear();
        self.files.extend((0..n).map(|at| {
            let gap = bits.take(widths.0);
            // Only the first gap may be 0, and not in the first block: see build/postings.rs.
            good &= gap > 0 || at == 0 && base > 0;
            next += u64::from(gap);
            next.wrapping_sub(1) as u32
        }));
        let mut sum = 0;
        self.counts.clear();
        self.counts.extend((0..n).map(|_| {
            let count = bits.take(widths.1).saturating_add(1);
            sum += u64::from(count);
            count
        }));
        self.lengths.clear();
        if let Some((least, width)) = lengths {
            // Below 256 each, so the sum is none that wraps.
            let code = |bits: &mut BitReader<'_>| (u32::from(least) + bits.take(width)).min(255) as u8;
            self.lengths.extend((0..n).map(|_| unquantise(code(&mut bits))));
            self.shortest = unquantise(least);
        }
        (good && next <= u64::from(all) && sum <= MAX_BLOCK_POSITIONS as u64).then_some(())
    }

    /// How often the term is in this file, also if that is more than a block holds. Moves to the end of the file.
    pub(crate) fn occurrences<R: ReadAt>(&mut self, segment: &Segment<R>, work: &Work) -> Result<u64> {
        let mut sum = u64::from(self.count);
        loop {
            if self.next < self.files.len() {
                if self.next > 0 || self.files.first() != Some(&self.file) {
                    return Ok(sum);
                }
                self.next = 1;
                sum += u64::from(self.counts.first().copied().unwrap_or(0));
            } else if !self.next_block(segment, self.file, work, &|_| true)? {
                return Ok(sum);
            }
        }
    }

    /// Prepares for [`position`](Self::position) to answer the first position in this file.
    pub(crate) fn rewind<R: ReadAt>(&mut self, segment: &Segment<R>) -> Result<()> {
        let places = &mut self.positions;
        places.given = 0;
        if let Place::Here { positions, .. } = self.term.place {
            places.list.clear();
            places.list.extend(positions.iter().take(self.count as usize));
            return Ok(());
        }
        let entry = self.next.saturating_sub(1);
        if !places.loaded {
            let len = usize::try_from(places.end - places.start).unwrap_or(0);
            segment.pages.read(places.start, len, &mut places.bytes)?;
            places.loaded = true;
            places.restart();
        } else if places.entry == entry + 1 {
            return Ok(()); // decoded just before
        } else if places.entry > entry {
            places.restart();
        }
        let counts = self.counts.get(places.entry..=entry).unwrap_or_default();
        let good = counts.iter().all(|count| places.decode(*count));
        if good { Ok(()) } else { Err(corrupt(Part::Postings, places.start)) }
    }

    /// The next position in this file; `None` after the last.
    #[inline]
    pub(crate) fn position<R: ReadAt>(&mut self, segment: &Segment<R>, work: &Work) -> Result<Option<u32>> {
        if let Some(position) = self.positions.list.get(self.positions.given) {
            self.positions.given += 1;
            return Ok(Some(*position));
        }
        self.further(segment, work)
    }

    /// The next position, which is not in this block.
    fn further<R: ReadAt>(&mut self, segment: &Segment<R>, work: &Work) -> Result<Option<u32>> {
        loop {
            if self.next < self.files.len() {
                // At the start of a block the file of the block before may continue.
                if self.next > 0 || self.files.first() != Some(&self.file) {
                    return Ok(None);
                }
                self.next = 1;
                self.rewind(segment)?;
                if let Some(position) = self.positions.list.first() {
                    self.positions.given = 1;
                    return Ok(Some(*position));
                }
            } else if !self.next_block(segment, self.file, work, &|_| true)? {
                return Ok(None);
            }
        }
    }
}

impl Skips {
    /// That of the next block.
    fn next<R: ReadAt>(&mut self, segment: &Segment<R>) -> Result<Skip> {
        let (mut buffer, before) = (Vec::new(), (self.base, self.at));
        let there = self.cursor.peek(&segment.pages, MAX_SKIP, &mut buffer)?;
        let mut rest = there;
        let skip = Skip::read(&mut rest, before).filter(|skip| skip.last < segment.footer.files);
        let used = there.len() - rest.len();
        let skip = skip.ok_or_else(|| self.cursor.corrupt())?;
        self.cursor.skip(used as u64)?;
        self.blocks -= 1;
        self.base = skip.last + 1;
        self.at = (skip.block.0 + skip.block.1, skip.positions.0 + skip.positions.1);
        Ok(skip)
    }
}

impl Skip {
    #[inline]
    fn read(rest: &mut &[u8], (base, at): (u32, (u64, u64))) -> Option<Self> {
        let files = usize::from(take_byte(rest)?) + 1;
        let step = u32::try_from(take_varint(rest)?).ok()?;
        let (block, positions) = ((at.0, take_varint(rest)?), (at.1, take_varint(rest)?));
        // No sum of these overflows: an index has no more than 2^63 bytes.
        if block.1 > MAX_BLOCK || positions.1 > MAX_BLOCK {
            return None;
        }
        let (most, shortest) = (take_byte(rest)?, take_byte(rest)?);
        let best = (u32::try_from(take_varint(rest)?).ok()?, unquantise(take_byte(rest)?));
        Some(Skip {
            files,
            base,
            last: base.checked_add(step)?.checked_sub(1)?,
            block,
            positions,
            most: if most == u8::MAX { u32::MAX } else { u32::from(most) },
            shortest: unquantise(shortest),
            best: Some(best).filter(|best| best.0 > 0),
        })
    }
}

fn take_byte(rest: &mut &[u8]) -> Option<u8> {
    let (byte, more) = rest.split_first()?;
    *rest = more;
    Some(*byte)
}

impl Positions {
    fn restart(&mut self) {
        self.at = 0;
        self.first = Rice::new(self.k);
        self.further = self.first;
        self.entry = 0;
    }

    /// Decodes the next entry, which has `count` positions; answers whether there were so many.
    fn decode(&mut self, count: u32) -> bool {
        let mut bits = BitReader::resume(&self.bytes, self.at);
        let mut further = self.further;
        self.list.clear();
        let mut position = self.first.take(&mut bits);
        self.list.push(position);
        let mut good = true;
        for _ in 1..count {
            let step = further.take(&mut bits).checked_add(1);
            let next = step.and_then(|step| position.checked_add(step));
            good &= next.is_some();
            position = next.unwrap_or(position);
            self.list.push(position);
        }
        self.further = further;
        self.at = bits.at();
        self.entry += 1;
        good && !bits.overrun()
    }
}
