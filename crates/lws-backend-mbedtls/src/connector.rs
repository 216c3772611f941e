//! The client's side, and the sessions it may resume.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lws_tls::{
    ClientSettings, ConfigError, Connector, Date, Error, Leniency, NameTable, Purpose, Resumption, Session,
    wipe,
};
use mbedtls::ssl::Context;
use mbedtls::ssl::config::{AuthMode, Endpoint};

use crate::error::library;
use crate::ffi;
use crate::load::{Pair, Roots};
use crate::provider::Policy;
use crate::session::{Live, MbedtlsSession, Start};
use crate::verify::Verifier;

pub(crate) struct MbedtlsConnector {
    shared: Arc<Shared>,
}

struct Shared {
    policy: Policy,
    roots: Arc<Roots>,
    identity: Option<Pair>,
    leniency: Leniency,
    clock: fn() -> Date,
    sessions: Mutex<Resumption<Secret>>,
}

/// Where a session goes to.
pub(crate) struct Origin {
    shared: Arc<Shared>,
    name: Box<str>,
}

impl MbedtlsConnector {
    pub(crate) fn new(settings: &ClientSettings, clock: fn() -> Date) -> Result<Self, Error> {
        let policy =
            Policy::new(settings.min_version, settings.max_version, &settings.cipher_suites, &settings.alpn)?;
        let roots = Arc::new(Roots::load(&settings.roots)?);
        let identity = settings.identity.as_ref().map(Pair::load).transpose()?;
        let sessions = Mutex::default();
        let shared = Shared { policy, roots, identity, leniency: settings.leniency, clock, sessions };
        Ok(Self { shared: Arc::new(shared) })
    }
}

impl MbedtlsConnector {
    /// A session with a server of this name, which is one.
    pub(crate) fn session(&self, name: &str) -> MbedtlsSession {
        let origin = Origin { shared: self.shared.clone(), name: name.into() };
        MbedtlsSession::new(Start::Client(Arc::new(origin)), Some(name.into()))
    }
}

impl Connector for MbedtlsConnector {
    fn connect(&self, server_name: &str) -> Result<Box<dyn Session>, Error> {
        if !is_server_name(server_name) {
            return Err(ConfigError::BadName { name: server_name.to_string() }.into());
        }
        Ok(Box::new(self.session(server_name)))
    }
}

/// A host name or an address.
fn is_server_name(name: &str) -> bool {
    // Such a table takes host names, and `*.` with a domain, which is none.
    let is_host = || !name.starts_with('*') && NameTable::new(()).insert(name, ()).is_ok();
    name.parse::<IpAddr>().is_ok() || is_host()
}

impl Origin {
    /// The context, which has written its first message.
    pub(crate) fn begin(&self) -> Result<Live, Error> {
        let shared = &self.shared;
        let mut config = shared.policy.config(Endpoint::Client)?;
        if let Some(own) = &shared.identity {
            config.push_cert(own.chain.clone(), own.key.clone()).map_err(library)?;
        }
        let name = Some(self.name.clone());
        let verifier =
            Verifier::new(shared.roots.clone(), Purpose::Server, name, shared.leniency, shared.clock);
        verifier.install(&mut config, AuthMode::Required);
        let mut live = Live::new(Context::new(Arc::new(config)), Some(verifier))?;
        // RFC 6066 §3: literal addresses are not permitted as server names.
        let told = self.name.parse::<IpAddr>().is_err().then_some(&*self.name);
        live.establish(told)?;
        if let Some((since, saved)) = self.resumable() {
            live.offered = Some(since);
            // Said without it first; unsaid.
            live.take_output();
            match ffi::restart_with(&mut live.tls, &saved.0) {
                Ok(()) => live.resume()?,
                Err(error) => return Err(library(error)),
            }
        }
        Ok(live)
    }

    /// Keeps a session for the next connection to the same place. One that renews another, which began at `since`, is as
    /// old: that is when the server showed its certificate.
    pub(crate) fn keep(&self, saved: Option<Vec<u8>>, since: Option<Date>) {
        if let Some(saved) = saved {
            let since = since.unwrap_or_else(self.shared.clock);
            self.sessions().keep(&self.name, since, Secret(saved));
        }
    }

    /// The last session with this server. In TLS 1.2 it may be resumed as often as one likes.
    fn resumable(&self) -> Option<(Date, Secret)> {
        let mut sessions = self.sessions();
        let (since, saved) = sessions.take(&self.name, (self.shared.clock)())?;
        sessions.keep(&self.name, since, saved.clone());
        Some((since, saved))
    }

    fn sessions(&self) -> MutexGuard<'_, Resumption<Secret>> {
        self.shared.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Session keys, overwritten when they are dropped.
#[derive(Clone)]
struct Secret(Vec<u8>);

impl Drop for Secret {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl fmt::Debug for MbedtlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MbedtlsConnector")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses() {
        for (name, fine) in [
            ("example.com", true),
            ("localhost", true),
            ("127.0.0.1", true),
            ("::1", true),
            ("not a name", false),
            ("*.example.com", false),
            ("", false),
            ("a\0b", false),
        ] {
            assert_eq!(is_server_name(name), fine, "{name:?}");
        }
    }
}
