//! Frames as bytes: the 9-octet header, types, flags, error codes and settings of RFC 9113.
//!
//! Nothing is checked when writing: the cases need frames that no codec would make.

use std::fmt::Write as _;

/// The 24 octets every client begins with (RFC 9113 §3.4).
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Octets of a frame header.
pub(crate) const HEADER: usize = 9;
/// The largest stream identifier, window and increment.
pub(crate) const MAX_31: u32 = 0x7fff_ffff;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const ACK: u8 = 0x1;
pub(crate) const END_STREAM: u8 = 0x1;
pub(crate) const END_HEADERS: u8 = 0x4;
pub(crate) const PADDED: u8 = 0x8;
pub(crate) const PRIORITIZED: u8 = 0x20;
/// A whole message in one HEADERS frame.
pub(crate) const WHOLE: u8 = END_HEADERS | END_STREAM;

pub(crate) const HEADER_TABLE_SIZE: u16 = 1;
pub(crate) const ENABLE_PUSH: u16 = 2;
pub(crate) const MAX_CONCURRENT_STREAMS: u16 = 3;
pub(crate) const INITIAL_WINDOW_SIZE: u16 = 4;
pub(crate) const MAX_FRAME_SIZE: u16 = 5;
pub(crate) const MAX_HEADER_LIST_SIZE: u16 = 6;
/// RFC 8441 §3.
pub(crate) const ENABLE_CONNECT_PROTOCOL: u16 = 8;

pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const PROTOCOL_ERROR: u32 = 1;
pub(crate) const INTERNAL_ERROR: u32 = 2;
pub(crate) const FLOW_CONTROL_ERROR: u32 = 3;
pub(crate) const STREAM_CLOSED: u32 = 5;
pub(crate) const FRAME_SIZE_ERROR: u32 = 6;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const CANCEL: u32 = 8;
pub(crate) const COMPRESSION_ERROR: u32 = 9;

const CODES: [&str; 14] = [
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
];

const KINDS: [&str; 10] = [
    "DATA",
    "HEADERS",
    "PRIORITY",
    "RST_STREAM",
    "SETTINGS",
    "PUSH_PROMISE",
    "PING",
    "GOAWAY",
    "WINDOW_UPDATE",
    "CONTINUATION",
];

/// The name of an error code; unknown ones as hex.
pub(crate) fn code_name(code: u32) -> String {
    let known = usize::try_from(code).ok().and_then(|c| CODES.get(c));
    known.map_or_else(|| format!("{code:#x}"), |name| (*name).to_owned())
}

/// The names of several codes, for people.
pub(crate) fn code_names(codes: &[u32]) -> String {
    codes.iter().map(|c| code_name(*c)).collect::<Vec<_>>().join(" or ")
}

/// The name of a frame type; unknown ones as hex.
pub(crate) fn kind_name(kind: u8) -> String {
    KINDS.get(usize::from(kind)).map_or_else(|| format!("frame type {kind:#x}"), |name| (*name).to_owned())
}

/// A frame as it came; `payload` has the length that its header says.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    /// With the reserved bit, where it was set.
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// Takes one whole frame from the start of `bytes`; `None` where more are needed.
    pub(crate) fn take(bytes: &mut Vec<u8>) -> Option<Frame> {
        let head: [u8; HEADER] = bytes.get(..HEADER)?.try_into().ok()?;
        let length = length(&head);
        let payload = bytes.get(HEADER..HEADER + length)?.to_vec();
        bytes.drain(..HEADER + length);
        Some(Frame {
            kind: head[3],
            flags: head[4],
            stream: u32::from_be_bytes([head[5], head[6], head[7], head[8]]),
            payload,
        })
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The big-endian number at octet `at` of the payload.
    pub(crate) fn number(&self, at: usize) -> Option<u32> {
        self.payload.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// The settings in a SETTINGS payload; octets beyond the last whole one are left out.
    pub(crate) fn settings(&self) -> Vec<(u16, u32)> {
        let pair =
            |s: &[u8]| (u16::from_be_bytes([s[0], s[1]]), u32::from_be_bytes([s[2], s[3], s[4], s[5]]));
        self.payload.chunks_exact(6).map(pair).collect()
    }

    /// Some words for a list of what was seen.
    pub(crate) fn describe(&self) -> String {
        let mut text = kind_name(self.kind);
        let ack = matches!(self.kind, SETTINGS | PING) && self.has(ACK);
        if ack {
            text += " ACK";
        }
        let _ = match self.kind {
            RST_STREAM => write!(text, "({}, {})", self.stream, code_name(self.number(0).unwrap_or(0))),
            GOAWAY => write!(
                text,
                "(last {}, {})",
                self.number(0).unwrap_or(0),
                code_name(self.number(4).unwrap_or(0))
            ),
            WINDOW_UPDATE => write!(text, "({}, +{})", self.stream, self.number(0).unwrap_or(0)),
            DATA => {
                let end = if self.has(END_STREAM) { ", END_STREAM" } else { "" };
                write!(text, "({}, {} octets{end})", self.stream, self.payload.len())
            }
            SETTINGS | PING => Ok(()),
            _ => write!(text, "({})", self.stream),
        };
        text
    }
}

/// The length in a frame header.
pub(crate) fn length(head: &[u8; HEADER]) -> usize {
    usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2])
}

/// A frame header that claims `length`.
pub(crate) fn header(length: usize, kind: u8, flags: u8, stream: u32) -> [u8; HEADER] {
    let [_, a, b, c] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let [s, t, u, v] = stream.to_be_bytes();
    [a, b, c, kind, flags, s, t, u, v]
}

/// A whole frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(payload.len(), kind, flags, stream).to_vec();
    bytes.extend_from_slice(payload);
    bytes
}

/// The payload of a SETTINGS frame.
pub(crate) fn settings(pairs: &[(u16, u32)]) -> Vec<u8> {
    pairs.iter().flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat()).collect()
}

/// The payload of a PRIORITY frame, also the priority part of HEADERS; `weight` as on the wire.
pub(crate) fn priority(dependency: u32, exclusive: bool, weight: u8) -> Vec<u8> {
    let mut bytes = (dependency | u32::from(exclusive) << 31).to_be_bytes().to_vec();
    bytes.push(weight);
    bytes
}

/// The payload of a padded frame: `claimed` in the Pad Length octet, `padding` octets of zero behind `content`.
pub(crate) fn padded(claimed: u8, content: &[u8], padding: usize) -> Vec<u8> {
    let mut bytes = vec![claimed];
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len() + padding, 0);
    bytes
}

/// The payload of a GOAWAY frame.
pub(crate) fn goaway(last: u32, code: u32, debug: &[u8]) -> Vec<u8> {
    [&last.to_be_bytes()[..], &code.to_be_bytes(), debug].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        let mut bytes = frame(GOAWAY, 0, 0, &goaway(3, 9, b"why"));
        assert_eq!(bytes[..9], [0, 0, 11, 7, 0, 0, 0, 0, 0]);
        let short = bytes[..bytes.len() - 1].to_vec();
        assert!(Frame::take(&mut short.clone()).is_none());
        bytes.push(1);
        let read = Frame::take(&mut bytes).unwrap();
        assert_eq!(read.describe(), "GOAWAY(last 3, COMPRESSION_ERROR)");
        assert_eq!(bytes, [1]);
    }

    #[test]
    fn settings_are_pairs() {
        let frame =
            Frame { kind: SETTINGS, flags: 0, stream: 0, payload: settings(&[(4, 65535), (5, 16384)]) };
        assert_eq!(frame.settings(), [(4, 65535), (5, 16384)]);
        assert_eq!(padded(2, b"x", 2), [2, b'x', 0, 0]);
        assert_eq!(priority(1, true, 7), [0x80, 0, 0, 1, 7]);
    }
}
