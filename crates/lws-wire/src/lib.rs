//! Bounded byte plumbing, for people who parse and produce protocols without doing I/O.
//!
//! * [`Out`]: the room somebody lends you to write into. It never grows.
//! * [`Stash`]: bytes a protocol has not taken yet. It never grows beyond a limit.
//! * [`Pool`]: spare blocks, handed out and given back, so that idle streams own none.
//! * [`Time`]: a point on a monotonic clock that somebody else reads.
//!
//! Nothing here blocks, reads a clock or knows a protocol.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod out;
mod pool;
mod stash;
mod time;

pub use out::Out;
pub use pool::Pool;
pub use stash::Stash;
pub use time::Time;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
