//! Where the timers live: one vector of entries, the free ones in a list.
//!
//! An id carries the generation of its entry. Freeing an entry moves it to the next generation, so an old id
//! finds nothing. An entry whose generations are used up (after 2^32 - 1 timers) is not used again: an id never
//! comes back.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::limits::MAX_TIMERS;
use crate::list::Link;

/// Names an armed timer. Once the timer has expired or was cancelled, its id is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimerId {
    pub(crate) index: u32,
    generation: NonZeroU32,
}

/// An armed timer.
pub(crate) struct Armed {
    /// The low 32 bits of the deadline's tick; the timer's slot knows the rest.
    pub(crate) tick: u32,
    pub(crate) prev: Link,
    pub(crate) next: Link,
    generation: NonZeroU32,
}

enum Entry {
    Armed(Armed),
    /// `next` is the free entry after this one.
    Free {
        generation: NonZeroU32,
        next: Option<NonZeroU32>,
    },
}

/// Entries, of which the free ones are used first.
pub(crate) struct Slab {
    entries: Vec<Entry>,
    /// The first free entry's index, plus one.
    free: Option<NonZeroU32>,
    /// Armed entries.
    len: usize,
}

impl Slab {
    pub(crate) const fn new() -> Self {
        Self { entries: Vec::new(), free: None, len: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// Stores a timer that is in no list yet.
    pub(crate) fn insert(&mut self, tick: u32) -> TimerId {
        let armed = |generation| Armed { tick, prev: Link::list(0), next: Link::list(0), generation };
        self.len += 1;
        if let Some(free) = self.free {
            let index = free.get() - 1;
            let entry = &mut self.entries[index as usize];
            let Entry::Free { generation, next } = *entry else { unreachable!("the free list is free") };
            self.free = next;
            *entry = Entry::Armed(armed(generation));
            return TimerId { index, generation };
        }
        assert!(self.entries.len() < MAX_TIMERS, "more timers than limits::MAX_TIMERS");
        let (index, generation) = (self.entries.len() as u32, NonZeroU32::MIN);
        self.entries.push(Entry::Armed(armed(generation)));
        TimerId { index, generation }
    }

    /// The index of the timer `id` names, if it is armed still.
    pub(crate) fn find(&self, id: TimerId) -> Option<u32> {
        match self.entries.get(id.index as usize)? {
            Entry::Armed(armed) if armed.generation == id.generation => Some(id.index),
            _ => None,
        }
    }

    /// The armed timer at `index`, which comes from a list or from [`Slab::find`].
    pub(crate) fn armed(&mut self, index: u32) -> &mut Armed {
        match &mut self.entries[index as usize] {
            Entry::Armed(armed) => armed,
            Entry::Free { .. } => unreachable!("lists hold armed timers only"),
        }
    }

    /// Frees the armed timer at `index`, which is in no list any more.
    pub(crate) fn remove(&mut self, index: u32) {
        let generation = self.armed(index).generation.checked_add(1);
        // A worn-out entry keeps its last generation, and out of the free list nobody sees it again.
        let free = Entry::Free { generation: generation.unwrap_or(NonZeroU32::MAX), next: self.free };
        if generation.is_some() {
            self.free = NonZeroU32::new(index + 1);
        }
        self.entries[index as usize] = free;
        self.len -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::mem::size_of;

    #[test]
    fn sizes() {
        assert_eq!(size_of::<Entry>(), 16);
        assert_eq!(size_of::<TimerId>(), 8);
        assert_eq!(size_of::<Option<TimerId>>(), 8);
    }

    #[test]
    fn an_id_never_comes_back() {
        let mut slab = Slab::new();
        let first = slab.insert(0);
        // As if the entry had been used 2^32 - 2 times.
        slab.armed(first.index).generation = NonZeroU32::MAX;
        assert_eq!(slab.find(first), None);
        slab.remove(first.index);
        let second = slab.insert(0);
        assert_ne!(second.index, first.index);
        assert_eq!(slab.len(), 1);
    }
}
