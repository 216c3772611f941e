//! The server's side.

use std::fmt;
use std::sync::Arc;

use lws_tls::hello::Hello;
use lws_tls::{Acceptor, ClientAuth, Date, Error, Expiry, Leniency, Purpose, ServerSettings, Session};
use mbedtls::ssl::config::{AuthMode, Endpoint};
use mbedtls::ssl::{Config, Context};

use crate::error::library;
use crate::load::Roots;
use crate::provider::Policy;
use crate::session::{Live, MbedtlsSession, Start};
use crate::store::Store;
use crate::verify::Verifier;

/// Shared with the sessions that have not been told whom they are for.
#[derive(Clone)]
pub(crate) struct MbedtlsAcceptor {
    policy: Policy,
    store: Arc<Store>,
    /// Who may vouch for clients, and whether they must be vouched for.
    clients: Option<(Arc<Roots>, bool)>,
    clock: fn() -> Date,
}

impl MbedtlsAcceptor {
    pub(crate) fn new(settings: ServerSettings, clock: fn() -> Date) -> Result<Self, Error> {
        let policy =
            Policy::new(settings.min_version, settings.max_version, &settings.cipher_suites, &settings.alpn)?;
        let clients = match &settings.client_auth {
            ClientAuth::None => None,
            ClientAuth::Optional(roots) => Some((Arc::new(Roots::load(roots)?), false)),
            ClientAuth::Required(roots) => Some((Arc::new(Roots::load(roots)?), true)),
            other => return Err(crate::error::unsupported(format!("{other:?}")).into()),
        };
        let store = Arc::new(Store::new(settings, policy.random())?);
        Ok(Self { policy, store, clients, clock })
    }

    /// What goes on with a client that has said hello. Before that a connection costs next to nothing.
    pub(crate) fn begin(&self, hello: &Hello) -> Result<Live, Error> {
        let (pair, tickets) = self.store.choose(hello.server_name.as_deref(), (self.clock)())?;
        let mut config: Config = self.policy.config(Endpoint::Server)?;
        config.push_cert(pair.chain.clone(), pair.key.clone()).map_err(library)?;
        config.set_session_tickets_callback(tickets);
        let verifier = self.clients.as_ref().map(|(roots, required)| {
            let verifier =
                Verifier::new(roots.clone(), Purpose::Client, None, Leniency::default(), self.clock);
            let mode = if *required { AuthMode::Required } else { AuthMode::Optional };
            verifier.install(&mut config, mode);
            verifier
        });
        let mut live = Live::new(Context::new(Arc::new(config)), verifier)?;
        live.establish(None)?;
        Ok(live)
    }
}

impl Acceptor for MbedtlsAcceptor {
    fn accept(&self) -> Result<Box<dyn Session>, Error> {
        Ok(Box::new(MbedtlsSession::new(Start::Server(self.clone()), None)))
    }

    fn offering(&self, alpn: &[&[u8]]) -> Result<Arc<dyn Acceptor>, Error> {
        let alpn: Vec<Vec<u8>> = alpn.iter().map(|name| name.to_vec()).collect();
        Ok(Arc::new(Self { policy: self.policy.offering(&alpn)?, ..self.clone() }))
    }

    fn reload(&self) -> Result<(), Error> {
        self.store.reload()
    }

    fn expires(&self) -> Vec<Expiry> {
        self.store.expires()
    }
}

impl fmt::Debug for MbedtlsAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MbedtlsAcceptor").field("store", &self.store).finish_non_exhaustive()
    }
}
