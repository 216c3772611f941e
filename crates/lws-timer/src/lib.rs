//! A hierarchical timing wheel for people who run their own event loop: the caller says what time it is.
//!
//! * [`Wheel`]: arm a timer with a key, cancel it, ask when to wake up, collect what is due.
//! * [`TimerId`]: names an armed timer; harmless once the timer is gone.
//! * [`limits`]: the tick, the size of the wheel, how far it reaches.
//!
//! Nothing here reads a clock, calls back or blocks.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod list;
mod slab;
mod wheel;

pub mod limits;

pub use slab::TimerId;
pub use wheel::Wheel;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
