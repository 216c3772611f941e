//! The sessions that a client may resume, by the name of the server (for backends whose library keeps none).
//!
//! ```text
//!   keep(name, session) ─▶ name ─▶ oldest … newest ─▶ take(name): the newest that is not too old
//! ```
//! One store belongs to one connector: what was checked of a server when the session began (its name, who vouched for
//! it) is what a new connection would check.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use core::fmt;

use crate::Date;
use crate::limits::{RESUMABLE_SECONDS, RESUMABLE_SERVERS_MAX, RESUMABLE_SESSIONS_MAX};

/// Sessions of a client, in some library's form. It has secrets in it, so `Debug` shows how many.
#[doc(alias = "lws_tls_session_cache")]
pub struct Resumption<S> {
    /// Each entry has one session at least, the newest last.
    servers: BTreeMap<Box<str>, VecDeque<(Date, S)>>,
    /// Each key of `servers` once, the one that was kept first at the front.
    order: VecDeque<Box<str>>,
}

impl<S> Resumption<S> {
    /// With nothing in it.
    pub const fn new() -> Self {
        Self { servers: BTreeMap::new(), order: VecDeque::new() }
    }

    /// Keeps a session with the server `name`; `now` is when its full handshake was, in which the server showed its
    /// certificate.
    pub fn keep(&mut self, name: &str, now: Date, session: S) {
        if let Some(sessions) = self.servers.get_mut(name) {
            if sessions.len() >= RESUMABLE_SESSIONS_MAX {
                sessions.pop_front();
            }
            sessions.push_back((now, session));
            return;
        }
        if self.order.len() >= RESUMABLE_SERVERS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.servers.remove(&oldest);
        }
        self.servers.insert(name.into(), VecDeque::from([(now, session)]));
        self.order.push_back(name.into());
    }

    /// The newest session with `name`, and when it was kept; it is not in here any more. RFC 8446 §C.4: tickets of TLS
    /// 1.3 should be used once. Who may use it again gives it back with [`keep`](Self::keep) and that date.
    ///
    /// One that is older than [`RESUMABLE_SECONDS`] is forgotten, and so is one from the future: the clock was set.
    pub fn take(&mut self, name: &str, now: Date) -> Option<(Date, S)> {
        let sessions = self.servers.get_mut(name)?;
        let found = sessions.pop_back().filter(|(kept, _)| {
            let age = now.0.saturating_sub(kept.0);
            (0..=RESUMABLE_SECONDS).contains(&age)
        });
        // Those before it are older still.
        if found.is_none() || sessions.is_empty() {
            self.servers.remove(name);
            self.order.retain(|kept| **kept != *name);
        }
        found
    }
}

impl<S> Default for Resumption<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for Resumption<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resumption").field("servers", &self.servers.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    const NOW: Date = Date(1_000_000);

    #[test]
    fn the_newest_first_each_once() {
        let mut store = Resumption::new();
        for n in 0..=RESUMABLE_SESSIONS_MAX {
            store.keep("a", NOW, n);
        }
        store.keep("b", NOW, 100);
        let mut taken = alloc::vec::Vec::new();
        while let Some((kept, n)) = store.take("a", NOW) {
            assert_eq!(kept, NOW);
            taken.push(n);
        }
        assert_eq!(taken, [4, 3, 2, 1], "the first made room for the fifth");
        assert_eq!(store.take("b", NOW), Some((NOW, 100)));
        assert!(store.servers.is_empty() && store.order.is_empty());
    }

    #[test]
    fn old_ones_and_those_of_the_future_are_forgotten() {
        for (now, resumed) in
            [(0, true), (RESUMABLE_SECONDS, true), (RESUMABLE_SECONDS + 1, false), (-1, false)]
        {
            let mut store = Resumption::new();
            store.keep("a", NOW, 1);
            assert_eq!(store.take("a", Date(NOW.0 + now)).is_some(), resumed, "{now}");
            assert!(store.servers.is_empty() && store.order.is_empty(), "{now}");
        }
    }

    #[test]
    fn the_oldest_server_makes_room() {
        let mut store = Resumption::new();
        for n in 0..=RESUMABLE_SERVERS_MAX {
            store.keep(&n.to_string(), NOW, 1);
            store.keep(&n.to_string(), NOW, 2);
        }
        assert_eq!((store.servers.len(), store.order.len()), (RESUMABLE_SERVERS_MAX, RESUMABLE_SERVERS_MAX));
        assert_eq!(store.take("0", NOW), None);
        assert_eq!(store.take("1", NOW), Some((NOW, 2)));
        assert_eq!(store.take("256", NOW), Some((NOW, 2)));
    }
}
