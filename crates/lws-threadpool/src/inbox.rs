//! How an event loop hears of news.
//!
//! The model: a list of keys, and whether the loop is to be woken for the next one. It is woken for the first key after each
//! [`Inbox::take`], so once per batch, however many come. A task is in the list at most once, so the list is no longer than the
//! tasks are many.

use std::fmt;
use std::sync::Arc;

use crate::sync::{Mutex, lock};

/// Wakes an event loop, from any thread: it must soon call [`Inbox::take`] on its own one.
///
/// A closure will do. It must not block: workers wait for it.
#[doc(alias = "lws_cancel_service")]
pub trait Wake: Send + Sync {
    /// Wakes the loop.
    fn wake(&self);
}

impl<F: Fn() + Send + Sync> Wake for F {
    fn wake(&self) {
        self();
    }
}

/// Where the news of one event loop's tasks arrive. Clones are the same inbox.
pub struct Inbox<K> {
    shared: Arc<Shared<K>>,
}

struct Shared<K> {
    state: Mutex<State<K>>,
    waker: Box<dyn Wake>,
}

struct State<K> {
    news: Vec<K>,
    /// Whether the loop has been woken since it last took news.
    woken: bool,
}

impl<K> Clone for Inbox<K> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<K> Inbox<K> {
    /// An empty inbox; `waker` wakes the loop that will take from it.
    pub fn new(waker: impl Wake + 'static) -> Self {
        let state = Mutex::new(State { news: Vec::new(), woken: false });
        Self { shared: Arc::new(Shared { state, waker: Box::new(waker) }) }
    }

    /// Replaces `news` by the keys of all tasks that have news: [`Job::poll`](crate::Job::poll) them until they answer `None`.
    ///
    /// A key may be of a connection that is gone meanwhile.
    pub fn take(&self, news: &mut Vec<K>) {
        news.clear();
        let mut state = lock(&self.shared.state);
        std::mem::swap(&mut state.news, news);
        state.woken = false;
    }

    pub(crate) fn push(&self, key: K) {
        let first = {
            let mut state = lock(&self.shared.state);
            state.news.push(key);
            !std::mem::replace(&mut state.woken, true)
        };
        if first {
            self.shared.waker.wake();
        }
    }
}

impl<K> fmt::Debug for Inbox<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.shared.state);
        f.debug_struct("Inbox").field("news", &state.news.len()).field("woken", &state.woken).finish()
    }
}
