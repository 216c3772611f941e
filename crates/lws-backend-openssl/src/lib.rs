//! OpenSSL behind the traits of `lws-tls` and `lws-gencrypto`.
//!
//! ```
//! use lws_backend_openssl::provider;
//! use lws_tls::{Certificates, ConfigError, Error, Provider as _, ServerSettings};
//!
//! let settings = ServerSettings::new(Certificates::files("/no/such.pem", "/no/such.key")).alpn(["http/1.1"]);
//! let error = provider().server(settings).unwrap_err();
//! assert!(matches!(error, Error::Config(ConfigError::Unreadable { .. })), "{error}");
//! ```
//! * [`provider`] is a value; no global state of OpenSSL is changed, no configuration file decides a policy.
//! * Sessions work over slices: OpenSSL reads one record from memory and writes to memory, it never sees a socket and
//!   never blocks. Its buffers are given back between records (`SSL_MODE_RELEASE_BUFFERS`).
//! * TLS 1.2 and 1.3 with forward secret, authenticated ciphers; no renegotiation, no compression, no 0-RTT.
//! * Session tickets on both sides: a connector keeps the sessions of the servers it has met, in memory, and resumes them.
//!
//! Feature `vendored`: builds OpenSSL from its sources instead of linking the system's (at least 1.1.1).
#![deny(unsafe_code)]

mod acceptor;
mod connector;
mod context;
#[cfg(feature = "crypto")]
mod crypto;
mod error;
mod ffi;
mod pipe;
mod provider;
mod session;
mod step;
mod verify;

#[cfg(feature = "crypto")]
pub use crypto::{OpensslCrypto, crypto};
pub use provider::{Openssl, provider, version};

/// The example of the README, compiled.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
