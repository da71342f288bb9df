//! Moments as systems write them (ISO 8601); the lock keeps the day in the Netherlands only.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::date::Day;

/// Local times without an offset, as systems write them.
const LOCAL: [&str; 4] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
];

/// The day in the Netherlands of a moment: with an offset (`2024-04-01T00:30:00Z`) the local day, and
/// without one (`2024-10-27 02:30:00`) the day that is written. The hour that the clocks skip or
/// repeat does not matter for the day. `None` for anything else and for what does not exist.
#[must_use]
pub fn day(text: &[u8]) -> Option<Day> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let date = match DateTime::parse_from_rfc3339(text) {
        Ok(moment) => local_day(moment.with_timezone(&Utc))?,
        Err(_) => LOCAL
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?
            .date(),
    };
    let part = |number: u32| i32::try_from(number).ok();
    Day::new(date.year(), part(date.month())?, part(date.day())?)
}

/// The Netherlands are one hour ahead of world time, and two between the last Sundays of March and
/// October, from 01:00 world time on both (Directive 2000/84/EC; in this form since 1996).
fn local_day(moment: DateTime<Utc>) -> Option<NaiveDate> {
    let turn = |month| last_sunday(moment.year(), month).map(|day| day.and_time(one_o_clock()));
    let (begin, end) = (turn(3)?, turn(10)?);
    let naive = moment.naive_utc();
    let hours = if begin <= naive && naive < end { 2 } else { 1 };
    naive
        .checked_add_signed(TimeDelta::hours(hours))
        .map(|local| local.date())
}

fn one_o_clock() -> NaiveTime {
    NaiveTime::MIN + TimeDelta::hours(1)
}

fn last_sunday(year: i32, month: u32) -> Option<NaiveDate> {
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    last.checked_sub_days(Days::new(u64::from(last.weekday().num_days_from_sunday())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_the_netherlands() {
        for (text, expected) in [
            ("2024-01-15T12:00:00Z", Some((2024, 1, 15))),
            ("2023-12-31T23:30:00Z", Some((2024, 1, 1))),
            ("2024-06-30T22:00:00Z", Some((2024, 7, 1))),
            ("2024-06-30T21:59:59Z", Some((2024, 6, 30))),
            ("2024-03-31T00:59:59Z", Some((2024, 3, 31))),
            ("2024-10-27T23:30:00Z", Some((2024, 10, 28))),
            ("2024-10-26T22:30:00Z", Some((2024, 10, 27))),
            ("2024-04-01T00:30:00+02:00", Some((2024, 4, 1))),
            ("2024-10-27T02:30:00.123+01:00", Some((2024, 10, 27))),
            ("2024-10-27 02:30:00", Some((2024, 10, 27))),
            ("2024-03-31T02:30", Some((2024, 3, 31))),
            ("2024-02-30T12:00:00Z", None),
            ("2024-01-15", None),
            ("15-01-2024 12:00", None),
            ("", None),
            ("\u{e9}", None),
        ] {
            let expected = expected.and_then(|(y, m, d)| Day::new(y, m, d));
            assert_eq!(day(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(day(b"\xff\xfe"), None);
    }
}
