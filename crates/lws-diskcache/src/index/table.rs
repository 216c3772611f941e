//! A hash table of node numbers, for keys that are hashes already.
//!
//! The model: open addressing with linear probing, at most 3/4 full. An entry is 4 bytes, and the key is in the node; so each
//! call takes a function from node to key. Removal moves later entries back, so there are no tombstones.

use crate::Key;

const EMPTY: u32 = u32::MAX;

pub(super) struct Table {
    /// A power of two.
    slots: Vec<u32>,
    len: usize,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { slots: vec![EMPTY; 64], len: 0 }
    }

    /// Where the search for a key starts.
    fn home(&self, key: &Key) -> usize {
        // Any bytes will do; the first names the directory.
        let bytes = key.as_bytes()[8..16].try_into().expect("8 of 32 bytes");
        u64::from_le_bytes(bytes) as usize & (self.slots.len() - 1)
    }

    fn next(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }

    /// The slot of a key, or the empty one where it would be.
    fn slot(&self, key: &Key, key_of: impl Fn(u32) -> Key) -> usize {
        let mut slot = self.home(key);
        while self.slots[slot] != EMPTY && key_of(self.slots[slot]) != *key {
            slot = self.next(slot);
        }
        slot
    }

    pub(super) fn find(&self, key: &Key, key_of: impl Fn(u32) -> Key) -> Option<u32> {
        Some(self.slots[self.slot(key, key_of)]).filter(|&at| at != EMPTY)
    }

    /// Adds a key that is not there.
    pub(super) fn insert(&mut self, key: &Key, at: u32, key_of: impl Fn(u32) -> Key) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let wider = vec![EMPTY; self.slots.len() * 2];
            for at in std::mem::replace(&mut self.slots, wider).into_iter().filter(|&at| at != EMPTY) {
                let slot = self.slot(&key_of(at), &key_of);
                self.slots[slot] = at;
            }
        }
        let slot = self.slot(key, key_of);
        self.slots[slot] = at;
        self.len += 1;
    }

    /// Removes a key that is there.
    pub(super) fn remove(&mut self, key: &Key, key_of: impl Fn(u32) -> Key) {
        let mut hole = self.slot(key, &key_of);
        self.slots[hole] = EMPTY;
        self.len -= 1;
        // What comes behind, up to the next hole, must be found without crossing this one.
        let mut slot = self.next(hole);
        while self.slots[slot] != EMPTY {
            let home = self.home(&key_of(self.slots[slot]));
            // Distances, around the end: the entry may move if its search would pass the hole.
            let mask = self.slots.len() - 1;
            if (slot.wrapping_sub(home) & mask) >= (slot.wrapping_sub(hole) & mask) {
                self.slots[hole] = std::mem::replace(&mut self.slots[slot], EMPTY);
                hole = slot;
            }
            slot = self.next(slot);
        }
    }
}
