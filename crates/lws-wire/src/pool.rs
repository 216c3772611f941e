//! Spare blocks of one size.

use alloc::{boxed::Box, vec, vec::Vec};

/// Blocks of one size, taken when a stream needs one and given back when it does not.
///
/// At most `keep` spare blocks stay allocated; what comes back beyond that is freed.
pub struct Pool {
    spare: Vec<Box<[u8]>>,
    block: usize,
    keep: usize,
}

impl Pool {
    /// A pool of blocks of `block` bytes that keeps up to `keep` spare ones.
    pub const fn new(block: usize, keep: usize) -> Self {
        Self { spare: Vec::new(), block, keep }
    }

    /// Bytes in each block.
    pub fn block_len(&self) -> usize {
        self.block
    }

    /// A block with unspecified contents: a spare one, or a new one.
    pub fn take(&mut self) -> Box<[u8]> {
        self.spare.pop().unwrap_or_else(|| vec![0; self.block].into_boxed_slice())
    }

    /// Gives a block back.
    pub fn give(&mut self, block: Box<[u8]>) {
        debug_assert_eq!(block.len(), self.block, "a pool keeps blocks of one size");
        if self.spare.len() < self.keep {
            self.spare.push(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_no_more_than_asked() {
        let mut pool = Pool::new(16, 1);
        let (a, b) = (pool.take(), pool.take());
        pool.give(a);
        pool.give(b);
        assert_eq!(pool.spare.len(), 1);
        assert_eq!(pool.take().len(), 16);
    }
}
