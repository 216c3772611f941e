//! Frames on their way out.
//!
//! A frame is either written whole around bytes that exist ([`Header::put`]), or filled where it will be sent from
//! ([`Header::nest`]). The header is always of the smallest form. In place that means: a gap for the largest header
//! the room could need, and if the payload turns out so small that a shorter one will do, the payload (then fewer
//! than 126 bytes) moves down by two.

use lws_wire::Out;

use crate::header::{Header, Opcode};
use crate::limits::{MAX_CONTROL, MAX_NEST};
use crate::mask;

/// Bytes that a frame of `payload` bytes takes.
pub const fn frame_len(payload: usize, masked: bool) -> usize {
    let mask = if masked { Some([0; 4]) } else { None };
    payload + Header::new(Opcode::Binary).mask(mask).len(payload)
}

impl Header {
    /// Appends the frame to `out`, or nothing if it does not fit.
    ///
    /// A control frame that no peer may accept (more than [`MAX_CONTROL`] bytes, or not final) is a bug of the
    /// caller's and never written.
    #[doc(alias = "lws_write")]
    #[must_use = "false means that nothing was written"]
    #[inline]
    pub fn put(self, out: &mut Out<'_>, payload: &[u8]) -> bool {
        let legal = !self.opcode.is_control() || self.fin && payload.len() <= MAX_CONTROL;
        debug_assert!(legal, "illegal control frame: {self:?}, {} bytes", payload.len());
        // Not `size + payload.len() > room`, which a payload of nearly `usize::MAX` could overflow.
        let room = out.room().checked_sub(self.len(payload.len()));
        if !legal || room.is_none_or(|room| room < payload.len()) {
            return false;
        }
        let put = self.encode(out, payload.len());
        match self.mask {
            None => put && out.put(payload),
            Some(key) => {
                out.fill(|room| {
                    mask::copy(payload, room, key);
                    payload.len()
                });
                put
            }
        }
    }

    /// Appends a data frame whose payload `fill` writes in place: up to `limit` bytes, to [`MAX_NEST`], and to what
    /// fits. `fill` returns whether they end the message; [`Header::fin`] does not count.
    ///
    /// Returns the bytes of payload. `None` means that nothing was appended: there is no room for a byte, or `fill`
    /// neither wrote nor ended anything.
    #[doc(alias = "LWS_WRITE_NO_FIN")]
    #[inline]
    pub fn nest(
        self,
        out: &mut Out<'_>,
        limit: usize,
        fill: impl FnOnce(&mut Out<'_>) -> bool,
    ) -> Option<usize> {
        debug_assert!(!self.opcode.is_control(), "control frames are put whole");
        let mut sent = None;
        out.fill(|room| {
            // Of the room behind the smaller gap, as much as may be used.
            let most = room.len().saturating_sub(self.len(0)).min(limit).min(MAX_NEST);
            let gap = self.len(most);
            // Just above 125 bytes the larger gap eats up the room that asked for it.
            let Some(space) = room.get_mut(gap..).filter(|space| !space.is_empty()) else { return 0 };
            let most = most.min(space.len());
            let mut inner = Out::new(&mut space[..most]);
            let fin = fill(&mut inner);
            let n = inner.len();
            if n == 0 && !fin {
                return 0;
            }
            if let Some(key) = self.mask {
                mask::apply(&mut space[..n], key);
            }
            let size = self.len(n);
            if size < gap {
                room.copy_within(gap..gap + n, size);
            }
            let sealed = self.fin(fin).encode(&mut Out::new(&mut room[..size]), n);
            debug_assert!(sealed, "`len` and `encode` agree");
            sent = Some(n);
            size + n
        });
        sent
    }
}

#[cfg(test)]
mod tests;
