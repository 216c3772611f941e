//! Response heads, as a client reads them.

mod common;

use common::{SeenResponse, response};
use lws_h1::{Error, Framing, Limit, Peer};
use lws_head::{Method, Version};

#[track_caller]
fn accept(method: Method, input: &str) -> SeenResponse {
    match response(method, input.as_bytes()) {
        Ok(Some(seen)) => seen,
        other => panic!("{other:?} for {input:?}"),
    }
}

#[track_caller]
fn refuse(input: &str, error: impl Into<Error>) {
    assert_eq!(response(Method::Get, input.as_bytes()), Err(error.into()), "{input:?}");
}

#[test]
fn a_response_says_what_it_says() {
    let seen = accept(Method::Get, "HTTP/1.1 404 Not \u{e9} Found\r\nA: b\r\nContent-Length: 3\r\n\r\nxyz");
    assert_eq!((seen.status, seen.version), (404, Version::Http11));
    assert_eq!(seen.reason, "Not \u{e9} Found".as_bytes());
    assert_eq!(seen.fields[0], ("A".to_owned(), b"b".to_vec()));
    assert_eq!((seen.framing, seen.keep_alive), (Framing::Length(3), true));
    for (line, reason) in [("HTTP/1.1 200 ", ""), ("HTTP/1.1 200", ""), ("HTTP/1.0 200  x", " x")] {
        assert_eq!(accept(Method::Get, &format!("{line}\r\n\r\n")).reason, reason.as_bytes());
    }
}

#[test]
fn status_lines() {
    for line in [
        "",
        "HTTP/1.1",
        "HTTP/1.1 ",
        "HTTP/1.1 20",
        "HTTP/1.1 2000",
        "HTTP/1.1 20x OK",
        "HTTP/1.1 099 OK",
        "HTTP/1.1  200 OK",
        "HTTP/1.1\t200 OK",
        "HTTP/1.1 200\tOK",
        "http/1.1 200 OK",
        " HTTP/1.1 200 OK",
        "HTTP/1.10 200 OK",
        "ICY 200 OK",
        "HTTP/1.1 +20 OK",
        "HTTP/1.1 200OK",
    ] {
        refuse(&format!("{line}\r\n\r\n"), Peer::StatusLine);
    }
    for line in ["HTTP/2.0 200 OK", "HTTP/0.9 200 OK", "HTTP/1.2 200 OK"] {
        refuse(&format!("{line}\r\n\r\n"), Peer::Version);
    }
    refuse("HTTP/1.1 200 O\x01K\r\n\r\n", Peer::Control);
    refuse("HTTP/1.1 200 OK\n\n", Peer::LineEnd);
    // RFC 9112 §2.2 forgives an empty line in front of a request, not of a response.
    refuse("\r\nHTTP/1.1 200 OK\r\n\r\n", Peer::StatusLine);
    assert_eq!(accept(Method::Get, "HTTP/1.1 999 Odd\r\n\r\n").status, 999);
}

/// RFC 9112 §6.3, in its order.
#[test]
fn framing_follows_the_request_and_the_status() {
    use Framing::{Chunked, Length, None, UntilClose};
    let cl = "Content-Length: 5\r\n";
    let te = "Transfer-Encoding: chunked\r\n";
    for (method, status, fields, framing) in [
        (Method::Head, 200, cl, None),
        (Method::Head, 200, te, None),
        (Method::Head, 200, "", None),
        (Method::Get, 100, "", None),
        (Method::Get, 101, "", None),
        (Method::Get, 103, cl, None),
        (Method::Get, 204, cl, None),
        (Method::Get, 204, te, None),
        (Method::Get, 304, cl, None),
        (Method::Connect, 200, cl, None),
        (Method::Connect, 299, te, None),
        (Method::Connect, 407, cl, Length(5)),
        (Method::Get, 200, te, Chunked),
        (Method::Post, 500, te, Chunked),
        (Method::Get, 200, cl, Length(5)),
        (Method::Get, 205, "Content-Length: 0\r\n", Length(0)),
        (Method::Get, 200, "", UntilClose),
        (Method::Connect, 404, "", UntilClose),
    ] {
        let seen = accept(method, &format!("HTTP/1.1 {status} x\r\n{fields}\r\n"));
        assert_eq!(seen.framing, framing, "{method} {status} {fields}");
        assert_eq!(seen.keep_alive, framing != UntilClose);
    }
}

#[test]
fn cli_03_ambiguous_responses() {
    for (fields, error) in [
        ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", Peer::TwoFramings),
        ("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", Peer::TwoFramings),
        ("Content-Length: 3\r\nContent-Length: 3\r\n", Peer::ContentLength),
        ("Content-Length: 3\r\nContent-Length: 4\r\n", Peer::ContentLength),
        ("Content-Length: +3\r\n", Peer::ContentLength),
        ("Content-Length: -3\r\n", Peer::ContentLength),
        ("Content-Length: 0x3\r\n", Peer::ContentLength),
        ("Content-Length: 9223372036854775808\r\n", Peer::ContentLength),
        ("Content-Length:\r\n", Peer::ContentLength),
        ("Transfer-Encoding: gzip, chunked\r\n", Peer::TransferEncoding),
        ("Transfer-Encoding: xchunked\r\n", Peer::TransferEncoding),
        ("Transfer-Encoding: identity\r\n", Peer::TransferEncoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Peer::TransferEncoding),
        ("X : y\r\n", Peer::FieldLine),
        ("X: y\r\n z\r\n", Peer::Fold),
    ] {
        refuse(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n"), error);
        refuse(&format!("HTTP/1.1 204 OK\r\n{fields}\r\n"), error);
    }
    refuse("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Peer::TransferEncoding);
}

#[test]
fn requests_fields_mean_nothing_in_a_response() {
    let seen = accept(
        Method::Get,
        "HTTP/1.1 200 OK\r\nHost: a\r\nHost: b\r\nExpect: x\r\nContent-Length: 0\r\n\r\n",
    );
    assert_eq!(seen.fields.len(), 4);
}

#[test]
fn connections_persist_or_not() {
    for (version, connection, keep) in [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.0", "", false),
        ("1.0", "Connection: keep-alive\r\n", true),
    ] {
        let seen =
            accept(Method::Get, &format!("HTTP/{version} 200 OK\r\n{connection}Content-Length: 0\r\n\r\n"));
        assert_eq!(seen.keep_alive, keep, "{version} {connection}");
    }
}

#[test]
fn heads_are_bounded() {
    refuse(&format!("HTTP/1.1 200 {}", "x".repeat(9_000)), Limit::StartLine);
    refuse(&format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(20_000)), Limit::Head);
    refuse(&format!("HTTP/1.1 200 OK\r\n{}", "a:b\r\n".repeat(101)), Limit::Fields);
}
