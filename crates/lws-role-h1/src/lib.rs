//! HTTP/1.0 and HTTP/1.1 (RFC 9112) as a role, server side.
//!
//! ```text
//!            head complete                reply complete, request complete
//!   Head ────────────────────▶ Exchange ──────────────────────────────────▶ Head (keep-alive) or Close
//!    │ upgrade granted            │ reply complete, request not
//!    ▼                            ▼
//!   another role               Discard ── bounded ──▶ Head or Close
//! ```
//! One exchange at a time: pipelined requests wait where they are, unconsumed (law 2). So no queue of them exists,
//! and answers cannot come out of order.
//!
//! [`h1`] is the blueprint to give to a listener; the client's side is in [`client`].
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod blueprint;
mod carrier;
mod exchange;
mod role;

pub mod client;
pub mod limits;

pub use blueprint::{H1, h1};
pub use client::H1Client;
pub use role::H1Role;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
