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
        // The largest sources write days first; the others need no quick way of their own.
        _ => {
            let (year, month, day) = parts(text, format)?;
            Day::new(year, month, day)
        }
    }
}

/// How much of a date is known, from all to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// All of it.
    Day,
    /// Month and year.
    Month,
    /// The year.
    Year,
    /// Nothing.
    Nothing,
}

impl Known {
    /// iWmo `DatumGebruik`: 1 = the day is not known, 2 = nor is the month, 3 = nothing is. Without it, or
    /// with 0, all is known; what this does not know of counts as nothing known.
    #[must_use]
    pub fn told(cell: &[u8]) -> Self {
        match cell {
            b"" | b"0" => Self::Day,
            b"1" => Self::Month,
            b"2" => Self::Year,
            _ => Self::Nothing,
        }
    }

    /// What a form of writing can tell at most.
    #[must_use]
    pub const fn at_most(format: DateFormat) -> Self {
        match format {
            DateFormat::Year => Self::Year,
            DateFormat::YearMonth => Self::Month,
            _ => Self::Day,
        }
    }
}

/// The first and the last day that a date may be when only so much of it is known. What stands in the
/// place of what is not known does not matter: `00` and `01` are both written there.
#[must_use]
pub fn span(text: &[u8], format: DateFormat, known: Known) -> Option<(Day, Day)> {
    match known.max(Known::at_most(format)) {
        Known::Day => parse(text, format).map(|day| (day, day)),
        Known::Month => {
            let (year, month, _) = parts(text, format)?;
            let first = Day::new(year, month, 1)?;
            let last = month_days(year, month);
            Some((first, Day { day: last, ..first }))
        }
        Known::Year => {
            let (year, ..) = parts(text, format)?;
            Day::new(year, 1, 1).zip(Day::new(year, 12, 31))
        }
        Known::Nothing => None,
    }
}

/// Year, month and day as they are written, whether or not there is such a day.
fn parts(text: &[u8], format: DateFormat) -> Option<(i32, i32, i32)> {
    match format {
        DateFormat::DayMonthYear => split(text, b'-', year),
        DateFormat::DaySlashMonthSlashYear => split(text, b'/', year),
        DateFormat::DayMonthShortYear => split(text, b'-', of_century),
        DateFormat::YearMonthDay => match text {
            [y @ .., b'-', m1, m2, b'-', d1, d2] => {
                Some((year(y)?, number(&[*m1, *m2])?, number(&[*d1, *d2])?))
            }
            _ => None,
        },
        DateFormat::Compact => match text {
            [y @ .., m1, m2, d1, d2] => {
                Some((year(y)?, number(&[*m1, *m2])?, number(&[*d1, *d2])?))
            }
            _ => None,
        },
        DateFormat::YearMonth => match text {
            [y @ .., b'-', m1, m2] => Some((year(y)?, number(&[*m1, *m2])?, 1)),
            _ => None,
        },
        DateFormat::Year => Some((year(text)?, 1, 1)),
    }
}

/// Day, month and year with something between them; days and months of one digit are accepted.
fn split(
    text: &[u8],
    separator: u8,
    year: impl Fn(&[u8]) -> Option<i32>,
) -> Option<(i32, i32, i32)> {
    let mut parts = text.split(|&b| b == separator);
    let (day, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || day.len() > 2 || month.len() > 2 {
        return None;
    }
    Some((year(last)?, number(month)?, number(day)?))
}

/// `jj`: 70 to 99 are of the last century, 00 to 69 of this one.
fn of_century(digits: &[u8]) -> Option<i32> {
    let year = (digits.len() == 2).then(|| number(digits)).flatten()?;
    Some(if year < 70 { 2000 } else { 1900 } + year)
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
    let (year, month, day) = split(text, separator, year)?;
    Day::new(year, month, day)
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
            ("29-02-24", DateFormat::DayMonthShortYear),
            ("29-2-24", DateFormat::DayMonthShortYear),
        ] {
            assert_eq!(parse(text.as_bytes(), format), expected, "{text}");
        }
        let short = |text: &str| parse(text.as_bytes(), DateFormat::DayMonthShortYear);
        assert_eq!(short("1-1-69"), Day::new(2069, 1, 1));
        assert_eq!(short("1-1-70"), Day::new(1970, 1, 1));
        assert_eq!(short("1-1-2024"), None);
        assert_eq!(
            parse(b"2024-02", DateFormat::YearMonth),
            Day::new(2024, 2, 1)
        );
        assert_eq!(parse(b"2024-2", DateFormat::YearMonth), None);
        assert_eq!(parse(b"2024-13", DateFormat::YearMonth), None);
        assert_eq!(parse(b"2024", DateFormat::Year), Day::new(2024, 1, 1));
        assert_eq!(parse(b"24", DateFormat::Year), None);
    }

    #[test]
    fn a_date_of_which_a_part_is_known_may_be_many_days() {
        let of = |text: &str, format, known| {
            span(text.as_bytes(), format, known).map(|(a, b)| (a.since_epoch(), b.since_epoch()))
        };
        let days = |a: (i32, i32, i32), b: (i32, i32, i32)| {
            let day = |(y, m, d)| Day::new(y, m, d).unwrap().since_epoch();
            Some((day(a), day(b)))
        };
        let february = days((2024, 2, 1), (2024, 2, 29));
        let year = days((2024, 1, 1), (2024, 12, 31));
        for day in ["01", "00", "31"] {
            let iso = format!("2024-02-{day}");
            assert_eq!(of(&iso, DateFormat::YearMonthDay, Known::Month), february);
            let compact = format!("202402{day}");
            assert_eq!(of(&compact, DateFormat::Compact, Known::Month), february);
            let dutch = format!("{day}-02-2024");
            assert_eq!(of(&dutch, DateFormat::DayMonthYear, Known::Month), february);
        }
        assert_eq!(of("20240000", DateFormat::Compact, Known::Year), year);
        assert_eq!(
            of("2024-01-01", DateFormat::YearMonthDay, Known::Year),
            year
        );
        assert_eq!(of("2024", DateFormat::Year, Known::Day), year);
        assert_eq!(of("2024-02", DateFormat::YearMonth, Known::Day), february);
        // What must be known must be right.
        assert_eq!(of("20240000", DateFormat::Compact, Known::Month), None);
        assert_eq!(of("20240200", DateFormat::Compact, Known::Day), None);
        assert_eq!(of("x0240101", DateFormat::Compact, Known::Year), None);
        assert_eq!(of("20240101", DateFormat::Compact, Known::Nothing), None);
        for (cell, known) in [
            ("", Known::Day),
            ("0", Known::Day),
            ("1", Known::Month),
            ("2", Known::Year),
            ("3", Known::Nothing),
            ("x", Known::Nothing),
        ] {
            assert_eq!(Known::told(cell.as_bytes()), known);
        }
    }

    const FORMATS: [(DateFormat, &str); 7] = [
        (DateFormat::DayMonthYear, "%-d-%-m-%Y"),
        (DateFormat::DaySlashMonthSlashYear, "%d/%m/%Y"),
        (DateFormat::YearMonthDay, "%Y-%m-%d"),
        (DateFormat::Compact, "%Y%m%d"),
        (DateFormat::DayMonthShortYear, "%d-%m-%y"),
        (DateFormat::YearMonth, "%Y-%m"),
        (DateFormat::Year, "%Y"),
    ];

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
            for (format, _) in FORMATS {
                for known in [Known::Day, Known::Month, Known::Year, Known::Nothing] {
                    let _ = span(&text, format, known);
                }
            }
        }

        /// A day written in any form is read as that day, and lies in every span that it is said to lie in.
        #[test]
        fn what_is_written_is_read(days in 0u64..84_000, known in 0usize..3) {
            let date = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(days % 36_000);
            let known = [Known::Day, Known::Month, Known::Year][known];
            for (format, written) in FORMATS {
                let text = date.format(written).to_string();
                let read = parse(text.as_bytes(), format).unwrap().since_epoch();
                let exact = Known::at_most(format) == Known::Day && date.year() < 2070;
                let ours = date.num_days_from_ce() - 719_163;
                prop_assert!(!exact || read == ours, "{}", text);
                if date.year() < 2070 {
                    let (first, last) = span(text.as_bytes(), format, known).unwrap();
                    prop_assert!((first.since_epoch()..=last.since_epoch()).contains(&ours));
                }
            }
        }
    }
}
