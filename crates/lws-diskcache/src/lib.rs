//! A cache of files in a directory: the least recently used go first, and together they are never larger than a limit.
//!
//! ```text
//!   get(&key, waiter) ─┬─▶ Hit     the object, open for reading, checked
//!                      ├─▶ Miss    a Writer: you make the object; commit() publishes it, dropping gives up
//!                      ├─▶ Wait    somebody else makes it: `waiter` is called when it is worth looking again
//!                      └─▶ Bypass  not now (the disk is full, read-only, …): make it, serve it, do not store it
//!   poll_trim(budget)  a slice of housekeeping for an event loop: evicts, sweeps, counts after a restart
//! ```
//!
//! * [`Key`]: the SHA-256 of everything that makes one answer differ from another.
//! * [`Cache`]: clones are the same cache; any thread may use it, and several processes one directory.
//! * [`Writer`]: an object in the making. Nobody sees it before [`Writer::commit`], and then all of it at once.
//! * [`Config`], [`Stats`], and the bounds in [`limits`].
//!
//! What lies in the directory, and who may do what to it when, is told in the module sources: `disk` (names, links), `ledger`
//! (bytes over all processes), `index` (recency), `cache` (the whole).
//!
//! ```
//! use lws_diskcache::{Cache, Config, Key, Lookup};
//! use std::{io::Write, time::Duration};
//!
//! # let home = tempfile::tempdir()?;
//! # let path = home.path().join("cache");
//! let cache = Cache::open(&path, Config::default().limit(64 << 20))?;
//! while cache.poll_trim(Duration::from_millis(5)).is_zero() {} // or a slice per turn of your event loop
//!
//! let key = Key::new(["GET", "example.com", "/logo.svg", "br"]);
//! match cache.get(&key, || { /* wake the connection that waits */ }) {
//!     Lookup::Miss(mut writer) => {
//!         writer.write_all(b"compressed")?;
//!         writer.commit()?;
//!     }
//!     other => panic!("the cache was empty: {other:?}"),
//! }
//! let hit = cache.peek(&key).expect("it was stored");
//! assert_eq!(hit.read()?, b"compressed");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod cache;
mod config;
mod disk;
mod error;
mod flight;
mod index;
mod key;
mod ledger;
pub mod limits;
mod scan;
mod trailer;
mod writer;

pub use cache::{Cache, Hit, Lookup};
pub use config::{Config, Stats};
pub use error::Error;
pub use key::Key;
pub use writer::Writer;
