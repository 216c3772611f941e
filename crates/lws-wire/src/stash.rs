//! Input that its reader has not taken yet.
//!
//! ```text
//!   bytes:  | taken | held .......... |
//!           0      at            bytes.len()  <=  limit + what one push brings
//! ```
//! Invariant: `0 <= at <= bytes.len()`; an empty stash owns no memory.

use alloc::vec::Vec;

/// Bytes held back between two offers. Owns memory only while it holds something.
#[doc(alias = "lws_buflist")]
#[derive(Default)]
pub struct Stash {
    bytes: Vec<u8>,
    at: usize,
}

impl Stash {
    /// An empty stash.
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), at: 0 }
    }

    /// Bytes held.
    #[inline]
    pub fn len(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Whether nothing is held.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// What is held, oldest byte first.
    #[inline]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.at..]
    }

    /// Appends `data`. Whoever feeds a stash checks its own limit against [`Stash::len`] first.
    pub fn push(&mut self, data: &[u8]) {
        if self.at > 0 {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        self.bytes.extend_from_slice(data);
    }

    /// Drops the oldest `n` bytes (all, if `n` is more than is held); gives the memory back when none is left.
    pub fn consume(&mut self, n: usize) {
        self.at = (self.at + n).min(self.bytes.len());
        if self.is_empty() {
            *self = Self::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_over_partial_reads() {
        let mut stash = Stash::new();
        stash.push(b"abcdef");
        stash.consume(4);
        stash.push(b"gh");
        assert_eq!(stash.bytes_mut(), b"efgh");
        assert_eq!(stash.len(), 4);
    }

    #[test]
    fn an_empty_stash_owns_nothing() {
        let mut stash = Stash::new();
        stash.push(b"abc");
        stash.consume(9);
        assert!(stash.is_empty());
        assert_eq!(stash.bytes.capacity(), 0);
    }
}
