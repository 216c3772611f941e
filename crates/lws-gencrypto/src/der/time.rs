//! Points in time, as certificates write them.

use core::fmt;

use super::Error;

/// A second between the beginning of the year 0 and the end of the year 9999, in UTC: what ASN.1 can write.
///
/// It compares and converts as seconds since 1970, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    /// Seconds since 1970-01-01 00:00:00 UTC; `FIRST <= unix <= LAST`.
    unix: i64,
}

/// 0000-01-01 00:00:00.
const FIRST: i64 = -62_167_219_200;
/// 9999-12-31 23:59:59.
const LAST: i64 = 253_402_300_799;

impl DateTime {
    /// From seconds since 1970; the nearest that can be written if that lies outside.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        Self { unix: seconds.clamp(FIRST, LAST) }
    }

    /// Seconds since 1970-01-01 00:00:00 UTC.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.unix
    }

    /// From year, month, day, hour, minute and second; nothing if no calendar has it.
    #[must_use]
    pub fn from_civil(civil: [u16; 6]) -> Option<Self> {
        let [year, month, day, hour, minute, second] = civil;
        let calendar =
            year <= 9999 && (1..=12).contains(&month) && (1..=month_days(year, month)).contains(&day);
        if !calendar || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
        Some(Self { unix: days(year, month, day) * 86_400 + seconds })
    }

    /// Year, month, day, hour, minute and second.
    #[must_use]
    pub fn civil(self) -> [u16; 6] {
        let day = self.unix.div_euclid(86_400);
        let second = self.unix.rem_euclid(86_400);
        // Days since 0000-03-01, in eras of 400 years: the year begins in March, so that the leap day is its last.
        let shifted = day + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * of_year + 2) / 153;
        let month_day = of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        [year, month, month_day, second / 3_600, second / 60 % 60, second % 60]
            .map(|part| u16::try_from(part).expect("the fields of a year up to 9999"))
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> u16 {
        let [year, ..] = self.civil();
        year
    }

    /// The content of a UTCTime: `YYMMDDHHMMSSZ`.
    pub(super) fn from_utc(content: &[u8]) -> Result<Self, Error> {
        let short: &[u8; 13] = content.try_into().map_err(|_| Error::Time)?;
        // RFC 5280 §4.1.2.5.1: 50 and above is 19YY, below is 20YY.
        let century = if short.first().is_some_and(|decade| *decade >= b'5') { *b"19" } else { *b"20" };
        let mut long = [0; 15];
        let (head, tail) = long.split_at_mut(2);
        head.copy_from_slice(&century);
        tail.copy_from_slice(short);
        Self::from_generalized(&long)
    }

    /// The content of a GeneralizedTime: `YYYYMMDDHHMMSSZ`.
    pub(super) fn from_generalized(content: &[u8]) -> Result<Self, Error> {
        // RFC 5280 §4.1.2.5.2: seconds are there, fractions are not, and the zone is Z.
        let (b'Z', digits) = content.split_last().ok_or(Error::Time)? else { return Err(Error::Time) };
        let digits: &[u8; 14] = digits.try_into().map_err(|_| Error::Time)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(Error::Time);
        }
        let [y1, y2, y3, y4, mo1, mo2, d1, d2, h1, h2, mi1, mi2, s1, s2] =
            digits.map(|digit| u16::from(digit - b'0'));
        let pair = |tens: u16, ones: u16| tens * 10 + ones;
        let year = pair(y1, y2) * 100 + pair(y3, y4);
        Self::from_civil([year, pair(mo1, mo2), pair(d1, d2), pair(h1, h2), pair(mi1, mi2), pair(s1, s2)])
            .ok_or(Error::Time)
    }

    /// The content of a GeneralizedTime.
    pub(super) fn to_generalized(self) -> [u8; 15] {
        let [year, month, day, hour, minute, second] = self.civil();
        let mut text = [b'Z'; 15];
        let pairs = [year / 100, year % 100, month, day, hour, minute, second];
        for (place, pair) in text.chunks_exact_mut(2).zip(pairs) {
            for (byte, digit) in place.iter_mut().zip([pair / 10, pair % 10]) {
                *byte = b'0' + u8::try_from(digit % 10).expect("a digit");
            }
        }
        text
    }
}

/// ISO 8601, as in `2026-11-20 13:05:00Z`.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second] = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
    }
}

fn month_days(year: u16, month: u16) -> u16 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u16::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to this one.
fn days(year: u16, month: u16, day: u16) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    // The year begins in March, so that the leap day is its last.
    let (year, march_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * march_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}
