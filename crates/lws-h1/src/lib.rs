//! HTTP/1.0 and 1.1 messages as a pure machine (RFC 9112): bytes in, heads and borrowed pieces of body out.
//!
//! ```text
//!   server   RequestParser  ──▶ Request  ──▶ BodyDecoder        HeadEncoder, chunk, last_chunk  ──▶ Out
//!   client   ResponseParser ──▶ Response ──▶ BodyDecoder        HeadEncoder, chunk, last_chunk  ──▶ Out
//! ```
//! **Input.** Every parser is offered a slice that begins at the first byte not yet consumed. Heads and trailers are
//! taken whole: until one is complete, it is offered again, longer. A parser remembers how far it has looked, so a head
//! that arrives byte by byte costs no more than five looks at each byte, and what is wrong is told at once, not when
//! the head ends. Bodies are decoded at any split, without a buffer, and the caller may take less than it is shown.
//!
//! **Strict.** What two readers might understand differently is refused, and the connection is closed: bare CR or LF,
//! line folding, white space before a colon, two lengths (even equal ones), a length beside a transfer coding, any
//! transfer coding but `chunked`, a missing or second `Host`. There is no lenient mode.
//!
//! **Output.** [`HeadEncoder`] writes a head wholly or not at all, and cannot be talked into a second line.
//!
//! Not here: connections, pipelining, time limits, what to answer. See [`limits`] for every bound.
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate alloc;

mod body;
mod chunked;
mod encode;
mod error;
mod framing;
pub mod limits;
mod plain;
mod request;
mod response;
mod scan;
mod target;
mod trailers;

pub use body::{BodyDecoder, Decoded};
pub use encode::{HeadEncoder, chunk, continue_100, error_response, last_chunk};
pub use error::{Error, Limit, Misuse, Peer};
pub use framing::Framing;
pub use limits::Limits;
pub use request::{Request, RequestParser};
pub use response::{Response, ResponseParser};
pub use scan::HeadIndex;
pub use trailers::trailers;
