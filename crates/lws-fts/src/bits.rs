//! Numbers as few bits: LEB128, fixed widths, adaptive Rice codes.
//!
//! Rice codes are for the gaps between the positions of a term: a gap `v` is `v >> k` ones, a zero, and the low `k` bits
//! of `v`. The parameter `k` follows the mean of the gaps seen so far, so it need not be stored. A quotient of
//! [`ESCAPE`] or more is [`ESCAPE`] ones followed by the 32 bits of the number.
//!
//! Readers never fail by themselves: past the end they see zeros, and [`BitReader::overrun`] tells.

use alloc::vec::Vec;

/// A quotient from which a Rice code gives up and stores the number itself.
const ESCAPE: u32 = 20;

/// Appends `value` as LEB128: 7 bits per byte, low ones first, the top bit says that more follows.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads a LEB128 number from the start of `bytes` and moves past it; `None` when it does not end or overflows.
#[inline]
pub(crate) fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    // Most are short.
    match *bytes {
        [byte @ ..0x80, rest @ ..] => {
            *bytes = rest;
            Some(u64::from(*byte))
        }
        [low, high @ ..0x80, rest @ ..] => {
            *bytes = rest;
            Some(u64::from(low & 0x7F) | u64::from(*high) << 7)
        }
        _ => take_long(bytes),
    }
}

fn take_long(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let low = u64::from(byte & 0x7F);
        if shift == 63 && low > 1 {
            return None;
        }
        value |= low << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Takes `n` bytes from the start of `bytes`.
pub(crate) fn take_bytes<'a>(bytes: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (head, rest) = bytes.split_at_checked(n)?;
    *bytes = rest;
    Some(head)
}

/// Bits needed for `value`: 0 for 0.
pub(crate) fn width(value: u32) -> u32 {
    32 - value.leading_zeros()
}

/// Appends bits to bytes, low bits first.
#[derive(Debug, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    pending: u64,
    /// How many bits of `pending` count; < 64 between calls.
    used: u32,
}

impl BitWriter {
    /// The low `bits` of `value`, at most 32; the others are zero.
    #[inline]
    pub(crate) fn put(&mut self, value: u32, bits: u32) {
        self.long(u64::from(value), bits);
    }

    /// The low `bits` of `value`, at most 63; the others are zero.
    #[inline]
    fn long(&mut self, value: u64, bits: u32) {
        self.pending |= value << self.used;
        self.used += bits;
        if self.used >= 64 {
            self.bytes.extend_from_slice(&self.pending.to_le_bytes());
            self.used -= 64;
            // What did not fit; a shift by 64, when nothing is left, is none.
            self.pending = value.checked_shr(bits - self.used).unwrap_or(0);
        }
    }

    /// Fills the last byte with zeros and answers all bytes; the writer starts anew.
    pub(crate) fn finish(&mut self) -> &[u8] {
        let rest = self.pending.to_le_bytes();
        self.bytes.extend_from_slice(&rest[..self.used.div_ceil(8) as usize]);
        self.pending = 0;
        self.used = 0;
        &self.bytes
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.pending = 0;
        self.used = 0;
    }
}

/// Reads what [`BitWriter`] wrote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        BitReader { bytes, at: 0 }
    }

    /// Continues at a bit where [`at`](Self::at) was.
    pub(crate) fn resume(bytes: &'a [u8], at: usize) -> Self {
        BitReader { bytes, at }
    }

    /// In bits from the start.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Whether more was read than there is.
    pub(crate) fn overrun(&self) -> bool {
        self.at > self.bytes.len() * 8
    }

    /// The next 57 bits or more, zeros past the end.
    #[inline]
    fn peek(&self) -> u64 {
        let from = self.bytes.get(self.at / 8..).unwrap_or_default();
        let word = match from.first_chunk() {
            Some(word) => u64::from_le_bytes(*word),
            None => from.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        word >> (self.at % 8)
    }

    /// The next `bits`, at most 32.
    #[inline]
    pub(crate) fn take(&mut self, bits: u32) -> u32 {
        let value = self.peek() & ((1 << bits) - 1);
        self.at += bits as usize;
        value as u32
    }
}

/// The state of one stream of Rice codes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rice {
    /// Eight times the mean of the recent numbers.
    mean8: u64,
}

impl Rice {
    /// Starts with numbers of about `k` bits.
    pub(crate) fn new(k: u32) -> Self {
        Rice { mean8: 6 << k.min(31) }
    }

    /// The `k` to start with for numbers with this sum.
    pub(crate) fn start(sum: u64, count: u64) -> u32 {
        let mean = (sum / count.max(1)).min(u64::from(u32::MAX)) as u32;
        (width(mean)).saturating_sub(1).min(31)
    }

    #[inline]
    fn k(self) -> u32 {
        // A little below the mean: gaps are mostly smaller than their mean.
        let mean = (self.mean8 * 6 / 64).min(u64::from(u32::MAX)) as u32;
        width(mean).min(31)
    }

    #[inline]
    fn learn(&mut self, value: u32) {
        self.mean8 = self.mean8 - self.mean8 / 8 + u64::from(value);
    }

    #[inline]
    pub(crate) fn put(&mut self, out: &mut BitWriter, value: u32) {
        let k = self.k();
        let quotient = value >> k;
        if quotient < ESCAPE {
            let low = u64::from(value & ((1 << k) - 1));
            out.long(low << (quotient + 1) | ((1 << quotient) - 1), quotient + 1 + k);
        } else {
            out.put((1 << ESCAPE) - 1, ESCAPE);
            out.put(value, 32);
        }
        self.learn(value);
    }

    #[inline]
    pub(crate) fn take(&mut self, bits: &mut BitReader<'_>) -> u32 {
        let k = self.k();
        let word = bits.peek();
        let quotient = word.trailing_ones();
        let value = if quotient >= ESCAPE {
            bits.at += ESCAPE as usize;
            bits.take(32)
        } else {
            bits.at += quotient as usize + 1;
            // At most 19 + 1 + 31 bits: all in one word.
            let low = (word >> (quotient + 1)) & ((1 << k) - 1);
            bits.at += k as usize;
            (quotient << k).wrapping_add(low as u32)
        };
        self.learn(value);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let numbers: Vec<u64> = (0..64).flat_map(|n| [(1u64 << n) - 1, 1 << n]).chain([u64::MAX]).collect();
        let mut bytes = Vec::new();
        numbers.iter().for_each(|n| put_varint(&mut bytes, *n));
        let mut rest = bytes.as_slice();
        for number in numbers {
            assert_eq!(take_varint(&mut rest), Some(number));
        }
        assert_eq!(take_varint(&mut rest), None);
        assert_eq!(take_varint(&mut [0xFF; 10].as_slice()), None, "more than 64 bits");
    }

    #[test]
    fn rice_codes_come_back_whatever_the_numbers() {
        let mut seed = 1u32;
        let mut numbers = Vec::new();
        for _ in 0..5000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            numbers.push(seed >> (seed % 32));
        }
        numbers.extend([0, 1, u32::MAX, u32::MAX - 1, 1 << 31, 0, 0, 0]);
        for k in [0, 5, 31] {
            let (mut out, mut state) = (BitWriter::default(), Rice::new(k));
            numbers.iter().for_each(|n| state.put(&mut out, *n));
            let bytes = out.finish();
            let (mut bits, mut state) = (BitReader::new(bytes), Rice::new(k));
            for number in &numbers {
                assert_eq!(state.take(&mut bits), *number);
            }
            assert!(!bits.overrun());
            assert!(bits.at() + 8 > bytes.len() * 8);
        }
    }

    #[test]
    fn past_the_end_are_zeros() {
        let mut bits = BitReader::new(&[0xFF]);
        assert_eq!((bits.take(4), bits.take(32), bits.overrun()), (0xF, 0xF, true));
    }
}
