//! HTTP against servers that are friendly, or slow, or gone.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Fixed, Loop, Origin, PATIENCE, Then, ok};
use lws_client::{Addresses, Cause, Client, Error, Request, Resolver, Stage, Url, limits};
use lws_head::Method;
use lws_role::Closed;
use socket2::{Domain, Socket, Type};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::time::Duration;

fn request(method: Method, url: &str) -> Request {
    Request::new(method, Url::parse(url).unwrap())
}

#[test]
fn a_get_and_a_post() {
    let origin = Origin::new(|seen| (ok(seen.text.rsplit("\r\n\r\n").next().unwrap()), Then::Stay));
    let mut own = Loop::new();
    let got = own.fetch(request(Method::Post, &origin.url("/a?b")).body("hello").field("X-A", "1").unwrap());
    assert_eq!((got.status, got.text()), (200, "hello"));
    assert_eq!(own.get(&origin.url("/")).text(), "");
    let seen = origin.seen();
    assert_eq!(seen[0].line(), "POST /a?b HTTP/1.1");
    assert!(seen[0].has(&format!("\r\nHost: {}\r\n", origin.addr)) && seen[0].has("\r\nX-A: 1\r\n"));
    assert!(!seen[1].has("content-length"), "{}", seen[1].text);
}

#[test]
fn a_large_body_both_ways() {
    let origin = Origin::new(|seen| (ok(seen.text.rsplit("\r\n\r\n").next().unwrap()), Then::Stay));
    let body = "0123456789".repeat(300_000);
    let got = Loop::new().fetch(request(Method::Post, &origin.url("/")).body(body.clone()));
    assert!(got.text() == body);
}

#[test]
fn bodies_of_every_framing() {
    for (answer, body) in [
        (&b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n"[..], "abcde"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", "old"),
        (b"HTTP/1.1 204 No\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "x"),
    ] {
        let origin = Origin::new(move |_| (answer.to_vec(), Then::Close));
        assert_eq!(Loop::new().get(&origin.url("/")).text(), body, "{}", answer.escape_ascii());
    }
}

#[test]
fn cli_08_what_shares_a_connection() {
    let (a, b) = (Origin::saying(ok("a")), Origin::saying(ok("b")));
    let mut own = Loop::new();
    for url in [a.url("/1"), a.url("/2"), b.url("/3"), a.url("/4")] {
        own.get(&url).text();
    }
    // Another name is another origin, even where it is the same address.
    own.get(&a.url("/5").replace("127.0.0.1", "localhost")).text();
    let conns = |origin: &Origin| origin.seen().iter().map(|seen| seen.conn).collect::<Vec<_>>();
    assert_eq!((conns(&a), conns(&b)), (vec![0, 0, 0, 1], vec![0]));
    assert_eq!(own.client(|client, _| client.idle()), 3);
}

#[test]
fn requests_at_the_same_time_have_connections_of_their_own() {
    let origin = Origin::saying(ok("x"));
    let mut own = Loop::new();
    let many: Vec<_> = (0..20).map(|_| own.send(request(Method::Get, &origin.url("/")))).collect();
    own.turn_until(|| many.iter().all(|got| !got.borrow().results.is_empty()));
    many.iter().for_each(|got| assert_eq!(got.borrow().text(), "x"));
    own.settle();
    assert_eq!(own.client(|client, _| client.idle()), limits::IDLE_PER_ORIGIN, "and not all are kept");
}

/// RFC 9110 §9.2.2.
#[test]
fn an_idle_connection_that_was_just_closed() {
    let origin = Origin::new(|seen| match seen.conn {
        // Answers once, and hangs up when it is asked again.
        0 if seen.line().contains("first") => (ok("1"), Then::Stay),
        0 => (Vec::new(), Then::Close),
        _ => (ok("2"), Then::Stay),
    });
    let mut own = Loop::new();
    assert_eq!(own.get(&origin.url("/first")).text(), "1");
    assert_eq!(own.get(&origin.url("/again")).text(), "2");

    let origin = Origin::new(|seen| match seen.line().contains("first") {
        true => (ok("1"), Then::Stay),
        false => (Vec::new(), Then::Close),
    });
    assert_eq!(own.get(&origin.url("/first")).text(), "1");
    let post = own.fetch(request(Method::Post, &origin.url("/")).body("pay"));
    assert!(matches!(post.error(), Error::Http(f) if matches!(f.cause, Cause::Closed(_)) && f.reused));
    assert_eq!(origin.seen().len(), 2, "what is not idempotent is sent once");
    // On a fresh connection there is no second try.
    own.get(&origin.url("/")).error();
    assert_eq!(origin.seen().len(), 3);
}

#[test]
fn errors_say_the_stage() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut own = Loop::new();
    assert_eq!(own.get(&format!("http://{nobody}/")).error(), Error::Connect(Closed::Refused));
    assert_eq!(own.get("https://127.0.0.1/").error(), Error::NoTls);
    assert!(matches!(own.get("http://no.such.host.invalid/").error(), Error::Resolve(_)));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let got = own.fetch(request(Method::Get, &url).timeout(Duration::from_millis(50)));
    assert_eq!(got.error(), Error::Timeout(Stage::Exchange));
    // In the middle of a response.
    let origin = Origin::new(|_| (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".to_vec(), Then::Close));
    let got = own.get(&origin.url("/"));
    assert_eq!((got.status, &got.body[..]), (200, &b"abc"[..]));
    assert!(matches!(got.error(), Error::Http(f) if f.cause == Cause::Closed(Closed::Ended) && f.answered));
}

/// An address that does not answer: its queue is full, and nobody accepts.
fn full_listener() -> (SocketAddr, Vec<Socket>) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let addr = listener.local_addr().unwrap();
    let mut kept = vec![listener];
    for _ in 0..4 {
        let filler = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        filler.set_nonblocking(true).unwrap();
        // It is under way, or waits like everybody.
        let _ = filler.connect(&addr);
        kept.push(filler);
    }
    (addr.as_socket().unwrap(), kept)
}

/// Forgets to answer.
struct Forgetful;

impl Resolver for Forgetful {
    fn resolve(&mut self, _host: &str, _port: u16, _done: Box<dyn FnOnce(Addresses) + Send>) {}
}

#[test]
fn cli_09_every_address_is_tried_up_to_a_bound() {
    let origin = Origin::saying(ok("x"));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let with = |list: Vec<SocketAddr>| Loop::with(Client::new().resolver(Fixed(Ok(list))));
    let mut own = with(vec![nobody, nobody, origin.addr]);
    assert_eq!(own.get("http://some.host/").text(), "x");
    assert!(origin.seen()[0].has("\r\nhost: some.host\r\n"));

    let mut own = with(vec![nobody; 1000]);
    assert_eq!(own.get("http://some.host/").error(), Error::Connect(Closed::Refused));
    // And an alarm, in case that it had taken too long.
    assert_eq!(own.service.world().hub.metrics.connects, limits::ADDRESSES as u64 + 1);

    // One that does not answer holds up the others only so long (RFC 8305).
    let silent = full_listener();
    let began = std::time::Instant::now();
    let mut own = with(vec![silent.0, origin.addr]);
    assert_eq!(own.get("http://some.host/").text(), "x");
    assert!(began.elapsed() >= limits::ATTEMPT_DELAY);
    let metrics = &own.service.world().hub.metrics;
    assert_eq!((metrics.connects, metrics.closed), (3, 1), "the other one is given up; an alarm is set");

    assert!(matches!(with(Vec::new()).get("http://some.host/").error(), Error::Resolve(_)));
    let mut own = Loop::with(Client::new().resolver(Forgetful));
    assert!(matches!(own.get("http://some.host/").error(), Error::Resolve(_)));
}

#[test]
fn cli_09_unix_sockets() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let server = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut some = [0; 1000];
        let n = stream.read(&mut some).unwrap();
        stream.write_all(&ok("unix")).unwrap();
        String::from_utf8_lossy(&some[..n]).into_owned()
    });
    let host = path.to_str().unwrap().replace('/', "%2F");
    let mut own = Loop::new();
    assert_eq!(own.get(&format!("http+unix://{host}/x")).text(), "unix");
    assert!(server.join().unwrap().starts_with("GET /x HTTP/1.1\r\nHost: localhost\r\n"));
    let long = "x".repeat(200);
    assert_eq!(own.get(&format!("http+unix://{long}/")).error(), Error::Connect(Closed::Unreachable));
}

/// CLI-04: nothing is read that nobody takes.
#[test]
fn cli_04_a_slow_hearer_holds_the_server_back() {
    const LENGTH: usize = 50_000_000;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    let server = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let _ = stream.read(&mut [0; 1000]).unwrap();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
        let mut sent = 0;
        while let Ok(n) = stream.write(&[b'x'; 10_000]) {
            sent += n;
        }
        tell.send(sent).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        while sent < LENGTH {
            sent += stream.write(&vec![b'x'; 100_000.min(LENGTH - sent)]).unwrap();
        }
    });
    let mut own = Loop::new();
    let got = own.send(request(Method::Get, &url));
    got.borrow_mut().credit = 1000;
    own.turn_until(|| got.borrow().body.len() == 1000);
    let mut at_rest = None;
    own.turn_until(|| {
        at_rest = told.try_recv().ok();
        at_rest.is_some()
    });
    assert!(at_rest.unwrap() < LENGTH / 2);
    assert!(own.service.world().hub.metrics.rx_bytes < 1_000_000);
    // A wake without credit changes nothing.
    let connection = got.borrow().connection.unwrap();
    own.service.world().hub.wake(connection);
    own.settle();
    assert_eq!(got.borrow().body.len(), 1000);
    got.borrow_mut().credit = usize::MAX;
    own.service.world().hub.wake(connection);
    own.turn_until(|| !got.borrow().results.is_empty());
    assert_eq!(got.borrow().body.len(), LENGTH);
    server.join().unwrap();
}

#[test]
fn a_loop_that_drains_fails_what_waits() {
    let origin = Origin::saying(ok("x"));
    let mut own = Loop::new();
    own.get(&origin.url("/")).text();
    own.service.drain(Duration::from_secs(1));
    let got = own.send(request(Method::Get, &origin.url("/")));
    own.service.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(got.take().error(), Error::Connect(Closed::Shutdown));
}
