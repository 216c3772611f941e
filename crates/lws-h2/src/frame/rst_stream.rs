//! `RST_STREAM` (RFC 9113 §6.4).

use lws_wire::Out;

use super::{kind, word};
use crate::error::{Code, Peer};

/// Why the stream ends.
pub(crate) fn read(payload: &[u8]) -> Result<Code, Peer> {
    // RFC 9113 §6.4: any length but 4 is a FRAME_SIZE_ERROR.
    if payload.len() == 4 { Ok(Code(word(payload, 0))) } else { Err(Peer::FrameSize) }
}

#[must_use = "false means that nothing was written"]
pub(crate) fn put(out: &mut Out<'_>, stream: u32, code: Code) -> bool {
    super::put(out, kind::RST_STREAM, 0, stream, &[&code.0.to_be_bytes()])
}
