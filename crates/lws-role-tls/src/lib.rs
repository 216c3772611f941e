//! TLS as a role that hosts one role: to whoever is above it, it is a stream like any other.
//!
//! ```text
//!   ciphertext ─▶ Channel (a session of lws-tls) ─▶ plaintext ─▶ child role
//!   ciphertext ◀─ sealed, one record per 16 KiB ◀── pool block ◀── child role
//! ```
//! * The handshake has ten seconds, and each peer only so many of them per second; then ALPN chooses the child.
//! * What the child does not take stays here, one record at most behind what it already held back; then further
//!   records stay sealed with the host (law 2).
//! * A stream that ends without `close_notify` is reported to the child as truncated.
//! * Idle, it owns the session, the child, and no buffer.
//!
//! [`tls`] makes the accept stack: `tls(acceptor).over(h1)`. Which TLS library it is, the acceptor knows.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod channel;
mod inner;
pub mod limits;
mod rates;
mod role;
mod stack;

pub use role::TlsRole;
pub use stack::{Tls, tls};

/// The example of the README, compiled.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
