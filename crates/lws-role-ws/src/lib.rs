//! WebSocket (RFC 6455) as a role: frames become calls of a user [`Protocol`], what it sends becomes frames.
//!
//! ```text
//!   input ──▶ Receiver ──▶ whole message ──▶ Protocol::message ──▶ Ws::send ──▶ Out
//!                 │            ▲ pieces are assembled only if they really came in pieces
//!                 ├──▶ ping ──▶ pong
//!                 └──▶ close ─▶ close, done
//! ```
//! Compressed messages (feature `deflate`) pass through `lws-pmd` on either side of the user's protocol, which does not
//! notice.
//!
//! ```
//! use lws_role_ws::{Message, Protocol, Ws, ws};
//!
//! struct Echo;
//! impl Protocol for Echo {
//!     type Session = ();
//!     fn open(&mut self, _ws: &mut Ws) {}
//!     fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
//!         ws.send(message.kind, message.data);
//!     }
//! }
//! let vhost = lws_http::Vhost::new("localhost").upgrade("/", ws(|| Echo));
//! # let _ = vhost;
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod capability;
mod client;
#[cfg_attr(not(feature = "deflate"), allow(dead_code, reason = "only an extension makes these"))]
mod coding;
#[cfg(feature = "deflate")]
mod deflate;
mod protocol;
mod role;
mod rx;
mod spares;
mod terms;
mod tx;
mod upgrade;

pub mod limits;

pub use capability::Ws;
pub use client::{Accepted, Random, Refused, WsClient};
#[cfg(feature = "deflate")]
pub use lws_pmd::{Engine as DeflateEngine, Options as DeflateOptions, WindowBits};
pub use lws_role::{Closed, Env, Handle, Mail};
pub use lws_ws::{CloseCode, Kind};
pub use protocol::{Fragment, Message, Protocol};
pub use role::WsRole;
pub use upgrade::{Validity, WsBlueprint, ws};

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
