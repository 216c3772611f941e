//! Several protocols on one plain port, told apart by the first bytes.
//!
//! ```text
//!   Sniffing ── an acceptor says yes ──▶ Become(its role)       the bytes go to that role
//!       └────── 4 KiB, and nobody does ─▶ Become(the last one's)
//! ```
//! Where TLS is in between, ALPN does this better.

use crate::limits::{SNIFF_BYTES, SNIFF_TIMEOUT};
use crate::{Acceptor, Blueprint, Closed, Cx, Facts, InstallError, Next, Probe, Role, Step, Timer, World};
use alloc::{boxed::Box, rc::Rc, vec::Vec};
use lws_wire::Out;

/// Several protocols on one port: `sniff().or(h2(sites.clone())).or(h1(sites))`. Each is asked in turn whether the
/// first bytes are its own, and the last one gets what nobody else knows.
#[doc(alias = "LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG")]
pub fn sniff() -> Sniff {
    Sniff { list: Vec::new() }
}

/// See [`sniff`].
#[must_use = "a list does nothing until a context listens with it"]
pub struct Sniff {
    list: Vec<Box<dyn Blueprint>>,
}

impl Sniff {
    /// Adds a protocol, to be asked after those before it.
    pub fn or(mut self, blueprint: impl Blueprint + 'static) -> Self {
        self.list.push(Box::new(blueprint));
        self
    }
}

impl Blueprint for Sniff {
    fn install(&self, world: &mut World) -> Result<Box<dyn Acceptor>, InstallError> {
        if self.list.is_empty() {
            return Err(InstallError("nothing to choose from: say what is spoken with .or(...)".into()));
        }
        let list = self.list.iter().map(|b| b.install(world)).collect::<Result<Vec<_>, _>>()?;
        Ok(Box::new(Installed { list: list.into() }))
    }
}

struct Installed {
    list: Rc<[Box<dyn Acceptor>]>,
}

impl Installed {
    /// Who speaks to a client that begins like this; `None` if that cannot be told yet.
    fn choose(&self, first: &[u8]) -> Option<&dyn Acceptor> {
        let (last, others) = self.list.split_last()?;
        for acceptor in others {
            match acceptor.probe(first) {
                Probe::Yes => return Some(&**acceptor),
                Probe::No => {}
                Probe::More if first.len() < SNIFF_BYTES => return None,
                Probe::More => break,
            }
        }
        Some(&**last)
    }
}

impl Acceptor for Installed {
    fn alpn(&self) -> &'static [u8] {
        b""
    }

    fn accept(&self, _facts: &Facts) -> Box<dyn Role> {
        Box::new(Sniffing { installed: Self { list: self.list.clone() } })
    }
}

struct Sniffing {
    installed: Installed,
}

impl Role for Sniffing {
    fn name(&self) -> &'static str {
        "sniff"
    }

    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        cx.set_timer(Timer::Role, SNIFF_TIMEOUT);
        Next::Stay
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        match self.installed.choose(input) {
            Some(acceptor) => Step::turn_into(0, acceptor.accept(cx.facts())),
            None => Step::stay(0),
        }
    }

    fn timeout(&mut self, _cx: &mut Cx<'_>, _which: Timer, _out: &mut Out<'_>) -> Next {
        Next::Close(Closed::Timeout)
    }

    fn drain(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        Next::Close(Closed::Shutdown)
    }
}
