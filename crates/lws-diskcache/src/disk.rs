//! Files in the cache's directory.
//!
//! ```text
//!   base/             owned by us, mode 0700
//!     lock            held exclusively by a process that counts alone, shared by all others (see `scan`)
//!     ledger          blocks on disk over all processes (see `ledger`)
//!     3f/             one of 256, by the key's first byte; made when needed
//!       3f0c…9a       an object: 64 hexadecimal digits
//!       3f0c…9a~      the same in the making; its maker holds a lock on it, so a dead one is known by its absence
//! ```
//!
//! Nothing here follows a symbolic link, opens what is not a regular file of ours with one name, or writes to a file that was there
//! before. Each directory is opened and checked anew, relative to the one above, so none can be exchanged on the way. Names are made
//! from keys, never from text.
//!
//! An object appears by `rename` from its temporary file, under that file's lock, and is never changed afterwards.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, Stat, Timespec, Timestamps};
use rustix::io::{Errno, Result};
use rustix::process::geteuid;

use crate::{Error, Key, limits};

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// `NONBLOCK`: a pipe somebody put there must not hold us up.
const READ: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);
const OPEN: OFlags = OFlags::RDWR.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);
const CREATE: OFlags = OPEN.union(OFlags::CREATE).union(OFlags::EXCL);

pub(crate) struct Disk {
    base: OwnedFd,
    #[cfg(test)]
    pub(crate) faults: faults::Faults,
}

/// What became of an attempt to make an object.
pub(crate) enum Create {
    /// Its temporary file, locked. With the blocks that dead makers' files took, which are gone now.
    New(File, u64),
    /// Somebody else makes it.
    Elsewhere,
}

/// What became of an attempt to remove an object.
pub(crate) enum Removed {
    /// It took so many blocks.
    Yes(u64),
    /// Somebody has used it at this time.
    Used(u32),
    /// It was not there.
    Gone,
}

/// What is known of a file.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) size: u64,
    pub(crate) blocks: u32,
    /// When it was marked as used last, in seconds since 1970.
    pub(crate) used_s: u32,
    /// Changes whenever the file or its content does, unless it does twice within [`limits::TICK_MS`].
    pub(crate) identity: u64,
    /// When that was, in nanoseconds since 1970.
    changed_ns: u64,
}

impl Facts {
    /// The identity, if it is old enough to tell a later change.
    pub(crate) fn settled_identity(&self) -> Option<u64> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let age = now.saturating_sub(Duration::from_nanos(self.changed_ns));
        (age >= Duration::from_millis(limits::TICK_MS)).then_some(self.identity)
    }
}

impl Disk {
    pub(crate) fn open(path: &Path) -> std::result::Result<Self, Error> {
        match rustix::fs::mkdir(path, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let base = rustix::fs::open(path, DIRECTORY, Mode::empty())?;
        let unsafe_because = |why| Error::Unsafe { path: path.to_owned(), why };
        let stat = rustix::fs::fstat(&base)?;
        if stat.st_uid != geteuid().as_raw() {
            return Err(unsafe_because("it belongs to another user: choose a directory of your own"));
        }
        if stat.st_mode & 0o077 != 0 {
            return Err(unsafe_because("others may use it too: set its mode to 0700"));
        }
        Ok(Self {
            base,
            #[cfg(test)]
            faults: faults::Faults::default(),
        })
    }

    /// A step that may fail; tests let it.
    #[inline]
    fn step(&self) -> Result<()> {
        #[cfg(test)]
        self.faults.step()?;
        Ok(())
    }

    /// A file beside the directories, made if it is not there.
    pub(crate) fn control(&self, name: &str) -> Result<OwnedFd> {
        self.step()?;
        let file = rustix::fs::openat(&self.base, name, OPEN | OFlags::CREATE, Mode::RUSR | Mode::WUSR)?;
        facts(&rustix::fs::fstat(&file)?)?;
        Ok(file)
    }

    /// The directory of keys that start with `first`.
    pub(crate) fn directory(&self, first: u8, create: bool) -> Result<OwnedFd> {
        let name = &Key::from_bytes([first; 32]).hex()[..2];
        let open = || {
            self.step()?;
            rustix::fs::openat(&self.base, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())
        };
        let directory = match open() {
            Err(Errno::NOENT) if create => {
                self.step()?;
                match rustix::fs::mkdirat(&self.base, name, Mode::RWXU) {
                    Ok(()) | Err(Errno::EXIST) => open()?,
                    Err(error) => return Err(error),
                }
            }
            other => other?,
        };
        let stat = rustix::fs::fstat(&directory)?;
        if stat.st_uid != geteuid().as_raw() || stat.st_mode & 0o077 != 0 {
            return Err(Errno::PERM);
        }
        Ok(directory)
    }

    /// An object, open for reading. `None` if there is none, or something else in its place.
    pub(crate) fn find(&self, key: &Key) -> Result<Option<(File, Facts)>> {
        let directory = match self.directory(key.as_bytes()[0], false) {
            Err(Errno::NOENT) => return Ok(None),
            other => other?,
        };
        self.step()?;
        match rustix::fs::openat(&directory, &*name(key, ""), READ, Mode::empty()) {
            Ok(file) => {
                let facts = facts(&rustix::fs::fstat(&file)?).ok();
                Ok(facts.map(|facts| (file.into(), facts)))
            }
            // A symbolic link, or a socket.
            Err(Errno::NOENT | Errno::LOOP | Errno::NXIO) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Starts an object.
    pub(crate) fn create(&self, key: &Key) -> Result<Create> {
        let directory = self.directory(key.as_bytes()[0], true)?;
        let name = name(key, "~");
        let mut freed = 0;
        for _ in 0..limits::STEAL_TRIES {
            self.step()?;
            match rustix::fs::openat(&directory, &*name, CREATE, Mode::RUSR | Mode::WUSR) {
                Ok(file) => {
                    // Who looked for dead makers may have been faster, and have taken it for one of theirs.
                    if try_lock(&file)? && rustix::fs::fstat(&file)?.st_nlink == 1 {
                        return Ok(Create::New(file.into(), freed));
                    }
                }
                Err(Errno::EXIST) => match self.sweep(&directory, &name)? {
                    Some(blocks) => freed += blocks,
                    None => return Ok(Create::Elsewhere),
                },
                Err(error) => return Err(error),
            }
        }
        Err(Errno::AGAIN)
    }

    /// Removes a temporary file whose maker is dead; answers the blocks it took. `None` if he lives.
    pub(crate) fn sweep(&self, directory: &OwnedFd, name: &CStr) -> Result<Option<u64>> {
        self.step()?;
        let file = match rustix::fs::openat(directory, name, OPEN, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(Some(0)),
            // A symbolic link or a socket: nobody of ours made it, and it takes no blocks.
            Err(Errno::LOOP | Errno::NXIO) => return unlink(directory, name).map(|()| Some(0)),
            Err(error) => return Err(error),
        };
        if !try_lock(&file)? {
            return Ok(None);
        }
        let stat = rustix::fs::fstat(&file)?;
        let there = match rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(there) => there,
            Err(Errno::NOENT) => return Ok(Some(0)),
            Err(error) => return Err(error),
        };
        if (stat.st_dev, stat.st_ino) != (there.st_dev, there.st_ino) {
            return Ok(Some(0)); // published, or swept, and made anew
        }
        self.step()?;
        unlink(directory, name)?;
        // What is not a file of ours was never counted.
        Ok(Some(facts(&stat).map_or(0, |facts| facts.blocks.into())))
    }

    /// Whether somebody makes this object now.
    pub(crate) fn is_in_the_making(&self, key: &Key) -> bool {
        let Ok(directory) = self.directory(key.as_bytes()[0], false) else {
            return false;
        };
        match rustix::fs::openat(&directory, &*name(key, "~"), OPEN, Mode::empty()) {
            Ok(file) => !try_lock(&file).unwrap_or(true),
            Err(_) => false,
        }
    }

    /// Lets the object appear whose temporary file is complete; answers what is known of it then.
    pub(crate) fn publish(&self, key: &Key, file: &File) -> Result<Facts> {
        let directory = self.directory(key.as_bytes()[0], false)?;
        self.step()?;
        rustix::fs::renameat(&directory, &*name(key, "~"), &directory, &*name(key, ""))?;
        // The lock is for makers only.
        let _ = rustix::fs::flock(file, FlockOperation::Unlock);
        rustix::fs::fstat(file).and_then(|stat| facts(&stat)).inspect_err(|_| {
            let _ = unlink(&directory, &name(key, ""));
        })
    }

    /// Removes the temporary file of an object that is given up.
    pub(crate) fn give_up(&self, key: &Key) -> Result<()> {
        let directory = self.directory(key.as_bytes()[0], false)?;
        unlink(&directory, &name(key, "~"))
    }

    /// Removes an object, unless it was used after `used_s`. The ledger's lock is held, so nobody else removes it meanwhile.
    pub(crate) fn remove(&self, key: &Key, used_s: u32) -> Result<Removed> {
        let gone = |error| {
            if error == Errno::NOENT { Ok(Removed::Gone) } else { Err(error) }
        };
        let directory = match self.directory(key.as_bytes()[0], false) {
            Ok(directory) => directory,
            Err(error) => return gone(error),
        };
        let name = name(key, "");
        self.step()?;
        let stat = match rustix::fs::statat(&directory, &*name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(error) => return gone(error),
        };
        let facts = facts(&stat);
        if let Ok(facts) = facts
            && facts.used_s > used_s
        {
            return Ok(Removed::Used(facts.used_s));
        }
        self.step()?;
        unlink(&directory, &name)?;
        Ok(Removed::Yes(facts.map_or(0, |facts| facts.blocks.into())))
    }

    /// Marks an object as used now; answers its new facts.
    pub(crate) fn mark_used(&self, file: &File) -> Result<Facts> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time = Timespec {
            tv_sec: i64::try_from(now.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: now.subsec_nanos().into(),
        };
        self.step()?;
        rustix::fs::futimens(file, &Timestamps { last_access: time, last_modification: time })?;
        facts(&rustix::fs::fstat(file)?)
    }
}

/// The name of an object's file, with `end` behind.
fn name(key: &Key, end: &str) -> CString {
    CString::new([&key.hex()[..], end.as_bytes()].concat()).expect("digits have no NUL")
}

fn unlink(directory: &OwnedFd, name: &CStr) -> Result<()> {
    match rustix::fs::unlinkat(directory, name, AtFlags::empty()) {
        Err(Errno::NOENT) => Ok(()),
        other => other,
    }
}

/// Locks a file against other makers; `false` if one has it.
pub(crate) fn try_lock(file: impl AsFd) -> Result<bool> {
    match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What a file of so many bytes takes on disk.
pub(crate) fn blocks(size: u64) -> u64 {
    size.div_ceil(limits::BLOCK)
}

/// The facts of a regular file of ours with one name; anything else is refused.
#[allow(clippy::unnecessary_cast)] // the fields of `stat` have other types on other systems
pub(crate) fn facts(stat: &Stat) -> Result<Facts> {
    let regular = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    if !regular || stat.st_uid != geteuid().as_raw() || stat.st_nlink as u64 > 1 {
        return Err(Errno::PERM);
    }
    let size = u64::try_from(stat.st_size as i64).unwrap_or(0);
    // Mixed so that a change of any part changes the sum; 0 is kept for "none".
    let changed_ns =
        (stat.st_ctime as u64).saturating_mul(1_000_000_000).saturating_add(stat.st_ctime_nsec as u64);
    let parts = [stat.st_ino as u64, size, changed_ns];
    let mix = |sum: u64, part: u64| (sum ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    Ok(Facts {
        size,
        blocks: u32::try_from(blocks(size)).unwrap_or(u32::MAX),
        used_s: u32::try_from(stat.st_mtime as i64).unwrap_or(0),
        identity: parts.into_iter().fold(1, mix).max(1),
        changed_ns,
    })
}

#[cfg(test)]
pub(crate) mod faults {
    //! Lets the n-th step from now on fail, as a full or broken disk does.

    use rustix::io::{Errno, Result};
    use std::sync::Mutex;

    #[derive(Default)]
    pub(crate) struct Faults(Mutex<State>);

    #[derive(Default)]
    struct State {
        steps: usize,
        fail: Option<(usize, Errno)>,
    }

    impl Faults {
        pub(super) fn step(&self) -> Result<()> {
            let mut state = self.0.lock().expect("no panic under the lock");
            state.steps += 1;
            match state.fail {
                Some((at, errno)) if state.steps > at => Err(errno),
                _ => Ok(()),
            }
        }

        /// All steps fail from the `after`-th on.
        pub(crate) fn fail_after(&self, after: usize, errno: Errno) {
            *self.0.lock().expect("no panic under the lock") = State { steps: 0, fail: Some((after, errno)) };
        }

        /// Nothing fails any more; answers how many steps there were since.
        pub(crate) fn stop(&self) -> usize {
            std::mem::take(&mut *self.0.lock().expect("no panic under the lock")).steps
        }
    }
}
