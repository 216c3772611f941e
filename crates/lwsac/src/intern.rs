//! Equal texts stored once.
//!
//! The model: an open-addressing table of handles with linear probing, kept in the arena itself, so that the byte budget
//! bounds it too. It doubles when half full; the old tables together are as large as the new one.
//!
//! The hash is fast and has no secret, so a peer may craft colliding texts. That costs it the sharing, not us the time: a
//! search ends after [`INTERN_PROBES`](crate::limits::INTERN_PROBES) slots.

use crate::{Arena, Error, Ref, limits};

const FIRST_SLOTS: usize = 32;

/// Stores texts in an arena, equal ones once, in constant time each.
///
/// ```
/// let arena = lwsac::Arena::default();
/// let mut names = lwsac::Interner::new(&arena);
/// let (a, b) = (names.try_intern("text/html")?, names.try_intern("text/html")?);
/// assert_eq!(a, b); // the same place
/// assert_eq!(arena.get(a), Some("text/html"));
/// # Ok::<(), lwsac::Error>(())
/// ```
#[doc(alias = "lwsac_scan_extant")]
#[derive(Debug)]
pub struct Interner<'a> {
    arena: &'a Arena,
    /// A power of two, or none; at most half of them are taken.
    slots: &'a mut [Option<Entry>],
    taken: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    text: Ref<str>,
    hash: u32,
}

impl<'a> Interner<'a> {
    /// An interner that stores in `arena`. It takes no memory before the first text.
    pub fn new(arena: &'a Arena) -> Self {
        Self { arena, slots: &mut [], taken: 0 }
    }

    /// The place of `text` in the arena: that of an equal text seen before, or a new one.
    ///
    /// # Errors
    /// Any [`Error`]; texts interned before stay.
    pub fn try_intern(&mut self, text: &str) -> Result<Ref<str>, Error> {
        let hash = hash(text.as_bytes());
        for entry in reach(hash, self.slots.len()).map_while(|at| self.slots[at]) {
            if entry.hash == hash && self.arena.get(entry.text) == Some(text) {
                return Ok(entry.text);
            }
        }
        if (self.taken + 1) * 2 > self.slots.len() {
            self.widen()?;
        }
        let text = self.arena.try_insert_str(text)?;
        self.enter(Entry { text, hash });
        Ok(text)
    }

    /// How many different texts the table knows.
    pub fn len(&self) -> usize {
        self.taken
    }

    /// Whether nothing was interned yet.
    pub fn is_empty(&self) -> bool {
        self.taken == 0
    }

    fn widen(&mut self) -> Result<(), Error> {
        let len = (self.slots.len() * 2).max(FIRST_SLOTS);
        let slots = self.arena.try_alloc_with(len, |_| None)?;
        self.taken = 0;
        for entry in core::mem::replace(&mut self.slots, slots).iter().flatten() {
            self.enter(*entry);
        }
        Ok(())
    }

    /// Puts an entry into the first free slot within reach. Without one it is forgotten: an equal text is stored again.
    fn enter(&mut self, entry: Entry) {
        if let Some(free) = reach(entry.hash, self.slots.len()).find(|&at| self.slots[at].is_none()) {
            self.slots[free] = Some(entry);
            self.taken += 1;
        }
    }
}

/// The slots in which a text of this hash may be, in a table of `slots`: a power of two, or 0.
fn reach(hash: u32, slots: usize) -> impl Iterator<Item = usize> {
    let probes = limits::INTERN_PROBES.min(slots);
    (0..probes).map(move |i| (hash as usize).wrapping_add(i) & (slots - 1))
}

/// A multiply-and-fold hash over 8 bytes at a time.
fn hash(bytes: &[u8]) -> u32 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 / golden ratio: odd, no pattern in its bits
    let fold = |a: u64, b: u64| {
        let wide = u128::from(a) * u128::from(b);
        (wide >> 64) as u64 ^ wide as u64
    };
    let mut state = bytes.len() as u64 ^ K;
    for part in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        state = fold(state ^ u64::from_le_bytes(word), K);
    }
    (state ^ (state >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use std::collections::{HashMap, HashSet};
    use std::format;

    #[test]
    fn equal_texts_have_one_place() {
        let arena = Arena::default();
        let mut interner = Interner::new(&arena);
        let mut places = HashMap::new();
        for round in 0..2 {
            for i in 0..20_000_u32 {
                let text = format!("name-{}", i.wrapping_mul(2_654_435_761));
                let place = interner.try_intern(&text).unwrap();
                assert_eq!(arena.get(place), Some(text.as_str()));
                let first = *places.entry(text).or_insert(place);
                assert_eq!(first, place, "round {round}");
            }
        }
        assert_eq!(interner.len(), 20_000);
        assert_eq!(places.values().collect::<HashSet<_>>().len(), 20_000);
    }

    #[test]
    fn the_empty_text_is_a_text() {
        let arena = Arena::default();
        let mut interner = Interner::new(&arena);
        assert!(interner.is_empty());
        let empty = interner.try_intern("").unwrap();
        assert_ne!(interner.try_intern("a").unwrap(), empty);
        assert_eq!(interner.try_intern("").unwrap(), empty);
        assert_eq!(interner.len(), 2);
    }

    /// Colliding texts, as a peer could craft them: found by search here.
    #[test]
    fn colliding_texts_cost_bounded_time() {
        let arena = Arena::default();
        let mut interner = Interner::new(&arena);
        // All of them start their search in one of 4 neighbouring slots of a table of 4096.
        let texts: std::vec::Vec<_> = (0..2_000_000_u32)
            .map(|i| format!("{i:x}"))
            .filter(|text| hash(text.as_bytes()) & 4095 < 4)
            .take(1500)
            .collect();
        assert_eq!(texts.len(), 1500);
        for text in &texts {
            let place = interner.try_intern(text).unwrap();
            assert_eq!(arena.get(place), Some(text.as_str()));
        }
        assert!(interner.len() < 300, "only what is within reach is in the table: {}", interner.len());
    }

    #[test]
    fn the_budget_bounds_the_table() {
        let arena = Arena::new(Config::default().budget(4000));
        let mut interner = Interner::new(&arena);
        let first = interner.try_intern("first").unwrap();
        let refused = (0..10_000).find(|i| interner.try_intern(&format!("text {i}")).is_err());
        assert!(refused.is_some());
        assert_eq!(interner.try_intern("first"), Ok(first), "what was interned stays");
    }
}
