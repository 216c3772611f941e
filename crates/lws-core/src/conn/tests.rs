//! What depends on the driver's own deadlines, without waiting for them: the clock is moved by hand.

use super::*;
use crate::shared::Deadline;
use lws_role::{Cx, Next, Role, Step};
use lws_wire::Time;
use mio::net::UnixStream;
use std::cell::RefCell;
use std::io::Read;
use std::rc::Rc;
use std::time::Duration;

mod large;

/// Says so many bytes, then closes or stays.
struct Speaker {
    left: usize,
    closes: bool,
    why: Rc<RefCell<Option<Closed>>>,
}

impl Role for Speaker {
    fn name(&self) -> &'static str {
        "speaker"
    }
    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        cx.want_write();
        Next::Stay
    }
    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        Step::stay(input.len())
    }
    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let left = self.left;
        self.left -= out.fill(|room| left.min(room.len()));
        match self.left {
            0 if self.closes => return Next::Close(Closed::Done),
            0 => {}
            _ => cx.want_write(),
        }
        Next::Stay
    }
    fn closed(&mut self, _cx: &mut Cx<'_>, why: Closed) {
        *self.why.borrow_mut() = Some(why);
    }
}

impl Acceptor for Speaker {
    fn alpn(&self) -> &'static [u8] {
        b"speaker"
    }
    fn accept(&self, _facts: &Facts) -> Box<dyn Role> {
        Box::new(Self { why: Rc::clone(&self.why), ..*self })
    }
}

/// One connection, its other end, and the time.
struct Bench {
    conn: Conn,
    peer: UnixStream,
    shared: Shared,
    why: Rc<RefCell<Option<Closed>>>,
}

impl Bench {
    /// A connection that has said what the kernel takes.
    fn new(left: usize, closes: bool) -> Self {
        let why = Rc::default();
        let mut this = Self::of(&Speaker { left, closes, why: Rc::clone(&why) });
        this.why = why;
        this
    }

    fn of(acceptor: &dyn Acceptor) -> Self {
        let (ours, peer) = UnixStream::pair().unwrap();
        let mut shared = Shared::new(Time::ZERO);
        let handle = Handle { conn: 0, generation: 0, sub: 0 };
        let mut conn = Conn::new(Socket::Unix(ours), handle, Facts::plain(lws_role::Peer::Unix));
        assert_eq!(conn.start(acceptor, &mut shared), Outcome::Wait);
        let mut this = Self { conn, peer, shared, why: Rc::default() };
        this.run();
        this
    }

    /// Runs until it waits, or is gone.
    fn run(&mut self) -> Outcome {
        loop {
            match self.conn.run(&mut self.shared) {
                Outcome::Again => {}
                outcome => return outcome,
            }
        }
    }

    /// The peer reads up to so many bytes, if there are any, and the kernel says that there is room.
    fn read(&mut self, most: usize) -> usize {
        let mut some = vec![0; most];
        let mut n = 0;
        while n < most
            && let Ok(more @ 1..) = self.peer.read(&mut some[n..])
        {
            n += more;
        }
        self.conn.ready(false, true, false, false);
        n
    }

    /// Time passes. What becomes of a deadline that expires; `None` if none does.
    fn pass(&mut self, time: Duration) -> Option<Outcome> {
        self.shared.world.hub.now = self.shared.world.hub.now + time;
        let now = self.shared.world.hub.now;
        let expired = self.shared.deadlines.expire(now)?;
        assert!(matches!(expired, Deadline::Conn(_)));
        Some(self.conn.expired(&mut self.shared))
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn conn_03_a_peer_that_reads_nothing() {
    let mut bench = Bench::new(10_000_000, false);
    assert!(bench.conn.pending.is_some());
    assert_eq!(bench.pass(limits::SEND_STALL - SECOND), None);
    assert_eq!(bench.pass(2 * SECOND), Some(Outcome::Gone));
    assert_eq!(*bench.why.borrow(), Some(Closed::Timeout));
    assert_eq!(bench.shared.world.hub.metrics.timeouts, 1);
    bench.conn.release(&mut bench.shared);
    assert!(bench.shared.deadlines.is_empty() && bench.shared.world.hub.timers.is_empty());
}

#[test]
fn conn_03_a_peer_that_reads_too_little() {
    // The kernel shows progress only in steps: one that is too small for the time it took.
    let mut bench = Bench::new(10_000_000, false);
    let least = limits::SEND_STALL.as_secs() * limits::SEND_RATE_BYTES_S;
    bench.conn.pending.as_mut().unwrap().sent(least as usize - 1);
    assert_eq!(bench.pass(limits::SEND_STALL + SECOND), Some(Outcome::Gone));
    assert_eq!(*bench.why.borrow(), Some(Closed::Timeout));
}

#[test]
fn conn_03_a_peer_that_reads_slowly_but_enough() {
    let mut bench = Bench::new(3_000_000, false);
    while bench.conn.pending.is_some() {
        assert!(bench.read(100_000) > 0);
        assert_eq!(bench.run(), Outcome::Wait);
        assert!(!matches!(bench.pass(limits::SEND_STALL - SECOND), Some(Outcome::Gone)));
    }
    assert_eq!(*bench.why.borrow(), None);
    assert!(bench.shared.deadlines.is_empty(), "nothing waits, so nothing is watched");
}

#[test]
fn a_deadline_belongs_to_one_block() {
    // Each time the kernel has taken all, the next refusal begins anew.
    let mut bench = Bench::new(1_000_000, false);
    let first = bench.conn.deadline;
    assert!(bench.read(500_000) > 100_000);
    bench.run();
    assert!(bench.conn.pending.is_some() && bench.conn.deadline != first);
    assert_eq!(bench.shared.deadlines.len(), 1);
}

#[test]
fn a_lingering_connection_ends_when_the_peer_does_or_at_its_deadline() {
    let mut bench = Bench::new(1_000, true);
    assert_eq!(*bench.why.borrow(), Some(Closed::Done), "the role is done");
    assert_eq!(bench.read(2_000), 1_000);
    assert_eq!(bench.peer.read(&mut [0; 1]).unwrap(), 0, "our side is closed");
    assert_eq!(bench.pass(limits::LINGER - SECOND), None);
    assert_eq!(bench.pass(2 * SECOND), Some(Outcome::Gone));
    // The peer closes, too.
    let mut bench = Bench::new(1_000, true);
    bench.peer.shutdown(std::net::Shutdown::Write).unwrap();
    bench.conn.ready(true, false, true, false);
    assert_eq!(bench.run(), Outcome::Gone);
}

#[test]
fn a_lingering_connection_still_says_its_last_words() {
    let mut bench = Bench::new(1_000_000, true);
    let mut total = 0;
    while total < 1_000_000 {
        total += bench.read(50_000);
        bench.run();
        bench.pass(SECOND);
    }
    assert_eq!((total, *bench.why.borrow()), (1_000_000, Some(Closed::Done)));
    assert_eq!(bench.peer.read(&mut [0; 1]).unwrap(), 0);
    // And a peer that does not read them is not waited for.
    let mut bench = Bench::new(500_000, true);
    while bench.conn.hosted.is_some() {
        assert!(bench.read(50_000) > 0);
        bench.run();
    }
    assert!(bench.conn.pending.is_some());
    // What it read before may have counted for the first time.
    let twice = [(); 2].map(|()| bench.pass(limits::SEND_STALL + SECOND));
    assert!(twice.contains(&Some(Outcome::Gone)), "{twice:?}");
}

#[test]
fn a_flood_behind_the_close_is_cut_off() {
    use std::io::Write;
    let mut bench = Bench::new(10, true);
    let mut outcome = Outcome::Wait;
    let mut sent = 0;
    while outcome == Outcome::Wait {
        sent += bench.peer.write(&[0; 10_000]).unwrap();
        bench.conn.ready(true, false, false, false);
        outcome = bench.run();
        assert!(sent <= limits::LINGER_BYTES + 20_000, "{sent}");
    }
    assert!(sent > limits::LINGER_BYTES);
}

/// The time that connecting may take is over.
fn expire(conn: &mut Conn, shared: &mut Shared) -> Outcome {
    assert!(shared.deadlines.expire(Time::ZERO + (limits::CONNECT_TIMEOUT - SECOND)).is_none());
    assert!(shared.deadlines.expire(Time::ZERO + (limits::CONNECT_TIMEOUT + SECOND)).is_some());
    conn.expired(shared)
}

#[test]
fn a_connection_that_does_not_come_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = lws_role::Target::Inet(listener.local_addr().unwrap());
    /// How it ends, and what the role is told.
    type End = (fn(&mut Conn, &mut Shared) -> Outcome, Closed);
    let ends: [End; 2] = [(expire, Closed::Timeout), (Conn::drain, Closed::Shutdown)];
    for (end, expected) in ends {
        let mut bench = Bench::new(0, false);
        let role = Speaker { left: 1, closes: false, why: Rc::default() };
        let why = Rc::clone(&role.why);
        let handle = Handle { conn: 1, generation: 0, sub: 0 };
        let facts = Facts::plain(lws_role::Peer::Memory);
        let socket = Socket::connect(&target).unwrap();
        let mut conn = Conn::connecting(socket, handle, facts, Box::new(role), &mut bench.shared);
        // A wake is no start.
        conn.woken(handle, &mut bench.shared.world);
        assert_eq!(bench.shared.deadlines.len(), 1);
        assert_eq!(end(&mut conn, &mut bench.shared), Outcome::Gone);
        assert_eq!(*why.borrow(), Some(expected));
        conn.release(&mut bench.shared);
        assert!(bench.shared.deadlines.is_empty());
    }
}
