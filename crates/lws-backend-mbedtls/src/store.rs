//! The certificates in use, and their replacement while the server runs.
//!
//! ```text
//!   reload: files ─▶ all pairs anew ─ all loaded and matching? ─ yes ─▶ swapped in, whole
//!                                        └ no ─▶ error; the old ones stay
//! ```
//! Names never change; ticket keys outlive a reload. Each name has ticket keys of its own: a ticket of one is worth nothing
//! to another (TLS-03).

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use lws_tls::{Certificates, Error, Expiry, NameTable, ServerSettings};
use mbedtls::cipher::raw::CipherType;
use mbedtls::rng::CtrDrbg;
use mbedtls::ssl::TicketContext;

use crate::error::library;
use crate::limits::TICKET_LIFETIME_S;
use crate::load::Pair;

pub(crate) struct Store {
    settings: ServerSettings,
    /// Where in `pairs` and `tickets` the answer to a name is.
    names: NameTable<usize>,
    tickets: Vec<Arc<TicketContext>>,
    pairs: RwLock<Vec<Arc<Pair>>>,
}

impl Store {
    pub(crate) fn new(settings: ServerSettings, random: &Arc<CtrDrbg>) -> Result<Self, Error> {
        let mut names = NameTable::new(0);
        for (index, (name, _)) in settings.named.iter().enumerate() {
            names.insert(name, index + 1)?;
        }
        let pairs = load(&settings)?;
        // TLS-04: keys made here, changed every six hours; never on a disk.
        let keys = |_| TicketContext::new(random.clone(), CipherType::Aes256Gcm, TICKET_LIFETIME_S);
        let tickets = pairs.iter().map(keys).map(|keys| keys.map(Arc::new));
        let tickets = tickets.collect::<Result<_, _>>().map_err(library)?;
        Ok(Self { settings, names, tickets, pairs: RwLock::new(pairs) })
    }

    /// TLS-11: all or nothing.
    pub(crate) fn reload(&self) -> Result<(), Error> {
        let new = load(&self.settings)?;
        *self.pairs.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// What answers to a name.
    pub(crate) fn choose(&self, name: Option<&str>) -> Option<(Arc<Pair>, Arc<TicketContext>)> {
        let index = *self.names.choose(name);
        let pairs = self.pairs.read().unwrap_or_else(PoisonError::into_inner);
        Some((pairs.get(index)?.clone(), self.tickets.get(index)?.clone()))
    }

    pub(crate) fn expires(&self) -> Vec<Expiry> {
        let pairs = self.pairs.read().unwrap_or_else(PoisonError::into_inner);
        pairs.iter().filter_map(|pair| pair.expiry.clone()).collect()
    }
}

fn load(settings: &ServerSettings) -> Result<Vec<Arc<Pair>>, Error> {
    let named = settings.named.iter().map(|(_, certificates)| certificates);
    let all = std::iter::once(&settings.certificates).chain(named);
    let pair = |certificates: &Certificates| Ok(Arc::new(Pair::load(certificates)?));
    all.map(pair).collect()
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("settings", &self.settings).finish_non_exhaustive()
    }
}
