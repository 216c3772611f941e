//! The same tests for every cryptographic backend, in one program: that it links is itself one of them.

pub mod crypto;
pub mod tls;
pub mod tls_certs;
pub mod tls_raw;
