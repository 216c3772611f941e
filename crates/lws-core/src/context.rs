//! What to serve, and where.

use crate::listener::Listener;
use crate::{Address, Error, Service, accounts, limits};
use lws_role::Blueprint;
use std::sync::Arc;

/// What to serve, and where: the blueprint from which [`Service`]s are made.
#[doc(alias = "lws_context_creation_info")]
#[doc(alias = "lws_create_context")]
#[derive(Clone)]
#[must_use = "a context does nothing until it is run or built"]
pub struct Context {
    listeners: Vec<(Result<Address, String>, Arc<dyn Blueprint>)>,
    pub(crate) max_connections: u64,
    pub(crate) max_connections_per_peer: u32,
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

    /// Makes one loop and binds its listeners.
    ///
    /// # Errors
    /// An address that cannot be listened on, or something to serve that cannot work.
    pub fn build(&self) -> Result<Service, Error> {
        let mut service = Service::new(self)?;
        for (address, blueprint) in &self.listeners {
            let address = address.as_ref().map_err(|s| Error::Address(s.clone()))?;
            let acceptor = blueprint.install(service.world())?;
            service.add_listener(Listener::bind(address, acceptor)?)?;
        }
        Ok(service)
    }

    /// Makes one loop and runs it on this thread until it is stopped.
    ///
    /// # Errors
    /// As [`Context::build`], and those of the event loop itself.
    pub fn run(&self) -> Result<(), Error> {
        self.build()?.run()
    }
}
