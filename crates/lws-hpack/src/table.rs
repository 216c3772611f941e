//! The dynamic table: a queue of fields that evicts its oldest to stay within a size (RFC 7541 §2.3.2, §4).
//!
//! ```text
//!   bytes:   | free | oldest name value | ... | newest name value | free ... |
//!                   at of entries[n-1]        at of entries[0]    end        bytes.len()
//! ```
//! The text of all entries lies in one block, in the order of insertion, each entry in one piece. When the text
//! reaches the end of the block, the live part slides back to its beginning. With a wrapping ring an entry could be
//! in two pieces, and every reader would pay for that; the slide costs at most one move of the live bytes (below
//! 4 KiB with the default setting, some 50 ns) per insertion, usually one per dozens, because the 32 bytes that each
//! entry counts beyond its text are all free room.
//!
//! The block grows by need, in steps of a half, up to the table's maximum: most peers fill little of it, and a
//! connection that is idle keeps what it has.
//!
//! Invariants: `sum of sizes == size <= max <= MAX_TABLE_BYTES`; all text lies in `..end`, `end <= bytes.len()`.
//! Nothing is allocated before the first insertion.

use alloc::{collections::VecDeque, vec::Vec};

use crate::field::{Field, Known};
use crate::limits::{FIELD_OVERHEAD, MAX_TABLE_BYTES};

pub(crate) struct Table {
    bytes: Vec<u8>,
    end: usize,
    /// Newest first: the position is the HPACK index less the static ones.
    entries: VecDeque<Entry>,
    size: usize,
    max: usize,
    /// How often the entries have changed.
    changes: u32,
}

/// An entry's name begins at `at`, its value follows. 64 KiB of table with 32 of overhead each make 16 bits enough.
struct Entry {
    at: u16,
    name: u16,
    value: u16,
    known: Known,
}

impl Table {
    /// An empty table that may grow to `max` bytes, at most [`MAX_TABLE_BYTES`].
    pub(crate) const fn new(max: usize) -> Self {
        let max = if max < MAX_TABLE_BYTES { max } else { MAX_TABLE_BYTES };
        Self { bytes: Vec::new(), end: 0, entries: VecDeque::new(), size: 0, max, changes: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn max(&self) -> usize {
        self.max
    }

    /// How often the entries have changed, up to wrapping round: whoever finds the same number again finds the same
    /// entries.
    pub(crate) fn changes(&self) -> u32 {
        self.changes
    }

    /// An entry, the newest being 0.
    pub(crate) fn entry(&self, position: usize) -> Option<Field<'_>> {
        let entry = self.entries.get(position)?;
        let text = &self.bytes[usize::from(entry.at)..entry.end()];
        let (name, value) = text.split_at(usize::from(entry.name));
        Some(Field { name, value, never_indexed: false, known: entry.known })
    }

    /// RFC 7541 §4.3: a new maximum evicts what does not fit any more.
    pub(crate) fn resize(&mut self, max: usize) {
        self.max = max.min(MAX_TABLE_BYTES);
        self.touch();
        self.evict(self.max);
    }

    /// Counts a change: what was true of the entries need not be any more.
    pub(crate) fn touch(&mut self) {
        self.changes = self.changes.wrapping_add(1);
    }

    /// Drops all entries.
    pub(crate) fn clear(&mut self) {
        self.evict(0);
    }

    /// RFC 7541 §4.4: evicts until the new entry fits, then adds it. One that is larger than the whole table
    /// leaves it empty.
    pub(crate) fn insert(&mut self, field: &Field<'_>) {
        let Field { name, value, known, .. } = *field;
        let text = name.len().saturating_add(value.len());
        let Some(rest) = self.max.checked_sub(text.saturating_add(FIELD_OVERHEAD)) else {
            return self.evict(0);
        };
        self.evict(rest);
        if self.bytes.len() - self.end < text {
            self.make_room(text);
        }
        let at = self.end;
        self.end = at + text;
        let (into_name, into_value) = self.bytes[at..self.end].split_at_mut(name.len());
        into_name.copy_from_slice(name);
        into_value.copy_from_slice(value);
        // The casts keep everything: text + 32 <= max <= 64 KiB, and all text of entries lies below that.
        let (name, value) = (name.len() as u16, value.len() as u16);
        self.entries.push_front(Entry { at: at as u16, name, value, known });
        self.size += text + FIELD_OVERHEAD;
        self.touch();
    }

    /// Drops the oldest entries until the size is at most `target`.
    fn evict(&mut self, target: usize) {
        while self.size > target
            && let Some(oldest) = self.entries.pop_back()
        {
            self.size -= usize::from(oldest.name) + usize::from(oldest.value) + FIELD_OVERHEAD;
            self.touch();
        }
        if self.entries.is_empty() {
            self.end = 0;
        }
    }

    /// Slides the text to the beginning of the block, and lets it grow if that leaves little room for more than `text`.
    /// A block of `max` bytes is always large enough: the text of all entries is shorter than their size.
    #[cold]
    fn make_room(&mut self, text: usize) {
        let start = self.entries.back().map_or(self.end, |oldest| usize::from(oldest.at));
        self.bytes.copy_within(start..self.end, 0);
        self.end -= start;
        for entry in &mut self.entries {
            entry.at -= start as u16;
        }
        // As much free room as half of what is there: so that the text slides once in many insertions.
        let need = self.end + text;
        let len = (need + need / 2).max(FIRST_BLOCK_BYTES).min(self.max);
        if let Some(more) = len.checked_sub(self.bytes.len()) {
            self.bytes.reserve_exact(more);
            self.bytes.resize(len, 0);
        }
    }
}

/// Bytes of a block that has just been allocated.
const FIRST_BLOCK_BYTES: usize = 256;

impl Entry {
    fn end(&self) -> usize {
        usize::from(self.at) + usize::from(self.name) + usize::from(self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn insert(table: &mut Table, name: &[u8], value: &[u8]) {
        table.insert(&Field::new(name, value));
    }

    /// The same table, the obvious way.
    #[derive(Default)]
    struct Model {
        entries: VecDeque<(Vec<u8>, Vec<u8>)>,
        max: usize,
    }

    impl Model {
        fn size(&self) -> usize {
            self.entries.iter().map(|(name, value)| name.len() + value.len() + 32).sum()
        }

        fn insert(&mut self, name: Vec<u8>, value: Vec<u8>) {
            self.entries.push_front((name, value));
            while self.size() > self.max {
                self.entries.pop_back();
            }
        }
    }

    #[test]
    fn behaves_like_the_obvious_table() {
        let mut table = Table::new(300);
        let mut model = Model { max: 300, ..Model::default() };
        let mut state = 1_u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % below) as usize
        };
        for step in 0..20_000 {
            if random(50) == 0 {
                let max = [0, 31, 32, 100, 300, 4096][random(6)];
                table.resize(max);
                model.max = max;
                while model.size() > max {
                    model.entries.pop_back();
                }
            } else {
                let long = if random(10) == 0 { 400 } else { 40 };
                let (name, value) = (vec![step as u8; random(long)], vec![!step as u8; random(long)]);
                insert(&mut table, &name, &value);
                model.insert(name, value);
            }
            assert_eq!((table.size(), table.len()), (model.size(), model.entries.len()), "step {step}");
            for (position, (name, value)) in model.entries.iter().enumerate() {
                assert_eq!(table.entry(position), Some(Field::new(name, value)), "step {step}");
            }
            assert_eq!(table.entry(table.len()), None);
            assert!(table.bytes.len() <= 4096);
        }
    }

    #[test]
    fn grows_by_need_and_never_beyond_its_maximum() {
        let mut table = Table::new(4096);
        assert_eq!((table.bytes.capacity(), table.entries.capacity()), (0, 0));
        insert(&mut table, b"name", b"value");
        assert_eq!(table.bytes.capacity(), FIRST_BLOCK_BYTES);
        for _ in 0..10 {
            insert(&mut table, b"a-name", &[0; 44]);
        }
        assert!((510..=850).contains(&table.bytes.capacity()), "{}", table.bytes.capacity());
        for step in 0..10_000_usize {
            insert(&mut table, b"name", &vec![0; step % 500]);
            assert!(table.bytes.capacity() <= 4096);
        }
        // Once it has what its peer makes it hold, it does not allocate any more.
        let block = (table.bytes.as_ptr(), table.bytes.capacity());
        for step in 0..10_000_usize {
            insert(&mut table, b"name", &vec![0; step % 500]);
        }
        assert_eq!((table.bytes.as_ptr(), table.bytes.capacity()), block);
        assert!(table.entries.capacity() <= 4096 / FIELD_OVERHEAD);
    }

    #[test]
    fn an_entry_as_large_as_the_table_fits_and_one_more_byte_empties_it() {
        let mut table = Table::new(64);
        insert(&mut table, b"", &[7; 32]);
        assert_eq!((table.len(), table.size()), (1, 64));
        insert(&mut table, b"", &[7; 33]);
        assert_eq!((table.len(), table.size()), (0, 0));
    }

    #[test]
    fn the_largest_table_holds_the_largest_entry() {
        let mut table = Table::new(usize::MAX);
        let text = vec![7; MAX_TABLE_BYTES - FIELD_OVERHEAD];
        insert(&mut table, &text, b"");
        assert_eq!(table.entry(0), Some(Field::new(&text, b"")));
        insert(&mut table, b"", &text);
        assert_eq!(table.entry(0), Some(Field::new(b"", &text)));
        assert_eq!(table.len(), 1);
    }
}
