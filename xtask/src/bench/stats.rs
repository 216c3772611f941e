//! The arithmetic: medians, ratios of pairs, and whether a goal is met.
//!
//! A round measures every contender once, one after the other. The ratio of a pair is taken inside its round, so that what
//! slows a round down slows both; the median over the rounds counts, and the middle half tells how sure it is.

/// Above this load average (of one minute) a machine is busy.
pub(crate) const BUSY: f64 = 2.0;
/// By how much the bounds of times are wider on a busy machine.
pub(crate) const WIDER: f64 = 1.15;

/// Where the middle of some numbers lies: `low <= median <= high`, and half of the numbers are between the outer two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Spread {
    /// `None` without numbers.
    pub(crate) fn of(numbers: &[f64]) -> Option<Spread> {
        let mut sorted: Vec<f64> = numbers.iter().copied().filter(|n| n.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |part| quantile(&sorted, part);
        Some(Spread { low: at(0.25)?, median: at(0.5)?, high: at(0.75)? })
    }

    /// Whether the two middle halves have nothing in common.
    pub(crate) fn apart(&self, other: &Spread) -> bool {
        self.high < other.low || other.high < self.low
    }
}

/// The number below which `part` of `sorted` lie, between two neighbours where need be.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = last as f64 * part;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

/// Ours by theirs, round by round. A round in which theirs is nothing has no ratio.
pub(crate) fn ratios(ours: &[f64], theirs: &[f64]) -> Vec<f64> {
    ours.iter().zip(theirs).filter(|(_, theirs)| **theirs > 0.0).map(|(ours, theirs)| ours / theirs).collect()
}

/// What came of a goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    Met,
    /// Only within the wider bound of a busy machine.
    MetWider,
    Missed,
}

impl Verdict {
    /// `measured` should be at most `bound`, or `WIDER` times that where `wider` says so.
    pub(crate) fn of(measured: f64, bound: f64, wider: bool) -> Verdict {
        if measured <= bound {
            Verdict::Met
        } else if wider && measured <= bound * WIDER {
            Verdict::MetWider
        } else {
            Verdict::Missed
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::MetWider => "met*",
            Verdict::Missed => "MISSED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(low: f64, median: f64, high: f64) -> Spread {
        Spread { low, median, high }
    }

    #[test]
    fn the_spread_is_the_middle_half() {
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(Spread::of(&[4.0]), Some(spread(4.0, 4.0, 4.0)));
        assert_eq!(Spread::of(&[2.0, 1.0]), Some(spread(1.25, 1.5, 1.75)));
        assert_eq!(Spread::of(&[5.0, 1.0, 2.0, 4.0, 3.0]), Some(spread(2.0, 3.0, 4.0)));
        // One disturbed round changes nothing.
        assert_eq!(
            Spread::of(&[5.0, 1.0, 2.0, 4.0, 3.0].map(|n| if n == 5.0 { 500.0 } else { n })).unwrap().median,
            3.0
        );
        assert_eq!(Spread::of(&[f64::NAN, 7.0, f64::INFINITY]), Some(spread(7.0, 7.0, 7.0)));
    }

    #[test]
    fn spreads_are_apart_when_they_do_not_touch() {
        let (low, high) = (spread(1.0, 2.0, 3.0), spread(3.5, 4.0, 5.0));
        assert!(low.apart(&high) && high.apart(&low));
        assert!(!low.apart(&spread(3.0, 4.0, 5.0)) && !low.apart(&low));
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        // A slow machine in the second round slows both: the ratio stays.
        assert_eq!(ratios(&[1.0, 10.0, 2.0], &[2.0, 20.0, 1.0]), [0.5, 0.5, 2.0]);
        assert_eq!(ratios(&[1.0, 2.0], &[0.0, 2.0]), [1.0]);
        assert_eq!(ratios(&[1.0, 2.0], &[4.0]), [0.25]);
    }

    #[test]
    fn a_goal_is_met_up_to_its_bound_and_wider_only_where_busy() {
        for (measured, busy, wanted) in [
            (1.0, false, Verdict::Met),
            (1.1, false, Verdict::Missed),
            (1.1, true, Verdict::MetWider),
            (1.2, true, Verdict::Missed),
            (0.9, true, Verdict::Met),
            (f64::NAN, true, Verdict::Missed),
        ] {
            assert_eq!(Verdict::of(measured, 1.0, busy), wanted, "{measured} {busy}");
        }
    }
}
