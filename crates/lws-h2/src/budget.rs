//! Budgets: what a peer may make us do, over time and over a connection's life.
//!
//! Every row of HTTP/2's history of floods passed all size limits of its day: each frame was legal and small. So
//! each kind of work that a peer can order is counted here, and who orders more than anyone needs is told to calm
//! down (`ENHANCE_YOUR_CALM`) and disconnected.

use core::time::Duration;

use lws_wire::Time;

use crate::error::{Error, Limit};
use crate::limits;

/// How many at once, and how many per second in the long run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At once, after a quiet time.
    pub burst: u32,
    /// Per second, in the long run. Not zero.
    pub per_s: u32,
}

/// A token bucket, kept as the time at which it will be full again: eight bytes, and nothing to refill.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket {
    full_at: Time,
}

impl Bucket {
    /// Takes `n` tokens; false if there are not so many, and then takes none.
    pub(crate) fn spend(&mut self, now: Time, rate: Rate, n: u32) -> bool {
        let from = self.full_at.max(now);
        let full_at = from + rate.time_for(n);
        let affordable = full_at.since(now) <= rate.time_for(rate.burst);
        if affordable {
            self.full_at = full_at;
        }
        affordable
    }

    /// Puts `n` tokens back, up to the burst.
    pub(crate) fn refund(&mut self, rate: Rate, n: u32) {
        self.full_at = self.full_at - rate.time_for(n);
    }
}

impl Rate {
    fn time_for(self, n: u32) -> Duration {
        Duration::from_micros(u64::from(n) * 1_000_000 / u64::from(self.per_s.max(1)))
    }
}

/// What one peer has spent.
#[derive(Debug, Default)]
pub(crate) struct Budgets {
    settings: Bucket,
    pings: Bucket,
    resets: Bucket,
    refused: Bucket,
    overhead: Bucket,
    early: u32,
    made: u32,
    empty: u32,
    idle_frames: u64,
    window_updates: u64,
    /// Streams that the peer opened, refused ones included.
    pub(crate) opened: u64,
    /// `DATA` frames that we sent.
    pub(crate) data_sent: u64,
}

impl Budgets {
    pub(crate) fn settings(&mut self, now: Time) -> Result<(), Error> {
        check(self.settings.spend(now, limits::SETTINGS_RATE, 1), Limit::Settings)
    }

    pub(crate) fn ping(&mut self, now: Time) -> Result<(), Error> {
        check(self.pings.spend(now, limits::PING_RATE, 1), Limit::Pings)
    }

    /// The peer reset a stream, `early` if its response had not begun.
    pub(crate) fn reset(&mut self, now: Time, early: bool) -> Result<(), Error> {
        self.early += u32::from(early);
        check(self.early < limits::EARLY_RESETS, Limit::EarlyResets)?;
        check(self.resets.spend(now, limits::RESET_RATE, 1), Limit::Resets)
    }

    /// We reset a stream because of what the peer did: as good as if it had done so itself (H2-02).
    pub(crate) fn made_reset(&mut self, now: Time, early: bool) -> Result<(), Error> {
        self.made += 1;
        check(self.made <= limits::MADE_RESETS, Limit::MadeResets)?;
        self.reset(now, early)
    }

    /// A stream was answered: one more may be reset early.
    pub(crate) fn answered(&mut self) {
        self.early = self.early.saturating_sub(1);
    }

    pub(crate) fn refused(&mut self, now: Time) -> Result<(), Error> {
        check(self.refused.spend(now, limits::REFUSED_RATE, 1), Limit::Refused)
    }

    /// A frame that asks for nothing.
    pub(crate) fn idle_frame(&mut self) -> Result<(), Error> {
        self.idle_frames += 1;
        let most = limits::IDLE_FRAMES.saturating_mul(1 + self.opened);
        check(self.idle_frames <= most, Limit::IdleFrames)
    }

    pub(crate) fn window_update(&mut self) -> Result<(), Error> {
        self.window_updates += 1;
        let most = limits::WINDOW_UPDATES
            + limits::WINDOW_UPDATES_PER_STREAM * self.opened
            + limits::WINDOW_UPDATES_PER_DATA * self.data_sent;
        check(self.window_updates <= most, Limit::WindowUpdates)
    }

    /// A `DATA` frame with `framing` bytes around `payload` bytes; `ends` its stream or not.
    pub(crate) fn data(&mut self, now: Time, payload: u32, framing: u32, ends: bool) -> Result<(), Error> {
        if payload == 0 && !ends {
            self.empty += 1;
            check(self.empty <= limits::EMPTY_DATA, Limit::EmptyData)?;
        } else {
            self.empty = self.empty.saturating_sub(1);
        }
        if payload >= framing {
            self.overhead.refund(limits::DATA_OVERHEAD, payload - framing);
            return Ok(());
        }
        check(self.overhead.spend(now, limits::DATA_OVERHEAD, framing - payload), Limit::DataOverhead)
    }
}

fn check(affordable: bool, limit: Limit) -> Result<(), Error> {
    if affordable { Ok(()) } else { Err(limit.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 10, per_s: 5 };

    #[test]
    fn a_bucket_holds_its_burst_and_refills_at_its_rate() {
        let mut bucket = Bucket::default();
        let at = |ms: u64| Time::from_micros(ms * 1000);
        assert!((0..10).all(|_| bucket.spend(at(0), RATE, 1)));
        assert!(!bucket.spend(at(0), RATE, 1));
        assert!(!bucket.spend(at(199), RATE, 1));
        assert!(bucket.spend(at(200), RATE, 1));
        assert!(!bucket.spend(at(200), RATE, 1));
        assert!(bucket.spend(at(5_000), RATE, 10), "full again, and no fuller");
        assert!(!bucket.spend(at(5_000), RATE, 1));
        bucket.refund(RATE, 2);
        assert!(bucket.spend(at(5_000), RATE, 2));
        assert!(!bucket.spend(at(5_000), RATE, 11), "more than the burst at once, never");
    }

    #[test]
    fn early_resets_are_forgiven_by_answers() {
        let mut budgets = Budgets::default();
        let mut now = Time::ZERO;
        for _ in 0..10 * limits::EARLY_RESETS {
            now = now + Duration::from_secs(1);
            assert_eq!(budgets.reset(now, true), Ok(()));
            budgets.answered();
        }
        let spent = (0..).take_while(|_| budgets.reset(Time::from_micros(1 << 40), true).is_ok()).count();
        assert_eq!(spent, limits::EARLY_RESETS as usize - 1);
    }
}
