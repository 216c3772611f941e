//! Threads for work that would block the loop: all of `lws-threadpool`, and how a loop hears of what its tasks have to say.
//!
//! A connection submits a task under its [`Handle`](crate::Handle) and keeps the job in its session, so that the task is
//! cancelled when the connection closes. What the task says arrives as mail: one [`HasNews`] per batch.
//!
//! ```
//! use lws::threadpool::{HasNews, Inbox, Job, News, Pool};
//! use lws::{Env, Handle, Mail, ws};
//!
//! struct Sums {
//!     pool: Pool<Handle>,
//!     /// From [`inbox`](lws::threadpool::inbox), as soon as there is a service.
//!     inbox: Option<Inbox<Handle>>,
//!     news: Vec<Handle>,
//! }
//!
//! impl Mail<HasNews> for Sums {
//!     fn mail(&mut self, env: &mut Env, _: HasNews) {
//!         if let Some(inbox) = &self.inbox {
//!             inbox.take(&mut self.news);
//!         }
//!         self.news.drain(..).for_each(|connection| env.wake(connection));
//!     }
//! }
//!
//! impl ws::Protocol for Sums {
//!     type Session = Option<Job<(), u64>>;
//!
//!     fn open(&mut self, ws: &mut ws::Ws) -> Self::Session {
//!         self.pool.submit(self.inbox.as_ref()?, ws.handle(), |_| Ok((0..1_000_000).sum())).ok()
//!     }
//!
//!     fn message(&mut self, _: &mut Self::Session, _: &mut ws::Ws, _: ws::Message) {}
//!
//!     fn writable(&mut self, job: &mut Self::Session, ws: &mut ws::Ws) {
//!         if let Some(News::Done(Ok(sum))) = job.as_mut().and_then(Job::poll) {
//!             ws.send_text(&sum.to_string());
//!         }
//!     }
//! }
//! ```
//!
//! `minimal-ws-server-threadpool` is the whole program.

pub use lws_threadpool::*;

use lws_core::{PostError, Remote};
use lws_role::Mail;
use std::thread;
use std::time::Duration;

/// Mail to a protocol instance: tasks of its connections have news. [`Inbox::take`] says which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "LWS_CALLBACK_SERVER_WRITEABLE")]
pub struct HasNews;

/// How often a worker tries again, a millisecond apart, when the loop's mailbox is full.
pub const FULL_MAILBOX_TRIES: u32 = 1000;

/// An inbox that posts [`HasNews`] to the protocol instance that `remote` leads to.
///
/// There is one such mail per batch of news. While the loop's mailbox is full of other mail, the worker that has news waits, up
/// to [`FULL_MAILBOX_TRIES`] milliseconds; a loop that has not looked at its mail for so long will not hear of this batch.
pub fn inbox<K, P: Mail<HasNews> + 'static>(remote: Remote<P>) -> Inbox<K> {
    Inbox::new(move || {
        for _ in 0..FULL_MAILBOX_TRIES {
            match remote.post(HasNews) {
                Err(PostError::Full) => thread::sleep(Duration::from_millis(1)),
                // A loop that has ended, or that the system cannot wake, wants no news.
                Ok(()) | Err(_) => return,
            }
        }
    })
}
