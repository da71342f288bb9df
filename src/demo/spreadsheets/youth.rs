//! `mevis-jeugd`: youth care in the form in which the CBS asks for it. Codes and dates are numbers, so
//! Excel has taken their zeros away.

use chrono::{Datelike, Days, NaiveDate};

use super::{Book, Cell, acquaintances};
use crate::demo::population::{Address, elfproef};
use crate::demo::prng::Prng;
use crate::demo::{DemoError, Scene, day, dirt};

const SOURCE: &str = "mevis-jeugd";
const HEADER: [&str; 9] = [
    "Trajectnr",
    "Bsn",
    "Geboortedatum",
    "Postcode",
    "Verwijzer",
    "Hulpvorm",
    "Aanvang",
    "Einde",
    "Reden",
];
/// Trajecten that begin in a year, of every person's copy.
const TRAJECTEN: [(i32, usize); 2] = [(2023, 110), (2024, 130)];

/// Every year, and one that says too much.
pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let known = acquaintances(scene, SOURCE);
    for (year, count) in TRAJECTEN {
        let date = day(2025, 1, 31);
        let mut book = Book::new(date)?;
        book.explain(
            "Codelijsten",
            &[
                "Hulpvorm 1 tot en met 7",
                "Verwijzer 1 tot en met 6, 99 is onbekend",
            ],
        )?;
        let mut sheet = book.sheet("Jeugdhulp", &HEADER)?;
        let young = young(scene, &known, year);
        for copy in 0..scene.scale {
            let mut prng = Prng::named(
                "youth",
                u64::from(copy) << 32 | u64::from(year.unsigned_abs()),
            );
            for (number, person) in young.iter().cycle().take(count).enumerate() {
                let cells = traject(scene, Some(*person), copy, year, number, &mut prng);
                sheet.row(&cells)?;
            }
            for number in count..count + 4 {
                // Not yet born, and not known.
                let mut cells = traject(scene, None, copy, year, number, &mut prng);
                cells[1] = match number % 4 {
                    0 => Cell::text("000000000"),
                    1 => Cell::Number(0.0),
                    2 => Cell::Number(999_999_999.0),
                    _ => Cell::text("999999999"),
                };
                sheet.row(&cells)?;
            }
        }
        if year == 2024 {
            let mut prng = Prng::named("refused youth", 0);
            let first = traject(scene, young.first().copied(), 0, year, 0, &mut prng);
            // A number that is already there, a BSN that fails, and a code that nobody knows.
            sheet.refused_row(&first)?;
            let mut cells = traject(scene, None, 0, year, 9_001, &mut prng);
            let wrong = (999_912_345..=999_999_999)
                .find(|number| !elfproef(*number))
                .unwrap_or(0);
            scene.seen.bsn(&wrong.to_string());
            cells[1] = Cell::text(wrong.to_string());
            sheet.refused_row(&cells)?;
            let mut cells = traject(scene, None, 0, year, 9_002, &mut prng);
            cells[5] = Cell::Number(17.0);
            sheet.refused_row(&cells)?;
        }
        book.send(scene, SOURCE, year, date, None)?;
    }
    with_diagnosis(scene, &known)
}

/// A correction that says what somebody suffers from: nobody asked for that.
fn with_diagnosis(scene: &mut Scene<'_>, known: &[usize]) -> Result<(), DemoError> {
    let date = day(2025, 2, 14);
    let mut book = Book::new(date)?;
    let header: Vec<&str> = HEADER.into_iter().chain(["Diagnose"]).collect();
    let mut sheet = book.sheet("Jeugdhulp", &header)?;
    let mut prng = Prng::named("diagnosis", 0);
    for (number, person) in young(scene, known, 2024).into_iter().take(10).enumerate() {
        let mut cells = traject(scene, Some(person), 0, 2024, number, &mut prng);
        let text = "vermoeden van kwaadaardige verzonnenitis";
        scene.seen.free_text(text);
        cells.push(Cell::text(text));
        sheet.row(&cells)?;
    }
    book.send(scene, SOURCE, 2024, date, Some("onbekende_kolom"))
}

/// Who is not yet eighteen on the last day of a year, and was born before its first.
fn young(scene: &Scene<'_>, known: &[usize], year: i32) -> Vec<usize> {
    let (first, last) = (day(year, 1, 1), day(year, 12, 31));
    let is_young =
        |person: &usize| {
            scene.people.person(*person).born.is_some_and(|born| {
                born < first && last.years_since(born).is_some_and(|age| age < 18)
            })
        };
    known.iter().copied().filter(is_young).collect()
}

/// One traject; without a person the BSN is empty.
fn traject(
    scene: &mut Scene<'_>,
    person: Option<usize>,
    copy: u32,
    year: i32,
    number: usize,
    prng: &mut Prng,
) -> Vec<Cell> {
    let begin = day(year, 1, 1) + Days::new(prng.below(365) as u64);
    let end = (!prng.once_in(3)).then(|| begin + Days::new(14 + prng.below(300) as u64));
    let traject = format!("JHT{year}{copy:03}{number:05}");
    scene.seen.case_number(&traject);
    let (mut bsn, mut born, mut postcode) = (Cell::Empty, Cell::Number(0.0), Cell::Empty);
    if let Some(person) = person {
        bsn = match scene.people.bsn(person, copy) {
            Some(number) => {
                let spelled = dirt::bsn(number, prng);
                scene.seen.bsn(&spelled);
                if prng.once_in(2) {
                    Cell::Number(f64::from(number))
                } else {
                    Cell::text(spelled)
                }
            }
            None => Cell::Number(999_999_999.0),
        };
        let known = scene.people.person(person);
        if let Some(day) = known.born {
            scene.seen.birth_date(&dirt::date(day));
            born = coded(day, prng);
        }
        if let Address::Full(full) = &known.address {
            let spelled = dirt::postcode(full, prng);
            scene.seen.postcode(&spelled);
            postcode = Cell::text(spelled);
        }
    }
    vec![
        Cell::text(traject),
        bsn,
        born,
        postcode,
        match prng.below(8) {
            0 => Cell::Number(99.0),
            code => code_cell(1 + code % 6, prng),
        },
        code_cell(1 + prng.below(7), prng),
        coded(begin, prng),
        end.map_or(Cell::text("00000000"), |day| coded(day, prng)),
        match end {
            Some(_) => code_cell(1 + prng.below(5), prng),
            None => Cell::Empty,
        },
    ]
}

/// A code: a number, or a text with its zero.
fn code_cell(code: usize, prng: &mut Prng) -> Cell {
    if prng.once_in(3) {
        Cell::text(format!("{code:02}"))
    } else {
        super::number(code)
    }
}

/// A day as the CBS has it (`jjjjmmdd`), as text or number; some made a date of it.
fn coded(date: NaiveDate, prng: &mut Prng) -> Cell {
    match prng.below(4) {
        0 => Cell::Day(date),
        1 => Cell::text(date.format("%Y%m%d").to_string()),
        _ => {
            let year = f64::from(date.year());
            Cell::Number(year * 10_000.0 + f64::from(date.month() * 100 + date.day()))
        }
    }
}
