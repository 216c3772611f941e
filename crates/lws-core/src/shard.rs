//! Several loops on the same addresses.
//!
//! ```text
//!   Context ── shards ──▶ Shard, Shard …  (sockets are bound, nothing runs; may be sent to its thread)
//!                           └─ build ──▶ Service  (there it stays)
//! ```

use crate::accounts::Accounts;
use crate::context::Sharing;
use crate::listener::{Bound, Company};
use crate::remote::{Arrival, Mailbox};
use crate::service::{self, Service};
use crate::{Address, Context, Error};
use mio::{Poll, Waker};
use std::net::TcpListener;
use std::sync::Arc;

/// One loop to be: made by [`Context::shards`], to be sent to the thread that is to run it.
#[must_use = "connections wait for a shard that is not built and run"]
pub struct Shard {
    context: Context,
    bound: Vec<Bound>,
    parts: Parts,
    /// The mailboxes of all loops that are made together.
    pub(crate) siblings: Arc<[Arc<Mailbox>]>,
    own: usize,
    /// For each listener whether what this loop accepts there may be for another one.
    deals: Vec<bool>,
}

/// What a loop is made of that its siblings must know of, or share.
pub(crate) struct Parts {
    pub(crate) poll: Poll,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) accounts: Accounts,
    pub(crate) deal: Option<Deal>,
}

/// Counts a connection that a loop has accepted, and finds out whose it is.
pub(crate) type Deal = Box<dyn Fn(Arrival) -> Dealt + Send>;

/// What became of it.
pub(crate) enum Dealt {
    /// It is for the loop that accepted it.
    Own(Arrival),
    /// A sibling has it.
    Sent,
    /// There are too many.
    Refused,
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
        let Self { context, bound, mut parts, siblings, own, deals } = self;
        if deals.contains(&true) {
            parts.deal = Some(dealer(parts.accounts.clone(), siblings, own, deals));
        }
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
    let mut service = Service::new(Parts { poll, mailbox, accounts, deal: None });
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
    let shard = |(own, poll): (usize, Poll)| Shard {
        context: context.clone(),
        bound: Vec::new(),
        parts: Parts { poll, mailbox: siblings[own].clone(), accounts: accounts.of(own), deal: None },
        siblings: siblings.clone(),
        own,
        deals: Vec::new(),
    };
    let mut shards: Vec<Shard> = polls.into_iter().enumerate().map(shard).collect();
    for (address, _) in &context.listeners {
        let address = address.as_ref().map_err(|s| Error::Address(s.clone()))?;
        bind_one(address, context.sharing, &mut shards)?;
    }
    Ok(shards)
}

/// Hands out what comes to the listeners that `deals` names; the rest stays where it was accepted.
fn dealer(accounts: Accounts, siblings: Arc<[Arc<Mailbox>]>, own: usize, deals: Vec<bool>) -> Deal {
    Box::new(move |arrival| {
        let peer = arrival.peer;
        let to = match deals.get(arrival.listener) {
            Some(true) => accounts.deal(peer),
            _ => accounts.open(peer).then_some(own),
        };
        match to {
            Some(to) if to == own => Dealt::Own(arrival),
            Some(to) => {
                // A sibling that has ended gives it back, and it is closed here.
                if siblings[to].feed(arrival).is_err() {
                    accounts.of(to).close(peer);
                }
                Dealt::Sent
            }
            None => Dealt::Refused,
        }
    })
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
    first.deals.push(!by_kernel && !others.is_empty());
    for shard in others {
        shard.bound.push(if by_kernel { Bound::new(&address, company)? } else { Bound::fed(&address) });
        shard.deals.push(false);
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
