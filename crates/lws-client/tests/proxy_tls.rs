//! Proxies that are spoken to over TLS (`https://proxy`), and TLS with the server within.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::proxies::{Secure, front, tunnel};
use common::{Loop, Origin, ok, scripted};
use lws_backend_rustls::provider;
use lws_client::{Client, Error, Proxies, Proxy, Request, Stage, Timeouts, Url};
use lws_tls::{Cause, ClientSettings, Provider as _, Source};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

/// Through the proxy at this port of `localhost`, if `roots` vouch for it.
fn through(proxy: SocketAddr, roots: &Source, client: Client) -> Client {
    let proxy = Proxy::parse(&format!("https://me:secret@localhost:{}", proxy.port())).unwrap();
    let settings = ClientSettings::new([roots.clone()]).alpn(["http/1.1"]);
    client.proxies(Proxies::none().all(proxy)).proxy_tls(provider().client(&settings).unwrap())
}

#[test]
fn cli_06_tls_within_tls() {
    let server = Secure::new("inner.example");
    let (proxy, log) = tunnel(server.addr);
    let (outer, roots) = front("localhost", proxy);
    let mut own = Loop::with(through(outer, &roots, server.trusted(Client::new())));
    let got = own.get("https://inner.example/x");
    assert_eq!(got.text(), "secret");
    let Source::Memory(proxys) = &roots else { panic!("made in memory") };
    let shown = got.certificate.expect("there is TLS with the server");
    assert!(!proxys.windows(shown.len()).any(|part| part == shown), "the server's, not the proxy's");
    assert_eq!(own.get("https://inner.example/y").text(), "secret");
    assert_eq!(
        *log.lock().unwrap(),
        ["CONNECT inner.example:443 HTTP/1.1\r\nHost: inner.example:443\r\n\
          Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n"],
        "once: the connection is used again"
    );
    // Who vouches for the proxy does not vouch for the server, nor the other way round.
    let mut own = Loop::with(through(
        outer,
        &roots,
        Client::new()
            .tls(provider().client(&ClientSettings::new([roots.clone()]).alpn(["http/1.1"])).unwrap()),
    ));
    assert!(matches!(own.get("https://inner.example/").error(), Error::Tls { .. }));
    let mut own = Loop::with(through(outer, &server.roots, server.trusted(Client::new())));
    let error = own.get("https://inner.example/").error();
    let Error::ProxyTls { reason: lws_tls::Error::Peer { cause: Cause::Certificate(_), .. }, .. } = error
    else {
        panic!("{error:?}")
    };
    let asked = log.lock().unwrap().iter().filter(|head| head.starts_with("CONNECT ")).count();
    assert_eq!(asked, 2, "the last one did not get so far");
}

#[test]
fn a_proxy_with_the_wrong_name_or_without_tls() {
    let server = Secure::new("a.example");
    let (proxy, log) = tunnel(server.addr);
    let (outer, roots) = front("proxy.example", proxy);
    let mut own = Loop::with(through(outer, &roots, server.trusted(Client::new())));
    let error = own.get("https://a.example/").error();
    assert!(matches!(error, Error::ProxyTls { .. }), "{error:?}");
    assert!(error.to_string().starts_with("the TLS handshake with the proxy failed: "), "{error}");
    assert!(log.lock().unwrap().iter().all(String::is_empty));
    // One that expects no TLS hears nothing in the clear.
    let plain = scripted(|_, mut stream| {
        let mut heard = [0; 4096];
        let n = stream.read(&mut heard).unwrap();
        assert!(n > 0 && heard[0] == 22, "the first record of a handshake");
        let _ = stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n");
    });
    let mut own = Loop::with(through(plain, &roots, server.trusted(Client::new())));
    assert!(matches!(own.get("https://a.example/").error(), Error::ProxyTls { .. }));
    // Without TLS of ours there is none with a proxy.
    let proxies = Proxies::none().all(Proxy::parse("https://localhost:1").unwrap());
    assert_eq!(Loop::with(Client::new().proxies(proxies)).get("http://a.example/").error(), Error::NoTls);
}

#[test]
fn plain_requests_go_to_the_proxy_over_tls() {
    let plain = Origin::saying(ok("plain"));
    let (outer, roots) = front("localhost", plain.addr);
    // Without a connector for proxies, the one for servers serves.
    let settings = ClientSettings::new([roots]).alpn(["http/1.1"]);
    let proxy = Proxy::parse(&format!("https://me:secret@localhost:{}", outer.port())).unwrap();
    let client = Client::new().tls(provider().client(&settings).unwrap()).proxies(Proxies::none().all(proxy));
    let mut own = Loop::with(client);
    let got = own.get("http://a.example/x");
    assert_eq!(got.text(), "plain");
    assert_eq!(got.certificate, None, "TLS ends at the proxy: it says nothing of the server");
    own.get("http://a.example/y").text();
    let seen = plain.seen();
    assert!(seen.iter().all(|seen| seen.conn == 0 && seen.has("proxy-authorization: Basic bWU6c2VjcmV0")));
    assert_eq!(seen[1].line(), "GET http://a.example/y HTTP/1.1");
}

#[test]
fn a_proxy_that_never_shakes_hands() {
    let mut kept = Vec::new();
    let silent = scripted(move |_, stream| kept.push(stream));
    let server = Secure::new("a.example");
    let mut own = Loop::with(through(silent, &server.roots, server.trusted(Client::new())));
    let timeouts = Timeouts::default().proxy(Duration::from_millis(50));
    let request = Request::get(Url::parse("https://a.example/").unwrap()).timeouts(timeouts);
    assert_eq!(own.fetch(request).error(), Error::Timeout(Stage::Proxy));
}
