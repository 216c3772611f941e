//! What to serve, and where.

use crate::{Address, Error, Service, Shard, Threads, accounts, limits, shard};
use lws_role::Blueprint;
use std::sync::Arc;

/// What to serve, and where: the blueprint from which [`Service`]s are made.
#[doc(alias = "lws_context_creation_info")]
#[doc(alias = "lws_create_context")]
#[derive(Clone)]
#[must_use = "a context does nothing until it is run or built"]
pub struct Context {
    pub(crate) listeners: Vec<(Result<Address, String>, Arc<dyn Blueprint>)>,
    pub(crate) threads: usize,
    pub(crate) sharing: Sharing,
    pub(crate) max_connections: u64,
    pub(crate) max_connections_per_peer: u32,
}

/// How connections come to loops that share an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sharing {
    /// Every loop has a socket of its own, and the kernel deals connections out by a hash of both addresses
    /// (`SO_REUSEPORT`): the fastest, and even over many connections. Unix sockets, which have no such thing, are
    /// served as by [`Sharing::Fewest`].
    #[default]
    Kernel,
    /// The first loop accepts and hands each connection to the loop that has the fewest: even over few, at the price of
    /// one wake-up of another thread.
    Fewest,
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

impl Context {
    /// Nothing to serve yet.
    pub fn new() -> Self {
        Self {
            listeners: Vec::new(),
            threads: 1,
            sharing: Sharing::default(),
            max_connections: accounts::default_max(),
            max_connections_per_peer: limits::CONNECTIONS_PER_PEER,
        }
    }

    /// Serves `what` at `address`: `127.0.0.1:7681`, `[::1]:0` (any free port), `unix:/run/app.sock`.
    pub fn listen(mut self, address: &str, what: impl Blueprint + 'static) -> Self {
        let address = address.parse().map_err(|_| address.into());
        self.listeners.push((address, Arc::new(what)));
        self
    }

    /// Connections that may be open at once; more are refused. Default: the process's file descriptor limit less
    /// [`limits::SPARE_FDS`].
    pub fn max_connections(mut self, n: u64) -> Self {
        self.max_connections = n;
        self
    }

    /// Connections from one IPv4 address or IPv6 /64; more are refused. Local peers are not counted. Default:
    /// [`limits::CONNECTIONS_PER_PEER`].
    pub fn max_connections_per_peer(mut self, n: u32) -> Self {
        self.max_connections_per_peer = n;
        self
    }

    /// How many loops [`Context::run`] and [`Context::start`] run, each on a thread of its own; 1 to
    /// [`limits::MAX_THREADS`], more are cut. Default: 1.
    ///
    /// Loops share nothing: each has its own instances of the protocols and handlers. [`crate::Remote`] is the way from
    /// one to another.
    #[doc(alias = "count_threads")]
    #[doc(alias = "LWS_MAX_SMP")]
    pub fn threads(mut self, n: usize) -> Self {
        self.threads = n.clamp(1, limits::MAX_THREADS);
        self
    }

    /// How connections come to the loops. Default: [`Sharing::Kernel`].
    pub fn sharing(mut self, sharing: Sharing) -> Self {
        self.sharing = sharing;
        self
    }

    /// Makes one loop and binds its listeners, whatever [`Context::threads`] says.
    ///
    /// # Errors
    /// An address that cannot be listened on, or something to serve that cannot work.
    pub fn build(&self) -> Result<Service, Error> {
        shard::build_alone(self)
    }

    /// Binds all listeners for [`Context::threads`] loops, and leaves it to you to build and run each on a thread of its
    /// own, inside a loop of yours, say. All of them must be built and run: connections that came to one that is
    /// not wait until it is dropped.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub fn shards(&self) -> Result<Vec<Shard>, Error> {
        shard::bind(self)
    }

    /// Starts the loops, each on a thread of its own, and returns when all of them can be reached.
    ///
    /// # Errors
    /// As [`Context::build`]; then none runs.
    pub fn start(&self) -> Result<Threads, Error> {
        Threads::start(self.shards()?)
    }

    /// Makes the loops and runs them until they are stopped: one on this thread, several on threads of their own.
    ///
    /// # Errors
    /// As [`Context::build`], and those of the event loop itself.
    pub fn run(&self) -> Result<(), Error> {
        if self.threads == 1 { self.build()?.run() } else { self.start()?.join() }
    }
}
