//! DEFLATE itself (RFC 1951), from other people's crates behind one small shape.
//!
//! ```text
//!   Inflate::run(input, output, at_boundary) -> Ran        Deflate::run(input, output, flush) -> Ran
//! ```
//! Both engines can be linked into one program: which one a connection uses is a value. What differs between them is
//! said at [`Engine`], and nowhere else outside this folder.

#[cfg(feature = "miniz_oxide")]
mod miniz;
#[cfg(feature = "zlib-rs")]
mod zlib;

use crate::WindowBits;

/// The empty block that ends a flush and that the wire leaves out (RFC 7692 §7.2.1), without its first byte.
pub(crate) const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Who compresses and decompresses.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The crate `zlib-rs`: the fastest, with every window size. It has `unsafe` code in it.
    #[cfg(feature = "zlib-rs")]
    ZlibRs,
    /// The crate `miniz_oxide`: no `unsafe` code, and slower. What is made to be slow, such as empty blocks, takes it
    /// 0.2 s for 64 KiB, the other one milliseconds. It compresses with the largest window only, so a peer that insists
    /// on a smaller one is declined; and it does not notice that a message ends too soon
    /// ([`Violation::Truncated`]).
    ///
    /// [`Violation::Truncated`]: crate::Violation::Truncated
    #[cfg(feature = "miniz_oxide")]
    MinizOxide,
}

impl Engine {
    /// The smallest window that its compressor keeps to.
    pub const fn least_window_bits(self) -> WindowBits {
        match self {
            // Of eight bits there is no compressor in zlib, but of nine there is one that never refers back by more
            // than 2^9 - 262 bytes, because it keeps that many ahead of itself. So eight bits are kept as well.
            #[cfg(feature = "zlib-rs")]
            Self::ZlibRs => WindowBits::MIN,
            #[cfg(feature = "miniz_oxide")]
            Self::MinizOxide => WindowBits::MAX,
        }
    }
}

/// What one run did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ran {
    /// Bytes of input taken.
    pub(crate) consumed: usize,
    /// Bytes of output written.
    pub(crate) produced: usize,
    /// The block just inflated was marked as the last one of its stream (BFINAL): nothing follows before a reset.
    pub(crate) ended: bool,
}

/// The input is not DEFLATE.
pub(crate) struct Corrupt;

/// A decompressor. It takes every window size.
pub(crate) enum Inflate {
    #[cfg(feature = "zlib-rs")]
    Zlib(zlib::Inflate),
    #[cfg(feature = "miniz_oxide")]
    Miniz(miniz::Inflate),
}

impl Inflate {
    pub(crate) fn new(engine: Engine) -> Self {
        match engine {
            #[cfg(feature = "zlib-rs")]
            Engine::ZlibRs => Self::Zlib(zlib::Inflate::new()),
            #[cfg(feature = "miniz_oxide")]
            Engine::MinizOxide => Self::Miniz(miniz::Inflate::new()),
        }
    }

    /// Forgets everything, the window included.
    pub(crate) fn reset(&mut self) {
        match self {
            #[cfg(feature = "zlib-rs")]
            Self::Zlib(inflate) => inflate.reset(),
            #[cfg(feature = "miniz_oxide")]
            Self::Miniz(inflate) => inflate.reset(),
        }
    }

    /// Inflates until `input` or the room in `output` is used up. With `at_boundary` it may stop early: where a block
    /// ends.
    pub(crate) fn run(&mut self, input: &[u8], output: &mut [u8], at_boundary: bool) -> Result<Ran, Corrupt> {
        match self {
            #[cfg(feature = "zlib-rs")]
            Self::Zlib(inflate) => inflate.run(input, output, at_boundary),
            #[cfg(feature = "miniz_oxide")]
            Self::Miniz(inflate) => inflate.run(input, output, at_boundary),
        }
    }

    /// Whether `at_boundary` has an effect.
    pub(crate) const fn sees_boundaries(&self) -> bool {
        match self {
            #[cfg(feature = "zlib-rs")]
            Self::Zlib(_) => true,
            #[cfg(feature = "miniz_oxide")]
            Self::Miniz(_) => false,
        }
    }
}

/// A compressor.
pub(crate) enum Deflate {
    #[cfg(feature = "zlib-rs")]
    Zlib(zlib::Deflate),
    #[cfg(feature = "miniz_oxide")]
    Miniz(miniz::Deflate),
}

impl Deflate {
    /// `window` is not below [`Engine::least_window_bits`]; `level` is in [`crate::limits::LEVELS`].
    pub(crate) fn new(engine: Engine, window: WindowBits, level: u8) -> Self {
        debug_assert!(window >= engine.least_window_bits(), "{engine:?} does not keep to {window:?}");
        match engine {
            #[cfg(feature = "zlib-rs")]
            Engine::ZlibRs => Self::Zlib(zlib::Deflate::new(window, level)),
            #[cfg(feature = "miniz_oxide")]
            Engine::MinizOxide => Self::Miniz(miniz::Deflate::new(level)),
        }
    }

    /// Forgets everything, the window included.
    pub(crate) fn reset(&mut self) {
        match self {
            #[cfg(feature = "zlib-rs")]
            Self::Zlib(deflate) => deflate.reset(),
            #[cfg(feature = "miniz_oxide")]
            Self::Miniz(deflate) => deflate.reset(),
        }
    }

    /// Compresses until `input` or the room in `output` is used up; with `flush`, up to and with the empty block that
    /// ends in [`TAIL`]. The flush is complete when all input was taken and room is left.
    pub(crate) fn run(&mut self, input: &[u8], output: &mut [u8], flush: bool) -> Ran {
        match self {
            #[cfg(feature = "zlib-rs")]
            Self::Zlib(deflate) => deflate.run(input, output, flush),
            #[cfg(feature = "miniz_oxide")]
            Self::Miniz(deflate) => deflate.run(input, output, flush),
        }
    }
}
