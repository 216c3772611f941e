//! libwebsockets in Rust: HTTP and WebSocket on one small event loop.
//!
//! This crate only collects the paved path; every part is a crate of its own that you can use alone.
//!
//! ```no_run
//! use lws::{Context, Vhost, h1, ws};
//!
//! struct Echo;
//! impl ws::Protocol for Echo {
//!     type Session = ();
//!     fn open(&mut self, _ws: &mut ws::Ws) {}
//!     fn message(&mut self, _session: &mut (), ws: &mut ws::Ws, message: ws::Message) {
//!         ws.send(message.kind, message.data);
//!     }
//! }
//!
//! fn main() -> Result<(), lws::Error> {
//!     let vhost = Vhost::new("localhost")
//!         .mount("/hello", lws::http::respond(|_request, reply| reply.text("hello\n")))
//!         .upgrade("/echo", ws::ws(|| Echo));
//!     Context::new().listen("127.0.0.1:7681", h1(vhost)).run()
//! }
//! ```
#![forbid(unsafe_code)]

pub use lws_core::{Address, Context, Error, PostError, Remote, Service, Shard, Sharing, Stop, Threads};
pub use lws_http::Vhost;
pub use lws_role::sniff;
pub use lws_role::{Closed, Env, Facts, Handle, Mail, Metrics, Peer, SlotKey};
pub use lws_role_h1::h1;
pub use lws_role_h2::h2;
pub use lws_wire::Time;

/// HTTP: handlers, replies, vhosts.
pub mod http {
    pub use lws_http::*;
}

/// WebSocket: user protocols.
pub mod ws {
    pub use lws_role_ws::*;
}

/// TLS: put [`tls()`](lws_role_tls::tls) around what you serve, with a configuration from a backend crate.
pub mod tls {
    pub use lws_role_tls::{Tls, TlsRole, tls};
    pub use lws_tls::*;
}

/// Folders as handlers.
#[cfg(feature = "files")]
pub mod files {
    pub use lws_mount_file::*;
}

#[cfg(feature = "threadpool")]
pub mod threadpool;

/// HTTP and WebSocket clients on the loop.
#[cfg(feature = "client")]
pub mod client {
    pub use lws_client::*;
}

#[cfg(feature = "client")]
pub mod blocking;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
