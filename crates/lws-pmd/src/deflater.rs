//! Messages on their way out (RFC 7692 §7.2.1).
//!
//! ```text
//!   message ──▶ engine ──▶ | out ............ | carry |     the last four bytes stay here: when the engine is through
//!                                                           they are 00 00 ff ff, and are left out
//! ```
//! With enough room the engine writes straight into it, and the last four bytes are taken back. With little room it
//! writes into `carry`, from where bytes trickle out: an engine that flushes into a few bytes would begin the flush
//! again and again.
//!
//! Invariant: `carry[..len]` follows what was written to `out`; `len <= carry.len()`.

use lws_wire::Out;

use crate::WindowBits;
use crate::engine::{Deflate, Engine, TAIL};

/// With less room than this the engine does not write into it.
const LITTLE: usize = 64;

/// What one call did.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deflated {
    /// Bytes of input taken. The others have to be offered again, in front of what follows them.
    pub consumed: usize,
    /// The message is over, and the next call begins another one. Until then there is more to write.
    pub done: bool,
}

/// A compressing context.
///
/// 330 KiB with the largest window and 200 KiB with the smallest, allocated once.
pub struct Deflater {
    engine: Deflate,
    /// The window is forgotten after each message.
    resets: bool,
    /// The engine was fed since the message began.
    fed: bool,
    /// The engine is through with the message.
    flushed: bool,
    carry: [u8; LITTLE],
    len: usize,
}

impl Deflater {
    /// A context without a past. With `resets` (no context takeover) it forgets each message at its end.
    ///
    /// A `window` below [`Engine::least_window_bits`] is taken for that; `level` is brought into
    /// [`LEVELS`](crate::limits::LEVELS).
    pub fn new(engine: Engine, window: WindowBits, level: u8, resets: bool) -> Self {
        let (least, most) = (*crate::limits::LEVELS.start(), *crate::limits::LEVELS.end());
        let window = window.max(engine.least_window_bits());
        let engine = Deflate::new(engine, window, level.clamp(least, most));
        Self { engine, resets, fed: false, flushed: false, carry: [0; LITTLE], len: 0 }
    }

    /// Compresses some of a message into the room of `out`. `fin` says that `input` is the last of it; it may be
    /// empty.
    ///
    /// Progress needs a byte of room. It ends when all input is consumed (much of it may still be in the context), or
    /// with `fin` when the message is done.
    pub fn deflate(&mut self, input: &[u8], fin: bool, out: &mut Out<'_>) -> Deflated {
        let mut at = 0;
        loop {
            let rest = &input[at..];
            // RFC 7692 §7.2.3.6: of an empty message the wire has one byte, which an engine need not give twice.
            if fin && rest.is_empty() && !self.fed {
                return Deflated { consumed: at, done: out.put(&[0]) };
            }
            self.trickle(out);
            if self.flushed && self.len == TAIL.len() {
                self.next_message();
                return Deflated { consumed: at, done: true };
            }
            if self.len > TAIL.len() || out.room() == 0 || rest.is_empty() && !fin {
                return Deflated { consumed: at, done: false };
            }
            at += self.run(rest, fin, out);
        }
    }

    /// Whether a message was begun and is not done.
    pub const fn in_message(&self) -> bool {
        self.fed || self.flushed || self.len > 0
    }

    /// An upper bound of the payload that a whole message of `len` bytes becomes: a ninth more, and a few bytes.
    pub const fn bound(len: usize) -> usize {
        // The fastest level spends up to nine bits on a byte.
        len.saturating_add(len / 8).saturating_add(len / 64).saturating_add(LITTLE)
    }

    /// Writes what of `carry` is not the end.
    fn trickle(&mut self, out: &mut Out<'_>) {
        let n = out.put_some(&self.carry[..self.len.saturating_sub(TAIL.len())]);
        self.carry.copy_within(n..self.len, 0);
        self.len -= n;
    }

    /// Runs the engine once; returns bytes of `rest` taken. There is room, and no more than the end in `carry`.
    fn run(&mut self, rest: &[u8], fin: bool, out: &mut Out<'_>) -> usize {
        let mut consumed = 0;
        let mut through = false;
        let mut run = |engine: &mut Deflate, room: &mut [u8]| {
            let ran = engine.run(rest, room, fin);
            consumed = ran.consumed;
            through = fin && ran.consumed == rest.len() && ran.produced < room.len();
            ran.produced
        };
        if out.room() < LITTLE {
            self.len += run(&mut self.engine, &mut self.carry[self.len..]);
        } else {
            let before = out.len();
            let fits = out.put(&self.carry[..self.len]);
            debug_assert!(fits, "the end is smaller than little room");
            out.fill(|room| run(&mut self.engine, room));
            let written = &out.written()[before..];
            self.len = written.len().min(TAIL.len());
            self.carry[..self.len].copy_from_slice(&written[written.len() - self.len..]);
            out.rewind(out.len() - self.len);
        }
        self.fed |= consumed > 0;
        self.flushed = through;
        debug_assert!(
            !through || self.carry[..self.len].ends_with(&TAIL),
            "a flush ends with an empty block"
        );
        consumed
    }

    fn next_message(&mut self) {
        (self.fed, self.flushed, self.len) = (false, false, 0);
        if self.resets {
            self.engine.reset();
        }
    }
}
