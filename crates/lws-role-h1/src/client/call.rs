//! What a client asks, and who hears the answer.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use lws_h1::Framing;
use lws_head::{Fields, Method, ResponseHead};
use lws_role::{Closed, Cx, Role};
use lws_wire::Out;

/// Where a connection's calls come from.
pub trait Calls {
    /// The connection is free: what it should ask now. Asked when the connection begins, after each call, and when it
    /// is woken while it is idle. After `None` it stays idle for [`crate::limits::CLIENT_IDLE_TIMEOUT`].
    fn next(&mut self, cx: &mut Cx<'_>) -> Option<Box<dyn Call>>;

    /// The connection is gone, or could not be opened: it asks for no more calls. The call under way, if there was
    /// one, has heard of it before ([`Call::failed`]).
    fn closed(&mut self, _cx: &mut Cx<'_>, _why: Closed) {}
}

/// One request, and who hears its response.
///
/// The last thing it hears is one of [`Call::end`], [`Call::switch`] and [`Call::failed`], exactly once.
pub trait Call {
    /// What is asked.
    fn head(&self) -> &CallHead;

    /// How long all of it may take, to the last byte of the response. Asked once. Default: as long as something moves
    /// at least every [`crate::limits::CLIENT_STALL_TIMEOUT`].
    fn deadline(&self) -> Option<Duration> {
        None
    }

    /// Fills room with some of the request's body; called only if there is one.
    fn send(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Supply {
        Supply::End
    }

    /// An interim response (RFC 9110 §15.2) other than 101: there may be up to [`crate::limits::INTERIM_RESPONSES`].
    fn interim(&mut self, _cx: &mut Cx<'_>, _head: &ResponseHead<'_>) {}

    /// The response's head is there.
    fn response(&mut self, cx: &mut Cx<'_>, head: &ResponseHead<'_>);

    /// Some of the response's body. Returns how many bytes were taken; the rest is offered again when the connection
    /// is woken, and nothing is read from the server meanwhile.
    fn body(&mut self, cx: &mut Cx<'_>, data: &[u8]) -> usize;

    /// The response is complete.
    fn end(self: Box<Self>, cx: &mut Cx<'_>, trailers: Fields<'_>);

    /// Whether this asks for another protocol: then 101 calls [`Call::switch`], and without is an error.
    fn wants_switch(&self) -> bool {
        false
    }

    /// The server switches protocols (RFC 9110 §15.2.2). Who speaks on the connection from here on; `None` ends it.
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
    /// There is nothing now: whoever has some later wakes the connection.
    Wait,
    /// That was all.
    End,
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
    /// How long the body is: [`Framing::None`], [`Framing::Length`] or [`Framing::Chunked`].
    pub body: Framing,
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
    /// Nothing moved for [`crate::limits::CLIENT_STALL_TIMEOUT`], or [`Call::deadline`] passed.
    Timeout,
    /// The response breaks RFC 9112 or a limit; or, as [`lws_h1::Error::Misuse`] and [`lws_h1::Error::Full`], the
    /// request cannot be sent as it is.
    Http(lws_h1::Error),
    /// A response came before there was a request.
    Unasked,
    /// 101 for a call that did not ask for it.
    UnaskedSwitch,
    /// More than [`crate::limits::INTERIM_RESPONSES`] interim responses.
    TooManyInterim,
    /// [`Call::send`] ended the body short of the length that it had promised.
    ShortBody,
}

impl Failure {
    /// Whether the server cannot have answered because it was just closing the idle connection: an idempotent request
    /// may be sent again on another one (RFC 9110 §9.2.2).
    pub fn is_stale(&self) -> bool {
        let ended = matches!(self.cause, Cause::Closed(Closed::Ended | Closed::Lost | Closed::Truncated));
        self.reused && !self.answered && ended
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause {
            Cause::Closed(why) => why.fmt(f),
            Cause::Timeout => f.write_str("timed out"),
            Cause::Http(error) => error.fmt(f),
            Cause::Unasked => f.write_str("a response came before the request was sent"),
            Cause::UnaskedSwitch => f.write_str("the server switched protocols unasked"),
            Cause::TooManyInterim => f.write_str("too many interim responses"),
            Cause::ShortBody => f.write_str("the request's body ended short of its length"),
        }
    }
}

impl core::error::Error for Failure {}
