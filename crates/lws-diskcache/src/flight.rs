//! Objects in the making, and who waits for them.

use std::collections::HashMap;

use crate::{Key, limits};

/// Called once, when it is worth looking again.
pub(crate) type Waiter = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Flight {
    waiters: Vec<Waiter>,
    /// Made by another process, so nobody tells us when it is over.
    foreign: bool,
}

#[derive(Default)]
pub(crate) struct Flights {
    flights: HashMap<Key, Flight>,
}

/// What a caller who found no object is to do.
#[derive(Debug)]
pub(crate) enum Turn<F> {
    /// Make it. Here is the waiter again, in case it turns out that another process does.
    Make(F),
    /// Wait: the waiter was kept.
    Wait,
    /// Neither.
    Bypass,
}

impl Flights {
    /// Asks for the making of an object.
    pub(crate) fn join<F: FnOnce() + Send + 'static>(&mut self, key: &Key, waiter: F) -> Turn<F> {
        let full = self.flights.len() >= limits::FLIGHTS;
        match self.flights.get_mut(key) {
            Some(flight) if flight.waiters.len() >= limits::WAITERS => Turn::Bypass,
            Some(flight) => {
                flight.waiters.push(Box::new(waiter));
                Turn::Wait
            }
            None if full => Turn::Bypass,
            None => {
                self.flights.insert(*key, Flight::default());
                Turn::Make(waiter)
            }
        }
    }

    /// The object turned out to be made by another process: its asker waits too.
    pub(crate) fn is_foreign(&mut self, key: &Key, waiter: impl FnOnce() + Send + 'static) {
        let flight = self.flights.entry(*key).or_default();
        flight.foreign = true;
        flight.waiters.push(Box::new(waiter));
    }

    /// Nobody of ours makes it any more; answers those who are to look again.
    pub(crate) fn end(&mut self, key: &Key) -> Vec<Waiter> {
        self.flights.remove(key).map(|flight| flight.waiters).unwrap_or_default()
    }

    /// Objects that other processes make.
    pub(crate) fn foreign(&self) -> Vec<Key> {
        self.flights.iter().filter(|(_, flight)| flight.foreign).map(|(key, _)| *key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_makes_and_the_others_wait() {
        let mut flights = Flights::default();
        let (a, b) = (Key::new(["a"]), Key::new(["b"]));
        assert!(matches!(flights.join(&a, || ()), Turn::Make(_)));
        assert!(matches!(flights.join(&b, || ()), Turn::Make(_)));
        assert!(matches!(flights.join(&a, || ()), Turn::Wait));
        assert_eq!(flights.end(&a).len(), 1);
        assert!(matches!(flights.join(&a, || ()), Turn::Make(_)));
        assert_eq!(flights.end(&b).len(), 0);
    }

    #[test]
    fn makers_and_waiters_are_bounded() {
        let mut flights = Flights::default();
        let key = |n: usize| Key::new([n.to_le_bytes()]);
        for n in 0..limits::FLIGHTS {
            assert!(matches!(flights.join(&key(n), || ()), Turn::Make(_)));
        }
        assert!(matches!(flights.join(&key(limits::FLIGHTS), || ()), Turn::Bypass));
        for _ in 0..limits::WAITERS {
            assert!(matches!(flights.join(&key(0), || ()), Turn::Wait));
        }
        assert!(matches!(flights.join(&key(0), || ()), Turn::Bypass));
    }
}
