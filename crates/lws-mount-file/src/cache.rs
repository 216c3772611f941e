//! Files that were asked for a moment ago.
//!
//! ```text
//!   path ──▶ known, and looked at within CACHE_FOR? ── yes ──▶ the same file again: no system call
//!              └── no ──▶ Root::entry, as ever ──▶ is it the same, unchanged? ── yes ──▶ what was read of it stays
//!                                                     └── no ──▶ read it (small), or keep it open (large)
//! ```
//! Nothing is believed for longer than [`CACHE_FOR`], and whatever is believed was opened by [`Root`], beneath the root
//! and all: a file that is replaced, changed, removed or moved is seen as such within that time. What is not a file,
//! or is not there, is never remembered.
//!
//! Bounds: [`CACHED_FILES`], [`CACHED_BYTES`] of small files, [`CACHED_DESCRIPTORS`] of large ones; who was asked for
//! longest ago goes first.

use std::cell::RefCell;
use std::collections::HashMap;

use lws_wire::Time;

use crate::Error;
use crate::limits::{
    CACHE_FOR, CACHED_BYTES, CACHED_DESCRIPTORS, CACHED_FILE_BYTES, CACHED_FILES, SETTLED_S,
};
use crate::root::{Entry, OpenFile, Root};

/// A root, and what was found there lately.
#[derive(Debug)]
pub(crate) struct Cache {
    root: Root,
    // Never borrowed across a call to somebody else.
    known: RefCell<Known>,
}

#[derive(Debug, Default)]
struct Known {
    files: HashMap<Box<str>, File>,
    /// Bytes of all that are in memory, and number of those that are open.
    bytes: usize,
    open: usize,
}

#[derive(Debug)]
struct File {
    file: OpenFile,
    checked: Time,
    asked: Time,
    /// It had not been changed for a while when it was read: another change would show in its times.
    settled: bool,
}

impl Cache {
    pub(crate) fn new(root: Root) -> Self {
        Self { root, known: RefCell::default() }
    }

    pub(crate) fn root(&self) -> &Root {
        &self.root
    }

    /// As [`Root::entry`], at most [`CACHE_FOR`] ago.
    pub(crate) fn entry(&self, path: &str, now: Time, unix_s: u64) -> Result<Entry, Error> {
        if let Some(file) = self.known.borrow_mut().fresh(path, now) {
            return Ok(Entry::File(file));
        }
        let found = match self.root.entry(path) {
            Err(Error::Busy(_)) => {
                // Perhaps it is descriptors that are missing, and some are here.
                *self.known.borrow_mut() = Known::default();
                self.root.entry(path)
            }
            found => found,
        };
        let mut known = self.known.borrow_mut();
        let before = known.forget(path);
        let Ok(Entry::File(file)) = found else { return found };
        let unchanged = before.filter(|b| b.settled && b.file.is_same(&file));
        let kept = match unchanged {
            Some(before) => File { checked: now, asked: now, ..before },
            None => {
                let settled = file.changed_unix_s().saturating_add(SETTLED_S) <= unix_s;
                let file = if file.len() <= CACHED_FILE_BYTES as u64 { file.in_memory() } else { file };
                File { file, checked: now, asked: now, settled }
            }
        };
        let file = kept.file.clone();
        known.keep(path, kept);
        Ok(Entry::File(file))
    }
}

impl Known {
    fn fresh(&mut self, path: &str, now: Time) -> Option<OpenFile> {
        let known = self.files.get_mut(path)?;
        if now.since(known.checked) >= CACHE_FOR {
            return None;
        }
        known.asked = now;
        Some(known.file.clone())
    }

    fn forget(&mut self, path: &str) -> Option<File> {
        let known = self.files.remove(path)?;
        match known.file.memory() {
            Some(content) => self.bytes -= content.len(),
            None => self.open -= 1,
        }
        Some(known)
    }

    fn keep(&mut self, path: &str, known: File) {
        match known.file.memory() {
            Some(content) => self.bytes += content.len(),
            None => self.open += 1,
        }
        self.files.insert(path.into(), known);
        loop {
            let (bytes, open) = (self.bytes > CACHED_BYTES, self.open > CACHED_DESCRIPTORS);
            if !bytes && !open && self.files.len() <= CACHED_FILES {
                return;
            }
            // What takes what there is too much of, whichever that is.
            let guilty = |known: &File| known.file.memory().is_some() != open || !(bytes || open);
            let oldest = self.files.iter().filter(|(_, f)| guilty(f)).min_by_key(|(_, f)| f.asked);
            let Some(path) = oldest.map(|(path, _)| path.clone()) else { return };
            self.forget(&path);
        }
    }
}

#[cfg(test)]
mod tests;
