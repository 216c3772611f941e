//! The server's side.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use lws_tls::hello::Hello;
use lws_tls::{Acceptor, ClientAuth, Date, Error, Expiry, ServerSettings, Session, Source};
use mbedtls::ssl::config::{AuthMode, Endpoint};
use mbedtls::ssl::{Config, Context};

use crate::error::library;
use crate::load::{Lists, Roots};
use crate::provider::Policy;
use crate::session::{Live, MbedtlsSession, Start};
use crate::store::Store;
use crate::verify::Verifier;

/// Shared with the sessions that have not been told whom they are for.
#[derive(Clone)]
pub(crate) struct MbedtlsAcceptor {
    policy: Policy,
    store: Arc<Store>,
    clients: Option<Arc<Clients>>,
    clock: fn() -> Date,
}

/// Who may vouch for clients, whether they must be vouched for, and what was taken back.
struct Clients {
    roots: Arc<Roots>,
    required: bool,
    lists: RwLock<Arc<Lists>>,
}

impl Clients {
    fn new(roots: &[Source], required: bool, lists: &[Source]) -> Result<Option<Arc<Self>>, Error> {
        let (roots, lists) = (Arc::new(Roots::load(roots)?), Arc::new(Lists::load(lists)?));
        Ok(Some(Arc::new(Self { roots, required, lists: RwLock::new(lists) })))
    }
}

impl MbedtlsAcceptor {
    pub(crate) fn new(settings: ServerSettings, clock: fn() -> Date) -> Result<Self, Error> {
        let policy =
            Policy::new(settings.min_version, settings.max_version, &settings.cipher_suites, &settings.alpn)?;
        let clients = match &settings.client_auth {
            ClientAuth::None => None,
            ClientAuth::Optional(roots) => Clients::new(roots, false, &settings.revocation_lists)?,
            ClientAuth::Required(roots) => Clients::new(roots, true, &settings.revocation_lists)?,
            other => return Err(crate::error::unsupported(format!("{other:?}")).into()),
        };
        let store = Arc::new(Store::new(settings, policy.random())?);
        Ok(Self { policy, store, clients, clock })
    }

    pub(crate) fn now(&self) -> Date {
        (self.clock)()
    }

    /// What goes on with a client that has said hello. Before that a connection costs next to nothing.
    pub(crate) fn begin(&self, hello: &Hello) -> Result<Live, Error> {
        let (pair, tickets) = self.store.choose(hello.server_name.as_deref(), (self.clock)())?;
        let mut config: Config = self.policy.config(Endpoint::Server)?;
        config.push_cert(pair.chain.clone(), pair.key.clone()).map_err(library)?;
        config.set_session_tickets_callback(tickets);
        let verifier = self.clients.as_ref().map(|clients| {
            let lists = clients.lists.read().unwrap_or_else(PoisonError::into_inner).clone();
            let verifier = Verifier::of_clients(clients.roots.clone(), lists, self.clock);
            let mode = if clients.required { AuthMode::Required } else { AuthMode::Optional };
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
        let sources = self.store.revocation_lists();
        let Some(clients) = self.clients.as_ref().filter(|_| !sources.is_empty()) else {
            return self.store.reload();
        };
        let lists = Arc::new(Lists::load(sources)?);
        self.store.reload()?;
        *clients.lists.write().unwrap_or_else(PoisonError::into_inner) = lists;
        // TLS-10: whoever was taken back may hold a ticket.
        self.store.forget_tickets()
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
