//! HTTP dates (RFC 9110 §5.6.7) as seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
//!
//! One form is written, three are read:
//!
//! ```text
//!   IMF-fixdate  Sun, 06 Nov 1994 08:49:37 GMT     written and read, always 29 bytes
//!   rfc850-date  Sunday, 06-Nov-94 08:49:37 GMT    read
//!   asctime-date Sun Nov  6 08:49:37 1994          read
//! ```
//! Years 1970 to 9999 exist here; earlier dates are read as 0, later ones are written as the last second of
//! 9999. Whether the name of the day fits the date is not checked.

/// Length in bytes of every date that [`format`] writes.
pub const LEN: usize = 29;

/// Last second that four digits of year can tell: 9999-12-31T23:59:59Z.
const LAST_S: u64 = 253_402_300_799;

const DAY_S: u64 = 86_400;

const DAYS: [&[u8; 3]; 7] = [b"Thu", b"Fri", b"Sat", b"Sun", b"Mon", b"Tue", b"Wed"]; // day 0 was a Thursday

const LONG_DAYS: [&[u8]; 7] =
    [b"Thursday", b"Friday", b"Saturday", b"Sunday", b"Monday", b"Tuesday", b"Wednesday"];

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// Writes `unix_s` as an IMF-fixdate, the only form a sender may generate.
///
/// Later than the year 9999 becomes the last second of 9999.
pub fn format(unix_s: u64) -> [u8; LEN] {
    // RFC 9110 §5.6.7: senders MUST generate HTTP-date in the IMF-fixdate form.
    let unix_s = unix_s.min(LAST_S);
    let (days, second) = (unix_s / DAY_S, unix_s % DAY_S);
    let (year, month, day) = civil(days);
    let mut text = *b"Thu, 01 Jan 1970 00:00:00 GMT";
    text[..3].copy_from_slice(DAYS[(days % 7) as usize]);
    digits(&mut text[5..7], day);
    text[8..11].copy_from_slice(MONTHS[(month - 1) as usize]);
    digits(&mut text[12..16], year);
    digits(&mut text[17..19], second / 3600);
    digits(&mut text[20..22], second / 60 % 60);
    digits(&mut text[23..25], second % 60);
    text
}

/// Writes `unix_s` as RFC 3339 has it, `1994-11-06T08:49:37Z`: the form of logs, JSON and HTML's `<time>`.
///
/// Later than the year 9999 becomes the last second of 9999.
pub fn format_rfc3339(unix_s: u64) -> [u8; 20] {
    let unix_s = unix_s.min(LAST_S);
    let (year, month, day) = civil(unix_s / DAY_S);
    let second = unix_s % DAY_S;
    let mut text = *b"1970-01-01T00:00:00Z";
    digits(&mut text[..4], year);
    digits(&mut text[5..7], month);
    digits(&mut text[8..10], day);
    digits(&mut text[11..13], second / 3600);
    digits(&mut text[14..16], second / 60 % 60);
    digits(&mut text[17..19], second % 60);
    text
}

/// Reads a date in any of the three forms; `None` if it is none of them.
///
/// `now_unix_s` settles the century of a two-digit year. Names are case-sensitive.
pub fn parse(value: &[u8], now_unix_s: u64) -> Option<u64> {
    // RFC 9110 §5.6.7: a recipient MUST accept all three formats.
    match value.iter().position(|b| *b == b',') {
        Some(3) => imf_fixdate(value),
        Some(comma) => rfc850_date(value.get(..comma)?, value.get(comma + 1..)?, now_unix_s),
        None => asctime_date(value),
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn imf_fixdate(v: &[u8]) -> Option<u64> {
    let [w0, w1, w2, b',', b' ', d0, d1, b' ', m0, m1, m2, b' ', y0, y1, y2, y3, b' ', time @ ..] = v else {
        return None;
    };
    known(&DAYS, &[*w0, *w1, *w2])?;
    let month = known(&MONTHS, &[*m0, *m1, *m2])?;
    let time = time_of_day(time.strip_suffix(b" GMT")?)?;
    unix(number(&[*y0, *y1, *y2, *y3])?, month, number(&[*d0, *d1])?, time)
}

/// `Sunday` and ` 06-Nov-94 08:49:37 GMT`
fn rfc850_date(weekday: &[u8], rest: &[u8], now_unix_s: u64) -> Option<u64> {
    let [b' ', d0, d1, b'-', m0, m1, m2, b'-', y0, y1, b' ', time @ ..] = rest else { return None };
    LONG_DAYS.iter().position(|d| *d == weekday)?;
    let month = known(&MONTHS, &[*m0, *m1, *m2])?;
    let day = number(&[*d0, *d1])?;
    let time = time_of_day(time.strip_suffix(b" GMT")?)?;
    let (this_year, this_month, this_day) = civil(now_unix_s.min(LAST_S) / DAY_S);
    let mut year = this_year - this_year % 100 + number(&[*y0, *y1])?;
    // RFC 9110 §5.6.7: a two-digit year that appears to be more than 50 years in the future MUST be taken as
    // the most recent past year with the same last two digits.
    let this_second = now_unix_s.min(LAST_S) % DAY_S;
    if (year, month, day, time) > (this_year + 50, this_month, this_day, this_second) {
        year -= 100;
    } else if (year + 100, month, day, time) <= (this_year + 50, this_month, this_day, this_second) {
        year += 100; // 1999 hears of "01"
    }
    unix(year, month, day, time)
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime_date(v: &[u8]) -> Option<u64> {
    let [w0, w1, w2, b' ', m0, m1, m2, b' ', d0, d1, b' ', time @ .., b' ', y0, y1, y2, y3] = v else {
        return None;
    };
    known(&DAYS, &[*w0, *w1, *w2])?;
    let month = known(&MONTHS, &[*m0, *m1, *m2])?;
    let day = number(&[if *d0 == b' ' { b'0' } else { *d0 }, *d1])?;
    unix(number(&[*y0, *y1, *y2, *y3])?, month, day, time_of_day(time)?)
}

/// Seconds since midnight from `08:49:37`.
fn time_of_day(v: &[u8]) -> Option<u64> {
    let [h0, h1, b':', m0, m1, b':', s0, s1] = v else { return None };
    let (h, m, s) = (number(&[*h0, *h1])?, number(&[*m0, *m1])?, number(&[*s0, *s1])?);
    // The grammar allows the leap second 60; it counts as the first second of the next minute.
    (h <= 23 && m <= 59 && s <= 60).then_some(h * 3600 + m * 60 + s)
}

/// Position in the table, from 1, as months are counted.
fn known(names: &[&[u8; 3]], name: &[u8; 3]) -> Option<u64> {
    names.iter().position(|n| *n == name).map(|i| i as u64 + 1)
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |n, d| d.is_ascii_digit().then(|| n * 10 + u64::from(d - b'0')))
}

#[inline(never)] // once a second, and six times in each format
fn digits(text: &mut [u8], mut n: u64) {
    for d in text.iter_mut().rev() {
        *d = b'0' + (n % 10) as u8;
        n /= 10;
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn month_days(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days between 0001-01-01 and the first of January of `year`, counted in the Gregorian calendar; `year >= 1`.
fn days_before(year: u64) -> u64 {
    let y = year - 1;
    y * 365 + y / 4 - y / 100 + y / 400
}

const EPOCH_DAYS: u64 = 719_162; // days_before(1970)

fn unix(year: u64, month: u64, day: u64, time_s: u64) -> Option<u64> {
    if day == 0 || day > month_days(year, month) {
        return None;
    }
    if year < 1970 {
        return Some(0);
    }
    let days =
        days_before(year) - EPOCH_DAYS + (1..month).map(|m| month_days(year, m)).sum::<u64>() + day - 1;
    Some(days * DAY_S + time_s)
}

/// Year, month and day of month of a day counted from 1970-01-01; `days <= LAST_S / DAY_S`.
fn civil(days: u64) -> (u64, u64, u64) {
    let absolute = days + EPOCH_DAYS;
    // 365 * 400 + 97 days are 400 years: this guess is right, or one too high or too low.
    let mut year = absolute * 400 / 146_097 + 1;
    while days_before(year) > absolute {
        year -= 1;
    }
    while days_before(year + 1) <= absolute {
        year += 1;
    }
    let mut day = absolute - days_before(year);
    let mut month = 1;
    while day >= month_days(year, month) {
        day -= month_days(year, month);
        month += 1;
    }
    (year, month, day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000; // Fri, 15 Jan 2027 08:00:00 GMT

    #[test]
    fn rfc_9110_5_6_7_the_three_forms_of_one_moment() {
        for text in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(parse(text.as_bytes(), NOW), Some(784_111_777), "{text}");
        }
        assert_eq!(&format(784_111_777), b"Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(&format_rfc3339(784_111_777), b"1994-11-06T08:49:37Z");
        assert_eq!(&format_rfc3339(u64::MAX), b"9999-12-31T23:59:59Z");
    }

    #[test]
    fn known_moments() {
        for (s, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
            (1_800_000_000, "Fri, 15 Jan 2027 08:00:00 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(core::str::from_utf8(&format(s)), Ok(text));
            assert_eq!(parse(text.as_bytes(), NOW), Some(s), "{text}");
        }
        assert_eq!(format(u64::MAX), format(LAST_S));
    }

    #[test]
    fn every_day_until_2200_comes_back() {
        for day in 0..84_000 {
            let s = day * DAY_S + day % DAY_S;
            assert_eq!(parse(&format(s), NOW), Some(s));
        }
    }

    #[test]
    fn a_two_digit_year_is_never_more_than_fifty_years_ahead() {
        let year = |yy: u64, now_s: u64| {
            let text =
                [b"Monday, 15-Jan-", &[b'0' + (yy / 10) as u8, b'0' + (yy % 10) as u8][..], b" 08:00:00 GMT"];
            civil(parse(&text.concat(), now_s).expect("well-formed") / DAY_S).0
        };
        assert_eq!(year(27, NOW), 2027);
        assert_eq!(year(77, NOW), 2077, "exactly fifty years ahead is not more than fifty");
        assert_eq!(year(77, NOW - 1), 1977, "fifty years and a second ahead is");
        assert_eq!(year(78, NOW), 1978);
        assert_eq!(year(99, NOW), 1999);
        let in_1999 = parse(b"Tue, 01 Jun 1999 00:00:00 GMT", NOW).expect("well-formed");
        assert_eq!(year(1, in_1999), 2001);
        assert_eq!(year(94, in_1999), 1994);
    }

    #[test]
    fn earlier_than_the_epoch_is_zero_and_leap_seconds_are_read() {
        assert_eq!(parse(b"Sun, 06 Nov 1932 08:49:37 GMT", NOW), Some(0));
        assert_eq!(parse(b"Wed, 31 Dec 1969 23:59:60 GMT", NOW), Some(0));
        assert_eq!(parse(b"Sat, 31 Dec 2016 23:59:60 GMT", NOW), Some(1_483_228_800));
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "",
            ",",
            "0",
            "784111777",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "sun, 06 nov 1994 08:49:37 gmt",
            "Xxx, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nix 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Wed, 29 Feb 2023 08:49:37 GMT",
            "Mon, 29 Feb 2100 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 0x94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sunda, 06-Nov-94 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov  6 08:49:37 94",
            "Sun Nov  0 08:49:37 1994",
        ] {
            assert_eq!(parse(bad.as_bytes(), NOW), None, "{bad:?}");
        }
    }

    #[test]
    fn every_cut_and_every_byte_of_a_date_is_survived() {
        let forms: [&[u8]; 3] = [
            b"Sun, 06 Nov 1994 08:49:37 GMT",
            b"Sunday, 06-Nov-94 08:49:37 GMT",
            b"Sun Nov  6 08:49:37 1994",
        ];
        for form in forms {
            for cut in 0..form.len() {
                assert_eq!(parse(&form[..cut], NOW), None);
            }
            for at in 0..form.len() {
                for byte in 0..=255 {
                    let mut text = form.to_vec();
                    text[at] = byte;
                    let _ = parse(&text, u64::MAX);
                }
            }
        }
    }
}
