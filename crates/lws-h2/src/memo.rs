//! The response head that was sent last, as it was encoded.
//!
//! Responses of one connection mostly begin alike: the same status, type, server and date. Once these fields stand in
//! the compression table, encoding them again gives the same few bytes, so they are copied. What makes that true is
//! that the table has not changed, and that is counted. `content-length` differs from response to response, and never
//! enters the table: it is encoded behind the copy.

/// Remembers one encoded head, in room that is lent for a while. It belongs to one connection: make a new one for each
/// call into it.
#[derive(Default)]
pub struct HeadMemo<'b> {
    /// `key`, then what it was encoded as.
    room: &'b mut [u8],
    key: usize,
    coded: usize,
    /// The count of changes of the table that this is true for.
    changes: u32,
}

impl<'b> HeadMemo<'b> {
    /// A memo that remembers nothing yet, and no head that takes more than `room`, plain and encoded.
    pub fn new(room: &'b mut [u8]) -> Self {
        Self { room, key: 0, coded: 0, changes: 0 }
    }

    /// What `key` was encoded as, if that is still how it would be.
    pub(crate) fn find(&self, key: &[u8], changes: u32) -> Option<&[u8]> {
        let (same, rest) = self.room.split_at_checked(self.key)?;
        let is_it = self.coded > 0 && self.changes == changes && same == key;
        if is_it { rest.get(..self.coded) } else { None }
    }

    /// Remembers what `key` was encoded as, in place of another.
    pub(crate) fn keep(&mut self, key: &[u8], coded: &[u8], changes: u32) {
        self.coded = 0;
        let Some((first, rest)) = self.room.split_at_mut_checked(key.len()) else { return };
        let Some(second) = rest.get_mut(..coded.len()) else { return };
        first.copy_from_slice(key);
        second.copy_from_slice(coded);
        (self.key, self.coded, self.changes) = (key.len(), coded.len(), changes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_the_last_that_fits() {
        let mut room = [0; 8];
        let mut memo = HeadMemo::new(&mut room);
        assert_eq!(memo.find(b"", 0), None);
        memo.keep(b"key", b"coded", 7);
        assert_eq!(memo.find(b"key", 7), Some(&b"coded"[..]));
        assert_eq!((memo.find(b"key", 8), memo.find(b"kex", 7), memo.find(b"keyc", 7)), (None, None, None));
        memo.keep(b"too", b"longer", 7);
        assert_eq!((memo.find(b"too", 7), memo.find(b"key", 7)), (None, None));
        HeadMemo::default().keep(b"key", b"coded", 7);
    }
}
