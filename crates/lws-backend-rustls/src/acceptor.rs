//! The server's side.

use std::fmt;
use std::sync::Arc;

use lws_tls::{Acceptor, ClientAuth, ConfigError, Date, Error, Expiry, ServerSettings, Session, files};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, NoServerSessionStorage, UnbufferedServerConnection};

use crate::load;
use crate::provider::{Clock, check_alpn, versions, with_suites};
use crate::session::RustlsSession;
use crate::store::Store;
use crate::tickets::Tickets;
use crate::verify::ClientVerifier;

pub(crate) struct RustlsAcceptor {
    config: Arc<ServerConfig>,
    shared: Arc<Shared>,
}

/// What is inside `config`, by its own types: what a reload changes.
struct Shared {
    store: Arc<Store>,
    clients: Option<Arc<ClientVerifier>>,
    tickets: Arc<Tickets>,
    clock: fn() -> Date,
}

impl RustlsAcceptor {
    pub(crate) fn new(
        crypto: &Arc<CryptoProvider>,
        settings: ServerSettings,
        clock: fn() -> Date,
    ) -> Result<Self, Error> {
        let crypto = &with_suites(crypto, &settings.cipher_suites)?;
        let alpn = check_alpn(&settings.alpn)?;
        let versions = versions(crypto, settings.min_version, settings.max_version)?;
        let clients = match &settings.client_auth {
            ClientAuth::Optional(roots) => Some((roots, false)),
            ClientAuth::Required(roots) => Some((roots, true)),
            _ => None,
        };
        let clients = clients.map(|(roots, required)| {
            let lists = files::revocation_lists(&settings.revocation_lists)?;
            ClientVerifier::new(crypto, load::trust(roots)?, required, lists).map(Arc::new)
        });
        let clients = clients.transpose()?;
        let verifier: Arc<dyn ClientCertVerifier> = match &clients {
            Some(verifier) => verifier.clone(),
            None => Arc::new(NoClientAuth),
        };
        let store = Arc::new(Store::new(crypto.clone(), settings)?);
        let unsupported = |e: rustls::Error| ConfigError::Unsupported { reason: e.to_string() };
        let mut config = ServerConfig::builder_with_details(crypto.clone(), Arc::new(Clock(clock)))
            .with_protocol_versions(&versions)
            .map_err(unsupported)?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(store.clone());
        config.ignore_client_order = true;
        config.alpn_protocols = alpn;
        // TLS-04: keys made here, changed every six hours, accepted for twelve; never on a disk. Tickets replace the
        // session cache: no memory per client.
        let tickets = Arc::new(Tickets::new(clock)?);
        config.ticketer = tickets.clone();
        config.session_storage = Arc::new(NoServerSessionStorage {});
        // TLS-01: 0-RTT data can be replayed.
        config.max_early_data_size = 0;
        let shared = Arc::new(Shared { store, clients, tickets, clock });
        Ok(Self { config: Arc::new(config), shared })
    }
}

impl Acceptor for RustlsAcceptor {
    fn accept(&self) -> Result<Box<dyn Session>, Error> {
        let connection = UnbufferedServerConnection::new(self.config.clone());
        let connection = connection.map_err(|e| Error::Library(e.to_string()))?;
        Ok(Box::new(RustlsSession::server(connection, self.shared.clock)))
    }

    fn offering(&self, alpn: &[&[u8]]) -> Result<Arc<dyn Acceptor>, Error> {
        let mut config = ServerConfig::clone(&self.config);
        config.alpn_protocols = check_alpn(alpn)?;
        Ok(Arc::new(Self { config: Arc::new(config), shared: self.shared.clone() }))
    }

    fn reload(&self) -> Result<(), Error> {
        let Shared { store, clients, tickets, .. } = &*self.shared;
        let lists = &store.settings().revocation_lists;
        if let Some(clients) = clients.as_ref().filter(|_| !lists.is_empty()) {
            let new = clients.prepare(files::revocation_lists(lists)?)?;
            store.reload()?;
            clients.replace(new);
            // TLS-10: whoever was taken back may hold a ticket.
            return tickets.forget();
        }
        store.reload()
    }

    fn expires(&self) -> Vec<Expiry> {
        self.shared.store.expires()
    }
}

impl fmt::Debug for RustlsAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RustlsAcceptor").field("store", &self.shared.store).finish_non_exhaustive()
    }
}
