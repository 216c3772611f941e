//! Output that the kernel refused.
//!
//! ```text
//!   block: | sent | waits .......... | room ........ |
//!          0    start               end          block.len()
//! ```

use lws_wire::Out;

/// Output that the kernel refused, in a block of the loop's pool.
pub(crate) struct Pending {
    block: Box<[u8]>,
    start: usize,
    end: usize,
    /// Bytes taken by the kernel since the stall deadline was set.
    moved: u64,
}

impl Pending {
    /// Keeps `rest` in `block`, which is large enough for any cork.
    pub(crate) fn new(mut block: Box<[u8]>, rest: &[u8]) -> Self {
        block[..rest.len()].copy_from_slice(rest);
        Self { block, start: 0, end: rest.len(), moved: 0 }
    }

    /// Gives the block back.
    pub(crate) fn into_block(self) -> Box<[u8]> {
        self.block
    }

    pub(crate) fn waiting(&self) -> &[u8] {
        &self.block[self.start..self.end]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub(crate) fn sent(&mut self, n: usize) {
        self.start += n;
        self.moved += n as u64;
    }

    /// Bytes taken by the kernel since the last call.
    pub(crate) fn take_moved(&mut self) -> u64 {
        std::mem::take(&mut self.moved)
    }

    /// Lends the room behind what waits.
    pub(crate) fn append<R>(&mut self, f: impl FnOnce(&mut Out<'_>) -> R) -> R {
        let mut out = Out::new(&mut self.block[self.end..]);
        let result = f(&mut out);
        self.end += out.len();
        result
    }
}
