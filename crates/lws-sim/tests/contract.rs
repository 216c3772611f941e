//! The simulator finds what it is there to find: roles that break the contract, one way each.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

use lws_role::{Bulk, Closed, Cx, Membership, Next, Role, SlotKey, Source, Step, Timer};
use lws_sim::{Conditions, PeerId, Sim};
use lws_wire::Out;
use std::rc::Rc;
use std::time::Duration;

/// What a role does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Takes more than it was offered.
    Greed,
    /// Takes back what was written before its turn.
    Rewind,
    /// Holds input back and waits for nothing.
    Hold,
    /// Speaks for ever.
    Babble,
    /// Leaves its membership behind.
    Stay,
    /// Never takes anything.
    Hoard,
}

struct Faulty {
    fault: Fault,
    slot: Option<SlotKey<()>>,
    member: Option<Membership>,
}

impl Role for Faulty {
    fn name(&self) -> &'static str {
        "faulty"
    }

    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        self.member = self.slot.map(|slot| cx.join(slot));
        Next::Stay
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        match self.fault {
            Fault::Greed => return Step::stay(input.len() + 1),
            Fault::Rewind if !out.is_empty() => out.rewind(0),
            Fault::Hold => return Step::hold(0),
            Fault::Hoard => return Step::stay(0),
            Fault::Babble => cx.want_write(),
            _ => assert!(out.put(b"word")),
        }
        Step::stay(1)
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        while out.put(b"word") {}
        cx.want_write();
        Next::Stay
    }

    fn closed(&mut self, cx: &mut Cx<'_>, _why: Closed) {
        if let Some(member) = self.member.take()
            && self.fault != Fault::Stay
        {
            cx.hub().leave(member);
        }
    }
}

fn converse(fault: Fault, input: &[u8]) -> (Sim, PeerId) {
    let mut sim = Sim::under(Conditions::CALM, 0);
    let slot = (fault == Fault::Stay).then(|| sim.world().add(()));
    let peer = sim.start(Box::new(Faulty { fault, slot, member: None }));
    sim.send(peer, input);
    sim.run();
    (sim, peer)
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let (sim, peer) = converse(Fault::None, b"ab");
    assert_eq!(sim.received(peer), b"wordword");
    sim.end();
}

#[test]
#[should_panic(expected = "took 3 bytes of 2")]
fn more_taken_than_offered() {
    converse(Fault::Greed, b"ab");
}

#[test]
#[should_panic(expected = "took back what somebody else wrote")]
fn output_of_others_taken_back() {
    converse(Fault::Rewind, b"ab");
}

#[test]
#[should_panic(expected = "law 2")]
fn input_held_back_for_nothing() {
    converse(Fault::Hold, b"ab");
}

#[test]
fn input_that_is_never_enough_ends_the_stream() {
    let (sim, peer) = converse(Fault::Hoard, &[0; 64 * 1024]);
    assert_eq!(sim.closed(peer), Some(Closed::Limit));
    sim.end();
}

#[test]
#[should_panic(expected = "memberships are left over")]
fn a_membership_left_behind() {
    let (sim, _) = converse(Fault::Stay, b"ab");
    sim.end();
}

#[test]
fn a_role_that_speaks_for_ever_stops_when_the_peer_has_no_room() {
    let mut sim = Sim::under(Conditions::CALM, 0);
    let peer = sim.start(Box::new(Faulty { fault: Fault::Babble, slot: None, member: None }));
    sim.window(peer, Some(1000));
    sim.send(peer, b"a");
    sim.run();
    assert_eq!(sim.received(peer).len(), 1000);
    assert!(sim.pending(peer) > 0);
    sim.end();
}

/// Notes what it is told, in order.
struct Diary(std::rc::Rc<std::cell::RefCell<String>>);

impl Diary {
    fn note(&self, what: &str) {
        self.0.borrow_mut().push_str(what);
    }
}

impl Role for Diary {
    fn name(&self) -> &'static str {
        "diary"
    }

    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        self.note("start ");
        cx.set_timer(Timer::Role, Duration::from_secs(3));
        Next::Stay
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        self.note(&format!("{} ", String::from_utf8_lossy(input)));
        Step::stay(input.len())
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, _which: Timer, _out: &mut Out<'_>) -> Next {
        self.note(&format!("{}s ", cx.now().as_micros() / 1_000_000));
        Next::Stay
    }

    fn ended(&mut self, _cx: &mut Cx<'_>, truncated: bool, _out: &mut Out<'_>) -> Next {
        self.note(if truncated { "cut " } else { "end " });
        Next::Stay
    }

    fn drain(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        self.note("drain ");
        Next::Stay
    }

    fn closed(&mut self, _cx: &mut Cx<'_>, why: Closed) {
        self.note(&format!("{why}"));
    }
}

#[test]
fn what_a_peer_can_do_reaches_the_role_in_order() {
    let check = |act: &dyn Fn(&mut Sim, PeerId), expected: &str| {
        let diary = std::rc::Rc::default();
        let mut sim = Sim::under(Conditions::CALM, 0);
        let peer = sim.start(Box::new(Diary(std::rc::Rc::clone(&diary))));
        sim.send(peer, b"hi");
        act(&mut sim, peer);
        sim.run();
        sim.advance(Duration::from_secs(10));
        sim.end();
        assert_eq!(*diary.borrow(), expected);
    };
    check(&|_, _| {}, "start hi 3s the service is going away");
    check(&|sim, peer| sim.finish(peer), "start hi end 3s the service is going away");
    check(&|sim, peer| sim.cut(peer), "start hi cut 3s the service is going away");
    check(&|sim, peer| sim.reset(peer), "start hi the connection was lost");
    check(&|sim, _| sim.drain(), "start drain hi 3s the service is going away");
}

#[test]
fn the_same_seed_is_the_same_conversation() {
    let transcript = |seed| {
        let mut sim = Sim::new(seed);
        let peer = sim.start(Box::new(Faulty { fault: Fault::None, slot: None, member: None }));
        sim.send(peer, &[0; 100]);
        sim.run();
        (sim.received(peer).to_vec(), sim.rng().bits())
    };
    (0..50).for_each(|seed| assert_eq!(transcript(seed), transcript(seed)));
}

/// Answers each byte with `<`, memory, and `>`, as long as the transport sends memory; else with as much of it as fits.
struct Handing {
    bytes: Rc<Vec<u8>>,
    left: usize,
    busy: bool,
}

impl Role for Handing {
    fn name(&self) -> &'static str {
        "handing"
    }

    fn receive(&mut self, cx: &mut Cx<'_>, _input: &mut [u8], out: &mut Out<'_>) -> Step {
        if self.busy {
            return Step::hold(0);
        }
        if !out.put(b"<") {
            cx.want_write();
            return Step::hold(0);
        }
        self.busy = true;
        if cx.sends().bytes {
            let source = Source::Bytes(Rc::clone(&self.bytes));
            cx.send_bulk(Bulk { source, at: 0, len: self.bytes.len() as u64 });
        } else {
            self.left = self.bytes.len();
            cx.want_write();
        }
        Step::stay(1)
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let from = self.bytes.len() - self.left;
        self.left -= out.put_some(&self.bytes[from..]);
        if self.left > 0 || self.busy && !out.put(b">") {
            cx.want_write();
            return Next::Stay;
        }
        assert_eq!(Rc::strong_count(&self.bytes), 2, "the test and the role");
        self.busy = false;
        Next::Stay
    }

    fn drain(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        assert!(!self.busy || !cx.output_waits() || self.left > 0 || out.room() == 0);
        Next::Stay
    }
}

#[test]
fn memory_that_is_handed_over_is_sent_in_its_place() {
    let bytes = Rc::new((0..200_003).map(|n| (n % 251) as u8).collect::<Vec<u8>>());
    let expected = [b"<", &bytes[..], b">"].concat().repeat(3);
    lws_sim::for_seeds!(0..40, |seed| {
        let mut sim = Sim::new(seed);
        let peer = sim.start(Box::new(Handing { bytes: Rc::clone(&bytes), left: 0, busy: false }));
        sim.window(peer, Some(1000));
        sim.send(peer, b"abc");
        sim.run();
        assert!(sim.pending(peer) > 0 && sim.received(peer) == &expected[..1000]);
        sim.drain();
        sim.window(peer, None);
        sim.run();
        assert!(sim.received(peer) == expected, "seed {seed}");
        sim.end();
        assert_eq!(Rc::strong_count(&bytes), 1);
    });
}

#[test]
fn memory_is_given_back_when_the_stream_is_gone() {
    let bytes = Rc::new(vec![7; 100_000]);
    let mut sim = Sim::under(Conditions::CALM, 0);
    let peer = sim.start(Box::new(Handing { bytes: Rc::clone(&bytes), left: 0, busy: false }));
    sim.window(peer, Some(10));
    sim.send(peer, b"a");
    sim.run();
    assert_eq!((Rc::strong_count(&bytes), sim.pending(peer)), (3, 100_001 - 10));
    sim.end();
    assert_eq!(Rc::strong_count(&bytes), 1);
}

/// Hands memory over although the transport does not send it.
struct Unasked;

impl Role for Unasked {
    fn name(&self) -> &'static str {
        "unasked"
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        cx.send_bulk(Bulk { source: Source::Bytes(Rc::new(vec![0; 10])), at: 0, len: 10 });
        Step::stay(input.len())
    }
}

#[test]
#[should_panic(expected = "this host does not send that")]
fn memory_handed_to_who_does_not_send_it() {
    let mut sim = Sim::under(Conditions { sends_bytes: false, ..Conditions::CALM }, 0);
    let peer = sim.start(Box::new(Unasked));
    sim.send(peer, b"a");
    sim.run();
}
