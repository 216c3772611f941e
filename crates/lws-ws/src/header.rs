//! Frame headers (RFC 6455 §5.2).
//!
//! ```text
//!   |F R R R op. op. | M len 7 | len 16 or 64, if the 7 bits say 126 or 127 | key 32, if M |
//!    I 1 2 3
//! ```
//! What is checked here is what every frame has to obey. What depends on the connection (who masks, which
//! extension, which message is open) is the receiver's.

use crate::error::Violation;
use crate::limits::MAX_CONTROL;

/// What a frame is.
#[doc(alias = "lws_write_protocol")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Opcode {
    /// The next piece of a message.
    #[doc(alias = "LWS_WRITE_CONTINUATION")]
    Continuation = 0,
    /// The first piece of a message in UTF-8.
    #[doc(alias = "LWS_WRITE_TEXT")]
    Text = 1,
    /// The first piece of a message of bytes.
    #[doc(alias = "LWS_WRITE_BINARY")]
    Binary = 2,
    /// The last frame.
    #[doc(alias = "LWS_WRITE_CLOSE")]
    Close = 8,
    /// Are you there?
    #[doc(alias = "LWS_WRITE_PING")]
    Ping = 9,
    /// I am.
    #[doc(alias = "LWS_WRITE_PONG")]
    Pong = 10,
}

impl Opcode {
    /// Whether it is about the connection, and may come between the pieces of a message.
    pub const fn is_control(self) -> bool {
        self as u8 >= 8
    }

    const fn from_bits(bits: u8) -> Result<Self, Violation> {
        Ok(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            // RFC 6455 §5.2: an unknown opcode fails the connection.
            unknown => return Err(Violation::Opcode(unknown)),
        })
    }
}

/// A frame's header, but for the length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the frame is.
    pub opcode: Opcode,
    /// Whether it ends the message. Always, for control frames.
    pub fin: bool,
    /// The bit of permessage-deflate (RFC 7692 §6), on a message's first frame only.
    pub rsv1: bool,
    /// The masking key; clients need one for each frame, and a new one (RFC 6455 §5.3).
    pub mask: Option<[u8; 4]>,
}

/// What stands in front of a payload.
pub(crate) struct Parsed {
    pub(crate) header: Header,
    /// Bytes of payload, below 2^63.
    pub(crate) payload: u64,
    /// Bytes of the header.
    pub(crate) size: usize,
}

impl Header {
    /// A whole message, or a control frame, unmasked.
    pub const fn new(opcode: Opcode) -> Self {
        Self { opcode, fin: true, rsv1: false, mask: None }
    }

    /// Sets whether the frame ends the message.
    pub const fn fin(self, fin: bool) -> Self {
        Self { fin, ..self }
    }

    /// Sets whether the message is compressed.
    pub const fn rsv1(self, rsv1: bool) -> Self {
        Self { rsv1, ..self }
    }

    /// Sets the masking key: a fresh, unpredictable one for each frame of a client, `None` for a server's.
    pub const fn mask(self, mask: Option<[u8; 4]>) -> Self {
        Self { mask, ..self }
    }

    /// Reads a header; `None` if `input` ends in it.
    #[inline]
    pub(crate) fn parse(input: &[u8]) -> Result<Option<Parsed>, Violation> {
        let &[first, second, ..] = input else { return Ok(None) };
        // RFC 6455 §5.2: RSV2 and RSV3 fail the connection, as no extension we know defines them.
        if first & 0x30 != 0 {
            return Err(Violation::ReservedBits);
        }
        let opcode = Opcode::from_bits(first & 0xf)?;
        let (fin, rsv1, short) = (first & 0x80 != 0, first & 0x40 != 0, second & 0x7f);
        if opcode.is_control() {
            // RFC 6455 §5.5: control frames MUST NOT be fragmented.
            if !fin {
                return Err(Violation::ControlFragmented);
            }
            // RFC 6455 §5.5: control frames MUST have a payload length of 125 bytes or less.
            if usize::from(short) > MAX_CONTROL {
                return Err(Violation::ControlTooLong);
            }
        }
        let Some((payload, mut size)) = parse_length(input, short)? else { return Ok(None) };
        let mut mask = None;
        if second & 0x80 != 0 {
            let Some(key) = input.get(size..).and_then(|rest| rest.first_chunk()) else { return Ok(None) };
            mask = Some(*key);
            size += key.len();
        }
        Ok(Some(Parsed { header: Self { opcode, fin, rsv1, mask }, payload, size }))
    }

    /// Bytes of the header of a frame of `payload` bytes.
    #[inline]
    pub(crate) const fn len(self, payload: usize) -> usize {
        let length = match payload {
            0..126 => 2,
            126..0x1_0000 => 4,
            _ => 10,
        };
        length + if self.mask.is_some() { 4 } else { 0 }
    }

    /// The first byte.
    #[inline]
    pub(crate) const fn first(self) -> u8 {
        (self.fin as u8) << 7 | (self.rsv1 as u8) << 6 | self.opcode as u8
    }

    /// Writes the header of a frame of `payload` bytes over `head`, which is as long as [`Header::len`] says.
    #[inline]
    pub(crate) fn write(self, head: &mut [u8], payload: usize) {
        debug_assert_eq!(head.len(), self.len(payload), "a header of its own length");
        let first = self.first();
        let masked = u8::from(self.mask.is_some()) << 7;
        let fixed = match self.mask.zip(head.split_last_chunk_mut::<4>()) {
            Some((key, (fixed, place))) => {
                *place = key;
                fixed
            }
            None => head,
        };
        // RFC 6455 §5.2: the minimal number of bytes MUST be used to encode the length.
        match fixed {
            [a, b] => (*a, *b) = (first, masked | payload as u8),
            [a, b, length @ ..] => {
                *a = first;
                if let Ok(short) = <&mut [u8; 2]>::try_from(&mut *length) {
                    (*b, *short) = (masked | 126, (payload as u16).to_be_bytes());
                } else if let Ok(long) = <&mut [u8; 8]>::try_from(length) {
                    (*b, *long) = (masked | 127, (payload as u64).to_be_bytes());
                }
            }
            _ => {}
        }
    }
}

/// The payload's length, given its 7-bit form, and the header's size up to there.
#[inline]
fn parse_length(input: &[u8], short: u8) -> Result<Option<(u64, usize)>, Violation> {
    match short {
        126 => {
            let Some(bytes) = input[2..].first_chunk() else { return Ok(None) };
            let length = u16::from_be_bytes(*bytes).into();
            // RFC 6455 §5.2: the minimal number of bytes MUST be used to encode the length.
            if length < 126 { Err(Violation::LengthNotMinimal) } else { Ok(Some((length, 4))) }
        }
        127 => {
            let Some(bytes) = input[2..].first_chunk() else { return Ok(None) };
            match u64::from_be_bytes(*bytes) {
                ..0x1_0000 => Err(Violation::LengthNotMinimal),
                // RFC 6455 §5.2: the most significant bit MUST be 0.
                length if length >> 63 != 0 => Err(Violation::LengthTooLarge),
                length => Ok(Some((length, 10))),
            }
        }
        short => Ok(Some((short.into(), 2))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_HEADER;

    #[test]
    fn every_length_at_the_edges_of_its_form_comes_back() {
        for payload in [0, 1, 125, 126, 127, 0xffff, 0x1_0000, isize::MAX as usize] {
            for mask in [None, Some([1, 2, 3, 4])] {
                let header = Header::new(Opcode::Binary).fin(payload % 2 == 0).rsv1(true).mask(mask);
                let mut buf = [0; MAX_HEADER];
                let head = &mut buf[..header.len(payload)];
                header.write(head, payload);
                for cut in 0..head.len() {
                    assert!(Header::parse(&head[..cut]).expect("legal").is_none(), "{payload} cut at {cut}");
                }
                let parsed = Header::parse(head).expect("legal").expect("whole");
                assert_eq!((parsed.header, parsed.size), (header, head.len()));
                assert_eq!(parsed.payload, payload as u64);
            }
        }
    }

    #[test]
    fn what_is_illegal_everywhere() {
        let check = |bytes: &[u8], expected| {
            assert_eq!(Header::parse(bytes).err(), Some(expected), "{bytes:x?}");
        };
        check(&[0xa1, 0], Violation::ReservedBits);
        check(&[0x91, 0], Violation::ReservedBits);
        for opcode in (3..8).chain(11..16) {
            check(&[0x80 | opcode, 0], Violation::Opcode(opcode));
        }
        check(&[0x09, 0], Violation::ControlFragmented);
        check(&[0x89, 126], Violation::ControlTooLong);
        check(&[0x82, 126, 0, 125], Violation::LengthNotMinimal);
        check(&[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff], Violation::LengthNotMinimal);
        check(&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], Violation::LengthTooLarge);
    }
}
