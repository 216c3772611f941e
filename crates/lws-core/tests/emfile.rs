//! CONN-06: the process runs out of file descriptors. Alone in its process, because it lowers the limit.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Roles, inet, patient};
use lws_core::{Context, Service, limits};
use lws_role::{Cx, Role, Step};
use lws_wire::Out;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Counts warnings.
struct Complaints;

static WARNINGS: AtomicU32 = AtomicU32::new(0);

impl log::Log for Complaints {
    fn enabled(&self, _metadata: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        assert!(record.args().to_string().contains("cannot accept on 127.0.0.1"), "{}", record.args());
        WARNINGS.fetch_add(1, Ordering::Relaxed);
    }
    fn flush(&self) {}
}

/// Echoes.
struct Echo;

impl Role for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }
    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        Step::stay(out.put_some(input))
    }
}

fn accepted(service: &mut Service) -> usize {
    service.world().hub.metrics.accepted as usize
}

#[test]
fn conn_06_no_descriptors_left() {
    log::set_logger(&Complaints).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    // Nothing but the kernel's limit stops it. The clients' descriptors count, too: they are in the same process.
    let context = Context::new().listen("127.0.0.1:0", Roles(|| Echo)).max_connections(100_000);
    let mut service = context.build().unwrap();
    let address = service.addresses().map(inet).next().unwrap();
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(150), maximum: limit.maximum }).unwrap();
    // The rest of the descriptors is taken by something else.
    let mut clients: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(address).unwrap()).collect();
    let mut hogs: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    assert!(hogs.len() >= 50, "{} descriptors were left", hogs.len());
    // Those in the kernel's queue wait. The loop does not spin: it tries again after each pause, and complains.
    service.turn(Some(Duration::ZERO)).unwrap();
    let began = Instant::now();
    let warned = WARNINGS.load(Ordering::Relaxed);
    while began.elapsed() < 3 * limits::ACCEPT_PAUSE {
        // Others keep knocking; that is no reason to try again sooner.
        hogs.pop();
        clients.push(TcpStream::connect(address).unwrap());
        service.turn(Some(Duration::ZERO)).unwrap();
        service.turn(Some(limits::ACCEPT_PAUSE / 10)).unwrap();
    }
    let warned = WARNINGS.load(Ordering::Relaxed) - warned;
    assert!((2..=4).contains(&warned), "{warned} attempts in three pauses");
    assert_eq!(accepted(&mut service), 0);
    // As soon as there are descriptors again, everybody is served.
    hogs.clear();
    clients.truncate(50);
    let began = Instant::now();
    while accepted(&mut service) < clients.len() {
        service.turn(Some(limits::ACCEPT_PAUSE)).unwrap();
        assert!(began.elapsed() < Duration::from_secs(5), "{} of {}", accepted(&mut service), clients.len());
    }
    for stream in clients {
        let mut stream = patient(stream);
        stream.write_all(b"x").unwrap();
        stream.set_nonblocking(true).unwrap();
        let mut byte = [0];
        while stream.read(&mut byte).is_err() {
            service.turn(Some(Duration::from_millis(10))).unwrap();
            assert!(began.elapsed() < Duration::from_secs(10), "no answer");
        }
        assert_eq!(&byte, b"x");
    }
}
