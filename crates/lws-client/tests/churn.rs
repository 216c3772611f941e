//! Descriptors are counted here, so this test has a process to itself.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::Loop;

/// A thousand connections, of which nothing is left.
#[test]
fn nothing_is_left_of_many_connections() {
    let fds = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let addr = common::scripted(|conn, mut stream| {
        common::read_head(&mut stream);
        // Each ends in one of the ways there are.
        let answer: &[u8] = match conn % 4 {
            0 => b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
            1 => b"HTTP/1.1 200 OK\r\n\r\nx",
            2 => b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx",
            _ => b"junk\r\n\r\n",
        };
        let _ = std::io::Write::write_all(&mut stream, answer);
    });
    let url = format!("http://{addr}/");
    let mut own = Loop::new();
    own.get(&url);
    let before = fds();
    for round in 0..1000 {
        let got = own.get(&url);
        assert_eq!(got.results.len(), 1, "{round}");
    }
    own.settle();
    let metrics = &own.service.world().hub.metrics;
    // What is open is the alarm of the last ones, at most.
    assert!(metrics.connects - metrics.closed <= 1, "{} {}", metrics.connects, metrics.closed);
    assert!(fds() <= before + 2, "{} {before}", fds());
    assert_eq!(own.client(|client, _| client.idle()), 0);
}
