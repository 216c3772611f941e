//! The rows of the threat table that a codec decides: floods, resets, limits. Named after their ids.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::*;
use lws_h2::{Code, Connection, Field, limits, settings};

const CALM: Code = Code::ENHANCE_YOUR_CALM;

/// Opens stream after stream and attacks each; returns how many requests were seen before the connection ended.
fn until_calm(mut attack: impl FnMut(u32) -> Vec<u8>) -> usize {
    let mut host = Host::server();
    let mut requests = 0;
    for n in 0..10_000_u32 {
        // 20 000 streams a second.
        if n.is_multiple_of(20) {
            host.later(1);
        }
        match host.feed(&attack(2 * n + 1)) {
            Ok(told) => requests += told.iter().filter(|t| matches!(t, Told::Request { .. })).count(),
            Err(error) => {
                assert_eq!(error.code(), CALM);
                assert!(n <= 200, "{n} streams");
                return requests;
            }
        }
    }
    panic!("never calmed down")
}

#[test]
fn h2_01_rapid_reset() {
    let started = until_calm(|id| [get_with(id, &[]), rst(id, 8)].concat());
    assert!(started <= 100, "{started} handlers");
}

#[test]
fn h2_01_resets_of_answered_streams_have_a_rate() {
    let mut host = Host::server();
    let mut answered = 0;
    for n in 0..10_000_u32 {
        let id = 2 * n + 1;
        if host.feed(&post(id)).is_err() {
            break;
        }
        host.answer(id);
        answered += 1;
        if host.feed(&rst(id, 8)).is_err() {
            break;
        }
        host.later(1);
    }
    assert!((100..=200).contains(&answered), "{answered}: the burst, and what came back meanwhile");
}

#[test]
fn h2_01_resets_below_the_rate_are_served_for_ever() {
    let mut host = Host::server();
    for n in 0..2_000_u32 {
        let id = 4 * n + 1;
        host.later(50);
        host.feed(&[get_with(id, &[]), rst(id, 8), get_with(id + 2, &[])].concat()).unwrap();
        host.answer(id + 2);
    }
}

/// The six variants of H2-02, by which a server is made to reset a stream itself.
fn made_reset(attack: impl Fn(u32) -> Vec<u8>) {
    let started = until_calm(|id| [post(id), attack(id)].concat());
    assert!(started <= 100, "{started} handlers");
}

#[test]
fn h2_02_made_you_reset_by_window_update_zero() {
    made_reset(|id| window_update(id, 0));
}

#[test]
fn h2_02_made_you_reset_by_window_overflow() {
    made_reset(|id| window_update(id, limits::WINDOW_MAX));
}

#[test]
fn h2_02_made_you_reset_by_data_after_end() {
    made_reset(|id| [data(END_STREAM, id, b"x"), data(0, id, b"y")].concat());
}

#[test]
fn h2_02_made_you_reset_by_headers_after_end() {
    made_reset(|id| [data(END_STREAM, id, b"x"), headers(WHOLE, id, &[("a", "b")])].concat());
}

#[test]
fn h2_02_made_you_reset_by_priority_of_wrong_length() {
    made_reset(|id| frame(kind::PRIORITY, 0, id, b"abcd"));
}

#[test]
fn h2_02_made_you_reset_by_self_dependency() {
    made_reset(|id| frame(kind::PRIORITY, 0, id, &[&id.to_be_bytes()[..], &[16]].concat()));
    let mut blocks = |id: u32| {
        let payload = [&id.to_be_bytes()[..], &[16], &block(&GET)].concat();
        frame(kind::HEADERS, WHOLE | PRIORITY_FLAG, id, &payload)
    };
    assert_eq!(until_calm(&mut blocks), 0, "such a request never starts");
}

#[test]
fn h2_02_made_you_reset_by_length_mismatch() {
    let started = until_calm(|id| {
        let head = [&POST[..], &[("content-length", "4")]].concat();
        [headers(END_HEADERS, id, &head), data(END_STREAM, id, b"12345")].concat()
    });
    assert!(started <= 100);
}

#[test]
fn h2_02_made_resets_are_bounded_for_life() {
    let mut host = Host::server();
    for n in 0.. {
        let id = 2 * n + 1;
        // Slow, and answered before it is broken: neither the rate nor the early budget bites.
        host.later(60_000);
        host.feed(&post(id)).unwrap();
        host.with_out(|conn, out| {
            let (sender, stream) = conn.stream(id).unwrap();
            assert!(sender.head(&mut stream.flow, out, [Field::new(b":status", b"200")], false));
        });
        if let Err(error) = host.feed(&window_update(id, 0)) {
            assert_eq!((error.code(), n), (CALM, limits::MADE_RESETS));
            return;
        }
    }
}

#[test]
fn h2_03_continuation_flood() {
    for payload in [&b""[..], b"\x88"] {
        let mut host = Host::server();
        let mut fed = 0;
        let mut next = frame(kind::HEADERS, 0, 1, b"");
        while host.feed(&next).is_ok() {
            fed += 1;
            next = frame(kind::CONTINUATION, 0, 1, payload);
        }
        assert_eq!(fed, 1 + limits::CONTINUATION_FRAMES, "the ninth ends it");
    }
    // Split inside a Huffman code: not decoded before it is whole, nor afterwards.
    let mut host = Host::server();
    assert_eq!(host.feed(&frame(kind::HEADERS, 0, 1, b"\x41\x8c\xf1\xe3")), Ok(vec![]));
    assert_eq!(host.fail(&frame(kind::DATA, 0, 1, b"")), Code::PROTOCOL_ERROR);
}

#[test]
fn h2_04_hpack_bomb() {
    // An entry of almost the whole table, and then its index again and again.
    let value = "x".repeat(3_900);
    let mut bomb = block(&GET);
    let entry = block(&[("a", &value)]);
    bomb.push(0x40);
    bomb.extend(&entry[1..]);
    let with_indices = |n: usize| [&bomb[..], &vec![0xbe; n]].concat();
    // Beyond 16 KiB: refused with 431, and the connection lives.
    let mut host = Host::server();
    assert_eq!(host.feed(&frame(kind::HEADERS, WHOLE, 1, &with_indices(8))), Ok(vec![]));
    let sent = host.sent();
    assert_eq!((sent[0].kind, sent[0].flags, sent[0].stream), (kind::HEADERS, WHOLE, 1));
    assert!(sent[0].payload.ends_with(b"431") || sent[0].payload.len() < 8, "{sent:?}");
    assert_eq!(host.feed(&get_with(3, &[])).unwrap().len(), 1);
    // Beyond four times as much: the connection ends.
    assert_eq!(host.fail(&frame(kind::HEADERS, WHOLE, 5, &with_indices(10_000))), CALM);
}

#[test]
fn h2_04_too_many_fields_are_431() {
    let many: Vec<(&str, &str)> = (0..limits::FIELDS - 3).map(|_| ("a", "b")).collect();
    let mut host = Host::server();
    assert_eq!(host.feed(&get_with(1, &many)), Ok(vec![]), "101 with the pseudo-headers");
    assert_eq!(host.sent()[0].kind, kind::HEADERS);
    assert_eq!(host.feed(&get_with(3, &many[1..])).unwrap().len(), 1, "100 are fine");
}

#[test]
fn h2_05_hpack_errors_end_the_connection() {
    let long = [&[0xff][..], &[0xff; 64]].concat();
    for bad in [&b"\x80"[..], b"\xff\xff\xff\xff\xff\x0f", b"\xc0", b"\x3f\xe2\x1f", &long] {
        let mut host = Host::server();
        assert_eq!(host.fail(&frame(kind::HEADERS, WHOLE, 1, bad)), Code::COMPRESSION_ERROR, "{bad:x?}");
    }
    let mut late = block(&GET);
    late.push(0x20);
    assert_eq!(Host::server().fail(&frame(kind::HEADERS, WHOLE, 1, &late)), Code::COMPRESSION_ERROR);
}

/// Sends 100 000 frames of a kind, a thousand a second, and returns how many were taken.
fn flood(frame: &[u8]) -> u32 {
    let mut host = Host::server();
    for n in 0..100_000 {
        host.later(1);
        if let Err(error) = host.feed(frame) {
            assert_eq!(error.code(), CALM);
            return n;
        }
        assert!(host.out.len() <= 64 * (n as usize + 1));
    }
    panic!("never calmed down")
}

#[test]
fn h2_06_ping_flood() {
    assert!(flood(&frame(kind::PING, 0, 0, b"12345678")) <= 120);
    assert!(flood(&frame(kind::PING, ACK, 0, b"12345678")) <= 120);
}

#[test]
fn h2_06_settings_flood() {
    assert!(flood(&settings_frame(&[])) <= 60);
    let many: Vec<(u16, u32)> = (0..33).map(|n| (0x100 + n, 0)).collect();
    assert_eq!(Host::server().fail(&settings_frame(&many)), CALM);
    Host::server().feed(&settings_frame(&many[1..])).unwrap();
}

#[test]
fn h2_06_reset_flood_on_one_closed_stream() {
    let mut host = Host::server();
    host.feed(&get_with(1, &[])).unwrap();
    host.answer(1);
    let taken = (0..100_000).take_while(|_| host.feed(&rst(1, 8)).is_ok()).count();
    assert!(taken <= 110, "{taken}");
}

#[test]
fn h2_06_priority_flood() {
    assert_eq!(flood(&frame(kind::PRIORITY, 0, 1, &[0, 0, 0, 3, 16])), 100);
}

#[test]
fn h2_06_header_flood_without_names() {
    let started = until_calm(|id| headers(WHOLE, id, &[&GET[..], &[("", "")]].concat()));
    assert_eq!(started, 0);
}

#[test]
fn h2_06_window_update_flood() {
    assert_eq!(flood(&window_update(0, 1)), 5);
}

#[test]
fn h2_06_window_dribble_is_paid_by_data() {
    let mut host = Host::server();
    host.feed(&[settings_frame(&[(4, 0)]), get_with(1, &[])].concat()).unwrap();
    host.with_out(|conn, out| {
        let (sender, stream) = conn.stream(1).unwrap();
        assert!(sender.head(&mut stream.flow, out, [Field::new(b":status", b"200")], false));
    });
    // A window of one byte at a time, and one DATA frame for each, goes on.
    for _ in 0..2_000 {
        assert_eq!(host.feed(&window_update(1, 1)), Ok(vec![Told::Opened(1)]));
        host.with_out(|conn, out| {
            let (sender, stream) = conn.stream(1).unwrap();
            let n = sender.data(&mut stream.flow, out, 100, |out| assert!(out.put(b"x")), |_| false);
            assert_eq!((n, sender.window(&stream.flow)), (1, 0));
        });
    }
}

#[test]
fn h2_06_nothing_is_answered_without_room() {
    let mut host = Host::server();
    let mut input = frame(kind::PING, 0, 0, b"12345678");
    let (mut block, mut room) = (vec![0; limits::HEAD_ROOM_BYTES], [0; limits::ANSWER_ROOM - 1]);
    let mut head = lws_h2::HeadRoom::new(&mut block);
    let mut out = lws_wire::Out::new(&mut room);
    let got = host.conn.receive(host.now, &mut input, &mut head, &mut out).unwrap();
    assert!(matches!(got.event, lws_h2::Event::Full) && got.consumed == 0 && out.is_empty());
}

#[test]
fn h2_07_empty_data() {
    let mut host = Host::server();
    host.feed(&post(1)).unwrap();
    let taken = (0..1_000_000).take_while(|_| host.feed(&data(0, 1, b"")).is_ok()).count();
    assert_eq!(taken, limits::EMPTY_DATA as usize);
}

#[test]
fn h2_07_padding() {
    let mut host = Host::server();
    host.feed(&post(1)).unwrap();
    let padded = [&[255][..], b"x", &[0; 255]].concat();
    let mut taken = 0;
    while host.feed(&data(PADDED, 1, &padded)).is_ok() {
        taken += 1;
    }
    assert!((90..=100).contains(&taken), "{taken}");
    // RFC 9113 §6.9.1: padding counts, and comes back. All of it did, or the window would have run out.
    let mut host = Host::server();
    host.feed(&post(1)).unwrap();
    let mut back = 0;
    for _ in 0..400 {
        host.later(200);
        host.feed(&data(PADDED, 1, &padded)).unwrap();
        back += host.sent().iter().filter(|f| f.kind == kind::WINDOW_UPDATE && f.stream == 1).count();
    }
    assert!(back >= 2, "{back}");
}

#[test]
fn h2_07_tiny_data_in_moderation() {
    let mut host = Host::server();
    host.feed(&post(1)).unwrap();
    for _ in 0..10_000 {
        host.later(1);
        host.feed(&data(0, 1, b"ten bytes.")).unwrap();
    }
}

#[test]
fn h2_09_windows() {
    let mut host = Host::server();
    assert_eq!(host.fail(&window_update(0, limits::WINDOW_MAX)), Code::FLOW_CONTROL_ERROR);
    let mut host = Host::server();
    host.feed(&post(1)).unwrap();
    assert_eq!(host.break_stream(1, &window_update(1, limits::WINDOW_MAX)), Code::FLOW_CONTROL_ERROR);
    assert_eq!(host.fail(&window_update(0, 0)), Code::PROTOCOL_ERROR);
    let mut host = Host::server();
    host.feed(&[post(1), window_update(1, limits::WINDOW_MAX - 65_535)].concat()).unwrap();
    assert_eq!(host.fail(&settings_frame(&[(4, 65_536)])), Code::FLOW_CONTROL_ERROR);
}

#[test]
fn h2_09_a_setting_may_shrink_a_window_below_what_is_in_flight() {
    let mut host = Host::server();
    host.feed(&get_with(1, &[])).unwrap();
    let send = |host: &mut Host, want: usize| {
        host.with_out(|conn, out| {
            let (sender, stream) = conn.stream(1).unwrap();
            sender.data(
                &mut stream.flow,
                out,
                want,
                |out| {
                    out.put_some(&[7; 20_000]);
                },
                |_| false,
            )
        })
    };
    assert_eq!(send(&mut host, 10_000), 10_000);
    assert_eq!(host.feed(&settings_frame(&[(4, 5_000)])), Ok(vec![Told::Settings]));
    assert_eq!(send(&mut host, 1), 0, "5000 below zero");
    assert_eq!(host.feed(&window_update(1, 5_000)), Ok(vec![]));
    assert_eq!(host.feed(&window_update(1, 2)), Ok(vec![Told::Opened(1)]));
    assert_eq!(send(&mut host, 10), 2);
}

#[test]
fn h2_10_stream_identifiers() {
    assert_eq!(Host::server().fail(&get_with(2, &[])), Code::PROTOCOL_ERROR);
    let mut host = Host::server();
    host.feed(&get_with(3, &[])).unwrap();
    assert_eq!(host.fail(&get_with(1, &[])), Code::PROTOCOL_ERROR);
    for idle in [data(0, 1, b"x"), rst(1, 0), window_update(1, 1), data(0, 2, b"x")] {
        assert_eq!(Host::server().fail(&idle), Code::PROTOCOL_ERROR);
    }
    let mut host = Host::server();
    host.feed(&get_with(0x7fff_ffff, &[])).unwrap();
    let sent = host.sent();
    let goaway = sent.iter().find(|f| f.kind == kind::GOAWAY).expect("no identifiers are left");
    assert_eq!((goaway.code(), &goaway.payload[..4]), (Code::NO_ERROR, &[0x7f, 0xff, 0xff, 0xff][..]));
    host.answer(0x7fff_ffff);
    assert_eq!(host.fail(&get_with(5, &[])), Code::PROTOCOL_ERROR);
}

#[test]
fn h2_11_the_101st_stream_is_refused_and_the_others_finish() {
    let mut host = Host::server();
    for n in 0..100 {
        // Half-closed streams count, too.
        let request = if n % 2 == 0 { get_with(2 * n + 1, &[]) } else { post(2 * n + 1) };
        assert_eq!(host.feed(&request).unwrap().len(), 1);
    }
    assert_eq!(host.break_stream(201, &get_with(201, &[])), Code::REFUSED_STREAM);
    assert_eq!(host.feed(&data(0, 201, b"too late")), Ok(vec![]), "ignored");
    for n in 0..100 {
        if n % 2 == 1 {
            host.feed(&data(END_STREAM, 2 * n + 1, b"x")).unwrap();
        }
        host.answer(2 * n + 1);
    }
    assert!(host.conn.is_empty());
    assert_eq!(host.feed(&get_with(203, &[])).unwrap().len(), 1);
}

#[test]
fn h2_11_refused_streams_are_counted() {
    let mut host = Host::server();
    let taken = (0..10_000).take_while(|n| host.feed(&get_with(2 * n + 1, &[])).is_ok()).count();
    assert_eq!(taken, 200);
}

#[test]
fn h2_16_sizes_are_checked_before_anything_is_buffered() {
    let header_of = |len: u32, kind: u8, stream: u32| {
        let mut header = frame(kind, 0, stream, b"");
        header[..3].copy_from_slice(&len.to_be_bytes()[1..]);
        header
    };
    for kind in 0..=9_u8 {
        let stream = u32::from(matches!(kind, 0..=3 | 9));
        let code = Host::server().fail(&header_of((1 << 24) - 1, kind, stream));
        let want = if matches!(kind, kind::PUSH_PROMISE | kind::CONTINUATION) {
            [Code::FRAME_SIZE_ERROR, Code::PROTOCOL_ERROR]
        } else {
            [Code::FRAME_SIZE_ERROR; 2]
        };
        assert!(want.contains(&code), "{kind}: {code}");
    }
    for (kind, len, stream) in [(kind::RST_STREAM, 3, 1), (kind::PING, 7, 0), (kind::WINDOW_UPDATE, 5, 0)] {
        assert_eq!(Host::server().fail(&header_of(len, kind, stream)), Code::FRAME_SIZE_ERROR);
    }
    assert_eq!(Host::server().fail(&frame(kind::SETTINGS, 0, 0, &[0; 5])), Code::FRAME_SIZE_ERROR);
    assert_eq!(Host::server().fail(&frame(kind::SETTINGS, ACK, 0, &[0; 6])), Code::FRAME_SIZE_ERROR);
    assert_eq!(Host::server().fail(&frame(kind::GOAWAY, 0, 0, &[0; 7])), Code::FRAME_SIZE_ERROR);
}

#[test]
fn h2_16_unknown_types_are_ignored_but_counted() {
    assert_eq!(Host::server().feed(&frame(0xee, 0xff, 7, &[1; 1000])), Ok(vec![]));
    assert_eq!(flood(&frame(0xee, 0, 0, b"")), 100);
}

#[test]
fn h2_17_streams_behind_our_goaway_are_ignored_and_those_before_finish() {
    let mut host = Host::server();
    host.feed(&post(1)).unwrap();
    host.with_out(|conn, out| assert!(conn.goaway(Code::NO_ERROR, out)));
    assert_eq!(host.sent()[0].payload[..4], [0, 0, 0, 1]);
    // Its head goes through the decoder all the same.
    let indexed = [&block(&GET)[..], b"\x40\x01a\x01b"].concat();
    assert_eq!(host.feed(&frame(kind::HEADERS, END_HEADERS, 3, &indexed)), Ok(vec![]));
    assert_eq!(host.feed(&data(END_STREAM, 3, b"ignored")), Ok(vec![]));
    assert_eq!(host.feed(&data(0, 1, b"heard")).unwrap().len(), 1);
    let trailers = host.feed(&frame(kind::HEADERS, WHOLE, 1, b"\xbe")).unwrap();
    assert_eq!(trailers, [Told::Trailers { id: 1, fields: vec![("a".into(), "b".into())] }]);
    host.answer(1);
    assert!(host.conn.is_empty() && host.conn.is_going());
}

#[test]
fn h2_18_the_preface_is_exact() {
    for at in 0..24 {
        let mut bytes = preface();
        bytes[at] ^= 1;
        let mut host = Host::fresh(Connection::server(settings::Local::default()));
        assert_eq!(host.feed(&bytes[..at]), Ok(vec![]));
        assert_eq!(host.fail(&bytes[at..=at]), Code::PROTOCOL_ERROR, "byte {at}");
    }
    let mut host = Host::fresh(Connection::server(settings::Local::default()));
    host.feed(&preface()[..24]).unwrap();
    assert_eq!(host.fail(&frame(kind::PING, 0, 0, &[0; 8])), Code::PROTOCOL_ERROR, "SETTINGS come first");
}

#[test]
fn h2_19_extended_connect() {
    let connect = |more: &[(&'static str, &'static str)]| {
        let mut all = vec![(":method", "CONNECT"), (":protocol", "websocket")];
        all.extend(more);
        headers(END_HEADERS, 1, &all)
    };
    let full = [(":scheme", "https"), (":path", "/chat"), (":authority", "a")];
    let mut host = Host::server();
    let told = host.feed(&connect(&full)).unwrap();
    assert!(
        matches!(&told[..], [Told::Request { what, length: None, ends: false, .. }] if what == "CONNECT a /chat")
    );
    // RFC 8441 §4: with scheme and path.
    for n in 0..3 {
        let mut lacking = full.to_vec();
        lacking.remove(n);
        assert_eq!(Host::server().break_stream(1, &connect(&lacking)), Code::PROTOCOL_ERROR);
    }
    // RFC 8441 §3: not without the setting.
    let mut host = Host::fresh(Connection::server(settings::Local::default().connect_protocol(false)));
    host.feed(&preface()).unwrap();
    assert_eq!(host.break_stream(1, &connect(&full)), Code::PROTOCOL_ERROR);
    // The setting is 1, and told.
    let mut host = Host::fresh(Connection::server(settings::Local::default()));
    let settings = host.sent().remove(0).payload;
    assert!(settings.chunks(6).any(|e| e == [0, 8, 0, 0, 0, 1]));
    let mut client = Host::fresh(Connection::client(settings::Local::default()));
    assert_eq!(client.fail(&settings_frame(&[(8, 2)])), Code::PROTOCOL_ERROR);
}

#[test]
fn h2_17_a_notice_comes_before_the_last_word() {
    let mut host = Host::server();
    host.with_out(|conn, out| assert!(conn.notice(out) && conn.notice(out), "it is said once"));
    let sent = host.sent();
    assert_eq!(sent.iter().map(|f| f.kind).collect::<Vec<_>>(), [kind::GOAWAY, kind::PING]);
    // RFC 9113 §6.8
    assert_eq!((sent[0].code(), &sent[0].payload[..4]), (Code::NO_ERROR, &[0x7f, 0xff, 0xff, 0xff][..]));
    // What is on its way is taken.
    assert!(matches!(host.feed(&get_with(1, &[])).unwrap()[0], Told::Request { id: 1, .. }));
    host.feed(&frame(kind::PING, ACK, 0, b"whatever")).unwrap();
    assert!(!host.conn.is_notice_heard() && !host.conn.is_going());
    host.feed(&frame(kind::PING, ACK, 0, &sent[1].payload)).unwrap();
    assert!(host.conn.is_notice_heard());
    host.with_out(|conn, out| assert!(conn.goaway(Code::NO_ERROR, out)));
    assert_eq!(host.sent()[0].payload[..4], [0, 0, 0, 1]);
    let mut tiny = [0; 30];
    let no_room = Host::server().conn.notice(&mut lws_wire::Out::new(&mut tiny));
    assert!(!no_room, "both frames or none");
}

#[test]
fn h1_17_a_muted_stream_gets_no_more_room() {
    let mut host = Host::server();
    host.feed(&[post(1), post(3)].concat()).unwrap();
    host.conn.stream(1).unwrap().1.flow.mute();
    for _ in 0..4 {
        host.feed(&[data(0, 1, &[7; 16_000]), data(0, 3, &[7; 16_000])].concat()).unwrap();
    }
    let told: Vec<u32> =
        host.sent().iter().filter(|f| f.kind == kind::WINDOW_UPDATE).map(|f| f.stream).collect();
    assert!(told.contains(&3) && !told.contains(&1), "{told:?}");
    // The connection's window is given back all the same.
    for _ in 0..40 {
        host.feed(&data(0, 3, &[7; 16_000])).unwrap();
    }
    assert!(host.sent().iter().any(|f| f.kind == kind::WINDOW_UPDATE && f.stream == 0));
}
