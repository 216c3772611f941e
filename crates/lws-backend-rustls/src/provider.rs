//! The provider value.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lws_tls::{
    Acceptor, CipherSuite, ClientSettings, ConfigError, Connector, Date, Error, Provider, ServerSettings,
    Version, files,
};
use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::UnixTime;

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
    clock: fn() -> Date,
}

impl Rustls {
    /// rustls over any cryptography. Session tickets are encrypted with aws-lc-rs all the same.
    pub fn with_crypto(crypto: CryptoProvider) -> Self {
        Self { crypto: Arc::new(crypto), clock: files::now }
    }

    /// With another clock: it decides which certificates are in their time, and when ticket keys change.
    #[must_use]
    pub fn with_clock(self, clock: fn() -> Date) -> Self {
        Self { clock, ..self }
    }
}

impl Provider for Rustls {
    fn server(&self, settings: ServerSettings) -> Result<Arc<dyn Acceptor>, Error> {
        Ok(Arc::new(RustlsAcceptor::new(&self.crypto, settings, self.clock)?))
    }

    fn client(&self, settings: &ClientSettings) -> Result<Arc<dyn Connector>, Error> {
        Ok(Arc::new(RustlsConnector::new(&self.crypto, settings, self.clock)?))
    }
}

impl fmt::Debug for Rustls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rustls")
    }
}

/// The clock, as rustls asks for it.
#[derive(Debug)]
pub(crate) struct Clock(pub(crate) fn() -> Date);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from((self.0)().0).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// The cryptography with the chosen cipher suites only, in their order; without a choice those of `CipherSuite::ALL`.
pub(crate) fn with_suites(
    crypto: &Arc<CryptoProvider>,
    suites: &[CipherSuite],
) -> Result<Arc<CryptoProvider>, ConfigError> {
    let mut chosen = CryptoProvider::clone(crypto);
    chosen.cipher_suites.clear();
    let find =
        |suite: &CipherSuite| crypto.cipher_suites.iter().find(|has| u16::from(has.suite()) == suite.0);
    if suites.is_empty() {
        chosen.cipher_suites.extend(CipherSuite::ALL.iter().filter_map(find));
    }
    for suite in suites {
        let found = find(suite);
        let unsupported = || ConfigError::Unsupported { reason: format!("it does not have {suite}") };
        chosen.cipher_suites.push(*found.ok_or_else(unsupported)?);
    }
    Ok(Arc::new(chosen))
}

/// The versions from `min` to `max` for which there is a suite.
pub(crate) fn versions(
    crypto: &CryptoProvider,
    min: Version,
    max: Option<Version>,
) -> Result<Vec<&'static SupportedProtocolVersion>, ConfigError> {
    let any = |tls13: bool| crypto.cipher_suites.iter().any(|suite| suite.tls13().is_some() == tls13);
    let mut versions = Vec::new();
    if max != Some(Version::Tls12) && any(true) {
        versions.push(&TLS13);
    }
    if min == Version::Tls12 && any(false) {
        versions.push(&TLS12);
    }
    if versions.is_empty() {
        let reason = "no version is left between the oldest, the newest and the cipher suites";
        return Err(ConfigError::Unsupported { reason: reason.to_string() });
    }
    Ok(versions)
}

/// RFC 7301 §3.1: a protocol name has 1 to 255 bytes.
pub(crate) fn check_alpn<P: AsRef<[u8]>>(protocols: &[P]) -> Result<Vec<Vec<u8>>, ConfigError> {
    let check = |p: &P| match p.as_ref().len() {
        1..=255 => Ok(p.as_ref().to_vec()),
        _ => Err(ConfigError::BadAlpn),
    };
    protocols.iter().map(check).collect()
}
