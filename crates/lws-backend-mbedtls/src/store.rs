//! The certificates in use, and their replacement while the server runs.
//!
//! ```text
//!   reload: files ─▶ all pairs anew ─ all loaded and matching? ─ yes ─▶ swapped in, whole
//!                                        └ no ─▶ error; the old ones stay
//! ```
//! Names never change; ticket keys outlive a reload. Each name has ticket keys of its own: a ticket of one is worth nothing
//! to another (TLS-03).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use lws_tls::{Certificates, Date, Error, Expiry, NameTable, ServerSettings, Source};
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
    tickets: Vec<Mutex<Tickets>>,
    random: Arc<CtrDrbg>,
    pairs: RwLock<Vec<Arc<Pair>>>,
}

impl Store {
    pub(crate) fn new(settings: ServerSettings, random: &Arc<CtrDrbg>) -> Result<Self, Error> {
        let mut names = NameTable::new(0);
        for (index, (name, _)) in settings.named.iter().enumerate() {
            names.insert(name, index + 1)?;
        }
        let pairs = load(&settings)?;
        let tickets = pairs.iter().map(|_| Ok(Mutex::new(Tickets { keys: keys(random)?, used: None })));
        let tickets = tickets.collect::<Result<_, Error>>()?;
        Ok(Self { settings, names, tickets, random: random.clone(), pairs: RwLock::new(pairs) })
    }

    /// TLS-11: all or nothing.
    pub(crate) fn reload(&self) -> Result<(), Error> {
        let new = load(&self.settings)?;
        *self.pairs.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    pub(crate) fn revocation_lists(&self) -> &[Source] {
        &self.settings.revocation_lists
    }

    /// New keys; no ticket of the old ones is opened any more.
    pub(crate) fn forget_tickets(&self) -> Result<(), Error> {
        for tickets in &self.tickets {
            let new = keys(&self.random)?;
            tickets.lock().unwrap_or_else(PoisonError::into_inner).keys = new;
        }
        Ok(())
    }

    /// What answers to a name, now.
    pub(crate) fn choose(
        &self,
        name: Option<&str>,
        now: Date,
    ) -> Result<(Arc<Pair>, Arc<TicketContext>), Error> {
        let index = *self.names.choose(name);
        let pairs = self.pairs.read().unwrap_or_else(PoisonError::into_inner);
        let both = pairs.get(index).zip(self.tickets.get(index));
        let (pair, tickets) =
            both.ok_or_else(|| Error::Library("no certificate for the name".to_string()))?;
        let keys = tickets.lock().unwrap_or_else(PoisonError::into_inner).at(now, &self.random)?;
        Ok((pair.clone(), keys))
    }

    pub(crate) fn expires(&self) -> Vec<Expiry> {
        let pairs = self.pairs.read().unwrap_or_else(PoisonError::into_inner);
        pairs.iter().filter_map(|pair| pair.expiry.clone()).collect()
    }
}

/// The keys of one name. While they are used the library changes them every six hours and remembers the last ones; it
/// does nothing while they are not, and so keys that nobody has used for twice that time are forgotten here (TLS-04).
struct Tickets {
    keys: Arc<TicketContext>,
    used: Option<Date>,
}

impl Tickets {
    fn at(&mut self, now: Date, random: &Arc<CtrDrbg>) -> Result<Arc<TicketContext>, Error> {
        let idle = |used: Date| now.0.saturating_sub(used.0) >= 2 * i64::from(TICKET_LIFETIME_S);
        if self.used.is_some_and(idle) {
            self.keys = keys(random)?;
        }
        self.used = Some(now);
        Ok(self.keys.clone())
    }
}

/// Made here; never on a disk.
fn keys(random: &Arc<CtrDrbg>) -> Result<Arc<TicketContext>, Error> {
    let keys = TicketContext::new(random.clone(), CipherType::Aes256Gcm, TICKET_LIFETIME_S);
    keys.map(Arc::new).map_err(library)
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
