//! What the roles of one loop share.

use crate::connect::SpareHandles;
use crate::{Bulk, Connect, Handle, Metrics, SlotKey, Slots, Timer, limits};
use alloc::{boxed::Box, vec::Vec};
use core::num::NonZeroU32;
use lws_timer::{TimerId, Wheel};
use lws_wire::{Pool, Time};

/// What the roles of one loop share. One per loop, never sent to another thread.
#[doc(alias = "lws_context_per_thread")]
pub struct World {
    /// The protocol instances.
    pub slots: Slots,
    /// Everything else.
    pub hub: Hub,
}

impl World {
    /// An empty world at `now`.
    pub fn new(now: Time) -> Self {
        Self { slots: Slots::default(), hub: Hub::new(now) }
    }

    /// Adds a protocol instance; the key is how roles reach it.
    pub fn add<P: 'static>(&mut self, state: P) -> SlotKey<P> {
        self.hub.members.push(Members::default());
        self.slots.add(state)
    }
}

/// Clock, timers, commands, memberships, spare blocks and counters of one loop.
pub struct Hub {
    /// The time of this turn. Set by the driver; roles do not read clocks.
    pub now: Time,
    /// Wall-clock time of this turn in seconds since 1970. Set by the driver.
    pub unix_s: u64,
    /// Counters.
    pub metrics: Metrics,
    /// Blocks for output that waits and for roles that host roles.
    pub blocks: Pool,
    /// Deadlines of all streams; the driver expires them.
    pub timers: Wheel<TimerKey>,
    pub(crate) members: Vec<Members>,
    pub(crate) spare_handles: SpareHandles,
    bulk: Option<Bulk>,
    commands: Vec<Command>,
    heavy: u32,
    draining: bool,
}

/// Asked for by a role, done by the loop after the role has returned.
#[derive(Debug)]
pub enum Command {
    /// Let this stream speak.
    Wake(Handle),
    /// Open a connection; see [`Hub::connect`].
    Connect(Box<Connect>),
    /// End this connection; see [`Hub::abort`].
    Abort(Handle),
}

/// Whose deadline it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerKey {
    /// The stream.
    pub handle: Handle,
    /// Which of its deadlines.
    pub which: Timer,
}

/// What a host keeps about one stream on behalf of [`crate::Cx`].
#[derive(Default)]
pub struct Stream {
    pub(crate) want_write: bool,
    timers: [Option<TimerId>; 2],
}

impl Stream {
    /// Whether whoever lives on the stream waits for room.
    pub fn wants_write(&self) -> bool {
        self.want_write
    }

    /// Forgets that it waits for room: it is about to get some.
    pub fn void_want_write(&mut self) {
        self.want_write = false;
    }

    pub(crate) fn timer_mut(&mut self, which: Timer) -> &mut Option<TimerId> {
        &mut self.timers[which as usize]
    }

    pub(crate) fn has_timer(&self, which: Timer) -> bool {
        self.timers[which as usize].is_some()
    }
}

/// The streams that speak one protocol instance. Leaving keeps the others' places.
#[derive(Default)]
pub(crate) struct Members {
    /// By their places; [`NOBODY`] where one is free.
    handles: Vec<Handle>,
    /// Free places.
    free: Vec<NonZeroU32>,
    /// A wake of all is in the command queue already.
    waking: bool,
}

/// No stream: a loop has fewer connections than this number. An `Option` would take four bytes more for each member.
const NOBODY: Handle = Handle { conn: u32::MAX, generation: u32::MAX, sub: u32::MAX };

impl Members {
    fn iter(&self) -> impl Iterator<Item = Handle> {
        self.handles.iter().copied().filter(|handle| *handle != NOBODY)
    }

    /// Who stands at a place that was given out.
    fn at(&mut self, place: NonZeroU32) -> &mut Handle {
        &mut self.handles[place.get() as usize - 1]
    }
}

/// A stream's place among those that speak the same protocol instance.
#[derive(Debug)]
pub struct Membership {
    slot: u32,
    /// Places count from 1, so that an `Option` of this is not larger.
    place: NonZeroU32,
}

impl Hub {
    fn new(now: Time) -> Self {
        Self {
            now,
            unix_s: 0,
            metrics: Metrics::default(),
            blocks: Pool::new(limits::OUT_BYTES, limits::SPARE_BLOCKS),
            timers: Wheel::new(now),
            members: Vec::new(),
            spare_handles: Vec::new(),
            bulk: None,
            commands: Vec::new(),
            heavy: 0,
            draining: false,
        }
    }

    /// Asks the loop to let `handle` speak. A stale handle is harmless.
    pub fn wake(&mut self, handle: Handle) {
        self.record(Command::Wake(handle));
    }

    pub(crate) fn record(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Whether there are commands to be obeyed.
    pub fn has_commands(&self) -> bool {
        !self.commands.is_empty()
    }

    /// Exchanges the commands recorded so far, in order, for an empty list; whoever takes them obeys them.
    pub fn swap_commands(&mut self, list: &mut Vec<Command>) {
        debug_assert!(list.is_empty(), "commands are obeyed before more are taken");
        core::mem::swap(&mut self.commands, list);
        self.members.iter_mut().for_each(|m| m.waking = false);
    }

    /// Whether the service is going away: answer what is in flight, promise nothing more.
    pub fn is_draining(&self) -> bool {
        self.draining
    }

    /// Begins to drain.
    pub fn set_draining(&mut self) {
        self.draining = true;
    }

    /// What the role which just ran wants sent behind what it wrote; for hosts that promised to do so
    /// ([`crate::Place::with_bulk`]).
    pub fn take_bulk(&mut self) -> Option<Bulk> {
        self.bulk.take()
    }

    pub(crate) fn put_bulk(&mut self, bulk: Bulk) {
        debug_assert!(self.bulk.is_none(), "one at a time");
        self.bulk = Some(bulk);
    }

    /// Whether there is something for [`Hub::take_bulk`].
    #[inline]
    pub fn has_bulk(&self) -> bool {
        self.bulk.is_some()
    }

    /// Records that a role did something that takes long (a handshake): the loop budgets such steps per turn.
    pub fn heavy(&mut self) {
        self.heavy += 1;
    }

    /// Heavy steps since the last call.
    pub fn take_heavy(&mut self) -> u32 {
        core::mem::take(&mut self.heavy)
    }

    pub(crate) fn join(&mut self, slot: u32, handle: Handle) -> Membership {
        let members = &mut self.members[slot as usize];
        let place = members.free.pop().unwrap_or_else(|| {
            members.handles.push(NOBODY);
            let count = u32::try_from(members.handles.len()).ok().and_then(NonZeroU32::new);
            count.expect("fewer than 2^32 streams")
        });
        *members.at(place) = handle;
        if members.waking {
            // The wake of all that is under way does not have it, and a later one would not be recorded.
            self.commands.push(Command::Wake(handle));
        }
        Membership { slot, place }
    }

    /// Takes a stream off the list it had joined.
    #[expect(clippy::needless_pass_by_value, reason = "a membership ends here")]
    pub fn leave(&mut self, membership: Membership) {
        let members = &mut self.members[membership.slot as usize];
        *members.at(membership.place) = NOBODY;
        members.free.push(membership.place);
    }

    /// How many streams speak protocol instances now, each counted once for each that it speaks.
    pub fn memberships(&self) -> usize {
        self.members.iter().map(|m| m.handles.len() - m.free.len()).sum()
    }

    /// Whether the stream speaks a protocol instance. Looks at all of them: for checks and tests.
    pub fn is_member(&self, handle: Handle) -> bool {
        self.members.iter().any(|m| m.iter().any(|member| member == handle))
    }

    pub(crate) fn members(&self, slot: u32) -> impl Iterator<Item = Handle> {
        self.members[slot as usize].iter()
    }

    pub(crate) fn wake_all(&mut self, slot: u32) {
        let members = &mut self.members[slot as usize];
        if !members.waking {
            let before = self.commands.len();
            self.commands.extend(members.iter().map(Command::Wake));
            // Only a command in the queue brings the flag down again.
            members.waking = self.commands.len() > before;
        }
    }
}
