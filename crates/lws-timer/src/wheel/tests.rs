use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

const MS: u64 = 1_000;
const YEAR: u64 = 365 * 86_400_000 * MS;

fn at(us: u64) -> Time {
    Time::from_micros(us)
}

fn drain(wheel: &mut Wheel<u32>, now: u64) -> Vec<u32> {
    core::iter::from_fn(|| wheel.expire(at(now))).collect()
}

#[test]
fn never_early_and_at_most_one_tick_late() {
    for start in [0, 1, 999, 123_456_789] {
        for delay in [0, 1, 999, 1_000, 1_001, 255_999, 256_000, 65_536_001, YEAR] {
            let mut wheel = Wheel::new(at(start));
            wheel.insert(at(start + delay), 1);
            if delay > 0 {
                assert_eq!(drain(&mut wheel, start + delay - 1), [], "{delay} early");
            }
            assert_eq!(drain(&mut wheel, start + delay + TICK_US - 1), [1], "{delay} late");
        }
    }
}

#[test]
fn the_past_is_due_at_once() {
    let mut wheel = Wheel::new(at(5_000));
    wheel.insert(Time::ZERO, 1);
    wheel.insert(at(5_000), 2);
    assert_eq!(wheel.next_deadline(), Some(at(5_000)));
    assert_eq!(drain(&mut wheel, 5_000), [1, 2]);
    assert_eq!(drain(&mut wheel, 900_000), []);
    wheel.insert(at(899_999), 3);
    assert!(wheel.next_deadline() <= Some(at(900_000)));
    assert_eq!(drain(&mut wheel, 900_000), [3]);
}

#[test]
fn one_tick_expires_in_the_order_armed() {
    let mut wheel = Wheel::new(Time::ZERO);
    let deadline = 70_000 * MS;
    for key in 0..100 {
        wheel.insert(at(deadline), key);
        // The later ones are armed when the earlier ones have moved down already.
        assert_eq!(drain(&mut wheel, u64::from(key) * 700 * MS), []);
    }
    assert_eq!(drain(&mut wheel, deadline), (0..100).collect::<Vec<_>>());
}

#[test]
fn never_stays_never() {
    let mut wheel = Wheel::new(Time::ZERO);
    let id = wheel.insert(at(u64::MAX), 1);
    assert_eq!(drain(&mut wheel, 30 * YEAR), []);
    assert_eq!(drain(&mut wheel, u64::MAX), []);
    assert_eq!(wheel.next_deadline(), None);
    assert_eq!(wheel.cancel(id), Some(1));
}

#[test]
fn stale_ids_are_harmless() {
    let mut wheel = Wheel::new(Time::ZERO);
    let first = wheel.insert(at(MS), 1);
    assert_eq!(drain(&mut wheel, MS), [1]);
    assert_eq!(wheel.cancel(first), None);
    let second = wheel.insert(at(2 * MS), 2);
    assert_eq!(wheel.cancel(first), None);
    assert_eq!((wheel.len(), wheel.cancel(second)), (1, Some(2)));
    assert_eq!((wheel.cancel(second), wheel.is_empty()), (None, true));
}

#[test]
fn conn_12_a_million_re_arms_keep_memory_flat() {
    let mut wheel = Wheel::new(Time::ZERO);
    let mut ids: Vec<_> = (0..64).map(|key| wheel.insert(at(60_000 * MS), key)).collect();
    let warm = wheel.bare.slab.capacity();
    for round in 0..1_000_000_u64 {
        let id = &mut ids[(round % 64) as usize];
        let key = wheel.cancel(*id).expect("armed");
        *id = wheel.insert(at((60_000 + round) * MS), key);
    }
    assert_eq!((wheel.len(), wheel.bare.slab.capacity()), (64, warm));
}

#[test]
fn a_loop_that_sleeps_until_the_next_deadline_neither_spins_nor_misses() {
    for us in [1, 300 * MS, 70_000 * MS + 1, 20_000_000 * MS + 7, 10 * YEAR + 3] {
        let mut wheel = Wheel::new(Time::ZERO);
        wheel.insert(at(us), 1);
        let (mut now, mut woken) = (Time::ZERO, 0);
        while let Some(next) = wheel.next_deadline() {
            assert!(next > now, "spins at {now:?}");
            now = next;
            woken += 1;
            while wheel.expire(now).is_some() {}
        }
        assert!(wheel.is_empty() && woken <= LEVELS, "{woken} wake-ups");
        assert!((us..us + TICK_US).contains(&now.as_micros()));
    }
}

#[test]
fn a_timer_armed_after_a_long_sleep_wakes_nobody_before_its_slot() {
    let mut wheel = Wheel::new(Time::ZERO);
    for now in [1_000 * MS, 70_000 * MS, 3 * YEAR + 5] {
        assert_eq!(drain(&mut wheel, now), []);
        let id = wheel.insert(at(now + 5 * MS), 1);
        let next = wheel.next_deadline().expect("armed");
        assert!(next > at(now) && next <= at(now + 6 * MS), "{next:?} at {now}");
        wheel.cancel(id);
    }
}

#[derive(Clone, Debug)]
enum Op {
    /// A delay from now, and whether it goes into the past instead.
    Insert(u64, bool),
    /// The n-th id ever given out, modulo their number.
    Cancel(usize),
    /// Moves the clock, then expires at most so many.
    Advance(u64, usize),
}

fn op() -> impl Strategy<Value = Op> {
    // Every order of magnitude equally often.
    let span = (0_u32..50, any::<u64>()).prop_map(|(bits, n)| n & ((1 << bits) - 1));
    prop_oneof![
        4 => (span.clone(), any::<bool>()).prop_map(|(us, past)| Op::Insert(us, past && us % 8 == 0)),
        2 => any::<usize>().prop_map(Op::Cancel),
        3 => (span, prop_oneof![Just(usize::MAX), 0_usize..4]).prop_map(|(us, n)| Op::Advance(us, n)),
    ]
}

/// What the wheel promises, kept in the simplest way.
#[derive(Default)]
struct Model {
    /// By tick, then by age.
    armed: BTreeMap<(u64, u32), ()>,
    timers: Vec<Timer>,
    now: u64,
    /// The last timer that expired, of those armed for the future.
    last: (u64, u32),
}

struct Timer {
    id: TimerId,
    tick: u64,
    /// Due when it was armed: it queues up behind what is due already.
    past: bool,
}

impl Model {
    fn first_tick(&self) -> Option<u64> {
        self.armed.first_key_value().map(|((tick, _), ())| *tick)
    }

    /// Expires up to `limit`; afterwards nothing due may be left unless the limit was met.
    fn expire(&mut self, wheel: &mut Wheel<u32>, start: u64, limit: usize) {
        let now_tick = ((self.now - start) / TICK_US).min(NEVER_TICKS - 1);
        for _ in 0..limit {
            let Some(key) = wheel.expire(at(self.now)) else {
                assert!(self.first_tick().is_none_or(|tick| tick > now_tick), "missed");
                assert!(wheel.next_deadline().is_none_or(|next| next > at(self.now)), "would spin");
                return;
            };
            let timer = &self.timers[key as usize];
            assert!(timer.tick <= now_tick, "early");
            assert!(self.armed.remove(&(timer.tick, key)).is_some(), "expired twice");
            if !timer.past {
                assert!(self.last < (timer.tick, key), "out of order");
                self.last = (timer.tick, key);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn agrees_with_a_sorted_map(start in 0_u64..1 << 40, ops in proptest::collection::vec(op(), 1..120)) {
        let mut wheel = Wheel::new(at(start));
        let mut model = Model { now: start, ..Model::default() };
        for op in ops {
            match op {
                Op::Insert(us, past) => {
                    let deadline = if past { model.now.saturating_sub(us) } else { model.now + us };
                    let key = model.timers.len() as u32;
                    let tick = deadline.saturating_sub(start).div_ceil(TICK_US).min(NEVER_TICKS);
                    let past = tick <= wheel.bare.reached;
                    model.timers.push(Timer { id: wheel.insert(at(deadline), key), tick, past });
                    model.armed.insert((tick, key), ());
                }
                Op::Cancel(n) if !model.timers.is_empty() => {
                    let n = n % model.timers.len();
                    let Timer { id, tick, .. } = model.timers[n];
                    let armed = model.armed.remove(&(tick, n as u32)).map(|()| n as u32);
                    prop_assert_eq!(wheel.cancel(id), armed);
                }
                Op::Cancel(_) => {}
                Op::Advance(us, limit) => {
                    model.now += us;
                    model.expire(&mut wheel, start, limit);
                }
            }
            prop_assert_eq!(wheel.len(), model.armed.len());
            // Never later than the earliest tick, unless that has passed already.
            match (wheel.next_deadline(), model.first_tick()) {
                (None, first) => prop_assert!(first.is_none_or(|tick| tick == NEVER_TICKS)),
                (Some(_), None) => prop_assert!(false, "nothing is armed"),
                (Some(next), Some(first)) => {
                    let bound = first.max(wheel.bare.reached);
                    prop_assert!(next <= at(start + bound * TICK_US));
                }
            }
        }
        model.expire(&mut wheel, start, usize::MAX);
    }
}
