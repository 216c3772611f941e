//! Every bound of the wheel.

/// Length of one tick, in microseconds. A timer expires up to one tick after its deadline, and never before it.
pub const TICK_US: u64 = 1_000;

/// Levels of the wheel. A timer moves down at most `LEVELS - 1` times, and wakes an event loop at most that
/// often without being due.
pub const LEVELS: usize = 5;

/// Slots of one level. One slot of level `n` spans `SLOTS.pow(n)` ticks.
pub const SLOTS: usize = 256;

/// The last tick, counted from the wheel's start: some 34.8 years. A deadline at or beyond it is never due.
pub const NEVER_TICKS: u64 = (1 << (8 * LEVELS)) - 1;

/// Timers armed at the same time. Beyond it `Wheel::insert` panics; that takes 64 GiB of timers.
pub const MAX_TIMERS: usize = (1 << 31) - 1;
