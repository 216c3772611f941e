//! The file as a stream of checked bytes.
//!
//! ```text
//! file:     [ page 0: 4088 bytes | xxh64 ][ page 1: 4088 bytes | xxh64 ] ...
//! payload:  [ 0 ............ 4087 ]        [ 4088 ......... 8175 ]
//! ```
//!
//! Everything else in this crate speaks of offsets in the payload. The checksum of a page is seeded with its number, so
//! that a page in the wrong place is noticed too. It is compared when a page comes into the cache, never again.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;

use crate::checksum::xxh64;
use crate::error::{Part, Result, corrupt};
use crate::io::{Append, ReadAt};
use crate::limits::{CACHED_PAGES, PAGE};

/// Payload bytes of one page.
pub(crate) const PAYLOAD: usize = PAGE - 8;

/// Writes the payload.
#[derive(Debug)]
pub(crate) struct PageWriter<O> {
    out: O,
    page: Vec<u8>,
    /// The number of the page being filled.
    number: u64,
}

impl<O: Append> PageWriter<O> {
    pub(crate) fn new(out: O) -> Self {
        PageWriter { out, page: Vec::with_capacity(PAGE), number: 0 }
    }

    /// Where the next byte goes.
    pub(crate) fn offset(&self) -> u64 {
        self.number * PAYLOAD as u64 + self.page.len() as u64
    }

    pub(crate) fn put(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PAYLOAD - self.page.len()));
            self.page.extend_from_slice(now);
            bytes = later;
            if self.page.len() == PAYLOAD {
                self.seal()?;
            }
        }
        Ok(())
    }

    /// Writes `footer` as the last bytes of the last page.
    pub(crate) fn finish(mut self, footer: &[u8]) -> Result<(O, u64)> {
        if self.page.len() + footer.len() > PAYLOAD {
            self.page.resize(PAYLOAD, 0);
            self.seal()?;
        }
        self.page.resize(PAYLOAD - footer.len(), 0);
        self.page.extend_from_slice(footer);
        self.seal()?;
        Ok((self.out, self.number * PAGE as u64))
    }

    fn seal(&mut self) -> Result<()> {
        let sum = xxh64(&self.page, self.number);
        self.page.extend_from_slice(&sum.to_le_bytes());
        self.out.append(&self.page)?;
        self.page.clear();
        self.number += 1;
        Ok(())
    }
}

/// Places in [`Cache::hints`].
const HINTS: usize = CACHED_PAGES * 4;

type Page = Arc<[u8; PAGE]>;

/// Reads the payload through a small cache.
#[derive(Debug)]
pub(crate) struct Pages<R> {
    source: R,
    /// How many pages there are.
    count: u64,
    cache: RefCell<Cache>,
}

/// The pages used last, roughly: who looks for a place for a new one goes around, and takes the first that nobody has
/// used since he came by the time before.
#[derive(Debug)]
struct Cache {
    slots: Vec<Slot>,
    /// By page number, remainder of [`HINTS`]: the slot where such a page was last.
    hints: [u8; HINTS],
    /// Where to look for a place next.
    hand: usize,
    loads: u64,
}

#[derive(Debug)]
struct Slot {
    number: u64,
    page: Page,
    used: bool,
}

impl Cache {
    #[inline]
    fn find(&mut self, number: u64) -> Option<&Page> {
        let hint = (number % HINTS as u64) as usize;
        let hinted = usize::from(self.hints[hint]);
        let at = match self.slots.get(hinted).filter(|slot| slot.number == number) {
            Some(_) => hinted,
            None => self.slots.iter().position(|slot| slot.number == number)?,
        };
        self.hints[hint] = at as u8;
        let slot = self.slots.get_mut(at)?;
        slot.used = true;
        Some(&slot.page)
    }

    fn insert(&mut self, number: u64, page: Page) {
        self.loads += 1;
        let slot = Slot { number, page, used: true };
        let at = if self.slots.len() < CACHED_PAGES {
            self.slots.push(slot);
            self.slots.len() - 1
        } else {
            while core::mem::take(&mut self.slots[self.hand].used) {
                self.hand = (self.hand + 1) % CACHED_PAGES;
            }
            self.slots[self.hand] = slot;
            let at = self.hand;
            self.hand = (self.hand + 1) % CACHED_PAGES;
            at
        };
        self.hints[(number % HINTS as u64) as usize] = at as u8;
    }
}

impl<R: ReadAt> Pages<R> {
    /// # Errors
    /// `Corrupt` when the size is not one of whole pages.
    pub(crate) fn new(source: R) -> Result<Self> {
        let size = source.size();
        if size == 0 || !size.is_multiple_of(PAGE as u64) {
            return Err(corrupt(Part::Footer, 0));
        }
        let cache = Cache { slots: Vec::new(), hints: [0; HINTS], hand: 0, loads: 0 };
        Ok(Pages { source, count: size / PAGE as u64, cache: RefCell::new(cache) })
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// How many bytes of payload there are.
    pub(crate) fn payload(&self) -> u64 {
        self.count * PAYLOAD as u64
    }

    /// How many pages were read from the source so far.
    pub(crate) fn loads(&self) -> u64 {
        self.cache.borrow().loads
    }

    /// The page `number`, its checksum compared.
    pub(crate) fn page(&self, number: u64) -> Result<Page> {
        let mut cache = self.cache.borrow_mut();
        if let Some(page) = cache.find(number) {
            return Ok(Arc::clone(page));
        }
        if number >= self.count {
            return Err(corrupt(Part::Page, number.saturating_mul(PAYLOAD as u64)));
        }
        let mut page = Arc::new([0; PAGE]);
        let bytes = Arc::get_mut(&mut page).expect("nobody else has it yet");
        self.source.read_at(number * PAGE as u64, bytes)?;
        let (payload, sum) = bytes.split_at(PAYLOAD);
        if sum != xxh64(payload, number).to_le_bytes() {
            return Err(corrupt(Part::Page, number * PAYLOAD as u64));
        }
        cache.insert(number, Arc::clone(&page));
        Ok(page)
    }

    /// Replaces the contents of `into` by `len` bytes of payload from `offset` on.
    ///
    /// The caller bounds `len`.
    pub(crate) fn read(&self, offset: u64, len: usize, into: &mut Vec<u8>) -> Result<()> {
        into.clear();
        let end = offset.checked_add(len as u64).filter(|end| *end <= self.payload());
        end.ok_or_else(|| corrupt(Part::Page, offset))?;
        let mut at = offset;
        while into.len() < len {
            let page = self.page(at / PAYLOAD as u64)?;
            let from = (at % PAYLOAD as u64) as usize;
            let n = (PAYLOAD - from).min(len - into.len());
            into.extend_from_slice(&page[from..from + n]);
            at += n as u64;
        }
        Ok(())
    }
}

/// Reads the payload byte by byte from a place on, up to an end.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    page: Option<(u64, Page)>,
    at: u64,
    end: u64,
    part: Part,
}

impl Cursor {
    /// Of the bytes `at..end`, of `part` as far as errors are concerned.
    pub(crate) fn new(at: u64, end: u64, part: Part) -> Self {
        Cursor { page: None, at, end, part }
    }

    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    pub(crate) fn left(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }

    pub(crate) fn corrupt(&self) -> crate::Error {
        corrupt(self.part, self.at)
    }

    /// Moves on by `n` bytes without reading them.
    pub(crate) fn skip(&mut self, n: u64) -> Result<()> {
        if n > self.left() {
            return Err(self.corrupt());
        }
        self.at += n;
        Ok(())
    }

    /// The next `n` bytes, fewer only where the end comes before, without moving on. They are in the page, or in `buffer`.
    pub(crate) fn peek<'a, R: ReadAt>(
        &'a mut self,
        pages: &Pages<R>,
        n: usize,
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8]> {
        let wanted = n.min(usize::try_from(self.left()).unwrap_or(n));
        if self.rest(pages)?.len() >= wanted {
            return self.rest(pages);
        }
        let at = self.at;
        buffer.clear();
        self.bytes(pages, wanted, buffer)?;
        self.at = at;
        Ok(buffer)
    }

    /// Goes to a place before the end.
    pub(crate) fn jump(&mut self, at: u64) {
        self.at = at;
    }

    /// What is left of the page, at least one byte.
    #[inline]
    fn rest<R: ReadAt>(&mut self, pages: &Pages<R>) -> Result<&[u8]> {
        let number = self.at / PAYLOAD as u64;
        if self.left() == 0 {
            return Err(self.corrupt());
        }
        if self.page.as_ref().is_none_or(|page| page.0 != number) {
            self.page = Some((number, pages.page(number)?));
        }
        let from = (self.at % PAYLOAD as u64) as usize;
        let n = (PAYLOAD - from).min(usize::try_from(self.left()).unwrap_or(PAYLOAD));
        let (_, page) = self.page.as_ref().expect("set just above");
        Ok(&page[from..from + n])
    }

    pub(crate) fn byte<R: ReadAt>(&mut self, pages: &Pages<R>) -> Result<u8> {
        let byte = self.rest(pages)?[0];
        self.at += 1;
        Ok(byte)
    }

    pub(crate) fn varint<R: ReadAt>(&mut self, pages: &Pages<R>) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte(pages)?;
            let low = u64::from(byte & 0x7F);
            if shift == 63 && low > 1 {
                break;
            }
            value |= low << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.corrupt())
    }

    /// Appends `n` bytes to `into`; the caller bounds `n`.
    pub(crate) fn bytes<R: ReadAt>(&mut self, pages: &Pages<R>, n: usize, into: &mut Vec<u8>) -> Result<()> {
        if n as u64 > self.left() {
            return Err(self.corrupt());
        }
        let mut missing = n;
        while missing > 0 {
            let rest = self.rest(pages)?;
            let now = rest.len().min(missing);
            into.extend_from_slice(&rest[..now]);
            self.at += now as u64;
            missing -= now;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    fn file(bytes: &[u8]) -> Vec<u8> {
        let mut writer = PageWriter::new(Vec::new());
        writer.put(bytes).unwrap();
        let (file, size) = writer.finish(b"END").unwrap();
        assert_eq!(file.len() as u64, size);
        file
    }

    #[test]
    fn payload_comes_back_across_pages() {
        for len in [0, 1, PAYLOAD - 4, PAYLOAD - 3, PAYLOAD - 2, PAYLOAD, 3 * PAYLOAD + 77] {
            let bytes: Vec<u8> = (0..len).map(|i| (i * 7 % 251) as u8).collect();
            let file = file(&bytes);
            let pages = Pages::new(file.as_slice()).unwrap();
            let mut read = Vec::new();
            pages.read(0, len, &mut read).unwrap();
            assert_eq!(read, bytes);
            pages.read(pages.payload() - 3, 3, &mut read).unwrap();
            assert_eq!(read, b"END");
            let mut cursor = Cursor::new(0, len as u64, Part::Lines);
            let mut read = Vec::new();
            cursor.bytes(&pages, len, &mut read).unwrap();
            assert_eq!(read, bytes);
            assert_eq!(cursor.byte(&pages), Err(corrupt(Part::Lines, len as u64)));
        }
    }

    #[test]
    fn flips_swaps_and_cuts_are_noticed() {
        let bytes = [7; 2 * PAYLOAD];
        let good = file(&bytes);
        for at in (0..good.len()).step_by(97) {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            let pages = Pages::new(bad.as_slice()).unwrap();
            let page = at / PAGE;
            assert_eq!(pages.page(page as u64).err(), Some(corrupt(Part::Page, (page * PAYLOAD) as u64)));
        }
        let mut swapped = good.clone();
        swapped[..PAGE].copy_from_slice(&good[PAGE..2 * PAGE]);
        swapped[PAGE..2 * PAGE].copy_from_slice(&good[..PAGE]);
        assert!(matches!(Pages::new(swapped).unwrap().page(0), Err(Error::Corrupt(_))));
        assert!(Pages::new(&good[..good.len() - 1]).is_err());
        assert!(Pages::new([].as_slice()).is_err());
    }
}
