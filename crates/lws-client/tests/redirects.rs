//! Redirects (CLI-01, CLI-02).

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, Origin, Seen, Then, found, ok};
use lws_client::{Error, RedirectFault, Request, Url, UrlError, limits};
use lws_head::Method;

/// A server that sends whoever asks for `/to?url` there, with this status.
fn redirecting(status: u16) -> Origin {
    Origin::new(move |seen| {
        let target = seen.line().split(' ').nth(1).unwrap();
        match target.strip_prefix("/to?") {
            Some(location) => (found(status, location), Then::Stay),
            None => (ok("there"), Then::Stay),
        }
    })
}

fn with_secrets(method: Method, url: &str) -> Request {
    let mut request = Request::new(method, Url::parse(url).unwrap());
    for (name, value) in [
        ("Authorization", "secret"),
        ("cookie", "secret"),
        ("Proxy-Authorization", "secret"),
        ("Proxy-Other", "secret"),
        ("X-Other", "kept"),
    ] {
        request = request.field(name, value).unwrap();
    }
    request
}

fn check(seen: &Seen, secrets: bool) {
    for name in
        ["authorization: secret", "cookie: secret", "proxy-authorization: secret", "proxy-other: secret"]
    {
        assert_eq!(seen.has(name), secrets, "{name} in {}", seen.text);
    }
    assert!(seen.has("x-other: kept"));
}

#[test]
fn cli_01_credentials_stay_with_their_origin() {
    let (a, b) = (redirecting(302), redirecting(302));
    let mut own = Loop::new();
    // a → b → a: they are not given back.
    let url = a.url(&format!("/to?{}", b.url(&format!("/to?{}", a.url("/end")))));
    assert_eq!(own.fetch(with_secrets(Method::Get, &url)).text(), "there");
    let (at_a, at_b) = (a.seen(), b.seen());
    assert_eq!((at_a.len(), at_b.len()), (2, 1));
    check(&at_a[0], true);
    // The same host, another port.
    check(&at_b[0], false);
    check(&at_a[1], false);
    assert!(at_b[0].has(&format!("host: {}", b.addr)));
    // Another name for the same.
    let other = a.url("/end").replace("127.0.0.1", "localhost");
    own.fetch(with_secrets(Method::Get, &a.url(&format!("/to?{other}")))).text();
    check(a.seen().last().unwrap(), false);
    // The same origin.
    own.fetch(with_secrets(Method::Get, &a.url("/to?/end"))).text();
    check(a.seen().last().unwrap(), true);
}

#[test]
fn cli_02_so_many_and_no_more() {
    let origin = Origin::new(|seen| {
        let n: u32 = seen.line().split(['/', ' ']).nth(2).unwrap().parse().unwrap();
        (if n == 0 { ok("end") } else { found(302, &format!("/{}", n - 1)) }, Then::Stay)
    });
    let mut own = Loop::new();
    assert_eq!(own.get(&origin.url("/4")).text(), "end");
    let too_many = Error::Redirect(RedirectFault::TooMany);
    assert_eq!(own.get(&origin.url("/5")).error(), too_many);
    let get = |path: &str| Request::get(Url::parse(&origin.url(path)).unwrap());
    assert_eq!(own.fetch(get("/2").redirects(1)).error(), too_many);
    assert_eq!(own.fetch(get("/9").redirects(1000)).error(), too_many, "{} at most", limits::REDIRECTS);
    let got = own.fetch(get("/2").redirects(0));
    assert_eq!((got.status, got.text()), (302, ""));
}

#[test]
fn cli_02_methods_and_bodies() {
    for (status, method, expected, keeps_body) in [
        (301, Method::Post, "GET", false),
        (302, Method::Post, "GET", false),
        (303, Method::Post, "GET", false),
        (303, Method::Put, "GET", false),
        (307, Method::Post, "POST", true),
        (308, Method::Put, "PUT", true),
        (301, Method::Head, "HEAD", false),
        (303, Method::Get, "GET", false),
    ] {
        let origin = redirecting(status);
        let mut request = Request::new(method, Url::parse(&origin.url("/to?/end")).unwrap());
        if method != Method::Head && method != Method::Get {
            request = request.body("body").field("Content-Type", "text/plain").unwrap();
        }
        let got = Loop::new().fetch(request);
        assert_eq!(got.results, [Ok(())], "{status} {method:?}");
        let last = origin.seen().pop().unwrap();
        assert_eq!(last.line(), format!("{expected} /end HTTP/1.1"), "{status}");
        assert_eq!(last.text.ends_with("body"), keeps_body, "{status} {method:?}");
        assert_eq!(last.has("content-"), keeps_body, "{status} {method:?}");
    }
}

#[test]
fn cli_02_where_a_redirect_must_not_lead() {
    let mut own = Loop::new();
    for (location, fault) in [
        ("javascript:alert(1)", RedirectFault::Url(UrlError::Scheme)),
        ("file:///etc/passwd", RedirectFault::Url(UrlError::Scheme)),
        ("ws://127.0.0.1/", RedirectFault::Url(UrlError::Scheme)),
        ("http://user:pass@127.0.0.1/", RedirectFault::Url(UrlError::UserInfo)),
        ("//user@127.0.0.1/", RedirectFault::Url(UrlError::UserInfo)),
        ("http://a b/", RedirectFault::Url(UrlError::Character)),
        ("\\\\evil/", RedirectFault::Url(UrlError::Character)),
        ("http+unix://%2Frun%2Fdocker.sock/", RedirectFault::Downgrade),
        ("/a\r\nLocation: /b", RedirectFault::Location),
    ] {
        let origin = Origin::saying(found(302, location));
        assert_eq!(own.get(&origin.url("/")).error(), Error::Redirect(fault), "{location}");
        assert_eq!(origin.seen().len(), 1);
    }
    let none = Origin::saying("HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(own.get(&none.url("/")).error(), Error::Redirect(RedirectFault::Location));
    // 304 and 300 are answers.
    let plain = Origin::saying("HTTP/1.1 304 X\r\nLocation: /x\r\n\r\n");
    assert_eq!(own.get(&plain.url("/")).status, 304);
}

/// What comes with a redirect is not shown, and not read for ever.
#[test]
fn cli_02_the_body_of_a_redirect() {
    let origin = Origin::new(|seen| match seen.line() {
        "GET /small HTTP/1.1" => {
            (b"HTTP/1.1 302 X\r\nLocation: /end\r\nContent-Length: 3\r\n\r\nabc".to_vec(), Then::Stay)
        }
        "GET /large HTTP/1.1" => {
            let head = "HTTP/1.1 302 X\r\nLocation: /end\r\nContent-Length: 100000000\r\n\r\n";
            ([head.as_bytes(), &[b'x'; 500_000]].concat(), Then::Stay)
        }
        _ => (ok("end"), Then::Stay),
    });
    let mut own = Loop::new();
    assert_eq!(own.get(&origin.url("/small")).text(), "end");
    assert_eq!(own.get(&origin.url("/large")).text(), "end");
    let conns: Vec<_> = origin.seen().iter().map(|seen| seen.conn).collect();
    assert_eq!(conns, [0, 0, 0, 1]);
}
