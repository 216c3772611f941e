//! The terms of the texts read so far, until the budget is used up.
//!
//! One block of memory holds the keys and, per term, a chain of slices with where it occurs:
//!
//! ```text
//! slice: [ bytes ........ | u32 where the next slice is ]     of 12, 20, 36, ... 260 bytes
//! bytes: for the first place in a file   varint((file - last file) << 1 | 1), varint(position)
//!        for each further place in it    varint((position - last position) << 1)
//! ```
//!
//! The first file of a chain is counted from 0. All memory is reserved at the start: a block that grows would for a
//! moment be there twice.

use alloc::vec::Vec;

const FIRST_SLICE: u32 = 8;
const LAST_SLICE: u32 = 256;
const LINK: u32 = 4;
/// More than one term can need: its key, two numbers, and the slices for them.
const HEADROOM: usize = crate::limits::MAX_PATH + 4 * (LAST_SLICE + LINK) as usize;

#[derive(Debug)]
struct Term {
    hash: u32,
    key_at: u32,
    key_len: u32,
    /// Where the first slice starts.
    first: u32,
    /// Where the next byte goes.
    at: u32,
    /// Where the link of the last slice is.
    end: u32,
    file: u32,
    position: u32,
    /// Bytes of the last slice without its link.
    slice: u32,
}

/// Collects occurrences of terms.
#[derive(Debug)]
pub(crate) struct Pool {
    block: Vec<u8>,
    block_limit: usize,
    terms: Vec<Term>,
    terms_limit: usize,
    /// Index into `terms` plus one, by hash, open addressing; its length is a power of two, twice `terms_limit` or more.
    table: Vec<u32>,
}

impl Pool {
    /// Of about `budget` bytes.
    pub(crate) fn new(budget: usize) -> Self {
        let terms_limit = budget / 128;
        let table = (terms_limit * 2).next_power_of_two();
        let block_limit = budget / 2 + budget / 8;
        Pool {
            block: Vec::with_capacity(block_limit),
            block_limit,
            terms: Vec::with_capacity(terms_limit),
            terms_limit,
            table: alloc::vec![0; table],
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether there may be no room for one more occurrence.
    pub(crate) fn full(&self) -> bool {
        self.block.len() + HEADROOM > self.block_limit || self.terms.len() == self.terms_limit
    }

    pub(crate) fn clear(&mut self) {
        self.block.clear();
        self.terms.clear();
        self.table.fill(0);
    }

    /// `key` is in `file` at `position`; both never decrease. The pool is not full.
    pub(crate) fn add(&mut self, key: &[u8], file: u32, position: u32) {
        let (index, new) = self.find(key);
        let term = &mut self.terms[index];
        let mut bytes = Small::default();
        if new || term.file != file {
            let before = if new { 0 } else { term.file };
            bytes.varint(u64::from(file - before) << 1 | 1);
            bytes.varint(u64::from(position));
        } else {
            bytes.varint(u64::from(position - term.position) << 1);
        }
        term.file = file;
        term.position = position;
        for byte in &bytes.bytes[..bytes.len] {
            if term.at == term.end {
                term.slice = (term.slice * 2).min(LAST_SLICE);
                let next = slice(&mut self.block, term.slice);
                let link = term.end as usize;
                self.block[link..link + LINK as usize].copy_from_slice(&next.to_le_bytes());
                term.at = next;
                term.end = next + term.slice;
            }
            self.block[term.at as usize] = *byte;
            term.at += 1;
        }
    }

    /// The index of the term, and whether it is new.
    fn find(&mut self, key: &[u8]) -> (usize, bool) {
        let hash = hash(key);
        let mask = self.table.len() - 1;
        let mut slot = hash as usize & mask;
        while let Some(index) = self.table[slot].checked_sub(1) {
            let term = &self.terms[index as usize];
            if term.hash == hash && self.key(term) == key {
                return (index as usize, false);
            }
            slot = (slot + 1) & mask;
        }
        let key_at = self.block.len() as u32;
        self.block.extend_from_slice(key);
        let first = slice(&mut self.block, FIRST_SLICE);
        self.table[slot] = self.terms.len() as u32 + 1;
        self.terms.push(Term {
            hash,
            key_at,
            key_len: key.len() as u32,
            first,
            at: first,
            end: first + FIRST_SLICE,
            file: 0,
            position: 0,
            slice: FIRST_SLICE,
        });
        (self.terms.len() - 1, true)
    }

    fn key(&self, term: &Term) -> &[u8] {
        &self.block[term.key_at as usize..][..term.key_len as usize]
    }

    /// Calls `each` with every key and its chain, in the order of the keys.
    pub(crate) fn drain<E>(&self, mut each: impl FnMut(&[u8], &[u8]) -> Result<(), E>) -> Result<(), E> {
        // The first bytes of a key as a number decide most comparisons without looking into the block.
        let mut order: Vec<(u64, u32)> = Vec::with_capacity(self.terms.len());
        for (index, term) in self.terms.iter().enumerate() {
            let mut start = [0; 8];
            start.iter_mut().zip(self.key(term)).for_each(|(to, from)| *to = *from);
            order.push((u64::from_be_bytes(start), index as u32));
        }
        order.sort_unstable_by(|a, b| {
            let key = |index: u32| self.key(&self.terms[index as usize]);
            a.0.cmp(&b.0).then_with(|| key(a.1).cmp(key(b.1)))
        });
        let mut chain = Vec::new();
        for (_, index) in order {
            let term = &self.terms[index as usize];
            self.chain(term, &mut chain);
            each(self.key(term), &chain)?;
        }
        Ok(())
    }

    /// Puts the slices of a chain together.
    fn chain(&self, term: &Term, into: &mut Vec<u8>) {
        into.clear();
        let (mut at, mut size) = (term.first as usize, FIRST_SLICE);
        loop {
            let end = at + size as usize;
            if end == term.end as usize {
                into.extend_from_slice(&self.block[at..term.at as usize]);
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

fn hash(key: &[u8]) -> u32 {
    let mut hash = key.len() as u64;
    let mut words = key.chunks_exact(8);
    for word in words.by_ref() {
        let word = word.first_chunk().map_or(0, |w| u64::from_le_bytes(*w));
        hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x517C_C1B7_2722_0A95);
    }
    for byte in words.remainder() {
        hash = (hash.rotate_left(5) ^ u64::from(*byte)).wrapping_mul(0x517C_C1B7_2722_0A95);
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

    #[test]
    fn occurrences_come_back_sorted_by_key() {
        let mut pool = Pool::new(1 << 20);
        for file in 0..50 {
            for position in 0..40 {
                pool.add(b"all", file, position * 1000);
                if position % 7 == 0 {
                    pool.add(&[b'k', file as u8], file, position * 1000);
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
        let before = (pool.block.capacity(), pool.terms.capacity());
        let mut n = 0u32;
        while !pool.full() {
            pool.add(n.to_le_bytes().repeat(n as usize % 16 + 1).as_slice(), n, 0);
            n += 1;
        }
        assert!(n > 1000);
        assert_eq!((pool.block.capacity(), pool.terms.capacity()), before);
    }
}
