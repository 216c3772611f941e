//! What to give to a listener.

use crate::H1Role;
use alloc::boxed::Box;
use lws_http::{Site, Sites};
use lws_role::{Acceptor, Blueprint, Facts, InstallError, Role, SlotKey, World};

/// Serves `sites` over HTTP/1: `h1(Vhost::new("localhost").mount("/", files(".")))`.
pub fn h1(sites: impl Into<Sites>) -> H1 {
    H1 { sites: sites.into() }
}

/// See [`h1`].
#[derive(Clone)]
pub struct H1 {
    sites: Sites,
}

impl Blueprint for H1 {
    fn install(&self, world: &mut World) -> Result<Box<dyn Acceptor>, InstallError> {
        Ok(Box::new(H1Acceptor { site: self.sites.install(world)? }))
    }
}

struct H1Acceptor {
    site: SlotKey<Site>,
}

impl Acceptor for H1Acceptor {
    fn alpn(&self) -> &'static [u8] {
        b"http/1.1"
    }

    fn accept(&self, _facts: &Facts) -> Box<dyn Role> {
        Box::new(H1Role::new(self.site))
    }
}
