//! The client's side.

use std::fmt;
use std::sync::Arc;

use lws_tls::{ClientSettings, ConfigError, Connector, Error, Session};
use rustls::client::UnbufferedClientConnection;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;

use crate::load;
use crate::provider::{check_alpn, versions};
use crate::session::RustlsSession;

pub(crate) struct RustlsConnector {
    config: Arc<ClientConfig>,
}

impl RustlsConnector {
    pub(crate) fn new(crypto: &Arc<CryptoProvider>, settings: &ClientSettings) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        for source in &settings.roots {
            // A bundle of the system may hold certificates that this library does not understand; one that it does
            // is what matters.
            let (added, _ignored) = roots.add_parsable_certificates(load::certificates(source)?);
            if added == 0 {
                return Err(ConfigError::NoRoots { source: source.to_string() }.into());
            }
        }
        if roots.is_empty() {
            return Err(ConfigError::NoRoots { source: "the settings".to_string() }.into());
        }
        let unsupported = |e: rustls::Error| ConfigError::Unsupported { reason: e.to_string() };
        let mut config = ClientConfig::builder_with_provider(crypto.clone())
            .with_protocol_versions(versions(settings.min_version))
            .map_err(unsupported)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = check_alpn(&settings.alpn)?;
        Ok(Self { config: Arc::new(config) })
    }
}

impl Connector for RustlsConnector {
    fn connect(&self, server_name: &str) -> Result<Box<dyn Session>, Error> {
        let name = ServerName::try_from(server_name.to_string())
            .map_err(|_| ConfigError::BadName { name: server_name.to_string() })?;
        let connection = UnbufferedClientConnection::new(self.config.clone(), name);
        let connection = connection.map_err(|e| Error::Library(e.to_string()))?;
        Ok(Box::new(RustlsSession::new(connection, Some(server_name.into()))))
    }
}

impl fmt::Debug for RustlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RustlsConnector")
    }
}
