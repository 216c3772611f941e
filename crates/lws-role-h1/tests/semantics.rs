//! What responses look like, how connections persist and end, and what is written down about it.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{EchoSocket, Line, Notes, Stream};
use lws_http::{
    Closed, Fields, Handler, Method, Record, Reply, Request, Status, Version, Vhost, handler, respond,
};
use lws_role_h1::h1;
use lws_role_ws::ws as websocket;
use lws_sim::{Conditions, PeerId, Sim, Sizes, http, ws};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[test]
fn responses_without_body() {
    // RFC 9110 §9.3.2: HEAD has the fields of GET, and nothing behind them.
    for path in ["/", "/static", "/large", "/stream", "/chunked", "/old", "/empty", "/unmodified", "/missing"]
    {
        let mut line = Line::new(Conditions::BYTES);
        line.say(http::request("HEAD", path, &[], b""));
        let head = line.text();
        line.say(http::get(path));
        let both = line.text();
        assert!(head.ends_with("\r\n\r\n") && head.matches("\r\n\r\n").count() == 1, "{path}: {head:?}");
        assert_eq!(both.matches(&head).count(), 2, "{path}: {head:?}");
        line.say(http::get("/static"));
        assert_eq!(line.closed(), None, "{path}");
        line.end();
    }
    // RFC 9110 §8.6: no length in a 204; RFC 9110 §15.4.5: a 304 has no body.
    let mut line = Line::new(Conditions::CALM);
    line.say([http::get("/empty"), http::get("/unmodified"), http::get("/static")].concat());
    let all = line.responses();
    assert_eq!(line.codes(), [204, 304, 200]);
    assert!(
        all[..2]
            .iter()
            .all(|r| r.field("content-length").is_none() && r.field("transfer-encoding").is_none())
    );
    line.end();
    // Also if the handler sends one.
    for status in [Status::NO_CONTENT, Status::NOT_MODIFIED] {
        let mut line = Line::of(respond(move |_, reply: &mut Reply<'_>| reply.status(status).send("body")));
        line.say(http::get("/").repeat(2));
        assert_eq!(line.codes(), [status.code(); 2]);
        assert!(!line.text().contains("body"));
        line.end();
        let mut line = Line::of(handler(move || Streamed(status)));
        line.say(http::get("/").repeat(2));
        assert_eq!(line.codes(), [status.code(); 2]);
        assert!(!line.text().contains("body"));
        line.end();
    }
}

struct Streamed(Status);

impl Handler for Streamed {
    type Exchange = ();
    fn request(&mut self, _request: &Request<'_>, reply: &mut Reply<'_>) {
        reply.status(self.0).stream(None);
        reply.write(b"body");
        reply.end();
    }
}

#[test]
fn http_1_0() {
    let say = |text: &str| {
        let mut line = Line::new(Conditions::BYTES);
        line.say(text);
        line
    };
    // RFC 9112 §9.3: closed unless it asks for more.
    let line = say("GET /static HTTP/1.0\r\n\r\n");
    assert_eq!((line.codes(), line.closed()), (vec![200], Some(Closed::Done)));
    assert!(line.responses()[0].closes());
    line.end();
    let line = say("GET /static HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /static HTTP/1.0\r\n\r\n");
    assert_eq!((line.codes(), line.closed()), (vec![200, 200], Some(Closed::Done)));
    assert_eq!(line.responses()[0].field("connection"), Some("keep-alive"));
    line.end();
    // RFC 9112 §6.1: no chunks; the end of the connection is the end of the body.
    let line = say("GET /chunked HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    let answer = line.responses().remove(0);
    assert!(answer.until_close && answer.closes() && answer.body.len() == 100_000);
    assert_eq!(answer.field("transfer-encoding"), None);
    assert_eq!(line.closed(), Some(Closed::Done));
    line.end();
    // A known length allows it to go on.
    let line = say("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /static HTTP/1.0\r\n\r\n");
    assert_eq!(line.codes(), [200, 200]);
    line.end();
    // RFC 9112 §9.3 for 1.1.
    let line =
        say("GET /static HTTP/1.1\r\nHost: a\r\nConnection: foo, Close\r\n\r\nGET /static HTTP/1.0\r\n\r\n");
    assert_eq!((line.codes(), line.closed()), (vec![200], Some(Closed::Done)));
    line.end();
}

/// RFC 9112 §9.6: a client may close its side and still read.
#[test]
fn half_close() {
    // Everything that was asked for is answered.
    for conditions in [Conditions::CALM, Conditions::BYTES] {
        let mut line = Line::new(conditions);
        line.sim.send(line.peer, &[http::get("/large"), http::get("/stream"), http::get("/static")].concat());
        line.sim.finish(line.peer);
        line.sim.run();
        assert_eq!(line.codes(), [200, 200, 200]);
        assert_eq!(line.closed(), Some(Closed::Ended));
        line.end();
    }
    // Also what takes its time, and then it is over.
    let mut line = Line::of(handler(|| Late { after: Duration::from_secs(100) }));
    line.sim.send(line.peer, &http::get("/").repeat(2));
    line.sim.finish(line.peer);
    line.advance(99.0);
    assert_eq!((line.closed(), line.codes()), (None, vec![]));
    line.advance(200.0);
    assert_eq!((line.closed(), line.codes()), (Some(Closed::Done), vec![200, 200]));
    assert_eq!(line.responses().iter().map(http::Response::closes).collect::<Vec<_>>(), [false, true]);
    line.end();
    // A request that is not complete will never be.
    for part in [
        "",
        "G",
        "GET / HTTP/1.1\r\nHost: a\r\n",
        "POST /sum HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab",
    ] {
        let mut line = Line::new(Conditions::BYTES);
        line.sim.send(line.peer, part.as_bytes());
        line.sim.finish(line.peer);
        line.sim.run();
        assert_eq!((line.closed(), line.codes()), (Some(Closed::Ended), vec![]), "{part:?}");
        line.end();
    }
    // Who is cut off without a word is not waited for.
    let mut line = Line::of(handler(|| Late { after: Duration::from_secs(100) }));
    line.sim.send(line.peer, &http::get("/"));
    line.sim.cut(line.peer);
    line.sim.run();
    assert_eq!(line.closed(), Some(Closed::Truncated));
    line.end();
}

/// Answers after a while.
struct Late {
    after: Duration,
}

impl Handler for Late {
    type Exchange = ();
    fn request(&mut self, _request: &Request<'_>, reply: &mut Reply<'_>) {
        reply.set_timer(self.after);
    }
    fn timer(&mut self, _x: &mut (), reply: &mut Reply<'_>) {
        reply.text("late");
    }
}

#[test]
fn drain_finishes_what_is_in_flight_and_begins_nothing() {
    // Idle: closed at once, before or between requests.
    for first in [vec![], http::get("/static")] {
        let mut line = Line::new(Conditions::CALM);
        line.say(first);
        line.sim.drain();
        assert_eq!(line.closed(), Some(Closed::Shutdown));
        line.end();
    }
    // Half a head: it may become whole, and its answer is the last.
    let mut line = Line::new(Conditions::CALM);
    line.say("GET /static HT");
    line.sim.drain();
    assert_eq!(line.closed(), None);
    line.say("TP/1.1\r\nHost: a\r\n\r\n");
    line.say(http::get("/canary"));
    assert_eq!((line.codes(), line.closed()), (vec![200], Some(Closed::Done)));
    assert!(line.responses()[0].closes());
    line.end();
    // Half a body, and a handler that takes its time.
    let mut line = Line::new(Conditions::CALM);
    line.say(http::request("POST", "/sum", &[("Content-Length", "6")], b""));
    line.say("abc");
    line.sim.drain();
    line.say("def");
    line.say(http::get("/canary"));
    assert_eq!((line.codes(), line.closed()), (vec![200], Some(Closed::Done)));
    assert!(line.responses()[0].closes());
    line.end();
    let mut line = Line::of(handler(|| Late { after: Duration::from_secs(5) }));
    line.say(http::get("/").repeat(2));
    line.sim.drain();
    line.advance(20.0);
    assert_eq!((line.codes(), line.closed()), (vec![200], Some(Closed::Done)));
    line.end();
    // An answer on its way out goes all the way.
    let mut line = Line::new(Conditions { take: Sizes::from_to(0, 1_000), ..Conditions::CALM });
    line.sim.window(line.peer, Some(5_000));
    line.say([http::get("/large"), http::get("/canary")].concat());
    line.sim.drain();
    line.sim.window(line.peer, None);
    line.sim.run();
    assert_eq!((line.codes(), line.closed()), (vec![200], Some(Closed::Done)));
    assert_eq!(line.responses()[0].body.len(), 300_000);
    line.end();
}

/// Its answer is out already; the rest of the body is of no interest to anybody.
#[test]
fn drain_does_not_wait_for_a_body_that_is_thrown_away() {
    let mut line = Line::new(Conditions::CALM);
    line.say(http::request("POST", "/static", &[("Content-Length", "1000")], b""));
    line.say("abc");
    assert_eq!((line.codes(), line.closed()), (vec![200], None));
    line.sim.drain();
    assert_eq!(line.closed(), Some(Closed::Done));
    line.end();
}

#[test]
fn drain_closes_a_websocket_that_begins_too_late() {
    let mut line = Line::new(Conditions::CALM);
    let upgrade = ws::upgrade("/ws");
    line.say(&upgrade[..20]);
    line.sim.drain();
    line.say(&upgrade[20..]);
    let heard = ws::heard_after_upgrade(line.sim.received(line.peer));
    assert_eq!(heard.unwrap(), [ws::Heard::Close(Some(1001), String::new())]);
    line.advance(6.0);
    assert_eq!(line.closed(), Some(Closed::Done));
    line.end();
}

/// A site that keeps its records here.
fn logged(vhost: Vhost) -> (Line, Arc<Mutex<Vec<Record>>>) {
    let records = Arc::<Mutex<Vec<Record>>>::default();
    let log = Arc::clone(&records);
    let vhost = vhost.access_log(move |record: &Record| log.lock().unwrap().push(record.clone()));
    (Line::to(&h1(vhost), Notes::default(), Conditions::CALM), records)
}

fn served() -> Vhost {
    common::vhost(&Notes::default()).mount("/late", handler(|| Late { after: Duration::from_secs(3) }))
}

#[test]
fn the_access_log_says_what_happened() {
    let (mut line, records) = logged(served());
    line.advance(2.0);
    let fields = [
        ("User-Agent", "test/1.0"),
        ("Referer", "http://a/before"),
        ("Authorization", "Basic c2VjcmV0"),
        ("Cookie", "id=secret"),
    ];
    line.say(http::request("GET", "/static?q=1", &fields, b""));
    line.say(http::get("/late"));
    line.advance(3.5);
    line.say(http::request("HEAD", "/large", &[], b""));
    line.say(http::get("/missing"));
    line.say(http::get("/large"));
    line.say(http::request("POST", "/sum", &[], b"abc"));
    line.end();
    let records = records.lock().unwrap();
    let short =
        |r: &Record| (r.method, r.target.clone(), r.status.map(Status::code), r.body_bytes, r.took.as_secs());
    assert_eq!(
        records.iter().map(short).collect::<Vec<_>>(),
        [
            (Method::Get, "/static?q=1".into(), Some(200), 6, 0),
            (Method::Get, "/late".into(), Some(200), 4, 3),
            (Method::Head, "/large".into(), Some(200), 0, 0),
            (Method::Get, "/missing".into(), Some(404), records[3].body_bytes, 0),
            (Method::Get, "/large".into(), Some(200), 300_000, 0),
            (Method::Post, "/sum".into(), Some(200), 20, 0),
        ]
    );
    let first = &records[0];
    assert_eq!((first.version, first.authority.as_deref()), (Version::Http11, Some("localhost")));
    assert_eq!(first.user_agent.as_deref(), Some("test/1.0"));
    assert_eq!(first.referrer.as_deref(), Some("http://a/before"));
    assert_eq!(first.unix_s, lws_sim::limits::UNIX_START_S + 2);
    // LOG-02
    assert!(
        records.iter().all(|r| !format!("{r:?}").contains("secret") && !format!("{r:?}").contains("c2Vjc"))
    );
}

#[test]
fn the_access_log_says_what_did_not_happen() {
    let last = |act: &dyn Fn(&mut Sim, PeerId)| {
        let (mut line, records) = logged(served());
        act(&mut line.sim, line.peer);
        line.end();
        let mut records = records.lock().unwrap();
        assert_eq!(records.len(), 1);
        let record = records.remove(0);
        (record.status.map(Status::code), record.body_bytes, record.target)
    };
    // Gone before there was an answer.
    let (status, bytes, _) = last(&|sim, peer| {
        sim.send(peer, &http::get("/late"));
        sim.reset(peer);
        sim.run();
    });
    assert_eq!((status, bytes), (None, 0));
    // Gone in the middle of one.
    let (status, bytes, _) = last(&|sim, peer| {
        sim.window(peer, Some(1_000));
        sim.send(peer, &http::get("/large"));
        sim.run();
        sim.reset(peer);
    });
    assert_eq!(status, Some(200));
    assert!((1..300_000).contains(&bytes), "{bytes}");
    // Not what was asked for, in more than one way.
    assert_eq!(last(&|sim, peer| sim.send(peer, &http::get("/%zz"))).0, Some(400));
    // LOG-01: long ones are cut.
    let (_, _, target) = last(&|sim, peer| sim.send(peer, &http::get(&format!("/{}", "x".repeat(5_000)))));
    assert_eq!(target.len(), lws_http::limits::LOG_FIELD_BYTES);
    // An upgrade, and what it needs for one.
    assert_eq!(last(&|sim, peer| sim.send(peer, &ws::upgrade("/ws"))).0, Some(101));
    let refused = http::request("GET", "/ws", &[("Upgrade", "websocket"), ("Connection", "upgrade")], b"");
    assert_eq!(last(&|sim, peer| sim.send(peer, &refused)).0, Some(400));
}

/// What is logged is what was answered.
#[test]
fn the_access_log_does_not_claim_an_upgrade_that_was_not_granted() {
    let (mut line, records) = logged(served());
    let mut bytes = ws::upgrade_with("/ws", &[("Content-Length", "3")]);
    bytes.extend_from_slice(b"abc");
    line.say(&bytes);
    let answered = line.codes();
    assert_eq!(
        records.lock().unwrap().iter().filter_map(|r| r.status.map(Status::code)).collect::<Vec<_>>(),
        answered
    );
    line.end();
}

#[test]
fn vhosts_are_chosen_by_name() {
    let named = |name: &'static str| respond(move |_, reply: &mut Reply<'_>| reply.text(name));
    let site = h1([
        Vhost::new("first.example").mount("", named("first")),
        Vhost::new("second.example").alias("*.wild.example").mount("", named("second")),
        Vhost::new("[::1]").mount("", named("six")),
    ]);
    let mut sim = Sim::under(Conditions::CALM, 0);
    let acceptor = sim.install(&site);
    for (host, expected) in [
        ("first.example", "first"),
        ("SECOND.example:8080", "second"),
        ("a.wild.example", "second"),
        ("a.b.wild.example", "first"),
        ("wild.example", "first"),
        ("[::1]:7681", "six"),
        ("unknown", "first"),
    ] {
        let peer = sim.accept(&*acceptor);
        sim.send(peer, format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
        sim.run();
        let (answer, _) = http::response(sim.received(peer), false, false).unwrap().unwrap();
        assert_eq!(answer.body, expected.as_bytes(), "{host}");
    }
    sim.end();
}

#[test]
fn handlers_hear_of_the_end_of_each_exchange_once() {
    struct Witness(Notes);
    impl Handler for Witness {
        type Exchange = String;
        fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> String {
            match request.path() {
                "/now" => reply.text("now"),
                "/abort" => {
                    reply.status(Status::OK).stream(None);
                    reply.write(b"half");
                    reply.abort();
                }
                _ => {}
            }
            request.path().into()
        }
        fn body_end(&mut self, x: &mut String, _trailers: Fields<'_>, _reply: &mut Reply<'_>) {
            self.0.lock().unwrap().push(format!("{x} end"));
        }
        fn closed(&mut self, x: String, why: Closed) {
            self.0.lock().unwrap().push(format!("{x} {why:?}"));
        }
    }
    let run = |bytes: &[u8], reset: bool| {
        let notes = Notes::default();
        let own = Arc::clone(&notes);
        let mut line = Line::of(handler(move || Witness(Arc::clone(&own))));
        line.say(bytes);
        if reset {
            line.sim.reset(line.peer);
        }
        line.end();
        notes.lock().unwrap().join(", ")
    };
    assert_eq!(run(&http::get("/now").repeat(2), false), "/now Done, /now Done");
    assert_eq!(run(&http::get("/wait"), false), "/wait end, /wait Shutdown");
    assert_eq!(run(&http::get("/wait"), true), "/wait end, /wait Lost");
    assert_eq!(run(&http::get("/abort"), false), "/abort end, /abort Aborted");
    assert_eq!(run(&http::request("POST", "/now", &[], b"body"), false), "/now Done");
}

#[test]
fn a_panic_free_role_survives_what_handlers_do_out_of_turn() {
    /// Does everything at the wrong time.
    struct Confused;
    impl Confused {
        fn flail(reply: &mut Reply<'_>) {
            reply.end();
            reply.write(b"too early");
            reply.status(Status::OK).send("one");
            reply.status(Status::OK).stream(Some(3));
            reply.text("two");
            reply.write(b"too late");
            reply.fill(|room| room.len() + 1_000_000);
            reply.end();
            reply.end();
            reply.want_write();
            reply.set_timer(Duration::ZERO);
        }
    }
    impl Handler for Confused {
        type Exchange = ();
        fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) {
            if request.path() == "/now" {
                Self::flail(reply);
            }
        }
        fn body(&mut self, _x: &mut (), data: &[u8], reply: &mut Reply<'_>) -> usize {
            Self::flail(reply);
            data.len() + 1_000
        }
        fn body_end(&mut self, _x: &mut (), _trailers: Fields<'_>, reply: &mut Reply<'_>) {
            Self::flail(reply);
        }
        fn writable(&mut self, _x: &mut (), reply: &mut Reply<'_>) {
            Self::flail(reply);
        }
        fn timer(&mut self, _x: &mut (), reply: &mut Reply<'_>) {
            Self::flail(reply);
        }
    }
    for conditions in [Conditions::CALM, Conditions::BYTES] {
        let site =
            h1(Vhost::new("a").mount("", handler(|| Confused)).upgrade("/ws", websocket(|| EchoSocket)));
        let mut line = Line::to(&site, Notes::default(), conditions);
        for path in ["/now", "/later"] {
            line.say(http::get(path));
            line.say(http::request("POST", path, &[], b"some body"));
            line.advance(0.5);
        }
        assert_eq!(line.codes(), [200; 4]);
        assert!(line.responses().iter().all(|r| r.body == b"one"));
        line.end();
    }
}

#[test]
fn streams_of_both_framings_survive_every_room() {
    lws_sim::for_seeds!(0..40, |seed| {
        let mut rng = lws_sim::Rng::new(seed);
        let conditions = Conditions::rough(&mut rng);
        for length in [Some(100_000), None] {
            let site = h1(Vhost::new("a").mount("", handler(move || Stream { length })));
            let mut line = Line::to(&site, Notes::default(), conditions);
            line.say(http::get("/").repeat(3));
            assert!(line.responses().iter().all(|r| r.body == vec![b's'; 100_000]));
            assert_eq!(line.codes(), [200; 3]);
            line.end();
        }
    });
}
