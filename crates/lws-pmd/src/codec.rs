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

use crate::limits::SPARE_CONTEXTS;
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

    /// Whether a message was begun and is not done.
    pub fn is_busy(&self) -> bool {
        self.own.as_ref().is_some_and(|own| own.in_message())
    }

    /// [`Deflater::deflate`], with this connection's context or a spare one.
    pub fn deflate(&mut self, codec: &mut Codec, input: &[u8], fin: bool, out: &mut Out<'_>) -> Deflated {
        let mut context = self.own.take().unwrap_or_else(|| self.context(codec));
        let deflated = context.deflate(input, fin, out);
        if self.resets && !context.in_message() {
            give(&mut codec.deflaters, self.kind, context);
        } else {
            self.own = Some(context);
        }
        deflated
    }

    fn context(&self, codec: &mut Codec) -> Box<Deflater> {
        let Kind { engine, window, level } = self.kind;
        let spare = if self.resets { take(&mut codec.deflaters, &self.kind) } else { None };
        spare.unwrap_or_else(|| Box::new(Deflater::new(engine, window, level, self.resets)))
    }
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
