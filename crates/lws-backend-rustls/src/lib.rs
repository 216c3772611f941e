//! rustls with aws-lc-rs behind the traits of `lws-tls`.
//!
//! ```
//! use lws_backend_rustls::{provider, self_signed};
//! use lws_tls::{Provider as _, ServerSettings};
//!
//! let own = self_signed(&["localhost", "127.0.0.1"])?;
//! println!("fingerprint: {}", own.fingerprint_hex());
//! let acceptor = provider().server(ServerSettings::new(own.certificates).alpn(["http/1.1"]))?;
//! let session = acceptor.accept()?; // one per connection
//! assert!(session.handshaking());
//! # Ok::<(), lws_tls::Error>(())
//! ```
//! * [`provider`] is rustls over aws-lc-rs; [`Rustls::with_crypto`] takes any other
//!   `rustls::crypto::CryptoProvider`. Nothing is global: no process default is read or set.
//! * Sessions use rustls's unbuffered API: 3 to 4 KiB per idle connection, no buffer between records.
//! * TLS 1.2 and 1.3; no renegotiation, no compression, no 0-RTT. Session tickets are encrypted with keys that
//!   change every six hours and live in memory only.
//!
//! Build: on x86-64 Linux a C compiler is enough (aws-lc-sys builds its C and assembly itself; neither cmake nor
//! bindgen nor nasm is needed). For other platforms see the requirements of `aws-lc-sys`.
#![forbid(unsafe_code)]

mod acceptor;
mod connector;
#[cfg(feature = "crypto")]
mod crypto;
mod error;
mod load;
mod provider;
mod self_signed;
mod session;
mod store;
mod tickets;
mod verify;

#[cfg(feature = "crypto")]
pub use crypto::{RustlsCrypto, crypto};
pub use provider::{Rustls, provider};
pub use rustls;
pub use self_signed::{SelfSigned, self_signed};

/// The example of the README, compiled.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
