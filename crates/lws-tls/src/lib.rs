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
//! * [`ByName`] puts several acceptors behind one port, each with its own certificates and demands on clients; the
//!   client's first message is read by [`hello`] for that.
//! * [`RevocationLists`] takes certificates of clients back; [`Resumption`] is where a client keeps sessions (for backends).
//! * [`check`] holds what every backend asks of a peer's certificate beside its library; [`Certificate`] reads one.
//! * [`Error`] is one vocabulary for all libraries: whose fault, at which stage, and why.
//!
//! Feature `std`: reading certificate files and what this system trusts (`files`), for backends.
//!
//! Not here: sockets, clocks, timeouts (a role keeps those) and any choice of library.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

#[cfg(feature = "std")]
extern crate std;

mod alert;
mod by_name;
mod certificate;
mod certificates;
pub mod check;
mod date;
mod der;
mod error;
mod facts;
#[cfg(feature = "std")]
pub mod files;
pub mod hello;
pub mod limits;
mod names;
pub mod pem;
mod provider;
pub mod record;
mod resumption;
mod revocation;
mod session;
mod settings;

pub use alert::Alert;
pub use by_name::ByName;
pub use certificate::{AltName, Certificate, Purpose};
pub use certificates::{Certificates, Source, wipe};
pub use check::Leniency;
pub use date::Date;
pub use error::{Cause, CertificateFault, ConfigError, Error, Misuse, Stage};
pub use facts::{CipherSuite, Facts, Version};
pub use names::{NameTable, is_host_name};
pub use provider::{Acceptor, Connector, Expiry, Provider};
pub use resumption::Resumption;
pub use revocation::RevocationLists;
pub use session::{Phase, Received, Session};
pub use settings::{ClientAuth, ClientSettings, ServerSettings};

/// The example of the README, compiled.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
