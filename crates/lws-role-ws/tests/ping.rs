//! Pings that a protocol sends, and the pongs it hears of (RFC 6455 §5.5.2, §5.5.3), as server and as client.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Line, Notes};
use lws_head::{FieldPos, Fields, ResponseHead, Status, Version};
use lws_role_ws::{CloseCode, Kind, Message, Protocol, Ws, WsClient, ws as websocket};
use lws_sim::ws::{self, Heard};
use lws_sim::{Conditions, Sim};
use lws_ws::handshake::accept_key;
use lws_ws::limits::MAX_CONTROL;
use lws_ws::{Event, Receiver, Side};
use std::sync::Arc;

/// Does as it is told by each message, and notes what came of it.
struct Pinger(Notes);

impl Pinger {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn act(&self, ws: &mut Ws<'_, '_>, what: &str) {
        match what {
            "between" => {
                assert!(ws.send_fragment(Kind::Text, false, b"a"));
                assert!(ws.ping(b"p"));
                assert!(ws.send_fragment(Kind::Text, true, b"b"));
            }
            "closed" => {
                ws.close(CloseCode::NORMAL, "");
                self.note(format!("{}", ws.ping(b"")));
            }
            size => {
                let payload = vec![b'x'; size.parse().unwrap()];
                let sent = ws.ping(&payload);
                self.note(format!("{sent}"));
            }
        }
    }
}

impl Protocol for Pinger {
    type Session = ();
    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        assert!(ws.ping(b"open"));
    }
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        self.act(ws, message.text().unwrap());
    }
    fn pong(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, payload: &[u8]) {
        self.note(format!("pong {}", String::from_utf8_lossy(payload)));
        if payload == b"again" {
            assert!(ws.ping(b"!"));
        }
    }
}

fn server() -> (Line, Notes) {
    let notes = Notes::default();
    let own = Arc::clone(&notes);
    let line = Line::to(websocket(move || Pinger(Arc::clone(&own))), Conditions::CALM);
    (line, notes)
}

#[test]
fn a_servers_protocol_pings_and_hears_pongs() {
    let (mut line, notes) = server();
    assert_eq!(line.heard(), [Heard::Ping(b"open".into())]);
    line.say(ws::whole(ws::PONG, b"open"));
    line.say(ws::text("125"));
    line.say(ws::text("between"));
    assert_eq!(
        line.heard()[1..],
        [Heard::Ping(vec![b'x'; MAX_CONTROL]), Heard::Ping(b"p".into()), Heard::Text("ab".into())]
    );
    // RFC 6455 §5.5.3: one that nobody asked for; and from within `pong`.
    line.say(ws::whole(ws::PONG, b"again"));
    assert_eq!(line.heard().last(), Some(&Heard::Ping(b"!".into())));
    assert_eq!(*notes.lock().unwrap(), ["pong open", "true", "pong again"]);
    line.end();
}

/// RFC 6455 §5.5, §5.5.1.
#[test]
fn pings_that_are_none() {
    let (mut line, notes) = server();
    let before = line.heard().len();
    line.say(ws::text("126"));
    assert_eq!(line.heard().len(), before, "too long");
    line.say(ws::text("closed"));
    assert_eq!(line.heard().len(), before + 1, "the close frame alone");
    // A pong that comes after our close frame is not told any more.
    line.say(ws::whole(ws::PONG, b"late"));
    assert_eq!(*notes.lock().unwrap(), ["false", "false"]);
    line.say(ws::close(1000, ""));
    line.end();
}

fn random(bytes: &mut [u8]) {
    bytes.iter_mut().zip(1..).for_each(|(b, n)| *b = n);
}

/// The head of a server that consents.
fn consent(key: &[u8], f: impl FnOnce(&ResponseHead<'_>)) {
    let accept = accept_key(key);
    let (mut block, mut index) = (Vec::new(), Vec::new());
    for (name, value) in
        [("Upgrade", &b"websocket"[..]), ("Connection", b"Upgrade"), ("Sec-WebSocket-Accept", &accept)]
    {
        let at = u16::try_from(block.len()).unwrap();
        block.extend_from_slice(name.as_bytes());
        block.extend_from_slice(value);
        let [name_len, value_len] = [name.len(), value.len()].map(|n| u16::try_from(n).unwrap());
        index.push(FieldPos { name: at, name_len, value: at + name_len, value_len });
    }
    let fields = Fields::new(&block, &index);
    let status = Status::new(101).unwrap();
    f(&ResponseHead { status, version: Version::Http11, reason: b"", fields });
}

#[test]
fn a_clients_protocol_pings_and_hears_pongs() {
    let notes = Notes::default();
    let mut sim = Sim::under(Conditions::CALM, 0);
    let slot = sim.world().add(Pinger(Arc::clone(&notes)));
    let handshake = WsClient::new(slot, random);
    let fields = handshake.fields();
    let key = fields.iter().find(|(name, _)| name == "Sec-WebSocket-Key").unwrap().1.clone();
    let mut peer = None;
    consent(&key, |head| peer = Some(sim.start(Box::new(handshake.accept(head).unwrap().role))));
    let peer = peer.unwrap();
    sim.run();
    // A server's receiver insists on masks.
    let mut receiver = Receiver::new(Side::Server, lws_ws::Options::default());
    let mut bytes = sim.take_received(peer);
    let received = receiver.receive(&mut bytes).unwrap().unwrap();
    assert!(matches!(received.event, Event::Ping(b"open")));
    sim.send(peer, b"\x8a\x04open");
    sim.send(peer, b"\x8a\x05again");
    sim.run();
    let mut bytes = sim.take_received(peer);
    let mut receiver = Receiver::new(Side::Server, lws_ws::Options::default());
    let received = receiver.receive(&mut bytes).unwrap().unwrap();
    assert!(matches!(received.event, Event::Ping(b"!")));
    assert_eq!(*notes.lock().unwrap(), ["pong open", "pong again"]);
}
