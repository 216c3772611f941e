//! An in-memory host for roles: virtual clock, seeded chunking, faults.
//!
//! ```text
//!   peer's script ──▶ wire ──random chunks──▶ stash ──▶ role ──▶ Out of random room ──▶ pending ──▶ transcript
//!                              │                          │                               │
//!                       end, cut, reset             virtual clock              the transport takes a part
//! ```
//! A [`Sim`] does what the event loop of `lws-core` does, by the same laws, without sockets and without a clock: it is
//! one loop with any number of streams, whose chunks, rooms, refusals and order come out of a seed. What a seed showed
//! once it shows again.
//!
//! * [`Sim`]: the loop, and what a test can do to it.
//! * [`Conditions`]: how bytes arrive and leave.
//! * [`http`], [`ws`]: the peer's words. Written for tests, apart from the codecs that they test.
//! * [`Rng`], [`for_seeds!`]: seeds.
//!
//! Every call of a role is checked against the contract, and so is every stream that has come to rest (law 2). What
//! fails says so by a panic.
//!
//! Not here: the driver's own deadlines (a peer that does not read, a lingering close), TLS, threads.
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod audit;
mod conditions;
mod peer;
mod rng;
mod seeds;
mod sim;
mod stream;

pub mod limits;

pub use conditions::{Conditions, Sizes};
pub use peer::{http, ws};
pub use rng::Rng;
pub use sim::{PeerId, Sim};
