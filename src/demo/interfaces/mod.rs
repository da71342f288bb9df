//! What the partners with an interface give: JSON and NDJSON, as it lies in the landing folder.
//!
//! `telephone` is the telephone exchange, whose vendor changed; `support` are three partners that
//! give support to persons; `referrals` come from general practitioners; `tailored` are households
//! that were helped outside the rules.

mod referrals;
mod support;
mod tailored;
mod telephone;

use chrono::{Datelike, NaiveDate};

use super::people::People;
use super::prng::Prng;
use super::writer::Whole;
use super::{DemoError, Scene, dirt, population};

/// Writes the deliveries.
pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    telephone::deliver(scene)?;
    support::deliver(scene)?;
    referrals::deliver(scene)?;
    tailored::deliver(scene)
}

/// Records of one delivery, each as JSON.
#[derive(Default)]
struct Records {
    texts: Vec<String>,
    rows: u64,
    refused: u64,
}

impl Records {
    /// Adds a record of one row.
    fn add(&mut self, record: String) {
        self.texts.push(record);
        self.rows += 1;
    }

    /// Adds a record of one row that must be refused.
    fn refuse(&mut self, record: impl Into<String>) {
        self.refused += 1;
        self.add(record.into());
    }

    /// One record a line.
    fn lines(&self) -> String {
        let mut text = self.texts.join("\n");
        text.push('\n');
        text
    }

    /// An array, as an interface gives it.
    fn array(&self) -> String {
        format!("[{}]", self.texts.join(","))
    }

    /// An array that was made to be read: spaces, line ends and a byte order mark.
    fn pretty(&self) -> String {
        format!("\u{feff}[\r\n  {}\r\n]\r\n", self.texts.join(",\r\n  "))
    }
}

impl Scene<'_> {
    /// Writes a delivery of an interface.
    fn answer(
        &mut self,
        source: &'static str,
        file: String,
        date: NaiveDate,
        records: &Records,
        text: String,
        refused_by: Option<&'static str>,
    ) -> Result<(), DemoError> {
        let done = self.landing.deliver_whole(Whole {
            source,
            file,
            date,
            checksum: false,
            rows: records.rows,
            refused: records.refused,
            refused_by,
            bytes: text.into_bytes(),
        })?;
        self.done.push(done);
        Ok(())
    }
}

/// A file name that ends on its date.
fn file(start: &str, date: NaiveDate, extension: &str) -> String {
    format!("{start}_{}.{extension}", date.format("%Y%m%d"))
}

/// A text as JSON spells it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A text, or `null`.
fn or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), quoted)
}

/// A day as `2024-12-31`, or `null`.
fn day_or_null(day: Option<NaiveDate>) -> String {
    day.map_or_else(|| "null".to_owned(), |day| format!("\"{day}\""))
}

/// Somebody whom a partner knows.
struct Somebody {
    name: String,
    bsn: Option<u32>,
    born: NaiveDate,
}

/// A grown-up of the register of cases. One in three comes from a small circle, so that some people
/// are known to several partners.
fn somebody(people: &People, copy: u32, prng: &mut Prng) -> Somebody {
    let all = usize::try_from(people.count() / u64::from(people.copies().max(1))).unwrap_or(1);
    loop {
        let circle = if prng.once_in(3) { all.min(200) } else { all };
        let index = prng.below(circle);
        let born = people.person(index).born.filter(|born| born.year() < 2000);
        if let Some(born) = born {
            return Somebody {
                name: population::name(index, copy),
                bsn: people.bsn(index, copy),
                born,
            };
        }
    }
}

impl Somebody {
    /// Notes what points at the person.
    fn note(&self, scene: &mut Scene<'_>) {
        if let Some(bsn) = self.bsn {
            scene.seen.bsn(&format!("{bsn:09}"));
        }
        scene.seen.birth_date(&dirt::date(self.born));
    }

    /// The number as nine digits, or `null`.
    fn bsn(&self) -> String {
        self.bsn
            .map_or_else(|| "null".to_owned(), |bsn| format!("\"{bsn:09}\""))
    }
}

/// A day between two others.
fn between(first: NaiveDate, last: NaiveDate, prng: &mut Prng) -> NaiveDate {
    let span = last.signed_duration_since(first).num_days();
    first + chrono::TimeDelta::days(prng.between(0, span))
}
