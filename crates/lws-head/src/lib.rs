//! What every version of HTTP agrees on: the head of a message (RFC 9110).
//!
//! ```text
//!   RequestHead                              ResponseHead
//!   ├ method, version                        ├ status, version, reason
//!   ├ target ─▶ scheme, authority, path, query
//!   └ fields: Fields ───────────────────────▶└ fields: Fields
//!        one block of bytes + one FieldPos per field line; every field is kept, in wire order
//! ```
//! A head is a *view*: it borrows the bytes it was parsed from and costs nothing to copy. Whoever must keep one
//! makes a [`RequestHeadBuf`]. Parsers (HTTP/1 text, HPACK) live elsewhere and produce these types; what answers
//! requests reads them and cannot tell which version brought them.
//!
//! * [`path`]: from the path on the wire to the one path that is authorised *and* opened.
//! * [`query`]: the arguments behind the `?`.
//! * [`host`]: `uri-host [":" port]`.
//! * [`field`], [`name`]: the grammar of fields, and the names everybody uses.
//! * [`trailer`]: what may stand behind a body.
//! * [`accepts_coding`]: what `Accept-Encoding` permits.
//!
//! Not here: dates, ranges, media types, cookies, caching. They belong to what answers.
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod accept;
mod escape;
pub mod field;
mod fields;
mod head;
pub mod host;
pub mod limits;
mod method;
pub mod name;
pub mod path;
pub mod query;
mod status;
pub mod trailer;
mod version;

pub use accept::{Weight, accepts_coding, coding_weight};
pub use fields::{Field, FieldPos, Fields};
pub use head::{RequestHead, RequestHeadBuf, ResponseHead};
pub use host::Host;
pub use method::Method;
pub use path::PathError;
pub use status::Status;
pub use version::Version;
