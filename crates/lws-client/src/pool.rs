//! Connections that are used again, and requests that wait for one.
//!
//! ```text
//!   Key: origin, way there, TLS, version ──▶ Entry: how many are open, which are free, who waits
//! ```
//! Invariant: whoever has an equal [`Key`] may use the same connection, and nobody else (CLI-08).

use crate::conn::Conn;
use crate::job::Job;
use crate::limits;
use crate::proxy::Proxy;
use crate::request::Version;
use crate::url::Origin;
use lws_role::{Handle, Hub};
use lws_wire::Time;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// What may share a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) origin: Origin,
    pub(crate) route: Route,
    /// Which connector: certificates, leniencies and ALPN are its own. Its address; connections keep it alive.
    pub(crate) connector: Option<usize>,
    pub(crate) version: Version,
}

/// The way to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Direct,
    /// An HTTP proxy reads the requests.
    Forward(Rc<Proxy>),
    /// An HTTP proxy is a pipe.
    Tunnel(Rc<Proxy>),
    Socks(Rc<Proxy>),
}

impl Route {
    /// Whose address is connected to, if it is not the server's.
    pub(crate) fn proxy(&self) -> Option<&Rc<Proxy>> {
        match self {
            Self::Direct => None,
            Self::Forward(proxy) | Self::Tunnel(proxy) | Self::Socks(proxy) => Some(proxy),
        }
    }
}

/// By origin alone: who differs otherwise is told apart by comparing.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.origin.hash(state);
    }
}

impl Key {
    /// Whether TLS may turn out to carry HTTP/2.
    fn may_be_http2(&self) -> bool {
        self.version != Version::Http1 && (self.origin.secure || self.version.is_http2())
    }
}

/// The connections of one loop.
#[derive(Default)]
pub(crate) struct Pool {
    entries: HashMap<Rc<Key>, Entry>,
    /// Jobs in all queues.
    waiting: usize,
}

#[derive(Default)]
struct Entry {
    /// Connections that exist or are being opened.
    open: usize,
    /// Whether the server speaks HTTP/2, once that is known.
    http2: Option<bool>,
    free: Vec<Free>,
    queue: VecDeque<Box<Job>>,
}

/// A connection that takes a job.
struct Free {
    handle: Handle,
    conn: Rc<Conn>,
    /// It takes more than one at a time.
    many: bool,
}

impl Entry {
    fn is_needed(&self) -> bool {
        self.open > 0 || !self.free.is_empty() || !self.queue.is_empty()
    }
}

impl Pool {
    /// Gives the job to a free connection; gives it back if there is none.
    pub(crate) fn assign(&mut self, hub: &mut Hub, key: &Key, job: Box<Job>) -> Option<Box<Job>> {
        let Some(entry) = self.entries.get_mut(key) else { return Some(job) };
        let switches = job.is_switch();
        // The one used last is the least likely to be closed by its server. A WebSocket on HTTP/1 has one of its own.
        let room = |free: &Free| {
            if free.many { free.conn.place.borrow().len() < limits::WAITING } else { !switches }
        };
        let Some(i) = entry.free.iter().rposition(room) else { return Some(job) };
        let Some(free) = entry.free.get(i) else { return Some(job) };
        free.conn.place.borrow_mut().push_back(job);
        hub.wake(free.handle);
        if !free.many {
            entry.free.remove(i);
        }
        None
    }

    /// Whether another connection may be opened now.
    pub(crate) fn may_open(&self, key: &Key, most: usize) -> bool {
        let Some(entry) = self.entries.get(key) else { return true };
        // Until it is known whether one connection is enough for all, the others wait for the first.
        let one = key.may_be_http2() && entry.http2 != Some(false);
        entry.open < if one { 1 } else { most.max(1) }
    }

    /// A connection is being opened.
    pub(crate) fn opening(&mut self, key: &Rc<Key>) {
        self.entries.entry(key.clone()).or_default().open += 1;
    }

    /// It is known what a server speaks.
    pub(crate) fn speaks(&mut self, key: &Rc<Key>, http2: bool) {
        self.entries.entry(key.clone()).or_default().http2 = Some(http2);
    }

    /// A connection does not count any longer.
    pub(crate) fn closed(&mut self, key: &Key) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.open = entry.open.saturating_sub(1);
            if !entry.is_needed() {
                self.entries.remove(key);
            }
        }
    }

    /// Lets a job wait for a connection.
    pub(crate) fn queue(&mut self, key: &Rc<Key>, job: Box<Job>) {
        self.entries.entry(key.clone()).or_default().queue.push_back(job);
        self.waiting += 1;
    }

    /// The job that has waited longest.
    pub(crate) fn next(&mut self, key: &Key) -> Option<Box<Job>> {
        let job = self.entries.get_mut(key)?.queue.pop_front()?;
        self.waiting = self.waiting.saturating_sub(1);
        Some(job)
    }

    /// Whether somebody waits.
    pub(crate) fn has_next(&self, key: &Key) -> bool {
        self.entries.get(key).is_some_and(|entry| !entry.queue.is_empty())
    }

    /// How many wait in queues.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// The earliest deadline of those who wait, in a queue or for a stream of a connection.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let queues =
            self.entries.values().flat_map(|entry| entry.queue.iter().filter_map(|job| job.deadline));
        let places = self.entries.values().flat_map(|entry| &entry.free);
        let places =
            places.filter_map(|free| free.conn.place.borrow().iter().filter_map(|job| job.deadline).min());
        queues.chain(places).min()
    }

    /// Takes those who wait and of whom `f` says so.
    pub(crate) fn take(&mut self, f: impl Fn(&Job) -> bool) -> Vec<Job> {
        let mut taken = Vec::new();
        let mut sift = |list: &mut VecDeque<Box<Job>>| {
            for job in std::mem::take(list) {
                if f(&job) { taken.push(*job) } else { list.push_back(job) }
            }
        };
        for entry in self.entries.values_mut() {
            let before = entry.queue.len();
            sift(&mut entry.queue);
            self.waiting = self.waiting.saturating_sub(before - entry.queue.len());
            for free in &entry.free {
                sift(&mut free.conn.place.borrow_mut());
            }
        }
        taken
    }

    /// A connection is free; false if there are enough of them.
    pub(crate) fn keep(&mut self, conn: &Rc<Conn>, handle: Handle, many: bool) -> bool {
        let idle = self.idle();
        let entry = self.entries.entry(conn.key.clone()).or_default();
        let enough = entry.free.len() >= limits::IDLE_PER_ORIGIN || idle >= limits::IDLE;
        if enough && !many {
            return false;
        }
        entry.free.push(Free { handle, conn: conn.clone(), many });
        true
    }

    /// A connection is not free any more.
    pub(crate) fn forget(&mut self, key: &Key, handle: Handle) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.free.retain(|free| free.handle != handle);
        }
    }

    /// Connections that are free.
    pub(crate) fn idle(&self) -> usize {
        self.entries.values().map(|entry| entry.free.len()).sum()
    }
}
