//! The pool.
//!
//! The model: one lock over the queue and the list of what runs; workers wait for tasks, [`Pool::shutdown`] waits for them to
//! have none. A task is in the queue, or with one worker, or in neither. Nothing of the user's runs or is dropped under the lock.

use std::fmt;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::fair::Fair;
use crate::job::{Run, Work};
use crate::slot::Task;
use crate::sync::{Condvar, Mutex, MutexGuard, lock, thread, wait, wait_until};
use crate::{Cancelled, Config, Error, Inbox, Job, limits};

/// What names a connection, such as its handle: any small value that can be compared and sent.
pub trait Key: Copy + Eq + Hash + Send + Sync + 'static {}
impl<K: Copy + Eq + Hash + Send + Sync + 'static> Key for K {}

/// Threads that run tasks, for connections named by a `K`.
///
/// Dropping it cancels everything and leaves the threads to end by themselves; [`shutdown`](Self::shutdown) waits for them.
#[doc(alias = "lws_threadpool")]
#[doc(alias = "lws_threadpool_create")]
pub struct Pool<K: Key> {
    shared: Arc<Shared<K>>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
}

pub(crate) struct Shared<K: Key> {
    state: Mutex<State<K>>,
    /// Notified when there is a task, or the pool closes.
    work: Condvar,
    /// Notified when the last task has ended.
    idle: Condvar,
    pub(crate) chunks: usize,
}

struct State<K: Key> {
    queue: Fair<K, Arc<dyn Run>>,
    /// What each worker runs.
    running: Vec<Option<Arc<dyn Run>>>,
    /// Workers that wait, those that were just woken included.
    waiting: usize,
    /// Whether one was woken that has not come back yet. It wakes the next one if there is work for two: short tasks are
    /// done before a second thread gets going, and each wake costs more than such a task.
    waking: bool,
    closed: bool,
    done: u64,
}

impl<K: Key> State<K> {
    fn running(&self) -> usize {
        self.running.iter().flatten().count()
    }

    fn is_idle(&self) -> bool {
        self.queue.len() == 0 && self.running() == 0
    }
}

/// What a pool is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Tasks that wait for a thread.
    pub queued: usize,
    /// Tasks that run, or wait in [`Task::sync`].
    pub running: usize,
    /// Tasks that a thread is done with, since the start; also those that panicked or were cancelled while they ran.
    pub done: u64,
}

impl<K: Key> Pool<K> {
    /// Starts the threads.
    ///
    /// # Errors
    /// [`Error::Thread`] if one cannot be started.
    pub fn new(config: Config) -> Result<Self, Error> {
        let Config { name, threads, queue, per_connection, chunks } = config;
        let threads = threads.clamp(1, limits::MAX_THREADS);
        let queue = Fair::new(queue, per_connection);
        let running = std::iter::repeat_with(|| None).take(threads).collect();
        let state = Mutex::new(State { queue, running, waiting: 0, waking: false, closed: false, done: 0 });
        let shared = Arc::new(Shared { state, work: Condvar::new(), idle: Condvar::new(), chunks });
        // From here on, dropping the pool ends the threads that were started.
        let pool = Self { shared, threads: Mutex::new(Vec::with_capacity(threads)) };
        for number in 0..threads {
            let shared = pool.shared.clone();
            let builder = thread::Builder::new().name(format!("{name}-{number}"));
            let handle = builder.spawn(move || shared.work(number)).map_err(Error::Thread)?;
            lock(&pool.threads).push(handle);
        }
        Ok(pool)
    }

    /// Queues `task` for the connection `key`, whose loop takes its news from `inbox`.
    ///
    /// # Errors
    /// [`Error::QueueFull`], [`Error::ConnectionFull`], [`Error::Closed`]; the task is dropped then.
    #[doc(alias = "lws_threadpool_enqueue")]
    pub fn submit<C, R, F>(&self, inbox: &Inbox<K>, key: K, task: F) -> Result<Job<C, R>, Error>
    where
        C: Send + 'static,
        R: Send + 'static,
        F: FnOnce(&Task<'_, C>) -> Result<R, Cancelled> + Send + 'static,
    {
        let (work, job) = Work::create(self.shared.clone(), inbox.clone(), key, Box::new(task));
        let mut state = lock(&self.shared.state);
        let allowed = if state.closed { Err(Error::Closed) } else { state.queue.check(key) };
        if let Err(error) = allowed {
            drop(state); // the task is dropped outside the lock
            return Err(error);
        }
        state.queue.push(key, work);
        self.shared.wake_worker(state);
        Ok(job)
    }

    /// Takes no tasks any more. Those it has are run to their end.
    #[doc(alias = "lws_threadpool_finish")]
    pub fn close(&self) {
        lock(&self.shared.state).closed = true;
        self.shared.work.notify_all();
        self.shared.idle.notify_all();
    }

    /// Closes the pool, waits up to `patience` for its tasks to end, cancels those that have not, and waits for the threads.
    ///
    /// An event loop that still has connections does better to [`close`](Self::close) and go on, so that tasks in
    /// [`Task::sync`] get on, and to call this when [`stats`](Self::stats) shows none.
    ///
    /// # Errors
    /// [`Error::Unfinished`] if tasks do not end within [`limits::STOP_GRACE_MS`] of their cancellation. Their threads are left
    /// to end by themselves.
    #[doc(alias = "lws_threadpool_destroy")]
    pub fn shutdown(&self, patience: Duration) -> Result<(), Error> {
        self.close();
        // A time that the clock cannot tell is never.
        self.wait_for_idle(Instant::now().checked_add(patience));
        self.cancel_all();
        let grace = Duration::from_millis(limits::STOP_GRACE_MS);
        match self.wait_for_idle(Instant::now().checked_add(grace)) {
            0 => {
                for thread in lock(&self.threads).drain(..) {
                    // A worker catches what panics in tasks, so it has ended well.
                    let _ = thread.join();
                }
                Ok(())
            }
            running => Err(Error::Unfinished(running)),
        }
    }

    /// What it is doing.
    #[doc(alias = "lws_threadpool_dump")]
    pub fn stats(&self) -> Stats {
        let state = lock(&self.shared.state);
        Stats { queued: state.queue.len(), running: state.running(), done: state.done }
    }

    /// Answers how many tasks run still.
    fn wait_for_idle(&self, deadline: Option<Instant>) -> usize {
        let state = lock(&self.shared.state);
        wait_until(&self.shared.idle, state, deadline, State::is_idle).running()
    }

    /// Closes the pool, and cancels what runs and what waits.
    fn cancel_all(&self) {
        let mut queued = Vec::new();
        let running: Vec<_> = {
            let mut state = lock(&self.shared.state);
            state.closed = true;
            queued.extend(std::iter::from_fn(|| state.queue.pop()));
            state.running.iter().flatten().cloned().collect()
        };
        self.shared.work.notify_all();
        running.iter().for_each(|work| work.stop());
        queued.iter().for_each(|work| work.give_up());
    }
}

impl<K: Key> Shared<K> {
    /// A worker's life.
    fn work(&self, number: usize) {
        while let Some(work) = self.next(number) {
            // Tasks catch their panics; what is left are destructors of the user's, which must not end a thread either.
            let _ = catch_unwind(AssertUnwindSafe(|| work.run()));
        }
    }

    /// The next task of this worker, which is done with its last one; `None` when the pool is closed and has no more.
    fn next(&self, number: usize) -> Option<Arc<dyn Run>> {
        let last; // declared before the lock, so dropped behind it: it may be the last to know the loop's waker
        let mut state = lock(&self.state);
        last = state.running[number].take();
        if last.is_some() {
            state.done += 1;
            self.tell_if_idle(&state);
        }
        loop {
            if let Some(work) = state.queue.pop() {
                state.running[number] = Some(work.clone());
                self.wake_worker(state);
                return Some(work);
            }
            if state.closed {
                return None;
            }
            state.waiting += 1;
            state = wait(&self.work, state);
            state.waiting -= 1;
            state.waking = false;
        }
    }

    /// Wakes a worker if there is work for it, and none has been woken already.
    fn wake_worker(&self, mut state: MutexGuard<'_, State<K>>) {
        if state.queue.len() > 0 && state.waiting > 0 && !state.waking {
            state.waking = true;
            drop(state);
            self.work.notify_one();
        }
    }

    /// Wakes who waits for the last task to end.
    fn tell_if_idle(&self, state: &State<K>) {
        if state.closed && state.is_idle() {
            self.idle.notify_all();
        }
    }

    /// Takes a task out of the queue, if it is still there; its work is at `address`.
    pub(crate) fn unqueue(&self, key: K, address: *const ()) {
        let mut state = lock(&self.state);
        let removed = state.queue.remove(key, |work| Arc::as_ptr(work).cast() == address);
        if removed.is_some() {
            self.tell_if_idle(&state);
        }
        drop(state);
        drop(removed); // outside the lock: the task is dropped with it
    }
}

impl<K: Key> Drop for Pool<K> {
    fn drop(&mut self) {
        self.cancel_all();
    }
}

impl<K: Key> fmt::Debug for Pool<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pool").field(&self.stats()).finish()
    }
}
