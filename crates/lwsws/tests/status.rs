//! The status page.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use support::{Answer, Server, ask, connect, lan_address, read_head};

fn empty() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Asks for the socket; the answer's head.
fn upgrade(stream: &mut TcpStream, target: &str, fields: &str) -> String {
    let host = if fields.contains("Host:") { "" } else { "Host: localhost\r\n" };
    write!(
        stream,
        "GET {target} HTTP/1.1\r\n{host}Connection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{fields}\r\n"
    )
    .unwrap();
    read_head(stream)
}

/// One frame of a server: its opcode and payload.
fn frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut header = [0; 2];
    stream.read_exact(&mut header).unwrap();
    assert_eq!(header[0] & 0xf0, 0x80, "one whole frame, no extension");
    let len = match header[1] {
        126 => {
            let mut len = [0; 2];
            stream.read_exact(&mut len).unwrap();
            usize::from(u16::from_be_bytes(len))
        }
        len => usize::from(len),
    };
    let mut payload = vec![0; len];
    stream.read_exact(&mut payload).unwrap();
    (header[0] & 15, payload)
}

#[test]
fn the_page_and_its_parts() {
    let dir = empty();
    let server = Server::start(dir.path(), &[]);
    let page = server.get("/.lws/status");
    assert_eq!((page.status, page.field("content-type")), (200, Some("text/html; charset=utf-8")));
    for id in ["requests", "connections", "requests-per-s"] {
        let there = page.text().contains(&format!("id=\"{id}\""));
        assert_eq!(there, id != "requests-per-s", "{id}");
    }
    // What the policy forbids would not work: inline scripts and styles, other origins.
    assert!(page.field("content-security-policy").unwrap().contains("script-src 'self'"));
    for forbidden in ["<style", "style=", "onload", "http://", "https://", "<script>"] {
        assert!(!page.text().contains(forbidden), "{forbidden}");
    }
    for (path, media) in [("status.css", "text/css"), ("status.js", "text/javascript")] {
        assert!(page.text().contains(&format!("\"{path}\"")), "{path}");
        let asset = server.get(&format!("/.lws/{path}"));
        assert!(asset.status == 200 && asset.field("content-type").unwrap().starts_with(media), "{path}");
    }
    // Every element that the script fills is there.
    let script = server.get("/.lws/status.js");
    for part in script.text().split("show(\"").skip(1) {
        let id = part.split('"').next().unwrap();
        assert!(page.text().contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert_eq!(server.ask("POST", "/.lws/status", "Content-Length: 0\r\n").status, 405);
    let head = server.ask("HEAD", "/.lws/status.json", "");
    assert_eq!((head.status, head.text()), (200, ""));
}

#[test]
fn numbers_as_json_and_for_prometheus() {
    let dir = empty();
    let server = Server::start(dir.path(), &[]);
    for _ in 0..3 {
        server.get("/");
    }
    let json = server.get("/.lws/status.json").json();
    assert_eq!((&json["requests"], &json["accepted"]), (&4.into(), &4.into()));
    assert_eq!(json["connections"], 1);
    assert_eq!(json["roles"]["h1"], 1);
    assert!(json["rx_bytes"].as_u64() > Some(100) && json["tx_bytes"].as_u64() > Some(500), "{json}");

    let text = server.get("/.lws/metrics");
    assert_eq!(text.field("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert!(text.text().contains("\nlwsws_http_requests_total 5\n"), "{}", text.text());
    assert!(server.get("/metrics").text().contains("\nlwsws_http_requests_total 6\n"));
    assert_eq!(server.get("/metrics/x").status, 404);
}

#[test]
fn a_file_called_metrics_is_not_shadowed() {
    let dir = empty();
    std::fs::write(dir.path().join("metrics"), "mine").unwrap();
    let server = Server::start(dir.path(), &[]);
    assert_eq!(server.get("/metrics").text(), "mine");
    assert!(server.get("/.lws/metrics").text().contains("lwsws_uptime_seconds"));
}

#[test]
fn numbers_over_a_socket_at_once_and_then_each_second() {
    let dir = empty();
    let server = Server::start(dir.path(), &[]);
    let mut stream = server.connect();
    let origin = format!("Host: {0}\r\nOrigin: http://{0}\r\n", server.address);
    let head = upgrade(&mut stream, "/.lws/status.ws", &origin);
    assert!(head.starts_with("HTTP/1.1 101 ") && head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
    let numbers = |stream: &mut TcpStream| {
        let (opcode, payload) = frame(stream);
        assert_eq!(opcode, 1);
        serde_json::from_slice::<serde_json::Value>(&payload).unwrap()
    };
    let first = numbers(&mut stream);
    assert_eq!(first["roles"]["ws"], 1);
    assert_eq!(first["connections"], 1);
    assert_eq!(server.get("/").status, 200);
    let second = numbers(&mut stream);
    assert_eq!(second["requests"], 1);
    assert!(second["interval_s"].as_f64() >= Some(0.9), "{second}");
    assert!(second["tx_bytes_per_s"].as_f64() > Some(0.0), "{second}");
    assert!(second["uptime_s"].as_f64() > first["uptime_s"].as_f64());
    // At the end it is told why.
    server.signal("TERM");
    let close = std::iter::repeat_with(|| frame(&mut stream)).find(|(opcode, _)| *opcode == 8).unwrap();
    assert_eq!(close.1[..2], 1001_u16.to_be_bytes());
}

#[test]
fn pages_of_other_sites_get_no_socket() {
    let dir = empty();
    let server = Server::start(dir.path(), &[]);
    let check = |fields: &str, wanted: &str| {
        let head = upgrade(&mut server.connect(), "/.lws/status.ws", fields);
        assert!(head.starts_with(&format!("HTTP/1.1 {wanted} ")), "{fields}: {head}");
    };
    check("", "101");
    check("Origin: http://localhost\r\n", "101");
    check("Origin: http://evil.example\r\n", "403");
    check("Origin: null\r\n", "403");
    // DNS rebinding: the browser takes us for the other site.
    check("Host: evil.example\r\nOrigin: http://evil.example\r\n", "404");
    for path in ["status", "status.json", "metrics", "status.js"] {
        let target = format!("/.lws/{path}");
        assert_eq!(server.ask("GET", &target, "Host: evil.example\r\n").status, 404, "{path}");
        assert_eq!(server.ask("GET", &target, "X-Forwarded-For: 192.0.2.1\r\n").status, 404, "{path}");
    }
    assert_eq!(server.ask("GET", "/metrics", "Host: evil.example\r\n").status, 404);
}

#[test]
fn others_see_it_with_the_token_only() {
    let Some(lan) = lan_address() else {
        eprintln!("skipped: this machine has loopback alone");
        return;
    };
    const PATHS: [&str; 4] = ["/.lws/status", "/.lws/status.json", "/.lws/metrics", "/metrics"];
    let dir = empty();
    let there = |server: &Server, target: &str, head: &str| -> Answer {
        ask(connect(SocketAddr::new(lan, server.address.port())), "GET", target, head)
    };
    let closed = Server::start(dir.path(), &["--public"]);
    let open = Server::start(dir.path(), &["--public", "--status-token", "sesame"]);
    for path in PATHS {
        assert_eq!(there(&closed, path, "").status, 404, "{path}");
        assert_eq!(there(&closed, path, "Authorization: Bearer sesame\r\n").status, 404, "{path}");
        assert_eq!(closed.get(path).status, 200, "{path}");

        let refused = there(&open, path, "");
        assert_eq!((refused.status, refused.field("www-authenticate")), (401, Some("Bearer")), "{path}");
        assert_eq!(there(&open, path, "Authorization: Bearer wrong\r\n").status, 401, "{path}");
        assert_eq!(there(&open, path, "Authorization: Bearer sesame\r\n").status, 200, "{path}");
        assert_eq!(there(&open, &format!("{path}?token=sesame"), "").status, 200, "{path}");
        assert_eq!(open.get(path).status, 200, "{path}");
    }
    let upgraded = |server: &Server, target: &str| {
        upgrade(&mut connect(SocketAddr::new(lan, server.address.port())), target, "")
    };
    assert!(upgraded(&closed, "/.lws/status.ws").starts_with("HTTP/1.1 404 "));
    assert!(upgraded(&open, "/.lws/status.ws").starts_with("HTTP/1.1 401 "));
    assert!(upgraded(&open, "/.lws/status.ws?token=sesame").starts_with("HTTP/1.1 101 "));
    // Its style and script hold no numbers and are asked for without the token.
    assert_eq!(
        (there(&open, "/.lws/status.css", "").status, there(&closed, "/.lws/status.css", "").status),
        (200, 404)
    );
}

#[test]
fn log_02_the_token_is_not_logged() {
    let dir = empty();
    let mut server = Server::start(dir.path(), &["--status-token", "sesame"]);
    server.get("/.lws/status.json?token=sesame");
    assert!(server.says("status.json").contains("/.lws/status.json?[hidden] 200"));
    server.signal("TERM");
    assert_eq!(server.exit(), 0);
    assert!(!server.said.iter().any(|l| l.contains("sesame")), "{:?}", server.said);
}
