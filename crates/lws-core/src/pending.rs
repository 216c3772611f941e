//! Output that the kernel refused.
//!
//! ```text
//!   block: | sent | waits .......... | room ........ |  then  bulk: | sent | waits .... |
//!          0    start               end          block.len()       0      at         at + len
//! ```
//! While a bulk waits there is no room: nothing may come between it and what stands in front of it.

use lws_role::Bulk;
use lws_role::limits::OUT_BYTES;
use lws_wire::{Out, Pool};

/// Output that the kernel refused, in a block of the loop's pool; and what the host sends itself behind it.
pub(crate) struct Pending {
    /// Empty if there is only a bulk; of its own size, and full, if `rest` was larger than a block of the pool.
    block: Box<[u8]>,
    start: usize,
    end: usize,
    bulk: Option<Bulk>,
    /// Bytes taken by the kernel since the stall deadline was set.
    moved: u64,
}

impl Pending {
    /// Keeps `rest`: in a block of `blocks`, if that is large enough.
    pub(crate) fn new(rest: &[u8], blocks: &mut Pool) -> Self {
        let block = match rest.len() {
            0 => Box::default(),
            n if n <= blocks.block_len() => {
                let mut block = blocks.take();
                block[..n].copy_from_slice(rest);
                block
            }
            _ => rest.into(),
        };
        Self { block, start: 0, end: rest.len(), bulk: None, moved: 0 }
    }

    /// The same with a bulk behind it.
    pub(crate) fn with_bulk(self, bulk: Option<Bulk>) -> Self {
        Self { bulk, ..self }
    }

    /// Gives the block back, if it is one of `blocks`.
    pub(crate) fn release(self, blocks: &mut Pool) {
        if self.block.len() == blocks.block_len() {
            blocks.give(self.block);
        }
    }

    /// Whether it keeps more than a block.
    pub(crate) fn is_large(&self) -> bool {
        self.block.len() > OUT_BYTES
    }

    pub(crate) fn waiting(&self) -> &[u8] {
        &self.block[self.start..self.end]
    }

    /// What follows when nothing is [`Pending::waiting`] any more.
    pub(crate) fn bulk(&self) -> Option<&Bulk> {
        self.bulk.as_ref()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end && self.bulk.is_none()
    }

    pub(crate) fn sent(&mut self, n: usize) {
        self.start += n;
        self.moved += n as u64;
    }

    /// So many bytes of the bulk are gone; true if those were the last.
    pub(crate) fn bulk_sent(&mut self, n: usize) -> bool {
        self.moved += n as u64;
        let done = self.bulk.as_mut().is_some_and(|bulk| bulk.advance(n as u64));
        if done {
            self.bulk = None;
        }
        done
    }

    /// Bytes taken by the kernel since the last call.
    pub(crate) fn take_moved(&mut self) -> u64 {
        std::mem::take(&mut self.moved)
    }

    /// Lends the room behind what waits.
    pub(crate) fn append<R>(&mut self, f: impl FnOnce(&mut Out<'_>) -> R) -> R {
        let room = if self.bulk.is_some() { &mut [] } else { &mut self.block[self.end..] };
        let mut out = Out::new(room);
        let result = f(&mut out);
        self.end += out.len();
        result
    }
}
