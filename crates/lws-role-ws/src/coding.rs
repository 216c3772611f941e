//! An extension that changes messages, as far as the role knows: payloads go in, payloads come out.
//!
//! The role calls it through these traits, so that a program which asks for no extension has none linked into it. A
//! build that knows no extension knows no value of [`AnyEncoder`] either: the compiler leaves out what would call one.

use alloc::boxed::Box;
use alloc::string::String;

use lws_role::{Closed, Cx, World};
use lws_wire::Out;
use lws_ws::CloseCode;
use lws_ws::handshake::{Extensions, Malformed};

use crate::Refused;

/// Makes one loop's instance.
pub(crate) trait Blueprint: Send + Sync {
    /// `max_message` bounds a decoded message, in bytes.
    fn install(&self, world: &mut World, max_message: u64) -> Box<dyn Negotiator>;
}

/// Answers what clients offer.
pub(crate) trait Negotiator {
    /// What this connection uses, and the value of `Sec-WebSocket-Extensions` that says so; `None` if nothing.
    fn accept(&self, offers: Extensions<'_>) -> Result<Option<(Grant, String)>, Malformed>;
}

/// What a client offers, and takes for an answer.
pub(crate) trait Offer: Send + Sync {
    /// The value of `Sec-WebSocket-Extensions`.
    fn field(&self) -> String;

    /// What this connection uses, by what the server granted; `None` if nothing. `max_message` bounds a decoded
    /// message, in bytes.
    fn check(&self, granted: Extensions<'_>, max_message: u64) -> Result<Option<Grant>, Refused>;
}

/// What a connection uses.
pub(crate) struct Grant {
    pub(crate) encoder: AnyEncoder,
    pub(crate) decoder: AnyDecoder,
}

#[cfg(feature = "deflate")]
pub(crate) type AnyEncoder = Box<dyn Encoder>;
#[cfg(not(feature = "deflate"))]
pub(crate) type AnyEncoder = Never;

#[cfg(feature = "deflate")]
pub(crate) type AnyDecoder = Box<dyn Decoder>;
#[cfg(not(feature = "deflate"))]
pub(crate) type AnyDecoder = Never;

/// There is none: the methods of [`Encoder`], on nothing.
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

    pub(crate) fn join(&mut self, _cx: &mut Cx<'_>) {
        match *self {}
    }

    pub(crate) fn bound(&self, _len: usize) -> usize {
        match *self {}
    }

    pub(crate) fn encode(&mut self, _input: &[u8], _fin: bool, _out: &mut Out<'_>) -> Progress {
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

/// Messages on their way out.
pub(crate) trait Encoder {
    /// Whether a message of so many bytes is to be encoded.
    fn wants(&self, len: usize) -> bool;

    /// Whether to encode this message will make it smaller, as far as can be told. It is one that [`Encoder::wants`].
    fn gains(&self, message: &[u8]) -> bool;

    /// Whether a message that was encoded and not sent has no consequences.
    fn forgets(&self) -> bool;

    /// The connection is there: what its loop shares can be had.
    fn join(&mut self, cx: &mut Cx<'_>);

    /// Bytes that a message of `len` bytes becomes, at most.
    fn bound(&self, len: usize) -> usize;

    /// Encodes some of a message into the room there is; `fin`: `input` is the rest of it.
    fn encode(&mut self, input: &[u8], fin: bool, out: &mut Out<'_>) -> Progress;
}

/// Messages on their way in.
pub(crate) trait Decoder {
    /// The connection is there: what its loop shares can be had.
    fn join(&mut self, cx: &mut Cx<'_>);

    /// Decodes some of a message into the room there is; `fin`: `input` is the rest of it. An error ends the
    /// connection.
    fn decode(&mut self, input: &[u8], fin: bool, out: &mut Out<'_>) -> Result<Progress, Fault>;
}

/// Why a message cannot be decoded.
pub(crate) struct Fault {
    /// For the peer.
    pub(crate) code: CloseCode,
    /// For the protocol.
    pub(crate) why: Closed,
}
