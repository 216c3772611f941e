//! The wheel.
//!
//! ```text
//!   level 4    slots of 2^32 ticks      far away
//!     ...                                  │  a slot is opened when the clock reaches its first tick:
//!   level 1    slots of 256 ticks          ▼  its timers move to lower levels, or to `due`
//!   level 0    slots of one tick ────▶ due ────▶ expire()
//! ```
//! A tick is a number of five bytes; level `n` is ordered by byte `n`. A timer sits at the level of the highest
//! byte in which its tick differs from `reached`, in the slot that byte names.
//!
//! Invariants: every timer with a tick `<= reached` is in `due`; every other one is at the level just said. It
//! follows that a level's timers all come before those of the levels above it, and that all timers of one tick are
//! in the same list at any time, in the order they were armed.

use alloc::vec::Vec;

use lws_wire::Time;

use crate::limits::{LEVELS, NEVER_TICKS, SLOTS, TICK_US};
use crate::list::Lists;
use crate::slab::{Slab, TimerId};

/// The list of timers that are due; the slots' lists come before it.
const DUE: usize = LEVELS * SLOTS;
/// Bits in one word of the map of slots.
const WORD: usize = u64::BITS as usize;
/// Words of one level in it.
const WORDS: usize = SLOTS / WORD;

/// Timers with a key each, in a hierarchical timing wheel.
///
/// Arming, cancelling and asking for the next deadline take constant time. A timer costs 16 bytes more than its
/// key, a wheel 10 KiB. Memory is kept for as many timers as were ever armed at once, and reused.
#[doc(alias = "lws_sorted_usec_list_t")]
#[doc(alias = "lws_sul")]
pub struct Wheel<K> {
    // Everything that does not depend on the key is there once for all kinds of wheels.
    bare: Bare,
    /// By the indices of their timers; `None` where no timer is armed.
    keys: Vec<Option<K>>,
}

impl<K> Wheel<K> {
    /// A wheel without timers. Deadlines before `now` are due at once.
    pub fn new(now: Time) -> Self {
        Self { bare: Bare::new(now), keys: Vec::new() }
    }

    /// Timers armed, those due and not yet collected included.
    pub fn len(&self) -> usize {
        self.bare.slab.len()
    }

    /// Whether no timer is armed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Arms a timer. A deadline in the past is due at once, one beyond [`NEVER_TICKS`] never.
    ///
    /// # Panics
    /// With [`MAX_TIMERS`](crate::limits::MAX_TIMERS) timers armed already.
    #[doc(alias = "lws_sul_schedule")]
    pub fn insert(&mut self, at: Time, key: K) -> TimerId {
        let id = self.bare.insert(at);
        match self.keys.get_mut(id.index as usize) {
            Some(free) => *free = Some(key),
            // Indices are handed out in order.
            None => self.keys.push(Some(key)),
        }
        id
    }

    /// Disarms a timer and returns its key; `None` if it has expired or was cancelled before.
    #[doc(alias = "lws_sul_cancel")]
    pub fn cancel(&mut self, id: TimerId) -> Option<K> {
        let index = self.bare.cancel(id)?;
        self.keys.get_mut(index as usize)?.take()
    }

    /// When to call [`Wheel::expire`] next; `None` if no timer will ever be due.
    ///
    /// It is a lower bound: whoever wakes up then may find nothing due and a later time here, at most
    /// `LEVELS - 1` times per timer. After `expire` has returned `None` it lies after the `now` given there.
    pub fn next_deadline(&self) -> Option<Time> {
        self.bare.next_deadline()
    }

    /// Disarms one timer whose deadline is not after `now` and returns its key; call it until it returns `None`.
    ///
    /// Timers come in the order of their ticks, and those of one tick in the order they were armed. A `now` before
    /// an earlier one counts as that one.
    pub fn expire(&mut self, now: Time) -> Option<K> {
        let index = self.bare.expire(now)?;
        self.keys.get_mut(index as usize)?.take()
    }
}

/// A wheel of timers without keys: they are known by their indices.
pub(crate) struct Bare {
    pub(crate) slab: Slab,
    lists: Lists,
    /// Slots that hold timers: a bit for each, in the order of the lists.
    used: [u64; LEVELS * WORDS],
    /// Words of `used` in which a bit is set.
    used_words: u32,
    /// When tick zero was.
    start: Time,
    /// The tick up to which slots have been opened.
    pub(crate) reached: u64,
}

impl Bare {
    fn new(now: Time) -> Self {
        Self {
            slab: Slab::new(),
            lists: Lists::new(DUE + 1),
            used: [0; LEVELS * WORDS],
            used_words: 0,
            start: now,
            reached: 0,
        }
    }

    fn insert(&mut self, at: Time) -> TimerId {
        // Rounded up: never early.
        let ticks = self.micros(at).div_ceil(TICK_US).min(NEVER_TICKS);
        let id = self.slab.insert(ticks as u32);
        self.place(id.index, ticks);
        id
    }

    fn cancel(&mut self, id: TimerId) -> Option<u32> {
        let index = self.slab.find(id)?;
        self.take(index);
        Some(index)
    }

    fn next_deadline(&self) -> Option<Time> {
        let tick = match self.lists.is_empty(DUE) {
            true => self.first_slot()?.first_tick,
            false => self.reached,
        };
        let us = self.start.as_micros().saturating_add(tick * TICK_US);
        (tick < NEVER_TICKS).then_some(Time::from_micros(us))
    }

    /// Microseconds from tick zero to `at`; none if it was before.
    fn micros(&self, at: Time) -> u64 {
        at.as_micros().saturating_sub(self.start.as_micros())
    }

    fn expire(&mut self, now: Time) -> Option<u32> {
        // Rounded down: never early. Nothing that is never due is reached.
        let now = (self.micros(now) / TICK_US).min(NEVER_TICKS - 1);
        loop {
            if let Some(index) = self.lists.first(DUE) {
                self.take(index);
                return Some(index);
            }
            match self.first_slot() {
                Some(slot) if slot.first_tick <= now => self.open(slot),
                _ => break,
            }
        }
        // No slot begins before `now`, so every timer is still at its level.
        self.reached = self.reached.max(now);
        None
    }

    /// The used slot that begins first.
    fn first_slot(&self) -> Option<Slot> {
        // The words of a level come before those of the levels above it.
        let word = self.used_words.trailing_zeros() as usize;
        let list = word * WORD + self.used.get(word)?.trailing_zeros() as usize;
        let (level, slot) = (list / SLOTS, list % SLOTS);
        // The bytes above the level's are those of `reached`, the ones below are zero.
        let above = self.reached >> (8 * level) & !0xff;
        Some(Slot { list, first_tick: (above | slot as u64) << (8 * level) })
    }

    /// Moves the clock to the first tick of `slot` and its timers to lower levels.
    fn open(&mut self, slot: Slot) {
        self.reached = slot.first_tick;
        while let Some(index) = self.lists.first(slot.list) {
            self.unlink(index);
            // A slot spans at most 2^32 ticks, so its first tick has the bits that a timer does not store.
            let tick = slot.first_tick >> 32 << 32 | u64::from(self.slab.armed(index).tick);
            self.place(index, tick);
        }
    }

    /// Puts a timer where the invariant wants it.
    fn place(&mut self, index: u32, tick: u64) {
        let list = if tick <= self.reached {
            DUE
        } else {
            let level = (tick ^ self.reached).ilog2() as usize / 8;
            let slot = (tick >> (8 * level)) as usize % SLOTS;
            let list = level * SLOTS + slot;
            self.used[list / WORD] |= 1 << (list % WORD);
            self.used_words |= 1 << (list / WORD);
            list
        };
        self.lists.push(&mut self.slab, list, index);
    }

    /// Disarms the timer at `index`.
    fn take(&mut self, index: u32) {
        self.unlink(index);
        self.slab.remove(index);
    }

    fn unlink(&mut self, index: u32) {
        if let Some(list @ ..DUE) = self.lists.unlink(&mut self.slab, index) {
            let word = &mut self.used[list / WORD];
            *word &= !(1 << (list % WORD));
            if *word == 0 {
                self.used_words &= !(1 << (list / WORD));
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Slot {
    list: usize,
    first_tick: u64,
}

#[cfg(test)]
mod tests;
