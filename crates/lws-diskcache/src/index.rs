//! Which objects there are, and in which order they were used.
//!
//! The model: one node per object, in a slab. Objects used since the start are *hot*: a doubly linked list, most recent first.
//! Those only counted so far are *cold*: one run of nodes for each of the 256 directories, sorted by their time on disk. The
//! oldest of all is the hot list's last or one of the runs' last; both are found in constant time.
//!
//! A node takes 56 bytes, its place in the hash table 5 to 11 (the keys are hashes already), and in a run 4.

mod table;

use crate::Key;
use table::Table;

/// No node.
const NONE: u32 = u32::MAX;
/// In `Node::newer`: the node is cold.
const COLD: u32 = u32::MAX - 1;
/// In `Node::newer`: the node is free; `older` links to the next free one.
const FREE: u32 = u32::MAX - 2;

/// What is known of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) key: Key,
    /// Identity of the file whose content was checked; 0 if none was.
    pub(crate) checked: u64,
    /// When it was used last, in seconds since 1970, as far as this process knows.
    pub(crate) used_s: u32,
    /// What it takes on disk.
    pub(crate) blocks: u32,
    newer: u32,
    older: u32,
}

pub(crate) struct Index {
    nodes: Vec<Node>,
    table: Table,
    free: u32,
    newest: u32,
    oldest: u32,
    /// Cold nodes of each directory, oldest last. A run may name nodes that are not cold any more.
    runs: Vec<Vec<u32>>,
    len: u32,
    blocks: u64,
}

impl Index {
    pub(crate) fn new() -> Self {
        Self {
            nodes: Vec::new(),
            table: Table::new(),
            free: NONE,
            newest: NONE,
            oldest: NONE,
            runs: vec![Vec::new(); 256],
            len: 0,
            blocks: 0,
        }
    }

    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// What all objects take on disk.
    pub(crate) fn blocks(&self) -> u64 {
        self.blocks
    }

    fn find(&self, key: &Key) -> Option<u32> {
        self.table.find(key, |at| self.nodes[at as usize].key)
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Node> {
        self.find(key).map(|at| &self.nodes[at as usize])
    }

    /// Notes that an object was used; adds it if it is not known.
    pub(crate) fn touch(&mut self, key: &Key, used_s: u32, checked: u64, blocks: u32) {
        let at = match self.find(key) {
            Some(at) => {
                self.unlink(at);
                at
            }
            None => self.add(*key),
        };
        let node = &mut self.nodes[at as usize];
        self.blocks = self.blocks - u64::from(node.blocks) + u64::from(blocks);
        (node.used_s, node.checked, node.blocks) = (used_s, checked, blocks);
        self.link_newest(at);
    }

    /// Adds an object that was found on disk; answers its node, or `None` if it is known.
    pub(crate) fn found(&mut self, key: &Key, used_s: u32, blocks: u32) -> Option<u32> {
        if self.find(key).is_some() {
            return None;
        }
        let at = self.add(*key);
        let node = &mut self.nodes[at as usize];
        (node.used_s, node.blocks, node.newer) = (used_s, blocks, COLD);
        self.blocks += u64::from(blocks);
        Some(at)
    }

    /// Adds nodes that were `found` in one directory to its run.
    pub(crate) fn add_run(&mut self, dir: u8, found: &[u32]) {
        let mut run = std::mem::take(&mut self.runs[usize::from(dir)]);
        run.extend_from_slice(found);
        run.retain(|&at| self.is_cold(at, dir));
        // Most recent first; the nodes themselves only to make them neighbours of themselves.
        run.sort_unstable_by_key(|&at| (std::cmp::Reverse(self.nodes[at as usize].used_s), at));
        run.dedup();
        self.runs[usize::from(dir)] = run;
    }

    pub(crate) fn remove(&mut self, key: &Key) -> Option<Node> {
        let at = self.find(key)?;
        self.table.remove(key, |at| self.nodes[at as usize].key);
        self.unlink(at);
        let node = self.nodes[at as usize];
        (self.nodes[at as usize].newer, self.nodes[at as usize].older) = (FREE, self.free);
        self.free = at;
        self.len -= 1;
        self.blocks -= u64::from(node.blocks);
        Some(node)
    }

    /// The object that was not used for the longest time.
    pub(crate) fn oldest(&mut self) -> Option<Node> {
        let mut oldest: Option<Node> = None;
        for dir in 0..=255_u8 {
            while let Some(&at) = self.runs[usize::from(dir)].last() {
                if self.is_cold(at, dir) {
                    let node = self.nodes[at as usize];
                    if oldest.is_none_or(|oldest| node.used_s < oldest.used_s) {
                        oldest = Some(node);
                    }
                    break;
                }
                self.runs[usize::from(dir)].pop();
            }
        }
        let hot = self.nodes.get(self.oldest as usize).copied();
        match (oldest, hot) {
            // A cold one of the same second was used before this process started.
            (Some(cold), Some(hot)) if hot.used_s < cold.used_s => Some(hot),
            (Some(cold), _) => Some(cold),
            (None, hot) => hot,
        }
    }

    fn is_cold(&self, at: u32, dir: u8) -> bool {
        self.nodes.get(at as usize).is_some_and(|node| node.newer == COLD && node.key.as_bytes()[0] == dir)
    }

    fn add(&mut self, key: Key) -> u32 {
        let node = Node { key, checked: 0, used_s: 0, blocks: 0, newer: NONE, older: NONE };
        let at = match self.nodes.get(self.free as usize) {
            Some(free) => {
                let at = self.free;
                self.free = free.older;
                self.nodes[at as usize] = node;
                at
            }
            None => {
                self.nodes.push(node);
                u32::try_from(self.nodes.len() - 1).expect("Config::max_objects is a u32")
            }
        };
        self.table.insert(&key, at, |at| self.nodes[at as usize].key);
        self.len += 1;
        at
    }

    /// Takes a node out of the hot list, if it is in it.
    fn unlink(&mut self, at: u32) {
        let Node { newer, older, .. } = self.nodes[at as usize];
        if newer == COLD {
            return; // its run notices
        }
        match self.nodes.get_mut(newer as usize) {
            Some(node) => node.older = older,
            None => self.newest = older,
        }
        match self.nodes.get_mut(older as usize) {
            Some(node) => node.newer = newer,
            None => self.oldest = newer,
        }
    }

    fn link_newest(&mut self, at: u32) {
        let older = std::mem::replace(&mut self.newest, at);
        let node = &mut self.nodes[at as usize];
        (node.newer, node.older) = (NONE, older);
        match self.nodes.get_mut(older as usize) {
            Some(node) => node.newer = at,
            None => self.oldest = at,
        }
    }
}

#[cfg(test)]
mod tests;
