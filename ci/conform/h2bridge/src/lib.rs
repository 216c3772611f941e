//! Programs on our own HTTP/2 client, for conformance runs.
//!
//! * `h2bridge` takes WebSockets over HTTP/1.1 and carries their bytes, unchanged, to a server over HTTP/2 (RFC 8441):
//!   so a tester that knows no HTTP/2 sees what comes through it.
//! * `h2get` GETs or POSTs one URL, for a suite that watches how a client behaves.

pub mod bridge;
mod dial;
mod pipe;

pub use dial::{Dial, Trust};
