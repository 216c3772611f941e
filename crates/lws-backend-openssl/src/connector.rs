//! The client's side.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use lws_tls::{ClientSettings, ConfigError, Connector, Date, Error, Purpose, Session};
use openssl::ssl::{Ssl, SslContext, SslMethod, SslVerifyMode};
use openssl::x509::verify::X509CheckFlags;

use crate::context::{Common, Pair, alpn_wire, roots};
use crate::error::{library, words};
use crate::session::OpensslSession;
use crate::verify::Policy;

pub(crate) struct OpensslConnector {
    context: SslContext,
    clock: fn() -> Date,
}

impl OpensslConnector {
    pub(crate) fn new(settings: &ClientSettings, clock: fn() -> Date) -> Result<Self, Error> {
        let leniency = settings.leniency;
        // Whoever lets certificates pass that vouch for themselves may trust nobody else.
        let trusted = match roots(&settings.roots) {
            Err(ConfigError::NoRoots { .. }) if leniency.self_signed && settings.roots.is_empty() => {
                Vec::new()
            }
            trusted => trusted?,
        };
        let policy = Arc::new(Policy::new(Purpose::Server, leniency, trusted));
        let common = Common {
            min: settings.min_version,
            max: settings.max_version,
            suites: &settings.cipher_suites,
            verify: Some((policy, SslVerifyMode::PEER)),
        };
        let mut builder = common.builder(SslMethod::tls_client())?;
        if let Some(alpn) = alpn_wire(&settings.alpn)? {
            builder.set_alpn_protos(&alpn).map_err(|e| ConfigError::Unsupported { reason: words(&e) })?;
        }
        if let Some(identity) = &settings.identity {
            Pair::load(identity)?.install(&mut builder)?;
        }
        Ok(Self { context: builder.build(), clock })
    }

    fn begin(&self, name: &str) -> Result<Ssl, openssl::error::ErrorStack> {
        let mut ssl = Ssl::new(&self.context)?;
        ssl.set_connect_state();
        let ip = name.parse::<IpAddr>();
        // RFC 6066 §3: an address is no server name.
        if ip.is_err() {
            ssl.set_hostname(name)?;
        }
        let param = ssl.param_mut();
        param.set_hostflags(X509CheckFlags::NO_PARTIAL_WILDCARDS | X509CheckFlags::NEVER_CHECK_SUBJECT);
        match ip {
            Ok(ip) => param.set_ip(ip)?,
            Err(_) => param.set_host(name)?,
        }
        param.set_time((self.clock)().0);
        Ok(ssl)
    }
}

impl Connector for OpensslConnector {
    fn connect(&self, server_name: &str) -> Result<Box<dyn Session>, Error> {
        if server_name.parse::<IpAddr>().is_err() && !lws_tls::is_host_name(server_name) {
            return Err(ConfigError::BadName { name: server_name.to_string() }.into());
        }
        let ssl = self.begin(server_name).map_err(|e| library(&e))?;
        Ok(Box::new(OpensslSession::client(ssl, server_name, (self.clock)())?))
    }
}

impl fmt::Debug for OpensslConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpensslConnector")
    }
}
