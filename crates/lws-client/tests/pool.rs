//! What may share a connection, and what must not (CLI-08).

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, Origin, PATIENCE, ok};
use lws_backend_rustls::{provider, self_signed};
use lws_client::{Client, Proxies, Proxy, Request, Url};
use lws_core::{Context, Stop};
use lws_http::{Vhost, respond};
use lws_role_h1::h1;
use lws_role_h2::h2;
use lws_role_tls::tls;
use lws_tls::{ClientSettings, Connector, Provider as _, ServerSettings, Source, Version};
use std::sync::Arc;

struct Server {
    port: u16,
    roots: Source,
    stop: Stop,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.stop();
        self.stop.stop();
    }
}

impl Server {
    fn new() -> Self {
        let own = self_signed(&["localhost", "other.localhost"]).unwrap();
        let roots = Source::Memory(own.certificate);
        let acceptor = provider().server(ServerSettings::new(own.certificates)).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let site = || Vhost::new("localhost").mount("/", respond(|_, reply| reply.text("x")));
            let stack = tls(acceptor).over(h2(site())).over(h1(site()));
            let mut service = Context::new().listen("127.0.0.1:0", stack).build().unwrap();
            tell.send((service.addresses().next().unwrap().to_string(), service.stopper())).unwrap();
            service.run().unwrap();
        });
        let (address, stop) = told.recv_timeout(PATIENCE).unwrap();
        Self { port: address.rsplit(':').next().unwrap().parse().unwrap(), roots, stop }
    }

    fn connector(&self, change: impl Fn(ClientSettings) -> ClientSettings) -> Arc<dyn Connector> {
        let settings = ClientSettings::new([self.roots.clone()]).alpn(["http/1.1"]);
        provider().client(&change(settings)).unwrap()
    }
}

/// Whether the second request uses the first one's connection.
fn shared(own: &mut Loop, first: Request, second: Request) -> bool {
    let connects = |own: &mut Loop| own.service.world().hub.metrics.connects;
    own.fetch(first).text();
    // An alarm of the first one is still set, so the second sets none.
    let before = connects(own);
    own.fetch(second).text();
    connects(own) == before
}

#[test]
fn cli_08_each_part_of_the_key() {
    let server = Server::new();
    let url = |text: &str| Request::get(Url::parse(&text.replace("PORT", &server.port.to_string())).unwrap());
    let https = || url("https://localhost:PORT/");
    let new = || Loop::with(Client::new().tls(server.connector(|s| s)));
    assert!(shared(&mut new(), https(), https()));
    assert!(shared(&mut new(), https(), url("https://LOCALHOST:PORT/other?x")));
    // The host, and with it SNI.
    let names = common::Fixed(Ok(vec![([127, 0, 0, 1], server.port).into()]));
    let mut own = Loop::with(Client::new().tls(server.connector(|s| s)).resolver(names));
    assert!(!shared(&mut own, https(), url("https://other.localhost:PORT/")));
    // The port.
    let second = Server::new();
    let mut own =
        Loop::with(Client::new().tls(
            provider().client(&ClientSettings::new([server.roots.clone(), second.roots.clone()])).unwrap(),
        ));
    let there = Request::get(Url::parse(&format!("https://localhost:{}/", second.port)).unwrap());
    assert!(!shared(&mut own, https(), there));
    // Verification, the client's certificate, ALPN, versions: all are the connector's.
    for change in [
        |s: ClientSettings| s,
        |s: ClientSettings| s.alpn(["h2", "http/1.1"]),
        |s: ClientSettings| s.min_version(Version::Tls13),
    ] {
        let other = server.connector(change);
        assert!(!shared(&mut new(), https(), https().connector(other.clone())));
        assert!(!shared(&mut new(), https().connector(other.clone()), https()));
        assert!(shared(&mut new(), https().connector(other.clone()), https().connector(other)));
    }
}

#[test]
fn cli_08_the_scheme_and_the_way_there() {
    let origin = Origin::saying(ok("x"));
    let proxy = Origin::saying(ok("x"));
    let get = |text: String| Request::get(Url::parse(&text).unwrap());
    let by =
        |user: &str| Proxies::none().http(Proxy::parse(&format!("http://{user}@{}", proxy.addr)).unwrap());
    let mut own = Loop::new();
    assert!(shared(&mut own, get(origin.url("/")), get(origin.url("/"))));
    for ways in [[by("a:b"), by("a:c")], [by("a:b"), by("c:b")], [by("a:b"), Proxies::none()]] {
        for (i, way) in ways.into_iter().enumerate() {
            own.client(|client, _| client.set_proxies(way));
            own.get(&origin.url(&format!("/{i}"))).text();
        }
    }
    // Three users of the proxy, and one direct connection; each is used again by whoever is the same.
    let conns = |origin: &Origin| origin.seen().iter().map(|seen| seen.conn).collect::<Vec<_>>();
    assert_eq!(conns(&proxy), [0, 1, 0, 2, 0]);
    assert_eq!(conns(&origin), [0, 0, 0]);
    // A socket on this machine is none of the net, whatever it is called.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut some = [0; 1000];
        while std::io::Read::read(&mut stream, &mut some).unwrap_or(0) > 0 {
            std::io::Write::write_all(&mut stream, &ok("unix")).unwrap();
        }
    });
    let unix = format!("http+unix://{}/", path.to_str().unwrap().replace('/', "%2F"));
    assert_eq!(own.get(&unix).text(), "unix");
    assert!(shared(&mut own, get(unix.clone()), get(unix)));
}
