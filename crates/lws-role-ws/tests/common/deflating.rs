//! A peer that compresses.

use lws_pmd::{Agreed, Codec, Inbound, Outbound};
use lws_role_ws::{DeflateOptions, Kind};
use lws_sim::{PeerId, Sim, http, ws};
use lws_wire::Out;
use lws_ws::handshake::Extensions;
use lws_ws::{Event, Receiver, Side};

const KEY: [u8; 4] = [0x5a, 0xc3, 0x0f, 0x96];

/// The other end of one connection.
pub(crate) struct Peer {
    pub(crate) id: PeerId,
    pub(crate) codec: Codec,
    pub(crate) outbound: Outbound,
    pub(crate) inbound: Inbound,
}

/// A message.
pub(crate) type Said = (Kind, Vec<u8>);

impl Peer {
    /// Opens a WebSocket that offers what `options` stand for.
    pub(crate) fn connect(
        sim: &mut Sim,
        acceptor: &dyn lws_role::Acceptor,
        options: &DeflateOptions,
    ) -> Self {
        let id = sim.accept(acceptor);
        let offer = lws_pmd::offer(std::slice::from_ref(options));
        sim.send(id, &ws::upgrade_with("/", &[("Sec-WebSocket-Extensions", &offer)]));
        sim.run();
        let answer = extensions(sim.received(id)).expect("the extension is granted");
        let agreed: Agreed =
            lws_pmd::check(std::slice::from_ref(options), Extensions::parse(answer.as_bytes()))
                .expect("a legal answer")
                .expect("an answer");
        let (outbound, inbound) = (agreed.outbound(Side::Client), agreed.inbound(Side::Client, u64::MAX));
        Self { id, codec: Codec::default(), outbound, inbound }
    }

    /// A message as frames, in pieces of `piece` bytes.
    pub(crate) fn frames(&mut self, (kind, message): &Said, compressed: bool, piece: usize) -> Vec<Vec<u8>> {
        let payload = if compressed { self.compress(message) } else { message.clone() };
        frames(*kind, &payload, compressed, piece)
    }

    pub(crate) fn compress(&mut self, message: &[u8]) -> Vec<u8> {
        let mut room = vec![0; lws_pmd::Deflater::bound(message.len())];
        let mut out = Out::new(&mut room);
        assert!(self.outbound.deflate(&mut self.codec, message, true, &mut out).done);
        out.written().to_vec()
    }

    /// What the server said since the upgrade: messages, whether each was compressed, and the close code.
    pub(crate) fn heard(&mut self, sim: &mut Sim) -> (Vec<(Said, bool)>, Option<u16>) {
        let mut bytes = sim.take_received(self.id);
        let start = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("an answer") + 4;
        let mut receiver = Receiver::new(Side::Client, lws_ws::Options::default().allow_rsv1(true));
        let (mut at, mut messages, mut message, mut code) = (start, Vec::new(), Vec::new(), None);
        while let Some(received) = receiver.receive(&mut bytes[at..]).expect("legal frames") {
            let (header, payload) = (received.header, received.payload);
            match received.event {
                Event::Data(data) if data.rsv1 => {
                    message.extend(self.decompress(data.bytes, data.fin));
                    if data.fin {
                        messages.push(((data.kind, std::mem::take(&mut message)), true));
                    }
                }
                Event::Data(data) => {
                    message.extend_from_slice(data.bytes);
                    if data.fin {
                        messages.push(((data.kind, std::mem::take(&mut message)), false));
                    }
                }
                Event::Close(close) => code = close.code().map(u16::from),
                Event::Ping(_) | Event::Pong(_) => {}
            }
            receiver.consume(payload);
            at += header + payload;
        }
        assert_eq!(at, bytes.len(), "whole frames");
        (messages, code)
    }

    pub(crate) fn decompress(&mut self, payload: &[u8], fin: bool) -> Vec<u8> {
        let (mut message, mut at) = (Vec::new(), 0);
        loop {
            let mut room = vec![0; 1 << 16];
            let mut out = Out::new(&mut room);
            let inflated =
                self.inbound.inflate(&mut self.codec, &payload[at..], fin, &mut out).expect("legal");
            at += inflated.consumed;
            message.extend_from_slice(out.written());
            if inflated.done || !fin && at == payload.len() {
                return message;
            }
        }
    }
}

/// A message's payload in frames of `piece` bytes, masked.
pub(crate) fn frames(kind: Kind, payload: &[u8], compressed: bool, piece: usize) -> Vec<Vec<u8>> {
    let opcode = if kind == Kind::Text { ws::TEXT } else { ws::BINARY };
    let mut pieces: Vec<&[u8]> = payload.chunks(piece.max(1)).collect();
    if pieces.is_empty() {
        pieces.push(b"");
    }
    let last = pieces.len() - 1;
    let frame = |(i, piece): (usize, &&[u8])| {
        let mut frame = ws::frame(i == last, if i == 0 { opcode } else { ws::CONTINUATION }, piece, KEY);
        frame[0] |= if i == 0 && compressed { 0x40 } else { 0 };
        frame
    };
    pieces.iter().enumerate().map(frame).collect()
}

/// The value of `Sec-WebSocket-Extensions` in the answer.
pub(crate) fn extensions(answer: &[u8]) -> Option<String> {
    let (answer, _) = http::response(answer, false, false).expect("an answer").expect("a whole one");
    assert_eq!(answer.status, 101);
    answer.field("sec-websocket-extensions").map(str::to_owned)
}
