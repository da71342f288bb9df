//! Rows of views, as Arrow has them.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Float64Type, Int64Type};
use arrow::util::pretty::pretty_format_batches;

use super::*;
use crate::contract::model::{Publication, Role, Subject, ViewColumn};

const JUDGED: Publication = Publication::Judged(TEN);

fn column(name: &str, role: Role) -> ViewColumn {
    ViewColumn {
        name: name.to_owned(),
        role,
        documentation: String::new(),
    }
}

fn cell(clients: Option<&str>, largest: Option<&str>) -> Role {
    Role::Cell {
        clients: clients.map(str::to_owned),
        largest: largest.map(str::to_owned),
    }
}

fn follows(cell: &str, share: bool) -> Role {
    Role::Follows {
        cell: cell.to_owned(),
        share,
    }
}

fn numbers(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

fn all(values: &[i64]) -> Vec<Option<i64>> {
    values.iter().copied().map(Some).collect()
}

fn shown(rows: &RecordBatch, columns: &[ViewColumn], publication: &Publication) -> String {
    let published = publish(rows, columns, publication).unwrap();
    let schema = published_schema(rows, columns, publication);
    assert_eq!(published.schema(), schema);
    pretty_format_batches(&[published]).unwrap().to_string()
}

fn published_schema(
    rows: &RecordBatch,
    columns: &[ViewColumn],
    publication: &Publication,
) -> arrow::datatypes::SchemaRef {
    published(rows.schema_ref(), columns, publication).unwrap()
}

fn by_wijk() -> (RecordBatch, Vec<ViewColumn>) {
    let rows = batch(vec![
        (
            "jaar",
            numbers(&all(&[2023, 2023, 2023, 2023, 2024, 2024, 2024, 2024])),
        ),
        (
            "wijk",
            texts(&[
                "alle", "noord", "oost", "zuid", "alle", "noord", "oost", "zuid",
            ]),
        ),
        ("aantal", numbers(&all(&[94, 40, 4, 50, 90, 40, 0, 50]))),
        ("procent", numbers(&all(&[100, 43, 4, 53, 100, 44, 0, 56]))),
        (
            "inwoners",
            numbers(&all(&[900, 300, 200, 400, 900, 300, 200, 400])),
        ),
        ("clienten", numbers(&all(&[80, 30, 4, 40, 80, 30, 0, 40]))),
    ]);
    let columns = vec![
        column("jaar", Role::Group),
        column(
            "wijk",
            Role::Sum {
                total: "alle".to_owned(),
            },
        ),
        column("aantal", cell(Some("clienten"), None)),
        column("procent", follows("aantal", true)),
        column("inwoners", Role::Attribute),
        column("clienten", Role::Helper),
    ];
    (rows, columns)
}

#[test]
fn years_are_judged_apart_and_what_follows_is_hidden_too() {
    let (rows, columns) = by_wijk();
    insta::assert_snapshot!(shown(&rows, &columns, &JUDGED), @"
    +------+-------+--------+---------+----------+------------------+
    | jaar | wijk  | aantal | procent | inwoners | onderdrukt       |
    +------+-------+--------+---------+----------+------------------+
    | 2023 | alle  | 94     | 100     | 900      |                  |
    | 2023 | noord |        |         | 300      | kleine aantallen |
    | 2023 | oost  |        |         | 200      | kleine aantallen |
    | 2023 | zuid  | 50     | 53      | 400      |                  |
    | 2024 | alle  | 90     | 100     | 900      |                  |
    | 2024 | noord | 40     | 44      | 300      |                  |
    | 2024 | oost  | 0      | 0       | 200      |                  |
    | 2024 | zuid  | 50     | 56      | 400      |                  |
    +------+-------+--------+---------+----------+------------------+
    ");
}

#[test]
fn an_exempt_view_loses_its_helpers_only() {
    let (rows, columns) = by_wijk();
    let exempt = Publication::Exempt {
        subject: Subject::Counts,
        reason: "Openbaar.".to_owned(),
    };
    let published = publish(&rows, &columns, &exempt).unwrap();
    assert_eq!(published.num_columns(), 5);
    assert_eq!(published.column(2).null_count(), 0);
}

#[test]
fn rounding_rounds_figures_and_their_shares() {
    let (rows, columns) = by_wijk();
    let rules = PublicationRules {
        rounding: Some(5),
        ..TEN
    };
    insta::assert_snapshot!(shown(&rows, &columns, &Publication::Judged(rules)), @"
    +------+-------+--------+---------+----------+------------------+
    | jaar | wijk  | aantal | procent | inwoners | onderdrukt       |
    +------+-------+--------+---------+----------+------------------+
    | 2023 | alle  | 95     | 100     | 900      |                  |
    | 2023 | noord |        |         | 300      | kleine aantallen |
    | 2023 | oost  |        |         | 200      | kleine aantallen |
    | 2023 | zuid  | 50     | 53      | 400      |                  |
    | 2024 | alle  | 90     | 100     | 900      |                  |
    | 2024 | noord | 40     | 44      | 300      |                  |
    | 2024 | oost  | 0      | 0       | 200      |                  |
    | 2024 | zuid  | 50     | 56      | 400      |                  |
    +------+-------+--------+---------+----------+------------------+
    ");
}

#[test]
fn clients_that_are_not_known_are_not_there() {
    let rows = batch(vec![
        ("rij", texts(&["a", "b", "c", "d", "e"])),
        (
            "aantal",
            numbers(&[Some(50), Some(0), None, None, Some(50)]),
        ),
        ("oordeel", texts(&["x", "x", "x", "x", "x"])),
        ("clienten", numbers(&[None, None, None, Some(3), Some(10)])),
    ]);
    let columns = [
        column("rij", Role::Label),
        column("aantal", cell(Some("clienten"), None)),
        column("oordeel", follows("aantal", false)),
        column("clienten", Role::Helper),
    ];
    insta::assert_snapshot!(shown(&rows, &columns, &JUDGED), @"
    +-----+--------+---------+------------------+
    | rij | aantal | oordeel | onderdrukt       |
    +-----+--------+---------+------------------+
    | a   |        |         | kleine aantallen |
    | b   | 0      | x       |                  |
    | c   |        | x       |                  |
    | d   |        |         | kleine aantallen |
    | e   | 50     | x       |                  |
    +-----+--------+---------+------------------+
    ");
}

#[test]
fn amounts_are_judged_by_their_largest_contribution() {
    let euros = |values: &[f64]| -> ArrayRef { Arc::new(Float64Array::from(values.to_vec())) };
    let rows = batch(vec![
        ("rij", texts(&["a", "b", "c", "d", "e"])),
        ("euro", euros(&[100.5, 100.5, 100.0, f64::NAN, 0.3])),
        ("grootste", euros(&[90.0, 60.0, f64::NAN, 1.0, 0.1])),
        ("clienten", numbers(&all(&[20, 20, 20, 20, 3]))),
    ]);
    let columns = [
        column("rij", Role::Label),
        column("euro", cell(Some("clienten"), Some("grootste"))),
        column("grootste", Role::Helper),
        column("clienten", Role::Helper),
    ];
    insta::assert_snapshot!(shown(&rows, &columns, &JUDGED), @"
    +-----+-------+------------------+
    | rij | euro  | onderdrukt       |
    +-----+-------+------------------+
    | a   |       | dominantie       |
    | b   | 100.5 |                  |
    | c   |       | dominantie       |
    | d   |       | kleine aantallen |
    | e   |       | dominantie       |
    +-----+-------+------------------+
    ");
}

#[test]
fn a_row_without_bands_stands_by_itself() {
    // Persons are no part of the total.
    let rows = batch(vec![
        (
            "soort",
            texts(&["hulpvraag", "betrokkene", "totaal", "personen"]),
        ),
        ("aantal", numbers(&all(&[90, 60, 150, 7]))),
        ("van", numbers(&[Some(1), Some(2), Some(1), None])),
        ("tot", numbers(&[Some(1), Some(2), Some(2), None])),
    ]);
    let columns = [
        column("soort", Role::Label),
        column("aantal", cell(None, None)),
        column("van", Role::From),
        column("tot", Role::To),
    ];
    insta::assert_snapshot!(shown(&rows, &columns, &JUDGED), @"
    +------------+--------+------------------+
    | soort      | aantal | onderdrukt       |
    +------------+--------+------------------+
    | hulpvraag  | 90     |                  |
    | betrokkene | 60     |                  |
    | totaal     | 150    |                  |
    | personen   |        | kleine aantallen |
    +------------+--------+------------------+
    ");
}

#[test]
fn cells_of_one_row_are_judged_each_by_itself() {
    let rows = batch(vec![
        ("rij", texts(&["a", "b"])),
        ("mannen", numbers(&all(&[4, 40]))),
        ("vrouwen", numbers(&all(&[30, 20]))),
    ]);
    let columns = [
        column("rij", Role::Label),
        column("mannen", cell(None, None)),
        column("vrouwen", cell(None, None)),
    ];
    insta::assert_snapshot!(shown(&rows, &columns, &JUDGED), @"
    +-----+--------+---------+------------------+
    | rij | mannen | vrouwen | onderdrukt       |
    +-----+--------+---------+------------------+
    | a   |        | 30      | kleine aantallen |
    | b   | 40     | 20      |                  |
    +-----+--------+---------+------------------+
    ");
}

#[test]
fn other_columns_than_the_contract_names_are_refused() {
    let (rows, mut columns) = by_wijk();
    columns.swap(0, 1);
    let error = publish(&rows, &columns, &JUDGED).unwrap_err();
    assert!(matches!(error, PublicationError::Columns));
}

#[test]
fn a_view_of_thousands_of_rows_is_judged_at_once() {
    let (mut jaren, mut wijken, mut van, mut tot, mut aantal) =
        (vec![], vec![], vec![], vec![], vec![]);
    for jaar in 2012..2024 {
        for wijk in 0..=12 {
            for band in 1..=32 {
                let (first, last) = if band == 32 { (1, 31) } else { (band, band) };
                let of = |wijk: i64, band: i64| 5000 / (band * band) / (wijk + 3) * (1 + jaar % 3);
                let bands = first..=last;
                let value: i64 = match wijk {
                    0 => bands.map(|b| (1..=12).map(|w| of(w, b)).sum::<i64>()).sum(),
                    wijk => bands.map(|b| of(wijk, b)).sum(),
                };
                jaren.push(Some(jaar));
                wijken.push(if wijk == 0 {
                    "alle".to_owned()
                } else {
                    format!("{wijk}")
                });
                van.push(Some(first));
                tot.push(Some(last));
                aantal.push(Some(value));
            }
        }
    }
    let names: Vec<&str> = wijken.iter().map(String::as_str).collect();
    let rows = batch(vec![
        ("jaar", numbers(&jaren)),
        ("wijk", texts(&names)),
        ("van", numbers(&van)),
        ("tot", numbers(&tot)),
        ("aantal", numbers(&aantal)),
    ]);
    let columns = [
        column("jaar", Role::Group),
        column(
            "wijk",
            Role::Sum {
                total: "alle".to_owned(),
            },
        ),
        column("van", Role::From),
        column("tot", Role::To),
        column("aantal", cell(None, None)),
    ];
    let start = std::time::Instant::now();
    let published = publish(&rows, &columns, &JUDGED).unwrap();
    eprintln!("{} rows in {:?}", rows.num_rows(), start.elapsed());
    let cells = published.column_by_name("aantal").unwrap();
    let small = aantal
        .iter()
        .flatten()
        .filter(|a| (1..10).contains(*a))
        .count();
    assert!(cells.null_count() >= small && cells.null_count() < rows.num_rows());
    assert!(
        cells
            .as_primitive::<Int64Type>()
            .iter()
            .flatten()
            .all(|a| a == 0 || a >= 10)
    );
}

#[test]
fn floats_round_too() {
    let rows = batch(vec![
        ("rij", texts(&["a"])),
        ("euro", Arc::new(Float64Array::from(vec![47.6])) as ArrayRef),
    ]);
    let columns = [column("rij", Role::Label), column("euro", cell(None, None))];
    let rules = PublicationRules {
        rounding: Some(5),
        ..TEN
    };
    let published = publish(&rows, &columns, &Publication::Judged(rules)).unwrap();
    let euro = published.column(1).as_primitive::<Float64Type>().value(0);
    assert!((euro - 50.0).abs() < 1e-9);
}
