//! An arena: many small objects, allocated one by one in a few chunks, freed all at once.
//!
//! ```text
//!            Arena                       chunks, newest first (each one block of the global allocator)
//!   cursor ──┐                          ┌────────┬──────────────────────┬─────────┐
//!            └────────────────────────▶ │ header │ objects, side by side│ free    │
//!                                       └───┬────┴──────────────────────┴─────────┘
//!   sum of all blocks <= budget             ▼ older chunks … (spare chunks wait in a list of their own)
//! ```
//!
//! * [`Arena`]: allocates through `&self`; nothing moves until [`Arena::reset`] or the end of the arena. Each call that
//!   needs memory is a `try_*` and can fail: memory is bounded by [`Config::budget`], and a refusal changes nothing.
//! * [`Ref`]: a `Copy` handle to an object, checked on use, for things that outlive a borrow: links between nodes, the
//!   place where a connection goes on reading.
//! * [`Shared`]: a frozen arena. Clones share it, any thread may read it, the last one frees it.
//! * [`Grow`]: a slice, or a text, that grows at the end of the arena until it is finished.
//! * [`Interner`]: equal texts stored once.
//!
//! What it does not do: it runs no destructors (a type that has one does not compile here), it frees no single object,
//! and it is not a general allocator.
//!
//! ```
//! use lwsac::{Arena, Config};
//!
//! let mut arena = Arena::new(Config::default().budget(64 * 1024));
//! let names = arena.try_insert_slice(&["index.html", "style.css"])?; // a handle
//! let total = arena.try_alloc(0_usize)?; // or a plain reference
//! *total = 2;
//!
//! let shared = arena.freeze(); // one result, many readers
//! let reader = shared.clone();
//! assert_eq!(std::thread::spawn(move || reader.get(names).map(|n| n.len())).join().ok(), Some(Some(2)));
//!
//! arena = shared.thaw().expect("the other reader is gone"); // take the memory back
//! arena.reset(); // and use it for the next request: no call to the allocator
//! # Ok::<(), lwsac::Error>(())
//! ```
#![no_std]
#![deny(unsafe_code)] // except in `memory`, which holds all of it
#![deny(clippy::undocumented_unsafe_blocks)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod arena;
mod config;
mod error;
mod grow;
mod handle;
mod intern;
pub mod limits;
mod memory;
mod shared;

pub use arena::Arena;
pub use config::{Config, Usage};
pub use error::Error;
pub use grow::Grow;
pub use handle::Ref;
pub use intern::Interner;
pub use shared::Shared;
