//! Trying again, and waiting in line.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, Origin, Then, ok, read_head, scripted};
use lws_client::{Client, Error, Request, Retry, Stage, Url};
use lws_head::Method;
use lws_role::Closed;
use std::io::Write;
use std::net::TcpListener;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const STEP: Duration = Duration::from_millis(40);

fn retry() -> Retry {
    Retry::new([STEP, 2 * STEP, 4 * STEP]).jitter_percent(0)
}

fn busy(times: usize, status: &'static str, more: &'static str) -> Origin {
    let left = Mutex::new(times);
    Origin::new(move |_| {
        let mut left = left.lock().unwrap();
        if *left == 0 {
            return (ok("at last"), Then::Stay);
        }
        *left -= 1;
        (format!("HTTP/1.1 {status}\r\n{more}Content-Length: 4\r\n\r\nbusy").into_bytes(), Then::Stay)
    })
}

fn get(origin: &Origin) -> Request {
    Request::get(Url::parse(&origin.url("/")).unwrap())
}

#[test]
fn a_server_that_is_busy() {
    for status in ["503 Busy", "429 Slow"] {
        let origin = busy(2, status, "");
        let began = Instant::now();
        assert_eq!(Loop::new().fetch(get(&origin).retry(retry())).text(), "at last");
        assert!(began.elapsed() >= 3 * STEP);
        // Without a wish for it there is one try, and the tries end.
        let got = Loop::new().fetch(get(&busy(1, status, "")));
        assert_eq!((got.status, got.text()), (status[..3].parse().unwrap(), "busy"));
        let origin = busy(9, status, "");
        assert_eq!(Loop::new().fetch(get(&origin).retry(retry())).text(), "busy");
        assert_eq!(origin.seen().len(), 4);
    }
    // Any method: the server says that it has not done it. The body comes again.
    let origin = busy(1, "503 Busy", "");
    let post = Request::post(Url::parse(&origin.url("/")).unwrap(), "body").retry(retry());
    assert_eq!(Loop::new().fetch(post).text(), "at last");
    assert!(origin.seen().iter().all(|seen| seen.text.ends_with("body")));
    assert_eq!(Loop::new().fetch(get(&busy(1, "500 No", "")).retry(retry())).status, 500);
}

#[test]
fn retry_after_is_respected() {
    let origin = busy(1, "503 Busy", "Retry-After: 1\r\n");
    let began = Instant::now();
    let got = Loop::new().fetch(get(&origin).retry(retry()));
    assert_eq!(got.text(), "at last");
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(got.stages, [Stage::Connect, Stage::Exchange, Stage::Wait]);
    // Not longer than there is time for, nor than anybody waits.
    for (more, timeout) in [
        ("Retry-After: 100\r\n", 30),
        ("Retry-After: 99999999999999999999\r\n", 1_000_000),
        ("Retry-After: soon\r\n", 30),
    ] {
        let origin = busy(1, "503 Busy", more);
        let request = get(&origin).retry(retry()).timeout(Duration::from_secs(timeout));
        assert_eq!(Loop::new().fetch(request).text(), "busy", "{more}");
        assert_eq!(origin.seen().len(), 1);
    }
}

#[test]
fn a_server_that_is_not_there_yet() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let request =
        |method| Request::new(method, Url::parse(&format!("http://{nobody}/")).unwrap()).retry(retry());
    let began = Instant::now();
    assert_eq!(Loop::new().fetch(request(Method::Post)).error(), Error::Connect(Closed::Refused));
    assert!(began.elapsed() >= 7 * STEP);
    let mut own = Loop::new();
    let got = own.send(request(Method::Get));
    let began = Instant::now();
    while began.elapsed() < 2 * STEP {
        own.settle();
    }
    let listener = TcpListener::bind(nobody).unwrap();
    std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        read_head(&mut stream);
        stream.write_all(&ok("here")).unwrap();
        let _ = std::io::Read::read(&mut stream, &mut [0]);
    });
    own.turn_until(|| !got.borrow().results.is_empty());
    assert_eq!(got.borrow().text(), "here");
}

/// What may have been done is not done again, unless that makes no difference.
#[test]
fn a_connection_that_breaks_before_the_answer() {
    for (method, tries) in [(Method::Get, 4), (Method::Put, 4), (Method::Post, 1)] {
        let origin = Origin::new(|_| (Vec::new(), Then::Close));
        let request = Request::new(method, Url::parse(&origin.url("/")).unwrap()).retry(retry());
        assert!(matches!(Loop::new().fetch(request).error(), Error::Http(_)));
        assert_eq!(origin.seen().len(), tries, "{method:?}");
    }
    // Nor what has begun to come.
    let origin = Origin::new(|_| (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".to_vec(), Then::Close));
    Loop::new().fetch(get(&origin).retry(retry())).error();
    assert_eq!(origin.seen().len(), 1);
}

#[test]
fn one_after_the_other_on_one_connection() {
    let origin = Origin::new(|seen| (ok(seen.line()), Then::Stay));
    let mut own = Loop::with(Client::new().connections_per_origin(1));
    let many: Vec<_> =
        (0..30).map(|i| own.send(Request::get(Url::parse(&origin.url(&format!("/{i}"))).unwrap()))).collect();
    own.turn_until(|| many.iter().all(|got| !got.borrow().results.is_empty()));
    let seen = origin.seen();
    for (i, got) in many.iter().enumerate() {
        assert_eq!(got.borrow().text(), format!("GET /{i} HTTP/1.1"));
        assert_eq!((seen[i].line(), seen[i].conn), (&*format!("GET /{i} HTTP/1.1"), 0));
    }
    // A connection that ends makes place for another.
    let origin = Origin::new(|seen| (ok(seen.line()), Then::Close));
    let mut own = Loop::with(Client::new().connections_per_origin(2));
    let many: Vec<_> = (0..10).map(|_| own.send(get(&origin))).collect();
    own.turn_until(|| many.iter().all(|got| !got.borrow().results.is_empty()));
    assert!(many.iter().all(|got| got.borrow().results == [Ok(())]));
}

/// Each of those who wait for a connection fails on its own account.
#[test]
fn those_who_wait_do_not_fail_together() {
    let addr = scripted(|conn, mut stream| {
        read_head(&mut stream);
        if conn != 1 {
            stream
                .write_all(
                    &[b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx".to_vec()]
                        .concat(),
                )
                .unwrap();
        }
    });
    let mut own = Loop::with(Client::new().connections_per_origin(1));
    let request = || Request::get(Url::parse(&format!("http://{addr}/")).unwrap());
    let many: Vec<_> = (0..3).map(|_| own.send(request())).collect();
    own.turn_until(|| many.iter().all(|got| !got.borrow().results.is_empty()));
    assert_eq!(many[0].borrow().text(), "x");
    assert!(many[1].borrow().results[0].is_err());
    assert_eq!(many[2].borrow().text(), "x");
}

#[test]
fn idle_connections_are_given_up_when_it_is_time() {
    let origin = Origin::saying(ok("x"));
    let mut own = Loop::with(Client::new().idle_timeout(STEP));
    own.get(&origin.url("/")).text();
    assert_eq!(own.client(|client, _| client.idle()), 1);
    let began = Instant::now();
    while began.elapsed() < 3 * STEP {
        own.settle();
    }
    assert_eq!(own.client(|client, _| client.idle()), 0);
    own.get(&origin.url("/")).text();
    assert_eq!(origin.seen()[1].conn, 1);
}
