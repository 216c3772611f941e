//! permessage-deflate (RFC 7692) at the client's role: what it offers and takes for an answer, conversations with our
//! own server, and what a hostile server can do.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
#[path = "../../lws-sim/tests/support/counting.rs"]
mod counting;

use common::{Echo, Notes};
use lws_head::{FieldPos, Fields, ResponseHead, Status, Version};
use lws_http::Vhost;
use lws_pmd::{Deflater, Engine};
use lws_role::{SlotKey, World};
use lws_role_h1::h1;
use lws_role_ws::{
    Accepted, CloseCode, Closed, DeflateOptions, Fragment, Kind, Message, Protocol, Refused, WindowBits, Ws,
    WsClient, ws as websocket,
};
use lws_sim::{Conditions, PeerId, Rng, Sim, for_seeds, http};
use lws_wire::{Out, Time};
use lws_ws::handshake::{Failure, accept_key};
use lws_ws::{Event, Header, Opcode, Receiver, Side};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

const EXTENSIONS: &str = "Sec-WebSocket-Extensions";
const NO_TAKEOVER: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
const ACCEPT: &str = "Sec-WebSocket-Accept";

fn random(bytes: &mut [u8]) {
    bytes.iter_mut().zip(1..).for_each(|(b, n)| *b = n);
}

fn with_takeover() -> DeflateOptions {
    DeflateOptions::default().server_no_context_takeover(false).client_no_context_takeover(false)
}

fn bits(bits: u8) -> WindowBits {
    WindowBits::new(bits).unwrap()
}

/// What is to be said, one message after the other's echo, and what was heard.
#[derive(Default)]
struct Talk {
    say: VecDeque<(Kind, Vec<u8>)>,
    heard: Vec<(Kind, Vec<u8>)>,
    closed: Option<Closed>,
}

type Talked = Rc<RefCell<Talk>>;

struct Speaker(Talked);

impl Speaker {
    fn next(&mut self, ws: &mut Ws<'_, '_>) {
        let mut talk = self.0.borrow_mut();
        let Some((kind, message)) = talk.say.front() else { return };
        if ws.send(*kind, message) {
            talk.say.pop_front();
        } else {
            ws.want_write();
        }
    }
}

impl Protocol for Speaker {
    type Session = ();
    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        self.next(ws);
    }
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        self.0.borrow_mut().heard.push((message.kind, message.data.to_vec()));
        if self.0.borrow().say.is_empty() {
            return ws.close(CloseCode::NORMAL, "");
        }
        self.next(ws);
    }
    fn writable(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>) {
        self.next(ws);
    }
    fn closed(&mut self, _session: (), why: Closed) {
        self.0.borrow_mut().closed = Some(why);
    }
}

/// Counts the bytes it is given, in pieces.
struct Counter(Rc<RefCell<usize>>);

impl Protocol for Counter {
    type Session = ();
    const STREAMING: bool = true;
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, _message: Message<'_>) {}
    fn fragment(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, part: Fragment<'_>) -> usize {
        *self.0.borrow_mut() += part.data.len();
        part.data.len()
    }
}

/// The answer that consents, with further fields, as a head of `version` shows it.
fn answer<P: Protocol>(
    client: WsClient<P>,
    version: Version,
    fields: &[(&str, &str)],
) -> Result<Accepted<P>, Refused> {
    let key = client.fields().into_iter().find(|(name, _)| name == "Sec-WebSocket-Key").unwrap().1;
    let accept = accept_key(&key);
    let consent = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        (ACCEPT, std::str::from_utf8(&accept).unwrap()),
    ];
    let (code, consent) = if version == Version::Http2 { (200, &[][..]) } else { (101, &consent[..]) };
    head(code, version, consent.iter().chain(fields), |head| client.accept(head))
}

fn head<'a, R>(
    code: u16,
    version: Version,
    fields: impl Iterator<Item = &'a (&'a str, &'a str)>,
    f: impl FnOnce(&ResponseHead<'_>) -> R,
) -> R {
    let (mut block, mut index) = (Vec::new(), Vec::new());
    for (name, value) in fields {
        let at = block.len();
        block.extend_from_slice(name.as_bytes());
        block.extend_from_slice(value.as_bytes());
        let [name, name_len, value_len] = [at, name.len(), value.len()].map(|n| u16::try_from(n).unwrap());
        index.push(FieldPos { name, name_len, value: name + name_len, value_len });
    }
    let fields = Fields::new(&block, &index);
    f(&ResponseHead { status: Status::new(code).unwrap(), version, reason: b"", fields })
}

fn client(options: Option<DeflateOptions>) -> WsClient<Speaker> {
    let mut world = World::new(Time::ZERO);
    let client = WsClient::new(world.add(Speaker(Talked::default())), random);
    match options {
        Some(options) => client.deflate(options),
        None => client,
    }
}

#[test]
fn what_is_offered() {
    let offered = |options: Option<DeflateOptions>, version| {
        let fields = client(options).fields_on(version);
        let mut values = fields.into_iter().filter(|(name, _)| name == EXTENSIONS).map(|(_, value)| value);
        let value = values.next().map(|value| String::from_utf8(value).unwrap());
        assert_eq!(values.next(), None);
        value
    };
    let cases = [
        (None, None),
        (
            Some(DeflateOptions::default()),
            Some(
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                 client_max_window_bits",
            ),
        ),
        (Some(with_takeover()), Some("permessage-deflate; client_max_window_bits")),
        (
            Some(with_takeover().server_max_window_bits(bits(9)).client_max_window_bits(bits(10))),
            Some("permessage-deflate; server_max_window_bits=9; client_max_window_bits=10"),
        ),
        (
            Some(with_takeover().client_max_window_bits(bits(10))),
            Some("permessage-deflate; client_max_window_bits=10"),
        ),
    ];
    for (options, expected) in cases {
        for version in [Version::Http11, Version::Http2] {
            assert_eq!(offered(options.clone(), version).as_deref(), expected, "{version:?}");
        }
    }
    // An engine that compresses with the largest window only does not let itself be told a smaller one.
    let rigid = DeflateOptions::new(Engine::MinizOxide);
    assert_eq!(offered(Some(rigid), Version::Http11).as_deref(), Some(NO_TAKEOVER));
}

/// What is made of an answer with these lines of `Sec-WebSocket-Extensions`.
fn checked(options: Option<&DeflateOptions>, lines: &[&str], expected: Result<(), Refused>) {
    let lines: Vec<_> = lines.iter().map(|line| (EXTENSIONS, *line)).collect();
    for version in [Version::Http11, Version::Http2] {
        let found = answer(client(options.cloned()), version, &lines).map(|_| ());
        assert_eq!(found, expected, "{options:?} {lines:?} {version:?}");
    }
}

#[test]
fn ws_07_what_is_taken_for_an_answer() {
    let good = |options: DeflateOptions, lines: &[&str]| checked(Some(&options), lines, Ok(()));
    let small = || with_takeover().server_max_window_bits(bits(10)).client_max_window_bits(bits(10));
    // RFC 7692 §5: a server may decline.
    good(DeflateOptions::default(), &[]);
    good(with_takeover(), &[]);
    good(DeflateOptions::default(), &[NO_TAKEOVER]);
    // The client forgets by itself, whatever the server says of it.
    good(DeflateOptions::default(), &["permessage-deflate; server_no_context_takeover"]);
    good(with_takeover(), &["permessage-deflate"]);
    good(with_takeover(), &[NO_TAKEOVER]);
    good(with_takeover(), &["permessage-deflate; server_max_window_bits=8; client_max_window_bits=15"]);
    good(with_takeover(), &["permessage-deflate; client_max_window_bits=\"9\""]);
    good(small(), &["permessage-deflate; server_max_window_bits=10"]);
    good(small(), &["permessage-deflate; server_max_window_bits=9; client_max_window_bits=10"]);
}

#[test]
fn ws_07_what_fails_the_connection() {
    let bad = |options: DeflateOptions, lines: &[&str]| {
        checked(Some(&options), lines, Err(Refused::Negotiation));
    };
    let small = || with_takeover().server_max_window_bits(bits(10)).client_max_window_bits(bits(10));
    // RFC 6455 §4.1: what was not offered.
    checked(None, &["permessage-deflate"], Err(Refused::Extension));
    checked(None, &[NO_TAKEOVER], Err(Refused::Extension));
    checked(Some(&with_takeover()), &["x-webkit-deflate-frame"], Err(Refused::Extension));
    checked(Some(&with_takeover()), &["permessage-deflate, foo"], Err(Refused::Extension));
    checked(Some(&with_takeover()), &["permessage-deflate", "foo"], Err(Refused::Extension));
    // Twice, on one line or on two.
    bad(with_takeover(), &["permessage-deflate, permessage-deflate"]);
    bad(with_takeover(), &["permessage-deflate", "permessage-deflate"]);
    // RFC 7692 §7.1: unknown, repeated and illegal parameters.
    for parameters in [
        "foo",
        "server_no_context_takeover; server_no_context_takeover",
        "server_no_context_takeover=1",
        "client_no_context_takeover=true",
        "server_max_window_bits",
        "server_max_window_bits=7",
        "server_max_window_bits=16",
        "server_max_window_bits=08",
        "client_max_window_bits",
        "client_max_window_bits=9; client_max_window_bits=9",
        "client_max_window_bits=x",
    ] {
        bad(with_takeover(), &[&format!("permessage-deflate; {parameters}")]);
    }
    // Lists that are none.
    bad(with_takeover(), &["permessage-deflate; =8"]);
    bad(with_takeover(), &["permessage-deflate;;"]);
    // Parameters that do not answer the offer.
    bad(DeflateOptions::new(Engine::MinizOxide), &[&format!("{NO_TAKEOVER}; client_max_window_bits=15")]);
    bad(DeflateOptions::default(), &["permessage-deflate"]);
    bad(DeflateOptions::default(), &["permessage-deflate; client_no_context_takeover"]);
    bad(small(), &["permessage-deflate"]);
    bad(small(), &["permessage-deflate; server_max_window_bits=11"]);
    bad(small(), &["permessage-deflate; server_max_window_bits=10; client_max_window_bits=11"]);
    // A handshake that fails does so whatever it grants.
    let refused = head(403, Version::Http11, [(EXTENSIONS, "foo")].iter(), |head| {
        client(Some(with_takeover())).accept(head).err()
    });
    assert_eq!(refused, Some(Refused::Handshake(Failure::Status(403))));
}

/// A client and a server of ours, and the wire between them.
struct Pair {
    sim: Sim,
    client: PeerId,
    server: PeerId,
    /// Bytes that went from the client to the server, and back.
    bytes: (usize, usize),
}

impl Pair {
    /// Opens a WebSocket on which `slot` speaks to an echo, on HTTP/1.1.
    fn open(sim: Sim, own: DeflateOptions, theirs: DeflateOptions, talk: &Talked) -> Self {
        let mut sim = sim;
        let endpoint = websocket(|| Echo(Notes::default())).deflate(theirs);
        let acceptor = sim.install(&h1(Vhost::new("localhost").upgrade("/", endpoint)));
        let slot: SlotKey<Speaker> = sim.world().add(Speaker(talk.clone()));
        let handshake = WsClient::new(slot, random).deflate(own);
        let fields = handshake.fields();
        let fields: Vec<_> =
            fields.iter().map(|(n, v)| (n.as_str(), std::str::from_utf8(v).unwrap())).collect();
        let server = sim.accept(&*acceptor);
        sim.send(server, &http::request("GET", "/", &fields, b""));
        sim.run();
        let bytes = sim.take_received(server);
        let (told, len) = http::response(&bytes, false, false).unwrap().unwrap();
        assert_eq!(len, bytes.len(), "a server speaks when it is spoken to");
        let fields: Vec<_> = told.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let accepted =
            head(told.status, Version::Http11, fields.iter(), |head| handshake.accept(head)).unwrap();
        let client = sim.start(Box::new(accepted.role));
        Self { sim, client, server, bytes: (0, 0) }
    }

    /// Carries what is said until nothing is.
    fn run(&mut self) {
        loop {
            self.sim.run();
            let (up, down) = (self.sim.take_received(self.client), self.sim.take_received(self.server));
            if up.is_empty() && down.is_empty() {
                return;
            }
            self.bytes = (self.bytes.0 + up.len(), self.bytes.1 + down.len());
            self.sim.send(self.server, &up);
            self.sim.send(self.client, &down);
        }
    }
}

/// All that is said comes back. Bytes on the wire, each way.
fn converse(
    sim: Sim,
    own: DeflateOptions,
    theirs: DeflateOptions,
    said: &[(Kind, Vec<u8>)],
) -> (usize, usize) {
    let talk = Talked::default();
    talk.borrow_mut().say = said.to_vec().into();
    let mut pair = Pair::open(sim, own, theirs, &talk);
    pair.run();
    let heard = std::mem::take(&mut talk.borrow_mut().heard);
    assert!(heard == said, "{} of {}", heard.len(), said.len());
    assert_eq!(pair.sim.closed(pair.client), Some(Closed::Done));
    assert_eq!(pair.sim.closed(pair.server), Some(Closed::Done));
    assert_eq!(talk.borrow().closed, Some(Closed::Done));
    pair.sim.end();
    pair.bytes
}

#[test]
fn messages_come_back_under_seeds() {
    for_seeds!(0..24, |seed| {
        let mut rng = Rng::new(seed);
        let options = |rng: &mut Rng| {
            DeflateOptions::default()
                .server_no_context_takeover(rng.one_in(2))
                .client_no_context_takeover(rng.one_in(2))
                .level(rng.range(1, 9) as u8)
                .min_message(rng.below(200))
                .client_max_window_bits(bits(rng.range(8, 15) as u8))
        };
        let (own, theirs) = (options(&mut rng), options(&mut rng));
        let said: Vec<_> = (0..rng.range(1, 6))
            .map(|_| {
                let len = rng.magnitude(0, 300_000);
                match rng.below(3) {
                    0 => (Kind::Binary, rng.bytes(len)),
                    1 => (Kind::Text, "πάντα ῥεῖ καὶ οὐδὲν μένει ".repeat(len / 48 + 1).into_bytes()),
                    _ => (Kind::Binary, (0..len).map(|i| (i / 7 % 50) as u8).collect()),
                }
            })
            .collect();
        converse(Sim::new(seed), own, theirs, &said);
    });
}

#[test]
fn ws_08_with_takeover_a_message_refers_to_those_before() {
    let noise = Rng::new(3).bytes(3000);
    let said = vec![(Kind::Binary, noise); 10];
    let sim = || Sim::under(Conditions::CALM, 0);
    let server_only = with_takeover().client_no_context_takeover(true);
    let client_only = with_takeover().server_no_context_takeover(true);
    for (own, remembers) in [
        (DeflateOptions::default(), (false, false)),
        (with_takeover(), (true, true)),
        (server_only, (false, true)),
        (client_only, (true, false)),
    ] {
        let (up, down) = converse(sim(), own.clone(), with_takeover(), &said);
        // Noise goes once at least, and is ten times as much if each message stands for itself.
        let few = 3000..6000;
        assert_eq!((few.contains(&up), few.contains(&down)), remembers, "{own:?}: {up} up, {down} down");
        assert!(up > 30_000 || remembers.0, "{own:?}: {up}");
        assert!(down > 30_000 || remembers.1, "{own:?}: {down}");
    }
}

#[test]
fn what_repeats_itself_is_small_on_the_wire() {
    let said = vec![(Kind::Text, b"again and ".repeat(10_000)); 4];
    for own in [DeflateOptions::default(), with_takeover()] {
        let (up, down) = converse(Sim::under(Conditions::BYTES, 0), own, DeflateOptions::default(), &said);
        assert!(up < 20_000 && down < 20_000, "{up} up, {down} down");
    }
}

/// `message` as the payload of a server that forgets.
fn compressed(message: &[u8]) -> Vec<u8> {
    let mut room = vec![0; Deflater::bound(message.len())];
    let mut out = Out::new(&mut room);
    assert!(Deflater::new(Engine::ZlibRs, WindowBits::MAX, 9, true).deflate(message, true, &mut out).done);
    out.written().to_vec()
}

/// A server's frames with this payload, in pieces of `piece` bytes.
fn frames(kind: Kind, payload: &[u8], piece: usize) -> Vec<u8> {
    let last = payload.len().div_ceil(piece) - 1;
    let mut room = vec![0; payload.len() + 10 * (last + 1)];
    let mut out = Out::new(&mut room);
    for (i, part) in payload.chunks(piece).enumerate() {
        let opcode = if i == 0 { kind.opcode() } else { Opcode::Continuation };
        assert!(Header::new(opcode).rsv1(i == 0).fin(i == last).put(&mut out, part));
    }
    out.written().to_vec()
}

/// The code of the close frame with which a client's bytes end. Each frame is masked, or this fails.
fn code(mut bytes: Vec<u8>) -> Option<u16> {
    let mut receiver = Receiver::new(Side::Server, lws_ws::Options::default().allow_rsv1(true));
    let (mut at, mut code) = (0, None);
    while let Some(received) = receiver.receive(&mut bytes[at..]).expect("legal frames") {
        let (header, payload) = (received.header, received.payload);
        code = match received.event {
            Event::Close(close) => close.code().map(u16::from),
            _ => None,
        };
        receiver.consume(payload);
        at += header + payload;
    }
    code
}

const LIMIT: u64 = 1 << 20;

/// The engine whose memory is Rust's, so that it is counted.
const COUNTED: Engine = Engine::MinizOxide;

/// A connection that takes messages of [`LIMIT`] bytes, to a server that is not ours. With this it is granted.
fn to_stranger<P: Protocol>(sim: &mut Sim, engine: Engine, protocol: P, granted: &str) -> PeerId {
    let slot = sim.world().add(protocol);
    let options =
        DeflateOptions::new(engine).server_no_context_takeover(false).client_no_context_takeover(false);
    let handshake = WsClient::new(slot, random).deflate(options).max_message(LIMIT);
    let fields = [(EXTENSIONS, granted)];
    let accepted =
        answer(handshake, Version::Http11, if granted.is_empty() { &[] } else { &fields }).unwrap();
    sim.start(Box::new(accepted.role))
}

/// What comes of these bytes from a server: the code of our close frame, why the connection ended, and how many bytes
/// of messages were seen.
fn struck(
    engine: Engine,
    bytes: &[u8],
    streaming: bool,
    conditions: Conditions,
) -> (Option<u16>, Option<Closed>, usize) {
    let mut sim = Sim::under(conditions, 0);
    let talk = Talked::default();
    let count = Rc::new(RefCell::new(0));
    let peer = if streaming {
        to_stranger(&mut sim, engine, Counter(count.clone()), "permessage-deflate")
    } else {
        to_stranger(&mut sim, engine, Speaker(talk.clone()), "permessage-deflate")
    };
    sim.send(peer, bytes);
    sim.run();
    let seen = *count.borrow() + talk.borrow().heard.iter().map(|(_, m)| m.len()).sum::<usize>();
    let end = (code(sim.take_received(peer)), sim.closed(peer), seen);
    sim.end();
    end
}

#[test]
fn ws_06_a_bomb_from_the_server() {
    let over = compressed(&vec![0; LIMIT as usize + 1]);
    let huge = compressed(&vec![0; 64 << 20]);
    for streaming in [false, true] {
        for conditions in [Conditions::CALM, Conditions::BYTES] {
            for (payload, piece) in [(&over, usize::MAX), (&over, 1), (&over, 100), (&huge, usize::MAX)] {
                let (code, closed, seen) =
                    struck(Engine::ZlibRs, &frames(Kind::Binary, payload, piece), streaming, conditions);
                assert_eq!((code, closed), (Some(1009), Some(Closed::Limit)), "{streaming} {piece}");
                assert!(seen <= if streaming { LIMIT as usize } else { 0 }, "{seen}");
            }
            // As much as is allowed.
            let allowed = frames(Kind::Binary, &compressed(&vec![0; LIMIT as usize]), 100);
            let (code, closed, seen) = struck(Engine::ZlibRs, &allowed, true, conditions);
            assert_eq!((code, closed, seen), (None, None, LIMIT as usize));
        }
    }
}

#[test]
fn ws_07_what_a_server_must_not_send() {
    for streaming in [false, true] {
        for conditions in [Conditions::CALM, Conditions::BYTES] {
            let fails = |payload: &[u8], kind, expected| {
                let (code, closed, _) =
                    struck(Engine::ZlibRs, &frames(kind, payload, usize::MAX), streaming, conditions);
                assert_eq!((code, closed), (Some(expected), Some(Closed::Protocol)), "{payload:x?}");
            };
            fails(b"\xff\xff\xff", Kind::Binary, 1007);
            // A match before the first byte; a message that is cut off.
            fails(b"\xf2\x00\x11\x00\x00", Kind::Binary, 1007);
            fails(b"\xf2\x48\xcd", Kind::Binary, 1007);
            fails(&compressed(b"no \xff text"), Kind::Text, 1007);
        }
    }
    // RFC 7692 §6: RSV1 where nothing was agreed on.
    let mut sim = Sim::under(Conditions::CALM, 0);
    let peer = to_stranger(&mut sim, Engine::ZlibRs, Speaker(Talked::default()), "");
    sim.send(peer, &frames(Kind::Binary, &compressed(b"x"), usize::MAX));
    sim.run();
    assert_eq!((code(sim.take_received(peer)), sim.closed(peer)), (Some(1002), Some(Closed::Protocol)));
    sim.end();
}

#[test]
fn ws_06_a_bomb_takes_no_more_memory_than_a_message() {
    let bomb = frames(Kind::Binary, &compressed(&vec![0; 64 << 20]), usize::MAX);
    for streaming in [false, true] {
        let before = counting::count().live;
        counting::reset_peak();
        let (code, ..) = struck(COUNTED, &bomb, streaming, Conditions::CALM);
        assert_eq!(code, Some(1009));
        let (peak, left) = (counting::count().peak - before, counting::count().live - before);
        // The message, as it grows into a place twice as large; and what the loop, the simulator and the contexts take.
        let most = if streaming { 1 << 20 } else { 4 * LIMIT as i64 };
        assert!(peak < most, "streaming {streaming}: {peak}");
        assert!(left < 1000, "{left}");
    }
}

#[test]
fn ws_08_connections_have_contexts_of_their_own_only_if_they_remember() {
    const MOST: i64 = (330 + 45 + 10) << 10;
    for granted in ["permessage-deflate", NO_TAKEOVER] {
        let mut sim = Sim::under(Conditions::CALM, 0);
        let talk = Talked::default();
        // What is said goes out when something is heard, and the last answer is a close. Too long to do without a context.
        let say = |n: usize| vec![(Kind::Binary, vec![b'a'; 5000]); n];
        let first = to_stranger(&mut sim, COUNTED, Speaker(talk.clone()), granted);
        talk.borrow_mut().say = say(2).into();
        sim.send(first, &frames(Kind::Binary, &compressed(&[b'b'; 500]), usize::MAX));
        sim.run();
        drop(sim.take_received(first));
        // The loop's own blocks are there by now.
        talk.borrow_mut().say.clear();
        let before = counting::count().live;
        let second = to_stranger(&mut sim, COUNTED, Speaker(talk.clone()), granted);
        sim.run();
        let idle = counting::count().live - before;
        assert!(idle < 3000, "{granted}: {idle} before the first message");
        let own = if granted == NO_TAKEOVER { 0..10_000 } else { 300 << 10..MOST };
        for round in 0..5 {
            talk.borrow_mut().say = say(2).into();
            sim.send(second, &frames(Kind::Binary, &compressed(&[b'b'; 500]), usize::MAX));
            sim.run();
            assert_eq!(sim.closed(second), None);
            drop(sim.take_received(second));
            talk.borrow_mut().heard.clear();
            let used = counting::count().live - before;
            assert!(own.contains(&used), "{granted}, round {round}: {used}");
        }
        sim.cut(second);
        sim.run();
        let left = counting::count().live - before;
        assert!(left < 10_000, "{granted}: {left} when it is over");
        sim.end();
    }
}
