//! The certificates in use, and their replacement while the server runs.
//!
//! ```text
//!   reload: files ─▶ new table ─ all loaded and matching? ─ yes ─▶ swapped in, whole
//!                                        └ no ─▶ error; the old table stays
//! ```
//! A handshake takes one read lock to clone one `Arc`; connections in flight hold the pair they began with.

use std::cell::Cell;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use lws_tls::{ConfigError, Error, Expiry, NameTable, ServerSettings};
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::load;

thread_local! {
    /// The name the client of the handshake step that runs on this thread asked for. rustls tells it to the
    /// resolver, which all connections share, and to nobody else on its unbuffered API.
    static ASKED: Cell<Option<Box<str>>> = const { Cell::new(None) };
}

/// The name asked for in the handshake step that this thread has just done; forgets it.
pub(crate) fn take_asked_name() -> Option<Box<str>> {
    ASKED.take()
}

pub(crate) struct Store {
    crypto: Arc<CryptoProvider>,
    settings: ServerSettings,
    served: RwLock<Served>,
}

struct Served {
    table: NameTable<Arc<CertifiedKey>>,
    expires: Vec<Expiry>,
}

impl Store {
    pub(crate) fn new(crypto: Arc<CryptoProvider>, settings: ServerSettings) -> Result<Self, Error> {
        let served = RwLock::new(load(&settings, &crypto)?);
        Ok(Self { crypto, settings, served })
    }

    pub(crate) const fn settings(&self) -> &ServerSettings {
        &self.settings
    }

    /// TLS-11: all or nothing.
    pub(crate) fn reload(&self) -> Result<(), Error> {
        let new = load(&self.settings, &self.crypto)?;
        *self.served.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    pub(crate) fn expires(&self) -> Vec<Expiry> {
        self.served.read().unwrap_or_else(PoisonError::into_inner).expires.clone()
    }
}

fn load(settings: &ServerSettings, crypto: &CryptoProvider) -> Result<Served, Error> {
    let mut expires = Vec::new();
    let mut one = |certificates| {
        let (pair, expiry) = load::pair(certificates, crypto)?;
        expires.extend(expiry);
        Ok::<_, ConfigError>(Arc::new(pair))
    };
    let mut table = NameTable::new(one(&settings.certificates)?);
    for (name, certificates) in &settings.named {
        table.insert(name, one(certificates)?)?;
    }
    Ok(Served { table, expires })
}

impl ResolvesServerCert for Store {
    fn resolve(&self, client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = client_hello.server_name();
        ASKED.set(name.map(Box::from));
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner);
        Some(served.table.choose(name).clone())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("settings", &self.settings).finish_non_exhaustive()
    }
}
