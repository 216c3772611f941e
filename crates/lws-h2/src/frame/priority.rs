//! `PRIORITY` (RFC 9113 §6.3): deprecated, checked, and then ignored.

use super::word;
use crate::error::Peer;

/// The stream that the frame's one is said to depend on.
pub(crate) fn read(payload: &[u8]) -> Result<u32, Peer> {
    // RFC 9113 §6.3: any length but 5 is a FRAME_SIZE_ERROR, of the stream.
    if payload.len() == 5 { Ok(word(payload, 0) & 0x7fff_ffff) } else { Err(Peer::FrameSize) }
}
