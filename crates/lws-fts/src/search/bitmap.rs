//! A set of files.

use alloc::vec::Vec;

/// One bit per file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bitmap {
    words: Vec<u64>,
}

impl Bitmap {
    /// Empty; for files below `files`.
    pub(crate) fn new(files: u32) -> Self {
        Bitmap { words: alloc::vec![0; files.div_ceil(64) as usize] }
    }

    /// Adds a file; answers whether it is new. Files beyond the size are left out.
    pub(crate) fn insert(&mut self, file: u32) -> bool {
        let Some(word) = self.words.get_mut(file as usize / 64) else { return false };
        let before = *word;
        *word |= 1 << (file % 64);
        *word != before
    }

    pub(crate) fn contains(&self, file: u32) -> bool {
        self.words.get(file as usize / 64).is_some_and(|word| word >> (file % 64) & 1 == 1)
    }

    /// How many files are in it.
    pub(crate) fn len(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The first file that is not below `from`.
    pub(crate) fn next(&self, from: u32) -> Option<u32> {
        let mut at = from as usize / 64;
        let mut word = self.words.get(at)? & (u64::MAX << (from % 64));
        while word == 0 {
            at += 1;
            word = *self.words.get(at)?;
        }
        Some(at as u32 * 64 + word.trailing_zeros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set() {
        let mut set = Bitmap::new(200);
        for file in [3, 64, 65, 199] {
            assert!(set.insert(file) && !set.insert(file));
        }
        assert!(!set.insert(256));
        let all: Vec<u32> = core::iter::successors(set.next(0), |at| set.next(at + 1)).collect();
        assert_eq!(all, [3, 64, 65, 199]);
        assert_eq!(
            (set.len(), set.contains(64), set.contains(66), set.contains(5000)),
            (4, true, false, false)
        );
    }
}
