//! WebSocket (RFC 6455) as a pure machine: slices in, events out. Both sides.
//!
//! ```text
//!   bytes ──▶ Receiver ──▶ Event { Data, Ping, Pong, Close }          payload is unmasked where it lies
//!   bytes ◀── Header::put, Header::nest, Close::put ◀── payload       header and payload go into an `Out`
//!
//!   handshake::Request  ──▶ the answer of a server, or why there is none
//!   handshake::Response ──▶ what a client makes of that answer
//! ```
//! * [`Receiver`]: frames and messages, strictly; it says what is wrong and with which close code ([`Error`]).
//! * [`Header`]: a frame to be sent. [`Close`], [`CloseCode`]: the last one.
//! * [`handshake`]: the opening handshake, subprotocols, extensions, origins.
//! * [`mask`], [`utf8`]: the two inner loops, for whoever needs them alone.
//! * [`limits`]: every bound there is.
//!
//! The crate does not use `alloc`: nothing in it owns memory, and a [`Receiver`] is `Copy`.
//! Not here: buffering, assembling messages, when to ping, the close timeout. They belong to the role above.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod close;
mod error;
mod header;
mod receiver;
mod sender;

pub mod handshake;
pub mod limits;
pub mod mask;
pub mod utf8;

pub use close::{Close, CloseCode};
pub use error::{Error, Excess, Violation};
pub use header::{Header, Opcode};
pub use receiver::{Data, Event, Kind, Options, Received, Receiver, Side, Whole};
pub use sender::frame_len;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
