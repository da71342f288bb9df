//! What people and systems put into workbooks.

use std::io::Cursor;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook as Writer, Worksheet};
use sha2::{Digest, Sha256};

use super::*;
use crate::contract::model::{
    Column, DateFormat, Header, Kind, Notation, Treatment, Version, XlsxDialect,
};
use crate::source::raw::RawChunk;

mod hostile;
mod large;

/// A contract of some columns: a name, what it holds, and whether a delivery may lack it.
pub(super) fn contract(columns: &[(&str, Kind, bool)]) -> (Vec<Column>, Version) {
    let columns = columns.iter().map(|(name, kind, optional)| Column {
        name: name.to_lowercase().replace(' ', "_"),
        headers: vec![Header {
            text: (*name).to_owned(),
            version: None,
        }],
        kind: kind.clone(),
        class: String::new(),
        treatment: Treatment::Keep,
        required: false,
        optional: *optional,
        empty: Vec::new(),
        documentation: String::new(),
    });
    let version = Version {
        name: "1".into(),
        from: None,
        until: None,
        partner: None,
    };
    (columns.collect(), version)
}

/// Day, text, amount, and a remark that may lack.
fn usual() -> (Vec<Column>, Version) {
    let amount = Kind::Decimal {
        notation: Notation::Comma,
        decimals: 2,
        min: 0,
        max: 1_000_000,
    };
    contract(&[
        ("Datum", Kind::Date(DateFormat::DayMonthYear), false),
        ("Team", text(), false),
        ("Bedrag", amount, false),
        ("Opmerking", text(), true),
    ])
}

fn text() -> Kind {
    Kind::Text { max_bytes: 1000 }
}

pub(super) fn dialect() -> XlsxDialect {
    XlsxDialect {
        sheets: Vec::new(),
        skip_sheets: Vec::new(),
        header_row: 1,
        header_rows: 1,
        totals: vec!["Totaal".into()],
        max_row_bytes: 1000,
        max_unpacked_bytes: 8 << 20,
    }
}

/// Rows as texts; a malformed row is empty.
type Rows = Vec<Vec<String>>;

fn read_chunk(chunk: &RawChunk, layout: &Layout, rows: &mut Rows) {
    for row in 0..chunk.rows() {
        let malformed = chunk.malformed().iter().any(|bad| *bad as usize == row);
        let cells = layout.places.iter().map(|place| match place {
            Some(at) => String::from_utf8(chunk.cell(row, *at).into_owned()).unwrap(),
            None => "(geen kolom)".into(),
        });
        rows.push(if malformed {
            Vec::new()
        } else {
            cells.collect()
        });
    }
}

fn read(
    bytes: Vec<u8>,
    dialect: &XlsxDialect,
    (columns, version): &(Vec<Column>, Version),
) -> Result<Rows, DeliveryFault> {
    let headers = Headers { columns, version };
    let mut workbook = Workbook::open(Cursor::new(bytes), dialect, headers, 200)?;
    let layout = workbook.layout.clone();
    let mut rows = Rows::new();
    while let Some(Piece::Rows(chunk, _)) = workbook.next()? {
        read_chunk(&chunk, &layout, &mut rows);
    }
    Ok(rows)
}

/// A workbook of one sheet that somebody fills.
fn one(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Writer::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

fn texts(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (at, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        sheet.write(row, at, *cell).unwrap();
    }
}

const HEADER: &[&str] = &["Datum", "Team", "Bedrag", "Opmerking"];

#[test]
fn cells_are_spelled_as_the_contract_has_them() {
    let bytes = one(|sheet| {
        texts(sheet, 0, HEADER);
        let layout = Format::new().set_num_format("d mmm yyyy");
        let day = ExcelDateTime::from_ymd(2024, 1, 31).unwrap();
        sheet.write_with_format(1, 0, &day, &layout).unwrap();
        sheet.write(1, 1, "Oost").unwrap();
        sheet.write(1, 2, 0.1 + 0.2).unwrap();
        // A layout that was lost, a truth, and a number as text.
        sheet.write(2, 0, 45_323).unwrap();
        sheet.write(2, 1, true).unwrap();
        sheet.write(2, 2, "1.234,56").unwrap();
        sheet.write(2, 3, " regel een\nregel twee ").unwrap();
        // A date as text, and what a formula gave.
        texts(sheet, 3, &["1-2-2024"]);
        let formula = Formula::new("=1+1").set_result("2");
        sheet.write_formula(3, 1, formula).unwrap();
        sheet.write(3, 2, 12.0).unwrap();
    });
    let rows = read(bytes, &dialect(), &usual()).unwrap();
    assert_eq!(
        rows,
        [
            ["31-01-2024", "Oost", "0,3", ""],
            ["01-02-2024", "WAAR", "1.234,56", "regel een\nregel twee"],
            ["1-2-2024", "2", "12", ""],
        ]
    );
}

#[test]
fn hidden_rows_columns_and_sheets_are_read_like_the_rest() {
    let mut book = Writer::new();
    for hidden in [false, true] {
        let sheet = book.add_worksheet();
        texts(sheet, 0, HEADER);
        texts(sheet, 1, &["1-2-2024", "Oost", "3"]);
        sheet.set_row_hidden(1).unwrap();
        sheet.set_column_hidden(1).unwrap();
        sheet.set_hidden(hidden);
    }
    let bytes = book.save_to_buffer().unwrap();
    let row = ["1-2-2024", "Oost", "3", ""];
    assert_eq!(read(bytes, &dialect(), &usual()).unwrap(), [row, row]);
}

#[test]
fn rows_that_hold_nothing_and_totals_are_no_records() {
    let bytes = one(|sheet| {
        texts(sheet, 0, HEADER);
        texts(sheet, 2, &["1-2-2024", "Oost", "3"]);
        texts(sheet, 3, &["", "  ", "\u{a0}"]);
        texts(sheet, 4, &["", "TOTAAL Oost", "3"]);
        texts(sheet, 70_000, &["2-2-2024", "West", "4", "totaal"]);
        texts(
            sheet,
            70_001,
            &["Totaal generaal", "", "7", "", "", "zie blad 2"],
        );
    });
    let rows = read(bytes, &dialect(), &usual()).unwrap();
    assert_eq!(
        rows,
        [
            ["1-2-2024", "Oost", "3", ""],
            ["2-2-2024", "West", "4", "totaal"]
        ]
    );
}

#[test]
fn errors_and_values_without_a_header_make_the_row_malformed() {
    let bytes = one(|sheet| {
        texts(sheet, 0, HEADER);
        texts(sheet, 1, &["1-2-2024", "Oost", "3"]);
        texts(sheet, 2, &["1-2-2024", "Oost"]);
        let failed = Formula::new("=1/0").set_result("#DIV/0!");
        sheet.write_formula(2, 2, failed).unwrap();
        texts(sheet, 3, &["1-2-2024", "Oost", "3", "", "", "ernaast"]);
        texts(sheet, 4, &["2-2-2024", "West", "4"]);
    });
    let rows = read(bytes, &dialect(), &usual()).unwrap();
    let lengths: Vec<usize> = rows.iter().map(Vec::len).collect();
    assert_eq!(lengths, [4, 0, 0, 4]);
}

#[test]
fn a_header_of_two_rows_below_a_title() {
    let bytes = one(|sheet| {
        sheet.write(0, 0, "Overzicht van het jaar").unwrap();
        let plain = Format::new();
        sheet.merge_range(2, 0, 2, 1, "Contact", &plain).unwrap();
        sheet.merge_range(2, 2, 3, 2, "Bedrag", &plain).unwrap();
        texts(sheet, 3, &["datum", "team"]);
        texts(sheet, 4, &["1-2-2024", "Oost", "3"]);
    });
    let mut two = dialect();
    (two.header_row, two.header_rows) = (3, 2);
    let (columns, version) = contract(&[
        ("Bedrag", text(), false),
        ("Contact team", text(), false),
        ("Contact datum", text(), false),
        ("Niet geleverd", text(), true),
    ]);
    let rows = read(bytes, &two, &(columns, version)).unwrap();
    assert_eq!(rows, [["3", "Oost", "1-2-2024", "(geen kolom)"]]);
}

#[test]
fn the_header_is_a_closed_world() {
    let header = |cells: &[&str]| read(one(|sheet| texts(sheet, 0, cells)), &dialect(), &usual());
    assert_eq!(header(HEADER), Ok(Rows::new()));
    assert_eq!(header(&["bedrag ", " DATUM", "", "team"]), Ok(Rows::new()));
    assert_eq!(
        header(&["Datum", "Team", "Bedrag", "", "Naam"]),
        Err(DeliveryFault::UnknownColumn(5))
    );
    assert_eq!(
        header(&["Datum", "Team", "Bedrag", "team"]),
        Err(DeliveryFault::DuplicateColumn(4, "team".into()))
    );
    assert_eq!(
        header(&["Datum", "Team"]),
        Err(DeliveryFault::MissingColumn("bedrag".into()))
    );
    assert_eq!(
        header(&[]),
        Err(DeliveryFault::MissingColumn("datum".into()))
    );
}

#[test]
fn sheets_are_a_closed_world() {
    let book = |names: &[&str]| {
        let mut book = Writer::new();
        for name in names {
            let sheet = book.add_worksheet();
            sheet.set_name(*name).unwrap();
            // Every sheet may have its columns in its own order, and lack optional ones.
            let header: &[&str] = if *name == "Zuid" {
                &["Bedrag", "Team", "Datum"]
            } else {
                HEADER
            };
            texts(sheet, 0, header);
            texts(sheet, 1, &[name, name, name]);
        }
        book.save_to_buffer().unwrap()
    };
    let mut named = dialect();
    named.sheets = vec!["noord".into(), "Zuid ".into()];
    named.skip_sheets = vec!["Uitleg".into()];
    let read = |names| read(book(names), &named, &usual());
    assert_eq!(
        read(&["Uitleg", "Zuid", "Noord"]),
        Ok(vec![
            vec!["Zuid".into(), "Zuid".into(), "Zuid".into(), String::new()],
            vec![
                "Noord".into(),
                "Noord".into(),
                "Noord".into(),
                String::new()
            ],
        ])
    );
    assert_eq!(read(&["Noord", "Zuid"]).map(|rows| rows.len()), Ok(2));
    assert_eq!(
        read(&["Noord", "Zuid", "West"]),
        Err(DeliveryFault::UnknownSheet(3))
    );
    assert_eq!(
        read(&["Noord", "Uitleg"]),
        Err(DeliveryFault::MissingSheet("Zuid ".into()))
    );
}

#[test]
fn days_may_count_from_1904() {
    let bytes = one(|sheet| {
        texts(sheet, 0, HEADER);
        sheet.write(1, 0, 43_860).unwrap();
    });
    let bytes = hostile::rewrite(&bytes, "xl/workbook.xml", |xml| {
        xml.replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
    });
    let rows = read(bytes, &dialect(), &usual()).unwrap();
    assert_eq!(rows[0][0], "31-01-2024");
}

#[test]
fn a_row_is_no_longer_than_accepted() {
    let bytes = one(|sheet| {
        texts(sheet, 0, HEADER);
        texts(sheet, 1, &["1-2-2024", "Oost", "3"]);
        texts(
            sheet,
            2,
            &["1-2-2024", &"x".repeat(600), "3", &"y".repeat(600)],
        );
    });
    let fault = read(bytes, &dialect(), &usual()).unwrap_err();
    assert_eq!(fault, DeliveryFault::RowTooLong { row: 1, max: 1000 });
    assert_eq!(
        fault.after(0).to_string(),
        "row 2 is longer than 1000 bytes; a quote that is never closed does this too"
    );
}

#[test]
fn a_file_is_hashed_and_must_stay_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("levering.xlsx");
    let bytes = one(|sheet| {
        texts(sheet, 0, HEADER);
        texts(sheet, 1, &["1-2-2024", "Oost", "3"]);
    });
    #[expect(clippy::disallowed_methods, reason = "tests make their own files")]
    std::fs::write(&path, &bytes).unwrap();
    let (columns, version) = usual();
    let headers = || Headers {
        columns: &columns,
        version: &version,
    };
    let open = || open(&path, &dialect(), headers(), 1000).unwrap().decoder;
    let mut decoder = open();
    while decoder.next_piece().unwrap().is_some() {}
    let summary = decoder.finish().unwrap();
    assert_eq!(summary.bytes, bytes.len() as u64);
    assert_eq!(summary.sha256, crate::hex::encode(&Sha256::digest(&bytes)));

    // Dropped half-way, and changed half-way.
    drop(open());
    let decoder = open();
    let file = File::options().append(true).open(&path).unwrap();
    std::io::Write::write_all(&mut &file, b"x").unwrap();
    assert_eq!(decoder.finish().unwrap_err(), DeliveryFault::Changing);
}
