//! Compression of WebSocket messages: permessage-deflate (RFC 7692), for both sides. Slices in, [`Out`] out.
//!
//! ```text
//!   handshake   Options::accept (server) · offer, check (client) ──▶ Agreed
//!
//!   Agreed ──▶ Inbound:  payload of frames with RSV1 ──▶ inflate ──▶ message, in pieces as large as the room
//!          ──▶ Outbound: message ──▶ deflate ──▶ payload of frames, the first one with RSV1
//!                                       │
//!                       Codec: contexts that the connections of one loop share
//! ```
//! * [`Options`], [`offer`], [`check`]: which extension, with which parameters.
//! * [`Inflater`], [`Deflater`]: the machines. They stop wherever the room ends, and go on there.
//! * [`Inbound`], [`Outbound`], [`Codec`]: the machines of one connection, and of one loop.
//! * [`Engine`]: whose DEFLATE it is.
//! * [`limits`]: every bound there is.
//!
//! Frames are not looked at: `lws-ws` reads and writes them. RFC 7692 §6.1 lets a message go uncompressed whenever its
//! sender likes; such messages, and control frames between the pieces of a compressed one, do not pass through here.
//!
//! [`Out`]: lws_wire::Out
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(not(any(feature = "zlib-rs", feature = "miniz_oxide")))]
compile_error!("lws-pmd has nothing to compress with: enable the feature `zlib-rs` or `miniz_oxide`");

mod codec;
mod deflater;
mod engine;
mod error;
mod inflater;
mod negotiate;
mod small;
mod window;

pub mod limits;

pub use codec::{Codec, Inbound, Outbound};
pub use deflater::{Deflated, Deflater};
pub use engine::Engine;
pub use error::{Error, Excess, Violation};
pub use inflater::{Inflated, Inflater};
pub use negotiate::{Agreed, Failure, Grant, NAME, Options, check, offer};
pub use window::WindowBits;

/// The README's example is a test.
#[cfg(all(doctest, feature = "zlib-rs"))]
#[doc = include_str!("../README.md")]
struct Readme;
