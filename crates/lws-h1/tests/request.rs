//! Request heads: what is refused, what is accepted and what it means. Test names are threat-table rows.

mod common;

use common::{accept, refuse, request, request_in};
use lws_h1::limits::{FIELDS_MAX, HEAD_MAX, START_LINE_MAX};
use lws_h1::{Error, Framing, HeadIndex, Limit, Limits, Peer, RequestParser};
use lws_head::{Method, Version};

/// A POST with these field lines (each with its CRLF) behind a good Host.
fn post(lines: &str) -> String {
    format!("POST /x HTTP/1.1\r\nHost: a\r\n{lines}\r\n")
}

#[test]
fn a_request_says_what_it_says() {
    let seen = accept(
        "GET /a%20b/?q=1&r?s HTTP/1.1\r\nHost: Example.com:8080\r\nX-Empty:\r\nAccept:\t */* \t\r\nbin: \x7e\u{e9}\r\n\r\nGET /next",
    );
    assert_eq!((seen.method, seen.version), (Method::Get, Version::Http11));
    assert_eq!((seen.path.as_str(), seen.query.as_deref()), ("/a%20b/", Some("q=1&r?s")));
    assert_eq!(seen.target, "/a%20b/?q=1&r?s");
    assert_eq!((seen.authority.as_deref(), seen.scheme), (Some("Example.com:8080"), None));
    let fields: Vec<_> = seen.fields.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
    let bin = &b"\x7e\xc3\xa9"[..];
    assert_eq!(
        fields,
        [("Host", &b"Example.com:8080"[..]), ("X-Empty", b""), ("Accept", b"*/*"), ("bin", bin)]
    );
    assert_eq!(
        (seen.framing, seen.keep_alive, seen.expect_continue, seen.upgrade),
        (Framing::None, true, false, false)
    );
}

#[test]
fn a_repeated_head_is_the_same_bytes() {
    let head = b"\r\nGET /a HTTP/1.1\r\nHost: b\r\n\r\n";
    let (mut parser, mut index) = (RequestParser::new(), HeadIndex::new());
    let request = parser.parse(head, &mut index, &Limits::default()).unwrap().unwrap();
    assert!(request.is_repeated_in(head) && request.is_repeated_in(&head.repeat(2)));
    for len in 0..head.len() {
        assert!(!request.is_repeated_in(&head[..len]), "{len} bytes of it");
        let mut other = head.to_vec();
        other[len] ^= 0x20;
        assert!(!request.is_repeated_in(&other), "another byte at {len}");
    }
}

#[test]
fn pipelined_heads_come_one_by_one() {
    let input = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HT";
    let (mut parser, mut index) = (RequestParser::new(), HeadIndex::new());
    let (mut at, mut paths) = (0, vec![]);
    while let Some(r) = parser.parse(&input.as_bytes()[at..], &mut index, &Limits::default()).unwrap() {
        paths.push(r.head.path.to_owned());
        at += r.len;
        assert!(parser.is_idle());
    }
    assert_eq!(paths, ["/1", "/2"]);
    assert_eq!(&input[at..], "GET /3 HT");
    assert!(!parser.is_idle());
}

#[test]
fn h1_01_cl_and_te() {
    for lines in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "transfer-ENCODING: Chunked\r\ncontent-LENGTH: 0\r\n",
        "Content-Length: 3\r\nX: y\r\nTransfer-Encoding:chunked\r\n",
    ] {
        refuse(post(lines), Peer::TwoFramings);
    }
}

#[test]
fn h1_02_repeated_content_length() {
    for lines in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nX: y\r\ncontent-length: 3\r\n",
        "Content-Length: 3, 3\r\n",
        "Content-Length: 3,4\r\n",
        "Content-Length: 3,\r\n",
    ] {
        refuse(post(lines), Peer::ContentLength);
    }
}

#[test]
fn h1_03_content_length_syntax() {
    let zeros = "0".repeat(64) + "3";
    for value in [
        "+3",
        "-3",
        "0x3",
        "0_3",
        "",
        "3 3",
        "3x",
        "9223372036854775808",
        "18446744073709551619",
        &zeros,
        "3.0",
        "\"3\"",
        "1e3",
        "٣",
        "99999999999999999999",
    ] {
        refuse(post(&format!("Content-Length: {value}\r\n")), Peer::ContentLength);
    }
    for (value, length) in
        [("0", 0), ("3", 3), ("003", 3), ("\t42 ", 42), ("9223372036854775807", i64::MAX as u64)]
    {
        let seen = accept(post(&format!("Content-Length: {value}\r\n")));
        assert_eq!(seen.framing, Framing::Length(length));
    }
}

#[test]
fn h1_04_transfer_encoding() {
    for value in [
        &b"xchunked"[..],
        b"chunked, identity",
        b"gzip, chunked",
        b"chunked, chunked",
        b",chunked",
        b"chunked,",
        b"\"chunked\"",
        b"chunked;",
        b"chunked;q=1",
        b"'chunked'",
        b"chunk ed",
        b"\xa0chunked",
        b"chunked\xa0",
        b"identity",
        b"",
        b"gzip",
    ] {
        refuse(
            [b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ", value, b"\r\n\r\n"].concat(),
            Peer::TransferEncoding,
        );
    }
    refuse(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), Peer::TransferEncoding);
    refuse(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), Peer::TransferEncoding);
    refuse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Peer::TransferEncoding);
    refuse(post("Transfer-Encoding: \x0bchunked\r\n"), Peer::Control);
    refuse(post("Transfer-Encoding:\r\n chunked\r\n"), Peer::Fold);
    refuse(post("Transfer-Encoding : chunked\r\n"), Peer::FieldLine);
    for value in ["chunked", "CHUNKED", "\tchunked  "] {
        assert_eq!(accept(post(&format!("transfer-encoding:{value}\r\n"))).framing, Framing::Chunked);
    }
}

#[test]
fn h1_05_white_space_before_the_colon() {
    for line in [&b"Content-Length : 3"[..], b"Transfer-Encoding\t: chunked", b"X\xa0: 3", b"X \t: 3"] {
        refuse([b"POST / HTTP/1.1\r\nHost: a\r\n", line, b"\r\n\r\n"].concat(), Peer::FieldLine);
    }
}

#[test]
fn h1_06_folded_lines() {
    for lines in
        ["X: 1\r\n 2\r\n", "X: 1\r\n\t2\r\n", "X:\r\n 2\r\n", "X: 1\r\n \r\n", "Content-Length: 1\r\n 2\r\n"]
    {
        refuse(post(lines), Peer::Fold);
    }
    refuse("GET / HTTP/1.1\r\n Host: a\r\n\r\n", Peer::Fold);
    refuse("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", Peer::Fold);
}

#[test]
fn h1_07_line_ends_and_control_characters() {
    for (input, error) in [
        ("GET / HTTP/1.1\nHost: a\r\n\r\n", Peer::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", Peer::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", Peer::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", Peer::LineEnd),
        ("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Peer::LineEnd),
        ("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", Peer::LineEnd),
        ("GET / HTTP/1.1\rHost: a\r\n\r\n", Peer::LineEnd),
        ("GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", Peer::LineEnd),
        ("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", Peer::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", Peer::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", Peer::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\r\n", Peer::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", Peer::Control),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n", Peer::Control),
        ("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", Peer::Control),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", Peer::Control),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n", Peer::Control),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \x0c\r\n\r\n", Peer::Control),
        ("\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03", Peer::Control),
    ] {
        refuse(input, error);
    }
}

#[test]
fn h1_07_faults_are_told_at_once() {
    for (input, error) in [
        ("GET / HTTP/1.1\nX", Peer::LineEnd.into()),
        ("\x16\x03", Peer::Control.into()),
        ("G\0", Peer::Control.into()),
        ("GET /\r\n", Peer::RequestLine.into()),
        ("SSH-2.0-OpenSSH\r\n", Peer::RequestLine.into()),
        ("PRI * HTTP/2.0\r\n", Peer::Version.into()),
        ("GET / HTTP/1.1\r\nno colon\r\n", Peer::FieldLine.into()),
        ("GET / HTTP/1.1\r\nX: 1\r\n y\r\n", Peer::Fold.into()),
        ("\r\n\r\n", Error::Peer(Peer::RequestLine)),
    ] {
        refuse(input, error);
    }
}

#[test]
fn h1_08_field_names() {
    for line in [
        &b": x"[..],
        b"foo",
        b"X A: b",
        b"\xef\xbb\xbfX: y",
        b"X\xe9: y",
        b"(X): y",
        b"X[]: y",
        b"\"X\": y",
        b"X;a: y",
        b"X/Y: z",
        b"GET / HTTP/1.1",
    ] {
        refuse([b"GET / HTTP/1.1\r\nHost: a\r\n", line, b"\r\n\r\n"].concat(), Peer::FieldLine);
    }
    let seen =
        accept("GET / HTTP/1.1\r\nHost: a\r\nX_Forwarded_For: b\r\n!#$%&'*+-.^_`|~09: c\r\nX::y\r\n\r\n");
    assert_eq!(seen.fields[1].0, "X_Forwarded_For");
    assert_eq!(seen.fields[2].0, "!#$%&'*+-.^_`|~09");
    assert_eq!(seen.fields[3], ("X".to_owned(), b":y".to_vec()));
}

#[test]
fn h1_13_host() {
    for lines in [
        "",
        "X: y\r\n",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nhost: b\r\n",
        "Host: a b\r\n",
        "Host: a/../b\r\n",
        "Host: a@b\r\n",
        "Host: a:99999\r\n",
        "Host: a, b\r\n",
        "Host:\r\n",
        "Host: \u{e9}\r\n",
        "Host: http://a\r\n",
    ] {
        refuse(format!("GET / HTTP/1.1\r\n{lines}\r\n"), Peer::Host);
    }
    refuse("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", Peer::Host);
    refuse("GET / HTTP/1.0\r\nHost: a b\r\n\r\n", Peer::Host);
    assert_eq!(accept("GET / HTTP/1.0\r\n\r\n").authority, None);
    assert_eq!(accept("GET / HTTP/1.0\r\nHost: a\r\n\r\n").authority.as_deref(), Some("a"));
    assert_eq!(accept("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").authority.as_deref(), Some("[::1]:80"));
}

#[test]
fn h1_13_target_and_host_agree() {
    for (target, host, ok) in [
        ("http://evil/", "a", false),
        ("http://a/", "a", true),
        ("http://A/", "a:80", true),
        ("http://a:80/", "a", true),
        ("https://a/", "a:443", true),
        ("https://a/", "a:80", false),
        ("http://a:81/", "a", false),
        ("http://u@a/", "a", false),
        ("http:///x", "a", false),
        ("http://a:99999/", "a", false),
    ] {
        let input = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        match ok {
            true => assert_eq!(accept(&input).path, "/"),
            false => refuse(&input, Peer::Host),
        }
    }
    refuse("GET http://a/ HTTP/1.1\r\n\r\n", Peer::Host);
    assert_eq!(accept("GET http://a/ HTTP/1.0\r\n\r\n").authority.as_deref(), Some("a"));
}

#[test]
fn h1_14_request_line() {
    for line in [
        "GET\t/ HTTP/1.1",
        "GET /\tHTTP/1.1",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        " GET / HTTP/1.1",
        "GET / HTTP/1.1 ",
        "GET / HTTP/1.10",
        "GET / HTTP/01.1",
        "GET / http/1.1",
        "GET / HTTP/1",
        "GET / HTTP/1.1x",
        "GET / HTTP 1.1",
        "GET / ",
        "GET /",
        "GET",
        "G(T / HTTP/1.1",
        "/ HTTP/1.1",
        "G\u{e9}T / HTTP/1.1",
        "GET / a HTTP/1.1",
        "not GET",
        "GET HTTP/1.0",
    ] {
        refuse(format!("{line}\r\nHost: a\r\n\r\n"), Peer::RequestLine);
    }
    for version in ["HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3.0", "HTTP/9.9"] {
        refuse(format!("GET / {version}\r\nHost: a\r\n\r\n"), Peer::Version);
    }
    for method in ["get", "Get", "GETS", "PROPFIND", "G'T"] {
        refuse(format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"), Peer::Method);
    }
    refuse("G\x01ET / HTTP/1.1\r\nHost: a\r\n\r\n", Peer::Control);
    for (error, code) in [(Peer::RequestLine, 400), (Peer::Version, 505), (Peer::Method, 501)] {
        assert_eq!(Error::from(error).status().code(), code);
    }
}

#[test]
fn h1_15_target_forms() {
    let head = |method, target, host| format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    for (method, target, host, path, query) in [
        ("OPTIONS", "*", "a", "*", None),
        ("OPTIONS", "/", "a", "/", None),
        ("OPTIONS", "http://haproxy.org", "haproxy.org", "*", None),
        ("OPTIONS", "http://haproxy.org?", "haproxy.org", "/", Some("")),
        ("OPTIONS", "http://haproxy.org/", "haproxy.org", "/", None),
        ("CONNECT", "haproxy.org:80", "haproxy.org", "", None),
        ("CONNECT", "haproxy.org:80", "haproxy.org:80", "", None),
        ("CONNECT", "[::1]:443", "[::1]:443", "", None),
        ("GET", "/", "haproxy.org", "/", None),
        ("GET", "/?", "a", "/", Some("")),
        ("GET", "//b/c", "a", "//b/c", None),
        ("GET", "/http://b/", "a", "/http://b/", None),
        ("GET", "/*", "a", "/*", None),
        ("GET", "http://a", "a", "/", None),
        ("GET", "HTTPS://a?x=http://b/", "a", "/", Some("x=http://b/")),
        ("GET", "/a[b]{c}|\"<>^`\\", "a", "/a[b]{c}|\"<>^`\\", None),
    ] {
        let seen = accept(head(method, target, host));
        assert_eq!((seen.path.as_str(), seen.query.as_deref()), (path, query), "{method} {target}");
        assert_eq!(seen.target, target);
    }
    for (method, target, host) in [
        ("OPTIONS", "*/test", "a"),
        ("OPTIONS", "*?x", "a"),
        ("GET", "*", "a"),
        ("CONNECT", "haproxy.org", "haproxy.org"),
        ("CONNECT", "haproxy.org:", "haproxy.org"),
        ("CONNECT", "/", "a"),
        ("CONNECT", "*", "a"),
        ("CONNECT", "http://haproxy.org:80", "haproxy.org"),
        ("CONNECT", "u@a:80", "a"),
        ("GET", "haproxy.org:80", "haproxy.org"),
        ("GET", "admin", "a"),
        ("GET", "admin/a/b", "a"),
        ("GET", "ftp://a/", "a"),
        ("GET", "://a/", "a"),
        ("GET", "/a#b", "a"),
        ("GET", "http://a/#b", "a"),
        ("GET", "/caf\u{e9}", "a"),
        ("GET", "%2f%2e%2e%2f%2e./xxtest.html?arg=1", "a"),
        ("GET", "nope", "a"),
    ] {
        refuse(head(method, target, host), Peer::Target);
    }
    refuse(head("CONNECT", "a:80", "b"), Peer::Host);
    refuse(head("CONNECT", "a:80", "a:81"), Peer::Host);
}

#[test]
fn h1_16_leading_empty_lines() {
    assert_eq!(accept("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").path, "/");
    refuse("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Peer::RequestLine);
    // A megabyte of them is refused at the fourth byte: nothing to spin on.
    let flood = "\r\n".repeat(500_000);
    let (mut parser, mut index) = (RequestParser::new(), HeadIndex::new());
    for end in 0..4 {
        assert!(parser.parse(&flood.as_bytes()[..end], &mut index, &Limits::default()).unwrap().is_none());
    }
    assert!(parser.parse(&flood.as_bytes()[..4], &mut index, &Limits::default()).is_err());
}

#[test]
fn h1_18_expectations() {
    let expect = |version: &str, lines: &str| {
        accept(format!("POST / {version}\r\nHost: a\r\n{lines}\r\n")).expect_continue
    };
    assert!(expect("HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
    assert!(expect("HTTP/1.1", "Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n"));
    assert!(!expect("HTTP/1.1", "Expect: 100-continue\r\n"));
    assert!(!expect("HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 0\r\n"));
    assert!(!expect("HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
    for value in ["foo", "", "100-continue, foo", "100-continue;x", "200-continue"] {
        refuse(post(&format!("Expect: {value}\r\nContent-Length: 3\r\n")), Peer::Expectation);
    }
    assert_eq!(Error::from(Peer::Expectation).status().code(), 417);
    let seen = accept("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 42\r\n\r\n");
    assert_eq!((seen.framing, seen.expect_continue), (Framing::Length(42), true));
}

#[test]
fn h1_19_every_method_has_its_framing() {
    for method in ["GET", "HEAD", "DELETE", "OPTIONS", "POST", "TRACE"] {
        let seen =
            accept(format!("{method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 42\r\n\r\nGET /x HTTP/1.1"));
        assert_eq!(seen.framing, Framing::Length(42));
    }
}

/// A request whose head has exactly `len` bytes.
fn head_of(len: usize) -> String {
    let (start, end) = ("GET / HTTP/1.1\r\nHost: a\r\nX: ", "\r\n\r\n");
    format!("{start}{}{end}", "v".repeat(len - start.len() - end.len()))
}

#[test]
fn h1_20_sizes() {
    assert_eq!(accept(head_of(HEAD_MAX)).len, HEAD_MAX);
    refuse(head_of(HEAD_MAX + 1), Limit::Head);
    refuse(head_of(65_536), Limit::Head);
    let line =
        |len: usize| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "u".repeat(len - "GET / HTTP/1.1".len()));
    accept(line(START_LINE_MAX));
    refuse(line(START_LINE_MAX + 1), Limit::StartLine);
    refuse(format!("GET /{}", "u".repeat(9_000)), Limit::StartLine);
    for (limit, code) in [(Limit::Head, 431), (Limit::Fields, 431), (Limit::StartLine, 414)] {
        assert_eq!(Error::from(limit).status().code(), code);
    }
}

#[test]
fn h1_20_counts() {
    let with = |n: usize| {
        let lines: String = (1..n).map(|i| format!("X-{i}: v\r\n")).collect();
        format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n")
    };
    assert_eq!(accept(with(FIELDS_MAX)).fields.len(), FIELDS_MAX);
    refuse(with(FIELDS_MAX + 1), Limit::Fields);
}

#[test]
fn h1_20_endless_lines_end_early() {
    // However much has come, the answer depends on no byte beyond the limit.
    for (start, most) in [("", START_LINE_MAX + 2), ("GET / HTTP/1.1\r\nX: ", HEAD_MAX)] {
        let input = start.to_owned() + &"x".repeat(100_000);
        let (mut parser, mut index) = (RequestParser::new(), HeadIndex::new());
        let told = (0..)
            .find(|&end| parser.parse(&input.as_bytes()[..end], &mut index, &Limits::default()).is_err());
        assert_eq!(told, Some(most));
        assert!(request_in(input.as_bytes(), &mut [input.len()].into_iter()).is_err());
    }
}

#[test]
fn limits_can_be_tightened() {
    let parse = |input: &str, limits: Limits| {
        let mut index = HeadIndex::new();
        RequestParser::new().parse(input.as_bytes(), &mut index, &limits).map(|r| r.map(|r| r.len))
    };
    let input = "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
    assert_eq!(
        parse(input, Limits::default().start_line(14).head(input.len()).fields(2)),
        Ok(Some(input.len()))
    );
    assert_eq!(parse(input, Limits::default().start_line(13)), Err(Limit::StartLine.into()));
    assert_eq!(parse(input, Limits::default().head(input.len() - 1)), Err(Limit::Head.into()));
    assert_eq!(parse(input, Limits::default().fields(1)), Err(Limit::Fields.into()));
    // Loosened beyond what an index can hold, the ceilings still stand.
    let endless = Limits::default().head(usize::MAX).fields(usize::MAX).start_line(usize::MAX);
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "x:y\r\n".repeat(FIELDS_MAX));
    assert_eq!(parse(&many, endless), Err(Limit::Fields.into()));
    assert_eq!(parse(&head_of(65_535), endless), Ok(Some(65_535)));
    assert_eq!(parse(&head_of(65_536), endless), Err(Limit::Head.into()));
}

#[test]
fn connections_persist_or_not() {
    for (version, connection, keep) in [
        ("HTTP/1.1", "", true),
        ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "Connection: x, CLOSE\r\n", false),
        ("HTTP/1.1", "Connection: x\r\nConnection: close\r\n", false),
        ("HTTP/1.1", "Connection: keep-alive\r\n", true),
        ("HTTP/1.1", "Connection: closed\r\n", true),
        ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
        ("HTTP/1.0", "Connection: keep-alive, close\r\n", false),
    ] {
        let seen = accept(format!("GET / {version}\r\nHost: a\r\n{connection}\r\n"));
        assert_eq!(seen.keep_alive, keep, "{version} {connection}");
    }
}

#[test]
fn h1_23_upgrades_are_asked_for_in_two_places() {
    for (version, lines, upgrade) in [
        ("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", true),
        ("HTTP/1.1", "Upgrade: websocket\r\nConnection: keep-alive, upgrade\r\n", true),
        ("HTTP/1.1", "Upgrade: websocket\r\n", false),
        ("HTTP/1.1", "Connection: Upgrade\r\n", false),
        ("HTTP/1.0", "Connection: Upgrade\r\nUpgrade: websocket\r\n", false),
    ] {
        let seen = accept(format!("GET / {version}\r\nHost: a\r\n{lines}\r\n"));
        assert_eq!(seen.upgrade, upgrade, "{version} {lines}");
    }
}

#[test]
fn unfinished_heads_ask_for_more() {
    let whole = "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
    for end in 0..whole.len() {
        assert_eq!(request(&whole.as_bytes()[..end]), Ok(None), "{end}");
    }
    assert_eq!(accept(whole).len, whole.len());
}
