//! Messages on their way in (RFC 7692 §7.2.2).
//!
//! ```text
//!   payload of the message's frames | 00 00 ff ff        what the engine is fed; the tail when the payload is through
//!              ^ at                   ^ tail
//! ```
//! The engine may have taken all input and still have output to give, because there was no more room. The caller does
//! not see that: the last byte is then said not to be consumed, is offered once more, and skipped (`ahead`). So who
//! has had everything consumed has had everything inflated. The tail waits for that too (`full`): so what comes out
//! while it is fed is made of the tail, and the message was cut off, however little room there was.
//!
//! A peer may end a block with BFINAL set (RFC 7692 §7.2.3.4). The engine then starts anew, with an empty window:
//! that is what every peer's compressor does too, since one that ended its stream has to.

use lws_wire::Out;

use crate::engine::{Corrupt, Engine, Inflate, Ran, TAIL};
use crate::error::{Error, Excess, Violation};
use crate::limits::MAX_STEP;

/// What is fed at a message's end: the tail, and a byte that must not be needed. Whoever asks for it stands inside a
/// block, and the message was cut off.
const TAIL_AND_PROBE: [u8; 5] = [TAIL[0], TAIL[1], TAIL[2], TAIL[3], 0];

/// What one call did.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inflated {
    /// Bytes of input taken. The others have to be offered again, in front of what follows them.
    ///
    /// If all were taken, everything that they stand for has been written.
    pub consumed: usize,
    /// The message is over, and the next call begins another one. Until then there is more to write.
    pub done: bool,
}

/// A decompressing context.
///
/// 45 KiB, allocated once. After an error it is of no use.
pub struct Inflater {
    engine: Inflate,
    /// The window is forgotten after each message.
    resets: bool,
    message: Message,
}

/// What one run of the engine may do.
#[derive(Clone, Copy)]
struct Limit {
    /// What is fed is the tail: stop where its block ends, and have nothing come of it.
    at_boundary: bool,
    /// Bytes of the whole message.
    message: u64,
    /// Bytes of this run.
    step: usize,
}

/// Where in a message we are.
#[derive(Clone, Copy, Default)]
struct Message {
    /// Bytes inflated.
    written: u64,
    /// The engine was fed since the last BFINAL block, or since the message began.
    fed: bool,
    /// The engine has taken the first byte of the next input already.
    ahead: bool,
    /// The engine filled the room it had, so it may have more to say.
    full: bool,
    /// Bytes of `TAIL_AND_PROBE` that it has taken.
    tail: u8,
}

impl Inflater {
    /// A context without a past. With `resets` (no context takeover) it forgets each message at its end.
    ///
    /// It takes windows of every size.
    pub fn new(engine: Engine, resets: bool) -> Self {
        Self { engine: Inflate::new(engine), resets, message: Message::default() }
    }

    /// Inflates some of a message into the room of `out`, [`MAX_STEP`] bytes at most. `fin` says that `input` is the
    /// message's last payload; it may be empty. `max_message` bounds the message's inflated size in bytes, and is
    /// checked before more than that is written.
    ///
    /// Progress needs a byte of room. It ends when all input is consumed, or with `fin` when the message is done.
    ///
    /// # Errors
    /// [`Error::Limit`] as soon as there is a byte too many, [`Error::Peer`] as soon as the input makes no sense.
    pub fn inflate(
        &mut self,
        input: &[u8],
        fin: bool,
        max_message: u64,
        out: &mut Out<'_>,
    ) -> Result<Inflated, Error> {
        let mut at = usize::from(self.message.ahead).min(input.len());
        let mut step = MAX_STEP;
        let mut idle = false;
        let settled = loop {
            let in_tail = fin && at == input.len() && !self.message.full;
            let feed = if in_tail { self.tail() } else { &input[at..] };
            if feed.is_empty() && !self.message.full {
                break true;
            }
            if out.room().min(step) == 0 {
                break false;
            }
            let at_boundary = in_tail && self.engine.sees_boundaries();
            let limit = Limit { at_boundary, message: max_message, step };
            let ran = self.run(feed, limit, out)?;
            // One run may be spent on bits that the engine has in hand; two have no excuse.
            let moved = ran.consumed + ran.produced > 0 || ran.ended;
            if !moved && !feed.is_empty() && core::mem::replace(&mut idle, true) {
                return Err(Violation::Corrupt.into());
            }
            step -= ran.produced;
            match in_tail {
                true => self.message.tail += ran.consumed as u8,
                false => at += ran.consumed,
            }
        };
        if usize::from(self.message.tail) > TAIL.len() {
            return Err(Violation::Truncated.into());
        }
        if settled && fin {
            self.next_message();
            return Ok(Inflated { consumed: input.len(), done: true });
        }
        self.message.ahead = !settled && at == input.len() && at > 0;
        Ok(Inflated { consumed: at - usize::from(self.message.ahead), done: false })
    }

    /// Whether a message was begun and is not done.
    pub const fn in_message(&self) -> bool {
        let message = &self.message;
        message.fed || message.written > 0 || message.ahead || message.tail > 0
    }

    /// What is left to feed once the payload is through.
    fn tail(&self) -> &'static [u8] {
        match self.message.tail as usize {
            // A block with BFINAL set ended the payload, or there was none: then there is no empty block to complete.
            0 if !self.message.fed => &[],
            tail if tail >= TAIL.len() => &[],
            tail if self.engine.sees_boundaries() => &TAIL_AND_PROBE[tail..],
            tail => &TAIL[tail..],
        }
    }

    /// Runs the engine once.
    fn run(&mut self, feed: &[u8], limit: Limit, out: &mut Out<'_>) -> Result<Ran, Error> {
        let left = limit.message.saturating_sub(self.message.written);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let mut result = Err(Corrupt);
        if left == 0 || limit.at_boundary {
            // What is left of the input may stand for nothing, and the tail has to: a byte of room tells.
            result = self.engine.run(feed, &mut [0], limit.at_boundary);
            if result.as_ref().is_ok_and(|ran| ran.produced > 0) {
                let truncated = Violation::Truncated.into();
                return Err(if limit.at_boundary { truncated } else { Excess::Message.into() });
            }
        } else {
            out.fill(|room| {
                let most = room.len().min(limit.step).min(left);
                result = self.engine.run(feed, &mut room[..most], limit.at_boundary);
                let produced = result.as_ref().map_or(0, |ran| ran.produced);
                self.message.full = produced == most;
                produced
            });
        }
        let ran = result.map_err(|Corrupt| Violation::Corrupt)?;
        self.message.written += ran.produced as u64;
        self.message.full &= ran.produced > 0;
        self.message.fed |= ran.consumed > 0;
        if ran.ended {
            // RFC 7692 §7.2.3.4: what follows a block with BFINAL set is another stream.
            self.engine.reset();
            (self.message.fed, self.message.full) = (false, false);
        }
        Ok(ran)
    }

    fn next_message(&mut self) {
        self.message = Message::default();
        if self.resets {
            self.engine.reset();
        }
    }
}
