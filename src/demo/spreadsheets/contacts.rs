//! `korte-contacten`: a workbook a year that people fill in, with a title, a header of two rows whose
//! upper cells are merged, and a total below.

use chrono::Days;
use rust_xlsxwriter::{Format, Formula};

use super::{Book, Cell, Sheet, failed, number};
use crate::demo::prng::Prng;
use crate::demo::targets::{SHORT_CONTACTS, TEAMS};
use crate::demo::{DemoError, Scene, day, dirt, export_date};

const SOURCE: &str = "korte-contacten";
const TOPICS: [&str; 8] = [
    "Financiën",
    "Wonen",
    "Gezondheid",
    "Opvoeding",
    "Werk",
    "Formulieren",
    "Anders",
    "",
];

/// Every year, and one that came again with BSNs in it.
pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    for (year, total) in SHORT_CONTACTS {
        let date = export_date(year);
        let mut book = Book::new(date)?;
        let mut sheet = head(&mut book, year, &["datum", "team", "onderwerp", "aantal"])?;
        for copy in 0..scene.scale {
            contacts(&mut sheet, year, total, copy)?;
        }
        if year == 2024 {
            sheet.refused_row(&[
                Cell::text("30-02-2024"),
                Cell::text("Oost"),
                Cell::text("Wonen"),
                Cell::Number(1.0),
            ])?;
        }
        let formula = Formula::new(format!("=SUM(D4:D{})", sheet.next)).set_result("0");
        let row = sheet.next;
        sheet.cells.write_formula(row, 3, formula).map_err(failed)?;
        sheet.line(&[Cell::text("Totaal")])?;
        book.send(scene, SOURCE, year, date, None)?;
    }
    with_numbers(scene)
}

/// A correction to which somebody added whom it was about: that may not be.
fn with_numbers(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let date = day(2025, 1, 22);
    let mut book = Book::new(date)?;
    let titles = ["datum", "team", "onderwerp", "aantal", "bsn"];
    let mut sheet = head(&mut book, 2024, &titles)?;
    for person in super::acquaintances(scene, SOURCE).into_iter().take(20) {
        let bsn = scene.people.bsn(person, 0).unwrap_or_default();
        let spelled = format!("{bsn:09}");
        scene.seen.bsn(&spelled);
        sheet.row(&[
            Cell::Day(day(2024, 5, 17)),
            Cell::text("Oost"),
            Cell::text("Wonen"),
            Cell::Number(1.0),
            Cell::text(spelled),
        ])?;
    }
    book.send(scene, SOURCE, 2024, date, Some("onbekende_kolom"))
}

/// Title and header.
fn head<'b>(book: &'b mut Book, year: i32, titles: &[&str]) -> Result<Sheet<'b>, DemoError> {
    let mut sheet = book.bare_sheet("Korte contacten")?;
    let plain = Format::new();
    let title = format!("Korte contacten {year}");
    for (row, first, last, text) in [
        (0, 0, 3, title.as_str()),
        (1, 0, 1, "Contact"),
        (1, 2, 3, "Vraag"),
    ] {
        sheet
            .cells
            .merge_range(row, first, row, last, text, &plain)
            .map_err(failed)?;
    }
    sheet.next = 2;
    let titles: Vec<Cell> = titles.iter().map(|title| Cell::text(*title)).collect();
    sheet.line(&titles)?;
    Ok(sheet)
}

/// The contacts of a year; they add up to `total`.
fn contacts(sheet: &mut Sheet<'_>, year: i32, total: usize, copy: u32) -> Result<(), DemoError> {
    let seed = u64::from(copy) << 32 | u64::from(year.unsigned_abs());
    let mut prng = Prng::named("short contacts", seed);
    let mut left = total;
    while left > 0 {
        let count = (1 + prng.below(4)).min(left);
        left -= count;
        let date = day(year, 1, 1) + Days::new(prng.below(365) as u64);
        let count = match prng.below(10) {
            0 => Cell::text(format!("{count},0")),
            1 => Cell::text(count.to_string()),
            _ => number(count),
        };
        let topic = prng.pick(&TOPICS);
        sheet.row(&[
            match prng.below(3) {
                0 => Cell::text(dirt::date(date)),
                1 => Cell::Serial(date),
                _ => Cell::Day(date),
            },
            Cell::text(prng.pick(&TEAMS)),
            if topic.is_empty() {
                Cell::Empty
            } else {
                Cell::text(topic)
            },
            count,
        ])?;
    }
    Ok(())
}
