//! Law 3: no role allocates for a message or for a request, once it has seen a few.
//!
//! Counted is what happens inside the calls of roles, the user's code included; what the simulated host itself does with
//! its transcripts is not.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

#[path = "support/counting.rs"]
mod counting;

use lws_http::{Vhost, respond};
use lws_role::{Closed, Cx, Next, Role, Step, Timer};
use lws_role_h1::{H1, h1};
use lws_role_ws::{Fragment, Message, Protocol, Ws, ws as websocket};
use lws_sim::ws::{self, Heard};
use lws_sim::{Conditions, PeerId, Rng, Sim, for_seeds, http};
use lws_wire::Out;
use std::cell::Cell;
use std::rc::Rc;

/// Counts the allocations of a role and of its successors.
struct Counted {
    role: Box<dyn Role>,
    total: Rc<Cell<u64>>,
}

impl Counted {
    fn call<R>(&mut self, f: impl FnOnce(&mut dyn Role) -> R) -> R {
        let before = counting::count().allocations;
        let result = f(&mut *self.role);
        self.total.set(self.total.get() + counting::count().allocations - before);
        result
    }

    fn wrap(&self, next: Next) -> Next {
        match next {
            Next::Become(role) => Next::Become(Box::new(Self { role, total: Rc::clone(&self.total) })),
            next => next,
        }
    }
}

impl Role for Counted {
    fn name(&self) -> &'static str {
        self.role.name()
    }
    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let next = self.call(|role| role.start(cx, out));
        self.wrap(next)
    }
    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        let step = self.call(|role| role.receive(cx, input, out));
        Step { consumed: step.consumed, next: self.wrap(step.next) }
    }
    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let next = self.call(|role| role.transmit(cx, out));
        self.wrap(next)
    }
    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, out: &mut Out<'_>) -> Next {
        let next = self.call(|role| role.timeout(cx, which, out));
        self.wrap(next)
    }
    fn ended(&mut self, cx: &mut Cx<'_>, truncated: bool, out: &mut Out<'_>) -> Next {
        let next = self.call(|role| role.ended(cx, truncated, out));
        self.wrap(next)
    }
    fn woken(&mut self, cx: &mut Cx<'_>) {
        self.call(|role| role.woken(cx));
    }
    fn drain(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let next = self.call(|role| role.drain(cx, out));
        self.wrap(next)
    }
    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        self.call(|role| role.closed(cx, why));
    }
}

struct Whole;

impl Protocol for Whole {
    type Session = ();
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        assert!(ws.send(message.kind, message.data));
    }
}

struct Pieces;

impl Protocol for Pieces {
    type Session = ();
    const STREAMING: bool = true;
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, _message: Message<'_>) {}
    fn fragment(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, part: Fragment<'_>) -> usize {
        let n = part.data.len().min(ws.room());
        let last = part.last && n == part.data.len();
        if ws.send_fragment(part.kind, last, &part.data[..n]) { n } else { 0 }
    }
}

fn site() -> H1 {
    h1(Vhost::new("localhost")
        .mount("/", respond(|_, reply| reply.text("static")))
        .upgrade("/whole", websocket(|| Whole))
        .upgrade("/pieces", websocket(|| Pieces)))
}

/// A connection whose roles are counted.
fn connect(conditions: Conditions, seed: u64) -> (Sim, PeerId, Rc<Cell<u64>>) {
    let mut sim = Sim::under(conditions, seed);
    let acceptor = sim.install(&site());
    let total = Rc::<Cell<u64>>::default();
    let role = acceptor.accept(&lws_role::Facts::plain(lws_role::Peer::Memory));
    let peer = sim.start(Box::new(Counted { role, total: Rc::clone(&total) }));
    (sim, peer, total)
}

/// Seeds and repetitions that a debug build can afford, and those for release.
const SEEDS: u64 = if cfg!(debug_assertions) { 10 } else { 40 };
const REPEATS: u32 = if cfg!(debug_assertions) { 30 } else { 100 };

/// Allocations while `each` says the same many times, after ten times to warm up.
fn steady(sim: &mut Sim, total: &Cell<u64>, mut each: impl FnMut(&mut Sim)) -> u64 {
    (0..10).for_each(|_| each(sim));
    let before = total.get();
    (0..REPEATS).for_each(|_| each(sim));
    total.get() - before
}

#[test]
fn the_counter_counts() {
    let (mut sim, peer, total) = connect(Conditions::CALM, 0);
    let before = total.get();
    sim.send(peer, &ws::upgrade("/whole"));
    sim.run();
    assert!(total.get() > before, "an upgrade makes a role");
    assert!(counting::count().live > 0);
    sim.end();
}

#[test]
fn law_3_whole_messages_are_not_allocated() {
    for n in [0, 1, 125, 126, 4000, 60_000] {
        let (mut sim, peer, total) = connect(Conditions::CALM, n as u64);
        sim.send(peer, &ws::upgrade("/whole"));
        sim.run();
        sim.take_received(peer);
        let message = ws::binary(&vec![7; n]);
        // One at a time, and several at once with a ping between them.
        let batch = [&message[..], &ws::ping(b"p"), &message, &message].concat();
        let mut expected = vec![Heard::Binary(vec![7; n]); 4];
        expected.insert(2, Heard::Pong(b"p".into()));
        let mut count = 0;
        let allocations = steady(&mut sim, &total, |sim| {
            sim.send(peer, &message);
            sim.run();
            // Far enough apart for pings not to be a flood.
            sim.advance(std::time::Duration::from_secs(1));
            if n < 20_000 {
                sim.send(peer, &batch);
                sim.run();
                assert_eq!(ws::heard(&sim.take_received(peer)).unwrap(), expected);
            }
            count += 1;
        });
        assert_eq!((allocations, count), (0, 10 + REPEATS), "{n} bytes");
        sim.end();
    }
}

#[test]
fn law_3_pieces_are_not_allocated_under_any_chunking() {
    for_seeds!(0..SEEDS, |seed| {
        let conditions = Conditions::rough(&mut Rng::new(seed));
        let (mut sim, peer, total) = connect(conditions, seed);
        sim.send(peer, &ws::upgrade("/pieces"));
        sim.run();
        sim.take_received(peer);
        let data = vec![9; if conditions.chunk.most == 1 { 300 } else { 3000 }];
        let mut message = ws::frame(false, ws::BINARY, &data, [1, 2, 3, 4]);
        message.extend(ws::frame(true, ws::CONTINUATION, &data, [5, 6, 7, 8]));
        let allocations = steady(&mut sim, &total, |sim| {
            sim.send(peer, &message);
            sim.run();
            let received = sim.take_received(peer);
            assert_eq!(ws::heard(&received).unwrap(), [Heard::Binary([&data[..], &data].concat())]);
        });
        assert_eq!(allocations, 0, "{conditions:?}");
        sim.end();
    });
}

#[test]
fn law_3_requests_are_not_allocated_under_any_chunking() {
    for_seeds!(0..SEEDS, |seed| {
        let conditions = Conditions::rough(&mut Rng::new(seed));
        let (mut sim, peer, total) = connect(conditions, seed);
        let requests =
            [http::get("/a/b?c=d"), http::request("POST", "/x", &[], &[b'x'; 500]), http::get("/y")].concat();
        let allocations = steady(&mut sim, &total, |sim| {
            sim.send(peer, &requests);
            sim.run();
            let (responses, _) = http::responses(&sim.take_received(peer), &[], false).unwrap();
            assert!(responses.len() == 3 && responses.iter().all(|r| r.body == b"static"));
        });
        assert_eq!(allocations, 0, "{conditions:?}");
        sim.end();
    });
}
