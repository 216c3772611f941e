//! Bodies that are made while they are sent.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, Origin, PATIENCE, Then, found, ok, read_head, scripted};
use lws_client::{Body, Cause, Error, RedirectFault, Request, Source, Supply, Url, limits};
use lws_head::Method;
use lws_role::{Handle, Hub};
use lws_wire::Out;
use std::cell::RefCell;
use std::io::{Read, Write};
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::time::Duration;

/// What a source has given, and what it may give.
#[derive(Default)]
struct Tap {
    given: usize,
    /// Bytes that are there now; beyond them it waits.
    ready: usize,
    connection: Option<Handle>,
    rewinds: usize,
}

/// So many letters, as far as they are ready.
struct Letters {
    tap: Rc<RefCell<Tap>>,
    total: usize,
    known: bool,
    fails: bool,
    rewinds: bool,
}

impl Letters {
    fn new(total: usize) -> (Self, Rc<RefCell<Tap>>) {
        let tap = Rc::new(RefCell::new(Tap { ready: usize::MAX, ..Tap::default() }));
        (Self { tap: tap.clone(), total, known: true, fails: false, rewinds: true }, tap)
    }
}

impl Source for Letters {
    fn length(&self) -> Option<u64> {
        self.known.then_some(self.total as u64)
    }
    fn send(&mut self, _hub: &mut Hub, connection: Handle, out: &mut Out<'_>) -> Supply {
        let tap = &mut *self.tap.borrow_mut();
        tap.connection = Some(connection);
        let most = self.total.min(tap.ready) - tap.given;
        tap.given += out.fill(|room| {
            let n = most.min(room.len());
            room[..n].fill(b'x');
            n
        });
        match tap.given {
            n if n == self.total && self.fails => Supply::Fail,
            n if n == self.total => Supply::End,
            n if n == tap.ready => Supply::Wait,
            _ => Supply::More,
        }
    }
    fn rewind(&mut self) -> bool {
        let tap = &mut *self.tap.borrow_mut();
        (tap.given, tap.rewinds) = (0, tap.rewinds + 1);
        self.rewinds
    }
}

fn post(url: &str, source: Letters) -> Request {
    Request::post(Url::parse(url).unwrap(), Body::source(source))
}

#[test]
fn both_framings_and_an_empty_one() {
    let origin = Origin::new(|seen| (ok(seen.text.split_once("\r\n\r\n").unwrap().1), Then::Stay));
    let mut own = Loop::new();
    for (total, known) in [(0, true), (5, true), (100_000, true), (0, false), (5, false), (100_000, false)] {
        let (mut source, _) = Letters::new(total);
        source.known = known;
        let got = own.fetch(post(&origin.url("/"), source));
        let text = got.text();
        assert_eq!(text.matches('x').count(), total);
        assert_eq!(text.ends_with("0\r\n\r\n"), !known, "chunks");
        let seen = origin.seen().pop().unwrap();
        assert_eq!(seen.has("transfer-encoding: chunked"), !known);
        assert_eq!(seen.has(&format!("content-length: {total}\r\n")), known);
    }
    assert!(origin.seen().iter().all(|seen| seen.conn == 0), "one connection does for all");
}

/// A source of a gigabyte: it is asked for what the server takes, and for little more.
#[test]
fn a_slow_server_holds_the_source_back() {
    const TOTAL: usize = 1 << 30;
    /// What the kernel's buffers, which may grow to tens of megabytes, and one of ours may hold.
    const SLACK: usize = 80 << 20;
    let (tell, told) = channel();
    let addr = scripted(move |_, mut stream| {
        read_head(&mut stream);
        let mut block = vec![0; 1 << 16];
        let mut read = 0;
        for pause in [1 << 20, 40 << 20, 64 << 20] {
            while read < pause {
                read += stream.read(&mut block).unwrap();
            }
            let (go, on) = channel();
            tell.send((read, go)).unwrap();
            on.recv().unwrap();
        }
        // It has had enough.
    });
    for known in [true, false] {
        let mut own = Loop::new();
        let (source, tap) = Letters::new(TOTAL);
        let source = Letters { known, ..source };
        let got = own.send(post(&format!("http://{addr}/"), source).no_timeout());
        for _ in 0..3 {
            let mut heard = None;
            own.turn_until(|| {
                heard = told.try_recv().ok();
                heard.is_some()
            });
            let (read, go) = heard.unwrap();
            // Whatever could be sent has been sent.
            (0..20).for_each(|_| own.settle());
            let given = tap.borrow().given;
            assert!(given >= read / 2 && given < read + SLACK, "{given} given, {read} read");
            go.send(()).unwrap();
        }
        own.turn_until(|| !got.borrow().results.is_empty());
        assert!(matches!(got.borrow().error(), Error::Http(f) if matches!(f.cause, Cause::Closed(_))));
        assert!(tap.borrow().given < TOTAL / 4);
    }
}

#[test]
fn a_source_that_has_to_wait_itself() {
    let origin = Origin::new(|seen| (ok(seen.text.split_once("\r\n\r\n").unwrap().1), Then::Stay));
    let mut own = Loop::new();
    let (source, tap) = Letters::new(10);
    tap.borrow_mut().ready = 4;
    let got = own.send(post(&origin.url("/"), source));
    own.turn_until(|| tap.borrow().given == 4);
    own.settle();
    assert!(got.borrow().results.is_empty());
    tap.borrow_mut().ready = 10;
    let connection = tap.borrow().connection.unwrap();
    own.service.world().hub.wake(connection);
    own.turn_until(|| !got.borrow().results.is_empty());
    assert_eq!(got.borrow().text(), "x".repeat(10));
}

#[test]
fn a_source_that_breaks_off() {
    for known in [true, false] {
        let (tell, told) = channel();
        let addr = scripted(move |_, mut stream| {
            let mut all = Vec::new();
            // A reset may come in place of an end.
            let _ = stream.read_to_end(&mut all);
            tell.send(all).unwrap();
        });
        let (source, _) = Letters::new(5);
        // One more is promised than comes.
        struct Short(Letters);
        impl Source for Short {
            fn length(&self) -> Option<u64> {
                self.0.length().map(|n| n + 1)
            }
            fn send(&mut self, hub: &mut Hub, connection: Handle, out: &mut Out<'_>) -> Supply {
                self.0.send(hub, connection, out)
            }
        }
        for fails in [true, false] {
            let (letters, _) = Letters::new(5);
            let body = Body::source(Short(Letters { known, fails, ..letters }));
            if !known && !fails {
                continue;
            }
            let got = Loop::new().fetch(Request::post(Url::parse(&format!("http://{addr}/")).unwrap(), body));
            let expected = if fails { Cause::Source } else { Cause::ShortBody };
            assert!(matches!(got.error(), Error::Http(f) if f.cause == expected), "{:?}", got.error());
            let sent = String::from_utf8(told.recv_timeout(PATIENCE).unwrap()).unwrap();
            assert!(!sent.ends_with("0\r\n\r\n"), "the server must see that it is not complete");
        }
        drop(source);
    }
}

/// RFC 9110 §10.1.1.
#[test]
fn expect_continue() {
    let request = |addr: std::net::SocketAddr| {
        let (source, tap) = Letters::new(5);
        (post(&format!("http://{addr}/"), source).expect_continue(Duration::from_millis(150)), tap)
    };
    // Leave is given, refused for good, refused for the asking, or neither.
    let addr = scripted(|_, mut stream| {
        assert!(read_head(&mut stream).contains("\r\nexpect: 100-continue\r\n"));
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
        let mut body = [0; 5];
        stream.read_exact(&mut body).unwrap();
        stream.write_all(&ok("thanks")).unwrap();
    });
    assert_eq!(Loop::new().fetch(request(addr).0).text(), "thanks");
    let addr = scripted(|_, mut stream| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno").unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty(), "the body is not sent");
    });
    let (asked, tap) = request(addr);
    let got = Loop::new().fetch(asked);
    assert_eq!((got.status, got.text(), tap.borrow().given), (413, "no", 0));
    let addr = scripted(|conn, mut stream| {
        let head = read_head(&mut stream);
        if conn == 0 {
            stream.write_all(b"HTTP/1.1 417 What\r\nContent-Length: 0\r\n\r\n").unwrap();
        } else {
            assert!(!head.contains("expect"));
            stream.read_exact(&mut [0; 5]).unwrap();
            stream.write_all(&ok("thanks")).unwrap();
        }
    });
    assert_eq!(Loop::new().fetch(request(addr).0).text(), "thanks");
    let addr = scripted(|_, mut stream| {
        read_head(&mut stream);
        stream.read_exact(&mut [0; 5]).unwrap();
        stream.write_all(&ok("thanks")).unwrap();
    });
    assert_eq!(Loop::new().fetch(request(addr).0).text(), "thanks");
    assert!(limits::EXPECT_TIMEOUT >= Duration::from_millis(100));
}

/// CLI-02: the body is sent again, or the redirect fails.
#[test]
fn cli_02_a_source_is_rewound_for_a_redirect() {
    let origin = Origin::new(|seen| match seen.line() {
        "PUT / HTTP/1.1" => (found(308, "/end"), Then::Stay),
        _ => (ok(seen.text.split_once("\r\n\r\n").unwrap().1), Then::Stay),
    });
    let put =
        |source| Request::new(Method::Put, Url::parse(&origin.url("/")).unwrap()).body(Body::source(source));
    let (source, tap) = Letters::new(5);
    assert_eq!(Loop::new().fetch(put(source)).text(), "xxxxx");
    assert_eq!(tap.borrow().rewinds, 1);
    let (source, _) = Letters::new(5);
    let got = Loop::new().fetch(put(Letters { rewinds: false, ..source }));
    assert_eq!(got.error(), Error::Redirect(RedirectFault::Body));
}

#[test]
fn whoever_does_not_want_it_any_more() {
    let addr = scripted(|_, mut stream| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome").unwrap();
        let _ = stream.read(&mut [0]);
    });
    let mut own = Loop::new();
    let got = own.send(Request::get(Url::parse(&format!("http://{addr}/")).unwrap()));
    own.turn_until(|| got.borrow().body.len() == 4);
    got.borrow_mut().cancelled = true;
    let connection = got.borrow().connection.unwrap();
    own.service.world().hub.wake(connection);
    own.turn_until(|| !got.borrow().results.is_empty());
    assert!(matches!(got.borrow().error(), Error::Http(f) if f.cause == Cause::Cancelled));
}
