//! HTTP/1.1, HTTP/2 and WebSocket over TLS on loopback sockets: each library's client with each library's server, with full
//! handshakes and resumed ones.

use std::sync::Arc;

use backends::tls::{backends, each_pair, only, trusting};
use backends::tls_certs::leaf;
use lws::blocking::Agent;
use lws::client::Client;
use lws::http::{Sites, respond};
use lws::tls::{Connector, Version, tls};
use lws::ws::{Message, Protocol, Ws, ws};
use lws::{Context, Facts, Threads, Vhost, h1, h2};

/// What the server knows of a connection.
fn told(facts: &Facts) -> String {
    let Some(tls) = facts.tls() else { return "plain".to_string() };
    let alpn = String::from_utf8_lossy(tls.alpn.as_deref().unwrap_or(b"nothing")).into_owned();
    format!("{alpn} {} {}", tls.version, if tls.resumed { "resumed" } else { "full" })
}

/// Echoes, and says at first what it knows of the connection.
struct Echo;

impl Protocol for Echo {
    type Session = ();

    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        let told = told(ws.facts());
        ws.send(lws::ws::Kind::Text, told.as_bytes());
    }

    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        ws.send(message.kind, message.data);
    }
}

fn serve(acceptor: Arc<dyn lws::tls::Acceptor>) -> (Threads, String) {
    let page = respond(|request, reply| {
        let told = told(request.facts());
        reply.text(told);
    });
    let sites = Sites::from(Vhost::new("localhost").mount("/", page).upgrade("/echo", ws(|| Echo)));
    let stack = tls(acceptor).over(h2(sites.clone())).over(h1(sites));
    let threads = Context::new().listen("127.0.0.1:0", stack).start().expect("a loop");
    let port =
        threads.addresses().next().expect("an address").to_string().rsplit(':').next().map(str::to_string);
    (threads, format!("localhost:{}", port.expect("a port")))
}

/// A page, over a connection of its own.
fn get(client: Client, authority: &str) -> String {
    let mut agent = Agent::with(client).expect("a loop");
    let response = agent.get(&format!("https://{authority}/")).unwrap_or_else(|e| panic!("{e}"));
    response.text().into_owned()
}

/// An echo of half a megabyte and of nothing, over a connection of its own.
fn echo(connector: Arc<dyn Connector>, authority: &str) -> String {
    let agent = Agent::with(Client::new().tls(connector)).expect("a loop");
    let mut socket = agent.websocket(&format!("wss://{authority}/echo")).unwrap_or_else(|e| panic!("{e}"));
    let told = socket.receive().unwrap().text().unwrap().to_string();
    for length in [0, 1, 16_384, 60_000] {
        let text = "x".repeat(length);
        socket.send_text(&text).unwrap();
        assert!(socket.receive().unwrap().text() == Some(&text), "{length} bytes");
    }
    socket.close().unwrap();
    told
}

#[test]
fn each_client_speaks_every_protocol_with_each_server() {
    let own = leaf(&["localhost"]).self_signed();
    let servers: Vec<_> =
        backends().iter().map(|backend| (backend.name, serve(backend.acceptor(&own, &[])))).collect();
    each_pair(|client, server, version| {
        let what = format!("{client:?} to {server:?}, {version}");
        let (_, (_, authority)) = servers.iter().find(|(name, _)| *name == server.name).unwrap();
        let connector = |alpn: &[&str]| client.connect(&only(version, trusting(&own)).alpn(alpn));
        let (http1, http2) = (connector(&["http/1.1"]), connector(&["h2", "http/1.1"]));
        let sockets = connector(&["http/1.1"]);
        for how in ["full", "resumed", "resumed"] {
            let page = get(Client::new().tls(http1.clone()), authority);
            assert_eq!(page, format!("http/1.1 {version} {how}"), "{what}");
            let page = get(Client::new().http2(http2.clone()), authority);
            assert_eq!(page, format!("h2 {version} {how}"), "{what}");
            let told = echo(sockets.clone(), authority);
            assert_eq!(told, format!("http/1.1 {version} {how}"), "{what}");
        }
    });
    for (_, (threads, _)) in servers {
        threads.stopper().stop();
        threads.join().unwrap();
    }
}

/// The server's order decides, and where nothing is in common there is no connection (TLS-05).
#[test]
fn tls_05_protocols_are_negotiated_between_all() {
    let own = leaf(&["localhost"]).self_signed();
    for server in backends() {
        let (threads, authority) = serve(server.acceptor(&own, &[]));
        for client in backends() {
            let offering = |alpn: &[&str]| client.connector(&own, alpn);
            let what = format!("{client:?} to {server:?}");
            let page = get(Client::new().http2(offering(&["http/1.1", "h2"])), &authority);
            assert!(page.starts_with("h2 "), "{what}: {page}");
            let page = get(Client::new().http2(offering(&["http/1.1"])), &authority);
            assert!(page.starts_with("http/1.1 "), "{what}: {page}");
            let mut agent = Agent::with(Client::new().tls(offering(&["ftp"]))).expect("a loop");
            let error = agent.get(&format!("https://{authority}/")).err().expect("nothing in common");
            assert!(error.to_string().contains("no_application_protocol"), "{what}: {error}");
        }
        threads.stopper().stop();
        threads.join().unwrap();
    }
    assert_eq!(Version::Tls13.to_string(), "TLS 1.3");
}
