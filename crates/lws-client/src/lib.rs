//! HTTP and WebSocket clients on the same roles and the same loop as the servers.
//!
//! ```text
//!   Client::send ──▶ Request ──▶ connection (free, or new) ──▶ Answer::head, body …, done
//!   Client::open ──▶ Request ──▶ connection, new ── 101 ─────▶ ws::Protocol::open, message …
//!                        or a stream of one of HTTP/2 ── 200 ──▶
//! ```
//! * A [`Client`] is an instance in a loop's `World`, like any protocol: connections, resolver, TLS, proxies, cookies.
//! * A [`Caller`] is the way to it from within callbacks of others.
//! * A [`Request`] says what, how long ([`Timeouts`]), how often ([`Retry`]), with what ([`Body`], [`Form`]) and who
//!   asks ([`Auth`]).
//! * An [`Answer`] hears what comes of one [`Request`]: its last call is `done`, exactly once, never before
//!   [`Client::send`] has returned, and an [`Error`] says at which [`Stage`] it failed.
//! * Redirects are followed as far as is safe: credentials stay with their origin, `https` stays `https`.
//!
//! Not here: sockets and clocks (the loop has them), and any TLS library: a connector is a value.
#![forbid(unsafe_code)]

mod alarm;
mod auth;
mod body;
mod client;
mod conn;
mod decode;
mod error;
mod exchange;
mod form;
mod job;
pub mod limits;
mod pool;
mod proxy;
mod race;
mod random;
mod request;
mod resolve;
mod retry;
mod timeouts;
mod tls;
mod url;

pub use auth::Auth;
pub use body::{Body, Source};
pub use client::{Caller, Client, Letter};
pub use error::{Error, RedirectFault};
pub use form::Form;
pub use lws_coding::Error as CodingError;
pub use lws_cookies::Jar;
pub use lws_head::{Fields, Method, ResponseHead, Status};
pub use lws_role::{Facts, Handle, Hub};
pub use lws_role_h1::client::{Cause, Failure, Supply};
pub use lws_role_ws::Validity;
pub use proxy::{Proxies, Proxy, ProxyFault};
pub use random::random;
pub use request::{Answer, FieldError, Request};
pub use resolve::{Addresses, Resolver, SystemResolver};
pub use retry::Retry;
pub use timeouts::{Stage, Timeouts};
pub use url::{Url, UrlError};

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
