//! When a connection ends because nothing happens, or too slowly. All of it on the virtual clock.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
#[path = "../../lws-sim/tests/support/counting.rs"]
mod counting;

use common::{Echo, Line, Notes};
use lws_http::{Closed, Fields, Handler, Reply, Request, Status, Vhost, handler, respond};
use lws_role_h1::h1;
use lws_sim::{Conditions, Sizes, http};
use std::time::Duration;

const HEAD: &str = "GET /static HTTP/1.1\r\nHost: a\r\nX: ";

/// Says one byte at a time, `pause` seconds apart, until the connection is closed; when that was.
fn trickle(line: &mut Line, bytes: &[u8], pause: f64) -> Option<f64> {
    let began = line.sim.now();
    for byte in bytes {
        line.say([*byte]);
        if line.closed().is_some() {
            break;
        }
        line.advance(pause);
    }
    line.closed().map(|_| line.sim.now().since(began).as_secs_f64())
}

#[test]
fn conn_01_a_head_has_ten_seconds_however_it_comes() {
    for pause in [0.1, 1.0, 3.0, 9.9] {
        let mut line = Line::new(Conditions::CALM);
        let endless = [HEAD.as_bytes(), &[b'y'; 1_000]].concat();
        let closed = trickle(&mut line, &endless, pause).expect("closed");
        assert!((10.0..10.0 + pause + 0.1).contains(&closed), "after {closed} s");
        assert_eq!((line.closed(), line.codes()), (Some(Closed::Timeout), vec![408]));
        line.end();
    }
    // To the second.
    let mut line = Line::new(Conditions::CALM);
    line.say(HEAD);
    line.advance(9.99);
    assert_eq!(line.closed(), None);
    line.say("y\r\n\r\n");
    assert_eq!(line.codes(), [200]);
    line.end();
}

#[test]
fn conn_01_a_later_head_has_ten_seconds_from_its_first_byte() {
    let mut line = Line::new(Conditions::CALM);
    line.say(http::get("/static"));
    line.advance(4.5);
    line.say("G");
    line.advance(9.9);
    assert_eq!(line.closed(), None, "no longer idle");
    line.advance(0.2);
    assert_eq!((line.closed(), line.codes()), (Some(Closed::Timeout), vec![200, 408]));
    line.end();
    // An empty line is a beginning, too.
    let mut line = Line::new(Conditions::CALM);
    line.say(http::get("/static"));
    line.say("\r\n");
    line.advance(10.1);
    assert!(line.closed().is_some());
    line.end();
}

#[test]
fn a_silent_client_is_not_told_anything() {
    let mut line = Line::new(Conditions::CALM);
    line.advance(9.9);
    assert_eq!(line.closed(), None);
    line.advance(0.2);
    assert_eq!((line.closed(), line.codes()), (Some(Closed::Done), vec![]));
    line.end();
}

#[test]
fn an_idle_connection_is_kept_for_five_seconds() {
    let mut line = Line::new(Conditions::CALM);
    for _ in 0..10 {
        line.say(http::get("/static"));
        line.advance(4.9);
        assert_eq!(line.closed(), None);
    }
    line.advance(0.2);
    assert_eq!((line.closed(), line.codes()), (Some(Closed::Done), vec![200; 10]));
    line.end();
}

#[test]
fn a_connection_serves_for_an_hour() {
    let mut line = Line::new(Conditions::CALM);
    while line.sim.now().as_micros() < 3_599_000_000 {
        line.say(http::get("/static"));
        line.advance(4.0);
    }
    assert!(line.responses().iter().all(|r| !r.closes()));
    line.say(http::get("/static"));
    assert!(line.responses().last().unwrap().closes());
    assert_eq!(line.closed(), Some(Closed::Done));
    line.end();
}

#[test]
fn conn_02_a_body_that_stalls() {
    for early in [0, 5, 9_999] {
        let mut line = Line::new(Conditions::CALM);
        line.say(http::request("POST", "/sum", &[("Content-Length", "100000")], b""));
        line.say(vec![b'x'; early]);
        line.advance(19.9);
        assert_eq!(line.closed(), None);
        line.advance(0.2);
        assert_eq!((line.closed(), line.codes()), (Some(Closed::Timeout), vec![408]), "{early} bytes came");
        assert_eq!(*line.notes.lock().unwrap(), [format!("sum of {early}: timed out")]);
        line.end();
    }
}

#[test]
fn conn_02_a_body_that_comes_too_slowly() {
    let run = |bytes_per_second: usize| {
        let mut line = Line::new(Conditions::CALM);
        line.say(http::request("POST", "/sum", &[("Content-Length", "100000")], b""));
        for second in 0..100 {
            if line.closed().is_some() {
                return second;
            }
            line.say(vec![b'x'; bytes_per_second]);
            line.advance(1.0);
        }
        line.end();
        100
    };
    for (rate, least, most) in [(1, 20, 21), (400, 20, 21), (499, 20, 21), (501, 100, 100), (800, 100, 100)] {
        let closed = run(rate);
        assert!((least..=most).contains(&closed), "{rate} bytes/s: closed after {closed} s");
    }
}

#[test]
fn conn_02_a_chunked_body_that_stalls_in_its_framing() {
    for part in ["", "3", "3\r\n", "3\r\nab", "3\r\nabc", "3\r\nabc\r\n", "0\r\n", "0\r\nX-Trailer: "] {
        let mut line = Line::new(Conditions::BYTES);
        line.say(http::request("POST", "/sum", &[("Transfer-Encoding", "chunked")], b""));
        line.say(part);
        line.advance(20.1);
        assert_eq!((line.closed(), line.codes()), (Some(Closed::Timeout), vec![408]), "{part:?}");
        line.end();
    }
}

#[test]
fn conn_02_an_answer_that_is_out_is_not_followed_by_a_second() {
    // The body is being thrown away, and stalls.
    let mut line = Line::new(Conditions::CALM);
    line.say(http::request("POST", "/static", &[("Content-Length", "1000")], b""));
    line.advance(20.1);
    assert_eq!((line.closed(), line.codes()), (Some(Closed::Timeout), vec![200]));
    line.end();
    // The answer is being streamed: it is broken off.
    let mut line = Line::new(Conditions::CALM);
    line.say(http::request("POST", "/echo", &[("Transfer-Encoding", "chunked")], b""));
    line.say("3\r\nabc\r\n");
    line.advance(20.1);
    assert_eq!(line.closed(), Some(Closed::Aborted));
    assert!(line.text().ends_with("abc\r\n"));
    line.end();
}

/// Takes a thousand bytes a minute.
struct Sloth;

impl Handler for Sloth {
    type Exchange = (usize, bool);
    fn request(&mut self, _request: &Request<'_>, _reply: &mut Reply<'_>) -> (usize, bool) {
        (0, false)
    }
    fn body(&mut self, (n, rests): &mut (usize, bool), data: &[u8], reply: &mut Reply<'_>) -> usize {
        if *rests {
            return 0;
        }
        let taken = data.len().min(1_000);
        (*n, *rests) = (*n + taken, taken < data.len());
        if *rests {
            reply.set_timer(Duration::from_secs(60));
        }
        taken
    }
    fn timer(&mut self, (_, rests): &mut (usize, bool), _reply: &mut Reply<'_>) {
        *rests = false;
    }
    fn body_end(&mut self, (n, _): &mut (usize, bool), _trailers: Fields<'_>, reply: &mut Reply<'_>) {
        reply.text(format!("{n}"));
    }
}

#[test]
fn conn_02_a_handler_that_holds_back_is_not_the_clients_fault() {
    for conditions in [Conditions::CALM, Conditions::BYTES] {
        let site = h1(Vhost::new("a").mount("", handler(|| Sloth)));
        let mut line = Line::to(&site, Notes::default(), conditions);
        line.say(http::request("POST", "/", &[], &[b'x'; 10_000]));
        line.advance(700.0);
        assert_eq!(line.codes(), [200]);
        assert_eq!(line.responses()[0].body, b"10000");
        line.end();
    }
}

/// The server is not reading because the client is not: that is between the client and the driver, which has its own
/// deadline for it.
#[test]
fn conn_02_a_client_that_does_not_read_is_not_said_not_to_send() {
    // What arrives at once fits into one `Out`: the handler takes all of it.
    let conditions = Conditions { chunk: Sizes::always(20_000), ..Conditions::CALM };
    let site = h1(Vhost::new("a").mount("", handler(|| Echo)));
    let mut line = Line::to(&site, Notes::default(), conditions);
    line.sim.window(line.peer, Some(1_000));
    let body = vec![b'e'; 300_000];
    line.say(http::request("POST", "/", &[], &body));
    assert!(
        line.sim.pending(line.peer) > 0 && line.sim.in_flight(line.peer) > 0,
        "the rest waits on the wire"
    );
    line.advance(65.0);
    assert_eq!(line.closed(), None, "it may read slowly");
    line.sim.window(line.peer, None);
    line.sim.run();
    assert!(line.responses()[0].body == body);
    line.end();
}

/// An answer is on its way for longer than an idle connection is kept.
#[test]
fn a_client_that_reads_slowly_is_not_idle() {
    let mut line = Line::of(respond(|_, reply: &mut Reply<'_>| reply.text(vec![b'l'; 50_000])));
    line.sim.window(line.peer, Some(1_000));
    line.say(http::get("/").repeat(3));
    for _ in 0..200 {
        line.advance(1.0);
        line.sim.window(line.peer, Some(1_000));
    }
    assert_eq!(line.codes(), [200, 200, 200], "what was asked for is answered");
    assert_eq!(line.closed(), Some(Closed::Done), "and then it is idle");
    line.end();
}

#[test]
fn a_handlers_own_time_is_not_limited() {
    struct Late;
    impl Handler for Late {
        type Exchange = ();
        fn request(&mut self, _request: &Request<'_>, reply: &mut Reply<'_>) {
            reply.set_timer(Duration::from_secs(7_200));
        }
        fn timer(&mut self, _x: &mut (), reply: &mut Reply<'_>) {
            reply.text("at last");
        }
    }
    let mut line = Line::of(handler(|| Late));
    line.say(http::get("/"));
    line.advance(7_199.0);
    assert_eq!((line.closed(), line.codes()), (None, vec![]));
    line.advance(2.0);
    assert_eq!(line.codes(), [200]);
    line.end();
}

#[test]
fn h1_20_an_upload_to_a_slow_handler_costs_no_memory() {
    /// Takes little at a time, and then nothing for a while.
    struct Sip {
        total: u64,
    }
    impl Handler for Sip {
        type Exchange = bool;
        fn request(&mut self, _request: &Request<'_>, _reply: &mut Reply<'_>) -> bool {
            false
        }
        fn body(&mut self, rests: &mut bool, data: &[u8], reply: &mut Reply<'_>) -> usize {
            if *rests {
                return 0;
            }
            let taken = data.len().min(3_000);
            let before = self.total / 1_000_000;
            self.total += taken as u64;
            *rests = self.total / 1_000_000 > before;
            if *rests {
                reply.set_timer(Duration::from_millis(10));
            }
            taken
        }
        fn timer(&mut self, rests: &mut bool, _reply: &mut Reply<'_>) {
            *rests = false;
        }
        fn body_end(&mut self, _rests: &mut bool, _trailers: Fields<'_>, reply: &mut Reply<'_>) {
            reply.status(Status::OK).send(format!("{}", self.total));
        }
    }
    const TOTAL: usize = 100 * 1024 * 1024;
    let mut line = Line::of(handler(|| Sip { total: 0 }));
    let length = TOTAL.to_string();
    line.say(http::request("PUT", "/", &[("Content-Length", &length)], b""));
    let block = vec![b'x'; 64 * 1024];
    counting::reset_peak();
    let before = counting::count().live;
    for _ in 0..TOTAL / block.len() {
        line.sim.send(line.peer, &block);
        while line.sim.in_flight(line.peer) > 0 || line.sim.held(line.peer) > 0 {
            line.sim.run();
            if line.sim.held(line.peer) > 0 {
                line.advance(0.011);
            }
        }
    }
    line.sim.run();
    assert_eq!(line.responses()[0].body, length.as_bytes());
    let more = counting::count().peak - before;
    assert!(more <= 512 * 1024, "{more} bytes more");
    line.end();
}
