//! What the roles of one loop share.

use crate::connect::SpareHandles;
use crate::{Connect, Handle, Metrics, SlotKey, Slots, Timer, limits};
use alloc::{boxed::Box, rc::Rc, vec::Vec};
use core::any::Any;
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
    file: Option<FileRange>,
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

/// A part of a file, to be sent by the host itself: nobody looks at its bytes.
#[derive(Clone, Debug)]
pub struct FileRange {
    /// Where they come from: a `std::fs::File`, which this crate cannot name.
    pub file: Rc<dyn Any>,
    /// The first byte's place in the file.
    pub at: u64,
    /// How many bytes.
    pub len: u64,
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
    handles: Vec<Option<Handle>>,
    free: Vec<u32>,
    /// A wake of all is in the command queue already.
    waking: bool,
}

/// A stream's place among those that speak the same protocol instance.
#[derive(Debug)]
pub struct Membership {
    slot: u32,
    place: u32,
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
            file: None,
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

    /// The file that the role which just ran wants sent behind what it wrote; for hosts that promised to do so
    /// ([`crate::Place::with_files`]).
    pub fn take_file(&mut self) -> Option<FileRange> {
        self.file.take()
    }

    pub(crate) fn put_file(&mut self, file: FileRange) {
        debug_assert!(self.file.is_none(), "one file at a time");
        self.file = Some(file);
    }

    pub(crate) fn has_file(&self) -> bool {
        self.file.is_some()
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
            members.handles.push(None);
            u32::try_from(members.handles.len() - 1).expect("fewer than 2^32 streams")
        });
        members.handles[place as usize] = Some(handle);
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
        members.handles[membership.place as usize] = None;
        members.free.push(membership.place);
    }

    /// How many streams speak protocol instances now, each counted once for each that it speaks.
    pub fn memberships(&self) -> usize {
        self.members.iter().map(|m| m.handles.len() - m.free.len()).sum()
    }

    /// Whether the stream speaks a protocol instance. Looks at all of them: for checks and tests.
    pub fn is_member(&self, handle: Handle) -> bool {
        self.members.iter().any(|m| m.handles.contains(&Some(handle)))
    }

    pub(crate) fn members(&self, slot: u32) -> impl Iterator<Item = Handle> {
        self.members[slot as usize].handles.iter().flatten().copied()
    }

    pub(crate) fn wake_all(&mut self, slot: u32) {
        let members = &mut self.members[slot as usize];
        if !members.waking {
            let before = self.commands.len();
            self.commands.extend(members.handles.iter().flatten().map(|h| Command::Wake(*h)));
            // Only a command in the queue brings the flag down again.
            members.waking = self.commands.len() > before;
        }
    }
}
