//! Messages from other threads.

use crate::limits;
use crate::socket::Socket;
use lws_role::{Env, Mail, Peer, SlotKey, World};
use mio::Waker;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, io};

/// One message: what to do with the loop's world when it arrives.
type Letter = Box<dyn FnOnce(&mut World) + Send>;

/// Where letters wait for one loop.
pub(crate) struct Mailbox {
    queue: Mutex<Queue>,
    waker: Waker,
}

/// A connection that another loop accepted for this one.
pub(crate) struct Arrival {
    /// Which listener, counted from the context's first.
    pub(crate) listener: usize,
    pub(crate) socket: Socket,
    pub(crate) peer: Peer,
}

#[derive(Default)]
struct Queue {
    letters: Vec<Letter>,
    arrivals: Vec<Arrival>,
    /// How often the loop was asked to stop.
    stops: u32,
    gone: bool,
}

/// What a loop finds in its mailbox.
pub(crate) struct Delivery {
    pub(crate) letters: Vec<Letter>,
    pub(crate) arrivals: Vec<Arrival>,
    /// How often the loop was asked to stop.
    pub(crate) stops: u32,
}

impl Mailbox {
    pub(crate) fn new(waker: Waker) -> Self {
        Self { queue: Mutex::default(), waker }
    }

    fn queue<R>(&self, f: impl FnOnce(&mut Queue) -> R) -> R {
        // A poisoned queue is still a queue: nothing that runs under its lock can leave it half-changed.
        f(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn post(&self, letter: Letter) -> Result<(), PostError> {
        let first = self.queue(|q| match q {
            Queue { gone: true, .. } => Err(PostError::Gone),
            Queue { letters, .. } if letters.len() >= limits::MAX_MAIL => Err(PostError::Full),
            Queue { letters, .. } => {
                letters.push(letter);
                Ok(letters.len() == 1)
            }
        })?;
        // Only the first of a batch wakes the loop.
        if first { self.waker.wake().map_err(PostError::Os) } else { Ok(()) }
    }

    /// Hands over a connection; a loop that has ended gives it back. How many may wait is bounded by how many there
    /// may be.
    pub(crate) fn feed(&self, arrival: Arrival) -> Result<(), Arrival> {
        let first = self.queue(|q| {
            if q.gone {
                return Err(arrival);
            }
            q.arrivals.push(arrival);
            Ok(q.arrivals.len() == 1)
        })?;
        if first {
            // A loop that cannot be woken finds it at its next turn.
            let _ = self.waker.wake();
        }
        Ok(())
    }

    pub(crate) fn take(&self) -> Delivery {
        self.queue(|q| Delivery {
            letters: std::mem::take(&mut q.letters),
            arrivals: std::mem::take(&mut q.arrivals),
            stops: std::mem::take(&mut q.stops),
        })
    }

    pub(crate) fn close(&self) {
        self.queue(|q| q.gone = true);
    }
}

/// Sends messages to one protocol instance of one loop, from any thread.
///
/// This is the only way across threads: everything else of a loop is not [`Send`].
#[doc(alias = "lws_cancel_service")]
pub struct Remote<P> {
    mailbox: Arc<Mailbox>,
    key: SlotKey<P>,
}

impl<P> Clone for Remote<P> {
    fn clone(&self) -> Self {
        Self { mailbox: self.mailbox.clone(), key: self.key }
    }
}

impl<P: 'static> Remote<P> {
    pub(crate) fn new(mailbox: Arc<Mailbox>, key: SlotKey<P>) -> Self {
        Self { mailbox, key }
    }

    /// Delivers `message` to [`Mail::mail`] on the loop's own thread, soon. Messages from one thread arrive in order.
    ///
    /// # Errors
    /// [`PostError`]; the message is dropped.
    pub fn post<M: Send + 'static>(&self, message: M) -> Result<(), PostError>
    where
        P: Mail<M>,
    {
        let key = self.key;
        self.mailbox.post(Box::new(move |world| {
            let World { slots, hub } = world;
            slots.state(key).mail(&mut Env::new(hub, key), message);
        }))
    }
}

/// Asks loops to stop gracefully, from any thread: one, or all that were started together.
#[derive(Clone)]
pub struct Stop {
    mailboxes: Arc<[Arc<Mailbox>]>,
}

impl Stop {
    pub(crate) fn new(mailboxes: Arc<[Arc<Mailbox>]>) -> Self {
        Self { mailboxes }
    }

    /// Asks to accept nothing new, finish what is in flight and end. Asking again makes it end at once.
    #[doc(alias = "lws_context_deprecate")]
    pub fn stop(&self) {
        for mailbox in &*self.mailboxes {
            mailbox.queue(|q| q.stops = q.stops.saturating_add(1));
            // A loop that cannot be woken has ended.
            let _ = mailbox.waker.wake();
        }
    }
}

/// Why a message was not delivered.
#[derive(Debug)]
#[non_exhaustive]
pub enum PostError {
    /// [`limits::MAX_MAIL`] messages wait already: the loop does not keep up.
    Full,
    /// The loop has ended.
    Gone,
    /// The operating system could not wake the loop.
    Os(io::Error),
}

impl fmt::Display for PostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("too many messages are waiting for the loop"),
            Self::Gone => f.write_str("the loop has ended"),
            Self::Os(e) => write!(f, "cannot wake the loop: {e}"),
        }
    }
}

impl std::error::Error for PostError {}
