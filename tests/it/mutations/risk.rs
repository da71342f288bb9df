//! Risks that are left ask for attention: what makes a table riskier shows in the check for it, and in no
//! other. What the monitor may not show is a fault, like all other mutations.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Date32Array, StringArray, UInt32Array};
use sha2::{Digest, Sha256};
use sluis::contract::model::Publication;
use sluis::verify::{Report, Verdict};

use super::warehouse::Columns;
use super::{Copy, Mutation, mutation, report};

pub fn mutations() -> Vec<Mutation> {
    vec![
        mutation("domains: the same counts", &["sterkte-frequentie"], |c| {
            counted(c, "klacht", "klacht");
            counted(c, "verwijzing", "verwijzing");
        }),
        mutation("views: too small a cell", &["risico-publicatie"], |c| {
            for spec in c.contracts_mut().views.values_mut() {
                if let Publication::Judged(rules) = &mut spec.publication {
                    rules.smallest_cell = 1;
                }
            }
        }),
    ]
}

/// Gives a table thirty pseudonyms, of which the first has one row, the second two, and so on: in each table
/// the same numbers, and nothing else in common.
fn counted(copy: &Copy, table: &str, column: &str) {
    copy.rewrite(table, |columns, _| {
        let rows = u32::try_from(columns.rows()).unwrap();
        columns.take(
            &(0..30 * 31 / 2)
                .map(|row| row % rows)
                .collect::<UInt32Array>(),
        );
        let of = |number: u32| Sha256::digest(format!("{table} {number}"))[..16].to_vec();
        let values = (1..=30u32).flat_map(|number| (0..number).map(move |_| of(number)));
        let array = arrow::array::FixedSizeBinaryArray::try_from_iter(values).unwrap();
        columns.set(column, Arc::new(array));
    });
}

/// Three tables in which nobody stands out.
fn quiet() -> Copy {
    let mut copy = Copy::new();
    let contracts = copy.contracts_mut();
    contracts.views.clear();
    let register = &mut contracts.register;
    let kept = ["aanmelding", "client", "jeugdverwijzing"];
    register
        .risks
        .retain(|table, _| kept.contains(&table.as_str()));
    register.risk.unique_histories = 0.2;
    copy
}

/// Moves the clients of the first rows to a wijk of their own.
fn island(columns: &mut Columns, rows: usize) {
    columns.plant("wijk", &vec!["eiland".to_owned(); rows]);
}

fn attention(report: &Report) -> BTreeSet<&'static str> {
    let checks = report.checks.iter().filter(|c| c.id != "dekking-releases");
    let graver = checks.filter(|c| c.verdict >= Verdict::Attention);
    graver.map(|c| c.id).collect()
}

/// What is done, which checks ask for attention, and how it is done.
type Case = (&'static str, &'static [&'static str], fn(&Copy));

#[test]
fn what_makes_a_table_riskier_asks_for_attention() {
    let clean = report(&quiet(), false);
    assert_eq!(attention(&clean), BTreeSet::new(), "{:#?}", clean.checks);

    let cases: [Case; 5] = [
        (
            "somebody alone in a wijk",
            &["risico-groepen", "risico-herkenning"],
            |c| c.rewrite("client", |columns, _| island(columns, 1)),
        ),
        ("seven in a wijk", &["risico-groepen"], |c| {
            c.rewrite("client", |columns, _| island(columns, 7));
        }),
        ("one answer for all of a year", &["risico-gevoelig"], |c| {
            c.rewrite("jeugdverwijzing", |columns, _| {
                let same = vec!["verblijf"; columns.rows()];
                columns.set("hulpvorm", Arc::new(StringArray::from(same)));
            });
        }),
        (
            "everybody in a month of its own",
            &["risico-verloop"],
            |c| {
                c.rewrite("aanmelding", |columns, _| {
                    let days = (0i32..).map(|row| row * 31).take(columns.rows());
                    columns.set("datum", Arc::new(Date32Array::from_iter_values(days)));
                });
            },
        ),
        (
            "a person with many rows is one person",
            &["risico-groepen", "risico-herkenning"],
            |c| {
                c.rewrite("client", |columns, _| {
                    let rows = (0..columns.rows()).map(|row| u32::try_from(row.max(50)).unwrap());
                    columns.take(&rows.collect::<UInt32Array>());
                    island(columns, 51);
                });
            },
        ),
    ];
    for (name, expected, poison) in cases {
        let copy = quiet();
        poison(&copy);
        let found = report(&copy, false);
        let expected: BTreeSet<_> = expected.iter().copied().collect();
        assert_eq!(attention(&found), expected, "{name}");
    }
}

#[test]
fn what_cannot_be_measured_is_said_and_fails_nothing() {
    let unknown = |report: &Report| -> BTreeSet<&'static str> {
        let checks = report.checks.iter().filter(|c| c.id.starts_with("risico-"));
        checks
            .filter(|c| c.verdict == Verdict::Unknown)
            .map(|c| c.id)
            .collect()
    };
    // A table of which a column is gone, and no views.
    let copy = quiet();
    copy.rewrite("client", |columns, _| columns.rename("wijk", "buurt"));
    let found = report(&copy, false);
    let expected = [
        "risico-gevoelig",
        "risico-groepen",
        "risico-herkenning",
        "risico-publicatie",
    ];
    assert_eq!(unknown(&found), expected.into());
    // No release at all.
    let copy = quiet();
    std::fs::remove_file(copy.path().join("current")).unwrap();
    let found = report(&copy, false);
    assert_eq!(unknown(&found).len(), 5);
    // Half a file.
    let copy = quiet();
    let path = copy.release().join(copy.file("client"));
    let half = std::fs::read(&path).unwrap();
    std::fs::write(&path, &half[..half.len() / 2]).unwrap();
    let found = report(&copy, false);
    assert!(unknown(&found).contains("risico-groepen"));
}
