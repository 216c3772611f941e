//! What a role may touch while it runs.
//!
//! ```text
//!   Place      = slots + hub + which stream + its facts          what a host passes down
//!   Cx         = Place + the stream's own record                 what a role gets
//!   StreamEnv  = Cx without the slots                            what is left while a protocol instance is borrowed
//!   Env        = the hub, as seen by one protocol instance       what mail gets: no stream
//! ```

use crate::{Bulk, Facts, Handle, Hub, Membership, Sends, SlotKey, Slots, Stream, Timer, TimerKey, World};
use core::ops::{Deref, DerefMut};
use core::time::Duration;
use lws_wire::Time;

/// Where a hosted role stands: the loop's shared state, and which stream this is.
pub struct Place<'a> {
    slots: &'a mut Slots,
    hub: &'a mut Hub,
    handle: Handle,
    facts: &'a Facts,
    output_waits: bool,
    sends: Sends,
}

impl<'a> Place<'a> {
    /// The place of the stream `handle` in `world`.
    pub fn new(world: &'a mut World, handle: Handle, facts: &'a Facts) -> Self {
        Self {
            slots: &mut world.slots,
            hub: &mut world.hub,
            handle,
            facts,
            output_waits: false,
            sends: Sends::default(),
        }
    }

    /// Says whether output still waits for the peer, so that the host does not read; see
    /// [`StreamEnv::output_waits`].
    #[must_use]
    pub fn with_output_waiting(self, output_waits: bool) -> Self {
        Self { output_waits, ..self }
    }

    /// Says what the host sends itself; see [`StreamEnv::send_bulk`]. It then asks [`Hub::take_bulk`] after each call.
    #[must_use]
    pub fn with_bulk(self, sends: Sends) -> Self {
        Self { sends, ..self }
    }

    /// The loop's shared state.
    pub fn hub(&mut self) -> &mut Hub {
        self.hub
    }

    /// The stream.
    pub fn handle(&self) -> Handle {
        self.handle
    }

    /// The same place, borrowed for a shorter time.
    pub fn reborrow(&mut self) -> Place<'_> {
        Place {
            slots: self.slots,
            hub: self.hub,
            handle: self.handle,
            facts: self.facts,
            output_waits: self.output_waits,
            sends: self.sends,
        }
    }

    /// The place of a stream within this connection.
    pub fn of_sub(&mut self, sub: u32) -> Place<'_> {
        Place { handle: Handle { sub, ..self.handle }, ..self.reborrow() }
    }

    /// What a role gets on this stream, for hosts that keep a stream's record themselves.
    pub fn cx<'b>(&'b mut self, stream: &'b mut Stream) -> Cx<'b> {
        let Self { slots, hub, handle, facts, output_waits, sends } = self;
        let (handle, output_waits, sends) = (*handle, *output_waits, *sends);
        Cx { slots, env: StreamEnv { hub, handle, facts, stream, output_waits, sends } }
    }
}

/// What a role may touch while it runs.
pub struct Cx<'a> {
    slots: &'a mut Slots,
    env: StreamEnv<'a>,
}

impl Cx<'_> {
    /// The protocol instance that `key` names, and the rest of this context beside it.
    #[inline]
    pub fn split<P: 'static>(&mut self, key: SlotKey<P>) -> (&mut P, StreamEnv<'_>) {
        (self.slots.state(key), self.env.reborrow())
    }

    /// The place for a role hosted on this stream.
    pub fn place(&mut self) -> Place<'_> {
        let StreamEnv { hub, handle, facts, output_waits, .. } = &mut self.env;
        // Who hosts a role has its own idea of what bytes become.
        let (handle, output_waits) = (*handle, *output_waits);
        Place { slots: self.slots, hub, handle, facts, output_waits, sends: Sends::default() }
    }

    /// The same under the handle of another stream of this connection: a role that hosts many is called on behalf of
    /// one of them, and means itself.
    pub fn of_sub(&mut self, sub: u32) -> Cx<'_> {
        let mut env = self.env.reborrow();
        env.handle.sub = sub;
        env.sends = Sends::default();
        Cx { slots: self.slots, env }
    }

    /// The loop's one `T`, made when it is first asked for: what the roles of a loop share beside the protocol instances.
    pub fn shared<T: Default + 'static>(&mut self) -> &mut T {
        let key = self.slots.find().unwrap_or_else(|| {
            self.env.hub.members.push(crate::hub::Members::default());
            self.slots.add(T::default())
        });
        self.slots.state(key)
    }

    /// Adds this stream to those that speak the instance `key`, which [`Env::want_write_all`] reaches.
    pub fn join<P>(&mut self, key: SlotKey<P>) -> Membership {
        self.env.hub.join(key.index, self.env.handle)
    }
}

impl<'a> Deref for Cx<'a> {
    type Target = StreamEnv<'a>;
    fn deref(&self) -> &Self::Target {
        &self.env
    }
}

impl DerefMut for Cx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.env
    }
}

/// One stream and the loop's shared state, without the protocol instances.
pub struct StreamEnv<'a> {
    hub: &'a mut Hub,
    handle: Handle,
    facts: &'a Facts,
    stream: &'a mut Stream,
    output_waits: bool,
    sends: Sends,
}

impl<'a> StreamEnv<'a> {
    /// The same, borrowed for a shorter time.
    #[inline]
    pub fn reborrow(&mut self) -> StreamEnv<'_> {
        let Self { hub, handle, facts, stream, output_waits, sends } = self;
        let (handle, output_waits, sends) = (*handle, *output_waits, *sends);
        StreamEnv { hub, handle, facts, stream, output_waits, sends }
    }

    /// The loop's shared state.
    #[inline]
    pub fn hub(&mut self) -> &mut Hub {
        self.hub
    }

    /// The stream this call is for.
    #[inline]
    pub fn handle(&self) -> Handle {
        self.handle
    }

    /// What is known about the connection.
    #[inline]
    pub fn facts(&self) -> &'a Facts {
        self.facts
    }

    /// The time of this turn.
    #[inline]
    pub fn now(&self) -> Time {
        self.hub.now
    }

    /// Wall-clock time of this turn, in seconds since 1970.
    pub fn unix_s(&self) -> u64 {
        self.hub.unix_s
    }

    /// Whether the service is going away.
    pub fn is_draining(&self) -> bool {
        self.hub.is_draining()
    }

    /// Whether something that was said before still waits for the peer to read it. The host does not read
    /// meanwhile: a peer that seems to be silent may have said something. The host watches that it reads.
    pub fn output_waits(&self) -> bool {
        self.output_waits
    }

    /// What the host sends itself: a socket does, a layer that encrypts or frames what it is given does not.
    #[inline]
    pub fn sends(&self) -> Sends {
        self.sends
    }

    /// Has the host send bytes of a file or of memory behind what was written so far, if it [`StreamEnv::sends`] such.
    /// Until that is done the role is not called for input or room, and must write nothing; then it is asked to
    /// `transmit`. A source that turns out to be shorter ends the stream with [`crate::Closed::Aborted`].
    ///
    /// # Panics
    /// The host does not send such.
    #[doc(alias = "lws_serve_http_file_fragment")]
    pub fn send_bulk(&mut self, bulk: Bulk) {
        // It would be left for whoever runs next.
        assert!(self.sends.takes(&bulk.source), "this host does not send that");
        debug_assert!(bulk.len > 0, "who sends nothing needs no host");
        self.hub.put_bulk(bulk);
    }

    /// Asks for one call of `transmit` when there is room.
    #[doc(alias = "lws_callback_on_writable")]
    #[inline]
    pub fn want_write(&mut self) {
        self.stream.want_write = true;
    }

    /// Asks the loop to let another stream speak. A stale handle is harmless.
    pub fn wake(&mut self, handle: Handle) {
        self.hub.wake(handle);
    }

    /// Sets a deadline from now, in place of an earlier one of the same kind.
    #[doc(alias = "lws_set_timeout")]
    #[doc(alias = "lws_set_timer_usecs")]
    pub fn set_timer(&mut self, which: Timer, after: Duration) {
        self.set_deadline(which, self.hub.now + after);
    }

    /// Sets a deadline, in place of an earlier one of the same kind. One that has passed already expires in the next
    /// turn: no turn lasts for ever because a deadline is set anew each time it expires.
    pub fn set_deadline(&mut self, which: Timer, at: Time) {
        self.cancel_timer(which);
        let key = TimerKey { handle: self.handle, which };
        let at = at.max(Time::from_micros(self.hub.now.as_micros().saturating_add(1)));
        *self.stream.timer_mut(which) = Some(self.hub.timers.insert(at, key));
    }

    /// Cancels a deadline, if it is set.
    pub fn cancel_timer(&mut self, which: Timer) {
        if let Some(id) = self.stream.timer_mut(which).take() {
            self.hub.timers.cancel(id);
        }
    }

    /// The loop, as the protocol instance `key` sees it.
    pub fn env<P>(&mut self, key: SlotKey<P>) -> Env<'_> {
        Env { hub: self.hub, slot: key.index }
    }
}

/// The loop, as one protocol instance sees it.
pub struct Env<'a> {
    hub: &'a mut Hub,
    slot: u32,
}

impl<'a> Env<'a> {
    /// The environment of the instance `key`.
    pub fn new<P>(hub: &'a mut Hub, key: SlotKey<P>) -> Self {
        Self { hub, slot: key.index }
    }

    /// The time of this turn.
    pub fn now(&self) -> Time {
        self.hub.now
    }

    /// The loop's shared state.
    pub fn hub(&mut self) -> &mut Hub {
        self.hub
    }

    /// The streams that speak this protocol instance now.
    pub fn members(&self) -> impl Iterator<Item = Handle> {
        self.hub.members(self.slot)
    }

    /// Lets `handle` speak. A stale handle is harmless.
    pub fn wake(&mut self, handle: Handle) {
        self.hub.wake(handle);
    }

    /// Lets every stream of this protocol instance speak.
    #[doc(alias = "lws_callback_on_writable_all_protocol")]
    pub fn want_write_all(&mut self) {
        self.hub.wake_all(self.slot);
    }
}
