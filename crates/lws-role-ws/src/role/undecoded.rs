//! Messages that an extension encoded, in a build that knows no extension: there are none.

use lws_role::Cx;
use lws_wire::Out;
use lws_ws::Data;

use super::{Took, WsRole};
use crate::Protocol;
use crate::rx::Rx;

/// The decoding side of one connection; see `decode.rs` for what it is where there is one.
#[derive(Default)]
pub(crate) struct Decoding {}

impl Decoding {
    pub(crate) fn is_idle(&self) -> bool {
        true
    }

    pub(super) fn refill(&mut self) -> bool {
        true
    }

    pub(super) fn resume(&mut self) -> bool {
        false
    }
}

impl<P: Protocol> WsRole<P> {
    /// The receiver lets none of these through.
    pub(super) fn encoded(&mut self, _: &mut Rx, _: &mut Cx<'_>, data: &Data<'_>, _: &mut Out<'_>) -> Took {
        Took::Bytes(data.bytes.len())
    }
}
