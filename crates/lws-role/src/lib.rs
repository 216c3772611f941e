//! The contract between protocols and whoever hosts them.
//!
//! * A **stream** is a duplex byte pipe: a socket, what TLS makes of one, an HTTP/2 stream, two buffers in a test.
//! * A [`Role`] is a protocol spoken over a stream. It does not know what is underneath, and it may host other
//!   roles: TLS hosts one, HTTP/2 hosts many.
//! * A **host** is whatever calls a role: the event loop, another role, a test. Every host does so through
//!   [`Hosted`], the one place where law 1 is written down.
//!
//! # Three laws
//!
//! 1. **Run to quiescence.** Offer input, let the role speak, offer again, until neither moves or there is no more
//!    room. No readiness flag lives outside [`Hosted::run`], so a lost edge cannot stall a stream.
//! 2. **Consumed is credit.** What a role does not take stays with its host, which stops reading the level below.
//!    Whoever held back is offered it again when output drained or a wake came. "Take less than you were given" is
//!    the only backpressure there is.
//! 3. **Roles never block, never allocate per message, never read a clock, never panic on input.**
//!
//! Anything with an effect outside the role is recorded as a [`Command`] and obeyed by the loop after the role has
//! returned. Nothing re-enters.
//!
//! No sockets, no clock, no threads: `no_std` + `alloc`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod accept;
mod bulk;
mod closed;
mod connect;
mod cx;
mod facts;
mod handle;
mod hosted;
mod hub;
mod metrics;
mod role;
mod slot;
mod sniff;

pub mod limits;

pub use accept::{Acceptor, Blueprint, InstallError, Probe};
pub use bulk::{Bulk, Sends, Source};
pub use closed::Closed;
pub use connect::{Connect, Target};
pub use cx::{Cx, Env, Place, StreamEnv};
pub use facts::{Facts, Peer, TlsFacts};
pub use handle::{Handle, Timer};
pub use hosted::{Hosted, Ran};
pub use hub::{Command, Hub, Membership, Stream, TimerKey, World};
pub use metrics::{Metrics, RoleCount};
pub use role::{Next, Role, Step};
pub use slot::{Mail, SlotKey, Slots};
pub use sniff::{Sniff, sniff};

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
