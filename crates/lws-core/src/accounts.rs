//! How many connections there may be.

use crate::limits;
use lws_role::Peer;
use std::fs::File;
use std::io::Read as _;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts connections: in all, by peer network (CONN-05), and by loop. Loops that were built together share one.
#[derive(Clone)]
pub(crate) struct Accounts {
    // Locked when a connection comes or goes, never for a byte of one.
    book: Arc<Mutex<Book>>,
    /// The loop that this clone counts for.
    own: usize,
}

struct Book {
    open: u64,
    max: u64,
    per_peer: u32,
    /// How many each peer has, in order of the peers.
    peers: Vec<(IpAddr, u32)>,
    /// How many each loop has.
    loops: Vec<u64>,
}

impl Accounts {
    /// For the first of `loops` loops.
    pub(crate) fn new(max: u64, per_peer: u32, loops: usize) -> Self {
        let book = Book { open: 0, max, per_peer, peers: Vec::new(), loops: vec![0; loops] };
        Self { book: Arc::new(Mutex::new(book)), own: 0 }
    }

    /// The same for another loop.
    pub(crate) fn of(&self, own: usize) -> Self {
        Self { own, ..self.clone() }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A poisoned book is still a book: nothing that runs under its lock can leave it half-written.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a new connection of this loop, or refuses it.
    pub(crate) fn open(&self, peer: Peer) -> bool {
        self.book().open(self.own, peer)
    }

    /// Counts a new connection of the loop that has the fewest, this one if it is among them, and says which that is;
    /// `None` refuses it.
    pub(crate) fn deal(&self, peer: Peer) -> Option<usize> {
        let mut book = self.book();
        let order = (0..book.loops.len()).map(|n| (self.own + n) % book.loops.len());
        let fewest = order.min_by_key(|n| book.loops[*n])?;
        book.open(fewest, peer).then_some(fewest)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.book().loops[self.own] == 0
    }

    /// One less of this loop's.
    pub(crate) fn close(&self, peer: Peer) {
        self.book().close(self.own, peer);
    }
}

impl Book {
    fn open(&mut self, of: usize, peer: Peer) -> bool {
        if self.open >= self.max {
            return false;
        }
        if let Some(network) = peer.network() {
            match self.seat(&network) {
                Ok(at) if self.peers[at].1 >= self.per_peer => return false,
                Ok(at) => self.peers[at].1 += 1,
                Err(at) => self.peers.insert(at, (network, 1)),
            }
        }
        self.open += 1;
        self.loops[of] += 1;
        true
    }

    /// Where a peer stands, or would.
    #[inline(never)]
    fn seat(&self, network: &IpAddr) -> Result<usize, usize> {
        self.peers.binary_search_by(|(known, _)| known.cmp(network))
    }

    fn close(&mut self, of: usize, peer: Peer) {
        self.open = self.open.saturating_sub(1);
        self.loops[of] = self.loops[of].saturating_sub(1);
        let Some(network) = peer.network() else { return };
        let Ok(at) = self.seat(&network) else { return };
        self.peers[at].1 -= 1;
        if self.peers[at].1 == 0 {
            self.peers.remove(at);
        }
    }
}

/// Connections that the process's file descriptor limit allows.
pub(crate) fn default_max() -> u64 {
    fd_limit().saturating_sub(limits::SPARE_FDS).max(1)
}

/// The soft limit of open files, from the kernel; a system that does not tell is taken to allow 1024.
fn fd_limit() -> u64 {
    // It is 1.3 KiB, and read by one call.
    let mut text = [0; 4096];
    let len = File::open("/proc/self/limits").and_then(|mut f| f.read(&mut text)).unwrap_or(0);
    let line = text[..len].split(|b| *b == b'\n').find_map(|l| l.strip_prefix(b"Max open files"));
    soft_limit(line.unwrap_or_default())
}

/// The first number of a line of limits.
fn soft_limit(line: &[u8]) -> u64 {
    let value = line.trim_ascii_start();
    if value.starts_with(b"unlimited") {
        return u64::MAX;
    }
    let digits = value.iter().take_while(|b| b.is_ascii_digit());
    let number = digits.fold(0_u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0')));
    if number == 0 { 1024 } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(s: &str) -> Peer {
        Peer::Inet(s.parse().unwrap())
    }

    #[test]
    fn conn_05_one_peer_cannot_take_all() {
        let accounts = Accounts::new(100, 2, 1);
        assert!(accounts.open(peer("[2001:db8::1]:1")));
        assert!(accounts.open(peer("[2001:db8::2]:1")));
        assert!(!accounts.open(peer("[2001:db8::3]:1")), "a third from the same /64");
        assert!(accounts.open(peer("[2001:db8:0:1::1]:1")), "another /64");
        accounts.close(peer("[2001:db8::1]:1"));
        assert!(accounts.open(peer("[2001:db8::3]:1")));
    }

    #[test]
    fn local_peers_are_not_counted_by_peer() {
        let accounts = Accounts::new(3, 1, 1);
        assert!((0..3).all(|_| accounts.open(peer("127.0.0.1:9"))));
        assert!(!accounts.open(Peer::Unix), "but in all");
    }

    #[test]
    fn loops_share_the_limits_and_the_one_with_fewest_gets_the_next() {
        let first = Accounts::new(3, 2, 2);
        let second = first.of(1);
        assert_eq!(first.deal(peer("192.0.2.1:1")), Some(0));
        assert_eq!(first.deal(peer("192.0.2.1:2")), Some(1));
        assert_eq!(first.deal(peer("192.0.2.1:3")), None, "two of one peer, on whichever loop");
        first.close(peer("192.0.2.1:1"));
        assert!(first.is_empty() && !second.is_empty());
        assert_eq!(second.deal(peer("192.0.2.2:1")), Some(0));
        assert!(second.open(Peer::Unix) && !second.open(Peer::Unix), "three in all");
    }

    #[test]
    fn the_fd_limit_is_read() {
        assert!(default_max() > 1);
        assert_eq!(
            soft_limit(b"            1048576              1048576              files     "),
            1_048_576
        );
        assert_eq!(soft_limit(b"            unlimited            unlimited            files     "), u64::MAX);
        assert_eq!(soft_limit(b""), 1024);
    }
}
