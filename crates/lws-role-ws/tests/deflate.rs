//! permessage-deflate (RFC 7692) at the role: WS-06, WS-07, WS-08, and conversations under all conditions.

mod common;
#[path = "../../lws-sim/tests/support/counting.rs"]
mod counting;
#[path = "common/deflating.rs"]
mod deflating;

use common::{Echo, Line, Notes, Pieces};
use deflating::{Peer, Said, extensions, frames};
use lws_http::Vhost;
use lws_role_h1::h1;
use lws_role_ws::limits::{CODED_PER_RUN, CONTROL_FRAMES};
use lws_role_ws::{
    Closed, DeflateOptions, Fragment, Kind, Message, Protocol, WindowBits, Ws, ws as websocket,
};
use lws_sim::{Conditions, PeerId, Rng, Sim, Sizes, for_seeds, ws};
use lws_wire::Out;
use std::sync::Arc;

const BOTH: [Conditions; 2] = [Conditions::CALM, Conditions::BYTES];

/// Something to say: text or bytes, that can be compressed or not.
fn sample(rng: &mut Rng, most: usize) -> Said {
    let len = rng.magnitude(0, most);
    match rng.below(3) {
        0 => (Kind::Binary, rng.bytes(len)),
        1 => (Kind::Text, "πάντα ῥεῖ καὶ οὐδὲν μένει ".repeat(len / 48 + 1).into_bytes()),
        _ => (Kind::Binary, (0..len).map(|i| (i / 7 % 50) as u8).collect()),
    }
}

fn with_takeover() -> DeflateOptions {
    DeflateOptions::default().server_no_context_takeover(false).client_no_context_takeover(false)
}

/// Somebody talks to an endpoint, in every way that is allowed, and it all comes back.
fn converse<P: Protocol>(make: impl Fn() -> P + Send + Sync + 'static, whole: bool, seed: u64) {
    let mut sim = Sim::new(seed);
    let mut rng = Rng::new(seed);
    let bits = |rng: &mut Rng| WindowBits::new(rng.range(8, 15) as u8).expect("a window");
    let options = |rng: &mut Rng| {
        DeflateOptions::default()
            .server_no_context_takeover(rng.one_in(2))
            .client_no_context_takeover(rng.one_in(2))
            .server_max_window_bits(bits(rng))
            .client_max_window_bits(bits(rng))
    };
    let own = options(&mut rng).level(rng.range(1, 9) as u8).min_message(rng.below(200));
    let least = own.min_message;
    let acceptor = sim.install(&h1(Vhost::new("localhost").upgrade("/", websocket(make).deflate(own))));
    let mut peers: Vec<_> =
        (0..3).map(|_| (Peer::connect(&mut sim, &*acceptor, &options(&mut rng)), Vec::new())).collect();
    let mut pongs = 0;
    for _ in 0..rng.range(1, 8) {
        for (peer, sent) in &mut peers {
            // An echo of pieces may send each byte in a frame of its own, and a peer takes only so many.
            let said = sample(&mut rng, if whole { 700_000 } else { 15_000 });
            let compressed = !rng.one_in(4);
            let piece = rng.magnitude(1, 100_000).max(said.1.len() / 500);
            for frame in peer.frames(&said, compressed, piece) {
                sim.send(peer.id, &frame);
                if pongs < CONTROL_FRAMES && rng.one_in(10) {
                    pongs += 1;
                    // RFC 7692 §6.1: control frames between the pieces.
                    sim.send(peer.id, &ws::whole(ws::PONG, b"unasked"));
                }
            }
            sent.push(said);
        }
        if rng.one_in(2) {
            sim.run();
        }
    }
    sim.run();
    for (mut peer, sent) in peers {
        sim.send(peer.id, &ws::close(1000, ""));
        sim.run();
        let (heard, code) = peer.heard(&mut sim);
        assert_eq!(heard.len(), sent.len());
        for (((kind, data), compressed), said) in heard.iter().zip(&sent) {
            assert!((kind, data) == (&said.0, &said.1), "{} bytes came back as {}", said.1.len(), data.len());
            assert!(!*compressed || whole && data.len() >= least, "{} bytes", data.len());
            // What gains nothing goes as it is; text that repeats itself does gain.
            let gains = *kind == Kind::Text && data.len() >= 200;
            assert!(*compressed || !whole || !gains || data.len() < least, "{} bytes", data.len());
        }
        assert_eq!((code, sim.closed(peer.id)), (Some(1000), Some(Closed::Done)));
    }
    sim.end();
}

#[test]
fn whole_messages_come_back() {
    for_seeds!(0..30, |seed| converse(|| Echo(Notes::default()), true, seed));
}

#[test]
fn pieces_come_back() {
    for_seeds!(0..30, |seed| converse(|| Pieces, false, seed));
}

/// Connections that agreed on the same share what was agreed on, and nothing else: each has its own past, and its own message
/// under way.
#[test]
fn connections_that_agreed_alike_do_not_mix() {
    for options in [DeflateOptions::default().level(2), with_takeover()] {
        let mut sim = Sim::under(Conditions::CALM, 0);
        let endpoint = websocket(|| Echo(Notes::default())).deflate(options.clone());
        let acceptor = sim.install(&h1(Vhost::new("localhost").upgrade("/", endpoint)));
        let mut peers: Vec<_> = (0..4).map(|_| Peer::connect(&mut sim, &*acceptor, &options)).collect();
        let said = |peer: usize, round: usize| {
            let text = format!("peer {peer}, round {round}, and again: peer {peer}, round {round}. ");
            (Kind::Text, text.repeat(5).into_bytes())
        };
        for round in 0..3 {
            let mut frames: Vec<_> =
                peers.iter_mut().enumerate().map(|(i, peer)| peer.frames(&said(i, round), true, 9)).collect();
            // A frame of each in turn.
            while frames.iter().any(|left| !left.is_empty()) {
                for (peer, left) in peers.iter().zip(&mut frames).filter(|(_, left)| !left.is_empty()) {
                    sim.send(peer.id, &left.remove(0));
                    sim.run();
                }
            }
        }
        for (i, peer) in peers.iter_mut().enumerate() {
            let (heard, _) = peer.heard(&mut sim);
            assert_eq!(heard, (0..3).map(|round| (said(i, round), true)).collect::<Vec<_>>(), "peer {i}");
        }
        sim.end();
    }
}

/// RFC 7692 §6: no message has to be compressed.
#[test]
fn what_gains_nothing_goes_as_it_is() {
    let mut rng = Rng::new(7);
    for len in [64, 100, 1000, 1024, 5000, 100_000] {
        let said = (Kind::Binary, rng.bytes(len));
        for (takeover, options) in [(false, DeflateOptions::default()), (true, with_takeover())] {
            let mut sim = Sim::under(Conditions::CALM, 0);
            let endpoint = websocket(|| Echo(Notes::default())).deflate(options.clone());
            let acceptor = sim.install(&h1(Vhost::new("localhost").upgrade("/", endpoint)));
            let mut peer = Peer::connect(&mut sim, &*acceptor, &options);
            let frames = peer.frames(&said, false, usize::MAX);
            sim.send(peer.id, &frames[0]);
            sim.run();
            sim.send(peer.id, &ws::close(1000, ""));
            sim.run();
            let (heard, _) = peer.heard(&mut sim);
            // With a context that is kept, what was compressed has to be sent: it cannot be taken back.
            assert_eq!(heard, [(said.clone(), takeover)], "{len} bytes, {takeover}");
            sim.end();
        }
    }
}

/// What an endpoint with these options says to an offer; `None` is a plain WebSocket.
fn answer(options: Option<DeflateOptions>, offer: &[(&str, &str)]) -> Option<String> {
    let mut sim = Sim::under(Conditions::CALM, 0);
    let mut endpoint = websocket(|| Echo(Notes::default()));
    if let Some(options) = options {
        endpoint = endpoint.deflate(options);
    }
    let acceptor = sim.install(&h1(Vhost::new("localhost").upgrade("/", endpoint)));
    let peer = sim.accept(&*acceptor);
    sim.send(peer, &ws::upgrade_with("/", offer));
    sim.run();
    let value = extensions(sim.received(peer));
    sim.end();
    value
}

#[test]
fn what_is_granted() {
    const FIELD: &str = "Sec-WebSocket-Extensions";
    let default = Some(DeflateOptions::default());
    let both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    let check = |options: &Option<DeflateOptions>, offer: &[(&str, &str)], expected: Option<&str>| {
        assert_eq!(answer(options.clone(), offer).as_deref(), expected, "{offer:?}");
    };
    // Not asked for, on either side.
    check(&None, &[(FIELD, "permessage-deflate")], None);
    check(&default, &[], None);
    check(&default, &[(FIELD, "permessage-deflate; client_max_window_bits")], Some(both));
    check(
        &Some(with_takeover()),
        &[(FIELD, "permessage-deflate; client_max_window_bits")],
        Some("permessage-deflate"),
    );
    // WS-07: declined, and the next alternative taken, on the same line or on another.
    check(&default, &[(FIELD, "permessage-deflate; server_max_window_bits=16")], None);
    check(&default, &[(FIELD, "permessage-deflate; foo, permessage-deflate")], Some(both));
    check(&default, &[(FIELD, "foo"), (FIELD, "permessage-deflate")], Some(both));
}

#[test]
fn ws_07_a_list_that_is_none_is_refused() {
    let mut sim = Sim::under(Conditions::CALM, 0);
    let endpoint = websocket(|| Echo(Notes::default())).deflate(DeflateOptions::default());
    let acceptor = sim.install(&h1(Vhost::new("localhost").upgrade("/", endpoint)));
    for bad in
        ["permessage-deflate; client_max_window_bits=", "permessage-deflate;;", "permessage-deflate; =8"]
    {
        let peer = sim.accept(&*acceptor);
        sim.send(peer, &ws::upgrade_with("/", &[("Sec-WebSocket-Extensions", bad)]));
        sim.run();
        assert!(sim.received(peer).starts_with(b"HTTP/1.1 400 "), "{bad}");
    }
    sim.end();
}

/// A connection to an echo with `max_message`, which offers everything.
fn line(conditions: Conditions, streaming: bool, max_message: u64) -> (Line, Peer) {
    let mut sim = Sim::under(conditions, 0);
    let notes = Notes::default();
    let own = Arc::clone(&notes);
    let acceptor = if streaming {
        let endpoint = websocket(|| Pieces).deflate(with_takeover()).max_message(max_message);
        sim.install(&h1(Vhost::new("localhost").upgrade("/", endpoint)))
    } else {
        let endpoint =
            websocket(move || Echo(Arc::clone(&own))).deflate(with_takeover()).max_message(max_message);
        sim.install(&h1(Vhost::new("localhost").upgrade("/", endpoint)))
    };
    let peer = Peer::connect(&mut sim, &*acceptor, &with_takeover());
    (Line { sim, peer: peer.id, notes }, peer)
}

/// Frames that fail the connection with this code.
fn refused(streaming: bool, frames: &[Vec<u8>], code: u16, why: Closed) {
    for conditions in BOTH {
        let (mut line, mut peer) = line(conditions, streaming, 1 << 20);
        line.say(frames.concat());
        assert_eq!(peer.heard(&mut line.sim).1, Some(code), "streaming: {streaming}");
        assert_eq!(line.closed(), Some(why));
        line.end();
    }
}

/// `size` bytes that compress to nearly nothing.
fn bomb(size: usize) -> Vec<u8> {
    let mut deflater = lws_pmd::Deflater::new(lws_pmd::Engine::ZlibRs, WindowBits::MAX, 9, true);
    let mut room = vec![0; size / 100 + 100];
    let mut out = Out::new(&mut room);
    assert!(deflater.deflate(&vec![0; size], true, &mut out).done);
    out.written().to_vec()
}

#[test]
fn ws_06_bombs() {
    let payload = bomb((1 << 20) + 1);
    for streaming in [false, true] {
        for piece in [payload.len(), payload.len() / 1000 + 1, 1] {
            let frames = frames(Kind::Binary, &payload, true, piece);
            refused(streaming, &frames, 1009, Closed::Limit);
        }
    }
}

#[test]
fn ws_06_as_much_as_is_allowed() {
    let payload = bomb(1 << 20);
    for streaming in [false, true] {
        for conditions in BOTH {
            let (mut line, mut peer) = line(conditions, streaming, 1 << 20);
            line.say(frames(Kind::Binary, &payload, true, 100).concat());
            let (heard, code) = peer.heard(&mut line.sim);
            assert_eq!((heard.len(), code), (1, None));
            assert!(heard[0].0.1 == vec![0; 1 << 20]);
            line.end();
        }
    }
}

/// Notes how much came, and from whom.
struct Log(Notes);

impl Protocol for Log {
    type Session = ();
    const STREAMING: bool = true;
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, _message: Message<'_>) {}
    fn fragment(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, part: Fragment<'_>) -> usize {
        let note = format!("{} {}", ws.handle().conn, part.data.len());
        self.0.lock().expect("nobody panicked").push(note);
        part.data.len()
    }
}

#[test]
fn ws_06_others_have_their_turn_during_a_bomb() {
    let notes = Notes::default();
    let own = Arc::clone(&notes);
    let mut sim = Sim::under(Conditions::CALM, 0);
    let endpoint = websocket(move || Log(Arc::clone(&own))).deflate(DeflateOptions::default());
    let acceptor = sim.install(&h1(Vhost::new("localhost").upgrade("/", endpoint)));
    let mut peers: Vec<_> =
        (0..2).map(|_| Peer::connect(&mut sim, &*acceptor, &DeflateOptions::default())).collect();
    // Ten bombs in one offer, a small one for each, and the same from the other side.
    for peer in &mut peers {
        let frames = frames(Kind::Binary, &bomb(2 << 20), true, usize::MAX);
        sim.send(peer.id, &frames.concat().repeat(5));
    }
    sim.run();
    let notes: Vec<(u32, usize)> = notes
        .lock()
        .expect("nobody panicked")
        .iter()
        .map(|note| note.split_once(' ').expect("two words"))
        .map(|(conn, n)| (conn.parse().expect("a number"), n.parse().expect("a number")))
        .collect();
    assert_eq!(notes.iter().map(|(_, n)| n).sum::<usize>(), 2 * 5 * (2 << 20));
    // While both had something to say, nobody said much more than a turn's worth at once, but for chance: the
    // simulation may pick the same one several times.
    let alone = notes.chunk_by(|a, b| a.0 == b.0).map(|run| run.iter().map(|(_, n)| n).sum::<usize>());
    let (turns, most) = alone.fold((0, 0), |(turns, most), n| (turns + 1, most.max(n)));
    let shortest = 2 * 5 * (2 << 20) / CODED_PER_RUN / 8;
    assert!(turns >= shortest, "{turns} turns, the longest of {most} bytes");
    sim.end();
}

/// Bytes in use for each connection of an endpoint that was offered compression: idle, and after a message of each.
fn bytes_per_connection(options: Option<DeflateOptions>) -> (i64, i64) {
    const CONNECTIONS: i64 = 100;
    let mut sim = Sim::under(Conditions::CALM, 0);
    let compressed = options.is_some();
    let mut endpoint = websocket(|| Echo(Notes::default()));
    if let Some(options) = options {
        endpoint = endpoint.deflate(options);
    }
    let acceptor = sim.install(&h1(Vhost::new("localhost").upgrade("/", endpoint)));
    let message = frames(Kind::Binary, &bomb(1000), compressed, usize::MAX).concat();
    let mut peers = Vec::new();
    let say = |sim: &mut Sim, peers: &mut Vec<PeerId>, n: i64, bytes: &[u8]| {
        for _ in peers.len() as i64..n {
            peers.push(sim.accept(&*acceptor));
        }
        for peer in peers {
            sim.send(*peer, bytes);
            sim.run();
            drop(sim.take_received(*peer));
        }
    };
    let before = counting::count().live;
    let offer = [("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")];
    say(&mut sim, &mut peers, CONNECTIONS, &ws::upgrade_with("/", &offer));
    let idle = (counting::count().live - before) / CONNECTIONS;
    say(&mut sim, &mut peers, CONNECTIONS, &message);
    let used = (counting::count().live - before) / CONNECTIONS;
    sim.end();
    (idle, used)
}

#[test]
fn ws_08_a_compressed_connection_is_hardly_larger() {
    let plain = bytes_per_connection(None);
    let shared = bytes_per_connection(Some(DeflateOptions::default()));
    // Two blocks of 64 KiB that the loop keeps are among the second number, whoever uses them.
    assert!(shared.0 - plain.0 <= 32, "{plain:?} {shared:?}");
    assert!(shared.1 - plain.1 <= 2048, "{plain:?} {shared:?}");
}

#[test]
fn ws_07_rsv1_where_it_must_not_be() {
    // RFC 7692 §6: on control frames and on continuations; and on anything without the extension.
    let mut ping = ws::ping(b"");
    ping[0] |= 0x40;
    refused(false, &[ping], 1002, Closed::Protocol);
    let mut two = frames(Kind::Binary, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], true, 3);
    two[1][0] |= 0x40;
    refused(false, &two, 1002, Closed::Protocol);
    let mut plain = Line::echo(Conditions::CALM);
    plain.say(frames(Kind::Binary, &[0], true, 1).concat());
    assert_eq!((plain.code(), plain.closed()), (Some(1002), Some(Closed::Protocol)));
    plain.end();
}

#[test]
fn what_cannot_be_decompressed() {
    for streaming in [false, true] {
        refused(streaming, &frames(Kind::Binary, b"\xff\xff\xff", true, 9), 1007, Closed::Protocol);
        // A match before the first byte.
        refused(streaming, &frames(Kind::Binary, b"\xf2\x00\x11\x00\x00", true, 1), 1007, Closed::Protocol);
        // Cut off inside a block.
        refused(streaming, &frames(Kind::Binary, b"\xf2\x48\xcd", true, 9), 1007, Closed::Protocol);
    }
}

#[test]
fn text_is_text_once_it_is_decompressed() {
    let (_, mut peer) = line(Conditions::CALM, false, 1000);
    let long = "σ".repeat(400);
    let cases: [(&[u8], bool); 5] = [
        ("κόσμε".as_bytes(), true),
        (b"\xce", false),
        (b"ab\xff", false),
        (b"\xed\xa0\x80", false),
        (long.as_bytes(), true),
    ];
    for (text, good) in cases {
        // Of a context that forgets, so that each case stands for itself.
        let payload = {
            let mut deflater = lws_pmd::Deflater::new(lws_pmd::Engine::ZlibRs, WindowBits::MAX, 1, true);
            let mut room = [0; 1000];
            let mut out = Out::new(&mut room);
            assert!(deflater.deflate(text, true, &mut out).done);
            out.written().to_vec()
        };
        for streaming in [false, true] {
            for piece in [1, 2, 1000] {
                let frames = frames(Kind::Text, &payload, true, piece);
                if !good {
                    refused(streaming, &frames, 1007, Closed::Protocol);
                    continue;
                }
                let (mut line, mut other) = line(Conditions::BYTES, streaming, 1000);
                line.say(frames.concat());
                assert_eq!(other.heard(&mut line.sim).0[0].0, (Kind::Text, text.to_vec()));
                line.end();
            }
        }
    }
    // The same bytes are no text, but they are bytes.
    let frames = peer.frames(&(Kind::Binary, b"\xff".to_vec()), true, 9);
    let (mut line, mut other) = line(Conditions::CALM, false, 1000);
    line.say(frames.concat());
    assert_eq!(other.heard(&mut line.sim).0[0].0, (Kind::Binary, b"\xff".to_vec()));
    line.end();
}

#[test]
fn a_slow_reader_holds_back_what_it_does_not_read() {
    for streaming in [false, true] {
        let (mut line, mut peer) = line(Conditions::CALM, streaming, 1 << 20);
        line.sim.window(peer.id, Some(1000));
        let mut rng = Rng::new(1);
        let said: Vec<Said> = (0..40).map(|_| (Kind::Binary, rng.bytes(100_000))).collect();
        for message in &said {
            let frames = peer.frames(message, true, 30_000);
            line.sim.send(peer.id, &frames.concat());
        }
        line.sim.run();
        assert!(line.sim.pending(peer.id) < 200_000, "{} bytes wait", line.sim.pending(peer.id));
        line.sim.window(peer.id, None);
        line.sim.run();
        let heard = peer.heard(&mut line.sim).0;
        assert!(heard.into_iter().map(|(said, _)| said).eq(said), "streaming: {streaming}");
        line.end();
    }
}

#[test]
fn there_is_room_for_an_answer_that_cannot_be_compressed() {
    // Rooms that end everywhere in a message; the echo itself checks that its answers are taken.
    for room in (17 * 1024..22 * 1024).step_by(100) {
        let conditions = Conditions { room: Sizes::always(room), ..Conditions::CALM };
        let (mut line, mut peer) = line(conditions, false, 5000);
        let mut rng = Rng::new(room as u64);
        let said: Vec<Said> = (0..12).map(|_| (Kind::Binary, rng.bytes(4000))).collect();
        let frames: Vec<_> = said.iter().flat_map(|said| peer.frames(said, true, usize::MAX)).collect();
        line.say(frames.concat());
        assert!(peer.heard(&mut line.sim).0.into_iter().map(|(said, _)| said).eq(said));
        line.end();
    }
}

/// Takes a piece at the second offer, and then not all of it.
struct Reluctant(Notes, bool);

impl Protocol for Reluctant {
    type Session = ();
    const STREAMING: bool = true;
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, _message: Message<'_>) {}
    fn fragment(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, part: Fragment<'_>) -> usize {
        let this = ws.handle();
        ws.env().wake(this);
        self.1 = !self.1;
        let n = part.data.len().min(3000);
        if self.1 && n > 0 {
            return 0;
        }
        let last = part.last && n == part.data.len();
        self.0.lock().expect("nobody panicked").push(format!(
            "{}{n}{}",
            "^".repeat(part.first.into()),
            "$".repeat(last.into())
        ));
        n
    }
}

#[test]
fn pieces_that_are_refused_come_again() {
    for conditions in BOTH {
        let notes = Notes::default();
        let own = Arc::clone(&notes);
        let mut sim = Sim::under(conditions, 0);
        let endpoint = websocket(move || Reluctant(Arc::clone(&own), false)).deflate(with_takeover());
        let acceptor = sim.install(&h1(Vhost::new("localhost").upgrade("/", endpoint)));
        let mut peer = Peer::connect(&mut sim, &*acceptor, &with_takeover());
        let sizes = [0, 1, 7000, 0, 100_000];
        for size in sizes {
            let frames = peer.frames(&(Kind::Binary, vec![b'a'; size]), true, 50);
            sim.send(peer.id, &frames.concat());
        }
        sim.run();
        let notes = notes.lock().expect("nobody panicked").concat();
        // Each message begins once and ends once, and in between is all of it.
        let messages: Vec<&str> = notes.split_terminator('$').collect();
        assert_eq!(messages.len(), sizes.len(), "{notes}");
        assert!(messages.iter().all(|m| m.starts_with('^') && m.matches('^').count() == 1), "{notes}");
        sim.end();
    }
}
