//! Rows of files, and what they measure to.

use std::sync::Arc;

use arrow::array::{ArrayRef, FixedSizeBinaryArray, Int64Array, StringArray};
use proptest::prelude::*;

use super::*;
use crate::contract::model::{RiskRules, TableColumn};
use crate::verify::risk::classes::Measured;
use crate::warehouse::fixture::Warehouse;
use crate::warehouse::manifest::Manifest;

fn spec() -> TableSpec {
    let column = |name: &str, kind| TableColumn {
        name: name.to_owned(),
        kind,
        required: false,
        documentation: "x".to_owned(),
    };
    TableSpec {
        name: "zorg".to_owned(),
        title: "Zorg".to_owned(),
        documentation: "Zorg.".to_owned(),
        key: Vec::new(),
        partition: vec!["jaar".to_owned()],
        columns: vec![
            column("jaar", TableKind::Integer),
            column("client", TableKind::Pseudonym),
            column("leeftijd", TableKind::Text),
            column("product", TableKind::Text),
            column("score", TableKind::Integer),
        ],
    }
}

fn risk(person: bool) -> TableRisk {
    let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
    TableRisk {
        person: person.then(|| "client".to_owned()),
        quasi_identifiers: list(&["jaar", "leeftijd"]),
        sensitive: list(&["product", "score"]),
        ..TableRisk::default()
    }
}

/// Client (0 is nobody), age, product and score of a row.
type Row = (u8, &'static str, Option<&'static str>, Option<i64>);

fn file(year: u16, rows: &[Row]) -> (String, Vec<ArrayRef>) {
    let clients = rows.iter().map(|r| (r.0 > 0).then_some([r.0; 16]));
    let clients = FixedSizeBinaryArray::try_from_sparse_iter_with_size(clients, 16);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(clients.unwrap()),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.1))),
        Arc::new(rows.iter().map(|r| r.2).collect::<StringArray>()),
        Arc::new(rows.iter().map(|r| r.3).collect::<Int64Array>()),
    ];
    (format!("zorg/jaar={year}/bron-0a1b.parquet"), columns)
}

fn measured(person: bool, parts: u64, files: &[(u16, &[Row])]) -> Measured {
    let (spec, risk) = (spec(), risk(person));
    let files = files.iter().map(|(year, rows)| {
        let (path, columns) = file(*year, rows);
        (&spec, path, columns)
    });
    let warehouse = Warehouse::of(files.collect());
    let manifest = std::fs::read(warehouse.root().join("release.json")).unwrap();
    let manifest: Manifest = serde_json::from_slice(&manifest).unwrap();
    let table = Table {
        spec: &spec,
        risk: &risk,
        root: warehouse.root(),
        files: manifest.files.iter().collect(),
    };
    let mut classes = Classes::default();
    for unit in table.units() {
        for part in 0..parts {
            let files = unit.files.clone();
            classes.absorb(table.unit(&Unit { files, part, parts }).unwrap());
        }
    }
    classes.measure(&RiskRules::default(), &table.ordered())
}

const SMALL: &[Row] = &[
    (1, "18-64", Some("dagbesteding"), Some(3)),
    (1, "18-64", Some("dagbesteding"), Some(4)),
    (2, "18-64", Some("begeleiding"), None),
    (3, "65+", None, Some(3)),
    (0, "65+", Some("begeleiding"), Some(5)),
];

#[test]
fn persons_count_once_and_rows_without_one_each() {
    let found = measured(true, 1, &[(2023, SMALL), (2024, &SMALL[..1])]);
    // 2023: persons 1 and 2, then 3 and somebody; 2024: person 1.
    assert_eq!((found.classes, found.persons, found.smallest), (3, 5, 1));
    assert_eq!(found.in_small, 5);
    assert!((found.mean_chance() - 3.0 / 5.0).abs() < 1e-12);
    assert!((found.highest_chance() - 1.0).abs() < 1e-12);
    let rows = measured(false, 1, &[(2023, SMALL), (2024, &SMALL[..1])]);
    assert_eq!((rows.classes, rows.persons, rows.smallest), (3, 6, 1));
}

#[test]
fn sensitive_values_have_known_measures() {
    let found = measured(true, 1, &[(2023, SMALL)]);
    let product = found.sensitive[0].unwrap();
    // Half and half in both classes: dagbesteding, begeleiding; nothing, begeleiding.
    assert_eq!(product.distinct, 2);
    assert!((product.entropy - 2.0).abs() < 1e-12);
    assert!((product.alpha - 0.5).abs() < 1e-12);
    // Of all: nothing 1/4, dagbesteding 1/4, begeleiding 1/2. A quarter must move.
    assert!((product.distance - 0.25).abs() < 1e-12);
    let score = found.sensitive[1].unwrap();
    // 3 and 4; 3 and 5. Of all: 3 1/2, 4 1/4, 5 1/4. A quarter moves one step of two.
    assert_eq!(score.distinct, 2);
    assert!((score.distance - 0.125).abs() < 1e-12, "{score:?}");
}

#[test]
fn persons_in_parts_add_up() {
    let many: Vec<Row> = (0..200u8)
        .flat_map(|n| [SMALL[usize::from(n % 5)], (n, "65+", Some("x"), Some(1))])
        .collect();
    let files: &[(u16, &[Row])] = &[(2023, &many), (2024, SMALL)];
    let whole = measured(true, 1, files);
    for parts in [2, 3, 7] {
        assert_eq!(measured(true, parts, files), whole, "{parts}");
    }
    let (spec, risk) = (spec(), risk(true));
    let entry = |rows: u64| FileEntry {
        path: "zorg/jaar=2024/bron-0a1b.parquet".to_owned(),
        table: "zorg".to_owned(),
        source: "bron".to_owned(),
        part: String::new(),
        rows,
        bytes: 0,
        sha256: String::new(),
    };
    let large = entry(2 * HELD + 1);
    let table = Table {
        spec: &spec,
        risk: &risk,
        root: PathBuf::new(),
        files: vec![&large],
    };
    assert_eq!(table.units().len(), 3);
    assert_eq!(table.classes().unwrap_err(), Unread::File);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_row_twice_changes_nothing_for_persons_and_never_lowers_k(
        picks in proptest::collection::vec(0usize..5, 1..20),
        again in 0usize..20,
    ) {
        let rows: Vec<Row> = picks.iter().map(|p| SMALL[*p]).filter(|r| r.0 > 0).collect();
        prop_assume!(!rows.is_empty());
        let mut twice = rows.clone();
        twice.push(rows[again % rows.len()]);
        let (once, more) = (measured(true, 1, &[(2024, &rows)]), measured(true, 1, &[(2024, &twice)]));
        prop_assert_eq!(once, more);
        let (once, more) = (measured(false, 1, &[(2024, &rows)]), measured(false, 1, &[(2024, &twice)]));
        prop_assert!(more.smallest >= once.smallest);
    }
}
