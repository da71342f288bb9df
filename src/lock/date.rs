//! Dates as partners write them.

use crate::contract::model::DateFormat;

/// A day of the Gregorian calendar that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_field_names,
    reason = "year, month and day are what its parts are called"
)]
pub struct Day {
    year: i32,
    month: i32,
    day: i32,
}

impl Day {
    /// A day that exists, in a year from 1800 up to and including 2199.
    #[inline]
    #[must_use]
    pub fn new(year: i32, month: i32, day: i32) -> Option<Self> {
        let exists = (1800..2200).contains(&year)
            && (1..=12).contains(&month)
            && day >= 1
            && day <= month_days(year, month);
        exists.then_some(Self { year, month, day })
    }

    /// Its year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.year
    }

    /// Whether it is the first of a month: how spreadsheets write a month.
    #[must_use]
    pub const fn begins_month(self) -> bool {
        self.day == 1
    }

    /// Days since 1970-01-01, by the civil calendar counted from 1 March.
    #[inline]
    #[must_use]
    pub fn since_epoch(self) -> i32 {
        let year = if self.month <= 2 {
            self.year - 1
        } else {
            self.year
        };
        let era = year / 400;
        let of_era = year - era * 400;
        let of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// The first and the last day of its month.
    #[must_use]
    pub fn month_around(self) -> (Self, Self) {
        let last = month_days(self.year, self.month);
        (Self { day: 1, ..self }, Self { day: last, ..self })
    }

    /// The first and the last day of its year.
    #[must_use]
    pub fn year_around(self) -> (Self, Self) {
        let year = self.year;
        let of = |month, day| Self { year, month, day };
        (of(1, 1), of(12, 31))
    }

    /// Completed years of life at `at`; negative when born after it. Who is born on 29 February
    /// completes a year on 1 March in other years.
    #[inline]
    #[must_use]
    pub fn age_at(self, at: Self) -> i32 {
        let ordinal = |d: Self| d.year * 512 + d.month * 32 + d.day;
        (ordinal(at) - ordinal(self)) >> 9
    }
}

#[inline]
const fn month_days(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        // 31, 30, 31, ... up to July, and again from August.
        _ => 30 + ((month ^ (month >> 3)) & 1),
    }
}

/// Reads a date in the declared form; `None` for anything else and for days that do not exist.
#[inline]
#[must_use]
pub fn parse(text: &[u8], format: DateFormat) -> Option<Day> {
    match format {
        DateFormat::DayMonthYear => day_first(text, b'-'),
        DateFormat::DaySlashMonthSlashYear => day_first(text, b'/'),
        DateFormat::YearMonthDay => match text {
            [y @ .., b'-', m1, m2, b'-', d1, d2] => {
                Day::new(year(y)?, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
            }
            _ => None,
        },
        DateFormat::Compact => match text {
            [y @ .., m1, m2, d1, d2] => {
                Day::new(year(y)?, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
            }
            _ => None,
        },
        DateFormat::DayMonthShortYear => short_year(text),
        DateFormat::YearMonth => match text {
            [y @ .., b'-', m1, m2] => Day::new(year(y)?, number(&[*m1, *m2])?, 1),
            _ => None,
        },
        DateFormat::Year => Day::new(year(text)?, 1, 1),
    }
}

/// `d-m-jj`: 70 to 99 are of the last century, 00 to 69 of this one.
fn short_year(text: &[u8]) -> Option<Day> {
    let mut parts = text.split(|&b| b == b'-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || day.len() > 2 || month.len() > 2 || year.len() != 2 {
        return None;
    }
    let year = number(year)?;
    let century = if year < 70 { 2000 } else { 1900 };
    Day::new(century + year, number(month)?, number(day)?)
}

/// Eight ASCII digits among other bytes: where `mask` has 0xff there must be a digit.
#[inline]
const fn all_digits(word: u64, mask: u64) -> bool {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    // A digit has the high half 3 and stays below 0x40 when 6 is added.
    let high = 0xf0f0_f0f0_f0f0_f0f0 & mask;
    word & high == ZEROS & high
        && word.wrapping_add(0x0606_0606_0606_0606 & mask) & high == ZEROS & high
}

/// `dd-mm-jjjj` in ten bytes: the common case, read as one word and a half.
#[inline]
fn ten_bytes(text: &[u8; 10], separator: u8) -> Option<Day> {
    const DIGITS: u64 = 0xffff_00ff_ff00_ffff;
    let [d1, d2, s1, m1, m2, s2, y1, y2, y3, y4] = *text;
    let word = u64::from_le_bytes([d1, d2, s1, m1, m2, s2, y1, y2]);
    if s1 != separator || s2 != separator || !all_digits(word, DIGITS) {
        return None;
    }
    if !y3.is_ascii_digit() || !y4.is_ascii_digit() {
        return None;
    }
    let pair = |tens: u8, ones: u8| i32::from(tens & 15) * 10 + i32::from(ones & 15);
    Day::new(
        pair(y1, y2) * 100 + pair(y3, y4),
        pair(m1, m2),
        pair(d1, d2),
    )
}

#[inline]
fn day_first(text: &[u8], separator: u8) -> Option<Day> {
    if let Some(day) = <&[u8; 10]>::try_from(text)
        .ok()
        .and_then(|ten| ten_bytes(ten, separator))
    {
        return Some(day);
    }
    spelled_out(text, separator)
}

/// Days and months of one digit, and everything that is no date.
#[cold]
fn spelled_out(text: &[u8], separator: u8) -> Option<Day> {
    let mut parts = text.split(|&b| b == separator);
    let (day, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || day.len() > 2 || month.len() > 2 {
        return None;
    }
    Day::new(year(last)?, number(month)?, number(day)?)
}

#[inline]
fn year(digits: &[u8]) -> Option<i32> {
    if digits.len() == 4 {
        number(digits)
    } else {
        None
    }
}

#[inline]
fn number(digits: &[u8]) -> Option<i32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0, |n, b| {
        b.is_ascii_digit().then(|| n * 10 + i32::from(b - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike, NaiveDate};
    use proptest::prelude::*;

    fn day(text: &str) -> Option<Day> {
        parse(text.as_bytes(), DateFormat::DayMonthYear)
    }

    #[test]
    fn forms() {
        let expected = Day::new(2024, 2, 29);
        assert!(expected.is_some());
        for (text, format) in [
            ("29-02-2024", DateFormat::DayMonthYear),
            ("29-2-2024", DateFormat::DayMonthYear),
            ("29/02/2024", DateFormat::DaySlashMonthSlashYear),
            ("2024-02-29", DateFormat::YearMonthDay),
            ("20240229", DateFormat::Compact),
        ] {
            assert_eq!(parse(text.as_bytes(), format), expected, "{text}");
        }
    }

    #[test]
    fn days_that_do_not_exist() {
        for text in [
            "29-02-2023",
            "31-04-2024",
            "00-01-2024",
            "01-13-2024",
            "1-1-24",
            "01-01-0024",
            "x1-01-2024",
            "",
            "-",
            "01-01-2024-",
            "1 1 2024",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn birthdays() {
        let age = |born, at| day(born).zip(day(at)).map(|(b, a)| b.age_at(a));
        assert_eq!(age("15-06-2000", "14-06-2018"), Some(17));
        assert_eq!(age("15-06-2000", "15-06-2018"), Some(18));
        assert_eq!(age("29-02-2004", "28-02-2022"), Some(17));
        assert_eq!(age("29-02-2004", "01-03-2022"), Some(18));
        assert_eq!(age("01-01-2025", "31-12-2024"), Some(-1));
    }

    proptest! {
        #[test]
        fn agrees_with_chrono(year in 1800i32..2200, month in 1u32..=13, d in 0u32..=32) {
            let ours = Day::new(year, i32::try_from(month).unwrap(), i32::try_from(d).unwrap());
            let theirs = NaiveDate::from_ymd_opt(year, month, d);
            prop_assert_eq!(ours.is_some(), theirs.is_some());
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                prop_assert_eq!(ours.since_epoch(), theirs.num_days_from_ce() - 719_163);
            }
        }

        #[test]
        fn never_panics(text in proptest::collection::vec(any::<u8>(), 0..16)) {
            for format in [DateFormat::DayMonthYear, DateFormat::DaySlashMonthSlashYear, DateFormat::YearMonthDay, DateFormat::Compact] {
                let _ = parse(&text, format);
            }
        }
    }
}
