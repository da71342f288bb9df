//! CSV exports of the partners: debt help, welfare, housing, complaints and more.
//!
//! `provisions` are the partners who lawfully send a BSN; `welfare` and `dossiers` those who know
//! people by numbers of their own; `counts` those who send no persons at all.

mod counts;
mod dossiers;
mod provisions;
mod welfare;

use chrono::{Datelike, Days, NaiveDate};

use super::people::People;
use super::prng::Prng;
use super::writer::{Csv, Dialect, Encoding, Quotes};
use super::{DemoError, Identifiers, Scene, dirt, name};

/// Writes the deliveries.
pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    provisions::deliver(scene)?;
    welfare::deliver(scene)?;
    dossiers::deliver(scene)?;
    counts::deliver(scene)
}

/// UTF-8 with `;`, as most web applications write it.
const PLAIN: Dialect = Dialect {
    encoding: Encoding::Utf8,
    delimiter: ';',
    crlf: false,
    quotes: Quotes::Needed,
    checksum: false,
};
/// The same with a byte order mark, for Excel.
const MARKED: Dialect = Dialect {
    encoding: Encoding::MarkedUtf8,
    crlf: true,
    ..PLAIN
};
/// A Windows system.
const WINDOWS: Dialect = Dialect {
    encoding: Encoding::Windows1252,
    crlf: true,
    ..PLAIN
};

/// One delivery to be written.
struct Sheet {
    source: &'static str,
    /// The year that it replaces; `None`: everything.
    part: Option<i32>,
    date: NaiveDate,
    dialect: Dialect,
    /// The rule by which the whole delivery must be refused.
    refused_by: Option<&'static str>,
}

impl Sheet {
    fn new(source: &'static str, part: Option<i32>, date: NaiveDate, dialect: Dialect) -> Self {
        Self {
            source,
            part,
            date,
            dialect,
            refused_by: None,
        }
    }

    /// The same for a delivery that must be refused as a whole.
    fn refused_by(self, rule: &'static str) -> Self {
        Self {
            refused_by: Some(rule),
            ..self
        }
    }

    /// Writes it.
    fn write(
        self,
        scene: &mut Scene<'_>,
        rows: impl FnOnce(&mut Csv<'_>, &People, &mut Identifiers) -> Result<(), DemoError>,
    ) -> Result<(), DemoError> {
        let start = match self.part {
            Some(year) => format!("{}_{year}", self.source),
            None => self.source.to_owned(),
        };
        let (people, seen) = (scene.people, &mut *scene.seen);
        let file = name(&start, self.date);
        let mut delivery =
            scene
                .landing
                .deliver(self.source, file, self.date, self.dialect, |csv| {
                    rows(csv, people, seen)
                })?;
        if let Some(rule) = self.refused_by {
            // Nothing of it counts, neither do its rows.
            delivery.refused_by = Some(rule);
            delivery.refused = 0;
        }
        scene.done.push(delivery);
        Ok(())
    }
}

/// Writes a row.
fn row(csv: &mut Csv<'_>, cells: &[String]) -> Result<(), DemoError> {
    csv.row(&cells.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Writes a row with some cells replaced, which must be refused for it.
fn spoiled(csv: &mut Csv<'_>, cells: &[String], with: &[(usize, &str)]) -> Result<(), DemoError> {
    let mut cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    for (at, cell) in with {
        cells[*at] = cell;
    }
    csv.refused_row(&cells)
}

/// Somebody of an age on a day, the same in every copy.
fn somebody(people: &People, ages: (u32, u32), on: NaiveDate, prng: &mut Prng) -> usize {
    let everybody = usize::try_from(people.count()).unwrap_or(0) / people.copies().max(1) as usize;
    let fits = |index: &usize| {
        let age = people.person(*index).born.map(|born| on.years_since(born));
        age.flatten()
            .is_some_and(|age| (ages.0..=ages.1).contains(&age))
    };
    (0..1000)
        .map(|_| prng.below(everybody))
        .find(fits)
        .unwrap_or(0)
}

/// A number of a person's copy that no other has, as `SK0001234`.
fn number_of(start: &str, people: &People, person: usize, copy: u32) -> String {
    people.client_number(person, copy).replacen('C', start, 1)
}

/// A person's BSN as a partner's system spells it; empty where it is not known.
fn bsn(
    people: &People,
    person: usize,
    copy: u32,
    prng: &mut Prng,
    seen: &mut Identifiers,
) -> String {
    let Some(number) = people.bsn(person, copy) else {
        return String::new();
    };
    let spelled = dirt::bsn(number, prng);
    seen.bsn(&spelled);
    spelled
}

/// A day of the year.
fn day_of(year: i32, prng: &mut Prng) -> NaiveDate {
    super::day(year, 1, 1) + Days::new(prng.below(365) as u64)
}

/// The end of something that began on a day and was not over yet on another, or was.
fn end_of(start: NaiveDate, until: NaiveDate, prng: &mut Prng) -> Option<NaiveDate> {
    let end = start + Days::new(30 + prng.below(500) as u64);
    (end <= until).then_some(end)
}

/// `d-m-jj`.
fn short(date: NaiveDate) -> String {
    format!("{}-{}-{:02}", date.day(), date.month(), date.year() % 100)
}

/// A date in a spelling, or nothing.
fn or_empty(date: Option<NaiveDate>, spell: impl FnOnce(NaiveDate) -> String) -> String {
    date.map_or_else(String::new, spell)
}
