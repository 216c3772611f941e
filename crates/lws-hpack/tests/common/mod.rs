//! What the tests share.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::ops::ControlFlow;

use lws_hpack::{Decoder, Encoder, Error, Field, List};
use lws_wire::Out;

/// Name, value, never indexed.
pub(crate) type Owned = (Vec<u8>, Vec<u8>, bool);

pub(crate) fn owned(name: &str, value: &str) -> Owned {
    (name.into(), value.into(), false)
}

pub(crate) fn field(owned: &Owned) -> Field<'_> {
    let field = Field::new(&owned.0, &owned.1);
    if owned.2 { field.sensitive() } else { field }
}

/// Decodes a block that comes in `pieces`, the way HTTP/2 would: what is not used is kept and offered again.
pub(crate) fn decode_pieces<'p>(
    decoder: &mut Decoder,
    pieces: impl IntoIterator<Item = &'p [u8]>,
) -> Result<(Vec<Owned>, List), Error> {
    let mut scratch = vec![0; 16 * 1024];
    let (mut kept, mut fields) = (Vec::new(), Vec::new());
    for piece in pieces {
        kept.extend_from_slice(piece);
        let used = decoder.decode(&kept, &mut scratch, |field| {
            fields.push((field.name.to_vec(), field.value.to_vec(), field.never_indexed));
            ControlFlow::Continue(())
        })?;
        kept.drain(..used);
    }
    decoder.finish(&kept).map(|list| (fields, list))
}

pub(crate) fn decode(decoder: &mut Decoder, block: &[u8]) -> Result<(Vec<Owned>, List), Error> {
    decode_pieces(decoder, [block])
}

pub(crate) fn encode(encoder: &mut Encoder, fields: &[Owned]) -> Vec<u8> {
    let bound = Encoder::block_bound(fields.iter().map(field));
    let mut room = vec![0; bound];
    let mut out = Out::new(&mut room);
    assert!(encoder.block(&mut out, fields.iter().map(field)), "a block fits its bound");
    out.written().to_vec()
}

pub(crate) fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<char> = digits.chars().filter(|digit| !digit.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&String::from_iter(pair), 16).expect("hex digits"))
        .collect()
}

/// Numbers that are the same in every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }
}

pub(crate) const NAMES: [&str; 14] = [
    ":method",
    ":path",
    ":status",
    ":authority",
    "accept-encoding",
    "cookie",
    "authorization",
    "content-length",
    "set-cookie",
    "user-agent",
    "x-request-id",
    "x-a",
    "server-timing",
    "traceparent",
];

pub(crate) const VALUES: [&str; 12] = [
    "",
    "GET",
    "/",
    "/index.html",
    "200",
    "302",
    "gzip, deflate",
    "a",
    "www.example.com",
    "max-age=31536000; preload",
    "\u{1}\u{7f}~~~~\u{fffd}",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36",
];

/// A plausible list that repeats itself now and then.
pub(crate) fn random_list(random: &mut Random) -> Vec<Owned> {
    (0..random.below(9))
        .map(|_| {
            let name = random.pick(&NAMES).as_bytes().to_vec();
            let value = match random.below(8) {
                0 => (0..random.below(40)).map(|_| random.next() as u8).collect(),
                1 => vec![b'v'; random.below(600)],
                _ => random.pick(&VALUES).as_bytes().to_vec(),
            };
            (name, value, random.below(10) == 0)
        })
        .collect()
}

/// Damages a block the way a fuzzer does.
pub(crate) fn mutate(random: &mut Random, block: &mut Vec<u8>) {
    for _ in 0..=random.below(4) {
        let at = random.below(block.len() + 1);
        match random.below(8) {
            0 => block.insert(at, random.next() as u8),
            1 => block.insert(at, *random.pick(&[0x00, 0x10, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0xbe, 0xff])),
            2 => block.truncate(at),
            3 => {
                block.splice(at..at, vec![0xff; random.below(8)]);
            }
            4 => {
                let end = at + random.below(block.len() - at + 1);
                let copy = block[at..end].to_vec();
                block.extend(copy);
            }
            5 => {
                block.drain(at..at + random.below(block.len() - at + 1));
            }
            6 if at < block.len() => block[at] = random.next() as u8,
            _ if at < block.len() => block[at] ^= 1 << random.below(8),
            _ => {}
        }
    }
}
