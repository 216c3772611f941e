//! Messages that an extension encoded, in a build that knows no extension: there are none.

use lws_role::Cx;
use lws_wire::Out;
use lws_ws::Data;

use super::{Took, WsRole};
use crate::Protocol;
use crate::coding::AnyDecoder;

/// The decoding side of one connection; see `decode.rs` for what it is where there is one.
pub(super) enum Decoding {}

/// How a connection has it: not at all, in no byte.
pub(super) type Held = Decoding;

impl Decoding {
    pub(super) fn new(decoder: AnyDecoder) -> Self {
        match decoder {}
    }

    pub(super) fn join(&mut self, _cx: &mut Cx<'_>) {
        match *self {}
    }

    pub(super) fn refill(&mut self) -> bool {
        match *self {}
    }

    pub(super) fn resume(&mut self) -> bool {
        match *self {}
    }
}

impl<P: Protocol> WsRole<P> {
    /// The receiver lets none of these through.
    pub(super) fn encoded(&mut self, _cx: &mut Cx<'_>, data: &Data<'_>, _out: &mut Out<'_>) -> Took {
        Took::Bytes(data.bytes.len())
    }
}
