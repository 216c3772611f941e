//! Every stage has its deadline, and every failure says which one it was, later and once.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Fixed, Loop, Origin, PATIENCE, Then, ok, read_head, scripted};
use lws_backend_rustls::{provider, self_signed};
use lws_client::{Addresses, Client, Error, Proxies, Proxy, Request, Resolver, Stage, Timeouts, Url};
use lws_role::Closed;
use lws_tls::{ClientSettings, Provider as _, Source};
use socket2::{Domain, Socket, Type};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_millis(120);

/// Answers when nobody waits for it any more.
struct Late;

impl Resolver for Late {
    fn resolve(&mut self, _host: &str, _port: u16, done: Box<dyn FnOnce(Addresses) + Send>) {
        std::thread::spawn(move || {
            std::thread::sleep(4 * SOON);
            done(Ok(vec![SocketAddr::from(([127, 0, 0, 1], 9))]));
        });
    }
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

fn with_tls() -> Client {
    let roots = Source::Memory(self_signed(&["localhost"]).unwrap().certificate);
    Client::new().tls(provider().client(&ClientSettings::new([roots]).alpn(["http/1.1"])).unwrap())
}

fn get(url: &str) -> Request {
    Request::get(Url::parse(url).unwrap())
}

/// A request with both kinds of limits: of the stage, and of all; what comes of it, how soon.
fn check(client: impl Fn() -> Client, url: &str, stage_limit: fn(Timeouts) -> Timeouts, expected: Stage) {
    for whole in [false, true] {
        let mut own = Loop::with(client());
        let request =
            if whole { get(url).timeout(SOON) } else { get(url).timeouts(stage_limit(Timeouts::default())) };
        let began = Instant::now();
        let got = own.send(request);
        own.turn_until(|| !got.borrow().results.is_empty());
        assert_eq!(got.borrow().error(), Error::Timeout(expected), "{url}, as a whole: {whole}");
        assert!(began.elapsed() >= SOON && began.elapsed() < PATIENCE / 2);
        // Nothing more is told.
        let until = Instant::now() + 5 * SOON;
        while Instant::now() < until {
            own.service.turn(Some(Duration::from_millis(10))).unwrap();
        }
        assert_eq!(got.borrow().results.len(), 1, "{url}");
    }
}

#[test]
fn each_stage_has_its_deadline() {
    check(|| Client::new().resolver(Late), "http://name.example/", |t| t.resolve(SOON), Stage::Resolve);
    let full = full_listener();
    check(Client::new, &format!("http://{}/", full.0), |t| t.connect(SOON), Stage::Connect);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = silent.local_addr().unwrap();
    check(with_tls, &format!("https://{addr}/"), |t| t.tls(SOON), Stage::Tls);
    for scheme in ["http", "socks5"] {
        let proxied = || {
            let proxy = Proxy::parse(&format!("{scheme}://{addr}")).unwrap();
            with_tls().proxies(Proxies::none().all(proxy))
        };
        check(proxied, "https://name.example/", |t| t.proxy(SOON), Stage::Proxy);
    }
    check(Client::new, &format!("http://{addr}/"), |t| t.stall(SOON), Stage::Exchange);
}

#[test]
fn the_whole_is_bounded_over_redirects_and_in_the_queue() {
    let origin = Origin::new(|seen| {
        std::thread::sleep(SOON / 2);
        (common::found(302, &format!("{}x", seen.line().split(' ').nth(1).unwrap())), Then::Stay)
    });
    let got = Loop::new().fetch(get(&origin.url("/")).timeout(SOON));
    assert_eq!(got.error(), Error::Timeout(Stage::Exchange));
    assert!(origin.seen().len() < 4);

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let mut own = Loop::with(Client::new().connections_per_origin(1));
    let first = own.send(get(&url));
    let second = own.fetch(get(&url).timeout(SOON));
    assert_eq!((second.error(), second.stages), (Error::Timeout(Stage::Wait), vec![Stage::Wait]));
    assert!(first.borrow().results.is_empty());
}

#[test]
fn stages_are_told_as_they_begin() {
    let origin = Origin::saying(ok("x"));
    let mut own = Loop::with(Client::new().resolver(Fixed(Ok(vec![origin.addr]))));
    let got = own.get("http://name.example/");
    assert_eq!(got.stages, [Stage::Resolve, Stage::Connect, Stage::Exchange]);
    assert!(own.get("http://name.example/").stages.is_empty(), "the connection is there");
    let got = Loop::new().get(&origin.url("/"));
    assert_eq!(got.stages, [Stage::Connect, Stage::Exchange]);
}

#[test]
fn errors_are_in_words() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = |client: Client, url: &str| Loop::with(client).get(url).error().to_string();
    assert_eq!(
        text(Client::new(), &format!("http://{nobody}/")),
        "cannot connect: the connection was refused"
    );
    assert_eq!(
        text(Client::new().resolver(Fixed(Err("no such name".into()))), "http://x/"),
        "cannot resolve the host: no such name"
    );
    let plain = scripted(|_, mut stream| stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").unwrap());
    let said = text(with_tls(), &format!("https://{plain}/"));
    assert!(said.starts_with("the TLS handshake failed: ") && said.contains("HTTP"), "{said}");
    let reset = scripted(|_, mut stream| {
        read_head(&mut stream);
    });
    let said = text(Client::new(), &format!("http://{reset}/"));
    assert_eq!(said, "the request failed: the peer finished");
}

#[test]
fn a_loop_that_drains_fails_what_waits_for_anything() {
    let mut own = Loop::with(Client::new().resolver(Late).connections_per_origin(1));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let named = own.send(get("http://name.example/"));
    let first = own.send(get(&url));
    let queued = own.send(get(&url));
    own.settle();
    own.service.drain(Duration::from_millis(300));
    own.turn_until(|| [&named, &queued].iter().all(|got| !got.borrow().results.is_empty()));
    assert!(first.borrow().results.is_empty(), "it is in flight");
    drop(own);
    assert!(matches!(first.take().error(), Error::Http(_)));
    for got in [named, queued] {
        assert_eq!(got.take().error(), Error::Connect(Closed::Shutdown));
    }
}
