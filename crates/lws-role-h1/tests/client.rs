//! The client's side under the simulator: rough transports, split points, deadlines.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

use lws_head::{Fields, Method, ResponseHead};
use lws_role::{Closed, Cx};
use lws_role_h1::client::{Call, CallHead, Calls, Cause, Failure, Framing, Supply};
use lws_role_h1::{H1Client, limits};
use lws_sim::Sim;
use lws_wire::Out;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

const SEEDS: u64 = 60;

/// What the connection asks, and what was heard.
#[derive(Default)]
struct Desk {
    calls: VecDeque<One>,
    heard: Vec<String>,
    /// Bytes of body that are taken; the rest is held back.
    credit: usize,
    cancelled: bool,
}

type Shared = Rc<RefCell<Desk>>;

struct Line(Shared);

impl Calls for Line {
    fn next(&mut self, _cx: &mut Cx<'_>) -> Option<Box<dyn Call>> {
        let call = self.0.borrow_mut().calls.pop_front()?;
        Some(Box::new(call))
    }
    fn closed(&mut self, _cx: &mut Cx<'_>, why: Closed) {
        self.0.borrow_mut().heard.push(format!("closed {why:?}"));
    }
}

/// One call.
struct One {
    desk: Shared,
    head: CallHead,
    deadline: Option<Duration>,
    /// Body still to be sent, and whether that is all.
    body: Vec<u8>,
    complete: bool,
    got: Vec<u8>,
    /// How long it waits for leave to send the body.
    leave: Option<Duration>,
    stall: Option<Duration>,
    /// The body breaks off behind `body`.
    fails: bool,
    trailers: Vec<(String, Vec<u8>)>,
}

impl One {
    fn new(desk: &Shared, method: Method, body: Framing) -> Self {
        let fields = vec![("Host".into(), b"a".to_vec())];
        let head = CallHead { method, target: "/x".into(), fields, body };
        let (deadline, body, got) = (None, Vec::new(), Vec::new());
        let (leave, stall, fails, trailers) = (None, None, false, Vec::new());
        Self { desk: desk.clone(), head, deadline, body, complete: true, got, leave, stall, fails, trailers }
    }
    fn note(&self, what: impl Into<String>) {
        self.desk.borrow_mut().heard.push(what.into());
    }
}

impl Call for One {
    fn head(&self) -> &CallHead {
        &self.head
    }
    fn deadline(&self) -> Option<Duration> {
        self.deadline
    }
    fn send(&mut self, _cx: &mut Cx<'_>, out: &mut Out<'_>) -> Supply {
        let n = out.put_some(&self.body);
        self.body.drain(..n);
        match (self.body.is_empty(), self.complete) {
            (false, _) => Supply::More,
            (true, _) if self.fails => Supply::Fail,
            (true, false) => Supply::Wait,
            (true, true) => Supply::End,
        }
    }
    fn expect_continue(&self) -> Option<Duration> {
        self.leave
    }
    fn stall_timeout(&self) -> Option<Duration> {
        self.stall
    }
    fn trailers(&self) -> &[(String, Vec<u8>)] {
        &self.trailers
    }
    fn is_cancelled(&self) -> bool {
        self.desk.borrow().cancelled
    }
    fn interim(&mut self, _cx: &mut Cx<'_>, head: &ResponseHead<'_>) {
        self.note(head.status.code().to_string());
    }
    fn response(&mut self, _cx: &mut Cx<'_>, head: &ResponseHead<'_>) {
        self.note(head.status.code().to_string());
    }
    fn body(&mut self, _cx: &mut Cx<'_>, data: &[u8]) -> usize {
        let credit = &mut self.desk.borrow_mut().credit;
        let n = data.len().min(*credit);
        *credit -= n;
        self.got.extend_from_slice(&data[..n]);
        n
    }
    fn end(self: Box<Self>, _cx: &mut Cx<'_>, trailers: Fields<'_>) {
        self.note(format!("end {} {}", self.got.escape_ascii(), trailers.len()));
    }
    fn failed(self: Box<Self>, _cx: &mut Cx<'_>, failure: Failure) {
        self.note(format!("failed {failure}"));
        assert_eq!(
            failure.is_stale(),
            failure.reused && !failure.answered && failure.to_string() == "the peer finished"
        );
    }
}

fn desk() -> Shared {
    Rc::new(RefCell::new(Desk { credit: usize::MAX, ..Desk::default() }))
}

fn ask(desk: &Shared, call: One) {
    desk.borrow_mut().calls.push_back(call);
}

fn heard(desk: &Shared) -> Vec<String> {
    std::mem::take(&mut desk.borrow_mut().heard)
}

#[test]
fn calls_one_after_the_other() {
    for seed in 0..SEEDS {
        let (mut sim, desk) = (Sim::new(seed), desk());
        ask(&desk, One::new(&desk, Method::Get, Framing::None));
        ask(&desk, One::new(&desk, Method::Get, Framing::None));
        let peer = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
        sim.run();
        let request = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(sim.take_received(peer), request, "the second waits");
        sim.send(peer, b"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        sim.send(peer, b"3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: 1\r\n\r\n");
        sim.run();
        assert_eq!(heard(&desk), ["103", "200", "end abcde 1"], "seed {seed}");
        assert_eq!(sim.take_received(peer), request);
        sim.send(peer, b"HTTP/1.1 200 OK\r\n\r\nto the end");
        sim.run();
        sim.finish(peer);
        sim.run();
        assert_eq!(heard(&desk), ["200", "end to the end 0", "closed Done"], "seed {seed}");
        sim.end();
    }
}

#[test]
fn bodies_out_in_both_framings() {
    for seed in 0..SEEDS {
        for framing in [Framing::Length(200_000), Framing::Chunked] {
            let (mut sim, desk) = (Sim::new(seed), desk());
            let call = One { body: vec![b'x'; 200_000], ..One::new(&desk, Method::Post, framing) };
            ask(&desk, call);
            let peer = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
            sim.run();
            let sent = sim.take_received(peer);
            let all = sent.iter().filter(|b| **b == b'x').count();
            assert!(all >= 200_000, "seed {seed}: {all}");
            if framing == Framing::Chunked {
                assert!(sent.ends_with(b"\r\n0\r\n\r\n"), "seed {seed}");
            }
            sim.send(peer, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            sim.run();
            assert_eq!(heard(&desk), ["200", "end  0"]);
            sim.end();
        }
    }
}

#[test]
fn who_holds_back_is_offered_it_again() {
    for seed in 0..SEEDS {
        let (mut sim, desk) = (Sim::new(seed), desk());
        desk.borrow_mut().credit = 10;
        ask(&desk, One::new(&desk, Method::Get, Framing::None));
        let peer = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
        sim.send(peer, b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n");
        sim.run();
        sim.send(peer, &[b'x'; 30]);
        sim.run();
        // It is not given up: it is us who wait.
        sim.advance(limits::CLIENT_STALL_TIMEOUT * 3);
        assert_eq!(heard(&desk), ["200"], "seed {seed}");
        desk.borrow_mut().credit = 20;
        sim.world().hub.wake(lws_role::Handle { conn: 0, generation: 0, sub: 0 });
        sim.run();
        assert_eq!(heard(&desk), [format!("end {} 0", "x".repeat(30))], "seed {seed}");
        sim.end();
    }
}

#[test]
fn deadlines() {
    // Nothing comes.
    let check = |deadline: Option<Duration>, say: &[u8], after: Duration, expected: &[&str]| {
        let (mut sim, desk) = (Sim::new(1), desk());
        ask(&desk, One { deadline, ..One::new(&desk, Method::Get, Framing::None) });
        let peer = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
        sim.run();
        sim.send(peer, say);
        sim.run();
        sim.advance(after - Duration::from_millis(500));
        let early = heard(&desk);
        assert!(!early.iter().any(|note| note.starts_with("closed")), "{early:?}");
        sim.advance(Duration::from_secs(1));
        assert_eq!([early, heard(&desk)].concat(), expected);
        sim.end();
    };
    let stall = limits::CLIENT_STALL_TIMEOUT;
    let failed = ["failed timed out", "closed Timeout"];
    check(None, b"", stall, &failed);
    check(Some(Duration::from_secs(5)), b"", Duration::from_secs(5), &failed);
    check(Some(Duration::from_secs(5)), b"HTTP/1.1 200 OK\r\n", Duration::from_secs(5), &failed);
    let answer = b"HTTP/1.1 204 No\r\n\r\n";
    // Idle, it waits so long for another call, and the deadline of the last one is gone.
    let idle = ["204", "end  0", "closed Done"];
    check(Some(Duration::from_secs(5)), answer, limits::CLIENT_IDLE_TIMEOUT, &idle);
}

#[test]
fn cli_03_what_is_not_asked_for() {
    for seed in 0..SEEDS {
        // Before there is a call.
        let (mut sim, desk) = (Sim::new(seed), desk());
        let peer = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
        sim.run();
        sim.send(peer, b"H");
        sim.run();
        assert_eq!(heard(&desk), ["closed Protocol"], "seed {seed}");
        sim.end();
    }
}

#[test]
fn an_answer_before_the_request_is_complete_ends_the_connection() {
    let (mut sim, desk) = (Sim::new(3), desk());
    let call =
        One { complete: false, body: b"some".to_vec(), ..One::new(&desk, Method::Post, Framing::Length(9)) };
    ask(&desk, call);
    ask(&desk, One::new(&desk, Method::Get, Framing::None));
    let peer = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
    sim.run();
    assert!(sim.take_received(peer).ends_with(b"some"));
    sim.send(peer, b"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
    sim.run();
    assert_eq!(heard(&desk), ["413", "end  0", "closed Done"]);
    assert!(sim.take_received(peer).is_empty(), "the next call would be read as the rest of the body");
    sim.end();
}

#[test]
fn a_body_that_is_shorter_than_promised() {
    let (mut sim, desk) = (Sim::new(3), desk());
    ask(&desk, One { body: b"some".to_vec(), ..One::new(&desk, Method::Post, Framing::Length(9)) });
    sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
    sim.run();
    assert_eq!(
        heard(&desk),
        [
            format!("failed {}", Failure { cause: Cause::ShortBody, reused: false, answered: false })
                .as_str(),
            "closed Aborted"
        ]
    );
    sim.end();
}

#[test]
fn draining() {
    let (mut sim, desk) = (Sim::new(3), desk());
    ask(&desk, One::new(&desk, Method::Get, Framing::None));
    let busy = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
    sim.run();
    let idle = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
    sim.run();
    sim.drain();
    assert_eq!((sim.closed(idle), sim.closed(busy)), (Some(Closed::Shutdown), None));
    sim.send(busy, b"HTTP/1.1 204 No\r\n\r\n");
    sim.run();
    assert_eq!(heard(&desk), ["closed Shutdown", "204", "end  0", "closed Done"]);
    sim.end();
}

/// RFC 9110 §10.1.1: the body waits for leave, but not for ever; and a final answer is one.
#[test]
fn a_body_that_waits_for_leave() {
    let patience = Duration::from_secs(1);
    let begin = |seed| {
        let (mut sim, desk) = (Sim::new(seed), desk());
        let post = One::new(&desk, Method::Post, Framing::Length(4));
        ask(&desk, One { body: b"body".to_vec(), leave: Some(patience), ..post });
        let peer = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
        sim.run();
        let head = b"POST /x HTTP/1.1\r\nHost: a\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n";
        assert_eq!(sim.take_received(peer).escape_ascii().to_string(), head.escape_ascii().to_string());
        (sim, desk, peer)
    };
    for seed in 0..SEEDS {
        let (mut sim, desk, peer) = begin(seed);
        sim.send(peer, b"HTTP/1.1 103 Hints\r\n\r\n");
        sim.run();
        assert!(sim.take_received(peer).is_empty(), "another interim response is no leave");
        sim.send(peer, b"HTTP/1.1 100 Continue\r\n\r\n");
        sim.run();
        assert_eq!(sim.take_received(peer), b"body");
        sim.send(peer, b"HTTP/1.1 204 No\r\n\r\n");
        sim.run();
        assert_eq!(heard(&desk), ["103", "100", "204", "end  0"]);
        sim.end();

        let (mut sim, desk, peer) = begin(seed);
        sim.advance(patience - Duration::from_millis(100));
        assert!(sim.take_received(peer).is_empty());
        sim.advance(Duration::from_millis(200));
        assert_eq!(sim.take_received(peer), b"body", "nobody waits for ever");
        // Leave that comes too late changes nothing.
        sim.send(peer, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n");
        sim.run();
        assert_eq!(heard(&desk), ["100", "204", "end  0"]);
        sim.end();

        let (mut sim, desk, peer) = begin(seed);
        sim.send(peer, b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
        sim.run();
        assert!(sim.take_received(peer).is_empty(), "the body is not sent");
        // The server cannot tell whether it will come.
        assert_eq!(heard(&desk), ["417", "end  0", "closed Done"]);
        sim.end();
    }
}

#[test]
fn a_body_that_breaks_off() {
    for body in [Framing::Length(9), Framing::Chunked] {
        let (mut sim, desk) = (Sim::new(4), desk());
        let post = One::new(&desk, Method::Post, body);
        ask(&desk, One { body: b"some".to_vec(), fails: true, ..post });
        let peer = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
        sim.run();
        assert_eq!(heard(&desk), ["failed the request's body cannot go on", "closed Aborted"]);
        let sent = sim.take_received(peer);
        assert!(!sent.ends_with(b"0\r\n\r\n"), "the server must see that it is not complete");
        sim.end();
    }
}

/// Whoever has nothing to send for a while is not the server's fault.
#[test]
fn stalls_have_a_limit_of_the_callers_choice() {
    let second = Duration::from_secs(1);
    let (mut sim, desk) = (Sim::new(5), desk());
    ask(&desk, One { stall: Some(second), ..One::new(&desk, Method::Get, Framing::None) });
    sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
    sim.run();
    sim.advance(3 * second);
    assert_eq!(heard(&desk), ["failed timed out", "closed Timeout"]);
    let post = One::new(&desk, Method::Post, Framing::Chunked);
    ask(&desk, One { stall: Some(second), body: b"some".to_vec(), complete: false, ..post });
    let peer = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
    sim.run();
    sim.advance(30 * second);
    assert_eq!(heard(&desk).len(), 0);
    sim.send(peer, b"HTTP/1.1 204 No\r\n\r\n");
    sim.run();
    assert_eq!(heard(&desk), ["204", "end  0", "closed Done"]);
    sim.end();
}

#[test]
fn trailers_behind_chunks() {
    for seed in 0..SEEDS {
        for (framing, expected) in [
            (Framing::Chunked, &b"\r\n0\r\nX-Sum: 6\r\n\r\n"[..]),
            // Behind a length there is no place for them.
            (Framing::Length(3), b"\r\n\r\nabc"),
        ] {
            let (mut sim, desk) = (Sim::new(seed), desk());
            let trailer = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
            let trailers = vec![trailer("X-Sum", "6"), trailer("Content-Type", "no")];
            ask(&desk, One { body: b"abc".to_vec(), trailers, ..One::new(&desk, Method::Post, framing) });
            let peer = sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
            sim.run();
            let sent = sim.take_received(peer);
            assert!(sent.ends_with(expected), "seed {seed}: {}", sent.escape_ascii());
            sim.send(peer, b"HTTP/1.1 204 No\r\n\r\n");
            sim.run();
            assert_eq!(heard(&desk), ["204", "end  0"]);
            sim.end();
        }
    }
}

#[test]
fn a_cancelled_call_costs_the_connection() {
    let (mut sim, desk) = (Sim::new(1), desk());
    ask(&desk, One::new(&desk, Method::Get, Framing::None));
    sim.start(Box::new(H1Client::new(Box::new(Line(desk.clone())))));
    sim.run();
    desk.borrow_mut().cancelled = true;
    assert!(heard(&desk).is_empty(), "nobody has woken it");
    sim.world().hub.wake(lws_role::Handle { conn: 0, generation: 0, sub: 0 });
    sim.run();
    assert_eq!(heard(&desk), ["failed cancelled", "closed Aborted"]);
    sim.end();
}
