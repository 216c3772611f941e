//! Full-text search.
#![no_std]
#![forbid(unsafe_code)]
#![allow(dead_code, unused_imports)] // until all stages are here

extern crate alloc;

mod bits;
mod build;
mod checksum;
mod error;
mod format;
mod io;
mod page;
mod segment;
mod text;

pub mod limits;

pub use build::{Builder, Summary};
pub use error::{Corrupt, Error, Limit, Part, QueryError};
pub use io::{Append, Memory, ReadAt, Scratch};
pub use text::fold;
