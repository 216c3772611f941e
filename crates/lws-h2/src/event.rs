//! What a connection tells its user.

use lws_head::{Fields, RequestHead, ResponseHead};

use crate::error::Code;

/// What became of the front of the input.
#[derive(Debug)]
pub struct Received<'a> {
    /// Bytes that are dealt with.
    pub consumed: usize,
    /// What they meant.
    pub event: Event<'a>,
}

/// What a frame, or a part of a `DATA` frame, meant.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The frame at the front is not complete. Offer it again with more.
    Incomplete,
    /// The output has less than [`ANSWER_ROOM`](crate::limits::ANSWER_ROOM). Nothing was looked at.
    Full,
    /// It concerned the connection only, and was obeyed.
    Nothing,
    /// A server: a request arrived. Its stream is in the table.
    Request(Request<'a>),
    /// A client: a response's head arrived.
    Response(Response<'a>),
    /// Some of a body. Say how much of it was consumed by [`Connection::consumed`](crate::Connection::consumed).
    Data {
        /// The stream.
        id: u32,
        /// The bytes; none, if the end came alone.
        data: &'a mut [u8],
        /// The peer's side of the stream ends behind them.
        ends: bool,
    },
    /// The trailer section, which ends the peer's side of the stream. Fields that must not be there are left out.
    Trailers {
        /// The stream.
        id: u32,
        /// The fields, in wire order.
        fields: Fields<'a>,
    },
    /// The stream is over. Take it out by [`Connection::remove`](crate::Connection::remove).
    Reset {
        /// The stream.
        id: u32,
        /// Why.
        code: Code,
        /// The peer reset it; else it broke a rule and we did.
        by_peer: bool,
    },
    /// A window that was shut is open now.
    Opened {
        /// The stream, or 0 for the connection's window.
        id: u32,
    },
    /// The peer's settings changed; any window may be open now, or shut.
    Settings,
    /// The peer goes away, and takes no stream above `last`. A client's streams above that are over, and were not
    /// processed: take them out by [`Connection::remove`](crate::Connection::remove).
    GoAway {
        /// The last stream that it may have processed.
        last: u32,
        /// Why.
        code: Code,
    },
}

/// A request. Its head has been checked by every rule of RFC 9113 §8.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The stream.
    pub id: u32,
    /// The head. A `host` field is always among the fields; cookies are joined.
    pub head: RequestHead<'a>,
    /// Bytes of the body, if that is known: by `content-length`, or because there is none.
    pub length: Option<u64>,
    /// There is no body, and there are no trailers.
    pub ends: bool,
    /// The client waits for an interim response 100 before it sends the body (RFC 9110 §10.1.1).
    pub expect_continue: bool,
}

/// A response's head.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// The stream.
    pub id: u32,
    /// The head.
    pub head: ResponseHead<'a>,
    /// It is interim (1xx): another one follows.
    pub interim: bool,
    /// There is no body, and there are no trailers.
    pub ends: bool,
}
