//! What did not fit the budget: sorted runs in temporary data, merged at the end.
//!
//! ```text
//! run:  per key, sorted: varint length, key, varint length, chain          (chain: see pool.rs)
//! ```
//!
//! The runs are in the order of the text: a chain of a later run continues where the same key's chain of an earlier one
//! stopped, maybe in the middle of a file. So what is written at the end does not depend on where the runs were cut.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::pool::Pool;
use super::spill::{Spill, SpillReader};
use crate::bits::{put_varint, take_varint};
use crate::error::{Error, Result};
use crate::io::{Append, ReadAt, Scratch};
use crate::limits::MAX_PATH;

/// Bytes of a chain after which it continues in a further record of the same key, so that no chain is held in memory
/// whole.
const RECORD: usize = 64 << 10;

/// More bytes than two numbers take.
const TWO_NUMBERS: usize = 20;

/// Runs one after the other in one temporary file.
#[derive(Debug)]
pub(crate) struct Runs<F> {
    data: Spill<F>,
    /// Start and end of each.
    ranges: Vec<(u64, u64)>,
}

impl<F: Append + ReadAt> Runs<F> {
    pub(crate) fn new() -> Self {
        Runs { data: Spill::new(), ranges: Vec::new() }
    }

    /// In bytes.
    pub(crate) fn size(&self) -> u64 {
        self.data.size()
    }

    /// Writes what the pool holds as one more run.
    pub(crate) fn add<S: Scratch<File = F>>(&mut self, scratch: &mut S, pool: &Pool) -> Result<()> {
        let start = self.data.size();
        let mut head = Vec::new();
        pool.drain(|key, chain| {
            head.clear();
            put_varint(&mut head, key.len() as u64);
            head.extend_from_slice(key);
            put_varint(&mut head, chain.len() as u64);
            self.data.put(scratch, &head)?;
            self.data.put(scratch, chain)
        })?;
        self.ranges.push((start, self.data.size()));
        Ok(())
    }

    /// Merges neighbours, `fan_in` at a time, until one pass can do the rest.
    pub(crate) fn narrow<S: Scratch<File = F>>(
        mut self,
        scratch: &mut S,
        budget: usize,
        fan_in: usize,
    ) -> Result<Self> {
        while self.ranges.len() > fan_in {
            let mut fewer = Runs::new();
            for group in self.ranges.chunks(fan_in) {
                let start = fewer.data.size();
                let mut record = Record::default();
                self.merge(group, budget, |event| match event {
                    Event::Place { key, file, position } => {
                        record.push(file, position);
                        if record.chain.len() < RECORD {
                            return Ok(());
                        }
                        record.finish(scratch, &mut fewer.data, key)
                    }
                    Event::Key(key) => record.finish(scratch, &mut fewer.data, key),
                })?;
                fewer.ranges.push((start, fewer.data.size()));
            }
            self = fewer;
        }
        Ok(self)
    }

    /// Calls `each` with all places of the smallest key, then with that key, and so on.
    pub(crate) fn drain(&self, budget: usize, each: impl FnMut(Event<'_>) -> Result<()>) -> Result<()> {
        self.merge(&self.ranges, budget, each)
    }

    fn merge(
        &self,
        ranges: &[(u64, u64)],
        budget: usize,
        mut each: impl FnMut(Event<'_>) -> Result<()>,
    ) -> Result<()> {
        // Half of the budget: the pool is gone by now, the output needs some.
        let size = (budget / 2 / ranges.len().max(1)).clamp(4096, 1 << 20);
        let mut runs: Vec<_> = ranges.iter().map(|r| SpillReader::new(&self.data, *r, size)).collect();
        let mut heap = BinaryHeap::with_capacity(runs.len());
        for (index, run) in runs.iter_mut().enumerate() {
            let mut key = Vec::new();
            if next_key(run, &mut key)? {
                heap.push(Reverse((key, index)));
            }
        }
        let mut current = Vec::new();
        while let Some(Reverse((mut key, index))) = heap.pop() {
            let run = runs.get_mut(index).expect("an index of this list");
            chain(run, &key, &mut each)?;
            current.clone_from(&key);
            if next_key(run, &mut key)? {
                heap.push(Reverse((key, index)));
            }
            if heap.peek().is_none_or(|next| next.0.0 != current) {
                each(Event::Key(&current))?;
            }
        }
        Ok(())
    }
}

/// What merging finds.
pub(crate) enum Event<'a> {
    /// `key` is in `file` at `position`.
    Place { key: &'a [u8], file: u32, position: u32 },
    /// No more places of this key.
    Key(&'a [u8]),
}

fn changed() -> Error {
    Error::Io("temporary data was changed by somebody else".into())
}

fn next_key<F: Append + ReadAt>(run: &mut SpillReader<'_, F>, key: &mut Vec<u8>) -> Result<bool> {
    if run.left() == 0 {
        return Ok(false);
    }
    let len = usize::try_from(run.varint()?).ok().filter(|len| *len <= MAX_PATH + 1).ok_or_else(changed)?;
    key.clear();
    run.bytes(len, key)?;
    Ok(true)
}

fn chain<F: Append + ReadAt>(
    run: &mut SpillReader<'_, F>,
    key: &[u8],
    each: &mut impl FnMut(Event<'_>) -> Result<()>,
) -> Result<()> {
    let len = run.varint()?;
    let mut left = len;
    run.left().checked_sub(len).ok_or_else(changed)?;
    let (mut file, mut position) = (0u32, 0u32);
    while left > 0 {
        let there = run.peek(left.min(TWO_NUMBERS as u64) as usize)?;
        let mut rest = &there[..there.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
        let (before, last) = (rest.len(), rest.len() as u64 == left);
        // What the buffer cuts waits until there is more.
        while rest.len() >= TWO_NUMBERS || last && !rest.is_empty() {
            let head = take_varint(&mut rest).ok_or_else(changed)?;
            let step = u32::try_from(head >> 1).map_err(|_| changed())?;
            if head & 1 == 1 {
                file = file.checked_add(step).ok_or_else(changed)?;
                let first = take_varint(&mut rest).ok_or_else(changed)?;
                position = u32::try_from(first).map_err(|_| changed())?;
            } else {
                position = position.checked_add(step).ok_or_else(changed)?;
            }
            each(Event::Place { key, file, position })?;
        }
        let used = before - rest.len();
        run.consume(used);
        left -= used as u64;
    }
    Ok(())
}

/// One record of a run that is merged from others.
#[derive(Default)]
struct Record {
    chain: Vec<u8>,
    last: Option<(u32, u32)>,
}

impl Record {
    fn push(&mut self, file: u32, position: u32) {
        match self.last {
            Some((before, at)) if before == file => {
                put_varint(&mut self.chain, u64::from(position - at) << 1)
            }
            last => {
                let before = last.map_or(0, |last| last.0);
                put_varint(&mut self.chain, u64::from(file - before) << 1 | 1);
                put_varint(&mut self.chain, u64::from(position));
            }
        }
        self.last = Some((file, position));
    }

    fn finish<S: Scratch>(&mut self, scratch: &mut S, out: &mut Spill<S::File>, key: &[u8]) -> Result<()> {
        if self.chain.is_empty() {
            return Ok(());
        }
        let mut head = Vec::new();
        put_varint(&mut head, key.len() as u64);
        head.extend_from_slice(key);
        put_varint(&mut head, self.chain.len() as u64);
        out.put(scratch, &head)?;
        out.put(scratch, &self.chain)?;
        self.chain.clear();
        self.last = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::Memory;

    fn add(pool: &mut Pool, key: &[u8], file: u32, position: u32) {
        pool.add(key, crate::text::start(key), file, position);
    }

    /// Runs that each have some of the same keys, and end in the middle of a file.
    fn runs() -> Runs<Vec<u8>> {
        let mut runs = Runs::new();
        let mut pool = Pool::new(1 << 20);
        for run in 0..23u32 {
            for position in 0..40 {
                add(&mut pool, b"all", run / 2, run % 2 * 1000 + position * 7);
                if position % 5 == 0 {
                    add(&mut pool, format!("k{}", (run + position) % 9).as_bytes(), run, position);
                }
            }
            add(&mut pool, format!("only {run}").as_bytes(), run, 77);
            runs.add(&mut Memory, &pool).unwrap();
            pool.clear();
        }
        runs
    }

    /// A key, and a file and a position, or nothing at its end.
    type Seen = (Vec<u8>, Option<(u32, u32)>);

    fn events(runs: &Runs<Vec<u8>>) -> Vec<Seen> {
        let mut events = Vec::new();
        let drained = runs.drain(1 << 20, |event| {
            events.push(match event {
                Event::Place { key, file, position } => (key.to_vec(), Some((file, position))),
                Event::Key(key) => (key.to_vec(), None),
            });
            Ok(())
        });
        drained.unwrap();
        events
    }

    #[test]
    fn how_many_are_merged_at_a_time_makes_no_difference() {
        let wanted = events(&runs());
        assert_eq!(wanted.iter().filter(|event| event.1.is_none()).count(), 1 + 9 + 23);
        assert_eq!(wanted.iter().filter(|event| event.0 == b"all").count(), 23 * 40 + 1);
        for fan_in in [2, 3, 22, 23] {
            let fewer = runs().narrow(&mut Memory, 1 << 20, fan_in).unwrap();
            assert!(fewer.ranges.len() <= fan_in);
            assert!(events(&fewer) == wanted, "{fan_in}");
        }
    }
}
