//! One connection: a socket, the role that speaks on it, and what either of them could not take yet.
//!
//! ```text
//!            readable                       takes less            kernel refuses
//!   socket ───────────▶ rx (shared) ──▶ role ─────────▶ stash      cork ────────▶ pending
//!   socket ◀──────────────────────────────────────── cork (shared) ◀── role
//! ```
//! Idle, it owns no buffer. While `pending` holds output, the role is neither read for nor asked to speak.

use crate::limits;
use crate::pending::Pending;
use crate::shared::Shared;
use crate::socket::Socket;
use lws_role::limits::{OFFER_BYTES, OUT_BYTES, STASH_BYTES};
use lws_role::{Acceptor, Closed, Facts, Handle, Hosted, Peer, Place, Role, Source, Timer, World};
use lws_timer::TimerId;
use lws_wire::{Out, Stash};
use std::io::ErrorKind;

/// What the loop does with a connection after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It waits for the kernel, a deadline or a wake.
    Wait,
    /// It used up its turn and has more to do.
    Again,
    /// It is over.
    Gone,
}

pub(crate) struct Conn {
    socket: Socket,
    handle: Handle,
    facts: Facts,
    /// `None` once the conversation is over and only the goodbye is left.
    hosted: Option<Hosted>,
    stash: Stash,
    pending: Option<Box<Pending>>,
    /// The peer must read, or be gone, by then. Set while output waits and while we linger.
    deadline: Option<TimerId>,
    /// Bytes thrown away since we closed our side.
    discarded: u32,
    /// The kernel may have input for us.
    readable: bool,
    /// The kernel may take output from us.
    writable: bool,
    /// The kernel has given the connection up; what it received before can still be read.
    broken: bool,
    /// The role holds back what is in the stash.
    held: bool,
    /// The stash is counted as a large one.
    large: bool,
    input: Input,
    origin: Origin,
    /// It stands in the loop's queue already.
    pub(crate) queued: bool,
}

/// Who opened it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Peer,
    /// We did. `hosted` has not been started: there is no stream yet.
    Connecting,
    /// We did, and the stream is there.
    Connected,
}

/// Whether more input can come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Input {
    Open,
    /// The peer has said that it will send no more; there may be bytes in front of that.
    Closing,
    /// The end has been read.
    Ended,
    /// The end has been read and the role was told.
    Told,
}

impl Conn {
    pub(crate) fn new(socket: Socket, handle: Handle, facts: Facts) -> Self {
        Self {
            socket,
            handle,
            facts,
            hosted: None,
            stash: Stash::new(),
            pending: None,
            deadline: None,
            discarded: 0,
            readable: false,
            writable: true,
            broken: false,
            held: false,
            large: false,
            input: Input::Open,
            origin: Origin::Peer,
            queued: false,
        }
    }

    /// A connection that is being opened, and who will speak on it.
    pub(crate) fn connecting(
        socket: Socket,
        handle: Handle,
        facts: Facts,
        role: Box<dyn Role>,
        shared: &mut Shared,
    ) -> Self {
        let mut this = Self::new(socket, handle, facts);
        this.origin = Origin::Connecting;
        // Until the kernel says otherwise.
        this.writable = false;
        this.hosted = Some(Hosted::waiting(role, &mut Place::new(&mut shared.world, handle, &this.facts)));
        this.set_deadline(limits::CONNECT_TIMEOUT, shared);
        this
    }

    /// Whom it is counted for: connections that we open are no peer's doing.
    pub(crate) fn account(&self) -> Peer {
        if self.origin == Origin::Peer { self.facts.peer } else { Peer::Memory }
    }

    pub(crate) fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }

    /// Notes what the kernel said.
    pub(crate) fn ready(&mut self, readable: bool, writable: bool, closing: bool, broken: bool) {
        let closing = closing || broken;
        self.readable |= readable || closing;
        self.writable |= writable;
        self.broken |= broken;
        if closing && self.input == Input::Open {
            self.input = Input::Closing;
        }
    }

    /// Gives the stream to its first role.
    pub(crate) fn start(&mut self, acceptor: &dyn Acceptor, shared: &mut Shared) -> Outcome {
        let role = acceptor.accept(&self.facts);
        let Shared { world, cork, .. } = shared;
        let mut out = Out::new(&mut cork[..OUT_BYTES]);
        let (hosted, closed) =
            Hosted::start(role, &mut Place::new(world, self.handle, &self.facts), &mut out);
        let n = out.len();
        self.hosted = Some(hosted);
        let sent = self.send(n, shared).and_then(|()| closed.map_or(Ok(()), Err));
        self.settle(sent.map(|()| Outcome::Wait), shared)
    }

    /// One bounded run: sends what waits, lets the role hear and speak, reads more.
    pub(crate) fn run(&mut self, shared: &mut Shared) -> Outcome {
        if self.origin == Origin::Connecting {
            return self.finish_connecting(shared);
        }
        let result = if self.hosted.is_some() { self.converse(shared) } else { Ok(self.linger(shared)) };
        self.settle(result, shared)
    }

    /// The kernel has said something about a connection that is being opened.
    fn finish_connecting(&mut self, shared: &mut Shared) -> Outcome {
        match self.socket.connected() {
            Ok(true) => {}
            Ok(false) => return Outcome::Wait,
            Err(e) => return self.abandon(connect_failure(&e), shared),
        }
        self.origin = Origin::Connected;
        self.writable = true;
        self.release(shared);
        let result = self.interject(self.handle, shared, Hosted::begin);
        self.settle(result, shared)
    }

    /// A deadline of one of the role's streams passed.
    pub(crate) fn timeout(&mut self, handle: Handle, which: Timer, shared: &mut Shared) -> Outcome {
        let result = self.interject(handle, shared, |hosted, place, out| hosted.timeout(place, which, out));
        self.settle(result, shared)
    }

    /// The service is going away.
    pub(crate) fn drain(&mut self, shared: &mut Shared) -> Outcome {
        if self.origin == Origin::Connecting {
            return self.abandon(Closed::Shutdown, shared);
        }
        let result = self.interject(self.handle, shared, Hosted::drain);
        self.settle(result, shared)
    }

    /// Somebody woke one of the role's streams.
    pub(crate) fn woken(&mut self, handle: Handle, world: &mut World) {
        // Who has not been started yet will be: nothing is missed.
        if self.origin != Origin::Connecting
            && let Some(hosted) = &mut self.hosted
        {
            hosted.woken(&mut Place::new(world, handle, &self.facts));
        }
    }

    /// Our own deadline passed: the peer does not read, or does not close.
    pub(crate) fn expired(&mut self, shared: &mut Shared) -> Outcome {
        self.deadline = None;
        if self.origin == Origin::Connecting {
            return self.abandon(Closed::Timeout, shared);
        }
        let Some(pending) = &mut self.pending else { return Outcome::Gone };
        if pending.take_moved() >= limits::SEND_STALL.as_secs() * limits::SEND_RATE_BYTES_S {
            self.set_deadline(limits::SEND_STALL, shared);
            return Outcome::Wait;
        }
        self.abandon(Closed::Timeout, shared)
    }

    /// Ends it at once.
    pub(crate) fn abandon(&mut self, why: Closed, shared: &mut Shared) -> Outcome {
        self.goodbye(why, shared);
        self.socket.reset_on_close();
        Outcome::Gone
    }

    /// Gives back what the loop had lent. The last call.
    pub(crate) fn release(&mut self, shared: &mut Shared) {
        if let Some(id) = self.deadline.take() {
            shared.deadlines.cancel(id);
        }
        if let Some(pending) = self.pending.take() {
            shared.large_keeps -= u32::from(pending.is_large());
            pending.release(&mut shared.world.hub.blocks);
        }
    }

    fn converse(&mut self, shared: &mut Shared) -> Result<Outcome, Closed> {
        let (mut reads, mut read, mut written) = (0, 0, 0);
        loop {
            self.flush(shared)?;
            if self.pending.is_some() {
                // A bulk is sent in turns.
                return Ok(if self.writable { Outcome::Again } else { Outcome::Wait });
            }
            // Reading comes first: an offer lets the role speak, too, and who always has something to say still hears.
            let may_read = reads < limits::READS_PER_RUN && read < limits::READ_BYTES_PER_RUN;
            if self.readable && !self.held && may_read {
                reads += 1;
                read += self.read(shared)?;
                continue;
            }
            let waiting = self.held && !self.stash.is_empty();
            if waiting || self.hosted.as_ref().is_some_and(Hosted::wants_write) {
                let (consumed, sent) = self.offer_stash(shared)?;
                written += sent;
                if written > limits::WRITE_BYTES_PER_RUN {
                    return Ok(Outcome::Again);
                }
                if consumed + sent > 0 {
                    continue;
                }
            }
            if self.input == Input::Ended && !self.held {
                self.input = Input::Told;
                self.interject(self.handle, shared, |hosted, place, out| hosted.ended(place, false, out))?;
                continue;
            }
            return match (self.held, self.readable) {
                // Nobody reads, so nobody else would find out.
                (true, _) if self.broken => Err(Closed::Lost),
                (false, true) => Ok(Outcome::Again),
                _ => Ok(Outcome::Wait),
            };
        }
    }

    /// Reads once into the shared buffer and offers what came. Returns how much that was.
    fn read(&mut self, shared: &mut Shared) -> Result<usize, Closed> {
        let mut rx = std::mem::take(&mut shared.rx);
        let result = self.read_into(&mut rx, shared);
        shared.rx = rx;
        result
    }

    fn read_into(&mut self, rx: &mut [u8], shared: &mut Shared) -> Result<usize, Closed> {
        let kept = self.stash.len();
        let most = shared.offer_bytes().saturating_sub(kept).max(1);
        let n = match self.socket.read(&mut rx[STASH_BYTES..STASH_BYTES + most]) {
            Ok(0) => {
                self.readable = false;
                // Every edge that follows shows the end again.
                if self.input != Input::Told {
                    self.input = Input::Ended;
                }
                return Ok(0);
            }
            Ok(n) => n,
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                self.readable = false;
                return Ok(0);
            }
            Err(_) => return Err(Closed::Lost),
        };
        // A short read has emptied the socket, and the next byte makes an edge; but an end that was announced
        // already makes none.
        self.readable = n == most || self.input == Input::Closing;
        shared.world.hub.metrics.rx_bytes += n as u64;
        let taken = if kept <= n.min(STASH_BYTES) {
            self.offer_behind_kept(&mut rx[STASH_BYTES - kept..STASH_BYTES + n], shared)?
        } else {
            self.stash.push(&rx[STASH_BYTES..STASH_BYTES + n]);
            self.offer_stash(shared)?.0
        };
        // A role that needs more than this before it takes anything never will.
        let is_full = taken == 0 && kept + n >= STASH_BYTES;
        if is_full && !self.held && self.pending.is_none() { Err(Closed::Limit) } else { Ok(n) }
    }

    /// Offers what came, which has room in front for what was kept: the smaller part is moved. Returns what was taken.
    fn offer_behind_kept(&mut self, input: &mut [u8], shared: &mut Shared) -> Result<usize, Closed> {
        if !self.stash.is_empty() {
            let kept = self.stash.bytes_mut();
            let n = kept.len();
            input[..n].copy_from_slice(kept);
            self.stash.consume(n);
        }
        let (taken, _) = self.offer(input, shared)?;
        if taken < input.len() {
            self.stash.push(&input[taken..]);
        }
        self.count_stash(shared);
        Ok(taken)
    }

    fn offer_stash(&mut self, shared: &mut Shared) -> Result<(usize, usize), Closed> {
        let mut stash = std::mem::take(&mut self.stash);
        let result = self.offer(stash.bytes_mut(), shared);
        stash.consume(result.as_ref().map_or(0, |(consumed, _)| *consumed));
        self.stash = stash;
        self.count_stash(shared);
        result
    }

    /// Counts the stash as a large one, until its memory is given back.
    #[inline]
    fn count_stash(&mut self, shared: &mut Shared) {
        let large = self.stash.len() > OFFER_BYTES || self.large && !self.stash.is_empty();
        if large != self.large {
            self.large = large;
            shared.large_keeps = if large { shared.large_keeps + 1 } else { shared.large_keeps - 1 };
        }
    }

    /// Runs the role to quiescence within one empty cork, and sends the cork. Returns bytes consumed and produced.
    #[inline]
    fn offer(&mut self, input: &mut [u8], shared: &mut Shared) -> Result<(usize, usize), Closed> {
        let Some(hosted) = &mut self.hosted else { return Ok((input.len(), 0)) };
        // Who says little is answered with little: what the kernel refuses of it is kept.
        let room = if input.len() > OFFER_BYTES { shared.offer_bytes() } else { OUT_BYTES };
        let Shared { world, cork, .. } = shared;
        let mut out = Out::new(&mut cork[..room]);
        let mut place = Place::new(world, self.handle, &self.facts).with_bulk(Socket::SENDS);
        let ran = hosted.run(&mut place, input, &mut out);
        let n = out.len();
        if n == 0 {
            hosted.void_want_write();
        }
        self.held = ran.held && ran.consumed < input.len();
        self.send(n, shared)?;
        ran.closed.map_or(Ok((ran.consumed, n)), Err)
    }

    /// Lets the role say something out of turn, behind whatever waits.
    fn interject(
        &mut self,
        handle: Handle,
        shared: &mut Shared,
        f: impl FnOnce(&mut Hosted, &mut Place<'_>, &mut Out<'_>) -> Option<Closed>,
    ) -> Result<Outcome, Closed> {
        let Some(hosted) = &mut self.hosted else { return Ok(Outcome::Wait) };
        let Shared { world, cork, .. } = shared;
        let waits = self.pending.is_some();
        let mut place = Place::new(world, handle, &self.facts).with_output_waiting(waits);
        let closed = if let Some(pending) = &mut self.pending {
            pending.append(|out| f(hosted, &mut place, out))
        } else {
            let mut out = Out::new(&mut cork[..OUT_BYTES]);
            let closed = f(hosted, &mut place, &mut out);
            let n = out.len();
            self.send(n, shared)?;
            closed
        };
        closed.map_or(Ok(Outcome::Again), Err)
    }

    /// Sends the first `n` bytes of the cork; keeps what the kernel refuses, and the bulk that comes behind them.
    fn send(&mut self, n: usize, shared: &mut Shared) -> Result<(), Closed> {
        let more = shared.world.hub.has_bulk();
        let sent = match n {
            0 if !more => return Ok(()),
            0 => 0,
            _ => match self.socket.write(&shared.cork[..n], more) {
                Ok(sent) => sent,
                Err(e) if e.kind() == ErrorKind::WouldBlock => 0,
                Err(_) => return Err(Closed::Lost),
            },
        };
        shared.world.hub.metrics.tx_bytes += sent as u64;
        if sent < n || more {
            self.keep(sent, n, shared);
        }
        Ok(())
    }

    /// Keeps what is in the cork from `sent` to `n`, and the bulk that comes behind it.
    #[inline(never)] // what is small is mostly taken
    fn keep(&mut self, sent: usize, n: usize, shared: &mut Shared) {
        self.writable &= sent == n;
        let hub = &mut shared.world.hub;
        let bulk = hub.take_bulk();
        let pending = Pending::new(&shared.cork[sent..n], &mut hub.blocks).with_bulk(bulk);
        shared.large_keeps += u32::from(pending.is_large());
        self.pending = Some(Box::new(pending));
        self.set_deadline(limits::SEND_STALL, shared);
    }

    /// Sends what waits, as far as the kernel takes it.
    fn flush(&mut self, shared: &mut Shared) -> Result<(), Closed> {
        let Some(pending) = &mut self.pending else { return Ok(()) };
        while self.writable && !pending.waiting().is_empty() {
            match self.socket.write(pending.waiting(), false) {
                Ok(n) => {
                    pending.sent(n);
                    shared.world.hub.metrics.tx_bytes += n as u64;
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => self.writable = false,
                Err(_) => return Err(Closed::Lost),
            }
        }
        if pending.bulk().is_some() {
            self.flush_bulk(shared)?;
        }
        if self.pending.as_ref().is_some_and(|pending| pending.is_empty()) {
            self.release(shared);
        }
        Ok(())
    }

    /// Sends a bounded part of the bulk that waits.
    fn flush_bulk(&mut self, shared: &mut Shared) -> Result<(), Closed> {
        let Some(pending) = &mut self.pending else { return Ok(()) };
        let mut left = limits::BULK_BYTES_PER_RUN;
        while self.writable && left > 0 && pending.waiting().is_empty() {
            let Some(bulk) = pending.bulk() else { return Ok(()) };
            let most = usize::try_from(bulk.len).map_or(left, |len| len.min(left));
            let sent = match &bulk.source {
                Source::File(file) => match file.downcast_ref() {
                    Some(file) => self.socket.write_file(file, bulk.at, most),
                    None => return Err(Closed::Aborted),
                },
                Source::Bytes(bytes) => {
                    let from = usize::try_from(bulk.at).unwrap_or(usize::MAX);
                    let rest = bytes.get(from..).unwrap_or_default();
                    self.socket.write(&rest[..rest.len().min(most)], false)
                }
            };
            match sent {
                // PATH-08: the source has shrunk, and a part of what was promised is not there.
                Ok(0) => return Err(Closed::Aborted),
                Ok(n) => {
                    left = left.saturating_sub(n);
                    shared.world.hub.metrics.tx_bytes += n as u64;
                    if pending.bulk_sent(n)
                        && let Some(hosted) = &mut self.hosted
                    {
                        hosted.bulk_sent();
                    }
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => self.writable = false,
                Err(_) => return Err(Closed::Lost),
            }
        }
        Ok(())
    }

    /// Does what a run's result says: a conversation that is over is closed.
    fn settle(&mut self, result: Result<Outcome, Closed>, shared: &mut Shared) -> Outcome {
        let why = match result {
            Ok(outcome) => return outcome,
            Err(why) => why,
        };
        if why.is_abrupt() {
            return self.abandon(why, shared);
        }
        self.goodbye(why, shared);
        match self.linger(shared) {
            // An idle connection at the end of the service: nobody waits for bytes of ours.
            Outcome::Wait if why == Closed::Shutdown && self.pending.is_none() => Outcome::Gone,
            outcome => outcome,
        }
    }

    /// Tells the role that its stream is gone.
    fn goodbye(&mut self, why: Closed, shared: &mut Shared) {
        let Some(hosted) = self.hosted.take() else { return };
        let metrics = &mut shared.world.hub.metrics;
        match why {
            Closed::Timeout => metrics.timeouts += 1,
            Closed::Protocol | Closed::Limit => metrics.protocol_errors += 1,
            _ => {}
        }
        self.stash = Stash::new();
        self.count_stash(shared);
        hosted.close(&mut Place::new(&mut shared.world, self.handle, &self.facts), why);
    }

    /// Sends the rest, closes our side, and waits a bounded time for the peer to close its own: a close while input
    /// is unread would be a reset, and could take our last bytes with it.
    fn linger(&mut self, shared: &mut Shared) -> Outcome {
        if self.flush(shared).is_err() {
            return Outcome::Gone;
        }
        if self.pending.is_some() {
            return if self.writable { Outcome::Again } else { Outcome::Wait };
        }
        if self.deadline.is_none() {
            self.socket.shutdown_write();
            self.set_deadline(limits::LINGER, shared);
        }
        loop {
            match self.socket.read(&mut shared.rx) {
                Ok(0) => return Outcome::Gone,
                Ok(n) => self.discarded = self.discarded.saturating_add(u32::try_from(n).unwrap_or(u32::MAX)),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Outcome::Wait,
                Err(_) => return Outcome::Gone,
            }
            if self.discarded as usize > limits::LINGER_BYTES {
                self.socket.reset_on_close();
                return Outcome::Gone;
            }
        }
    }

    #[inline(never)] // rare, and it has many callers
    fn set_deadline(&mut self, after: std::time::Duration, shared: &mut Shared) {
        let at = shared.world.hub.now + after;
        let handle = self.handle;
        let id = shared.deadlines.insert(at, crate::shared::Deadline::Conn(handle));
        if let Some(old) = self.deadline.replace(id) {
            shared.deadlines.cancel(old);
        }
    }
}

/// What it means that a connection cannot be opened.
pub(crate) fn connect_failure(e: &std::io::Error) -> Closed {
    match e.kind() {
        // A unix listener whose queue is full would have to be waited for, and nothing tells when.
        ErrorKind::ConnectionRefused | ErrorKind::WouldBlock => Closed::Refused,
        ErrorKind::TimedOut => Closed::Timeout,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Closed::Lost,
        ErrorKind::OutOfMemory | ErrorKind::AddrNotAvailable => Closed::Exhausted,
        // ENFILE and EMFILE, which have no kind of their own, are these numbers everywhere.
        _ if matches!(e.raw_os_error(), Some(23 | 24)) => Closed::Exhausted,
        _ => Closed::Unreachable,
    }
}

#[cfg(test)]
mod tests;
