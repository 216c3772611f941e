//! Settings: what the peer set, and what we set while the peer may not know it yet.

use super::{Breach, Side};
use crate::hpack::Scan;
use crate::wire;
use std::collections::{BTreeMap, VecDeque};

/// What the peer announced. A setting it never sent has its initial value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings(BTreeMap<u16, u32>);

impl Settings {
    /// The value; `None` where there is no limit (streams, header list).
    pub(crate) fn value(&self, id: u16) -> Option<u32> {
        self.0.get(&id).copied().or(match id {
            wire::HEADER_TABLE_SIZE => Some(4096),
            wire::ENABLE_PUSH => Some(1),
            wire::INITIAL_WINDOW_SIZE => Some(65_535),
            wire::MAX_FRAME_SIZE => Some(16_384),
            wire::ENABLE_CONNECT_PROTOCOL => Some(0),
            _ => None,
        })
    }

    /// The value as the peer sent it; `None` where it never did.
    pub(crate) fn sent(&self, id: u16) -> Option<u32> {
        self.0.get(&id).copied()
    }

    pub(super) fn apply(&mut self, pairs: &[(u16, u32)], peer: Side) -> Result<(), Breach> {
        for &(id, value) in pairs {
            let legal = match id {
                // A server may send it, but then as 0 (RFC 9113 §6.5.2).
                wire::ENABLE_PUSH => value <= u32::from(peer == Side::Client),
                wire::INITIAL_WINDOW_SIZE => value <= wire::MAX_31,
                wire::MAX_FRAME_SIZE => (16_384..1 << 24).contains(&value),
                // RFC 8441 §3: 0 or 1, and never back to 0.
                wire::ENABLE_CONNECT_PROTOCOL => value <= 1 && value >= self.sent(id).unwrap_or(0),
                _ => true,
            };
            if !legal {
                return Err(format!("9113/6.5.2: SETTINGS with {id:#x} = {value}"));
            }
            self.0.insert(id, value);
        }
        Ok(())
    }
}

/// What we set. The peer may follow a new value as soon as we send it, and must once it has acknowledged it.
#[derive(Debug, Default)]
pub(super) struct Ours {
    now: Settings,
    unacknowledged: VecDeque<Vec<(u16, u32)>>,
    /// The encoder's table: what it may hold.
    capacity: Option<u64>,
    /// The next block has to begin with an update to at most this.
    must_update: Option<u64>,
    /// Whether the encoder ever put anything into its table.
    filled: bool,
}

impl Ours {
    /// Enters SETTINGS of ours; answers how far the windows of streams grow at once.
    pub(super) fn sent(&mut self, pairs: &[(u16, u32)]) -> i64 {
        let before = self.initial_window();
        self.unacknowledged.push_back(pairs.to_vec());
        self.initial_window() - before
    }

    /// Enters an acknowledgement; answers how far the windows change. `None` where there was nothing to acknowledge.
    pub(super) fn acknowledged(&mut self) -> Option<i64> {
        let before = self.initial_window();
        self.now.0.extend(self.unacknowledged.pop_front()?);
        // RFC 9113 §4.3.1; of a parameter that stands twice in a frame the last value counts (§6.5).
        let table = self.now.value(wire::HEADER_TABLE_SIZE).map_or(0, u64::from);
        if table < self.capacity.unwrap_or(4096) {
            // Several reductions between two blocks need the smallest (RFC 7541 §4.2).
            self.must_update = Some(self.must_update.map_or(table, |m| m.min(table)));
        }
        Some(self.initial_window() - before)
    }

    pub(super) fn settled(&self) -> bool {
        self.unacknowledged.is_empty()
    }

    /// The value in force and those on their way.
    fn values(&self, id: u16) -> impl Iterator<Item = u32> + '_ {
        let coming =
            self.unacknowledged.iter().flatten().filter(move |(i, _)| *i == id).map(|(_, value)| *value);
        self.now.value(id).into_iter().chain(coming)
    }

    fn largest(&self, id: u16) -> u64 {
        self.values(id).max().map_or(u64::MAX, u64::from)
    }

    pub(super) fn initial_window(&self) -> i64 {
        i64::try_from(self.largest(wire::INITIAL_WINDOW_SIZE)).unwrap_or(i64::MAX)
    }

    pub(super) fn max_frame(&self) -> u64 {
        self.largest(wire::MAX_FRAME_SIZE)
    }

    pub(super) fn table_limit(&self) -> usize {
        usize::try_from(self.largest(wire::HEADER_TABLE_SIZE)).unwrap_or(usize::MAX)
    }

    pub(super) fn max_streams(&self) -> u64 {
        // Before the acknowledgement there may be no limit at all.
        match self.now.value(wire::MAX_CONCURRENT_STREAMS) {
            None => u64::MAX,
            Some(_) => self.largest(wire::MAX_CONCURRENT_STREAMS),
        }
    }

    pub(super) fn extended_connect(&self) -> bool {
        self.largest(wire::ENABLE_CONNECT_PROTOCOL) == 1
    }

    /// Judges what a block does with the table.
    pub(super) fn table(&mut self, scan: &Scan) -> Result<(), Breach> {
        if scan.leading < scan.updates.len() {
            return Err("7541/4.2: a size update behind the first field of a block".to_owned());
        }
        if scan.updates.len() > 2 {
            return Err("7541/4.2: more than two size updates in a block".to_owned());
        }
        let limit = self.table_limit();
        if let Some(size) = scan.updates.iter().find(|s| usize::try_from(**s).map_or(true, |s| s > limit)) {
            return Err(format!("7541/6.3: a size update to {size}, our limit is {limit}"));
        }
        if let Some(most) = self.must_update.take() {
            let smallest = scan.updates.iter().min();
            // An encoder that never used its table has nothing to shrink.
            if self.filled && smallest.is_none_or(|s| *s > most) {
                return Err(format!("9113/4.3.1: no size update to {most} or less after acknowledging it"));
            }
            if !self.filled && smallest.is_none() {
                self.capacity = Some(most);
            }
        }
        if let Some(size) = scan.updates.last() {
            self.capacity = Some(*size);
        }
        self.filled |= scan.insertions > 0;
        Ok(())
    }
}
