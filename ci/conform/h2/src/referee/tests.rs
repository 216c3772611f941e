//! Every rule that always holds, broken once.

use super::*;
use crate::hpack::{Fields, Form, indexed, literal, size_update};
use crate::wire::*;

fn frame(kind: u8, flags: u8, stream: u32, payload: impl AsRef<[u8]>) -> Frame {
    Frame { kind, flags, stream, payload: payload.as_ref().to_vec() }
}

/// A server that has sent its SETTINGS, and a request on stream 1.
fn server() -> Referee {
    let mut referee = Referee::new(Side::Server);
    referee.sent(&frame(HEADERS, WHOLE, 1, []));
    referee.see(&frame(SETTINGS, 0, 0, [])).unwrap();
    referee
}

fn client() -> Referee {
    let mut referee = Referee::new(Side::Client);
    referee.see(&frame(SETTINGS, 0, 0, [])).unwrap();
    referee
}

fn answer() -> Fields {
    Fields::default().with(":status", "200")
}

fn request() -> Fields {
    Fields::default()
        .with(":method", "GET")
        .with(":scheme", "http")
        .with(":path", "/")
        .with(":authority", "h")
}

/// The frames are good up to the last one, which breaks `rule`.
fn breaks(mut referee: Referee, rule: &str, frames: &[Frame]) {
    let (last, before) = frames.split_last().unwrap();
    for frame in before {
        referee.see(frame).unwrap_or_else(|e| panic!("{} broke {e}", frame.describe()));
    }
    let breach = referee.see(last).err().unwrap_or_else(|| panic!("{} broke nothing", last.describe()));
    assert!(breach.starts_with(&format!("{rule}:")), "{rule} was to be broken, not {breach}");
}

#[test]
fn a_good_answer_is_good() {
    let mut referee = server();
    referee.see(&frame(HEADERS, END_HEADERS, 1, Fields::default().with(":status", "103").block())).unwrap();
    let head = answer().with("content-length", "5").block();
    referee.see(&frame(HEADERS, 0, 1, &head[..4])).unwrap();
    let whole = referee.see(&frame(CONTINUATION, END_HEADERS, 1, &head[4..])).unwrap();
    assert!(matches!(whole, Event::Head { stream: 1, end: false, .. }));
    let data = referee.see(&frame(DATA, PADDED, 1, padded(3, b"hello", 3))).unwrap();
    assert_eq!(data, Event::Data { stream: 1, content: b"hello".to_vec(), flow: 9, end: false });
    referee.see(&frame(HEADERS, WHOLE, 1, Fields::default().with("x-sum", "5").block())).unwrap();
}

#[test]
fn frames_by_themselves() {
    let first = || Referee::new(Side::Server);
    breaks(first(), "9113/3.4", &[frame(PING, 0, 0, [0; 8])]);
    breaks(first(), "9113/3.4", &[frame(SETTINGS, ACK, 0, [])]);
    for (rule, bad) in [
        ("9113/4.1", frame(PING, 0, 1 << 31, [0; 8])),
        ("9113/4.1", frame(PING, 2, 0, [0; 8])),
        ("9113/4.1", frame(HEADERS, 0x80 | WHOLE, 1, answer().block())),
        ("9113/4.2", frame(DATA, 0, 1, vec![0; 16_385])),
        ("9113/6", frame(RST_STREAM, 0, 1, [0; 3])),
        ("9113/6", frame(PRIORITY, 0, 1, [0; 4])),
        ("9113/6", frame(PING, 0, 0, [0; 7])),
        ("9113/6", frame(GOAWAY, 0, 0, [0; 7])),
        ("9113/6", frame(WINDOW_UPDATE, 0, 1, [0; 5])),
        ("9113/6", frame(SETTINGS, 0, 0, [0; 5])),
        ("9113/6", frame(SETTINGS, ACK, 0, [0; 6])),
        ("9113/6", frame(SETTINGS, 0, 1, [])),
        ("9113/6", frame(DATA, 0, 0, [])),
        ("9113/6.5.2", frame(SETTINGS, 0, 0, settings(&[(ENABLE_PUSH, 1)]))),
        ("9113/6.5.2", frame(SETTINGS, 0, 0, settings(&[(INITIAL_WINDOW_SIZE, 1 << 31)]))),
        ("9113/6.5.2", frame(SETTINGS, 0, 0, settings(&[(MAX_FRAME_SIZE, 1)]))),
        ("9113/6.5.2", frame(SETTINGS, 0, 0, settings(&[(ENABLE_CONNECT_PROTOCOL, 2)]))),
        ("9113/6.5.3", frame(SETTINGS, ACK, 0, [])),
        ("9113/6.6", frame(PUSH_PROMISE, END_HEADERS, 1, [0, 0, 0, 2])),
        ("9113/6.7", frame(PING, ACK, 0, [0; 8])),
        ("9113/6.9", frame(WINDOW_UPDATE, 0, 1, [0; 4])),
        ("9113/6.10", frame(CONTINUATION, END_HEADERS, 1, [])),
    ] {
        breaks(server(), rule, &[bad]);
    }
}

#[test]
fn frames_one_after_the_other() {
    let head = || frame(HEADERS, END_HEADERS, 1, answer().block());
    let reset = || frame(RST_STREAM, 0, 1, [0, 0, 0, 8]);
    let increment = |stream| frame(WINDOW_UPDATE, 0, stream, [0, 0, 0, 1]);
    let goaway = |last| frame(GOAWAY, 0, 0, wire::goaway(last, 0, b""));
    for (rule, frames) in [
        ("9113/4.3", vec![frame(HEADERS, 0, 1, []), frame(PING, 0, 0, [0; 8])]),
        ("9113/5.1", vec![frame(HEADERS, WHOLE, 3, answer().block())]),
        ("9113/5.1", vec![frame(RST_STREAM, 0, 3, [0; 4])]),
        ("9113/5.1", vec![increment(3)]),
        ("9113/5.1", vec![reset(), increment(1)]),
        ("9113/5.1", vec![head(), frame(DATA, END_STREAM, 1, []), frame(DATA, 0, 1, [])]),
        ("9113/6.8", vec![goaway(1), goaway(3)]),
        ("9113/8.1", vec![frame(DATA, 0, 1, b"x")]),
        ("9113/8.1", vec![head(), head()]),
        ("9113/8.1", vec![head(), frame(HEADERS, WHOLE, 1, answer().block())]),
        ("9113/8.1", vec![frame(HEADERS, WHOLE, 1, Fields::default().with(":status", "103").block())]),
        ("9113/6.1", vec![head(), frame(DATA, PADDED, 1, [])]),
        ("9113/6.1", vec![head(), frame(DATA, PADDED, 1, [3, 0])]),
        ("9113/6.1", vec![head(), frame(DATA, PADDED, 1, [1, 7])]),
    ] {
        breaks(server(), rule, &frames);
    }
}

#[test]
fn windows_are_those_we_gave() {
    let head = || frame(HEADERS, END_HEADERS, 1, answer().block());
    let data = |octets: usize| frame(DATA, 0, 1, vec![0; octets]);
    let fill = || vec![head(), data(16_384), data(16_384), data(16_384), data(16_383)];
    breaks(server(), "9113/6.9.1", &[fill(), vec![data(1)]].concat());
    // The stream's window alone, and the connection's alone.
    for stream in [0, 1] {
        let mut referee = server();
        referee.sent(&frame(WINDOW_UPDATE, 0, stream, [0, 0, 1, 0]));
        breaks(referee, "9113/6.9.1", &[fill(), vec![data(1)]].concat());
    }
    let mut referee = server();
    referee.sent(&frame(WINDOW_UPDATE, 0, 0, [0, 0, 1, 0]));
    referee.sent(&frame(WINDOW_UPDATE, 0, 1, [0, 0, 1, 0]));
    breaks(referee, "9113/6.9.1", &[fill(), vec![data(256), data(1)]].concat());
    // A smaller window counts from the acknowledgement, a larger one at once; an empty frame needs none.
    let mut referee = server();
    referee.sent(&frame(SETTINGS, 0, 0, settings(&[(INITIAL_WINDOW_SIZE, 5)])));
    let frames = [head(), data(5), frame(SETTINGS, ACK, 0, []), data(0), data(1)];
    breaks(referee, "9113/6.9.1", &frames);
}

#[test]
fn fields_of_an_answer() {
    let with = |name: &str, value: &str| answer().with(name, value);
    for (rule, fields) in [
        ("9113/8.2.1", with("Upper", "1")),
        ("9113/8.2.1", with("a b", "1")),
        ("9113/8.2.1", with("", "1")),
        ("9113/8.2.1", with("x", "a\nb")),
        ("9113/8.2.1", with("x", " a")),
        ("9113/8.2.2", with("connection", "close")),
        ("9113/8.3", with("x", "1").with(":status", "200")),
        ("9113/8.3", with(":status", "200")),
        ("9113/8.3.2", with(":path", "/")),
        ("9113/8.3.2", Fields::default().with("x", "1")),
        ("9113/8.3.2", Fields::default().with(":status", "20")),
        ("9113/8.6", Fields::default().with(":status", "101")),
        ("9113/8.1.1", with("content-length", "5")),
        ("9110/8.6", with("content-length", "five")),
        ("9110/8.6", with("content-length", "0").with("content-length", "1")),
    ] {
        breaks(server(), rule, &[frame(HEADERS, WHOLE, 1, fields.block())]);
    }
    let mut to_head = server();
    to_head.sent_head_request(1);
    let head = frame(HEADERS, END_HEADERS, 1, with("content-length", "5").block());
    breaks(to_head, "9110/6.4.1", &[head, frame(DATA, END_STREAM, 1, b"hello")]);
}

#[test]
fn requests_of_a_client() {
    let asks = |stream, fields: Fields| frame(HEADERS, WHOLE, stream, fields.block());
    for (rule, fields) in [
        ("9113/8.3", request().first(":status", "200")),
        ("9113/8.3.1", request().without(":method")),
        ("9113/8.3.1", request().without(":path")),
        ("9113/8.3.1", request().set(":path", "")),
        ("9113/8.3.1", request().without(":authority")),
        ("9113/8.3.1", request().set(":authority", "me@h")),
        ("9113/8.3.1", request().with("host", "other")),
        ("9113/8.2.2", request().with("te", "gzip")),
        ("9113/8.5", request().set(":method", "CONNECT")),
        ("8441/4", request().with(":protocol", "websocket")),
    ] {
        breaks(client(), rule, &[asks(1, fields)]);
    }
    breaks(client(), "9113/5.1.1", &[asks(2, request())]);
    breaks(client(), "9113/5.1.1", &[asks(5, request()), asks(3, request())]);
    let mut limited = client();
    limited.sent(&frame(SETTINGS, 0, 0, settings(&[(MAX_CONCURRENT_STREAMS, 1)])));
    let frames = [frame(SETTINGS, ACK, 0, []), asks(1, request()), asks(3, request())];
    breaks(limited, "9113/5.1.2", &frames);
}

#[test]
fn blocks_and_the_dynamic_table() {
    let head = |block: Vec<u8>| frame(HEADERS, WHOLE, 1, block);
    for (rule, block) in [
        ("7541", vec![0x80]),
        ("7541", vec![0x88, 0xbe]),
        ("7541/6", vec![0x88, 0x00, 0x05, b'x']),
        ("7541/4.2", [vec![0x88], size_update(0)].concat()),
        ("7541/4.2", [size_update(0), size_update(1), size_update(2), vec![0x88]].concat()),
        ("7541/6.3", [size_update(4097), vec![0x88]].concat()),
    ] {
        breaks(server(), rule, &[head(block)]);
    }
    // A table that was filled, and then has to shrink.
    let fill = || frame(HEADERS, END_HEADERS, 1, [indexed(8), literal(Form::Incremental, "x", "1")].concat());
    let mut referee = server();
    referee.sent(&frame(SETTINGS, 0, 0, settings(&[(HEADER_TABLE_SIZE, 0)])));
    let plain = || frame(HEADERS, WHOLE, 1, literal(Form::Plain, "x", "1"));
    breaks(referee, "9113/4.3.1", &[fill(), frame(SETTINGS, ACK, 0, []), plain()]);
    let mut referee = server();
    referee.sent(&frame(SETTINGS, 0, 0, settings(&[(HEADER_TABLE_SIZE, 0)])));
    let good = frame(HEADERS, WHOLE, 1, [size_update(0), literal(Form::Plain, "x", "1")].concat());
    for frame in [fill(), frame(SETTINGS, ACK, 0, []), good] {
        referee.see(&frame).unwrap();
    }
}
