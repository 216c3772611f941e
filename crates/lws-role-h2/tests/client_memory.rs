//! What a client's connection owns, and that nothing is allocated for a call, a frame or a message.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
#[path = "../../lws-sim/tests/support/counting.rs"]
mod counting;

use common::script::{hello, response};
use common::{END_HEADERS, WHOLE, data, window_update};
use lws_head::{Fields, Method, ResponseHead, Version};
use lws_http::client::{Call, CallHead, Calls, Failure, Framing, Supply};
use lws_role::limits::OUT_BYTES;
use lws_role::{Closed, Cx, Facts, Handle, Hosted, Peer, Place, Role, SlotKey, World};
use lws_role_h2::H2Client;
use lws_role_ws::{Message, Protocol, Ws, WsClient};
use lws_wire::{Out, Time};
use std::cell::Cell;
use std::rc::Rc;

/// A call that costs one allocation: its box.
struct Get {
    head: Rc<CallHead>,
    socket: Option<SlotKey<Echo>>,
}

impl Call for Get {
    fn head(&self) -> &CallHead {
        &self.head
    }
    fn send(&mut self, _cx: &mut Cx<'_>, out: &mut Out<'_>) -> Supply {
        out.put_some(&[7; 4096]);
        Supply::More
    }
    fn response(&mut self, _cx: &mut Cx<'_>, _head: &ResponseHead<'_>) {}
    fn body(&mut self, _cx: &mut Cx<'_>, data: &[u8]) -> usize {
        data.len()
    }
    fn end(self: Box<Self>, _cx: &mut Cx<'_>, _trailers: Fields<'_>) {}
    fn wants_switch(&self) -> bool {
        self.socket.is_some()
    }
    fn switch(self: Box<Self>, _cx: &mut Cx<'_>, head: &ResponseHead<'_>) -> Option<Box<dyn Role>> {
        let ws = WsClient::new(self.socket?, |bytes| bytes.fill(1));
        Some(Box::new(ws.accept(head).ok()?.role))
    }
    fn failed(self: Box<Self>, _cx: &mut Cx<'_>, _failure: Failure) {}
}

/// Makes so many calls.
struct Line {
    head: Rc<CallHead>,
    socket: Option<SlotKey<Echo>>,
    left: Rc<Cell<u32>>,
}

impl Calls for Line {
    fn next(&mut self, _cx: &mut Cx<'_>) -> Option<Box<dyn Call>> {
        self.left.set(self.left.get().checked_sub(1)?);
        Some(Box::new(Get { head: self.head.clone(), socket: self.socket }))
    }
}

struct Echo;

impl Protocol for Echo {
    type Session = ();
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        assert!(ws.send(message.kind, message.data));
    }
}

/// A host of many connections, which allocates nothing itself once it is warm.
struct Host {
    world: World,
    facts: Facts,
    cork: Box<[u8]>,
    conns: Vec<Hosted>,
    left: Rc<Cell<u32>>,
}

impl Host {
    fn new(connections: u32, method: Method, body: Framing, socket: bool) -> Self {
        let mut world = World::new(Time::ZERO);
        let facts = Facts::plain(Peer::Memory);
        let left = Rc::new(Cell::new(0));
        let socket = socket.then(|| world.add(Echo));
        let mut fields = vec![("Host".to_owned(), b"a".to_vec())];
        if let Some(slot) = socket {
            fields.extend(WsClient::new(slot, |bytes| bytes.fill(1)).fields_on(Version::Http2));
        }
        let head = Rc::new(CallHead { method, target: "/x".into(), fields, body });
        let mut cork = vec![0; OUT_BYTES].into_boxed_slice();
        let mut conns = Vec::with_capacity(connections as usize);
        for conn in 0..connections {
            let handle = Handle { conn, generation: 0, sub: 0 };
            let line = Line { head: head.clone(), socket, left: left.clone() };
            let mut place = Place::new(&mut world, handle, &facts);
            let role = Box::new(H2Client::new(Box::new(line)));
            let (hosted, closed) = Hosted::start(role, &mut place, &mut Out::new(&mut cork));
            assert_eq!(closed, None);
            conns.push(hosted);
        }
        Self { world, facts, cork, conns, left }
    }

    /// Offers input to one connection, which was woken before; returns bytes of answer.
    fn say(&mut self, conn: u32, input: &mut [u8]) -> usize {
        let handle = Handle { conn, generation: 0, sub: 0 };
        let mut place = Place::new(&mut self.world, handle, &self.facts);
        let mut out = Out::new(&mut self.cork);
        let hosted = &mut self.conns[conn as usize];
        hosted.woken(&mut place);
        let ran = hosted.run(&mut place, input, &mut out);
        assert_eq!((ran.consumed, ran.closed), (input.len(), None));
        out.len()
    }

    fn end(mut self) {
        for (conn, hosted) in (0..).zip(self.conns.drain(..)) {
            let handle = Handle { conn, generation: 0, sub: 0 };
            hosted.close(&mut Place::new(&mut self.world, handle, &self.facts), Closed::Shutdown);
        }
        assert!(self.world.hub.timers.is_empty());
    }
}

/// Allocations in 200 warm steps behind `begin`, of which the first part lets one call begin: `calls` begun and `input`
/// heard in each.
fn allocations(mut host: Host, begin: &[Vec<u8>], calls: u32, mut input: impl FnMut(u32) -> Vec<u8>) -> u64 {
    host.left.set(1);
    for bytes in begin {
        host.say(0, &mut bytes.clone());
    }
    let mut total = 0;
    for n in 0..300 {
        let mut input = input(n);
        host.left.set(calls);
        let before = counting::count().allocations;
        assert!(host.say(0, &mut input) > 0);
        if n >= 100 {
            total += counting::count().allocations - before;
        }
    }
    host.end();
    total
}

#[test]
fn nothing_is_allocated_for_a_call_but_its_own_box() {
    let host = Host::new(1, Method::Get, Framing::None, false);
    let each = allocations(host, &[hello(&[])], 1, |n| response(WHOLE, 2 * n + 1, "200", &[("x", "y")]));
    assert_eq!(each, 200);
}

#[test]
fn nothing_is_allocated_for_a_frame_of_a_body_in() {
    let host = Host::new(1, Method::Get, Framing::None, false);
    let begin = [hello(&[]), response(END_HEADERS, 1, "200", &[])];
    // Four frames of this size are more than half a window: they are answered by an update.
    assert_eq!(allocations(host, &begin, 0, |_| data(0, 1, &[7; 16_000]).repeat(4)), 0);
}

#[test]
fn nothing_is_allocated_for_a_frame_of_a_body_out() {
    let host = Host::new(1, Method::Post, Framing::Chunked, false);
    let credit = [window_update(1, 50_000), window_update(0, 50_000)].concat();
    assert_eq!(allocations(host, &[hello(&[])], 0, |_| credit.clone()), 0);
}

#[test]
fn nothing_is_allocated_for_a_message() {
    let host = Host::new(1, Method::Get, Framing::None, true);
    let hello = [hello(&[(8, 1), (4, 0x7fff_ffff)]), window_update(0, 0x7000_0000)].concat();
    let begin = [hello, response(END_HEADERS, 1, "200", &[])];
    let message = [&[0x82, 126, 0x0b, 0xb8][..], &[7; 3_000]].concat();
    assert_eq!(allocations(host, &begin, 0, |_| data(0, 1, &message)), 0);
}

#[test]
fn an_idle_connection_owns_little() {
    const N: u32 = 300;
    let live = |connections: u32, calls: u32| {
        let before = counting::count().live;
        let mut host = Host::new(connections, Method::Get, Framing::None, false);
        for conn in 0..connections {
            host.say(conn, &mut hello(&[]));
            for n in 0..calls {
                host.left.set(1);
                host.say(conn, &mut []);
                host.say(conn, &mut response(WHOLE, 2 * n + 1, "200", &[]));
            }
        }
        let live = counting::count().live - before;
        host.end();
        live
    };
    let each = |calls| (live(N + 1, calls) - live(1, calls)) / i64::from(N);
    let (fresh, used) = (each(0), each(3));
    println!("idle: {fresh} bytes fresh, {used} after three calls");
    assert!(fresh <= 2_048 && used <= 4_096, "{fresh} {used}");
}
