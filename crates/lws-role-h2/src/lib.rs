//! HTTP/2 (RFC 9113) as a role that hosts many: the server's side, and in [`client`] the client's.
//!
//! ```text
//!                           ┌ stream 1: an exchange ── Site ── Handler       the same handlers as on HTTP/1
//!   bytes ◀▶ lws-h2 ◀▶ H2Role ┤ stream 3: an exchange ── ...
//!                           └ stream 5: a tunnel ── Box<dyn Role>            WebSocket by extended CONNECT (RFC 8441)
//! ```
//! * **Receiving.** Data goes to its stream at once. What a handler does not take waits with the stream, uncredited, and
//!   holds nobody else up.
//! * **Sending.** Streams that have something to say and a window to say it through stand in one queue, the more urgent
//!   first (RFC 9218), and get a bounded turn each; all that fits into one `Out` leaves in one write.
//! * **Idle**, a connection owns its two compression tables and no buffer.
//!
//! [`h2`] is the blueprint to give to a listener, alone (prior knowledge), under TLS (ALPN), or beside HTTP/1:
//! `sniff().or(h2(sites.clone())).or(h1(sites))`. [`h2c`] upgrades from HTTP/1.1, for those who must.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod blueprint;
mod carrier;
mod exchange;
mod h2c;
mod pending;
mod queue;
mod raw;
mod role;
mod serve;
mod tunnel;
mod watch;

pub mod client;
pub mod limits;

pub use blueprint::{H2, h2};
pub use client::H2Client;
pub use h2c::{H2c, h2c};
pub use role::H2Role;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
