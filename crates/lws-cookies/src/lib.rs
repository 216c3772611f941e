//! A cookie jar (RFC 6265bis), for HTTP clients that are no browsers.
//!
//! ```text
//!   Set-Cookie ──▶ parse ──▶ Jar::store ──▶ [domain, path, name] ──▶ Jar::header ──▶ Cookie
//!                                  └── Jar::save ⇄ Jar::load, a file in Netscape's format
//! ```
//! Time is a parameter: seconds since 1970. Hosts are given in lower case, as URLs have them.
//!
//! Not here: `SameSite`, partitions, and a list of public suffixes (see [`Jar::public_suffixes`]).
#![forbid(unsafe_code)]

mod date;
mod file;
mod jar;
mod parse;

pub mod limits;

pub use jar::{Cookie, Jar, Place, Refused};

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
