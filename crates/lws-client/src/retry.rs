//! When to try again, as a value.
//!
//! ```text
//!   try 1 ── fails ── delays[0] + jitter ── try 2 ── fails ── delays[1] + jitter ── …; the last delay repeats
//! ```

use crate::limits::RETRIES;
use std::time::Duration;

/// How long to wait before each further try, and how many there are.
#[doc(alias = "lws_retry_bo_t")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    delays: Vec<Duration>,
    tries: u32,
    jitter_percent: u32,
}

/// One second, doubling to half a minute, five tries, up to 30 % more.
impl Default for Retry {
    fn default() -> Self {
        Self::new([1, 2, 4, 8, 16, 30].map(Duration::from_secs))
    }
}

impl Retry {
    /// These delays, one after the other; the last one repeats. As many further tries as there are delays, and up to
    /// 30 % more than each.
    #[doc(alias = "retry_ms_table")]
    pub fn new(delays: impl IntoIterator<Item = Duration>) -> Self {
        let delays: Vec<_> = delays.into_iter().collect();
        let tries = u32::try_from(delays.len()).unwrap_or(u32::MAX);
        Self { delays, tries, jitter_percent: 30 }
    }

    /// How many further tries there are; [`RETRIES`] at most count where a request is sent again.
    #[doc(alias = "conceal_count")]
    #[must_use]
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// How much longer a delay may be, by chance, so that not everybody comes back at once.
    #[must_use]
    pub fn jitter_percent(mut self, percent: u32) -> Self {
        self.jitter_percent = percent;
        self
    }

    /// The delay before the next try, when there have been `failed` further tries already (at first 0); `None` if
    /// there is none. `random` fills bytes by chance: [`crate::random`].
    #[doc(alias = "lws_retry_get_delay_ms")]
    pub fn delay(&self, failed: u32, random: impl FnOnce(&mut [u8])) -> Option<Duration> {
        if failed >= self.tries {
            return None;
        }
        let delay = *usize::try_from(failed).ok().and_then(|i| self.delays.get(i)).or(self.delays.last())?;
        let mut chance = [0; 4];
        random(&mut chance);
        let most = delay.saturating_mul(self.jitter_percent) / 100;
        // A share of 2^32, in two steps that cannot overflow.
        let share = u32::from_le_bytes(chance);
        let jitter = u64::try_from(most.as_micros()).unwrap_or(u64::MAX / 2);
        let jitter = (u128::from(jitter) * u128::from(share)) >> 32;
        Some(delay.saturating_add(Duration::from_micros(u64::try_from(jitter).unwrap_or(0))))
    }

    /// The delay before a request is sent again.
    pub(crate) fn next(&self, failed: u32) -> Option<Duration> {
        if failed < RETRIES { self.delay(failed, crate::random) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_jitter_only_adds() {
        let retry = Retry::default();
        let fill = |with: u8| move |bytes: &mut [u8]| bytes.fill(with);
        let least = |n| retry.delay(n, fill(0)).map(|d| d.as_secs());
        assert_eq!(
            (0..8).map(least).collect::<Vec<_>>(),
            [1, 2, 4, 8, 16, 30].map(Some).into_iter().chain([None, None]).collect::<Vec<_>>()
        );
        let most = retry.delay(0, fill(255)).unwrap();
        assert!(most > Duration::from_millis(1299) && most < Duration::from_millis(1300), "{most:?}");
        let forever = Retry::new([Duration::from_secs(3)]).tries(u32::MAX).jitter_percent(0);
        assert_eq!(forever.delay(1_000_000, fill(255)), Some(Duration::from_secs(3)));
        assert_eq!(Retry::new([]).tries(5).delay(0, fill(0)), None);
        let huge = Retry::new([Duration::MAX]).jitter_percent(u32::MAX);
        assert_eq!(huge.delay(0, fill(255)), Some(Duration::MAX));
        assert_eq!(forever.next(RETRIES), None);
    }
}
