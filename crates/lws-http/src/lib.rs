//! What HTTP carriers and applications share, and their only meeting point.
//!
//! * A **carrier** (HTTP/1, HTTP/2) brings requests and takes replies: [`Carrier`].
//! * A [`Handler`] answers them. It cannot tell which carrier it talks to.
//! * A [`Vhost`] says which handler lives at which path, and which paths upgrade to another protocol. It is a
//!   blueprint that threads share; [`Site`] is what one loop makes of a set of them.
//!
//! ```text
//!   head ──▶ Site ──▶ vhost by Host ──▶ mount by longest prefix ──▶ Handler::request
//!                          │                                             │
//!                          └──▶ Upgrader ──▶ Box<dyn Role>               └──▶ Reply ──▶ Carrier ──▶ Out
//! ```
//!
//! [`client`] is the same for the other side: calls, and carriers that make them.
//!
//! `no_std` + `alloc`; no carrier, no TLS, no socket.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod body;
mod carrier;
mod common;
mod handler;
mod log;
mod reply;
mod request;
mod simple;
mod site;
mod upgrade;
mod vhost;

pub mod client;
pub mod conditional;
pub mod date;
pub mod limits;
pub mod range;

pub use body::Body;
pub use carrier::{Carrier, Length, Misuse, Phase};
pub use common::CommonFields;
pub use handler::{Handler, HandlerBlueprint};
pub use log::{AccessLog, Record};
pub use lws_head::{Fields, Method, RequestHead, Status, Version};
pub use lws_role::Closed;
pub use reply::{Reply, Response};
pub use request::Request;
pub use simple::{HandlerFn, Redirect, Respond, handler, redirect, respond};
pub use site::{Exchange, Site, Sites};
pub use upgrade::{Refusal, UpgradeBlueprint, Upgraded, Upgrader};
pub use vhost::Vhost;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
