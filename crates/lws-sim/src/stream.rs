//! One stream: what the driver does with a connection, on memory.
//!
//! ```text
//!   wire ──chunk──▶ stash ──▶ role ──▶ Out ──▶ pending ──▶ received
//!                    ▲ held back         └── the transport takes a part at once
//!                               └─────▶ bulk, behind what is pending
//! ```
//! While output waits, the role is neither read for nor asked to speak. What it holds back is offered again
//! when output drained, when it was woken or when a deadline passed, and not before: whoever counts on more than the
//! contract promises comes to a standstill here.

use crate::audit::Audit;
use crate::{Conditions, Rng};
use alloc::{boxed::Box, vec::Vec};
use lws_role::limits::{OUT_BYTES, STASH_BYTES};
use lws_role::{Bulk, Closed, Facts, Handle, Hosted, Peer, Place, Role, Sends, Source, Timer, World};
use lws_wire::{Out, Stash};

/// What streams borrow while they run.
pub(crate) struct Shared {
    pub(crate) world: World,
    pub(crate) rng: Rng,
    pub(crate) conditions: Conditions,
    pub(crate) cork: Box<[u8]>,
}

pub(crate) struct Stream {
    handle: Handle,
    facts: Facts,
    hosted: Option<Hosted>,
    /// Sent by the peer and not arrived, from `at` on.
    wire: Vec<u8>,
    at: usize,
    /// Arrived and not taken.
    stash: Stash,
    /// The role holds back what is in the stash.
    held: bool,
    /// What was held back may be offered again.
    again: bool,
    end: End,
    /// Said by the role and not taken by the transport.
    pending: Vec<u8>,
    /// What the transport sends itself, behind that.
    bulk: Option<Bulk>,
    /// Bytes that the transport will still take; `None`: any number.
    pub(crate) window: Option<u64>,
    /// What the peer has received.
    pub(crate) received: Vec<u8>,
    pub(crate) closed: Option<Closed>,
}

/// What comes behind the wire's last byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// More, perhaps.
    Open,
    /// Nothing more.
    Due { truncated: bool },
    /// Nothing more, and the role knows.
    Told,
    /// The transport breaks there.
    Reset,
}

impl Stream {
    pub(crate) fn start(handle: Handle, peer: Peer, role: Box<dyn Role>, shared: &mut Shared) -> Self {
        let mut this = Self {
            handle,
            facts: Facts::plain(peer),
            hosted: None,
            wire: Vec::new(),
            at: 0,
            stash: Stash::new(),
            held: false,
            again: false,
            end: End::Open,
            pending: Vec::new(),
            bulk: None,
            window: None,
            received: Vec::new(),
            closed: None,
        };
        let Shared { world, cork, rng, conditions } = shared;
        let mut out = Out::new(&mut cork[..conditions.draw_room(rng)]);
        let mut place = Place::new(world, handle, &this.facts);
        let (hosted, closed) = Hosted::start(Audit::of(role), &mut place, &mut out);
        this.hosted = Some(hosted);
        let n = out.len();
        this.say(n, shared);
        this.settle(closed, shared);
        this
    }

    /// The peer sends.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        if self.at == self.wire.len() {
            self.wire.clear();
            self.at = 0;
        }
        self.wire.extend_from_slice(bytes);
    }

    /// The peer ends, behind what it has sent.
    pub(crate) fn end(&mut self, end: End) {
        if self.end != End::Told {
            self.end = end;
        }
    }

    /// The name of the role that speaks now.
    pub(crate) fn role(&self) -> Option<&'static str> {
        self.hosted.as_ref().map(Hosted::name)
    }

    /// Bytes that the peer has sent and that have not arrived.
    pub(crate) fn in_flight(&self) -> usize {
        self.wire.len() - self.at
    }

    /// Bytes that have arrived and that the role has not taken.
    pub(crate) fn held(&self) -> usize {
        self.stash.len()
    }

    /// Bytes that wait for the transport.
    pub(crate) fn pending(&self) -> usize {
        self.pending.len() + self.bulk.as_ref().map_or(0, |bulk| bulk.len as usize)
    }

    /// Whether a step would do something.
    pub(crate) fn is_ready(&self) -> bool {
        if self.pending() > 0 {
            return self.window != Some(0);
        }
        let Some(hosted) = &self.hosted else { return false };
        let stashed = self.held && !self.stash.is_empty();
        let heard = match self.end {
            End::Open | End::Told => !self.held && self.at < self.wire.len(),
            End::Due { .. } => !self.held,
            // Who holds input back is told of this all the same.
            End::Reset => true,
        };
        hosted.wants_write() || (stashed && self.again) || heard
    }

    /// One thing happens.
    pub(crate) fn step(&mut self, shared: &mut Shared) {
        if self.pending() > 0 {
            return self.flush(shared);
        }
        let Some(hosted) = &self.hosted else { return };
        let speaks = hosted.wants_write() || (self.held && self.again);
        let arrives = !self.held && self.at < self.wire.len();
        // Either may be first: an offer lets the role speak, too.
        if arrives && (!speaks || shared.rng.one_in(2)) {
            return self.arrive(shared);
        }
        if speaks {
            self.offer_stash(shared);
            return;
        }
        match self.end {
            End::Due { truncated } => {
                self.end = End::Told;
                self.interject(self.handle, shared, |hosted, place, out| hosted.ended(place, truncated, out));
            }
            End::Reset => {
                self.end = End::Told;
                self.settle(Some(Closed::Lost), shared);
            }
            End::Open | End::Told => {}
        }
    }

    /// A deadline of one of the role's streams passed.
    pub(crate) fn timeout(&mut self, handle: Handle, which: Timer, shared: &mut Shared) {
        assert!(self.hosted.is_some(), "{which:?} expired for a stream that is closed: {handle:?}");
        self.interject(handle, shared, |hosted, place, out| hosted.timeout(place, which, out));
    }

    /// The service is going away.
    pub(crate) fn drain(&mut self, shared: &mut Shared) {
        self.interject(self.handle, shared, Hosted::drain);
    }

    /// Somebody woke one of the role's streams.
    pub(crate) fn woken(&mut self, handle: Handle, world: &mut World) {
        if let Some(hosted) = &mut self.hosted {
            hosted.woken(&mut Place::new(world, handle, &self.facts));
            self.again = true;
        }
    }

    /// Ends it from this side.
    pub(crate) fn abandon(&mut self, why: Closed, shared: &mut Shared) {
        self.settle(Some(why), shared);
    }

    /// Law 2: who holds input back waits for something that can come.
    pub(crate) fn check_rest(&self, world: &World) {
        let Some(hosted) = &self.hosted else { return };
        assert!(!hosted.wants_write() || self.pending() > 0, "{:?} at rest wants to write", self.handle);
        if !self.held || self.stash.is_empty() || self.pending() > 0 {
            return;
        }
        let deadline = hosted.has_timer(Timer::Role) || hosted.has_timer(Timer::App);
        let waits = deadline || world.hub.is_member(self.handle);
        let (name, n) = (hosted.name(), self.stash.len());
        assert!(waits, "law 2: {name} holds {n} bytes back and nothing can make it go on: {:?}", self.handle);
    }

    /// Some of what the peer sent arrives.
    fn arrive(&mut self, shared: &mut Shared) {
        let kept = self.stash.len();
        let most = shared.conditions.offer_bytes().saturating_sub(kept).max(1);
        let chunk = shared.conditions.draw_chunk(&mut shared.rng).min(most).min(self.wire.len() - self.at);
        let arrived = self.at..self.at + chunk;
        self.at += chunk;
        shared.world.hub.metrics.rx_bytes += chunk as u64;
        let consumed = if kept == 0 {
            // As the driver does it: straight from the read buffer, and kept only if the role did not take it.
            let mut wire = core::mem::take(&mut self.wire);
            let consumed = self.offer(&mut wire[arrived.clone()], shared);
            self.stash.push(&wire[arrived.start + consumed..arrived.end]);
            self.wire = wire;
            consumed
        } else {
            self.stash.push(&self.wire[arrived]);
            self.offer_stash(shared)
        };
        let waits = self.held || self.pending() > 0;
        if self.hosted.is_none() {
            self.stash = Stash::new();
        } else if !waits && consumed == 0 && kept + chunk >= STASH_BYTES {
            // A role that needs more than this before it takes anything never will.
            self.settle(Some(Closed::Limit), shared);
        }
    }

    fn offer_stash(&mut self, shared: &mut Shared) -> usize {
        let mut stash = core::mem::take(&mut self.stash);
        let consumed = self.offer(stash.bytes_mut(), shared);
        stash.consume(consumed);
        if self.hosted.is_some() {
            self.stash = stash;
        }
        consumed
    }

    /// Runs the role to quiescence within one empty `Out`.
    fn offer(&mut self, input: &mut [u8], shared: &mut Shared) -> usize {
        let Some(hosted) = &mut self.hosted else { return input.len() };
        let Shared { world, cork, rng, conditions } = shared;
        let mut out = Out::new(&mut cork[..conditions.draw_room(rng)]);
        let sends = Sends { files: false, bytes: conditions.sends_bytes };
        let mut place = Place::new(world, self.handle, &self.facts).with_bulk(sends);
        let ran = hosted.run(&mut place, input, &mut out);
        let n = out.len();
        if n == 0 {
            hosted.void_want_write();
        }
        self.held = ran.held && ran.consumed < input.len();
        // Progress is a reason to try again; without any, only an event is.
        self.again = ran.consumed + n > 0;
        self.say(n, shared);
        self.settle(ran.closed, shared);
        ran.consumed
    }

    /// Lets the role say something out of turn, behind whatever waits.
    fn interject(
        &mut self,
        handle: Handle,
        shared: &mut Shared,
        f: impl FnOnce(&mut Hosted, &mut Place<'_>, &mut Out<'_>) -> Option<Closed>,
    ) {
        let blocked = self.pending() > 0;
        let Some(hosted) = &mut self.hosted else { return };
        let Shared { world, cork, rng, conditions } = shared;
        let room = match &self.bulk {
            // Nothing comes between it and what stands in front of it.
            Some(_) => 0,
            // Behind what waits there is the rest of its block.
            None if blocked => OUT_BYTES.saturating_sub(self.pending.len()),
            None => conditions.draw_room(rng),
        };
        let mut out = Out::new(&mut cork[..room]);
        let mut place = Place::new(world, handle, &self.facts).with_output_waiting(blocked);
        let closed = f(hosted, &mut place, &mut out);
        let n = out.len();
        self.again = true;
        if blocked {
            self.pending.extend_from_slice(&cork[..n]);
        } else {
            self.say(n, shared);
        }
        self.settle(closed, shared);
    }

    /// The transport is offered the first `n` bytes of the cork; what it sends itself comes behind them.
    fn say(&mut self, n: usize, shared: &mut Shared) {
        let taken = self.take(n, 0, shared);
        self.received.extend_from_slice(&shared.cork[..taken]);
        self.pending.extend_from_slice(&shared.cork[taken..n]);
        self.bulk = shared.world.hub.take_bulk();
    }

    /// The transport takes some of what waits.
    fn flush(&mut self, shared: &mut Shared) {
        if self.pending.is_empty() {
            self.flush_bulk(shared);
        } else {
            let waiting = self.pending.len();
            let taken = self.take(waiting, 1, shared);
            self.received.extend(self.pending.drain(..taken));
        }
        if self.pending() == 0 {
            self.again = true;
        }
    }

    /// The transport takes some of what it sends itself.
    fn flush_bulk(&mut self, shared: &mut Shared) {
        let Some(mut bulk) = self.bulk.take() else { return };
        let Source::Bytes(bytes) = &bulk.source else { panic!("{:?}: no files here", self.handle) };
        let (at, len) = (bulk.at as usize, bulk.len as usize);
        let taken = self.take(len, 1, shared);
        self.received.extend_from_slice(&bytes[at..at + taken]);
        if !bulk.advance(taken as u64) {
            self.bulk = Some(bulk);
            return;
        }
        drop(bulk);
        if let Some(hosted) = &mut self.hosted {
            hosted.bulk_sent();
        }
    }

    /// How many of `n` bytes the transport takes now; `least` of them if its window is open.
    fn take(&mut self, n: usize, least: usize, shared: &mut Shared) -> usize {
        if n == 0 {
            return 0;
        }
        let window = self.window.map_or(n, |w| usize::try_from(w).unwrap_or(n));
        let taken = shared.conditions.take.draw(&mut shared.rng).max(least).min(n).min(window);
        if let Some(window) = &mut self.window {
            *window -= taken as u64;
        }
        shared.world.hub.metrics.tx_bytes += taken as u64;
        taken
    }

    /// A conversation that is over is closed; what it has said still goes out, unless it ends abruptly.
    fn settle(&mut self, closed: Option<Closed>, shared: &mut Shared) {
        let Some(why) = closed else { return };
        let Some(hosted) = self.hosted.take() else { return };
        hosted.close(&mut Place::new(&mut shared.world, self.handle, &self.facts), why);
        self.closed = Some(why);
        self.stash = Stash::new();
        if why.is_abrupt() {
            self.pending = Vec::new();
            self.bulk = None;
        }
    }
}
