//! HPACK, the header compression of HTTP/2 (RFC 7541), for people who write an HTTP/2 endpoint and do not trust
//! the other one.
//!
//! ```text
//!            field block, in pieces                         fields, borrowed
//!   peer ──────────────────────────▶ Decoder ──────────────────────────────────▶ your closure
//!                                       │  └─ Huffman text goes into a block you lend
//!                                       ▼
//!                                  dynamic table (allocated with its first entry)
//!                                       ▲
//!   peer ◀────────────────────────── Encoder ◀────────────────────────────────── fields
//!            whole field blocks in an `Out`
//! ```
//!
//! * [`Decoder`]: slices in, fields out. It counts while it decodes. A list that is too large is *refused*: no more
//!   fields are told, but the table is kept in step with the peer's, so that one stream can be answered with 431
//!   while the connection lives on. A peer that goes on beyond [`limits::OVERRUN`] times the limit gets an [`Error`].
//! * [`Encoder`]: fields in, bytes out, all or nothing. It decides what to index, what to Huffman-code and what
//!   must never be indexed, and announces table size changes.
//! * [`Field`]: a name and a value, with the check that HTTP/2 wants ([`Field::is_well_formed`]).
//!
//! Deliberately absent: pseudo-header rules and frames (they belong to HTTP/2), QPACK, and any choice of Huffman or
//! indexing mode for the caller to get wrong.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod decoder;
mod encoder;
mod error;
mod field;
mod huffman;
pub mod limits;
mod policy;
mod reader;
mod statics;
mod table;

pub use decoder::{Decoder, Limits, List, Refusal};
pub use encoder::Encoder;
pub use error::{Error, Exceeded, Malformed, Misuse};
pub use field::Field;

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
