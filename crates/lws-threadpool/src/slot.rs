//! What a task and its connection share.
//!
//! The model: a short queue of chunks, then a result. The task puts, and waits while the queue is full; the connection takes. Three
//! flags say who has lost interest:
//!
//! | flag | set when | checkpoint | sync |
//! |---|---|---|---|
//! | closed | the job was dropped | fails, unless detached | fails |
//! | stopped | the pool shuts down | fails | fails |
//! | detached | the task said so | | |
//!
//! `told` says whether the connection's key is on its way to the loop, or the loop has been told and not yet seen all: news
//! are announced when it turns true. It turns false when the connection finds nothing.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::Ordering;

use crate::sync::{AtomicU8, Condvar, Mutex, lock, wait};
use crate::{Cancelled, Error, News};

const CLOSED: u8 = 1;
const STOPPED: u8 = 2;
const DETACHED: u8 = 4;

pub(crate) struct Slot<C, R> {
    state: Mutex<State<C, R>>,
    /// Notified when a chunk was taken, or nobody wants one any more.
    room: Condvar,
    /// Written under the lock of `state`, so that who waits for room misses nothing.
    flags: AtomicU8,
    max_chunks: usize,
}

struct State<C, R> {
    chunks: VecDeque<C>,
    result: Option<Result<R, Error>>,
    told: bool,
}

/// What came of putting something in.
#[must_use]
pub(crate) enum Put {
    /// The connection is to be told.
    Tell,
    /// It knows.
    Known,
}

impl<C, R> Slot<C, R> {
    pub(crate) fn new(max_chunks: usize) -> Self {
        Self {
            state: Mutex::new(State { chunks: VecDeque::new(), result: None, told: false }),
            room: Condvar::new(),
            flags: AtomicU8::new(0),
            max_chunks: max_chunks.max(1),
        }
    }

    fn has(&self, flags: u8) -> bool {
        // Acquire: what the other side did before it set the flag is seen.
        self.flags.load(Ordering::Acquire) & flags != 0
    }

    fn set(&self, flags: u8) {
        let state = lock(&self.state);
        self.flags.fetch_or(flags, Ordering::Release);
        drop(state);
        self.room.notify_all();
    }

    pub(crate) fn stop(&self) {
        self.set(STOPPED);
    }

    /// The connection is gone.
    pub(crate) fn close(&self) {
        self.set(CLOSED);
        // Dropped outside the lock: they are the user's.
        let unwanted = {
            let mut state = lock(&self.state);
            (std::mem::take(&mut state.chunks), state.result.take())
        };
        drop(unwanted);
    }

    pub(crate) fn checkpoint(&self) -> Result<(), Cancelled> {
        let gone = self.has(CLOSED) && !self.has(DETACHED);
        if gone || self.has(STOPPED) { Err(Cancelled) } else { Ok(()) }
    }

    /// Puts a chunk in; waits for room.
    fn put(&self, chunk: C) -> Result<Put, Cancelled> {
        let mut state = lock(&self.state);
        loop {
            if self.has(CLOSED | STOPPED) {
                return Err(Cancelled);
            }
            if state.chunks.len() < self.max_chunks {
                state.chunks.push_back(chunk);
                return Ok(tell(&mut state.told));
            }
            state = wait(&self.room, state);
        }
    }

    /// Puts the result in, if somebody wants it.
    pub(crate) fn finish(&self, result: Result<R, Error>) -> Put {
        let mut state = lock(&self.state);
        if self.has(CLOSED) {
            drop(state);
            drop(result); // outside the lock: it is the user's
            return Put::Known;
        }
        state.result = Some(result);
        tell(&mut state.told)
    }

    /// The next chunk, or behind the last one the result.
    pub(crate) fn take(&self) -> Option<News<C, R>> {
        let mut state = lock(&self.state);
        if let Some(chunk) = state.chunks.pop_front() {
            drop(state);
            self.room.notify_one();
            return Some(News::Chunk(chunk));
        }
        let result = state.result.take();
        state.told = result.is_some();
        result.map(News::Done)
    }
}

fn tell(told: &mut bool) -> Put {
    if std::mem::replace(told, true) { Put::Known } else { Put::Tell }
}

/// The pool's side of a task, while it runs.
pub struct Task<'t, C> {
    link: &'t dyn Link<C>,
}

/// A [`Slot`] whose result type does not matter, and who to tell.
pub(crate) trait Link<C>: Send + Sync {
    fn checkpoint(&self) -> Result<(), Cancelled>;
    fn sync(&self, chunk: C) -> Result<(), Cancelled>;
    fn detach(&self);
}

impl<'t, C> Task<'t, C> {
    pub(crate) fn new(link: &'t dyn Link<C>) -> Self {
        Self { link }
    }

    /// Tells whether the work is still wanted; costs next to nothing. Call it every millisecond or so.
    ///
    /// # Errors
    /// [`Cancelled`] when the connection has closed, or the pool shuts down. Pass it on with `?`.
    #[doc(alias = "LWS_TP_RETURN_CHECKING_IN")]
    pub fn checkpoint(&self) -> Result<(), Cancelled> {
        self.link.checkpoint()
    }

    /// Hands `chunk` to the connection, which finds it with [`Job::poll`](crate::Job::poll). Waits while
    /// [`Config::chunks`](crate::Config::chunks) others lie there: the receiver sets the pace.
    ///
    /// # Errors
    /// [`Cancelled`] when the connection has closed, also while it waits, or the pool shuts down.
    #[doc(alias = "LWS_TP_RETURN_SYNC")]
    #[doc(alias = "lws_threadpool_task_sync")]
    pub fn sync(&self, chunk: C) -> Result<(), Cancelled> {
        self.link.sync(chunk)
    }

    /// From now on the task goes on when its connection closes. Only [`sync`](Self::sync) fails then, and the result is
    /// dropped.
    #[doc(alias = "LWS_TP_RETURN_FLAG_OUTLIVE")]
    pub fn detach(&self) {
        self.link.detach();
    }
}

impl<C> fmt::Debug for Task<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("cancelled", &self.checkpoint().is_err()).finish()
    }
}

impl<C, R> Slot<C, R> {
    /// [`Link::sync`], with `tell` to tell the connection.
    pub(crate) fn sync(&self, chunk: C, tell: impl FnOnce()) -> Result<(), Cancelled> {
        if let Put::Tell = self.put(chunk)? {
            tell();
        }
        Ok(())
    }

    pub(crate) fn detach(&self) {
        self.set(DETACHED);
    }
}
