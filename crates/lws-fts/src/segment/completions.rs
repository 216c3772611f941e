//! The most frequent words of a prefix that many words have: the tree that `build/completions.rs` describes.

use alloc::vec::Vec;

use super::Segment;
use crate::bits::{take_bytes, take_varint};
use crate::error::{Error, Part, Result, corrupt};
use crate::io::ReadAt;
use crate::limits::{COMPLETION_WORDS, MAX_COMPLETION_NODE, MAX_TERM};

/// A node of the tree.
#[derive(Debug, Default)]
pub(crate) struct Best {
    pub(crate) prefix: Vec<u8>,
    /// The best first: occurrences and word.
    pub(crate) words: Vec<(u64, Vec<u8>)>,
    /// By their byte: start and length.
    pub(crate) children: Vec<(u8, u64, u64)>,
}

impl<R: ReadAt> Segment<R> {
    /// The node that has the words with this prefix; `None` where there are few.
    pub(crate) fn best_of(&self, prefix: &[u8]) -> Result<Option<Best>> {
        let mut next = Some(self.footer.best).filter(|root| root.1 > 0);
        let (mut above, mut bytes) = (0, Vec::new());
        while let Some(place) = next {
            let (rest, found) = self.node_prefix(place, &mut bytes)?;
            // Deeper and deeper, so it ends.
            if found.len() < above {
                return Err(self.bad_node(place));
            }
            if found.starts_with(prefix) {
                let node = read(found, rest, place.0, true);
                return node.map(Some).ok_or_else(|| self.bad_node(place));
            }
            let Some(byte) = prefix.strip_prefix(found).and_then(|behind| behind.first()) else { break };
            above = found.len() + 1;
            let node = read(found, rest, place.0, false).ok_or_else(|| self.bad_node(place))?;
            next = node.children.iter().find(|child| child.0 == *byte).map(|child| (child.1, child.2));
        }
        Ok(None)
    }

    /// The node at a place, for who goes through all.
    pub(crate) fn best_at(&self, place: (u64, u64)) -> Result<Best> {
        let mut bytes = Vec::new();
        let (rest, prefix) = self.node_prefix(place, &mut bytes)?;
        read(prefix, rest, place.0, true).ok_or_else(|| self.bad_node(place))
    }

    fn bad_node(&self, place: (u64, u64)) -> Error {
        corrupt(Part::Dictionary, self.footer.completions.start.saturating_add(place.0))
    }

    /// Reads a node: its prefix, and what follows.
    fn node_prefix<'b>(
        &self,
        (start, len): (u64, u64),
        bytes: &'b mut Vec<u8>,
    ) -> Result<(&'b [u8], &'b [u8])> {
        let range = self.footer.completions;
        let error = || self.bad_node((start, len));
        let inside = start.checked_add(len).is_some_and(|end| end <= range.len());
        let size = usize::try_from(len).ok().filter(|n| inside && *n <= MAX_COMPLETION_NODE);
        self.pages.read(range.start + start, size.ok_or_else(error)?, bytes)?;
        let mut rest = bytes.as_slice();
        let prefix = take_text(&mut rest).ok_or_else(error)?;
        Ok((rest, prefix))
    }
}

/// Bytes with their length in front; a term at most.
fn take_text<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let len = usize::try_from(take_varint(rest)?).ok().filter(|len| *len <= MAX_TERM)?;
    take_bytes(rest, len)
}

/// The node that starts at `start`, of its prefix and what follows. Its words only if they are wanted.
fn read(prefix: &[u8], mut rest: &[u8], start: u64, words: bool) -> Option<Best> {
    let mut node = Best { prefix: prefix.to_vec(), ..Best::default() };
    let children = take_varint(&mut rest).filter(|n| *n <= 256)?;
    for _ in 0..children {
        let byte = take_bytes(&mut rest, 1)?[0];
        // Before this node, so there is no way around in circles.
        let before = take_varint(&mut rest).filter(|n| *n > 0)?;
        node.children.push((byte, start.checked_sub(before)?, take_varint(&mut rest)?));
    }
    if words {
        let count = take_varint(&mut rest).filter(|n| *n <= COMPLETION_WORDS as u64)?;
        for _ in 0..count {
            let behind = take_text(&mut rest)?;
            let word = [prefix, behind].concat();
            node.words.push((take_varint(&mut rest)?, word));
        }
    }
    Some(node)
}
