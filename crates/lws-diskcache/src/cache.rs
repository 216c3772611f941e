//! The whole.
//!
//! The model: one lock over the index, the ledger and the flights. Objects are opened, checked and written outside it; waiters are
//! called outside it. What happens on disk is right by itself (see `disk` and `ledger`): the index may lag behind other processes,
//! and then a lookup or an eviction finds out.
//!
//! An object's content is checked when it is found for the first time, and again whenever its file's identity (inode, size, change
//! time) is another than it was then. Right after a change the identity says nothing yet, so the check is repeated.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use rustix::fs::FlockOperation;

use crate::disk::{Create, Disk, Removed};
use crate::flight::{Flights, Turn};
use crate::index::Index;
use crate::ledger::Ledger;
use crate::scan::{Presence, Scan, arrive};
use crate::{Config, Error, Key, Stats, Writer, limits, trailer};

/// A cache of files in a directory. Clones are the same cache.
#[doc(alias = "lws_diskcache_scan")]
#[derive(Clone)]
pub struct Cache {
    shared: Arc<Shared>,
}

struct Shared {
    disk: Disk,
    config: Config,
    /// The limit, in blocks.
    limit: u64,
    state: Mutex<State>,
}

struct State {
    index: Index,
    ledger: Ledger,
    flights: Flights,
    /// The file whose lock says who is here.
    lock: OwnedFd,
    presence: Presence,
    scan: Option<Scan>,
    /// Blocks entered for objects in the making, of this process.
    making: u64,
    /// Blocks in the ledger beyond those of our objects, known and in the making, after the last count. While that does not
    /// change, no other process has added or removed anything.
    beyond: i128,
    /// When to look whether it has.
    next_look: Instant,
    scan_started: Instant,
    stats: Stats,
}

/// What became of a question.
#[derive(Debug)]
pub enum Lookup {
    /// Here it is.
    #[doc(alias = "LWS_DISKCACHE_QUERY_EXISTS")]
    Hit(Hit),
    /// It is not there, and is yours to make. Others wait for it.
    #[doc(alias = "LWS_DISKCACHE_QUERY_CREATING")]
    Miss(Writer),
    /// Somebody else makes it; the waiter will be called once.
    #[doc(alias = "LWS_DISKCACHE_QUERY_ONGOING")]
    Wait,
    /// It is not there and cannot be stored now: make it, and do without the cache.
    #[doc(alias = "LWS_DISKCACHE_QUERY_NO_CACHE")]
    Bypass,
}

/// An object, open for reading. It stays readable when it is evicted meanwhile.
#[derive(Debug)]
pub struct Hit {
    file: File,
    len: u64,
}

impl Hit {
    pub(crate) fn new(file: File, len: u64) -> Self {
        Self { file, len }
    }

    /// Its length in bytes. The file is a little longer.
    #[allow(clippy::len_without_is_empty)] // a length in a file, not a collection
    pub fn len(&self) -> u64 {
        self.len
    }

    /// The file, for `sendfile` and the like: the object is its first [`len`](Self::len) bytes.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Reads into `room` from `offset` on; answers how many bytes, 0 at the end.
    ///
    /// # Errors
    /// What the system says.
    pub fn read_at(&self, room: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let n = room.len().min(left);
        self.file.read_at(&mut room[..n], offset)
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// What the system says.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let len = usize::try_from(self.len).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut all = vec![0; len];
        self.file.read_exact_at(&mut all, 0)?;
        Ok(all)
    }
}

impl Cache {
    /// Opens the cache in the directory `path`, which is made if it is not there.
    ///
    /// It can be asked at once. If no other process uses the directory, nothing is stored until [`poll_trim`](Self::poll_trim)
    /// has counted what is there.
    ///
    /// # Errors
    /// [`Error::Unsafe`] if `path` belongs to another user, or others may enter it; [`Error::Os`].
    #[doc(alias = "lws_diskcache_create")]
    #[doc(alias = "lws_diskcache_prepare")]
    pub fn open(path: impl AsRef<Path>, config: Config) -> Result<Self, Error> {
        let disk = Disk::open(path.as_ref())?;
        let lock = disk.control("lock")?;
        let state = State {
            index: Index::new(),
            ledger: Ledger::open(&disk)?,
            flights: Flights::default(),
            presence: arrive(&lock),
            lock,
            scan: Some(Scan::new()),
            making: 0,
            beyond: 0,
            next_look: Instant::now(),
            scan_started: Instant::now(),
            stats: Stats::default(),
        };
        let limit = config.limit / limits::BLOCK;
        Ok(Self { shared: Arc::new(Shared { disk, config, limit, state: Mutex::new(state) }) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic changes two things under this lock.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Asks for an object. If somebody else is making it, `waiter` is called once when it is worth asking again: when it is there,
    /// or was given up. It is called on the thread of the maker, or in [`poll_trim`](Self::poll_trim) if that is another process.
    ///
    /// An object that this process did not write, or that has changed, is read once to check it: have large ones asked
    /// for on a thread pool.
    #[doc(alias = "lws_diskcache_query")]
    pub fn get(&self, key: &Key, waiter: impl FnOnce() + Send + 'static) -> Lookup {
        match self.find(key) {
            Ok(Some(hit)) => {
                self.state().stats.hits += 1;
                Lookup::Hit(hit)
            }
            Ok(None) => self.make(key, waiter),
            Err(_) => self.bypass(),
        }
    }

    /// Asks for an object without offering to make it: for those who must not fill the cache, such as robots.
    pub fn peek(&self, key: &Key) -> Option<Hit> {
        let hit = self.find(key).ok().flatten()?;
        self.state().stats.hits += 1;
        Some(hit)
    }

    fn bypass(&self) -> Lookup {
        self.state().stats.bypassed += 1;
        Lookup::Bypass
    }

    /// The object, if it is there and whole.
    fn find(&self, key: &Key) -> Result<Option<Hit>, Error> {
        let disk = &self.shared.disk;
        let Some((file, mut facts)) = disk.find(key)? else {
            return Ok(None);
        };
        let checked = self.state().index.get(key).map_or(0, |node| node.checked);
        let settled = facts.settled_identity(); // as of before the check
        if checked != facts.identity && !trailer::check(&file, facts.size, key)? {
            self.drop_broken(key);
            return Ok(None);
        }
        let now_s = now_s();
        let age = Duration::from_secs(now_s.saturating_sub(facts.used_s).into());
        let mut checked = settled.unwrap_or(0);
        if age >= self.config().touch_after && age > Duration::ZERO {
            // Recency is worth a try, not an error. The file has another identity then.
            facts = disk.mark_used(&file).unwrap_or(facts);
            checked = 0;
        }
        self.state().index.touch(key, now_s.max(facts.used_s), checked, facts.blocks);
        Ok(Some(Hit { file, len: facts.size.saturating_sub(trailer::LEN) }))
    }

    fn drop_broken(&self, key: &Key) {
        let mut state = self.state();
        state.stats.broken += 1;
        // If it cannot be removed now, it is found broken again.
        let _ = state.remove(&self.shared.disk, key, u32::MAX);
    }

    /// The object is not there.
    fn make(&self, key: &Key, waiter: impl FnOnce() + Send + 'static) -> Lookup {
        let turn = {
            let mut state = self.state();
            match state.presence {
                Presence::Present => state.flights.join(key, waiter),
                _ => Turn::Bypass,
            }
        };
        let waiter = match turn {
            Turn::Make(waiter) => waiter,
            Turn::Wait => {
                self.state().stats.waits += 1;
                return Lookup::Wait;
            }
            Turn::Bypass => return self.bypass(),
        };
        match self.shared.disk.create(key) {
            Ok(Create::New(file, freed)) => {
                self.state().ledger.give_back(freed);
                let writer = Writer::new(self.clone(), *key, file);
                // It may have appeared since we looked; from here on, nobody else can make it. The unused writer cleans up.
                if let Ok(Some(hit)) = self.find(key) {
                    self.state().stats.hits += 1;
                    return Lookup::Hit(hit);
                }
                self.state().stats.misses += 1;
                Lookup::Miss(writer)
            }
            Ok(Create::Elsewhere) => {
                let mut state = self.state();
                state.flights.is_foreign(key, waiter);
                state.stats.waits += 1;
                Lookup::Wait
            }
            Err(_) => {
                self.land(key);
                self.bypass()
            }
        }
    }

    /// Ends the making of an object: those who wait may look.
    fn land(&self, key: &Key) {
        let waiters = self.state().flights.end(key);
        waiters.into_iter().for_each(|waiter| waiter());
    }

    /// Enters blocks that a writer is about to fill; evicts as much as that takes.
    pub(crate) fn enter(&self, blocks: u64) -> Result<(), Error> {
        let Shared { disk, limit, .. } = &*self.shared;
        let mut state = self.state();
        loop {
            let fits = state.ledger.change(|total| {
                let fits = total.saturating_add(blocks) <= *limit;
                *total += if fits { blocks } else { 0 };
                fits
            })?;
            if fits {
                state.making += blocks;
                return Ok(());
            }
            if !state.evict(disk)? {
                return Err(Error::Full);
            }
        }
    }

    /// Lets a complete object appear that has `entered` blocks in the ledger.
    pub(crate) fn publish(&self, key: &Key, file: &File, entered: u64) -> Result<(), Error> {
        let Shared { disk, config, .. } = &*self.shared;
        let facts = disk.publish(key, file)?;
        debug_assert_eq!(entered, u64::from(facts.blocks), "the writer entered what it wrote");
        {
            let mut state = self.state();
            state.index.touch(key, now_s().max(facts.used_s), 0, facts.blocks);
            state.stats.stored += 1;
            state.making -= entered;
            while state.index.len() > config.max_objects && state.evict(disk).unwrap_or(false) {}
        }
        self.land(key);
        Ok(())
    }

    /// Forgets an object in the making that has `entered` blocks in the ledger.
    pub(crate) fn give_up(&self, key: &Key, entered: u64) {
        // If it cannot be removed now, it is swept when its maker is gone; its blocks stay entered until then.
        let removed = self.shared.disk.give_up(key).is_ok();
        {
            let mut state = self.state();
            state.making -= entered;
            state.ledger.give_back(if removed { entered } else { 0 });
        }
        self.land(key);
    }

    /// Does housekeeping for about as long as `budget`; answers when to come again, zero if there is more to do.
    ///
    /// It counts what is there after a start, evicts ahead of need, removes what dead processes left, and looks whether objects that
    /// other processes make are there.
    #[doc(alias = "lws_diskcache_trim")]
    #[doc(alias = "lws_diskcache_secs_to_idle")]
    pub fn poll_trim(&self, budget: Duration) -> Duration {
        let deadline = Instant::now() + budget;
        let mut wait = Duration::from_millis(limits::IDLE_POLL_MS);
        if self.look_for_foreign() {
            wait = Duration::from_millis(limits::FOREIGN_POLL_MS);
        }
        loop {
            // The lock is free between the slices.
            match self.state().slice(&self.shared) {
                Slice::Done => return wait,
                Slice::More if Instant::now() >= deadline => return Duration::ZERO,
                Slice::More => {}
                Slice::Waiting => return Duration::from_millis(limits::FOREIGN_POLL_MS),
            }
        }
    }

    /// Wakes who waits for other processes that are done; answers whether some are not.
    fn look_for_foreign(&self) -> bool {
        let foreign = self.state().flights.foreign();
        let (running, done): (Vec<Key>, Vec<Key>) =
            foreign.into_iter().partition(|key| self.shared.disk.is_in_the_making(key));
        done.iter().for_each(|key| self.land(key));
        !running.is_empty()
    }

    /// What it holds, and what has become of questions.
    pub fn stats(&self) -> Stats {
        let state = self.state();
        Stats {
            objects: state.index.len(),
            bytes: state.index.blocks() * limits::BLOCK,
            counting: state.presence != Presence::Present || state.scan.is_some(),
            ..state.stats
        }
    }

    #[cfg(test)]
    pub(crate) fn disk(&self) -> &Disk {
        &self.shared.disk
    }
}

/// How a slice of housekeeping ended.
enum Slice {
    More,
    Done,
    /// For another process.
    Waiting,
}

impl State {
    fn slice(&mut self, shared: &Shared) -> Slice {
        let Shared { disk, config, limit, .. } = shared;
        if self.presence == Presence::Waiting {
            self.presence = arrive(&self.lock);
            if self.presence == Presence::Waiting {
                return Slice::Waiting;
            }
            self.start_scan();
        }
        if let Some(scan) = &mut self.scan {
            if !scan.step(disk, &mut self.index) {
                let swept = scan.swept;
                self.scan = None;
                self.counted(swept);
            }
            return Slice::More;
        }
        let Ok(total) = self.ledger.blocks() else {
            return Slice::Done;
        };
        let low_water = limit * limits::LOW_WATER_SIXTEENTHS / 16;
        let full = total > low_water || self.index.len() > config.max_objects;
        if full && self.evict(disk).unwrap_or(false) {
            return Slice::More;
        }
        if Instant::now() >= self.next_look {
            self.next_look = Instant::now() + Duration::from_millis(limits::IDLE_POLL_MS);
            if self.blocks_beyond(total) != self.beyond {
                self.start_scan();
                return Slice::More;
            }
        }
        Slice::Done
    }

    fn start_scan(&mut self) {
        self.scan = Some(Scan::new());
        self.scan_started = Instant::now();
    }

    fn blocks_beyond(&self, total: u64) -> i128 {
        i128::from(total) - i128::from(self.index.blocks()) - i128::from(self.making)
    }

    /// All directories have been looked at.
    fn counted(&mut self, swept: u64) {
        if self.presence == Presence::Alone {
            let blocks = self.index.blocks();
            // Nobody else has this open, and we store nothing yet, so there is nothing besides.
            if self.ledger.change(|total| *total = blocks).is_err() {
                self.start_scan(); // and again, until the disk is well
                return;
            }
            let shared = rustix::fs::flock(&self.lock, FlockOperation::NonBlockingLockShared);
            self.presence = if shared.is_ok() { Presence::Present } else { Presence::Waiting };
        } else {
            self.ledger.give_back(swept);
        }
        self.beyond = self.ledger.blocks().map_or(0, |total| self.blocks_beyond(total));
        // Counting is to take a twentieth of the time at most, however busy other processes are.
        let pause = (self.scan_started.elapsed() * 20).max(Duration::from_millis(limits::IDLE_POLL_MS));
        self.next_look = Instant::now() + pause;
    }

    /// Removes the object that was not used for the longest time. `false` if there is none.
    fn evict(&mut self, disk: &Disk) -> Result<bool, Error> {
        let mut tries = limits::EVICT_TRIES;
        while let Some(node) = self.index.oldest() {
            tries = tries.saturating_sub(1);
            let used_s = if tries == 0 { u32::MAX } else { node.used_s };
            match self.remove(disk, &node.key, used_s)? {
                Removed::Yes(_) => {
                    self.stats.evicted += 1;
                    return Ok(true);
                }
                Removed::Gone => {}
                // By another process: its turn comes again.
                Removed::Used(used_s) => self.index.touch(&node.key, used_s, node.checked, node.blocks),
            }
        }
        Ok(false)
    }

    /// Removes an object that was not used after `used_s` from the disk and the index.
    fn remove(&mut self, disk: &Disk, key: &Key, used_s: u32) -> Result<Removed, Error> {
        let removed = self.ledger.change(|total| {
            let removed = disk.remove(key, used_s);
            if let Ok(Removed::Yes(blocks)) = removed {
                *total = total.saturating_sub(blocks);
            }
            removed
        })??;
        if !matches!(removed, Removed::Used(_)) {
            self.index.remove(key);
        }
        Ok(removed)
    }
}

fn now_s() -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u32::try_from(now.as_secs()).unwrap_or(u32::MAX)
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cache").field(&self.stats()).finish()
    }
}

#[cfg(test)]
mod tests;
