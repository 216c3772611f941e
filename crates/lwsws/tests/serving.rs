//! Files, listings, what is printed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::Path;
use support::{Server, ask, connect, lwsws};
use tempfile::TempDir;

fn site() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    std::fs::create_dir_all(dir.path().join("sub/.lws")).unwrap();
    std::fs::create_dir(dir.path().join(".lws")).unwrap();
    write("index.html", "<h1>hello</h1>\n");
    write("sub/digits.txt", "0123456789");
    write("sub/.secret", "secret");
    write(".lws/file", "secret");
    write("app.js", "plain");
    write("app.js.gz", "coded");
    dir
}

#[test]
fn files_are_served() {
    let dir = site();
    let server = Server::start(dir.path(), &[]);
    let index = server.get("/");
    assert_eq!((index.status, index.text()), (200, "<h1>hello</h1>\n"));
    assert_eq!(index.field("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(index.field("x-content-type-options"), Some("nosniff"));
    assert!(index.field("content-security-policy").unwrap().starts_with("default-src 'none'"));
    let head = server.ask("HEAD", "/", "");
    assert_eq!((head.status, head.field("content-length"), head.text()), (200, Some("15"), ""));

    let part = server.ask("GET", "/sub/digits.txt", "Range: bytes=2-4\r\n");
    assert_eq!((part.status, part.text()), (206, "234"));
    assert_eq!(part.field("content-range"), Some("bytes 2-4/10"));
    let tag = format!("If-None-Match: {}\r\n", index.field("etag").unwrap());
    assert_eq!(server.ask("GET", "/", &tag).status, 304);
    let coded = server.ask("GET", "/app.js", "Accept-Encoding: gzip\r\n");
    assert_eq!((coded.text(), coded.field("content-encoding")), ("coded", Some("gzip")));
    assert_eq!(server.get("/app.js").text(), "plain");

    assert_eq!(server.get("/sub").field("location"), Some("/sub/"));
    for hidden in ["/none", "/sub/.secret", "/.lws/file", "/.lws/", "/sub/.lws/", "/../Cargo.toml"] {
        assert_eq!(server.get(hidden).status, 404, "{hidden}");
    }
    assert_eq!(server.ask("POST", "/", "Content-Length: 0\r\n").status, 405);
}

#[test]
fn folders_are_listed_unless_told_otherwise() {
    let dir = site();
    let server = Server::start(dir.path(), &[]);
    let page = server.get("/sub/");
    assert!(page.status == 200 && page.text().contains("digits.txt"), "{page:?}");
    assert!(!page.text().contains("secret"), "{page:?}");
    let json = server.ask("GET", "/sub/", "Accept: application/json\r\n").json();
    assert_eq!(json[0]["name"], "digits.txt");

    let server = Server::start(dir.path(), &["--no-listing"]);
    assert_eq!((server.get("/sub/").status, server.get("/").status), (404, 200));
}

#[test]
fn both_loopback_addresses_have_the_same_port() {
    let dir = site();
    let server = Server::start(dir.path(), &[]);
    let v6 = IpAddr::V6(Ipv6Addr::LOCALHOST);
    if std::net::TcpListener::bind((v6, 0)).is_err() {
        eprintln!("skipped: this machine has no IPv6");
        return;
    }
    let stream = connect(SocketAddr::new(v6, server.address.port()));
    assert_eq!(ask(stream, "GET", "/", "Host: [::1]\r\n").status, 200);
}

#[test]
fn requests_are_told_line_by_line() {
    let dir = site();
    let mut server = Server::start(dir.path(), &[]);
    assert!(server.said[0].contains(&shown(dir.path())), "{:?}", server.said);
    assert!(server.said.last().unwrap().ends_with(&server.url), "{:?}", server.said);
    server.get("/sub/digits.txt?q");
    let line = server.says("/sub/digits.txt?q");
    let columns: Vec<&str> = line.split(' ').collect();
    assert_eq!(columns[1..7], ["127.0.0.1", "GET", "/sub/digits.txt?q", "200", "10", "B"], "{line}");
    assert!(columns[0].ends_with('Z') && columns[7].parse::<f64>().is_ok() && columns[8] == "ms", "{line}");
    assert!(!line.contains('\x1b'), "colours are for terminals: {line}");
    server.get("/\"quoted\\");
    // A bare backslash is no path.
    assert!(server.says("quoted").contains(r"GET /\x22quoted\x5c 400 "), "{:?}", server.said);
}

#[test]
fn json_is_one_object_per_line() {
    let dir = site();
    let mut server = Server::start(dir.path(), &["--json"]);
    assert_eq!(server.said.len(), 1);
    let banner: serde_json::Value = serde_json::from_str(&server.said[0]).unwrap();
    assert_eq!((&banner["event"], &banner["url"]), (&"listening".into(), &server.url.clone().into()));
    assert_eq!(banner["dir"], shown(dir.path()));
    assert_eq!(banner["addresses"][0], server.address.to_string());
    server.get("/none\"");
    let line: serde_json::Value = serde_json::from_str(&server.says("none")).unwrap();
    assert_eq!((&line["event"], &line["target"]), (&"request".into(), &"/none\"".into()));
    assert_eq!((&line["status"], &line["method"]), (&404.into(), &"GET".into()));
    server.signal("TERM");
    assert_eq!(server.exit(), 0);
    for line in &server.said {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
}

#[test]
fn quiet_says_the_url_and_nothing_else() {
    let dir = site();
    let mut server = Server::start(dir.path(), &["--quiet"]);
    assert_eq!(server.get("/").status, 200);
    server.signal("TERM");
    assert_eq!(server.exit(), 0);
    assert_eq!(server.said, [server.url.as_str()]);
}

#[test]
fn public_is_reached_from_elsewhere_and_the_default_is_not() {
    let Some(lan) = support::lan_address() else {
        eprintln!("skipped: this machine has loopback alone");
        return;
    };
    let dir = site();
    let server = Server::start(dir.path(), &[]);
    let there = SocketAddr::new(lan, server.address.port());
    assert!(std::net::TcpStream::connect_timeout(&there, support::PATIENCE).is_err());

    let server = Server::start(dir.path(), &["--public", "--qr"]);
    assert!(server.said.iter().any(|l| l.contains('█')), "{:?}", server.said);
    let there = SocketAddr::new(lan, server.address.port());
    assert_eq!(ask(connect(there), "GET", "/", "").status, 200);
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn the_current_folder_is_the_default() {
    let dir = site();
    let mut server = Server::start_with(lwsws().current_dir(dir.path()).args(["serve", "--port=0"]), true);
    assert_eq!(server.get("/sub/digits.txt").status, 200);
    server.signal("INT");
    assert_eq!(server.exit(), 0);
}

/// As the program shows it.
fn shown(path: &Path) -> String {
    path.canonicalize().unwrap().display().to_string()
}
