//! Proxies (CLI-06): HTTP ones that read requests, HTTP ones that are pipes, SOCKS ones.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::proxies::{Log, Secure, splice, through, tunnel};
use common::{Loop, Origin, PATIENCE, Seen, Then, found, ok, read_head, scripted};
use lws_client::{Client, Error, Proxies, Proxy, ProxyFault, Request, Url, limits};
use lws_core::Context;
use lws_http::Vhost;
use lws_role_h1::h1;
use lws_role_ws::{CloseCode, Message, Protocol, Ws, WsClient, ws};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn get(client: Client, url: &str) -> common::Got {
    Loop::with(client).get(url)
}

#[test]
fn plain_requests_are_read_by_the_proxy() {
    let proxy = Origin::new(|seen: &Seen| match seen.line() {
        "GET http://a.example/x?y HTTP/1.1" => (ok("a"), Then::Stay),
        "GET http://a.example:81/ HTTP/1.1" => (found(302, "http://b.example/"), Then::Stay),
        "GET http://b.example/ HTTP/1.1" => (ok("b"), Then::Stay),
        line => (ok(line), Then::Stay),
    });
    let mut own = Loop::with(through(&format!("http://me:secret@{}", proxy.addr)));
    assert_eq!(own.get("http://a.example/x?y").text(), "a");
    let request = Request::get(Url::parse("http://a.example:81/").unwrap());
    assert_eq!(own.fetch(request.field("Authorization", "x").unwrap()).text(), "b");
    let seen = proxy.seen();
    // The proxy's password is for each of its requests, the server's for the server.
    assert!(seen.iter().all(|seen| seen.has("\r\nproxy-authorization: Basic bWU6c2VjcmV0\r\n")));
    assert!(seen[0].has("\r\nhost: a.example\r\n") && seen[1].has("\r\nhost: a.example:81\r\n"));
    assert!(seen[1].has("authorization: x") && !seen[2].has("\r\nauthorization: x"));
    // CLI-08: even the same proxy keeps origins apart.
    assert_eq!(seen.iter().map(|seen| seen.conn).collect::<Vec<_>>(), [0, 1, 2]);
    // Others are reached directly.
    let direct = Origin::saying(ok("direct"));
    let client =
        Client::new().proxies(Proxies::none().all(Proxy::parse("127.0.0.1:1").unwrap()).except("127.0.0.1"));
    assert_eq!(get(client, &direct.url("/")).text(), "direct");
    let got = get(through(&format!("http://{}", proxy.addr)), "http://[::1]:9/");
    assert_eq!(got.text(), "GET http://[::1]:9/ HTTP/1.1");
}

#[test]
fn cli_06_tls_through_a_tunnel_is_with_the_server() {
    let server = Secure::new("inner.example");
    let (proxy, log) = tunnel(server.addr);
    let client = server.trusted(through(&format!("http://me:p%40ss@{proxy}")));
    let mut own = Loop::with(client);
    let secrets = Request::get(Url::parse("https://inner.example/x").unwrap()).field("Cookie", "c").unwrap();
    let got = own.fetch(secrets);
    assert_eq!(got.text(), "secret");
    assert!(got.certificate.is_some());
    assert_eq!(own.get("https://inner.example/y").text(), "secret");
    let heard = log.lock().unwrap().clone();
    // The host and port of the URL and the proxy's own password: nothing else of the request, and once.
    assert_eq!(
        heard,
        ["CONNECT inner.example:443 HTTP/1.1\r\nHost: inner.example:443\r\n\
          Proxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n"]
    );
    // The certificate must be the server's, whatever the proxy is called.
    let client = server.trusted(through(&format!("http://{proxy}")));
    assert!(matches!(get(client, "https://other.example/").error(), Error::Tls { .. }));
}

/// What becomes of a request if the proxy answers like that.
fn connect_fault(answer: impl AsRef<[u8]> + Send + 'static) -> Error {
    let proxy = scripted(move |_, mut stream| {
        let head = read_head(&mut stream);
        assert!(head.is_empty() || head.starts_with("CONNECT a.example:443 "));
        let _ = stream.write_all(answer.as_ref());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read(&mut [0; 1000]);
    });
    let server = Secure::new("a.example");
    get(server.trusted(through(&format!("http://{proxy}"))), "https://a.example/").error()
}

#[test]
fn cli_06_proxies_that_do_not_behave() {
    let fault = |fault| Error::Proxy(fault);
    let fields = "X: y\r\n".repeat(3000);
    let long = format!("HTTP/1.1 200 OK\r\n{}\r\n\r\n", "X: y".repeat(limits::PROXY_HEAD_BYTES));
    for (answer, expected) in [
        (
            "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n".to_string(),
            fault(ProxyFault::Status(407)),
        ),
        ("HTTP/1.1 502 Bad\r\n\r\n<html>".into(), fault(ProxyFault::Status(502))),
        ("HTTP/1.1 302 Found\r\nLocation: http://evil/\r\n\r\n".into(), fault(ProxyFault::Status(302))),
        ("HTTP/1.1 200 OK\r\n\r\njunk".into(), fault(ProxyFault::Protocol)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\njunk".into(), fault(ProxyFault::Protocol)),
        ("HTTP/1.1 101 Switch\r\nUpgrade: x\r\n\r\n".into(), fault(ProxyFault::Protocol)),
        ("HTTP/1.1 100 Go\r\n\r\n".repeat(1000), fault(ProxyFault::Protocol)),
        ("SSH-2.0-x\r\n".into(), fault(ProxyFault::Protocol)),
        ("HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\n".into(), fault(ProxyFault::Protocol)),
        (format!("HTTP/1.1 200 OK\r\n{fields}\r\n"), fault(ProxyFault::Limit)),
        (long, fault(ProxyFault::Limit)),
        (String::new(), fault(ProxyFault::Closed(lws_role::Closed::Ended))),
        ("HTTP/1.1 200 OK\r\n".into(), fault(ProxyFault::Closed(lws_role::Closed::Ended))),
    ] {
        let shown: String = answer.chars().take(80).collect();
        assert_eq!(connect_fault(answer), expected, "{shown:?}");
    }
}

/// A 407 is told, not answered over and over; and what is asked for cannot carry anything else in.
#[test]
fn cli_06_a_407_is_the_end() {
    let counted = Arc::new(Mutex::new(0));
    let count = counted.clone();
    let proxy = scripted(move |_, mut stream| {
        *count.lock().unwrap() += 1;
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=x\r\n\r\n");
    });
    let server = Secure::new("a.example");
    let client = server.trusted(through(&format!("http://u:p@{proxy}")));
    assert_eq!(get(client, "https://a.example/").error(), Error::Proxy(ProxyFault::Status(407)));
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(*counted.lock().unwrap(), 1);
    for url in ["https://a b/", "https://a%0d%0ab/", "https://a\r\nX: y/", "https://u@a/"] {
        assert!(Url::parse(url).is_err(), "{url}");
    }
}

/// A SOCKS proxy to `to` that wants these credentials; what it was asked for.
fn socks(to: SocketAddr, wants: Option<(&'static str, &'static str)>) -> (SocketAddr, Log) {
    let log = Log::default();
    let heard = log.clone();
    let addr = scripted(move |_, mut stream| {
        let mut exact = |n: usize| {
            let mut bytes = vec![0; n];
            stream.read_exact(&mut bytes).unwrap();
            bytes
        };
        let head = exact(2);
        let methods = exact(head[1].into());
        assert_eq!(head[0], 5);
        let method = if wants.is_some() { 2 } else { 0 };
        assert!(methods.contains(&method));
        stream.write_all(&[5, method]).unwrap();
        let exact = |stream: &mut TcpStream, n: usize| {
            let mut bytes = vec![0; n];
            stream.read_exact(&mut bytes).unwrap();
            bytes
        };
        if let Some((user, password)) = wants {
            assert_eq!(exact(&mut stream, 1), [1]);
            let text = |stream: &mut TcpStream| {
                let n = exact(stream, 1)[0];
                String::from_utf8(exact(stream, n.into())).unwrap()
            };
            let right = text(&mut stream) == user && text(&mut stream) == password;
            stream.write_all(&[1, u8::from(!right)]).unwrap();
            if !right {
                return;
            }
        }
        let head = exact(&mut stream, 4);
        assert_eq!(head[..3], [5, 1, 0]);
        let host = match head[3] {
            1 => format!("{:?}", exact(&mut stream, 4)),
            4 => format!("{:?}", exact(&mut stream, 16)),
            _ => {
                let n = exact(&mut stream, 1)[0];
                String::from_utf8(exact(&mut stream, n.into())).unwrap()
            }
        };
        let port = exact(&mut stream, 2);
        heard.lock().unwrap().push(format!("{host} {}", u16::from_be_bytes([port[0], port[1]])));
        // The bound address is a name here: odd, and legal.
        stream.write_all(b"\x05\x00\x00\x03\x04name\x00\x01").unwrap();
        let server = TcpStream::connect(to).unwrap();
        std::thread::spawn(move || splice(stream, server));
    });
    (addr, log)
}

#[test]
fn socks_with_and_without_a_password() {
    let server = Secure::new("inner.example");
    let plain = Origin::saying(ok("plain"));
    let (proxy, log) = socks(plain.addr, None);
    let mut own = Loop::with(through(&format!("socks5h://{proxy}")));
    for url in ["http://no.such.name.invalid/", "http://10.1.2.3:81/", "http://[::1]:82/"] {
        assert_eq!(own.get(url).text(), "plain");
    }
    // The proxy looks names up.
    let heard = log.lock().unwrap().clone();
    assert_eq!(heard[..2], ["no.such.name.invalid 80", "[10, 1, 2, 3] 81"]);
    assert!(heard[2].ends_with("0, 1] 82"));
    assert!(plain.seen()[0].has("GET / HTTP/1.1\r\nhost: no.such.name.invalid\r\n"), "as without a proxy");

    let (proxy, _) = socks(server.addr, Some(("me", "secret")));
    let client = server.trusted(through(&format!("socks5://me:secret@{proxy}")));
    assert_eq!(get(client, "https://inner.example/").text(), "secret");
    let client = server.trusted(through(&format!("socks5://me:wrong@{proxy}")));
    assert_eq!(get(client, "https://inner.example/").error(), Error::Proxy(ProxyFault::Auth));
}

#[test]
fn cli_06_socks_proxies_that_do_not_behave() {
    let ended = ProxyFault::Closed(lws_role::Closed::Ended);
    // What the proxy says to each message, in two pieces at most.
    let cases: [(&'static [&'static [u8]], ProxyFault); 13] = [
        (&[b"\x05\xff"], ProxyFault::Auth),
        (&[b"\x05\x02"], ProxyFault::Auth),
        (&[b"\x04\x00"], ProxyFault::Protocol),
        (&[b"HTTP/1.1 400 Bad\r\n\r\n"], ProxyFault::Protocol),
        (&[b"\x05\x00\x05\x00"], ProxyFault::Protocol),
        (&[b"\x05\x00", b"\x05\x05\x00\x01\0\0\0\0\0\0"], ProxyFault::Reply(5)),
        (&[b"\x05\x00", b"\x05\x00\x00\x07\0\0\0\0\0\0"], ProxyFault::Protocol),
        (&[b"\x05\x00", b"\x05\x00\x01\x01\0\0\0\0\0\0"], ProxyFault::Protocol),
        (&[b"\x05\x00", b"\x05\x00\x00\x01\0\0\0\0\0\0junk"], ProxyFault::Protocol),
        (&[b"\x05\x00", b"\x05\x00\x00\x01\0\0"], ended),
        (&[b"\x05\x00", b"\x05\x00\x00\x03"], ended),
        (&[b"\x05"], ended),
        (&[], ended),
    ];
    for (answers, expected) in cases {
        let proxy = scripted(move |_, mut stream| {
            for answer in answers {
                let _ = stream.read(&mut [0; 1000]);
                let _ = stream.write_all(answer);
            }
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read(&mut [0; 1000]);
            let _ = stream.read(&mut [0; 1000]);
        });
        let got = get(through(&format!("socks5://{proxy}")), "http://a.example/");
        assert_eq!(got.error(), Error::Proxy(expected), "{answers:?}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let got = get(through(&format!("socks5://{nobody}")), "http://a.example/");
    assert_eq!(got.error(), Error::Connect(lws_role::Closed::Refused));
}

struct Quiet;

impl Protocol for Quiet {
    type Session = ();
    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        ws.close(CloseCode::NORMAL, "enough");
    }
    fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, _message: Message<'_>) {}
}

/// What comes of opening a WebSocket.
fn open(client: Client, url: &str) -> Result<Option<String>, Error> {
    let mut own = Loop::with(client);
    let slot = own.service.world().add(Quiet);
    let heard = std::rc::Rc::new(std::cell::RefCell::new(None));
    let sink = heard.clone();
    let request = Request::get(Url::parse(url).unwrap());
    own.client(|client, hub| {
        let handshake = WsClient::new(slot, lws_client::random);
        client.open(hub, request, handshake, move |_, result| *sink.borrow_mut() = Some(result));
    });
    own.turn_until(|| heard.borrow().is_some());
    heard.take().unwrap()
}

/// A WebSocket goes through an HTTP proxy as through a pipe, even without TLS.
#[test]
fn websockets_through_proxies() {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let site = Vhost::new("localhost").upgrade("/chat", ws(|| Quiet));
        let mut service = Context::new().listen("127.0.0.1:0", h1(site)).build().unwrap();
        tell.send((service.addresses().next().unwrap().to_string(), service.stopper())).unwrap();
        service.run().unwrap();
    });
    let (address, stop) = told.recv_timeout(PATIENCE).unwrap();
    let (proxy, log) = tunnel(address.parse().unwrap());
    assert_eq!(open(through(&format!("http://u:p@{proxy}")), "ws://a.example/chat"), Ok(None));
    assert!(log.lock().unwrap()[0].starts_with("CONNECT a.example:80 HTTP/1.1\r\n"));
    let (proxy, log) = socks(address.parse().unwrap(), None);
    assert_eq!(open(through(&format!("socks5://{proxy}")), "ws://a.example:81/chat"), Ok(None));
    assert_eq!(log.lock().unwrap()[0], "a.example 81");
    let refusing = Origin::saying("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
    let got = open(through(&format!("http://{}", refusing.addr)), "ws://a.example/chat");
    assert_eq!(got, Err(Error::Proxy(ProxyFault::Status(403))));
    stop.stop();
    stop.stop();
}
