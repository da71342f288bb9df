//! The demo: synthetic deliveries of every source, as dirty as real files, and calibrated so that
//! the monitor gives the figures that were published.
//!
//! Nobody in it exists. The room makes the same bytes every time: it has its own random numbers and
//! never asks for the time. It knows the sources only as a partner would (how their files look),
//! not as the program reads them, so that the demo tests the rest instead of echoing it.
//!
//! `targets` holds what the figures must add up to; `population`, `cases` and `zrm` make records
//! from it; `wot`, `zrm` and `reference` spell those as each partner would; `writer` writes them.

mod cases;
mod dirt;
mod exports;
mod interfaces;
mod messages;
mod people;
mod population;
mod prng;
mod reference;
mod spreadsheets;
mod targets;
#[cfg(test)]
mod tests;
mod wot;
mod writer;
mod zrm;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use chrono::NaiveDate;

use crate::error::{Class, Classified};
use writer::{Dialect, Encoding, Landing, Quotes};

/// The largest scale: more copies would need more invented numbers than is decent.
pub const MAX_SCALE: u32 = 1000;

/// What went wrong while the demo deliveries were written.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The scale is 0 or too large.
    #[error("the scale of the demo must be between 1 and {MAX_SCALE}, not {0}")]
    Scale(u32),
    /// A delivery could not be written.
    #[error("cannot write the demo deliveries into the landing folder: {0}")]
    Write(#[source] io::Error),
}

impl DemoError {
    /// A failed write.
    const fn write(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl Classified for DemoError {
    fn class(&self) -> Class {
        match self {
            Self::Scale(_) => Class::User,
            Self::Write(_) => Class::Environment,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Scale(_) => None,
            Self::Write(_) => {
                Some("check that the folder exists, is yours and has room".to_owned())
            }
        }
    }
}

/// One delivery that the demo wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoDelivery {
    /// The source; also the folder below the landing folder.
    pub source: &'static str,
    /// The file.
    pub file: String,
    /// Rows, the header not counted.
    pub rows: u64,
    /// Rows among them that must be refused.
    pub refused: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the bytes (hex).
    pub sha256: String,
    /// The rule by which the whole delivery must be refused; `None`: it must be taken in.
    pub refused_by: Option<&'static str>,
}

/// What the demo wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoReport {
    /// The deliveries, in the order in which they were written.
    pub deliveries: Vec<DemoDelivery>,
    /// Invented persons, copies included.
    pub persons: u64,
    /// Burgerservicenummers outside the range of test persons (9999xxxxx). They pass the elfproef
    /// and are invented; somebody may have one of them by accident.
    pub invented_bsns: u64,
}

/// Everything in the demo deliveries that points at somebody, as it is spelled there. For the test
/// that searches for leaks.
#[derive(Clone, Debug, Default)]
pub struct Identifiers {
    keep: bool,
    /// Burgerservicenummers, in every spelling that occurs, and as nine digits.
    pub bsns: BTreeSet<String>,
    /// Client numbers of the WOT.
    pub client_numbers: BTreeSet<String>,
    /// Numbers of hulpvragen.
    pub case_numbers: BTreeSet<String>,
    /// Full names, and surnames alone.
    pub names: BTreeSet<String>,
    /// Birth dates (`dd-mm-jjjj` and `jjjj-mm-dd`).
    pub birth_dates: BTreeSet<String>,
    /// Full postcodes as spelled in the deliveries about persons. The same postcodes are lawfully
    /// in the reference table `postcode`.
    pub postcodes: BTreeSet<String>,
    /// Free text.
    pub free_text: BTreeSet<String>,
}

/// Writes the demo deliveries into `landing` (a folder a source, only for its owner), with `scale`
/// copies of every person: the figures of the monitor are then that many times as large.
///
/// # Errors
/// When the scale is out of range or a file cannot be written.
pub fn write_deliveries(landing: &Path, scale: u32) -> Result<DemoReport, DemoError> {
    deliveries(
        &Landing::Folder(landing),
        scale,
        &mut Identifiers::default(),
    )
}

/// Every identifying value that [`write_deliveries`] writes at this scale.
///
/// # Errors
/// When the scale is out of range.
pub fn identifiers(scale: u32) -> Result<Identifiers, DemoError> {
    let mut seen = Identifiers {
        keep: true,
        ..Identifiers::default()
    };
    deliveries(&Landing::Nowhere, scale, &mut seen)?;
    seen.names
        .extend(population::surnames().iter().map(|name| (*name).to_owned()));
    Ok(seen)
}

/// The register of cases: a Windows system.
const WOT: Dialect = Dialect {
    encoding: Encoding::Windows1252,
    delimiter: ';',
    crlf: true,
    quotes: Quotes::Needed,
    checksum: true,
};
/// The ZRM: UTF-8 with a byte order mark.
const ZRM: Dialect = Dialect {
    encoding: Encoding::MarkedUtf8,
    delimiter: ';',
    crlf: true,
    quotes: Quotes::Needed,
    checksum: true,
};
/// CBS: everything in quotes that may be.
const CBS: Dialect = Dialect {
    encoding: Encoding::Utf8,
    delimiter: ';',
    crlf: false,
    quotes: Quotes::Header,
    checksum: false,
};
/// Makes all deliveries.
fn deliveries(
    landing: &Landing<'_>,
    scale: u32,
    seen: &mut Identifiers,
) -> Result<DemoReport, DemoError> {
    if !(1..=MAX_SCALE).contains(&scale) {
        return Err(DemoError::Scale(scale));
    }
    let places = reference::Places::new();
    let (persons, cases) = cases::register(&places);
    let people = people::People::new(persons, scale);
    let mut done = Vec::new();

    let date = day(2020, 3, 1);
    done.push(landing.deliver(
        "cbs-wijken",
        name("cbs-wijken", date),
        date,
        CBS,
        reference::wijken,
    )?);
    done.push(landing.deliver(
        "cbs-postcodes",
        name("cbs-postcodes", date),
        date,
        CBS,
        |csv| reference::postcodes(csv, &places),
    )?);
    let counted = export_date(2024);
    done.push(landing.deliver(
        "cbs-bevolking",
        name("cbs-bevolking", counted),
        counted,
        CBS,
        reference::inhabitants,
    )?);
    for year in &targets::CASE_YEARS {
        let date = export_date(year.year);
        let file = name(&format!("wot-casus_{}", year.year), date);
        done.push(landing.deliver("wot-casus", file, date, WOT, |csv| {
            wot::part(csv, year.year, &cases, &people, seen)
        })?);
    }
    for month in zrm::months(&cases, &people) {
        done.push(
            landing.deliver("zrm", name("zrm", month.date), month.date, ZRM, |csv| {
                zrm::month(csv, &month, &people, seen)
            })?,
        );
    }
    let mut scene = Scene {
        landing,
        people: &people,
        seen,
        scale,
        done,
    };
    exports::deliver(&mut scene)?;
    interfaces::deliver(&mut scene)?;
    messages::deliver(&mut scene)?;
    spreadsheets::deliver(&mut scene)?;
    let done = scene.done;
    Ok(DemoReport {
        deliveries: done,
        persons: people.count(),
        invented_bsns: people.invented,
    })
}

/// What the partner systems write from, and where to.
struct Scene<'a> {
    landing: &'a Landing<'a>,
    /// Everybody, with their numbers.
    people: &'a people::People,
    /// Where every identifying value that is written must be noted.
    seen: &'a mut Identifiers,
    /// Copies of everybody.
    scale: u32,
    /// What was written.
    done: Vec<DemoDelivery>,
}

/// A file name that ends on its date.
fn name(start: &str, date: NaiveDate) -> String {
    format!("{start}_{}.csv", date.format("%Y%m%d"))
}

/// The day on which the last export of a year was made: after the end of the report's last year.
fn export_date(year: i32) -> NaiveDate {
    day(if year <= 2020 { 2021 } else { 2025 }, 1, 15)
}

/// A day that exists.
fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

impl Identifiers {
    /// All values together.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        [
            &self.bsns,
            &self.client_numbers,
            &self.case_numbers,
            &self.names,
            &self.birth_dates,
            &self.postcodes,
            &self.free_text,
        ]
        .into_iter()
        .flatten()
        .map(String::as_str)
    }

    fn bsn(&mut self, spelled: &str) {
        let digits: String = spelled.chars().filter(char::is_ascii_digit).collect();
        if self.keep && !digits.is_empty() {
            self.bsns.insert(format!("{digits:0>9}"));
            self.bsns.insert(spelled.trim().to_owned());
        }
    }

    fn birth_date(&mut self, spelled: &str) {
        // 01-01-1900 is nobody's birth date.
        if self.keep && spelled != "01-01-1900" {
            if let (Some(day), Some(month), Some(year)) =
                (spelled.get(..2), spelled.get(3..5), spelled.get(6..))
            {
                self.birth_dates.insert(format!("{year}-{month}-{day}"));
            }
            self.birth_dates.insert(spelled.to_owned());
        }
    }

    fn postcode(&mut self, spelled: &str) {
        if self.keep && spelled.len() > 4 {
            self.postcodes.insert(spelled.to_owned());
        }
    }

    fn client_number(&mut self, value: &str) {
        keep(self.keep, &mut self.client_numbers, value);
    }

    fn case_number(&mut self, value: &str) {
        keep(self.keep, &mut self.case_numbers, value);
    }

    fn name(&mut self, value: &str) {
        keep(self.keep, &mut self.names, value);
    }

    fn free_text(&mut self, value: &str) {
        keep(self.keep, &mut self.free_text, value);
    }
}

/// Keeps a value that is one.
fn keep(wanted: bool, set: &mut BTreeSet<String>, value: &str) {
    if wanted && !value.is_empty() {
        set.insert(value.to_owned());
    }
}
