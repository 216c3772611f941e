//! Bytes that nobody can predict, for masks and keys.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read;

/// Bytes taken from the system at once: a mask has four.
const BATCH: usize = 512;

struct Source {
    file: File,
    batch: [u8; BATCH],
    /// `0 <= used <= BATCH`
    used: usize,
}

impl Source {
    fn open() -> std::io::Result<Self> {
        Ok(Self { file: File::open("/dev/urandom")?, batch: [0; BATCH], used: BATCH })
    }

    fn fill(&mut self, mut bytes: &mut [u8]) -> std::io::Result<()> {
        while !bytes.is_empty() {
            if self.used == BATCH {
                self.file.read_exact(&mut self.batch)?;
                self.used = 0;
            }
            let n = bytes.len().min(BATCH - self.used);
            let (now, later) = bytes.split_at_mut(n);
            let fresh = &mut self.batch[self.used..self.used + n];
            now.copy_from_slice(fresh);
            // What was given away is not kept.
            fresh.fill(0);
            self.used += n;
            bytes = later;
        }
        Ok(())
    }
}

thread_local! {
    static SOURCE: RefCell<Option<Source>> = const { RefCell::new(None) };
}

/// Fills `bytes` from the system's generator: a [`lws_role_ws::Random`].
///
/// # Panics
/// If the system has none (no `/dev/urandom`). Nothing is sent that somebody could predict.
#[doc(alias = "lws_get_random")]
pub fn random(bytes: &mut [u8]) {
    SOURCE.with_borrow_mut(|source| {
        let filled = match source {
            Some(source) => source.fill(bytes),
            None => Source::open().and_then(|fresh| source.insert(fresh).fill(bytes)),
        };
        filled.expect("the system has random numbers");
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_never_the_same() {
        let mut seen = std::collections::HashSet::new();
        for len in [8, 12, 16, BATCH, 3 * BATCH] {
            for _ in 0..100 {
                let mut bytes = vec![0; len];
                random(&mut bytes);
                assert!(seen.insert(bytes));
            }
        }
    }
}
