//! Small messages, at the fastest level and without context takeover.
//!
//! ```text
//!   | 0 01 | literals and matches, fixed codes | end | 0 00 |      RFC 1951 §3.2.6; the empty block's end stays here
//! ```
//! An engine forgets a message by clearing its hash table: 128 KiB, which takes far longer than compressing a hundred
//! bytes does. Here the table has 4 KiB, on the stack, and a message has all its past in its own bytes. What comes out is
//! what the engines' fastest level writes too: fixed codes, the first match that is found.

use lws_wire::Out;

use crate::limits::SMALL_MESSAGE_BYTES;

/// Places where the same four bytes were seen last.
const PLACES: usize = 2048;
/// The longest match (RFC 1951 §3.2.5).
const MOST: usize = 258;
/// The shortest one that is looked for.
const LEAST: usize = 4;

/// Bits to be written, the lowest first.
#[derive(Clone, Copy)]
struct Code {
    bits: u32,
    len: u32,
}

/// Codes of the bytes; RFC 1951 §3.2.6: the highest bit of a Huffman code is written first.
const LITERALS: [Code; 256] = {
    let mut codes = [Code { bits: 0, len: 0 }; 256];
    let mut byte = 0;
    while byte < 256 {
        codes[byte as usize] = fixed(byte);
        byte += 1;
    }
    codes
};

/// Codes of match lengths from 3 on, with their extra bits.
const LENGTHS: [Code; MOST - 2] = {
    let mut codes = [Code { bits: 0, len: 0 }; MOST - 2];
    let mut length = 0;
    while length < MOST - 2 {
        let value = length as u32;
        // RFC 1951 §3.2.5: eight lengths have a symbol each, then four symbols for each number of extra bits.
        codes[length] = if length == MOST - 3 {
            fixed(285)
        } else if value < 8 {
            fixed(257 + value)
        } else {
            let extra = value.ilog2() - 2;
            let symbol = fixed(257 + 4 * extra + (value >> extra));
            let rest = value & ((1 << extra) - 1);
            Code { bits: symbol.bits | rest << symbol.len, len: symbol.len + extra }
        };
        length += 1;
    }
    codes
};

/// The fixed code of a symbol (RFC 1951 §3.2.6).
const fn fixed(symbol: u32) -> Code {
    let (code, len) = match symbol {
        0..144 => (0x30 + symbol, 8),
        144..256 => (0x190 + symbol - 144, 9),
        256..280 => (symbol - 256, 7),
        _ => (0xc0 + symbol - 280, 8),
    };
    Code { bits: code.reverse_bits() >> (32 - len), len }
}

/// The code of a distance, which is not 0, with its extra bits (RFC 1951 §3.2.5).
#[inline]
fn distance(distance: usize) -> Code {
    let value = distance as u32 - 1;
    let extra = value.max(1).ilog2().saturating_sub(1);
    let symbol = 2 * extra + (value >> extra);
    let code = symbol.reverse_bits() >> 27;
    Code { bits: code | (value & ((1 << extra) - 1)) << 5, len: 5 + extra }
}

/// Writes codes into a room that has enough of it.
struct Writer<'a> {
    room: &'a mut [u8],
    at: usize,
    bits: u64,
    /// Of `bits`, so many are not written; `< 32` between two calls.
    len: u32,
}

impl Writer<'_> {
    #[inline]
    fn put(&mut self, code: Code) {
        self.bits |= u64::from(code.bits) << self.len;
        self.len += code.len;
        if self.len >= 32 {
            if let Some(place) = self.room.get_mut(self.at..).and_then(|room| room.first_chunk_mut()) {
                *place = (self.bits as u32).to_le_bytes();
            }
            self.at += 4;
            self.bits >>= 32;
            self.len -= 32;
        }
    }

    /// Fills the last byte up; returns bytes written.
    fn finish(self) -> usize {
        let n = self.len.div_ceil(8) as usize;
        if let Some(place) = self.room.get_mut(self.at..self.at + n) {
            place.copy_from_slice(&self.bits.to_le_bytes()[..n]);
        }
        self.at + n
    }
}

/// Compresses a whole message, of [`SMALL_MESSAGE_BYTES`] at most and not empty, as
/// [`Deflater::deflate`](crate::Deflater::deflate) would. There is room for [`Deflater::bound`](crate::Deflater::bound).
pub(crate) fn deflate(message: &[u8], out: &mut Out<'_>) {
    debug_assert!(message.len() <= SMALL_MESSAGE_BYTES, "places are remembered in 16 bits");
    debug_assert!(out.room() >= crate::Deflater::bound(message.len()), "there is room");
    out.fill(|room| {
        let mut writer = Writer { room, at: 0, bits: 0, len: 0 };
        // Not the last block; fixed codes.
        writer.put(Code { bits: 0b01 << 1, len: 3 });
        compress(message, &mut writer);
        writer.put(fixed(256));
        // RFC 7692 §7.2.1: the empty block whose last four bytes are left out.
        writer.put(Code { bits: 0, len: 3 });
        writer.finish()
    });
}

fn compress(message: &[u8], writer: &mut Writer<'_>) {
    // Places are counted from one: zero is none.
    let mut places = [0_u16; PLACES];
    let mut at = 0;
    while let Some((four, _)) = message[at..].split_first_chunk::<LEAST>() {
        let hash = u32::from_le_bytes(*four).wrapping_mul(0x9e37_79b1) >> (32 - PLACES.ilog2());
        let seen = core::mem::replace(&mut places[hash as usize % PLACES], at as u16 + 1);
        let length = match usize::from(seen).checked_sub(1) {
            Some(seen) => common(&message[seen..], &message[at..]),
            None => 0,
        };
        if length < LEAST {
            writer.put(LITERALS[usize::from(four[0])]);
            at += 1;
            continue;
        }
        writer.put(LENGTHS[length - 3]);
        writer.put(distance(at + 1 - usize::from(seen)));
        at += length;
    }
    for byte in &message[at..] {
        writer.put(LITERALS[usize::from(*byte)]);
    }
}

/// How many bytes both begin with, [`MOST`] at most.
#[inline]
fn common(before: &[u8], here: &[u8]) -> usize {
    let most = here.len().min(MOST);
    let (before, here) = (&before[..most], &here[..most]);
    let ((words_before, _), (words, _)) = (before.as_chunks::<8>(), here.as_chunks::<8>());
    for (index, (a, b)) in words_before.iter().zip(words).enumerate() {
        let differ = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differ != 0 {
            return 8 * index + differ.trailing_zeros() as usize / 8;
        }
    }
    let words = 8 * words.len();
    words + before[words..].iter().zip(&here[words..]).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;
    use crate::{Deflater, Engine, Inflater};

    fn there_and_back(message: &[u8]) -> usize {
        let mut room = std::vec![0; Deflater::bound(message.len())];
        let mut out = Out::new(&mut room);
        deflate(message, &mut out);
        for engine in [Engine::ZlibRs, Engine::MinizOxide] {
            let mut back = std::vec![0; message.len() + 1];
            let mut back = Out::new(&mut back);
            let done = Inflater::new(engine, true).inflate(out.written(), true, u64::MAX, &mut back);
            assert!(done.expect("legal").done, "{engine:?}");
            assert_eq!(back.written(), message, "{engine:?}");
        }
        out.len()
    }

    #[test]
    fn every_length_of_a_match_and_every_distance() {
        for length in 1..300 {
            there_and_back(&std::vec![b'x'; length]);
        }
        for gap in [1, 2, 3, 4, 5, 8, 9, 16, 17, 100, 255, 256, 257, 1024, 1025, 2049, 4000] {
            let mut message: Vec<u8> = b"here it is ".to_vec();
            // Nothing in between is four bytes that were there before.
            message.extend(
                (0..gap)
                    .flat_map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 8).to_le_bytes())
                    .take(gap as usize),
            );
            message.extend(b"here it is ");
            message.truncate(SMALL_MESSAGE_BYTES);
            there_and_back(&message);
        }
    }

    #[test]
    fn it_compresses() {
        let text = br#"{"id":1,"name":"alpha","tags":[1,2,3]},{"id":2,"name":"beta","tags":[1,2,3]}"#;
        assert!(there_and_back(text) < text.len() * 7 / 10);
        let long = text.repeat(50);
        let fits = &long[..SMALL_MESSAGE_BYTES.min(long.len())];
        assert!(there_and_back(fits) < 200);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_it_is(
            noise in proptest::collection::vec(any::<u8>(), 1..SMALL_MESSAGE_BYTES),
            mask in prop_oneof![Just(0_u8), Just(1), Just(3), Just(0x1f), Just(0xff)],
        ) {
            let message: Vec<u8> = noise.iter().map(|byte| byte & mask).collect();
            prop_assert!(there_and_back(&message) <= Deflater::bound(message.len()));
        }
    }
}
