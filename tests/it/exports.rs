//! The partners that send CSV exports, with their quirks: what a delivery becomes, and which are
//! refused.

mod dossiers;
mod figures;
mod provisions;
mod welfare;

use std::collections::BTreeSet;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Value, json};

use crate::support::Place;

/// Numbers that pass the elfproef, of test persons.
const BSNS: [&str; 4] = ["999990007", "999990019", "999990020", "999990032"];

/// More of those.
fn bsns() -> impl Iterator<Item = u32> {
    let passes = |n: &u32| {
        let digits = n.to_string().into_bytes();
        let weighed = digits.iter().zip([9, 8, 7, 6, 5, 4, 3, 2, 10]);
        weighed.map(|(d, w)| u32::from(d - b'0') * w).sum::<u32>() % 11 == 0
    };
    (999_920_000..).filter(passes)
}

/// A place after a run over some deliveries, and what the run said.
struct Night {
    place: Place,
    said: Value,
    heard: String,
}

impl Night {
    /// Takes deliveries in: file (`SOURCE_...`), content.
    fn over(deliveries: &[(&str, &[u8])]) -> Self {
        let place = Place::new();
        for (file, content) in deliveries {
            let source = file.split('_').next().unwrap();
            place.deliver(source, file, content);
        }
        let answer = place.sluis(&["--json", "-vv", "run"]);
        assert!(matches!(answer.code, 0 | 3), "{}", answer.stderr);
        Self {
            said: answer.json(),
            heard: answer.stdout + &answer.stderr,
            place,
        }
    }

    /// What became of a delivery of a source: outcome, rule and refusals.
    fn told(&self, source: &str, order: &str) -> Value {
        let deliveries = self.said["deliveries"].as_array().unwrap();
        let one = deliveries
            .iter()
            .find(|d| d["source"] == source && d["order"] == order)
            .unwrap_or_else(|| panic!("no {source} {order} in {}", self.said));
        let rule = one["reason"].as_str().and_then(|r| r.split(": ").next());
        let refusals: Vec<Value> = one["refusals"].as_array().map_or(vec![], |all| {
            all.iter()
                .map(|r| json!([r["column"], r["rule"], r["rows"]]))
                .collect()
        });
        json!([one["outcome"], rule, refusals])
    }

    /// The rows of a source in a table, as text, sorted; `-` for no value.
    fn rows(&self, source: &str, table: &str, columns: &[&str]) -> Vec<Vec<String>> {
        let root = self.place.current().unwrap();
        let mut rows = Vec::new();
        let files = self.place.manifest().files;
        for file in files
            .iter()
            .filter(|f| f.source == source && f.table == table)
        {
            let folders: Vec<(&str, &str)> = file
                .path
                .split('/')
                .filter_map(|f| f.split_once('='))
                .collect();
            for batch in sluis::warehouse::parquet::read_file(&root.join(&file.path)).unwrap() {
                for row in 0..batch.num_rows() {
                    let cell = |name: &&str| {
                        let Some(column) = batch.column_by_name(name) else {
                            let folder = folders.iter().find(|(key, _)| key == name);
                            return folder.expect(name).1.to_owned();
                        };
                        if column.is_null(row) {
                            return "-".to_owned();
                        }
                        let options = FormatOptions::default();
                        let text = ArrayFormatter::try_new(column, &options).unwrap();
                        text.value(row).to_string()
                    };
                    rows.push(columns.iter().map(cell).collect());
                }
            }
        }
        rows.sort();
        rows
    }

    /// Nothing of these values is anywhere but in the landing folder and the key's.
    fn holds_none_of(&self, values: &[&str]) {
        let mut folders = vec![self.place.warehouse(), self.place.path().join("staat")];
        let mut texts = vec![self.heard.clone().into_bytes()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path);
                } else if path.is_file() {
                    texts.push(std::fs::read(path).unwrap());
                }
            }
        }
        for value in values {
            let found = texts
                .iter()
                .any(|text| text.windows(value.len()).any(|w| w == value.as_bytes()));
            assert!(!found, "`{value}` got out");
        }
    }
}

/// Rows as the tests write them.
fn table(rows: &[&[&str]]) -> Vec<Vec<String>> {
    rows.iter()
        .map(|row| row.iter().map(|&cell| cell.to_owned()).collect())
        .collect()
}

fn windows_1252(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

/// A delivery taken in, with so many rows refused by column and rule.
fn taken_in(refusals: &Value) -> Value {
    json!(["verwerkt", null, refusals])
}

/// The same place once more, with another delivery: it is refused as a whole by this rule, and the
/// release stays as it was.
fn refuses(night: &Night, file: &str, content: &[u8], rule: &str) {
    let source = file.split('_').next().unwrap();
    let (_, order) = file.trim_end_matches(".csv").rsplit_once('_').unwrap();
    let before = night.place.current();
    let path = night.place.deliver(source, file, content);
    let answer = night.place.sluis(&["--json", "run"]).must_exit(3);
    let later = Night {
        place: Place::bare(),
        said: answer.json(),
        heard: String::new(),
    };
    let told = later.told(source, order);
    assert_eq!(
        (&told[0], &told[1]),
        (&json!("geweigerd"), &json!(rule)),
        "{file}"
    );
    assert_eq!(night.place.current(), before, "{file} changed the release");
    std::fs::remove_file(path).unwrap();
}

/// The sources of this group, with the reference data that they need.
fn sources() -> BTreeSet<&'static str> {
    [
        "cbs-wijken",
        "cbs-postcodes",
        // For the view `projecten`.
        "doorbraaktool",
        "stroomopwaarts",
        "enver",
        "fortagroep",
        "clessidra",
        "parnassia",
        "dock",
        "buurtwerk",
        "seniorenwelzijn",
        "woonplus",
        "klachten",
        "voedselbank",
        "klantervaring",
        "ketenpartners",
        "trainingen",
        "projecten-streefwaarde",
        "kpi-normen",
        "gepubliceerde-cijfers",
    ]
    .into()
}
