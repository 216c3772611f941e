//! How much is on disk, over all processes.
//!
//! The model: a file of 8 bytes, the number of blocks that objects and temporary files take, little-endian. Whoever changes it, or
//! removes an object, holds its lock for these few microseconds. Growth is entered before it happens and shrinkage after, so the
//! number is never too small; a process that dies in between leaves it too large by one write. The first process to open a cache
//! counts anew (see `scan`).
//!
//! Nobody waits long for the lock: a stopped process must not stop the others. What could not be entered is owed.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use crate::disk::{Disk, try_lock};
use crate::{Error, limits};

pub(crate) struct Ledger {
    file: OwnedFd,
    /// Blocks given back that the file does not know of yet.
    owed: u64,
}

impl Ledger {
    pub(crate) fn open(disk: &Disk) -> Result<Self, Error> {
        Ok(Self { file: disk.control("ledger")?, owed: 0 })
    }

    /// Changes the number of blocks.
    pub(crate) fn change<R>(&mut self, change: impl FnOnce(&mut u64) -> R) -> Result<R, Error> {
        let start = Instant::now();
        while !try_lock(&self.file)? {
            if start.elapsed() > Duration::from_micros(limits::LEDGER_WAIT_US) {
                return Err(Error::Busy);
            }
            std::thread::yield_now();
        }
        let result = self.locked(change);
        let _ = rustix::fs::flock(&self.file, FlockOperation::Unlock);
        result
    }

    fn locked<R>(&mut self, change: impl FnOnce(&mut u64) -> R) -> Result<R, Error> {
        let before = self.read()?;
        let mut now = before.saturating_sub(self.owed);
        let result = change(&mut now);
        if now != before {
            let written = rustix::io::pwrite(&self.file, &now.to_le_bytes(), 0)?;
            if written != 8 {
                return Err(Errno::IO.into());
            }
        }
        self.owed = 0;
        Ok(result)
    }

    fn read(&self) -> Result<u64, Error> {
        let mut bytes = [0; 8];
        // A file that is shorter was never written: nothing is on disk.
        let n = rustix::io::pread(&self.file, &mut bytes, 0)?;
        Ok(if n == 8 { u64::from_le_bytes(bytes) } else { 0 })
    }

    /// The number of blocks, as of now.
    pub(crate) fn blocks(&self) -> Result<u64, Error> {
        Ok(self.read()?.saturating_sub(self.owed))
    }

    /// Gives blocks back, now or with the next change.
    pub(crate) fn give_back(&mut self, blocks: u64) {
        self.owed += blocks;
        if self.owed > 0 {
            // Owed is as good.
            let _ = self.change(|_| ());
        }
    }
}
