//! Welfare activities: Dock, (Gro-up) Buurtwerk and `SeniorenWelzijn`. No BSN.

use chrono::Datelike;

use super::{MARKED, Sheet, day_of, end_of, number_of, or_empty, row, short, somebody, spoiled};
use crate::demo::people::People;
use crate::demo::population::Address;
use crate::demo::prng::Prng;
use crate::demo::writer::Csv;
use crate::demo::{DemoError, Identifiers, Scene, day};

/// A partner and its export.
struct Partner {
    source: &'static str,
    /// What its participants' numbers begin with.
    start: &'static str,
    header: [&'static str; 7],
    activities: &'static [&'static str],
    ages: (u32, u32),
}

const DOCK: Partner = Partner {
    source: "dock",
    start: "DK",
    header: [
        "Deelnemernr",
        "Geboortejaar",
        "PC4",
        "Activiteit",
        "Start",
        "Einde",
        "Via makelaar",
    ],
    activities: &[
        "Sport en bewegen",
        "Sporten",
        "Taalcafé",
        "Taalles",
        "Ontmoeting",
        "Inloop",
        "Koffie-inloop",
        "Jongerenwerk",
        "Vrijwilligerswerk",
    ],
    ages: (10, 90),
};

const BUURTWERK: Partner = Partner {
    source: "buurtwerk",
    start: "BW",
    header: DOCK.header,
    activities: &[
        "Ontmoeting",
        "Buurthuis",
        "Budgetcafé",
        "Budgetcafe",
        "Buurtproject",
        "Opvoedcafé",
    ],
    ages: (18, 80),
};

/// The same partner under its new name.
const GRO_UP: Partner = Partner {
    header: [
        "Deelnemer-ID",
        "Geb.jaar",
        "Postcodegebied",
        "Aanbod",
        "Startdatum",
        "Einddatum",
        "Via welzijnsmakelaar",
    ],
    ..BUURTWERK
};

const SENIORENWELZIJN: Partner = Partner {
    source: "seniorenwelzijn",
    start: "SN",
    header: [
        "Deelnemernr",
        "Geboortejaar",
        "PC4",
        "Activiteit",
        "Datum start",
        "Datum einde",
        "Makelaar",
    ],
    activities: &[
        "Maatjes",
        "Maatjesproject",
        "Eettafel",
        "Samen eten",
        "Bewegen voor senioren",
        "Huisbezoek 75+",
    ],
    ages: (65, 99),
};

pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let date = day(2025, 1, 15);
    Sheet::new("dock", None, date, MARKED).write(scene, |csv, people, seen| {
        DOCK.participations(csv, &[(2023, 80), (2024, 95)], people, seen)
    })?;
    // A new system that asks for more than it may pass on.
    Sheet::new("dock", None, day(2025, 2, 15), MARKED)
        .refused_by("onbekende_kolom")
        .write(scene, with_birth_dates)?;
    Sheet::new("buurtwerk", Some(2020), day(2021, 1, 15), MARKED)
        .write(scene, |csv, people, seen| {
            BUURTWERK.participations(csv, &[(2020, 60)], people, seen)
        })?;
    for (year, rows) in [(2023, 70), (2024, 80)] {
        Sheet::new("buurtwerk", Some(year), date, MARKED).write(scene, |csv, people, seen| {
            GRO_UP.participations(csv, &[(year, rows)], people, seen)
        })?;
    }
    // The old system was still on.
    Sheet::new("buurtwerk", Some(2024), day(2025, 2, 15), MARKED)
        .refused_by("onbekende_kolom")
        .write(scene, |csv, people, seen| {
            BUURTWERK.participations(csv, &[(2024, 25)], people, seen)
        })?;
    for (year, rows) in [(2023, 50), (2024, 60)] {
        Sheet::new("seniorenwelzijn", Some(year), date, MARKED)
            .write(scene, |csv, people, seen| {
                SENIORENWELZIJN.participations(csv, &[(year, rows)], people, seen)
            })?;
    }
    Ok(())
}

impl Partner {
    /// So many participations that began in each year, and the rows that must be refused.
    fn participations(
        &self,
        csv: &mut Csv<'_>,
        years: &[(i32, u64)],
        people: &People,
        seen: &mut Identifiers,
    ) -> Result<(), DemoError> {
        csv.row(&self.header)?;
        let mut last = None;
        for copy in 0..people.copies() {
            for (year, rows) in years {
                for index in 0..*rows {
                    let cells = self.participation(*year, index, copy, people, seen);
                    row(csv, &cells)?;
                    last = Some(cells);
                }
            }
        }
        let Some(cells) = last else { return Ok(()) };
        spoiled(csv, &cells, &[(4, "31-2-24")])?;
        if self.source == "dock" {
            // The same once more, and one whose activity nobody filled in.
            spoiled(csv, &cells, &[])?;
            spoiled(csv, &cells, &[(3, "")])?;
        }
        Ok(())
    }

    fn participation(
        &self,
        year: i32,
        index: u64,
        copy: u32,
        people: &People,
        seen: &mut Identifiers,
    ) -> Vec<String> {
        let prng = &mut Prng::named(self.source, index << 16 | u64::from(year.unsigned_abs()));
        let start = day_of(year, prng);
        let person = somebody(people, self.ages, start, prng);
        let number = number_of(self.start, people, person, copy);
        seen.client_number(&number);
        let person = people.person(person);
        let born = person
            .born
            .map(|born| born.year())
            .filter(|_| !prng.once_in(30));
        vec![
            number,
            born.unwrap_or(1900).to_string(),
            match &person.address {
                Address::Full(postcode) | Address::Digits(postcode) => {
                    postcode.chars().take(4).collect()
                }
                Address::Unknown => String::new(),
            },
            prng.pick(self.activities).to_owned(),
            short(start),
            or_empty(end_of(start, day(2025, 1, 14), prng), short),
            prng.pick(&["J", "ja", "N", "nee", "Nee", "N", ""])
                .to_owned(),
        ]
    }
}

/// Dock with a full birth date beside the year.
fn with_birth_dates(
    csv: &mut Csv<'_>,
    people: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    csv.row(&[&DOCK.header[..], &["Geboortedatum"]].concat())?;
    for index in 0..20 {
        let mut cells = DOCK.participation(2024, index, 0, people, seen);
        let person = people.person(usize::try_from(index).unwrap_or(0));
        let born = or_empty(person.born, crate::demo::dirt::date);
        if !born.is_empty() {
            seen.birth_date(&born);
        }
        cells.push(born);
        row(csv, &cells)?;
    }
    Ok(())
}
