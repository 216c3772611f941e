//! The client's side.

use std::fmt;
use std::sync::Arc;

use lws_tls::{ClientSettings, ConfigError, Connector, Date, Error, Session};
use rustls::ClientConfig;
use rustls::client::UnbufferedClientConnection;
use rustls::crypto::CryptoProvider;
use rustls::sign::SingleCertAndKey;
use rustls_pki_types::ServerName;

use crate::load;
use crate::provider::{Clock, check_alpn, versions, with_suites};
use crate::session::RustlsSession;
use crate::verify::{ServerVerifier, Trust};

pub(crate) struct RustlsConnector {
    config: Arc<ClientConfig>,
}

impl RustlsConnector {
    pub(crate) fn new(
        crypto: &Arc<CryptoProvider>,
        settings: &ClientSettings,
        clock: fn() -> Date,
    ) -> Result<Self, Error> {
        let crypto = with_suites(crypto, &settings.cipher_suites)?;
        let leniency = settings.leniency;
        // Whoever lets certificates pass that vouch for themselves may trust nobody else.
        let trust = match &settings.roots[..] {
            [] if leniency.self_signed => Trust::new(&[]).0,
            roots => load::trust(roots)?,
        };
        let versions = versions(&crypto, settings.min_version, settings.max_version)?;
        let unsupported = |e: rustls::Error| ConfigError::Unsupported { reason: e.to_string() };
        let builder = ClientConfig::builder_with_details(crypto.clone(), Arc::new(Clock(clock)))
            .with_protocol_versions(&versions)
            .map_err(unsupported)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(ServerVerifier {
                crypto: crypto.clone(),
                trust,
                leniency,
            }));
        let mut config = match &settings.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let pair = Arc::new(load::pair(identity, &crypto)?.0);
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(pair)))
            }
        };
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
