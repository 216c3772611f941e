//! The three laws and their edges, with small roles on a simulated loop.

use lws_role::{
    Closed, Cx, Facts, Handle, Hosted, Membership, Next, Peer, Place, Role, SlotKey, Step, Timer, World,
};
use lws_sim::{Conditions, PeerId, Sim, for_seeds};
use lws_wire::{Out, Time};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// Takes input only when `transmit` has said so: one byte each time.
#[derive(Default)]
struct Gate {
    open: bool,
    taken: Rc<Cell<usize>>,
}

impl Role for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn receive(&mut self, cx: &mut Cx<'_>, _input: &mut [u8], _out: &mut Out<'_>) -> Step {
        if !std::mem::take(&mut self.open) {
            cx.want_write();
            return Step::hold(0);
        }
        self.taken.set(self.taken.get() + 1);
        Step::hold(1)
    }

    fn transmit(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        self.open = true;
        Next::Stay
    }
}

#[test]
fn law_1_what_transmit_changed_without_a_word_lets_held_input_go_on() {
    let taken = Rc::default();
    let mut world = World::new(Time::ZERO);
    let facts = Facts::plain(Peer::Memory);
    let mut place = Place::new(&mut world, HANDLE, &facts);
    let mut block = [0; 64];
    let mut out = Out::new(&mut block);
    let gate = Box::new(Gate { open: false, taken: Rc::clone(&taken) });
    let (mut hosted, _) = Hosted::start(gate, &mut place, &mut out);
    let ran = hosted.run(&mut place, &mut [0; 10], &mut out);
    assert_eq!((ran.consumed, taken.get()), (10, 10));
    hosted.close(&mut place, Closed::Done);
}

/// Wants to write for ever, holds everything back, says nothing.
struct Nag;

impl Role for Nag {
    fn name(&self) -> &'static str {
        "nag"
    }

    fn receive(&mut self, cx: &mut Cx<'_>, _input: &mut [u8], _out: &mut Out<'_>) -> Step {
        cx.want_write();
        Step::hold(0)
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        cx.want_write();
        Next::Stay
    }
}

#[test]
fn law_1_a_role_that_only_asks_does_not_spin() {
    let mut world = World::new(Time::ZERO);
    let facts = Facts::plain(Peer::Memory);
    let mut place = Place::new(&mut world, HANDLE, &facts);
    let mut block = [0; 64];
    let mut out = Out::new(&mut block);
    let (mut hosted, _) = Hosted::start(Box::new(Nag), &mut place, &mut out);
    let ran = hosted.run(&mut place, &mut [0; 10], &mut out);
    assert_eq!((ran.consumed, ran.held), (0, true));
    assert!(hosted.wants_write());
    hosted.close(&mut place, Closed::Done);
}

const HANDLE: Handle = Handle { conn: 0, generation: 0, sub: 0 };

/// What is known about the members of a crowd.
#[derive(Default)]
struct Ledger {
    /// Calls of `want_write_all` so far.
    calls: u32,
    /// For each stream: the last call when it was a member.
    owed: Vec<u32>,
    /// For each stream: the calls before it spoke last.
    heard: Vec<u32>,
}

/// Joins at the first byte, and wakes all at `w`.
struct Crowd {
    slot: SlotKey<()>,
    member: Option<Membership>,
    ledger: Rc<RefCell<Ledger>>,
}

impl Role for Crowd {
    fn name(&self) -> &'static str {
        "crowd"
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        if self.member.is_none() {
            self.member = Some(cx.join(self.slot));
        }
        if input[0] == b'w' {
            let ledger = &mut *self.ledger.borrow_mut();
            ledger.calls += 1;
            let slot = self.slot;
            let mut env = cx.env(slot);
            env.members().for_each(|h| ledger.owed[h.conn as usize] = ledger.calls);
            env.want_write_all();
        }
        Step::stay(1)
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        let ledger = &mut *self.ledger.borrow_mut();
        ledger.heard[cx.handle().conn as usize] = ledger.calls;
        Next::Stay
    }

    fn closed(&mut self, cx: &mut Cx<'_>, _why: Closed) {
        if let Some(member) = self.member.take() {
            cx.hub().leave(member);
        }
    }
}

/// Whoever is a member when `want_write_all` is called speaks afterwards; also who joined just before, between two
/// calls that are obeyed together.
#[test]
fn want_write_all_reaches_who_joined_between_two_of_them() {
    for_seeds!(0..200, |seed| {
        let mut sim = Sim::new(seed);
        let slot = sim.world().add(());
        let ledger = Rc::new(RefCell::new(Ledger::default()));
        let mut peers: Vec<PeerId> = Vec::new();
        for _ in 0..5 {
            for _ in 0..2 {
                ledger.borrow_mut().owed.push(0);
                ledger.borrow_mut().heard.push(0);
                peers.push(sim.start(Box::new(Crowd { slot, member: None, ledger: Rc::clone(&ledger) })));
            }
            for peer in &peers {
                let byte = *sim.rng().pick(b"wj");
                sim.send(*peer, &[byte]);
            }
            sim.run();
            let Ledger { owed, heard, .. } = &*ledger.borrow();
            assert!(owed.iter().zip(heard).all(|(owed, heard)| heard >= owed), "{owed:?} {heard:?}");
        }
        sim.end();
    });
}

/// Its timer is set again, at once, each time it expires.
struct Restless {
    expired: Rc<Cell<u32>>,
}

impl Role for Restless {
    fn name(&self) -> &'static str {
        "restless"
    }

    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        cx.set_timer(Timer::App, Duration::ZERO);
        Next::Stay
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        Step::stay(input.len())
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, _out: &mut Out<'_>) -> Next {
        self.expired.set(self.expired.get() + 1);
        cx.set_timer(which, Duration::ZERO);
        Next::Stay
    }
}

#[test]
fn a_deadline_set_for_now_waits_for_the_next_turn() {
    let expired = Rc::default();
    let mut world = World::new(Time::ZERO);
    let facts = Facts::plain(Peer::Memory);
    let mut block = [0; 64];
    let mut out = Out::new(&mut block);
    let role = Box::new(Restless { expired: Rc::clone(&expired) });
    let (mut hosted, _) = Hosted::start(role, &mut Place::new(&mut world, HANDLE, &facts), &mut out);
    for turn in 0..5u32 {
        let now = Time::ZERO + Duration::from_millis(u64::from(turn) * 10);
        world.hub.now = now;
        while let Some(key) = world.hub.timers.expire(now) {
            assert!(expired.get() <= turn, "turn {turn} does not end");
            hosted.timeout(&mut Place::new(&mut world, key.handle, &facts), key.which, &mut out);
        }
        assert_eq!(expired.get(), turn);
    }
    hosted.close(&mut Place::new(&mut world, HANDLE, &facts), Closed::Done);
}

/// Hosts one stream within its own, as HTTP/2 will: its own deadline and its child's have the same name.
struct Mux {
    child: Option<Hosted>,
    log: Rc<RefCell<Vec<(u32, u64)>>>,
}

struct Leaf {
    log: Rc<RefCell<Vec<(u32, u64)>>>,
}

impl Role for Leaf {
    fn name(&self) -> &'static str {
        "leaf"
    }

    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        cx.set_timer(Timer::Role, Duration::from_secs(1));
        Next::Stay
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        Step::stay(input.len())
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, _which: Timer, _out: &mut Out<'_>) -> Next {
        self.log.borrow_mut().push((cx.handle().sub, cx.now().as_micros() / 1_000_000));
        Next::Stay
    }
}

impl Role for Mux {
    fn name(&self) -> &'static str {
        "mux"
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        cx.set_timer(Timer::Role, Duration::from_secs(5));
        let leaf = Box::new(Leaf { log: Rc::clone(&self.log) });
        let (child, _) = Hosted::start(leaf, &mut cx.place().of_sub(7), out);
        self.child = Some(child);
        Next::Stay
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        // Prolongs its own deadline.
        cx.set_timer(Timer::Role, Duration::from_secs(5));
        Step::stay(input.len())
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, out: &mut Out<'_>) -> Next {
        match &mut self.child {
            Some(child) if cx.handle().sub == 7 => {
                child.timeout(&mut cx.place(), which, out);
            }
            _ => self.log.borrow_mut().push((0, cx.now().as_micros() / 1_000_000)),
        }
        Next::Stay
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        if let Some(child) = self.child.take() {
            child.close(&mut cx.place().of_sub(7), why);
        }
    }
}

#[test]
fn a_deadline_of_a_hosted_stream_leaves_its_hosts_alone() {
    let log = Rc::default();
    let mut sim = Sim::under(Conditions::CALM, 0);
    let peer = sim.start(Box::new(Mux { child: None, log: Rc::clone(&log) }));
    sim.advance(Duration::from_secs(2));
    assert_eq!(*log.borrow(), [(7, 1)]);
    sim.send(peer, b"prolong");
    sim.advance(Duration::from_secs(20));
    assert_eq!(*log.borrow(), [(7, 1), (0, 7)], "once, five seconds after it was set last");
    sim.end();
}
