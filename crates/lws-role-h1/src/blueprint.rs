//! What to give to a listener.

use crate::{H1Role, limits};
use alloc::boxed::Box;
use lws_http::{Site, Sites};
use lws_role::{Acceptor, Blueprint, Facts, InstallError, Role, SlotKey, World};

/// Serves `sites` over HTTP/1: `h1(Vhost::new("localhost").mount("/", files(".")))`.
pub fn h1(sites: impl Into<Sites>) -> H1 {
    H1 { sites: sites.into(), requests: limits::REQUESTS_PER_CONNECTION }
}

/// See [`h1`].
#[derive(Clone)]
pub struct H1 {
    sites: Sites,
    requests: u32,
}

impl H1 {
    /// How many requests one connection may bring; the last one's response says `Connection: close`. Default:
    /// [`limits::REQUESTS_PER_CONNECTION`]. [`limits::CONNECTION_LIFE`] ends it in any case.
    #[must_use]
    pub fn requests_per_connection(mut self, n: u32) -> Self {
        self.requests = n;
        self
    }
}

impl Blueprint for H1 {
    fn install(&self, world: &mut World) -> Result<Box<dyn Acceptor>, InstallError> {
        Ok(Box::new(H1Acceptor { site: self.sites.install(world)?, requests: self.requests }))
    }
}

struct H1Acceptor {
    site: SlotKey<Site>,
    requests: u32,
}

impl Acceptor for H1Acceptor {
    fn alpn(&self) -> &'static [u8] {
        b"http/1.1"
    }

    fn accept(&self, _facts: &Facts) -> Box<dyn Role> {
        Box::new(H1Role::with_requests(self.site, self.requests))
    }
}
