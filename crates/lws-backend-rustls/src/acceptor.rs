//! The server's side.

use std::fmt;
use std::sync::Arc;

use lws_tls::{Acceptor, ConfigError, Error, ServerSettings, Session};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::Ticketer;
use rustls::server::{NoServerSessionStorage, UnbufferedServerConnection};

use crate::provider::{check_alpn, versions};
use crate::session::RustlsSession;
use crate::store::Store;

pub(crate) struct RustlsAcceptor {
    config: Arc<ServerConfig>,
    /// The certificate resolver inside `config`, by its own type.
    store: Arc<Store>,
}

impl RustlsAcceptor {
    pub(crate) fn new(crypto: &Arc<CryptoProvider>, settings: ServerSettings) -> Result<Self, Error> {
        let alpn = check_alpn(&settings.alpn)?;
        let min_version = settings.min_version;
        let store = Arc::new(Store::new(crypto.clone(), settings)?);
        let unsupported = |e: rustls::Error| ConfigError::Unsupported { reason: e.to_string() };
        let mut config = ServerConfig::builder_with_provider(crypto.clone())
            .with_protocol_versions(versions(min_version))
            .map_err(unsupported)?
            .with_no_client_auth()
            .with_cert_resolver(store.clone());
        config.alpn_protocols = alpn;
        // TLS-04: keys made here, changed every six hours, accepted for twelve; never on a disk. Tickets replace the
        // session cache: no memory per client.
        config.ticketer = Ticketer::new().map_err(|e| Error::Library(e.to_string()))?;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        // TLS-01: 0-RTT data can be replayed.
        config.max_early_data_size = 0;
        Ok(Self { config: Arc::new(config), store })
    }
}

impl Acceptor for RustlsAcceptor {
    fn accept(&self) -> Result<Box<dyn Session>, Error> {
        let connection = UnbufferedServerConnection::new(self.config.clone());
        let connection = connection.map_err(|e| Error::Library(e.to_string()))?;
        Ok(Box::new(RustlsSession::new(connection, None)))
    }

    fn offering(&self, alpn: &[&[u8]]) -> Result<Arc<dyn Acceptor>, Error> {
        let mut config = ServerConfig::clone(&self.config);
        config.alpn_protocols = check_alpn(alpn)?;
        Ok(Arc::new(Self { config: Arc::new(config), store: self.store.clone() }))
    }

    fn reload(&self) -> Result<(), Error> {
        self.store.reload()
    }
}

impl fmt::Debug for RustlsAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RustlsAcceptor").field("store", &self.store).finish_non_exhaustive()
    }
}
