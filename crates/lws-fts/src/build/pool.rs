//! The terms of the texts read so far, until the budget is used up.
//!
//! One block of memory holds everything of a term but its place in the hash table: what a token needs is side by side.
//!
//! ```text
//! term:  [ where the next byte goes | where the last slice ends | file | position : u32 each ]
//!        [ length of the key, bytes of the last slice : u16 each ] [ key ] [ first slice ]
//! slice: [ bytes ........ | u32 where the next slice is ]     of 12, 20, 36, ... 260 bytes
//! bytes: for the first place in a file   varint((file - last file) << 1 | 1), varint(position)
//!        for each further place in it    varint((position - last position) << 1)
//! ```
//!
//! The first file of a chain is counted from 0. The block is reserved at the start: one that grows would for a moment be
//! there twice.

use alloc::vec::Vec;

const FIRST_SLICE: u32 = 8;
const LAST_SLICE: u32 = 256;
const LINK: u32 = 4;
/// Bytes of a term before its key.
const HEAD: usize = 20;
/// More than one term can need: its key, two numbers, and the slices for them.
const HEADROOM: usize = HEAD + crate::limits::MAX_PATH + 4 * (LAST_SLICE + LINK) as usize;

/// What stands before the key.
#[derive(Clone, Copy)]
struct Head {
    /// Where the next byte goes.
    at: u32,
    /// Where the link of the last slice is.
    end: u32,
    file: u32,
    position: u32,
    key_len: u16,
    /// Bytes of the last slice without its link.
    slice: u16,
}

impl Head {
    #[inline]
    fn read(block: &[u8], term: usize) -> Self {
        let bytes: &[u8; HEAD] = block[term..].first_chunk().expect("a term has a head");
        let long = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let (at, end, file, position) = (long(0), long(4), long(8), long(12));
        Head { at, end, file, position, key_len: short(16), slice: short(18) }
    }

    #[inline]
    fn write(self, block: &mut [u8], term: usize) {
        let bytes: &mut [u8; HEAD] = block[term..].first_chunk_mut().expect("a term has a head");
        for (to, number) in
            bytes.as_chunks_mut().0.iter_mut().zip([self.at, self.end, self.file, self.position])
        {
            *to = number.to_le_bytes();
        }
        bytes[16..18].copy_from_slice(&self.key_len.to_le_bytes());
        bytes[18..].copy_from_slice(&self.slice.to_le_bytes());
    }
}

/// Collects occurrences of terms.
#[derive(Debug)]
pub(crate) struct Pool {
    block: Vec<u8>,
    block_limit: usize,
    terms: usize,
    terms_limit: usize,
    /// Where a term is in the block plus one, and its hash above that, by hash; open addressing. Its length is a power of
    /// two, at least twice the number of terms; it starts small, for whoever adds one file to a store.
    table: Vec<u64>,
}

/// Entries of the table at the start.
const FIRST_TABLE: usize = 1024;

impl Pool {
    /// Of about `budget` bytes: an eighth or a quarter for the table, an eighth for sorting, the rest for the terms.
    pub(crate) fn new(budget: usize) -> Self {
        let terms_limit = budget / 128;
        let table = (terms_limit * 2).next_power_of_two();
        let block_limit = budget - table * 8 - terms_limit * 16;
        Pool {
            block: Vec::with_capacity(block_limit),
            block_limit,
            terms: 0,
            terms_limit,
            table: alloc::vec![0; FIRST_TABLE.min(table)],
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.terms == 0
    }

    /// Whether there may be no room for one more occurrence.
    pub(crate) fn full(&self) -> bool {
        self.block.len() + HEADROOM > self.block_limit || self.terms == self.terms_limit
    }

    pub(crate) fn clear(&mut self) {
        self.block.clear();
        self.terms = 0;
        self.table.fill(0);
    }

    /// `key`, which is not empty and has this [`start`], is in `file` at `position`; both never decrease. The pool is not
    /// full.
    pub(crate) fn add(&mut self, key: &[u8], start: u64, file: u32, position: u32) {
        let (term, new) = self.find(key, start);
        let mut head = Head::read(&self.block, term);
        let step = u64::from(position.wrapping_sub(head.position)) << 1;
        // Most places are near the last one, and there is room for eight bytes, be it where the link comes later: no branch
        // depends on how many are needed.
        if !new && head.file == file && step < 1 << 14 && head.at + (8 - LINK) <= head.end {
            let long = u64::from(step >= 0x80);
            let bytes = step & 0x7F | long << 7 | (step >> 7) << 8;
            let at = head.at as usize;
            self.block[at..at + 8].copy_from_slice(&bytes.to_le_bytes());
            head.at += 1 + long as u32;
        } else {
            self.append(&mut head, file, position, new);
        }
        head.file = file;
        head.position = position;
        head.write(&mut self.block, term);
    }

    fn append(&mut self, head: &mut Head, file: u32, position: u32, new: bool) {
        let mut bytes = Small::default();
        if new || head.file != file {
            let before = if new { 0 } else { head.file };
            bytes.varint(u64::from(file - before) << 1 | 1);
            bytes.varint(u64::from(position));
        } else {
            bytes.varint(u64::from(position - head.position) << 1);
        }
        for byte in &bytes.bytes[..bytes.len] {
            if head.at == head.end {
                self.lengthen(head);
            }
            self.block[head.at as usize] = *byte;
            head.at += 1;
        }
    }

    /// Adds a slice to a chain.
    #[cold]
    fn lengthen(&mut self, head: &mut Head) {
        head.slice = (head.slice * 2).min(LAST_SLICE as u16);
        let next = slice(&mut self.block, head.slice.into());
        let link = head.end as usize;
        self.block[link..link + LINK as usize].copy_from_slice(&next.to_le_bytes());
        head.at = next;
        head.end = next + u32::from(head.slice);
    }

    /// Where the term is, and whether it is new.
    #[inline]
    fn find(&mut self, key: &[u8], start: u64) -> (usize, bool) {
        let hash = hash(key, start);
        let mask = self.table.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let entry = self.table[slot];
            if entry == 0 {
                return (self.insert(slot, hash, key), true);
            }
            let term = entry as u32 as usize - 1;
            if (entry >> 32) as u32 == hash && self.is(term, key, start) {
                return (term, false);
            }
            slot = (slot + 1) & mask;
        }
    }

    fn insert(&mut self, slot: usize, hash: u32, key: &[u8]) -> usize {
        let term = self.block.len();
        self.table[slot] = u64::from(hash) << 32 | (term as u64 + 1);
        if (self.terms + 1) * 2 > self.table.len() {
            self.grow();
        }
        self.block.resize(term + HEAD, 0);
        self.block.extend_from_slice(key);
        let first = slice(&mut self.block, FIRST_SLICE);
        let (key_len, slice) = (key.len() as u16, FIRST_SLICE as u16);
        let head = Head { at: first, end: first + FIRST_SLICE, file: 0, position: 0, key_len, slice };
        head.write(&mut self.block, term);
        self.terms += 1;
        term
    }

    fn grow(&mut self) {
        let larger = alloc::vec![0; self.table.len() * 2];
        let mask = larger.len() - 1;
        for entry in core::mem::replace(&mut self.table, larger).into_iter().filter(|entry| *entry != 0) {
            let mut slot = (entry >> 32) as usize & mask;
            while self.table[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.table[slot] = entry;
        }
    }

    /// Whether that is the key of the term. Most are too short for a call or a loop to be worth it.
    #[inline]
    fn is(&self, term: usize, key: &[u8], start: u64) -> bool {
        let there = &self.block[term + HEAD - 4..];
        let len = u16::from_le_bytes([there[0], there[1]]);
        // Behind the key is its first slice, so there are eight bytes.
        let first = there[4..].first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight));
        usize::from(len) == key.len()
            && first & mask(key.len()) == start
            && (key.len() <= 8 || there[12..4 + key.len()] == key[8..])
    }

    #[inline]
    fn key(&self, term: usize) -> &[u8] {
        let len = u16::from_le_bytes([self.block[term + 16], self.block[term + 17]]);
        &self.block[term + HEAD..][..len.into()]
    }

    /// Calls `each` with every key and its chain, in the order of the keys.
    pub(crate) fn drain<E>(&self, mut each: impl FnMut(&[u8], &[u8]) -> Result<(), E>) -> Result<(), E> {
        // The first bytes of a key as a number decide most comparisons without looking into the block.
        let mut order: Vec<(u64, u32)> = Vec::with_capacity(self.terms);
        for entry in self.table.iter().filter(|entry| **entry != 0) {
            let term = *entry as u32 - 1;
            let mut start = [0; 8];
            start.iter_mut().zip(self.key(term as usize)).for_each(|(to, from)| *to = *from);
            order.push((u64::from_be_bytes(start), term));
        }
        order.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| self.key(a.1 as usize).cmp(self.key(b.1 as usize)))
        });
        let mut chain = Vec::new();
        for (_, term) in order {
            self.chain(term as usize, &mut chain);
            each(self.key(term as usize), &chain)?;
        }
        Ok(())
    }

    /// Puts the slices of a chain together.
    fn chain(&self, term: usize, into: &mut Vec<u8>) {
        into.clear();
        let head = Head::read(&self.block, term);
        let (mut at, mut size) = (term + HEAD + usize::from(head.key_len), FIRST_SLICE);
        loop {
            let end = at + size as usize;
            if end == head.end as usize {
                into.extend_from_slice(&self.block[at..head.at as usize]);
                return;
            }
            into.extend_from_slice(&self.block[at..end]);
            let link = self.block[end..].first_chunk().expect("a slice ends with a link");
            at = u32::from_le_bytes(*link) as usize;
            size = (size * 2).min(LAST_SLICE);
        }
    }
}

/// Reserves a slice and its link.
fn slice(block: &mut Vec<u8>, size: u32) -> u32 {
    let start = block.len();
    block.resize(start + (size + LINK) as usize, 0);
    start as u32
}

/// The bits of the bytes that a key of this length, from 1 on, has among its first eight.
#[inline]
fn mask(len: usize) -> u64 {
    u64::MAX >> (64 - 8 * len.min(8))
}

/// The first eight bytes of a key, which has this `start`, and those behind it; the last are taken once more to make eight.
#[inline]
fn hash(key: &[u8], start: u64) -> u32 {
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517C_C1B7_2722_0A95);
    let mut hash = mix(key.len() as u64, start);
    if let (Some(last), 9..) = (key.last_chunk(), key.len()) {
        let (between, _) = key[8..].as_chunks();
        hash = between.iter().fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word)));
        hash = mix(hash, u64::from_le_bytes(*last));
    }
    (hash >> 32) as u32
}

/// Two numbers, without allocating.
#[derive(Default)]
struct Small {
    bytes: [u8; 20],
    len: usize,
}

impl Small {
    #[inline]
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes[self.len] = value as u8 | 0x80;
            value >>= 7;
            self.len += 1;
        }
        self.bytes[self.len] = value as u8;
        self.len += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::take_varint;
    use crate::text::start;

    fn add(pool: &mut Pool, key: &[u8], file: u32, position: u32) {
        pool.add(key, start(key), file, position);
    }

    #[test]
    fn occurrences_come_back_sorted_by_key() {
        let mut pool = Pool::new(1 << 20);
        for file in 0..50 {
            for position in 0..40 {
                add(&mut pool, b"all", file, position * 1000);
                if position % 7 == 0 {
                    add(&mut pool, &[b'k', file as u8], file, position * 1000);
                }
            }
        }
        let mut keys = Vec::new();
        pool.drain(|key, chain| {
            keys.push(key.to_vec());
            if key == b"all" {
                let (mut rest, mut file, mut places) = (chain, 0, 0);
                while let Some(head) = take_varint(&mut rest) {
                    if head & 1 == 1 {
                        file += head >> 1;
                        assert_eq!(take_varint(&mut rest), Some(0));
                    } else {
                        assert_eq!(head >> 1, 1000);
                    }
                    places += 1;
                }
                assert_eq!((file, places, rest.len()), (49, 2000, 0));
            }
            Ok::<(), ()>(())
        })
        .unwrap();
        assert!(keys.is_sorted());
        assert_eq!(keys.len(), 51);
    }

    #[test]
    fn full_comes_before_the_memory_grows() {
        let mut pool = Pool::new(1 << 20);
        let before = pool.block.capacity();
        let mut n = 0u32;
        while !pool.full() {
            add(&mut pool, n.to_le_bytes().repeat(n as usize % 16 + 1).as_slice(), n, 0);
            n += 1;
        }
        assert!(n > 1000);
        assert_eq!(pool.block.capacity(), before);
        assert!(pool.table.len() * 8 + pool.block_limit <= 1 << 20);
    }
}
