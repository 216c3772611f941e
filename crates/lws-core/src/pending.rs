//! Output that the kernel refused.
//!
//! ```text
//!   block: | sent | waits .......... | room ........ |  then  file: | sent | waits .... |
//!          0    start               end          block.len()       0      at         at + len
//! ```
//! While a file waits there is no room: nothing may come between it and what stands in front of it.

use lws_role::FileRange;
use lws_wire::Out;

/// Output that the kernel refused, in a block of the loop's pool; and the file behind it.
pub(crate) struct Pending {
    /// Empty if there is only a file.
    block: Box<[u8]>,
    start: usize,
    end: usize,
    file: Option<FileRange>,
    /// Bytes taken by the kernel since the stall deadline was set.
    moved: u64,
}

impl Pending {
    /// Keeps `rest` in `block`, which is large enough for any cork.
    pub(crate) fn new(mut block: Box<[u8]>, rest: &[u8]) -> Self {
        block[..rest.len()].copy_from_slice(rest);
        Self { block, start: 0, end: rest.len(), file: None, moved: 0 }
    }

    /// The same with a file behind it.
    pub(crate) fn with_file(self, file: Option<FileRange>) -> Self {
        Self { file, ..self }
    }

    /// Gives the block back, if it needed one.
    pub(crate) fn into_block(self) -> Option<Box<[u8]>> {
        Some(self.block).filter(|block| !block.is_empty())
    }

    pub(crate) fn waiting(&self) -> &[u8] {
        &self.block[self.start..self.end]
    }

    /// What follows when nothing is [`Pending::waiting`] any more.
    pub(crate) fn file(&self) -> Option<&FileRange> {
        self.file.as_ref()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end && self.file.is_none()
    }

    pub(crate) fn sent(&mut self, n: usize) {
        self.start += n;
        self.moved += n as u64;
    }

    /// So many bytes of the file are gone; true if those were the last.
    pub(crate) fn file_sent(&mut self, n: usize) -> bool {
        let Some(file) = &mut self.file else { return false };
        let n = file.len.min(n as u64);
        (file.at, file.len) = (file.at + n, file.len - n);
        self.moved += n;
        let done = file.len == 0;
        if done {
            self.file = None;
        }
        done
    }

    /// Bytes taken by the kernel since the last call.
    pub(crate) fn take_moved(&mut self) -> u64 {
        std::mem::take(&mut self.moved)
    }

    /// Lends the room behind what waits.
    pub(crate) fn append<R>(&mut self, f: impl FnOnce(&mut Out<'_>) -> R) -> R {
        let room = if self.file.is_some() { &mut [] } else { &mut self.block[self.end..] };
        let mut out = Out::new(room);
        let result = f(&mut out);
        self.end += out.len();
        result
    }
}
