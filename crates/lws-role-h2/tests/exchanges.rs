//! Requests and responses: the same as on HTTP/1, under any chunking and any windows.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::site::{self, Notes};
use common::*;
use lws_role_h1::h1;
use lws_role_h2::limits;
use lws_sim::{Conditions, Rng, Sim, for_seeds, http};

fn notes(notes: &Notes) -> Vec<String> {
    notes.lock().unwrap().clone()
}

#[test]
fn a_get_is_answered_in_one_head_and_one_frame() {
    let mut client = Client::calm();
    client.say(get(1, "/x"));
    let heard = client.stream(1).clone();
    assert_eq!((heard.status, heard.text(), heard.ended), (200, "root /x".into(), true));
    assert_eq!((heard.field("content-length"), heard.field("x-vhost")), (Some("7"), Some("yes")));
    assert!(heard.field("date").is_some());
    assert_eq!(client.order.iter().filter(|(_, s)| *s == 1).count(), 2);
    client.end();
}

/// Requests that both versions can make: method, path, body, and whether to compare the body.
const BOTH: [(&str, &str, Option<&[u8]>); 17] = [
    ("GET", "/", None),
    ("HEAD", "/", None),
    ("GET", "/old/a?b=c", None),
    ("GET", "/empty", None),
    ("GET", "/unmodified", None),
    ("GET", "/large", None),
    ("HEAD", "/large", None),
    ("GET", "/stream", None),
    ("GET", "/chunked", None),
    ("GET", "/greedy", None),
    ("GET", "/%zz", None),
    ("GET", "/split", None),
    ("GET", "/long", None),
    ("POST", "/echo", Some(b"hello")),
    ("POST", "/echo", Some(b"")),
    ("POST", "/sum", Some(b"some bytes")),
    ("POST", "/small", Some(b"more than ten bytes")),
];

#[test]
fn the_same_answers_as_on_http_1() {
    for (method, path, body) in BOTH {
        let mut sim = Sim::under(Conditions::CALM, 0);
        let acceptor = sim.install(&h1(site::sites(&Notes::default())));
        let peer = sim.accept(&*acceptor);
        let length = body.map_or(String::new(), |b| format!("Content-Length: {}\r\n", b.len()));
        sim.send(
            peer,
            format!("{method} {path} HTTP/1.1\r\nHost: a\r\nX-More: 1\r\n{length}\r\n").as_bytes(),
        );
        sim.send(peer, body.unwrap_or_default());
        sim.run();
        let (one, _) = http::responses(sim.received(peer), &[method == "HEAD"], false).unwrap();
        let one = &one[0];

        let mut client = Client::calm();
        let length = body.map(|b| b.len().to_string());
        let mut more = vec![("x-more", "1")];
        more.extend(length.as_deref().map(|l| ("content-length", l)));
        let flags = if body.is_some() { END_HEADERS } else { WHOLE };
        client.say(request(flags, 1, method, path, &more));
        if let Some(body) = body
            && client.stream(1).reset.is_none()
        {
            client.say(data(END_STREAM, 1, body));
        }
        let two = client.stream(1).clone();
        let what = format!("{method} {path}");
        assert_eq!((two.status, two.ended), (one.status, true), "{what}");
        assert!(two.body == one.body, "{what}: {} bytes, and {}", two.body.len(), one.body.len());
        let own = |name: &str| !matches!(name, "transfer-encoding" | "connection");
        let mut fields: Vec<(String, String)> = one
            .fields
            .iter()
            .map(|(n, v)| (n.to_ascii_lowercase(), v.clone()))
            .filter(|(n, _)| own(n))
            .collect();
        let mut fields_2 = two.fields.clone();
        fields.sort();
        fields_2.sort();
        assert_eq!(fields_2, fields, "{what}");
    }
}

#[test]
fn all_fields_arrive_and_leave() {
    let mut client = Client::calm();
    let more = [("cookie", "a=1"), ("x-own", "1"), ("cookie", "b=2"), ("x-own", "2")];
    client.say(request(WHOLE, 1, "GET", "/fields", &more));
    let heard = client.stream(1).clone();
    assert_eq!(heard.text(), "cookie=a=1; b=2\nhost=a\nx-own=1\nx-own=2");
    let names: Vec<&str> = heard.fields.iter().map(|(n, _)| &n[..]).collect();
    assert_eq!(names[..3], ["set-cookie", "set-cookie", "x-upper"], "in lower case, in order");
    assert!(!names.contains(&"proxy-connection"));
}

#[test]
fn trailers_both_ways() {
    let mut client = Client::calm();
    client.say(post(1, "/trailers"));
    client.say([data(0, 1, b"abc"), headers(WHOLE, 1, &[("x-sum", "6"), ("content-type", "no")])].concat());
    let heard = client.stream(1).clone();
    assert_eq!((heard.text(), heard.ended), ("body".into(), true));
    assert_eq!(heard.trailers, [("x-sum".to_owned(), "6".to_owned())]);
}

#[test]
fn trailers_that_are_too_long_break_the_reply_off() {
    let mut client = Client::calm();
    client.say(post(1, "/trailers"));
    let long = "x".repeat(13_000);
    client.say(headers(WHOLE, 1, &[("x-sum", &long)]));
    assert_eq!((client.stream(1).ended, client.stream(1).reset), (false, Some(2)));
    client.say(get(3, "/"));
    assert_eq!(client.stream(3).status, 200);
}

#[test]
fn h2_17_drain_finishes_what_runs_and_starts_nothing() {
    let mut client = Client::calm();
    client.say(post(1, "/sum"));
    client.sim.drain();
    client.run();
    assert_eq!(client.goaway, Some((1, NO_ERROR)));
    client.say([get(3, "/"), data(END_STREAM, 1, b"12345")].concat());
    assert_eq!(client.stream(1).text(), "5 bytes, trailers []");
    assert!(!client.streams.contains_key(&3));
    assert_eq!(client.closed(), Some(lws_role::Closed::Shutdown));
    client.end();
}

#[test]
fn an_idle_connection_drains_as_soon_as_the_client_has_heard() {
    let mut client = Client::calm();
    client.sim.drain();
    client.run();
    assert_eq!((client.goaway, client.closed()), (Some((0, NO_ERROR)), Some(lws_role::Closed::Shutdown)));
}

#[test]
fn h1_17_what_comes_behind_an_early_answer_is_thrown_away() {
    let mut client = Client::to(&site::h2(&Notes::default()), Conditions::CALM, 0);
    // Nobody knows how long it is: a reset at once. What is on its way is ignored, and credited.
    client.say(post(1, "/"));
    let heard = client.stream(1).clone();
    assert_eq!((heard.status, heard.ended, heard.reset), (200, true, Some(NO_ERROR)));
    client.say(data(0, 1, &[7; 16_384]));
    // A short one may be on its way whole: it is awaited. And an error makes clients stop by themselves.
    client.say(request(END_HEADERS, 3, "POST", "/small", &[("content-length", "11")]));
    client.say(data(END_STREAM, 3, b"hello world"));
    client.say(request(END_HEADERS, 5, "POST", "/", &[("content-length", "65536")]));
    client.say(request(END_HEADERS, 7, "POST", "/small", &[("content-length", "65537")]));
    assert_eq!((client.stream(3).status, client.stream(7).status), (413, 413));
    client.advance(4.9);
    assert_eq!((client.stream(5).reset, client.stream(3).reset, client.stream(7).reset), (None, None, None));
    client.advance(0.2);
    let resets = (client.stream(5).reset, client.stream(3).reset, client.stream(7).reset);
    assert_eq!(resets, (Some(NO_ERROR), None, Some(NO_ERROR)));
    client.say([post(11, "/small"), data(0, 11, b"12345")].concat());
    assert_eq!(client.stream(11).reset, None);
    client.say(data(END_STREAM, 11, b"678901"));
    assert_eq!(client.stream(11).reset, Some(2), "its answer had begun");
    client.end();
}

#[test]
fn h1_17_so_much_and_no_more() {
    let mut client = Client::calm();
    client.say(request(END_HEADERS, 1, "POST", "/small", &[("content-length", "100000000")]));
    let mut sent = 0;
    let mut window = 65_536_u64;
    while window >= 16_384 {
        client.say(data(0, 1, &[7; 16_384]));
        (sent, window) = (sent + 16_384, window - 16_384 + client.windows.remove(&1).unwrap_or(0));
        assert!(sent < 1 << 25, "it takes without end");
    }
    assert!(sent >= limits::DISCARD_BYTES, "{sent}");
    // The connection's window is given back all the same: others go on.
    client.say(post(3, "/sum"));
    for _ in 0..16 {
        client.say(data(0, 3, &[7; 16_384]));
    }
    client.say(data(END_STREAM, 3, b""));
    assert_eq!(client.stream(3).text(), format!("{} bytes, trailers []", 16 * 16_384));
    // All of that counted as prompt; now it gets no further.
    client.advance(4.9);
    assert_eq!(client.stream(1).reset, None);
    client.advance(5.3);
    assert_eq!((client.stream(1).reset, client.closed()), (Some(NO_ERROR), None));
    client.end();
}

#[test]
fn h1_17_as_long_as_it_comes_and_no_longer() {
    let check = |bytes: usize, seconds: std::ops::Range<u32>| {
        let mut client = Client::calm();
        client.say(request(END_HEADERS, 1, "POST", "/small", &[("content-length", "100000000")]));
        let mut waited = 0;
        while client.stream(1).reset.is_none() {
            client.say(data(0, 1, &vec![7; bytes]));
            client.advance(1.0);
            waited += 1;
            assert!(waited < 100);
        }
        assert!(seconds.contains(&waited), "{bytes}: {waited}");
        client.end();
    };
    check(400, 5..7);
    check(600, 30..32);
}

#[test]
fn h2_17_a_graceful_end_takes_what_is_on_its_way() {
    let mut client = Client::calm();
    client.say(post(1, "/sum"));
    client.credits = false;
    client.sim.drain();
    client.run();
    // RFC 9113 §6.8: first the notice, with the highest identifier there is.
    assert_eq!((client.goaway, client.closed()), (Some((0x7fff_ffff, NO_ERROR)), None));
    client.say(get(3, "/x"));
    assert_eq!(client.stream(3).text(), "root /x", "it was on its way");
    // A client that does not say that it has heard is told the last one after a while.
    client.advance(0.9);
    assert_eq!(client.goaway, Some((0x7fff_ffff, NO_ERROR)));
    client.advance(0.2);
    assert_eq!(client.goaway, Some((3, NO_ERROR)));
    client.say([get(5, "/"), data(END_STREAM, 1, b"12345")].concat());
    assert!(!client.streams.contains_key(&5));
    assert_eq!(client.closed(), Some(lws_role::Closed::Shutdown));
    client.end();
}

#[test]
fn expect_100_continue() {
    let mut client = Client::calm();
    client.say(request(END_HEADERS, 1, "POST", "/sum", &[("expect", "100-continue")]));
    assert_eq!((client.stream(1).interim.clone(), client.stream(1).status), (vec![100], 0));
    client.say(data(END_STREAM, 1, b"body"));
    assert_eq!(client.stream(1).text(), "4 bytes, trailers []");
    client.say(request(END_HEADERS, 3, "POST", "/", &[("expect", "100-continue")]));
    assert_eq!((client.stream(3).interim.len(), client.stream(3).status), (0, 200));
}

#[test]
fn a_reply_that_cannot_be_finished_is_reset() {
    let mut client = Client::calm();
    client.say(get(1, "/short"));
    let heard = client.stream(1);
    assert_eq!((heard.status, heard.text(), heard.ended, heard.reset), (200, "four".into(), false, Some(2)));
}

#[test]
fn timers_and_wakes_reach_their_stream() {
    let all = Notes::default();
    let mut client = Client::to(&site::h2(&all), Conditions::CALM, 0);
    client.say(
        [post(1, "/hold"), get(3, "/later"), data(0, 1, &[1; 10_000]), data(END_STREAM, 1, &[2; 5_000])]
            .concat(),
    );
    client.say(get(5, "/"));
    assert_eq!(client.stream(5).status, 200, "nobody is held up");
    assert_eq!((client.stream(1).status, client.windows.get(&1)), (0, None), "nothing was consumed");
    client.advance(1.1);
    assert_eq!((client.stream(3).text(), client.stream(1).text()), ("at last".into(), "15000 bytes".into()));
    assert_eq!(notes(&all), ["lets go"]);
    client.end();
}

#[test]
fn a_reset_reaches_the_handler() {
    let all = Notes::default();
    let mut client = Client::to(&site::h2(&all), Conditions::CALM, 0);
    client.say([post(1, "/sum"), get(3, "/later"), rst(1, 8), rst(3, 8)].concat());
    assert_eq!(notes(&all), ["sum of 0: the connection was lost"]);
    client.advance(2.0);
    assert_eq!(client.streams.len(), 0);
    client.sim.finish(client.peer);
    client.run();
    assert!(client.closed().is_some());
    client.end();
}

#[test]
fn the_end_of_the_connection_reaches_all_handlers() {
    let all = Notes::default();
    let mut client = Client::to(&site::h2(&all), Conditions::CALM, 0);
    client.say([get(1, "/never"), get(3, "/never"), post(5, "/sum"), data(0, 5, b"abc")].concat());
    client.sim.cut(client.peer);
    client.run();
    let cut = "the connection was cut off";
    let ends = [format!("never: {cut}"), format!("never: {cut}"), format!("sum of 3: {cut}")];
    assert_eq!(notes(&all)[2..], ends);
    client.end();
}

#[test]
fn turns_are_fair_and_the_urgent_come_first() {
    let mut client = Client::calm();
    client.credits = false;
    // 65 535 bytes for the whole connection: nobody gets all of it.
    let low = request(WHOLE, 1, "GET", "/large", &[("priority", "u=6")]);
    client.sim.send(client.peer, &[low, get(3, "/large"), get(5, "/large"), get(7, "/x")].concat());
    client.run();
    assert_eq!(client.stream(7).status, 200, "a small one is not behind the large ones");
    let [low, a, b] = [1, 3, 5].map(|id| client.stream(id).body.len());
    assert!(a + b > 2 * low && a.abs_diff(b) <= 16_384, "{low} {a} {b}");
    client.credits = true;
    client.say(window_update(0, 65_535));
    client.say([window_update(1, 300_000), window_update(3, 300_000), window_update(5, 300_000)].concat());
    for id in [1, 3, 5] {
        assert_eq!((client.stream(id).body.len(), client.stream(id).ended), (300_000, true));
    }
    client.end();
}

#[test]
fn a_batch_of_requests_leaves_in_one_write() {
    let mut client = Client::calm();
    client.sim.world().hub.metrics.tx_bytes = 0;
    let all: Vec<u8> = (0..100).flat_map(|n| get(2 * n + 1, "/x")).collect();
    client.say(all);
    assert_eq!(client.streams.values().filter(|h| h.status == 200 && h.ended).count(), 100);
    // What repeats from head to head is compressed away.
    let tx = client.sim.world().hub.metrics.tx_bytes;
    assert!(tx < 100 * 50, "{tx} bytes");
}

/// Everything at once, under a seed's conditions and windows.
fn everything(seed: u64) {
    let mut rng = Rng::new(seed);
    let conditions = Conditions::rough(&mut rng);
    let all = Notes::default();
    let mut client = Client::to(&site::h2(&all), conditions, seed);
    let window = *rng.pick(&[0, 30, 100, 4_000, 9_000, 65_535, 1 << 20]);
    client.sim.send(client.peer, &settings(&[(4, window)]));
    client.rounds = 20;
    let body: Vec<u8> = (0..rng.below(80_000)).map(|i| (i % 251) as u8).collect();
    let paths = ["/stream", "/greedy", "/chunked", "/large", "/x", "/empty"];
    for (n, path) in (0..).zip(paths) {
        client.sim.send(client.peer, &get(2 * n + 1, path));
    }
    client.sim.send(client.peer, &post(21, "/echo"));
    client.run();
    // The echo is uploaded as its window allows.
    let mut at = 0;
    let mut open: u64 = 65_536;
    let mut stuck = 0;
    while at < body.len() {
        open += client.windows.remove(&21).unwrap_or(0);
        let n = body.len().min(at + (open as usize).min(1 + rng.below(16_384))) - at;
        client.sim.send(client.peer, &data(0, 21, &body[at..at + n]));
        at += n;
        open -= n as u64;
        if n < 1_000 || (window == 0 && rng.one_in(3)) {
            let id = *rng.pick(&[1, 3, 5, 7, 21, 21, 21]);
            client.sim.send(client.peer, &window_update(id, 40_000));
        }
        client.run();
        stuck += 1;
        assert!(
            stuck < 1_000,
            "seed {seed}: {at} of {} {:?} {window} {:?} {:?}",
            body.len(),
            client.goaway,
            client.streams.iter().map(|(i, h)| (*i, h.body.len(), h.ended, h.reset)).collect::<Vec<_>>(),
            conditions
        );
    }
    client.sim.send(client.peer, &data(END_STREAM, 21, b""));
    client.rounds = 100;
    for _ in 0..80 {
        let waiting: Vec<u32> = client.streams.iter().filter(|(_, h)| !h.ended).map(|(id, _)| *id).collect();
        let more: Vec<u8> = waiting.iter().flat_map(|id| window_update(*id, 50_000)).collect();
        client.say(more);
    }
    let pattern = |n: usize| (0..n).map(|i| (i % 251) as u8).collect::<Vec<u8>>();
    let greedy: Vec<u8> = (0..50).flat_map(|n| vec![n; 4_000]).collect();
    let wants = [(1, pattern(100_000)), (3, greedy), (5, pattern(100_000)), (7, vec![b'l'; 300_000])];
    for (id, want) in wants.into_iter().chain([(21, body)]) {
        let heard = client.stream(id);
        assert!(
            heard.ended && heard.reset.is_none(),
            "seed {seed}: stream {id}: {:?} {} of {}",
            heard.reset,
            heard.body.len(),
            want.len()
        );
        assert!(heard.body == want, "seed {seed}: stream {id}: {} bytes of {}", heard.body.len(), want.len());
    }
    assert_eq!((client.stream(9).text(), client.stream(11).status), ("root /x".into(), 204));
    assert_eq!(client.closed(), None, "seed {seed}: {:?}", client.goaway);
    client.sim.drain();
    client.run();
    assert_eq!(client.closed(), Some(lws_role::Closed::Shutdown));
    client.end();
}

#[test]
fn everything_at_once_under_seeds() {
    for_seeds!(0..20, |seed| everything(seed));
}
