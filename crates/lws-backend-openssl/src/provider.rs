//! The provider value.

use std::fmt;
use std::sync::Arc;

use lws_tls::{Acceptor, ClientSettings, Connector, Date, Error, Provider, ServerSettings, files};

use crate::acceptor::OpensslAcceptor;
use crate::connector::OpensslConnector;

/// OpenSSL, with the system's clock.
pub const fn provider() -> Openssl {
    Openssl { clock: files::now }
}

/// What OpenSSL calls itself: `OpenSSL 3.0.15 3 Sep 2024`.
pub fn version() -> &'static str {
    openssl::version::version()
}

/// OpenSSL as a TLS library. Cheap to clone.
#[derive(Clone, Copy)]
pub struct Openssl {
    clock: fn() -> Date,
}

impl Openssl {
    /// With another clock: it decides which certificates are in their time, and when ticket keys change.
    #[must_use]
    pub const fn with_clock(self, clock: fn() -> Date) -> Self {
        Self { clock }
    }
}

impl Provider for Openssl {
    fn server(&self, settings: ServerSettings) -> Result<Arc<dyn Acceptor>, Error> {
        Ok(Arc::new(OpensslAcceptor::new(settings, self.clock)?))
    }

    fn client(&self, settings: &ClientSettings) -> Result<Arc<dyn Connector>, Error> {
        Ok(Arc::new(OpensslConnector::new(settings, self.clock)?))
    }
}

impl fmt::Debug for Openssl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Openssl")
    }
}
