//! The dictionary: a tree of sorted keys, written bottom up in one pass.
//!
//! ```text
//! leaf:   0, n, start of its postings in POSTINGS, then n entries:
//!           bytes shared with the key before, further bytes, these bytes,
//!           (files - 1) << 1      occurrences - files, bytes of postings, bytes of skips if files or occurrences
//!                                 are more than one block holds
//!           or (occurrences - 1) << 1 | 1      file, first position, gaps - 1
//! inner:  level, n, then n entries: shared, further, bytes, offset of the child - offset of the child before,
//!           bytes of the child, largest count below
//! ```
//!
//! A child comes before its parent, so the root is last; only one open node per level is in memory. The key of a child
//! is cut down to what tells it from the last key before it. The counts make the completion exact: whoever looks
//! below the largest count first meets the terms in the order of their counts.

use alloc::vec::Vec;

use super::postings::{INLINE, Written};
use super::spill::Spill;
use crate::bits::put_varint;
use crate::error::Result;
use crate::io::{Append, ReadAt, Scratch};
use crate::limits::{BLOCK_FILES, BLOCK_POSITIONS, DICT_BLOCK, DICT_FAN_OUT};

/// Whether a term with so many files and occurrences may have skips.
pub(crate) fn may_have_skips(df: u32, cf: u64) -> bool {
    df as usize > BLOCK_FILES || cf > BLOCK_POSITIONS as u64
}

/// Writes the tree to temporary data.
#[derive(Debug)]
pub(crate) struct DictWriter<F> {
    out: Spill<F>,
    leaf: Node,
    /// By level, the level above the leaves first.
    inner: Vec<Node>,
    /// The last key added.
    last: Vec<u8>,
    /// Where the postings of the next term start.
    postings: u64,
}

/// A node being filled.
#[derive(Debug, Default)]
struct Node {
    entries: Vec<u8>,
    count: usize,
    /// The largest count in it.
    most: u64,
    /// Its lower bound: no key in it is smaller.
    lower: Vec<u8>,
    /// The key of its last entry.
    last: Vec<u8>,
    /// In a leaf where its postings start, in an inner node where its last child starts.
    base: u64,
}

impl Node {
    fn key(&mut self, key: &[u8]) {
        let shared = self.last.iter().zip(key).take_while(|(a, b)| a == b).count();
        let shared = if self.count == 0 { 0 } else { shared };
        put_varint(&mut self.entries, shared as u64);
        put_varint(&mut self.entries, (key.len() - shared) as u64);
        self.entries.extend_from_slice(&key[shared..]);
        self.last.clear();
        self.last.extend_from_slice(key);
        self.count += 1;
    }

    fn closed(&self, least: usize) -> bool {
        self.count >= DICT_FAN_OUT || self.entries.len() >= DICT_BLOCK && self.count >= least
    }
}

impl<F: Append + ReadAt> DictWriter<F> {
    pub(crate) fn new() -> Self {
        let (leaf, last) = (Node::default(), Vec::new());
        DictWriter { out: Spill::new(), leaf, inner: Vec::new(), last, postings: 0 }
    }

    /// Adds a key greater than all before.
    pub(crate) fn add<S: Scratch<File = F>>(
        &mut self,
        scratch: &mut S,
        key: &[u8],
        term: &Written,
    ) -> Result<()> {
        if self.leaf.closed(1) {
            self.close_leaf(scratch)?;
        }
        if self.leaf.count == 0 {
            let differs = self.last.iter().zip(key).take_while(|(a, b)| a == b).count();
            self.leaf.lower = key[..key.len().min(differs + 1)].to_vec();
            self.leaf.base = self.postings;
        }
        self.leaf.key(key);
        self.leaf.most = self.leaf.most.max(term.cf);
        let entry = &mut self.leaf.entries;
        match term.inline {
            Some((file, positions)) => {
                put_varint(entry, (term.cf - 1) << 1 | 1);
                put_varint(entry, u64::from(file));
                let mut next = 0;
                for position in positions.iter().take((term.cf as usize).min(INLINE)) {
                    put_varint(entry, u64::from(position - next));
                    next = position + 1;
                }
            }
            None => {
                put_varint(entry, u64::from(term.df - 1) << 1);
                put_varint(entry, term.cf - u64::from(term.df));
                put_varint(entry, term.len);
                if may_have_skips(term.df, term.cf) {
                    put_varint(entry, term.skips);
                }
                self.postings += term.len;
            }
        }
        self.last.clear();
        self.last.extend_from_slice(key);
        Ok(())
    }

    /// Ends the tree; answers it and where the root is.
    pub(crate) fn finish<S: Scratch<File = F>>(mut self, scratch: &mut S) -> Result<(Spill<F>, (u64, u64))> {
        if self.leaf.count == 0 {
            return Ok((self.out, (0, 0)));
        }
        self.close_leaf(scratch)?;
        let mut level = 0;
        // A level with one child only is not needed: that child is the root.
        while level + 1 < self.inner.len() || self.inner.get(level).is_some_and(|node| node.count > 1) {
            self.close_inner(scratch, level)?;
            level += 1;
        }
        let root = self.inner.get(level).map_or((0, 0), |node| (node.base, 0));
        let len = self.out.size() - root.0;
        Ok((self.out, (root.0, len)))
    }

    fn close_leaf<S: Scratch<File = F>>(&mut self, scratch: &mut S) -> Result<()> {
        let leaf = core::mem::take(&mut self.leaf);
        let start = self.out.size();
        let mut head = Vec::new();
        for number in [0, leaf.count as u64, leaf.base] {
            put_varint(&mut head, number);
        }
        self.out.put(scratch, &head)?;
        self.out.put(scratch, &leaf.entries)?;
        self.child(scratch, 0, start, &leaf)
    }

    fn close_inner<S: Scratch<File = F>>(&mut self, scratch: &mut S, level: usize) -> Result<()> {
        let node = core::mem::take(&mut self.inner[level]);
        if node.count == 0 {
            return Ok(());
        }
        let start = self.out.size();
        let mut head = Vec::new();
        put_varint(&mut head, level as u64 + 1);
        put_varint(&mut head, node.count as u64);
        self.out.put(scratch, &head)?;
        self.out.put(scratch, &node.entries)?;
        self.child(scratch, level + 1, start, &node)
    }

    /// Adds the node just written, which starts at `start`, to the open node at `inner[level]`.
    fn child<S: Scratch<File = F>>(
        &mut self,
        scratch: &mut S,
        level: usize,
        start: u64,
        child: &Node,
    ) -> Result<()> {
        let len = self.out.size() - start;
        if self.inner.len() == level {
            self.inner.push(Node::default());
        }
        // Two entries at least, or the tree would not become narrower.
        if self.inner[level].closed(2) {
            self.close_inner(scratch, level)?;
        }
        let parent = &mut self.inner[level];
        if parent.count == 0 {
            parent.lower.clone_from(&child.lower);
            parent.base = 0;
        }
        parent.key(&child.lower);
        put_varint(&mut parent.entries, start - parent.base);
        put_varint(&mut parent.entries, len);
        put_varint(&mut parent.entries, child.most);
        parent.base = start;
        parent.most = parent.most.max(child.most);
        Ok(())
    }
}
