//! Full-text search.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod bits;
mod build;
mod checksum;
mod complete;
#[cfg(feature = "std")]
mod disk;
mod error;
mod format;
mod index;
mod io;
mod locate;
#[cfg(feature = "std")]
mod merge;
mod page;
mod query;
mod search;
mod segment;
mod snippet;
#[cfg(feature = "std")]
mod store;
mod text;
mod verify;

pub mod limits;

pub use build::{Builder, Summary};
pub use complete::Suggestion;
#[cfg(feature = "std")]
pub use disk::{FileSink, FileSource, TempFile, TempFiles};
pub use error::{Corrupt, Error, Limit, Part, QueryError};
pub use index::{File, FileId, Index, Stats};
pub use io::{Append, Memory, ReadAt, Scratch};
pub use locate::LineHit;
pub use query::Query;
pub use search::{Found, Hit, Search};
pub use snippet::Snippet;
#[cfg(feature = "std")]
pub use store::{Store, Update};
pub use text::fold;
pub use verify::Verified;
