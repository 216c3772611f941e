//! A bounded queue in which connections take turns.
//!
//! The model: a line of items for each connection, and a ring of the connections that have one. The head of the ring gives one
//! item and goes to the end. So whoever brings little waits for one item of each other connection at most.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use crate::Error;
use crate::pool::Key;

/// Connections without items that may stay in the ring, beyond as many as have some, before they are cleared out.
const STALE: usize = 16;

/// The items of one connection.
struct Line<T> {
    /// The oldest one. Most lines have no other, and so need no memory of their own.
    first: Option<T>,
    /// The others; none without a first.
    rest: VecDeque<T>,
}

impl<T> Line<T> {
    fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    fn push(&mut self, item: T) {
        match self.first {
            None => self.first = Some(item),
            Some(_) => self.rest.push_back(item),
        }
    }

    fn pop(&mut self) -> Option<T> {
        std::mem::replace(&mut self.first, self.rest.pop_front())
    }

    fn remove(&mut self, is_it: impl Fn(&T) -> bool) -> Option<T> {
        if is_it(self.first.as_ref()?) {
            return self.pop();
        }
        self.rest.remove(self.rest.iter().position(is_it)?)
    }
}

pub(crate) struct Fair<K, T> {
    /// A connection is a key here while it is in the ring.
    lines: HashMap<K, Line<T>>,
    /// Each connection once.
    ring: VecDeque<K>,
    /// Items in all lines; `len <= max`.
    len: usize,
    max: usize,
    max_line: usize,
}

impl<K: Key, T> Fair<K, T> {
    pub(crate) fn new(max: usize, max_line: usize) -> Self {
        Self { lines: HashMap::new(), ring: VecDeque::new(), len: 0, max, max_line }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether one more item of `key` may be pushed.
    pub(crate) fn check(&self, key: K) -> Result<(), Error> {
        if self.len >= self.max {
            return Err(Error::QueueFull);
        }
        if self.lines.get(&key).map_or(0, Line::len) >= self.max_line {
            return Err(Error::ConnectionFull);
        }
        Ok(())
    }

    /// Appends an item that `check` allowed.
    pub(crate) fn push(&mut self, key: K, item: T) {
        debug_assert!(self.check(key).is_ok(), "the caller checked");
        let line = match self.lines.entry(key) {
            Entry::Occupied(line) => line.into_mut(),
            Entry::Vacant(free) => {
                self.ring.push_back(key);
                free.insert(Line { first: None, rest: VecDeque::new() })
            }
        };
        line.push(item);
        self.len += 1;
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        loop {
            let key = self.ring.pop_front()?;
            let Entry::Occupied(mut line) = self.lines.entry(key) else { continue };
            let item = line.get_mut().pop();
            if line.get().len() == 0 {
                line.remove();
            } else {
                self.ring.push_back(key);
            }
            if item.is_some() {
                self.len -= 1;
                return item;
            }
        }
    }

    /// Takes out the item of `key` that `is_it`. Looks at that connection's items only.
    pub(crate) fn remove(&mut self, key: K, is_it: impl Fn(&T) -> bool) -> Option<T> {
        let item = self.lines.get_mut(&key)?.remove(is_it)?;
        self.len -= 1;
        // Its connection stays in the ring, maybe without items, unless such become many.
        if self.ring.len() > 2 * self.len + STALE {
            self.lines.retain(|_, line| line.len() > 0);
            self.ring.retain(|key| self.lines.contains_key(key));
        }
        Some(item)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn queue(max: usize, max_line: usize, items: &[(char, u32)]) -> Fair<char, u32> {
        let mut fair = Fair::new(max, max_line);
        for &(key, item) in items {
            fair.check(key).expect("room");
            fair.push(key, item);
        }
        fair
    }

    fn all(mut fair: Fair<char, u32>) -> Vec<u32> {
        let items = std::iter::from_fn(|| fair.pop()).collect();
        assert_eq!(fair.len(), 0);
        assert!(fair.lines.is_empty() && fair.ring.is_empty());
        items
    }

    #[test]
    fn connections_take_turns() {
        let items = [('a', 1), ('a', 2), ('a', 3), ('b', 4), ('c', 5), ('b', 6)];
        assert_eq!(all(queue(9, 9, &items)), [1, 4, 5, 2, 6, 3]);
    }

    #[test]
    fn the_whole_and_each_line_are_bounded() {
        let full_line = queue(9, 2, &[('a', 1), ('a', 2)]);
        assert!(matches!(full_line.check('a'), Err(Error::ConnectionFull)));
        assert!(full_line.check('b').is_ok());
        let full = queue(2, 2, &[('a', 1), ('b', 2)]);
        assert!(matches!(full.check('c'), Err(Error::QueueFull)));
        assert!(queue(0, 1, &[]).check('a').is_err());
    }

    #[test]
    fn removal_leaves_the_rest_in_order() {
        let mut fair = queue(9, 9, &[('a', 1), ('a', 2), ('b', 3)]);
        fair.push('a', 7);
        assert_eq!(fair.remove('a', |item| *item == 2), Some(2));
        assert_eq!(fair.remove('a', |item| *item == 1), Some(1));
        assert_eq!(fair.remove('a', |item| *item == 1), None);
        assert_eq!(fair.remove('x', |_| true), None);
        assert_eq!(fair.remove('b', |_| true), Some(3));
        fair.push('b', 4);
        fair.push('a', 5);
        assert_eq!(all(fair), [7, 4, 5]);
    }

    #[test]
    fn connections_that_come_and_go_leave_nothing() {
        let mut fair = Fair::new(9, 9);
        fair.push(0, 0);
        for key in 1..10_000 {
            fair.push(key, key);
            assert_eq!(fair.remove(key, |item| *item == key), Some(key));
            assert!(fair.ring.len() <= 2 * fair.len() + STALE + 1 && fair.lines.len() == fair.ring.len());
        }
        assert_eq!(fair.pop(), Some(0));
        assert_eq!(fair.pop(), None);
    }
}
