//! RFC 9113 §5.1: which frame may come in which state; windows follow consumption; bytes may come in any pieces.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::*;
use lws_h2::{Code, Connection, Field, State, settings};
use proptest::prelude::*;

/// A server with stream 1 in a state.
fn stream_in(state: &str) -> Host {
    let mut host = Host::server();
    match state {
        "open" => drop(host.feed(&post(1)).unwrap()),
        "half closed (remote)" => drop(host.feed(&get_with(1, &[])).unwrap()),
        "half closed (local)" => {
            host.feed(&post(1)).unwrap();
            host.answer(1);
        }
        "closed" => {
            host.feed(&get_with(1, &[])).unwrap();
            host.answer(1);
        }
        "reset by us" => {
            host.feed(&post(1)).unwrap();
            host.with_out(|conn, out| assert!(conn.reset(1, Code::CANCEL, out)));
            host.conn.remove(1);
        }
        "reset by peer" => drop(host.feed(&[post(1), rst(1, 8)].concat()).unwrap()),
        _ => unreachable!(),
    }
    host.sent();
    host
}

#[test]
fn every_frame_in_every_state() {
    let frames = [
        ("DATA", data(0, 1, b"abc")),
        ("HEADERS", headers(WHOLE, 1, &[("a", "b")])),
        ("RST_STREAM", rst(1, 8)),
        ("WINDOW_UPDATE", window_update(1, 10)),
        ("PRIORITY", frame(kind::PRIORITY, 0, 1, &[0, 0, 0, 3, 1])),
    ];
    let fine = "fine";
    let table = [
        ("open", [fine, fine, fine, fine, fine]),
        ("half closed (local)", [fine, fine, fine, fine, fine]),
        ("half closed (remote)", ["stream", "stream", fine, fine, fine]),
        ("closed", ["connection", "connection", fine, fine, fine]),
        ("reset by peer", ["connection", "connection", fine, fine, fine]),
        ("reset by us", [fine, fine, fine, fine, fine]),
    ];
    for (state, wants) in table {
        for ((name, bytes), want) in frames.iter().zip(wants) {
            let mut host = stream_in(state);
            let fed = host.feed(bytes);
            let reset = host.sent().into_iter().find(|f| f.kind == kind::RST_STREAM);
            let got = match (&fed, &reset) {
                (Err(error), _) => {
                    assert_eq!(error.code(), Code::STREAM_CLOSED, "{name} in {state}");
                    "connection"
                }
                (Ok(_), Some(reset)) => {
                    assert_eq!(reset.code(), Code::STREAM_CLOSED, "{name} in {state}");
                    "stream"
                }
                (Ok(_), None) => fine,
            };
            assert_eq!(got, want, "{name} in {state}");
        }
    }
}

#[test]
fn frames_on_the_wrong_stream() {
    for bytes in [
        data(0, 0, b"x"),
        headers(WHOLE, 0, &GET),
        rst(0, 0),
        frame(kind::PRIORITY, 0, 0, &[0; 5]),
        frame(kind::SETTINGS, 0, 1, b""),
        frame(kind::PING, 0, 1, &[0; 8]),
        frame(kind::GOAWAY, 0, 1, &[0; 8]),
        frame(kind::CONTINUATION, END_HEADERS, 1, b""),
        frame(kind::PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2]),
        frame(kind::SETTINGS, ACK, 0, b""),
        data(PADDED, 1, b"\x05abc"),
    ] {
        let mut host = stream_in("open");
        assert_eq!(host.fail(&bytes), Code::PROTOCOL_ERROR, "{bytes:?}");
    }
}

#[test]
fn settings_and_pings_are_answered_in_order() {
    let mut host = Host::server();
    host.feed(
        &[
            frame(kind::PING, 0, 0, b"abcdefgh"),
            settings_frame(&[(0x99, 1)]),
            frame(kind::PING, ACK, 0, &[0; 8]),
        ]
        .concat(),
    )
    .unwrap();
    let sent = host.sent();
    assert_eq!(sent.len(), 2);
    assert_eq!((sent[0].kind, sent[0].flags, &sent[0].payload[..]), (kind::PING, ACK, &b"abcdefgh"[..]));
    assert_eq!((sent[1].kind, sent[1].flags, sent[1].payload.len()), (kind::SETTINGS, ACK, 0));
    assert!(!host.conn.awaits_settings());
}

#[test]
fn goaway_of_the_peer_is_told_and_its_debug_data_skipped() {
    let mut host = Host::server();
    let bytes = frame(kind::GOAWAY, 0, 0, &[&[0, 0, 0, 7, 0, 0, 0, 11][..], &[b'x'; 5000]].concat());
    let told = host.feed(&[bytes, get_with(1, &[])].concat()).unwrap();
    assert_eq!(told[0], Told::GoAway { last: 7, code: Code::ENHANCE_YOUR_CALM });
    assert_eq!(told.len(), 2);
}

#[test]
fn credit_is_for_what_was_consumed() {
    let mut host = Host::server();
    host.consuming = false;
    host.feed(&post(1)).unwrap();
    let piece = [7; 16_384];
    for _ in 0..4 {
        host.feed(&data(0, 1, &piece)).unwrap();
    }
    assert!(host.sent().is_empty(), "nothing was consumed");
    let mut full = Host::server();
    full.consuming = false;
    full.feed(&post(1)).unwrap();
    for _ in 0..4 {
        full.feed(&data(0, 1, &piece)).unwrap();
    }
    assert_eq!(full.break_stream(1, &data(0, 1, b"x")), Code::FLOW_CONTROL_ERROR, "one byte too many");
    host.with_out(|conn, out| conn.consumed(1, 100, out));
    let sent = host.sent();
    assert_eq!((sent.len(), sent[0].stream, &sent[0].payload[..]), (1, 1, &[0, 0, 0, 100][..]));
    host.with_out(|conn, out| conn.consumed(1, 65_436, out));
    assert!(host.sent().iter().any(|f| f.stream == 1 && f.payload == 65_436_u32.to_be_bytes()));
}

#[test]
fn the_connection_window_bounds_all_streams_and_comes_back_with_them() {
    let mut host = Host::server();
    host.consuming = false;
    let piece = [7; 16_384];
    for n in 0..4 {
        host.feed(&post(2 * n + 1)).unwrap();
        for _ in 0..4 {
            host.feed(&data(0, 2 * n + 1, &piece)).unwrap();
        }
    }
    host.feed(&post(9)).unwrap();
    // A stream that goes gives back what it held; and half a window is told at once.
    host.sent();
    host.feed(&[rst(1, 8), rst(3, 8)].concat()).unwrap();
    let back: u32 = host
        .sent()
        .iter()
        .filter(|f| f.kind == kind::WINDOW_UPDATE && f.stream == 0)
        .map(|f| u32::from_be_bytes(f.payload[..].try_into().unwrap()))
        .sum();
    assert_eq!(back, 2 * 65_536);
    host.feed(&data(0, 9, &piece)).unwrap();
    let mut greedy = Host::server();
    greedy.consuming = false;
    for n in 0..4 {
        greedy.feed(&post(2 * n + 1)).unwrap();
        for _ in 0..4 {
            greedy.feed(&data(0, 2 * n + 1, &piece)).unwrap();
        }
    }
    greedy.feed(&post(9)).unwrap();
    assert_eq!(greedy.fail(&data(0, 9, b"x")), Code::FLOW_CONTROL_ERROR);
}

#[test]
fn a_stream_removed_in_the_middle_of_a_frame_gives_all_of_it_back() {
    let mut host = Host::server();
    host.consuming = false;
    let bytes = data(0, 1, &[7; 10_000]);
    for n in 0..100_u32 {
        let id = 2 * n + 1;
        let mut bytes = bytes.clone();
        bytes[5..9].copy_from_slice(&id.to_be_bytes());
        host.later(1_000);
        host.feed(&post(id)).unwrap();
        host.feed(&bytes[..5_000]).unwrap();
        host.answer(id);
        host.with_out(|conn, out| assert!(conn.reset(id, Code::NO_ERROR, out)));
        host.conn.remove(id);
        host.feed(&bytes[5_000..]).unwrap();
    }
}

#[test]
fn late_frames_are_bounded() {
    let mut host = stream_in("reset by us");
    let piece = data(0, 1, &[7; 16_384]);
    for _ in 0..4 {
        host.feed(&piece).unwrap();
    }
    assert_eq!(host.fail(&piece), Code::STREAM_CLOSED);
}

#[test]
fn a_response_goes_out_and_ends_its_stream() {
    let mut host = Host::server();
    host.feed(&[settings_frame(&[(5, 20_000), (1, 0)]), get_with(1, &[])].concat()).unwrap();
    host.sent();
    host.with_out(|conn, out| {
        let (sender, stream) = conn.stream(1).unwrap();
        let flow = &mut stream.flow;
        assert!(sender.interim(flow, out, [Field::new(b":status", b"103")]));
        assert!(sender.head(flow, out, [Field::new(b":status", b"200"), Field::new(b"x", b"y")], false));
        assert_eq!(sender.room(flow, out), 20_000);
        let n = sender.data(
            flow,
            out,
            100_000,
            |out| {
                out.put_some(&[1; 30_000]);
            },
            |_| false,
        );
        assert_eq!((n, sender.window(flow)), (20_000, 45_535));
        assert!(sender.trailers(flow, out, [Field::new(b"x-sum", b"1"), Field::new(b"host", b"no")]));
        assert_eq!(flow.state(), State::Closed);
        assert!(!sender.end(flow, out), "it has ended");
    });
    let kinds: Vec<_> = host.sent().iter().map(|f| (f.kind, f.flags)).collect();
    assert_eq!(kinds, [(1, END_HEADERS), (1, END_HEADERS), (0, 0), (1, WHOLE)]);
}

#[test]
fn a_head_without_room_changes_nothing() {
    let mut host = Host::server();
    host.feed(&get_with(1, &[])).unwrap();
    let fields = [Field::new(b":status", b"200"), Field::new(b"x-long", b"some value or other")];
    let (sender, stream) = host.conn.stream(1).unwrap();
    let mut room = [0; 200];
    for n in 0..40 {
        let mut out = lws_wire::Out::new(&mut room[..n]);
        assert!(!sender.head(&mut stream.flow, &mut out, fields, true) && out.is_empty(), "{n}");
    }
    let mut out = lws_wire::Out::new(&mut room);
    assert!(sender.head(&mut stream.flow, &mut out, fields, true));
}

/// A conversation with everything in it.
fn conversation() -> Vec<u8> {
    let padded = [&[3][..], b"padded", &[0; 3]].concat();
    let post_head = block(&POST);
    [
        preface(),
        get_with(1, &[("cookie", "a"), ("cookie", "b")]),
        frame(kind::HEADERS, 0, 3, &post_head[..10]),
        frame(kind::CONTINUATION, 0, 3, b""),
        frame(kind::CONTINUATION, END_HEADERS, 3, &post_head[10..]),
        data(0, 3, b"hello"),
        data(PADDED, 3, &padded),
        frame(0xfe, 0, 0, b"unknown"),
        frame(kind::PING, 0, 0, b"pingpong"),
        data(0, 3, b""),
        headers(WHOLE, 3, &[("x-sum", "7")]),
        window_update(0, 10),
        headers(WHOLE, 5, &[(":method", "GET"), ("bad", "x")]),
        post(7),
        rst(7, 8),
        frame(kind::GOAWAY, 0, 0, &[&[0; 8][..], b"because"].concat()),
    ]
    .concat()
}

/// Feeds it in pieces, and joins data that came in pieces.
fn converse(pieces: &[&[u8]]) -> (Vec<Told>, Vec<u8>) {
    let mut host = Host::fresh(Connection::server(settings::Local::default()));
    let mut all: Vec<Told> = Vec::new();
    for piece in pieces {
        for told in host.feed(piece).unwrap() {
            match (all.last_mut(), told) {
                (Some(Told::Data { id, data, ends }), Told::Data { id: other, data: more, ends: end })
                    if *id == other && !*ends =>
                {
                    data.extend(more);
                    *ends = end;
                }
                (_, told) => all.push(told),
            }
        }
    }
    (all, host.out)
}

#[test]
fn the_same_at_every_split() {
    let bytes = conversation();
    let whole = converse(&[&bytes]);
    assert_eq!(whole.0.len(), 8, "{:?}", whole.0);
    for at in 0..bytes.len() {
        assert_eq!(converse(&[&bytes[..at], &bytes[at..]]), whole, "split at {at}");
    }
    let single: Vec<_> = bytes.chunks(1).collect();
    assert_eq!(converse(&single), whole);
}

proptest! {
    #[test]
    fn no_bytes_can_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in 0_u8..=17, flags: u8, stream in 0_u32..8) {
        let mut host = Host::server();
        host.feed(&[get_with(1, &[]), post(3)].concat()).unwrap();
        let _ = host.feed(&frame(kind, flags, stream, &bytes)).and_then(|_| host.feed(&bytes));
    }

    #[test]
    fn a_mutated_conversation_cannot_panic(at in 24_usize..400, with: u8, cut in 1_usize..64) {
        let mut bytes = conversation();
        let at = at % bytes.len();
        bytes[at] = with;
        let mut host = Host::fresh(Connection::server(settings::Local::default()));
        for piece in bytes.chunks(cut) {
            if host.feed(piece).is_err() {
                break;
            }
        }
    }
}
