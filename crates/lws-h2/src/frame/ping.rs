//! `PING` (RFC 9113 §6.7).

use lws_wire::Out;

use super::{flag, kind};
use crate::error::Peer;

/// The eight bytes that the answer repeats.
pub(crate) fn read(payload: &[u8]) -> Result<[u8; 8], Peer> {
    // RFC 9113 §6.7: any length but 8 is a FRAME_SIZE_ERROR.
    payload.try_into().map_err(|_| Peer::FrameSize)
}

#[must_use = "false means that nothing was written"]
pub(crate) fn put(out: &mut Out<'_>, ack: bool, opaque: [u8; 8]) -> bool {
    super::put(out, kind::PING, if ack { flag::ACK } else { 0 }, 0, &[&opaque])
}
