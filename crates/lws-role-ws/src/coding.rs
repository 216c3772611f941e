//! An extension that changes messages, as far as the role knows: payloads go in, payloads come out.
//!
//! The role calls it through these traits, so that a program which asks for no extension has none linked into it. A
//! build that knows no extension knows no value of [`AnyCoding`] either: the compiler leaves out what would call one.

use alloc::boxed::Box;
use alloc::string::String;
use core::any::Any;

use lws_role::{Closed, Cx};
use lws_wire::Out;
use lws_ws::CloseCode;
use lws_ws::handshake::{Extensions, Malformed};

use crate::Refused;

/// Answers what clients offer.
pub(crate) trait Negotiator: Send + Sync {
    /// What this connection uses, and the value of `Sec-WebSocket-Extensions` that says so; `None` if nothing. Of one
    /// endpoint, what says the same means the same. `max_message` bounds a decoded message, in bytes.
    fn accept(
        &self,
        offers: Extensions<'_>,
        max_message: u64,
    ) -> Result<Option<(AnyCoding, String)>, Malformed>;
}

/// What a client offers, and takes for an answer.
pub(crate) trait Offer: Send + Sync {
    /// The value of `Sec-WebSocket-Extensions`.
    fn field(&self) -> String;

    /// What this connection uses, by what the server granted; `None` if nothing. `max_message` bounds a decoded
    /// message, in bytes.
    fn check(&self, granted: Extensions<'_>, max_message: u64) -> Result<Option<AnyCoding>, Refused>;
}

#[cfg(feature = "deflate")]
pub(crate) type AnyCoding = Box<dyn Coding>;
#[cfg(not(feature = "deflate"))]
pub(crate) type AnyCoding = Never;

/// There is none: the methods of [`Coding`], on nothing.
#[cfg(not(feature = "deflate"))]
#[derive(Clone, Copy)]
pub(crate) enum Never {}

#[cfg(not(feature = "deflate"))]
impl Never {
    pub(crate) fn wants(&self, _len: usize) -> bool {
        match *self {}
    }

    pub(crate) fn gains(&self, _message: &[u8]) -> bool {
        match *self {}
    }

    pub(crate) fn forgets(&self) -> bool {
        match *self {}
    }

    pub(crate) fn join(&self, _cx: &mut Cx<'_>) {
        match *self {}
    }

    pub(crate) fn bound(&self, _len: usize) -> usize {
        match *self {}
    }

    pub(crate) fn encode(&self, _own: &mut Own, _input: &[u8], _fin: bool, _out: &mut Out<'_>) -> Progress {
        match *self {}
    }
}

/// What one call did.
pub(crate) struct Progress {
    /// Bytes of input taken; the others have to be offered again. Who took all has written all that it can.
    pub(crate) consumed: usize,
    /// The message is over.
    pub(crate) done: bool,
}

/// What one connection keeps of a coding between two calls, in one direction: nothing, unless it is in the middle of a
/// message or has to remember earlier ones.
pub(crate) type Own = Option<Box<dyn Any>>;

/// What was agreed on, for all connections that agreed on the same.
pub(crate) trait Coding {
    /// A connection is there: what its loop shares can be had.
    fn join(&self, cx: &mut Cx<'_>);

    /// Whether a message of so many bytes may be encoded.
    fn wants(&self, len: usize) -> bool;

    /// Whether a message is to be encoded: one of its length may be, and this one gets smaller, as far as can be told.
    fn gains(&self, message: &[u8]) -> bool;

    /// Whether a message that was encoded and not sent has no consequences.
    fn forgets(&self) -> bool;

    /// Bytes that `len` bytes become, at most.
    fn bound(&self, len: usize) -> usize;

    /// Encodes some of a message into the room there is; `fin`: `input` is the rest of it.
    fn encode(&self, own: &mut Own, input: &[u8], fin: bool, out: &mut Out<'_>) -> Progress;

    /// Decodes some of a message into the room there is; `fin`: `input` is the rest of it. An error ends the
    /// connection.
    fn decode(&self, own: &mut Own, input: &[u8], fin: bool, out: &mut Out<'_>) -> Result<Progress, Fault>;
}

/// Why a message cannot be decoded.
pub(crate) struct Fault {
    /// For the peer.
    pub(crate) code: CloseCode,
    /// For the protocol.
    pub(crate) why: Closed,
}
