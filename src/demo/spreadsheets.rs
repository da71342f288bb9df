//! Workbooks: XLSX as people and systems make them.

mod contacts;
mod debts;
mod staff;
mod youth;

use std::io;

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError,
};

use super::prng::Prng;
use super::writer::Whole;
use super::{DemoError, Scene};

/// Writes the deliveries.
pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    contacts::deliver(scene)?;
    debts::deliver(scene)?;
    youth::deliver(scene)?;
    staff::deliver(scene)
}

/// A cell of a row.
#[derive(Clone, Debug)]
enum Cell {
    Empty,
    Text(String),
    Number(f64),
    /// A date that Excel shows as one.
    Day(NaiveDate),
    /// A date whose layout was lost: a bare number.
    Serial(NaiveDate),
    /// A formula that failed.
    Error,
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A date as a column holds it that several people filled: laid out, bare, or typed.
    fn mixed_day(day: NaiveDate, prng: &mut Prng) -> Self {
        match prng.below(3) {
            0 => Self::Day(day),
            1 => Self::Serial(day),
            _ => Self::Text(super::dirt::date(day)),
        }
    }
}

/// A number of days or pieces, as Excel holds it.
fn number(count: usize) -> Cell {
    Cell::Number(f64::from(u32::try_from(count).unwrap_or(u32::MAX)))
}

/// A workbook while it is filled.
struct Book {
    workbook: Workbook,
    rows: u64,
    refused: u64,
}

impl Book {
    /// An empty workbook, made on a day: the file says so, and must not say when this program ran.
    fn new(date: NaiveDate) -> Result<Self, DemoError> {
        let mut book = Workbook::new();
        let made = day(date).map_err(failed)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&made));
        Ok(Self {
            workbook: book,
            rows: 0,
            refused: 0,
        })
    }

    /// A new sheet with a header of one row.
    fn sheet(&mut self, name: &str, header: &[&str]) -> Result<Sheet<'_>, DemoError> {
        let mut sheet = self.bare_sheet(name)?;
        for (at, title) in (0..).zip(header) {
            sheet.cells.write(0, at, *title).map_err(failed)?;
        }
        sheet.next = 1;
        Ok(sheet)
    }

    /// A new sheet.
    fn bare_sheet(&mut self, name: &str) -> Result<Sheet<'_>, DemoError> {
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(name).map_err(failed)?;
        Ok(Sheet {
            cells: sheet,
            next: 0,
            layout: Format::new().set_num_format("dd-mm-yyyy"),
            rows: &mut self.rows,
            refused: &mut self.refused,
        })
    }

    /// A sheet for people, which holds no records.
    fn explain(&mut self, name: &str, lines: &[&str]) -> Result<(), DemoError> {
        let sheet = self.bare_sheet(name)?;
        for (row, line) in (0..).zip(lines) {
            sheet.cells.write(row, 0, *line).map_err(failed)?;
        }
        Ok(())
    }

    /// Delivers the workbook.
    fn send(
        mut self,
        scene: &mut Scene<'_>,
        source: &'static str,
        year: i32,
        date: NaiveDate,
        refused_by: Option<&'static str>,
    ) -> Result<(), DemoError> {
        let bytes = self.workbook.save_to_buffer().map_err(failed)?;
        let delivery = scene.landing.deliver_whole(Whole {
            source,
            file: format!("{source}_{year}_{}.xlsx", date.format("%Y%m%d")),
            date,
            checksum: false,
            rows: self.rows,
            refused: self.refused,
            refused_by,
            bytes,
        })?;
        scene.done.push(delivery);
        Ok(())
    }
}

/// A sheet while it is filled.
struct Sheet<'a> {
    cells: &'a mut Worksheet,
    next: u32,
    layout: Format,
    rows: &'a mut u64,
    refused: &'a mut u64,
}

impl Sheet<'_> {
    /// Writes a record.
    fn row(&mut self, cells: &[Cell]) -> Result<(), DemoError> {
        *self.rows += 1;
        self.line(cells)
    }

    /// Writes a record that must be refused, and counts it as such.
    fn refused_row(&mut self, cells: &[Cell]) -> Result<(), DemoError> {
        *self.refused += 1;
        self.row(cells)
    }

    /// Writes a row that is no record.
    fn line(&mut self, cells: &[Cell]) -> Result<(), DemoError> {
        for (at, cell) in (0..).zip(cells) {
            self.cell(at, cell).map_err(failed)?;
        }
        self.next += 1;
        Ok(())
    }

    fn cell(&mut self, column: u16, cell: &Cell) -> Result<(), XlsxError> {
        let row = self.next;
        match cell {
            Cell::Empty => return Ok(()),
            Cell::Text(text) => self.cells.write(row, column, text.as_str())?,
            Cell::Number(number) => self.cells.write(row, column, *number)?,
            Cell::Day(date) => {
                let date = day(*date)?;
                self.cells
                    .write_with_format(row, column, &date, &self.layout)?
            }
            Cell::Serial(date) => self.cells.write(row, column, serial(*date))?,
            Cell::Error => {
                let formula = Formula::new("=VLOOKUP(1,Z:Z,1,0)").set_result("#N/A");
                self.cells.write_formula(row, column, formula)?
            }
        };
        Ok(())
    }
}

fn day(date: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    let part = |number: u32| u8::try_from(number).unwrap_or(1);
    let year = u16::try_from(date.year()).unwrap_or(1900);
    ExcelDateTime::from_ymd(year, part(date.month()), part(date.day()))
}

/// Days since the end of 1899, as Excel counts them after February 1900.
fn serial(date: NaiveDate) -> f64 {
    let start = super::day(1899, 12, 30);
    let days = date.signed_duration_since(start).num_days();
    i32::try_from(days).map_or(0.0, f64::from)
}

/// A workbook that could not be made counts as one that could not be written.
#[expect(clippy::needless_pass_by_value, reason = "reads as map_err(failed)")]
fn failed(error: XlsxError) -> DemoError {
    DemoError::write(io::Error::other(error.to_string()))
}

/// The persons (index) whom a partner of ours knows: everybody, in an order of its own.
fn acquaintances(scene: &Scene<'_>, partner: &str) -> Vec<usize> {
    let copies = u64::from(scene.people.copies()).max(1);
    let persons = usize::try_from(scene.people.count() / copies).unwrap_or(0);
    let mut order: Vec<usize> = (0..persons).collect();
    Prng::named(partner, 1).shuffle(&mut order);
    order
}
