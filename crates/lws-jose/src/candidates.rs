//! The keys that a token can mean.

use crate::limits::TRIES_MAX;

/// Up to [`TRIES_MAX`], in the order in which they are tried, without an allocation.
pub(crate) struct Candidates<'v, T> {
    keys: [Option<&'v T>; TRIES_MAX],
    count: usize,
}

impl<'v, T> Candidates<'v, T> {
    pub(crate) fn new() -> Self {
        Candidates { keys: [None; TRIES_MAX], count: 0 }
    }

    /// Later ones than fit are left out.
    pub(crate) fn push(&mut self, key: &'v T) {
        if let Some(place) = self.keys.get_mut(self.count) {
            *place = Some(key);
            self.count += 1;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'v T> {
        self.keys.iter().copied().flatten()
    }
}
