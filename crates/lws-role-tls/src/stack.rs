//! The accept stack: what a listener speaks.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;

use lws_role::{Acceptor, Blueprint, Closed, Cx, Facts, InstallError, Next, Role, Step, World};
use lws_wire::Out;

use crate::TlsRole;
use crate::limits::HANDSHAKES_PER_PEER;
use crate::rates::Rates;

/// TLS, over the roles that [`Tls::over`] adds.
///
/// The acceptor stays yours: keep a clone of the `Arc` to reload its certificates while the server runs.
#[doc(alias = "LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT")]
pub fn tls(acceptor: Arc<dyn lws_tls::Acceptor>) -> Tls {
    Tls { acceptor, roles: Vec::new(), handshakes_per_peer: HANDSHAKES_PER_PEER }
}

/// An accept stack with TLS at the bottom; see [`tls`].
#[must_use = "a stack does nothing until a context listens with it"]
pub struct Tls {
    acceptor: Arc<dyn lws_tls::Acceptor>,
    roles: Vec<Box<dyn Blueprint>>,
    handshakes_per_peer: u32,
}

impl Tls {
    /// How many handshakes per second one peer may begin, in the long run, in place of
    /// [`HANDSHAKES_PER_PEER`](crate::limits::HANDSHAKES_PER_PEER): more behind a proxy that speaks for many, `u32::MAX`
    /// for no limit.
    pub const fn handshakes_per_peer(mut self, per_second: u32) -> Self {
        self.handshakes_per_peer = per_second;
        self
    }

    /// Adds a role for the plaintext, the most wanted first. ALPN (RFC 7301) chooses among their names; the last one
    /// speaks to clients that name none.
    ///
    /// A client that names only protocols which nobody here speaks is refused with `no_application_protocol`; if no
    /// role has a name, nothing is negotiated.
    pub fn over(mut self, role: impl Blueprint + 'static) -> Self {
        self.roles.push(Box::new(role));
        self
    }
}

impl Blueprint for Tls {
    fn install(&self, world: &mut World) -> Result<Box<dyn Acceptor>, InstallError> {
        if self.roles.is_empty() {
            return Err(InstallError("TLS over nothing: say what is spoken on it with .over(...)".into()));
        }
        let roles = self.roles.iter().map(|role| role.install(world)).collect::<Result<Vec<_>, _>>()?;
        let names: Vec<&[u8]> =
            roles.iter().map(|role| role.alpn()).filter(|name| !name.is_empty()).collect();
        let acceptor = self.acceptor.offering(&names).map_err(|e| InstallError(alloc::format!("{e}")))?;
        let rates = Rc::new(RefCell::new(Rates::new(self.handshakes_per_peer)));
        Ok(Box::new(Installed { acceptor, roles: roles.into(), rates }))
    }
}

struct Installed {
    acceptor: Arc<dyn lws_tls::Acceptor>,
    roles: Rc<[Box<dyn Acceptor>]>,
    rates: Rc<RefCell<Rates>>,
}

impl Acceptor for Installed {
    fn alpn(&self) -> &'static [u8] {
        b""
    }

    fn accept(&self, facts: &Facts) -> Box<dyn Role> {
        match self.acceptor.accept() {
            Ok(session) => {
                let role = TlsRole::accept(session, self.roles.clone());
                Box::new(if facts.peer.is_local() { role } else { role.rated(self.rates.clone()) })
            }
            Err(error) => {
                log::warn!("{}: {error}", facts.peer);
                Box::new(Refused)
            }
        }
    }
}

/// For a stream that the TLS library has no session for (no memory, no random numbers).
struct Refused;

impl Role for Refused {
    fn name(&self) -> &'static str {
        "tls"
    }

    fn start(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        Next::Close(Closed::Aborted)
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, _input: &mut [u8], _out: &mut Out<'_>) -> Step {
        Step::close(0, Closed::Aborted)
    }
}
