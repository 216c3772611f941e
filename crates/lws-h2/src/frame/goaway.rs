//! `GOAWAY` (RFC 9113 §6.8).

use lws_wire::Out;

use super::{kind, word};
use crate::error::{Code, Peer};

/// Bytes that are read; the debug data behind them is skipped.
pub(crate) const READ: usize = 8;

/// The last stream that the peer will process, and why it goes.
pub(crate) fn read(payload: &[u8]) -> Result<(u32, Code), Peer> {
    if payload.len() < READ {
        return Err(Peer::FrameSize);
    }
    Ok((word(payload, 0) & 0x7fff_ffff, Code(word(payload, 4))))
}

#[must_use = "false means that nothing was written"]
pub(crate) fn put(out: &mut Out<'_>, last: u32, code: Code) -> bool {
    super::put(out, kind::GOAWAY, 0, 0, &[&last.to_be_bytes(), &code.0.to_be_bytes()])
}
