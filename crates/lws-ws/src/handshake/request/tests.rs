use std::vec::Vec;

use super::*;

type Field = (&'static str, &'static str);

/// The request of RFC 6455 §1.3.
const GOOD: [Field; 7] = [
    ("Host", "server.example.com"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Origin", "http://example.com"),
    ("Sec-WebSocket-Protocol", "chat, superchat"),
    ("Sec-WebSocket-Version", "13"),
];

fn request(method: &str, http: (u8, u8), fields: &[Field]) -> Request<'static> {
    let mut request = Request::new(method.as_bytes(), http);
    for (name, value) in fields {
        request.field(name.as_bytes(), value.as_bytes());
    }
    request
}

/// The good request with all fields of that name replaced by these values.
fn with(name: &str, values: &[&'static str]) -> Request<'static> {
    let (slot, _) =
        GOOD.iter().find(|(known, _)| *known == name).copied().expect("a field of the good request");
    let others = GOOD.iter().copied().filter(|(known, _)| *known != name);
    let fields: Vec<Field> = others.chain(values.iter().map(|value| (slot, *value))).collect();
    request("GET", (1, 1), &fields)
}

#[test]
fn ws_10_the_request_of_the_rfc() {
    let good = request("GET", (1, 1), &GOOD);
    assert!(good.wants_websocket());
    assert_eq!(good.accept().as_ref(), Ok(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
}

#[test]
fn ws_10_what_a_request_must_have() {
    let check = |request: Request<'_>, status: u16, why: Refusal| {
        assert_eq!((request.accept(), why.status()), (Err(why), status));
    };
    check(request("POST", (1, 1), &GOOD), 400, Refusal::Method);
    check(request("get", (1, 1), &GOOD), 400, Refusal::Method);
    check(request("GET", (1, 0), &GOOD), 400, Refusal::HttpVersion);
    check(request("GET", (0, 9), &GOOD), 400, Refusal::HttpVersion);
    check(with("Upgrade", &[]), 400, Refusal::Upgrade);
    check(with("Upgrade", &["h2c"]), 400, Refusal::Upgrade);
    check(with("Connection", &[]), 400, Refusal::Connection);
    check(with("Connection", &["keep-alive"]), 400, Refusal::Connection);
    check(with("Sec-WebSocket-Version", &[]), 400, Refusal::NoVersion);
    check(with("Sec-WebSocket-Version", &["13", "13"]), 400, Refusal::NoVersion);
    for version in ["12", "8", "14", "013", "13, 8", ""] {
        check(with("Sec-WebSocket-Version", &[version]), 426, Refusal::Version);
    }
    check(with("Sec-WebSocket-Key", &[]), 400, Refusal::Key);
    check(with("Sec-WebSocket-Key", &["c2hvcnQ="]), 400, Refusal::Key);
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    check(with("Sec-WebSocket-Key", &[key, key]), 400, Refusal::Key);
}

#[test]
fn ws_10_what_a_request_may_have() {
    assert!(request("GET", (1, 2), &GOOD).accept().is_ok());
    assert!(with("Upgrade", &["h2c, WebSocket"]).accept().is_ok());
    assert!(with("Connection", &["keep-alive", "Foo, UPGRADE"]).accept().is_ok());
    assert!(with("Sec-WebSocket-Version", &[" 13\t"]).accept().is_ok());
    assert!(with("Origin", &[]).accept().is_ok());
    assert!(!with("Upgrade", &[]).wants_websocket());
}

#[test]
fn ws_09_evil_origins_are_forbidden() {
    let none: [&str; 0] = [];
    let check = |origins: &[&'static str], allowed: bool| {
        let expected = if allowed { Ok(()) } else { Err(Refusal::Origin) };
        assert_eq!(with("Origin", origins).check_origin(&none), expected, "{origins:?}");
    };
    check(&[], true);
    check(&["https://server.example.com"], true);
    check(&["http://example.com"], false);
    check(&["null"], false);
    check(&["https://server.example.com.evil"], false);
    check(&["https://server.example.com", "https://server.example.com"], false);
    assert_eq!(with("Origin", &["http://example.com"]).check_origin(&["http://example.com"]), Ok(()));
    assert_eq!(Refusal::Origin.status(), 403);
    // Two hosts are no host.
    let mut two_hosts = with("Origin", &["https://server.example.com"]);
    two_hosts.field(b"host", b"server.example.com");
    assert_eq!(two_hosts.check_origin(&none), Err(Refusal::Origin));
}

#[test]
fn ws_11_the_servers_preference_decides() {
    let check = |offered: &[&'static str], ours: &[&str], expected| {
        assert_eq!(
            with("Sec-WebSocket-Protocol", offered).choose_protocol(ours),
            expected,
            "{offered:?} {ours:?}"
        );
    };
    check(&["chat, superchat"], &["superchat", "chat"], Ok(Some(0)));
    check(&["chat, superchat"], &["chat", "superchat"], Ok(Some(0)));
    check(&["other", "superchat"], &["chat", "superchat"], Ok(Some(1)));
    check(&["Chat"], &["chat"], Ok(None));
    check(&["chat"], &[], Ok(None));
    check(&[], &["chat"], Ok(None));
    check(&["chat, b c"], &["chat"], Err(Refusal::List));
    check(&["a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,chat"], &["chat"], Err(Refusal::List));
    assert_eq!(Refusal::List.status(), 400);
    assert!(!with("Sec-WebSocket-Protocol", &[]).has_protocols());
    assert!(with("Sec-WebSocket-Protocol", &["x"]).has_protocols());
}

#[test]
fn ws_11_extensions_over_several_lines() {
    let mut good = request("GET", (1, 1), &GOOD);
    assert_eq!(good.extensions().count(), 0);
    good.field(b"sec-websocket-extensions", b"foo");
    good.field(b"SEC-WEBSOCKET-EXTENSIONS", b"bar; baz=2, foo");
    let names: Vec<_> = good.extensions().map(|item| item.expect("legal").name()).collect();
    assert_eq!(names, ["foo", "bar", "foo"]);
}
