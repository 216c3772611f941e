//! How many handshakes each peer may begin (TLS-09).
//!
//! ```text
//!   peer ─▶ young ─┐ when it is full: old = young, young = empty
//!           old  ◀─┘ a peer that comes again moves to young
//! ```
//! One number for each peer: the time at which all that it has begun would be paid for, at so many per second. Who is a
//! burst ahead of now is refused. Memory is bounded, and nothing is ever searched through: an attacker with more
//! addresses than fit is forgotten sooner, and could use each of them afresh anyway.

use alloc::collections::BTreeMap;
use core::net::IpAddr;

use lws_wire::Time;

use crate::limits::{HANDSHAKE_BURST, RATED_PEERS_MAX};

pub(crate) struct Rates {
    /// What one handshake costs, in microseconds; zero: nothing is counted.
    cost_us: u64,
    young: BTreeMap<IpAddr, u64>,
    old: BTreeMap<IpAddr, u64>,
}

impl Rates {
    pub(crate) const fn new(per_second: u32) -> Self {
        let cost_us = match per_second {
            // None at all would be a listener that nobody can speak to.
            0 | 1 => 1_000_000,
            n => 1_000_000 / n as u64,
        };
        Self { cost_us, young: BTreeMap::new(), old: BTreeMap::new() }
    }

    /// Whether `peer` may begin a handshake `now`; if so, it is counted.
    pub(crate) fn admit(&mut self, peer: IpAddr, now: Time) -> bool {
        if self.cost_us == 0 {
            return true;
        }
        let now = now.as_micros();
        let burst = u64::from(HANDSHAKE_BURST) * 1_000_000;
        let paid = self.young.get(&peer).or_else(|| self.old.get(&peer)).map_or(now, |paid| now.max(*paid));
        let then = paid.saturating_add(self.cost_us);
        let fine = then <= now.saturating_add(burst);
        if self.young.len() >= RATED_PEERS_MAX && !self.young.contains_key(&peer) {
            self.old = core::mem::take(&mut self.young);
        }
        self.young.insert(peer, if fine { then } else { paid });
        fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::Ipv6Addr;

    fn peer(n: u32) -> IpAddr {
        IpAddr::V4(n.into())
    }

    fn at(ms: u64) -> Time {
        Time::from_micros(ms * 1_000)
    }

    /// How many of `of` attempts at one moment are let through.
    fn admitted(rates: &mut Rates, peer: IpAddr, now: Time, of: usize) -> usize {
        (0..of).filter(|_| rates.admit(peer, now)).count()
    }

    #[test]
    fn tls_09_a_burst_and_then_so_many_per_second() {
        let mut rates = Rates::new(5);
        assert_eq!(admitted(&mut rates, peer(1), at(7_000), 200), 50);
        assert_eq!(admitted(&mut rates, peer(2), at(7_000), 200), 50, "each peer for itself");
        assert_eq!(admitted(&mut rates, peer(1), at(8_000), 200), 5);
        assert_eq!(
            admitted(&mut rates, peer(1), at(8_100), 200),
            0,
            "refusals cost nothing, and earn nothing"
        );
        assert_eq!(admitted(&mut rates, peer(1), at(8_200), 200), 1);
        assert_eq!(admitted(&mut rates, peer(1), at(100_000), 200), 50, "no more than a burst is saved up");
    }

    #[test]
    fn tls_09_no_limit_and_the_smallest() {
        assert_eq!(admitted(&mut Rates::new(u32::MAX), peer(1), at(1_000), 100_000), 100_000);
        for smallest in [0, 1] {
            assert_eq!(admitted(&mut Rates::new(smallest), peer(1), at(1_000), 100), 10);
        }
    }

    #[test]
    fn tls_09_the_table_is_bounded() {
        let mut rates = Rates::new(1);
        assert_eq!(admitted(&mut rates, peer(0), at(1_000), 100), 10);
        for n in 0..10 * RATED_PEERS_MAX as u128 {
            // One that keeps coming is not forgotten.
            if n % 1_000 == 0 {
                assert!(!rates.admit(peer(0), at(1_000)), "{n}");
            }
            assert!(rates.admit(IpAddr::V6(Ipv6Addr::from(n << 64)), at(1_000)), "{n}");
            assert!(rates.young.len() <= RATED_PEERS_MAX && rates.old.len() <= RATED_PEERS_MAX);
        }
    }
}
