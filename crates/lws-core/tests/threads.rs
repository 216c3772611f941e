//! Ways into a loop from outside: mail, stopping, a foreign loop, and what a panic does.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{PATIENCE, Roles, Server, ask, connect, inet, read_exactly};
use lws_core::{Context, PostError};
use lws_http::{Closed, Handler, Reply, Request, Vhost, handler, respond};
use lws_role::{Cx, Env, Mail, Next, Role, Step, Timer};
use lws_role_h1::h1;
use lws_role_ws::{Message, Protocol, Ws, ws};
use lws_wire::Out;
use rustix::event::{PollFd, PollFlags, Timespec};
use std::io::{ErrorKind, Read, Write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

const UPGRADE: &str = "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Tells everybody what came by mail.
#[derive(Default)]
struct News {
    items: Vec<String>,
}

impl Protocol for News {
    type Session = usize;
    fn open(&mut self, ws: &mut Ws<'_, '_>) -> usize {
        ws.want_write();
        0
    }
    fn message(&mut self, _heard: &mut usize, _ws: &mut Ws<'_, '_>, message: Message<'_>) {
        assert!(message.text() != Some("panic"), "as asked for");
    }
    fn writable(&mut self, heard: &mut usize, ws: &mut Ws<'_, '_>) {
        while let Some(item) = self.items.get(*heard) {
            if !ws.send_text(item) {
                return ws.want_write();
            }
            *heard += 1;
        }
    }
}

impl Mail<String> for News {
    fn mail(&mut self, env: &mut Env<'_>, message: String) {
        assert!(message != "panic", "as asked for");
        self.items.push(message);
        env.want_write_all();
    }
}

/// Opens a WebSocket.
fn socket(server: &Server) -> std::net::TcpStream {
    let mut stream = server.connect();
    stream.write_all(UPGRADE.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(read_exactly(&mut stream, 1));
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    stream
}

#[test]
fn mail_from_other_threads() {
    let site = h1(Vhost::new("a").upgrade("/ws", ws(News::default)));
    let (server, remote) = Server::with(Context::new().listen("127.0.0.1:0", site), |s| s.remote::<News>());
    let remote = remote.expect("it is served there");
    let mut sockets = [socket(&server), socket(&server)];
    let threads = [0, 1].map(|t| {
        let remote = remote.clone();
        std::thread::spawn(move || (0..1_000).for_each(|i| remote.post(format!("{t}:{i:03}")).unwrap()))
    });
    threads.into_iter().for_each(|t| t.join().unwrap());
    let heard = sockets.each_mut().map(|socket| {
        let frames = read_exactly(socket, 2_000 * 7);
        let texts = frames.chunks(7).map(|f| String::from_utf8(f[2..].into()).unwrap());
        texts.collect::<Vec<_>>()
    });
    assert_eq!(heard[0], heard[1]);
    for t in ["0:", "1:"] {
        let own: Vec<_> = heard[0].iter().filter(|text| text.starts_with(t)).collect();
        assert!(own.len() == 1_000 && own.is_sorted(), "messages of one thread stay in order");
    }
    // A letter that panics costs nobody anything.
    remote.post("panic".to_string()).unwrap();
    remote.post("after".to_string()).unwrap();
    assert_eq!(&read_exactly(&mut sockets[0], 7)[2..], b"after");
    let metrics = server.end();
    assert_eq!((metrics.panics, metrics.messages_out), (1, 4_002));
    assert!(matches!(remote.post("late".to_string()), Err(PostError::Gone)));
}

/// Answers `/slow` when it is told to, and `/` at once.
struct Slow(Arc<AtomicU32>);

impl Handler for Slow {
    type Exchange = ();
    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) {
        match request.path() {
            "/slow" => {
                self.0.fetch_add(1, Ordering::SeqCst);
                reply.set_timer(Duration::from_millis(300));
            }
            _ => reply.text("quick"),
        }
    }
    fn timer(&mut self, _x: &mut (), reply: &mut Reply<'_>) {
        reply.text("slow");
    }
}

#[test]
fn stopping_finishes_what_is_in_flight() {
    let begun = Arc::<AtomicU32>::default();
    let own = Arc::clone(&begun);
    let site = h1(Vhost::new("a")
        .mount("/", handler(move || Slow(Arc::clone(&own))))
        .upgrade("/ws", ws(News::default)));
    let server = Server::run(Context::new().listen("127.0.0.1:0", site));
    let address = server.inet();
    let (mut idle, mut slow, mut open) = (server.connect(), server.connect(), socket(&server));
    idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut some = [0; 1_000];
    assert!(idle.read(&mut some).unwrap() > 0);
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    while begun.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    let began = Instant::now();
    server.stop.stop();
    // Idle ones end, with nothing said; the request is answered, and that is the last one.
    assert_eq!(idle.read(&mut some).unwrap(), 0);
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\nslow") && answer.contains("connection: close\r\n"), "{answer}");
    // The WebSocket is told why.
    assert_eq!(read_exactly(&mut open, 4), b"\x88\x02\x03\xe9");
    open.write_all(b"\x88\x82\0\0\0\0\x03\xe9").unwrap();
    assert_eq!(open.read(&mut some).unwrap(), 0);
    drop((idle, slow, open));
    server.join();
    assert!(began.elapsed() < Duration::from_secs(8), "nothing waits for the limit: {:?}", began.elapsed());
    assert!(std::net::TcpStream::connect(address).is_err(), "nobody listens any more");
}

#[test]
fn stopping_twice_does_not_wait() {
    let begun = Arc::<AtomicU32>::default();
    let own = Arc::clone(&begun);
    let site = h1(Vhost::new("a").mount("/", handler(move || Slow(Arc::clone(&own)))));
    let server = Server::run(Context::new().listen("127.0.0.1:0", site));
    let mut slow = server.connect();
    slow.write_all(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n").unwrap();
    while begun.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    let began = Instant::now();
    // Also if the loop has not seen the first one when the second comes.
    server.end();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let mut rest = Vec::new();
    let end = slow.read_to_end(&mut rest);
    assert!(end.is_err_and(|e| e.kind() == ErrorKind::ConnectionReset) || !rest.ends_with(b"slow"));
}

/// The whole service behind one descriptor, in a loop that is not ours.
#[test]
fn a_foreign_loop() {
    let site =
        h1(Vhost::new("a").mount("/", handler(|| Slow(Arc::default()))).upgrade("/ws", ws(News::default)));
    let mut service = Context::new().listen("127.0.0.1:0", site).build().unwrap();
    let address = service.addresses().map(inet).next().unwrap();
    let stop = service.stopper();
    let client = std::thread::spawn(move || {
        let quick = ask(connect(address), "/");
        let slow = ask(connect(address), "/slow");
        stop.stop();
        (quick, slow)
    });
    let mut turns = 0;
    loop {
        let now = Instant::now();
        let timeout = service.next_deadline().map(|at| at.saturating_duration_since(now));
        let timeout = timeout.map(|t| Timespec::try_from(t.min(PATIENCE)).unwrap());
        let ready =
            rustix::event::poll(&mut [PollFd::new(&service, PollFlags::IN)], timeout.as_ref()).unwrap();
        assert!(ready > 0 || timeout.is_some(), "woken for nothing");
        turns += 1;
        if !service.turn(Some(Duration::ZERO)).unwrap() {
            break;
        }
    }
    let (quick, slow) = client.join().unwrap();
    assert!(quick.ends_with("quick") && slow.ends_with("slow"));
    assert!(turns < 200, "{turns} turns: it should sleep when there is nothing to do");
}

/// Panics where it is asked to.
struct Fragile;

impl Handler for Fragile {
    type Exchange = bool;
    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> bool {
        assert!(request.path() != "/request", "as asked for");
        if request.path() == "/" {
            reply.text("fine");
        }
        if request.path() == "/timer" {
            reply.set_timer(Duration::from_millis(1));
        }
        request.path() == "/closed"
    }
    fn body(&mut self, _x: &mut bool, _data: &[u8], _reply: &mut Reply<'_>) -> usize {
        panic!("as asked for");
    }
    fn timer(&mut self, _x: &mut bool, _reply: &mut Reply<'_>) {
        panic!("as asked for");
    }
    fn closed(&mut self, x: bool, _why: Closed) {
        assert!(!x, "as asked for");
    }
}

#[test]
fn sys_01_a_panic_costs_one_connection() {
    std::panic::set_hook(Box::new(|info| {
        if !info.to_string().contains("as asked for") {
            eprintln!("{info}");
        }
    }));
    let site = h1(Vhost::new("a").mount("/", handler(|| Fragile)).upgrade("/ws", ws(News::default)));
    let server = Server::run(Context::new().listen("127.0.0.1:0", site));
    let mut bystander = server.connect();
    let mut bystanders_socket = socket(&server);
    let requests = [
        "GET /request HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
        "GET /timer HTTP/1.1\r\nHost: a\r\n\r\n",
    ];
    for request in requests {
        let mut victim = server.connect();
        victim.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let end = victim.read_to_end(&mut answer);
        assert!(end.is_err_and(|e| e.kind() == ErrorKind::ConnectionReset), "{request:?}: {answer:?}");
    }
    // In the last call there is.
    let mut victim = server.connect();
    victim.write_all(b"POST /closed HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n").unwrap();
    drop(victim);
    let mut victim = socket(&server);
    victim.write_all(b"\x81\x85\0\0\0\0panic").unwrap();
    assert!(victim.read_to_end(&mut Vec::new()).is_err());
    // Everybody else goes on as if nothing had been.
    for _ in 0..3 {
        bystander.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut some = [0; 1_000];
        let n = bystander.read(&mut some).unwrap();
        assert!(some[..n].ends_with(b"fine"));
    }
    bystanders_socket.write_all(b"\x89\x81\0\0\0\0p").unwrap();
    assert_eq!(read_exactly(&mut bystanders_socket, 3), b"\x8a\x01p");
    assert!(ask(server.connect(), "/").ends_with("fine"));
    let metrics = server.end();
    assert_eq!(metrics.panics, 5);
}

/// Says every turn that it has been woken, by a handle that is stale.
struct Ghost {
    old: mpsc::Sender<lws_role::Handle>,
}

impl Role for Ghost {
    fn name(&self) -> &'static str {
        "ghost"
    }
    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        self.old.send(cx.handle()).unwrap();
        cx.set_timer(Timer::App, Duration::from_millis(5));
        Next::Stay
    }
    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        // Whoever had this place before is gone: nothing happens.
        let own = cx.handle();
        cx.wake(lws_role::Handle { generation: own.generation.wrapping_sub(1), ..own });
        cx.wake(lws_role::Handle { conn: 4_000_000, ..own });
        assert!(out.put(b"!"));
        Step::stay(input.len())
    }
    fn transmit(&mut self, _cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        assert!(out.put(b"woken"));
        Next::Stay
    }
    fn timeout(&mut self, _cx: &mut Cx<'_>, _which: Timer, out: &mut Out<'_>) -> Next {
        assert!(out.put(b"."));
        Next::Stay
    }
}

#[test]
fn stale_handles_are_harmless() {
    let (tx, rx) = mpsc::channel();
    let server = Server::run(Context::new().listen("127.0.0.1:0", Roles(move || Ghost { old: tx.clone() })));
    let mut last: Option<lws_role::Handle> = None;
    for _ in 0..5 {
        let mut stream = server.connect();
        assert_eq!(read_exactly(&mut stream, 1), b".");
        stream.write_all(b"x").unwrap();
        assert_eq!(read_exactly(&mut stream, 1), b"!");
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty(), "{rest:?}");
        let handle = rx.recv_timeout(PATIENCE).unwrap();
        assert!(last.is_none_or(|last| last != handle), "a place that is used again has another generation");
        last = Some(handle);
    }
    server.end();
}

#[test]
fn respond_is_enough_for_a_page() {
    let site = h1(Vhost::new("a").mount("/", respond(|_, reply| reply.text("page"))));
    let server = Server::run(Context::new().listen("127.0.0.1:0", site));
    assert!(ask(server.connect(), "/").ends_with("page"));
    server.end();
}
