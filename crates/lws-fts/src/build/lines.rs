//! The line tables: where each line of a file starts, in bytes and in terms.
//!
//! ```text
//! file:   group, group, ...          of 8192 lines each, the last of fewer
//! group:  bytes, terms, length of the rest in bytes
//!         for each block of 128 lines: u8 width of lengths, u8 width of terms
//!           and, unless it is the only one, bytes and terms of the block
//!         the blocks, each starting a new byte: per line its length in bytes and its terms, of these widths
//! ```
//!
//! A search for a line skips groups, then blocks, then counts within one block.

use alloc::vec::Vec;

use crate::bits::{BitWriter, put_varint, width};
use crate::error::Result;
use crate::io::Append;
use crate::limits::{LINES_BLOCK, LINES_GROUP};
use crate::page::PageWriter;

/// Collects the lines of one file.
#[derive(Debug, Default)]
pub(crate) struct LinesWriter {
    /// Length in bytes and terms, of lines not yet written; at most [`LINES_GROUP`].
    lines: Vec<(u32, u32)>,
    /// Where the last line ended: byte, term.
    last: (u64, u32),
    count: u32,
}

impl LinesWriter {
    /// A line ends before byte `end`, after `position` terms. Answers whether it is time to [`flush`](Self::flush).
    pub(crate) fn line(&mut self, end: u64, position: u32) -> bool {
        let bytes = u32::try_from(end - self.last.0).unwrap_or(u32::MAX);
        self.lines.push((bytes, position - self.last.1));
        self.last = (end, position);
        self.count += 1;
        self.lines.len() == LINES_GROUP
    }

    /// Ends the file, whose last line need not end with a newline; answers how many lines it has.
    pub(crate) fn finish<O: Append>(
        &mut self,
        out: &mut PageWriter<O>,
        end: u64,
        position: u32,
    ) -> Result<u32> {
        if end > self.last.0 {
            self.line(end, position);
        }
        self.flush(out)?;
        let count = self.count;
        self.last = (0, 0);
        self.count = 0;
        Ok(count)
    }

    /// Writes the collected lines as a group.
    pub(crate) fn flush<O: Append>(&mut self, out: &mut PageWriter<O>) -> Result<()> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let sum = |lines: &[(u32, u32)]| {
            lines.iter().fold((0, 0), |sum, line| (sum.0 + u64::from(line.0), sum.1 + u64::from(line.1)))
        };
        let (mut blocks, mut bits) = (Vec::new(), BitWriter::default());
        let mut packed = Vec::new();
        for block in self.lines.chunks(LINES_BLOCK) {
            let widths = block.iter().fold((0, 0), |w, l| (width(l.0).max(w.0), width(l.1).max(w.1)));
            blocks.extend([widths.0 as u8, widths.1 as u8]);
            if self.lines.len() > LINES_BLOCK {
                let (bytes, terms) = sum(block);
                put_varint(&mut blocks, bytes);
                put_varint(&mut blocks, terms);
            }
            bits.clear();
            for line in block {
                bits.put(line.0, widths.0);
                bits.put(line.1, widths.1);
            }
            packed.extend_from_slice(bits.finish());
        }
        let (bytes, terms) = sum(&self.lines);
        let mut head = Vec::new();
        put_varint(&mut head, bytes);
        put_varint(&mut head, terms);
        put_varint(&mut head, (blocks.len() + packed.len()) as u64);
        self.lines.clear();
        out.put(&head)?;
        out.put(&blocks)?;
        out.put(&packed)
    }
}
