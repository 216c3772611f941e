//! A decompressor that does one thing at a time (RFC 1951), apart from the engines under test. It knows how far back
//! each match reaches, which no engine tells.

/// What one side of a connection has received.
#[derive(Default)]
pub(crate) struct Reference {
    history: Vec<u8>,
    /// The farthest that a match has reached back.
    pub(crate) farthest: usize,
}

impl Reference {
    /// The message in `payload`. Panics if there is none.
    pub(crate) fn inflate(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut bytes = payload.to_vec();
        bytes.extend_from_slice(&[0, 0, 0xff, 0xff]);
        let start = self.history.len();
        let mut bits = Bits { bytes: &bytes, at: 0 };
        while bits.at.div_ceil(8) < bytes.len() {
            let last = bits.take(1);
            match bits.take(2) {
                0 => self.stored(&mut bits),
                1 => self.coded(&mut bits, &fixed()),
                2 => {
                    let codes = dynamic(&mut bits);
                    self.coded(&mut bits, &codes);
                }
                _ => panic!("a block of no type"),
            }
            if last == 1 {
                bits.at = bits.at.next_multiple_of(8);
            }
        }
        self.history[start..].to_vec()
    }

    /// Forgets what came before, as a peer without context takeover does.
    pub(crate) fn forget(&mut self) {
        self.history.clear();
    }

    fn stored(&mut self, bits: &mut Bits<'_>) {
        bits.at = bits.at.next_multiple_of(8);
        let (len, not) = (bits.take(16), bits.take(16));
        assert_eq!(len, !not & 0xffff, "a stored block has its length twice");
        (0..len).for_each(|_| self.history.push(bits.take(8) as u8));
    }

    fn coded(&mut self, bits: &mut Bits<'_>, (literals, distances): &(Code, Code)) {
        const LENGTHS: [(usize, u32); 29] = base(3, 4);
        const DISTANCES: [(usize, u32); 30] = base(1, 2);
        loop {
            match literals.read(bits) {
                literal @ 0..=255 => self.history.push(literal as u8),
                256 => return,
                symbol => {
                    let (least, extra) = if symbol == 285 { (258, 0) } else { LENGTHS[symbol - 257] };
                    let len = least + bits.take(extra);
                    let (least, extra) = DISTANCES[distances.read(bits)];
                    let distance = least + bits.take(extra);
                    assert!(distance <= self.history.len(), "a match before the first byte");
                    self.farthest = self.farthest.max(distance);
                    (0..len).for_each(|_| self.history.push(self.history[self.history.len() - distance]));
                }
            }
        }
    }
}

/// Least value and extra bits of each symbol: `group` symbols have as many extra bits as each other, the first
/// `2 * group` none.
const fn base<const N: usize>(first: usize, group: usize) -> [(usize, u32); N] {
    let mut table = [(0, 0); N];
    let (mut i, mut value) = (0, first);
    while i < N {
        let extra = if i < group * 2 { 0 } else { i / group - 1 };
        table[i] = (value, extra as u32);
        value += 1 << extra;
        i += 1;
    }
    table
}

struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, n: u32) -> usize {
        (0..n).map(|i| self.bit() << i).sum()
    }

    fn bit(&mut self) -> usize {
        let bit = self.bytes[self.at / 8] >> (self.at % 8) & 1;
        self.at += 1;
        bit.into()
    }
}

/// A Huffman code: for each length the number of its symbols, and the symbols in order.
struct Code {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[usize]) -> Self {
        let mut counts = [0; 16];
        lengths.iter().for_each(|&len| counts[len] += 1);
        counts[0] = 0;
        let of_length =
            |len| lengths.iter().enumerate().filter(move |(_, l)| **l == len).map(|(symbol, _)| symbol);
        Self { counts, symbols: (1..16).flat_map(of_length).collect() }
    }

    fn read(&self, bits: &mut Bits<'_>) -> usize {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..] {
            code |= bits.bit();
            if code < first + count {
                return self.symbols[index + code - first];
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        panic!("bits that are no symbol");
    }
}

fn fixed() -> (Code, Code) {
    let lengths: Vec<usize> = (0..288)
        .map(|symbol| match symbol {
            0..144 => 8,
            144..256 => 9,
            256..280 => 7,
            _ => 8,
        })
        .collect();
    (Code::new(&lengths), Code::new(&[5; 30]))
}

fn dynamic(bits: &mut Bits<'_>) -> (Code, Code) {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let (literals, distances, lengths) = (bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4);
    let mut code = [0; 19];
    ORDER[..lengths].iter().for_each(|&i| code[i] = bits.take(3));
    let code = Code::new(&code);
    let mut all = Vec::new();
    while all.len() < literals + distances {
        let (value, times) = match code.read(bits) {
            16 => (*all.last().expect("something to repeat"), 3 + bits.take(2)),
            17 => (0, 3 + bits.take(3)),
            18 => (0, 11 + bits.take(7)),
            len => (len, 1),
        };
        all.extend(std::iter::repeat_n(value, times));
    }
    (Code::new(&all[..literals]), Code::new(&all[literals..]))
}
