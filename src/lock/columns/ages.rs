//! From a birth date to an age band: the day itself does not leave the lock.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};

use super::{AtDate, Cells, Verdicts, dictionary, is_empty, primitive};
use crate::contract::model::DateFormat;
use crate::lock::date::{self, Day, Known};
use crate::lock::rule::Rule;
use crate::source::raw::RawChunk;

/// The day at which somebody has an age: what another column of the row says.
pub(super) fn at_date(
    chunk: &RawChunk,
    row: usize,
    place: Option<usize>,
    at: &AtDate,
) -> Option<Day> {
    let cell = chunk.cell(row, place?);
    if is_empty(&cell, &at.empty) {
        None
    } else {
        date::parse(&cell, at.format)
    }
}

/// Birth dates to age bands, each at another day of its row.
pub(super) fn ages(
    cells: &Cells<'_>,
    verdicts: &mut Verdicts,
    format: DateFormat,
    (known, at): (impl Fn(usize) -> Known, impl Fn(usize) -> Option<Day>),
    (borders, labels): (&[u8], &Arc<StringArray>),
) -> ArrayRef {
    let read = |row, cell: &[u8]| {
        let known = known(row);
        if known == Known::Nothing {
            return Ok(None);
        }
        let born = date::span(cell, format, known).ok_or(Rule::Datum)?;
        Ok(at(row).and_then(|at| band(born, at, borders)))
    };
    let (codes, nulls) = primitive(cells, verdicts, read);
    dictionary(codes, nulls, labels)
}

/// The band of somebody born within a span of days, at another day. A band that depends on what is not
/// known of the birth date is not known either.
fn band((first, last): (Day, Day), at: Day, borders: &[u8]) -> Option<u16> {
    let band = |born: Day| {
        let age = born.age_at(at);
        borders.iter().rposition(|&from| i32::from(from) <= age)
    };
    let oldest = band(first)?;
    (band(last)? == oldest).then_some(())?;
    u16::try_from(oldest).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is not known of a birth date never decides: the band is that of every day it may have been,
    /// or none.
    #[test]
    fn a_band_is_the_band_of_every_day_that_it_may_have_been() {
        let borders = [0, 18, 27, 50, 68, 75];
        let day = |y, m, d| Day::new(y, m, d).unwrap();
        for at in [
            day(2024, 1, 1),
            day(2024, 2, 29),
            day(2024, 6, 15),
            day(2024, 12, 31),
        ] {
            for year in 1940..2026 {
                for month in 1..=12 {
                    let days: Vec<Day> =
                        (1..=31).filter_map(|d| Day::new(year, month, d)).collect();
                    let exact: Vec<_> = days.iter().map(|d| band((*d, *d), at, &borders)).collect();
                    let all = exact
                        .iter()
                        .all(|b| *b == exact[0])
                        .then_some(exact[0])
                        .flatten();
                    let text = format!("{year}-{month:02}-00");
                    let span = date::span(text.as_bytes(), DateFormat::YearMonthDay, Known::Month);
                    assert_eq!(band(span.unwrap(), at, &borders), all, "{text} {at:?}");
                }
                let (first, last) = (day(year, 1, 1), day(year, 12, 31));
                let ends = [first, last].map(|d| band((d, d), at, &borders));
                let text = year.to_string();
                let span = date::span(text.as_bytes(), DateFormat::Year, Known::Year);
                let expected = if ends[0] == ends[1] { ends[0] } else { None };
                assert_eq!(band(span.unwrap(), at, &borders), expected, "{text} {at:?}");
            }
        }
    }
}
