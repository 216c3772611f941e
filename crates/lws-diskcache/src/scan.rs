//! Counting what is there, a slice at a time, and who may count alone.
//!
//! The model: the file `lock` is held exclusively by a process that found no other, until it has counted every object and written
//! the sum into the ledger; from then on it is held shared. A process that comes while others have it shared takes it shared too, and
//! trusts the ledger; it counts only for its own order of eviction. One that comes while somebody counts alone stores
//! nothing until that is over.

use std::ffi::CStr;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Dir, FlockOperation};
use rustix::io::{Errno, Result};

use crate::disk::{Disk, facts};
use crate::index::Index;
use crate::{Key, limits};

/// This process among those that use the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Somebody else counts alone.
    Waiting,
    /// We count, and nobody else is here.
    Alone,
    /// The ledger is right.
    Present,
}

/// Tries to become more than `Waiting`.
pub(crate) fn arrive(lock: &OwnedFd) -> Presence {
    let try_lock = |operation| rustix::fs::flock(lock, operation).is_ok();
    if try_lock(FlockOperation::NonBlockingLockExclusive) {
        Presence::Alone
    } else if try_lock(FlockOperation::NonBlockingLockShared) {
        Presence::Present
    } else {
        Presence::Waiting
    }
}

/// A count under way.
pub(crate) struct Scan {
    /// The directory whose turn it is; 256 after the last.
    next: u16,
    open: Option<(OwnedFd, Dir)>,
    /// Nodes of the open directory that are new.
    found: Vec<u32>,
    /// Blocks of temporary files that were swept.
    pub(crate) swept: u64,
}

impl Scan {
    pub(crate) fn new() -> Self {
        Self { next: 0, open: None, found: Vec::new(), swept: 0 }
    }

    /// Looks at some entries more. `false` when there are none left.
    pub(crate) fn step(&mut self, disk: &Disk, index: &mut Index) -> bool {
        let Some((directory, entries)) = &mut self.open else {
            let Ok(number) = u8::try_from(self.next) else {
                return false;
            };
            match disk.directory(number, false).and_then(|fd| Dir::read_from(&fd).map(|dir| (fd, dir))) {
                Ok(open) => self.open = Some(open),
                // Not there, or not usable: then nothing is stored in it either.
                Err(_) => self.next += 1,
            }
            return true;
        };
        let first = u8::try_from(self.next).expect("a directory is open");
        for _ in 0..limits::SCAN_SLICE {
            let Some(Ok(entry)) = entries.read() else {
                index.add_run(first, &self.found);
                self.found.clear();
                self.open = None;
                self.next += 1;
                return true;
            };
            match look(disk, index, first, directory, entry.file_name()) {
                Ok(Some(Entry::Object(node))) => self.found.push(node),
                Ok(Some(Entry::Swept(blocks))) => self.swept += blocks,
                // Somebody else's file, or one that is gone meanwhile.
                Ok(None) | Err(_) => {}
            }
        }
        true
    }
}

enum Entry {
    /// An object, new to the index.
    Object(u32),
    /// A dead maker's file, gone now.
    Swept(u64),
}

fn look(
    disk: &Disk,
    index: &mut Index,
    first: u8,
    directory: &OwnedFd,
    name: &CStr,
) -> Result<Option<Entry>> {
    let bytes = name.to_bytes();
    let of_this_directory = |hex: &[u8]| Key::from_hex(hex).filter(|key| key.as_bytes()[0] == first);
    if let Some(hex) = bytes.strip_suffix(b"~") {
        if of_this_directory(hex).is_none() {
            return Ok(None);
        }
        return disk.sweep(directory, name).map(|blocks| blocks.map(Entry::Swept));
    }
    let Some(key) = of_this_directory(bytes) else {
        return Ok(None);
    };
    let stat = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let facts = facts(&stat).map_err(|_| Errno::PERM)?;
    Ok(index.found(&key, facts.used_s, facts.blocks).map(Entry::Object))
}
