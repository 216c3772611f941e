//! WS-01 to WS-05, WS-12 and WS-13: what comes in, at the role. Everything arrives at once and byte by byte.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
#[path = "../../lws-sim/tests/support/counting.rs"]
mod counting;

use common::{Line, Pieces};
use lws_role_ws::{Closed, limits, ws as websocket};
use lws_sim::ws::{self, Heard};
use lws_sim::{Conditions, Rng, Sizes, for_seeds};

const BOTH: [Conditions; 2] = [Conditions::CALM, Conditions::BYTES];

/// The bytes fail the connection with this code, and nothing behind them is answered.
fn refused(bytes: impl AsRef<[u8]>, code: u16) {
    let bytes = bytes.as_ref();
    let show = &bytes[..bytes.len().min(20)];
    for conditions in BOTH {
        let mut line = Line::echo(conditions);
        line.say([bytes, &ws::text("canary")].concat());
        let heard = line.heard();
        assert_eq!(line.code(), Some(code), "{show:02x?}: {heard:?}");
        assert!(!heard.contains(&Heard::Text("canary".into())), "{show:02x?}");
        assert!(matches!(line.closed(), Some(Closed::Protocol | Closed::Limit)), "{:?}", line.closed());
        line.end();
    }
}

#[test]
fn ws_01_unmasked_frames() {
    for frame in [&b"\x81\x05hello"[..], b"\x89\x00", b"\x88\x00", b"\x82\x7e\x00\x80", b"\x01\x00"] {
        refused(frame, 1002);
    }
}

#[test]
fn ws_02_lengths() {
    let header = |length: &[u8]| [&[0x82][..], length, &[1, 2, 3, 4]].concat();
    refused(header(b"\xff\x80\0\0\0\0\0\0\0"), 1002);
    refused(header(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 1002);
    refused(header(b"\xff\x7f\xff\xff\xff\xff\xff\xff\xff"), 1009);
    refused(header(b"\xff\0\0\0\0\x80\0\0\0"), 1009);
    refused(header(b"\xff\0\0\0\0\x01\0\0\x01"), 1009);
    refused(header(b"\xff\0\0\0\0\0\0\xff\xff"), 1002);
    refused(header(b"\xfe\0\x7d"), 1002);
    // Over all fragments.
    let half = ws::frame(false, ws::BINARY, &vec![0; 9 << 20], [0; 4]);
    let rest = ws::frame(true, ws::CONTINUATION, &vec![0; 9 << 20], [0; 4]);
    let mut line = Line::echo(Conditions::CALM);
    line.say([half, rest].concat());
    assert_eq!((line.code(), line.closed()), (Some(1009), Some(Closed::Limit)));
    line.end();
}

#[test]
fn ws_02_a_claim_costs_no_memory() {
    let mut line = Line::echo(Conditions::CALM);
    counting::reset_peak();
    let before = counting::count().live;
    // As much as is allowed, and then nothing comes.
    line.say(b"\x82\xff\0\0\0\0\x01\0\0\0\x01\x02\x03\x04");
    let more = counting::count().peak - before;
    assert!(more <= 16 * 1024, "{more} bytes for a header");
    line.say(b"x");
    let more = counting::count().peak - before;
    assert!(more <= 16 * 1024, "{more} bytes for a byte");
    assert_eq!(line.closed(), None);
    line.end();
}

#[test]
fn ws_02_the_longest_message_is_configurable() {
    for (n, fits) in [(1_000, true), (1_001, false)] {
        let notes = common::Notes::default();
        let mut line =
            Line::to(websocket(move || common::Echo(notes.clone())).max_message(1_000), Conditions::CALM);
        line.say(ws::binary(&vec![7; n]));
        match fits {
            true => assert_eq!(line.heard(), [Heard::Binary(vec![7; n])]),
            false => assert_eq!(line.code(), Some(1009)),
        }
        line.end();
    }
}

#[test]
fn ws_03_control_frames_and_reserved_bits() {
    refused(ws::frame(false, ws::PING, b"", [0; 4]), 1002);
    refused(ws::frame(false, ws::CLOSE, b"", [0; 4]), 1002);
    refused(ws::whole(ws::PING, &[0; 126]), 1002);
    refused(ws::whole(ws::PONG, &[0; 126]), 1002);
    refused(ws::whole(ws::CLOSE, &[3; 126]), 1002);
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        refused(ws::whole(opcode, b""), 1002);
    }
    for bit in [0x10, 0x20, 0x40, 0x70] {
        let mut frame = ws::text("x");
        frame[0] |= bit;
        refused(frame, 1002);
    }
    refused(ws::whole(ws::CONTINUATION, b"x"), 1002);
    refused([ws::frame(false, ws::TEXT, b"x", [0; 4]), ws::text("y")].concat(), 1002);
    // Between the fragments of a message control frames are welcome.
    for conditions in BOTH {
        let mut line = Line::echo(conditions);
        line.say(ws::frame(false, ws::TEXT, b"frag", [9; 4]));
        line.say(ws::ping(b"?"));
        line.say(ws::frame(true, ws::CONTINUATION, b"ment", [8; 4]));
        assert_eq!(line.heard(), [Heard::Pong(b"?".into()), Heard::Text("fragment".into())]);
        line.end();
    }
}

#[test]
fn ws_04_text_is_utf8() {
    let invalid: [&[u8]; 14] = [
        b"\xff",
        b"\xfe",
        b"\x80",
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xf8\x88\x80\x80\x80",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xc3",
        b"\xe2\x82",
        b"\xf0\x9f\x98",
        b"ok\xc3(",
    ];
    for text in invalid {
        refused(ws::whole(ws::TEXT, text), 1007);
        refused(ws::whole(ws::TEXT, &[b"before ", text].concat()), 1007);
        // At every split over fragments.
        for cut in 0..=text.len() {
            let frames = [
                ws::frame(false, ws::TEXT, &text[..cut], [1, 2, 3, 4]),
                ws::frame(true, ws::CONTINUATION, &text[cut..], [5, 6, 7, 8]),
            ];
            refused(frames.concat(), 1007);
        }
        // Nobody cares in a binary message.
        let mut line = Line::echo(Conditions::BYTES);
        line.say(ws::binary(text));
        assert_eq!(line.heard(), [Heard::Binary(text.into())]);
        line.end();
    }
    // Told at once, not when the message ends.
    let mut line = Line::echo(Conditions::BYTES);
    line.say(ws::frame(false, ws::TEXT, b"\xed\xa0", [1, 2, 3, 4]));
    assert_eq!(line.code(), Some(1007));
    line.end();
    let text = "κόσμε €😀 \u{0} \u{10ffff}";
    for cut in 0..text.len() {
        let mut line = Line::echo(Conditions::BYTES);
        line.say(ws::frame(false, ws::TEXT, &text.as_bytes()[..cut], [1, 2, 3, 4]));
        line.say(ws::frame(true, ws::CONTINUATION, &text.as_bytes()[cut..], [4, 3, 2, 1]));
        assert_eq!(line.heard(), [Heard::Text(text.into())]);
        line.end();
    }
}

#[test]
fn ws_05_endless_fragments() {
    for payload in [&b""[..], b"x"] {
        let mut line = Line::echo(Conditions::CALM);
        line.say(ws::frame(false, ws::BINARY, payload, [0; 4]));
        let more = ws::frame(false, ws::CONTINUATION, payload, [0; 4]).repeat(1_000);
        counting::reset_peak();
        let before = counting::count().live;
        let mut sent = 1;
        while line.closed().is_none() {
            line.say(&more);
            sent += 1_000;
            assert!(sent <= 20_000, "{sent} fragments");
        }
        assert!(matches!(line.code(), Some(1008 | 1009)), "{:?}", line.code());
        let more = counting::count().peak - before;
        assert!(more <= 256 * 1024, "{more} bytes");
        line.end();
        // As many as are allowed are taken.
        let mut line = Line::echo(Conditions::CALM);
        let count = 16_384;
        line.say(ws::frame(false, ws::BINARY, payload, [0; 4]));
        line.say(ws::frame(false, ws::CONTINUATION, payload, [0; 4]).repeat(count - 2));
        line.say(ws::frame(true, ws::CONTINUATION, payload, [0; 4]));
        assert_eq!(line.heard(), [Heard::Binary(payload.repeat(count))]);
        line.end();
    }
}

#[test]
fn ws_12_close_codes() {
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
        refused(ws::close(code, ""), 1002);
    }
    refused(ws::whole(ws::CLOSE, b"\x03"), 1002);
    refused(ws::whole(ws::CLOSE, b"\x03\xe8\xff"), 1007);
    for code in
        [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
    {
        for conditions in BOTH {
            let mut line = Line::echo(conditions);
            line.say(ws::close(code, "why not"));
            line.say(ws::text("behind"));
            assert_eq!(
                (line.heard(), line.closed()),
                (vec![Heard::Close(Some(code), String::new())], Some(Closed::Done))
            );
            let notes =
                ["open".into(), format!("peer closing Some({code}) \"why not\""), "closed: Done".into()];
            assert_eq!(*line.notes.lock().unwrap(), notes);
            line.end();
        }
    }
    let mut line = Line::echo(Conditions::BYTES);
    line.say(ws::whole(ws::CLOSE, b""));
    assert_eq!(line.heard(), [Heard::Close(None, String::new())]);
    line.end();
}

#[test]
fn ws_12_without_a_close_frame() {
    for (act, why) in [
        (lws_sim::Sim::finish as fn(&mut lws_sim::Sim, lws_sim::PeerId), Closed::Ended),
        (lws_sim::Sim::cut, Closed::Truncated),
        (lws_sim::Sim::reset, Closed::Lost),
    ] {
        let mut line = Line::echo(Conditions::BYTES);
        line.say(ws::text("x"));
        act(&mut line.sim, line.peer);
        line.sim.run();
        assert_eq!((line.heard(), line.closed()), (vec![Heard::Text("x".into())], Some(why)));
        line.end();
    }
}

#[test]
fn ws_13_a_hundred_pings_in_ten_seconds() {
    let pings = ws::ping(b"p").repeat(limits::CONTROL_FRAMES as usize);
    for conditions in BOTH {
        let mut line = Line::echo(conditions);
        for _ in 0..3 {
            line.say(&pings);
            assert_eq!(line.closed(), None);
            line.advance(10.1);
        }
        assert_eq!(line.heard(), vec![Heard::Pong(b"p".into()); 300]);
        line.say(&pings);
        line.say(ws::ping(b"one too many"));
        assert_eq!((line.code(), line.closed()), (Some(1008), Some(Closed::Limit)));
        line.end();
        let mut line = Line::echo(conditions);
        line.say(ws::whole(ws::PONG, b"").repeat(101));
        assert_eq!(line.code(), Some(1008), "pongs that nobody asked for count, too");
        line.end();
    }
}

#[test]
fn ws_13_a_flood_from_one_who_does_not_read() {
    let mut line = Line::echo(Conditions::CALM);
    line.sim.window(line.peer, Some(0));
    counting::reset_peak();
    let before = counting::count().live;
    let flood = ws::ping(&[b'p'; 125]).repeat(1_000);
    for _ in 0..100 {
        if line.closed().is_some() || line.sim.in_flight(line.peer) > 0 {
            break;
        }
        line.say(&flood);
    }
    // The flood itself waits on the wire, or the connection is over.
    let more = counting::count().peak - before - 2 * flood.len() as i64;
    assert!(more <= 256 * 1024, "{more} bytes");
    assert_eq!(line.closed(), Some(Closed::Limit));
    line.end();
}

/// The transport takes nothing for a while, so that there is no room when it matters.
#[test]
fn empty_frames_do_not_get_stuck_when_there_is_no_room() {
    for_seeds!(0..100, |seed| {
        let mut rng = Rng::new(seed);
        let room = Sizes::always(lws_sim::limits::LEAST_ROOM_BYTES);
        let conditions = Conditions { room, ..Conditions::rough(&mut rng) };
        let mut line = Line::echo(conditions);
        // Leaves a few bytes of an `Out`, or none.
        let n = room.least - 4 - rng.below(20);
        let (large, empty) = (ws::binary(&vec![1; n]), rng.below(4));
        let last = match empty {
            0 => ws::ping(b""),
            1 => ws::text(""),
            2 => [ws::frame(false, ws::TEXT, b"", [0; 4]), ws::frame(true, ws::CONTINUATION, b"", [0; 4])]
                .concat(),
            _ => ws::whole(ws::CLOSE, b""),
        };
        line.say([large, last].concat());
        let expected = match empty {
            0 => Heard::Pong(vec![]),
            1 | 2 => Heard::Text(String::new()),
            _ => Heard::Close(None, String::new()),
        };
        assert_eq!(line.heard(), [Heard::Binary(vec![1; n]), expected]);
        assert_eq!(line.notes.lock().unwrap().iter().filter(|n| n.starts_with("peer")).count(), empty / 3);
        line.end();
    });
}

#[test]
fn streaming_ends_a_message_also_when_there_is_no_room() {
    for_seeds!(0..100, |seed| {
        let mut rng = Rng::new(seed);
        let room = Sizes::always(lws_sim::limits::LEAST_ROOM_BYTES);
        let mut line = Line::to(websocket(|| Pieces), Conditions { room, ..Conditions::rough(&mut rng) });
        // What is left of an `Out` behind the first frame, a pong takes but for a byte or two.
        let (n, pong) = (room.least - 14 - rng.below(3), rng.below(12));
        let all = [
            ws::frame(false, ws::BINARY, &vec![1; n], [7; 4]),
            ws::ping(&vec![2; pong]),
            ws::frame(true, ws::CONTINUATION, b"", [0; 4]),
        ];
        line.say(all.concat());
        assert_eq!(line.heard(), [Heard::Pong(vec![2; pong]), Heard::Binary(vec![1; n])]);
        line.end();
    });
}

/// A message that is kept while it goes out goes out whole, whoever closes.
#[test]
fn what_was_sent_before_a_close_goes_out_first() {
    for_seeds!(0..100, |seed| {
        let chunk = Sizes::from_to(500, 64 * 1024);
        let conditions = Conditions { chunk, ..Conditions::rough(&mut Rng::new(seed)) };
        let mut line = Line::echo(conditions);
        let data: Vec<u8> = (0..150_000u32).map(|i| i as u8).collect();
        line.say([ws::binary(&data), ws::close(1000, "")].concat());
        assert_eq!(line.heard(), [Heard::Binary(data), Heard::Close(Some(1000), String::new())]);
        assert_eq!(line.closed(), Some(Closed::Done));
        line.end();
    });
}
