//! The engine of the crate `miniz_oxide`.

use alloc::boxed::Box;

use miniz_oxide::deflate::core::CompressorOxide;
use miniz_oxide::inflate::stream::{InflateState, ZeroReset};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus, deflate, inflate};

use super::{Corrupt, Ran};

pub(crate) struct Inflate(Box<InflateState>);

impl Inflate {
    pub(super) fn new() -> Self {
        Self(InflateState::new_boxed(DataFormat::Raw))
    }

    pub(super) fn reset(&mut self) {
        // Zeroed, because it does not notice when a peer refers to bytes before the first one: those of somebody
        // else's message would come out.
        self.0.reset_as(ZeroReset);
    }

    /// Goes on at a block's end, always.
    pub(super) fn run(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        _at_boundary: bool,
    ) -> Result<Ran, Corrupt> {
        let result = inflate::stream::inflate(&mut self.0, input, output, MZFlush::None);
        let ended = match result.status {
            Ok(status) => status == MZStatus::StreamEnd,
            // No progress: there was neither input nor anything left to write.
            Err(MZError::Buf) => false,
            Err(_) => return Err(Corrupt),
        };
        Ok(Ran { consumed: result.bytes_consumed, produced: result.bytes_written, ended })
    }
}

pub(crate) struct Deflate(Box<CompressorOxide>);

impl Deflate {
    pub(super) fn new(level: u8) -> Self {
        // Boxed before it is set up: it is large.
        let mut compressor = Box::<CompressorOxide>::default();
        compressor.set_format_and_level(DataFormat::Raw, level);
        Self(compressor)
    }

    pub(super) fn reset(&mut self) {
        self.0.reset();
    }

    pub(super) fn run(&mut self, input: &[u8], output: &mut [u8], flush: bool) -> Ran {
        let flush = if flush { MZFlush::Sync } else { MZFlush::None };
        let result = deflate::stream::deflate(&mut self.0, input, output, flush);
        match result.status {
            // Of the two, the second says that there was nothing to do.
            Ok(_) | Err(MZError::Buf) => {}
            Err(error) => panic!("a compressor refuses no input: {error:?}"),
        }
        Ran { consumed: result.bytes_consumed, produced: result.bytes_written, ended: false }
    }
}
