//! The other end of a stream: what it says, and what it understands.
//!
//! Written for tests, on their own: nothing of the codecs under test is used, so that an error in one of them is not
//! its own witness.

pub mod http;
pub mod ws;
