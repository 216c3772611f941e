//! Going through the files of a term, and its positions in them: what `build/postings.rs` describes.
//!
//! A cursor stands at a file, or at [`END`]. It holds the files of one block; of the other blocks it reads only the
//! skips. The positions of a file are read one by one when asked for; those of the files before it in the block have to
//! be decoded to get there, because their codes have no fixed length.

use alloc::vec::Vec;

use super::{Place, Segment, Term, Work};
use crate::bits::{BitReader, Rice};
use crate::error::{Error, Part, Result, corrupt};
use crate::format::unquantise;
use crate::io::ReadAt;
use crate::limits::{BLOCK_FILES, BLOCK_POSITIONS};
use crate::page::Cursor;

/// Where a cursor stands that has no more files.
pub(crate) const END: u32 = u32::MAX;

/// More bytes than a block can have.
const MAX_BLOCK: u64 = 64 << 10;

/// Goes through the files of one term.
#[derive(Debug)]
pub(crate) struct TermCursor {
    term: Term,
    file: u32,
    count: u32,
    /// Of the block: the files, how often the term is in each, the next of them.
    files: Vec<u32>,
    counts: Vec<u32>,
    next: usize,
    /// One more than the last file of the blocks up to this one.
    base: u32,
    /// The skips not yet read, and how many blocks they are of.
    skips: Cursor,
    blocks: u64,
    /// Where the next block starts.
    at: u64,
    positions: Positions,
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
    first: Option<Rice>,
    further: Option<Rice>,
    /// The entry that is being read, and how many positions it has left.
    entry: usize,
    left: u32,
    last: Option<u32>,
}

/// What the skips say about a block.
struct Skip {
    files: usize,
    last: u32,
    len: u64,
    most: u8,
    shortest: u8,
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
            next: 0,
            base: 0,
            skips: Cursor::new(0, 0, Part::Postings),
            blocks: 0,
            at: 0,
            positions: Positions::default(),
        };
        match term.place {
            Place::Here { file, .. } => {
                cursor.files.push(file);
                cursor.counts.push(term.cf as u32);
            }
            Place::Postings { at, len, skips: 0 } => {
                cursor.at = at;
                cursor.block(segment, term.df as usize, len)?;
            }
            Place::Postings { at, len, skips } => {
                cursor.at = at;
                cursor.skips = Cursor::new(at + len - skips, at + len, Part::Postings);
                cursor.blocks = cursor.skips.varint(&segment.pages)?;
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

    /// Moves to the first file that is not below `target`, never backwards.
    pub(crate) fn seek<R: ReadAt>(&mut self, segment: &Segment<R>, target: u32, work: &Work) -> Result<u32> {
        self.seek_useful(segment, target, work, |_, _| true)
    }

    /// The same, but may pass over files where the term occurs at most `.0` times, in files of at least `.1` terms, if
    /// these are not `useful`.
    pub(crate) fn seek_useful<R: ReadAt>(
        &mut self,
        segment: &Segment<R>,
        target: u32,
        work: &Work,
        useful: impl Fn(u32, u32) -> bool,
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
        useful: &impl Fn(u32, u32) -> bool,
    ) -> Result<bool> {
        while self.blocks > 0 {
            work.spend()?;
            let skip = self.skip(segment)?;
            let most = if skip.most == u8::MAX { u32::MAX } else { u32::from(skip.most) };
            if skip.last >= target && useful(most, unquantise(skip.shortest)) {
                self.block(segment, skip.files, skip.len)?;
                return if self.files.last() == Some(&skip.last) {
                    Ok(true)
                } else {
                    Err(self.skips.corrupt())
                };
            }
            self.at = self.at.saturating_add(skip.len);
            self.base = skip.last + 1;
        }
        Ok(false)
    }

    /// Reads the skip of the next block.
    fn skip<R: ReadAt>(&mut self, segment: &Segment<R>) -> Result<Skip> {
        let (pages, skips) = (&segment.pages, &mut self.skips);
        let files = usize::from(skips.byte(pages)?) + 1;
        let step = skips.varint32(pages)?;
        let len = skips.varint(pages)?;
        let (most, shortest) = (skips.byte(pages)?, skips.byte(pages)?);
        let last = self.base.checked_add(step).and_then(|end| end.checked_sub(1));
        let last = last.filter(|last| *last < segment.footer.files).ok_or_else(|| skips.corrupt())?;
        self.blocks -= 1;
        Ok(Skip { files, last, len, most, shortest })
    }

    /// Reads the block at `at`.
    fn block<R: ReadAt>(&mut self, segment: &Segment<R>, n: usize, len: u64) -> Result<()> {
        let start = self.at;
        let error = || corrupt(Part::Postings, start);
        let end = start.checked_add(len).filter(|end| *end <= segment.footer.postings.end);
        let end = end.filter(|_| len <= MAX_BLOCK && n <= BLOCK_FILES).ok_or_else(error)?;
        let mut cursor = Cursor::new(start, end, Part::Postings);
        let header = u32::from(cursor.byte(&segment.pages)?) | u32::from(cursor.byte(&segment.pages)?) << 8;
        let (wide, narrow, k) = (header & 31, header >> 5 & 31, header >> 10 & 31);
        let size = (n * (wide + narrow) as usize).div_ceil(8);
        let mut bytes = core::mem::take(&mut self.positions.bytes);
        bytes.clear();
        cursor.bytes(&segment.pages, size, &mut bytes)?;
        let mut bits = BitReader::new(&bytes);
        self.files.clear();
        self.counts.clear();
        let mut next = self.base;
        for at in 0..n {
            let gap = bits.take(wide);
            // Only the first gap may be 0, and not in the first block: see build/postings.rs.
            let file = next
                .checked_add(gap)
                .and_then(|end| end.checked_sub(1))
                .filter(|f| *f < segment.footer.files);
            let file = file.filter(|_| gap > 0 || at == 0).ok_or_else(error)?;
            self.files.push(file);
            next = file + 1;
        }
        let mut sum = 0;
        for _ in 0..n {
            let count = bits.take(narrow).saturating_add(1);
            sum += u64::from(count);
            self.counts.push(count);
        }
        if sum > BLOCK_POSITIONS as u64 {
            return Err(error());
        }
        self.positions = Positions { start: cursor.at(), end, k, bytes, ..Positions::default() };
        self.base = next;
        self.at = end;
        self.next = 0;
        Ok(())
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
            } else if !self.next_block(segment, self.file, work, &|_, _| true)? {
                return Ok(sum);
            }
        }
    }

    /// Prepares for [`position`](Self::position) to answer the first position in this file.
    pub(crate) fn rewind<R: ReadAt>(&mut self, segment: &Segment<R>) -> Result<()> {
        if matches!(self.term.place, Place::Here { .. }) {
            self.positions = Positions { left: self.count, ..Positions::default() };
            return Ok(());
        }
        let entry = self.next.saturating_sub(1);
        if !self.positions.loaded {
            let places = &mut self.positions;
            let len = usize::try_from(places.end - places.start).unwrap_or(0);
            segment.pages.read(places.start, len, &mut places.bytes)?;
            places.loaded = true;
            places.restart(&self.counts);
        } else if self.positions.entry > entry
            || self.positions.entry == entry && self.positions.last.is_some()
        {
            self.positions.restart(&self.counts);
        }
        while self.positions.entry < entry {
            while self.positions.step()?.is_some() {}
            self.positions.enter(self.positions.entry + 1, &self.counts);
        }
        Ok(())
    }

    /// The next position in this file; `None` after the last.
    pub(crate) fn position<R: ReadAt>(&mut self, segment: &Segment<R>, work: &Work) -> Result<Option<u32>> {
        if let Place::Here { positions, .. } = self.term.place {
            let at = self.count - self.positions.left;
            let position = positions.get(at as usize).copied().filter(|_| self.positions.left > 0);
            self.positions.left = self.positions.left.saturating_sub(1);
            return Ok(position);
        }
        loop {
            if let Some(position) = self.positions.step()? {
                return Ok(Some(position));
            }
            if self.next < self.files.len() {
                // At the start of a block the file of the block before may continue.
                if self.next > 0 || self.files.first() != Some(&self.file) {
                    return Ok(None);
                }
                self.next = 1;
                self.rewind(segment)?;
            } else if !self.next_block(segment, self.file, work, &|_, _| true)? {
                return Ok(None);
            }
        }
    }
}

impl Positions {
    fn restart(&mut self, counts: &[u32]) {
        self.at = 0;
        self.first = Some(Rice::new(self.k));
        self.further = self.first;
        self.enter(0, counts);
    }

    fn enter(&mut self, entry: usize, counts: &[u32]) {
        self.entry = entry;
        self.left = counts.get(entry).copied().unwrap_or(0);
        self.last = None;
    }

    /// The next position of the entry.
    fn step(&mut self) -> Result<Option<u32>> {
        if self.left == 0 {
            return Ok(None);
        }
        let error: fn(u64) -> Error = |at| corrupt(Part::Postings, at);
        let mut bits = BitReader::resume(&self.bytes, self.at);
        let state = if self.last.is_none() { &mut self.first } else { &mut self.further };
        let gap = state.as_mut().map_or(0, |state| state.take(&mut bits));
        if bits.overrun() {
            return Err(error(self.start));
        }
        let position = match self.last {
            None => Some(gap),
            Some(last) => last.checked_add(gap).and_then(|p| p.checked_add(1)),
        };
        let position = position.ok_or_else(|| error(self.start))?;
        self.at = bits.at();
        self.left -= 1;
        self.last = Some(position);
        Ok(Some(position))
    }
}
