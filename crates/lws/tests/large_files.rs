//! Large files over plain sockets, where the kernel sends them and no byte passes through a buffer here: the same bytes
//! in the same order as everything else, and an end that can be seen when they are not there.
#![cfg(feature = "files")]
#![expect(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

use lws::files::files;
use lws::http::respond;
use lws::{Context, Stop, Vhost, h1};
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

const BYTES: usize = 3_000_017;

struct Server {
    port: u16,
    stop: Stop,
    thread: Option<JoinHandle<(u64, u64)>>,
}

impl Server {
    fn start(root: &Path) -> Self {
        let vhost =
            Vhost::new("*").mount("/", files(root)).mount("/small", respond(|_, reply| reply.text("small")));
        let context = Context::new().listen("127.0.0.1:0", h1(vhost));
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut service = context.build().unwrap();
            let address = service.addresses().next().unwrap().to_string();
            tell.send((address, service.stopper())).unwrap();
            service.run().unwrap();
            let metrics = &service.world().hub.metrics;
            (metrics.tx_bytes, metrics.panics)
        });
        let (address, stop): (String, Stop) = told.recv_timeout(Duration::from_secs(20)).unwrap();
        Self { port: address.rsplit(':').next().unwrap().parse().unwrap(), stop, thread: Some(thread) }
    }

    fn ask(&self, requests: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(requests.as_bytes()).unwrap();
        stream
    }

    /// Ends it; bytes sent in all.
    fn end(mut self) -> u64 {
        self.stop.stop();
        self.stop.stop();
        let (sent, panics) = self.thread.take().unwrap().join().unwrap();
        assert_eq!(panics, 0);
        sent
    }
}

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: a\r\n{fields}\r\n")
}

/// A response's head, and its body as its length says.
fn response(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (head, body)
}

fn content() -> Vec<u8> {
    (0..BYTES).map(|i| (i * 7 + i / 251) as u8).collect()
}

#[test]
fn bytes_come_in_order_between_other_answers() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("large"), content()).unwrap();
    let server = Server::start(dir.path());
    let large = get("/large", "");
    let part = get("/large", "range: bytes=1000-2999999\r\n");
    let mut stream = server.ask(&format!(
        "{}{large}{}{part}{}",
        get("/small", ""),
        get("/small", ""),
        get("/small", "connection: close\r\n")
    ));
    // A slow start: the server has to wait for room, again and again.
    thread::sleep(Duration::from_millis(200));
    assert_eq!(response(&mut stream).1, b"small");
    let (head, body) = response(&mut stream);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(body == content());
    assert_eq!(response(&mut stream).1, b"small");
    let (head, body) = response(&mut stream);
    assert!(head.starts_with("HTTP/1.1 206 "), "{head}");
    assert!(body == content()[1000..3_000_000]);
    assert_eq!(response(&mut stream).1, b"small");
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    let sent = server.end() as usize;
    let bodies = BYTES + 2_999_000;
    assert!(sent > bodies && sent < bodies + 4000, "{sent}: files count as what was sent");
}

#[test]
fn the_last_answer_is_whole_before_the_close() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("large"), content()).unwrap();
    let server = Server::start(dir.path());
    let mut stream = server.ask(&get("/large", "connection: close\r\n"));
    let (head, body) = response(&mut stream);
    assert!(head.contains("\r\nconnection: close\r\n") && body == content());
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    let mut stream = server.ask("HEAD /large HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let mut head = String::new();
    stream.read_to_string(&mut head).unwrap();
    assert!(head.contains(&format!("\r\ncontent-length: {BYTES}\r\n")) && head.ends_with("\r\n\r\n"));
    server.end();
}

#[test]
fn path_08_a_file_that_shrinks_ends_the_connection() {
    const PROMISED: u64 = 64 << 20;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large");
    File::create(&path).unwrap().set_len(PROMISED).unwrap();
    let server = Server::start(dir.path());
    let mut stream = server.ask(&get("/large", ""));
    let mut block = vec![0; 4096];
    let mut got = stream.read(&mut block).unwrap() as u64;
    File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
    loop {
        match stream.read(&mut block) {
            Ok(0) => break,
            Ok(n) => got += n as u64,
            Err(e) if e.kind() == ErrorKind::ConnectionReset => break,
            Err(e) => panic!("{e}"),
        }
    }
    assert!(got < PROMISED, "{got} bytes of a file of a thousand");
    // And the next is told what is there now.
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!(response(&mut server.ask(&get("/large", ""))).1.len(), 1000);
    server.end();
}

#[test]
fn many_at_once_while_others_stall() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("large"), content()).unwrap();
    let server = Server::start(dir.path());
    let stalled: Vec<_> = (0..8).map(|_| server.ask(&get("/large", ""))).collect();
    let expected = content();
    for _ in 0..8 {
        assert!(response(&mut server.ask(&get("/large", ""))).1 == expected);
    }
    for mut stream in stalled {
        assert!(response(&mut stream).1 == expected);
    }
    server.end();
}
