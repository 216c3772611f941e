//! Cookies between requests (CLI-07), and forms.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, Origin, Then, ok};
use lws_client::{Cause, Client, Error, Form, Jar, Request, Url};
use std::io::Write;

fn url(origin: &Origin, path: &str) -> Url {
    Url::parse(&origin.url(path)).unwrap()
}

#[test]
fn cli_07_cookies_come_back_where_they_belong() {
    let origin = Origin::new(|seen| {
        match seen.line() {
        "GET /login HTTP/1.1" => (
            b"HTTP/1.1 302 X\r\nSet-Cookie: id=1; Path=/\r\nSet-Cookie: s=2; Secure\r\nSet-Cookie: d=3; Path=/deep\r\n\
              Set-Cookie: x=4; Domain=other.example\r\nLocation: /deep/x\r\nContent-Length: 0\r\n\r\n"
                .to_vec(),
            Then::Stay,
        ),
        _ => (ok("x"), Then::Stay),
    }
    });
    let mut own = Loop::with(Client::new().cookies(Jar::new()));
    own.get(&origin.url("/login")).text();
    own.get(&origin.url("/other")).text();
    // Another name for the same server is another host.
    own.get(&origin.url("/other").replace("127.0.0.1", "localhost")).text();
    own.fetch(Request::get(url(&origin, "/own")).field("Cookie", "mine=1").unwrap()).text();
    let sent: Vec<_> = origin
        .seen()
        .iter()
        .map(|seen| seen.text.lines().find_map(|l| l.strip_prefix("Cookie: ")).unwrap_or("").to_string())
        .collect();
    assert_eq!(sent, ["", "d=3; id=1", "id=1", "", "mine=1"]);
    assert_eq!(own.client(|client, _| client.jar().unwrap().len()), 2);
    // Without a jar there are none.
    let mut own = Loop::new();
    own.get(&origin.url("/login")).text();
    assert!(own.client(|client, _| client.jar().is_none()));
    assert!(!origin.seen().pop().unwrap().has("\r\ncookie"));
}

#[test]
fn cli_01_cookies_of_a_jar_do_not_follow_to_another_origin() {
    let other = Origin::saying(ok("there"));
    // `localhost` and `127.0.0.1` are two hosts.
    let there = other.url("/").replace("127.0.0.1", "localhost");
    let origin = Origin::new(move |_| {
        let head =
            format!("HTTP/1.1 302 X\r\nSet-Cookie: id=1\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n");
        (head.into_bytes(), Then::Stay)
    });
    let mut own = Loop::with(Client::new().cookies(Jar::new()));
    own.get(&origin.url("/")).text();
    own.get(&origin.url("/")).text();
    assert!(origin.seen()[1].has("\r\ncookie: id=1\r\n"));
    assert!(other.seen().iter().all(|seen| !seen.has("\r\ncookie")));
}

#[test]
fn forms_of_both_kinds() {
    let origin = Origin::saying(ok("x"));
    let mut own = Loop::new();
    let form = || Form::new().field("a", "1 2").field("b", "&");
    own.fetch(Request::form(url(&origin, "/"), form()).unwrap()).text();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a \"b\".txt");
    let content = "0123456789".repeat(30_000);
    std::fs::write(&path, &content).unwrap();
    let upload = form().file("up", &path).bytes("mem", "m.bin", "image/x", b"\0\r\n--".to_vec());
    own.fetch(Request::form(url(&origin, "/"), upload).unwrap()).text();
    own.fetch(Request::form(url(&origin, "/"), form().multipart()).unwrap()).text();
    let seen = origin.seen();
    assert!(seen[0].has("\r\ncontent-type: application/x-www-form-urlencoded\r\n"));
    assert!(seen[0].text.ends_with("\r\n\r\na=1+2&b=%26") && seen[0].has("content-length: 11\r\n"));
    let boundary =
        seen[1].text.split("multipart/form-data; boundary=").nth(1).unwrap().lines().next().unwrap();
    let body = seen[1].text.split_once("\r\n\r\n").unwrap().1;
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1 2\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n&\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"up\"; filename=\"a %22b%22.txt\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{content}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"mem\"; filename=\"m.bin\"\r\n\
         Content-Type: image/x\r\n\r\n\0\r\n--\r\n--{boundary}--\r\n"
    );
    assert!(body == expected);
    assert!(seen[1].has(&format!("content-length: {}\r\n", expected.len())));
    assert!(seen[2].has("multipart/form-data") && !seen[2].has(boundary), "each has its own");
}

/// The length was promised: what is written meanwhile does not follow, what is cut off fails.
#[test]
fn a_file_that_changes_while_it_is_sent() {
    let origin = Origin::saying(ok("x"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    std::fs::write(&path, "12345").unwrap();
    let grown = Request::form(url(&origin, "/"), Form::new().file("f", &path)).unwrap();
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"678").unwrap();
    let mut own = Loop::new();
    own.fetch(grown).text();
    assert!(origin.seen()[0].has("\r\n\r\n12345\r\n--"));
    let cut = Request::form(url(&origin, "/"), Form::new().file("f", &path)).unwrap();
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(2).unwrap();
    assert!(matches!(own.fetch(cut).error(), Error::Http(f) if f.cause == Cause::Source));
}
