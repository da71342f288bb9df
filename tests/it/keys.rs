//! The root key: nothing is read without the right one.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;
use sluis::warehouse::parquet::read_file;

use crate::small::{Small, files_below, rows};
use crate::support::{Answer, Place};

/// Puts this text in the place of the key.
fn replace_key(place: &Place, text: &str, mode: u32) {
    let path = place.key();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
}

fn runs(place: &Place) -> usize {
    let folder = place.warehouse().join("journal");
    fs::read_dir(folder).map_or(0, Iterator::count)
}

fn run(place: &Place, contracts: &str) -> Answer {
    place.sluis(&["run", "--set", contracts])
}

/// Runs with a key that will not do: the run must stop before it opens its journal.
fn must_stop(place: &Place, contracts: &str, code: i32, says: &[&str]) {
    let before = (runs(place), place.current());
    for args in [&["run"][..], &["run", "--dry-run"]] {
        let args = [args, &["--set", contracts]].concat();
        let answer = place.sluis(&args).must_exit(code);
        assert_eq!(answer.stdout, "");
        for text in says {
            assert!(
                answer.stderr.contains(text),
                "no `{text}` in: {}",
                answer.stderr
            );
        }
        assert_eq!((runs(place), place.current()), before);
    }
}

const GOOD: &str = "8f3b1c6e90d24a57b1ee02937fa4c8d5631b0f7e2c99a84d51e6b7038a2cf914";

#[test]
fn a_key_that_will_not_do_stops_the_run_before_anything_is_read() {
    let place = Place::bare();
    let contracts = Small::new().at(&place);
    place.deliver("proef", "proef_20240101.csv", rows(0..20).as_bytes());
    let stops = |text: String, mode, says: &[&str]| {
        replace_key(&place, &text, mode);
        must_stop(&place, &contracts, 1, says);
        assert!(!place.warehouse().join("journal").exists());
        // Not even a part of a key is shown.
        let stderr = run(&place, &contracts).stderr;
        assert!(!stderr.contains(&GOOD[..8]), "{stderr}");
    };
    must_stop(
        &place,
        &contracts,
        2,
        &[
            "there is no root key at",
            "hint: make one with `sluis key new`",
        ],
    );
    let unchanged = "hint: use what `sluis key` wrote, unchanged";
    stops(
        format!("sluis-root-1:{}\n", &GOOD[..32]),
        0o600,
        &["shorter than 256 bits", unchanged],
    );
    stops(
        format!("sluis-root-1:{GOOD}00\n"),
        0o600,
        &["longer than 256 bits", unchanged],
    );
    stops(
        format!("{GOOD}\n"),
        0o600,
        &["does not begin as a root key", unchanged],
    );
    stops(String::new(), 0o600, &["is not a key", unchanged]);
    stops(
        format!("sluis-root-1:{}\n", "00".repeat(32)),
        0o600,
        &["is weak", unchanged],
    );
    stops(
        format!("sluis-root-1:{}\n", "a1b2".repeat(16)),
        0o600,
        &["is weak", unchanged],
    );
    let counting = sluis::hex::encode(&(0..32).collect::<Vec<u8>>());
    stops(
        format!("sluis-root-1:{counting}\n"),
        0o600,
        &["is weak", unchanged],
    );
    let sample = sluis::hex::encode(b"dit is een voorbeeldsleutel 1234");
    stops(
        format!("sluis-root-1:{sample}\n"),
        0o600,
        &["readable text", unchanged],
    );
    for mode in [0o640, 0o604, 0o660] {
        let says = ["may be read by others", "hint: chmod 600"];
        stops(format!("sluis-root-1:{GOOD}\n"), mode, &says);
    }
    replace_key(&place, &format!("sluis-root-1:{GOOD}\n"), 0o600);
    run(&place, &contracts).must_exit(0);
}

#[test]
fn another_key_than_the_warehouse_was_made_with_is_refused() {
    let place = Place::new();
    let contracts = Small::new().at(&place);
    place.deliver("proef", "proef_20240101.csv", rows(0..20).as_bytes());
    run(&place, &contracts).must_exit(0);
    let before = files_below(&place.warehouse().join("releases"));
    let right = fs::read_to_string(place.key()).unwrap();
    let expected = place.manifest().key_fingerprint;

    replace_key(&place, &format!("sluis-root-1:{GOOD}\n"), 0o600);
    place.deliver("proef", "proef_20240201.csv", rows(0..30).as_bytes());
    let says = [
        "is not the one that the warehouse was made with",
        &format!("fingerprint {expected}"),
        "hint: put back the key with the expected fingerprint",
    ];
    must_stop(&place, &contracts, 1, &says);
    assert!(files_below(&place.warehouse().join("releases")) == before);

    // With the right key back, all is as it was.
    replace_key(&place, &right, 0o600);
    run(&place, &contracts).must_exit(0);
}

#[test]
fn a_key_is_made_once_and_shown_by_its_fingerprint_only() {
    let place = Place::bare();
    let missing = place.sluis(&["key", "show"]).must_exit(2);
    assert!(
        missing
            .stderr
            .contains("hint: make one with `sluis key new`"),
        "{}",
        missing.stderr
    );

    let made = place.sluis(&["--json", "key", "new"]).must_exit(0).json();
    let text = fs::read_to_string(place.key()).unwrap();
    let again = place.sluis(&["key", "new"]).must_exit(2);
    assert!(
        again.stderr.contains("there already is a root key"),
        "{}",
        again.stderr
    );
    assert!(again.stderr.contains("hint: keep it"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(place.key()).unwrap(), text);

    let secret = text.trim().strip_prefix("sluis-root-1:").unwrap();
    let shown = place.sluis(&["key", "show"]).must_exit(0);
    let machine = place.sluis(&["--json", "key", "show"]).must_exit(0).json();
    let fingerprint = made["fingerprint"].as_str().unwrap();
    assert_eq!(fingerprint.len(), 16);
    assert!(shown.stdout.contains(fingerprint));
    assert_eq!(machine["fingerprint"], made["fingerprint"]);
    for said in [
        &shown.stdout,
        &shown.stderr,
        &machine.to_string(),
        &made.to_string(),
    ] {
        assert!(!said.contains(secret) && !secret.contains(fingerprint));
    }
    let file = fs::metadata(place.key()).unwrap().permissions().mode();
    assert_eq!(file & 0o777, 0o600);
    let folder = fs::metadata(place.key().parent().unwrap())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(folder & 0o777, 0o700);
}

/// Every pseudonym below a folder.
fn pseudonyms(folder: &Path) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    for path in files_below(folder)
        .keys()
        .filter(|p| p.ends_with(".parquet"))
    {
        // The state of incremental sources holds digests of pseudonyms.
        for batch in read_file(&folder.join(path)).unwrap() {
            for column in batch
                .columns()
                .iter()
                .filter(|c| *c.data_type() == DataType::FixedSizeBinary(16))
            {
                let column = column.as_fixed_size_binary();
                found.extend(
                    (0..column.len())
                        .filter(|&row| column.is_valid(row))
                        .map(|row| column.value(row).to_vec()),
                );
            }
        }
    }
    found
}

#[test]
fn another_key_changes_every_pseudonym_and_nothing_else() {
    let places = [Place::with_demo(), Place::with_demo(), Place::with_demo()];
    fs::copy(places[0].key(), places[2].key()).unwrap();
    for place in &places {
        place.sluis(&["run"]).must_exit(3);
    }
    let [one, other, same] = places.each_ref().map(|p| pseudonyms(&p.current().unwrap()));
    assert!(one.len() > 10_000, "{}", one.len());
    assert_eq!(one.len(), other.len());
    assert!(one.is_disjoint(&other));
    assert!(one == same);
    assert_eq!(places[0].manifest().content, places[2].manifest().content);

    let counted = |p: &Place| {
        let files = p.manifest().files.into_iter();
        let table_rows = files.map(|f| {
            (
                f.table,
                f.path.rsplit_once('/').unwrap().0.to_owned(),
                f.rows,
            )
        });
        table_rows.collect::<BTreeSet<_>>()
    };
    assert_eq!(counted(&places[0]), counted(&places[1]));
    for view in ["hulpvragen", "zelfredzaamheid", "leeftijd"] {
        let figures = |p: &Place| {
            let mut rows: Vec<String> = p
                .sql(&format!("select * from monitor.{view}"))
                .iter()
                .map(ToString::to_string)
                .collect();
            rows.sort();
            rows
        };
        assert_eq!(figures(&places[0]), figures(&places[1]), "{view}");
    }
}
