//! What a client asks, and who hears the answer: the same over every carrier.
//!
//! ```text
//!   Calls::next ──▶ Call: head, body out (send), body in (response, body) ──▶ end │ switch │ failed
//! ```
//! A connection of HTTP/1 has one call at a time, one of HTTP/2 many: whoever makes [`Calls`] need not know.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use lws_head::{Fields, Method, ResponseHead};
use lws_role::{Closed, Cx, Role};
use lws_wire::Out;

/// Where a connection's calls come from.
pub trait Calls {
    /// The connection has room for a call: what it should ask now. Asked when the connection begins, after each call,
    /// and when it is woken; on HTTP/2 again and again, until it says `None` or the server takes no more streams.
    /// After `None` a connection without calls stays idle for a while, and closes.
    fn next(&mut self, cx: &mut Cx<'_>) -> Option<Box<dyn Call>>;

    /// How long the connection may be without calls before it closes. Asked each time that begins. Default: the
    /// carrier's `CLIENT_IDLE_TIMEOUT`.
    fn idle_timeout(&self) -> Option<Duration> {
        None
    }

    /// When a server that owes answers and says nothing is asked for a sign of life, and for how long that is waited
    /// for; asked once, when the connection begins. Only HTTP/2 can ask (RFC 9113 §6.7). Default: the carrier's
    /// `CLIENT_PING_AFTER` and `CLIENT_PING_TIMEOUT`.
    fn validity(&self) -> Option<[Duration; 2]> {
        None
    }

    /// The connection takes no more calls: the server goes away, or all identifiers are used. Calls under way go on,
    /// and [`Calls::closed`] follows. Not every connection says so before it closes.
    fn going(&mut self, _cx: &mut Cx<'_>) {}

    /// The connection is gone, or could not be opened: it asks for no more calls. The calls under way, if there were
    /// any, have heard of it before ([`Call::failed`]).
    fn closed(&mut self, _cx: &mut Cx<'_>, _why: Closed) {}
}

/// One request, and who hears its response.
///
/// The last thing it hears is one of [`Call::end`], [`Call::switch`] and [`Call::failed`], exactly once. In its methods
/// `cx.handle()` names the stream that carries it: whoever wakes that, or the whole connection, wakes the call.
pub trait Call {
    /// What is asked.
    fn head(&self) -> &CallHead;

    /// How long all of it may take, to the last byte of the response. Asked once. Default: as long as something moves
    /// at least every so often; the carrier's `CLIENT_STALL_TIMEOUT` says how often.
    fn deadline(&self) -> Option<Duration> {
        None
    }

    /// How long nothing may move, unless this call holds something back itself. Asked once. Default: the carrier's
    /// `CLIENT_STALL_TIMEOUT`.
    fn stall_timeout(&self) -> Option<Duration> {
        None
    }

    /// Asks the server for leave to send the body (RFC 9110 §10.1.1), and waits so long for an answer before it is
    /// sent anyway. The head then has `Expect: 100-continue`. Asked once, where there is a body. HTTP/2 sends the body
    /// at once: there, a server that does not want it can say so at any time.
    fn expect_continue(&self) -> Option<Duration> {
        None
    }

    /// Fills room with some of the request's body; called only if there is one.
    fn send(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Supply {
        Supply::End
    }

    /// Trailers (RFC 9110 §6.5) to be sent behind the body; asked once, after [`Supply::End`]. HTTP/1.1 sends them
    /// behind [`Framing::Chunked`] only. Names that must not be there are left out.
    fn trailers(&self) -> &[(String, Vec<u8>)] {
        &[]
    }

    /// Nobody waits for it any more. Asked whenever it is woken: then it is ended at once, and hears
    /// [`Cause::Cancelled`]. On HTTP/1 that costs the connection.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// An interim response (RFC 9110 §15.2) other than 101: there may be as many as the carrier's limit says.
    fn interim(&mut self, _cx: &mut Cx<'_>, _head: &ResponseHead<'_>) {}

    /// The response's head is there.
    fn response(&mut self, cx: &mut Cx<'_>, head: &ResponseHead<'_>);

    /// Some of the response's body. Returns how many bytes were taken; the rest is offered again when the call is
    /// woken, and the server is not given leave to send more meanwhile.
    fn body(&mut self, cx: &mut Cx<'_>, data: &[u8]) -> usize;

    /// The response is complete.
    fn end(self: Box<Self>, cx: &mut Cx<'_>, trailers: Fields<'_>);

    /// Whether this asks for another protocol: then the server's consent calls [`Call::switch`]. On HTTP/1.1 that is
    /// 101, which is an error for any other call. On HTTP/2 the request becomes an extended CONNECT (RFC 8441) for the
    /// protocol that its `Upgrade` field names, or with [`Method::Connect`] and no such field an ordinary one; and any
    /// 2xx is consent.
    fn wants_switch(&self) -> bool {
        false
    }

    /// The server switches protocols (RFC 9110 §15.2.2). Who speaks on the stream from here on; `None` ends it.
    fn switch(self: Box<Self>, _cx: &mut Cx<'_>, _head: &ResponseHead<'_>) -> Option<Box<dyn Role>> {
        None
    }

    /// There will be no response, or not all of it.
    fn failed(self: Box<Self>, cx: &mut Cx<'_>, failure: Failure);
}

/// What [`Call::send`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// There is more: it wants room.
    More,
    /// There is nothing now: whoever has some later wakes the call.
    Wait,
    /// That was all.
    End,
    /// There will be no more, and that was not all: the call fails with [`Cause::Source`].
    Fail,
}

/// The head of a request.
#[derive(Clone, Debug)]
pub struct CallHead {
    /// What to do.
    pub method: Method,
    /// The request target (RFC 9112 §3.2): `/path?query`.
    pub target: String,
    /// Field lines in order, `Host` among them; not those that say how long the body is.
    pub fields: Vec<(String, Vec<u8>)>,
    /// How long the body is.
    pub body: Framing,
}

/// How long a request's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    None,
    /// So many bytes.
    Length(u64),
    /// As long as it turns out to be: chunks on HTTP/1.1, frames on HTTP/2.
    Chunked,
}

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub cause: Cause,
    /// The connection had served other calls before.
    pub reused: bool,
    /// Something of a response had come.
    pub answered: bool,
}

/// What happened to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The connection ended.
    Closed(Closed),
    /// Nothing moved for the carrier's `CLIENT_STALL_TIMEOUT`, or [`Call::deadline`] passed.
    Timeout,
    /// The server broke the protocol; in words.
    Peer(&'static str),
    /// The server went beyond a limit of ours; in words.
    Limit(&'static str),
    /// The request cannot be sent as it is; in words.
    Misuse(&'static str),
    /// A response came before there was a request.
    Unasked,
    /// 101 for a call that did not ask for it.
    UnaskedSwitch,
    /// The carrier has no way to the protocol that was asked for: a server of HTTP/2 that does not take extended
    /// CONNECT (RFC 8441 §3). HTTP/1.1 may have one.
    NoSwitch,
    /// More interim responses than the carrier's limit.
    TooManyInterim,
    /// [`Call::send`] ended the body short of the length that it had promised.
    ShortBody,
    /// [`Call::send`] could not go on ([`Supply::Fail`]).
    Source,
    /// [`Call::is_cancelled`] said so.
    Cancelled,
    /// The server says that it has not processed the request at all (RFC 9113 §8.7); or it was not sent.
    Unprocessed,
    /// The server ended the stream in the middle, with this error code (RFC 9113 §7).
    Reset(u32),
}

impl Failure {
    /// Whether the server cannot have answered because it was just closing the idle connection: an idempotent request
    /// may be sent again on another one (RFC 9110 §9.2.2).
    pub fn is_stale(&self) -> bool {
        let ended = matches!(self.cause, Cause::Closed(Closed::Ended | Closed::Lost | Closed::Truncated));
        self.reused && !self.answered && ended
    }

    /// Whether nothing was done about the request: any request may be sent again (RFC 9113 §8.7), on another
    /// connection or, if this one goes on, later.
    pub fn is_unprocessed(&self) -> bool {
        self.cause == Cause::Unprocessed
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause {
            Cause::Closed(why) => why.fmt(f),
            Cause::Timeout => f.write_str("timed out"),
            Cause::Peer(words) | Cause::Limit(words) | Cause::Misuse(words) => f.write_str(words),
            Cause::Unasked => f.write_str("a response came before the request was sent"),
            Cause::UnaskedSwitch => f.write_str("the server switched protocols unasked"),
            Cause::NoSwitch => f.write_str("the server does not switch protocols over HTTP/2"),
            Cause::TooManyInterim => f.write_str("too many interim responses"),
            Cause::ShortBody => f.write_str("the request's body ended short of its length"),
            Cause::Source => f.write_str("the request's body cannot go on"),
            Cause::Cancelled => f.write_str("cancelled"),
            Cause::Unprocessed => f.write_str("the server did not process the request"),
            Cause::Reset(code) => write!(f, "the server ended the stream with error code {code}"),
        }
    }
}

impl core::error::Error for Failure {}
