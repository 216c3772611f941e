//! `DATA` (RFC 9113 §6.1). Its payload is streamed, so only what is around it is read here.

use super::{Header, flag};
use crate::error::Peer;

/// How a `DATA` frame's payload is laid out: `[pad length] payload [padding]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes in front of the payload, behind the frame's header: 0 or 1.
    pub(crate) prefix: u32,
    pub(crate) payload: u32,
    pub(crate) padding: u32,
}

/// Reads the layout; `None` if the byte behind the header decides and is not there yet.
pub(crate) fn layout(header: Header, behind: &[u8]) -> Result<Option<Layout>, Peer> {
    if !header.has(flag::PADDED) {
        return Ok(Some(Layout { prefix: 0, payload: header.length, padding: 0 }));
    }
    let Some(rest) = header.length.checked_sub(1) else { return Err(Peer::FrameSize) };
    let Some(&padding) = behind.first() else { return Ok(None) };
    let padding = u32::from(padding);
    // RFC 9113 §6.1: padding of the length of the payload or more is a PROTOCOL_ERROR.
    let payload = rest.checked_sub(padding).ok_or(Peer::Padding)?;
    Ok(Some(Layout { prefix: 1, payload, padding }))
}

#[cfg(test)]
mod tests {
    use super::super::kind;
    use super::*;

    #[test]
    fn padding_must_leave_room() {
        let padded = |length| Header { length, kind: kind::DATA, flags: flag::PADDED, stream: 1 };
        assert_eq!(layout(padded(0), &[]), Err(Peer::FrameSize));
        assert_eq!(layout(padded(1), &[]), Ok(None));
        assert_eq!(layout(padded(1), &[1]), Err(Peer::Padding));
        assert_eq!(layout(padded(5), &[4]), Ok(Some(Layout { prefix: 1, payload: 0, padding: 4 })));
        let plain = Header { flags: 0, ..padded(5) };
        assert_eq!(layout(plain, &[]), Ok(Some(Layout { prefix: 0, payload: 5, padding: 0 })));
    }
}
