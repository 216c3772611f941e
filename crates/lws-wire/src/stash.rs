//! Input that its reader has not taken yet.
//!
//! ```text
//!   bytes:  | taken | held .......... |
//!           0      at            bytes.len()  <=  limit + what one push brings
//! ```
//! Invariant: `0 <= at < bytes.len()` where there is a `Held`: an empty stash is one pointer and owns no memory.

use alloc::{boxed::Box, vec::Vec};

/// Bytes held back between two offers. Owns memory only while it holds something.
#[doc(alias = "lws_buflist")]
#[derive(Default)]
pub struct Stash {
    held: Option<Box<Held>>,
}

struct Held {
    bytes: Vec<u8>,
    at: usize,
}

impl Stash {
    /// An empty stash.
    pub const fn new() -> Self {
        Self { held: None }
    }

    /// Bytes held.
    #[inline]
    pub fn len(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.bytes.len() - held.at)
    }

    /// Whether nothing is held.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.held.is_none()
    }

    /// What is held, oldest byte first.
    #[inline]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        match &mut self.held {
            Some(held) => &mut held.bytes[held.at..],
            None => &mut [],
        }
    }

    /// Appends `data`. Whoever feeds a stash checks its own limit against [`Stash::len`] first.
    pub fn push(&mut self, data: &[u8]) {
        match &mut self.held {
            _ if data.is_empty() => {}
            Some(held) => {
                held.bytes.drain(..held.at);
                held.at = 0;
                held.bytes.extend_from_slice(data);
            }
            None => self.held = Some(Box::new(Held { bytes: data.to_vec(), at: 0 })),
        }
    }

    /// Drops the oldest `n` bytes (all, if `n` is more than is held); gives the memory back when none is left.
    pub fn consume(&mut self, n: usize) {
        let left = self.len();
        match &mut self.held {
            Some(held) if n < left => held.at += n,
            _ => self.held = None,
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
        assert!(stash.held.is_none());
        stash.push(b"");
        assert!(stash.held.is_none());
    }
}
