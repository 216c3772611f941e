//! Loops on threads of their own.

use crate::remote::Mailbox;
use crate::{Address, Error, Remote, Shard, Stop};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{Builder, JoinHandle};

/// Running loops, each on a thread of its own. Dropping this leaves them running; [`Threads::stopper`] ends them.
#[must_use = "join them, or the process ends with this thread"]
pub struct Threads {
    running: Vec<JoinHandle<Result<(), Error>>>,
    addresses: Vec<Address>,
    mailboxes: Arc<[Arc<Mailbox>]>,
}

impl Threads {
    pub(crate) fn start(shards: Vec<Shard>) -> Result<Self, Error> {
        let first = shards.first().expect("a context has at least one loop");
        let mut this = Self {
            addresses: first.addresses().cloned().collect(),
            mailboxes: first.siblings.clone(),
            running: Vec::with_capacity(shards.len()),
        };
        let (ready, built) = mpsc::channel();
        for (number, shard) in shards.into_iter().enumerate() {
            let (ready, stop) = (ready.clone(), this.stopper());
            let body = move || {
                let service = shard.build();
                let error = service.as_ref().err().is_some();
                let mut service = match service {
                    Ok(service) => service,
                    Err(e) => {
                        let _ = ready.send(error); // whoever waits has ended already
                        return Err(e);
                    }
                };
                let _ = ready.send(error);
                // Nobody hears of this sender again: the starter must not wait for it.
                drop(ready);
                // A loop that the system fails takes the others with it: who joins them must hear of that.
                service.run().inspect_err(|_| stop.stop())
            };
            let thread = Builder::new().name(format!("lws-{number}")).spawn(body);
            match thread {
                Ok(thread) => this.running.push(thread),
                Err(e) => {
                    this.stopper().stop();
                    return this.join().and(Err(e.into()));
                }
            }
        }
        drop(ready);
        if built.iter().any(|failed| failed) {
            this.stopper().stop();
            return this.join().and(Err(std::io::Error::other("a loop could not be built").into()));
        }
        Ok(this)
    }

    /// The addresses listened on, in the order of [`crate::Context::listen`], with the ports that the kernel picked.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.addresses.iter()
    }

    /// A way to stop all loops, from any thread.
    pub fn stopper(&self) -> Stop {
        Stop::new(self.mailboxes.clone())
    }

    /// A way to post messages to the protocol instances `P`, one for each loop that has one. Not to be called from
    /// within a loop: it waits for all of them to answer.
    pub fn remotes<P: 'static>(&self) -> Vec<Remote<P>> {
        let remote = |mailbox: &Arc<Mailbox>| {
            let (found, key) = mpsc::channel();
            let ask = Box::new(move |world: &mut lws_role::World| {
                let _ = found.send(world.slots.find::<P>()); // whoever asked waits
            });
            mailbox.post(ask).ok()?;
            Some(Remote::new(mailbox.clone(), key.recv().ok()??))
        };
        self.mailboxes.iter().filter_map(remote).collect()
    }

    /// Waits until all loops have ended.
    ///
    /// # Errors
    /// The first loop's that the operating system failed.
    ///
    /// # Panics
    /// If a loop panicked, which no handler can make it do.
    pub fn join(self) -> Result<(), Error> {
        let mut outcome = Ok(());
        for thread in self.running {
            match thread.join() {
                Ok(result) => outcome = outcome.and(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        outcome
    }
}
