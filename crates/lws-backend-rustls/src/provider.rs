//! The provider value.

use std::fmt;
use std::sync::Arc;

use lws_tls::{Acceptor, ClientSettings, ConfigError, Connector, Error, Provider, ServerSettings, Version};
use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};

use crate::acceptor::RustlsAcceptor;
use crate::connector::RustlsConnector;

/// rustls over aws-lc-rs.
pub fn provider() -> Rustls {
    Rustls::with_crypto(rustls::crypto::aws_lc_rs::default_provider())
}

/// rustls, over some cryptography. Cheap to clone.
#[derive(Clone)]
pub struct Rustls {
    crypto: Arc<CryptoProvider>,
}

impl Rustls {
    /// rustls over any cryptography. Session tickets are encrypted with aws-lc-rs all the same.
    pub fn with_crypto(crypto: CryptoProvider) -> Self {
        Self { crypto: Arc::new(crypto) }
    }
}

impl Provider for Rustls {
    fn server(&self, settings: ServerSettings) -> Result<Arc<dyn Acceptor>, Error> {
        Ok(Arc::new(RustlsAcceptor::new(&self.crypto, settings)?))
    }

    fn client(&self, settings: &ClientSettings) -> Result<Arc<dyn Connector>, Error> {
        Ok(Arc::new(RustlsConnector::new(&self.crypto, settings)?))
    }
}

impl fmt::Debug for Rustls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rustls")
    }
}

static BOTH: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
static NEWEST: [&SupportedProtocolVersion; 1] = [&TLS13];

/// The versions from `min` on.
pub(crate) fn versions(min: Version) -> &'static [&'static SupportedProtocolVersion] {
    match min {
        Version::Tls12 => &BOTH,
        // Version is non-exhaustive: whatever is newer still means the newest there is here.
        _ => &NEWEST,
    }
}

/// RFC 7301 §3.1: a protocol name has 1 to 255 bytes.
pub(crate) fn check_alpn<P: AsRef<[u8]>>(protocols: &[P]) -> Result<Vec<Vec<u8>>, ConfigError> {
    let check = |p: &P| match p.as_ref().len() {
        1..=255 => Ok(p.as_ref().to_vec()),
        _ => Err(ConfigError::BadAlpn),
    };
    protocols.iter().map(check).collect()
}
