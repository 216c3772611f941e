//! Who speaks next.

use alloc::collections::VecDeque;

/// Streams that have something to do, the more urgent first, and otherwise in the order in which they came. Each
/// stands in it once: its own flag says so.
#[derive(Default)]
pub(crate) struct Queue {
    /// Urgency (0 is most urgent) and stream.
    streams: VecDeque<(u8, u32)>,
}

impl Queue {
    pub(crate) fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// Puts a stream behind all others that are as urgent.
    pub(crate) fn push(&mut self, urgency: u8, id: u32) {
        let at = self.streams.iter().rposition(|(other, _)| *other <= urgency).map_or(0, |i| i + 1);
        self.streams.insert(at, (urgency, id));
    }

    /// Takes the next one.
    pub(crate) fn pop(&mut self) -> Option<u32> {
        self.streams.pop_front().map(|(_, id)| id)
    }

    /// Puts back the one that was taken last.
    pub(crate) fn unpop(&mut self, urgency: u8, id: u32) {
        self.streams.push_front((urgency, id));
    }

    /// Gives the memory back; nobody stands here.
    pub(crate) fn shrink(&mut self) {
        if self.streams.is_empty() {
            self.streams = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn urgent_first_and_otherwise_in_turn() {
        let mut queue = Queue::default();
        for (urgency, id) in [(3, 1), (3, 3), (7, 5), (0, 7), (3, 9), (0, 11)] {
            queue.push(urgency, id);
        }
        let first = queue.pop().unwrap();
        queue.unpop(0, first);
        let all: Vec<u32> = core::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(all, [7, 11, 1, 3, 9, 5]);
        assert!(queue.is_empty());
    }
}
