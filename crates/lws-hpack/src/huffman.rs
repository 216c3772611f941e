//! The Huffman code (RFC 7541 §5.2, appendix B).
//!
//! The code is canonical, so its 257 lengths say everything; all tables are made from them by `const` evaluation.
//!
//! Decoding keeps the next bits left-aligned in 64, looks up [`PEEK`] of them at once, and finds up to two symbols:
//! the common ones have 5 to 7 bits. A nibble automaton needs two dependent loads per input byte, this one about
//! 0.8; and its table has 16 KiB where a byte automaton has 256. (With 11 bits browser headers take 15 % longer, with
//! 13 they take 5 % less, out of 32 KiB.) Longer codes - control characters, octets above 0x7f, rare punctuation - are
//! found by comparing with the first code of each length.
//!
//! There is no tree and no allocation, and the time is linear in the input, whatever it contains.

use crate::error::Malformed;

/// Bits of each symbol's code, the last one being EOS (RFC 7541, appendix B).
static LENGTHS: [u8; SYMBOLS] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, // 0x00
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28, // 0x10
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, // 0x20
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, // 0x30
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, // 0x40
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, // 0x50
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, // 0x60
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, // 0x70
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, // 0x80
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, // 0x90
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, // 0xa0
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, // 0xb0
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, // 0xc0
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, // 0xd0
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, // 0xe0
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, // 0xf0
    30,
];

const SYMBOLS: usize = 257;
const EOS: u16 = 256;
const LONGEST: usize = 30;

/// Bits looked up at once.
const PEEK: u32 = 12;

/// Bytes that `text` takes when Huffman-coded, padding included.
pub(crate) fn encoded_len(text: &[u8]) -> usize {
    let bits: usize = text.iter().map(|&octet| usize::from(LENGTHS[usize::from(octet)])).sum();
    bits.div_ceil(8)
}

/// Encodes `text` into `out`, which has [`encoded_len`] bytes.
pub(crate) fn encode(text: &[u8], out: &mut [u8]) {
    // The low `held` bits of `bits` are still to be written; held < 32 between symbols.
    let (mut bits, mut held, mut at) = (0_u64, 0_u32, 0);
    for &octet in text {
        let code = CODES[usize::from(octet)];
        bits = bits << code.bits | u64::from(code.code);
        held += u32::from(code.bits);
        if held >= 32 {
            held -= 32;
            out[at..at + 4].copy_from_slice(&((bits >> held) as u32).to_be_bytes());
            at += 4;
        }
    }
    // RFC 7541 §5.2: the last octet is filled with the most significant bits of EOS, which are ones.
    let last = ((bits << 32 | 0xffff_ffff) >> held) as u32;
    for (octet, from) in out[at..].iter_mut().zip(last.to_be_bytes()) {
        *octet = from;
    }
}

/// Decodes all of `coded` and returns how many bytes that makes. What does not fit into `out` is only counted.
pub(crate) fn decode(coded: &[u8], out: &mut [u8]) -> Result<usize, Malformed> {
    let mut bits = Bits { next: 0, held: 0, coded };
    let mut to = 0;
    loop {
        bits.refill();
        // With room for 8 symbols: 4 look-ups, as long as the bits are all there.
        let Some(room) = out.get_mut(to..).and_then(<[u8]>::first_chunk_mut::<8>) else { break };
        let (mut text, mut found) = (0_u64, 0_u32);
        for _ in 0..4 {
            let pair = PAIRS[(bits.next >> (64 - PEEK)) as usize];
            if pair.count() == 0 || bits.held < PEEK {
                break;
            }
            text |= u64::from(pair.symbols()).wrapping_shl(8 * found);
            found += pair.count();
            bits.drop(pair.bits());
        }
        if found == 0 {
            if bits.held < LONGEST as u32 {
                break;
            }
            let (symbol, length) = long_symbol(bits.next);
            text = u64::from(octet(symbol)?);
            found = 1;
            bits.drop(length);
        }
        *room = text.to_le_bytes();
        to += found as usize;
    }
    decode_tail(bits, out, to)
}

/// The same symbol by symbol, for the end of the input or of the room.
fn decode_tail(mut bits: Bits<'_>, out: &mut [u8], mut to: usize) -> Result<usize, Malformed> {
    loop {
        bits.refill();
        if bits.held == 0 {
            return Ok(to);
        }
        // Ones behind the end: so that the end looks like the beginning of EOS, if it is the padding it must be.
        let padded = bits.next | u64::MAX.checked_shr(bits.held).unwrap_or(0);
        let pair = PAIRS[(padded >> (64 - PEEK)) as usize];
        let (symbol, length) = match pair.count() {
            0 => long_symbol(padded),
            _ => ((pair.symbols() & 0xff) as u16, pair.first_bits()),
        };
        if length > bits.held {
            // RFC 7541 §5.2: padding longer than 7 bits, or unlike EOS, is an error.
            return if bits.held <= 7 && padded == u64::MAX {
                Ok(to)
            } else {
                Err(Malformed::HuffmanPadding)
            };
        }
        let symbol = octet(symbol)?;
        if let Some(octet) = out.get_mut(to) {
            *octet = symbol;
        }
        to += 1;
        bits.drop(length);
    }
}

/// RFC 7541 §5.2: a string that contains EOS is an error.
fn octet(symbol: u16) -> Result<u8, Malformed> {
    u8::try_from(symbol).map_err(|_| Malformed::HuffmanEos)
}

/// The input, of which the next bits are at hand.
struct Bits<'a> {
    /// The first `held` bits come next; below them are zeros, or already some of the bits of `coded`.
    next: u64,
    held: u32,
    coded: &'a [u8],
}

impl Bits<'_> {
    /// Afterwards `held >= 56`, or `coded` is empty.
    #[inline]
    fn refill(&mut self) {
        if self.held < 64
            && let Some(window) = self.coded.first_chunk::<8>()
        {
            self.next |= u64::from_be_bytes(*window) >> self.held;
            self.coded = &self.coded[((63 - self.held) / 8) as usize..];
            self.held |= 56;
            return;
        }
        while self.held <= 56
            && let Some((&octet, rest)) = self.coded.split_first()
        {
            self.next |= u64::from(octet) << (56 - self.held);
            self.held += 8;
            self.coded = rest;
        }
    }

    /// The first `length` bits are done with; `length <= held`.
    #[inline]
    fn drop(&mut self, length: u32) {
        self.next <<= length;
        self.held -= length;
    }
}

/// The symbol that `bits` begin with and the length of its code, which is longer than [`PEEK`].
#[cold]
fn long_symbol(bits: u64) -> (u16, u32) {
    let bits = (bits >> 32) as u32;
    let mut length = PEEK as usize + 1;
    // The code is complete: all-ones bits end the search at EOS, the last code of the longest length.
    while length < LONGEST && u64::from(bits) >= LEVELS[length].end {
        length += 1;
    }
    let level = LEVELS[length];
    let nth = (bits >> (32 - length)) - level.first;
    (SORTED[usize::from(level.symbols) + nth as usize], length as u32)
}

#[derive(Clone, Copy)]
struct Code {
    code: u32,
    bits: u8,
}

/// One look-up of [`PEEK`] bits: up to two whole symbols, in one word so that the table stays within 16 KiB.
///
/// ```text
///   bits 0-7 first symbol   8-15 second symbol   16-19 bits of all codes   20-23 of the first   24-25 symbols
/// ```
#[derive(Clone, Copy)]
struct Pair(u32);

impl Pair {
    /// No code is as short as what was looked up.
    const NONE: Self = Self(0);

    const fn one(symbol: usize, bits: u32) -> Self {
        Self(symbol as u32 | bits << 16 | bits << 20 | 1 << 24)
    }

    const fn and(self, second: Self) -> Self {
        let symbols = self.symbols() | second.symbols() << 8;
        Self(symbols | (self.bits() + second.bits()) << 16 | self.first_bits() << 20 | 2 << 24)
    }

    const fn symbols(self) -> u32 {
        self.0 & 0xffff
    }

    const fn bits(self) -> u32 {
        self.0 >> 16 & 15
    }

    const fn first_bits(self) -> u32 {
        self.0 >> 20 & 15
    }

    const fn count(self) -> u32 {
        self.0 >> 24
    }
}

/// The codes of one length.
#[derive(Clone, Copy)]
struct Level {
    /// The first code.
    first: u32,
    /// Left-aligned in 32 bits, the first code that is longer than these.
    end: u64,
    /// Where in [`SORTED`] the symbols of this length begin.
    symbols: u16,
}

/// The symbols in the order of their codes.
static SORTED: [u16; SYMBOLS] = {
    let mut sorted = [0; SYMBOLS];
    let (mut at, mut length) = (0, 1);
    while length <= LONGEST {
        let mut symbol = 0;
        while symbol < SYMBOLS {
            if LENGTHS[symbol] as usize == length {
                sorted[at] = symbol as u16;
                at += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    assert!(at == SYMBOLS && sorted[SYMBOLS - 1] == EOS, "each symbol has a code, EOS the last one");
    sorted
};

static LEVELS: [Level; LONGEST + 1] = {
    let mut levels = [Level { first: 0, end: 0, symbols: 0 }; LONGEST + 1];
    let (mut at, mut next, mut length) = (0, 0_u32, 1);
    while length <= LONGEST {
        next <<= 1;
        levels[length].first = next;
        levels[length].symbols = at as u16;
        while at < SYMBOLS && LENGTHS[SORTED[at] as usize] as usize == length {
            at += 1;
            next += 1;
        }
        levels[length].end = (next as u64) << (32 - length);
        length += 1;
    }
    assert!(next == 1 << LONGEST, "the code is complete, so that any bits begin with some code");
    levels
};

static CODES: [Code; SYMBOLS] = {
    let mut codes = [Code { code: 0, bits: 0 }; SYMBOLS];
    let mut at = 0;
    while at < SYMBOLS {
        let symbol = SORTED[at] as usize;
        let level = LEVELS[LENGTHS[symbol] as usize];
        codes[symbol] =
            Code { code: level.first + (at as u32 - level.symbols as u32), bits: LENGTHS[symbol] };
        at += 1;
    }
    codes
};

static PAIRS: [Pair; 1 << PEEK] = {
    let mut firsts = [Pair::NONE; 1 << PEEK];
    let mut symbol = 0;
    while symbol < SYMBOLS {
        let Code { code, bits } = CODES[symbol];
        let bits = bits as u32;
        if bits <= PEEK {
            let mut at = (code << (PEEK - bits)) as usize;
            let end = ((code + 1) << (PEEK - bits)) as usize;
            while at < end {
                firsts[at] = Pair::one(symbol, bits);
                at += 1;
            }
        }
        symbol += 1;
    }
    let mut pairs = firsts;
    let mut at = 0;
    while at < pairs.len() {
        let first = firsts[at];
        let second = firsts[at << first.bits() & ((1 << PEEK) - 1)];
        if first.count() == 1 && second.count() == 1 && first.bits() + second.bits() <= PEEK {
            pairs[at] = first.and(second);
        }
        at += 1;
    }
    pairs
};

#[cfg(test)]
mod tests;
