//! WebSocket over HTTP/2 (RFC 8441): the same role and the same upgrader as over HTTP/1.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::site::{self, Notes};
use common::*;
use lws_sim::ws::{self, Heard as Said};
use lws_sim::{Conditions, Rng, for_seeds};

const CONNECT: [(&str, &str); 6] = [
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "https"),
    (":path", "/ws"),
    (":authority", "a"),
    ("sec-websocket-version", "13"),
];

fn connect(stream: u32, more: &[(&str, &str)]) -> Vec<u8> {
    headers(END_HEADERS, stream, &[&CONNECT[..], more].concat())
}

fn connect_but(stream: u32, name: &str, value: &str) -> Vec<u8> {
    let fields: Vec<_> = CONNECT.iter().map(|(n, v)| (*n, if *n == name { value } else { v })).collect();
    headers(END_HEADERS, stream, &fields)
}

fn open(notes: &Notes) -> Client {
    let mut client = Client::to(&site::h2(notes), Conditions::CALM, 0);
    client.say(connect(1, &[]));
    assert_eq!((client.stream(1).status, client.stream(1).ended), (200, false));
    client
}

fn said(client: &mut Client, id: u32) -> Vec<Said> {
    ws::heard(&client.stream(id).body.clone()).unwrap()
}

#[test]
fn h2_19_extended_connect_opens_a_websocket() {
    let notes = Notes::default();
    let mut client = open(&notes);
    assert_eq!(client.stream(1).field("sec-websocket-accept"), None, "there was no key");
    client.say(data(0, 1, &ws::text("hello")));
    assert_eq!(said(&mut client, 1), [Said::Text("hello".into())]);
    assert_eq!(notes.lock().unwrap()[..], ["open on a"]);
    // Close frames, and then END_STREAM, both ways.
    client.say(data(0, 1, &ws::close(1000, "bye")));
    assert_eq!(said(&mut client, 1).len(), 2);
    assert!(client.stream(1).ended);
    client.say(data(END_STREAM, 1, b""));
    assert_eq!((client.stream(1).reset, client.closed()), (None, None));
    assert_eq!(notes.lock().unwrap()[1..], ["socket: done"]);
    client.end();
}

#[test]
fn h2_19_what_does_not_qualify_is_answered() {
    for (bytes, status) in [
        (connect_but(1, ":protocol", "raw"), 501),
        (connect_but(1, ":path", "/nowhere"), 501),
        (connect_but(1, "sec-websocket-version", "12"), 426),
        (connect(1, &[("origin", "https://evil.example")]), 403),
        (connect(1, &[("origin", "https://a")]), 200),
        (headers(END_HEADERS, 1, &CONNECT[..5]), 400),
    ] {
        let mut client = Client::calm();
        client.say(&bytes);
        let heard = client.stream(1).clone();
        assert_eq!(heard.status, status);
        assert_eq!((heard.ended, heard.reset), (status != 200, None));
        client.say(get(3, "/"));
        assert_eq!(client.stream(3).status, 200);
    }
    // An ordinary GET to the same path is an ordinary GET.
    let mut client = Client::calm();
    client.say(get(1, "/ws"));
    assert_eq!(client.stream(1).text(), "root /ws");
    // And CONNECT to a host is for proxies.
    client.say(headers(END_HEADERS, 3, &[(":method", "CONNECT"), (":authority", "a:80")]));
    assert_eq!(client.stream(3).status, 405);
}

#[test]
fn h2_19_sockets_count_as_streams_and_share_with_requests() {
    let notes = Notes::default();
    let mut client = Client::to(&site::h2(&notes), Conditions::CALM, 0);
    client.say((0..99).flat_map(|n| connect(2 * n + 1, &[])).collect::<Vec<u8>>());
    client.say([connect(199, &[]), get(201, "/")].concat());
    assert_eq!(client.stream(201).reset, Some(REFUSED_STREAM));
    client.say([data(END_STREAM, 1, b""), get(203, "/")].concat());
    assert_eq!((client.stream(1).ended, client.stream(203).status), (true, 200));
    client.say((1..100).flat_map(|n| data(0, 2 * n + 1, &ws::text("hi"))).collect::<Vec<u8>>());
    for n in 1..100 {
        assert_eq!(said(&mut client, 2 * n + 1), [Said::Text("hi".into())]);
    }
    client.end();
}

#[test]
fn ws_19_end_of_stream_is_the_end_of_the_connection() {
    let notes = Notes::default();
    let mut client = open(&notes);
    client.say(data(END_STREAM, 1, &ws::text("last words")));
    assert_eq!(said(&mut client, 1), [Said::Text("last words".into())]);
    assert!(client.stream(1).ended);
    assert_eq!(notes.lock().unwrap()[1..], ["socket: the peer finished"]);
    client.end();
}

#[test]
fn ws_19_a_reset_in_the_middle_of_a_message() {
    let notes = Notes::default();
    let mut client = open(&notes);
    let frame = ws::text("a message that is cut off");
    client.say([data(0, 1, &frame[..10]), rst(1, CANCEL)].concat());
    assert_eq!(notes.lock().unwrap()[1..], ["socket: the connection was lost"]);
    client.say(get(3, "/"));
    assert_eq!(client.stream(3).status, 200);
    client.end();
}

#[test]
fn ws_19_a_broken_frame_costs_its_stream() {
    let notes = Notes::default();
    let mut client = open(&notes);
    client.say(data(0, 1, b"\x81\x05hello"));
    assert_eq!(said(&mut client, 1), [Said::Close(Some(1002), String::new())], "unmasked");
    assert!(client.stream(1).ended);
    // The peer has five seconds to end its side.
    client.advance(5.1);
    assert_eq!((client.stream(1).reset, client.closed()), (Some(NO_ERROR), None));
    client.end();
}

#[test]
fn ws_19_caps_per_stream_and_per_connection() {
    let notes = Notes::default();
    let mut client = open(&notes);
    client.credits = false;
    let message = ws::binary(&[7; 4_000]);
    // The client reads nothing on this stream: its echo stops, and its own window with it.
    let mut sent = 0;
    let mut window = 65_536_u64;
    while window >= message.len() as u64 {
        client.say(data(0, 1, &message));
        sent += 1;
        window -= message.len() as u64;
        window += client.windows.remove(&1).unwrap_or(0);
        assert!(sent < 100, "it takes without end");
    }
    assert_eq!(client.stream(1).body.len(), 65_535);
    // Others still have the window of the connection: none. But requests without a body are answered.
    client.say([window_update(0, 1_000), get(3, "/x")].concat());
    assert_eq!(client.stream(3).text(), "root /x");
    client.credits = true;
    client.say([window_update(0, 64_000), window_update(1, 65_535)].concat());
    assert_eq!(said(&mut client, 1).len(), sent);
    client.end();
}

#[test]
fn drain_closes_sockets_with_1001() {
    let notes = Notes::default();
    let mut client = open(&notes);
    client.sim.drain();
    client.run();
    assert_eq!(said(&mut client, 1), [Said::Close(Some(1001), String::new())]);
    client.say(data(END_STREAM, 1, &ws::close(1001, "")));
    assert_eq!((client.closed(), client.goaway), (Some(lws_role::Closed::Shutdown), Some((1, NO_ERROR))));
    client.end();
}

/// Messages of all sizes, fragmented or not, through windows of all sizes, both ways.
fn conversation(seed: u64) {
    let mut rng = Rng::new(seed);
    let conditions = Conditions::rough(&mut rng);
    let notes = Notes::default();
    let mut client = Client::to(&site::h2(&notes), conditions, seed);
    let window = *rng.pick(&[1, 50, 3_000, 10_000, 65_535, 1 << 20]);
    client.rounds = 30;
    client.say([settings(&[(4, window)]), connect(1, &[]), get(3, "/stream")].concat());
    let mut bytes = Vec::new();
    let mut want = Vec::new();
    for _ in 0..1 + rng.below(8) {
        let n = rng.magnitude(0, 100_000);
        let message: Vec<u8> = (0..n).map(|i| (i % 253) as u8).collect();
        let cut = rng.below(n + 1);
        if rng.one_in(2) {
            bytes.extend(ws::frame(false, ws::BINARY, &message[..cut], [1, 2, 3, 4]));
            bytes.extend(ws::ping(b"in between"));
            bytes.extend(ws::frame(true, 0, &message[cut..], [5, 6, 7, 8]));
            want.push(Said::Pong(b"in between".to_vec()));
        } else {
            bytes.extend(ws::binary(&message));
        }
        want.push(Said::Binary(message));
    }
    bytes.extend(ws::close(1000, ""));
    want.push(Said::Close(Some(1000), String::new()));
    let (mut at, mut open, mut turns) = (0, 65_536_u64, 0);
    while at < bytes.len() {
        open += client.windows.remove(&1).unwrap_or(0);
        let n = (bytes.len() - at).min(open as usize).min(1 + rng.below(16_384));
        let last = at + n == bytes.len();
        client.say(data(if last { END_STREAM } else { 0 }, 1, &bytes[at..at + n]));
        at += n;
        open -= n as u64;
        if n < 1_000 {
            client.say([window_update(1, 20_000), window_update(3, 1_000)].concat());
        }
        turns += 1;
        assert!(turns < 2_000, "seed {seed}: stuck at {at} of {}", bytes.len());
    }
    client.rounds = 100;
    for _ in 0..100 {
        if client.stream(1).ended && client.stream(3).ended {
            break;
        }
        let waiting: Vec<u32> = [1, 3].into_iter().filter(|id| !client.streams[id].ended).collect();
        client.say(waiting.iter().flat_map(|id| window_update(*id, 50_000)).collect::<Vec<u8>>());
    }
    let got = ws::heard(&client.stream(1).body.clone()).unwrap();
    // Pongs may overtake messages that wait for a window; everything else keeps its order.
    let but_pongs =
        |all: &[Said]| all.iter().filter(|s| !matches!(s, Said::Pong(_))).cloned().collect::<Vec<_>>();
    assert!(but_pongs(&got) == but_pongs(&want), "seed {seed}: {} messages of {}", got.len(), want.len());
    assert_eq!(got.len(), want.len(), "seed {seed}");
    assert!(
        client.stream(1).ended && client.stream(1).reset.is_none() && client.stream(3).ended,
        "seed {seed}"
    );
    client.sim.drain();
    client.run();
    client.end();
}

#[test]
fn large_messages_both_ways_under_window_refill() {
    for_seeds!(0..60, |seed| conversation(seed));
}
