//! How many connections there may be.

use crate::limits;
use lws_role::Peer;
use std::net::IpAddr;

/// Counts connections, in all and by peer network (CONN-05).
pub(crate) struct Accounts {
    open: u64,
    max: u64,
    per_peer: u32,
    /// How many each peer has, in order of the peers.
    peers: Vec<(IpAddr, u32)>,
}

impl Accounts {
    pub(crate) fn new(max: u64, per_peer: u32) -> Self {
        Self { open: 0, max, per_peer, peers: Vec::new() }
    }

    /// Counts a new connection, or refuses it.
    pub(crate) fn open(&mut self, peer: Peer) -> bool {
        if self.open >= self.max {
            return false;
        }
        if let Some(network) = network(peer) {
            let at = self.peers.partition_point(|(known, _)| *known < network);
            match self.peers.get_mut(at) {
                Some((known, count)) if *known == network => {
                    if *count >= self.per_peer {
                        return false;
                    }
                    *count += 1;
                }
                _ => self.peers.insert(at, (network, 1)),
            }
        }
        self.open += 1;
        true
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open == 0
    }

    pub(crate) fn close(&mut self, peer: Peer) {
        self.open = self.open.saturating_sub(1);
        let Some(network) = network(peer) else { return };
        let Ok(at) = self.peers.binary_search_by(|(known, _)| known.cmp(&network)) else { return };
        self.peers[at].1 -= 1;
        if self.peers[at].1 == 0 {
            self.peers.remove(at);
        }
    }
}

/// The IPv4 address or the IPv6 /64 that stands for one peer; `None` for local ones, which are not counted.
fn network(peer: Peer) -> Option<IpAddr> {
    match peer {
        Peer::Inet(addr) if !peer.is_local() => Some(match addr.ip().to_canonical() {
            IpAddr::V6(ip) => IpAddr::V6((u128::from(ip) >> 64 << 64).into()),
            v4 @ IpAddr::V4(_) => v4,
        }),
        _ => None,
    }
}

/// Connections that the process's file descriptor limit allows.
pub(crate) fn default_max() -> u64 {
    fd_limit().saturating_sub(limits::SPARE_FDS).max(1)
}

/// The soft limit of open files, from the kernel; a system that does not tell is taken to allow 1024.
fn fd_limit() -> u64 {
    let text = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with("Max open files")).unwrap_or_default();
    let mut numbers = line.split_whitespace().filter_map(|w| match w {
        "unlimited" => Some(u64::MAX),
        _ => w.parse().ok(),
    });
    numbers.next().unwrap_or(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(s: &str) -> Peer {
        Peer::Inet(s.parse().unwrap())
    }

    #[test]
    fn conn_05_one_peer_cannot_take_all() {
        let mut accounts = Accounts::new(100, 2);
        assert!(accounts.open(peer("[2001:db8::1]:1")));
        assert!(accounts.open(peer("[2001:db8::2]:1")));
        assert!(!accounts.open(peer("[2001:db8::3]:1")), "a third from the same /64");
        assert!(accounts.open(peer("[2001:db8:0:1::1]:1")), "another /64");
        accounts.close(peer("[2001:db8::1]:1"));
        assert!(accounts.open(peer("[2001:db8::3]:1")));
    }

    #[test]
    fn local_peers_are_not_counted_by_peer() {
        let mut accounts = Accounts::new(3, 1);
        assert!((0..3).all(|_| accounts.open(peer("127.0.0.1:9"))));
        assert!(!accounts.open(Peer::Unix), "but in all");
    }

    #[test]
    fn the_fd_limit_is_read() {
        assert!(default_max() > 1);
    }
}
