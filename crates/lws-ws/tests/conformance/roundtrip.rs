//! Whatever is sent arrives, and how the bytes are cut makes no difference.

use crate::peer::{ALL, Got, run, run_whole};
use lws_wire::Out;
use lws_ws::{Close, CloseCode, Header, Kind, Opcode, Options, Side};
use proptest::prelude::*;

/// Something to send.
#[derive(Clone, Debug)]
enum Say {
    /// The pieces of a message; before each one but the first, perhaps a ping.
    Message {
        text: bool,
        rsv1: bool,
        pieces: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    },
    Pong(Vec<u8>),
}

fn bytes(max: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => proptest::collection::vec(any::<u8>(), 0..20),
        2 => proptest::collection::vec(any::<u8>(), 120..max.max(130)),
        1 => (65_530_usize..65_540, any::<u8>()).prop_map(|(n, byte)| vec![byte; n]),
    ]
}

fn control() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..=125)
}

/// A message in pieces that need not end between characters.
fn message() -> impl Strategy<Value = Say> {
    let binary = (bytes(400), any::<bool>()).prop_map(|(bytes, rsv1)| (false, rsv1, bytes));
    let text = (any::<String>(), any::<bool>()).prop_map(|(text, rsv1)| (true, rsv1, text.into_bytes()));
    let cuts =
        proptest::collection::vec((any::<proptest::sample::Index>(), proptest::option::of(control())), 0..5);
    (prop_oneof![binary, text], cuts).prop_map(|((text, rsv1, bytes), cuts)| {
        let mut cuts: Vec<_> = cuts.into_iter().map(|(at, ping)| (at.index(bytes.len() + 1), ping)).collect();
        cuts.sort();
        let (mut pieces, mut start, mut ping) = (Vec::new(), 0, None);
        for (at, next_ping) in cuts {
            pieces.push((bytes[start..at].to_vec(), ping));
            (start, ping) = (at, next_ping);
        }
        pieces.push((bytes[start..].to_vec(), ping));
        Say::Message { text, rsv1, pieces }
    })
}

fn script() -> impl Strategy<Value = Vec<Say>> {
    proptest::collection::vec(prop_oneof![4 => message(), 1 => control().prop_map(Say::Pong)], 0..6)
}

/// A sender with a key for each frame, if it is a client.
struct Sender {
    side: Side,
    wire: Vec<u8>,
    keys: u32,
}

impl Sender {
    fn key(&mut self) -> Option<[u8; 4]> {
        self.keys = self.keys.wrapping_mul(0x9e37_79b9).wrapping_add(0x1234_5677);
        (self.side == Side::Client).then(|| self.keys.to_be_bytes())
    }

    /// Puts the frame, or has it filled in place, and checks that both come to the same.
    fn send(&mut self, header: Header, payload: &[u8]) {
        let header = header.mask(self.key());
        let mut buf = vec![0; payload.len() + 16];
        let mut out = Out::new(&mut buf);
        assert!(header.put(&mut out, payload));
        if !header.opcode.is_control() && payload.len() <= 0xffff && (header.fin || !payload.is_empty()) {
            let mut nested = vec![0; payload.len() + 16];
            let mut nested = Out::new(&mut nested);
            let sent = header.nest(&mut nested, ALL, |inner| inner.put(payload) && header.fin);
            assert_eq!((sent, nested.written()), (Some(payload.len()), out.written()));
        }
        self.wire.extend_from_slice(out.written());
    }

    fn say(&mut self, say: &Say) -> Vec<Got> {
        match say {
            Say::Pong(payload) => {
                self.send(Header::new(Opcode::Pong), payload);
                vec![Got::Pong(payload.clone())]
            }
            Say::Message { text, rsv1, pieces } => {
                let (kind, mut got) = (if *text { Kind::Text } else { Kind::Binary }, Vec::new());
                for (i, (piece, ping)) in pieces.iter().enumerate() {
                    if let Some(ping) = ping {
                        self.send(Header::new(Opcode::Ping), ping);
                        got.push(Got::Ping(ping.clone()));
                    }
                    let opcode = if i == 0 { kind.opcode() } else { Opcode::Continuation };
                    let fin = i + 1 == pieces.len();
                    self.send(Header::new(opcode).fin(fin).rsv1(*rsv1 && i == 0), piece);
                }
                let bytes = pieces.iter().flat_map(|(piece, _)| piece).copied().collect();
                got.push(Got::Message { kind, rsv1: *rsv1, frames: pieces.len(), bytes });
                got
            }
        }
    }

    fn close(&mut self, reason: &str) -> Got {
        let mut buf = [0; 200];
        let mut out = Out::new(&mut buf);
        let key = self.key();
        assert!(Close::new(CloseCode::NORMAL, reason).put(&mut out, key));
        self.wire.extend_from_slice(out.written());
        Got::Close(Some(1000), reason.into())
    }
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    let size = prop_oneof![4 => 1_usize..8, 2 => 1_usize..500, 1 => 1_usize..70_000, 1 => Just(ALL)];
    proptest::collection::vec(size, 1..6)
}

/// Ways to take what is offered: at least once in a while all of it, so that long payloads come to an end.
fn takes() -> impl Strategy<Value = Vec<usize>> {
    sizes().prop_map(|mut sizes| {
        let refuse: Vec<usize> = sizes.iter().map(|size| size % 3).filter(|refuse| *refuse == 0).collect();
        sizes.extend(refuse);
        sizes.push(ALL);
        sizes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn whatever_is_sent_arrives(
        script in script(),
        from_client: bool,
        reason in "[a-z\u{e9}]{0,60}",
        pieces in sizes(),
        takes in takes(),
    ) {
        let (from, to) = if from_client { (Side::Client, Side::Server) } else { (Side::Server, Side::Client) };
        let mut sender = Sender { side: from, wire: Vec::new(), keys: 1 };
        let mut expected: Vec<Got> = script.iter().flat_map(|say| sender.say(say)).collect();
        expected.push(sender.close(&reason));
        let got = run(to, Options::default().allow_rsv1(true), &sender.wire, &pieces, &takes);
        prop_assert_eq!(got, expected);
    }

    /// Legal or not, text or not: it is the bytes that count, not how they arrive or are taken.
    #[test]
    fn splits_make_no_difference(
        script in script(),
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..4),
        pieces in sizes(),
        takes in takes(),
        allow_rsv1: bool,
    ) {
        let mut sender = Sender { side: Side::Client, wire: Vec::new(), keys: 7 };
        for say in &script {
            sender.say(say);
        }
        let mut wire = sender.wire;
        for (at, byte) in damage {
            // Mostly near the beginning, where headers are.
            let reach = wire.len().min(64);
            if reach > 0 {
                wire[at.index(reach)] = byte;
            }
        }
        let options = Options::default().allow_rsv1(allow_rsv1).max_frame(66_000).max_message(100_000);
        let whole = run_whole(Side::Server, options, &wire);
        prop_assert_eq!(&run(Side::Server, options, &wire, &pieces, &takes), &whole);
        if wire.len() < 2000 {
            prop_assert_eq!(&run(Side::Server, options, &wire, &[1], &[1, 0]), &whole);
        }
    }

    /// Bytes at random: no panic, whatever they are.
    #[test]
    fn noise(wire in proptest::collection::vec(any::<u8>(), 0..400), server: bool, takes in takes()) {
        let side = if server { Side::Server } else { Side::Client };
        let options = Options::default().allow_rsv1(true).check_utf8(false);
        let whole = run_whole(side, options, &wire);
        prop_assert_eq!(run(side, options, &wire, &[3, 1, 7], &takes), whole);
    }
}
