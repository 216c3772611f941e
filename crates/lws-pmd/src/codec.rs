//! Contexts of one loop, and who has them.
//!
//! ```text
//!   connection ── a message begins ──▶ a spare context, or a new one, becomes the connection's own
//!   connection ── it is over       ──▶ no context takeover: it is a spare one again · takeover: it stays
//! ```
//! Without takeover, messages that are compressed or inflated in one go share a single context. One that has to wait
//! (for room, for its next frame) keeps its context meanwhile, and the others get another one.

use alloc::boxed::Box;
use alloc::vec::Vec;

use lws_wire::Out;

use crate::limits::{LEVELS, LOOK_BYTES, SMALL_MESSAGE_BYTES, SPARE_CONTEXTS};
use crate::small;
use crate::{Agreed, Deflated, Deflater, Engine, Error, Inflated, Inflater, WindowBits};

/// Spare contexts, for the connections of one loop. It owns memory once there is something spare.
#[derive(Default)]
pub struct Codec {
    inflaters: Vec<(Engine, Box<Inflater>)>,
    deflaters: Vec<(Kind, Box<Deflater>)>,
}

/// What makes one compressor as good as another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kind {
    engine: Engine,
    window: WindowBits,
    level: u8,
}

fn take<K: PartialEq, T>(spares: &mut Vec<(K, T)>, kind: &K) -> Option<T> {
    let index = spares.iter().rposition(|(k, _)| k == kind)?;
    Some(spares.swap_remove(index).1)
}

fn give<K, T>(spares: &mut Vec<(K, T)>, kind: K, context: T) {
    if spares.len() == SPARE_CONTEXTS {
        spares.remove(0);
    }
    spares.push((kind, context));
}

/// The compressing half of one connection. It owns no context before the first message.
pub struct Outbound {
    kind: Kind,
    min_message: usize,
    resets: bool,
    own: Option<Box<Deflater>>,
}

impl Outbound {
    pub(crate) fn new(agreed: &Agreed, window: WindowBits, resets: bool) -> Self {
        let kind = Kind { engine: agreed.engine, window, level: agreed.level };
        Self { kind, min_message: agreed.min_message, resets, own: None }
    }

    /// Whether a message of `len` bytes is worth compressing. What is not goes out without RSV1 (RFC 7692 §6), and
    /// does not pass through here.
    pub const fn wants(&self, len: usize) -> bool {
        len >= self.min_message
    }

    /// Whether compressing this message will gain something, as far as a look at it tells: false, if it is not long enough
    /// ([`Outbound::wants`]); or if it has no past and is long and as good as random. RFC 7692 §6 lets every message go as
    /// it is. With context takeover random bytes may be such as were sent before.
    pub fn gains(&self, message: &[u8]) -> bool {
        self.wants(message.len()) && !(self.resets && is_random(message))
    }

    /// Whether each message is forgotten at its end (no context takeover): one that was compressed and not sent has no
    /// consequences then.
    pub const fn forgets(&self) -> bool {
        self.resets
    }

    /// Whether it owns a context: in the middle of a message, or with context takeover. If not, another half that was agreed
    /// on alike is as good as this one.
    pub fn has_context(&self) -> bool {
        self.own.is_some()
    }

    /// Whether a message was begun and is not done.
    pub fn is_busy(&self) -> bool {
        self.own.as_ref().is_some_and(|own| own.in_message())
    }

    /// [`Deflater::deflate`], with this connection's context or a spare one.
    pub fn deflate(&mut self, codec: &mut Codec, input: &[u8], fin: bool, out: &mut Out<'_>) -> Deflated {
        if fin && self.is_small(input.len()) && out.room() >= Deflater::bound(input.len()) {
            small::deflate(input, out);
            return Deflated { consumed: input.len(), done: true };
        }
        let mut context = self.own.take().unwrap_or_else(|| self.context(codec));
        let deflated = context.deflate(input, fin, out);
        if self.resets && !context.in_message() {
            give(&mut codec.deflaters, self.kind, context);
        } else {
            self.own = Some(context);
        }
        deflated
    }

    /// Whether a message of so many bytes, that is about to begin, needs no context.
    fn is_small(&self, len: usize) -> bool {
        let most = SMALL_MESSAGE_BYTES.min(1 << self.kind.window.bits());
        self.resets && self.own.is_none() && self.kind.level <= *LEVELS.start() && (1..=most).contains(&len)
    }

    fn context(&self, codec: &mut Codec) -> Box<Deflater> {
        let Kind { engine, window, level } = self.kind;
        let spare = if self.resets { take(&mut codec.deflaters, &self.kind) } else { None };
        spare.unwrap_or_else(|| Box::new(Deflater::new(engine, window, level, self.resets)))
    }
}

/// Whether a message is long, and the bytes in the middle of it are as good as random: each value about as often as every
/// other one, so that no code is shorter than eight bits. What repeats itself over longer distances is missed; such random
/// bytes are rare.
fn is_random(message: &[u8]) -> bool {
    let middle = message.len().saturating_sub(LOOK_BYTES) / 2;
    let Some(sample) = message.get(middle..middle + LOOK_BYTES) else { return false };
    let mut counts = [0_u16; 256];
    for byte in sample {
        counts[usize::from(*byte)] += 1;
    }
    // Of n random bytes the squares sum up to n + n * n / 256, give or take some percent; of text, to ten times that.
    let squares: usize = counts.iter().map(|count| usize::from(*count).pow(2)).sum();
    squares < (LOOK_BYTES + LOOK_BYTES * LOOK_BYTES / 256) * 5 / 4
}

/// The decompressing half of one connection. It owns no context before the first compressed message.
pub struct Inbound {
    engine: Engine,
    resets: bool,
    max_message: u64,
    own: Option<Box<Inflater>>,
}

impl Inbound {
    pub(crate) fn new(engine: Engine, resets: bool, max_message: u64) -> Self {
        Self { engine, resets, max_message, own: None }
    }

    /// Whether it owns a context: in the middle of a message, or with context takeover. If not, another half that was agreed
    /// on alike is as good as this one.
    pub fn has_context(&self) -> bool {
        self.own.is_some()
    }

    /// Whether a message was begun and is not done.
    pub fn is_busy(&self) -> bool {
        self.own.as_ref().is_some_and(|own| own.in_message())
    }

    /// [`Inflater::inflate`], with this connection's context or a spare one.
    ///
    /// # Errors
    /// Those of [`Inflater::inflate`]; the context is gone then.
    pub fn inflate(
        &mut self,
        codec: &mut Codec,
        input: &[u8],
        fin: bool,
        out: &mut Out<'_>,
    ) -> Result<Inflated, Error> {
        let mut context = self.own.take().unwrap_or_else(|| self.context(codec));
        let inflated = context.inflate(input, fin, self.max_message, out)?;
        if self.resets && !context.in_message() {
            give(&mut codec.inflaters, self.engine, context);
        } else {
            self.own = Some(context);
        }
        Ok(inflated)
    }

    fn context(&self, codec: &mut Codec) -> Box<Inflater> {
        let spare = if self.resets { take(&mut codec.inflaters, &self.engine) } else { None };
        spare.unwrap_or_else(|| Box::new(Inflater::new(self.engine, self.resets)))
    }
}

#[cfg(test)]
mod tests;
