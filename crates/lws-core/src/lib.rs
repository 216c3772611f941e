//! The event loop: the only crate that touches sockets, clocks and wake-ups.
//!
//! ```text
//!   Context ── build ──▶ Service ── turn ──▶ poll ▶ accept / read ▶ roles ▶ timers ▶ commands ▶ write
//!   (what to serve)      (one loop thread)           │
//!                                                    └ one bounded run per ready connection
//! ```
//!
//! A [`Service`] is one loop: run it on a thread of its own with [`Service::run`], or inside a loop you already
//! have: poll its file descriptor, call [`Service::turn`] with a zero timeout when it is readable, and again at
//! [`Service::next_deadline`].
//!
//! Several loops on the same addresses: [`Context::threads`]. They share nothing but the addresses and the limits on
//! connections.
//!
//! What is *not* here: no protocol. This crate has never heard of HTTP, WebSocket or TLS; a [`lws_role::Blueprint`]
//! brings them.
#![deny(unsafe_code)]

mod accounts;
mod address;
mod clock;
mod conn;
mod context;
mod error;
mod listener;
mod pending;
mod remote;
mod service;
mod shard;
mod shared;
mod socket;
mod table;
mod threads;

pub mod limits;

pub use address::Address;
pub use context::{Context, Sharing};
pub use error::Error;
pub use remote::{PostError, Remote, Stop};
pub use service::Service;
pub use shard::Shard;
pub use threads::Threads;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
