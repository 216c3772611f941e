//! Heads: H2-12 to H2-15, and what handlers get to see.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::*;
use lws_h2::Code;

/// The request must be taken, and look like this.
fn good(fields: &[(&str, &str)], want: &str) -> Vec<(String, String)> {
    let told = Host::server().feed(&headers(WHOLE, 1, fields)).unwrap();
    match &told[..] {
        [Told::Request { what, fields, .. }] => {
            assert_eq!(what, want);
            fields.clone()
        }
        other => panic!("{other:?}"),
    }
}

/// The request must cost its stream, and nothing else.
fn bad(fields: &[(&str, &str)]) {
    let mut host = Host::server();
    assert_eq!(host.break_stream(1, &headers(WHOLE, 1, fields)), Code::PROTOCOL_ERROR, "{fields:?}");
    assert_eq!(host.feed(&get_with(3, &[])).unwrap().len(), 1, "the connection lives");
}

/// The request must be answered by the codec itself.
fn answered(fields: &[(&str, &str)], status: &str) {
    let mut host = Host::server();
    assert_eq!(host.feed(&headers(END_HEADERS, 1, fields)), Ok(vec![]));
    let sent = host.sent();
    assert_eq!((sent[0].kind, sent[0].flags), (kind::HEADERS, WHOLE));
    let mut decoder = lws_hpack::Decoder::new(lws_hpack::Limits::default());
    let mut seen = String::new();
    let block = &sent[0].payload;
    decoder
        .decode(block, &mut [0; 4096], |f| {
            seen = format!("{}", String::from_utf8_lossy(f.value));
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, status);
    assert_eq!((sent[1].kind, sent[1].code()), (kind::RST_STREAM, Code::NO_ERROR), "no need for the body");
}

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&GET[..], more].concat()
}

/// `GET` with one pseudo-header of another value, or without it.
fn but<'a>(name: &str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    GET.iter()
        .filter_map(|(n, v)| if *n == name { value.map(|value| (*n, value)) } else { Some((*n, *v)) })
        .collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.into(), value.into())
}

#[test]
fn h2_12_content_length_and_data_agree() {
    let post = |length: &str, parts: &[(u8, &[u8])]| {
        let head = [&POST[..], &[("content-length", length)]].concat();
        let mut bytes = headers(END_HEADERS, 1, &head);
        for (flags, payload) in parts {
            bytes.extend(data(*flags, 1, payload));
        }
        bytes
    };
    let told = Host::server().feed(&post("5", &[(0, b"123"), (END_STREAM, b"45")])).unwrap();
    assert!(matches!(told[0], Told::Request { length: Some(5), ends: false, .. }));
    assert!(matches!(told.last(), Some(Told::Data { ends: true, .. })));
    let told = Host::server().feed(&post("0", &[(END_STREAM, b"")])).unwrap();
    assert_eq!(told.len(), 2);
    for wrong in [
        post("5", &[(END_STREAM, b"1234")]),
        post("4", &[(0, b"12345")]),
        post("4", &[(0, b"1234"), (0, b"5")]),
        post("3", &[(END_STREAM, b"")]),
        headers(WHOLE, 1, &[&POST[..], &[("content-length", "3")]].concat()),
        [post("3", &[(0, b"12")]), headers(WHOLE, 1, &[("a", "b")])].concat(),
    ] {
        assert_eq!(Host::server().break_stream(1, &wrong), Code::PROTOCOL_ERROR);
    }
    for lengths in [&["+3"][..], &["-3"], &["0x3"], &["3 3"], &["3,3"], &["3", "3"], &["3", "4"], &[""]] {
        let fields: Vec<_> = lengths.iter().map(|l| ("content-length", *l)).collect();
        bad(&with(&fields));
    }
    bad(&with(&[("content-length", "9223372036854775808")]));
    bad(&with(&[("content-length", "00000000000000000003")]));
}

#[test]
fn h2_13_pseudo_headers() {
    good(&GET, "GET example.com /");
    good(&but(":path", Some("/a?b=c")), "GET example.com /a?b=c");
    for name in [":method", ":scheme", ":path", ":authority"] {
        bad(&but(name, None));
        bad(&but(name, Some("")));
        let twice = GET.iter().find(|(n, _)| *n == name).copied().unwrap();
        bad(&[&GET[..], &[twice]].concat());
        bad(&[&[("a", "b")], &GET[..]].concat());
        let mut behind = but(name, None);
        behind.extend([("a", "b"), twice]);
        bad(&behind);
    }
    bad(&with(&[(":status", "200")]));
    bad(&with(&[(":unknown", "x")]));
    bad(&with(&[(":protocol", "websocket")]));
    bad(&with(&[(":", "x")]));
    bad(&but(":path", Some("relative")));
    bad(&but(":path", Some("*")));
    bad(&but(":path", Some("/a b")));
    bad(&but(":path", Some("/a#b")));
    bad(&but(":path", Some("/\u{e9}")));
    bad(&but(":path", Some("https://example.com/")));
    bad(&but(":scheme", Some("ftp")));
    bad(&but(":authority", Some("user@example.com")));
    bad(&but(":authority", Some("a/b")));
    bad(&but(":authority", Some("a:99999")));
    let options = [(":method", "OPTIONS"), (":scheme", "https"), (":path", "*"), (":authority", "a")];
    good(&options, "OPTIONS a *");
    // RFC 9113 §8.5: CONNECT is of the authority alone.
    good(&[(":method", "CONNECT"), (":authority", "a:443")], "CONNECT a:443 a:443");
    bad(&[(":method", "CONNECT"), (":authority", "a")]);
    bad(&[(":method", "CONNECT"), (":authority", "a:443"), (":path", "/")]);
    bad(&[(":method", "CONNECT"), (":scheme", "https"), (":authority", "a:443")]);
}

#[test]
fn h2_13_pseudo_headers_in_trailers() {
    let mut host = Host::server();
    host.feed(&post(1)).unwrap();
    assert_eq!(host.break_stream(1, &headers(WHOLE, 1, &[(":path", "/")])), Code::PROTOCOL_ERROR);
}

#[test]
fn h2_14_what_would_be_smuggled_into_http_1() {
    for value in ["a\r\nx: y", "a\nb", "a\rb", "a\0b", "a\x01", "a\x7f"] {
        bad(&with(&[("x", value)]));
    }
    for name in ["x\r\ny", "x: y", "x y", "x:", "", "x\0", "\u{e9}", "x(y)"] {
        bad(&with(&[(name, "v")]));
    }
    for value in [" a", "a ", "\ta", "a\t"] {
        bad(&with(&[("x", value)]));
    }
    bad(&but(":path", Some("/ HTTP/1.1\r\nX:")));
    bad(&but(":method", Some("GET / HTTP/1.1")));
    bad(&but(":method", Some("GET\r\n")));
    bad(&but(":authority", Some("a\r\nb")));
    bad(&but(":scheme", Some("https://")));
    for name in ["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"] {
        bad(&with(&[(name, "chunked")]));
        bad(&with(&[(name, "")]));
    }
    bad(&with(&[("te", "gzip")]));
    bad(&with(&[("te", "trailers, gzip")]));
    good(&with(&[("te", "trailers")]), "GET example.com /");
    bad(&with(&[("host", "other.example")]));
    bad(&with(&[("host", "example.com"), ("host", "example.com")]));
    bad(&with(&[("host", "example.com:444")]));
    bad(&with(&[("host", "a b")]));
    good(&with(&[("host", "EXAMPLE.com:443")]), "GET example.com /");
    good(&[&but(":authority", None)[..], &[("host", "h")]].concat(), "GET h /");
}

#[test]
fn h2_15_names_are_lower_case() {
    bad(&with(&[("Accept", "x")]));
    bad(&with(&[("aCcept", "x")]));
    bad(&[&but(":method", None)[..], &[(":Method", "GET")]].concat());
}

#[test]
fn the_same_fields_as_on_http_1() {
    let more = [
        ("cookie", "a=1"),
        ("accept", "*/*"),
        ("x-own", "1"),
        ("cookie", "b=2"),
        ("x-own", "2"),
        ("cookie", "c"),
    ];
    let fields = good(&with(&more), "GET example.com /");
    // RFC 9113 §8.2.3: cookie crumbs are one field; and there is a Host.
    let want = [
        pair("cookie", "a=1; b=2; c"),
        pair("accept", "*/*"),
        pair("x-own", "1"),
        pair("x-own", "2"),
        pair("host", "example.com"),
    ];
    assert_eq!(fields, want);
    let fields = good(&with(&[("host", "example.com"), ("cookie", "only")]), "GET example.com /");
    assert_eq!(fields, [pair("host", "example.com"), pair("cookie", "only")]);
}

#[test]
fn what_can_be_understood_is_answered() {
    answered(&but(":method", Some("BREW")), "501");
    answered(&but(":path", Some(&format!("/{}", "a".repeat(8_192)))), "414");
    answered(&with(&[("expect", "a-miracle")]), "417");
    answered(&with(&[("x", &"a".repeat(16_250))]), "431");
}

#[test]
fn many_large_cookies_fit_or_are_answered() {
    let crumb = "c".repeat(150);
    let many: Vec<_> = (0..80).map(|_| ("cookie", &crumb[..])).collect();
    let fields = good(&with(&many), "GET example.com /");
    assert_eq!((fields.len(), fields[0].1.len()), (2, 80 * 150 + 79 * 2));
}

#[test]
fn trailers_keep_what_may_be_there() {
    let mut host = Host::server();
    host.feed(&post(1)).unwrap();
    let told =
        host.feed(&headers(WHOLE, 1, &[("x-sum", "1"), ("cookie", "a"), ("content-type", "b")])).unwrap();
    assert_eq!(told, [Told::Trailers { id: 1, fields: vec![pair("x-sum", "1")] }]);
    for name in ["content-length", "host", "transfer-encoding", "Upper"] {
        let mut host = Host::server();
        host.feed(&post(1)).unwrap();
        assert_eq!(host.break_stream(1, &headers(WHOLE, 1, &[(name, "1")])), Code::PROTOCOL_ERROR, "{name}");
    }
    // RFC 9113 §8.1: they end the stream.
    let mut host = Host::server();
    host.feed(&post(1)).unwrap();
    assert_eq!(host.break_stream(1, &headers(END_HEADERS, 1, &[("a", "b")])), Code::PROTOCOL_ERROR);
}

#[test]
fn urgency_comes_from_the_field_and_from_updates() {
    let mut host = Host::server();
    host.feed(&get_with(1, &[("priority", "u=1, i")])).unwrap();
    host.feed(&get_with(3, &[])).unwrap();
    let urgency = |host: &mut Host, id| host.conn.stream(id).unwrap().1.flow.urgency();
    assert_eq!((urgency(&mut host, 1), urgency(&mut host, 3)), (1, 3));
    host.feed(&frame(0x10, 0, 0, b"\0\0\0\x03u=0")).unwrap();
    assert_eq!(urgency(&mut host, 3), 0);
    host.feed(&frame(0x10, 0, 0, b"\0\0\0\x09u=0")).unwrap();
    assert_eq!(host.fail(&frame(0x10, 0, 1, b"\0\0\0\x01u=0")), Code::PROTOCOL_ERROR);
    assert_eq!(Host::server().fail(&frame(0x10, 0, 0, b"\0\0\0\0u=0")), Code::PROTOCOL_ERROR);
}
