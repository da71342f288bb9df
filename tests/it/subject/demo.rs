//! The same over all sources of the demo: found in every table, erased from every table, and nothing of
//! it anywhere.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;
use sluis::lock::pseudonym::{IdentifierKind, Pseudonym};
use sluis::warehouse::parquet::read_file;
use sluis::warehouse::release;

use super::{assert_gone, pseudonym, releases};
use crate::support::{Place, python_with_duckdb};

/// Rows by table that hold one of these, in the current release, as read by hand.
fn rows_with(place: &Place, among: &[Pseudonym]) -> BTreeMap<String, u64> {
    let release = release::open(&place.warehouse(), None).unwrap().unwrap();
    let mut found = BTreeMap::new();
    for file in release.manifest.files {
        if file.table.starts_with('_') {
            continue;
        }
        for batch in read_file(&release.root.join(&file.path)).unwrap() {
            let codes: Vec<_> = batch
                .columns()
                .iter()
                .filter(|c| *c.data_type() == DataType::FixedSizeBinary(16))
                .map(AsArray::as_fixed_size_binary)
                .collect();
            let hit = |row: usize| {
                let here = |c: &&arrow::array::FixedSizeBinaryArray| {
                    c.is_valid(row) && among.iter().any(|p| p == c.value(row))
                };
                codes.iter().any(here)
            };
            let rows = (0..batch.num_rows()).filter(|row| hit(*row)).count() as u64;
            if rows > 0 {
                *found.entry(file.table.clone()).or_default() += rows;
            }
        }
    }
    found
}

fn as_bsn(place: &Place, bsn: &str) -> Pseudonym {
    pseudonym(place, "sociaal-domein", IdentifierKind::Bsn, bsn)
}

/// Somebody of the demo whom many tables know, those of incremental sources among them.
pub fn somebody(place: &Place) -> String {
    let ids = sluis::demo::identifiers(1).unwrap();
    let mut best = (0, String::new());
    let candidates = ids
        .bsns
        .iter()
        .filter(|b| b.len() == 9 && !b.starts_with('0'));
    for bsn in candidates.step_by(37).take(60) {
        let known = rows_with(place, &[as_bsn(place, bsn)]);
        let incremental = ["zrm_score", "toewijzing", "voorziening", "verwijzing"];
        let score = known.len()
            + 3 * incremental
                .iter()
                .filter(|t| known.contains_key(**t))
                .count();
        if score > best.0 {
            best = (score, bsn.clone());
        }
    }
    assert!(best.0 >= 6, "{}", best.0);
    best.1
}

const NOTHING_LEFT: &str = r#"
import duckdb, glob, os, sys
warehouse, needle = sys.argv[1], sys.argv[2]
rows = 0
for path in glob.glob(warehouse + "/releases/**/*.parquet", recursive=True):
    columns = duckdb.sql(f"describe select * from read_parquet('{path}', hive_partitioning = false)").fetchall()
    for name, kind, *_ in columns:
        if kind == "BLOB":
            rows += duckdb.sql(f"select count(*) from read_parquet('{path}', hive_partitioning = false) where hex(\"{name}\") = '{needle}'").fetchall()[0][0]
print(rows)
"#;

/// Rows that DuckDB finds, in all releases; `None` where it is missing.
fn duckdb(place: &Place, gone: &Pseudonym) -> Option<u64> {
    let python = python_with_duckdb("no other program looked for the person")?;
    let needle = sluis::hex::encode(gone).to_uppercase();
    let output = Command::new(python)
        .args(["-c", NOTHING_LEFT, place.warehouse().to_str()?, &needle])
        .output()
        .unwrap();
    // A reader that fails has not looked, and must not pass for one that is missing.
    let told = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    Some(told.trim().parse().unwrap_or_else(|_| panic!("{failed}")))
}

#[test]
fn found_everywhere_and_erased_everywhere() {
    let place = Place::with_demo();
    place.sluis(&["run", "--quiet"]).must_exit(3);
    sluis::demo::write_deliveries(&place.landing(), 2).unwrap();
    place.sluis(&["run", "--quiet"]).must_exit(3);
    let bsn = somebody(&place);
    let person = as_bsn(&place, &bsn);
    let before = rows_with(&place, &[person]);
    fs::create_dir(place.path().join("tijdelijk")).unwrap();

    let find = talk(&place, &["subject", "find", "--json", "-vvv"], &bsn);
    let answer = find.json();
    let tables = answer["releases"][0]["tables"].as_array().unwrap();
    for (table, rows) in &before {
        let found = tables
            .iter()
            .find(|t| t["table"] == table.as_str())
            .unwrap();
        assert!(found["rows"].as_u64().unwrap() >= *rows, "{table}");
        assert!(
            found["columns"]
                .as_array()
                .unwrap()
                .iter()
                .any(|c| c["treatment"] == "pseudonimiseren")
        );
    }
    assert!(!answer["raw_deliveries"].as_array().unwrap().is_empty());
    let words = talk(
        &place,
        &["subject", "find", "--release", "all", "-vvv"],
        &bsn,
    );
    assert!(
        words.stdout.contains("pseudonimiseren: "),
        "{}",
        words.stdout
    );

    // The other program finds who is there, so that finding nobody says something.
    assert_ne!(duckdb(&place, &person), Some(0));
    let old = releases(&place);
    let erased = talk(&place, &["subject", "erase", "--yes", "-vvv"], &bsn);
    assert!(erased.stdout.starts_with("gone: "), "{}", erased.stdout);
    assert_gone(&place, &[person]);
    assert_eq!(rows_with(&place, &[person]), BTreeMap::new());
    assert_eq!(duckdb(&place, &person).unwrap_or(0), 0);
    // Nobody else lost anything: rows went where the person was, and as many.
    let new = releases(&place);
    let lost: u64 = old[1].files.iter().map(|f| f.rows).sum::<u64>()
        - new[1].files.iter().map(|f| f.rows).sum::<u64>();
    let found: u64 = tables.iter().map(|t| t["rows"].as_u64().unwrap()).sum();
    assert!(lost >= found && lost <= 2 * found, "{lost} of {found}");

    // The deliveries that hold the person are all there; nothing comes back, not even read anew.
    let run = talk(&place, &["run", "--quiet", "--json"], "");
    assert_eq!(run.code, 3);
    assert_eq!(
        releases(&place).last().unwrap().content,
        new[1].content,
        "{}",
        run.stdout
    );
    assert_eq!(run.json()["outdated"], serde_json::json!([]));
    sluis::demo::write_deliveries(&place.landing(), 1).unwrap();
    let run = talk(&place, &["run", "--json"], "").json();
    let held = run["deliveries"].as_array().unwrap().iter();
    let held: u64 = held.filter_map(|d| d["rows_erased"].as_u64()).sum();
    assert!(held > 0);
    // Analysts see how many, by delivery and by run.
    for table in ["leveringen", "runs"] {
        let newest = "where run = (select max(run) from beheer.runs)";
        let rows = place.sql(&format!(
            "select sum(rijen_gewist) as n from beheer.{table} {newest}"
        ));
        assert_eq!(rows[0]["n"], held, "{table}");
    }
    assert_gone(&place, &[person]);
    assert_eq!(rows_with(&place, &[person]), BTreeMap::new());

    nothing_was_said(&place, &bsn, &person, &[find, words, erased]);
}

/// With everything turned on that could say too much.
fn talk(place: &Place, args: &[&str], line: &str) -> crate::support::Answer {
    use std::io::Write;
    let mut child = place
        .command(args)
        .env("TMPDIR", place.path().join("tijdelijk"))
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(line.as_bytes());
    child.wait_with_output().unwrap().into()
}

/// Neither the BSN nor the pseudonym is in what was said or in any file outside the landing folder.
fn nothing_was_said(place: &Place, bsn: &str, gone: &Pseudonym, said: &[crate::support::Answer]) {
    let code = sluis::hex::encode(gone);
    let short = bsn.trim_start_matches('0');
    for answer in said {
        for text in [&answer.stdout, &answer.stderr] {
            let text = text.to_lowercase();
            assert!(!text.contains(&code) && !text.contains(&code[..12]) && !text.contains(short));
        }
    }
    for (path, bytes) in crate::small::files_below(place.path()) {
        if path.starts_with("aanlevering/") {
            continue;
        }
        let found = |needle: &[u8]| bytes.windows(needle.len()).any(|w| w == needle);
        assert!(
            !found(gone) && !found(code.as_bytes()) && !found(short.as_bytes()),
            "{path}"
        );
    }
}
