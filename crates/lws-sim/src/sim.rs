//! The loop: streams, clock, commands, and what a test can do to them.

use crate::limits;
use crate::stream::{End, Shared, Stream};
use crate::{Conditions, Rng};
use alloc::{boxed::Box, vec, vec::Vec};
use core::time::Duration;
use lws_role::limits::LARGE_OFFER_BYTES;
use lws_role::{Acceptor, Blueprint, Closed, Command, Handle, Peer, Role, World};
use lws_wire::Time;

/// One simulated loop with its streams.
///
/// A test plays the peers: it sends, runs until nothing moves, reads what came, lets time pass. [`Sim::end`] closes
/// what is left and checks that nothing is left over.
pub struct Sim {
    seed: u64,
    shared: Shared,
    streams: Vec<Stream>,
    commands: Vec<Command>,
}

/// Names one stream of a [`Sim`], by the peer at its other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerId(u32);

impl Sim {
    /// A loop whose conditions and whose chance come out of `seed`.
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let conditions = Conditions::rough(&mut rng);
        Self::under(conditions, seed)
    }

    /// A loop under these conditions; the order of things comes out of `seed`.
    pub fn under(conditions: Conditions, seed: u64) -> Self {
        let mut world = World::new(Time::ZERO);
        world.hub.unix_s = limits::UNIX_START_S;
        let cork = vec![0; LARGE_OFFER_BYTES].into_boxed_slice();
        let shared = Shared { world, rng: Rng::new(!seed), conditions, cork };
        Self { seed, shared, streams: Vec::new(), commands: Vec::new() }
    }

    /// Makes this loop's instance of what a listener would serve.
    ///
    /// # Panics
    /// If it cannot be installed.
    pub fn install(&mut self, blueprint: &dyn Blueprint) -> Box<dyn Acceptor> {
        let installed = blueprint.install(&mut self.shared.world);
        installed.unwrap_or_else(|e| panic!("seed {}: cannot install: {e}", self.seed))
    }

    /// A peer connects.
    pub fn accept(&mut self, acceptor: &dyn Acceptor) -> PeerId {
        let facts = lws_role::Facts::plain(Peer::Memory);
        self.start(acceptor.accept(&facts))
    }

    /// A peer connects, and this role speaks to it.
    pub fn start(&mut self, role: Box<dyn Role>) -> PeerId {
        self.shared.world.hub.metrics.accepted += 1;
        let conn = u32::try_from(self.streams.len()).expect("fewer than 2^32 streams");
        let handle = Handle { conn, generation: 0, sub: 0 };
        self.streams.push(Stream::start(handle, Peer::Memory, role, &mut self.shared));
        PeerId(conn)
    }

    /// What the roles of this loop share.
    pub fn world(&mut self) -> &mut World {
        &mut self.shared.world
    }

    /// Chance, for the test's own use. It is the same that decides about chunks.
    pub fn rng(&mut self) -> &mut Rng {
        &mut self.shared.rng
    }

    /// The virtual time.
    pub fn now(&self) -> Time {
        self.shared.world.hub.now
    }

    /// The peer sends: the bytes arrive during the runs that follow.
    pub fn send(&mut self, peer: PeerId, bytes: &[u8]) {
        self.at(peer).send(bytes);
    }

    /// The peer will send no more (a half-close): the role hears of it behind what was sent.
    pub fn finish(&mut self, peer: PeerId) {
        self.at(peer).end(End::Due { truncated: false });
    }

    /// As [`Sim::finish`], but without the word that the security layer owes.
    pub fn cut(&mut self, peer: PeerId) {
        self.at(peer).end(End::Due { truncated: true });
    }

    /// The transport breaks behind what the peer has sent.
    pub fn reset(&mut self, peer: PeerId) {
        self.at(peer).end(End::Reset);
    }

    /// The peer has room for so many more bytes, and then for none, until this is called again; `None`: for any number.
    pub fn window(&mut self, peer: PeerId, bytes: Option<u64>) {
        self.at(peer).window = bytes;
    }

    /// Bytes that the peer has sent and that have not arrived.
    pub fn in_flight(&self, peer: PeerId) -> usize {
        self.streams[peer.0 as usize].in_flight()
    }

    /// Everything that the peer has received since [`Sim::take_received`].
    pub fn received(&self, peer: PeerId) -> &[u8] {
        &self.streams[peer.0 as usize].received
    }

    /// Takes away everything that the peer has received.
    pub fn take_received(&mut self, peer: PeerId) -> Vec<u8> {
        core::mem::take(&mut self.at(peer).received)
    }

    /// Why the stream was closed, if it was.
    pub fn closed(&self, peer: PeerId) -> Option<Closed> {
        self.streams[peer.0 as usize].closed
    }

    /// The name of the role that speaks to this peer now.
    pub fn role(&self, peer: PeerId) -> Option<&'static str> {
        self.streams[peer.0 as usize].role()
    }

    /// Bytes that have arrived and that the role has not taken.
    pub fn held(&self, peer: PeerId) -> usize {
        self.streams[peer.0 as usize].held()
    }

    /// Bytes that the role has said and that the transport has not taken.
    pub fn pending(&self, peer: PeerId) -> usize {
        self.streams[peer.0 as usize].pending()
    }

    /// Runs all streams, in an order that chance makes, until nothing moves; then checks law 2.
    ///
    /// # Panics
    /// If a role breaks the contract, or does not come to rest.
    pub fn run(&mut self) {
        let mut steps = 0;
        loop {
            // Commands are obeyed soon, but others may have their turn before.
            let ready = self.ready();
            if ready.is_none() || self.shared.rng.one_in(2) {
                self.obey();
            }
            let Some(index) = ready.or_else(|| self.ready()) else { break };
            self.streams[index].step(&mut self.shared);
            steps += 1;
            assert!(steps < limits::STEPS_PER_RUN, "seed {}: does not come to rest", self.seed);
        }
        self.streams.iter().for_each(|stream| stream.check_rest(&self.shared.world));
    }

    /// Lets time pass: each deadline expires at its time, and all streams run until nothing moves.
    pub fn advance(&mut self, by: Duration) {
        self.run();
        let end = self.now() + by;
        let mut expired = 0;
        while let Some(next) = self.shared.world.hub.timers.next_deadline().filter(|next| *next <= end) {
            self.set_clock(next.max(self.now()));
            while let Some(key) = self.shared.world.hub.timers.expire(next) {
                self.streams[key.handle.conn as usize].timeout(key.handle, key.which, &mut self.shared);
                expired += 1;
                let bound = limits::EXPIRIES_PER_ADVANCE;
                assert!(expired < bound, "seed {}: deadlines are set in the past", self.seed);
            }
            self.run();
        }
        self.set_clock(end);
    }

    /// The service is going away: every role hears of it, and all run until nothing moves.
    pub fn drain(&mut self) {
        self.shared.world.hub.set_draining();
        for stream in &mut self.streams {
            stream.drain(&mut self.shared);
        }
        self.run();
    }

    /// Closes what is still open and checks that nothing is left over: no deadline, no membership, no role that the
    /// counters believe to be open.
    ///
    /// # Panics
    /// If something is.
    pub fn end(mut self) {
        self.run();
        for stream in &mut self.streams {
            stream.abandon(Closed::Shutdown, &mut self.shared);
        }
        self.obey();
        let hub = &mut self.shared.world.hub;
        assert!(hub.timers.is_empty(), "seed {}: {} deadlines are left over", self.seed, hub.timers.len());
        assert_eq!(hub.memberships(), 0, "seed {}: memberships are left over", self.seed);
        let open = hub.metrics.roles().iter().find(|role| role.open > 0);
        assert_eq!(open, None, "seed {}: a role is counted as open", self.seed);
    }

    fn at(&mut self, peer: PeerId) -> &mut Stream {
        &mut self.streams[peer.0 as usize]
    }

    fn set_clock(&mut self, now: Time) {
        let hub = &mut self.shared.world.hub;
        hub.now = now;
        hub.unix_s = limits::UNIX_START_S + now.as_micros() / 1_000_000;
    }

    /// One of the streams that have something to do.
    fn ready(&mut self) -> Option<usize> {
        let count = self.streams.len();
        let first = self.shared.rng.below(count);
        (first..count).chain(0..first).find(|i| self.streams[*i].is_ready())
    }

    /// Does what roles asked for while they ran.
    fn obey(&mut self) {
        let mut commands = core::mem::take(&mut self.commands);
        self.shared.world.hub.swap_commands(&mut commands);
        for command in commands.drain(..) {
            let (Command::Wake(handle) | Command::Abort(handle)) = command else {
                // No handle is lent, so `Hub::connect` says no before this can be recorded.
                unreachable!("seed {}: this loop opens no connections", self.seed);
            };
            let Some(stream) = self.streams.get_mut(handle.conn as usize) else { continue };
            match command {
                _ if handle.generation != 0 => {}
                Command::Wake(_) => stream.woken(handle, &mut self.shared.world),
                _ if handle.sub == 0 => stream.abandon(Closed::Aborted, &mut self.shared),
                _ => {}
            }
        }
        self.commands = commands;
    }
}
