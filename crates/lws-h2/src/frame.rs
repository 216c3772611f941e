//! Frames as they lie on the wire (RFC 9113 §4.1, §6), one file a type.
//!
//! ```text
//!   | length 24 | type 8 | flags 8 | R 1 | stream 31 | payload ............ length bytes |
//!   0           3        4         5                 9
//! ```
//! A file has what its type needs: `read` from a payload that is complete, `put` into room, whole or not at all.
//! Whether a frame may come *now* is not decided here.

pub(crate) mod data;
pub(crate) mod goaway;
pub(crate) mod headers;
pub(crate) mod ping;
pub(crate) mod priority;
pub(crate) mod priority_update;
pub(crate) mod rst_stream;
pub(crate) mod settings;
pub(crate) mod window_update;

use lws_wire::Out;

/// The types that have a meaning here; any other is ignored (RFC 9113 §4.1). `CONTINUATION` (§6.10) and
/// `PUSH_PROMISE` (§6.6) have no payload of their own to read: the one is a piece of a block, the other an error.
pub(crate) mod kind {
    pub(crate) const DATA: u8 = 0x0;
    pub(crate) const HEADERS: u8 = 0x1;
    pub(crate) const PRIORITY: u8 = 0x2;
    pub(crate) const RST_STREAM: u8 = 0x3;
    pub(crate) const SETTINGS: u8 = 0x4;
    pub(crate) const PUSH_PROMISE: u8 = 0x5;
    pub(crate) const PING: u8 = 0x6;
    pub(crate) const GOAWAY: u8 = 0x7;
    pub(crate) const WINDOW_UPDATE: u8 = 0x8;
    pub(crate) const CONTINUATION: u8 = 0x9;
    /// RFC 9218 §7.1.
    pub(crate) const PRIORITY_UPDATE: u8 = 0x10;
}

/// Flags; what a bit means depends on the type.
pub(crate) mod flag {
    pub(crate) const END_STREAM: u8 = 0x1;
    pub(crate) const ACK: u8 = 0x1;
    pub(crate) const END_HEADERS: u8 = 0x4;
    pub(crate) const PADDED: u8 = 0x8;
    pub(crate) const PRIORITY: u8 = 0x20;
}

/// Bytes of a frame's header.
pub(crate) const HEADER: usize = 9;

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Bytes of payload, `<= 2^24 - 1`.
    pub(crate) length: u32,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    /// `<= 2^31 - 1`
    pub(crate) stream: u32,
}

impl Header {
    /// The header at the front of `input`, if it is complete.
    pub(crate) fn peek(input: &[u8]) -> Option<Self> {
        let &[l0, l1, l2, kind, flags, s0, s1, s2, s3] = input.first_chunk()?;
        Some(Self {
            length: u32::from_be_bytes([0, l0, l1, l2]),
            kind,
            flags,
            // RFC 9113 §4.1: the reserved bit is ignored.
            stream: u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]),
        })
    }

    /// The header on the wire.
    pub(crate) fn bytes(self) -> [u8; HEADER] {
        let [_, l0, l1, l2] = self.length.to_be_bytes();
        let [s0, s1, s2, s3] = self.stream.to_be_bytes();
        [l0, l1, l2, self.kind, self.flags, s0, s1, s2, s3]
    }

    pub(crate) fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Bytes of header and payload.
    pub(crate) fn total(self) -> usize {
        HEADER + self.length as usize
    }
}

/// Appends a frame with a short payload, whole or not at all.
pub(crate) fn put(out: &mut Out<'_>, kind: u8, flags: u8, stream: u32, payload: &[&[u8]]) -> bool {
    let length: usize = payload.iter().map(|part| part.len()).sum();
    if out.room() < HEADER + length {
        return false;
    }
    let header = Header { length: length as u32, kind, flags, stream };
    out.put(&header.bytes()) && payload.iter().all(|part| out.put(part))
}

/// The 32 bits at `at`; 0 where there are none (lengths have been checked).
fn word(payload: &[u8], at: usize) -> u32 {
    payload.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_round_trips_without_its_reserved_bit() {
        let header = Header { length: 0x12_34_56, kind: 9, flags: 0x2d, stream: 0x7fff_fffe };
        let mut bytes = header.bytes();
        bytes[5] |= 0x80;
        assert_eq!(Header::peek(&bytes), Some(header));
        assert_eq!(Header::peek(&bytes[..8]), None);
    }

    #[test]
    fn a_frame_is_put_whole_or_not_at_all() {
        let mut room = [0; 12];
        let mut out = Out::new(&mut room);
        assert!(!put(&mut out, kind::PING, 0, 0, &[b"abc", b"d"]));
        assert!(out.is_empty());
        assert!(put(&mut out, kind::PING, 0, 0, &[b"abc"]));
        assert_eq!(out.written(), b"\0\0\x03\x06\0\0\0\0\0abc");
    }
}
