//! A bounded, caller-owned output cursor.
//!
//! ```text
//!   buf:  | written so far | room ............................ |
//!         0               len                            buf.len()
//! ```
//! Invariant: `0 <= len <= buf.len()`. Bytes below `len` are never touched again, so whoever lent the
//! buffer may send them as they stand.

use core::fmt;

/// Spare room at the tail of somebody's buffer. Never grows, never reallocates.
///
/// This one type replaces libwebsockets' `LWS_PRE` headroom rule: see [`Out::nest`].
#[doc(alias = "LWS_PRE")]
pub struct Out<'a> {
    buf: &'a mut [u8],
    len: usize,
}

impl<'a> Out<'a> {
    /// Lends all of `buf`.
    #[inline]
    pub fn new(buf: &'a mut [u8]) -> Self {
        Self { buf, len: 0 }
    }

    /// Bytes that may still be written.
    #[inline]
    pub fn room(&self) -> usize {
        self.buf.len() - self.len
    }

    /// Bytes written so far.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing has been written yet.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What has been written so far.
    pub fn written(&self) -> &[u8] {
        &self.buf[..self.len]
    }

    /// Takes back everything written after the first `len` bytes: the way to abandon a half-written head.
    ///
    /// A `len` beyond what was written changes nothing.
    pub fn rewind(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Appends all of `data`, or nothing if it does not fit.
    #[inline]
    #[must_use = "false means that nothing was written"]
    pub fn put(&mut self, data: &[u8]) -> bool {
        let Some(dst) = self.buf[self.len..].get_mut(..data.len()) else { return false };
        dst.copy_from_slice(data);
        self.len += data.len();
        true
    }

    /// Appends all `parts`, or nothing if they do not all fit.
    #[inline]
    #[must_use = "false means that nothing was written"]
    pub fn put_all<const N: usize>(&mut self, parts: [&[u8]; N]) -> bool {
        let mut room = &mut self.buf[self.len..];
        let before = room.len();
        for part in parts {
            let Some((dst, rest)) = room.split_at_mut_checked(part.len()) else { return false };
            dst.copy_from_slice(part);
            room = rest;
        }
        self.len += before - room.len();
        true
    }

    /// Appends as much of `data` as fits and returns how much that was.
    #[inline]
    pub fn put_some(&mut self, data: &[u8]) -> usize {
        let n = data.len().min(self.room());
        self.buf[self.len..self.len + n].copy_from_slice(&data[..n]);
        self.len += n;
        n
    }

    /// Lends all the room there is; `f` says how many of the first bytes it filled.
    ///
    /// Returns that number, capped at the room lent.
    #[inline]
    pub fn fill(&mut self, f: impl FnOnce(&mut [u8]) -> usize) -> usize {
        let n = f(&mut self.buf[self.len..]).min(self.room());
        self.len += n;
        n
    }

    /// Leaves `HEAD` bytes of headroom, lends up to `limit` bytes behind it, and then has `seal` write the
    /// header in front of what was filled. Nothing is copied.
    ///
    /// Returns the number of bytes `fill` wrote. If that is zero, or there is no room for the header, nothing
    /// is appended and `seal` does not run.
    #[inline]
    pub fn nest<const HEAD: usize>(
        &mut self,
        limit: usize,
        fill: impl FnOnce(&mut Out<'_>),
        seal: impl FnOnce(&mut [u8; HEAD], &mut [u8]),
    ) -> usize {
        let space = &mut self.buf[self.len..];
        let Some((head, body)) = space.split_first_chunk_mut::<HEAD>() else { return 0 };
        let lent = limit.min(body.len());
        let mut inner = Out::new(&mut body[..lent]);
        fill(&mut inner);
        let n = inner.len;
        if n > 0 {
            seal(head, &mut body[..n]);
            self.len += HEAD + n;
        }
        n
    }
}

/// Formats into the room there is; an error means that it did not fit (a part may have been written, see
/// [`Out::rewind`]).
impl fmt::Write for Out<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        if self.put(s.as_bytes()) { Ok(()) } else { Err(fmt::Error) }
    }
}

impl fmt::Debug for Out<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Out").field("len", &self.len).field("room", &self.room()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn put_is_all_or_nothing() {
        let mut buf = [0; 4];
        let mut out = Out::new(&mut buf);
        assert!(out.put(b"abc"));
        assert!(!out.put(b"de"));
        assert_eq!((out.written(), out.room()), (&b"abc"[..], 1));
        assert_eq!(out.put_some(b"de"), 1);
        assert_eq!(out.written(), b"abcd");
    }

    #[test]
    fn put_all_is_all_or_nothing_at_every_room() {
        for room in 0..8 {
            let mut buf = [0; 8];
            let mut out = Out::new(&mut buf[..room]);
            assert_eq!(out.put_all([b"ab", b"", b"cde", b"f"]), room >= 6, "room {room}");
            assert_eq!(out.written(), if room >= 6 { &b"abcdef"[..] } else { b"" });
        }
    }

    #[test]
    fn nest_writes_the_header_in_front_at_every_room() {
        for room in 0..12 {
            let mut buf = [0; 12];
            let mut out = Out::new(&mut buf[..room]);
            let n = out.nest::<2>(
                4,
                |inner| {
                    inner.put_some(b"payload");
                },
                |head, body| *head = [b'0' + body.len() as u8, b':'],
            );
            let expect = room.saturating_sub(2).min(4);
            assert_eq!(n, expect, "room {room}");
            match expect {
                0 => assert!(out.is_empty()),
                _ => assert_eq!(&out.written()[2..], &b"payload"[..expect]),
            }
        }
    }

    #[test]
    fn an_empty_nest_leaves_no_trace() {
        let mut buf = [0; 8];
        let mut out = Out::new(&mut buf);
        assert_eq!(out.nest::<2>(4, |_| (), |_, _| panic!("sealed nothing")), 0);
        assert!(out.is_empty());
    }

    #[test]
    fn rewind_never_moves_forward() {
        let mut buf = [0; 8];
        let mut out = Out::new(&mut buf);
        assert!(out.put(b"head"));
        out.rewind(6);
        assert_eq!(out.len(), 4);
        out.rewind(1);
        assert_eq!(out.written(), b"h");
    }
}
