//! What a connection owns, and that nothing is allocated for a request, a frame or a message.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
#[path = "../../lws-sim/tests/support/counting.rs"]
mod counting;

use common::site::{self, Notes};
use common::*;
use lws_role::limits::OUT_BYTES;
use lws_role::{Blueprint, Closed, Facts, Handle, Hosted, Peer, Place, World};
use lws_sim::ws;
use lws_wire::{Out, Time};

/// A host of many connections, which allocates nothing itself once it is warm.
struct Host {
    world: World,
    facts: Facts,
    cork: Box<[u8]>,
    conns: Vec<Hosted>,
}

impl Host {
    fn new(connections: u32) -> Self {
        let mut world = World::new(Time::ZERO);
        let acceptor = site::h2(&Notes::default()).install(&mut world).unwrap();
        let facts = Facts::plain(Peer::Memory);
        let mut cork = vec![0; OUT_BYTES].into_boxed_slice();
        let mut conns = Vec::with_capacity(connections as usize);
        for conn in 0..connections {
            let handle = Handle { conn, generation: 0, sub: 0 };
            let mut place = Place::new(&mut world, handle, &facts);
            let (hosted, closed) =
                Hosted::start(acceptor.accept(&facts), &mut place, &mut Out::new(&mut cork));
            assert_eq!(closed, None);
            conns.push(hosted);
        }
        Self { world, facts, cork, conns }
    }

    /// Offers input to one connection; returns bytes of answer.
    fn say(&mut self, conn: u32, input: &mut [u8]) -> usize {
        let handle = Handle { conn, generation: 0, sub: 0 };
        let mut place = Place::new(&mut self.world, handle, &self.facts);
        let mut out = Out::new(&mut self.cork);
        let ran = self.conns[conn as usize].run(&mut place, input, &mut out);
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

/// Bytes per connection after each has said this.
fn owned(say: &[&[u8]]) -> i64 {
    const N: u32 = 500;
    let live = |connections: u32| {
        let before = counting::count().live;
        let mut host = Host::new(connections);
        for conn in 0..connections {
            for bytes in say {
                host.say(conn, &mut bytes.to_vec());
            }
        }
        let live = counting::count().live - before;
        host.end();
        live
    };
    // The world and its blocks are there for one connection, too.
    (live(N + 1) - live(1)) / i64::from(N)
}

#[test]
fn an_idle_connection_owns_little() {
    let hello = hello(&[]);
    let fresh = owned(&[&hello]);
    assert!(fresh <= 2_048, "{fresh} bytes after the handshake");
    let used = owned(&[&hello, &get(1, "/x"), &get(3, "/empty")]);
    assert!(used <= 4_096, "{used} bytes after two requests");
    // A client that uses the compression table makes us keep what it has put there.
    let indexed = frame(
        kind::HEADERS,
        WHOLE,
        5,
        &[
            &block(&[(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a")])[..],
            b"\x40\x01a\x01b",
        ]
        .concat(),
    );
    let filled = owned(&[&hello, &get(1, "/x"), &indexed]);
    assert!(filled <= 4_096, "{filled} bytes with a table");
    println!("idle: {fresh} bytes fresh, {used} used, {filled} with a table");
}

/// Allocations while a warm connection is told this, again and again.
fn allocations(hello: &[u8], mut next: impl FnMut(u32) -> Vec<u8>) -> u64 {
    let mut host = Host::new(1);
    host.say(0, &mut hello.to_vec());
    let mut total = 0;
    for n in 0..300 {
        let mut input = next(n);
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
fn nothing_is_allocated_for_a_request() {
    let hello = hello(&[]);
    assert_eq!(allocations(&hello, |n| get(2 * n + 1, "/empty")), 0);
    assert_eq!(
        allocations(&hello, |n| get(2 * n + 1, "/fields-of-nobody")),
        2 * 200,
        "the handler's text, and its box"
    );
    assert_eq!(allocations(&hello, |n| get(2 * n + 1, "/missing/../empty")), 0);
}

#[test]
fn nothing_is_allocated_for_a_frame_of_a_body() {
    let hello = [&hello(&[(4, 0x7fff_ffff)])[..], &window_update(0, 0x7000_0000), &post(1, "/echo")].concat();
    assert_eq!(allocations(&hello, |_| data(0, 1, &[7; 5_000])), 0);
}

#[test]
fn nothing_is_allocated_for_a_message() {
    let connect = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":path", "/ws"),
        (":authority", "a"),
        ("sec-websocket-version", "13"),
    ];
    let hello =
        [&hello(&[(4, 0x7fff_ffff)])[..], &window_update(0, 0x7000_0000), &headers(END_HEADERS, 1, &connect)]
            .concat();
    assert_eq!(allocations(&hello, |_| data(0, 1, &ws::binary(&[7; 3_000]))), 0);
}

/// The fields that a browser repeats in each request, to be kept in the table (RFC 7541 §6.2.1).
fn browser(stream: u32) -> Vec<u8> {
    let indexed = |name: &str, value: &str| {
        let text = |s: &str| [&[u8::try_from(s.len()).unwrap()], s.as_bytes()].concat();
        [vec![0x40], text(name), text(value)].concat()
    };
    let fields = [
        (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
        ),
        ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
        ("accept-language", "en-GB,en;q=0.9,de;q=0.8"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("sec-ch-ua", "\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\", \"Google Chrome\";v=\"140\""),
        ("sec-ch-ua-mobile", "?0"),
        ("sec-ch-ua-platform", "\"Linux\""),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-user", "?1"),
        ("sec-fetch-dest", "document"),
        ("upgrade-insecure-requests", "1"),
        ("referer", "https://example.com/some/page/of/ours?with=a&query=string"),
        ("cache-control", "max-age=0"),
    ];
    let first = block(&[(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a")]);
    let rest: Vec<u8> = fields.iter().flat_map(|(name, value)| indexed(name, value)).collect();
    frame(kind::HEADERS, WHOLE, stream, &[first, rest].concat())
}

#[test]
fn a_browser_that_is_idle_costs_less_than_a_page() {
    let idle = owned(&[&hello(&[]), &browser(1), &get(3, "/x")]);
    println!("idle: {idle} bytes with a browser's fields in the table");
    assert!(idle <= 4_096, "{idle} bytes");
}
