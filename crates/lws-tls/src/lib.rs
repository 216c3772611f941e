//! What a TLS library must offer so that roles can be spoken over it: traits and types, no cryptography.
//!
//! ```text
//!            ciphertext in                                   ciphertext out
//!   &mut [u8] ───────▶ Session::receive ─▶ plaintext, in place      ▲
//!                          │ alerts, handshake ────────────────────▶ Out
//!            plaintext ──▶ Session::send ──────────────────────────▶ Out
//! ```
//! * A [`Provider`] is a *value* that a backend crate offers (`lws_backend_rustls::provider()`); several may
//!   live in one binary. It makes an [`Acceptor`] (servers) or a [`Connector`] (clients).
//! * A [`Session`] is one TLS connection without a socket: it works over slices its caller owns, never blocks,
//!   and keeps no buffer while it is idle.
//! * [`Certificates`] says where a chain and its key are; [`Acceptor::reload`] reads them again while the
//!   server runs.
//! * [`Error`] is one vocabulary for all libraries: whose fault, at which stage, and why.
//!
//! Not here: sockets, clocks, timeouts (a role keeps those) and any choice of library.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod alert;
mod certificates;
mod error;
mod facts;
pub mod limits;
mod names;
mod provider;
pub mod record;
mod session;
mod settings;

pub use alert::Alert;
pub use certificates::{Certificates, Source, wipe};
pub use error::{Cause, CertificateFault, ConfigError, Error, Misuse, Stage};
pub use facts::{CipherSuite, Facts, Version};
pub use names::NameTable;
pub use provider::{Acceptor, Connector, Provider};
pub use session::{Phase, Received, Session};
pub use settings::{ClientSettings, ServerSettings};

/// The example of the README, compiled.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
