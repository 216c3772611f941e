//! Numbers that look random and are the same in each run and for each contender.

/// Marsaglia's xorshift64.
pub struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Random {
    /// The next number, below `limit`; not quite even for limits near 2^64.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_repeat_in_each_run_and_fill_the_range() {
        let numbers = |count| {
            let mut random = Random::default();
            (0..count).map(|_| random.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(1000), numbers(1000));
        for wanted in 0..10 {
            let found = numbers(1000).iter().filter(|n| **n == wanted).count();
            assert!((50..200).contains(&found), "{wanted} came {found} times");
        }
    }
}
