//! Looking terms up: the tree that `build/dict.rs` describes.

use alloc::vec::Vec;

use super::{Segment, Work};
use crate::bits::{take_bytes, take_varint};
use crate::build::may_have_skips;
use crate::error::{Error, Part, Result, corrupt};
use crate::io::ReadAt;
use crate::limits::{DICT_FAN_OUT, MAX_DICT_BLOCK, MAX_DICT_DEPTH, MAX_PATH};

/// What the dictionary says about a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    /// Files that have it.
    pub(crate) df: u32,
    /// Occurrences in them; `cf >= df`.
    pub(crate) cf: u64,
    pub(crate) place: Place,
}

/// Where the occurrences of a term are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// All in this file, at the first `cf` of these positions.
    Here { file: u32, positions: [u32; 4] },
    /// In POSTINGS: start, length, how much of the length are skips.
    Postings { at: u64, len: u64, skips: u64 },
}

/// An entry of an inner node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Child {
    /// In DICTIONARY.
    pub(crate) at: u64,
    pub(crate) len: u64,
    /// The largest `cf` below.
    pub(crate) most: u64,
    pub(crate) level: u8,
}

/// A node, read from its first to its last entry.
#[derive(Debug, Default)]
pub(crate) struct Node {
    bytes: Vec<u8>,
    /// The next entry in `bytes`.
    at: usize,
    left: u64,
    pub(crate) level: u8,
    /// Of the entry read last.
    pub(crate) key: Vec<u8>,
    /// Where in a leaf the next postings start, in an inner node the last child starts.
    base: u64,
    /// Where the node starts in the payload.
    origin: u64,
}

impl Node {
    fn error(&self) -> Error {
        corrupt(Part::Dictionary, self.origin + self.at as u64)
    }

    /// The next term of a leaf; its key is in `key`.
    pub(crate) fn term<R: ReadAt>(&mut self, segment: &Segment<R>) -> Result<Option<Term>> {
        if self.left == 0 {
            return Ok(None);
        }
        let (files, postings) = (segment.footer.files, segment.footer.postings);
        let mut rest = self.bytes.get(self.at..).unwrap_or_default();
        let term = (|| {
            read_key(&mut rest, &mut self.key)?;
            let head = take_varint(&mut rest)?;
            if head & 1 == 1 {
                return here(head >> 1, &mut rest)
                    .filter(|t| matches!(t.place, Place::Here { file, .. } if file < files));
            }
            let df = u32::try_from(head >> 1).ok()?.checked_add(1).filter(|df| *df <= files)?;
            let cf = take_varint(&mut rest)?.checked_add(u64::from(df))?;
            let len = take_varint(&mut rest)?;
            let skips = if may_have_skips(df, cf) { take_varint(&mut rest)? } else { 0 };
            let at = self.base;
            self.base = at.checked_add(len).filter(|end| *end <= postings.len() && skips <= len)?;
            Some(Term { df, cf, place: Place::Postings { at: postings.start + at, len, skips } })
        })();
        let used = self.bytes.len() - rest.len();
        let term = term.ok_or_else(|| self.error())?;
        self.at = used;
        self.left -= 1;
        Ok(Some(term))
    }

    /// The next child of an inner node; its lower bound is in `key`.
    pub(crate) fn child<R: ReadAt>(&mut self, segment: &Segment<R>) -> Result<Option<Child>> {
        if self.left == 0 {
            return Ok(None);
        }
        let size = segment.footer.dictionary.len();
        let mut rest = self.bytes.get(self.at..).unwrap_or_default();
        let level = self.level.saturating_sub(1);
        let child = (|| {
            read_key(&mut rest, &mut self.key)?;
            let at = self.base.checked_add(take_varint(&mut rest)?)?;
            let (len, most) = (take_varint(&mut rest)?, take_varint(&mut rest)?);
            at.checked_add(len).filter(|end| *end <= size)?;
            Some(Child { at, len, most, level })
        })();
        let used = self.bytes.len() - rest.len();
        let child = child.ok_or_else(|| self.error())?;
        self.base = child.at;
        self.at = used;
        self.left -= 1;
        Ok(Some(child))
    }
}

/// Makes the next key out of the last one.
fn read_key(rest: &mut &[u8], key: &mut Vec<u8>) -> Option<()> {
    let shared = usize::try_from(take_varint(rest)?).ok().filter(|n| *n <= key.len())?;
    let further =
        usize::try_from(take_varint(rest)?).ok().filter(|n| shared.saturating_add(*n) <= MAX_PATH + 1)?;
    key.truncate(shared);
    key.extend_from_slice(take_bytes(rest, further)?);
    Some(())
}

/// A term that says itself where it is; `more` is its occurrences less one.
fn here(more: u64, rest: &mut &[u8]) -> Option<Term> {
    let file = u32::try_from(take_varint(rest)?).ok()?;
    let mut positions = [0; 4];
    let mut next = 0u32;
    for position in positions.get_mut(..=usize::try_from(more).ok()?)? {
        *position = next.checked_add(u32::try_from(take_varint(rest)?).ok()?)?;
        next = position.checked_add(1)?;
    }
    Some(Term { df: 1, cf: more + 1, place: Place::Here { file, positions } })
}

impl<R: ReadAt> Segment<R> {
    /// The root of the dictionary, `None` in an empty one.
    pub(crate) fn root(&self, into: &mut Node, work: &Work) -> Result<bool> {
        let (at, len) = self.footer.root;
        if len == 0 {
            return Ok(false);
        }
        self.node(at, len, None, into, work)?;
        if into.level > MAX_DICT_DEPTH {
            return Err(into.error());
        }
        Ok(true)
    }

    /// Reads the node that `child` points to.
    pub(crate) fn child(&self, child: Child, into: &mut Node, work: &Work) -> Result<()> {
        self.node(child.at, child.len, Some(child.level), into, work)
    }

    fn node(&self, at: u64, len: u64, level: Option<u8>, into: &mut Node, work: &Work) -> Result<()> {
        work.spend()?;
        let dictionary = self.footer.dictionary;
        let start = dictionary.start.saturating_add(at);
        let error = || corrupt(Part::Dictionary, start);
        let inside = at.checked_add(len).is_some_and(|end| end <= dictionary.len());
        let size = usize::try_from(len).ok().filter(|n| inside && *n <= MAX_DICT_BLOCK).ok_or_else(error)?;
        self.pages.read(start, size, &mut into.bytes)?;
        let mut rest = into.bytes.as_slice();
        let found = take_varint(&mut rest).and_then(|n| u8::try_from(n).ok()).ok_or_else(error)?;
        // Levels decrease by one, so there is no way around in circles.
        if level.is_some_and(|level| level != found) {
            return Err(error());
        }
        into.left =
            take_varint(&mut rest).filter(|n| *n <= DICT_FAN_OUT as u64 && *n > 0).ok_or_else(error)?;
        into.base = if found == 0 { take_varint(&mut rest).ok_or_else(error)? } else { 0 };
        into.at = size - rest.len();
        into.level = found;
        into.key.clear();
        into.origin = start;
        Ok(())
    }

    /// What the dictionary says about exactly this key.
    pub(crate) fn find(&self, key: &[u8], work: &Work) -> Result<Option<Term>> {
        let mut node = Node::default();
        if !self.root(&mut node, work)? {
            return Ok(None);
        }
        while node.level > 0 {
            let mut below = None;
            while let Some(child) = node.child(self)? {
                if node.key.as_slice() > key {
                    break;
                }
                below = Some(child);
            }
            let Some(child) = below else { return Ok(None) };
            self.child(child, &mut node, work)?;
        }
        while let Some(term) = node.term(self)? {
            if node.key.as_slice() >= key {
                return Ok((node.key == key).then_some(term));
            }
        }
        Ok(None)
    }
}

/// Goes through the dictionary in order.
#[derive(Debug)]
pub(crate) struct Walk<'s, R> {
    segment: &'s Segment<R>,
    /// From the root down; the child of an inner node read ahead.
    path: Vec<(Node, Option<Child>)>,
    /// Keys below this one are passed over.
    lower: Vec<u8>,
}

impl<'s, R: ReadAt> Walk<'s, R> {
    /// From the first key that is not below `lower`.
    pub(crate) fn from(segment: &'s Segment<R>, lower: &[u8], work: &Work) -> Result<Self> {
        let mut walk = Walk { segment, path: Vec::new(), lower: lower.to_vec() };
        let mut node = Node::default();
        if !segment.root(&mut node, work)? {
            return Ok(walk);
        }
        while node.level > 0 {
            let (mut below, mut ahead) = (None, None);
            while let Some(child) = node.child(segment)? {
                if node.key.as_slice() > lower {
                    ahead = Some(child);
                    break;
                }
                below = Some(child);
            }
            walk.path.push((node, ahead));
            node = Node::default();
            // Without a child below, the one ahead is the first; `next` gets there.
            let Some(child) = below else { return Ok(walk) };
            segment.child(child, &mut node, work)?;
        }
        walk.path.push((node, None));
        Ok(walk)
    }

    /// The next term; its key is in [`key`](Self::key).
    pub(crate) fn next(&mut self, work: &Work) -> Result<Option<Term>> {
        while let Some((node, ahead)) = self.path.last_mut() {
            if node.level == 0 {
                match node.term(self.segment)? {
                    Some(term) => {
                        work.spend()?;
                        if node.key >= self.lower {
                            return Ok(Some(term));
                        }
                    }
                    None => drop(self.path.pop()),
                }
                continue;
            }
            let child = match ahead.take() {
                Some(child) => Some(child),
                None => node.child(self.segment)?,
            };
            match child {
                Some(child) => {
                    let mut node = Node::default();
                    self.segment.child(child, &mut node, work)?;
                    self.path.push((node, None));
                }
                None => drop(self.path.pop()),
            }
        }
        Ok(None)
    }

    /// Of the term that [`next`](Self::next) answered.
    pub(crate) fn key(&self) -> &[u8] {
        self.path.last().map_or(&[], |(node, _)| node.key.as_slice())
    }
}
