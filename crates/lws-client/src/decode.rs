//! A response's content, decoded on its way to whoever takes it.
//!
//! ```text
//!   bytes of the connection ──▶ Decoder ──▶ block, 16 KiB ──▶ Answer::body
//! ```
//! What is not taken stays in the block, and then the connection is told that one byte of its own was not taken
//! either, so that it offers again and reads no more.

use crate::limits::DECODED_BYTES;
use lws_coding::{Decoder, Error, Moved};
use lws_head::ResponseHead;

/// A body that is being decoded.
pub(crate) struct Decoding {
    decoder: Decoder,
    block: Box<[u8]>,
    /// What waits in the block: `0 <= start <= end <= block.len()`
    start: usize,
    end: usize,
    /// The first byte that is offered next was decoded already.
    ahead: bool,
}

impl Decoding {
    /// What this response's content needs; `None` if it is not coded.
    pub(crate) fn of(head: &ResponseHead<'_>) -> Result<Option<Self>, Error> {
        let decoder = Decoder::new(head.fields.list("content-encoding"))?;
        Ok(decoder.map(|decoder| {
            let block = vec![0; DECODED_BYTES].into_boxed_slice();
            Self { decoder, block, start: 0, end: 0, ahead: false }
        }))
    }

    /// Decodes `data` and gives it to `take`, which says how much it took. Returns how much of `data` is done with.
    pub(crate) fn run(&mut self, data: &[u8], mut take: impl FnMut(&[u8]) -> usize) -> Result<usize, Error> {
        let mut at = usize::from(self.ahead).min(data.len());
        loop {
            while self.start < self.end {
                let waiting = self.block.get(self.start..self.end).unwrap_or_default();
                let taken = take(waiting).min(waiting.len());
                self.start += taken;
                if taken == 0 {
                    // Held back: the last byte is kept as a reason to be offered again.
                    self.ahead = at == data.len();
                    return Ok(at - usize::from(self.ahead && at > 0));
                }
            }
            let moved = self.decoder.decode(data.get(at..).unwrap_or_default(), &mut self.block)?;
            if moved == Moved::default() {
                self.ahead = false;
                return Ok(at);
            }
            at += moved.consumed;
            (self.start, self.end) = (0, moved.produced);
        }
    }

    /// The body has ended.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        self.decoder.finish()
    }
}
