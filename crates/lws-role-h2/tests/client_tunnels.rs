//! WebSocket over HTTP/2 (RFC 8441), client side: the same role as over HTTP/1, against our own server.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::desk::*;
use common::script::{Script, response};
use common::site::Notes;
use common::{END_HEADERS, data, kind, settings};
use lws_head::{Method, Version};
use lws_http::client::Cause;
use lws_role::{Closed, Role, SlotKey, World};
use lws_role_ws::{CloseCode, Kind, Message, Protocol, Ws, WsClient};
use lws_sim::{Conditions, Rng, for_seeds, ws};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// What is to be said, one message after the other's echo, and what was heard.
#[derive(Default)]
struct Talk {
    say: VecDeque<Vec<u8>>,
    /// Bytes of each fragment; `None`: whole messages.
    fragment: Option<usize>,
    heard: Vec<Vec<u8>>,
    closed: Option<Closed>,
    opened: u32,
}

struct Speaker(Rc<RefCell<Talk>>);

/// What is left of the message that goes out in fragments.
type Session = Vec<u8>;

impl Speaker {
    fn next(&mut self, rest: &mut Session, ws: &mut Ws<'_, '_>) {
        let mut talk = self.0.borrow_mut();
        let Some(message) = talk.say.front() else { return ws.close(CloseCode::NORMAL, "bye") };
        match talk.fragment {
            None => {
                if ws.send(Kind::Binary, message) {
                    talk.say.pop_front();
                } else {
                    ws.want_write();
                }
            }
            Some(size) => {
                if rest.is_empty() {
                    *rest = message.clone();
                }
                while ws.room() > 0 {
                    let n = rest.len().min(size).min(ws.room());
                    let last = n == rest.len();
                    if !ws.send_fragment(Kind::Binary, last, &rest[..n]) {
                        break;
                    }
                    rest.drain(..n);
                    if last {
                        talk.say.pop_front();
                        return;
                    }
                }
                ws.want_write();
            }
        }
    }
}

impl Protocol for Speaker {
    type Session = Session;
    fn open(&mut self, ws: &mut Ws<'_, '_>) -> Session {
        self.0.borrow_mut().opened += 1;
        let mut rest = Vec::new();
        self.next(&mut rest, ws);
        rest
    }
    fn message(&mut self, rest: &mut Session, ws: &mut Ws<'_, '_>, message: Message<'_>) {
        self.0.borrow_mut().heard.push(message.data.to_vec());
        self.next(rest, ws);
    }
    fn writable(&mut self, rest: &mut Session, ws: &mut Ws<'_, '_>) {
        self.next(rest, ws);
    }
    fn closed(&mut self, _rest: Session, why: Closed) {
        self.0.borrow_mut().closed = Some(why);
    }
}

fn random(bytes: &mut [u8]) {
    bytes.iter_mut().zip(1..).for_each(|(b, n)| *b = n);
}

/// A call that opens a WebSocket, on which `slot` speaks.
fn opening(desk: &Shared, slot: SlotKey<Speaker>, path: &str) -> One {
    let ws = WsClient::new(slot, random);
    let mut call = One::new(desk, "ws", Method::Get, path);
    call.head.fields.extend(ws.fields_on(Version::Http2));
    let accept = move |head: &lws_head::ResponseHead<'_>| {
        let accepted = ws.accept(head).unwrap();
        Some(Box::new(accepted.role) as Box<dyn Role>)
    };
    One { switch: Some(Box::new(accept)), ..call }
}

fn speaker(world: &mut World, talk: &Rc<RefCell<Talk>>) -> SlotKey<Speaker> {
    world.add(Speaker(talk.clone()))
}

fn converse(seed: u64, messages: &[Vec<u8>], fragment: Option<usize>, conditions: Conditions) {
    let (desk, notes) = (desk(), Notes::default());
    let talk = Rc::new(RefCell::new(Talk { say: messages.to_vec().into(), fragment, ..Talk::default() }));
    let mut pair = Pair::new(conditions, seed, &desk, &notes);
    let slot = speaker(pair.sim.world(), &talk);
    ask(&desk, opening(&desk, slot, "/ws"));
    ask(&desk, One::get(&desk, "beside", "/stream"));
    pair.wake();
    let got = talk.borrow();
    assert!(got.heard == *messages, "seed {seed}: {} of {}", got.heard.len(), messages.len());
    assert_eq!(got.closed, Some(Closed::Done), "seed {seed}");
    drop(got);
    let heard = heard(&desk);
    assert!(heard.contains(&"ws: switch 200".to_owned()), "{heard:?}");
    assert!(heard.contains(&"beside: end [100000]".to_owned()), "{heard:?}");
    // A close of the WebSocket is END_STREAM both ways: no reset, and the connection goes on.
    assert_eq!(notes.lock().unwrap().last().unwrap(), "socket: done");
    ask(&desk, One::get(&desk, "after", "/x"));
    pair.wake();
    assert_eq!(common::desk::heard(&desk), ["after: 200", "after: end [root /x]"]);
    pair.end();
}

#[test]
fn h2_19_messages_whole_and_in_fragments_under_seeds() {
    for_seeds!(0..16, |seed| {
        let mut rng = Rng::new(seed);
        let conditions = Conditions::rough(&mut rng);
        let messages: Vec<Vec<u8>> = (0..1 + rng.below(6))
            .map(|_| (0..rng.magnitude(0, 12_000)).map(|i| (i % 253) as u8).collect())
            .collect();
        let fragment = rng.one_in(2).then(|| 1 + rng.below(3_000));
        converse(seed, &messages, fragment, conditions);
    });
}

#[test]
fn h2_19_a_megabyte_both_ways_under_window_refill() {
    let message: Vec<u8> = (0..1_000_000).map(|i| (i % 249) as u8).collect();
    converse(1, std::slice::from_ref(&message), None, Conditions::CALM);
    converse(2, &[message], Some(50_000), Conditions::CALM);
}

/// A scripted server, and a WebSocket that is asked for.
fn scripted(entries: &[(u16, u32)]) -> (Shared, Rc<RefCell<Talk>>, Script) {
    let (desk, talk) = (desk(), Rc::new(RefCell::new(Talk::default())));
    talk.borrow_mut().say.push_back(b"hello".to_vec());
    let mut script = Script::new(&desk, entries);
    let slot = speaker(script.sim.world(), &talk);
    ask(&desk, opening(&desk, slot, "/chat"));
    script.wake(0);
    (desk, talk, script)
}

#[test]
fn rfc8441_extended_connect_waits_for_the_servers_word() {
    let (desk, talk) = (desk(), Rc::new(RefCell::new(Talk::default())));
    let mut script = Script::fresh(Conditions::CALM, 0, &desk);
    let slot = speaker(script.sim.world(), &talk);
    ask(&desk, opening(&desk, slot, "/chat"));
    script.wake(0);
    // RFC 8441 §3: not before the setting has come.
    let preface = script.sim.take_received(script.peer);
    assert!(!preface.windows(5).any(|w| w == b"/chat"), "no request");
    script.say(settings(&[(8, 1)]));
    let heads = script.of_kind(kind::HEADERS);
    let fields = script.fields(&heads[0]);
    let expected = [
        (":method", "CONNECT"),
        (":scheme", "http"),
        (":authority", "a"),
        (":path", "/chat"),
        (":protocol", "websocket"),
        ("sec-websocket-version", "13"),
    ];
    // RFC 8441 §5: neither Upgrade nor Connection, and no key.
    assert_eq!(fields, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    assert_eq!(heads[0].flags, END_HEADERS);
    script.sim.end();
}

#[test]
fn rfc8441_a_server_that_does_not_take_it() {
    for entries in [&[][..], &[(8, 0)]] {
        let (desk, _talk, mut script) = scripted(entries);
        assert_eq!(desk.borrow().failures[0].cause, Cause::NoSwitch);
        assert!(script.of_kind(kind::HEADERS).is_empty());
        script.sim.end();
    }
}

#[test]
fn rfc8441_a_refusal_is_a_response_like_any_other() {
    let (desk, talk, mut script) = scripted(&[(8, 1)]);
    script.say([response(END_HEADERS, 1, "403", &[("content-length", "2")]), data(1, 1, b"no")].concat());
    assert_eq!(heard(&desk), ["ws: 403", "ws: end [no]"]);
    assert_eq!(talk.borrow().opened, 0);
    script.sim.end();
}

#[test]
fn rfc8441_any_2xx_is_consent_and_needs_no_accept_field() {
    let (desk, talk, mut script) = scripted(&[(8, 1)]);
    script.say(response(END_HEADERS, 1, "204", &[]));
    assert_eq!((heard(&desk), talk.borrow().opened), (vec!["ws: switch 204".to_owned()], 1));
    let said: Vec<u8> = script.of_kind(kind::DATA).into_iter().flat_map(|f| f.payload).collect();
    assert_eq!(said[0] & 0x8f, 0x82, "a binary message");
    assert_eq!(said[1] & 0x80, 0x80, "masked, as over HTTP/1");
    script.sim.end();
}

#[test]
fn ws_19_end_of_stream_and_resets_are_the_end_of_the_connection() {
    let (_desk, talk, mut script) = scripted(&[(8, 1)]);
    script.say([response(END_HEADERS, 1, "200", &[]), data(1, 1, b"")].concat());
    assert_eq!(talk.borrow().closed, Some(Closed::Ended));
    // RFC 8441 §5: our side ends, too, and without a reset.
    let frames = script.frames();
    assert!(frames.iter().any(|f| f.kind == kind::DATA && f.flags == 1), "{frames:?}");
    assert!(frames.iter().all(|f| f.kind != kind::RST_STREAM), "{frames:?}");
    assert_eq!(script.closed(), None);
    script.sim.end();
    let (_desk, talk, mut script) = scripted(&[(8, 1)]);
    script.say([response(END_HEADERS, 1, "200", &[]), common::rst(1, 8)].concat());
    assert_eq!(talk.borrow().closed, Some(Closed::Lost));
    script.sim.end();
}

#[test]
fn cli_10_a_masked_frame_from_the_server() {
    let (_desk, talk, mut script) = scripted(&[(8, 1)]);
    script.say(response(END_HEADERS, 1, "200", &[]));
    script.frames();
    script.say(data(0, 1, &ws::text("masked")));
    assert_eq!(talk.borrow().closed, Some(Closed::Protocol));
    let frames = script.frames();
    assert!(frames.iter().any(|f| f.kind == kind::DATA && f.flags == 1), "its close frame, and END_STREAM");
    // The server has five seconds to end its side.
    script.advance(5.1);
    assert_eq!(script.of_kind(kind::RST_STREAM)[0].word(), common::CANCEL);
    script.sim.end();
}

#[test]
fn draining_closes_sockets_with_1001() {
    let (desk, talk) = (desk(), Rc::new(RefCell::new(Talk::default())));
    talk.borrow_mut().say.push_back(b"x".to_vec());
    let mut script = Script::new(&desk, &[(8, 1)]);
    let slot = speaker(script.sim.world(), &talk);
    ask(&desk, opening(&desk, slot, "/chat"));
    script.wake(0);
    script.say(response(END_HEADERS, 1, "200", &[]));
    script.frames();
    script.sim.drain();
    let said: Vec<u8> = script.of_kind(kind::DATA).into_iter().flat_map(|f| f.payload).collect();
    assert_eq!(said[0] & 0x8f, 0x88, "a close frame");
    script.say(data(1, 1, &[0x88, 2, 3, 0xe9]));
    assert_eq!((script.closed(), talk.borrow().closed), (Some(Closed::Shutdown), Some(Closed::Done)));
}
