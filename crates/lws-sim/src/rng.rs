//! Seeded chance.

use alloc::vec::Vec;

/// A small generator of pseudo-random numbers (SplitMix64): the same seed gives the same numbers for ever, on every
/// machine. Good enough for tests, and for nothing that has to be secret.
#[derive(Clone, Debug)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// The numbers of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; zero if there is none.
    pub fn below(&mut self, n: usize) -> usize {
        // The bias is far below what a test could notice.
        (self.bits() % (n.max(1) as u64)) as usize
    }

    /// A number from `least` to `most`, both included.
    pub fn range(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// A number from `least` to `most`, both included; small ones are as likely as large ones are, by magnitude.
    pub fn magnitude(&mut self, least: usize, most: usize) -> usize {
        let span = most.saturating_sub(least);
        let bits = self.below(span.checked_ilog2().map_or(1, |b| b as usize + 2));
        let cap = 1usize.checked_shl(bits as u32).map_or(span, |n| (n - 1).min(span));
        least + self.below(cap + 1)
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of the items.
    ///
    /// # Panics
    /// If there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// So many bytes.
    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(n + 7);
        while bytes.len() < n {
            bytes.extend_from_slice(&self.bits().to_le_bytes());
        }
        bytes.truncate(n);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_seed_never_change() {
        let mut rng = Rng::new(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([rng.bits(), rng.bits(), rng.bits()], expected, "as published with the algorithm");
    }

    #[test]
    fn every_number_of_a_range_comes_and_no_other() {
        let mut rng = Rng::new(1);
        for draw in [Rng::range, Rng::magnitude] {
            let mut seen = [0; 12];
            (0..10_000).for_each(|_| seen[draw(&mut rng, 3, 9)] += 1);
            for (i, n) in seen.iter().enumerate() {
                assert_eq!((3..=9).contains(&i), *n > 0, "{i}: {n} times");
            }
        }
        assert_eq!(rng.magnitude(5, 5), 5);
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.bytes(13).len(), 13);
    }
}
