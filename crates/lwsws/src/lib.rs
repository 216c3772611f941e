//! The ready-made server: `lwsws serve DIR` serves a folder, with a live status page; `lwsws get URL` and `lwsws ws URL`
//! are the other side.
//!
//! ```text
//!   arguments ──▶ cli ──▶ Options ──▶ serve ──▶ vhost ─┬─ /             files
//!                                       │              ├─ /.lws         status page, JSON, Prometheus   ┐
//!                                       │              ├─ /metrics      unless the folder has one       ├─ gate
//!                                       │              └─ /.lws/status.ws   the same, once a second     ┘
//!                                       │
//!                       signals ──▶ stop, reload        access records ──▶ bounded queue ──▶ writer thread ──▶ stdout
//! ```
//! One loop on the calling thread. Beside it run a thread that writes (so that a terminal or pipe which does not read
//! cannot hold the loop up), one that waits for signals, and, with certificate files, one that looks whether they
//! were replaced.
//!
//! Not here: several vhosts, configuration files, changing the user, going to the background.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod access;
mod cli;
mod client;
mod flags;
mod json;
mod message;
mod options;
mod qr;
mod rss;
mod run;
mod serve;
mod signals;
mod status;
mod tls;
mod writer;

pub mod limits;

pub use cli::{Command, parse};
pub use client::{Asked, Leniency, Versions, get, socket};
pub use message::Message;
pub use options::{Options, Protocols, TlsBackend, TlsSource};
pub use run::main;
pub use serve::serve;
