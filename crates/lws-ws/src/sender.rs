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
        let n = payload.len();
        if self.mask.is_some() || n > MAX_CONTROL {
            return self.put_long(out, payload);
        }
        // Most frames of a server.
        let legal = !self.opcode.is_control() || self.fin;
        debug_assert!(legal, "illegal control frame: {self:?}, {n} bytes");
        legal && out.put_all([&[self.first(), n as u8], payload])
    }

    /// The same with a masking key, or a longer header.
    fn put_long(self, out: &mut Out<'_>, payload: &[u8]) -> bool {
        let n = payload.len();
        let legal = !self.opcode.is_control() || self.fin && n <= MAX_CONTROL;
        debug_assert!(legal, "illegal control frame: {self:?}, {n} bytes");
        let size = self.len(n);
        let mut put = false;
        out.fill(|room| {
            // What exists is smaller than `isize::MAX`: the sum does not overflow.
            let Some(frame) = room.get_mut(..size + n).filter(|_| legal) else { return 0 };
            let (head, body) = frame.split_at_mut(size);
            self.write(head, n);
            match self.mask {
                None => body.copy_from_slice(payload),
                Some(key) => {
                    mask::copy(payload, body, key);
                }
            }
            put = true;
            size + n
        });
        put
    }

    /// Appends the header of a frame whose payload, of so many bytes, is sent behind it by other means and masked already;
    /// or nothing if it does not fit.
    #[must_use = "false means that nothing was written"]
    pub fn announce(self, out: &mut Out<'_>, payload: usize) -> bool {
        debug_assert!(!self.opcode.is_control(), "control frames are put whole");
        let size = self.len(payload);
        let filled = out.fill(|room| {
            let Some(head) = room.get_mut(..size) else { return 0 };
            self.write(head, payload);
            size
        });
        filled == size
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
            self.fin(fin).write(&mut room[..size], n);
            sent = Some(n);
            size + n
        });
        sent
    }
}

#[cfg(test)]
mod tests;
