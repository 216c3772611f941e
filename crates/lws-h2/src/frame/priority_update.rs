//! `PRIORITY_UPDATE` (RFC 9218 §7.1).

use super::word;
use crate::error::Peer;

/// The stream meant, and its priority field value.
pub(crate) fn read(payload: &[u8]) -> Result<(u32, &[u8]), Peer> {
    let field = payload.get(4..).ok_or(Peer::FrameSize)?;
    Ok((word(payload, 0) & 0x7fff_ffff, field))
}
