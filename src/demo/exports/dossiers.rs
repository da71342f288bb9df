//! Partners that know people by dossiers of their own, without a BSN: Woonplus, the complaints and
//! the food bank.

use chrono::{Days, NaiveDate};

use super::{MARKED, PLAIN, Sheet, WINDOWS, day_of, or_empty, row, spoiled};
use crate::demo::people::People;
use crate::demo::prng::Prng;
use crate::demo::writer::{Csv, Dialect, Quotes};
use crate::demo::{DemoError, Identifiers, Scene, day, dirt, population};

/// Everything in quotes, with commas.
const HOUSING: Dialect = Dialect {
    delimiter: ',',
    quotes: Quotes::All,
    ..PLAIN
};
/// Tabs, from a spreadsheet on Windows.
const COMPLAINTS: Dialect = Dialect {
    delimiter: '\t',
    ..WINDOWS
};

pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let (date, later) = (day(2025, 1, 15), day(2025, 2, 15));
    for year in &HOUSEHOLDS {
        Sheet::new("woonplus", Some(year.year), date, HOUSING)
            .write(scene, |csv, people, seen| {
                households(csv, year, people, seen)
            })?;
    }
    Sheet::new("woonplus", Some(2024), later, HOUSING)
        .refused_by("onbekende_kolom")
        .write(scene, with_tenants)?;

    Sheet::new("klachten", Some(2024), date, COMPLAINTS).write(scene, complaints)?;
    Sheet::new("klachten", Some(2024), later, COMPLAINTS)
        .refused_by("onbekende_kolom")
        .write(scene, with_complainants)?;

    for (year, rows) in [(2023, 60), (2024, 80)] {
        Sheet::new("voedselbank", Some(year), date, MARKED).write(scene, |csv, people, seen| {
            food_bank(csv, year, rows, people, seen)
        })?;
    }
    Sheet::new("voedselbank", Some(2024), later, MARKED)
        .refused_by("onbekende_kolom")
        .write(scene, with_bsns)?;
    // Somebody thought of that, and wrote them in the column of the dossiers.
    Sheet::new("voedselbank", Some(2024), day(2025, 3, 15), MARKED)
        .refused_by("verborgen_bsn")
        .write(scene, with_bsns_as_dossiers)
}

/// What a year of Woonplus must add up to.
struct Year {
    year: i32,
    households: u64,
    with_children: u64,
    /// Of those with children, and of those without.
    evicted: (u64, u64),
}

const HOUSEHOLDS: [Year; 2] = [
    Year {
        year: 2023,
        households: 57,
        with_children: 24,
        evicted: (1, 5),
    },
    Year {
        year: 2024,
        households: 63,
        with_children: 29,
        evicted: (0, 4),
    },
];

const HOUSING_HEADER: [&str; 8] = [
    "Contractnr",
    "Adres",
    "Datum aanmelding",
    "Traject",
    "Kinderen",
    "Ontruimd",
    "Datum ontruiming",
    "Opmerking",
];

/// Invented streets.
const STREETS: [&str; 8] = [
    "Zwanebloemkade",
    "Kievitsbloemhof",
    "Oude Lijnbaanskwartier",
    "Dotterbloemsingel",
    "Pijpenkrulpad",
    "Branderssteegje",
    "Mouterijplantsoen",
    "'s-Gravenmoutstraat",
];

fn households(
    csv: &mut Csv<'_>,
    year: &Year,
    people: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    csv.row(&HOUSING_HEADER)?;
    let mut first = None;
    for copy in 0..people.copies() {
        for index in 0..year.households {
            let cells = household(year, index, copy, seen);
            row(csv, &cells)?;
            first.get_or_insert(cells);
        }
    }
    let Some(mut cells) = first else {
        return Ok(());
    };
    // Dashes where slashes should be, and children that nobody asked about.
    cells[0] = format!("WP{}900001", year.year);
    seen.case_number(&cells[0]);
    spoiled(csv, &cells, &[(2, "03-05-2024")])?;
    if year.year == 2024 {
        cells[0] = format!("WP{}900002", year.year);
        seen.case_number(&cells[0]);
        spoiled(csv, &cells, &[(4, "?")])?;
    }
    Ok(())
}

fn household(year: &Year, index: u64, copy: u32, seen: &mut Identifiers) -> Vec<String> {
    let number = index + u64::from(copy) * year.households;
    let prng = &mut Prng::named(
        "woonplus",
        number << 16 | u64::from(year.year.unsigned_abs()),
    );
    let children = index < year.with_children;
    let evicted = if children {
        index < year.evicted.0
    } else {
        index < year.with_children + year.evicted.1
    };
    let start = day_of(year.year, prng);
    let eviction = (start + Days::new(30 + prng.below(60) as u64)).min(day(year.year, 12, 31));
    let house = prng.between(1, 240);
    let address = format!("{} {house}", prng.pick(&STREETS));
    let name = population::name(usize::try_from(index).unwrap_or(0), copy);
    let remark = remark(&address, &name, prng);
    let contract = format!("WP{}{:06}", year.year, number + 1);
    seen.case_number(&contract);
    seen.free_text(&address);
    seen.name(&name);
    seen.free_text(&remark);
    vec![
        contract,
        address,
        slashes(start),
        prng.pick(&[
            "Preventie",
            "Vroegtijdig",
            "Laatste kans",
            "Vonnis",
            "Na vonnis",
        ])
        .to_owned(),
        if children { "J" } else { "N" }.to_owned(),
        if evicted { "J" } else { "N" }.to_owned(),
        or_empty(evicted.then_some(eviction), slashes),
        remark,
    ]
}

/// What somebody typed: an address, a name, a comma, quotes and a line end.
fn remark(address: &str, name: &str, prng: &mut Prng) -> String {
    match prng.below(5) {
        0 => format!("Huisbezoek op {address}, samen met {name}."),
        1 => format!("{name} verblijft tijdelijk op \"{address}\",\nregeling loopt."),
        2 => format!("Brief retour van {address}; nieuwe afspraak."),
        _ => String::new(),
    }
}

/// `dd/mm/jjjj`.
fn slashes(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

/// A later export with a column too many.
fn with_tenants(
    csv: &mut Csv<'_>,
    people: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    csv.row(&[&HOUSING_HEADER[..], &["Huurder"]].concat())?;
    for copy in 0..people.copies() {
        for index in 0..20 {
            let mut cells = household(&HOUSEHOLDS[1], index, copy, seen);
            let tenant = population::name(usize::try_from(index).unwrap_or(0), copy);
            seen.name(&tenant);
            cells.push(tenant);
            row(csv, &cells)?;
        }
    }
    Ok(())
}

const COMPLAINTS_HEADER: [&str; 6] = [
    "Klacht_id",
    "Datum",
    "Doelgroep",
    "Soort",
    "Afhandeling",
    "Omschrijving",
];

/// The complaints of 2024: seven about help for adults, two about help for youth, which do not count.
const COMPLAINTS_2024: [[&str; 3]; 9] = [
    ["Volwassenen", "Wachttijd", "Doorgestuurd"],
    [
        "Volwassenen",
        "Deskundigheid",
        "Doorgestuurd naar andere organisatie",
    ],
    ["18+", "Anders", "Niet in behandeling genomen"],
    ["Volwassenen", "Bejegening", "Informeel"],
    ["18+", "Communicatie", "Informeel afgehandeld"],
    ["Volwassenen", "Wachten", "Informele afhandeling"],
    ["Volwassenen", "Bejegening", "Informeel afgehandeld"],
    ["Jeugd", "Wachttijd", "Informeel"],
    ["18-", "Communicatie", ""],
];

fn complaint(index: usize, copy: u32, seen: &mut Identifiers) -> Vec<String> {
    let prng = &mut Prng::named("klachten", index as u64);
    let number = index as u64 + 1 + u64::from(copy) * COMPLAINTS_2024.len() as u64;
    let id = format!("KL-2024-{number:05}");
    let name = population::name(index, copy);
    let text = format!("Mevrouw {name} is één keer niet teruggebeld.\tBoos; \"nooit meer\".");
    seen.case_number(&id);
    seen.name(&name);
    seen.free_text(&text);
    let mut cells = vec![id, dirt::date(day_of(2024, prng))];
    cells.extend(COMPLAINTS_2024[index].map(str::to_owned));
    cells.push(text);
    cells
}

fn complaints(csv: &mut Csv<'_>, people: &People, seen: &mut Identifiers) -> Result<(), DemoError> {
    csv.row(&COMPLAINTS_HEADER)?;
    for copy in 0..people.copies() {
        for index in 0..COMPLAINTS_2024.len() {
            row(csv, &complaint(index, copy, seen))?;
        }
    }
    Ok(())
}

/// A later list with the names in a column of their own.
fn with_complainants(
    csv: &mut Csv<'_>,
    _: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    csv.row(&[&COMPLAINTS_HEADER[..], &["Naam klager"]].concat())?;
    for index in 0..COMPLAINTS_2024.len() {
        let mut cells = complaint(index, 0, seen);
        cells.push(population::name(index, 0));
        row(csv, &cells)?;
    }
    Ok(())
}

const FOOD_HEADER: [&str; 4] = ["Dossiernr", "Aanvraag", "Besluit", "Datum besluit"];

fn food_bank(
    csv: &mut Csv<'_>,
    year: i32,
    rows: u64,
    people: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    csv.row(&FOOD_HEADER)?;
    let mut first = None;
    for copy in 0..people.copies() {
        for index in 0..rows {
            let cells = application(year, index, index + 1 + u64::from(copy) * rows, seen);
            row(csv, &cells)?;
            first.get_or_insert(cells);
        }
    }
    let Some(cells) = first else { return Ok(()) };
    // A dossier that is in the list already, and one without a number.
    spoiled(csv, &cells, &[])?;
    spoiled(csv, &cells, &[(0, "")])
}

fn application(year: i32, index: u64, number: u64, seen: &mut Identifiers) -> Vec<String> {
    let prng = &mut Prng::named("voedselbank", index << 16 | u64::from(year.unsigned_abs()));
    let dossier = format!("VB{year}-{number:06}");
    seen.case_number(&dossier);
    let asked = day_of(year, prng);
    let decision = prng.pick(&["Toegekend", "Toekenning", "Afgewezen", "Ingetrokken", ""]);
    let decided = asked + Days::new(prng.below(30) as u64);
    vec![
        dossier,
        dirt::date(asked),
        decision.to_owned(),
        or_empty((!decision.is_empty()).then_some(decided), dirt::date),
    ]
}

/// An application, and the BSN of who asked.
fn applicant(index: u64, people: &People, seen: &mut Identifiers) -> (Vec<String>, String) {
    let cells = application(2024, index, index + 1, seen);
    let person = usize::try_from(index).unwrap_or(0);
    let number = people.bsn(person, 0);
    let number = number.map_or_else(String::new, |n| format!("{n:09}"));
    seen.bsn(&number);
    (cells, number)
}

/// A later export with the BSN in a column of its own.
fn with_bsns(csv: &mut Csv<'_>, people: &People, seen: &mut Identifiers) -> Result<(), DemoError> {
    csv.row(&[&FOOD_HEADER[..], &["BSN"]].concat())?;
    for index in 0..40 {
        let (mut cells, number) = applicant(index, people, seen);
        cells.push(number);
        row(csv, &cells)?;
    }
    Ok(())
}

/// And one that hides it under the name of another.
fn with_bsns_as_dossiers(
    csv: &mut Csv<'_>,
    people: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    csv.row(&FOOD_HEADER)?;
    for index in 0..60 {
        let (mut cells, number) = applicant(index, people, seen);
        if !number.is_empty() {
            cells[0] = number;
        }
        row(csv, &cells)?;
    }
    Ok(())
}
