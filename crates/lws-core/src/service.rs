//! One loop.

use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::conn::{Conn, Outcome, connect_failure};
use crate::listener::Listener;
use crate::remote::{Arrival, Mailbox};
use crate::shard::{Deal, Dealt, Parts};
use crate::shared::{Deadline, Shared};
use crate::socket::Socket;
use crate::table::Table;
use crate::{Address, Error, Remote, Stop, limits};
use lws_role::{Closed, Command, Connect, Facts, Handle, Hosted, Peer, Place, Role, SlotKey, Target, World};
use lws_timer::TimerId;
use lws_wire::Time;
use mio::{Events, Poll, Token};
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One event loop: listeners, connections, and the world that their roles share.
///
/// Not [`Send`]: it lives and dies on one thread. [`Remote`] and [`Stop`] are the ways in from others.
#[doc(alias = "lws_service")]
#[doc(alias = "lws_context")]
pub struct Service {
    poll: Poll,
    events: Events,
    clock: Clock,
    shared: Shared,
    listeners: Vec<Listener>,
    /// Listeners that may have connections waiting.
    accepting: VecDeque<usize>,
    table: Table,
    accounts: Accounts,
    /// Connections that have something to do.
    ready: VecDeque<Handle>,
    commands: Vec<Command>,
    /// Connections to be opened later, by number.
    delayed: Vec<(TimerId, Connect)>,
    mailbox: Arc<Mailbox>,
    /// Where what was accepted here may belong to another loop.
    deal: Option<Deal>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Draining,
    Stopped,
}

pub(crate) const WAKER: Token = Token(usize::MAX);
/// Tokens from here up are listeners; below are connections.
const LISTENERS: usize = usize::MAX / 2;

impl Service {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { poll, mailbox, accounts, deal } = parts;
        let clock = Clock::new();
        let now = clock.now();
        let shared = Shared::new(now);
        let mut this = Self {
            poll,
            events: Events::with_capacity(limits::EVENTS_PER_TURN),
            clock,
            shared,
            listeners: Vec::new(),
            accepting: VecDeque::new(),
            table: Table::default(),
            accounts,
            ready: VecDeque::new(),
            commands: Vec::new(),
            delayed: Vec::new(),
            mailbox,
            deal,
            state: State::Running,
        };
        this.lend_handles();
        this
    }

    fn lend_handles(&mut self) {
        let Self { table, shared, .. } = self;
        shared.world.hub.lend_handles(limits::CONNECTS_PER_ROUND, || table.reserve());
    }

    /// Opens a connection, on which `role` speaks; see [`lws_role::Hub::connect`]. Nothing happens before the next
    /// turn.
    #[doc(alias = "lws_client_connect_via_info")]
    pub fn connect(&mut self, target: Target, role: Box<dyn Role>) -> Handle {
        self.lend_handles();
        self.shared.world.hub.connect(target, role).expect("handles have just been lent")
    }

    pub(crate) fn add_listener(&mut self, mut listener: Listener) -> Result<(), Error> {
        let index = self.listeners.len();
        listener.register(self.poll.registry(), Token(LISTENERS + index))?;
        self.listeners.push(listener);
        Ok(())
    }

    /// What the roles of this loop share: protocol instances and counters.
    pub fn world(&mut self) -> &mut World {
        &mut self.shared.world
    }

    /// The addresses listened on, in the order of [`crate::Context::listen`], with the ports that the kernel picked.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.listeners.iter().map(Listener::address)
    }

    /// A way to post messages to the protocol instance `P` of this loop from other threads; `None` if it has none.
    pub fn remote<P: 'static>(&self) -> Option<Remote<P>> {
        let key: SlotKey<P> = self.shared.world.slots.find()?;
        Some(Remote::new(self.mailbox.clone(), key))
    }

    /// A way to stop this loop from other threads.
    pub fn stopper(&self) -> Stop {
        Stop::new(Arc::new([self.mailbox.clone()]))
    }

    /// Runs until stopped.
    ///
    /// # Errors
    /// Those of the operating system's readiness call. Nothing that a peer does is one.
    pub fn run(&mut self) -> Result<(), Error> {
        while self.turn(None)? {}
        Ok(())
    }

    /// One turn: waits up to `timeout` (for ever if `None`), then does what there is to do. In a foreign loop: call
    /// it with zero when [`Service::as_fd`] is readable and at [`Service::next_deadline`]. Returns false once the
    /// service has stopped.
    ///
    /// # Errors
    /// Those of the operating system's readiness call.
    #[doc(alias = "lws_service_tsi")]
    pub fn turn(&mut self, timeout: Option<Duration>) -> Result<bool, Error> {
        let deadline = self.next_deadline().map(|at| at.saturating_duration_since(Instant::now()));
        let timeout = match (timeout, deadline) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        match self.poll.poll(&mut self.events, timeout) {
            Err(e) if e.kind() != ErrorKind::Interrupted => return Err(e.into()),
            _ => {}
        }
        let began = self.clock.now();
        self.shared.world.hub.now = began;
        self.shared.world.hub.unix_s = Clock::unix_s();
        self.hear_events();
        self.accept_some();
        self.expire();
        self.run_ready();
        self.note_turn(began);
        Ok(self.state != State::Stopped)
    }

    /// When [`Service::turn`] must be called even if nothing becomes readable; `None`: not at all.
    pub fn next_deadline(&self) -> Option<Instant> {
        let busy =
            !self.ready.is_empty() || !self.accepting.is_empty() || self.shared.world.hub.has_commands();
        if busy || self.state == State::Stopped {
            return Some(Instant::now());
        }
        let roles = self.shared.world.hub.timers.next_deadline();
        let own = self.shared.deadlines.next_deadline();
        let first = match (roles, own) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        first.map(|at| self.clock.instant(at))
    }

    /// Begins to stop: accepts nothing new, lets every connection finish what is in flight, and ends whatever is
    /// left after `limit`. The second call ends everything at the next turn.
    #[doc(alias = "lws_context_deprecate")]
    pub fn drain(&mut self, limit: Duration) {
        if self.state != State::Running {
            self.state = State::Stopped;
            return;
        }
        self.state = State::Draining;
        for mut listener in self.listeners.drain(..) {
            listener.deregister(self.poll.registry());
        }
        self.accepting.clear();
        let hub = &mut self.shared.world.hub;
        hub.set_draining();
        self.shared.deadlines.insert(hub.now + limit, Deadline::Drain);
        for handle in self.table.handles() {
            self.with_conn(handle, Conn::drain);
        }
        self.give_up_delayed();
        self.check_drained();
    }

    fn hear_events(&mut self) {
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            match event.token() {
                WAKER => self.deliver_mail(),
                Token(t) if t >= LISTENERS => self.accept_soon(t - LISTENERS),
                Token(t) => {
                    let Some(handle) = u32::try_from(t).ok().and_then(|t| self.table.handle(t)) else {
                        continue;
                    };
                    let Some(conn) = self.table.at(handle) else { continue };
                    let closing = event.is_read_closed();
                    conn.ready(event.is_readable(), event.is_writable(), closing, event.is_error());
                    self.enqueue(handle);
                }
            }
        }
        self.events = events;
    }

    fn deliver_mail(&mut self) {
        let delivery = self.mailbox.take();
        for letter in delivery.letters {
            let world = &mut self.shared.world;
            if catch_unwind(AssertUnwindSafe(|| letter(world))).is_err() {
                self.shared.world.hub.metrics.panics += 1;
            }
        }
        for arrival in delivery.arrivals {
            self.install(arrival);
        }
        // Asked twice before the first was heard of, it ends at once all the same.
        for _ in 0..delivery.stops.min(2) {
            self.drain(limits::DRAIN);
        }
    }

    /// A listener may have connections waiting. It stands in the queue once, whatever the kernel says meanwhile.
    fn accept_soon(&mut self, index: usize) {
        if self.listeners.get(index).is_some_and(|l| !l.paused) && !self.accepting.contains(&index) {
            self.accepting.push_back(index);
        }
    }

    fn accept_some(&mut self) {
        for _ in 0..self.accepting.len() {
            let Some(index) = self.accepting.pop_front() else { return };
            if self.accept_from(index) {
                self.accepting.push_back(index);
            }
        }
    }

    /// Accepts a bounded number of connections; true if more may wait.
    fn accept_from(&mut self, index: usize) -> bool {
        for _ in 0..limits::ACCEPTS_PER_TURN {
            let Some(listener) = self.listeners.get_mut(index) else { return false };
            match listener.accept() {
                Ok((socket, peer)) => self.place(Arrival { listener: index, socket, peer }),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return false,
                // The connection died in the queue.
                Err(e) if matches!(e.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
                Err(e) => {
                    // Out of descriptors or memory (CONN-06): trying at once again would only burn the CPU.
                    log::warn!("cannot accept on {}: {e}; trying again soon", listener.address());
                    listener.paused = true;
                    let at = self.shared.world.hub.now + limits::ACCEPT_PAUSE;
                    self.shared.deadlines.insert(at, Deadline::Listener(index));
                    return false;
                }
            }
        }
        true
    }

    /// Takes a connection that was accepted here, unless it is for another loop.
    fn place(&mut self, arrival: Arrival) {
        let dealt = match &self.deal {
            Some(deal) => deal(arrival),
            None if self.accounts.open(arrival.peer) => Dealt::Own(arrival),
            None => Dealt::Refused,
        };
        match dealt {
            Dealt::Own(arrival) => self.install(arrival),
            Dealt::Sent => {}
            Dealt::Refused => self.shared.world.hub.metrics.refused += 1,
        }
    }

    /// Takes a connection that has been counted.
    fn install(&mut self, Arrival { listener, mut socket, peer }: Arrival) {
        if listener >= self.listeners.len() {
            // It was on its way when this loop began to drain.
            self.accounts.close(peer);
            self.check_drained();
            return;
        }
        let metrics = &mut self.shared.world.hub.metrics;
        metrics.accepted += 1;
        let handle = self.table.reserve();
        if let Err(e) = socket.register(self.poll.registry(), Token(handle.conn as usize)) {
            log::warn!("cannot watch a new connection: {e}");
            self.accounts.close(peer);
            self.table.remove(handle);
            return;
        }
        self.table.insert(handle, Box::new(Conn::new(socket, handle, Facts::plain(peer))));
        // Borrowed apart from `self` so that the connection can run beside it.
        let Some(acceptor) = self.listeners.get(listener).map(|l| &*l.acceptor) else { return };
        let Some(conn) = self.table.at(handle) else { return };
        let outcome = caught(conn, &mut self.shared, |conn, shared| conn.start(acceptor, shared));
        self.settle(handle, outcome);
    }

    fn expire(&mut self) {
        let now = self.shared.world.hub.now;
        while let Some(key) = self.shared.world.hub.timers.expire(now) {
            self.with_conn(key.handle, |conn, shared| conn.timeout(key.handle, key.which, shared));
        }
        while let Some(deadline) = self.shared.deadlines.expire(now) {
            match deadline {
                Deadline::Conn(handle) => self.with_conn(handle, Conn::expired),
                Deadline::Open(handle) => {
                    if let Some(connect) = self.take_delayed(handle) {
                        self.open(connect);
                    }
                }
                Deadline::Listener(index) => {
                    if let Some(listener) = self.listeners.get_mut(index) {
                        listener.paused = false;
                    }
                    self.accept_soon(index);
                }
                Deadline::Drain => self.state = State::Stopped,
            }
        }
    }

    /// Lets everybody who has something to do run once, and those that they woke.
    fn run_ready(&mut self) {
        let mut heavy = 0;
        for _ in 0..limits::WAKE_ROUNDS_PER_TURN {
            self.obey();
            if self.ready.is_empty() && !self.shared.world.hub.has_commands() {
                return;
            }
            for _ in 0..self.ready.len() {
                let Some(handle) = self.ready.pop_front() else { break };
                if let Some(conn) = self.table.at(handle) {
                    conn.queued = false;
                    self.with_conn(handle, Conn::run);
                }
                heavy += self.shared.world.hub.take_heavy();
                if heavy >= limits::HEAVY_STEPS_PER_TURN {
                    return;
                }
            }
        }
        self.obey();
    }

    /// Does what roles asked for while they ran.
    fn obey(&mut self) {
        if !self.shared.world.hub.has_commands() {
            return;
        }
        let mut commands = std::mem::take(&mut self.commands);
        self.shared.world.hub.swap_commands(&mut commands);
        for command in commands.drain(..) {
            match command {
                Command::Wake(handle) => {
                    if let Some(connect) = self.take_delayed(handle) {
                        self.open(connect);
                        continue;
                    }
                    let Some(conn) = self.table.at(handle) else { continue };
                    conn.woken(handle, &mut self.shared.world);
                    self.enqueue(Handle { sub: 0, ..handle });
                }
                Command::Connect(connect) => self.open_after(*connect),
                Command::Abort(handle) if handle.sub == 0 => {
                    if let Some(connect) = self.take_delayed(handle) {
                        self.give_up(connect, Closed::Aborted);
                        continue;
                    }
                    self.with_conn(handle, |conn, shared| conn.abandon(Closed::Aborted, shared));
                }
                Command::Abort(_) => {}
            }
        }
        self.commands = commands;
        self.lend_handles();
    }

    /// Opens a connection when it is time.
    fn open_after(&mut self, connect: Connect) {
        self.shared.world.hub.metrics.connects += 1;
        if connect.after.is_zero() || self.state != State::Running {
            return self.open(connect);
        }
        let at = self.shared.world.hub.now + connect.after;
        let id = self.shared.deadlines.insert(at, Deadline::Open(connect.handle));
        self.delayed.push((id, connect));
    }

    fn take_delayed(&mut self, handle: Handle) -> Option<Connect> {
        // Few at a time: the second and third address of a name.
        let at = self.delayed.iter().position(|(_, connect)| connect.handle == handle)?;
        let (id, connect) = self.delayed.swap_remove(at);
        self.shared.deadlines.cancel(id);
        Some(connect)
    }

    /// Begins to open a connection. Whatever fails is told to the role.
    fn open(&mut self, connect: Connect) {
        let Connect { handle, target, .. } = &connect;
        let socket = match self.state {
            State::Running if self.accounts.open(Peer::Memory) => {
                let socket = Socket::connect(target).and_then(|mut socket| {
                    socket.register(self.poll.registry(), Token(handle.conn as usize))?;
                    Ok(socket)
                });
                socket.map_err(|e| {
                    self.accounts.close(Peer::Memory);
                    connect_failure(&e)
                })
            }
            State::Running => Err(Closed::Exhausted),
            State::Draining | State::Stopped => Err(Closed::Shutdown),
        };
        match socket {
            Ok(socket) => {
                let Connect { handle, target, role, .. } = connect;
                let conn = Conn::connecting(socket, handle, facts_of(&target), role, &mut self.shared);
                self.table.insert(handle, Box::new(conn));
            }
            Err(why) => self.give_up(connect, why),
        }
    }

    /// A connection will not be opened: its role hears of that, and of nothing else.
    fn give_up(&mut self, connect: Connect, why: Closed) {
        let Connect { handle, target, role, .. } = connect;
        self.table.remove(handle);
        let world = &mut self.shared.world;
        world.hub.metrics.closed += 1;
        let told = catch_unwind(AssertUnwindSafe(|| {
            let facts = facts_of(&target);
            let place = &mut Place::new(world, handle, &facts);
            Hosted::waiting(role, place).close(place, why);
        }));
        self.shared.world.hub.metrics.panics += u64::from(told.is_err());
    }

    /// Nothing is opened any more.
    fn give_up_delayed(&mut self) {
        for (id, connect) in std::mem::take(&mut self.delayed) {
            self.shared.deadlines.cancel(id);
            self.give_up(connect, Closed::Shutdown);
        }
    }

    fn enqueue(&mut self, handle: Handle) {
        if let Some(conn) = self.table.at(handle)
            && !std::mem::replace(&mut conn.queued, true)
        {
            self.ready.push_back(handle);
        }
    }

    fn with_conn(&mut self, handle: Handle, f: impl FnOnce(&mut Conn, &mut Shared) -> Outcome) {
        let Some(conn) = self.table.at(handle) else { return };
        let outcome = caught(conn, &mut self.shared, f);
        self.settle(Handle { sub: 0, ..handle }, outcome);
    }

    fn settle(&mut self, handle: Handle, outcome: Outcome) {
        match outcome {
            Outcome::Wait => {}
            Outcome::Again => self.enqueue(handle),
            Outcome::Gone => {
                let Some(mut conn) = self.table.remove(handle) else { return };
                conn.release(&mut self.shared);
                conn.socket().deregister(self.poll.registry());
                self.accounts.close(conn.account());
                self.shared.world.hub.metrics.closed += 1;
                self.check_drained();
            }
        }
    }

    fn check_drained(&mut self) {
        if self.state == State::Draining && self.accounts.is_empty() {
            self.state = State::Stopped;
        }
    }

    fn note_turn(&mut self, began: Time) {
        let us = u64::try_from(self.clock.now().since(began).as_micros()).unwrap_or(u64::MAX);
        let metrics = &mut self.shared.world.hub.metrics;
        metrics.turns += 1;
        metrics.longest_turn_us = metrics.longest_turn_us.max(us);
    }
}

/// What is known about a connection of ours before there is one.
fn facts_of(target: &Target) -> Facts {
    Facts::plain(match target {
        Target::Inet(addr) => Peer::Inet(*addr),
        Target::Unix(_) => Peer::Unix,
    })
}

/// Runs code that serves one connection; a panic in it costs that connection only.
fn caught(
    conn: &mut Conn,
    shared: &mut Shared,
    f: impl FnOnce(&mut Conn, &mut Shared) -> Outcome,
) -> Outcome {
    if let Ok(outcome) = catch_unwind(AssertUnwindSafe(|| f(conn, shared))) {
        return outcome;
    }
    panicked(conn, shared)
}

/// Ends a connection whose code has panicked.
#[cold]
fn panicked(conn: &mut Conn, shared: &mut Shared) -> Outcome {
    shared.world.hub.metrics.panics += 1;
    // What it wanted sent is nobody else's.
    drop(shared.world.hub.take_bulk());
    // The read buffer may have been on loan when the stack unwound.
    if shared.rx.is_empty() {
        shared.rx = Shared::new_rx();
    }
    let said_goodbye = catch_unwind(AssertUnwindSafe(|| conn.abandon(Closed::Panicked, shared)));
    said_goodbye.unwrap_or(Outcome::Gone)
}

impl AsFd for Service {
    /// The one descriptor behind which all sockets and wake-ups are: readable when a turn has something to do.
    fn as_fd(&self) -> BorrowedFd<'_> {
        let fd = self.poll.as_raw_fd();
        // mio lends its descriptor only as a number.
        #[expect(unsafe_code, reason = "the one place that turns mio's number into a borrowed descriptor")]
        // SAFETY: `self.poll` keeps the descriptor open, and the result borrows `self`.
        unsafe {
            BorrowedFd::borrow_raw(fd)
        }
    }
}

impl AsRawFd for Service {
    fn as_raw_fd(&self) -> RawFd {
        self.poll.as_raw_fd()
    }
}

impl Drop for Service {
    /// Tells every protocol that its connections are gone.
    fn drop(&mut self) {
        self.mailbox.close();
        for arrival in self.mailbox.take().arrivals {
            self.accounts.close(arrival.peer);
        }
        for handle in self.table.handles() {
            self.with_conn(handle, |conn, shared| conn.abandon(Closed::Shutdown, shared));
        }
        // Nothing is opened any more; those who wanted it hear of that. Who then wants it again does not.
        self.state = State::Stopped;
        self.obey();
        self.give_up_delayed();
    }
}
