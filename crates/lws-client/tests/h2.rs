//! HTTP/2: by ALPN, by prior knowledge, many requests on one connection.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, Origin, PATIENCE, Then};
use lws_backend_rustls::{provider, self_signed};
use lws_client::{Cause, Client, Error, Form, Request, Stage, Url, Validity, random};
use lws_core::{Context, Stop};
use lws_http::{Vhost, respond};
use lws_role::Blueprint;
use lws_role_h1::h1;
use lws_role_h2::h2;
use lws_role_tls::tls;
use lws_role_ws::{CloseCode, Message, Protocol, Ws, WsClient, ws};
use lws_tls::{ClientSettings, Provider as _, ServerSettings, Source};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

struct Server {
    address: String,
    roots: Source,
    requests: Arc<AtomicUsize>,
    stop: Stop,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.stop();
        self.stop.stop();
    }
}

struct Echo;

impl Protocol for Echo {
    type Session = ();
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        assert!(ws.send(message.kind, message.data));
    }
}

/// What is served: over TLS with these, or plain HTTP/2.
enum Over {
    H2AndH1,
    H1,
    Plain,
}

impl Server {
    fn new(over: Over) -> Self {
        let own = self_signed(&["localhost"]).unwrap();
        let roots = Source::Memory(own.certificate);
        let acceptor = provider().server(ServerSettings::new(own.certificates)).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let requests = Arc::new(AtomicUsize::new(0));
        let count = requests.clone();
        std::thread::spawn(move || {
            let site = || {
                let count = count.clone();
                let answer = respond(move |request, reply| {
                    count.fetch_add(1, Ordering::Relaxed);
                    let version = match request.head().version {
                        lws_head::Version::Http2 => "HTTP/2",
                        _ => "HTTP/1.1",
                    };
                    reply.text(format!("{version} {}", request.head().path));
                });
                Vhost::new("localhost").mount("/", answer).upgrade("/chat", ws(|| Echo).subprotocol("b"))
            };
            let stack: Box<dyn Blueprint> = match over {
                Over::H2AndH1 => Box::new(tls(acceptor).over(h2(site())).over(h1(site()))),
                Over::H1 => Box::new(tls(acceptor).over(h1(site()))),
                Over::Plain => Box::new(h2(site())),
            };
            let mut service = Context::new().listen("127.0.0.1:0", Stack(stack)).build().unwrap();
            tell.send((service.addresses().next().unwrap().to_string(), service.stopper())).unwrap();
            service.run().unwrap();
        });
        let (address, stop) = told.recv_timeout(PATIENCE).unwrap();
        Self { address: address.replace("127.0.0.1", "localhost"), roots, requests, stop }
    }

    fn client(&self) -> Client {
        let settings = || ClientSettings::new([self.roots.clone()]);
        let http1 = provider().client(&settings().alpn(["http/1.1"])).unwrap();
        let http2 = provider().client(&settings().alpn(["h2", "http/1.1"])).unwrap();
        Client::new().tls(http1).http2(http2)
    }

    fn get(&self, path: &str) -> Request {
        Request::get(Url::parse(&format!("https://{}{path}", self.address)).unwrap())
    }
}

/// A blueprint that was chosen at run time.
struct Stack(Box<dyn Blueprint>);

impl Blueprint for Stack {
    fn install(
        &self,
        world: &mut lws_role::World,
    ) -> Result<Box<dyn lws_role::Acceptor>, lws_role::InstallError> {
        self.0.install(world)
    }
}

/// Connections that carry HTTP.
fn connections(own: &mut Loop) -> Vec<(&'static str, u64)> {
    let roles = own.service.world().hub.metrics.roles().to_vec();
    roles.iter().filter(|r| r.open > 0 && r.name != "alarm").map(|r| (r.name, r.open)).collect()
}

#[test]
fn alpn_chooses() {
    let server = Server::new(Over::H2AndH1);
    let mut own = Loop::with(server.client());
    assert_eq!(own.fetch(server.get("/a")).text(), "HTTP/2 /a");
    assert_eq!(own.fetch(server.get("/b")).text(), "HTTP/2 /b");
    assert_eq!(own.fetch(server.get("/c").http1()).text(), "HTTP/1.1 /c");
    assert_eq!(own.fetch(server.get("/d").http2()).text(), "HTTP/2 /d");
    let old = Server::new(Over::H1);
    let mut own = Loop::with(old.client());
    assert_eq!(own.fetch(old.get("/a")).text(), "HTTP/1.1 /a");
    assert_eq!(own.fetch(old.get("/a").http2()).error(), Error::NoHttp2);
    assert_eq!(own.fetch(old.get("/b")).text(), "HTTP/1.1 /b");
}

#[test]
fn many_requests_share_one_connection() {
    let server = Server::new(Over::H2AndH1);
    let mut own = Loop::with(server.client());
    // All at once, before it is known what the server speaks.
    let many: Vec<_> = (0..300).map(|i| own.send(server.get(&format!("/{i}")))).collect();
    own.turn_until(|| many.iter().all(|got| !got.borrow().results.is_empty()));
    for (i, got) in many.iter().enumerate() {
        assert_eq!(got.borrow().text(), format!("HTTP/2 /{i}"));
    }
    assert_eq!(server.requests.load(Ordering::Relaxed), 300);
    assert_eq!(connections(&mut own), [("tls", 1), ("h2-client", 1)]);
    assert_eq!(own.client(|client, _| client.idle()), 1);
    // Against a server of HTTP/1, as many as there may be.
    let old = Server::new(Over::H1);
    let mut own = Loop::with(old.client().connections_per_origin(4));
    let many: Vec<_> = (0..40).map(|i| own.send(old.get(&format!("/{i}")))).collect();
    own.turn_until(|| many.iter().all(|got| !got.borrow().results.is_empty()));
    assert!(many.iter().all(|got| got.borrow().results == [Ok(())]));
    assert_eq!(connections(&mut own), [("tls", 4), ("h1-client", 4)]);
}

#[test]
fn prior_knowledge() {
    let server = Server::new(Over::Plain);
    let url = |path: &str| Url::parse(&format!("http://{}{path}", server.address)).unwrap();
    let mut own = Loop::new();
    let many: Vec<_> = (0..20).map(|i| own.send(Request::get(url(&format!("/{i}"))).http2())).collect();
    own.turn_until(|| many.iter().all(|got| !got.borrow().results.is_empty()));
    assert!(many.iter().all(|got| got.borrow().text().starts_with("HTTP/2 /")));
    assert_eq!(connections(&mut own), [("h2-client", 1)]);
    let form = Request::form(url("/form"), Form::new().field("a", "b").multipart()).unwrap().http2();
    assert_eq!(own.fetch(form).text(), "HTTP/2 /form");
    // A server of HTTP/1 does not understand.
    let old = Origin::new(|_| (b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n".to_vec(), Then::Close));
    let got = own.fetch(Request::get(Url::parse(&old.url("/")).unwrap()).http2());
    assert!(matches!(got.error(), Error::Http(_)), "{:?}", got.error());
}

#[test]
fn a_connection_that_goes_away_is_replaced() {
    let server = Server::new(Over::H2AndH1);
    let mut own = Loop::with(server.client());
    own.fetch(server.get("/a")).text();
    let address = server.address.clone();
    let roots = server.roots.clone();
    // The server drains: GOAWAY, and then nobody is there.
    server.stop.stop();
    own.turn_until({
        let began = std::time::Instant::now();
        move || began.elapsed() > std::time::Duration::from_millis(200)
    });
    assert_eq!(own.client(|client, _| client.idle()), 0);
    let got = own.get(&format!("https://{address}/b"));
    assert!(matches!(got.error(), Error::Connect(_) | Error::Tls { .. }), "{:?}", got.error());
    drop(roots);
}

/// Says something, and notes what it hears.
struct Talker {
    notes: Rc<RefCell<Vec<String>>>,
}

impl Protocol for Talker {
    type Session = ();
    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        assert!(ws.send_text("hello"));
    }
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        self.notes.borrow_mut().push(message.text().unwrap().to_string());
        ws.close(CloseCode::NORMAL, "enough");
    }
    fn closed(&mut self, _session: (), why: lws_role::Closed) {
        self.notes.borrow_mut().push(format!("closed {why:?}"));
    }
}

/// RFC 8441: where there is a connection of HTTP/2, a WebSocket is one of its streams.
#[test]
fn a_websocket_on_a_connection_that_is_there() {
    for there in [true, false] {
        let server = Server::new(Over::H2AndH1);
        let mut own = Loop::with(server.client());
        if there {
            own.fetch(server.get("/a")).text();
        }
        let notes = Rc::new(RefCell::new(Vec::new()));
        let slot = own.service.world().add(Talker { notes: notes.clone() });
        let url = Url::parse(&format!("wss://{}/chat", server.address)).unwrap();
        let heard = Rc::new(RefCell::new(None));
        let sink = heard.clone();
        let handshake = WsClient::new(slot, random).subprotocol("b");
        own.client(|client, hub| {
            client
                .open(hub, Request::get(url), handshake, move |_, result| *sink.borrow_mut() = Some(result));
        });
        own.turn_until(|| notes.borrow().len() == 2);
        assert_eq!(*heard.borrow(), Some(Ok(Some("b".into()))));
        assert_eq!(*notes.borrow(), ["hello", "closed Done"]);
        let names: Vec<_> = connections(&mut own).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names.contains(&"h2-client"), there, "{names:?}");
        if there {
            assert_eq!(own.fetch(server.get("/b")).text(), "HTTP/2 /b");
        }
    }
}

/// What comes of opening a WebSocket there.
fn open(own: &mut Loop, request: Request) -> Result<Option<String>, Error> {
    let slot = own.service.world().add(Talker { notes: Rc::default() });
    let heard = Rc::new(RefCell::new(None));
    let sink = heard.clone();
    own.client(|client, hub| {
        let handshake = WsClient::new(slot, random);
        client.open(hub, request, handshake, move |_, result| *sink.borrow_mut() = Some(result));
    });
    own.turn_until(|| heard.borrow().is_some());
    heard.take().unwrap()
}

#[test]
fn a_websocket_that_is_refused_costs_its_stream_alone() {
    let server = Server::new(Over::H2AndH1);
    let mut own = Loop::with(server.client());
    own.fetch(server.get("/a")).text();
    let url = Url::parse(&format!("wss://{}/nowhere", server.address)).unwrap();
    assert!(matches!(open(&mut own, Request::get(url)), Err(Error::Status(_))));
    own.fetch(server.get("/b")).text();
    assert_eq!(connections(&mut own), [("tls", 1), ("h2-client", 1)]);
}

/// RFC 8441 §3: a server that does not say that it takes extended CONNECT is not asked; HTTP/1 has another way.
#[test]
fn a_websocket_where_http2_has_no_way_to_it() {
    let addr = common::scripted(|conn, mut stream| {
        if conn == 0 {
            // An empty SETTINGS frame, and the acknowledgement of the client's.
            stream.write_all(b"\0\0\0\x04\0\0\0\0\0\0\0\0\x04\x01\0\0\0\0").unwrap();
            std::thread::spawn(move || while stream.read(&mut [0; 1000]).unwrap_or(0) > 0 {});
        } else {
            assert!(common::read_head(&mut stream).contains("Upgrade: websocket"));
            stream.write_all(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
    });
    let url = Url::parse(&format!("ws://{addr}/")).unwrap();
    assert_eq!(open(&mut Loop::new(), Request::get(url).http2()), Err(Error::Status(404)));
}

/// What waits for a stream has its deadline, too.
#[test]
fn a_server_that_takes_no_more_streams() {
    let addr = common::scripted(|_, mut stream| {
        // SETTINGS with MAX_CONCURRENT_STREAMS 1, and the acknowledgement of the client's.
        stream.write_all(b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x01\0\0\0\x04\x01\0\0\0\0").unwrap();
        std::thread::spawn(move || while stream.read(&mut [0; 1000]).unwrap_or(0) > 0 {});
    });
    let mut own = Loop::new();
    let get = || Request::get(Url::parse(&format!("http://{addr}/")).unwrap()).http2();
    let first = own.send(get());
    own.turn_until({
        let began = std::time::Instant::now();
        move || began.elapsed() > Duration::from_millis(100)
    });
    let late = own.send(get().timeout(Duration::from_millis(150)));
    own.turn_until(|| !late.borrow().results.is_empty());
    assert!(matches!(late.borrow().error(), Error::Timeout(_)), "{:?}", late.borrow().error());
    assert!(first.borrow().results.is_empty());
}

/// A body that breaks off is no complete request here either.
#[test]
fn a_body_that_breaks_off() {
    let server = Server::new(Over::Plain);
    let url = Url::parse(&format!("http://{}/form", server.address)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    std::fs::write(&path, "x".repeat(100_000)).unwrap();
    let form = Request::form(url.clone(), Form::new().file("f", &path)).unwrap().http2();
    std::fs::File::create(&path).unwrap().set_len(10).unwrap();
    let mut own = Loop::new();
    let got = own.fetch(form);
    assert!(matches!(got.error(), Error::Http(f) if f.cause == Cause::Source), "{:?}", got.error());
    assert_eq!(own.fetch(Request::get(url).http2()).text(), "HTTP/2 /form", "it cost its stream alone");
    assert_eq!(connections(&mut own), [("h2-client", 1)]);
}

/// Long before nothing has moved for too long, because it was asked for a sign of life.
#[test]
fn a_silent_server_is_given_up_as_soon_as_was_said() {
    let silent = common::scripted(|_, mut stream| {
        // Its settings, so that all is well but for the answer; and then nothing.
        stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).unwrap();
        while stream.read(&mut [0; 4096]).is_ok_and(|n| n > 0) {}
    });
    let [ping_after, hangup_after] = [50, 120].map(Duration::from_millis);
    let client = Client::new().validity(Validity { ping_after, hangup_after });
    let began = std::time::Instant::now();
    let request = Request::get(Url::parse(&format!("http://{silent}/")).unwrap()).http2();
    assert_eq!(Loop::with(client).fetch(request).error(), Error::Timeout(Stage::Exchange));
    assert!(began.elapsed() < Duration::from_secs(9), "not by chance of the usual limits");
}
