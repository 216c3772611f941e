//! Doubly linked lists of timers, by index.
//!
//! ```text
//!   list 7:  head ──▶ timer 3 ──▶ timer 9 ──▶ (list 7)
//!            tail ─────────────────┘
//! ```
//! Both ends of a list point back at the list itself, so unlinking needs no special case and a timer need not
//! remember which list it is in.

use alloc::{boxed::Box, vec};
use core::num::NonZeroU32;

use crate::slab::Slab;

/// Set in a link that names a list; clear in one that names a timer (its index plus one).
const LIST: NonZeroU32 = NonZeroU32::new(1 << 31).expect("not zero");

/// A neighbour: a timer, or the list itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link(NonZeroU32);

pub(crate) enum Target {
    Timer(u32),
    List(usize),
}

impl Link {
    pub(crate) fn list(list: usize) -> Self {
        Self(LIST | list as u32)
    }

    fn timer(index: u32) -> Self {
        Self(NonZeroU32::new(index + 1).expect("an index is below MAX_TIMERS"))
    }

    pub(crate) fn target(self) -> Target {
        match self.0.get() {
            list if list & LIST.get() != 0 => Target::List((list & !LIST.get()) as usize),
            timer => Target::Timer(timer - 1),
        }
    }
}

struct Ends {
    head: Link,
    tail: Link,
}

/// A fixed number of lists. Each timer of the slab is in exactly one of them, except inside a method.
pub(crate) struct Lists(Box<[Ends]>);

impl Lists {
    pub(crate) fn new(count: usize) -> Self {
        let mut lists = vec::Vec::with_capacity(count);
        lists.extend((0..count).map(|list| Ends { head: Link::list(list), tail: Link::list(list) }));
        Self(lists.into_boxed_slice())
    }

    pub(crate) fn is_empty(&self, list: usize) -> bool {
        self.first(list).is_none()
    }

    /// The index of the first timer of `list`.
    pub(crate) fn first(&self, list: usize) -> Option<u32> {
        match self.0[list].head.target() {
            Target::Timer(index) => Some(index),
            Target::List(_) => None,
        }
    }

    /// Appends the timer at `index`, which is in no list.
    pub(crate) fn push(&mut self, slab: &mut Slab, list: usize, index: u32) {
        let (this, last) = (Link::timer(index), self.0[list].tail);
        let armed = slab.armed(index);
        (armed.prev, armed.next) = (last, Link::list(list));
        self.set_next(slab, last, this);
        self.0[list].tail = this;
    }

    /// Takes the timer at `index` out of its list. Returns the list if that left it empty.
    pub(crate) fn unlink(&mut self, slab: &mut Slab, index: u32) -> Option<usize> {
        let armed = slab.armed(index);
        let (prev, next) = (armed.prev, armed.next);
        self.set_next(slab, prev, next);
        self.set_prev(slab, next, prev);
        match next.target() {
            Target::List(list) if prev == next => Some(list),
            _ => None,
        }
    }

    fn set_next(&mut self, slab: &mut Slab, of: Link, to: Link) {
        match of.target() {
            Target::Timer(index) => slab.armed(index).next = to,
            Target::List(list) => self.0[list].head = to,
        }
    }

    fn set_prev(&mut self, slab: &mut Slab, of: Link, to: Link) {
        match of.target() {
            Target::Timer(index) => slab.armed(index).prev = to,
            Target::List(list) => self.0[list].tail = to,
        }
    }
}
