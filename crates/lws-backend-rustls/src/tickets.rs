//! The keys that session tickets are sealed with (TLS-04).
//!
//! Each key seals for six hours and opens for six more; none is written anywhere. Time is the provider's, so that a
//! test can let it pass.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use lws_tls::limits::TICKET_KEY_SECONDS;
use lws_tls::{Date, Error};
use rustls::crypto::aws_lc_rs::Ticketer;
use rustls::server::ProducesTickets;

pub(crate) struct Tickets {
    clock: fn() -> Date,
    keys: Mutex<Keys>,
}

struct Keys {
    current: Arc<dyn ProducesTickets>,
    previous: Option<Arc<dyn ProducesTickets>>,
    since: Date,
}

impl Tickets {
    pub(crate) fn new(clock: fn() -> Date) -> Result<Self, Error> {
        let keys = Keys { current: fresh()?, previous: None, since: clock() };
        Ok(Self { clock, keys: Mutex::new(keys) })
    }

    /// New keys; no ticket of the old ones is opened any more.
    pub(crate) fn forget(&self) -> Result<(), Error> {
        let new = Keys { current: fresh()?, previous: None, since: (self.clock)() };
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// The key that seals now, and the one before it.
    fn keys(&self) -> (Arc<dyn ProducesTickets>, Option<Arc<dyn ProducesTickets>>) {
        let now = (self.clock)();
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now.0.saturating_sub(keys.since.0);
        if !(0..TICKET_KEY_SECONDS).contains(&age) {
            // Without random numbers the old key seals on; the library will not get far then anyway.
            if let Ok(new) = fresh() {
                let old = std::mem::replace(&mut keys.current, new);
                keys.previous = (0..2 * TICKET_KEY_SECONDS).contains(&age).then_some(old);
                keys.since = now;
            }
        }
        (keys.current.clone(), keys.previous.clone())
    }
}

fn fresh() -> Result<Arc<dyn ProducesTickets>, Error> {
    Ticketer::new().map_err(|e| Error::Library(e.to_string()))
}

impl ProducesTickets for Tickets {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        u32::try_from(2 * TICKET_KEY_SECONDS).unwrap_or(u32::MAX)
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.keys().0.encrypt(plain)
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        let (current, previous) = self.keys();
        current.decrypt(cipher).or_else(|| previous?.decrypt(cipher))
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets")
    }
}
