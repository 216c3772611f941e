//! Buffers of large messages, used again.
//!
//! A message that comes in pieces is put together in a buffer of its own. Memory fresh from the kernel costs more than
//! copying the message into it (a page fault for each 4 KiB), so a loop keeps a few such buffers.

use crate::limits::{LARGE_MESSAGE_BYTES, SPARE_MESSAGE_BYTES};
use alloc::vec::Vec;

/// Those of one loop.
#[derive(Default)]
pub(crate) struct Spares {
    buffers: Vec<Vec<u8>>,
    /// Bytes of all of them; `<= SPARE_MESSAGE_BYTES`
    bytes: usize,
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
