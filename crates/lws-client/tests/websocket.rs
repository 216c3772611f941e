//! WebSocket clients (CLI-10).

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, Origin, PATIENCE, Then};
use lws_client::{Error, Request, Url, random};
use lws_core::Context;
use lws_http::Vhost;
use lws_role::{Closed, SlotKey};
use lws_role_h1::h1;
use lws_role_ws::{CloseCode, Message, Protocol, Refused, Ws, WsClient, ws};
use lws_ws::handshake::{Failure, accept_key};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::rc::Rc;

type Notes = Rc<RefCell<Vec<String>>>;

/// Says something, notes what it hears, and closes after so many messages.
struct Talker {
    notes: Notes,
    say: Vec<String>,
}

impl Protocol for Talker {
    type Session = usize;
    fn open(&mut self, ws: &mut Ws<'_, '_>) -> usize {
        assert!(ws.request().is_none(), "there was no request to us");
        self.notes.borrow_mut().push("open".into());
        ws.want_write();
        0
    }
    fn writable(&mut self, said: &mut usize, ws: &mut Ws<'_, '_>) {
        while let Some(text) = self.say.get(*said) {
            if !ws.send_text(text) {
                return ws.want_write();
            }
            *said += 1;
        }
    }
    fn message(&mut self, _said: &mut usize, ws: &mut Ws<'_, '_>, message: Message<'_>) {
        let text = message.text().unwrap().to_string();
        let mut notes = self.notes.borrow_mut();
        notes.push(text);
        if notes.len() == 1 + self.say.len() {
            ws.close(CloseCode::NORMAL, "enough");
        }
    }
    fn peer_closing(&mut self, _said: &mut usize, code: Option<u16>, _reason: &str) {
        self.notes.borrow_mut().push(format!("closing {code:?}"));
    }
    fn closed(&mut self, _said: usize, why: Closed) {
        self.notes.borrow_mut().push(format!("closed {why:?}"));
    }
}

struct Talk {
    own: Loop,
    slot: SlotKey<Talker>,
    notes: Notes,
}

impl Talk {
    fn new(say: &[&str]) -> Self {
        let mut own = Loop::new();
        let notes = Notes::default();
        let say = say.iter().map(|text| (*text).to_string()).collect();
        let slot = own.service.world().add(Talker { notes: notes.clone(), say });
        Self { own, slot, notes }
    }

    /// Opens a WebSocket; what `done` hears.
    fn open(&mut self, url: &str, subprotocols: &[&str]) -> Result<Option<String>, Error> {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let sink = heard.clone();
        let handshake = WsClient::new(self.slot, random);
        let handshake = subprotocols.iter().fold(handshake, |h, name| h.subprotocol(*name));
        let request = Request::get(Url::parse(url).unwrap()).field("Origin", "http://a").unwrap();
        self.own.client(|client, hub| {
            client.open(hub, request, handshake, move |_, result| sink.borrow_mut().push(result));
        });
        assert!(heard.borrow().is_empty(), "errors come later, whatever they are");
        self.own.turn_until(|| !heard.borrow().is_empty());
        self.own.settle();
        let mut heard = heard.borrow_mut();
        assert_eq!(heard.len(), 1, "exactly once");
        heard.remove(0)
    }

    fn until_closed(&mut self) -> Vec<String> {
        let notes = self.notes.clone();
        self.own.turn_until(|| notes.borrow().last().is_some_and(|note| note.starts_with("closed")));
        notes.take()
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

#[test]
fn a_conversation_with_our_own_server() {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let site = Vhost::new("localhost").upgrade("/chat", ws(|| Echo).subprotocol("b").origin("http://a"));
        let mut service = Context::new().listen("127.0.0.1:0", h1(site)).build().unwrap();
        let address = service.addresses().next().unwrap().to_string();
        tell.send((address, service.stopper())).unwrap();
        service.run().unwrap();
    });
    let (address, stop) = told.recv_timeout(PATIENCE).unwrap();
    let long = "\u{e4}".repeat(200_000);
    let mut talk = Talk::new(&["", "hello", &long, &"x".repeat(126)]);
    assert_eq!(talk.open(&format!("ws://{address}/chat"), &["a", "b"]), Ok(Some("b".into())));
    let notes = talk.until_closed();
    assert_eq!(notes[..3], ["open", "", "hello"]);
    assert!(notes[3] == long && notes[4].len() == 126);
    assert_eq!(notes[5..], ["closing Some(1000)", "closed Done"]);
    assert_eq!(talk.open(&format!("ws://{address}/nowhere"), &[]), Err(Error::Status(404)));
    assert_eq!(talk.notes.borrow().len(), 0, "it is not opened");
    stop.stop();
    stop.stop();
}

/// A server's answer to a handshake, with these instead of what is right.
fn answer(request: &str, accept: Option<&str>, more: &str) -> Vec<u8> {
    let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let right = String::from_utf8(accept_key(key.as_bytes()).to_vec()).unwrap();
    let accept = accept.unwrap_or(&right);
    let fields =
        format!("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{more}");
    format!("HTTP/1.1 101 Switching Protocols\r\n{fields}\r\n").into_bytes()
}

#[test]
fn cli_10_answers_that_open_nothing() {
    let handshake = |failure| Error::Handshake(Refused::Handshake(failure));
    for (accept, more, expected) in [
        (Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "", handshake(Failure::Accept)),
        (Some(""), "", handshake(Failure::Accept)),
        (None, "Sec-WebSocket-Accept: x\r\n", handshake(Failure::Accept)),
        (None, "Sec-WebSocket-Protocol: c\r\n", handshake(Failure::Protocol)),
        (None, "Sec-WebSocket-Protocol: a, b\r\n", handshake(Failure::Protocol)),
        (None, "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a\r\n", handshake(Failure::Protocol)),
        (None, "Sec-WebSocket-Extensions: permessage-deflate\r\n", Error::Handshake(Refused::Extension)),
        (None, "Sec-WebSocket-Extensions: \r\n", Error::Handshake(Refused::Extension)),
    ] {
        let origin = Origin::new(move |seen| (answer(&seen.text, accept, more), Then::Stay));
        let mut talk = Talk::new(&[]);
        assert_eq!(talk.open(&origin.url("/").replace("http", "ws"), &["a", "b"]), Err(expected), "{more}");
        assert!(talk.notes.borrow().is_empty(), "the protocol has never heard of it");
    }
    let plain = Origin::saying("HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n");
    let url = plain.url("/").replace("http", "ws");
    assert_eq!(Talk::new(&[]).open(&url, &[]), Err(handshake(Failure::Connection)));
    for status in [200, 302, 401, 503] {
        let origin = Origin::saying(common::found(status, "/x"));
        let url = origin.url("/").replace("http", "ws");
        assert_eq!(Talk::new(&[]).open(&url, &[]), Err(Error::Status(status)));
        assert_eq!(origin.seen().len(), 1);
    }
}

#[test]
fn what_the_request_says() {
    let origin = Origin::new(|seen| (answer(&seen.text, None, ""), Then::Stay));
    let url = origin.url("/x?y").replace("http", "ws");
    assert_eq!(Talk::new(&[]).open(&url, &["a", "not a token", "b", "a"]), Ok(None));
    assert_eq!(Talk::new(&[]).open(&url, &[]), Ok(None));
    let seen = origin.seen();
    assert_eq!(seen[0].line(), "GET /x?y HTTP/1.1");
    for field in
        ["upgrade: websocket", "connection: upgrade", "sec-websocket-version: 13", "origin: http://a"]
    {
        assert!(seen[0].has(&format!("\r\n{field}\r\n")), "{field}");
    }
    assert!(seen[0].has("\r\nsec-websocket-protocol: a, b\r\n") && !seen[1].has("sec-websocket-protocol"));
    let key = |i: usize| seen[i].text.lines().find(|line| line.starts_with("Sec-WebSocket-Key")).unwrap();
    assert_ne!(key(0), key(1));
}

/// Frames behind the answer, in the same packet: what becomes of the connection.
fn behind_the_answer(frames: &'static [u8]) -> Vec<String> {
    let origin = Origin::new(move |seen| ([&answer(&seen.text, None, "")[..], frames].concat(), Then::Stay));
    let mut talk = Talk::new(&["never", "so", "many", "messages"]);
    assert_eq!(talk.open(&origin.url("/").replace("http", "ws"), &[]), Ok(None));
    talk.until_closed()
}

#[test]
fn cli_10_a_server_that_masks() {
    // RFC 6455 §5.1: a client MUST close a connection if it detects a masked frame.
    assert_eq!(behind_the_answer(b"\x81\x82\x01\x02\x03\x04\x69\x6b"), ["open", "closed Protocol"]);
    // WS rows hold for clients, too.
    assert_eq!(behind_the_answer(b"\xc1\x02hi"), ["open", "closed Protocol"]);
    assert_eq!(behind_the_answer(b"\x81\x02\xff\xff"), ["open", "closed Protocol"]);
    assert_eq!(
        behind_the_answer(b"\x81\x02hi\x88\x02\x03\xe8"),
        ["open", "hi", "closing Some(1000)", "closed Done"]
    );
}

#[test]
fn every_frame_has_a_mask_of_its_own() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut some = vec![0; 4096];
        let n = stream.read(&mut some).unwrap();
        stream.write_all(&answer(&String::from_utf8_lossy(&some[..n]), None, "")).unwrap();
        let mut rest = vec![0; 3 * (6 + 3)];
        stream.read_exact(&mut rest).unwrap();
        stream.write_all(b"\x89\x01p\x88\x00").unwrap();
        stream.read_to_end(&mut rest).unwrap();
        rest
    });
    let mut talk = Talk::new(&["one", "one", "one"]);
    assert_eq!(talk.open(&url, &[]), Ok(None));
    talk.until_closed();
    let bytes = server.join().unwrap();
    let (mut at, mut masks, mut opcodes) = (0, std::collections::HashSet::new(), Vec::new());
    while at < bytes.len() {
        // RFC 6455 §5.3: MASK is set, and the key is fresh.
        assert_eq!(bytes[at + 1] & 0x80, 0x80, "frame {}", opcodes.len());
        opcodes.push(bytes[at] & 0xf);
        let mask: [u8; 4] = bytes[at + 2..at + 6].try_into().unwrap();
        assert!(masks.insert(mask));
        let len = usize::from(bytes[at + 1] & 0x7f);
        let payload: Vec<u8> = (0..len).map(|i| bytes[at + 6 + i] ^ mask[i % 4]).collect();
        match bytes[at] & 0xf {
            1 => assert_eq!(payload, b"one"),
            10 => assert_eq!(payload, b"p"),
            _ => assert_eq!(payload, b""),
        }
        at += 6 + len;
    }
    assert_eq!(opcodes, [1, 1, 1, 10, 8]);
}
