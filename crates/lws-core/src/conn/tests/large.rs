//! Large things: what the host sends from where it lies, and what it keeps beyond the ordinary.

use super::*;
use lws_role::Bulk;
use lws_role::limits::LARGE_OFFER_BYTES;
use std::io::Write;

const BYTES: usize = 3_000_017;

/// Says `<`, memory that it hands over, and `>`.
#[derive(Clone)]
struct Handing {
    bytes: Rc<Vec<u8>>,
    handed: bool,
    notes: Rc<RefCell<Vec<String>>>,
}

impl Handing {
    fn new() -> Self {
        let bytes = (0..BYTES).map(|n| (n % 251) as u8).collect();
        Self { bytes: Rc::new(bytes), handed: false, notes: Rc::default() }
    }

    fn whole(&self) -> Vec<u8> {
        [b"<", &self.bytes[..], b">"].concat()
    }
}

impl Role for Handing {
    fn name(&self) -> &'static str {
        "handing"
    }
    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        cx.want_write();
        Next::Stay
    }
    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        self.notes.borrow_mut().push(format!("heard {}", input.len()));
        Step::stay(input.len())
    }
    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        if std::mem::replace(&mut self.handed, true) {
            assert!(out.put(b">"));
            return Next::Close(Closed::Done);
        }
        assert!(out.put(b"<"));
        let source = Source::Bytes(Rc::clone(&self.bytes));
        cx.send_bulk(Bulk { source, at: 0, len: BYTES as u64 });
        Next::Stay
    }
    fn drain(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.notes.borrow_mut().push(format!("drain, room {}, waits: {}", out.room(), cx.output_waits()));
        Next::Stay
    }
    fn closed(&mut self, _cx: &mut Cx<'_>, why: Closed) {
        self.notes.borrow_mut().push(format!("{why:?}"));
    }
}

impl Acceptor for Handing {
    fn alpn(&self) -> &'static [u8] {
        b"handing"
    }
    fn accept(&self, _facts: &Facts) -> Box<dyn Role> {
        Box::new(self.clone())
    }
}

#[test]
fn memory_goes_out_behind_what_was_written_and_before_what_follows() {
    let role = Handing::new();
    let mut bench = Bench::of(&role);
    let (mut got, mut some) = (Vec::new(), vec![0; 70_000]);
    bench.peer.write_all(b"hello").unwrap();
    bench.conn.ready(true, false, false, false);
    while got.len() < BYTES + 2 {
        bench.run();
        if role.notes.borrow().is_empty() {
            assert_eq!(bench.conn.drain(&mut bench.shared), Outcome::Again);
        }
        let n = bench.peer.read(&mut some).unwrap();
        got.extend_from_slice(&some[..n]);
        bench.conn.ready(false, true, false, false);
    }
    assert!(got == role.whole(), "nothing came between");
    assert_eq!(bench.peer.read(&mut some).unwrap(), 0);
    let notes = role.notes.borrow();
    assert_eq!(notes[..], ["drain, room 0, waits: true", "heard 5", "Done"], "not read for meanwhile");
    assert_eq!(Rc::strong_count(&role.bytes), 1, "nobody has it any more");
    assert_eq!(bench.shared.world.hub.metrics.tx_bytes, BYTES as u64 + 2);
}

#[test]
fn conn_03_a_peer_that_does_not_read_memory() {
    let role = Handing::new();
    let mut bench = Bench::of(&role);
    assert_eq!(Rc::strong_count(&role.bytes), 3, "here, the role, the host");
    // What the kernel took counts for the first time.
    assert_eq!(bench.pass(limits::SEND_STALL + SECOND), Some(Outcome::Wait));
    assert_eq!(bench.pass(limits::SEND_STALL + SECOND), Some(Outcome::Gone));
    bench.conn.release(&mut bench.shared);
    assert_eq!(role.notes.borrow()[..], ["Timeout"]);
    assert_eq!(Rc::strong_count(&role.bytes), 1);
}

#[test]
fn a_peer_that_goes_away_in_the_middle_of_memory() {
    let role = Handing::new();
    let mut bench = Bench::of(&role);
    assert!(bench.read(1_000) > 0);
    let (_, peer) = UnixStream::pair().unwrap();
    bench.peer = peer;
    bench.conn.ready(true, true, true, true);
    assert_eq!(bench.run(), Outcome::Gone);
    bench.conn.release(&mut bench.shared);
    assert_eq!(role.notes.borrow()[..], ["Lost"]);
    assert_eq!(Rc::strong_count(&role.bytes), 1);
}

#[test]
fn memory_that_ends_early_ends_the_stream() {
    let mut role = Handing::new();
    Rc::make_mut(&mut role.bytes).truncate(1000);
    let bench = Bench::of(&role);
    assert_eq!(role.notes.borrow()[..], ["Aborted"]);
    assert!(bench.conn.hosted.is_none());
}

/// Takes units of so many bytes, and nothing while `held`; answers each offer with so many bytes for each of them.
#[derive(Clone)]
struct Units {
    unit: usize,
    held: Rc<RefCell<bool>>,
    taken: Rc<RefCell<Vec<u8>>>,
    /// The largest offer, and the largest room.
    largest: Rc<RefCell<(usize, usize)>>,
    answers: bool,
}

impl Units {
    fn of(unit: usize) -> Self {
        Self { unit, held: Rc::default(), taken: Rc::default(), largest: Rc::default(), answers: false }
    }
}

impl Role for Units {
    fn name(&self) -> &'static str {
        "units"
    }
    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        let mut largest = self.largest.borrow_mut();
        *largest = (largest.0.max(input.len()), largest.1.max(out.room()));
        if *self.held.borrow() {
            cx.set_timer(Timer::App, SECOND);
            return Step::hold(0);
        }
        let n = input.len() / self.unit * self.unit;
        self.taken.borrow_mut().extend_from_slice(&input[..n]);
        if self.answers {
            out.fill(|room| room.len());
        }
        Step::stay(n)
    }
}

impl Acceptor for Units {
    fn alpn(&self) -> &'static [u8] {
        b"units"
    }
    fn accept(&self, _facts: &Facts) -> Box<dyn Role> {
        Box::new(self.clone())
    }
}

/// The peer sends as much of it as the kernel takes at once. Returns how much.
fn send(bench: &mut Bench, bytes: &[u8]) -> usize {
    let mut sent = 0;
    while sent < bytes.len()
        && let Ok(n) = bench.peer.write(&bytes[sent..])
    {
        sent += n;
    }
    bench.conn.ready(true, false, false, false);
    sent
}

#[test]
fn what_was_kept_is_offered_in_front_of_what_came() {
    let all: Vec<u8> = (0..400_000).map(|n| (n % 241) as u8).collect();
    for unit in [1, 7, 1_000, 40_000] {
        for piece in [1_usize, 13, 999, 5_000, 39_999, 70_000] {
            // Not too many steps.
            let all = &all[..all.len().min(piece * 3_000)];
            let role = Units::of(unit);
            let mut bench = Bench::of(&role);
            let mut at = 0;
            while at < all.len() {
                at += send(&mut bench, &all[at..all.len().min(at + piece)]);
                assert_eq!(bench.run(), Outcome::Wait);
            }
            let whole = all.len() / unit * unit;
            assert!(*role.taken.borrow() == all[..whole], "units of {unit} in pieces of {piece}");
            assert_eq!(bench.conn.stash.len(), all.len() - whole);
        }
    }
}

#[test]
fn a_role_that_needs_more_than_is_kept_for_it() {
    let mut bench = Bench::of(&Units::of(STASH_BYTES + 1));
    assert!(send(&mut bench, &[0; STASH_BYTES]) == STASH_BYTES);
    bench.run();
    assert_eq!(bench.shared.world.hub.metrics.protocol_errors, 1);
}

#[test]
fn large_offers_end_when_much_is_kept() {
    let role = Units::of(1);
    *role.held.borrow_mut() = true;
    let mut bench = Bench::of(&role);
    let sent = send(&mut bench, &vec![1; 150_000]);
    assert!(sent > OFFER_BYTES, "{sent}");
    bench.run();
    assert_eq!(role.largest.replace((0, 0)), (sent, LARGE_OFFER_BYTES));
    assert_eq!((bench.conn.stash.len(), bench.shared.large_keeps), (sent, 1));
    // Taken again, it is not counted any more.
    *role.held.borrow_mut() = false;
    bench.conn.timeout(bench.conn.handle, Timer::App, &mut bench.shared);
    bench.run();
    assert_eq!((role.taken.borrow().len(), bench.shared.large_keeps), (sent, 0));
    // With as many as may be, nobody keeps more than the ordinary.
    *role.held.borrow_mut() = true;
    bench.shared.large_keeps = limits::LARGE_KEEPS;
    role.largest.replace((0, 0));
    assert!(send(&mut bench, &vec![1; 150_000]) > OFFER_BYTES);
    bench.run();
    assert_eq!(*role.largest.borrow(), (OFFER_BYTES, OUT_BYTES));
    assert_eq!((bench.conn.stash.len(), bench.shared.large_keeps), (OFFER_BYTES, limits::LARGE_KEEPS));
    bench.conn.abandon(Closed::Aborted, &mut bench.shared);
    assert_eq!(bench.shared.large_keeps, limits::LARGE_KEEPS);
}

#[test]
fn a_large_answer_that_the_kernel_refuses_is_counted_while_it_waits() {
    let role = Units { answers: true, ..Units::of(1) };
    let mut bench = Bench::of(&role);
    assert!(send(&mut bench, &vec![1; 150_000]) > OFFER_BYTES);
    // The first answer goes to the kernel as far as it takes it; the second is refused.
    while bench.conn.pending.is_none() {
        bench.run();
        send(&mut bench, &vec![1; 150_000]);
    }
    let large = bench.conn.pending.as_ref().unwrap().waiting().len() > OUT_BYTES;
    assert_eq!(bench.shared.large_keeps, u32::from(large));
    bench.conn.abandon(Closed::Aborted, &mut bench.shared);
    bench.conn.release(&mut bench.shared);
    assert_eq!(bench.shared.large_keeps, 0);
}
