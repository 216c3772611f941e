//! What the connections of one loop share.

use crate::limits;
use lws_role::limits::{LARGE_OFFER_BYTES, OFFER_BYTES, STASH_BYTES};
use lws_role::{Handle, World};
use lws_timer::Wheel;
use lws_wire::Time;

/// What connections borrow while they run.
pub(crate) struct Shared {
    pub(crate) world: World,
    /// Where every read goes, behind [`STASH_BYTES`] for what was kept of the one before.
    pub(crate) rx: Box<[u8]>,
    /// Where every role writes.
    pub(crate) cork: Box<[u8]>,
    /// Kept input and kept output beyond [`OFFER_BYTES`], each counted; see [`limits::LARGE_KEEPS`].
    pub(crate) large_keeps: u32,
    /// The driver's own deadlines; those of roles are in the world.
    pub(crate) deadlines: Wheel<Deadline>,
}

impl Shared {
    pub(crate) fn new(now: Time) -> Self {
        Self {
            world: World::new(now),
            rx: Self::new_rx(),
            cork: vec![0; LARGE_OFFER_BYTES].into(),
            large_keeps: 0,
            deadlines: Wheel::new(now),
        }
    }

    pub(crate) fn new_rx() -> Box<[u8]> {
        vec![0; STASH_BYTES + LARGE_OFFER_BYTES].into()
    }

    /// Bytes of the largest offer now.
    pub(crate) fn offer_bytes(&self) -> usize {
        if self.large_keeps < limits::LARGE_KEEPS { LARGE_OFFER_BYTES } else { OFFER_BYTES }
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Deadline {
    /// A connection's peer must have read, or closed.
    Conn(Handle),
    /// A connection is to be opened now.
    Open(Handle),
    /// A listener may try again.
    Listener(usize),
    /// The service ends whatever is left.
    Drain,
}
