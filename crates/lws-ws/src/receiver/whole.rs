//! Most messages are whole: one frame, all of which is there.
//!
//! ```text
//!   input:  | header | masked ....... | next frame         whole(&input) ──▶ Whole ──▶ take(whole, &mut input) ──▶ payload
//! ```
//! Nothing is decided here that [`Receiver::receive`] would decide otherwise: what is not plainly legal is left to it.
//! A message that is taken this way never becomes a state of the receiver.

use super::{Error, Kind, Receiver, Side, State};
use crate::error::Violation;
use crate::mask;

/// A message that is all there: what [`Receiver::whole`] found at the front of the input.
#[derive(Clone, Copy, Debug)]
pub struct Whole {
    kind: Kind,
    rsv1: bool,
    /// Bytes of its header, and of its payload; both lie within the input.
    header: usize,
    payload: usize,
    key: [u8; 4],
}

impl Whole {
    /// What the message is made of.
    #[inline]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether RSV1 is set: it is compressed.
    #[inline]
    pub const fn rsv1(&self) -> bool {
        self.rsv1
    }

    /// Bytes of its payload.
    #[inline]
    pub const fn payload(&self) -> usize {
        self.payload
    }

    /// Bytes of input that it takes, its header included.
    #[inline]
    pub const fn size(&self) -> usize {
        self.header + self.payload
    }
}

impl Receiver {
    /// Whether `input`, which starts with the first byte not taken yet, starts with a whole message in one frame of less
    /// than 64 KiB. `None` says nothing about the input: [`Receiver::receive`] tells.
    #[inline]
    pub fn whole(&self, input: &[u8]) -> Option<Whole> {
        let &[first, second, ..] = input else { return None };
        let kind = match first & !RSV1 {
            0x81 => Kind::Text,
            0x82 => Kind::Binary,
            _ => return None,
        };
        let rsv1 = first & RSV1 != 0;
        let is_server = self.side == Side::Server;
        if !self.is_between() || rsv1 && !self.options.allow_rsv1 || (second & 0x80 != 0) != is_server {
            return None;
        }
        let (payload, length) = match second & 0x7f {
            short @ 0..126 => (usize::from(short), 2),
            126 => match input {
                // A length that is not minimal is not plainly legal.
                &[_, _, high, low, ..] if high > 0 || low >= 126 => {
                    (usize::from(u16::from_be_bytes([high, low])), 4)
                }
                _ => return None,
            },
            _ => return None,
        };
        let (key, header) = match is_server {
            true => (*input.get(length..)?.first_chunk()?, length + 4),
            false => ([0; 4], length),
        };
        let is_there = input.len() - header >= payload;
        let most = self.options.max_frame.min(self.options.max_message);
        (is_there && payload as u64 <= most).then_some(Whole { kind, rsv1, header, payload, key })
    }

    /// Takes the message that [`Receiver::whole`] found at the front of this same `input`: it is consumed. Returns its
    /// payload, unmasked where it lies.
    ///
    /// # Errors
    /// As [`Receiver::receive`]: a text that is not UTF-8.
    #[inline]
    pub fn take<'b>(&mut self, whole: &Whole, input: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let payload = input.get_mut(whole.header..whole.size()).unwrap_or_default();
        debug_assert_eq!(payload.len(), whole.payload, "the input is the one that was looked at");
        if self.side == Side::Server {
            mask::apply(payload, whole.key);
        }
        // RFC 6455 §8.1: a text message that is not UTF-8 fails the connection.
        let is_text = whole.kind == Kind::Text && !whole.rsv1 && self.options.check_utf8;
        if is_text && core::str::from_utf8(payload).is_err() {
            let error = Violation::Text.into();
            self.state = State::Failed(error);
            return Err(error);
        }
        Ok(payload)
    }
}

const RSV1: u8 = 0x40;
