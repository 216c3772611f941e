//! The engine of the crate `zlib-rs`.

use zlib_rs::{DeflateConfig, DeflateFlush, InflateFlush, Status};

use super::{Corrupt, Ran};
use crate::WindowBits;

/// The decompressor has a window of 32 KiB whatever it is told, so it takes every peer's.
const ANY_WINDOW: u8 = 15;

pub(crate) struct Inflate(zlib_rs::Inflate);

impl Inflate {
    pub(super) fn new() -> Self {
        Self(zlib_rs::Inflate::new(false, ANY_WINDOW))
    }

    pub(super) fn reset(&mut self) {
        self.0.reset(false);
    }

    pub(super) fn run(&mut self, input: &[u8], output: &mut [u8], at_boundary: bool) -> Result<Ran, Corrupt> {
        let flush = if at_boundary { InflateFlush::Block } else { InflateFlush::NoFlush };
        let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
        let status = self.0.decompress(input, output, flush).map_err(|_| Corrupt)?;
        Ok(Ran {
            consumed: (self.0.total_in() - before_in) as usize,
            produced: (self.0.total_out() - before_out) as usize,
            ended: status == Status::StreamEnd,
        })
    }
}

pub(crate) struct Deflate(zlib_rs::Deflate);

impl Deflate {
    pub(super) fn new(window: WindowBits, level: u8) -> Self {
        // Nine for eight: see `Engine::least_window_bits`.
        let bits = window.bits().max(9);
        let config = DeflateConfig { window_bits: -i32::from(bits), ..DeflateConfig::new(level.into()) };
        Self(zlib_rs::Deflate::new_with_config(config))
    }

    pub(super) fn reset(&mut self) {
        self.0.reset();
    }

    pub(super) fn run(&mut self, input: &[u8], output: &mut [u8], flush: bool) -> Ran {
        let flush = if flush { DeflateFlush::SyncFlush } else { DeflateFlush::NoFlush };
        let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
        self.0.compress(input, output, flush).expect("a compressor refuses no input");
        Ran {
            consumed: (self.0.total_in() - before_in) as usize,
            produced: (self.0.total_out() - before_out) as usize,
            ended: false,
        }
    }
}
