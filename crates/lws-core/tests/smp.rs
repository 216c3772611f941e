//! Several loops on the same addresses.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{PATIENCE, connect, inet, read_exactly};
use lws_core::{Address, Context, Error, Sharing, Threads};
use lws_http::{Vhost, respond};
use lws_role::{Blueprint, Env, Mail};
use lws_role_h1::h1;
use lws_role_ws::{Message, Protocol, Ws, ws};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

/// Answers with the name of the thread, which is the loop's.
fn named() -> impl Blueprint + 'static {
    let whoami = |_: &lws_http::Request<'_>, reply: &mut lws_http::Reply<'_>| {
        reply.text(std::thread::current().name().unwrap_or_default().to_owned());
    };
    h1(Vhost::new("*").mount("/", respond(whoami)))
}

fn start(context: &Context) -> Threads {
    context.start().unwrap()
}

fn end(threads: Threads) {
    threads.stopper().stop();
    threads.stopper().stop();
    threads.join().unwrap();
}

/// Asks on a connection that stays open; answers the name.
fn whose(stream: &mut (impl Read + Write)) -> String {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let mut name = [0; 5];
    stream.read_exact(&mut name).unwrap();
    String::from_utf8(name.into()).unwrap()
}

fn counts(names: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    counts
}

#[test]
fn the_kernel_deals_out_evenly() {
    let threads = start(&Context::new().threads(2).listen("127.0.0.1:0", named()));
    let address = inet(threads.addresses().next().unwrap());
    let counts = counts((0..1_000).map(|_| whose(&mut connect(address))));
    assert_eq!(counts.len(), 2);
    assert!(counts.values().all(|n| (400..=600).contains(n)), "within 20 % of a half each: {counts:?}");
    end(threads);
}

#[test]
fn the_loop_with_fewest_gets_the_next() {
    let context = Context::new().threads(3).sharing(Sharing::Fewest).listen("127.0.0.1:0", named());
    let threads = start(&context);
    let address = inet(threads.addresses().next().unwrap());
    let mut held: Vec<TcpStream> = (0..11).map(|_| connect(address)).collect();
    let counts = counts(held.iter_mut().map(whose));
    let mut each: Vec<usize> = counts.into_values().collect();
    each.sort_unstable();
    assert_eq!(each, [3, 4, 4]);
    end(threads);
}

#[test]
fn unix_sockets_are_dealt_out_by_the_first_loop() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let address = format!("unix:{}", path.display());
    let threads = start(&Context::new().threads(2).listen(&address, named()));
    let mut held: Vec<_> = (0..8).map(|_| std::os::unix::net::UnixStream::connect(&path).unwrap()).collect();
    let counts = counts(held.iter_mut().map(whose));
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [4, 4]);
    end(threads);
    assert!(!path.exists(), "the socket file goes with the loops");
}

#[test]
fn limits_on_connections_are_those_of_all_loops_together() {
    for sharing in [Sharing::Kernel, Sharing::Fewest] {
        let context = Context::new().threads(2).sharing(sharing).max_connections(3);
        let threads = start(&context.listen("127.0.0.1:0", named()));
        let address = inet(threads.addresses().next().unwrap());
        let mut held: Vec<TcpStream> = (0..3).map(|_| connect(address)).collect();
        held.iter_mut().for_each(|stream| drop(whose(stream)));
        for _ in 0..4 {
            let mut refused = connect(address);
            refused.set_read_timeout(Some(PATIENCE)).unwrap();
            match refused.read(&mut [0]) {
                Ok(0) => {}
                Err(e) if e.kind() == ErrorKind::ConnectionReset => {}
                other => panic!("a fourth connection got {other:?}"),
            }
        }
        end(threads);
    }
}

#[test]
fn a_second_server_does_not_quietly_share_the_port() {
    let threads = start(&Context::new().threads(2).listen("127.0.0.1:0", named()));
    let taken = threads.addresses().next().unwrap().to_string();
    for loops in [1, 2] {
        match Context::new().threads(loops).listen(&taken, named()).start().err() {
            Some(Error::Listen { source, .. }) => assert_eq!(source.kind(), ErrorKind::AddrInUse),
            other => panic!("{other:?}"),
        }
    }
    end(threads);
}

#[test]
fn what_cannot_be_built_is_told_and_nothing_runs() {
    let nothing = lws_role::sniff();
    let error = Context::new().threads(2).listen("127.0.0.1:0", nothing).start().err();
    assert!(matches!(error, Some(Error::Install(_))), "{error:?}");
}

/// Counts its mail, and tells who asks.
#[derive(Default)]
struct Postbox(u32);

impl Protocol for Postbox {
    type Session = ();
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, _message: Message<'_>) {}
}

impl Mail<mpsc::Sender<(String, u32)>> for Postbox {
    fn mail(&mut self, _env: &mut Env<'_>, message: mpsc::Sender<(String, u32)>) {
        self.0 += 1;
        message.send((std::thread::current().name().unwrap_or_default().to_owned(), self.0)).unwrap();
    }
}

#[test]
fn each_loop_has_instances_and_a_mailbox_of_its_own() {
    let site = h1(Vhost::new("a").upgrade("/ws", ws(Postbox::default)));
    let threads = start(&Context::new().threads(3).listen("127.0.0.1:0", site));
    let remotes = threads.remotes::<Postbox>();
    assert_eq!(remotes.len(), 3);
    let (tx, rx) = mpsc::channel();
    remotes.iter().for_each(|remote| remote.post(tx.clone()).unwrap());
    let mut heard: Vec<_> = (0..3).map(|_| rx.recv_timeout(PATIENCE).unwrap()).collect();
    heard.sort();
    assert_eq!(heard, [("lws-0".into(), 1), ("lws-1".into(), 1), ("lws-2".into(), 1)]);
    end(threads);
}

#[test]
fn shards_run_in_loops_of_the_caller() {
    let context = Context::new().threads(2).sharing(Sharing::Fewest).listen("127.0.0.1:0", named());
    let shards = context.shards().unwrap();
    let address: Address = shards[0].addresses().next().unwrap().clone();
    let (tx, rx) = mpsc::channel();
    let running: Vec<_> = shards
        .into_iter()
        .zip(["own-0", "own-1"])
        .map(|(shard, name)| {
            let tx = tx.clone();
            let own_loop = move || {
                let mut service = shard.build().unwrap();
                tx.send(service.stopper()).unwrap();
                while service.turn(Some(Duration::from_millis(50))).unwrap() {}
            };
            std::thread::Builder::new().name(name.into()).spawn(own_loop).unwrap()
        })
        .collect();
    let stops = [rx.recv_timeout(PATIENCE).unwrap(), rx.recv_timeout(PATIENCE).unwrap()];
    let mut held = [connect(inet(&address)), connect(inet(&address))];
    let mut names = held.each_mut().map(whose);
    names.sort();
    assert_eq!(names, ["own-0", "own-1"]);
    // What is idle ends at once when it is asked to.
    stops.iter().for_each(lws_core::Stop::stop);
    running.into_iter().for_each(|thread| thread.join().unwrap());
    held.iter_mut().for_each(|stream| assert!(has_ended(stream)));
}

/// The server has closed.
fn has_ended(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    matches!(stream.read(&mut [0]), Ok(0))
}

#[test]
fn one_thread_is_one_loop() {
    let threads = start(&Context::new().listen("127.0.0.1:0", named()));
    let address = inet(threads.addresses().next().unwrap());
    let mut stream = connect(address);
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert_eq!(read_exactly(&mut stream, 12), b"HTTP/1.1 200");
    end(threads);
}
