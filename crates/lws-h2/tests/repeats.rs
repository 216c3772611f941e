//! What is remembered within one call never shows: heads that repeat mean, and become, what they always did.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::*;
use lws_h2::{Connection, Event, Field, HeadMemo, HeadRoom, limits, settings};
use lws_hpack::{Decoder, Limits};
use lws_wire::{Out, Time};
use proptest::prelude::*;
use std::ops::ControlFlow;

/// A server that tells what it hears, each block in the same room or each in a new one.
struct Server {
    conn: Connection<()>,
    id: u32,
}

impl Server {
    fn new() -> Self {
        let mut this = Self { conn: Connection::server(settings::Local::default()), id: 1 };
        assert!(this.conn.start(&mut Out::new(&mut [0; 128])));
        let (mut block, mut bytes) = (vec![0; limits::HEAD_ROOM_BYTES], preface());
        this.hear(&mut HeadRoom::new(&mut block), &mut bytes);
        this
    }

    fn hear(&mut self, room: &mut HeadRoom<'_>, bytes: &mut [u8]) -> Vec<String> {
        let (mut told, mut at, mut out) = (Vec::new(), 0, [0; 1024]);
        while at < bytes.len() {
            let mut out = Out::new(&mut out);
            let got = self.conn.receive(Time::ZERO, &mut bytes[at..], room, &mut out).unwrap();
            at += got.consumed;
            let done = match got.event {
                Event::Request(request) => {
                    told.push(format!(
                        "{:?} {:?} {:?} {:?}",
                        request.head, request.length, request.ends, request.expect_continue
                    ));
                    told.push(format!(
                        "{:?}",
                        request.head.fields.iter().map(|f| f.text()).collect::<Vec<_>>()
                    ));
                    Some(request.id)
                }
                Event::Reset { id, code, .. } => {
                    told.push(format!("{code:?}"));
                    Some(id)
                }
                _ => None,
            };
            if let Some(id) = done {
                let urgency = self.conn.stream(id).map(|(_, stream)| stream.flow.urgency());
                told.push(format!("{urgency:?}"));
                self.conn.forget(id);
            }
            told.push(format!("{:?}", out.written()));
        }
        told
    }

    fn request(&mut self, room: &mut HeadRoom<'_>, block: &[u8]) -> Vec<String> {
        let mut bytes = frame(kind::HEADERS, WHOLE, self.id, block);
        self.id += 2;
        self.hear(room, &mut bytes)
    }
}

/// `GET` of `path` at `a`, and whatever is behind.
fn get(path: &str, behind: &[u8]) -> Vec<u8> {
    let mut block = vec![0x82, 0x86, 0x04, path.len() as u8];
    block.extend(path.as_bytes());
    block.extend(b"\x01\x01a");
    block.extend(behind);
    block
}

/// Blocks whose meaning depends on the table, and blocks that change it.
fn blocks() -> Vec<Vec<u8>> {
    vec![
        get("/", b""),
        get("/x?y=z", b""),
        // The newest entry, and the one before it.
        get("/", b"\xbe"),
        get("/", b"\xbf"),
        // `p: q`, `r: s` and `priority: u=1` into the table.
        get("/", b"\x40\x01p\x01q"),
        get("/", b"\x40\x01r\x01s"),
        get("/", b"\x40\x08priority\x03u=1"),
        // `expect: 100-continue` from the static table's name, and a `host` that agrees.
        get("/", b"\x0f\x14\x0c100-continue"),
        get("/", b"\x0f\x17\x01a"),
        // Malformed: a second method, a connection field, an upper-case name.
        get("/", b"\x83"),
        get("/", b"\x00\x07upgrade\x01x"),
        get("/", b"\x00\x01A\x01x"),
        // A method that nobody knows is answered.
        b"\x02\x03ABC\x86\x84\x01\x01a".to_vec(),
        // A table of nothing, then one of 4096 bytes again.
        [&b"\x20\x3f\xe1\x1f"[..], &get("/", b"\x40\x01t\x01u")].concat(),
        // Longer than what is remembered.
        get(&format!("/{}", "l".repeat(125)), b"\xbe"),
    ]
}

proptest! {
    #[test]
    fn a_request_that_repeats_means_what_it_always_did(order in prop::collection::vec(0..15_usize, 1..60)) {
        let (mut one, mut many) = (vec![0; limits::HEAD_ROOM_BYTES], vec![0; limits::HEAD_ROOM_BYTES]);
        let mut room = HeadRoom::new(&mut one);
        let (mut remembers, mut forgets) = (Server::new(), Server::new());
        // An entry that indices may mean from the beginning, twice.
        for block in [get("/", b"\x40\x01a\x01b"), get("/", b"\x40\x01c\x01d")] {
            remembers.request(&mut room, &block);
            forgets.request(&mut HeadRoom::new(&mut many), &block);
        }
        let blocks = blocks();
        let mut resets = 0;
        for &which in &order {
            // An index that the table does not have would end the connection, and so would too many resets.
            let emptied = order.contains(&13);
            resets += u32::from((9..=12).contains(&which));
            if (emptied && matches!(which, 2 | 3 | 14)) || resets > 40 {
                continue;
            }
            let want = forgets.request(&mut HeadRoom::new(&mut many), &blocks[which]);
            prop_assert_eq!(remembers.request(&mut room, &blocks[which]), want, "block {}", which);
        }
    }
}

#[test]
fn the_same_bytes_after_a_change_of_the_table_mean_something_else() {
    let mut block = vec![0; limits::HEAD_ROOM_BYTES];
    let mut room = HeadRoom::new(&mut block);
    let mut server = Server::new();
    server.request(&mut room, &get("/", b"\x40\x01a\x01b"));
    let first = server.request(&mut room, &get("/", b"\xbe"));
    assert_eq!(server.request(&mut room, &get("/", b"\xbe")), first);
    assert!(first[1].contains("\"b\""), "{first:?}");
    server.request(&mut room, &get("/", b"\x40\x01c\x01d"));
    let second = server.request(&mut room, &get("/", b"\xbe"));
    assert!(second[1].contains("\"d\"") && !second[1].contains("\"b\""), "{second:?}");
}

#[test]
fn two_connections_with_one_room_do_not_mix() {
    let mut block = vec![0; limits::HEAD_ROOM_BYTES];
    let mut room = HeadRoom::new(&mut block);
    let (mut one, mut other) = (Server::new(), Server::new());
    one.request(&mut room, &get("/", b"\x40\x01a\x01b"));
    other.request(&mut room, &get("/", b"\x40\x01c\x01d"));
    for _ in 0..3 {
        assert!(one.request(&mut room, &get("/", b"\xbe"))[1].contains("\"b\""));
        assert!(other.request(&mut room, &get("/", b"\xbe"))[1].contains("\"d\""));
    }
}

#[test]
fn h2_14_an_authority_that_is_not_text_is_refused_even_beside_a_host() {
    for behind in [&b""[..], b"\x0f\x17\x01a"] {
        let mut block = vec![0; limits::HEAD_ROOM_BYTES];
        let bytes = [b"\x82\x86\x84\x01\x02a\xff", behind].concat();
        let told = Server::new().request(&mut HeadRoom::new(&mut block), &bytes);
        assert_eq!(told, [format!("{:?}", rst(1, lws_h2::Code::PROTOCOL_ERROR.0))]);
    }
}

/// What the client reads from the frames that were sent.
fn read(decoder: &mut Decoder, bytes: &[u8]) -> Vec<(u8, Vec<String>)> {
    let mut heads = Vec::new();
    for sent in parse(bytes) {
        let mut fields = Vec::new();
        let used = decoder
            .decode(&sent.payload, &mut [0; 4096], |field| {
                fields.push(format!("{}={}", field.name.escape_ascii(), field.value.escape_ascii()));
                ControlFlow::Continue(())
            })
            .unwrap();
        decoder.finish(&sent.payload[used..]).unwrap();
        heads.push((sent.flags, fields));
    }
    heads
}

proptest! {
    #[test]
    fn a_response_that_repeats_reads_as_it_was_said(
        steps in prop::collection::vec((0..4_usize, prop::option::of(0..2000_u64), any::<bool>(), 0..12_usize), 1..40),
    ) {
        let date = |n: usize| format!("day {n}");
        let kinds = [["200", "text/plain"], ["200", "text/html"], ["404", "text/html"], ["304", ""]];
        let (mut block, mut memo) = (vec![0; limits::HEAD_ROOM_BYTES], [0; 256]);
        let mut memo = HeadMemo::new(&mut memo);
        let (mut server, mut decoder) = (Server::new(), Decoder::new(Limits::default()));
        let (mut day, mut room) = (0, [0; 512]);
        for (which, length, ends, turn) in steps {
            // The date changes; the client changes its table; a frame finds no room.
            day += usize::from(turn == 0);
            if turn == 1 {
                let mut bytes = settings_frame(&[(1, 40 * which as u32)]);
                server.hear(&mut HeadRoom::new(&mut block), &mut bytes);
                decoder.set_table_bytes(40 * which).unwrap();
            }
            let id = server.id;
            server.id += 2;
            let mut bytes = get_with(id, &[]);
            let (mut answer, mut head) = ([0; 128], HeadRoom::new(&mut block));
            server.conn.receive(Time::ZERO, &mut bytes, &mut head, &mut Out::new(&mut answer)).unwrap();
            let [status, kind] = kinds[which];
            let day = date(day);
            let fields = [(":status", status), ("content-type", kind), ("date", &day[..])];
            let key = format!("{fields:?}");
            let fields = fields.map(|(name, value)| Field::new(name.as_bytes(), value.as_bytes()));
            let (sender, stream) = server.conn.stream(id).unwrap();
            if turn == 2 {
                let mut short = Out::new(&mut room[..10]);
                let head = (key.as_bytes(), fields);
                prop_assert!(!sender.head_like(&mut stream.flow, &mut short, &mut memo, head, length, ends));
                prop_assert!(short.is_empty() && !stream.flow.is_closed());
            }
            let mut out = Out::new(&mut room);
            let head = (key.as_bytes(), fields);
            prop_assert!(sender.head_like(&mut stream.flow, &mut out, &mut memo, head, length, ends));
            prop_assert_eq!(stream.flow.is_closed(), ends);
            let mut want: Vec<String> = fields
                .iter()
                .map(|f| format!("{}={}", f.name.escape_ascii(), f.value.escape_ascii()))
                .collect();
            want.extend(length.map(|n| format!("content-length={n}")));
            let flags = END_HEADERS | if ends { END_STREAM } else { 0 };
            prop_assert_eq!(read(&mut decoder, out.written()), vec![(flags, want)]);
            server.conn.forget(id);
        }
    }
}

#[test]
fn a_response_that_repeats_is_a_copy() {
    let mut room = [0; 1024];
    let mut answer = |memo: &mut HeadMemo<'_>, server: &mut Server, key: &[u8], value: &str| {
        let id = server.id;
        let mut block = vec![0; limits::HEAD_ROOM_BYTES];
        let mut bytes = get_with(id, &[]);
        let mut head = HeadRoom::new(&mut block);
        server.conn.receive(Time::ZERO, &mut bytes, &mut head, &mut Out::new(&mut [0; 128])).unwrap();
        server.id += 2;
        let (sender, stream) = server.conn.stream(id).unwrap();
        let mut out = Out::new(&mut room);
        let head = (key, [Field::new(b":status", b"200"), Field::new(b"a", value.as_bytes())]);
        assert!(sender.head_like(&mut stream.flow, &mut out, memo, head, Some(5), true));
        server.conn.forget(id);
        out.written()[9..].to_vec()
    };
    let (mut server, mut bytes) = (Server::new(), [0; 128]);
    let mut memo = HeadMemo::new(&mut bytes);
    let first = answer(&mut memo, &mut server, b"key", "b");
    let second = answer(&mut memo, &mut server, b"key", "b");
    assert!(second.len() < first.len(), "the field stands in the table now");
    // The fields are not looked at when the key says that they are the same.
    assert_eq!(answer(&mut memo, &mut server, b"key", "not looked at"), second);
    assert_ne!(answer(&mut memo, &mut server, b"other", "looked at"), second);
}

#[test]
fn a_whole_body_is_one_frame_or_nothing() {
    let mut server = Server::new();
    let mut block = vec![0; limits::HEAD_ROOM_BYTES];
    let mut bytes = get_with(1, &[]);
    let mut head = HeadRoom::new(&mut block);
    server.conn.receive(Time::ZERO, &mut bytes, &mut head, &mut Out::new(&mut [0; 128])).unwrap();
    let (sender, stream) = server.conn.stream(1).unwrap();
    let mut room = vec![0; 20_000];
    let mut out = Out::new(&mut room[..20]);
    assert!(
        !sender.whole(&mut stream.flow, &mut out, b"") && !sender.whole(&mut stream.flow, &mut out, &[0; 12])
    );
    assert!(out.is_empty() && stream.flow.sent() == 0);
    assert!(sender.whole(&mut stream.flow, &mut out, b"hello bytes"));
    assert_eq!(out.written(), data(END_STREAM, 1, b"hello bytes"));
    assert!(stream.flow.is_closed() && stream.flow.sent() == 11 && stream.flow.window() == 65_535 - 11);
    assert!(!sender.whole(&mut stream.flow, &mut out, b"x"), "the stream has ended");
    let mut bytes = get_with(3, &[]);
    let mut block = vec![0; limits::HEAD_ROOM_BYTES];
    server
        .conn
        .receive(Time::ZERO, &mut bytes, &mut HeadRoom::new(&mut block), &mut Out::new(&mut [0; 128]))
        .unwrap();
    let (sender, stream) = server.conn.stream(3).unwrap();
    let mut out = Out::new(&mut room);
    assert!(!sender.whole(&mut stream.flow, &mut out, &[0; 16_385]), "longer than a frame");
    assert!(out.is_empty());
}
