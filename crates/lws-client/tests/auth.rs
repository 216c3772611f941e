//! Who is asking: basic, digest, and who must not hear it (CLI-01).

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, Origin, Seen, Then, digest, found, ok};
use lws_client::{Auth, Body, Error, Request, Source, Supply, Url};
use lws_head::Method;
use lws_role::{Handle, Hub};
use lws_wire::Out;

fn request(url: &str, auth: Auth) -> Request {
    Request::get(Url::parse(url).unwrap()).auth(auth)
}

fn param(seen: &Seen, name: &str) -> Option<String> {
    digest::param(seen, "Authorization", name)
}

fn proves(seen: &Seen, nonce: &str, password: &str) -> bool {
    digest::proves(seen, "Authorization", nonce, password)
}

fn challenge(more: &str, nonce: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
         WWW-Authenticate: Digest realm=\"the realm\", qop=\"auth\", nonce=\"{nonce}\", opaque=\"o\\\\\"{more}\r\n\
         Content-Length: 2\r\n\r\nno"
    )
    .into_bytes()
}

/// A server that wants digest authentication; each nonce is good for so many requests.
fn guarded(more: &'static str, uses: u32) -> Origin {
    Origin::new(move |seen| {
        let count = param(seen, "nc").map_or(0, |nc| u32::from_str_radix(&nc, 16).unwrap());
        let answer = match param(seen, "nonce").as_deref() {
            None => challenge(more, "n1"),
            Some(nonce) if !proves(seen, nonce, "secret") => challenge(more, "n9"),
            Some(nonce) if count > uses => challenge(&format!("{more}, stale=TRUE"), &format!("{nonce}+")),
            Some(_) => ok(seen.text.split_once("\r\n\r\n").unwrap().1),
        };
        (answer, Then::Stay)
    })
}

#[test]
fn digest_with_every_algorithm() {
    for more in
        ["", ", algorithm=MD5", ", algorithm=MD5-sess", ", algorithm=SHA-256", ", algorithm=SHA-256-sess"]
    {
        let origin = guarded(more, 100);
        let mut own = Loop::new();
        let auth = || Auth::digest("me", "secret").unwrap();
        let post = Request::post(Url::parse(&origin.url("/a?b")).unwrap(), "body").auth(auth());
        assert_eq!(own.fetch(post).text(), "body", "{more}");
        assert_eq!(own.fetch(request(&origin.url("/c"), auth())).text(), "");
        let seen = origin.seen();
        // The challenge serves further requests, counted, on the same connection.
        assert_eq!(seen.len(), 3);
        assert_eq!(param(&seen[1], "nc").unwrap(), "00000001");
        assert_eq!(param(&seen[2], "nc").unwrap(), "00000002");
        assert_ne!(param(&seen[1], "cnonce"), param(&seen[2], "cnonce"));
        assert!(seen.iter().all(|seen| seen.conn == 0 && !seen.has("secret")));
        assert!(!seen[0].has("authorization"));
    }
}

#[test]
fn digest_nonces_that_are_too_old_and_passwords_that_are_wrong() {
    let origin = guarded(", algorithm=SHA-256", 2);
    let mut own = Loop::new();
    for _ in 0..5 {
        let got = own.fetch(request(&origin.url("/"), Auth::digest("me", "secret").unwrap()));
        assert_eq!((got.status, got.text()), (200, ""));
    }
    assert_eq!(origin.seen().len(), 1 + 5 + 2, "one challenge, and two nonces that were used up");
    let origin = guarded("", 100);
    let got = own.fetch(request(&origin.url("/"), Auth::digest("me", "wrong").unwrap()));
    assert_eq!((got.status, got.text()), (401, "no"));
    assert!(origin.seen().len() <= 3);
    // Whoever asks for basic alone does not get a digest user's password.
    let basic =
        Origin::saying("HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n");
    let got = own.fetch(request(&basic.url("/"), Auth::digest("me", "secret").unwrap()));
    assert_eq!((got.status, basic.seen().len()), (401, 1));
}

#[test]
fn basic_at_once() {
    let origin = Origin::saying(ok("x"));
    Loop::new().fetch(request(&origin.url("/"), Auth::basic("Aladdin", "open sesame").unwrap())).text();
    assert!(origin.seen()[0].has("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
    let own_field =
        request(&origin.url("/"), Auth::basic("a", "b").unwrap()).field("Authorization", "mine").unwrap();
    Loop::new().fetch(own_field).text();
    let last = origin.seen().pop().unwrap();
    assert!(last.has("authorization: mine") && !last.has("basic"));
}

#[test]
fn cli_01_nobody_else_hears_it() {
    let other = Origin::new(|_| (challenge("", "evil"), Then::Stay));
    let there = other.url("/");
    let origin = Origin::new(move |_| (found(302, &there), Then::Stay));
    for auth in [Auth::basic("me", "secret"), Auth::digest("me", "secret")] {
        let got = Loop::new().fetch(request(&origin.url("/"), auth.unwrap()));
        assert_eq!(got.status, 401);
    }
    assert!(other.seen().iter().all(|seen| !seen.has("authorization")));
    assert_eq!(other.seen().len(), 2, "its challenge is not answered");
    // Nor does another origin's challenge serve here.
    let (a, b) = (guarded("", 9), guarded("", 9));
    let mut own = Loop::new();
    let auth = || Auth::digest("me", "secret").unwrap();
    own.fetch(request(&a.url("/"), auth())).text();
    own.fetch(request(&b.url("/"), auth())).text();
    assert!(!b.seen()[0].has("authorization"));
}

/// A body that cannot begin again.
struct Once;

impl Source for Once {
    fn send(&mut self, _hub: &mut Hub, _connection: Handle, out: &mut Out<'_>) -> Supply {
        assert!(out.put(b"once"));
        Supply::End
    }
}

#[test]
fn a_body_that_cannot_be_sent_again() {
    let origin = guarded("", 9);
    let url = Url::parse(&origin.url("/")).unwrap();
    let put = || {
        Request::new(Method::Put, url.clone())
            .body(Body::source(Once))
            .auth(Auth::digest("me", "secret").unwrap())
    };
    assert_eq!(Loop::new().fetch(put()).error(), Error::Body);
    // Who asks for leave first has not sent it.
    let mut own = Loop::new();
    own.fetch(request(&origin.url("/"), Auth::digest("me", "secret").unwrap())).text();
    assert!(own.fetch(put()).text().contains("once"), "the challenge is known");
}
