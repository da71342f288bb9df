//! One cell as text, as the contract's column would have it written in a CSV.

use std::borrow::Cow;

use calamine::{DataRef, ExcelDateTime};
use chrono::{Days, NaiveDate, NaiveDateTime};

use crate::contract::model::{DateFormat, Kind, Notation};

/// The last day that Excel knows: 31 December 9999.
const LAST_SERIAL: f64 = 2_958_466.0;
/// Excel keeps fifteen digits; what a float holds beyond them is noise (`0.1 + 0.2`).
const DIGITS: usize = 15;
/// Whole numbers up to here are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What a cell says.
pub(super) enum Value<'a> {
    /// Nothing.
    Empty,
    /// A text, outer white space taken off.
    Text(Cow<'a, str>),
    /// A formula that failed, or a number that is none.
    Broken,
}

/// Reads cells of a workbook.
#[derive(Clone, Copy)]
pub(super) struct Values {
    /// Days count from 1904 instead of 1900.
    pub from_1904: bool,
}

impl Values {
    /// The cell as a column of this kind has it; `None` for a cell above or beside the columns.
    pub(super) fn text<'a>(self, cell: &'a DataRef<'_>, kind: Option<&Kind>) -> Value<'a> {
        let text = match cell {
            DataRef::Empty => return Value::Empty,
            DataRef::Error(_) => return Value::Broken,
            DataRef::String(text) | DataRef::DurationIso(text) => Cow::Borrowed(text.trim()),
            DataRef::SharedString(text) => Cow::Borrowed(text.trim()),
            DataRef::DateTimeIso(text) => {
                iso(text, kind).map_or(Cow::Borrowed(text.trim()), Cow::Owned)
            }
            DataRef::Bool(truth) => Cow::Owned(boolean(*truth, kind)),
            DataRef::Int(number) => Cow::Owned(number.to_string()),
            DataRef::Float(number) => match self.number(*number, kind) {
                Some(text) => Cow::Owned(text),
                None => return Value::Broken,
            },
            DataRef::DateTime(moment) => match self.moment(*moment, kind) {
                Some(text) => Cow::Owned(text),
                None => return Value::Broken,
            },
        };
        if text.is_empty() {
            Value::Empty
        } else {
            Value::Text(text)
        }
    }

    /// A number without a date's layout: still a date where the contract says so, because a layout
    /// is easily lost.
    fn number(self, number: f64, kind: Option<&Kind>) -> Option<String> {
        match kind {
            // 2024 is a year and not 16 July 1905; 20241231 is beyond every date.
            Some(Kind::Date(format)) if *format != DateFormat::Year => self
                .day(number)
                .map(|moment| format.write(moment.date()))
                .or_else(|| plain(number, '.')),
            Some(Kind::Moment) => self
                .day(number)
                .map(iso_moment)
                .or_else(|| plain(number, '.')),
            Some(Kind::Decimal {
                notation: Notation::Comma,
                ..
            }) => plain(number, ','),
            _ => plain(number, '.'),
        }
    }

    /// A number that is laid out as a date, a time or a duration.
    fn moment(self, moment: ExcelDateTime, kind: Option<&Kind>) -> Option<String> {
        let number = moment.as_f64();
        if moment.is_duration() {
            return self.number(number, kind);
        }
        let Some(day) = self.day(number) else {
            return plain(number, '.');
        };
        Some(match kind {
            Some(Kind::Date(format)) => format.write(day.date()),
            Some(Kind::Moment) => iso_moment(day),
            _ => DateFormat::DayMonthYear.write(day.date()),
        })
    }

    /// The moment that a serial number stands for; `None` when there is none, as for 29 February 1900,
    /// which only Excel knows.
    fn day(self, serial: f64) -> Option<NaiveDateTime> {
        let first = if self.from_1904 { 0.0 } else { 1.0 };
        if !(first..LAST_SERIAL).contains(&serial) {
            return None;
        }
        let whole = serial.trunc();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 2 958 466, see above"
        )]
        let (days, seconds) = (
            whole.min(LAST_SERIAL) as u64,
            ((serial - whole) * 86_400.0).round().min(86_399.0) as u32,
        );
        let epoch = match (self.from_1904, days) {
            (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1),
            (false, 60) => None,
            (false, ..60) => NaiveDate::from_ymd_opt(1899, 12, 31),
            (false, _) => NaiveDate::from_ymd_opt(1899, 12, 30),
        }?;
        let day = epoch.checked_add_days(Days::new(days))?;
        day.and_hms_opt(seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// A date that stands in the file as ISO 8601, as some programs write it.
fn iso(text: &str, kind: Option<&Kind>) -> Option<String> {
    let day = NaiveDate::parse_from_str(text.trim().get(..10)?, "%Y-%m-%d").ok()?;
    match kind {
        Some(Kind::Date(format)) => Some(format.write(day)),
        _ => None,
    }
}

fn boolean(truth: bool, kind: Option<&Kind>) -> String {
    let spelled = match kind {
        Some(Kind::Boolean { yes, no }) => if truth { yes } else { no }.first(),
        _ => None,
    };
    spelled.map_or_else(
        || if truth { "WAAR" } else { "ONWAAR" }.to_owned(),
        String::clone,
    )
}

/// The shortest way to write a number of fifteen digits; `None` when it is no number.
fn plain(number: f64, point: char) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    let number = if number.abs() < EXACT && number.fract() == 0.0 {
        number
    } else {
        let rounded = format!("{number:.*e}", DIGITS - 1);
        rounded.parse().unwrap_or(number)
    };
    // Minus nought is nought.
    let text = (number + 0.0).to_string();
    Some(match point {
        '.' => text,
        point => text.replace('.', point.encode_utf8(&mut [0; 4])),
    })
}

fn iso_moment(moment: NaiveDateTime) -> String {
    moment.format("%Y-%m-%dT%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: Kind = Kind::Date(DateFormat::DayMonthYear);
    const AMOUNT: Kind = Kind::Decimal {
        notation: Notation::Comma,
        decimals: 2,
        min: 0,
        max: 1_000_000,
    };

    fn text(cell: &DataRef<'_>, kind: Option<&Kind>, from_1904: bool) -> Option<String> {
        match (Values { from_1904 }).text(cell, kind) {
            Value::Empty => Some(String::new()),
            Value::Text(text) => Some(text.into_owned()),
            Value::Broken => None,
        }
    }

    fn number(number: f64, kind: &Kind) -> Option<String> {
        text(&DataRef::Float(number), Some(kind), false)
    }

    #[test]
    fn numbers_have_no_point_nought_and_no_noise() {
        let any = Kind::Text { max_bytes: 10 };
        for (value, written) in [
            (1.0, "1"),
            (-3.0, "-3"),
            (0.1 + 0.2, "0.3"),
            (1.1 * 3.0, "3.3"),
            (-0.0, "0"),
            (999_999_999.0, "999999999"),
            (123_456_789_012_345.0, "123456789012345"),
            (1e21, "1000000000000000000000"),
            (0.000_01, "0.00001"),
        ] {
            assert_eq!(number(value, &any).as_deref(), Some(written));
        }
        assert_eq!(number(1234.5, &AMOUNT).as_deref(), Some("1234,5"));
        assert_eq!(number(f64::NAN, &any), None);
        assert_eq!(number(f64::INFINITY, &DATE), None);
    }

    #[test]
    fn serial_numbers_are_dates_where_the_contract_says_so() {
        for (serial, written) in [
            (1.0, "01-01-1900"),
            (59.0, "28-02-1900"),
            (61.0, "01-03-1900"),
            (45_322.0, "31-01-2024"),
            (45_322.999_999_9, "31-01-2024"),
            (2_958_465.0, "31-12-9999"),
            // What cannot be a date stays a number, which the contract refuses.
            (60.0, "60"),
            (0.0, "0"),
            (-1.0, "-1"),
            (20_240_131.0, "20240131"),
        ] {
            assert_eq!(number(serial, &DATE).as_deref(), Some(written));
        }
        let in_1904 = text(&DataRef::Float(43_860.0), Some(&DATE), true);
        assert_eq!(in_1904.as_deref(), Some("31-01-2024"));
        let far = text(&DataRef::Float(20_240_131.0), Some(&DATE), true);
        assert_eq!(far.as_deref(), Some("20240131"));
        for (format, written) in [
            (DateFormat::YearMonthDay, "2024-01-31"),
            (DateFormat::Compact, "20240131"),
            (DateFormat::DaySlashMonthSlashYear, "31/01/2024"),
            (DateFormat::DayMonthShortYear, "31-01-24"),
            (DateFormat::YearMonth, "2024-01"),
        ] {
            let kind = Kind::Date(format);
            assert_eq!(number(45_322.0, &kind).as_deref(), Some(written));
        }
        let year = Kind::Date(DateFormat::Year);
        assert_eq!(number(2024.0, &year).as_deref(), Some("2024"));
        assert_eq!(
            number(45_322.75, &Kind::Moment).as_deref(),
            Some("2024-01-31T18:00:00")
        );
    }

    #[test]
    fn texts_truths_and_errors() {
        let yes_no = Kind::Boolean {
            yes: vec!["J".into()],
            no: vec!["N".into()],
        };
        let truth = |kind| text(&DataRef::Bool(true), kind, false);
        assert_eq!(truth(Some(&yes_no)).as_deref(), Some("J"));
        assert_eq!(truth(None).as_deref(), Some("WAAR"));
        let string = |value: &str| text(&DataRef::String(value.into()), Some(&DATE), false);
        assert_eq!(string("\u{a0} 31-01-2024 ").as_deref(), Some("31-01-2024"));
        assert_eq!(string(" \u{a0}").as_deref(), Some(""));
        let iso = |kind| {
            text(
                &DataRef::DateTimeIso("2024-01-31T00:00:00".into()),
                kind,
                false,
            )
        };
        assert_eq!(iso(Some(&DATE)).as_deref(), Some("31-01-2024"));
        assert_eq!(iso(None).as_deref(), Some("2024-01-31T00:00:00"));
        let error = DataRef::Error(calamine::CellErrorType::Div0);
        assert_eq!(text(&error, None, false), None);
    }
}
