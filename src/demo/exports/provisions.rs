//! Partners that lawfully send a BSN: Stroomopwaarts, and the four that stopped after 2022.

use chrono::NaiveDate;

use super::{MARKED, PLAIN, Sheet, WINDOWS, bsn, day_of, end_of, number_of, or_empty, row};
use super::{short, somebody, spoiled};
use crate::demo::people::People;
use crate::demo::prng::Prng;
use crate::demo::writer::{Csv, Dialect};
use crate::demo::{DemoError, Identifiers, Scene, day, dirt, population};

pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    for (year, rows) in [(2023, 130), (2024, 150)] {
        Sheet::new("stroomopwaarts", Some(year), day(2025, 1, 15), WINDOWS)
            .write(scene, |csv, people, seen| {
                stroomopwaarts(csv, year, rows, people, seen)
            })?;
    }
    Sheet::new("stroomopwaarts", Some(2024), day(2025, 2, 15), WINDOWS)
        .refused_by("onbekende_kolom")
        .write(scene, with_a_name)?;
    for partner in &STOPPED {
        Sheet::new(partner.source, None, day(2023, 1, 15), partner.dialect)
            .write(scene, |csv, people, seen| {
                partner.trajectories(csv, people, seen)
            })?;
    }
    // Somebody forgot to switch an export off.
    let parnassia = &STOPPED[3];
    Sheet::new(parnassia.source, None, day(2023, 6, 15), parnassia.dialect)
        .refused_by("geen_versie")
        .write(scene, |csv, people, seen| {
            parnassia.trajectories(csv, people, seen)
        })
}

/// The header of Stroomopwaarts.
const HEADER: [&str; 8] = [
    "Voorzieningnr",
    "Klantnr",
    "Bsn",
    "Product",
    "Startdatum",
    "Einddatum",
    "Reden beëindiging",
    "Schuldbedrag",
];

/// Products with their spellings; the first four are debt help and come with an amount.
const PRODUCTS: [&[&str]; 8] = [
    &["Schuldregeling", "Minnelijke schuldregeling", "MSNP"],
    &["Saneringskrediet"],
    &["Budgetbeheer"],
    &["Stabilisatie", "Stabilisatietraject"],
    &["Re-integratie", "Re-integratietraject", "Reïntegratie"],
    &["Beschut werk"],
    &["Loonkostensubsidie", "LKS"],
    &["Participatieplaats"],
];

/// The provisions that began in a year, and the rows that must be refused.
fn stroomopwaarts(
    csv: &mut Csv<'_>,
    year: i32,
    rows: u64,
    people: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    csv.row(&HEADER)?;
    let mut first = None;
    for copy in 0..people.copies() {
        for index in 0..rows {
            let cells = provision((year, index), copy, rows, people, seen);
            row(csv, &cells)?;
            first.get_or_insert(cells);
        }
    }
    let Some(mut cells) = first else {
        return Ok(());
    };
    // An end that had no number yet; a thousands dot in the wrong place; a product of nobody.
    spoiled(csv, &cells, &[(0, "")])?;
    cells[0] = format!("SW-{year}-900001");
    seen.case_number(&cells[0]);
    spoiled(csv, &cells, &[(7, "1.23,45")])?;
    if year == 2024 {
        cells[0] = format!("SW-{year}-900002");
        seen.case_number(&cells[0]);
        spoiled(csv, &cells, &[(3, "Overige dienstverlening")])?;
        let wrong = "999912344";
        seen.bsn(wrong);
        spoiled(csv, &cells, &[(2, wrong)])?;
    }
    Ok(())
}

fn provision(
    (year, index): (i32, u64),
    copy: u32,
    rows: u64,
    people: &People,
    seen: &mut Identifiers,
) -> Vec<String> {
    let prng = &mut Prng::named(
        "stroomopwaarts",
        index << 16 | u64::from(year.unsigned_abs()),
    );
    let start = day_of(year, prng);
    let person = somebody(people, (18, 66), start, prng);
    let end = end_of(start, day(2025, 1, 14), prng);
    let product = prng.below(PRODUCTS.len());
    let number = format!("SW-{year}-{:06}", index + 1 + u64::from(copy) * rows);
    let customer = number_of("SK", people, person, copy);
    seen.case_number(&number);
    seen.client_number(&customer);
    vec![
        number,
        customer,
        bsn(people, person, copy, prng, seen),
        prng.pick(PRODUCTS[product]).to_owned(),
        dirt::date(start),
        match end {
            None if prng.once_in(4) => "01-01-1900".to_owned(),
            end => or_empty(end, dirt::date),
        },
        match end {
            Some(_) => prng
                .pick(&[
                    "Afgerond",
                    "Succesvol beëindigd",
                    "Uitval",
                    "Verhuizing",
                    "onbekend",
                ])
                .to_owned(),
            None => String::new(),
        },
        if product < 4 {
            amount(prng)
        } else {
            String::new()
        },
    ]
}

/// A debt as several systems write it; now and then it is a credit, with the minus behind it.
fn amount(prng: &mut Prng) -> String {
    let euros = prng.between(150, 64_000);
    let whole = if euros < 1000 {
        euros.to_string()
    } else {
        format!("{}.{:03}", euros / 1000, euros % 1000)
    };
    let cents = prng.below(100);
    match prng.below(10) {
        0 => format!("{cents},50-"),
        1 => format!("€ {whole},-"),
        2 => format!("{euros},{cents:02}"),
        3 => format!("€ {whole},{cents:02}"),
        _ => format!("{whole},{cents:02}"),
    }
}

/// A later export in which somebody added a column.
fn with_a_name(
    csv: &mut Csv<'_>,
    people: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    csv.row(&[&HEADER[..], &["Naam klant"]].concat())?;
    for copy in 0..people.copies() {
        for index in 0..20 {
            let mut cells = provision((2024, index), copy, 20, people, seen);
            let person = usize::try_from(index).unwrap_or(0);
            let name = population::name(person, copy);
            seen.name(&name);
            cells.push(name);
            row(csv, &cells)?;
        }
    }
    Ok(())
}

/// A partner that stopped after 2022.
struct Stopped {
    source: &'static str,
    dialect: Dialect,
    header: [&'static str; 5],
    /// What its trajectory numbers begin with.
    start: &'static str,
    rows: u64,
    ages: (u32, u32),
    kinds: &'static [&'static str],
    spell: fn(NaiveDate) -> String,
    /// What stands for no end.
    no_end: &'static str,
    /// The cell that must be refused, and where it stands.
    spoiled: (usize, &'static str),
}

fn iso(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

fn compact(date: NaiveDate) -> String {
    date.format("%Y%m%d").to_string()
}

const STOPPED: [Stopped; 4] = [
    Stopped {
        source: "enver",
        dialect: PLAIN,
        header: ["Trajectnummer", "BSN", "Traject", "Startdatum", "Einddatum"],
        start: "ENV",
        rows: 90,
        ages: (0, 26),
        kinds: &[
            "Gezinsbegeleiding",
            "Ambulante hulp",
            "Ambulant",
            "Jongerencoaching",
        ],
        spell: dirt::date,
        no_end: "",
        spoiled: (1, "999912344"),
    },
    Stopped {
        source: "fortagroep",
        dialect: Dialect {
            delimiter: ',',
            ..WINDOWS
        },
        header: [
            "Trajectnr",
            "Bsn",
            "Soort traject",
            "Begindatum",
            "Einddatum",
        ],
        start: "FG",
        rows: 40,
        ages: (18, 90),
        kinds: &[
            "Maatschappelijk werk",
            "AMW",
            "Psychische begeleiding",
            "Cliëntondersteuning",
        ],
        spell: iso,
        no_end: "",
        spoiled: (3, "15-01-2022"),
    },
    Stopped {
        source: "clessidra",
        dialect: MARKED,
        header: [
            "Traject-ID",
            "Burgerservicenummer",
            "Begeleiding",
            "Van",
            "Tot",
        ],
        start: "CLS",
        rows: 30,
        ages: (18, 60),
        kinds: &[
            "Thuisbegeleiding",
            "Opvoedondersteuning",
            "Hulp bij opvoeden",
        ],
        spell: short,
        no_end: "",
        spoiled: (2, "Zomerkamp"),
    },
    Stopped {
        source: "parnassia",
        dialect: WINDOWS,
        header: ["Trajectnr", "BSN", "Traject", "Start", "Einde"],
        start: "PRN",
        rows: 36,
        ages: (18, 80),
        kinds: &[
            "Bemoeizorg",
            "Ambulante begeleiding",
            "Begeleiding ambulant",
            "Verslavingszorg",
        ],
        spell: compact,
        no_end: "99991231",
        spoiled: (3, "20221301"),
    },
];

impl Stopped {
    /// Everything from 2020 up to and including 2022, and a row that must be refused.
    fn trajectories(
        &self,
        csv: &mut Csv<'_>,
        people: &People,
        seen: &mut Identifiers,
    ) -> Result<(), DemoError> {
        csv.row(&self.header)?;
        let mut first = None;
        for copy in 0..people.copies() {
            for index in 0..self.rows {
                let cells = self.trajectory(index, copy, people, seen);
                row(csv, &cells)?;
                first.get_or_insert(cells);
            }
        }
        let Some(mut cells) = first else {
            return Ok(());
        };
        cells[0] = format!("{}-2022-900001", self.start);
        seen.case_number(&cells[0]);
        if self.spoiled.0 == 1 {
            seen.bsn(self.spoiled.1);
        }
        spoiled(csv, &cells, &[self.spoiled])
    }

    fn trajectory(
        &self,
        index: u64,
        copy: u32,
        people: &People,
        seen: &mut Identifiers,
    ) -> Vec<String> {
        let prng = &mut Prng::named(self.source, index);
        let year = prng.pick(&[2020, 2021, 2022]);
        let start = day_of(year, prng);
        let person = somebody(people, self.ages, start, prng);
        let end = end_of(start, day(2022, 12, 31), prng);
        let number = index + 1 + u64::from(copy) * self.rows;
        let number = format!("{}-{year}-{number:06}", self.start);
        seen.case_number(&number);
        vec![
            number,
            bsn(people, person, copy, prng, seen),
            prng.pick(self.kinds).to_owned(),
            (self.spell)(start),
            end.map_or_else(|| self.no_end.to_owned(), self.spell),
        ]
    }
}
