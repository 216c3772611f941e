//! WS-09 to WS-11: who may open a WebSocket, and how.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Echo, Notes};
use lws_http::{Vhost, respond};
use lws_role_h1::{H1, h1};
use lws_role_ws::{Message, Protocol, Ws, WsBlueprint, ws as websocket};
use lws_sim::{Conditions, Sim, http, ws};
use std::sync::{Arc, Mutex};

fn site<P: Protocol, F: Fn() -> P + Send + Sync + 'static>(endpoint: WsBlueprint<F>) -> H1 {
    h1(Vhost::new("localhost").upgrade("/", endpoint).mount("", respond(|_, reply| reply.text("page"))))
}

fn echo() -> WsBlueprint<impl Fn() -> Echo + Send + Sync + 'static> {
    websocket(|| Echo(Notes::default()))
}

/// The answer to this request.
fn answer(site: &H1, request: &[u8]) -> http::Response {
    let mut sim = Sim::under(Conditions::BYTES, 0);
    let acceptor = sim.install(site);
    let peer = sim.accept(&*acceptor);
    sim.send(peer, request);
    sim.run();
    let (answer, _) = http::response(sim.received(peer), false, sim.closed(peer).is_some()).unwrap().unwrap();
    assert_eq!(sim.role(peer), if answer.status == 101 { Some("ws") } else { sim.role(peer) });
    assert!(answer.status != 101 || answer.field("sec-websocket-accept").is_some());
    sim.end();
    answer
}

#[test]
fn ws_09_origins() {
    let check = |site: &H1, origin: &str, status: u16| {
        let got = answer(site, &ws::upgrade_with("/", &[("Origin", origin)])).status;
        assert_eq!(got, status, "{origin}");
    };
    let own = site(echo());
    assert_eq!(answer(&own, &ws::upgrade("/")).status, 101, "no browser");
    check(&own, "http://localhost", 101);
    check(&own, "https://localhost", 101);
    for evil in [
        "http://evil.example",
        "null",
        "http://localhost.evil.example",
        "http://evil-localhost",
        "http://a.localhost",
        "http://localhost:8080",
        "file://",
        "",
        "http://localhost@evil.example",
        "http://localhost/x",
    ] {
        check(&own, evil, 403);
    }
    let open = site(echo().origin("https://app.example"));
    check(&open, "https://app.example", 101);
    check(&open, "http://localhost", 101);
    for evil in
        ["http://app.example", "https://app.example.evil", "https://x.app.example", "https://app.example:1"]
    {
        check(&open, evil, 403);
    }
    let twice = ws::upgrade_with("/", &[("Origin", "http://localhost"), ("Origin", "http://localhost")]);
    assert_eq!(answer(&own, &twice).status, 403);
}

type Fields = Vec<(&'static str, &'static str)>;

#[test]
fn ws_10_what_a_handshake_needs() {
    let request = |method: &str, edit: &dyn Fn(&mut Fields)| {
        let mut fields = vec![
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        edit(&mut fields);
        http::request(method, "/", &fields, b"")
    };
    let check = |bytes: Vec<u8>, status: u16| {
        let got = answer(&site(echo()), &bytes);
        assert_eq!(got.status, status, "{}", String::from_utf8_lossy(&bytes));
        assert_eq!(got.field("sec-websocket-version"), (status == 426).then_some("13"));
    };
    check(request("GET", &|_| {}), 101);
    check(request("GET", &|f| f[0].1 = "WebSocket"), 101);
    check(request("GET", &|f| f[1].1 = "keep-alive, upgrade"), 101);
    for version in ["12", "8", "14", "013", "13, 8"] {
        check(request("GET", &|f| f[2].1 = version), 426);
    }
    check(request("GET", &|f| _ = f.remove(2)), 400);
    check(request("GET", &|f| f.push(("Sec-WebSocket-Version", "13"))), 400);
    for key in [
        "",
        "c2hvcnQ=",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ==x",
        "dGhlIHNhbXBsZSBub25jZQA=",
        "!",
    ] {
        check(request("GET", &|f| f[3].1 = key), 400);
    }
    check(request("GET", &|f| _ = f.remove(3)), 400);
    check(request("GET", &|f| f.push(("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="))), 400);
    for method in ["POST", "PUT", "OPTIONS", "DELETE"] {
        check(request(method, &|_| {}), 400);
    }
    // Not asked for at all, or not in earnest: an ordinary page.
    check(request("GET", &|f| _ = f.remove(0)), 200);
    check(request("GET", &|f| _ = f.remove(1)), 200);
    check(request("GET", &|f| f[0].1 = "websockets"), 200);
    let old = String::from_utf8(request("GET", &|_| {})).unwrap().replace("HTTP/1.1", "HTTP/1.0");
    check(old.into_bytes(), 200);
}

#[test]
fn ws_11_long_lists() {
    let ours = || site(echo().subprotocol("chat"));
    let commas = ",".repeat(8_000);
    let quotes = "\"a\\\"".repeat(2_000);
    let many = (0..17).map(|i| format!("p{i}")).collect::<Vec<_>>().join(", ");
    // A list of nothing names none of ours: an ordinary page.
    for (value, status) in [(&commas[..], 200), (&quotes, 400), (&many, 400), ("a b", 400)] {
        let got = answer(&ours(), &ws::upgrade_with("/", &[("Sec-WebSocket-Protocol", value)])).status;
        assert_eq!(got, status, "{}", &value[..value.len().min(40)]);
    }
    let repeated: Vec<(&str, &str)> = vec![("Sec-WebSocket-Protocol", "x"); 17];
    assert_eq!(answer(&ours(), &ws::upgrade_with("/", &repeated)).status, 400);
    // An extension that nobody here speaks is left out of the answer, whatever its list looks like.
    let answered =
        answer(&ours(), &ws::upgrade_with("/", &[("Sec-WebSocket-Extensions", "permessage-foo; x=\"y\"")]));
    assert_eq!((answered.status, answered.field("sec-websocket-extensions")), (101, None));
}

#[test]
fn subprotocols() {
    let chosen = |ours: &[&'static str], offered: &[(&str, &str)]| {
        let endpoint = ours.iter().fold(echo(), |e, name| e.subprotocol(*name));
        let got = answer(&site(endpoint), &ws::upgrade_with("/", offered));
        (got.status, got.field("sec-websocket-protocol").map(String::from))
    };
    let offer = |list: &'static str| [("Sec-WebSocket-Protocol", list)];
    assert_eq!(
        chosen(&["chat", "superchat"], &offer("superchat, chat")),
        (101, Some("chat".into())),
        "our order"
    );
    assert_eq!(chosen(&["chat"], &offer("x, chat")), (101, Some("chat".into())));
    assert_eq!(chosen(&["chat"], &[]), (101, None), "none offered, none named");
    assert_eq!(chosen(&[], &offer("chat")), (101, None), "none here, none named");
    assert_eq!(chosen(&["chat"], &offer("x")).0, 200, "not meant: an ordinary page");
    assert_eq!(chosen(&["chat"], &offer("Chat")).0, 200, "names have a case");
    // Two endpoints at one path, told apart by their names.
    let site = h1(Vhost::new("localhost")
        .upgrade("/", websocket(|| Named("one")).subprotocol("one"))
        .upgrade("/", websocket(|| Named("two")).subprotocol("two")));
    for name in ["one", "two"] {
        let mut sim = Sim::under(Conditions::CALM, 0);
        let acceptor = sim.install(&site);
        let peer = sim.accept(&*acceptor);
        sim.send(peer, &ws::upgrade_with("/", &[("Sec-WebSocket-Protocol", name)]));
        sim.run();
        assert_eq!(ws::heard_after_upgrade(sim.received(peer)).unwrap(), [ws::Heard::Text(name.into())]);
        sim.end();
    }
}

/// Says its name.
struct Named(&'static str);

impl Protocol for Named {
    type Session = ();
    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        assert!(ws.send_text(self.0));
    }
    fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, _message: Message<'_>) {}
}

#[test]
fn the_request_can_be_read_in_open_and_later_not() {
    struct Curious(Arc<Mutex<Vec<String>>>);
    impl Protocol for Curious {
        type Session = ();
        fn open(&mut self, ws: &mut Ws<'_, '_>) {
            let head = ws.request().expect("the head is there in open");
            let note = format!("{} {:?} {:?}", head.path, head.query, head.fields.text("x-token"));
            self.0.lock().unwrap().push(note);
        }
        fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, _message: Message<'_>) {
            assert!(ws.request().is_none());
            self.0.lock().unwrap().push("message".into());
        }
    }
    let notes = Arc::<Mutex<Vec<String>>>::default();
    let own = Arc::clone(&notes);
    let mut sim = Sim::under(Conditions::BYTES, 0);
    let acceptor = sim.install(&site(websocket(move || Curious(Arc::clone(&own)))));
    let peer = sim.accept(&*acceptor);
    sim.send(peer, &ws::upgrade_with("/a/b?c=d", &[("X-Token", "t")]));
    sim.send(peer, &ws::text("x"));
    sim.run();
    assert_eq!(*notes.lock().unwrap(), ["/a/b Some(\"c=d\") Some(\"t\")", "message"]);
    sim.end();
}
