//! Mbed TLS 2.28 behind the traits of `lws-tls`, as a value.
//!
//! * TLS 1.2 only, with forward secrecy and authenticated encryption; no renegotiation, no compression. **The C library has
//!   had no fixes since March 2025**: read the README before you choose this.
//! * Sessions work over slices: no descriptor, no blocking; about 37 KiB for each open connection, next to nothing for one
//!   that has not said hello.
//! * Certificates and keys are decoded here, and reach the C code as DER.
//!
//! Build: needs cmake, a C compiler and libclang (bindgen).
#![deny(unsafe_code)]

mod acceptor;
mod client_hello;
mod connector;
#[cfg(feature = "crypto")]
mod crypto;
mod error;
mod ffi;
pub mod limits;
mod load;
mod messages;
mod provider;
mod session;
mod store;
mod verify;
mod wire;

#[cfg(feature = "crypto")]
pub use crypto::{MbedtlsCrypto, crypto};
pub use provider::{Mbedtls, provider};

/// The example of the README, compiled.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
