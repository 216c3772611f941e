//! Digest authentication at proxies (RFC 9110 §11.7): 407 instead of 401, and for CONNECT, too.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::proxies::{Secure, splice};
use common::{Loop, Origin, Seen, Then, digest, found, ok, read_head, scripted};
use lws_client::{Auth, Client, Error, Proxies, Proxy, ProxyFault, Request, Url};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

const FIELD: &str = "Proxy-Authorization";

fn challenge(more: &str, nonce: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\
         Proxy-Authenticate: Digest realm=\"the realm\", qop=\"auth\", nonce=\"{nonce}\", opaque=\"o\\\\\"{more}\r\n\
         Content-Length: 2\r\n\r\nno"
    )
    .into_bytes()
}

fn through(proxy: SocketAddr, password: &str) -> Client {
    let proxy = Proxy::parse(&proxy.to_string()).unwrap().auth(Auth::digest("me", password).unwrap());
    Client::new().proxies(Proxies::none().all(proxy))
}

/// A proxy that answers requests itself, once it knows who asks.
fn forwarding(more: &'static str, uses: u32) -> Origin {
    Origin::new(move |seen| {
        let get = |name| digest::param(seen, FIELD, name);
        let count = get("nc").map_or(0, |nc| u32::from_str_radix(&nc, 16).unwrap());
        let answer = match get("nonce").as_deref() {
            None => challenge(more, "n1"),
            Some(nonce) if !digest::proves(seen, FIELD, nonce, "secret") => challenge(more, "n9"),
            Some(nonce) if count > uses => challenge(&format!("{more}, stale=true"), &format!("{nonce}+")),
            Some(_) if seen.line().contains("/elsewhere") => found(302, "http://b.example/"),
            Some(_) => ok(seen.text.split_once("\r\n\r\n").unwrap().1),
        };
        (answer, Then::Stay)
    })
}

#[test]
fn a_proxy_that_reads_requests() {
    for more in ["", ", algorithm=MD5-sess", ", algorithm=SHA-256"] {
        let proxy = forwarding(more, 100);
        let mut own = Loop::with(through(proxy.addr, "secret"));
        let post = Request::post(Url::parse("http://a.example/x?y").unwrap(), "body");
        assert_eq!(own.fetch(post).text(), "body", "{more}");
        assert_eq!(own.get("http://a.example/z").text(), "");
        let seen = proxy.seen();
        assert_eq!(seen.len(), 3, "the challenge serves further requests");
        assert_eq!(digest::param(&seen[1], FIELD, "uri").unwrap(), "http://a.example/x?y");
        assert_eq!(digest::param(&seen[2], FIELD, "nc").unwrap(), "00000002");
        assert!(
            seen.iter().all(|seen| seen.conn == 0 && !seen.has("secret") && !seen.has("\r\nauthorization"))
        );
        // Another origin by the same proxy: the same place to be known at. Also after a redirect.
        assert_eq!(own.get("http://a.example/elsewhere").text(), "");
        let last = proxy.seen().pop().unwrap();
        assert!(last.line().starts_with("GET http://b.example/ "));
        assert_eq!(digest::param(&last, FIELD, "nc").unwrap(), "00000004");
    }
}

#[test]
fn a_proxy_whose_nonces_age_and_one_that_is_never_content() {
    let proxy = forwarding("", 2);
    let mut own = Loop::with(through(proxy.addr, "secret"));
    for _ in 0..5 {
        assert_eq!(own.get("http://a.example/").status, 200);
    }
    assert_eq!(proxy.seen().len(), 1 + 5 + 2, "one challenge, and two nonces that were used up");
    let proxy = forwarding("", 100);
    let got = Loop::with(through(proxy.addr, "wrong")).get("http://a.example/");
    assert_eq!((got.status, got.text()), (407, "no"));
    assert!(proxy.seen().len() <= 3);
}

#[test]
fn cli_06_only_the_proxy_is_answered() {
    // Whoever asks for basic alone does not get the password.
    let basic =
        Origin::saying("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n");
    let got = Loop::with(through(basic.addr, "secret")).get("http://a.example/");
    assert_eq!((got.status, basic.seen().len()), (407, 1));
    assert!(!basic.seen()[0].has("proxy-authorization"));
    // A server that plays the proxy is none: reached directly, and through a tunnel.
    let evil = Origin::new(|_| (challenge("", "evil"), Then::Stay));
    let proxies = Proxies::none()
        .all(Proxy::parse("127.0.0.1:1").unwrap().auth(Auth::digest("me", "secret").unwrap()))
        .except("127.0.0.1");
    assert_eq!(Loop::with(Client::new().proxies(proxies)).get(&evil.url("/")).status, 407);
    assert_eq!(evil.seen().len(), 1);
    // A server's challenge does not make the proxy's password its own.
    let asks = Origin::new(|seen: &Seen| {
        let answer = "HTTP/1.1 401 Who\r\nWWW-Authenticate: Digest realm=\"the realm\", qop=\"auth\", \
                      nonce=\"n\"\r\nContent-Length: 0\r\n\r\n";
        assert!(!seen.has("authorization"));
        (answer.into(), Then::Stay)
    });
    assert_eq!(Loop::with(through(asks.addr, "secret")).get("http://a.example/").status, 401);
}

type Log = Arc<Mutex<Vec<Seen>>>;

/// A proxy that lets through to `to` whoever `judge` has no answer for.
fn tunnel(to: SocketAddr, judge: impl Fn(&Seen) -> Option<Vec<u8>> + Send + 'static) -> (SocketAddr, Log) {
    let log = Log::default();
    let heard = log.clone();
    let addr = scripted(move |conn, mut stream| {
        let seen = Seen { conn, text: read_head(&mut stream) };
        heard.lock().unwrap().push(seen.clone());
        if let Some(answer) = judge(&seen) {
            let _ = stream.write_all(&answer);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read(&mut [0; 100]);
            return;
        }
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        std::thread::spawn(move || splice(stream, TcpStream::connect(to).unwrap()));
    });
    (addr, log)
}

#[test]
fn cli_06_a_tunnel_that_wants_digest() {
    let server = Secure::new("a.example");
    let (proxy, log) = tunnel(server.addr, |seen| match digest::param(seen, FIELD, "nonce").as_deref() {
        Some("n2") if digest::proves(seen, FIELD, "n2", "secret") => None,
        // The first answer is too old already.
        Some("n1") => Some(challenge(", algorithm=SHA-256, stale=true", "n2")),
        _ => Some(challenge(", algorithm=SHA-256", "n1")),
    });
    let mut own = Loop::with(server.trusted(through(proxy, "secret")));
    assert_eq!(own.get("https://a.example/").text(), "secret");
    assert_eq!(log.lock().unwrap().len(), 3, "asked, too old, right");
    // Another connection, and the challenge is known.
    let other = Request::get(Url::parse("https://a.example/").unwrap()).http1();
    assert_eq!(own.fetch(other).text(), "secret");
    let seen = log.lock().unwrap().clone();
    assert!(seen.iter().all(|seen| seen.line() == "CONNECT a.example:443 HTTP/1.1" && !seen.has("secret")));
    assert_eq!(digest::param(&seen[2], FIELD, "uri").unwrap(), "a.example:443");
    assert_eq!(digest::param(&seen[2], FIELD, "nc").unwrap(), "00000001");
}

#[test]
fn cli_06_a_tunnel_that_asks_for_ever() {
    let server = Secure::new("a.example");
    let count = Arc::new(Mutex::new(0));
    let (proxy, log) = tunnel(server.addr, move |_| {
        *count.lock().unwrap() += 1;
        Some(challenge("", &format!("n{}", count.lock().unwrap())))
    });
    let got = Loop::with(server.trusted(through(proxy, "secret"))).get("https://a.example/");
    assert_eq!(got.error(), Error::Proxy(ProxyFault::Status(407)));
    assert_eq!(log.lock().unwrap().len(), 3, "the first, and two answers");
    // The same challenge over again means that the password is wrong.
    let (proxy, log) = tunnel(server.addr, |_| Some(challenge("", "n")));
    let got = Loop::with(server.trusted(through(proxy, "wrong"))).get("https://a.example/");
    assert_eq!(got.error(), Error::Proxy(ProxyFault::Status(407)));
    assert_eq!(log.lock().unwrap().len(), 2);
}
