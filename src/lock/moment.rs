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
    let date = match in_world_time(text) {
        Some(moment) => local_day(moment)?,
        None => local(text)?.date(),
    };
    let part = |number: u32| i32::try_from(number).ok();
    Day::new(date.year(), part(date.month())?, part(date.day())?)
}

/// A moment that says how far its clock is from world time: `Z`, `+02:00`, and what systems write
/// besides: `+0200`, or no seconds.
fn in_world_time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.with_timezone(&Utc));
    }
    if let Some(text) = text.strip_suffix(['Z', 'z']) {
        return local(text).map(|moment| moment.and_utc());
    }
    let offset = |format: &str| DateTime::parse_from_str(text, &format!("{format}%z")).ok();
    let moment = LOCAL.iter().find_map(|format| offset(format))?;
    Some(moment.with_timezone(&Utc))
}

fn local(text: &str) -> Option<NaiveDateTime> {
    LOCAL
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}

/// What clocks in the Netherlands show. They are one hour ahead of world time, and two between the last
/// Sundays of March and October, from 01:00 world time on both (Directive 2000/84/EC; in this form since
/// 1996).
#[must_use]
pub fn in_the_netherlands(moment: DateTime<Utc>) -> Option<NaiveDateTime> {
    let turn = |month| last_sunday(moment.year(), month).map(|day| day.and_time(one_o_clock()));
    let (begin, end) = (turn(3)?, turn(10)?);
    let naive = moment.naive_utc();
    let hours = if begin <= naive && naive < end { 2 } else { 1 };
    naive.checked_add_signed(TimeDelta::hours(hours))
}

fn local_day(moment: DateTime<Utc>) -> Option<NaiveDate> {
    in_the_netherlands(moment).map(|local| local.date())
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
            ("2024-03-31T23:30:00+0200", Some((2024, 3, 31))),
            ("2024-03-31T23:30:00.5+0000", Some((2024, 4, 1))),
            ("2024-03-31T22:30Z", Some((2024, 4, 1))),
            ("2024-03-31 22:30:00Z", Some((2024, 4, 1))),
            ("2024-02-30T12:00:00Z", None),
            ("2024-02-30T12:00Z", None),
            ("2024-02-03T25:00:00", None),
            ("Z", None),
            ("0001-01-01T00:00:00Z", None),
            ("9999-12-31T23:59:59Z", None),
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

    /// The clocks as they were turned, in world time: first day of summer time, of winter time.
    const TURNS: [(&str, &str); 6] = [
        ("2019-03-31", "2019-10-27"),
        ("2020-03-29", "2020-10-25"),
        ("2021-03-28", "2021-10-31"),
        ("2022-03-27", "2022-10-30"),
        ("2023-03-26", "2023-10-29"),
        ("2024-03-31", "2024-10-27"),
    ];

    #[test]
    fn the_clocks_are_turned_on_the_right_days() {
        for (spring, autumn) in TURNS {
            let date = |text: &str| text.parse::<NaiveDate>().unwrap();
            let year = date(spring).year();
            assert_eq!(last_sunday(year, 3), Some(date(spring)));
            assert_eq!(last_sunday(year, 10), Some(date(autumn)));
            // 22:30 in world time is the next day in summer only.
            for (turn, before, after) in [(date(spring), 0, 1), (date(autumn), 1, 0)] {
                let local = |day: NaiveDate| {
                    let text = format!("{day}T22:30:00Z");
                    super::day(text.as_bytes()).unwrap().since_epoch()
                        - (day.num_days_from_ce() - 719_163)
                };
                assert_eq!(local(turn.pred_opt().unwrap()), before, "before {turn}");
                assert_eq!(local(turn), after, "{turn}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn one_moment_is_one_day_however_it_is_written(seconds in 0i64..4_000_000_000, hours in -11i32..=12) {
            let moment = DateTime::from_timestamp(seconds, 0).unwrap();
            let there = moment.with_timezone(&chrono::FixedOffset::east_opt(hours * 3600).unwrap());
            let utc = day(moment.format("%Y-%m-%dT%H:%M:%SZ").to_string().as_bytes());
            proptest::prop_assert!(utc.is_some());
            for format in ["%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%.3f%:z"] {
                let text = there.format(format).to_string();
                proptest::prop_assert_eq!(day(text.as_bytes()), utc, "{}", text);
            }
            let ahead = utc.unwrap().since_epoch() - i32::try_from(seconds.div_euclid(86_400)).unwrap();
            proptest::prop_assert!((0..=1).contains(&ahead));
        }

        #[test]
        fn never_panics(text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..30), close in "[0-9TZ:+. -]{0,30}") {
            let _ = (day(&text), day(close.as_bytes()));
        }
    }
}
