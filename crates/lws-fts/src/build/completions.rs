//! The most frequent words of every prefix that many words have, so that a completion need not look for them.
//!
//! ```text
//! node:  bytes of its prefix, the prefix,
//!        n, then n children: their byte behind the prefix, how far before this node they start, their bytes
//!        m, then m words, the most frequent first: bytes behind the prefix, these bytes, occurrences
//! ```
//!
//! The nodes are those of the tree of all words in which one has several children: what starts with `spinl` and what starts
//! with `spinlock` may be the same words. A node with fewer than [`COMPLETION_MIN`] words is left out, with all below it:
//! where the tree ends, few words are left to look at. A child comes before its parent, so the root is last.
//!
//! Words come sorted, so the open nodes are those on the way to the last word; a node that closes hands its best words to the
//! one above. Of words equally frequent the one that sorts first is first.

use alloc::vec::Vec;

use super::spill::Spill;
use crate::bits::put_varint;
use crate::error::Result;
use crate::io::{Append, ReadAt, Scratch};
use crate::limits::{COMPLETION_MIN, COMPLETION_WORDS};

/// Writes the nodes to temporary data.
#[derive(Debug)]
pub(crate) struct CompletionsWriter<F> {
    out: Spill<F>,
    /// From the root on; each prefix is one of the next one's, and all of `last`.
    open: Vec<Node>,
    /// The last word and its occurrences; it is in no node yet. Empty at the start.
    last: (Vec<u8>, u64),
    /// Nodes and words not in use: they would be allocated once per word otherwise.
    spare_nodes: Vec<Node>,
    spare_words: Vec<Vec<u8>>,
}

/// A node that may still get words.
#[derive(Debug, Default)]
struct Node {
    /// Bytes of its prefix.
    depth: usize,
    words: u64,
    /// Occurrences and word, the best first; at most [`COMPLETION_WORDS`].
    best: Vec<(u64, Vec<u8>)>,
    /// Byte, start and length of those that were written.
    children: Vec<(u8, u64, u64)>,
}

impl Node {
    /// Answers the word that is not wanted any more.
    fn offer(&mut self, count: u64, word: Vec<u8>) -> Option<Vec<u8>> {
        let full = self.best.len() == COMPLETION_WORDS;
        if full && self.best.last().is_some_and(|least| count <= least.0) {
            return Some(word);
        }
        let dropped = if full { self.best.pop() } else { None };
        // Behind those that are as frequent: they came first.
        let at = self.best.partition_point(|better| better.0 >= count);
        self.best.insert(at, (count, word));
        dropped.map(|dropped| dropped.1)
    }
}

impl<F: Append + ReadAt> CompletionsWriter<F> {
    pub(crate) fn new() -> Self {
        let (open, last) = (Vec::new(), (Vec::new(), 0));
        let (spare_nodes, spare_words) = (Vec::new(), Vec::new());
        CompletionsWriter { out: Spill::new(), open, last, spare_nodes, spare_words }
    }

    /// Adds a word that sorts behind all before.
    pub(crate) fn add<S: Scratch<File = F>>(
        &mut self,
        scratch: &mut S,
        word: &[u8],
        count: u64,
    ) -> Result<()> {
        if !self.last.0.is_empty() {
            let shared = self.last.0.iter().zip(word).take_while(|(a, b)| a == b).count();
            self.settle(scratch, shared)?;
        }
        let mut last = self.spare_words.pop().unwrap_or_default();
        last.clear();
        last.extend_from_slice(word);
        self.last = (last, count);
        Ok(())
    }

    /// Ends the tree; answers it, and start and length of its root, which are 0 where there is none.
    pub(crate) fn finish<S: Scratch<File = F>>(mut self, scratch: &mut S) -> Result<(Spill<F>, (u64, u64))> {
        self.settle(scratch, 0)?;
        let root = match self.open.pop() {
            Some(node) => self.write(scratch, &node, b"")?.unwrap_or_default(),
            None => (0, 0),
        };
        Ok((self.out, root))
    }

    /// Puts the last word into its node, and closes all nodes that the next one, with so many bytes in common, is not in.
    fn settle<S: Scratch<File = F>>(&mut self, scratch: &mut S, shared: usize) -> Result<()> {
        let (word, count) = core::mem::take(&mut self.last);
        self.reach(shared);
        // The last word, whole, is what names the nodes that close; the words in them may be dropped.
        let name = word.clone();
        if let Some(node) = self.open.last_mut() {
            node.words += 1;
            self.spare_words.extend(node.offer(count, word));
        }
        while self.open.last().is_some_and(|node| node.depth > shared) {
            let Some(node) = self.open.pop() else { break };
            let written = self.write(scratch, &node, &name)?;
            self.reach(shared);
            self.hand_up(node, &name, written);
        }
        Ok(())
    }

    /// Makes the innermost open node one of at least that depth.
    fn reach(&mut self, depth: usize) {
        if self.open.last().is_none_or(|node| node.depth < depth) {
            let mut node = self.spare_nodes.pop().unwrap_or_default();
            (node.depth, node.words) = (depth, 0);
            self.open.push(node);
        }
    }

    /// Gives what a closed node has to the one above.
    fn hand_up(&mut self, mut node: Node, name: &[u8], written: Option<(u64, u64)>) {
        if let Some(parent) = self.open.last_mut() {
            parent.words += node.words;
            for (count, word) in node.best.drain(..) {
                self.spare_words.extend(parent.offer(count, word));
            }
            if let (Some((start, len)), Some(byte)) = (written, name.get(parent.depth)) {
                parent.children.push((*byte, start, len));
            }
        }
        node.children.clear();
        self.spare_nodes.push(node);
    }

    /// Writes a node that has many words, with the prefix that `name` starts with. Answers its start and length.
    fn write<S: Scratch<File = F>>(
        &mut self,
        scratch: &mut S,
        node: &Node,
        name: &[u8],
    ) -> Result<Option<(u64, u64)>> {
        if node.words < COMPLETION_MIN {
            return Ok(None);
        }
        let start = self.out.size();
        let prefix = name.get(..node.depth).unwrap_or_default();
        let mut bytes = Vec::new();
        put_varint(&mut bytes, prefix.len() as u64);
        bytes.extend_from_slice(prefix);
        put_varint(&mut bytes, node.children.len() as u64);
        for (byte, at, len) in &node.children {
            bytes.push(*byte);
            put_varint(&mut bytes, start - at);
            put_varint(&mut bytes, *len);
        }
        put_varint(&mut bytes, node.best.len() as u64);
        for (count, word) in &node.best {
            let behind = word.get(prefix.len()..).unwrap_or_default();
            put_varint(&mut bytes, behind.len() as u64);
            bytes.extend_from_slice(behind);
            put_varint(&mut bytes, *count);
        }
        self.out.put(scratch, &bytes)?;
        Ok(Some((start, bytes.len() as u64)))
    }
}
