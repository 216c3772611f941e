//! Counters of one loop.

use alloc::vec::Vec;

/// Counters of one loop since it started, for status pages and tests. Wrap after 2^64.
#[doc(alias = "lws_metrics")]
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// Connections accepted.
    pub accepted: u64,
    /// Connections that roles asked for ([`crate::Hub::connect`]), whatever came of them.
    pub connects: u64,
    /// Connections that have ended; [`Metrics::accepted`] and [`Metrics::connects`] less these are open.
    pub closed: u64,
    /// Connections refused because a limit was reached.
    pub refused: u64,
    /// Bytes received from the transport.
    pub rx_bytes: u64,
    /// Bytes handed to the transport.
    pub tx_bytes: u64,
    /// HTTP requests begun.
    pub requests: u64,
    /// Messages received by user protocols.
    pub messages_in: u64,
    /// Messages sent by user protocols.
    pub messages_out: u64,
    /// Streams ended by a deadline.
    pub timeouts: u64,
    /// Streams ended because the peer broke a protocol or a limit.
    pub protocol_errors: u64,
    /// Panics caught; each cost one connection.
    pub panics: u64,
    /// Turns of the loop.
    pub turns: u64,
    /// The longest turn, in microseconds, since it was last read by [`Metrics::take_longest_turn_us`].
    pub longest_turn_us: u64,
    roles: Vec<RoleCount>,
}

/// How many streams speak a role now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleCount {
    /// The role's name.
    pub name: &'static str,
    /// Streams that speak it now.
    pub open: u64,
}

impl Metrics {
    /// How many streams speak each role now, in order of first appearance.
    pub fn roles(&self) -> &[RoleCount] {
        &self.roles
    }

    /// The longest turn since the last call, in microseconds.
    pub fn take_longest_turn_us(&mut self) -> u64 {
        core::mem::take(&mut self.longest_turn_us)
    }

    pub(crate) fn opened(&mut self, name: &'static str) {
        match self.roles.iter_mut().find(|r| r.name == name) {
            Some(role) => role.open += 1,
            None => self.roles.push(RoleCount { name, open: 1 }),
        }
    }

    pub(crate) fn ended(&mut self, name: &'static str) {
        if let Some(role) = self.roles.iter_mut().find(|r| r.name == name) {
            role.open = role.open.saturating_sub(1);
        }
    }
}
