//! Where the protocol instances of a loop live.

use crate::Env;
use alloc::{boxed::Box, vec::Vec};
use core::any::Any;
use core::fmt;
use core::marker::PhantomData;

/// The protocol instances (lws's per-vhost data) of one loop.
#[derive(Default)]
pub struct Slots {
    states: Vec<Box<dyn Any>>,
}

/// Names the instance of `P` that [`crate::World::add`] was given.
#[doc(alias = "lws_protocol_vh_priv_get")]
pub struct SlotKey<P> {
    pub(crate) index: u32,
    of: PhantomData<fn() -> P>,
}

impl<P> Clone for SlotKey<P> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P> Copy for SlotKey<P> {}
impl<P> SlotKey<P> {
    /// The same slot without its type: enough to name its members.
    pub fn untyped(self) -> SlotKey<()> {
        SlotKey { index: self.index, of: PhantomData }
    }
}
impl SlotKey<()> {
    /// The way back from [`SlotKey::untyped`], for who knows what the slot holds. To use a key of another type is a bug of
    /// the caller's, and panics.
    pub fn typed<P>(self) -> SlotKey<P> {
        SlotKey { index: self.index, of: PhantomData }
    }
}
impl<P> fmt::Debug for SlotKey<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlotKey({})", self.index)
    }
}

impl Slots {
    pub(crate) fn add<P: 'static>(&mut self, state: P) -> SlotKey<P> {
        let index = u32::try_from(self.states.len()).expect("fewer than 2^32 protocol instances");
        self.states.push(Box::new(state));
        SlotKey { index, of: PhantomData }
    }

    /// The instance that `key` names.
    #[inline]
    pub fn state<P: 'static>(&mut self, key: SlotKey<P>) -> &mut P {
        let state = self.states.get_mut(key.index as usize).and_then(|state| state.downcast_mut());
        state.expect("a key is used in the loop that made it, and has its type")
    }

    /// The first instance of `P`, if this loop has one.
    pub fn find<P: 'static>(&self) -> Option<SlotKey<P>> {
        let index = self.states.iter().position(|s| s.is::<P>())?;
        Some(SlotKey { index: u32::try_from(index).ok()?, of: PhantomData })
    }
}

/// A protocol instance that can be sent messages of type `M` from anywhere, other threads included.
///
/// The loop's remote (see `lws-core`) delivers them between two turns.
#[doc(alias = "lws_cancel_service")]
#[doc(alias = "LWS_CALLBACK_EVENT_WAIT_CANCELLED")]
pub trait Mail<M> {
    /// One message arrived.
    fn mail(&mut self, env: &mut Env<'_>, message: M);
}
