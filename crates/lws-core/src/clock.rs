//! The one place that reads clocks.

use lws_wire::Time;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn now(&self) -> Time {
        let us = self.start.elapsed().as_micros();
        Time::from_micros(u64::try_from(us).unwrap_or(u64::MAX))
    }

    pub(crate) fn instant(&self, time: Time) -> Instant {
        self.start + std::time::Duration::from_micros(time.as_micros())
    }

    /// Wall-clock seconds since 1970; a clock before that counts as 1970.
    pub(crate) fn unix_s() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
    }
}
