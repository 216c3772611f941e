//! A task, from submission to result.
//!
//! One [`Work`] holds it all. The pool knows it as [`Run`], the connection as [`Handle`].

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::pool::{Key, Shared};
use crate::slot::{Link, Put, Slot, Task};
use crate::sync::{Mutex, lock};
use crate::{Cancelled, Error, Inbox};

/// What a task has to say.
#[derive(Debug)]
pub enum News<C, R> {
    /// What it handed over with [`Task::sync`]; more may follow.
    Chunk(C),
    /// Its end: what it returned, or why it did not. Nothing follows.
    Done(Result<R, Error>),
}

/// The connection's side of a task. Dropping it cancels the task: keep it in the connection's state.
#[doc(alias = "lws_threadpool_task")]
#[must_use = "dropping a job cancels its task"]
pub struct Job<C, R> {
    handle: Arc<dyn Handle<C, R>>,
    /// Whether the result has been taken: there is nothing to cancel any more.
    done: bool,
}

impl<C, R> Job<C, R> {
    /// The next news of the task; `None` if there are none now. Its key comes to the [`Inbox`] again only after that `None`.
    #[doc(alias = "lws_threadpool_task_status")]
    pub fn poll(&mut self) -> Option<News<C, R>> {
        let news = self.handle.slot().take();
        self.done |= matches!(news, Some(News::Done(_)));
        news
    }

    /// Cancels the task, as dropping does.
    #[doc(alias = "lws_threadpool_dequeue")]
    pub fn cancel(self) {}
}

impl<C, R> Drop for Job<C, R> {
    fn drop(&mut self) {
        if !self.done {
            self.handle.slot().close();
            self.handle.unqueue();
        }
    }
}

impl<C, R> fmt::Debug for Job<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}

trait Handle<C, R>: Send + Sync {
    fn slot(&self) -> &Slot<C, R>;
    /// Takes it out of the pool's queue, if it is still there.
    fn unqueue(&self);
}

/// What the pool does with a task.
pub(crate) trait Run: Send + Sync {
    /// Runs it to its end.
    fn run(&self);
    /// Tells it to give up.
    fn stop(&self);
    /// Ends it before it ran.
    fn give_up(&self);
}

/// What the user wants done.
type Action<C, R> = Box<dyn FnOnce(&Task<'_, C>) -> Result<R, Cancelled> + Send>;

pub(crate) struct Work<K: Key, C, R> {
    slot: Slot<C, R>,
    /// There until it runs or is given up.
    action: Mutex<Option<Action<C, R>>>,
    key: K,
    inbox: Inbox<K>,
    pool: Arc<Shared<K>>,
}

impl<K: Key, C: Send + 'static, R: Send + 'static> Work<K, C, R> {
    /// A task for the pool, and the job for its connection.
    pub(crate) fn create(
        pool: Arc<Shared<K>>,
        inbox: Inbox<K>,
        key: K,
        action: Action<C, R>,
    ) -> (Arc<dyn Run>, Job<C, R>) {
        let slot = Slot::new(pool.chunks);
        let work = Arc::new(Self { slot, action: Mutex::new(Some(action)), key, inbox, pool });
        (work.clone(), Job { handle: work, done: false })
    }

    fn finish(&self, result: Result<R, Error>) {
        if let Put::Tell = self.slot.finish(result) {
            self.inbox.push(self.key);
        }
    }
}

impl<K: Key, C: Send + 'static, R: Send + 'static> Handle<C, R> for Work<K, C, R> {
    fn slot(&self) -> &Slot<C, R> {
        &self.slot
    }

    fn unqueue(&self) {
        self.pool.unqueue(self.key, std::ptr::from_ref(self).cast());
    }
}

impl<K: Key, C: Send + 'static, R: Send + 'static> Run for Work<K, C, R> {
    fn run(&self) {
        let Some(action) = lock(&self.action).take() else { return };
        let result = match self.slot.checkpoint() {
            Err(cancelled) => {
                drop(action);
                Err(cancelled.into())
            }
            // Nobody looks at what a panic left behind: the task and all it captured are gone then.
            Ok(()) => match catch_unwind(AssertUnwindSafe(|| action(&Task::new(self)))) {
                Ok(result) => result.map_err(Error::from),
                Err(panic) => Err(Error::Panicked(message(&*panic))),
            },
        };
        self.finish(result);
    }

    fn stop(&self) {
        self.slot.stop();
    }

    fn give_up(&self) {
        let action = lock(&self.action).take();
        drop(action); // outside the lock: it is the user's
        self.finish(Err(Error::Cancelled));
    }
}

impl<K: Key, C: Send + 'static, R: Send + 'static> Link<C> for Work<K, C, R> {
    fn checkpoint(&self) -> Result<(), Cancelled> {
        self.slot.checkpoint()
    }

    fn sync(&self, chunk: C) -> Result<(), Cancelled> {
        self.slot.sync(chunk, || self.inbox.push(self.key))
    }

    fn detach(&self) {
        self.slot.detach();
    }
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
