//! Brotli (RFC 7932), with the memory of `alloc`.

use crate::Error;
use crate::decoder::Moved;
use alloc::boxed::Box;
use alloc::vec;
use brotli_decompressor::{
    Allocator, BrotliDecompressStream, BrotliResult, BrotliState, HuffmanCode, SliceWrapper, SliceWrapperMut,
};

pub(crate) struct Brotli {
    state: Box<BrotliState<Heap, Heap, Heap>>,
    over: bool,
}

impl Brotli {
    pub(crate) fn new() -> Self {
        Self { state: Box::new(BrotliState::new(Heap, Heap, Heap)), over: false }
    }

    /// Whether the end was seen.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// One step.
    pub(crate) fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<Moved, Error> {
        if self.over {
            return if input.is_empty() { Ok(Moved::default()) } else { Err(Error::Surplus) };
        }
        let (mut left, mut consumed) = (input.len(), 0);
        let (mut room, mut produced, mut total) = (output.len(), 0, 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut consumed,
            input,
            &mut room,
            &mut produced,
            output,
            &mut total,
            &mut self.state,
        );
        match result {
            BrotliResult::ResultFailure => return Err(Error::Corrupt),
            BrotliResult::ResultSuccess => self.over = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
        }
        Ok(Moved { consumed, produced })
    }
}

/// Memory from the global allocator.
#[derive(Clone, Copy, Default)]
struct Heap;

/// A piece of it.
struct Cells<T>(Box<[T]>);

impl<T> Default for Cells<T> {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl<T> SliceWrapper<T> for Cells<T> {
    fn slice(&self) -> &[T] {
        &self.0
    }
}

impl<T> SliceWrapperMut<T> for Cells<T> {
    fn slice_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

macro_rules! heap_of {
    ($($kind:ty),*) => {$(
        impl Allocator<$kind> for Heap {
            type AllocatedMemory = Cells<$kind>;
            fn alloc_cell(&mut self, n: usize) -> Cells<$kind> {
                Cells(vec![<$kind>::default(); n].into_boxed_slice())
            }
            fn free_cell(&mut self, _cells: Cells<$kind>) {}
        }
    )*};
}

heap_of!(u8, u32, HuffmanCode);
