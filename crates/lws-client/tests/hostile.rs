//! Servers that want to confuse (CLI-03, CLI-04, CLI-05).

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, Origin, Then, ok};
use lws_client::{Error, FieldError, Request, Url};
use lws_head::Method;

/// What this answer is taken for.
fn cause(answer: &[u8]) -> String {
    let answer = answer.to_vec();
    let origin = Origin::new(move |_| (answer.clone(), Then::Close));
    match Loop::new().get(&origin.url("/")).error() {
        Error::Http(failure) => failure.to_string(),
        other => panic!("{other}"),
    }
}

#[test]
fn cli_03_answers_that_two_would_read_differently() {
    for (answer, why) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
            "both Content-Length",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", "Content-Length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx", "Content-Length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx", "Content-Length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx", "Content-Length"),
        ("HTTP/1.1 204 No\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "both Content-Length"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding"),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding"),
        ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "malformed field line"),
        ("HTTP/1.1 200 OK\r\n A: b\r\n\r\n", "folded"),
        ("HTTP/1.1 200 OK\nA: b\n\n", "CRLF"),
        ("HTTP/1.1 2000 OK\r\n\r\n", "status line"),
        ("HTTP/2.0 200 OK\r\n\r\n", "unsupported version"),
        ("hello\r\n", "status line"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "chunk size"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n", "chunk size"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n", "CRLF"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: x\r\n\r\n", "trailer"),
        ("HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "switched protocols unasked"),
        ("", "the peer finished"),
        ("HTTP/1.1 200 OK\r\n", "the peer finished"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", "the peer finished"),
    ] {
        let said = cause(answer.as_bytes());
        assert!(said.contains(why), "{answer:?}: {said}");
    }
}

#[test]
fn cli_03_interim_responses_without_end() {
    let interim = b"HTTP/1.1 100 Continue\r\n\r\n".to_vec();
    let some = [interim.repeat(10), ok("x")].concat();
    let origin = Origin::saying(some);
    assert_eq!(Loop::new().get(&origin.url("/")).text(), "x");
    assert_eq!(cause(&interim.repeat(11)), "too many interim responses");
    assert_eq!(cause(&interim.repeat(10_000)), "too many interim responses");
}

/// Bytes that answer nothing end the connection, and are nobody's answer.
#[test]
fn cli_03_surplus_bytes() {
    let poison = ok("poison");
    for answer in [
        [ok("fine"), poison.clone()].concat(),
        [ok("fine"), b"x".to_vec()].concat(),
        [b"HTTP/1.1 204 No\r\n\r\n".to_vec(), poison.clone()].concat(),
        [b"HTTP/1.1 304 Same\r\nContent-Length: 100\r\n\r\n".to_vec(), poison.clone()].concat(),
    ] {
        let first = answer.clone();
        let origin = Origin::new(move |seen| match seen.conn {
            0 => (first.clone(), Then::Stay),
            _ => (ok("second"), Then::Stay),
        });
        let mut own = Loop::new();
        let got = own.get(&origin.url("/"));
        assert!(got.results == [Ok(())] && got.body != b"poison");
        assert_eq!(own.get(&origin.url("/")).text(), "second", "{}", answer.escape_ascii());
    }
    // A HEAD has no body, whatever is sent.
    let origin = Origin::new(|seen| match seen.conn {
        0 => (ok("body of HEAD"), Then::Stay),
        _ => (ok("second"), Then::Stay),
    });
    let mut own = Loop::new();
    let got = own.fetch(Request::new(Method::Head, Url::parse(&origin.url("/")).unwrap()));
    assert_eq!((got.status, got.text()), (200, ""));
    assert_eq!(own.get(&origin.url("/")).text(), "second");
}

/// What a server says on an idle connection is not the answer to the next request.
#[test]
fn cli_03_an_answer_before_the_request() {
    let origin = Origin::new(|seen| match (seen.conn, seen.line()) {
        (0, _) => (ok("first"), Then::Stay),
        _ => (ok("second"), Then::Stay),
    });
    let mut own = Loop::new();
    assert_eq!(own.get(&origin.url("/")).text(), "first");
    assert_eq!(own.client(|client, _| client.idle()), 1);
    drop(origin);

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        let mut stream = listener.accept().unwrap().0;
        let mut some = [0; 1000];
        assert!(stream.read(&mut some).unwrap() > 0);
        stream.write_all(&ok("first")).unwrap();
        told.recv().unwrap();
        stream.write_all(&ok("unasked")).unwrap();
        // The connection is closed, not used.
        assert!(matches!(stream.read(&mut some), Ok(0) | Err(_)));
        let mut next = listener.accept().unwrap().0;
        assert!(next.read(&mut some).unwrap() > 0);
        next.write_all(&ok("second")).unwrap();
        // Until the client is gone.
        let _ = next.read(&mut some);
    });
    assert_eq!(own.get(&url).text(), "first");
    let before = own.client(|client, _| client.idle());
    tell.send(()).unwrap();
    let began = std::time::Instant::now();
    while own.client(|client, _| client.idle()) == before && began.elapsed() < common::PATIENCE {
        own.settle();
    }
    assert_eq!(own.get(&url).text(), "second");
}

#[test]
fn cli_04_heads_without_end() {
    let mut endless = b"HTTP/1.1 200 OK\r\n".to_vec();
    endless.extend(b"X: y\r\n".repeat(101));
    assert!(cause(&endless).contains("too many fields"));
    let mut long = b"HTTP/1.1 200 OK\r\nX: ".to_vec();
    long.extend([b'y'; 70_000]);
    assert!(cause(&long).contains("too long"));
    let mut fits = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: ".to_vec();
    fits.extend([b'y'; 60_000]);
    fits.extend(b"\r\n\r\nz");
    assert_eq!(Loop::new().get(&Origin::saying(fits).url("/")).text(), "z");
}

#[test]
fn cli_05_fields_that_must_not_be_sent() {
    let request = || Request::get(Url::parse("http://a/").unwrap());
    for (name, value, why) in [
        ("", "x", FieldError::Name),
        ("a b", "x", FieldError::Name),
        ("a:", "x", FieldError::Name),
        ("a\r\nb", "x", FieldError::Name),
        ("a", "x\r\nb: c", FieldError::Value),
        ("a", "x\nb", FieldError::Value),
        ("a", "x\0", FieldError::Value),
        ("Host", "x", FieldError::Reserved),
        ("Content-Length", "1", FieldError::Reserved),
        ("transfer-encoding", "chunked", FieldError::Reserved),
        ("Upgrade", "x", FieldError::Reserved),
        ("Connection", "x", FieldError::Reserved),
        ("Sec-WebSocket-Key", "x", FieldError::Reserved),
        ("x", &"y".repeat(40_000), FieldError::TooMany),
    ] {
        assert_eq!(request().field(name, value).unwrap_err(), why, "{name:?}");
    }
}

/// The next request after this answer is answered on a connection of its own, and by nothing that came before.
fn check_next(answer: Vec<u8>) {
    let origin = Origin::new(move |seen| match seen.conn {
        0 => ([answer.clone(), ok("poison")].concat(), Then::Stay),
        _ => (ok("second"), Then::Stay),
    });
    let mut own = Loop::new();
    assert!(own.get(&origin.url("/")).results[0].is_err());
    assert_eq!(own.get(&origin.url("/")).text(), "second");
}

/// H1-03, on responses.
#[test]
fn h1_03_content_length_of_responses() {
    let zeros = "0".repeat(64);
    for value in [
        "+3",
        "-3",
        "0x3",
        "0_3",
        "",
        "3 3",
        "3x",
        "9223372036854775808",
        "18446744073709551617",
        &format!("{zeros}3"),
        "3, 3",
        "3,4",
        "\"3\"",
        "3.0",
        "three",
        "\u{a0}3",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {value}\r\n\r\nabc");
        let said = cause(answer.as_bytes());
        assert!(said.contains("Content-Length"), "{value:?}: {said}");
        check_next(answer.into_bytes());
    }
    for twice in ["Content-Length: 3\r\nContent-Length: 3", "Content-Length: 3\r\nContent-Length: 4"] {
        let answer = format!("HTTP/1.1 200 OK\r\n{twice}\r\n\r\nabc");
        assert!(cause(answer.as_bytes()).contains("Content-Length"), "{twice}");
    }
    // White space around a value is not part of it.
    let origin = Origin::saying("HTTP/1.1 200 OK\r\nContent-Length: \t3 \r\n\r\nabc");
    assert_eq!(Loop::new().get(&origin.url("/")).text(), "abc");
}

/// H1-04, on responses.
#[test]
fn h1_04_transfer_encoding_of_responses() {
    for line in [
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: ,chunked",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chunked;",
        "Transfer-Encoding: \u{a0}chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding:",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Content-Length: 3\r\ntransfer-encoding: CHUNKED",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        let said = cause(answer.as_bytes());
        assert!(said.contains("Transfer-Encoding"), "{line:?}: {said}");
        check_next(answer.into_bytes());
    }
    for line in
        ["Transfer-Encoding: \x0bchunked", "Transfer-Encoding : chunked", "Transfer-Encoding:\r\n chunked"]
    {
        let answer = format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        cause(answer.as_bytes());
        check_next(answer.into_bytes());
    }
    assert!(
        cause(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            .contains("Transfer-Encoding")
    );
    let origin = Origin::saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    assert_eq!(Loop::new().get(&origin.url("/")).text(), "abc");
}

/// H1-09, on responses; and what follows a chunk, H1-10.
#[test]
fn h1_09_chunk_sizes_of_responses() {
    for size in [
        "+3",
        "-3",
        "0x3",
        " 3",
        "3 ",
        "",
        "3g",
        "10000000000000003",
        "ffffffffffffffff",
        "3;a\rb",
        "\u{a0}3",
    ] {
        let answer =
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\nabc\r\n0\r\n\r\n");
        let said = cause(answer.as_bytes());
        assert!(!said.contains("finished"), "{size:?}: {said}");
        check_next(answer.into_bytes());
    }
    for body in [
        "3\nabc\r\n0\r\n\r\n",
        "3;a\nabc\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "3\r\nabcXX0\r\n\r\n",
        "3\r\nabc\r\n0\r\nA: b\n\r\n",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        assert!(!cause(answer.as_bytes()).contains("finished"), "{body:?}");
    }
}

/// H1-11, on responses: next to nothing in a million chunks.
#[test]
fn h1_11_chunk_overhead_of_responses() {
    let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    answer.extend(b"1\r\nx\r\n".repeat(200_000));
    answer.extend(b"0\r\n\r\n");
    assert!(!cause(&answer).contains("finished"));
}

/// CLI-04: a head comes whole, or not at all, however slowly.
#[test]
fn cli_04_a_head_that_never_ends() {
    let addr = common::scripted(|_, mut stream| {
        common::read_head(&mut stream);
        let line = b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n";
        let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 200 OK\r\n");
        while std::io::Write::write_all(&mut stream, line).is_ok() {}
    });
    let mut own = Loop::new();
    let got = own.get(&format!("http://{addr}/"));
    assert!(matches!(got.error(), Error::Http(_)));
    assert!(own.service.world().hub.metrics.rx_bytes < 1_000_000);
}

/// CLI-02: what else a `Location` may hold.
#[test]
fn cli_02_locations_with_control_characters() {
    for location in
        ["/a\tb", "/a\0b", "/\u{e9}", "/a b", "//", "http://", "http:a", "http://a:0/", "https://a:99999/"]
    {
        let origin = Origin::saying(common::found(302, location));
        let error = Loop::new().get(&origin.url("/")).error();
        assert!(matches!(error, Error::Redirect(_) | Error::Http(_)), "{location:?}: {error}");
        assert_eq!(origin.seen().len(), 1);
    }
}
