//! `vroegsignalering`: a sheet for every partner that reports arrears, names and addresses included,
//! with a hidden column.

use chrono::{Days, NaiveDate};

use super::{Book, Cell, acquaintances};
use crate::demo::population::{Address, name};
use crate::demo::prng::Prng;
use crate::demo::{DemoError, Scene, day, dirt};

const SOURCE: &str = "vroegsignalering";
/// A sheet and how it calls itself in its rows.
const PARTNERS: [(&str, &[&str]); 4] = [
    ("Woningcorporatie", &["Woonplus", "Woningcorporatie"]),
    ("Energie", &["Energieleverancier", "Energie"]),
    ("Water", &["Waterbedrijf", "Water"]),
    ("Zorgverzekeraar", &["Zorgverzekeraar"]),
];
const HEADER: [&str; 9] = [
    "Klantnummer",
    "Naam",
    "Adres",
    "Postcode",
    "Geboortedatum",
    "Signaalpartner",
    "Bedrag",
    "Maanden",
    "Datum",
];
/// Streets that do not exist.
const STREETS: [&str; 6] = [
    "Kwikstaartplantsoen",
    "Zilverschoonkade",
    "Korhoenderdreef",
    "Goudplevierlaan",
    "Moerasspireasingel",
    "Wulpenveldpad",
];
/// Signals in a year, of every person's copy.
const SIGNALS: [(i32, usize); 2] = [(2023, 80), (2024, 120)];

/// Every year, and one with a partner that nobody announced.
pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let known = acquaintances(scene, SOURCE);
    for (year, signals) in SIGNALS {
        let date = day(2025, 1, 20);
        let mut book = Book::new(date)?;
        book.explain("Toelichting", &["Een blad per signaalpartner."])?;
        for (at, (partner, spellings)) in PARTNERS.into_iter().enumerate() {
            let mut sheet = book.sheet(partner, &HEADER)?;
            // Whoever made the sheet hid the column; it is still there.
            sheet.cells.set_column_hidden(0).map_err(super::failed)?;
            for copy in 0..scene.scale {
                let mut prng = Prng::named(
                    partner,
                    u64::from(copy) << 32 | u64::from(year.unsigned_abs()),
                );
                let share = signals / PARTNERS.len();
                let persons = known.iter().skip(at * share).take(share);
                for person in persons {
                    let spelled = prng.pick(spellings);
                    let cells = signal(scene, *person, copy, year, spelled, &mut prng);
                    sheet.row(&cells)?;
                }
            }
            if year == 2024 && at == 0 {
                let mut prng = Prng::named("refused debts", 0);
                let mut cells = signal(scene, known[0], 0, year, "Woonplus", &mut prng);
                cells[6] = Cell::Error;
                sheet.refused_row(&cells)?;
                cells[6] = Cell::Number(250.0);
                cells[8] = Cell::text("31-04-2024");
                sheet.refused_row(&cells)?;
            }
            sheet.line(&[Cell::Empty, Cell::text("Totaal"), Cell::text(partner)])?;
        }
        book.send(scene, SOURCE, year, date, None)?;
    }
    unannounced(scene, &known)
}

/// A correction with a sheet of a new partner.
fn unannounced(scene: &mut Scene<'_>, known: &[usize]) -> Result<(), DemoError> {
    let date = day(2025, 2, 3);
    let mut book = Book::new(date)?;
    let mut prng = Prng::named("unannounced", 0);
    let new = ("Gemeentebelastingen", &["Gemeentebelastingen"][..]);
    for (partner, spellings) in PARTNERS.into_iter().chain([new]) {
        let mut sheet = book.sheet(partner, &HEADER)?;
        for person in known.iter().take(5) {
            let cells = signal(scene, *person, 0, 2024, spellings[0], &mut prng);
            sheet.row(&cells)?;
        }
    }
    book.send(scene, SOURCE, 2024, date, Some("onbekend_blad"))
}

/// One signal about a person.
fn signal(
    scene: &mut Scene<'_>,
    person: usize,
    copy: u32,
    year: i32,
    partner: &str,
    prng: &mut Prng,
) -> Vec<Cell> {
    let date = day(year, 1, 1) + Days::new(prng.below(365) as u64);
    let number = format!("KL-{:08}", prng.below(100_000_000));
    let who = name(person, copy);
    let home = format!("{} {}", prng.pick(&STREETS), 100 + prng.below(900));
    scene.seen.case_number(&number);
    scene.seen.name(&who);
    scene.seen.free_text(&home);
    let known = scene.people.person(person);
    let postcode = match &known.address {
        Address::Full(postcode) => dirt::postcode(postcode, prng),
        Address::Digits(digits) => digits.clone(),
        Address::Unknown => String::new(),
    };
    scene.seen.postcode(&postcode);
    let born = birth(known.born, prng);
    if let Some(day) = known.born {
        scene.seen.birth_date(&dirt::date(day));
    }
    let cents = 5_000 + prng.below(250_000);
    vec![
        Cell::text(number),
        Cell::text(who),
        Cell::text(home),
        Cell::text(postcode),
        born,
        Cell::text(partner),
        amount(cents, prng),
        super::number(1 + prng.below(8)),
        Cell::mixed_day(date, prng),
    ]
}

fn birth(born: Option<NaiveDate>, prng: &mut Prng) -> Cell {
    match born {
        // Excel has no days before 1900.
        Some(day) if day < crate::demo::day(1901, 1, 1) => Cell::text(dirt::date(day)),
        Some(day) => Cell::mixed_day(day, prng),
        None => Cell::text("onbekend"),
    }
}

/// An amount: a number with the noise of a computation, or typed.
fn amount(cents: usize, prng: &mut Prng) -> Cell {
    let (euros, rest) = (cents / 100, cents % 100);
    let grouped = match euros {
        0..1000 => euros.to_string(),
        _ => format!("{}.{:03}", euros / 1000, euros % 1000),
    };
    match prng.below(4) {
        0 => Cell::text(format!("€ {grouped},{rest:02}")),
        1 => Cell::text(format!("{euros},{rest:02}")),
        _ => {
            let number = f64::from(u32::try_from(cents).unwrap_or(0));
            Cell::Number(number * 0.01)
        }
    }
}
