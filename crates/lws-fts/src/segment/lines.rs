//! From positions to lines: the tables that `build/lines.rs` describes.

use alloc::vec::Vec;

use super::{Segment, Work};
use crate::bits::BitReader;
use crate::build::Entry;
use crate::error::{Part, Result};
use crate::io::ReadAt;
use crate::limits::{LINES_BLOCK, LINES_GROUP};
use crate::page::Cursor;

/// A line of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// From 0.
    pub(crate) number: u32,
    /// Where it starts in the file, in bytes.
    pub(crate) start: u64,
    /// In bytes, its newline included.
    pub(crate) len: u32,
    /// The position of its first term.
    pub(crate) position: u32,
    pub(crate) terms: u32,
}

/// Goes through the lines of a file, forward only.
#[derive(Debug)]
pub(crate) struct Lines {
    /// At the head of the next group.
    cursor: Cursor,
    /// In the file.
    lines: u32,
    /// What the next line starts with: its number, byte, position.
    next: (u32, u64, u64),
    /// The blocks of this group that come next, the nearest one last.
    blocks: Vec<Block>,
    /// The lines of this block that come next, the nearest one last.
    unpacked: Vec<(u32, u32)>,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    widths: (u8, u8),
    lines: u32,
    bytes: u64,
    terms: u64,
    /// Where it starts in the payload.
    at: u64,
    len: u64,
}

impl Lines {
    pub(crate) fn of<R: ReadAt>(segment: &Segment<R>, entry: &Entry) -> Self {
        let start = segment.footer.line_tables.start.saturating_add(entry.table);
        let cursor = Cursor::new(start, start.saturating_add(entry.table_len), Part::Lines);
        Lines { cursor, lines: entry.lines, next: (0, 0, 0), blocks: Vec::new(), unpacked: Vec::new() }
    }

    /// The line with this position, which is in or after the line answered last; `None` when the file has fewer terms.
    pub(crate) fn with<R: ReadAt>(
        &mut self,
        segment: &Segment<R>,
        position: u32,
        work: &Work,
    ) -> Result<Option<Line>> {
        let wanted = u64::from(position);
        loop {
            while let Some((len, terms)) = self.unpacked.pop() {
                let line = self.line(len, terms);
                if u64::from(line.position) + u64::from(terms) > wanted {
                    return Ok(Some(line));
                }
            }
            work.spend()?;
            if let Some(block) = self.blocks.pop() {
                if self.next.2.saturating_add(block.terms) <= wanted {
                    self.pass(block.lines, block.bytes, block.terms);
                } else {
                    self.unpack(segment, block)?;
                }
            } else if self.next.0 >= self.lines {
                return Ok(None);
            } else {
                self.group(segment, Some(wanted))?;
            }
        }
    }

    /// The next line.
    pub(crate) fn next<R: ReadAt>(&mut self, segment: &Segment<R>) -> Result<Option<Line>> {
        loop {
            if let Some((len, terms)) = self.unpacked.pop() {
                return Ok(Some(self.line(len, terms)));
            }
            if let Some(block) = self.blocks.pop() {
                self.unpack(segment, block)?;
            } else if self.next.0 >= self.lines {
                return if self.cursor.left() == 0 { Ok(None) } else { Err(self.cursor.corrupt()) };
            } else {
                self.group(segment, None)?;
            }
        }
    }

    fn line(&mut self, len: u32, terms: u32) -> Line {
        let (number, start, position) = self.next;
        self.pass(1, u64::from(len), u64::from(terms));
        Line { number, start, len, position: u32::try_from(position).unwrap_or(u32::MAX), terms }
    }

    fn pass(&mut self, lines: u32, bytes: u64, terms: u64) {
        let (number, start, position) = self.next;
        self.next =
            (number.saturating_add(lines), start.saturating_add(bytes), position.saturating_add(terms));
    }

    /// Reads the head of the next group, and passes the group if the position is not in it.
    fn group<R: ReadAt>(&mut self, segment: &Segment<R>, wanted: Option<u64>) -> Result<()> {
        let pages = &segment.pages;
        let cursor = &mut self.cursor;
        let lines = (self.lines - self.next.0).min(LINES_GROUP as u32);
        let (bytes, terms, len) = (cursor.varint(pages)?, cursor.varint(pages)?, cursor.varint(pages)?);
        if wanted.is_some_and(|wanted| self.next.2.saturating_add(terms) <= wanted) {
            cursor.skip(len)?;
            self.pass(lines, bytes, terms);
            return Ok(());
        }
        let end = cursor.at().checked_add(len).ok_or_else(|| cursor.corrupt())?;
        let mut left = lines;
        while left > 0 {
            let lines_here = left.min(LINES_BLOCK as u32);
            let widths = (cursor.byte(pages)?, cursor.byte(pages)?);
            if widths.0 > 32 || widths.1 > 32 {
                return Err(cursor.corrupt());
            }
            let single = lines <= LINES_BLOCK as u32;
            let bytes = if single { bytes } else { cursor.varint(pages)? };
            let terms = if single { terms } else { cursor.varint(pages)? };
            let bits = u64::from(lines_here) * (u64::from(widths.0) + u64::from(widths.1));
            let len = bits.div_ceil(8);
            self.blocks.push(Block { widths, lines: lines_here, bytes, terms, at: 0, len });
            left -= lines_here;
        }
        for block in &mut self.blocks {
            block.at = cursor.at();
            cursor.skip(block.len)?;
        }
        if cursor.at() != end {
            return Err(cursor.corrupt());
        }
        self.blocks.reverse();
        Ok(())
    }

    fn unpack<R: ReadAt>(&mut self, segment: &Segment<R>, block: Block) -> Result<()> {
        let mut bytes = Vec::new();
        segment.pages.read(block.at, block.len as usize, &mut bytes)?;
        let mut bits = BitReader::new(&bytes);
        let (wide, narrow) = (u32::from(block.widths.0), u32::from(block.widths.1));
        self.unpacked.extend((0..block.lines).map(|_| (bits.take(wide), bits.take(narrow))));
        self.unpacked.reverse();
        let sum = self.unpacked.iter().fold((0, 0), |s, l| (s.0 + u64::from(l.0), s.1 + u64::from(l.1)));
        if sum != (block.bytes, block.terms) {
            return Err(self.cursor.corrupt());
        }
        Ok(())
    }
}
