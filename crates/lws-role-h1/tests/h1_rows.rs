//! H1-17, H1-18, H1-19, H1-22 and H1-23: what a role has to do with requests that are well-formed.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{EchoSocket, Line, Notes, ROUTES, Sum};
use lws_http::{Closed, Handler, Length, Reply, Request, Status, Vhost, handler, redirect, respond};
use lws_role_h1::{h1, limits};
use lws_role_ws::ws as websocket;
use lws_sim::{Conditions, Rng, Sim, for_seeds, http, ws};

/// Responses to requests that were HEAD where `heads` says so.
fn parse(line: &Line, heads: &[bool]) -> Vec<http::Response> {
    let received = line.sim.received(line.peer);
    let (all, n) = http::responses(received, heads, line.closed().is_some()).expect("well-formed responses");
    assert_eq!(n, received.len(), "{:?}", String::from_utf8_lossy(&received[n..]));
    all
}

#[test]
fn h1_17_a_hundred_pipelined_requests_come_back_in_order() {
    for_seeds!(0..30, |seed| {
        let conditions = Conditions::rough(&mut Rng::new(seed));
        let mut line = Line::new(conditions);
        let requests: Vec<u8> = (0..100).flat_map(|i| http::get(&format!("/number/{i}"))).collect();
        line.say(&requests);
        let bodies: Vec<String> =
            line.responses().iter().map(|r| String::from_utf8(r.body.clone()).unwrap()).collect();
        let expected: Vec<String> = (0..100).map(|i| format!("root /number/{i}")).collect();
        assert_eq!(bodies, expected);
        assert_eq!(line.closed(), None);
        line.end();
    });
}

#[test]
fn h1_17_the_last_request_of_a_connection_is_answered_and_the_next_is_not() {
    let mut line = Line::new(Conditions::CALM);
    line.say(http::get("/static").repeat(limits::REQUESTS_PER_CONNECTION as usize + 100));
    let all = line.responses();
    assert_eq!(all.len(), limits::REQUESTS_PER_CONNECTION as usize);
    assert!(all.iter().all(|r| r.status == 200));
    assert_eq!(all.iter().position(http::Response::closes), Some(all.len() - 1));
    assert_eq!(line.closed(), Some(Closed::Done));
    line.end();
}

#[test]
fn h1_17_a_body_that_nobody_wants() {
    // Too long to be thrown away: answered, and the connection ends.
    for_seeds!(0..6, |seed| {
        let chunk = lws_sim::Sizes::from_to(1_000, 64 * 1024);
        let mut rng = Rng::new(seed);
        let mut line = Line::new(Conditions { chunk, ..Conditions::rough(&mut rng) });
        line.say(http::request("POST", "/missing", &[], &vec![b'x'; 10_000_000]));
        line.say(http::get("/canary"));
        assert_eq!(line.codes(), [404]);
        assert!(line.responses()[0].closes());
        assert_eq!(line.closed(), Some(Closed::Done));
        let read = line.sim.world().hub.metrics.rx_bytes;
        assert!(read <= limits::DISCARD_BYTES + 64 * 1024, "{read} bytes read");
        line.end();
        // Short enough: the next request is found behind it.
        for body in [1, 1_000, limits::DISCARD_BYTES as usize] {
            let mut line = Line::new(Conditions { chunk, ..Conditions::rough(&mut rng) });
            line.say(http::request("POST", "/missing", &[], &vec![b'x'; body]));
            line.say(http::get("/static"));
            assert_eq!(line.codes(), [404, 200], "{body} bytes");
            assert_eq!(line.closed(), None);
            line.end();
        }
    });
    // Without a length it turns out to be too long on the way.
    let mut line = Line::new(Conditions::CALM);
    let piece = vec![b'x'; 50_000];
    line.say(http::request("POST", "/missing", &[("Transfer-Encoding", "chunked")], b""));
    line.say(http::chunked((0..20).map(|_| &piece[..]), &[]));
    line.say(http::get("/canary"));
    assert_eq!(line.codes(), [404]);
    assert_eq!(line.closed(), Some(Closed::Done));
    line.end();
}

#[test]
fn h1_18_expect() {
    let expect = ("Expect", "100-continue");
    // Anything else: 417.
    for value in ["foo", "100-continues", "100-continue, foo", ""] {
        let mut line = Line::new(Conditions::BYTES);
        line.say(http::request("POST", "/sum", &[("Expect", value)], b"abc"));
        line.say(http::get("/canary"));
        assert_eq!(line.codes(), [417], "{value:?}");
        assert!(line.closed().is_some());
        line.end();
    }
    // The body is withheld until 100 has come.
    for (fields, body) in [
        (vec![expect, ("Content-Length", "3")], b"abc".to_vec()),
        (
            vec![("expect", "100-Continue"), ("Transfer-Encoding", "chunked")],
            http::chunked([&b"abc"[..]], &[]),
        ),
    ] {
        let mut line = Line::new(Conditions::BYTES);
        line.say(http::request("POST", "/sum", &fields, b""));
        assert_eq!(line.codes(), [100]);
        line.say(body);
        line.say(http::get("/static"));
        assert_eq!(line.codes(), [100, 200, 200], "once, and the next request is found");
        line.end();
    }
    // The final answer comes at once: nobody can tell whether the body will come, so it is the last one (0.CL).
    for method in ["GET", "POST", "DELETE"] {
        let mut line = Line::new(Conditions::BYTES);
        let smuggled = http::get("/canary");
        line.say(http::request(method, "/static", &[expect], &smuggled));
        assert_eq!(line.codes(), [200], "{method}");
        assert!(line.responses()[0].closes());
        assert_eq!(line.closed(), Some(Closed::Done));
        assert!(line.notes.lock().unwrap().is_empty());
        line.end();
    }
    // Nothing to wait for: no body, or HTTP/1.0.
    for head in [
        "GET /static HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "POST /sum HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        "POST /sum HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    ] {
        let mut line = Line::new(Conditions::BYTES);
        line.say(head);
        assert_eq!(line.codes(), [200], "{head:?}");
        line.end();
    }
}

#[test]
fn h1_19_a_body_is_a_body_whatever_the_method_and_the_route() {
    let smuggled = http::get("/canary");
    for route in ROUTES.iter().chain(&["/sum", "/echo"]) {
        for method in ["GET", "HEAD", "DELETE", "OPTIONS", "POST", "PUT", "PATCH"] {
            for conditions in [Conditions::CALM, Conditions::BYTES] {
                let mut line = Line::new(conditions);
                line.say(http::request(method, route, &[], &smuggled));
                line.say(http::request(method, route, &[("Transfer-Encoding", "chunked")], b""));
                line.say(http::chunked([&smuggled[..]], &[]));
                line.say(http::get("/static"));
                let head = method == "HEAD";
                let all = parse(&line, &[head, head, false]);
                assert_eq!(all.len(), 3, "{method} {route}");
                assert_eq!((all[0].status, all[2].status), (all[1].status, 200), "{method} {route}");
                assert!(line.notes.lock().unwrap().iter().all(|n| n != "canary"), "{method} {route}");
                line.end();
            }
        }
    }
}

/// Says what it is told to say.
struct Splitter;

impl Handler for Splitter {
    type Exchange = ();
    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) {
        let name = request.arg("name").unwrap_or("x-name".into());
        let value = request.arg("value").unwrap_or_default();
        reply
            .status(Status::OK)
            .field("x-before", "b")
            .field(&name, value.as_bytes())
            .field("x-after", "a")
            .send("body");
        // The response is over; nothing of this may come through either.
        reply.status(Status::OK).field("x-second", "s").send("second");
        assert_eq!(reply.write(b"third"), 0);
    }
}

#[test]
fn h1_22_a_handler_cannot_split_a_response() {
    for (name, value) in [
        ("x-name", "a%0d%0aSet-Cookie:+x=1"),
        ("x-name", "a%0aSet-Cookie:+x=1"),
        ("x-name", "a%0d"),
        ("x-name", "%01"),
        ("x-name", "a%0d%0a%0d%0aHTTP/1.1+200+OK"),
        ("x-name", "%7f"),
        ("x%0d%0aname", "v"),
        ("x%20name", "v"),
        ("x:name", "v"),
        ("", "v"),
        ("Content-Length", "0"),
        ("content-length", "4"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "keep-alive"),
        ("Upgrade", "x"),
        ("Keep-Alive", "timeout=9"),
        ("x-name", &"v".repeat(2_000)),
    ] {
        let mut line = Line::of(handler(|| Splitter));
        line.say(http::get(&format!("/?name={name}&value={value}")));
        line.say(http::get("/?value=fine"));
        let text = line.text();
        let long = value.len() > 1_000;
        assert_eq!(line.codes(), [if long { 200 } else { 500 }, 200], "{name:?}: {value:?}");
        assert!(long || !text.to_ascii_lowercase().contains("set-cookie"), "{text:?}");
        assert!(!text.contains("second") && !text.contains("third"), "{text:?}");
        let all = line.responses();
        assert!(long || all[0].field("x-before").is_none() && all[0].body.is_empty(), "{:?}", all[0]);
        assert_eq!((all[1].field("x-name"), &all[1].body[..]), (Some("fine"), &b"body"[..]));
        line.end();
    }
}

#[test]
fn h1_22_a_head_that_is_too_long_is_a_500() {
    let blow = respond(|_, reply: &mut Reply<'_>| {
        let mut response = reply.status(Status::OK);
        for i in 0..40 {
            response = response.field(&format!("x-{i}"), "v".repeat(400));
        }
        response.send("body");
    });
    let mut line = Line::of(blow);
    line.say(http::get("/").repeat(3));
    assert_eq!(line.codes(), [500; 3]);
    line.end();
}

#[test]
fn h1_22_redirects_are_made_of_encoded_paths() {
    let site = || h1(Vhost::new("a").mount("/old", redirect(Status::MOVED_PERMANENTLY, "/new")));
    for (target, status, location) in [
        ("/old/x?y=%0d%0a", 301, Some("/new/x?y=%0d%0a")),
        ("/old/%0d%0aSet-Cookie:x", 400, None),
        ("/old/x%0aSet-Cookie:x", 400, None),
        ("/old/x%20y", 301, Some("/new/x%20y")),
        ("/old/%c3%a9", 301, Some("/new/%C3%A9")),
        ("/old//evil.example", 301, Some("/new/evil.example")),
        ("/old/%5cevil.example", 400, None),
        ("/old", 301, Some("/new")),
        ("/old?a#b", 400, None),
    ] {
        let mut line = Line::to(&site(), Notes::default(), Conditions::CALM);
        line.say(http::get(target));
        let answer = line.responses().remove(0);
        assert_eq!((answer.status, answer.field("location")), (status, location), "{target}");
        assert!(!line.text().contains("Set-Cookie"));
        line.end();
    }
    // To the root of the same host, nothing becomes a host's name.
    let mut line = Line::of(redirect(Status::FOUND, "/"));
    line.say(http::get("//evil.example/x"));
    assert_eq!(line.responses()[0].field("location"), Some("/evil.example/x"));
    line.end();
}

#[test]
fn h1_22_a_vhost_cannot_be_made_to_break_every_response() {
    for (name, value) in
        [("Connection", "x"), ("Content-Length", "3"), ("x", "a\r\nb"), ("a b", "c"), ("upgrade", "x")]
    {
        let site = h1(Vhost::new("a").header(name, value).mount("", respond(|_, reply| reply.text("x"))));
        let installed = lws_role::Blueprint::install(&site, Sim::under(Conditions::CALM, 0).world());
        assert!(installed.is_err(), "{name}: {value:?}");
    }
}

/// Answers with an interim status, as a proxy might by mistake.
#[test]
fn h1_22_an_interim_status_is_no_answer() {
    for code in [100, 101, 103, 199] {
        let answer = respond(move |_, reply: &mut Reply<'_>| {
            reply.status(Status::new(code).unwrap()).field("x-a", "b").send("body");
        });
        let mut line = Line::of(answer);
        line.say(http::get("/").repeat(2));
        assert_eq!(line.codes(), [500, 500], "{code}: else the second answer is taken for the first");
        line.end();
    }
}

#[test]
fn h1_23_upgrades_that_are_none() {
    let upgrade = |path: &str, fields: &[(&str, &str)]| http::request("GET", path, fields, b"");
    let key = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    let version = ("Sec-WebSocket-Version", "13");
    let websocket = [("Upgrade", "websocket"), ("Connection", "upgrade")];
    let with = |more: &[(&'static str, &'static str)]| [&websocket[..], more].concat();
    // Ignored: served as ordinary requests, and the connection goes on (RFC 9110 §7.8).
    for (path, fields) in [
        ("/static", vec![("Upgrade", "foo"), ("Connection", "upgrade")]),
        ("/ws", vec![("Upgrade", "foo"), ("Connection", "upgrade")]),
        ("/static", with(&[key, version])),
        ("/ws", vec![("Upgrade", "websocket"), key, version]),
        ("/ws", vec![("Connection", "upgrade"), key, version]),
        (
            "/static",
            vec![
                ("Upgrade", "h2c"),
                ("Connection", "Upgrade, HTTP2-Settings"),
                ("HTTP2-Settings", "AAMAAABk"),
            ],
        ),
    ] {
        let mut line = Line::new(Conditions::BYTES);
        line.say(upgrade(path, &fields));
        line.say(http::get("/static"));
        assert_eq!(line.codes(), [200, 200], "{path} {fields:?}");
        line.end();
    }
    // Refused, and closed.
    for (fields, status) in [
        (with(&[version]), 400),
        (with(&[key]), 400),
        (with(&[key, ("Sec-WebSocket-Version", "12")]), 426),
        (with(&[version, ("Sec-WebSocket-Key", "c2hvcnQ=")]), 400),
        (with(&[version, key, key]), 400),
        (with(&[version, key, ("Origin", "http://evil.example")]), 403),
    ] {
        let mut line = Line::new(Conditions::BYTES);
        line.say(upgrade("/ws", &fields));
        line.say(http::get("/canary"));
        assert_eq!(line.codes(), [status], "{fields:?}");
        let answer = line.responses().remove(0);
        assert!(answer.closes() && line.closed() == Some(Closed::Done), "{fields:?}");
        assert_eq!(answer.field("sec-websocket-version"), (status == 426).then_some("13"));
        line.end();
    }
    // HTTP/1.0 has no upgrade.
    let mut line = Line::new(Conditions::BYTES);
    line.say(String::from_utf8(ws::upgrade("/ws")).unwrap().replace("HTTP/1.1", "HTTP/1.0"));
    assert_eq!(line.codes(), [200]);
    line.end();
}

#[test]
fn h1_23_an_upgrade_with_a_body() {
    // What would be the first frame is a body that nobody reads: no 101, and what follows is found where it is.
    let fields = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let mut line = Line::new(Conditions::BYTES);
    line.say(http::request("GET", "/ws", &fields, &http::get("/canary")));
    line.say(http::get("/canary"));
    assert_eq!(line.codes(), [400]);
    assert!(line.closed().is_some() && line.notes.lock().unwrap().is_empty());
    line.end();
    // On any other path nobody is asked.
    let mut line = Line::new(Conditions::BYTES);
    line.say(http::request("POST", "/sum", &[("Upgrade", "h2c"), ("Connection", "Upgrade")], b"abc"));
    assert_eq!(line.responses()[0].body, b"3 bytes, trailers []");
    line.end();
}

#[test]
fn h1_23_early_data_and_pipelining() {
    for_seeds!(0..60, |seed| {
        let mut line = Line::new(Conditions::rough(&mut Rng::new(seed)));
        let all = [
            http::get("/large"),
            http::request("POST", "/sum", &[], b"abc"),
            ws::upgrade("/ws"),
            ws::text("first"),
            ws::ping(b"p"),
            ws::binary(&[5; 5_000]),
        ];
        line.say(all.concat());
        let received = line.sim.received(line.peer);
        let (answers, n) = http::responses(received, &[], false).unwrap();
        assert_eq!(answers.iter().map(|r| r.status).collect::<Vec<_>>(), [200, 200, 101]);
        assert_eq!(answers[2].field("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        let expected = [
            ws::Heard::Text("first".into()),
            ws::Heard::Pong(b"p".into()),
            ws::Heard::Binary(vec![5; 5_000]),
        ];
        assert_eq!(ws::heard(&received[n..]).unwrap(), expected);
        assert_eq!(line.sim.role(line.peer), Some("ws"));
        line.end();
    });
}

#[test]
fn h1_23_several_protocols_in_one_upgrade() {
    let site = h1(Vhost::new("a").upgrade("/ws", websocket(|| EchoSocket)));
    let mut line = Line::to(&site, Notes::default(), Conditions::CALM);
    let text = String::from_utf8(ws::upgrade("/ws")).unwrap();
    line.say(text.replace("Upgrade: websocket", "Upgrade: h2c, foo, WebSocket"));
    let answer = line.responses().remove(0);
    assert_eq!((answer.status, answer.field("upgrade")), (101, Some("WebSocket")));
    line.end();
}

#[test]
fn large_bodies_beyond_what_the_mount_accepts() {
    let notes = Notes::default();
    let site = || {
        let notes = std::sync::Arc::clone(&notes);
        let sum = handler(move || Sum { notes: std::sync::Arc::clone(&notes) });
        h1(Vhost::new("a")
            .mount("/sum", sum)
            .max_body(1_000)
            .mount("/canary", respond(|_, r| r.text("canary"))))
    };
    for conditions in [Conditions::CALM, Conditions::BYTES] {
        for (n, status) in [(1_000, 200), (1_001, 413), (5_000, 413)] {
            let body = vec![b'x'; n];
            // Of known length: answered at the head, and thrown away if it is short.
            let mut line = Line::to(&site(), Notes::default(), conditions);
            line.say(http::request("POST", "/sum", &[], &body));
            assert_eq!(line.codes(), [status], "{n} bytes");
            line.say(http::get("/canary"));
            assert_eq!(line.codes(), [status, 200], "{n} bytes");
            line.end();
            // With a client that waits for 100: it need not send it at all.
            let mut line = Line::to(&site(), Notes::default(), conditions);
            line.say(http::request(
                "POST",
                "/sum",
                &[("Expect", "100-continue"), ("Content-Length", &n.to_string())],
                b"",
            ));
            assert_eq!(line.codes(), [if status == 200 { 100 } else { 413 }], "{n} bytes");
            line.end();
            // In chunks: as soon as it is too long; what comes then is not understood any more.
            let mut line = Line::to(&site(), Notes::default(), conditions);
            line.say(http::request("POST", "/sum", &[("Transfer-Encoding", "chunked")], b""));
            line.say(http::chunked(body.chunks(100), &[]));
            line.say(http::get("/canary"));
            let expected = if status == 200 { vec![200, 200] } else { vec![413] };
            assert_eq!(line.codes(), expected, "{n} bytes in chunks");
            assert_eq!(line.closed().is_some(), status == 413);
            line.end();
        }
    }
    // An answer that is under way when it turns out is broken off where the client can see it.
    let site = h1(Vhost::new("a").mount("/echo", handler(|| common::Echo)).max_body(1_000));
    let mut line = Line::to(&site, Notes::default(), Conditions::CALM);
    line.say(http::request("POST", "/echo", &[("Transfer-Encoding", "chunked")], b""));
    line.say(http::chunked(vec![b'x'; 5_000].chunks(100), &[]));
    assert_eq!(line.closed(), Some(Closed::Aborted));
    assert!(!line.sim.received(line.peer).ends_with(b"0\r\n\r\n"));
    line.end();
}

/// A known length is a promise.
#[test]
fn a_body_shorter_than_promised_is_broken_off() {
    let short = respond(|_, reply: &mut Reply<'_>| {
        reply.status(Status::OK).stream(Some(10));
        assert_eq!(reply.room(), 10);
        assert_eq!(reply.write(b"12345"), 5);
        reply.end();
    });
    let mut line = Line::of(short);
    line.say(http::get("/"));
    assert_eq!(line.closed(), Some(Closed::Aborted));
    line.end();
    let long = respond(|_, reply: &mut Reply<'_>| {
        reply.status(Status::OK).stream(Some(10));
        assert_eq!(reply.write(b"0123456789 and more"), 10);
        reply.end();
    });
    let mut line = Line::of(long);
    line.say(http::get("/").repeat(2));
    assert_eq!(line.responses()[1].body, b"0123456789");
    line.end();
    assert_ne!(Length::Known(0), Length::Unknown);
}
