//! `WINDOW_UPDATE` (RFC 9113 §6.9).

use lws_wire::Out;

use super::{kind, word};
use crate::error::Peer;

/// The increment; zero is for the caller to refuse, who knows how far that error reaches.
pub(crate) fn read(payload: &[u8]) -> Result<u32, Peer> {
    // RFC 9113 §6.9: any length but 4 is a FRAME_SIZE_ERROR.
    if payload.len() == 4 { Ok(word(payload, 0) & 0x7fff_ffff) } else { Err(Peer::FrameSize) }
}

#[must_use = "false means that nothing was written"]
pub(crate) fn put(out: &mut Out<'_>, stream: u32, increment: u32) -> bool {
    super::put(out, kind::WINDOW_UPDATE, 0, stream, &[&increment.to_be_bytes()])
}
