//! What to give to a listener.

use crate::H2Role;
use alloc::boxed::Box;
use lws_h2::PREFACE;
use lws_http::{Site, Sites};
use lws_role::{Acceptor, Blueprint, Facts, InstallError, Probe, Role, SlotKey, World};

/// Serves `sites` over HTTP/2: by ALPN under TLS, by prior knowledge on plain streams.
///
/// Given the same [`Sites`] as HTTP/1, both are served by the same handlers.
pub fn h2(sites: impl Into<Sites>) -> H2 {
    H2 { sites: sites.into() }
}

/// See [`h2`].
#[derive(Clone)]
pub struct H2 {
    sites: Sites,
}

impl Blueprint for H2 {
    fn install(&self, world: &mut World) -> Result<Box<dyn Acceptor>, InstallError> {
        Ok(Box::new(H2Acceptor { site: self.sites.install(world)? }))
    }
}

struct H2Acceptor {
    site: SlotKey<Site>,
}

impl Acceptor for H2Acceptor {
    fn alpn(&self) -> &'static [u8] {
        b"h2"
    }

    fn accept(&self, _facts: &Facts) -> Box<dyn Role> {
        Box::new(H2Role::new(self.site))
    }

    /// RFC 9113 §3.3: prior knowledge shows in the preface, which is no request of HTTP/1.
    fn probe(&self, first: &[u8]) -> Probe {
        let n = first.len().min(PREFACE.len());
        match (first.get(..n) == PREFACE.get(..n), n == PREFACE.len()) {
            (true, true) => Probe::Yes,
            (true, false) => Probe::More,
            (false, _) => Probe::No,
        }
    }
}
