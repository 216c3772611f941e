//! Several loops on the same addresses.
//!
//! ```text
//!   Context ── shards ──▶ Shard, Shard …  (sockets are bound, nothing runs; may be sent to its thread)
//!                           └─ build ──▶ Service  (there it stays)
//! ```

use crate::accounts::Accounts;
use crate::context::Sharing;
use crate::listener::{Bound, Company};
use crate::remote::Mailbox;
use crate::service::{self, Service};
use crate::{Address, Context, Error};
use mio::{Poll, Waker};
use std::net::TcpListener;
use std::sync::Arc;

/// One loop to be: made by [`Context::shards`], to be sent to the thread that is to run it.
#[must_use = "connections wait for a shard that is not built and run"]
pub struct Shard {
    context: Context,
    pub(crate) bound: Vec<Bound>,
    pub(crate) parts: Parts,
}

/// What a loop has in common with its siblings, and the queue on which they reach it.
pub(crate) struct Parts {
    pub(crate) poll: Poll,
    /// This loop, and which of the siblings that is.
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) own: usize,
    pub(crate) siblings: Arc<[Arc<Mailbox>]>,
    pub(crate) accounts: Accounts,
    /// Whether what this loop accepts may be for another one, by listener.
    pub(crate) deals: Vec<bool>,
}

impl Shard {
    /// The addresses listened on, in the order of [`Context::listen`], with the ports that the kernel picked.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.bound.iter().map(|b| &b.address)
    }

    /// Makes the loop, on the thread that is to run it.
    ///
    /// # Errors
    /// Something to serve that cannot work.
    pub fn build(self) -> Result<Service, Error> {
        let Self { context, bound, parts } = self;
        let mut service = Service::new(parts);
        for ((_, blueprint), bound) in context.listeners.iter().zip(bound) {
            let acceptor = blueprint.install(service.world())?;
            service.add_listener(bound.serve(acceptor))?;
        }
        Ok(service)
    }
}

/// One loop without siblings, from its addresses. Whoever wants no more than that links no more than this.
pub(crate) fn build_alone(context: &Context) -> Result<Service, Error> {
    let poll = Poll::new()?;
    let mailbox = Arc::new(Mailbox::new(Waker::new(poll.registry(), service::WAKER)?));
    let accounts = Accounts::new(context.max_connections, context.max_connections_per_peer, 1);
    let siblings = Arc::new([mailbox.clone()]);
    let mut service = Service::new(Parts { poll, mailbox, own: 0, siblings, accounts, deals: Vec::new() });
    for (address, blueprint) in &context.listeners {
        let address = address.as_ref().map_err(|s| Error::Address(s.clone()))?;
        let acceptor = blueprint.install(service.world())?;
        service.add_listener(Bound::new(address, Company::Alone)?.serve(acceptor))?;
    }
    Ok(service)
}

/// Binds everything for all loops of a context.
pub(crate) fn bind(context: &Context) -> Result<Vec<Shard>, Error> {
    let loops = context.threads;
    let mut polls = Vec::with_capacity(loops);
    let mut mailboxes = Vec::with_capacity(loops);
    for _ in 0..loops {
        let poll = Poll::new()?;
        mailboxes.push(Arc::new(Mailbox::new(Waker::new(poll.registry(), service::WAKER)?)));
        polls.push(poll);
    }
    let siblings: Arc<[Arc<Mailbox>]> = mailboxes.into();
    let accounts = Accounts::new(context.max_connections, context.max_connections_per_peer, loops);
    let parts = |(own, poll): (usize, Poll)| Parts {
        poll,
        mailbox: siblings[own].clone(),
        own,
        siblings: siblings.clone(),
        accounts: accounts.of(own),
        deals: Vec::new(),
    };
    let shard = |parts| Shard { context: context.clone(), bound: Vec::new(), parts };
    let mut shards: Vec<Shard> = polls.into_iter().enumerate().map(parts).map(shard).collect();
    for (address, _) in &context.listeners {
        let address = address.as_ref().map_err(|s| Error::Address(s.clone()))?;
        bind_one(address, context.sharing, &mut shards)?;
    }
    Ok(shards)
}

/// Binds one address for all loops.
fn bind_one(address: &Address, sharing: Sharing, shards: &mut [Shard]) -> Result<(), Error> {
    let Some((first, others)) = shards.split_first_mut() else { return Ok(()) };
    let by_kernel = matches!((address, sharing), (Address::Inet(_), Sharing::Kernel)) && !others.is_empty();
    if by_kernel {
        not_taken(address)?;
    }
    let company = if by_kernel { Company::Others } else { Company::Alone };
    let bound = Bound::new(address, company)?;
    let address = bound.address.clone();
    first.bound.push(bound);
    first.parts.deals.push(!by_kernel && !others.is_empty());
    for shard in others {
        shard.bound.push(if by_kernel { Bound::new(&address, company)? } else { Bound::fed(&address) });
        shard.parts.deals.push(false);
    }
    Ok(())
}

/// With `SO_REUSEPORT` a second server of the same user would quietly get a part of the first one's connections.
fn not_taken(address: &Address) -> Result<(), Error> {
    match address {
        Address::Inet(inet) => match TcpListener::bind(inet) {
            Ok(_) => Ok(()),
            Err(source) => Err(Error::Listen { address: address.clone(), source }),
        },
        Address::Unix(_) => Ok(()),
    }
}
