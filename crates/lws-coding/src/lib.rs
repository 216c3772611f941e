//! Content codings of HTTP (RFC 9110 §8.4.1), undone.
//!
//! ```text
//!   Content-Encoding: a, b        bytes ──▶ undo b ──▶ [8 KiB] ──▶ undo a ──▶ your room
//! ```
//! * [`Coding`]: their names.
//! * [`Decoder`]: one body. Stops wherever the room ends, and goes on there.
//! * [`limits`]: every bound there is.
//!
//! Not here: choosing a coding for a response, and coding one.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(feature = "brotli")]
mod brotli;
mod coding;
mod decoder;
mod error;
mod inflate;

pub mod limits;

pub use coding::{ACCEPTED, Coding};
pub use decoder::{Decoder, Moved};
pub use error::Error;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
