//! Connections that roles open.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{PATIENCE, Roles, Server, patient, read_exactly};
use lws_core::{Context, Service, limits};
use lws_role::{Closed, Cx, Next, Role, Step, Target};
use lws_wire::Out;
use std::cell::RefCell;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Notes what it is told; says `hello` and then returns what it hears.
#[derive(Clone, Default)]
struct Caller {
    notes: Rc<RefCell<Vec<String>>>,
}

impl Caller {
    fn note(&self, what: impl Into<String>) {
        self.notes.borrow_mut().push(what.into());
    }
}

impl Role for Caller {
    fn name(&self) -> &'static str {
        "caller"
    }
    fn start(&mut self, _cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.note("start");
        assert!(out.put(b"hello"));
        Next::Stay
    }
    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        self.note(format!("heard {}", input.escape_ascii()));
        Step::stay(out.put_some(input))
    }
    fn timeout(&mut self, _cx: &mut Cx<'_>, _which: lws_role::Timer, _out: &mut Out<'_>) -> Next {
        panic!("it sets no deadline")
    }
    fn drain(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        Next::Close(Closed::Shutdown)
    }
    fn closed(&mut self, _cx: &mut Cx<'_>, why: Closed) {
        self.note(format!("closed {why:?}"));
    }
}

fn service() -> Service {
    Context::new().build().unwrap()
}

/// Turns until the caller has noted something that begins like this.
fn turn_until(service: &mut Service, caller: &Caller, last: &str) {
    let began = Instant::now();
    while !caller.notes.borrow().iter().any(|note| note.starts_with(last)) {
        assert!(began.elapsed() < PATIENCE, "no {last}: {:?}", caller.notes.borrow());
        service.turn(Some(Duration::from_millis(20))).unwrap();
    }
}

/// The caller hears so, and nothing else.
fn check(service: &mut Service, target: Target, expected: &[&str]) {
    let caller = Caller::default();
    let opened = service.world().hub.metrics.connects;
    service.connect(target, Box::new(caller.clone()));
    assert!(caller.notes.borrow().is_empty(), "errors come later, whatever they are");
    turn_until(service, &caller, expected.last().unwrap());
    service.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(*caller.notes.borrow(), expected);
    let metrics = &service.world().hub.metrics;
    assert_eq!((metrics.connects, metrics.closed), (opened + 1, metrics.connects));
    assert!(metrics.roles().iter().all(|role| role.open == 0));
}

fn unix(path: &Path) -> Target {
    Target::Unix(path.as_os_str().as_bytes().into())
}

#[test]
fn a_connection_is_started_and_talks() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = Target::Inet(listener.local_addr().unwrap());
    let peer = std::thread::spawn(move || {
        let mut stream = patient(listener.accept().unwrap().0);
        assert_eq!(read_exactly(&mut stream, 5), b"hello");
        stream.write_all(b"back").unwrap();
        assert_eq!(read_exactly(&mut stream, 4), b"back");
    });
    check(&mut service(), target, &["start", "heard back", "closed Ended"]);
    peer.join().unwrap();
}

#[test]
fn a_unix_socket_can_be_connected_to() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let peer = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        assert_eq!(read_exactly(&mut stream, 5), b"hello");
    });
    check(&mut service(), unix(&path), &["start", "closed Ended"]);
    peer.join().unwrap();
}

#[test]
fn who_cannot_connect_hears_why_and_is_not_started() {
    let mut service = service();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    check(&mut service, Target::Inet(nobody), &["closed Refused"]);
    let dir = tempfile::tempdir().unwrap();
    check(&mut service, unix(&dir.path().join("missing")), &["closed Unreachable"]);
    drop(UnixListener::bind(dir.path().join("old")).unwrap());
    check(&mut service, unix(&dir.path().join("old")), &["closed Refused"]);
}

#[test]
fn cli_09_a_socket_path_that_is_too_long() {
    let long = "x".repeat(200);
    check(&mut service(), unix(Path::new(&long)), &["closed Unreachable"]);
}

#[test]
fn conn_05_connections_that_we_open_count_too() {
    let mut service = Context::new().max_connections(0).build().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    check(&mut service, Target::Inet(nobody), &["closed Exhausted"]);
}

#[test]
fn a_connection_can_be_aborted_at_any_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = Target::Inet(listener.local_addr().unwrap());
    let mut service = service();

    // Before anything happened.
    let early = Caller::default();
    let handle = service.connect(target.clone(), Box::new(early.clone()));
    service.world().hub.abort(handle);
    turn_until(&mut service, &early, "closed");
    assert_eq!(*early.notes.borrow(), ["closed Aborted"]);
    drop(listener.accept());

    // When it stands: the peer sees a reset.
    let late = Caller::default();
    let handle = service.connect(target, Box::new(late.clone()));
    turn_until(&mut service, &late, "start");
    let mut peer = patient(listener.accept().unwrap().0);
    service.world().hub.abort(lws_role::Handle { sub: 1, ..handle });
    service.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(*late.notes.borrow(), ["start"], "a stream within it is not the connection");
    service.world().hub.abort(handle);
    turn_until(&mut service, &late, "closed");
    assert_eq!(*late.notes.borrow(), ["start", "closed Aborted"]);
    let mut rest = Vec::new();
    assert_eq!(peer.read_to_end(&mut rest).unwrap_err().kind(), ErrorKind::ConnectionReset);

    // Afterwards it is nobody's.
    service.world().hub.abort(handle);
    service.turn(Some(Duration::ZERO)).unwrap();
}

/// Opens a connection for each byte it hears.
struct Opener {
    target: Target,
    caller: Caller,
}

impl Role for Opener {
    fn name(&self) -> &'static str {
        "opener"
    }
    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        for _ in &*input {
            let opened = cx.hub().connect(self.target.clone(), Box::new(self.caller.clone()));
            assert!(opened.is_some());
        }
        assert!(self.caller.notes.borrow().is_empty(), "nothing re-enters");
        Step::stay(input.len())
    }
}

#[test]
fn a_role_opens_connections() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = Target::Inet(elsewhere.local_addr().unwrap());
    let opener = move || Opener { target: target.clone(), caller: Caller::default() };
    let server = Server::run(Context::new().listen("127.0.0.1:0", Roles(opener)));
    let mut client = server.connect();
    client.write_all(b"two").unwrap();
    for _ in 0..3 {
        let mut stream = patient(elsewhere.accept().unwrap().0);
        assert_eq!(read_exactly(&mut stream, 5), b"hello");
    }
    let metrics = server.end();
    assert_eq!((metrics.accepted, metrics.connects), (1, 3));
}

#[test]
fn so_many_at_once_and_more_in_the_next_turn() {
    let mut service = service();
    let nobody = Target::Inet(TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let caller = Caller::default();
    let connect = |service: &mut Service| {
        service.world().hub.connect(nobody.clone(), Box::new(caller.clone())).is_some()
    };
    for _ in 0..limits::CONNECTS_PER_ROUND {
        assert!(connect(&mut service));
    }
    assert!(!connect(&mut service));
    service.turn(Some(Duration::ZERO)).unwrap();
    assert!(connect(&mut service));
}

#[test]
fn a_loop_that_ends_tells_who_wanted_to_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = Target::Inet(listener.local_addr().unwrap());
    let mut service = service();
    let (open, asked) = (Caller::default(), Caller::default());
    service.connect(target.clone(), Box::new(open.clone()));
    turn_until(&mut service, &open, "start");
    service.connect(target, Box::new(asked.clone()));
    drop(service);
    assert_eq!(*open.notes.borrow(), ["start", "closed Shutdown"]);
    assert_eq!(*asked.notes.borrow(), ["closed Shutdown"]);
}

#[test]
fn a_connection_that_is_opened_later_or_at_a_wake() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = Target::Inet(listener.local_addr().unwrap());
    let mut service = service();
    let after = |service: &mut Service, ms: u64| {
        let caller = Caller::default();
        let role = Box::new(caller.clone());
        let handle = service.world().hub.connect_after(Duration::from_millis(ms), target.clone(), role);
        (handle.unwrap(), caller)
    };
    let began = Instant::now();
    let (_, soon) = after(&mut service, 100);
    let (woken, other) = after(&mut service, 3_600_000);
    let (given_up, third) = after(&mut service, 3_600_000);
    let (_, fourth) = after(&mut service, 3_600_000);
    turn_until(&mut service, &soon, "start");
    assert!(began.elapsed() >= Duration::from_millis(100));
    assert!(other.notes.borrow().is_empty() && third.notes.borrow().is_empty());
    // Whoever had that number before has no say.
    let stale = lws_role::Handle { generation: woken.generation.wrapping_sub(1), ..woken };
    service.world().hub.wake(stale);
    service.world().hub.abort(stale);
    service.turn(Some(Duration::ZERO)).unwrap();
    service.world().hub.wake(woken);
    turn_until(&mut service, &other, "start");
    service.world().hub.abort(given_up);
    turn_until(&mut service, &third, "closed");
    assert_eq!(*third.notes.borrow(), ["closed Aborted"]);
    service.drain(Duration::from_secs(1));
    assert_eq!(*fourth.notes.borrow(), ["closed Shutdown"]);
}
