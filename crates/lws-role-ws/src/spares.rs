//! What messages need that come in pieces, used again.
//!
//! A message that comes in pieces is put together in a buffer of its own. Memory fresh from the kernel costs more than
//! copying the message into it (a page fault for each 4 KiB), so a loop keeps a few such buffers; and a few of the boxes in
//! which a connection has such a message, so that none is allocated for each.

use crate::limits::{LARGE_MESSAGE_BYTES, SPARE_MESSAGE_BYTES, SPARE_RECEIVERS};
use crate::rx::Rx;
use alloc::{boxed::Box, vec::Vec};

/// Those of one loop.
#[derive(Default)]
pub(crate) struct Spares {
    buffers: Vec<Vec<u8>>,
    /// Bytes of all of them; `<= SPARE_MESSAGE_BYTES`
    bytes: usize,
    /// `boxes.len() <= SPARE_RECEIVERS`
    #[expect(clippy::vec_box, reason = "a box comes and goes as it is")]
    boxes: Vec<Box<Rx>>,
}

impl Spares {
    /// An empty buffer for a message, of which so many bytes are announced.
    pub(crate) fn take(&mut self, announced: usize) -> Vec<u8> {
        if announced < LARGE_MESSAGE_BYTES {
            return Vec::new();
        }
        let buffer = self.buffers.pop().unwrap_or_default();
        self.bytes -= buffer.capacity();
        buffer
    }

    /// Keeps a buffer, if it is worth it and not too much.
    pub(crate) fn give(&mut self, mut buffer: Vec<u8>) {
        let size = buffer.capacity();
        if size >= LARGE_MESSAGE_BYTES && size <= SPARE_MESSAGE_BYTES - self.bytes {
            buffer.clear();
            self.bytes += size;
            self.buffers.push(buffer);
        }
    }

    /// Puts `rx` into a box.
    pub(crate) fn boxed(&mut self, rx: Rx) -> Box<Rx> {
        match self.boxes.pop() {
            Some(mut spare) => {
                *spare = rx;
                spare
            }
            None => Box::new(rx),
        }
    }

    /// Keeps a box in which nothing is left, if there are not many.
    pub(crate) fn give_box(&mut self, spent: Box<Rx>) {
        if self.boxes.len() < SPARE_RECEIVERS {
            self.boxes.push(spent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_used_again_and_not_many_are_kept() {
        let terms = crate::terms::Terms::for_tests();
        let mut spares = Spares::default();
        let all: Vec<_> = (0..SPARE_RECEIVERS + 5).map(|_| spares.boxed(Rx::new(&terms))).collect();
        all.into_iter().for_each(|spent| spares.give_box(spent));
        assert_eq!(spares.boxes.len(), SPARE_RECEIVERS);
        let again = spares.boxed(Rx { seen: 7, ..Rx::new(&terms) });
        assert_eq!((again.seen, spares.boxes.len()), (7, SPARE_RECEIVERS - 1));
    }

    #[test]
    fn what_is_kept_is_bounded_and_used_again() {
        let mut spares = Spares::default();
        spares.give(Vec::with_capacity(100));
        assert_eq!(spares.take(LARGE_MESSAGE_BYTES).capacity(), 0, "not worth it");
        for _ in 0..SPARE_MESSAGE_BYTES / LARGE_MESSAGE_BYTES + 5 {
            spares.give(Vec::with_capacity(LARGE_MESSAGE_BYTES));
        }
        assert!(spares.bytes <= SPARE_MESSAGE_BYTES);
        assert_eq!(spares.buffers.len(), SPARE_MESSAGE_BYTES / LARGE_MESSAGE_BYTES);
        assert_eq!(spares.take(100).capacity(), 0, "a small message needs no large buffer");
        assert!(spares.take(LARGE_MESSAGE_BYTES).capacity() >= LARGE_MESSAGE_BYTES);
        spares.give(alloc::vec![1; LARGE_MESSAGE_BYTES]);
        assert!(spares.take(LARGE_MESSAGE_BYTES).is_empty());
    }
}
