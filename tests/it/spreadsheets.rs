//! The partners that send workbooks, with their quirks.

use std::fs;

use arrow::datatypes::DataType;
use arrow::json::ArrayWriter;
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use serde_json::{Value, json};

use crate::support::Place;

const SOURCES: [&str; 4] = [
    "korte-contacten",
    "mevis-jeugd",
    "personeel",
    "vroegsignalering",
];
/// What they need.
const REFERENCE: [&str; 2] = ["cbs-postcodes", "cbs-wijken"];

/// A place with the demo's workbooks and the reference data that they need, and no more.
fn place() -> Place {
    let place = Place::with_demo();
    for folder in fs::read_dir(place.landing()).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        if !SOURCES.iter().chain(&REFERENCE).any(|known| *known == name) {
            fs::remove_dir_all(folder.path()).unwrap();
        }
    }
    place
}

/// A workbook of one sheet.
fn book(name: &str, fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(name).unwrap();
    fill(sheet);
    book.save_to_buffer().unwrap()
}

/// Writes texts into a row, from its first column on.
fn line(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (at, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        sheet.write(row, at, *cell).unwrap();
    }
}

/// Short contacts: so many rows of one to three each (of one alone they would be persons), as people
/// fill them in. For other tests too.
pub fn short_contacts(rows: u32) -> Vec<u8> {
    book("Korte contacten", |sheet| {
        let plain = Format::new();
        line(sheet, 0, &["Korte contacten"]);
        sheet.merge_range(1, 0, 1, 1, "Contact", &plain).unwrap();
        sheet.merge_range(1, 2, 1, 3, "Vraag", &plain).unwrap();
        line(sheet, 2, &["datum", "team", "onderwerp", "aantal"]);
        for row in 3..3 + rows {
            sheet.write(row, 0, 45_400 + row % 100).unwrap();
            line(sheet, row, &["", "Oost", "Wonen"]);
            sheet.write(row, 3, 1 + row % 3).unwrap();
        }
        line(sheet, 3 + rows, &["Totaal"]);
        sheet.write(3 + rows, 3, 2 * rows).unwrap();
    })
}

/// The answer to a query over one table of the warehouse, as an outside reader sees its files.
#[expect(clippy::disallowed_methods, reason = "reads the files as others do")]
fn ask(place: &Place, table: &str, partition: &[(&str, DataType)], query: &str) -> Vec<Value> {
    let folder = place.current().unwrap().join(table);
    let partition = partition
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), kind.clone()));
    let options = ParquetReadOptions::default().table_partition_cols(partition.collect());
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let batches = runtime.block_on(async {
        let session = SessionContext::new();
        let folder = folder.to_str().unwrap();
        session
            .register_parquet(table, folder, options)
            .await
            .unwrap();
        session.sql(query).await.unwrap().collect().await.unwrap()
    });
    let mut writer = ArrayWriter::new(Vec::new());
    writer
        .write_batches(&batches.iter().collect::<Vec<_>>())
        .unwrap();
    writer.finish().unwrap();
    serde_json::from_slice(&writer.into_inner()).unwrap()
}

const YEAR: (&str, DataType) = ("jaar", DataType::Int64);
const WIJK: (&str, DataType) = ("wijk", DataType::Utf8);

/// The rows that a run refused of a source, by column and rule.
fn refused_rows(place: &Place, source: &str) -> Value {
    let query = format!(
        "select kolom, regel, sum(rijen) as rijen from beheer.weigeringen \
         where bron = '{source}' group by kolom, regel order by regel, kolom"
    );
    json!(place.sql(&query))
}

/// The deliveries of a source that were refused: file's date and rule.
fn refused(place: &Place, source: &str) -> Vec<String> {
    let query = format!(
        "select datum, reden from beheer.leveringen \
         where bron = '{source}' and uitkomst = 'geweigerd' order by datum"
    );
    let rows = place.sql(&query);
    let told = |row: &Value| {
        let reason = row["reden"].as_str().unwrap();
        let rule = reason.split(':').next().unwrap();
        format!("{} {rule}", row["datum"].as_str().unwrap())
    };
    rows.iter().map(told).collect()
}

#[test]
fn the_workbooks_of_the_demo_give_the_published_figures() {
    let place = place();
    let expected = sluis::demo::write_deliveries(&place.path().join("nog-eens"), 1).unwrap();
    let report = place.sluis(&["--json", "run"]).must_exit(3).json();

    let contacts =
        "select jaar, aantal from monitor.hulpvragen where soort = 'kort_contact' order by jaar";
    assert_eq!(
        json!(place.sql(contacts)),
        json!([
            {"jaar": 2019, "aantal": 1046},
            {"jaar": 2020, "aantal": 529},
            {"jaar": 2023, "aantal": 621},
            {"jaar": 2024, "aantal": 636},
        ])
    );

    // Every delivery came out as the demo says: so many rows, so many refused, or refused as a whole.
    for delivery in report["deliveries"].as_array().unwrap() {
        let source = delivery["source"].as_str().unwrap();
        if !SOURCES.contains(&source) {
            continue;
        }
        let file = format!(
            "{source}_{}_{}.xlsx",
            delivery["part"].as_str().unwrap(),
            delivery["order"].as_str().unwrap()
        );
        let wanted = expected.deliveries.iter().find(|d| d.file == file).unwrap();
        if let Some(rule) = wanted.refused_by {
            assert_eq!(delivery["outcome"], "geweigerd", "{delivery}");
            let order = delivery["order"].as_str().unwrap();
            assert!(refused(&place, source).contains(&format!("{order} {rule}")));
        } else {
            assert_eq!(delivery["outcome"], "verwerkt", "{delivery}");
            assert_eq!(delivery["rows_in"], wanted.rows, "{delivery}");
            assert_eq!(delivery["rows_refused"], wanted.refused, "{delivery}");
        }
    }
    assert_eq!(
        refused(&place, "korte-contacten"),
        ["20250122 onbekende_kolom"]
    );
    assert_eq!(refused(&place, "mevis-jeugd"), ["20250214 onbekende_kolom"]);
    assert_eq!(refused(&place, "personeel"), ["20250301 onbekende_kolom"]);
    assert_eq!(
        refused(&place, "vroegsignalering"),
        ["20250203 onbekend_blad"]
    );
    staff(&place);
    youth(&place);
    debts(&place);
}

/// The lists of the annual report.
fn staff(place: &Place) {
    let list = |year: u32, part: &str| {
        let query = format!(
            "select naam, aantal from monitor.personeel where jaar = {year} and onderdeel = '{part}' order by naam"
        );
        place
            .sql(&query)
            .iter()
            .map(|row| format!("{} {}", row["naam"].as_str().unwrap(), row["aantal"]))
            .collect::<Vec<_>>()
            .join(", ")
    };
    assert_eq!(list(2020, "professionals"), "professionals 111");
    assert_eq!(list(2020, "fte"), "fte 85");
    assert_eq!(
        list(2020, "organisatie"),
        "Buurtwerk 4, Clessidra 1, Dock 6, Enver 35, FortaGroep 4, MEE Regio Rijnmond 8, Minters 9, \
         Pameijer 10, Parnassia Groep 2, ROGplus 6, SeniorenWelzijn 3, Stroomopwaarts 7"
    );
    assert_eq!(
        list(2020, "team"),
        "Centrum-West 13, Co-team 7, Groenoord 17, Nieuwland 16, Noordrand 13, Oost 14, \
         Team vroegsignalering 4, Zuid 11"
    );
    assert_eq!(
        list(2020, "overig"),
        "administratief-ondersteuner 3, gebiedsmanager 4, gezinsspecialist 9"
    );
    assert_eq!(list(2024, "professionals"), "professionals 117");
    assert_eq!(list(2024, "fte"), "fte 87");
    // One of them works in two teams; together the teams have 101 people.
    let teams =
        "select sum(aantal) as som from monitor.personeel where jaar = 2024 and onderdeel = 'team'";
    assert_eq!(place.sql(teams)[0]["som"], 102);
    assert_eq!(
        refused_rows(place, "personeel"),
        json!([{"kolom": "fte", "regel": "getal", "rijen": 1}])
    );
}

/// Numbers that are no numbers, codes without their zeros, days in three spellings.
fn youth(place: &Place) {
    let ask = |query| ask(place, "voorziening", &[YEAR, WIJK], query);
    let found = &ask(
        "select count(*) as rijen, count(client) as bekend, count(distinct product) as vormen, \
         count(distinct leeftijdsgroep) as groepen, count(distinct wijk) as wijken from voorziening",
    )[0];
    assert_eq!(found["rijen"], 110 + 4 + 130 + 4);
    assert_eq!(found["vormen"], 7);
    // Nobody is the person of 000000000 or 999999999.
    let known = found["bekend"].as_i64().unwrap();
    assert!((200..=240).contains(&known), "{known}");
    let most = "select max(rijen) as meeste from (select count(*) as rijen from voorziening \
                where client is not null group by client) as t";
    assert!(ask(most)[0]["meeste"].as_i64().unwrap() <= 4);
    assert!(found["groepen"].as_i64().unwrap() >= 4, "{found}");
    assert!(found["wijken"].as_i64().unwrap() > 5, "{found}");
    let days = "select count(*) as rijen from voorziening where date_part('year', startdatum) <> jaar \
                or einddatum < startdatum or (reden_einde is null) <> (einddatum is null)";
    assert_eq!(ask(days)[0]["rijen"], 0);
    assert_eq!(
        refused_rows(place, "mevis-jeugd"),
        json!([
            {"kolom": null, "regel": "dubbele_sleutel", "rijen": 1},
            {"kolom": "bsn", "regel": "elfproef", "rijen": 1},
            {"kolom": "hulpvorm", "regel": "keuze", "rijen": 1},
        ])
    );
}

/// Every sheet, with amounts to the cent whatever they were computed from.
fn debts(place: &Place) {
    let ask = |query| ask(place, "schuldsignaal", &[YEAR, WIJK], query);
    assert_eq!(
        json!(ask(
            "select signaalpartner, count(*) as rijen from schuldsignaal where jaar = 2024 \
             group by signaalpartner order by signaalpartner"
        )),
        json!([
            {"signaalpartner": "energie", "rijen": 30},
            {"signaalpartner": "water", "rijen": 30},
            {"signaalpartner": "woningcorporatie", "rijen": 30},
            {"signaalpartner": "zorgverzekeraar", "rijen": 30},
        ])
    );
    let found = &ask(
        "select count(distinct wijk) as wijken, min(bedrag) as laagste, \
         count(distinct leeftijdsgroep) as groepen from schuldsignaal",
    )[0];
    assert!(found["wijken"].as_i64().unwrap() > 5, "{found}");
    assert!(found["laagste"].as_i64().unwrap() >= 5_000, "{found}");
    assert!(found["groepen"].as_i64().unwrap() >= 5, "{found}");
    assert_eq!(
        refused_rows(place, "vroegsignalering"),
        json!([
            {"kolom": "datum", "regel": "datum", "rijen": 1},
            {"kolom": null, "regel": "opbouw", "rijen": 1},
        ])
    );
}

/// Delivers one workbook, which must be refused by a rule; nothing of it is said.
fn must_refuse(source: &str, bytes: &[u8], rule: &str) {
    must_refuse_at(&Place::new(), source, bytes, rule);
}

fn must_refuse_at(place: &Place, source: &str, bytes: &[u8], rule: &str) {
    let file = format!("{source}_2024_20250101.xlsx");
    place.deliver(source, &file, bytes);
    let answer = place
        .sluis(&["run", "--set", "log.level=trace"])
        .must_exit(3);
    let said = format!("{source} (2024, 20250101) was refused: {rule}: ");
    assert!(
        answer.stderr.contains(&said),
        "no {rule}: {}",
        answer.stderr
    );
    assert!(
        !answer.stderr.contains("Achterbergsma"),
        "{}",
        answer.stderr
    );
}

#[test]
fn short_contacts_with_anybody_in_them_are_refused() {
    let header = &["datum", "team", "onderwerp", "aantal", "naam"];
    let bytes = book("Korte contacten", |sheet| {
        line(sheet, 2, header);
        line(
            sheet,
            3,
            &["1-2-2024", "Oost", "Wonen", "1", "A. Achterbergsma"],
        );
    });
    must_refuse("korte-contacten", &bytes, "onbekende_kolom");
    // Where a value stands beside the columns, the row goes, and with too many of them the delivery.
    let bytes = book("Korte contacten", |sheet| {
        line(sheet, 2, &header[..4]);
        line(
            sheet,
            3,
            &["1-2-2024", "Oost", "Wonen", "1", "A. Achterbergsma"],
        );
        line(sheet, 4, &["1-2-2024", "Oost", "Wonen", "1"]);
    });
    must_refuse("korte-contacten", &bytes, "te_veel_geweigerd");
    let bytes = book("Achterbergsma", |sheet| line(sheet, 2, &header[..4]));
    must_refuse("korte-contacten", &bytes, "onbekend_blad");
    let bytes = book("Korte contacten", |sheet| line(sheet, 2, &header[..4]));
    must_refuse("korte-contacten", &bytes, "geen_rijen");
}

#[test]
fn a_workbook_that_cannot_be_read_is_refused() {
    must_refuse("personeel", b"Achterbergsma;1\n", "opbouw");
    must_refuse(
        "personeel",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 xls",
        "opbouw",
    );
    let bytes = book("Personeel", |sheet| {
        let failed = Formula::new("=1/0").set_result("#DIV/0!");
        sheet.write_formula(0, 0, failed).unwrap();
    });
    must_refuse("personeel", &bytes, "onbekende_kolom");
}

#[test]
fn a_partner_without_a_bsn_may_not_send_one() {
    let place = place();
    for source in SOURCES {
        fs::remove_dir_all(place.landing().join(source)).unwrap();
    }
    let with_bsns = debts_with("Bsn");
    must_refuse_at(&place, "vroegsignalering", &with_bsns, "onbekende_kolom");
    let hidden = debts_with("Klantnummer");
    must_refuse_at(&place, "vroegsignalering", &hidden, "verborgen_bsn");
}

/// Signals with numbers that pass the elfproef in a column of this name.
fn debts_with(column: &str) -> Vec<u8> {
    let header = [
        column,
        "Naam",
        "Adres",
        "Postcode",
        "Geboortedatum",
        "Signaalpartner",
        "Bedrag",
        "Maanden",
        "Datum",
    ];
    let passes = |number: &u32| {
        let digits: Vec<u32> = number
            .to_string()
            .bytes()
            .map(|b| u32::from(b - b'0'))
            .collect();
        let sum: u32 = (2..=9)
            .rev()
            .zip(&digits)
            .map(|(weight, digit)| weight * digit)
            .sum();
        sum % 11 == digits[8]
    };
    let mut numbers = (999_900_000..).filter(passes);
    let mut workbook = Workbook::new();
    for name in ["Woningcorporatie", "Energie", "Water", "Zorgverzekeraar"] {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).unwrap();
        sheet.set_column_hidden(0).unwrap();
        line(sheet, 0, &header);
        for row in 1..=30 {
            let number = numbers.next().unwrap();
            sheet.write(row, 0, number).unwrap();
            let cells = [
                "",
                "A. Achterbergsma",
                "",
                "",
                "",
                "Water",
                "12,50",
                "1",
                "1-2-2024",
            ];
            line(sheet, row, &cells);
        }
    }
    workbook.save_to_buffer().unwrap()
}
