//! `SETTINGS` (RFC 9113 §6.5): entries of an identifier and a value.

use lws_wire::Out;

use super::{flag, kind};
use crate::error::Peer;

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: u16,
    pub(crate) value: u32,
}

/// The entries, in the order in which they are to be obeyed.
pub(crate) fn read(payload: &[u8]) -> Result<impl Iterator<Item = Entry>, Peer> {
    let (entries, rest) = payload.as_chunks::<6>();
    // RFC 9113 §6.5: a length that is no multiple of 6 is a FRAME_SIZE_ERROR.
    if !rest.is_empty() {
        return Err(Peer::FrameSize);
    }
    Ok(entries.iter().map(|&[i0, i1, v0, v1, v2, v3]| Entry {
        id: u16::from_be_bytes([i0, i1]),
        value: u32::from_be_bytes([v0, v1, v2, v3]),
    }))
}

#[must_use = "false means that nothing was written"]
pub(crate) fn put(out: &mut Out<'_>, entries: impl Iterator<Item = Entry> + Clone) -> bool {
    let length = 6 * entries.clone().count();
    let header = super::Header { length: length as u32, kind: kind::SETTINGS, flags: 0, stream: 0 };
    if out.room() < header.total() {
        return false;
    }
    let mut entries = entries;
    out.put(&header.bytes())
        && entries.all(|Entry { id, value }| out.put(&id.to_be_bytes()) && out.put(&value.to_be_bytes()))
}

#[must_use = "false means that nothing was written"]
pub(crate) fn put_ack(out: &mut Out<'_>) -> bool {
    super::put(out, kind::SETTINGS, flag::ACK, 0, &[])
}
