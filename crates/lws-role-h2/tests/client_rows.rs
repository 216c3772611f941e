//! The client's side against a server that says what it likes.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::desk::*;
use common::script::*;
use common::{CANCEL, END_HEADERS, END_STREAM, WHOLE, data, frame, kind, rst, settings, window_update};
use lws_head::Method;
use lws_http::client::{Cause, Framing};
use lws_role::Closed;
use lws_sim::{Conditions, Rng, for_seeds};

#[test]
fn a_connection_begins_with_preface_and_settings() {
    let desk = desk();
    let mut script = Script::fresh(Conditions::CALM, 0, &desk);
    let sent = script.sim.take_received(script.peer);
    // RFC 9113 §3.4.
    assert_eq!(&sent[..24], common::PREFACE);
    assert_eq!((sent[27], &sent[29..33]), (kind::SETTINGS, &[0; 4][..]));
    // RFC 9113 §8.4: no pushes.
    let entries: Vec<&[u8]> = sent[33..].chunks(6).take(usize::from(sent[26]) / 6).collect();
    assert!(entries.contains(&&[0, 2, 0, 0, 0, 0][..]), "{entries:?}");
    script.sim.end();
}

#[test]
fn a_request_is_put_together() {
    let desk = desk();
    let call = One::post(&desk, "a", "/x?y", Framing::Length(3), b"abc")
        .field("X-Upper", " v ")
        .field("Connection", "keep-alive")
        .field("Keep-Alive", "5")
        .field("Transfer-Encoding", "chunked")
        .field("Proxy-Connection", "close")
        .field("TE", "gzip")
        .field("te", "trailers");
    ask(&desk, call);
    let mut script = Script::new(&desk, &[]);
    let frames = script.frames();
    let head = frames.iter().find(|f| f.kind == kind::HEADERS).unwrap();
    let fields = script.fields(head);
    let expected = [
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", "a"),
        (":path", "/x?y"),
        ("x-upper", "v"),
        ("te", "trailers"),
        ("content-length", "3"),
    ];
    assert_eq!(fields, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    let body = frames.iter().find(|f| f.kind == kind::DATA).unwrap();
    assert_eq!((body.flags, &body.payload[..]), (END_STREAM, &b"abc"[..]), "the last frame says so");
    script.say([response(END_HEADERS, 1, "200", &[]), data(END_STREAM, 1, b"ok")].concat());
    assert_eq!(heard(&desk), ["a: 200", "a: end [ok]"]);
    script.sim.end();
}

#[test]
fn cli_05_what_must_not_be_sent_is_not() {
    let wrong: [fn(&Shared) -> One; 12] = [
        |d| One::get(d, "a", "/x y"),
        |d| One::get(d, "a", "x"),
        |d| One::get(d, "a", ""),
        |d| One::get(d, "a", "*"),
        |d| One::get(d, "a", "/x#y"),
        |d| One::get(d, "a", "/x\r\ny: z"),
        |d| One::get(d, "a", "/x").field("a b", "c"),
        |d| One::get(d, "a", "/x").field(":path", "/y"),
        |d| One::get(d, "a", "/x").field("a", "b\r\nc: d"),
        |d| One::get(d, "a", "/x").field("Content-Length", "5"),
        |d| One::get(d, "a", "/x").field("Host", "b"),
        |d| One::get(d, "a", "/x").field("x", &"y".repeat(60_000)),
    ];
    for make in wrong {
        let desk = desk();
        ask(&desk, make(&desk));
        ask(&desk, One::get(&desk, "b", "/good"));
        let mut script = Script::new(&desk, &[]);
        let notes = heard(&desk);
        assert!(matches!(causes(&desk)[..], [Cause::Misuse(_)]), "{notes:?}");
        // Nothing of it was said, and the connection is none the worse for it.
        let heads = script.of_kind(kind::HEADERS);
        assert_eq!(heads.len(), 1);
        assert!(script.fields(&heads[0]).contains(&(":path".into(), "/good".into())));
        script.say(response(WHOLE, 1, "204", &[]));
        assert_eq!(heard(&desk), ["b: 204", "b: end []"]);
        script.sim.end();
    }
}

#[test]
fn an_ordinary_connect_has_no_scheme_and_no_path() {
    let desk = desk();
    let tunnel = One { switch: Some(Box::new(|_| None)), ..One::new(&desk, "a", Method::Connect, "far:443") };
    ask(&desk, tunnel);
    let mut script = Script::new(&desk, &[]);
    let heads = script.of_kind(kind::HEADERS);
    // RFC 9113 §8.5.
    let expected = [(":method", "CONNECT"), (":authority", "far:443")];
    assert_eq!(script.fields(&heads[0]), expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    assert_eq!(heads[0].flags, END_HEADERS);
    script.say(response(END_HEADERS, 1, "200", &[]));
    assert_eq!(heard(&desk), ["a: switch 200"]);
    let resets = script.of_kind(kind::RST_STREAM);
    assert_eq!((resets.len(), resets[0].word()), (1, CANCEL), "nobody wants the tunnel");
    script.sim.end();
}

#[test]
fn the_servers_limit_on_streams_is_kept() {
    let desk = desk();
    for name in ["a", "b", "c", "d"] {
        ask(&desk, One::get(&desk, name, "/x"));
    }
    let mut script = Script::fresh(Conditions::CALM, 0, &desk);
    // RFC 9113 §5.1.2: before its settings there is no limit; afterwards there is.
    assert_eq!(desk.borrow().calls.len(), 0);
    script.say(hello(&[(3, 2)]));
    for name in ["e", "f"] {
        ask(&desk, One::get(&desk, name, "/x"));
    }
    script.wake(0);
    assert_eq!(desk.borrow().calls.len(), 2, "they wait with who makes them");
    script.say([response(WHOLE, 1, "204", &[]), response(WHOLE, 3, "204", &[])].concat());
    assert_eq!(desk.borrow().calls.len(), 2);
    script.say(response(WHOLE, 5, "204", &[]));
    assert_eq!(desk.borrow().calls.len(), 1);
    script.say(settings(&[(3, 100)]));
    assert_eq!(desk.borrow().calls.len(), 0);
    script.sim.end();
}

#[test]
fn h2_17_goaway_loses_nothing() {
    let (desk, mut script) = asked(4);
    script.say(goaway(5, 0));
    assert_eq!(heard(&desk), ["d: failed the server did not process the request", "going"]);
    assert!(desk.borrow().failures[0].is_unprocessed());
    ask(&desk, One::get(&desk, "e", "/x"));
    script.wake(0);
    assert!(script.of_kind(kind::HEADERS).is_empty(), "no more streams");
    // Those below go on, in any order.
    script.say([response(WHOLE, 5, "204", &[]), response(WHOLE, 1, "204", &[])].concat());
    assert_eq!(script.closed(), None);
    script.say(response(WHOLE, 3, "204", &[]));
    let all = ["c: 204", "c: end []", "a: 204", "a: end []", "b: 204", "b: end []", "closed Done"];
    assert_eq!(heard(&desk), all);
    assert_eq!(script.of_kind(kind::GOAWAY)[0].word(), 0);
    script.sim.end();
}

#[test]
fn h2_17_a_notice_first_and_the_last_stream_later() {
    let (desk, mut script) = asked(3);
    script.say(goaway(0x7fff_ffff, 0));
    assert_eq!(heard(&desk), ["going"]);
    script.say(goaway(1, 0));
    assert_eq!(causes(&desk), [Cause::Unprocessed; 2]);
    // What comes late on those is ignored.
    script.say([response(WHOLE, 5, "204", &[]), response(WHOLE, 1, "204", &[])].concat());
    assert_eq!(script.closed(), Some(Closed::Done));
    // RFC 9113 §6.8: the identifier does not increase.
    let (_desk, mut script) = asked(2);
    script.say([goaway(1, 0), goaway(3, 0)].concat());
    assert_eq!((script.closed(), script.of_kind(kind::GOAWAY)[0].word()), (Some(Closed::Protocol), 1));
}

#[test]
fn resets_and_what_they_mean() {
    let (desk, mut script) = asked(4);
    script.say([rst(1, 7), response(END_HEADERS, 3, "200", &[]), rst(3, 7), rst(5, 13)].concat());
    assert_eq!(causes(&desk), [Cause::Unprocessed, Cause::Reset(7), Cause::Reset(13)]);
    let failures = desk.borrow().failures.clone();
    assert_eq!(failures.iter().map(|f| f.answered).collect::<Vec<_>>(), [false, true, false]);
    script.say(response(WHOLE, 7, "204", &[]));
    assert_eq!(heard(&desk).last().unwrap(), "d: end []");
    script.sim.end();
}

#[test]
fn a_reset_behind_a_whole_response_changes_nothing() {
    let (desk, mut script) = asked(1);
    desk.borrow_mut().credit = 2;
    // RFC 9113 §8.1.
    script.say([response(END_HEADERS, 1, "200", &[]), data(END_STREAM, 1, b"hello"), rst(1, 0)].concat());
    assert_eq!(heard(&desk), ["a: 200"]);
    desk.borrow_mut().credit = 100;
    script.wake(1);
    assert_eq!(heard(&desk), ["a: end [hello]"]);
    assert!(script.of_kind(kind::RST_STREAM).is_empty());
    script.sim.end();
}

#[test]
fn an_answer_before_the_request_is_complete() {
    let desk = desk();
    let call = One { complete: false, ..One::post(&desk, "a", "/x", Framing::Chunked, b"some") };
    ask(&desk, call);
    let mut script = Script::new(&desk, &[]);
    script.say(response(WHOLE, 1, "413", &[]));
    assert_eq!(heard(&desk), ["a: 413", "a: end []"]);
    assert_eq!(script.of_kind(kind::RST_STREAM)[0].word(), CANCEL);
    script.sim.end();
}

#[test]
fn a_body_that_is_shorter_than_promised() {
    let desk = desk();
    ask(&desk, One::post(&desk, "a", "/x", Framing::Length(9), b"some"));
    let mut script = Script::new(&desk, &[]);
    assert_eq!(causes(&desk), [Cause::ShortBody]);
    let frames = script.frames();
    assert!(frames.iter().all(|f| f.kind != kind::DATA || f.flags == 0), "{frames:?}");
    assert_eq!(frames.iter().find(|f| f.kind == kind::RST_STREAM).unwrap().word(), CANCEL);
    script.sim.end();
}

#[test]
fn a_body_that_breaks_off() {
    for framing in [Framing::Length(9), Framing::Chunked] {
        let desk = desk();
        ask(&desk, One { fails: true, ..One::post(&desk, "a", "/x", framing, b"some") });
        let mut script = Script::new(&desk, &[]);
        assert_eq!(causes(&desk), [Cause::Source]);
        let frames = script.frames();
        assert!(frames.iter().all(|f| f.kind != kind::DATA || f.flags == 0), "{frames:?}");
        assert_eq!(frames.iter().find(|f| f.kind == kind::RST_STREAM).unwrap().word(), CANCEL);
        script.sim.end();
    }
}

#[test]
fn cli_03_responses_that_break_the_rules_cost_their_stream() {
    for wrong in [
        response(WHOLE, 1, "20", &[]),
        response(WHOLE, 1, "101", &[]),
        response(WHOLE, 1, "200", &[("content-length", "5")]),
        [response(END_HEADERS, 1, "200", &[("content-length", "5")]), data(END_STREAM, 1, b"four")].concat(),
        [response(END_HEADERS, 1, "200", &[("content-length", "3")]), data(END_STREAM, 1, b"four")].concat(),
        response(WHOLE, 1, "200", &[("content-length", "+3")]),
        response(WHOLE, 1, "200", &[("content-length", "0"), ("content-length", "0")]),
        response(WHOLE, 1, "200", &[("transfer-encoding", "chunked")]),
        response(WHOLE, 1, "200", &[("connection", "close")]),
        response(WHOLE, 1, "200", &[("X", "y")]),
        response(WHOLE, 1, "200", &[("x", "a\r\nb")]),
        response(WHOLE, 1, "100", &[]),
        data(0, 1, b"first"),
        [response(END_HEADERS, 1, "200", &[]), response(END_HEADERS, 1, "200", &[])].concat(),
    ] {
        let (desk, mut script) = asked(2);
        script.say(&wrong);
        assert!(matches!(causes(&desk)[..], [Cause::Peer(_)]), "{:?} {wrong:?}", causes(&desk));
        let resets = script.of_kind(kind::RST_STREAM);
        assert_eq!((resets.len(), resets[0].stream, resets[0].word()), (1, 1, common::PROTOCOL_ERROR));
        heard(&desk);
        script.say(response(WHOLE, 3, "204", &[]));
        assert_eq!(heard(&desk), ["b: 204", "b: end []"], "the other goes on");
        script.sim.end();
    }
}

#[test]
fn cli_03_interim_responses_are_passed_on_up_to_a_limit() {
    let (desk, mut script) = asked(1);
    let interim = response(END_HEADERS, 1, "103", &[("link", "x")]);
    script.say([interim.repeat(10), response(WHOLE, 1, "204", &[])].concat());
    assert_eq!(heard(&desk).iter().filter(|note| *note == "a: 103").count(), 10);
    let (desk, mut script) = asked(1);
    script.say(interim.repeat(11));
    assert!(matches!(causes(&desk)[..], [Cause::Limit(_)]));
    assert_eq!(
        (script.closed(), script.of_kind(kind::GOAWAY)[0].word()),
        (Some(Closed::Limit), common::CALM)
    );
}

#[test]
fn what_breaks_the_connection_fails_all_calls() {
    for (wrong, code) in [
        (frame(5, END_HEADERS, 1, &[0, 0, 0, 2]), 1), // PUSH_PROMISE
        (settings(&[(2, 1)]), 1),
        (settings(&[(4, 1 << 31)]), 3),
        (window_update(0, 0), 1),
        (window_update(0, 0x7fff_ffff), 3),
        (response(WHOLE, 2, "200", &[]), 1),
        (response(WHOLE, 9, "200", &[]), 1),
        (frame(kind::HEADERS, WHOLE, 1, &[0x80]), 9),
        (frame(kind::PING, 0, 0, b"short"), 6),
        (frame(9, END_HEADERS, 1, b""), 1), // CONTINUATION
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), 6),
    ] {
        let (desk, mut script) = asked(2);
        script.say(&wrong);
        assert!(
            matches!(causes(&desk)[..], [Cause::Peer(_), Cause::Peer(_)]),
            "{:?} {wrong:?}",
            causes(&desk)
        );
        let goaways = script.of_kind(kind::GOAWAY);
        assert_eq!((goaways.len(), goaways[0].word()), (1, code), "{wrong:?}");
        assert_eq!(script.closed(), Some(Closed::Protocol));
        assert_eq!(heard(&desk).last().unwrap(), "closed Protocol");
    }
}

#[test]
fn credit_is_given_for_what_is_consumed() {
    let (desk, mut script) = asked(2);
    desk.borrow_mut().credit = 0;
    script.say(response(END_HEADERS, 1, "200", &[]));
    for _ in 0..4 {
        script.say(data(0, 1, &[7; 16_384]));
    }
    assert!(script.of_kind(kind::WINDOW_UPDATE).is_empty(), "it holds everything back");
    // The other one is not held up.
    script.say(response(WHOLE, 3, "204", &[]));
    desk.borrow_mut().credit = 40_000;
    script.wake(1);
    let told: u32 =
        script.of_kind(kind::WINDOW_UPDATE).iter().filter(|f| f.stream == 1).map(|f| f.word()).sum();
    assert_eq!(told, 40_000);
    desk.borrow_mut().credit = usize::MAX;
    script.wake(0);
    script.say(data(END_STREAM, 1, b""));
    assert_eq!(heard(&desk).last().unwrap(), "a: end [65536]");
    script.sim.end();
}

#[test]
fn h2_09_more_than_the_window_is_an_error() {
    let (desk, mut script) = asked(1);
    desk.borrow_mut().credit = 0;
    script.say(response(END_HEADERS, 1, "200", &[]));
    for _ in 0..4 {
        script.say(data(0, 1, &[7; 16_384]));
    }
    script.say(data(0, 1, b"x"));
    assert_eq!(script.of_kind(kind::RST_STREAM)[0].word(), 3);
    assert!(matches!(causes(&desk)[..], [Cause::Peer(_)]));
    script.sim.end();
}

#[test]
fn uploads_wait_for_windows_and_small_ones_do() {
    let desk = desk();
    let body: Vec<u8> = (0..100_000).map(|i| (i % 251) as u8).collect();
    ask(&desk, One::post(&desk, "a", "/x", Framing::Chunked, &body));
    let mut script = Script::new(&desk, &[(4, 10)]);
    let mut got = Vec::new();
    let mut turns = 0;
    loop {
        let frames = script.of_kind(kind::DATA);
        got.extend(frames.iter().flat_map(|f| f.payload.clone()));
        if frames.last().is_some_and(|f| f.flags & END_STREAM > 0) {
            break;
        }
        let by = *script.sim.rng().pick(&[1, 7, 5_000, 60_000]);
        script.say([window_update(1, by), window_update(0, by)].concat());
        turns += 1;
        assert!(turns < 1_000, "{} of {}", got.len(), body.len());
    }
    assert!(got == body);
    script.say(response(WHOLE, 1, "204", &[]));
    assert_eq!(heard(&desk), ["a: 204", "a: end []"]);
    script.sim.end();
}

#[test]
fn whoever_waits_for_its_caller_goes_on_when_woken() {
    let desk = desk();
    ask(&desk, One { complete: false, ..One::post(&desk, "a", "/x", Framing::Chunked, b"some") });
    let mut script = Script::new(&desk, &[]);
    assert_eq!(script.of_kind(kind::DATA).len(), 1);
    let handle = *desk.borrow().handles.last().unwrap();
    assert_eq!(handle.sub, 1, "the call knows its stream");
    script.sim.run();
    assert!(script.frames().is_empty());
    // It is asked again when it is woken, and not before.
    let asked = desk.borrow().handles.len();
    script.wake(1);
    assert_eq!(desk.borrow().handles.len(), asked + 1);
    script.sim.end();
}

#[test]
fn a_cancelled_call_is_reset() {
    let (desk, mut script) = asked(1);
    desk.borrow_mut().cancelled = true;
    script.wake(1);
    assert_eq!(causes(&desk), [Cause::Cancelled]);
    assert_eq!(script.of_kind(kind::RST_STREAM)[0].word(), CANCEL);
    // What is on its way is ignored.
    script.say([response(END_HEADERS, 1, "200", &[]), data(END_STREAM, 1, b"late")].concat());
    assert_eq!(script.closed(), None);
    script.sim.end();
}

#[test]
fn an_end_in_the_middle() {
    let (desk, mut script) = asked(2);
    script.say([response(WHOLE, 1, "204", &[]), response(END_HEADERS, 3, "200", &[])].concat());
    script.sim.finish(script.peer);
    script.sim.run();
    let failures = desk.borrow().failures.clone();
    assert_eq!(failures.len(), 1);
    assert_eq!((failures[0].cause, failures[0].answered), (Cause::Closed(Closed::Ended), true));
    // An idempotent request that had no answer may be sent again on another connection.
    let (desk, mut script) = asked(2);
    script.say(response(WHOLE, 1, "204", &[]));
    script.sim.cut(script.peer);
    script.sim.run();
    assert!(desk.borrow().failures[0].is_stale());
}

#[test]
fn draining_finishes_what_runs() {
    let (desk, mut script) = asked(1);
    script.sim.drain();
    ask(&desk, One::get(&desk, "b", "/x"));
    script.wake(0);
    assert_eq!((script.closed(), script.of_kind(kind::HEADERS).len()), (None, 0));
    script.say(response(WHOLE, 1, "204", &[]));
    assert_eq!(
        (script.closed(), heard(&desk).last().unwrap().as_str()),
        (Some(Closed::Shutdown), "closed Shutdown")
    );
}

/// Everything that a good server may say.
fn conversation() -> Vec<u8> {
    [
        hello(&[(3, 50), (0x4242, 1)]),
        response(END_HEADERS, 3, "103", &[("link", "x")]),
        response(END_HEADERS, 1, "200", &[("content-length", "6")]),
        data(0, 1, b"abc"),
        frame(kind::DATA, 8, 1, b"\x02d\0\0"),
        frame(kind::PING, 0, 0, b"12345678"),
        response(END_HEADERS, 3, "200", &[]),
        frame(0x42, 0, 7, b"unknown"),
        data(0, 3, b"body"),
        data(END_STREAM, 1, b"ef"),
        frame(kind::HEADERS, WHOLE, 3, &common::block(&[("x-sum", "4"), ("host", "no")][..1])),
        window_update(0, 100),
        rst(5, 8),
        goaway(5, 0),
    ]
    .concat()
}

#[test]
fn every_split_point() {
    let bytes = conversation();
    let mut all: Option<Vec<String>> = None;
    for at in 0..=bytes.len() {
        let desk = desk();
        for name in ["a", "b", "c"] {
            ask(&desk, One::get(&desk, name, "/x"));
        }
        let mut script = Script::fresh(Conditions::CALM, 0, &desk);
        script.say(&bytes[..at]);
        script.say(&bytes[at..]);
        let notes = heard(&desk);
        assert_eq!(script.closed(), Some(Closed::Done), "split at {at}: {notes:?}");
        assert_eq!(all.get_or_insert_with(|| notes.clone()), &notes, "split at {at}");
    }
    let all = all.unwrap();
    assert!(all.contains(&"b: end [body] x-sum=4".to_owned()), "{all:?}");
    assert!(all.contains(&"a: end [abcdef]".to_owned()), "{all:?}");
}

/// Bytes that are wrong here and there: every call ends once, and nothing panics.
fn mutated(seed: u64) {
    let mut rng = Rng::new(seed);
    let conditions = Conditions::rough(&mut rng);
    let mut bytes = conversation();
    for _ in 0..1 + rng.below(4) {
        let at = rng.below(bytes.len());
        bytes[at] = rng.below(256) as u8;
    }
    let desk = desk();
    for name in ["a", "b", "c"] {
        ask(&desk, One::post(&desk, name, "/x", Framing::Chunked, &vec![7; 70_000]));
    }
    let mut script = Script::fresh(conditions, seed, &desk);
    script.say(&bytes);
    script.advance(120.0);
    let notes = heard(&desk);
    for name in ["a", "b", "c"] {
        let ends = |note: &&String| {
            note.starts_with(&format!("{name}: end")) || note.starts_with(&format!("{name}: failed"))
        };
        assert_eq!(notes.iter().filter(ends).count(), 1, "seed {seed}: {notes:?}");
    }
    assert!(script.closed().is_some(), "seed {seed}");
    script.sim.end();
}

#[test]
fn hostile_bytes_under_seeds() {
    for_seeds!(0..300, mutated);
}
