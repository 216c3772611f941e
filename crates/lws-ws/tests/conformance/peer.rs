//! A peer in memory: bytes arrive in pieces, and are taken as one likes.

use lws_wire::Out;
use lws_ws::{Data, Error, Event, Header, Kind, Opcode, Options, Receiver, Side};

/// What has become of some bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Got {
    Message { kind: Kind, rsv1: bool, frames: usize, bytes: Vec<u8> },
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>, String),
    Failed(Error),
}

pub(crate) fn text(text: &str) -> Got {
    Got::Message { kind: Kind::Text, rsv1: false, frames: 1, bytes: text.into() }
}

pub(crate) fn binary(bytes: &[u8]) -> Got {
    Got::Message { kind: Kind::Binary, rsv1: false, frames: 1, bytes: bytes.into() }
}

/// Takes all there is.
pub(crate) const ALL: usize = usize::MAX;

/// A message as far as it has come, and what the events so far promise about the next ones.
#[derive(Default)]
struct Assembly {
    message: Option<(Kind, bool, Vec<u8>)>,
    frames: usize,
    /// Payload of the frame that is not taken yet, once the frame has begun.
    frame_left: Option<u64>,
    /// Bytes offered and not taken: they must come again, unchanged.
    refused: Vec<u8>,
}

impl Assembly {
    fn data(&mut self, data: &Data<'_>, n: usize, taken: bool) -> Option<Got> {
        let left = data.bytes.len() as u64 + data.frame_left;
        assert_eq!(data.start_of_frame, self.frame_left.is_none());
        assert_eq!(left, self.frame_left.unwrap_or(left), "what is left of the frame");
        assert_eq!(data.first, self.message.is_none());
        assert!(data.frame_left == 0 || !data.fin, "the end of a message is the end of a frame");
        assert!(data.bytes.starts_with(&self.refused), "offered again as it was");
        self.refused = data.bytes[n..].to_vec();
        if !taken {
            return None;
        }
        let (kind, rsv1, bytes) = self.message.get_or_insert((data.kind, data.rsv1, Vec::new()));
        assert_eq!((*kind, *rsv1), (data.kind, data.rsv1));
        bytes.extend_from_slice(&data.bytes[..n]);
        let left = left - n as u64;
        self.frame_left = (left > 0).then_some(left);
        if left > 0 {
            return None;
        }
        self.frames += 1;
        if !data.fin {
            return None;
        }
        let frames = std::mem::take(&mut self.frames);
        self.message.take().map(|(kind, rsv1, bytes)| Got::Message { kind, rsv1, frames, bytes })
    }
}

/// Lets `wire` arrive in pieces of the sizes in `pieces`, taking what is offered by the sizes in `takes`, where 0
/// stands for "not now". Both start again at their end; the last piece is whatever is left.
pub(crate) fn run(side: Side, options: Options, wire: &[u8], pieces: &[usize], takes: &[usize]) -> Vec<Got> {
    let (mut receiver, mut assembly, mut got) =
        (Receiver::new(side, options), Assembly::default(), Vec::new());
    let (mut pieces, mut takes) = (pieces.iter().cycle(), takes.iter().cycle());
    let (mut input, mut rest) = (Vec::new(), wire);
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rest.len().min(*pieces.next().expect("endless")));
        input.extend_from_slice(piece);
        rest = behind;
        loop {
            let received = match receiver.receive(&mut input) {
                Ok(Some(received)) => received,
                Ok(None) => break,
                Err(error) => {
                    got.push(Got::Failed(error));
                    assert_eq!(receiver.receive(&mut input).err(), Some(error), "stays where it is");
                    return got;
                }
            };
            let take = *takes.next().expect("endless");
            let taken = take > 0;
            let mut n = if taken { received.payload } else { 0 };
            match received.event {
                Event::Data(data) => {
                    n = n.min(take);
                    got.extend(assembly.data(&data, n, taken));
                }
                _ if !taken => {}
                Event::Ping(bytes) => got.push(Got::Ping(bytes.into())),
                Event::Pong(bytes) => got.push(Got::Pong(bytes.into())),
                Event::Close(close) => {
                    got.push(Got::Close(close.code().map(u16::from), close.reason().into()));
                }
            }
            let header = received.header;
            if taken {
                receiver.consume(n);
            }
            input.drain(..header + n);
        }
    }
    got
}

/// Everything at once.
pub(crate) fn run_whole(side: Side, options: Options, wire: &[u8]) -> Vec<Got> {
    run(side, options, wire, &[ALL], &[ALL])
}

/// Every split in two and in single bytes, under several ways to take; all must come to `expected`.
pub(crate) fn check(side: Side, options: Options, wire: &[u8], expected: &[Got]) {
    let takes: [&[usize]; 6] = [&[ALL], &[1], &[0, ALL], &[0, 1], &[2, 0, 0, 3], &[ALL, 1]];
    // Long frames are split near their ends only.
    let cuts = (1..=wire.len()).filter(|cut| *cut < 300 || wire.len() - cut < 8);
    for take in takes {
        for cut in cuts.clone() {
            assert_eq!(run(side, options, wire, &[cut, ALL], take), expected, "cut {cut}, taking {take:?}");
        }
        if wire.len() < 1000 {
            assert_eq!(run(side, options, wire, &[1], take), expected, "in bytes, taking {take:?}");
        }
    }
}

/// One frame.
pub(crate) fn frame(header: Header, payload: &[u8]) -> Vec<u8> {
    let mut buf = vec![0; payload.len() + 14];
    let mut out = Out::new(&mut buf);
    assert!(header.put(&mut out, payload));
    out.written().to_vec()
}

pub(crate) const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// One frame of a client.
pub(crate) fn masked(opcode: Opcode, fin: bool, payload: &[u8]) -> Vec<u8> {
    frame(Header::new(opcode).fin(fin).mask(Some(KEY)), payload)
}
