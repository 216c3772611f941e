//! A moment as certificates tell it: seconds, in UTC.

use core::fmt;

/// Seconds since 1970-01-01 00:00:00 UTC; negative before. Shown as `2026-01-31 12:00:00 UTC`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i64);

/// Where the calendar's arithmetic ends: certificates reach from year 0 to 9999 (RFC 5280 §4.1.2.5.2).
const YEARS: core::ops::RangeInclusive<i64> = 0..=9999;

impl Date {
    /// From a calendar date and time of day in UTC; `None` if there is no such moment in the years 0 to 9999. A leap
    /// second counts as the next one.
    pub fn from_civil([year, month, day]: [i64; 3], [hour, minute, second]: [i64; 3]) -> Option<Self> {
        let days = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let of_month = *days.get(usize::try_from(month.checked_sub(1)?).ok()?)?;
        let fits = YEARS.contains(&year)
            && (1..=of_month).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..=60).contains(&second);
        if !fits {
            return None;
        }
        // Years begin in March here, so that the day that is not always there comes last.
        let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let day_of_year = (153 * m + 2) / 5 + day - 1;
        let before = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400);
        let since_1970 = before + day_of_year - 719_468;
        Some(Self(since_1970 * 86_400 + hour * 3_600 + minute * 60 + second))
    }

    /// Year, month and day.
    fn civil(self) -> [i64; 3] {
        let days = self.0.div_euclid(86_400) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let m = (5 * of_year + 2) / 153;
        let day = of_year - (153 * m + 2) / 5 + 1;
        let (month, carry) = if m < 10 { (m + 3, 0) } else { (m - 9, 1) };
        [year + era * 400 + carry, month, day]
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day] = self.civil();
        let time = self.0.rem_euclid(86_400);
        let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    #[test]
    fn calendar_both_ways() {
        for (date, time, seconds, text) in [
            ([1970, 1, 1], [0, 0, 0], 0, "1970-01-01 00:00:00 UTC"),
            ([2000, 2, 29], [23, 59, 59], 951_868_799, "2000-02-29 23:59:59 UTC"),
            ([2038, 1, 19], [3, 14, 8], 2_147_483_648, "2038-01-19 03:14:08 UTC"),
            ([1950, 1, 1], [0, 0, 0], -631_152_000, "1950-01-01 00:00:00 UTC"),
            ([9999, 12, 31], [23, 59, 59], 253_402_300_799, "9999-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(Date::from_civil(date, time), Some(Date(seconds)), "{text}");
            assert_eq!(Date(seconds).to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for (date, time) in [
            ([2001, 2, 29], [0, 0, 0]),
            ([1900, 2, 29], [0, 0, 0]),
            ([2000, 0, 1], [0, 0, 0]),
            ([2000, 13, 1], [0, 0, 0]),
            ([2000, 4, 31], [0, 0, 0]),
            ([2000, 1, 1], [24, 0, 0]),
            ([2000, 1, 1], [0, 60, 0]),
            ([10_000, 1, 1], [0, 0, 0]),
            ([i64::MIN, 1, 1], [0, 0, 0]),
            ([2000, i64::MIN, 1], [0, 0, 0]),
        ] {
            assert_eq!(Date::from_civil(date, time), None, "{date:?} {time:?}");
        }
    }
}
