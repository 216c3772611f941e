//! HTTP/2 (RFC 9113) as a machine: slices in, events out, for servers and clients.
//!
//! ```text
//!   bytes ──▶ Connection::receive ──▶ Event: Request, Response, Data, Trailers, Reset, ...
//!                  │  │ answers to SETTINGS, PING, broken streams: into the Out, at once, or the frame waits
//!                  │  └ streams: state, windows, what content-length owes, and a T of yours each
//!                  └─── budgets: who makes too much work is told to calm down
//!   bytes ◀── Sender: head, data, trailers ◀── you, stream by stream, into the Out there is
//! ```
//!
//! **Nothing is queued.** A frame that needs an answer is consumed only when there is room for the answer, so a peer
//! that does not read is not read from. What data a stream's user does not consume is not credited, so the peer stops.
//! A header block is taken whole or not at all. In the steady state nothing is allocated.
//!
//! **What repeats** is recognised: a request block like the one before it in the room that is lent ([`HeadRoom`]), a
//! response head like the one before it in a [`HeadMemo`], as long as the compression tables have not changed.
//!
//! **Settings** of both sides are kept apart: what a peer says about itself never moves a limit of ours.
//!
//! **Heads** come out checked by every rule of RFC 9113 §8, as the views of `lws-head` that HTTP/1 makes too. Server
//! push and the priorities of RFC 7540 are refused and ignored; of RFC 9218 the urgency is read.
//!
//! Not here: sockets, time limits (the caller owns the clock), who is served next, handlers.
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod block;
mod budget;
mod connection;
mod error;
mod event;
mod flow;
mod frame;
mod head;
pub mod limits;
mod memo;
mod priority;
mod sender;
pub mod settings;
mod state;
mod streams;

pub use budget::Rate;
pub use connection::{Connection, NotOpened};
pub use error::{Code, Error, Limit, Peer};
pub use event::{Event, Received, Request, Response};
pub use head::HeadRoom;
pub use lws_hpack::Field;
pub use memo::HeadMemo;
pub use priority::{DEFAULT_URGENCY, urgency};
pub use sender::{Asked, Sender};
pub use state::State;
pub use streams::{Flow, Stream};

/// What a client says first (RFC 9113 §3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Which end of the connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that answers.
    Server,
    /// The one that asks.
    Client,
}
