//! Connections that are difficult: slow, half-closed, reset, lingering, many.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{PATIENCE, Roles, Server, ask, inet, patient, read_exactly};
use lws_core::{Context, limits};
use lws_http::{Vhost, respond};
use lws_role::{Closed, Cx, Next, Role, Step, Timer};
use lws_role_h1::h1;
use lws_wire::Out;
use socket2::{Domain, SockRef, Socket, Type};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A connection with a receive buffer of so many bytes.
fn narrow(address: SocketAddr, bytes: usize) -> TcpStream {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(bytes).unwrap();
    socket.connect(&address.into()).unwrap();
    patient(socket.into())
}

#[test]
fn conn_03_many_answers_to_a_client_with_a_small_window() {
    let site = h1(Vhost::new("a").mount("/", respond(|_, reply| reply.text(vec![b'x'; 10_000]))));
    let server = Server::run(Context::new().listen("127.0.0.1:0", site));
    let mut stream = narrow(server.inet(), 2 * 1024);
    const COUNT: usize = 900;
    let mut writer = stream.try_clone().unwrap();
    let asking = std::thread::spawn(move || {
        writer.write_all("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(COUNT).as_bytes()).unwrap();
        writer.shutdown(Shutdown::Write).unwrap();
    });
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    asking.join().unwrap();
    let text = String::from_utf8(all).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), COUNT);
    assert_eq!(text.matches(&"x".repeat(10_000)).count(), COUNT);
    server.end();
}

/// The last answer reaches a client that is still sending: no reset takes it away.
#[test]
fn a_lingering_close_delivers_the_last_response() {
    let site = h1(Vhost::new("a").mount("/", respond(|_, reply| reply.text(vec![b'y'; 100_000]))));
    let server = Server::run(Context::new().listen("127.0.0.1:0", site));
    for _ in 0..10 {
        let mut stream = narrow(server.inet(), 4 * 1024);
        // Too long to be thrown away: the connection ends behind the answer.
        stream.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n").unwrap();
        for _ in 0..20 {
            stream.write_all(&[b'u'; 10_000]).unwrap();
        }
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("no reset");
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        assert!(answer.ends_with(&vec![b'y'; 100_000]));
    }
    server.end();
}

#[test]
fn a_client_that_never_stops_sending_is_cut_off() {
    let site = h1(Vhost::new("a").mount("/", respond(|_, reply| reply.text("early"))));
    let server = Server::run(Context::new().listen("127.0.0.1:0", site));
    let mut stream = server.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n").unwrap();
    let began = Instant::now();
    let mut sent = 0;
    while stream.write_all(&[b'u'; 10_000]).is_ok() {
        sent += 10_000;
        assert!(sent < 500_000_000 && began.elapsed() < PATIENCE, "{sent} bytes");
    }
    server.end();
}

/// Notes what it is told. Says a lot when the peer has ended, and stays a while.
struct Listener {
    notes: mpsc::Sender<String>,
    /// Bytes still to be said.
    left: usize,
}

impl Role for Listener {
    fn name(&self) -> &'static str {
        "listener"
    }
    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        Step::stay(input.len())
    }
    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let left = self.left;
        self.left -= out.fill(|room| left.min(room.len()));
        match self.left {
            0 => cx.set_timer(Timer::App, Duration::from_millis(200)),
            _ => cx.want_write(),
        }
        Next::Stay
    }
    fn timeout(&mut self, _cx: &mut Cx<'_>, _which: Timer, _out: &mut Out<'_>) -> Next {
        Next::Close(Closed::Done)
    }
    fn ended(&mut self, cx: &mut Cx<'_>, truncated: bool, _out: &mut Out<'_>) -> Next {
        self.notes.send(format!("ended {truncated}")).unwrap();
        cx.want_write();
        Next::Stay
    }
    fn closed(&mut self, _cx: &mut Cx<'_>, why: Closed) {
        self.notes.send(format!("closed {why:?}")).unwrap();
    }
}

/// Every writable edge shows the half-close again; the role hears of it once.
#[test]
fn the_end_comes_once() {
    let (tx, rx) = mpsc::channel();
    let role = move || Listener { notes: tx.clone(), left: 20_000_000 };
    let server = Server::run(Context::new().listen("127.0.0.1:0", Roles(role)));
    let mut stream = server.connect();
    stream.write_all(b"all I have").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), 20_000_000);
    server.end();
    assert_eq!(rx.iter().collect::<Vec<_>>(), ["ended false", "closed Done"]);
}

/// Talks for ever, until it is told to stop.
struct Talker {
    told: bool,
}

impl Role for Talker {
    fn name(&self) -> &'static str {
        "talker"
    }
    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        cx.want_write();
        Next::Stay
    }
    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        self.told = true;
        Step::close(input.len(), Closed::Done)
    }
    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        out.fill(|room| room.len());
        cx.want_write();
        Next::Stay
    }
}

/// Whoever always has something to say still listens, whether the peer reads fast or slowly.
#[test]
fn a_role_that_always_speaks_still_hears() {
    let server = Server::run(Context::new().listen("127.0.0.1:0", Roles(|| Talker { told: false })));
    for receive_buffer in [4 * 1024, 1024 * 1024] {
        let mut stream = narrow(server.inet(), receive_buffer);
        let mut some = vec![0; 64 * 1024];
        (0..20).for_each(|_| assert!(stream.read(&mut some).unwrap() > 0));
        stream.write_all(b"stop").unwrap();
        let (began, mut total) = (Instant::now(), 0);
        loop {
            match stream.read(&mut some).unwrap() {
                0 => break,
                n => total += n,
            }
            assert!(began.elapsed() < Duration::from_secs(10), "{total} bytes later it has not heard");
        }
    }
    server.end();
}

/// Takes nothing, and waits to be woken.
struct Deaf {
    notes: mpsc::Sender<String>,
}

impl Role for Deaf {
    fn name(&self) -> &'static str {
        "deaf"
    }
    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        self.notes.send(format!("offered {}", input.len())).unwrap();
        Step::hold(0)
    }
    fn closed(&mut self, _cx: &mut Cx<'_>, why: Closed) {
        self.notes.send(format!("closed {why:?}")).unwrap();
    }
}

/// Nobody reads from the connection, and yet its end is noticed.
#[test]
fn conn_09_a_reset_reaches_who_holds_back() {
    let (tx, rx) = mpsc::channel();
    let server = Server::run(Context::new().listen("127.0.0.1:0", Roles(move || Deaf { notes: tx.clone() })));
    let mut stream = server.connect();
    stream.write_all(b"hello").unwrap();
    assert_eq!(rx.recv_timeout(PATIENCE).unwrap(), "offered 5");
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
    let next = std::iter::from_fn(|| rx.recv_timeout(PATIENCE).ok()).find(|note| note.starts_with("closed"));
    assert_eq!(next.as_deref(), Some("closed Lost"));
    server.end();
}

/// Ends at the first byte, for this reason, behind a word.
struct Ender(Closed);

impl Role for Ender {
    fn name(&self) -> &'static str {
        "ender"
    }
    fn receive(&mut self, _cx: &mut Cx<'_>, _input: &mut [u8], out: &mut Out<'_>) -> Step {
        assert!(out.put(b"word"));
        Step::close(0, self.0)
    }
}

#[test]
fn a_peer_can_tell_an_end_from_a_cut() {
    for why in
        [Closed::Done, Closed::Ended, Closed::Limit, Closed::Protocol, Closed::Timeout, Closed::Shutdown]
    {
        let server = Server::run(Context::new().listen("127.0.0.1:0", Roles(move || Ender(why))));
        let mut stream = server.connect();
        stream.write_all(b"x").unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"word", "{why:?}");
        server.end();
    }
    for why in [Closed::Aborted, Closed::Lost, Closed::Panicked] {
        let server = Server::run(Context::new().listen("127.0.0.1:0", Roles(move || Ender(why))));
        let mut stream = server.connect();
        stream.write_all(b"x").unwrap();
        let end = stream.read_to_end(&mut Vec::new());
        assert!(end.is_err_and(|e| e.kind() == ErrorKind::ConnectionReset), "{why:?}");
        server.end();
    }
}

/// Echoes.
struct Echo;

impl Role for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }
    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        let n = out.put_some(input);
        if n < input.len() { Step::hold(n) } else { Step::stay(n) }
    }
}

#[test]
fn bytes_are_neither_lost_nor_changed_whatever_the_buffers_are() {
    let server = Server::run(Context::new().listen("127.0.0.1:0", Roles(|| Echo)));
    let data: Vec<u8> = (0..6_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for receive_buffer in [2 * 1024, 1024 * 1024] {
        let mut stream = narrow(server.inet(), receive_buffer);
        let mut writer = stream.try_clone().unwrap();
        let said = data.clone();
        let saying = std::thread::spawn(move || {
            writer.write_all(&said).unwrap();
            writer.shutdown(Shutdown::Write).unwrap();
        });
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        saying.join().unwrap();
        assert!(all == data, "{} bytes of {}", all.len(), data.len());
    }
    server.end();
}

#[test]
fn conn_05_more_connections_than_allowed_are_refused() {
    let context = Context::new().listen("127.0.0.1:0", Roles(|| Echo)).max_connections(3);
    let server = Server::run(context);
    let mut kept: Vec<TcpStream> = (0..3).map(|_| server.connect()).collect();
    for stream in &mut kept {
        stream.write_all(b"x").unwrap();
        assert_eq!(read_exactly(stream, 1), b"x");
    }
    let mut refused = server.connect();
    let end = refused.read(&mut [0; 1]);
    assert!(matches!(end, Ok(0)) || end.is_err_and(|e| e.kind() == ErrorKind::ConnectionReset));
    // One that ends makes place for another.
    let mut gone = kept.pop().unwrap();
    gone.shutdown(Shutdown::Write).unwrap();
    assert_eq!(gone.read(&mut [0; 1]).unwrap(), 0);
    drop(gone);
    let mut next = server.connect();
    next.write_all(b"y").unwrap();
    assert_eq!(read_exactly(&mut next, 1), b"y");
    let metrics = server.end();
    assert_eq!((metrics.accepted, metrics.refused), (4, 1));
}

/// A burst of connections has its turn, and no more: at most so many in one turn, however long it lasts.
#[test]
fn conn_07_a_burst_of_connections_does_not_take_the_loop() {
    let mut service = Context::new().listen("127.0.0.1:0", Roles(|| Echo)).build().unwrap();
    let address = service.addresses().map(inet).next().unwrap();
    let mut streams = Vec::new();
    let mut longest = 0;
    for _ in 0..6 {
        // More come while those before still wait.
        streams.extend((0..100).map(|_| TcpStream::connect(address).unwrap()));
        let before = service.world().hub.metrics.accepted;
        service.turn(Some(Duration::ZERO)).unwrap();
        longest = longest.max(service.world().hub.metrics.accepted - before);
    }
    assert!(longest <= u64::from(limits::ACCEPTS_PER_TURN), "{longest} in one turn");
    for _ in 0..100 {
        service.turn(Some(Duration::ZERO)).unwrap();
    }
    assert_eq!(service.world().hub.metrics.accepted, 600, "and none is forgotten");
}

#[test]
fn keep_alive_over_a_real_socket() {
    let site =
        h1(Vhost::new("a").mount("/", respond(|request, reply| reply.text(request.path().to_string()))));
    let server = Server::run(Context::new().listen("127.0.0.1:0", site));
    let mut stream = server.connect();
    for i in 0..100 {
        let path = format!("/{i:03}");
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(read_exactly(&mut stream, 1));
        }
        assert_eq!(read_exactly(&mut stream, 4), path.as_bytes());
    }
    assert!(ask(stream, "/last").ends_with("/last"));
    assert_eq!(server.end().requests, 101);
}
