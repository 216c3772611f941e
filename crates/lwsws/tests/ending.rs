//! Signals, and readers that do not read.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::io::{Read, Write};
use support::{Answer, Server, read_head};

/// Bytes that repeat in the large file.
const PATTERN: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz-";
/// How often: more than what sockets between the two ends can hold.
const TIMES: usize = 1 << 20;

fn site() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("large"), PATTERN.repeat(TIMES)).unwrap();
    dir
}

#[test]
fn term_and_int_end_it_with_zero() {
    let dir = tempfile::tempdir().unwrap();
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(dir.path(), &[]);
        // An idle connection does not keep it.
        let mut idle = server.connect();
        idle.write_all(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        assert!(read_head(&mut idle).starts_with("HTTP/1.1 200"));
        server.signal(signal);
        // It is told that nothing more comes, and need not wait for us to notice.
        assert_eq!(idle.read(&mut [0]).unwrap(), 0, "{signal}");
        drop(idle);
        assert_eq!(server.exit(), 0, "{signal}");
    }
}

#[test]
fn what_is_in_flight_is_finished() {
    let dir = site();
    let mut server = Server::start(dir.path(), &[]);
    let mut stream = server.connect();
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut bytes = read_head(&mut stream).into_bytes();
    server.signal("TERM");
    server.says("finishing");
    // Wait until it does not listen any more: then the signal has reached the loop.
    while std::net::TcpStream::connect_timeout(&server.address, support::PATIENCE).is_ok() {}
    stream.read_to_end(&mut bytes).unwrap();
    drop(stream);
    let body = Answer::parse(&bytes).body;
    assert_eq!(body.len(), PATTERN.len() * TIMES);
    assert!(body.chunks(PATTERN.len()).all(|chunk| chunk == PATTERN));
    assert_eq!(server.exit(), 0);
    // It was told of, too: what is queued for the log is written before the end.
    let told = format!("GET /large 200 {} B", PATTERN.len() * TIMES);
    assert!(server.said.iter().any(|l| l.contains(&told)), "{:?}", server.said);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let dir = site();
    let mut server = Server::start(dir.path(), &[]);
    let mut stream = server.connect();
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    // A client that reads no further would keep it for some while.
    read_head(&mut stream);
    server.signal("TERM");
    server.says("finishing");
    server.signal("TERM");
    assert_eq!(server.exit(), 128 + 15);
}

#[test]
fn hup_without_certificates_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path(), &[]);
    server.signal("HUP");
    server.says("nothing to read again");
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn log_03_a_reader_that_stalls_does_not_stop_the_serving() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start_unread(dir.path(), &[]);
    // More lines than the pipe (64 KiB) and the queue (4096 lines) hold.
    let target = format!("/{}", "x".repeat(900));
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut asked = 0;
    while asked < 6000 {
        let mut stream = server.connect();
        // A connection serves 1000 requests; both ways fit into the sockets' buffers by tens.
        for _ in 0..50 {
            stream.write_all(request.repeat(10).as_bytes()).unwrap();
            for _ in 0..10 {
                let head = read_head(&mut stream);
                assert!(head.starts_with("HTTP/1.1 404"), "{head}");
                let length = head.split("content-length: ").nth(1).unwrap().split('\r').next().unwrap();
                let mut body = vec![0; length.parse().unwrap()];
                stream.read_exact(&mut body).unwrap();
                asked += 1;
            }
        }
    }
    let json = server.get("/.lws/status.json").json();
    assert!(json["log_dropped"].as_u64() > Some(0), "{json}");
    assert_eq!(json["requests"], 6001);
    // Nor does it keep the program from ending.
    server.signal("TERM");
    assert_eq!(server.exit(), 0);
}

#[test]
fn log_03_a_reader_that_is_gone_does_not_stop_the_serving() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start_unread(dir.path(), &[]);
    drop(server.unread.take());
    for _ in 0..10 {
        assert_eq!(server.get("/").status, 200);
    }
    server.signal("TERM");
    assert_eq!(server.exit(), 0);
}
