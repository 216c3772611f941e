//! Temporary data: in memory while it is small, in a temporary file from then on.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::{Error, Result};
use crate::io::{Append, ReadAt, Scratch};

/// Bytes kept in memory.
const KEEP: usize = 128 << 10;
/// Bytes gathered before they go to the file.
const GATHER: usize = 32 << 10;

/// Written from start to end, read afterwards.
#[derive(Debug)]
pub(crate) struct Spill<F> {
    /// The first [`KEEP`] bytes.
    head: Vec<u8>,
    /// What follows them.
    file: Option<F>,
    written: u64,
    /// What follows that.
    tail: Vec<u8>,
}

impl<F: Append + ReadAt> Spill<F> {
    pub(crate) fn new() -> Self {
        Spill { head: Vec::new(), file: None, written: 0, tail: Vec::new() }
    }

    pub(crate) fn size(&self) -> u64 {
        self.head.len() as u64 + self.written + self.tail.len() as u64
    }

    pub(crate) fn put<S: Scratch<File = F>>(&mut self, scratch: &mut S, bytes: &[u8]) -> Result<()> {
        let (head, rest) = bytes.split_at(bytes.len().min(KEEP - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.extend_from_slice(rest);
        if self.tail.len() >= GATHER {
            if self.file.is_none() {
                self.file = Some(scratch.create()?);
            }
            if let Some(file) = &mut self.file {
                file.append(&self.tail)?;
                self.written += self.tail.len() as u64;
                self.tail.clear();
            }
        }
        Ok(())
    }

    /// Fills `into` from `offset` on.
    pub(crate) fn read(&self, mut offset: u64, mut into: &mut [u8]) -> Result<()> {
        let head = self.head.len() as u64;
        while !into.is_empty() {
            let (part, start, end) = match offset {
                at if at < head => (None, 0, head),
                at if at < head + self.written => (self.file.as_ref(), head, head + self.written),
                _ => (None, head + self.written, self.size()),
            };
            let n = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX).min(into.len());
            let (now, later) = into.split_at_mut(n);
            match part {
                _ if n == 0 => return Err(Error::Io(Box::from("temporary data is shorter than expected"))),
                Some(file) => file.read_at(offset - start, now)?,
                None if start == 0 && offset < head => self.head.read_at(offset, now)?,
                None => self.tail.read_at(offset - start, now)?,
            }
            offset += n as u64;
            into = later;
        }
        Ok(())
    }
}

/// Reads a range of a [`Spill`] in order.
#[derive(Debug)]
pub(crate) struct SpillReader<'a, F> {
    spill: &'a Spill<F>,
    /// What comes after `buffer`.
    next: u64,
    end: u64,
    buffer: Vec<u8>,
    /// Bytes of `buffer` already read.
    at: usize,
    size: usize,
}

impl<'a, F: Append + ReadAt> SpillReader<'a, F> {
    pub(crate) fn new(spill: &'a Spill<F>, range: (u64, u64), size: usize) -> Self {
        SpillReader { spill, next: range.0, end: range.1, buffer: Vec::new(), at: 0, size }
    }

    /// Bytes not yet read.
    pub(crate) fn left(&self) -> u64 {
        self.end - self.next + (self.buffer.len() - self.at) as u64
    }

    /// At least `n` bytes, or all that are left; `n` is at most the size of the buffer.
    pub(crate) fn peek(&mut self, n: usize) -> Result<&[u8]> {
        if self.buffer.len() - self.at < n && self.next < self.end {
            self.buffer.drain(..self.at);
            self.at = 0;
            let kept = self.buffer.len();
            let more = usize::try_from(self.end - self.next).unwrap_or(usize::MAX);
            let more = more.min(self.size.max(n) - kept);
            self.buffer.resize(kept + more, 0);
            self.spill.read(self.next, &mut self.buffer[kept..])?;
            self.next += more as u64;
        }
        Ok(&self.buffer[self.at..])
    }

    /// Moves past `n` bytes that [`peek`](Self::peek) showed.
    pub(crate) fn consume(&mut self, n: usize) {
        self.at = (self.at + n).min(self.buffer.len());
    }

    pub(crate) fn varint(&mut self) -> Result<u64> {
        let mut bytes = self.peek(10)?;
        let before = bytes.len();
        let value = crate::bits::take_varint(&mut bytes);
        let used = before - bytes.len();
        self.consume(used);
        value.ok_or_else(|| Error::Io(Box::from("temporary data was changed by somebody else")))
    }

    /// Appends `n` bytes to `into`.
    pub(crate) fn bytes(&mut self, n: usize, into: &mut Vec<u8>) -> Result<()> {
        let mut missing = n;
        while missing > 0 {
            let size = self.size;
            let there = self.peek(missing.min(size))?;
            let now = there.len().min(missing);
            if now == 0 {
                return Err(Error::Io(Box::from("temporary data is shorter than expected")));
            }
            into.extend_from_slice(&there[..now]);
            self.consume(now);
            missing -= now;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[test]
    fn what_is_put_is_read_wherever_it_went() {
        let all: Vec<u8> = (0..(KEEP + 3 * GATHER + 1000) as u32).map(|i| (i % 251) as u8).collect();
        for len in [0, 10, KEEP, KEEP + 1, KEEP + GATHER, all.len()] {
            let mut spill = Spill::new();
            for piece in all[..len].chunks(1777) {
                spill.put(&mut Memory, piece).unwrap();
            }
            assert_eq!(spill.size(), len as u64);
            let mut read = Vec::new();
            let mut reader = SpillReader::new(&spill, (0, len as u64), 4096);
            reader.bytes(len, &mut read).unwrap();
            assert!(read == all[..len]);
            assert_eq!(reader.left(), 0);
            assert!(reader.bytes(1, &mut read).is_err());
            let mut past = [0; 2];
            assert!(spill.read((len as u64).saturating_sub(1), &mut past).is_err());
        }
    }
}
