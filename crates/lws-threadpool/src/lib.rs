//! Threads for the work that would block an event loop: a password hash, a database, a compressor.
//!
//! ```text
//!   event loop                                    pool
//!   ──────────                                    ────
//!   submit(&inbox, key, task) ──▶ Job             fair queue ──▶ worker: task(&Task)
//!     Job in the connection's state  ◀─ chunk, result ── Task::sync, return value (or panic)
//!     Inbox::take() -> keys with news ◀── key ── one Wake per batch
//!   drop(Job) ── cancels ─────────────────────▶  removed from the queue, or Task::checkpoint() and sync() fail
//! ```
//!
//! * [`Pool`]: named threads and a bounded queue. Connections take turns: one that submits much waits behind itself.
//! * [`Job`]: what the connection keeps. It hands out what the task produced, and cancels the task when it is dropped, as it is
//!   when the connection closes.
//! * [`Task`]: what the task sees. [`checkpoint`](Task::checkpoint) says when to give up, [`sync`](Task::sync) hands a chunk to
//!   the connection and waits while the connection has enough of them, [`detach`](Task::detach) outlives the connection.
//! * [`Inbox`] and [`Wake`]: how an event loop hears of news; the only thing it has to implement.
//!
//! A task is an ordinary closure. What panics in it becomes an [`Error`], and the thread goes on.
//!
//! ```
//! use std::sync::mpsc;
//! use lws_threadpool::{Config, Inbox, News, Pool};
//!
//! let pool = Pool::new(Config::default().name("demo").threads(2))?;
//! let (waker, woken) = mpsc::channel(); // an event loop has an eventfd instead
//! let inbox = Inbox::new(move || _ = waker.send(()));
//!
//! let connection = 7;
//! let mut job = pool.submit(&inbox, connection, |task| {
//!     let mut sum = 0;
//!     for i in 0..100_u32 {
//!         task.checkpoint()?; // the connection may close meanwhile
//!         sum += i;
//!     }
//!     task.sync("almost done")?;
//!     Ok(sum)
//! })?;
//!
//! let mut news = Vec::new();
//! let sum = 'turn: loop {
//!     woken.recv()?;
//!     inbox.take(&mut news);
//!     assert_eq!(news, [connection]);
//!     while let Some(news) = job.poll() {
//!         match news {
//!             News::Chunk(text) => assert_eq!(text, "almost done"),
//!             News::Done(result) => break 'turn result?,
//!         }
//!     }
//! };
//! assert_eq!(sum, 4950);
//! pool.shutdown(std::time::Duration::from_secs(1))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![allow(unexpected_cfgs)] // `loom` is set by who runs the model checker: see `model.rs`

mod config;
mod error;
mod fair;
mod inbox;
mod job;
pub mod limits;
#[cfg(all(test, loom))]
mod model;
mod pool;
mod slot;
mod sync;

pub use config::Config;
pub use error::{Cancelled, Error};
pub use inbox::{Inbox, Wake};
pub use job::{Job, News};
pub use pool::{Key, Pool, Stats};
pub use slot::Task;
